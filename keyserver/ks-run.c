/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver run`: all parts, from start to a clean stop. */

#include "config.h"

#include "ks-run.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xim-error.h"
#include "xim-server.h"

#include "ks-adopt.h"
#include "ks-component.h"
#include "ks-httpd.h"
#include "ks-jail.h"
#include "ks-log.h"
#include "ks-settle.h"
#include "ks-tls.h"

#define NETWORKS 65536 /* client networks whose rates are remembered */
#define COMPONENT_SECRET_MAX 1024

typedef struct
{
  const XimKsConfig *config;
  int lock_fd; /* of the store, and of the keys */
  gboolean become_user;
  XimKsUser user; /* who is to serve, when root has started it */
  XimSecret *members;
  XimKsSigner *signer;
  XimKsStore *store;
  XimKsTiles *tiles;
  XimKsPublisher *publisher;
  XimKsWriter *writer;
  XimKsProofs *proofs;
  XimKsLookup *lookup;
  XimKsLimits *limits;
  XimKsRoutes routes;
  XimKsHttpd *https;
  XimKsHttpd *admin;
  char *vkey;
  XimSecret *component_secret;
  XimKsComponent *component;
  GMainLoop *loop;
} Parts;

/* The reverse of the order in which they were made; each may be missing. */
static void
parts_free (Parts *parts)
{
  xim_ks_component_free (parts->component);
  xim_ks_httpd_free (parts->https);
  xim_ks_httpd_free (parts->admin);
  xim_ks_tls_unload ();
  xim_ks_writer_free (parts->writer);
  xim_ks_publisher_free (parts->publisher);
  xim_ks_lookup_free (parts->lookup);
  xim_ks_tiles_free (parts->tiles);
  xim_ks_limits_free (parts->limits);
  xim_ks_proofs_free (parts->proofs);
  xim_ks_store_free (parts->store);
  xim_ks_signer_free (parts->signer);
  xim_secret_free (parts->members);
  if (parts->lock_fd >= 0)
    close (parts->lock_fd);
  xim_secret_free (parts->component_secret);
  g_clear_pointer (&parts->loop, g_main_loop_unref);
  g_free (parts->vkey);
  g_free (parts);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Parts, parts_free)

/* Root's own rights are for the start alone. */
static gboolean
find_user (Parts *parts, GError **error)
{
  const XimKsConfig *config = parts->config;
  struct stat st;
  if (geteuid () != 0)
    return TRUE;
  parts->become_user = TRUE;
  if (*config->user != '\0')
    return xim_ks_jail_find (config->user, &parts->user, error);
  if (stat (config->store, &st) == 0)
    {
      parts->user = (XimKsUser){ st.st_uid, st.st_gid };
      return TRUE;
    }
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "cannot look at %s: %s",
               config->store, g_strerror (errno));
  return FALSE;
}

/* What others may not read, before this process can no longer read it either;
 * not the signer's keys. */
static gboolean
read_secrets (Parts *parts, GError **error)
{
  const XimKsConfig *config = parts->config;
  parts->members = xim_ks_keys_load_members (config->keys, error);
  if (parts->members == NULL)
    return FALSE;
  if (xim_ks_keys_has_next (config->keys))
    xim_ks_log (XIM_KS_LOG_WARNING, "rotation-unfinished",
                "help=\"run rotate-key again\"");
  return TRUE;
}

/* The store is closed again before the signer's process is made. */
static XimServer *
newest_note (const Parts *parts, const XimKsDatabaseOwner *owner,
             GError **error)
{
  const XimKsConfig *config = parts->config;
  g_autoptr (XimKsStore) store
      = xim_ks_store_open (config->store, owner, error);
  g_autofree char *text
      = store == NULL ? NULL : xim_ks_store_server_note (store, 0, error);
  g_autoptr (XimNote) note
      = text == NULL ? NULL : xim_note_decode (text, strlen (text), error);
  g_autoptr (XimServer) server
      = note == NULL ? NULL : xim_server_decode (note, error);
  if (server == NULL
      || !xim_server_check (server, config->domain, NULL, error))
    return NULL;
  return g_steal_pointer (&server);
}

/* Keys of another installation would sign what no client believes. */
static gboolean
start_signer (Parts *parts, const XimKsDatabaseOwner *owner, GError **error)
{
  g_autoptr (XimServer) newest = newest_note (parts, owner, error);
  if (newest == NULL)
    return FALSE;
  parts->signer = xim_ks_signer_start (parts->config, newest->key, error);
  if (parts->signer == NULL)
    return FALSE;
  parts->vkey = xim_verify_key_encode (xim_ks_signer_public (parts->signer));
  return TRUE;
}

static gboolean
read_component_secret (Parts *parts, GError **error)
{
  const XimKsConfig *config = parts->config;
  if (*config->component_host == '\0')
    return TRUE;
  parts->component_secret = xim_ks_keys_read_secret (
      config->component_secret, COMPONENT_SECRET_MAX, error);
  return parts->component_secret != NULL;
}

static gboolean
become_user (Parts *parts, GError **error)
{
  if (!parts->become_user)
    return TRUE;
  if (parts->user.uid == 0)
    xim_ks_log (XIM_KS_LOG_WARNING, "runs-as-root",
                "help=\"give the store to a user of its own\"");
  return xim_ks_jail_become (&parts->user, TRUE, error);
}

static gboolean
open_store (Parts *parts, GError **error)
{
  const XimKsConfig *config = parts->config;
  parts->lock_fd = xim_ks_database_lock (config->store, error);
  if (parts->lock_fd < 0 || !find_user (parts, error)
      || !read_secrets (parts, error))
    return FALSE;
  const XimKsDatabaseOwner owner
      = { config->domain, config->origin, parts->members };
  if (!start_signer (parts, &owner, error)
      || !read_component_secret (parts, error) || !become_user (parts, error))
    return FALSE;
  parts->store = xim_ks_store_open (config->store, &owner, error);
  if (parts->store == NULL
      || !xim_ks_adopt (parts->signer, config->store, parts->members, error))
    return FALSE;
  return TRUE;
}

/* When the log is not the one that was signed, reading goes on: what was
 * signed can be looked up, and nothing is added to a second log. */
static gboolean
open_log (Parts *parts, GError **error)
{
  const XimKsConfig *config = parts->config;
  g_autoptr (GError) halted = NULL;
  g_autofree char *log = g_strconcat (config->origin, "/log", NULL);
  g_autofree char *folder = g_path_get_dirname (config->store);
  parts->tiles = xim_ks_tiles_new (parts->store, config->tile_cache_bytes);
  parts->publisher
      = xim_ks_publisher_new (parts->store, parts->signer, parts->tiles, log);
  if (!xim_ks_publisher_start (parts->publisher, &halted, error)
      || (halted == NULL
          && !xim_ks_settle (parts->store, parts->signer, parts->publisher,
                             error)))
    return FALSE;
  parts->writer = xim_ks_writer_new (parts->store, parts->publisher, folder,
                                     (guint)config->queue, config->free_bytes);
  if (halted == NULL)
    return TRUE;
  xim_ks_log (XIM_KS_LOG_ERROR, "log-refused",
              "cause=\"%s\" help=\"nothing is written; see LOG in "
              "xim-keyserver(8)\"",
              halted->message);
  return TRUE;
}

static void
changed (gpointer lookup, const char *jid)
{
  xim_ks_lookup_changed (lookup, jid);
}

static void
make_routes (Parts *parts)
{
  const XimKsConfig *config = parts->config;
  XimKsRate rates[XIM_KS_N_LIMITS] = {
    [XIM_KS_LIMIT_LOOKUPS] = { config->lookups_per_s, config->lookups_burst },
    [XIM_KS_LIMIT_MISSES] = { config->misses_per_s, config->misses_burst },
    [XIM_KS_LIMIT_WRITES] = { config->writes_per_s, config->writes_burst },
    [XIM_KS_LIMIT_TILES] = { config->tiles_per_s, config->tiles_burst },
    [XIM_KS_LIMIT_CONNECTS]
    = { config->connects_per_s, config->connects_burst },
  };
  parts->limits = xim_ks_limits_new (rates, NETWORKS);
  parts->proofs = xim_ks_proofs_new ((guint)config->proofs);
  parts->lookup
      = xim_ks_lookup_new (config, parts->store, parts->signer, parts->tiles);
  xim_ks_writer_watch (parts->writer, changed, parts->lookup);
  parts->routes = (XimKsRoutes){
    .accounts
    = { config, parts->store, parts->writer, parts->proofs, parts->lookup },
    .tiles = parts->tiles,
    .limits = parts->limits,
  };
}

static gboolean
open_http (Parts *parts, GError **error)
{
  const XimKsConfig *config = parts->config;
  if (!xim_ks_tls_load (config->certificate, config->key, error))
    return FALSE;
  XimKsHttpdOptions options = {
    .listen = config->listen,
    .tls = TRUE,
    .config = config,
    .routes = &parts->routes,
    .table = xim_ks_routes_public (),
  };
  parts->https = xim_ks_httpd_new (&options, error);
  if (parts->https == NULL || *config->admin_listen == '\0')
    return parts->https != NULL;
  options.listen = config->admin_listen;
  options.tls = FALSE;
  options.private_only = TRUE;
  options.table = xim_ks_routes_admin ();
  parts->admin = xim_ks_httpd_new (&options, error);
  return parts->admin != NULL;
}

static void
open_component (Parts *parts)
{
  const XimKsConfig *config = parts->config;
  if (*config->component_host == '\0')
    return;
  XimKsService service = {
    .address = config->origin,
    .domain = config->domain,
    .vkey = parts->vkey,
    .secret = parts->component_secret,
    .proofs = parts->proofs,
    .log_addresses = config->log_addresses,
  };
  parts->component = xim_ks_component_new (
      config->component_host, (guint16)config->component_port, &service);
}

static gboolean
write_ports (const Parts *parts, const char *path, GError **error)
{
  guint https = xim_ks_httpd_port (parts->https);
  guint admin = parts->admin == NULL ? 0 : xim_ks_httpd_port (parts->admin);
  xim_ks_log (XIM_KS_LOG_INFO, "started",
              "version=%s domain=%s https=%u admin=%u", PACKAGE_VERSION,
              parts->config->domain, https, admin);
  if (path == NULL)
    return TRUE;
  g_autofree char *text
      = g_strdup_printf ("https=%u\nadmin=%u\n", https, admin);
  g_autoptr (GError) cause = NULL;
  if (g_file_set_contents (path, text, -1, &cause))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "%s", cause->message);
  return FALSE;
}

static gboolean
reload (gpointer user_data)
{
  Parts *parts = user_data;
  g_autoptr (GError) error = NULL;
  if (xim_ks_tls_load (parts->config->certificate, parts->config->key, &error))
    xim_ks_log (XIM_KS_LOG_INFO, "certificate-loaded", "file=\"%s\"",
                parts->config->certificate);
  else
    xim_ks_log (XIM_KS_LOG_ERROR, "certificate-refused", "cause=\"%s\"",
                error->message);
  return G_SOURCE_CONTINUE;
}

static gboolean
quit (gpointer user_data)
{
  Parts *parts = user_data;
  xim_ks_log (XIM_KS_LOG_INFO, "stopping", "%s", "");
  g_main_loop_quit (parts->loop);
  return G_SOURCE_CONTINUE;
}

gboolean
xim_ks_run (const XimKsConfig *config, const char *ports_file, GError **error)
{
  g_autoptr (Parts) parts = g_new0 (Parts, 1);
  parts->config = config;
  parts->lock_fd = -1;
  parts->loop = g_main_loop_new (NULL, FALSE);
  xim_ks_log_level (config->log_debug ? XIM_KS_LOG_DEBUG : XIM_KS_LOG_INFO);
  if (!open_store (parts, error) || !open_log (parts, error))
    return FALSE;
  make_routes (parts);
  if (!open_http (parts, error))
    return FALSE;
  open_component (parts);
  if (!write_ports (parts, ports_file, error))
    return FALSE;

  guint sources[] = { g_unix_signal_add (SIGTERM, quit, parts),
                      g_unix_signal_add (SIGINT, quit, parts),
                      g_unix_signal_add (SIGHUP, reload, parts) };
  g_main_loop_run (parts->loop);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  g_clear_pointer (&parts->component, xim_ks_component_free);
  xim_ks_httpd_stop (parts->https);
  g_clear_pointer (&parts, parts_free);
  xim_ks_log (XIM_KS_LOG_INFO, "stopped", "%s", "");
  return TRUE;
}
