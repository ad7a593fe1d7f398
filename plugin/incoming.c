/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Stanza to envelope to sender to content to text. */

#include "config.h"

#include "incoming.h"

#include <string.h>

#include "address.h"
#include "arrival.h"
#include "clock.h"
#include "held.h"
#include "i18n.h"
#include "notices.h"
#include "opener.h"
#include "xmlnode.h"

/* How often what waits is looked at again, and how long a lookup may take
 * before a line says that something waits. */
#define RETRY_S 10
#define QUIET_S 2

#define DATA_STRANGER "xim-stranger"
#define DATA_BOUNCED "xim-bounced"
#define BOUNCED_S 60

struct _XimIncoming
{
  PurpleAccount *account;
  char *jid;
  XimEnrol *enrol;
  XimPeers *peers;
  XimOpener *opener;
  XimHeldList *waiting;
  XimHeldList *removed; /* of devices that their owners removed */
  GHashTable *allowed;  /* strangers that the user wants to hear */
  GHashTable *told;     /* addresses of which a line says that they wait */
  guint timer;
  guint quiet; /* 0 when no lookup is waited for */
};

static gboolean
retry (gpointer data)
{
  XimIncoming *incoming = data;
  XimKeyring *ring;

  xim_incoming_retry (incoming, NULL);
  ring = xim_enrol_keyring (incoming->enrol);
  if (ring != NULL)
    xim_keyring_expire (ring, xim_plugin_now_s ());
  return TRUE;
}

XimIncoming *
xim_incoming_new (PurpleAccount *account, const char *jid, XimStore *store,
                  XimEnrol *enrol, XimPeers *peers, XimWitness *witness)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimHeldList) waiting
      = xim_held_list_new (store, XIM_HELD_RECEIVED, &error);
  g_autoptr (XimHeldList) removed
      = waiting != NULL
            ? xim_held_list_new (store, XIM_HELD_FROM_REMOVED, &error)
            : NULL;
  XimIncoming *incoming;

  if (removed == NULL)
    {
      purple_debug_error ("x-im", "waiting messages: %s\n", error->message);
      return NULL;
    }
  incoming = g_new0 (XimIncoming, 1);
  incoming->account = account;
  incoming->jid = g_strdup (jid);
  incoming->enrol = enrol;
  incoming->peers = peers;
  incoming->opener = xim_opener_new (jid, store, enrol, peers, witness);
  incoming->waiting = g_steal_pointer (&waiting);
  incoming->removed = g_steal_pointer (&removed);
  incoming->allowed
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  incoming->told
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  incoming->timer = purple_timeout_add_seconds (RETRY_S, retry, incoming);
  return incoming;
}

void
xim_incoming_free (XimIncoming *incoming)
{
  if (incoming == NULL)
    return;
  purple_timeout_remove (incoming->timer);
  if (incoming->quiet != 0)
    purple_timeout_remove (incoming->quiet);
  g_free (incoming->jid);
  xim_opener_free (incoming->opener);
  xim_held_list_free (incoming->waiting);
  xim_held_list_free (incoming->removed);
  g_hash_table_unref (incoming->allowed);
  g_hash_table_unref (incoming->told);
  g_free (incoming);
}

static PurpleConversation *
find_conversation (XimIncoming *incoming, const char *jid)
{
  return purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, jid,
                                                incoming->account);
}

static gboolean
ever_had_keys (XimIncoming *incoming, const char *jid)
{
  XimFacts facts = { 0 };

  xim_peers_facts (incoming->peers, jid, &facts);
  return facts.peer_ever_held || facts.peer == XIM_PEER_READY;
}

/* A lookup tells a keyserver that somebody here wants to know: for strangers
 * only the user does that. */
