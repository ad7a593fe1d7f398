/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Server notes: who the keyserver of a domain is. */

#include "config.h"

#include "xim-server.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-jid.h"
#include "xim-note-reader.h"

#define KEY_TYPE "ed25519"
#define VRF_TYPE "ristretto255"
#define LOG_SUFFIX "/log"

static gboolean
read_origin (XimNoteReader *reader, char **out, GError **error)
{
  const char *value;
  gsize len;
  if (!xim_note_reader_line (reader, "origin", &value, &len, error)
      || !xim_jid_check_origin (value, len, error))
    return FALSE;
  *out = g_strndup (value, len);
  return TRUE;
}

static gboolean
read_domain (XimNoteReader *reader, char **out, GError **error)
{
  const char *value;
  gsize len;
  if (!xim_note_reader_line (reader, "domain", &value, &len, error)
      || !xim_jid_check_domain (value, len, error))
    return FALSE;
  *out = g_strndup (value, len);
  return TRUE;
}

static gboolean
read_log (XimNoteReader *reader, char **out, GError **error)
{
  const char *value;
  gsize len;
  if (!xim_note_reader_line (reader, "log", &value, &len, error))
    return FALSE;
  g_autofree char *log = g_strndup (value, len);
  if (!g_str_has_suffix (log, LOG_SUFFIX))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a log named HOST" LOG_SUFFIX ", got %s", log);
      return FALSE;
    }
  if (!xim_jid_check_origin (log, len - strlen (LOG_SUFFIX), error))
    return FALSE;
  *out = g_steal_pointer (&log);
  return TRUE;
}

static gboolean
read_keys (XimServer *self, XimNoteReader *reader, GError **error)
{
  XimEd25519Public key;
  if (!xim_note_reader_key (reader, "key", KEY_TYPE, key.bytes, error))
    return FALSE;
  self->key = xim_verify_key_new (self->origin, &key, error);
  return self->key != NULL
         && xim_note_reader_key (reader, "vrf", VRF_TYPE, self->vrf.bytes,
                                 error)
         && xim_crypto_vrf_check (&self->vrf, error);
}

static gboolean
read_text (XimServer *self, GError **error)
{
  XimNoteReader reader = { self->text };
  if (!xim_note_reader_title (&reader, "server", error)
      || !read_origin (&reader, &self->origin, error)
      || !read_domain (&reader, &self->domain, error)
      || !xim_note_reader_number (&reader, "serial", &self->serial, error)
      || !xim_note_reader_previous (&reader, self->serial, &self->previous,
                                    error)
      || !xim_note_reader_time (&reader, "time", &self->time_s, error))
    return FALSE;
  self->has_previous = self->serial > 1;
  return read_keys (self, &reader, error)
         && read_log (&reader, &self->log, error)
         && xim_note_reader_end (&reader, error);
}

XimServer *
xim_server_decode_text (const char *text, GError **error)
{
  g_autoptr (XimServer) self = g_new0 (XimServer, 1);
  self->text = g_strdup (text);
  if (!read_text (self, error))
    {
      g_prefix_error (error, "server note: ");
      return NULL;
    }
  const XimPiece piece = { self->text, strlen (self->text) };
  xim_crypto_sha256 (&piece, 1, &self->hash);
  return g_steal_pointer (&self);
}

XimServer *
xim_server_decode (const XimNote *note, GError **error)
{
  XimServer *self = xim_server_decode_text (xim_note_text (note), error);
  if (self != NULL)
    self->note = xim_note_copy (note);
  return self;
}

static gboolean
refuse_change (const char *what, GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "expected the successor of the pinned server note, got one "
               "with another %s",
               what);
  return FALSE;
}

/* The VRF key and the log may not change: another log would let a keyserver
 * leave behind what it has signed. */
static gboolean
check_successor (const XimServer *server, const XimServer *pinned,
                 GError **error)
{
  if (strcmp (server->origin, pinned->origin) != 0)
    return refuse_change ("origin", error);
  if (strcmp (server->domain, pinned->domain) != 0)
    return refuse_change ("domain", error);
  if (server->serial - 1 != pinned->serial)
    return refuse_change ("serial than the next", error);
  if (memcmp (server->previous.bytes, pinned->hash.bytes,
              sizeof pinned->hash.bytes)
      != 0)
    return refuse_change ("previous hash", error);
  if (memcmp (server->vrf.bytes, pinned->vrf.bytes, sizeof pinned->vrf.bytes)
      != 0)
    return refuse_change ("VRF key", error);
  if (strcmp (server->log, pinned->log) != 0)
    return refuse_change ("log", error);
  return TRUE;
}

/* The lines of the own key and of the pinned one; @old_signed says whether the
 * latter is there. */
static gboolean
check_signatures (const XimServer *server, const XimServer *pinned,
                  gboolean *old_signed, GError **error)
{
  const XimVerifyKey *keys[2]
      = { server->key, pinned != NULL ? pinned->key : NULL };
  guint64 good;
  if (!xim_note_verify (server->note, keys, pinned != NULL ? 2 : 1, &good,
                        error))
    return FALSE;
  if ((good & 1) == 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                   "expected a server note signed by its own key, %s",
                   server->origin);
      return FALSE;
    }
  *old_signed = (good & 2) != 0;
  return TRUE;
}

gboolean
xim_server_check (const XimServer *server, const char *domain,
                  const XimServer *pinned, GError **error)
{
  g_return_val_if_fail (server->note != NULL, FALSE);
  if (strcmp (server->domain, domain) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected the server note of %s, got that of %s", domain,
                   server->domain);
      return FALSE;
    }
  gboolean old_signed;
  if (!check_signatures (server, pinned, &old_signed, error))
    return FALSE;
  if (pinned == NULL || strcmp (server->text, pinned->text) == 0)
    return TRUE;
  if (!old_signed)
    return refuse_change ("key that the old one did not sign", error);
  return check_successor (server, pinned, error);
}

char *
xim_server_encode (const XimServer *server)
{
  g_autofree char *previous
      = server->has_previous ? xim_codec_base64_encode (
            server->previous.bytes, sizeof server->previous.bytes)
                             : g_strdup ("-");
  g_autofree char *time = xim_codec_time_encode (server->time_s);
  g_autofree char *key = xim_codec_base64_encode (
      server->key->key.bytes, sizeof server->key->key.bytes);
  g_autofree char *vrf
      = xim_codec_base64_encode (server->vrf.bytes, sizeof server->vrf.bytes);
  return g_strdup_printf ("x-im server v1\n"
                          "origin %s\n"
                          "domain %s\n"
                          "serial %u\n"
                          "previous %s\n"
                          "time %s\n"
                          "key " KEY_TYPE " %s\n"
                          "vrf " VRF_TYPE " %s\n"
                          "log %s\n",
                          server->origin, server->domain, server->serial,
                          previous, time, key, vrf, server->log);
}

void
xim_server_free (XimServer *server)
{
  if (server == NULL)
    return;
  g_free (server->origin);
  g_free (server->domain);
  xim_verify_key_free (server->key);
  g_free (server->log);
  g_free (server->text);
  xim_note_free (server->note);
  g_free (server);
}

XimVerifyKey *
xim_server_log_key (const XimServer *server)
{
  XimVerifyKey *key
      = xim_verify_key_new (server->log, &server->key->key, NULL);
  g_return_val_if_fail (key != NULL, NULL);
  return key;
}
