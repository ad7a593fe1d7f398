/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Everything about several devices of one account, wired together. */

#include "config.h"

#include "family.h"

#include <string.h>

#include "confirm.h"
#include "devices.h"
#include "i18n.h"

#define KEY_RESET "reset"
#define KEY_ERASE "erase"

struct _XimFamily
{
  XimAmendParts parts;
  XimTell tell;
  gpointer user_data;
  XimResources *resources;
  XimApprove *approve;
  XimAmend *amend;
  XimJoining *joining;
  XimImporting *importing;
  XimDevices *devices;
  XimConfirm *removals; /* keys are ids */
  XimConfirm *doubts;   /* keys are ids */
  XimConfirm *others;
  guint n_looks;
};

static void
say (XimFamily *family, const char *text, gboolean loud)
{
  family->tell (text, loud, family->user_data);
}

static void
say_loud (const char *text, gpointer data)
{
  say (data, text, TRUE);
}

static void
forward (const char *text, gboolean loud, gpointer data)
{
  say (data, text, loud);
}

/* How changes end. */

static const char *
failure_text (XimAmendKind kind, const GError *error)
{
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_MALFORMED)
      && kind == XIM_AMEND_REMOVE)
    return _ ("The last device cannot be removed. To leave X-IM, type /xim "
              "erase");
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_NOT_FOUND))
    return _ ("This was not done: this device is not one of the account, or "
              "its keys are locked.");
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_NO_PROOF))
    return _ ("This was not done: the keyserver did not take the proof that "
              "the address is yours. Try again.");
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_EXPIRED))
    return _ ("This was not done: the clock of this computer is wrong.");
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_TOO_MANY))
    return _ ("This was not done: your devices were changed too often today. "
              "Try again tomorrow.");
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_STORE))
    return _ ("This was not done: a file of X-IM cannot be written. Look "
              "whether the disk is full.");
  return _ ("This was not done: the keyserver cannot be reached or did not "
            "take it. Try again later.");
}

static const char *
success_text (XimAmendKind kind)
{
  switch (kind)
    {
    case XIM_AMEND_REMOVE:
      return _ ("The device was removed. What is written from here on is not "
                "sealed to it; what it has it keeps.");
    case XIM_AMEND_RESET:
      return _ ("You have started again with new keys. Your contacts are "
                "told, and asked whether they accept that.");
    case XIM_AMEND_ERASE:
      return _ ("Your keys were erased, on the keyserver and here. Nobody can "
                "write to you encrypted any more. To come back, type /xim "
                "reset");
    case XIM_AMEND_JOIN:
    case XIM_AMEND_IMPORT:
    default:
      return NULL;
    }
}

static void
amended (XimAmendKind kind, const GError *error, gpointer data)
{
  XimFamily *family = data;
  if (kind == XIM_AMEND_JOIN)
    {
      xim_joining_registered (family->joining, error);
      return;
    }
  if (kind == XIM_AMEND_IMPORT)
    {
      xim_importing_added (family->importing, error);
      return;
    }
  if (error == NULL)
    xim_joining_announce (family->joining);
  say (family,
       error != NULL ? failure_text (kind, error) : success_text (kind), TRUE);
}

static char *
busy (void)
{
  return g_strdup (_ ("Another change of your devices is under way; try again "
                      "when it is done."));
}

/* Was it you? */

static void
remove_now (XimFamily *family, const XimDeviceId *id)
{
  if (xim_amend_remove (family->amend, id))
    return;
  g_autofree char *text = busy ();
  say (family, text, TRUE);
}

static void
answered_doubt (gboolean yes, const char *key, gpointer data)
{
  XimFamily *family = data;
  XimDeviceId id;
  if (!xim_devices_find (family->devices, key, &id))
    return;
  if (yes)
    xim_devices_doubt (family->devices, &id, FALSE);
  else
    remove_now (family, &id);
}

static void
ask_doubt (XimFamily *family, const XimDeviceId *id)
{
  g_autofree char *label = xim_devices_label (family->devices, id);
  g_autofree char *key = xim_codec_hex_encode (id->bytes, sizeof id->bytes);
  g_autofree char *primary
      = g_strdup_printf (_ ("The device %s was added to %s. Was it you?"),
                         label, family->parts.jid);
  const XimConfirmQuestion question = {
    .key = key,
    .primary = primary,
    .secondary = _ ("Another device of yours has added it. It can read all "
                    "that is written to you from now on."),
    .yes = _ ("Yes, it was me"),
    .no = _ ("Remove it"),
    .yes_is_default = TRUE,
  };
  if (!xim_confirm_ask (family->doubts, &question, answered_doubt))
    return;
  g_autofree char *text = g_strdup_printf (
      _ ("%s If not, remove it: /xim devices remove %s"), primary, key);
  say (family, text, FALSE);
}

