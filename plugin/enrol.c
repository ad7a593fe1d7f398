/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own device: keys, proof, registration, renewal. */

#include "config.h"

#include "enrol.h"

#include <string.h>

#include "clock.h"
#include "look.h"
#include "registration.h"
#include "renewal.h"

#define RETRY_MIN_S 5
#define RETRY_MAX_S 900
#define LOOK_AGAIN_S 3600 /* whether there is a keyserver, or a free place */
#define LOOK_DAILY_S 86400
#define TICK_S 60

struct _XimEnrol
{
  char *jid;
  XimStore *store;
  XimKeystore *keystore;
  XimOwn *own;
  XimHome *home;
  XimLook *look;
  XimRenewal *renewal;
  XimRegistration *registration;
  XimEnrolCallback changed;
  gpointer user_data;

  XimEnrolState state;
  XimAlarm alarm;
  XimVerified *present; /* (nullable) */
  XimWatchReport added;
  guint n_looks;
  gboolean look_was_good;
  gint64 looked_boot_s; /* when the last look ended well */
  gboolean look_again;  /* asked for while another one was under way */
  GError *error;
  gint64 clock_off_s;
  gboolean needs_unlock;
  gboolean online;
  gboolean is_member; /* the own address has keys of another device */

  guint n_failures;
  guint timer; /* the next attempt */
  guint tick;
};

static void
set_state (XimEnrol *enrol, XimEnrolState state)
{
  enrol->state = state;
  enrol->changed (enrol->user_data);
}

static XimEnrolState
resting_state (const XimEnrol *enrol)
{
  if (enrol->alarm != XIM_ALARM_NONE)
    return XIM_ENROL_ALARM;
  return xim_own_ever (enrol->own) ? XIM_ENROL_LOCKED : XIM_ENROL_NEVER;
}

static gboolean
is_unlocked (const XimEnrol *enrol)
{
  return xim_keystore_state (enrol->keystore) == XIM_KEYSTORE_UNLOCKED;
}

/* Attempts. */

static void begin (XimEnrol *enrol);

static void
stop (XimEnrol *enrol)
{
  xim_home_stop (enrol->home);
  xim_look_stop (enrol->look);
  if (enrol->timer != 0)
    purple_timeout_remove (enrol->timer);
  enrol->timer = 0;
}

static gboolean
try_again (gpointer data)
{
  XimEnrol *enrol = data;
  enrol->timer = 0;
  begin (enrol);
  return FALSE;
}

static void
schedule (XimEnrol *enrol, gint64 wait_s)
{
  if (enrol->timer != 0)
    purple_timeout_remove (enrol->timer);
  enrol->timer = purple_timeout_add_seconds ((guint)wait_s, try_again, enrol);
}

/* Keys that are at hand go on counting: only what is new failed. */
static void
fail (XimEnrol *enrol, GError *error, guint retry_after_s)
{
  purple_debug_warning ("x-im", "enrol: %s: %s\n", enrol->jid, error->message);
  if (error->code == XIM_ERROR_SIGNATURE) /* it may have a newer key */
    xim_home_doubt (enrol->home);
  g_clear_error (&enrol->error);
  enrol->error = error;
  enrol->n_looks++;
  enrol->look_was_good = FALSE;
  gint64 wait_s
      = xim_plugin_backoff_s (enrol->n_failures++, RETRY_MIN_S, RETRY_MAX_S);
  schedule (enrol, MAX (wait_s, (gint64)retry_after_s));
  if (enrol->state != XIM_ENROL_READY && enrol->state != XIM_ENROL_ALARM)
    enrol->state = xim_own_ever (enrol->own) && !is_unlocked (enrol)
                       ? XIM_ENROL_LOCKED
                       : XIM_ENROL_FAILED;
  enrol->changed (enrol->user_data);
}

static void
fail_for (XimEnrol *enrol, XimError code, const char *message)
{
  fail (enrol, g_error_new_literal (XIM_ERROR, (int)code, message), 0);
}

static void
fail_refused (XimEnrol *enrol, GError *error, gint64 server_s,
              guint retry_after_s)
{
  if (server_s != 0)
    enrol->clock_off_s = xim_plugin_now_s () - server_s;
  fail (enrol, error, retry_after_s);
}

