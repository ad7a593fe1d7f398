/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Device notes: the current encryption key of one device. */

#include "config.h"

#include "xim-device.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-note-reader.h"

#define KEY_TYPE "x25519"

static gboolean
read_suite (XimNoteReader *reader, GError **error)
{
  guint32 suite;
  if (!xim_note_reader_number (reader, "suite", &suite, error))
    return FALSE;
  if (suite == XIM_SUITE_1)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
               "expected suite %d, got %u", XIM_SUITE_1, suite);
  return FALSE;
}

static gboolean
check_life (const XimDevice *self, GError **error)
{
  gint64 life_s = self->expires_s - self->created_s;
  if (life_s > 0 && life_s <= XIM_DEVICE_NOTE_LIFE_MAX_S)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected a life of 1 to %d s, got %" G_GINT64_FORMAT,
               XIM_DEVICE_NOTE_LIFE_MAX_S, life_s);
  return FALSE;
}

static gboolean
read_text (XimDevice *self, GError **error)
{
  XimNoteReader reader = { self->text };
  return xim_note_reader_title (&reader, "device", error)
         && xim_note_reader_jid (&reader, "jid", &self->jid, error)
         && xim_note_reader_device (&reader, "device", &self->id, NULL, NULL,
                                    error)
         && xim_note_reader_number (&reader, "serial", &self->serial, error)
         && read_suite (&reader, error)
         && xim_note_reader_key (&reader, "key", KEY_TYPE, self->key.bytes,
                                 error)
         && xim_note_reader_time (&reader, "created", &self->created_s, error)
         && xim_note_reader_time (&reader, "expires", &self->expires_s, error)
         && check_life (self, error) && xim_note_reader_end (&reader, error);
}

static gboolean
check_key (const XimDevice *self, GError **error)
{
  return xim_crypto_x25519_check (&self->key, error);
}

static XimDevice *
decode (const char *text, gboolean (*check) (const XimDevice *, GError **),
        GError **error)
{
  g_autoptr (XimDevice) self = g_new0 (XimDevice, 1);
  self->text = g_strdup (text);
  if (!read_text (self, error) || (check != NULL && !check (self, error)))
    {
      g_prefix_error (error, "device note: ");
      return NULL;
    }
  return g_steal_pointer (&self);
}

XimDevice *
xim_device_decode_text (const char *text, GError **error)
{
  return decode (text, check_key, error);
}

XimDevice *
xim_device_decode_form (const char *text, GError **error)
{
  return decode (text, NULL, error);
}

XimDevice *
xim_device_decode (const XimNote *note, GError **error)
{
  XimDevice *self = xim_device_decode_text (xim_note_text (note), error);
  if (self != NULL)
    self->note = xim_note_copy (note);
  return self;
}

char *
xim_device_encode (const XimDevice *device)
{
  g_autofree char *id
      = xim_codec_hex_encode (device->id.bytes, sizeof device->id.bytes);
  g_autofree char *key
      = xim_codec_base64_encode (device->key.bytes, sizeof device->key.bytes);
  g_autofree char *created = xim_codec_time_encode (device->created_s);
  g_autofree char *expires = xim_codec_time_encode (device->expires_s);
  return g_strdup_printf ("x-im device v1\n"
                          "jid %s\n"
                          "device %s\n"
                          "serial %u\n"
                          "suite %d\n"
                          "key " KEY_TYPE " %s\n"
                          "created %s\n"
                          "expires %s\n",
                          device->jid, id, device->serial, XIM_SUITE_1, key,
                          created, expires);
}

XimDevice *
xim_device_copy (const XimDevice *device)
{
  XimDevice *copy = g_new (XimDevice, 1);
  *copy = *device;
  copy->jid = g_strdup (device->jid);
  copy->text = g_strdup (device->text);
  copy->note = device->note != NULL ? xim_note_copy (device->note) : NULL;
  return copy;
}

void
xim_device_free (XimDevice *device)
{
  if (device == NULL)
    return;
  g_free (device->jid);
  g_free (device->text);
  xim_note_free (device->note);
  g_free (device);
}