static void
note_added (XimFamily *family)
{
  const XimWatchReport *report = xim_enrol_added (family->parts.enrol);
  for (guint i = 0; i < report->n_added; i++)
    if (!xim_approve_has_signed (family->approve, &report->added[i].version))
      xim_devices_doubt (family->devices, &report->added[i].id, TRUE);
}

static void
ask_doubts (XimFamily *family)
{
  if (xim_enrol_state (family->parts.enrol) != XIM_ENROL_READY)
    return;
  for (guint i = 0; i < xim_devices_n (family->devices); i++)
    {
      const XimDeviceId *id = &xim_devices_get (family->devices, i)->id;
      if (xim_devices_is_doubted (family->devices, id))
        ask_doubt (family, id);
    }
}

/* Making. */

static void
came_or_went (const char *full, gboolean online, gpointer data)
{
  XimFamily *family = data;
  if (!online)
    xim_approve_gone (family->approve, full);
  else if (!xim_importing_is_adding (family->importing))
    xim_joining_came (family->joining, full);
}

XimFamily *
xim_family_new (const XimAmendParts *parts, XimTell tell, gpointer user_data)
{
  XimFamily *family = g_new0 (XimFamily, 1);
  family->parts = *parts;
  family->tell = tell;
  family->user_data = user_data;
  family->resources
      = xim_resources_new (parts->account, parts->jid, came_or_went, family);
  family->approve
      = xim_approve_new (parts->account, parts->jid, parts->store, parts->iq,
                         parts->enrol, family->resources);
  xim_approve_set_tell (family->approve, say_loud, family);
  family->amend = xim_amend_new (parts, amended, family);
  family->joining = xim_joining_new (parts, family->resources, family->amend,
                                     forward, family);
  family->importing = xim_importing_new (parts, family->joining, family->amend,
                                         forward, family);
  family->devices = xim_devices_new (parts);
  family->removals = xim_confirm_new (parts->account, family);
  family->doubts = xim_confirm_new (parts->account, family);
  family->others = xim_confirm_new (parts->account, family);
  return family;
}

void
xim_family_free (XimFamily *family)
{
  if (family == NULL)
    return;
  xim_confirm_free (family->others);
  xim_confirm_free (family->doubts);
  xim_confirm_free (family->removals);
  xim_devices_free (family->devices);
  xim_importing_free (family->importing);
  xim_joining_free (family->joining);
  xim_amend_free (family->amend);
  xim_approve_free (family->approve);
  xim_resources_free (family->resources);
  g_free (family);
}

/* What happens. */

void
xim_family_presence (XimFamily *family, const char *type, const char *from)
{
  xim_resources_presence (family->resources, type, from);
}

gboolean
xim_family_iq (XimFamily *family, const char *type, const char *id,
               const char *from, xmlnode *stanza)
{
  return xim_approve_receive (family->approve, type, id, from, stanza);
}

void
xim_family_looked (XimFamily *family)
{
  gboolean good = FALSE;
  guint n_looks = xim_enrol_n_looks (family->parts.enrol, &good);
  xim_amend_looked (family->amend);
  if (n_looks != family->n_looks)
    {
      family->n_looks = n_looks;
      note_added (family);
      xim_approve_looked (family->approve);
      ask_doubts (family);
    }
  if (!xim_importing_is_adding (family->importing))
    xim_joining_looked (family->joining);
}

void
xim_family_offline (XimFamily *family)
{
  xim_approve_stop (family->approve);
  xim_importing_stop (family->importing);
  xim_joining_stop (family->joining);
  xim_amend_stop (family->amend);
  xim_resources_offline (family->resources);
}

void
xim_family_locked (XimFamily *family)
{
  xim_importing_stop (family->importing);
  xim_approve_stop (family->approve);
  xim_joining_stop (family->joining);
}

/* What the user asks for. */

char *
xim_family_list (XimFamily *family)
{
  return xim_devices_text (family->devices);
}

static char *
no_such_device (void)
{
  return g_strdup (_ ("There is no such device. /xim devices lists them; the "
                      "beginning of an id is enough when only one fits."));
}

char *
xim_family_name (XimFamily *family, const char *word, const char *name)
{
  XimDeviceId id;
  if (!xim_devices_find (family->devices, word, &id))
    return no_such_device ();
  xim_devices_set_name (family->devices, &id, name);
  return xim_devices_text (family->devices);
}

