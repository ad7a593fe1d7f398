/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Requests to a keyserver: their addresses, bodies and refusals. */

#include "config.h"

#include "keyserver.h"

char *
xim_keyserver_server_url (const char *base_url, guint32 serial)
{
  if (serial == 0)
    return g_strconcat (base_url, "/v1/server", NULL);
  return g_strdup_printf ("%s/v1/server/%" G_GUINT32_FORMAT, base_url, serial);
}

char *
xim_keyserver_account_url (const char *base_url, const char *jid)
{
  g_autofree char *escaped = g_uri_escape_string (jid, NULL, FALSE);
  return g_strconcat (base_url, "/v1/accounts/", escaped, NULL);
}

char *
xim_keyserver_version_url (const char *base_url, const char *jid,
                           guint32 version)
{
  g_autofree char *account = xim_keyserver_account_url (base_url, jid);
  return g_strdup_printf ("%s/versions/%" G_GUINT32_FORMAT, account, version);
}

char *
xim_keyserver_device_url (const char *base_url, const char *jid,
                          const XimDeviceId *device)
{
  g_autofree char *account = xim_keyserver_account_url (base_url, jid);
  g_autofree char *id
      = xim_codec_hex_encode (device->bytes, sizeof device->bytes);
  return g_strconcat (account, "/devices/", id, NULL);
}

char *
xim_keyserver_checkpoint_url (const char *base_url)
{
  return g_strconcat (base_url, "/log/checkpoint", NULL);
}

char *
xim_keyserver_tile_url (const char *base_url, const XimTile *tile)
{
  char path[XIM_TILE_PATH_MAX];
  xim_tile_path (tile, path);
  return g_strconcat (base_url, "/log/", path, NULL);
}

/* Notes have no control characters but the newline. */
static void
append_string (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '\n')
        g_string_append (json, "\\n");
      else if (*c == '"' || *c == '\\')
        g_string_append_printf (json, "\\%c", *c);
      else
        g_string_append_c (json, *c);
    }
  g_string_append_c (json, '"');
}

char *
xim_keyserver_registration (const char *account, const char *device)
{
  GString *json = g_string_new ("{\"account\": ");
  append_string (json, account);
  g_string_append (json, ", \"devices\": [");
  if (device != NULL)
    append_string (json, device);
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}

XimServer *
xim_keyserver_server_note (GBytes *body, GError **error)
{
  gsize len = 0;
  const char *data = g_bytes_get_data (body, &len);
  const char *text = NULL;
  g_autoptr (XimJson) json
      = xim_json_decode (data, len, XIM_KEYSERVER_SERVER_MAX, error);
  if (json == NULL || !xim_json_string (json, "note", &text, error))
    return NULL;
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), error);
  return note != NULL ? xim_server_decode (note, error) : NULL;
}

static const char *
outcome_words (XimHttpOutcome outcome)
{
  switch (outcome)
    {
    case XIM_HTTP_NO_ADDRESS:
      return "its name has no address";
    case XIM_HTTP_REFUSED:
      return "the connection was refused";
    case XIM_HTTP_CERTIFICATE:
      return "its certificate does not fit";
    case XIM_HTTP_TIMEOUT:
      return "no answer came in time";
    case XIM_HTTP_ANSWER:
    case XIM_HTTP_FAILED:
    default:
      return "the request failed";
    }
}

static gint64
read_now (const XimJson *json)
{
  const char *text = NULL;
  gint64 now_s = 0;
  if (!xim_json_string (json, "now", &text, NULL)
      || !xim_codec_time_decode (text, strlen (text), &now_s, NULL))
    return 0;
  return now_s;
}

static gboolean
read_previous (const XimJson *json, XimHash *out)
{
  const char *text = NULL;
  return xim_json_string (json, "previous", &text, NULL)
         && xim_codec_base64_decode_exact (text, strlen (text), out->bytes,
                                           sizeof out->bytes, NULL);
}

void
xim_keyserver_refusal (const XimHttpAnswer *answer, XimRefusal *out,
                       GError **error)
{
  XimRefusal refusal = { 0 };
  if (out != NULL)
    *out = refusal;
  if (answer->outcome != XIM_HTTP_ANSWER)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                   "the keyserver should answer: %s",
                   outcome_words (answer->outcome));
      return;
    }
  gsize len = 0;
  const char *data = g_bytes_get_data (answer->body, &len);
  const char *word = NULL;
  XimError code = XIM_ERROR_UNAVAILABLE;
  g_autoptr (XimJson) json
      = xim_json_decode (data, len, XIM_KEYSERVER_ERROR_MAX, NULL);
  if (json == NULL || !xim_json_string (json, "error", &word, NULL)
      || !xim_error_from_word (word, &code))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                   "the keyserver should say why it refused: status %u",
                   answer->status);
      return;
    }
  xim_json_number (json, "version", XIM_NUMBER_MAX, &refusal.version, NULL);
  xim_json_number (json, "serial", XIM_NUMBER_MAX, &refusal.serial, NULL);
  refusal.has_previous = read_previous (json, &refusal.previous);
  refusal.now_s = read_now (json);
  if (out != NULL)
    *out = refusal;
  g_set_error (error, XIM_ERROR, (int)code,
               "the keyserver should accept this: status %u, %s",
               answer->status, xim_error_word (code));
}

gboolean
xim_keyserver_is_outage (const XimHttpAnswer *answer)
{
  return answer->outcome != XIM_HTTP_ANSWER || answer->status == 429
         || answer->status >= 500;
}