/* What this device must not do any more is not undone by an outage. */
static void
raise_alarm (XimEnrol *enrol, XimAlarm alarm)
{
  purple_debug_warning ("x-im", "enrol: %s: alarm %d\n", enrol->jid,
                        (int)alarm);
  enrol->alarm = alarm;
  schedule (enrol, LOOK_AGAIN_S);
  set_state (enrol, XIM_ENROL_ALARM);
}

static void
succeed (XimEnrol *enrol)
{
  g_clear_error (&enrol->error);
  enrol->clock_off_s = 0;
  enrol->n_failures = 0;
  enrol->alarm = XIM_ALARM_NONE;
  set_state (enrol, XIM_ENROL_READY);
}

static void
renewed (const XimRenewalResult *result, gpointer data)
{
  XimEnrol *enrol = data;
  if (result->error == NULL)
    succeed (enrol);
  else
    fail_refused (enrol, g_error_copy (result->error), result->server_s,
                  result->retry_after_s);
}

/* A bundle of the own address: after a registration, or before one. */

/* From now on this account is one of a member: what it cannot seal waits. */
static void
other_device (XimEnrol *enrol)
{
  purple_debug_info ("x-im", "enrol: %s has keys of another device\n",
                     enrol->jid);
  enrol->alarm = XIM_ALARM_NONE;
  g_clear_error (&enrol->error);
  schedule (enrol, LOOK_AGAIN_S);
  if (!is_unlocked (enrol))
    enrol->needs_unlock = TRUE;
  set_state (enrol, XIM_ENROL_OTHER_DEVICE);
}

/* An error of the renewal stays until it is overcome. */
static void
renew (XimEnrol *enrol)
{
  enrol->alarm = XIM_ALARM_NONE;
  xim_renewal_start (enrol->renewal);
  set_state (enrol, XIM_ENROL_READY);
}

static void
take_standing (XimEnrol *enrol, XimOwnStanding standing)
{
  switch (standing)
    {
    case XIM_OWN_LISTED:
      purple_debug_info ("x-im", "enrol: %s is enrolled, countersigned\n",
                         enrol->jid);
      if (xim_own_renewal_due (enrol->own, xim_plugin_now_s ()))
        renew (enrol);
      else
        succeed (enrol);
      return;
    case XIM_OWN_COPIED:
      raise_alarm (enrol, XIM_ALARM_COPIED);
      return;
    case XIM_OWN_NOT_LISTED:
    default:
      other_device (enrol);
      return;
    }
}

static void
take_bundle (XimEnrol *enrol, const XimVerified *verified)
{
  GError *error = NULL;
  XimWatchReport report = { .finding = XIM_WATCH_FINE };
  XimOwnStanding standing = XIM_OWN_NOT_LISTED;
  enrol->is_member = TRUE;
  gboolean ok
      = xim_watch_own (enrol->own, enrol->store, verified, &report, &error);
  if (ok && xim_watch_alarm (&report) != XIM_ALARM_NONE)
    {
      raise_alarm (enrol, xim_watch_alarm (&report));
      return;
    }
  if (!ok
      || !xim_own_accept (enrol->own, verified, xim_plugin_now_s (), &standing,
                          &error))
    {
      fail (enrol, error, 0);
      return;
    }
  enrol->added = report;
  take_standing (enrol, standing);
}

/* Registering. */

static void
got_account (const XimHttpAnswer *answer, gpointer data)
{
  XimEnrol *enrol = data;
  xim_look_take (enrol->look, answer);
}

static void
registration_failed (const GError *error, gpointer data)
{
  fail (data, g_error_copy (error), 0);
}

/* What the keyserver has of the own address. */

static void
ask_to_unlock (XimEnrol *enrol)
{
  enrol->needs_unlock = TRUE;
  enrol->state = resting_state (enrol);
  enrol->changed (enrol->user_data);
}

static void
take_absence (XimEnrol *enrol)
{
  if (xim_own_ever (enrol->own))
    {
      raise_alarm (enrol, XIM_ALARM_ERASED);
      return;
    }
  /* A known account is never new again: coming back is for the user. */
  if (enrol->is_member)
    {
      enrol->alarm = XIM_ALARM_NONE;
      g_clear_error (&enrol->error);
      schedule (enrol, LOOK_AGAIN_S);
      set_state (enrol, XIM_ENROL_LEFT);
      return;
    }
  if (is_unlocked (enrol))
    xim_registration_start (enrol->registration);
  else
    ask_to_unlock (enrol);
}

