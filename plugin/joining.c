/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* This device becomes one of the account: keys, code, approval, list. */

#include "config.h"

#include "joining.h"

#include "clock.h"
#include "i18n.h"

#define AGAIN_MAX 5 /* the list changed while it was asked */

struct _XimJoining
{
  XimAmendParts parts;
  XimJoin *join;
  XimResources *resources;
  XimAmend *amend;
  XimTell tell;
  gpointer user_data;
  gboolean tried;   /* since the sign-on */
  gboolean wanted;  /* as soon as a look has ended */
  gboolean alone;   /* no other client was online */
  gboolean joining; /* a code is shown, or the note is on its way */
  guint n_again;
};

static void ended (XimJoinEnd how, const char *note, gpointer data);

XimJoining *
xim_joining_new (const XimAmendParts *parts, XimResources *resources,
                 XimAmend *amend, XimTell tell, gpointer user_data)
{
  XimJoining *joining = g_new0 (XimJoining, 1);
  joining->parts = *parts;
  joining->resources = resources;
  joining->amend = amend;
  joining->tell = tell;
  joining->user_data = user_data;
  joining->join = xim_join_new (parts->iq, resources, ended, joining);
  return joining;
}

void
xim_joining_free (XimJoining *joining)
{
  if (joining == NULL)
    return;
  xim_join_free (joining->join);
  g_free (joining);
}

void
xim_joining_announce (XimJoining *joining)
{
  xim_join_announce (joining->join);
}

void
xim_joining_stop (XimJoining *joining)
{
  xim_join_stop (joining->join);
  joining->tried = joining->wanted = FALSE;
  joining->alone = joining->joining = FALSE;
  joining->n_again = 0;
}

static void
say (XimJoining *joining, const char *text, gboolean loud)
{
  joining->tell (text, loud, joining->user_data);
}

static void
fail (XimJoining *joining, const char *text)
{
  joining->joining = FALSE;
  joining->n_again = 0;
  say (joining, text, TRUE);
}

/* Asking. */

static void
show_code (XimJoining *joining)
{
  g_autofree char *code = xim_join_code_shown (joining->join);
  g_auto (GStrv) others = xim_resources_list (joining->resources);
  if (others[0] == NULL)
    return;
  g_autofree char *text = g_strdup_printf (
      _ ("This device asks to belong to %s. A device that you use already "
         "asks for this code; type it there within ten minutes: %s"),
      joining->parts.jid, code);
  say (joining, text, TRUE);
}

static void
ask (XimJoining *joining)
{
  g_autoptr (GError) error = NULL;
  XimEnrol *enrol = joining->parts.enrol;
  const XimAccount *present = xim_verified_account (xim_enrol_present (enrol));
  joining->tried = joining->joining = TRUE;
  /* The keys are on the disk before anything of them leaves. */
  if (!xim_own_prepare (xim_enrol_own (enrol), xim_plugin_now_s (), &error)
      || !xim_join_ask (joining->join, present,
                        xim_own_sender (xim_enrol_own (enrol)),
                        xim_plugin_now_s (), &error))
    {
      purple_debug_error ("x-im", "joining: %s\n", error->message);
      fail (joining,
            error->code == XIM_ERROR_TOO_LARGE
                ? _ ("This device cannot be added: there are 16 devices "
                     "already. Remove one of them first: /xim devices")
                : _ ("This device cannot be added: its keys could not be "
                     "made."));
      return;
    }
  show_code (joining);
}

static gboolean
is_unlocked (const XimJoining *joining)
{
  return xim_keystore_state (joining->parts.keystore) == XIM_KEYSTORE_UNLOCKED;
}

static gboolean
can_ask (const XimJoining *joining)
{
  XimEnrol *enrol = joining->parts.enrol;
  return xim_enrol_state (enrol) == XIM_ENROL_OTHER_DEVICE
         && xim_enrol_present (enrol) != NULL && is_unlocked (joining);
}

/* What was removed never comes back: this device becomes another one. */
static gboolean
forget_removed (XimJoining *joining)
{
  g_autoptr (GError) error = NULL;
  XimAlarm alarm = xim_enrol_alarm (joining->parts.enrol);
  if ((alarm != XIM_ALARM_REMOVED && alarm != XIM_ALARM_RESET)
      || xim_own_wipe (xim_enrol_own (joining->parts.enrol), &error))
    return TRUE;
  purple_debug_error ("x-im", "joining: %s\n", error->message);
  return FALSE;
}

