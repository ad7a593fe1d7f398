/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Changes of the own list of devices: looked up, built, signed, registered. */

#include "config.h"

#include "amend.h"

#include "clock.h"
#include "home.h"
#include "keyserver.h"

#define TRIES_MAX 5

typedef enum
{
  STEP_IDLE,
  STEP_LOOK, /* at what is there now */
  STEP_SEND,
  STEP_LAST_LOOK, /* at what has become of it */
} Step;

struct _XimAmend
{
  XimAmendParts parts;
  XimHome *home;
  XimAmendCallback ended;
  gpointer user_data;

  Step step;
  XimAmendKind kind;
  XimDeviceId id;          /* of REMOVE */
  char *note;              /* of JOIN, IMPORT, REMOVE and ERASE */
  XimAdmission *admission; /* of IMPORT */
  guint n_tries;
  guint n_looks; /* before the look that is waited for */
};

XimAmend *
xim_amend_new (const XimAmendParts *parts, XimAmendCallback ended,
               gpointer user_data)
{
  XimAmend *amend = g_new0 (XimAmend, 1);
  amend->parts = *parts;
  amend->home
      = xim_home_new (parts->jid, parts->http, parts->iq, parts->discovery);
  amend->ended = ended;
  amend->user_data = user_data;
  return amend;
}

void
xim_amend_free (XimAmend *amend)
{
  if (amend == NULL)
    return;
  xim_home_free (amend->home);
  xim_admission_free (amend->admission);
  g_free (amend->note);
  g_free (amend);
}

/* The end. */

static void
end (XimAmend *amend, const GError *error)
{
  if (error != NULL)
    purple_debug_warning ("x-im", "amend: %s\n", error->message);
  amend->step = STEP_IDLE;
  xim_home_stop (amend->home);
  g_clear_pointer (&amend->note, g_free);
  g_clear_pointer (&amend->admission, xim_admission_free);
  amend->ended (amend->kind, error, amend->user_data);
}

static void
end_for (XimAmend *amend, XimError code, const char *message)
{
  g_autoptr (GError) error
      = g_error_new_literal (XIM_ERROR, (int)code, message);
  end (amend, error);
}

void
xim_amend_stop (XimAmend *amend)
{
  if (amend->step != STEP_IDLE)
    end_for (amend, XIM_ERROR_UNAVAILABLE,
             "the account should stay online until the change is made");
}

/* Looking. */

static void
look (XimAmend *amend, Step step)
{
  gboolean good = FALSE;
  amend->step = step;
  amend->n_looks = xim_enrol_n_looks (amend->parts.enrol, &good);
  xim_enrol_look (amend->parts.enrol);
}

static void
look_again (XimAmend *amend)
{
  if (++amend->n_tries < TRIES_MAX)
    look (amend, STEP_LOOK);
  else
    end_for (amend, XIM_ERROR_CONFLICT,
             "the list should stay as it is while it is changed");
}

/* Sending. */

static const XimSender *
sender (const XimAmend *amend)
{
  return xim_own_sender (xim_enrol_own (amend->parts.enrol));
}

static void start_over (XimAmend *amend, guint32 version,
                        const XimHash *previous);

/* What an erased address had is known to the keyserver alone. */
static void
take_conflict (XimAmend *amend, const XimRefusal *refusal)
{
  if (amend->kind == XIM_AMEND_JOIN)
    end_for (amend, XIM_ERROR_CONFLICT,
             "the list should be the one that was signed");
  else if (amend->kind == XIM_AMEND_RESET && refusal->has_previous
           && ++amend->n_tries < TRIES_MAX)
    start_over (amend, (guint32)refusal->version, &refusal->previous);
  else
    look_again (amend);
}

static void
sent (const XimHttpAnswer *answer, gpointer data)
{
  XimAmend *amend = data;
  g_autoptr (GError) error = NULL;
  XimRefusal refusal;
  if (answer->outcome == XIM_HTTP_ANSWER && answer->status == 200)
    {
      if (amend->kind == XIM_AMEND_ERASE
          && !xim_own_wipe (xim_enrol_own (amend->parts.enrol), &error))
        end (amend, error);
      else
        look (amend, STEP_LAST_LOOK);
      return;
    }
  xim_keyserver_refusal (answer, &refusal, &error);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_CONFLICT)
      || g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    take_conflict (amend, &refusal);
  else
    end (amend, error);
}

static void
send_join (XimAmend *amend)
{
  g_autoptr (GError) error = NULL;
  const char *device = NULL;
  if (xim_own_device_note (xim_enrol_own (amend->parts.enrol),
                           xim_plugin_now_s (), &device, &error))
    xim_home_register (amend->home, amend->note, device, sent, amend);
  else
    end (amend, error);
}