/* The address had keys that were erased before anybody here knew of it. */
static gboolean
is_conflict (const XimEnrol *enrol, const XimLookResult *result)
{
  return !enrol->is_member && xim_own_has_device (enrol->own)
         && g_error_matches (result->error, XIM_ERROR, XIM_ERROR_CONFLICT);
}

static void
looked (const XimLookResult *result, gpointer data)
{
  XimEnrol *enrol = data;
  gboolean good = result->verified != NULL || result->absent;
  if (good)
    {
      enrol->n_looks++;
      enrol->look_was_good = TRUE;
      enrol->looked_boot_s = xim_plugin_boot_s ();
      memset (&enrol->added, 0, sizeof enrol->added);
      g_clear_pointer (&enrol->present, xim_verified_unref);
    }
  if (result->verified != NULL)
    {
      enrol->present = xim_verified_ref ((XimVerified *)result->verified);
      take_bundle (enrol, enrol->present);
    }
  else if (result->absent)
    take_absence (enrol);
  else if (g_error_matches (result->error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    {
      g_clear_error (&enrol->error);
      enrol->n_looks++;
      enrol->look_was_good = FALSE;
      raise_alarm (enrol, XIM_ALARM_BROKEN);
    }
  else
    {
      if (is_conflict (enrol, result))
        enrol->is_member = TRUE;
      fail_refused (enrol, g_error_copy (result->error), result->server_s,
                    result->retry_after_s);
    }
  if (enrol->look_again)
    begin (enrol);
}

/* Finding. */

static void
found (XimEnrol *enrol)
{
  GError *error = NULL;
  /* Who has another device already need not choose a passphrase here. */
  if (!is_unlocked (enrol) && xim_own_has_device (enrol->own))
    ask_to_unlock (enrol);
  else if (!is_unlocked (enrol) || xim_own_unlock (enrol->own, &error))
    xim_home_look_up (enrol->home, got_account, enrol);
  else
    fail (enrol, error, 0);
}

static void
got_domain (XimDomainState domain, gpointer data)
{
  XimEnrol *enrol = data;
  switch (domain)
    {
    case XIM_DOMAIN_PINNED:
      found (enrol);
      return;
    case XIM_DOMAIN_NO_KEYSERVER:
      schedule (enrol, LOOK_AGAIN_S);
      set_state (enrol, XIM_ENROL_NO_SERVER);
      return;
    case XIM_DOMAIN_CHANGED:
      fail_for (enrol, XIM_ERROR_KEY_CHANGED,
                "the keyserver should have the pinned key, shows another");
      return;
    case XIM_DOMAIN_UNREACHABLE:
    default:
      fail_for (enrol, XIM_ERROR_UNAVAILABLE,
                "the keyserver should be found and cannot be reached");
    }
}

static void
begin (XimEnrol *enrol)
{
  if (!enrol->online)
    return;
  enrol->look_again
      = xim_home_is_busy (enrol->home) || xim_look_is_busy (enrol->look);
  if (enrol->look_again)
    return;
  if (is_unlocked (enrol)
      && (enrol->state == XIM_ENROL_NEVER || enrol->state == XIM_ENROL_LOCKED
          || enrol->state == XIM_ENROL_FAILED))
    set_state (enrol, XIM_ENROL_WORKING);
  if (xim_home_is_busy (enrol->home))
    return;
  xim_home_find (enrol->home, got_domain, enrol);
}

/* Daily, also when the key was renewed by a look of long ago. */
static gboolean
is_look_due (const XimEnrol *enrol)
{
  return xim_plugin_boot_s () - enrol->looked_boot_s >= LOOK_DAILY_S;
}

static gboolean
tick (gpointer data)
{
  XimEnrol *enrol = data;
  if (enrol->state == XIM_ENROL_READY && enrol->timer == 0
      && (xim_own_renewal_due (enrol->own, xim_plugin_now_s ())
          || is_look_due (enrol)))
    begin (enrol);
  return TRUE;
}

XimEnrol *
xim_enrol_new (const char *jid, XimStore *store, XimKeystore *keystore,
               XimHttp *http, XimIq *iq, XimDiscovery *discovery,
               XimEnrolCallback changed, gpointer user_data, GError **error)
{
  g_autoptr (XimHistory) seen = xim_history_load (store, jid, error);
  XimOwn *own
      = seen != NULL ? xim_own_new (jid, store, keystore, error) : NULL;
  if (own == NULL)
    return NULL;
  XimEnrol *enrol = g_new0 (XimEnrol, 1);
  enrol->jid = g_strdup (jid);
  enrol->store = store;
  enrol->keystore = keystore;
  enrol->home = xim_home_new (jid, http, iq, discovery);
  enrol->own = own;
  enrol->changed = changed;
  enrol->user_data = user_data;
  enrol->look = xim_look_new (jid, store, http, enrol->home, looked, enrol);
  enrol->renewal = xim_renewal_new (jid, own, enrol->home, renewed, enrol);
  enrol->registration = xim_registration_new (own, enrol->home, got_account,
                                              registration_failed, enrol);
  enrol->is_member = xim_history_newest (seen) != NULL;
  if (xim_watch_was_removed (own, seen))
    enrol->alarm = XIM_ALARM_REMOVED;
  enrol->state = resting_state (enrol);
  enrol->tick = purple_timeout_add_seconds (TICK_S, tick, enrol);
  return enrol;
}

void
xim_enrol_online (XimEnrol *enrol)
{
  stop (enrol);
  enrol->online = TRUE;
  enrol->n_failures = 0;
  begin (enrol);
}

void
xim_enrol_offline (XimEnrol *enrol)
{
  enrol->online = FALSE;
  stop (enrol);
}

void
xim_enrol_unlocked (XimEnrol *enrol)
{
  GError *error = NULL;
  stop (enrol);
  enrol->needs_unlock = FALSE;
  if (!xim_own_unlock (enrol->own, &error))
    {
      fail (enrol, error, 0);
      return;
    }
  if (enrol->alarm == XIM_ALARM_NONE && xim_own_ever (enrol->own))
    set_state (enrol, XIM_ENROL_READY);
  begin (enrol);
}

void
xim_enrol_locked (XimEnrol *enrol)
{
  stop (enrol);
  xim_own_lock (enrol->own);
  set_state (enrol, resting_state (enrol));
}

void
xim_enrol_look (XimEnrol *enrol)
{
  if (enrol->timer != 0)
    purple_timeout_remove (enrol->timer);
  enrol->timer = 0;
  begin (enrol);
}

guint
xim_enrol_n_looks (const XimEnrol *enrol, gboolean *good)
{
  *good = enrol->look_was_good;
  return enrol->n_looks;
}

const XimVerified *
xim_enrol_present (const XimEnrol *enrol)
{
  return enrol->present;
}

XimAlarm
xim_enrol_alarm (const XimEnrol *enrol)
{
  return enrol->alarm;
}

const XimWatchReport *
xim_enrol_added (const XimEnrol *enrol)
{
  return &enrol->added;
}

XimOwn *
xim_enrol_own (XimEnrol *enrol)
{
  return enrol->own;
}

XimEnrolState
xim_enrol_state (const XimEnrol *enrol)
{
  return enrol->state;
}

const GError *
xim_enrol_error (const XimEnrol *enrol)
{
  return enrol->error;
}

gint64
xim_enrol_clock_off_s (const XimEnrol *enrol)
{
  return enrol->clock_off_s;
}

gboolean
xim_enrol_needs_unlock (const XimEnrol *enrol)
{
  return enrol->needs_unlock && !is_unlocked (enrol);
}

gboolean
xim_enrol_ever (const XimEnrol *enrol)
{
  return xim_own_ever (enrol->own) || enrol->is_member;
}

gboolean
xim_enrol_offered (const XimEnrol *enrol)
{
  return xim_own_has_device (enrol->own);
}

XimKeyring *
xim_enrol_keyring (XimEnrol *enrol)
{
  return enrol->state == XIM_ENROL_READY || enrol->state == XIM_ENROL_ALARM
             ? xim_own_keyring (enrol->own)
             : NULL;
}

const XimSender *
xim_enrol_sender (XimEnrol *enrol)
{
  return enrol->state == XIM_ENROL_READY ? xim_own_sender (enrol->own) : NULL;
}

char *
xim_enrol_fingerprint (const XimEnrol *enrol)
{
  return xim_own_fingerprint (enrol->own);
}

void
xim_enrol_free (XimEnrol *enrol)
{
  if (enrol == NULL)
    return;
  stop (enrol);
  purple_timeout_remove (enrol->tick);
  xim_registration_free (enrol->registration);
  xim_renewal_free (enrol->renewal);
  xim_look_free (enrol->look);
  xim_home_free (enrol->home);
  g_clear_pointer (&enrol->present, xim_verified_unref);
  xim_own_free (enrol->own);
  g_clear_error (&enrol->error);
  g_free (enrol->jid);
  g_free (enrol);
}