void
xim_joining_start (XimJoining *joining)
{
  if (!forget_removed (joining))
    {
      fail (joining, _ ("This device cannot be added: a file of X-IM cannot "
                        "be written."));
      return;
    }
  joining->n_again = 0;
  joining->wanted = TRUE;
  xim_enrol_look (joining->parts.enrol);
}

void
xim_joining_looked (XimJoining *joining)
{
  if (!can_ask (joining))
    return;
  g_auto (GStrv) others = xim_resources_list (joining->resources);
  gboolean by_itself = !joining->tried && others[0] != NULL;
  if (joining->wanted || (by_itself && !joining->joining))
    {
      joining->wanted = FALSE;
      ask (joining);
    }
  else if (!joining->tried && others[0] == NULL)
    {
      joining->tried = joining->alone = TRUE;
      say (joining,
           _ ("Your address has keys on another device. Sign on there too; "
              "then this device asks to be added. If you have no other device "
              "any more, type /xim reset"),
           TRUE);
    }
}

void
xim_joining_came (XimJoining *joining, const char *full)
{
  if (joining->joining)
    xim_join_came (joining->join, full);
  else if (joining->alone && can_ask (joining))
    {
      joining->alone = FALSE;
      ask (joining);
    }
}

/* Answers. */

static void
again (XimJoining *joining)
{
  joining->joining = FALSE;
  if (++joining->n_again > AGAIN_MAX)
    {
      fail (joining, _ ("This device was not added: the list of your devices "
                        "changes all the time. Try again later: /xim join"));
      return;
    }
  say (joining,
       _ ("The list of your devices has changed meanwhile: the code is "
          "another one now."),
       FALSE);
  joining->wanted = TRUE;
  xim_enrol_look (joining->parts.enrol);
}

static void
take_signed (XimJoining *joining, const char *note)
{
  if (!xim_amend_join (joining->amend, note))
    fail (joining, _ ("This device was not added: another change of your "
                      "devices is under way. Try again: /xim join"));
}

static void
ended (XimJoinEnd how, const char *note, gpointer data)
{
  XimJoining *joining = data;
  switch (how)
    {
    case XIM_JOIN_SIGNED:
      take_signed (joining, note);
      return;
    case XIM_JOIN_CHANGED:
      again (joining);
      return;
    case XIM_JOIN_NOBODY:
      joining->alone = TRUE;
      fail (joining,
            _ ("This device was not added: none of your other devices is "
               "online. Sign on there and type /xim join here; if you have no "
               "other device any more, type /xim reset"));
      return;
    case XIM_JOIN_REFUSED:
      fail (joining,
            _ ("This device was not added: it was refused on another device, "
               "or the code was wrong three times. To try again with a new "
               "code, type /xim join"));
      return;
    case XIM_JOIN_TIMEOUT:
      fail (joining, _ ("This device was not added: no code was typed within "
                        "ten minutes. To try again, type /xim join"));
      return;
    case XIM_JOIN_LIED:
      fail (joining, _ ("This device was not added: what the other client "
                        "answered is wrong. To try again, type /xim join"));
      return;
    case XIM_JOIN_CANNOT:
    default:
      fail (joining,
            _ ("This device was not added: none of your clients that are "
               "online can add it now. Unlock the keys there and type /xim "
               "join here"));
      return;
    }
}

void
xim_joining_registered (XimJoining *joining, const GError *error)
{
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_CONFLICT))
    {
      again (joining);
      return;
    }
  joining->joining = FALSE;
  xim_join_announce (joining->join);
  if (error == NULL)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("This device belongs to %s now. It can read what is written from "
             "here on."),
          joining->parts.jid);
      say (joining, text, TRUE);
    }
  else if (g_error_matches (error, XIM_ERROR, XIM_ERROR_EXPIRED))
    fail (joining, _ ("This device was not added: typing the code took too "
                      "long, or the clock of this computer is wrong. To try "
                      "again, type /xim join"));
  else
    fail (joining, _ ("This device was not added: the keyserver did not take "
                      "it. To try again, type /xim join"));
}
