/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lines for users in the conversation, one for each thing that happens. */

#include "config.h"

#include "notices.h"

#include <time.h>

#include "i18n.h"

#define DATA_STATE "xim-state"

static void
write_line (PurpleConversation *conv, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);
  g_autofree char *html = purple_strdup_withhtml (markup);

  purple_conversation_write (conv, "", html, PURPLE_MESSAGE_SYSTEM,
                             time (NULL));
}

void
xim_notices_line (PurpleAccount *account, const char *who, gboolean open,
                  const char *text)
{
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, who, account);

  if (conv == NULL && open)
    conv = purple_conversation_new (PURPLE_CONV_TYPE_IM, account, who);
  if (conv != NULL)
    write_line (conv, text);
}

gboolean
xim_notices_once (PurpleConversation *conv, const char *key, const char *text)
{
  if (purple_conversation_get_data (conv, key) != NULL)
    return FALSE;
  purple_conversation_set_data (conv, key, GINT_TO_POINTER (TRUE));
  write_line (conv, text);
  return TRUE;
}

void
xim_notices_state (PurpleAccount *account, const char *who, XimFaceState state,
                   XimHoldReason reason, const char *text)
{
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, who, account);
  const gpointer now = GINT_TO_POINTER (1 + (int)state * 256 + (int)reason);

  if (conv == NULL || purple_conversation_get_data (conv, DATA_STATE) == now)
    return;
  purple_conversation_set_data (conv, DATA_STATE, now);
  write_line (conv, text);
  xim_face_changed (account, who);
}

void
xim_notices_not_sent (PurpleAccount *account, const char *who,
                      const char *html, const char *why)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  xim_notices_line (account, who, TRUE, why);
  if (xim_face_return_text (account, who, html))
    return;
  text = purple_markup_strip_html (html);
  line = g_strdup_printf (_ ("Not sent: %s"), text);
  xim_notices_line (account, who, TRUE, line);
}

static const char *const hold_formats[] = {
  [XIM_HOLD_LOCKED]
  = N_ ("Locked: nothing can be sent to %s while your keys are "
        "locked. To unlock them, type /xim unlock"),
  [XIM_HOLD_OWN_KEYS]
  = N_ ("Waiting: your own keys are not ready yet. What you write to "
        "%s goes when they are."),
  [XIM_HOLD_LOOKING_UP] = N_ ("Waiting: the keys of %s are being looked up."),
  [XIM_HOLD_UNREACHABLE]
  = N_ ("Waiting: the keyserver of %s cannot be reached. What you "
        "write goes when it answers again."),
  [XIM_HOLD_NO_DEVICE]
  = N_ ("Waiting: no device of %s has a key that is still valid. What "
        "you write goes when one of them has been online again."),
  [XIM_HOLD_KEY_CHANGED]
  = N_ ("Stopped: %s started again with new keys, and none of the old "
        "devices confirms them. That is so after a lost device, and "
        "it is so when somebody else takes over the address. Ask your "
        "contact in another way; if it is right, type /xim accept. "
        "What you write waits until then."),
  [XIM_HOLD_ROLLED_BACK]
  = N_ ("Stopped: the keyserver of %s shows older or other keys than "
        "before. This can be an attack. Nothing is sent until it "
        "shows the right ones. What it answered is kept; /xim "
        "evidence says where."),
  [XIM_HOLD_DENIED]
  = N_ ("Stopped: a message of %s names keys that the keyserver does "
        "not show. This can be an attack. Ask your contact in another "
        "way which devices are right; to go on with those that the "
        "keyserver shows, type /xim accept"),
  [XIM_HOLD_SERVER_CHANGED]
  = N_ ("Stopped: the keyserver of %s shows another key than before. "
        "This can be an attack. Nothing is sent until it shows the "
        "right one; ask its operator."),
  [XIM_HOLD_LEFT]
  = N_ ("Waiting: the keyserver of %1$s says that %1$s has left X-IM. "
        "To write in the clear, type /xim policy never; /xim policy "
        "automatic undoes that."),
  [XIM_HOLD_NO_KEYS]
  = N_ ("Waiting: %s does not use X-IM, and you chose to write only "
        "encrypted. To change that, type /xim policy automatic"),
  [XIM_HOLD_OFFLINE]
  = N_ ("Waiting: this account is not online yet. What you write to "
        "%s goes when it is."),
  [XIM_HOLD_OTHER_DEVICE]
  = N_ ("Stopped: your address has its keys on other devices, and this one "
        "is not added yet. What you write to %s goes when it is. To add it, "
        "type /xim join"),
  [XIM_HOLD_ALARM]
  = N_ ("Stopped: something is wrong with your own keys, so nothing is sent "
        "to %s. What it is, and what to do: /xim status"),
  [XIM_HOLD_BAD_ANSWER]
  = N_ ("Waiting: what the keyserver of %s answered did not pass the "
        "checks, so it is not used. It is asked again by and by."),
  [XIM_HOLD_NOT_LOGGED]
  = N_ ("Stopped: the keyserver of %s does not prove that the keys it shows "
        "are those that everybody sees. This can be an attack. Nothing is "
        "sent until it proves it; it is asked again by and by."),
  [XIM_HOLD_LOG_FORKED]
  = N_ ("Stopped: the keyserver of %s was caught showing different keys to "
        "different people. Nothing that it says is used any more. The proof "
        "is kept; /xim evidence says where. Ask its operator what happened; "
        "to write in the clear, type /xim policy never"),
};

