/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own device: keys, proof, registration, renewal. */

#include "config.h"

#include "enrol.h"

#include <string.h>

#include "clock.h"
#include "judge.h"
#include "keyserver.h"

#define RETRY_MIN_S 5
#define RETRY_MAX_S 900
#define LOOK_AGAIN_S 3600 /* whether there is a keyserver, or a free place */
#define TICK_S 60

struct _XimEnrol
{
  char *jid;
  XimStore *store;
  XimHttp *http;
  XimIq *iq;
  XimDiscovery *discovery;
  XimKeystore *keystore;
  XimOwn *own;
  XimEnrolCallback changed;
  gpointer user_data;

  XimEnrolState state;
  GError *error;
  gint64 clock_off_s;
  gboolean needs_unlock;
  gboolean online;
  gboolean is_member;    /* the own address has keys of another device */

  /* The attempt under way, in the order of its steps. */
  gboolean finding;
  char *base_url;
  char *ca_file;
  gboolean local;
  guint request;
  guint question;
  guint n_failures;
  guint timer; /* the next attempt */
  guint tick;
};

static void
set_state (XimEnrol *enrol, XimEnrolState state)
{
  if (enrol->state == state)
    return;
  enrol->state = state;
  enrol->changed (enrol->user_data);
}

static XimEnrolState
resting_state (const XimEnrol *enrol)
{
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
  if (enrol->finding)
    xim_discovery_forget (enrol->discovery, enrol);
  enrol->finding = FALSE;
  xim_http_cancel (enrol->http, enrol->request);
  enrol->request = 0;
  xim_iq_cancel (enrol->iq, enrol->question);
  enrol->question = 0;
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
  g_clear_error (&enrol->error);
  enrol->error = error;
  gint64 wait_s
      = xim_plugin_backoff_s (enrol->n_failures++, RETRY_MIN_S, RETRY_MAX_S);
  schedule (enrol, MAX (wait_s, (gint64)retry_after_s));
  if (enrol->state != XIM_ENROL_READY)
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
fail_refused (XimEnrol *enrol, const XimHttpAnswer *answer)
{
  GError *error = NULL;
  XimRefusal refusal;
  xim_keyserver_refusal (answer, &refusal, &error);
  if (error->code == XIM_ERROR_EXPIRED && refusal.now_s != 0)
    enrol->clock_off_s = xim_plugin_now_s () - refusal.now_s;
  fail (enrol, error, answer->retry_after_s);
}

static void
succeed (XimEnrol *enrol)
{
  g_clear_error (&enrol->error);
  enrol->clock_off_s = 0;
  enrol->n_failures = 0;
  set_state (enrol, XIM_ENROL_READY);
}

static void
send (XimEnrol *enrol, const char *method, const char *url, const char *type,
      const char *body, XimHttpCallback callback)
{
  XimHttpRequest request = {
    .method = method,
    .url = url,
    .ca_file = enrol->ca_file,
    .local = enrol->local,
    .content_type = type,
    .body = body,
    .body_len = body != NULL ? strlen (body) : 0,
    .max_len = XIM_BUNDLE_MAX,
  };
  enrol->request = xim_http_send (enrol->http, &request, callback, enrol);
}

/* Renewing. */

static const XimServer *
server_of (XimEnrol *enrol)
{
  return xim_discovery_known (enrol->discovery, xim_jid_domain (enrol->jid));
}

static void
got_renewal (const XimHttpAnswer *answer, gpointer data)
{
  XimEnrol *enrol = data;
  enrol->request = 0;
  if (answer->outcome != XIM_HTTP_ANSWER || answer->status != 200)
    {
      fail_refused (enrol, answer);
      return;
    }
  GError *error = NULL;
  gsize len = 0;
  const char *note = g_bytes_get_data (answer->body, &len);
  if (!xim_own_accept_key (enrol->own, note, len, server_of (enrol)->key,
                           xim_plugin_now_s (), &error))
    {
      fail (enrol, error, 0);
      return;
    }
  purple_debug_info ("x-im", "enrol: %s: new key countersigned\n", enrol->jid);
  succeed (enrol);
}

static void
renew (XimEnrol *enrol)
{
  GError *error = NULL;
  const char *note = NULL;
  if (!xim_own_renew (enrol->own, xim_plugin_now_s (), &note, &error))
    {
      fail (enrol, error, 0);
      return;
    }
  g_autofree char *url = xim_keyserver_device_url (
      enrol->base_url, enrol->jid, xim_own_device (enrol->own));
  purple_debug_info ("x-im", "enrol: %s: a new key is sent\n", enrol->jid);
  send (enrol, "PUT", url, "text/plain; charset=utf-8", note, got_renewal);
}

/* A bundle of the own address: after a registration, or before one. */

/* From now on this account is one of a member: what it cannot seal waits. */
static void
other_device (XimEnrol *enrol, const XimVerified *verified)
{
  g_autoptr (GError) error = NULL;
  enrol->is_member = TRUE;
  if (!xim_judge_remember (enrol->store, verified, &error))
    purple_debug_error ("x-im", "enrol: %s\n", error->message);
  purple_debug_info ("x-im", "enrol: %s has keys of another device\n",
                     enrol->jid);
  schedule (enrol, LOOK_AGAIN_S);
  set_state (enrol, XIM_ENROL_OTHER_DEVICE);
}

static void
take_bundle (XimEnrol *enrol, GBytes *body)
{
  GError *error = NULL;
  gint64 now_s = xim_plugin_now_s ();
  gsize len = 0;
  const char *json = g_bytes_get_data (body, &len);
  XimOwnStanding standing = XIM_OWN_NOT_LISTED;
  g_autoptr (XimVerified) verified = xim_judge_bundle (
      enrol->store, server_of (enrol), enrol->jid, json, len, now_s, &error);
  if (verified == NULL
      || !xim_own_accept (enrol->own, verified, now_s, &standing, &error))
    {
      if (error->code == XIM_ERROR_EXPIRED)
        enrol->clock_off_s = xim_judge_clock_off_s (json, len, now_s);
      fail (enrol, error, 0);
      return;
    }
  if (standing == XIM_OWN_NOT_LISTED)
    {
      other_device (enrol, verified);
      return;
    }
  if (standing == XIM_OWN_COPIED)
    {
      fail_for (enrol, XIM_ERROR_CONFLICT,
                "the newest key of this device should be one of ours");
      return;
    }
  purple_debug_info ("x-im", "enrol: %s is enrolled, countersigned\n",
                     enrol->jid);
  if (!xim_own_renewal_due (enrol->own, now_s))
    {
      succeed (enrol);
      return;
    }
  set_state (enrol, XIM_ENROL_READY);
  renew (enrol);
}

/* Registering. */

static void got_account (const XimHttpAnswer *answer, gpointer data);

static void
post (XimEnrol *enrol)
{
  GError *error = NULL;
  XimOwnOffer offer;
  if (!xim_own_offer (enrol->own, xim_plugin_now_s (), &offer, &error))
    {
      fail (enrol, error, 0);
      return;
    }
  g_autofree char *url
      = xim_keyserver_account_url (enrol->base_url, enrol->jid);
  g_autofree char *body
      = xim_keyserver_registration (offer.account, offer.device);
  purple_debug_info ("x-im", "enrol: %s: the keys are sent\n", enrol->jid);
  send (enrol, "POST", url, "application/json", body, got_account);
}

static void
got_proof (xmlnode *answer, gpointer data)
{
  XimEnrol *enrol = data;
  enrol->question = 0;
  if (xim_iq_is_result (answer))
    {
      post (enrol);
      return;
    }
  fail_for (enrol, XIM_ERROR_UNAVAILABLE,
            answer != NULL
                ? "the keyserver should take the proof and refused it"
                : "the keyserver should take the proof, did not answer");
}

/* The keys are on the disk before anything of them leaves. */
static void
prove (XimEnrol *enrol)
{
  GError *error = NULL;
  XimOwnOffer offer;
  gint64 now_s = xim_plugin_now_s ();
  gboolean ok = xim_own_has_device (enrol->own)
                || xim_own_make (enrol->own, now_s, &error);
  if (!ok || !xim_own_offer (enrol->own, now_s, &offer, &error))
    {
      fail (enrol, error, 0);
      return;
    }
  g_autofree char *digest = xim_codec_base64_encode (
      offer.digest.bytes, sizeof offer.digest.bytes);
  purple_debug_info ("x-im", "enrol: %s: proof of the address is sent\n",
                     enrol->jid);
  XimIqElement element = { "prove", XIM_NS_REGISTER, "digest", digest };
  enrol->question = xim_iq_send_element (
      enrol->iq, "set", server_of (enrol)->origin, &element, got_proof, enrol);
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
take_absence (XimEnrol *enrol, GBytes *body)
{
  GError *error = NULL;
  g_autoptr (XimAbsent) absent = xim_judge_absent (
      server_of (enrol), enrol->jid, body, xim_plugin_now_s (), &error);
  if (absent == NULL)
    {
      fail (enrol, error, 0);
      return;
    }
  if (!is_unlocked (enrol))
    {
      ask_to_unlock (enrol);
      return;
    }
  if (!xim_own_ever (enrol->own))
    {
      prove (enrol);
      return;
    }
  /* A known account is never new again: coming back is for the user. */
  fail_for (enrol, XIM_ERROR_NOT_FOUND,
            "the keyserver should have our keys and says there are none");
}

static void
got_account (const XimHttpAnswer *answer, gpointer data)
{
  XimEnrol *enrol = data;
  enrol->request = 0;
  gboolean whole = answer->outcome == XIM_HTTP_ANSWER;
  if (whole && answer->status == 200)
    take_bundle (enrol, answer->body);
  else if (whole && answer->status == 404)
    take_absence (enrol, answer->body);
  else
    fail_refused (enrol, answer);
}

static void
look_up (XimEnrol *enrol)
{
  g_autofree char *url
      = xim_keyserver_account_url (enrol->base_url, enrol->jid);
  send (enrol, "GET", url, NULL, NULL, got_account);
}

/* Finding. */

static void
found (XimEnrol *enrol, const XimDomain *domain)
{
  g_free (enrol->base_url);
  g_free (enrol->ca_file);
  enrol->base_url = g_strdup (domain->base_url);
  enrol->ca_file = g_strdup (domain->ca_file);
  enrol->local = domain->local;
  GError *error = NULL;
  /* Who has another device already need not choose a passphrase here. */
  if (!is_unlocked (enrol) && xim_own_has_device (enrol->own))
    ask_to_unlock (enrol);
  else if (!is_unlocked (enrol) || xim_own_unlock (enrol->own, &error))
    look_up (enrol);
  else
    fail (enrol, error, 0);
}

static void
got_domain (const XimDomain *domain, gpointer data)
{
  XimEnrol *enrol = data;
  enrol->finding = FALSE;
  switch (domain->state)
    {
    case XIM_DOMAIN_PINNED:
      found (enrol, domain);
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
      return;
    }
}

static void
begin (XimEnrol *enrol)
{
  if (!enrol->online || enrol->finding || enrol->request != 0
      || enrol->question != 0)
    return;
  if (is_unlocked (enrol) && enrol->state != XIM_ENROL_READY)
    set_state (enrol, XIM_ENROL_WORKING);
  enrol->finding = TRUE;
  xim_discovery_find (enrol->discovery, xim_jid_domain (enrol->jid),
                      got_domain, enrol);
}

static gboolean
tick (gpointer data)
{
  XimEnrol *enrol = data;
  if (enrol->state == XIM_ENROL_READY && enrol->timer == 0
      && xim_own_renewal_due (enrol->own, xim_plugin_now_s ()))
    begin (enrol);
  return TRUE;
}

XimEnrol *
xim_enrol_new (const char *jid, XimStore *store, XimKeystore *keystore,
               XimHttp *http, XimIq *iq, XimDiscovery *discovery,
               XimEnrolCallback changed, gpointer user_data, GError **error)
{
  g_autoptr (GPtrArray) seen = NULL;
  XimOwn *own = xim_store_load_versions (store, jid, &seen, error)
                    ? xim_own_new (jid, store, keystore, error)
                    : NULL;
  if (own == NULL)
    return NULL;
  XimEnrol *enrol = g_new0 (XimEnrol, 1);
  enrol->jid = g_strdup (jid);
  enrol->store = store;
  enrol->keystore = keystore;
  enrol->http = http;
  enrol->iq = iq;
  enrol->discovery = discovery;
  enrol->own = own;
  enrol->changed = changed;
  enrol->user_data = user_data;
  enrol->is_member = seen->len > 0;
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
  if (xim_own_ever (enrol->own))
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

XimOwn *
xim_enrol_own (XimEnrol *enrol)
{
  return enrol->own;
}

XimKeyring *
xim_enrol_keyring (XimEnrol *enrol)
{
  return enrol->state == XIM_ENROL_READY ? xim_own_keyring (enrol->own) : NULL;
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
  xim_own_free (enrol->own);
  g_clear_error (&enrol->error);
  g_free (enrol->base_url);
  g_free (enrol->ca_file);
  g_free (enrol->jid);
  g_free (enrol);
}