/* @listed: (out): which of @devices the note names */
static gboolean
check_names (const XimDevice *device, const char *jid,
             const XimAccountDevice *devices, guint n_devices, guint *listed,
             GError **error)
{
  if (strcmp (device->jid, jid) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected a device note of %s, got one of %s", jid,
                   device->jid);
      return FALSE;
    }
  for (guint i = 0; i < n_devices; i++)
    if (xim_device_id_compare (&devices[i].id, &device->id) == 0)
      {
        *listed = i;
        return TRUE;
      }
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (&device->id, name);
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected the note of a listed device of %s, got %s", jid,
               name);
  return FALSE;
}

/* The keys of all listed devices are known, so a bad line of any of them
 * refuses the note; but only the line of the device itself counts. */
static gboolean
check_signatures (const XimDevice *device, const XimAccountDevice *devices,
                  guint n_devices, guint listed, const XimVerifyKey *server,
                  GError **error)
{
  g_autoptr (GPtrArray) keys
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_verify_key_free);
  for (guint i = 0; i < n_devices; i++)
    g_ptr_array_add (
        keys, xim_verify_key_new_device (&devices[i].id, &devices[i].key));
  if (server != NULL)
    g_ptr_array_add (keys, xim_verify_key_copy (server));
  guint64 good;
  if (!xim_note_verify (device->note, (const XimVerifyKey *const *)keys->pdata,
                        keys->len, &good, error))
    return FALSE;
  if ((good >> listed & 1) == 0)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                           "expected a device note signed by its device");
      return FALSE;
    }
  if (server != NULL && (good >> n_devices & 1) == 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                   "expected a device note with the line of the keyserver "
                   "%s",
                   server->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_not_expired (const XimDevice *device, gint64 now_s, GError **error)
{
  if (device->created_s <= now_s + XIM_CLOCK_SKEW_S
      && now_s < device->expires_s)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
               "expected a device note that is valid now, got one from "
               "%" G_GINT64_FORMAT " s to %" G_GINT64_FORMAT " s from now",
               device->created_s - now_s, device->expires_s - now_s);
  return FALSE;
}

gboolean
xim_device_check_client (const XimDevice *device, const char *jid,
                         const XimAccountDevice *devices, guint n_devices,
                         const XimVerifyKey *server, const XimDevice *seen,
                         gint64 now_s, GError **error)
{
  g_return_val_if_fail (device->note != NULL && server != NULL, FALSE);
  g_return_val_if_fail (n_devices <= XIM_DEVICES_MAX, FALSE);
  guint listed;
  if (!check_names (device, jid, devices, n_devices, &listed, error)
      || !check_signatures (device, devices, n_devices, listed, server, error)
      || !check_not_expired (device, now_s, error))
    return FALSE;
  if (seen == NULL || device->serial > seen->serial
      || strcmp (device->text, seen->text) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_REPLAYED,
               "expected a serial over the %u that was seen or the same "
               "text, got %u",
               seen->serial, device->serial);
  return FALSE;
}

static gboolean
check_offered_time (const XimDevice *device, gint64 now_s, GError **error)
{
  gint64 off_s = device->created_s - now_s;
  if (off_s >= -XIM_CLOCK_SKEW_S && off_s <= XIM_CLOCK_SKEW_S)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
               "expected a device note made at most %d s from this clock, "
               "got %" G_GINT64_FORMAT " s",
               XIM_CLOCK_SKEW_S, off_s);
  return FALSE;
}

gboolean
xim_device_check_server (const XimDevice *device, const char *jid,
                         const XimAccountDevice *devices, guint n_devices,
                         const XimDevice *seen, gint64 now_s, GError **error)
{
  g_return_val_if_fail (device->note != NULL, FALSE);
  g_return_val_if_fail (n_devices <= XIM_DEVICES_MAX, FALSE);
  guint listed;
  if (!check_names (device, jid, devices, n_devices, &listed, error)
      || !check_signatures (device, devices, n_devices, listed, NULL, error)
      || !check_offered_time (device, now_s, error)
      || !check_not_expired (device, now_s, error))
    return FALSE;
  guint32 last = seen != NULL ? seen->serial : 0;
  if (device->serial <= last)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_REPLAYED,
                   "expected a serial over the stored %u, got %u", last,
                   device->serial);
      return FALSE;
    }
  if (device->serial - last == 1)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "expected the serial after the stored %u, got %u", last,
               device->serial);
  return FALSE;
}