static gboolean
is_stranger (XimIncoming *incoming, const char *jid)
{
  PurpleConversation *conv = find_conversation (incoming, jid);

  if (strcmp (jid, incoming->jid) == 0
      || xim_address_is_known (incoming->account, jid)
      || g_hash_table_contains (incoming->allowed, jid)
      || ever_had_keys (incoming, jid))
    return FALSE;
  return conv == NULL
         || purple_conversation_get_data (conv, DATA_STRANGER) != NULL;
}

/* Showing */

static void
say (XimIncoming *incoming, const char *jid, const char *text)
{
  xim_notices_line (incoming->account, jid, TRUE, text);
}

/* Opening */

typedef enum
{
  CAME_TO_SHOW, /* the content is in the message now */
  CAME_DONE,    /* nothing to show, or shown already */
  CAME_FAILED,  /* a line has said why */
  CAME_TO_WAIT,
  CAME_FROM_REMOVED, /* good, of a device that was removed */
} Came;

static Came
take_content (XimIncoming *incoming, const XimArrival *arrival,
              const XimContent *content, gboolean mine, gint64 *shown_s)
{
  g_autoptr (GError) error = NULL;
  const gboolean outgoing = strcmp (arrival->jid, incoming->jid) == 0
                            && strcmp (content->to, incoming->jid) != 0;

  if (outgoing && mine)
    return CAME_DONE;
  if (!xim_xmlnode_insert_content (arrival->message, content->children,
                                   &error))
    {
      xim_arrival_say_failure (arrival, error);
      return CAME_FAILED;
    }
  *shown_s = xim_arrival_time (arrival, content->time_s);
  if (!outgoing)
    return CAME_TO_SHOW;
  xim_arrival_show_own (arrival, content, *shown_s);
  return CAME_DONE;
}

static Came
open_arrival (XimIncoming *incoming, const XimArrival *arrival,
              gboolean removed, gint64 *shown_s)
{
  g_autofree char *to = NULL;
  XimOpenerStanza stanza = { .from = arrival->jid,
                             .base64 = arrival->base64,
                             .arrived_s = arrival->arrived_s,
                             .removed = removed };
  g_autoptr (GError) error = NULL;
  g_autoptr (XimContent) content = NULL;
  gboolean mine = FALSE;

  xim_address_kind (incoming->account,
                    xmlnode_get_attrib (arrival->message, "to"), &to);
  stanza.to = to;
  content = xim_opener_open (incoming->opener, &stanza, xim_plugin_now_s (),
                             &mine, &error);
  if (content != NULL)
    return take_content (incoming, arrival, content, mine, shown_s);
  purple_debug_info ("x-im", "incoming: from %s: %s\n", arrival->jid,
                     error->message);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE))
    return CAME_TO_WAIT;
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_REPLAYED))
    return CAME_DONE;
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    return CAME_FROM_REMOVED;
  xim_arrival_say_failure (arrival, error);
  return CAME_FAILED;
}

/* Waiting */

static void
say_stranger (XimIncoming *incoming, const char *jid)
{
  g_autofree char *text = g_strdup_printf (
      _ ("%s is not in your buddy list and sent you an encrypted message. To "
         "look up the keys and read it, type /xim open"),
      jid);
  const gboolean is_new = find_conversation (incoming, jid) == NULL;

  say (incoming, jid, text);
  if (is_new)
    purple_conversation_set_data (find_conversation (incoming, jid),
                                  DATA_STRANGER, GINT_TO_POINTER (TRUE));
}

