/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Bundles: what a lookup returns, as JSON and as typed notes. */

#include "config.h"

#include "xim-bundle.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-jid.h"
#include "xim-json.h"

#define USUAL_LEN 3072 /* bytes, of a member with a device or two */

static gboolean
decode_jid (XimBundle *self, const XimJson *json, GError **error)
{
  const char *jid;
  if (!xim_json_string (json, "jid", &jid, error)
      || !xim_jid_check (jid, strlen (jid), error))
    return FALSE;
  self->jid = g_strdup (jid);
  return TRUE;
}

static XimNote *
decode_note (const XimJson *json, const char *name, GError **error)
{
  const char *text;
  if (!xim_json_string (json, name, &text, error))
    return NULL;
  return xim_note_decode (text, strlen (text), error);
}

static gboolean
decode_account (XimBundle *self, const XimJson *json, GError **error)
{
  g_autoptr (XimNote) note = decode_note (json, "account", error);
  if (note == NULL)
    return FALSE;
  self->account = xim_account_decode (note, error);
  return self->account != NULL;
}

static gboolean
decode_current (XimBundle *self, const XimJson *json, GError **error)
{
  g_autoptr (XimNote) note = decode_note (json, "current", error);
  if (note == NULL)
    return FALSE;
  self->current = xim_current_decode (note, error);
  return self->current != NULL;
}

static gboolean
add_device (XimBundle *self, XimDevice *device, GError **error)
{
  g_autoptr (XimDevice) owned = device;
  for (guint i = 0; i < self->n_devices; i++)
    if (xim_device_id_compare (&self->devices[i]->id, &device->id) == 0)
      {
        char name[XIM_DEVICE_NAME_LEN + 1];
        xim_device_id_name (&device->id, name);
        g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                     "expected one device note of %s, got two", name);
        return FALSE;
      }
  self->devices[self->n_devices++] = g_steal_pointer (&owned);
  return TRUE;
}

static XimDevice *
decode_device (const char *text)
{
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), NULL);
  return note != NULL ? xim_device_decode (note, NULL) : NULL;
}

/* A device note that cannot be read leaves out this device, not the member. */
static gboolean
decode_devices (XimBundle *self, const XimJson *json, GError **error)
{
  g_autoptr (GPtrArray) texts = NULL;
  if (!xim_json_strings (json, "devices", XIM_DEVICES_MAX, &texts, error))
    return FALSE;
  for (guint i = 0; i < texts->len; i++)
    {
      XimDevice *device = decode_device (texts->pdata[i]);
      if (device == NULL)
        self->n_unusable++;
      else if (!add_device (self, device, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_members (const XimJson *root, GError **error)
{
  static const char *const members[]
      = { "jid", "account", "current", "devices", "log", NULL };
  static const char *const unlogged[]
      = { "jid", "account", "current", "devices", NULL };
  gboolean has_log = xim_json_member (root, "log") != NULL;
  return xim_json_members (root, has_log ? members : unlogged, error);
}

static gboolean
decode_log (XimBundle *self, const XimJson *json, GError **error)
{
  const XimJson *log = xim_json_member (json, "log");
  if (log == NULL)
    return TRUE;
  self->logged = xim_logged_decode (log, error);
  return self->logged != NULL;
}

XimBundle *
xim_bundle_decode (const char *json, gsize len, GError **error)
{
  g_autoptr (XimJson) root
      = xim_json_decode (json, len, XIM_BUNDLE_MAX, error);
  if (root == NULL || !check_members (root, error))
    {
      g_prefix_error (error, "bundle: ");
      return NULL;
    }
  g_autoptr (XimBundle) self = g_new0 (XimBundle, 1);
  if (!decode_jid (self, root, error) || !decode_account (self, root, error)
      || !decode_current (self, root, error)
      || !decode_devices (self, root, error)
      || !decode_log (self, root, error))
    {
      g_prefix_error (error, "in a bundle: ");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* How many characters at @text stand for themselves in a JSON string. */
static gsize
plain_len (const char *text)
{
  const char *p = text;
  while ((guchar)*p >= ' ' && *p != '"' && *p != '\\')
    p++;
  return (gsize)(p - text);
}

static void
append_string (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      gsize plain = plain_len (p);
      g_string_append_len (json, p, (gssize)plain);
      p += plain;
      if (*p == '\0')
        break;
      if (*p == '\n')
        g_string_append (json, "\\n");
      else if (*p == '"' || *p == '\\')
        g_string_append_printf (json, "\\%c", *p);
      else
        g_string_append_printf (json, "\\u%04x", (guint)*p);
    }
  g_string_append_c (json, '"');
}

static void
append_bytes (GString *json, const void *data, gsize len)
{
  g_autofree char *base64 = xim_codec_base64_encode (data, len);
  g_string_append_printf (json, "\"%s\"", base64);
}

static void
append_log (GString *json, const XimLogged *logged)
{
  g_autofree char *checkpoint = xim_note_encode (logged->checkpoint->note);
  g_string_append_printf (json, ",\"log\":{\"leaf\":%" G_GUINT64_FORMAT,
                          logged->leaf);
  g_string_append (json, ",\"index\":");
  append_bytes (json, &logged->index, sizeof logged->index);
  g_string_append (json, ",\"next\":");
  append_bytes (json, &logged->next, sizeof logged->next);
  g_string_append (json, ",\"opening\":");
  append_bytes (json, &logged->opening, sizeof logged->opening);
  g_string_append (json, ",\"inclusion\":[");
  for (guint i = 0; i < logged->inclusion.n; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_bytes (json, &logged->inclusion.hashes[i], sizeof (XimHash));
    }
  g_string_append (json, "],\"checkpoint\":");
  append_string (json, checkpoint);
  g_string_append_c (json, '}');
}

char *
xim_bundle_encode (const char *jid, const char *account, const char *current,
                   const char *const *devices, guint n_devices,
                   const XimLogged *logged)
{
  GString *json = g_string_sized_new (USUAL_LEN);
  g_string_append (json, "{\"jid\":");
  append_string (json, jid);
  g_string_append (json, ",\"account\":");
  append_string (json, account);
  g_string_append (json, ",\"current\":");
  append_string (json, current);
  g_string_append (json, ",\"devices\":[");
  for (guint i = 0; i < n_devices; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_string (json, devices[i]);
    }
  g_string_append_c (json, ']');
  if (logged != NULL)
    append_log (json, logged);
  g_string_append_c (json, '}');
  gsize len = json->len;
  /* Many are kept, so none keeps more than it needs. */
  return g_realloc (g_string_free (json, FALSE), len + 1);
}

void
xim_bundle_free (XimBundle *bundle)
{
  if (bundle == NULL)
    return;
  g_free (bundle->jid);
  xim_account_free (bundle->account);
  xim_current_free (bundle->current);
  for (guint i = 0; i < bundle->n_devices; i++)
    xim_device_free (bundle->devices[i]);
  xim_logged_free (bundle->logged);
  g_free (bundle);
}
