/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver init`: keys, store and configuration of a new keyserver. */

#include "config.h"

#include "ks-init.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "xim-error.h"
#include "xim-server.h"

#include "ks-database.h"
#include "ks-pen.h"

static gboolean
check_new (const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
               "%s exists already; nothing was changed", path);
  return FALSE;
}

static gboolean
write_config (const char *path, const XimKsConfig *config, GError **error)
{
  g_autofree char *text = xim_ks_config_encode (config);
  gssize len = (gssize)strlen (text);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  gboolean ok
      = fd >= 0 && write (fd, text, (gsize)len) == len && fsync (fd) == 0;
  if (!ok)
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "cannot write %s: %s",
                 path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return ok;
}

static char *
first_note (XimKsPen *pen, const XimKsConfig *config, gint64 now_s,
            GError **error)
{
  g_autofree char *log = g_strconcat (config->origin, "/log", NULL);
  XimServer server = {
    .origin = config->origin,
    .domain = config->domain,
    .serial = 1,
    .time_s = now_s,
    .key = (XimVerifyKey *)xim_ks_pen_public (pen),
    .log = log,
  };
  xim_ks_pen_vrf (pen, &server.vrf);
  g_autofree char *text = xim_server_encode (&server);
  return xim_ks_pen_server (pen, text, error);
}

static XimVerifyKey *
make_all (const char *keys_path, const char *store_path,
          const XimKsConfig *config, gint64 now_s, GError **error)
{
  XimKsKeys *keys = xim_ks_keys_create (keys_path, config->origin, error);
  if (keys == NULL)
    return NULL;
  g_autoptr (XimKsPen) pen = xim_ks_pen_new (config->domain, keys);
  g_autofree char *note = first_note (pen, config, now_s, error);
  const XimKsDatabaseOwner owner
      = { config->domain, config->origin, keys->members };
  if (note == NULL
      || !xim_ks_database_create (store_path, &owner, note, error))
    return NULL;
  return xim_verify_key_copy (xim_ks_pen_public (pen));
}

XimVerifyKey *
xim_ks_init (const char *dir, const XimKsConfig *config, gint64 now_s,
             GError **error)
{
  g_autofree char *base = g_canonicalize_filename (dir, NULL);
  g_autofree char *keys = g_canonicalize_filename (config->keys, base);
  g_autofree char *store = g_canonicalize_filename (config->store, base);
  g_autofree char *path = g_build_filename (base, "keyserver.conf", NULL);
  if (!xim_ks_config_check (config, error) || !check_new (keys, error)
      || !check_new (store, error) || !check_new (path, error))
    return NULL;
  if (g_mkdir_with_parents (base, 0700) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "cannot make the folder %s: %s", dir, g_strerror (errno));
      return NULL;
    }
  g_autoptr (XimVerifyKey) key = make_all (keys, store, config, now_s, error);
  if (key == NULL || !write_config (path, config, error))
    return NULL;
  return g_steal_pointer (&key);
}
