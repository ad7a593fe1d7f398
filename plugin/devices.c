/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own devices, with names that never leave this machine. */

#include "config.h"

#include "devices.h"

#include <string.h>

#include "i18n.h"

#define NAME_PREFIX "xim-device-name:"
#define DOUBT_PREFIX "xim-device-doubt:"
#define WORD_MIN 4 /* digits of an id that a person has to type */

struct _XimDevices
{
  XimAmendParts parts;
};

XimDevices *
xim_devices_new (const XimAmendParts *parts)
{
  XimDevices *devices = g_new0 (XimDevices, 1);
  devices->parts = *parts;
  return devices;
}

void
xim_devices_free (XimDevices *devices)
{
  g_free (devices);
}

static const XimAccount *
present (const XimDevices *devices)
{
  const XimVerified *verified = xim_enrol_present (devices->parts.enrol);
  return verified != NULL ? xim_verified_account (verified) : NULL;
}

guint
xim_devices_n (const XimDevices *devices)
{
  const XimAccount *account = present (devices);
  return account != NULL ? account->n_devices : 0;
}

const XimAccountDevice *
xim_devices_get (const XimDevices *devices, guint i)
{
  g_return_val_if_fail (i < xim_devices_n (devices), NULL);
  return &present (devices)->devices[i];
}

gboolean
xim_devices_is_this (const XimDevices *devices, const XimDeviceId *id)
{
  const XimDeviceId *own
      = xim_own_device (xim_enrol_own (devices->parts.enrol));
  return own != NULL && xim_device_id_compare (own, id) == 0;
}

/* Settings of the account stay in its file. */

static char *
setting_of (const char *prefix, const XimDeviceId *id)
{
  g_autofree char *hex = xim_codec_hex_encode (id->bytes, sizeof id->bytes);
  return g_strconcat (prefix, hex, NULL);
}

static const char *
get (const XimDevices *devices, const char *prefix, const XimDeviceId *id)
{
  g_autofree char *setting = setting_of (prefix, id);
  const char *value
      = purple_account_get_string (devices->parts.account, setting, NULL);
  return value != NULL && *value != '\0' ? value : NULL;
}

static void
set (XimDevices *devices, const char *prefix, const XimDeviceId *id,
     const char *value)
{
  g_autofree char *setting = setting_of (prefix, id);
  if (value != NULL)
    purple_account_set_string (devices->parts.account, setting, value);
  else
    purple_account_remove_setting (devices->parts.account, setting);
}

void
xim_devices_set_name (XimDevices *devices, const XimDeviceId *id,
                      const char *name)
{
  set (devices, NAME_PREFIX, id, name);
}

void
xim_devices_doubt (XimDevices *devices, const XimDeviceId *id, gboolean doubt)
{
  set (devices, DOUBT_PREFIX, id, doubt ? "yes" : NULL);
}

gboolean
xim_devices_is_doubted (const XimDevices *devices, const XimDeviceId *id)
{
  return get (devices, DOUBT_PREFIX, id) != NULL;
}

char *
xim_devices_label (const XimDevices *devices, const XimDeviceId *id)
{
  g_autofree char *hex = xim_codec_hex_encode (id->bytes, sizeof id->bytes);
  const char *name = get (devices, NAME_PREFIX, id);
  return name != NULL ? g_strdup_printf ("%s \"%s\"", hex, name)
                      : g_steal_pointer (&hex);
}

static char *
since_text (gint64 since_s)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (since_s);
  g_autofree char *day = date != NULL ? g_date_time_format (date, "%F") : NULL;
  return g_strdup_printf (_ ("since %s"), day != NULL ? day : "?");
}

static void
append_device (const XimDevices *devices, const XimHistory *history,
               const XimDeviceId *id, GString *text)
{
  g_autofree char *label = xim_devices_label (devices, id);
  g_autofree char *since = since_text (xim_history_since_s (history, id));
  g_string_append_printf (text, "\n%s, %s", label, since);
  if (xim_devices_is_this (devices, id))
    g_string_append_printf (text, " %s", _ ("(this device)"));
}

char *
xim_devices_text (const XimDevices *devices)
{
  const XimAccount *account = present (devices);
  g_autoptr (GError) error = NULL;
  g_autoptr (XimHistory) history
      = xim_history_load (devices->parts.store, devices->parts.jid, &error);
  if (account == NULL || history == NULL)
    return g_strdup (_ ("The list of your devices is not known yet. Try again "
                        "when you are online."));
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, _ ("Devices of %s:"), devices->parts.jid);
  for (guint i = 0; i < account->n_devices; i++)
    append_device (devices, history, &account->devices[i].id, text);
  return g_string_free (text, FALSE);
}

gboolean
xim_devices_find (const XimDevices *devices, const char *word,
                  XimDeviceId *out)
{
  const XimAccount *account = present (devices);
  guint n = 0;
  if (account == NULL || word == NULL || strlen (word) < WORD_MIN)
    return FALSE;
  g_autofree char *lower = g_ascii_strdown (word, -1);
  for (guint i = 0; i < account->n_devices; i++)
    {
      const XimDeviceId *id = &account->devices[i].id;
      g_autofree char *hex
          = xim_codec_hex_encode (id->bytes, sizeof id->bytes);
      if (!g_str_has_prefix (hex, lower))
        continue;
      *out = *id;
      n++;
    }
  return n == 1;
}