static void
send_reset (XimAmend *amend)
{
  g_autoptr (GError) error = NULL;
  XimOwnOffer offer;
  if (xim_own_offer (xim_enrol_own (amend->parts.enrol), xim_plugin_now_s (),
                     &offer, &error))
    xim_home_register (amend->home, offer.account, offer.device, sent, amend);
  else
    end (amend, error);
}

/* On a copy of the list that was looked up: what changed since is a conflict.
 */
static void
admitted (const GError *problem, gpointer data)
{
  XimAmend *amend = data;
  g_autoptr (GError) error = NULL;
  if (problem != NULL)
    {
      end (amend, problem);
      return;
    }
  g_free (amend->note);
  amend->note = sender (amend) != NULL
                    ? xim_admission_sign (amend->admission, sender (amend),
                                          xim_plugin_now_s (), &error)
                    : NULL;
  if (amend->note != NULL)
    send_join (amend);
  else if (error != NULL)
    end (amend, error);
  else
    end_for (amend, XIM_ERROR_UNAVAILABLE,
             "the keys should stay unlocked until the device is added");
}

static void
send_import (XimAmend *amend)
{
  XimDomain domain;
  const XimVerified *present = xim_enrol_present (amend->parts.enrol);
  if (present == NULL)
    {
      look_again (amend);
      return;
    }
  xim_home_domain (amend->home, &domain);
  xim_admission_check (amend->admission, amend->parts.http, &domain,
                       xim_verified_account (present), admitted, amend);
}

static void
proven (gboolean taken, gboolean answered, gpointer data)
{
  (void)answered;
  XimAmend *amend = data;
  if (taken)
    send_reset (amend);
  else
    end_for (amend, XIM_ERROR_NO_PROOF,
             "the keyserver should take the proof of the address");
}

static void
prove (XimAmend *amend)
{
  g_autoptr (GError) error = NULL;
  XimOwnOffer offer;
  if (xim_own_offer (xim_enrol_own (amend->parts.enrol), xim_plugin_now_s (),
                     &offer, &error))
    xim_home_prove (amend->home, &offer.digest, proven, amend);
  else
    end (amend, error);
}

static void
found (XimDomainState state, gpointer data)
{
  XimAmend *amend = data;
  if (state != XIM_DOMAIN_PINNED)
    {
      end_for (amend, XIM_ERROR_UNAVAILABLE,
               "the keyserver should be found and cannot be reached");
      return;
    }
  switch (amend->kind)
    {
    case XIM_AMEND_JOIN:
      send_join (amend);
      return;
    case XIM_AMEND_IMPORT:
      send_import (amend);
      return;
    case XIM_AMEND_RESET:
      prove (amend);
      return;
    case XIM_AMEND_ERASE:
      xim_home_erase (amend->home, amend->note, sent, amend);
      return;
    case XIM_AMEND_REMOVE:
    default:
      xim_home_register (amend->home, amend->note, NULL, sent, amend);
      return;
    }
}

static void
send (XimAmend *amend)
{
  amend->step = STEP_SEND;
  xim_home_find (amend->home, found, amend);
}

/* Building. */

static void
start_over (XimAmend *amend, guint32 version, const XimHash *previous)
{
  g_autoptr (GError) error = NULL;
  if (xim_own_start_over (xim_enrol_own (amend->parts.enrol), version,
                          previous, xim_plugin_now_s (), &error))
    send (amend);
  else
    end (amend, error);
}

static void
build_reset (XimAmend *amend, const XimAccount *present)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimHistory) history
      = xim_history_load (amend->parts.store, amend->parts.jid, &error);
  if (history == NULL)
    {
      end (amend, error);
      return;
    }
  /* Of an address without keys any guess will do: the answer tells. */
  static const XimHash unknown;
  const XimAccount *newest
      = present != NULL ? present : xim_history_newest (history);
  if (newest != NULL)
    start_over (amend, newest->version, &newest->hash);
  else
    start_over (amend, 1, &unknown);
}

/* Signs @text with the key of this device, which is in the list. */
static void
sign_and_send (XimAmend *amend, const char *text, GError *why)
{
  g_autoptr (GError) error = why;
  g_autoptr (XimNote) note
      = text != NULL ? xim_change_sign (text, sender (amend)->key, &error)
                     : NULL;
  if (note == NULL)
    {
      end (amend, error);
      return;
    }
  g_free (amend->note);
  amend->note = xim_note_encode (note);
  send (amend);
}

static void
build_removal (XimAmend *amend, const XimAccount *present)
{
  GError *error = NULL;
  if (xim_account_find (present, &amend->id) == NULL)
    {
      end (amend, NULL);
      return;
    }
  g_autofree char *text
      = xim_change_remove (present, &amend->id, xim_plugin_now_s (), &error);
  sign_and_send (amend, text, error);
}