static void
say_waits (XimIncoming *incoming, const char *jid)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!g_hash_table_add (incoming->told, g_strdup (jid)))
    return;
  if (xim_opener_is_ready (incoming->opener) && is_stranger (incoming, jid))
    {
      say_stranger (incoming, jid);
      return;
    }
  if (!xim_opener_is_ready (incoming->opener))
    text = xim_enrol_state (incoming->enrol) == XIM_ENROL_LOCKED
               ? g_strdup_printf (_ ("A message from %s waits. To read it, "
                                     "unlock your keys: type /xim unlock"),
                                  jid)
               : g_strdup_printf (_ ("A message from %s waits until your own "
                                     "keys are ready."),
                                  jid);
  else if (!xim_opener_can_check (incoming->opener, jid, xim_plugin_now_s (),
                                  &error)
           && g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    text = xim_notices_failure_text (XIM_ERROR_KEY_CHANGED, jid);
  else
    text = g_strdup_printf (_ ("A message from %s waits: sender not checked "
                               "yet. It is shown when the keyserver answers."),
                            jid);
  say (incoming, jid, text);
}

/* A lookup that takes no time needs no line. */
static gboolean
end_quiet (gpointer data)
{
  XimIncoming *incoming = data;
  g_auto (GStrv) addresses = xim_held_list_addresses (incoming->waiting);

  incoming->quiet = 0;
  for (char **address = addresses; *address != NULL; address++)
    say_waits (incoming, *address);
  return FALSE;
}

/* Only after the sender block of a message has named @jid.  Who wrote sealed
 * has got keys since the keyserver said that there are none. */
static void
look_up (XimIncoming *incoming, const char *jid, gint64 arrived_s)
{
  g_autoptr (GError) error = NULL;
  XimFacts facts = { 0 };

  if (xim_opener_can_check (incoming->opener, jid, xim_plugin_now_s (), &error)
      || g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    return;
  xim_peers_facts (incoming->peers, jid, &facts);
  xim_peers_refresh (incoming->peers, jid,
                     facts.peer == XIM_PEER_ABSENT
                         && facts.absent_s <= arrived_s);
}

/* Strangers cannot use up the room of those whom the user knows. */
static gboolean
has_room (XimIncoming *incoming, const char *jid)
{
  const guint max
      = is_stranger (incoming, jid) ? XIM_WAITING_MAX / 2 : XIM_WAITING_MAX;

  return xim_held_list_n (incoming->waiting, jid) < XIM_WAITING_PER_SENDER_MAX
         && xim_held_list_n (incoming->waiting, NULL) < max;
}

static void
wait (XimIncoming *incoming, const XimArrival *arrival)
{
  g_autoptr (GError) error = NULL;
  XimHeld row;
  g_autoptr (GBytes) data = xim_arrival_row (arrival, XIM_HELD_WAITING, &row);

  if (!has_room (incoming, arrival->jid))
    g_set_error (&error, XIM_ERROR, XIM_ERROR_TOO_MANY,
                 "at most %d messages of one sender and %d in all may wait",
                 XIM_WAITING_PER_SENDER_MAX, XIM_WAITING_MAX);
  if (error != NULL
      || !xim_held_list_add (incoming->waiting, &row, FALSE, &error))
    {
      xim_arrival_say_failure (arrival, error);
      return;
    }
  if (!xim_opener_is_ready (incoming->opener)
      || is_stranger (incoming, arrival->jid))
    {
      say_waits (incoming, arrival->jid);
      return;
    }
  look_up (incoming, arrival->jid, arrival->arrived_s);
  if (incoming->quiet == 0)
    incoming->quiet
        = purple_timeout_add_seconds (QUIET_S, end_quiet, incoming);
}

/* Of removed devices */

static void
set_aside (XimIncoming *incoming, const XimArrival *arrival)
{
  g_autoptr (GError) error = NULL;
  XimHeld row;
  g_autoptr (GBytes) data = xim_arrival_row (arrival, XIM_HELD_REMOVED, &row);
  const guint n = xim_held_list_n (incoming->removed, arrival->jid);
  g_autofree char *text = g_strdup_printf (
      _ ("A message from a removed device of %s is not shown: whoever has "
         "that "
         "device now can have written it. To see it all the same, type /xim "
         "open"),
      arrival->jid);

  if (n >= XIM_WAITING_PER_SENDER_MAX
      || xim_held_list_n (incoming->removed, NULL) >= XIM_WAITING_MAX)
    g_set_error (&error, XIM_ERROR, XIM_ERROR_TOO_MANY,
                 "at most %d messages of removed devices may wait",
                 XIM_WAITING_PER_SENDER_MAX);
  if (error != NULL
      || !xim_held_list_add (incoming->removed, &row, FALSE, &error))
    xim_arrival_say_failure (arrival, error);
  else if (n == 0)
    xim_arrival_say (arrival, text);
}

/* Opens what was kept; @removed as in open_arrival(). */
static Came
try_row (XimIncoming *incoming, const XimHeld *row, gboolean removed)
{
  gsize len = 0;
  const char *text = g_bytes_get_data (row->data, &len);
  xmlnode *message = xmlnode_from_str (text, (gssize)len);
  g_autofree char *base64
      = message != NULL ? xim_xmlnode_sealed (message) : NULL;
  XimArrival arrival = { .account = incoming->account,
                         .message = message,
                         .jid = row->jid,
                         .base64 = base64,
                         .arrived_s = row->time_s };
  g_autofree char *full = NULL;
  gint64 shown_s = 0;
  Came came = CAME_DONE;

  if (base64 != NULL)
    {
      full = g_strdup (xmlnode_get_attrib (message, "from"));
      arrival.full = full != NULL ? full : row->jid;
      xim_xmlnode_remove_readable (message);
      came = open_arrival (incoming, &arrival, removed, &shown_s);
    }
  if (came == CAME_TO_SHOW && removed)
    xim_arrival_mark_removed (&arrival);
  if (came == CAME_TO_SHOW)
    xim_arrival_show_late (&arrival, shown_s);
  else if (came == CAME_FROM_REMOVED)
    set_aside (incoming, &arrival);
  if (message != NULL)
    xmlnode_free (message);
  return came;
}

static void
open_removed (XimIncoming *incoming, const char *jid)
{
  g_autoptr (GPtrArray) rows
      = xim_held_list_load (incoming->removed, jid, NULL);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const XimHeld *row = g_ptr_array_index (rows, i);
      if (try_row (incoming, row, TRUE) == CAME_TO_WAIT)
        return;
      xim_held_list_remove (incoming->removed, row->id, NULL);
    }
}

