/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* How it stands with an account and with a contact, in words. */

#include "config.h"

#include "status.h"

#include "address.h"
#include "enrol-words.h"
#include "i18n.h"
#include "key-warning.h"
#include "logs.h"
#include "marks.h"
#include "notices.h"

/* When the log was read to its end last, in the user's own time. */
static char *
read_text (const XimStoreReading *reading)
{
  g_autoptr (GDateTime) time
      = g_date_time_new_from_unix_local (reading->time_s);
  g_autofree char *when
      = time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M") : NULL;

  g_autofree char *size
      = g_strdup_printf ("%" G_GUINT64_FORMAT, reading->head.size);

  return g_strdup_printf (
      /* TRANSLATORS: a number, then a date with a time. */
      _ ("The public record of your keyserver (%s entries) was last searched "
         "for false keys of yours on %s; there were none."),
      size, when);
}

/* Returns: NULL when nothing is known of a log yet. */
static char *
log_text (const XimAccountState *state)
{
  const char *domain = xim_jid_domain (state->jid);
  XimStoreReading reading = { 0 };
  gboolean found = FALSE;
  const char *alarm
      = xim_notices_log_alarm_text (xim_places_alarm (state->store));

  if (xim_log_is_forked (state->store, domain))
    return xim_notices_forked_text (domain);
  if (alarm != NULL)
    return g_strdup (alarm);
  if (!xim_store_load_reading (state->store, &found, &reading, NULL) || !found
      || reading.time_s == 0)
    return NULL;
  return read_text (&reading);
}

char *
xim_status_account (const XimAccountState *state)
{
  /* TRANSLATORS: an address, then how it stands with its keys. */
  g_autofree char *keys = g_strdup_printf (
      _ ("%s: %s"), state->jid, xim_enrol_words_state (state->enrol));
  g_autofree char *log = log_text (state);

  return log != NULL ? g_strdup_printf ("%s\n%s", keys, log)
                     : g_steal_pointer (&keys);
}

static char *
decision_text (const XimAccountState *state, const char *jid)
{
  XimHoldReason reason = XIM_HOLD_NONE;

  switch (xim_outgoing_decide (state->outgoing, jid, &reason))
    {
    case XIM_SEAL:
      return xim_notices_sealed_text (
          xim_marks_holds (state->store, state->peers, jid), jid);
    case XIM_PLAIN:
      return xim_notices_plain_text (
          xim_enrol_ever (state->enrol)
              || xim_enrol_state (state->enrol) == XIM_ENROL_OTHER_DEVICE,
          xim_peers_policy (state->peers, jid), jid);
    case XIM_HOLD:
    default:
      return xim_notices_hold_text (reason, jid);
    }
}

char *
xim_status_contact (const XimAccountState *state, const char *jid)
{
  const guint n_held = xim_outgoing_n_held (state->outgoing, jid);
  const guint n_waiting = xim_incoming_n_waiting (state->incoming, jid);
  const guint n_removed = xim_incoming_n_removed (state->incoming, jid);
  g_autofree char *decision = decision_text (state, jid);
  g_autofree char *key_warning
      = xim_key_warning_text (state->discovery, xim_jid_domain (jid));
  g_autoptr (GString) text = g_string_new (decision);

  if (key_warning != NULL)
    g_string_append_printf (text, "\n%s", key_warning);
  if (n_held > 0)
    g_string_append_printf (text,
                            NG_ ("\n%u message to %s waits to be sent.",
                                 "\n%u messages to %s wait to be sent.",
                                 n_held),
                            n_held, jid);
  if (n_waiting > 0)
    g_string_append_printf (text,
                            NG_ ("\n%u message from %s waits to be read.",
                                 "\n%u messages from %s wait to be read.",
                                 n_waiting),
                            n_waiting, jid);
  if (n_removed > 0)
    g_string_append_printf (
        text,
        NG_ ("\n%u message from a removed device of %s is not shown; to see "
             "it, type /xim open",
             "\n%u messages from removed devices of %s are not shown; to see "
             "them, type /xim open",
             n_removed),
        n_removed, jid);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
is_marked (const XimAccountState *state, const char *who)
{
  g_autofree char *jid = NULL;

  return xim_address_kind (state->purple, who, &jid) == XIM_ADDRESS_PERSON
         && xim_marks_holds (state->store, state->peers, jid);
}

XimFaceState
xim_status_face (const XimAccountState *state, const char *who)
{
  XimHoldReason reason = XIM_HOLD_NONE;

  switch (xim_outgoing_decide (state->outgoing, who, &reason))
    {
    case XIM_SEAL:
      return is_marked (state, who) ? XIM_FACE_VERIFIED : XIM_FACE_ENCRYPTED;
    case XIM_PLAIN:
      return XIM_FACE_NOT_ENCRYPTED;
    case XIM_HOLD:
    default:
      return reason == XIM_HOLD_LOCKED ? XIM_FACE_LOCKED : XIM_FACE_WAITING;
    }
}
