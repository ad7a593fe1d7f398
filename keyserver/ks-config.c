/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The configuration: one file, every setting with its bounds and meaning. */

#include "config.h"

#include "ks-config.h"

#include <string.h>

#include "xim-error.h"
#include "xim-jid.h"
#include "xim-limits.h"

typedef enum
{
  TEXT,
  FILE_NAME,
  NUMBER,
  SWITCH,
} Type;

typedef struct
{
  const char *group;
  const char *name;
  Type type;
  gsize offset;
  guint64 min, max;   /* of a NUMBER */
  const char *normal; /* the default */
  const char *comment;
} Setting;

#define AT(field) G_STRUCT_OFFSET (XimKsConfig, field)
#define MIB (G_GUINT64_CONSTANT (1024) * 1024)

static const Setting settings[] = {
  { "keyserver", "domain", TEXT, AT (domain), 0, 0, "",
    "The domain whose members this keyserver serves." },
  { "keyserver", "origin", TEXT, AT (origin), 0, 0, "",
    "The name of this keyserver: its host, its key's name and its\n"
    "component's address.  Clients expect keys.DOMAIN." },
  { "keyserver", "keys", FILE_NAME, AT (keys), 0, 0, "keys",
    "Folder of the private keys; the files have mode 0600." },
  { "keyserver", "store", FILE_NAME, AT (store), 0, 0, "store.sqlite",
    "The database.  Back it up by `sqlite3 FILE .backup`." },
  { "keyserver", "user", TEXT, AT (user), 0, 0, "",
    "When started by root: the user that serves the network.  Empty: the\n"
    "one to whom the store belongs." },
  { "keyserver", "signer-user", TEXT, AT (signer_user), 0, 0, "nobody",
    "When started by root: the user that holds the private keys, for\n"
    "itself alone at best.  It needs no rights to any file." },

  { "http", "listen", TEXT, AT (listen), 0, 0, "[::]:443",
    "ADDRESS:PORT or [ADDRESS]:PORT.  [::] takes IPv4 too." },
  { "http", "certificate", FILE_NAME, AT (certificate), 0, 0,
    "certificate.pem", "Certificate chain (PEM).  SIGHUP reads it again." },
  { "http", "key", FILE_NAME, AT (key), 0, 0, "certificate-key.pem",
    "Its private key (PEM)." },
  { "http", "threads", NUMBER, AT (threads), 1, 64, "2",
    "Threads that serve; one for each core." },
  { "http", "max-connections", NUMBER, AT (max_connections), 8, 1000000,
    "4096", "Connections at one time." },
  { "http", "connections-per-address", NUMBER, AT (connections_per_address), 1,
    1000000, "256", "Connections of one client address at one time." },
  { "http", "connection-memory", NUMBER, AT (connection_memory), 4096, 1048576,
    "8192", "Bytes for the headers of one connection." },
  { "http", "request-deadline", NUMBER, AT (request_deadline_s), 1, 3600, "20",
    "Seconds in which the next request must have been sent and answered,\n"
    "however slowly its bytes trickle." },
  { "http", "connection-life", NUMBER, AT (connection_life_s), 1, 86400, "600",
    "Seconds after which a connection ends in any case." },

  { "component", "host", TEXT, AT (component_host), 0, 0, "127.0.0.1",
    "The XMPP server's component port (XEP-0114, not encrypted: loopback\n"
    "or a tunnel).  Empty: none, and nobody can enrol." },
  { "component", "port", NUMBER, AT (component_port), 1, 65535, "5347",
    "Its port." },
  { "component", "secret", FILE_NAME, AT (component_secret), 0, 0,
    "keys/component-secret",
    "File with the secret shared with the XMPP server; mode 0600." },

  { "admin", "listen", TEXT, AT (admin_listen), 0, 0, "127.0.0.1:9114",
    "/healthz, /readyz and /metrics without TLS, on a loopback or private\n"
    "address only.  Empty: none." },

  { "limits", "body-bytes", NUMBER, AT (body_bytes), 1024, 1048576, "16384",
    "Bytes of a registration." },
  { "limits", "versions-per-day", NUMBER, AT (versions_per_day), 1, 100000,
    "20", "Account versions of one address in 24 hours." },
  { "limits", "lookups-per-second", NUMBER, AT (lookups_per_s), 1, 1000000000,
    "50", "Requests of one client network (IPv4 address, IPv6 /64)." },
  { "limits", "lookups-burst", NUMBER, AT (lookups_burst), 1, 1000000000,
    "1000", "... and how many may come at once." },
  { "limits", "misses-per-second", NUMBER, AT (misses_per_s), 1, 1000000000,
    "5", "Lookups of addresses without keys." },
  { "limits", "misses-burst", NUMBER, AT (misses_burst), 1, 1000000000, "200",
    "... and how many may come at once." },
  { "limits", "writes-per-second", NUMBER, AT (writes_per_s), 1, 1000000000,
    "5", "Registrations and device notes." },
  { "limits", "writes-burst", NUMBER, AT (writes_burst), 1, 1000000000, "100",
    "... and how many may come at once." },
  { "limits", "tiles-per-second", NUMBER, AT (tiles_per_s), 1, 1000000000,
    "200", "Requests for parts of the log, 256 entries each." },
  { "limits", "tiles-burst", NUMBER, AT (tiles_burst), 1, 1000000000, "4000",
    "... and how many may come at once." },
  { "limits", "connects-per-second", NUMBER, AT (connects_per_s), 1,
    1000000000, "20", "New connections, each with its TLS handshake." },
  { "limits", "connects-burst", NUMBER, AT (connects_burst), 1, 1000000000,
    "200", "... and how many may come at once." },
  { "limits", "proofs", NUMBER, AT (proofs), 16, 10000000, "100000",
    "Addresses with a proof that waits for its note, at most 120 s." },
  { "limits", "queue", NUMBER, AT (queue), 1, 1000000, "1024",
    "Registrations that wait for the disk; more are told to come again." },
  { "limits", "free-bytes", NUMBER, AT (free_bytes), 0, G_MAXUINT64 / 2,
    "67108864",
    "Free space below which nothing is written; reading goes on." },

  { "cache", "bytes", NUMBER, AT (cache_bytes), 65536, 1048576 * MIB,
    "134217728", "Memory for answers to lookups." },
  { "cache", "miss-bytes", NUMBER, AT (miss_cache_bytes), 65536, 1048576 * MIB,
    "8388608", "Memory for answers that there are no keys." },
  { "cache", "miss-life", NUMBER, AT (miss_life_s), 0, 300, "60",
    "Seconds for which an answer that there are no keys is used again." },
  { "cache", "tile-bytes", NUMBER, AT (tile_cache_bytes), 1 * MIB,
    1048576 * MIB, "67108864", "Memory for parts of the log." },

  { "log", "addresses", SWITCH, AT (log_addresses), 0, 0, "false",
    "Whether addresses of members appear in the log." },
  { "log", "debug", SWITCH, AT (log_debug), 0, 0, "false",
    "Whether to log more than an operator needs." },
};