static void
retry_one (XimIncoming *incoming, const char *jid)
{
  g_autoptr (GPtrArray) rows = NULL;

  if (xim_held_list_n (incoming->waiting, jid) == 0
      || is_stranger (incoming, jid))
    return;
  rows = xim_held_list_load (incoming->waiting, jid, NULL);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const XimHeld *row = g_ptr_array_index (rows, i);
      if (try_row (incoming, row, FALSE) == CAME_TO_WAIT)
        {
          look_up (incoming, jid, row->time_s);
          return;
        }
      xim_held_list_remove (incoming->waiting, row->id, NULL);
    }
  g_hash_table_remove (incoming->told, jid);
}

void
xim_incoming_retry (XimIncoming *incoming, const char *jid)
{
  g_auto (GStrv) addresses = NULL;

  if (!xim_opener_is_ready (incoming->opener)
      || !purple_account_is_connected (incoming->account))
    return;
  if (jid != NULL)
    {
      retry_one (incoming, jid);
      return;
    }
  addresses = xim_held_list_addresses (incoming->waiting);
  for (char **address = addresses; *address != NULL; address++)
    retry_one (incoming, *address);
}

void
xim_incoming_allow (XimIncoming *incoming, const char *jid)
{
  g_hash_table_add (incoming->allowed, g_strdup (jid));
  g_hash_table_remove (incoming->told, jid);
  xim_incoming_retry (incoming, jid);
  if (xim_opener_is_ready (incoming->opener))
    open_removed (incoming, jid);
}

guint
xim_incoming_n_waiting (XimIncoming *incoming, const char *jid)
{
  return xim_held_list_n (incoming->waiting, jid);
}