static void
answered_removal (gboolean yes, const char *key, gpointer data)
{
  XimFamily *family = data;
  XimDeviceId id;
  if (yes && xim_devices_find (family->devices, key, &id))
    remove_now (family, &id);
}

static gboolean
ask_removal (XimFamily *family, const XimDeviceId *id)
{
  g_autofree char *label = xim_devices_label (family->devices, id);
  g_autofree char *key = xim_codec_hex_encode (id->bytes, sizeof id->bytes);
  g_autofree char *primary
      = g_strdup_printf (_ ("Remove the device %s?"), label);
  const XimConfirmQuestion question = {
    .key = key,
    .primary = primary,
    .secondary = _ ("It cannot read what is written from then on, and it can "
                    "never come back as the same device."),
    .yes = _ ("Remove it"),
    .no = _ ("Keep it"),
  };
  return xim_confirm_ask (family->removals, &question, answered_removal);
}

/* Whether one can ask; a second question of the same kind is not opened. */
static char *
asked (gboolean ok)
{
  return ok ? NULL
            : g_strdup (_ ("This has to be confirmed in a window, and none "
                           "could be opened, or one is open already."));
}

char *
xim_family_remove (XimFamily *family, const char *word)
{
  XimDeviceId id;
  if (!xim_devices_find (family->devices, word, &id))
    return no_such_device ();
  if (xim_devices_n (family->devices) == 1)
    return g_strdup (_ ("The last device cannot be removed. To leave X-IM, "
                        "type /xim erase"));
  if (xim_devices_is_this (family->devices, &id))
    return g_strdup (_ ("This is the device that you sit at. Remove it on "
                        "another one."));
  return asked (ask_removal (family, &id));
}

static gboolean
is_locked (const XimFamily *family)
{
  return xim_keystore_state (family->parts.keystore) != XIM_KEYSTORE_UNLOCKED;
}

static char *
locked (void)
{
  return g_strdup (_ ("Unlock your keys first: type /xim unlock"));
}

char *
xim_family_join (XimFamily *family)
{
  XimEnrolState state = xim_enrol_state (family->parts.enrol);
  if (state == XIM_ENROL_READY)
    return g_strdup (_ ("This device is one of the account already."));
  if (is_locked (family))
    return locked ();
  if (state != XIM_ENROL_OTHER_DEVICE && state != XIM_ENROL_ALARM)
    return g_strdup (_ ("There is nothing to join: no other device of your "
                        "address is known."));
  xim_joining_start (family->joining);
  return NULL;
}

char *
xim_family_import (XimFamily *family, const char *file)
{
  return xim_importing_start (family->importing, file);
}

static void
answered_reset (gboolean yes, const char *key, gpointer data)
{
  (void)key;
  XimFamily *family = data;
  if (!yes)
    return;
  xim_joining_stop (family->joining);
  if (xim_amend_start (family->amend, XIM_AMEND_RESET))
    return;
  g_autofree char *text = busy ();
  say (family, text, TRUE);
}

char *
xim_family_reset (XimFamily *family)
{
  if (is_locked (family))
    return locked ();
  const XimConfirmQuestion question = {
    .key = KEY_RESET,
    .primary = _ ("Start again with new keys?"),
    .secondary = _ ("Only if no device is left that can add this one.\nAll "
                    "other devices of this address are cut off.\nYour "
                    "contacts are warned loudly and have to accept the new "
                    "keys; who had verified you has to do it again."),
    .yes = _ ("Start again"),
    .no = _ ("Cancel"),
  };
  return asked (xim_confirm_ask (family->others, &question, answered_reset));
}

static void
answered_erase (gboolean yes, const char *key, gpointer data)
{
  (void)key;
  XimFamily *family = data;
  if (!yes || xim_amend_start (family->amend, XIM_AMEND_ERASE))
    return;
  g_autofree char *text = busy ();
  say (family, text, TRUE);
}

char *
xim_family_erase (XimFamily *family)
{
  if (xim_enrol_state (family->parts.enrol) != XIM_ENROL_READY)
    return g_strdup (_ ("Only a device of the account whose keys are unlocked "
                        "can erase it."));
  const XimConfirmQuestion question = {
    .key = KEY_ERASE,
    .primary = _ ("Erase all keys of this address?"),
    .secondary = _ ("All devices of this address lose X-IM: nobody can write "
                    "to you encrypted any more, and what waits sealed for you "
                    "cannot be read.\nYour contacts see that you have left. "
                    "Coming back is a new start that they have to accept."),
    .yes = _ ("Erase"),
    .no = _ ("Cancel"),
  };
  return asked (xim_confirm_ask (family->others, &question, answered_erase));
}