static gboolean
set_number (XimKsConfig *config, const Setting *setting, const char *text,
            GError **error)
{
  guint64 value = 0;
  if (!g_ascii_string_to_unsigned (text, 10, setting->min, setting->max,
                                   &value, NULL))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "[%s] %s must be a number from %" G_GUINT64_FORMAT
                   " to %" G_GUINT64_FORMAT ", not '%s'",
                   setting->group, setting->name, setting->min, setting->max,
                   text);
      return FALSE;
    }
  G_STRUCT_MEMBER (guint64, config, setting->offset) = value;
  return TRUE;
}

static gboolean
set_switch (XimKsConfig *config, const Setting *setting, const char *text,
            GError **error)
{
  gboolean yes = strcmp (text, "true") == 0;
  if (!yes && strcmp (text, "false") != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "[%s] %s must be true or false, not '%s'", setting->group,
                   setting->name, text);
      return FALSE;
    }
  G_STRUCT_MEMBER (gboolean, config, setting->offset) = yes;
  return TRUE;
}

static gboolean
set (XimKsConfig *config, const Setting *setting, const char *text,
     const char *folder, GError **error)
{
  if (setting->type == NUMBER)
    return set_number (config, setting, text, error);
  if (setting->type == SWITCH)
    return set_switch (config, setting, text, error);

  char **field = &G_STRUCT_MEMBER (char *, config, setting->offset);
  g_free (*field);
  if (setting->type == FILE_NAME && folder != NULL && *text != '\0')
    *field = g_canonicalize_filename (text, folder);
  else
    *field = g_strdup (text);
  return TRUE;
}

XimKsConfig *
xim_ks_config_new (void)
{
  XimKsConfig *config = g_new0 (XimKsConfig, 1);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    set (config, &settings[i], settings[i].normal, NULL, NULL);
  return config;
}

static const Setting *
find (const char *group, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (strcmp (settings[i].group, group) == 0
        && strcmp (settings[i].name, name) == 0)
      return &settings[i];
  return NULL;
}

/* A misspelt limit must not silently be the default. */
static gboolean
check_known (GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) names = g_key_file_get_keys (file, groups[i], NULL, NULL);
      for (guint j = 0; names != NULL && names[j] != NULL; j++)
        if (find (groups[i], names[j]) == NULL)
          {
            g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                         "there is no setting '%s' in group [%s]", names[j],
                         groups[i]);
            return FALSE;
          }
    }
  return TRUE;
}