guint
xim_incoming_n_removed (XimIncoming *incoming, const char *jid)
{
  return xim_held_list_n (incoming->removed, jid);
}

/* Arriving */

static void
receive_plain (XimIncoming *incoming, const char *jid, xmlnode *message)
{
  g_autofree char *mark = NULL;

  if (!xim_xmlnode_has_text (message) || !ever_had_keys (incoming, jid))
    return;
  mark = g_strconcat (_ ("[NOT encrypted]"), " ", NULL);
  xim_xmlnode_mark (message, mark);
}

/* A bounce brings our own message back: it is not opened. */
static void
receive_error (XimIncoming *incoming, const char *jid, xmlnode *message)
{
  PurpleConversation *conv = find_conversation (incoming, jid);
  g_autofree char *base64 = xim_xmlnode_sealed (message);
  const gint64 now_s = xim_plugin_boot_s ();
  gint64 last_s;

  if (base64 != NULL)
    xim_xmlnode_remove_bodies (message);
  else
    receive_plain (incoming, jid, message);
  if (conv == NULL)
    return;
  last_s = GPOINTER_TO_INT (purple_conversation_get_data (conv, DATA_BOUNCED));
  if (last_s != 0 && now_s - last_s < BOUNCED_S)
    return;
  purple_conversation_set_data (conv, DATA_BOUNCED, GINT_TO_POINTER (now_s));
  g_autofree char *text
      = g_strdup_printf (_ ("Not delivered: a server returned what you sent "
                            "to %s."),
                         jid);
  say (incoming, jid, text);
}

static gboolean
receive_sealed (XimIncoming *incoming, const XimArrival *arrival)
{
  gint64 shown_s = 0;
  Came came = CAME_TO_WAIT;

  xim_xmlnode_remove_readable (arrival->message);
  if (!purple_privacy_check (incoming->account, arrival->full))
    return FALSE;
  if (xim_held_list_n (incoming->waiting, arrival->jid) == 0)
    came = open_arrival (incoming, arrival, FALSE, &shown_s);
  switch (came)
    {
    case CAME_TO_SHOW:
      if (ABS (shown_s - xim_plugin_now_s ()) > XIM_ARRIVAL_DIFFERS_S
          || xim_xmlnode_delay (arrival->message) != 0)
        xim_xmlnode_set_delay (arrival->message, shown_s);
      return FALSE;
    case CAME_TO_WAIT:
      wait (incoming, arrival);
      return TRUE;
    case CAME_FROM_REMOVED:
      set_aside (incoming, arrival);
      return TRUE;
    case CAME_DONE:
      return TRUE;
    case CAME_FAILED:
    default:
      return FALSE;
    }
}

static gboolean
takes_part (const XimIncoming *incoming)
{
  return xim_enrol_ever (incoming->enrol)
         || xim_enrol_offered (incoming->enrol);
}

gboolean
xim_incoming_message (XimIncoming *incoming, const char *type,
                      const char *from, const char *to, xmlnode *message)
{
  g_autofree char *jid = NULL;
  g_autofree char *base64 = NULL;
  XimArrival arrival
      = { .account = incoming->account, .message = message, .full = from };

  (void)to;
  if (!takes_part (incoming) || purple_strequal (type, "groupchat")
      || from == NULL
      || xim_address_kind (incoming->account, from, &jid)
             != XIM_ADDRESS_PERSON)
    return FALSE;
  if (purple_strequal (type, "error"))
    {
      receive_error (incoming, jid, message);
      return FALSE;
    }
  base64 = xim_xmlnode_sealed (message);
  if (base64 == NULL)
    {
      receive_plain (incoming, jid, message);
      return FALSE;
    }
  arrival.jid = jid;
  arrival.base64 = base64;
  arrival.arrived_s = xim_plugin_now_s ();
  return receive_sealed (incoming, &arrival);
}