static void
build_erasure (XimAmend *amend, const XimAccount *present)
{
  const XimErase erase = {
    .jid = present->jid,
    .version = present->version + 1,
    .previous = present->hash,
    .time_s = xim_plugin_now_s (),
  };
  g_autofree char *text = xim_erase_encode (&erase);
  sign_and_send (amend, text, NULL);
}

/* A device that was removed, or cut off, becomes another one. */
static gboolean
prepare_import (XimAmend *amend, GError **error)
{
  XimOwn *own = xim_enrol_own (amend->parts.enrol);
  const XimAlarm alarm = xim_enrol_alarm (amend->parts.enrol);
  if ((alarm == XIM_ALARM_REMOVED || alarm == XIM_ALARM_RESET)
      && xim_own_ever (own) && !xim_own_wipe (own, error))
    return FALSE;
  return xim_own_prepare (own, xim_plugin_now_s (), error);
}

static gboolean
can_be_added (const XimAmend *amend)
{
  const XimAlarm alarm = xim_enrol_alarm (amend->parts.enrol);
  return xim_enrol_state (amend->parts.enrol) == XIM_ENROL_OTHER_DEVICE
         || alarm == XIM_ALARM_REMOVED || alarm == XIM_ALARM_RESET;
}

static void
build_import (XimAmend *amend, const XimAccount *present)
{
  g_autoptr (GError) error = NULL;
  if (present == NULL || !xim_admission_is_listed (amend->admission, present))
    end_for (amend, XIM_ERROR_NOT_FOUND,
             "the exported device should be in the list");
  else if (xim_enrol_state (amend->parts.enrol) == XIM_ENROL_READY)
    end (amend, NULL);
  else if (!can_be_added (amend))
    end_for (amend, XIM_ERROR_KEY_CHANGED,
             "the list should be without an alarm to be continued");
  else if (prepare_import (amend, &error))
    send (amend);
  else
    end (amend, error);
}

static void
build (XimAmend *amend)
{
  const XimVerified *verified = xim_enrol_present (amend->parts.enrol);
  const XimAccount *present
      = verified != NULL ? xim_verified_account (verified) : NULL;
  if (amend->kind == XIM_AMEND_RESET)
    build_reset (amend, present);
  else if (amend->kind == XIM_AMEND_IMPORT)
    build_import (amend, present);
  else if (present == NULL || sender (amend) == NULL
           || xim_enrol_state (amend->parts.enrol) != XIM_ENROL_READY)
    end_for (amend, XIM_ERROR_NOT_FOUND,
             "this device should be in the list to change it");
  else if (amend->kind == XIM_AMEND_REMOVE)
    build_removal (amend, present);
  else
    build_erasure (amend, present);
}

void
xim_amend_looked (XimAmend *amend)
{
  gboolean good = FALSE;
  XimEnrol *enrol = amend->parts.enrol;
  if ((amend->step != STEP_LOOK && amend->step != STEP_LAST_LOOK)
      || xim_enrol_n_looks (enrol, &good) == amend->n_looks)
    return;
  if (amend->step == STEP_LAST_LOOK)
    end (amend, NULL);
  else if (good)
    build (amend);
  else if (xim_enrol_error (enrol) != NULL)
    end (amend, xim_enrol_error (enrol));
  else
    end_for (amend, XIM_ERROR_KEY_CHANGED,
             "the keyserver should continue what it said before");
}

/* Starting. */

static gboolean
begin (XimAmend *amend, XimAmendKind kind)
{
  if (amend->step != STEP_IDLE)
    return FALSE;
  amend->kind = kind;
  amend->n_tries = 0;
  return TRUE;
}

gboolean
xim_amend_start (XimAmend *amend, XimAmendKind kind)
{
  if (!begin (amend, kind))
    return FALSE;
  look (amend, STEP_LOOK);
  return TRUE;
}

gboolean
xim_amend_remove (XimAmend *amend, const XimDeviceId *id)
{
  if (!begin (amend, XIM_AMEND_REMOVE))
    return FALSE;
  amend->id = *id;
  look (amend, STEP_LOOK);
  return TRUE;
}

gboolean
xim_amend_join (XimAmend *amend, const char *note)
{
  if (!begin (amend, XIM_AMEND_JOIN))
    return FALSE;
  amend->note = g_strdup (note);
  send (amend);
  return TRUE;
}

gboolean
xim_amend_import (XimAmend *amend, XimAdmission *admission)
{
  if (!begin (amend, XIM_AMEND_IMPORT))
    {
      xim_admission_free (admission);
      return FALSE;
    }
  amend->admission = admission;
  look (amend, STEP_LOOK);
  return TRUE;
}