/* @value stays NULL when the setting is not there; one that is there and
 * cannot be read must not silently be the default either. */
static gboolean
get_value (GKeyFile *file, const Setting *setting, char **value,
           GError **error)
{
  g_autoptr (GError) cause = NULL;
  if (!g_key_file_has_key (file, setting->group, setting->name, NULL))
    return TRUE;
  *value = g_key_file_get_string (file, setting->group, setting->name, &cause);
  if (cause == NULL)
    return TRUE;
  g_clear_pointer (value, g_free);
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "[%s] %s must be a text in UTF-8 with known escapes: %s",
               setting->group, setting->name, cause->message);
  return FALSE;
}

static gboolean
set_all (XimKsConfig *config, GKeyFile *file, const char *folder,
         GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *value = NULL;
      if (!get_value (file, &settings[i], &value, error))
        return FALSE;
      const char *text = value == NULL ? settings[i].normal : value;
      if (!set (config, &settings[i], text, folder, error))
        return FALSE;
    }
  return TRUE;
}

XimKsConfig *
xim_ks_config_load (const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) cause = NULL;
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &cause))
    {
      XimError code = cause->domain == G_FILE_ERROR ? XIM_ERROR_STORE
                                                    : XIM_ERROR_MALFORMED;
      g_set_error (error, XIM_ERROR, (int)code, "%s: %s", path,
                   cause->message);
      return NULL;
    }
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = g_path_get_dirname (absolute);
  g_autoptr (XimKsConfig) config = xim_ks_config_new ();
  if (!check_known (file, error) || !set_all (config, file, folder, error)
      || !xim_ks_config_check (config, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&config);
}

static gboolean
check_given (const XimKsConfig *config, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      const Setting *setting = &settings[i];
      if (setting->type != FILE_NAME)
        continue;
      const char *name = G_STRUCT_MEMBER (char *, config, setting->offset);
      if (*name == '\0')
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "[%s] %s must name a file", setting->group,
                       setting->name);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
xim_ks_config_check (const XimKsConfig *config, GError **error)
{
  if (!xim_jid_check_domain (config->domain, strlen (config->domain), error))
    {
      g_prefix_error (error, "[keyserver] domain: ");
      return FALSE;
    }
  if (!xim_jid_check_origin (config->origin, strlen (config->origin), error))
    {
      g_prefix_error (error, "[keyserver] origin: ");
      return FALSE;
    }
  return check_given (config, error);
}

/* As a key file holds it: a line break or a backslash in the name of a file
 * must not end up as something else. */
static char *
escape (const char *text)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_key_file_set_string (file, "group", "key", text);
  return g_key_file_get_value (file, "group", "key", NULL);
}

static char *
value_of (const XimKsConfig *config, const Setting *setting)
{
  switch (setting->type)
    {
    case NUMBER:
      return g_strdup_printf (
          "%" G_GUINT64_FORMAT,
          G_STRUCT_MEMBER (guint64, config, setting->offset));
    case SWITCH:
      return g_strdup (G_STRUCT_MEMBER (gboolean, config, setting->offset)
                           ? "true"
                           : "false");
    case TEXT:
    case FILE_NAME:
    default:
      return escape (G_STRUCT_MEMBER (char *, config, setting->offset));
    }
}

static void
append_comment (GString *text, const Setting *setting)
{
  g_auto (GStrv) lines = g_strsplit (setting->comment, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (text, "# %s\n", lines[i]);
  if (setting->type == NUMBER)
    g_string_append_printf (text,
                            "# %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                            "; normally %s\n",
                            setting->min, setting->max, setting->normal);
}

char *
xim_ks_config_encode (const XimKsConfig *config)
{
  GString *text = g_string_new (
      "# Configuration of xim-keyserver(8).  `xim-keyserver check-config`\n"
      "# reads it as `run` does and says what is wrong.\n");
  const char *group = "";
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      if (strcmp (group, settings[i].group) != 0)
        g_string_append_printf (text, "\n[%s]\n", settings[i].group);
      group = settings[i].group;
      append_comment (text, &settings[i]);
      g_autofree char *value = value_of (config, &settings[i]);
      g_string_append_printf (text, "%s=%s\n", settings[i].name, value);
    }
  return g_string_free (text, FALSE);
}

void
xim_ks_config_free (XimKsConfig *config)
{
  if (config == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].type == TEXT || settings[i].type == FILE_NAME)
      g_free (G_STRUCT_MEMBER (char *, config, settings[i].offset));
  g_free (config);
}