/* Of a reason that has no words of its own. */
static const char *
hold_format (XimHoldReason reason)
{
  const char *format = (guint)reason < G_N_ELEMENTS (hold_formats)
                           ? hold_formats[reason]
                           : NULL;
  return _ (format != NULL ? format : hold_formats[XIM_HOLD_BAD_ANSWER]);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

char *
xim_notices_hold_text (XimHoldReason reason, const char *who)
{
  return g_strdup_printf (hold_format (reason), who);
}

char *
xim_notices_sealed_text (gboolean verified, const char *who)
{
  return g_strdup_printf (
      verified ? _ ("Encrypted and verified: only you and %s can read what "
                    "you write here.")
               : _ ("Encrypted: only you and %s can read what you write "
                    "here."),
      who);
}

char *
xim_notices_unmarked_text (const char *who)
{
  return g_strdup_printf (_ ("%s is no longer verified. To compare keys "
                             "again, type /xim verify"),
                          who);
}

char *
xim_notices_plain_text (gboolean enrolled, XimPolicy policy, const char *who)
{
  if (!enrolled)
    return g_strdup (_ ("NOT encrypted: X-IM is not set up for this account "
                        "yet."));
  if (policy == XIM_POLICY_NEVER)
    return g_strdup_printf (_ ("NOT encrypted: you chose to write to %s in "
                               "the clear. To undo that, type /xim policy "
                               "automatic"),
                            who);
  return g_strdup_printf (_ ("NOT encrypted: %s does not use X-IM."), who);
}

static const char *
failure_format (XimError code)
{
  switch (code)
    {
    case XIM_ERROR_NOT_FOR_US:
      return _ ("A message from %s cannot be read: it was not sealed to this "
                "device. Ask for it to be sent again.");
    case XIM_ERROR_SIGNATURE:
      return _ ("A message that claims to be from %s was not shown: its "
                "signature is wrong. Ask your contact in another way whether "
                "it was sent.");
    case XIM_ERROR_WRONG_NAME:
      return _ (
          "A message that came from %s was not shown: it was written by "
          "or for somebody else. Ask your contact in another way whether "
          "it was sent.");
    case XIM_ERROR_NOT_FOUND:
      return _ ("A message from %s was not shown: the device that signed it "
                "is not one of this contact. Ask for it to be sent again.");
    case XIM_ERROR_KEY_CHANGED:
      return _ ("A message from %s was not shown: the keys of this contact "
                "are not the ones that you knew. Ask your contact in another "
                "way whether that is right; then type /xim accept");
    case XIM_ERROR_EXPIRED:
      return _ ("A message from %s was not shown: its time does not fit. "
                "Check the date and the time of both computers.");
    case XIM_ERROR_UNSUPPORTED:
      return _ ("A message from %s cannot be read: it was made by a newer "
                "X-IM. Install the newest one.");
    case XIM_ERROR_STORE:
      return _ ("A message from %s was not shown: a file of X-IM cannot be "
                "written. Look whether the disk is full.");
    case XIM_ERROR_TOO_MANY:
      return _ ("A message from %s was dropped: too many wait already for the "
                "keys of their senders. Ask for it to be sent again later.");
    case XIM_ERROR_MALFORMED:
    case XIM_ERROR_TOO_LARGE:
    case XIM_ERROR_REPLAYED:
    case XIM_ERROR_NOT_LOGGED:
    case XIM_ERROR_NO_PROOF:
    case XIM_ERROR_CONFLICT:
    case XIM_ERROR_UNAVAILABLE:
    default:
      return _ ("A message from %s cannot be read: it was damaged on its way. "
                "Ask for it to be sent again.");
    }
}

char *
xim_notices_failure_text (XimError code, const char *who)
{
  return g_strdup_printf (failure_format (code), who);
}

static const char *
evidence_format (XimError code)
{
  switch ((int)code)
    {
    case XIM_ERROR_KEY_CHANGED:
      return _ ("WARNING: the keyserver showed keys of %s that do not follow "
                "from the ones you knew. What it showed is kept as evidence; "
                "/xim evidence says where.");
    case XIM_ERROR_REPLAYED:
      return _ ("WARNING: the keyserver showed an older key of a device of %s "
                "than before; that device is left out. What it showed is kept "
                "as evidence; /xim evidence says where.");
    case XIM_ERROR_SIGNATURE:
      return _ ("WARNING: the keyserver showed keys of %s that are not signed "
                "as they must be; they are not used. What it showed is kept "
                "as evidence; /xim evidence says where.");
    case XIM_ERROR_WRONG_NAME:
      return _ (
          "WARNING: asked for the keys of %s, the keyserver showed those "
          "of somebody else; they are not used. What it showed is kept "
          "as evidence; /xim evidence says where.");
    case XIM_ERROR_NOT_LOGGED:
      return _ ("WARNING: the keyserver does not prove that the keys of %s "
                "that it shows are those that everybody sees; they are not "
                "used. What it showed is kept as evidence; /xim evidence says "
                "where.");
    default:
      return _ ("WARNING: what the keyserver answered about %s cannot be "
                "read; it is not used. It is kept as evidence; /xim evidence "
                "says where.");
    }
}

char *
xim_notices_evidence_text (XimError code, const char *who)
{
  return g_strdup_printf (evidence_format (code), who);
}

char *
xim_notices_alarm_text (gboolean own, const char *from)
{
  return g_strdup_printf (
      own ? _ ("WARNING: %s was shown other keys for your address than you "
               "are. Somebody may read what is written to you. The message "
               "and the keys are kept as evidence; /xim evidence says where. "
               "Ask the operator of your keyserver.")
          : _ ("WARNING: a message of %s names other keys than the keyserver "
               "shows you. Somebody may read what you write there, so nothing "
               "is sent. The message and the keys are kept as evidence; /xim "
               "evidence says where."),
      from);
}

char *
xim_notices_forked_text (const char *domain)
{
  return g_strdup_printf (
      _ ("WARNING: the keyserver of %s was caught showing different keys to "
         "different people: it signed two records of them that contradict "
         "each other. Nothing that it says is used any more, and nothing is "
         "sent to its members. Both records are kept as evidence; /xim "
         "evidence says where. Show them to its operator, and to the people "
         "whom you write to there."),
      domain);
}

#pragma GCC diagnostic pop

const char *
xim_notices_log_alarm_text (XimPlacesAlarm alarm)
{
  switch (alarm)
    {
    case XIM_PLACES_HIDDEN:
      return _ (
          "WARNING: the public record of your keyserver holds new keys for "
          "your address that none of your devices made, and the keyserver "
          "hides them from you. Somebody may read what is written to you, or "
          "write in your name. Nothing is sent from here. The record is kept "
          "as evidence; /xim evidence says where. Tell the people whom you "
          "write to in another way, and ask the operator of the keyserver.");
    case XIM_PLACES_TWICE:
      return _ (
          "WARNING: the public record of your keyserver holds two different "
          "sets of keys for your address in one place, so it shows different "
          "keys to different people. Somebody may read what is written to "
          "you, or write in your name. Nothing is sent from here. The record "
          "is kept as evidence; /xim evidence says where. Tell the people "
          "whom you write to in another way, and ask the operator of the "
          "keyserver.");
    case XIM_PLACES_UNKNOWN:
    case XIM_PLACES_FINE:
    default:
      return NULL;
    }
}

void
xim_notices_unload (void)
{
  for (GList *l = purple_get_conversations (); l != NULL; l = l->next)
    {
      if (purple_conversation_get_data (l->data, DATA_STATE) == NULL)
        continue;
      purple_conversation_set_data (l->data, DATA_STATE, NULL);
      write_line (l->data, _ ("NOT encrypted: X-IM was switched off. From "
                              "here on everything goes in the clear."));
    }
}
