/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* An old device is asked by a new one, and asks its user for the code. */

#include "config.h"

#include "approve.h"

#include <string.h>

#include "clock.h"
#include "history.h"
#include "i18n.h"
#include "join.h"

#define SIGNED_MAX 16

/* One new device that asks. */
typedef struct
{
  XimApprove *approve;
  XimIqRequest request;
  XimAccount *offered;
  guint n_tries;
  gboolean waits; /* for a look at the own list */
  gboolean open;  /* the dialog */
  guint timer;
} Asker;

struct _XimApprove
{
  PurpleAccount *account;
  char *jid;
  XimStore *store;
  XimIq *iq;
  XimEnrol *enrol;
  XimResources *resources;
  XimApproveTell tell;
  gpointer user_data;
  GPtrArray *askers;
  GArray *signed_texts; /* of XimHash */
};

static void
asker_free (gpointer data)
{
  Asker *asker = data;
  if (asker->open)
    purple_request_close_with_handle (asker);
  if (asker->timer != 0)
    purple_timeout_remove (asker->timer);
  g_free (asker->request.from);
  g_free (asker->request.id);
  xim_account_free (asker->offered);
  g_free (asker);
}

XimApprove *
xim_approve_new (PurpleAccount *account, const char *jid, XimStore *store,
                 XimIq *iq, XimEnrol *enrol, XimResources *resources)
{
  XimApprove *approve = g_new0 (XimApprove, 1);
  approve->account = account;
  approve->jid = g_strdup (jid);
  approve->store = store;
  approve->iq = iq;
  approve->enrol = enrol;
  approve->resources = resources;
  approve->askers = g_ptr_array_new_with_free_func (asker_free);
  approve->signed_texts = g_array_new (FALSE, FALSE, sizeof (XimHash));
  return approve;
}

void
xim_approve_free (XimApprove *approve)
{
  if (approve == NULL)
    return;
  g_ptr_array_unref (approve->askers);
  g_array_unref (approve->signed_texts);
  g_free (approve->jid);
  g_free (approve);
}

void
xim_approve_set_tell (XimApprove *approve, XimApproveTell tell,
                      gpointer user_data)
{
  approve->tell = tell;
  approve->user_data = user_data;
}

gboolean
xim_approve_has_signed (const XimApprove *approve, const XimHash *text)
{
  for (guint i = 0; i < approve->signed_texts->len; i++)
    if (memcmp (&g_array_index (approve->signed_texts, XimHash, i), text,
                sizeof *text)
        == 0)
      return TRUE;
  return FALSE;
}

/* The end of a question. */

static void
say (XimApprove *approve, const char *text)
{
  if (approve->tell != NULL)
    approve->tell (text, approve->user_data);
}

static void
refuse (Asker *asker, const char *type, const char *condition)
{
  xim_iq_refuse (asker->approve->iq, &asker->request, type, condition);
  g_ptr_array_remove (asker->approve->askers, asker);
}

/* The user said no, in one of the ways there are. */
static void
refuse_and_say (Asker *asker, const char *text)
{
  XimApprove *approve = asker->approve;
  refuse (asker, "cancel", "not-allowed");
  say (approve, text);
}

static gboolean
is_listed_here (const XimApprove *approve)
{
  return xim_enrol_state (approve->enrol) == XIM_ENROL_READY
         && xim_enrol_sender (approve->enrol) != NULL;
}

static gboolean
check (Asker *asker, GError **error)
{
  XimApprove *approve = asker->approve;
  XimAccountHistory known = { 0 };
  XimAccountDevice added;
  g_autoptr (XimHistory) history
      = xim_history_load (approve->store, approve->jid, error);
  if (history == NULL)
    return FALSE;
  xim_history_known (history, &known);
  if (known.newest == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                           "expected to know the own list of devices");
      return FALSE;
    }
  return xim_change_check_join (asker->offered, &known, xim_plugin_now_s (),
                                &added, error);
}

static void
refuse_for (Asker *asker, const GError *error)
{
  purple_debug_warning ("x-im", "approve: %s: %s\n", asker->request.from,
                        error->message);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_STORE)
      || g_error_matches (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE))
    refuse (asker, "cancel", "service-unavailable");
  else
    refuse (asker, "modify", "not-acceptable");
}

static void
sign (Asker *asker)
{
  XimApprove *approve = asker->approve;
  g_autoptr (GError) error = NULL;
  const XimSender *own = xim_enrol_sender (approve->enrol);
  XimAccount *offered = asker->offered;
  if (!check (asker, &error)
      || !xim_note_sign (offered->note, own->key, &error))
    {
      refuse_for (asker, error);
      say (approve, _ ("No device was added: your list of devices has changed "
                       "meanwhile. The new device asks again."));
      return;
    }
  if (approve->signed_texts->len == SIGNED_MAX)
    g_array_remove_index (approve->signed_texts, 0);
  g_array_append_val (approve->signed_texts, offered->hash);
  g_autofree char *text = xim_join_encode (offered->note);
  xim_iq_reply (approve->iq, &asker->request, &xim_join_element, text);
  g_ptr_array_remove (approve->askers, asker);
  say (approve, _ ("You have added a device. It can read what is written from "
                   "now on."));
}

/* The dialog. */

static void open_dialog (Asker *asker, const char *problem);

static void
wrong (Asker *asker)
{
  guint n_left = XIM_APPROVE_TRIES - ++asker->n_tries;
  if (n_left == 0)
    {
      refuse_and_say (asker,
                      _ ("No device was added: the code was wrong three "
                         "times."));
      return;
    }
  g_autofree char *problem = g_strdup_printf (
      NG_ ("This is not the code that was asked for. You can try %u more "
           "time.",
           "This is not the code that was asked for. You can try %u more "
           "times.",
           n_left),
      n_left);
  open_dialog (asker, problem);
}

static void
typed (gpointer data, const char *text)
{
  Asker *asker = data;
  char code[XIM_JOIN_CODE_LEN + 1];
  char expected[XIM_JOIN_CODE_LEN + 1];
  asker->open = FALSE; /* the client closes it */
  if (!is_listed_here (asker->approve))
    {
      refuse (asker, "cancel", "service-unavailable");
      return;
    }
  if (text == NULL || !xim_join_code_parse (text, code, NULL))
    {
      open_dialog (asker, _ ("A code has 20 digits."));
      return;
    }
  xim_join_code (asker->offered->text, expected);
  if (xim_crypto_equal ((const guint8 *)code, (const guint8 *)expected,
                        XIM_JOIN_CODE_LEN))
    sign (asker);
  else
    wrong (asker);
}

static void
refused (gpointer data, const char *text)
{
  (void)text;
  Asker *asker = data;
  asker->open = FALSE;
  refuse_and_say (asker, _ ("No device was added: you refused."));
}

static void
open_dialog (Asker *asker, const char *problem)
{
  XimApprove *approve = asker->approve;
  g_autofree char *primary = g_strdup_printf (
      _ ("A new device (%s) asks to belong to %s"),
      xim_resources_name (asker->request.from), approve->jid);
  g_autofree char *secondary = g_strdup_printf (
      "%s%s%s", problem != NULL ? problem : "", problem != NULL ? "\n" : "",
      _ ("If you have the new device in front of you, type the code that it "
         "shows.\nIf not, refuse: somebody else has your password."));
  asker->open = TRUE;
  if (purple_request_input (
          asker, _ ("X-IM"), primary, secondary, NULL, FALSE, FALSE, NULL,
          _ ("Add the device"), G_CALLBACK (typed), _ ("Refuse"),
          G_CALLBACK (refused), approve->account, NULL, NULL, asker)
      != NULL)
    return;
  asker->open = FALSE;
  refuse (asker, "cancel", "service-unavailable");
}

static gboolean
too_late (gpointer data)
{
  Asker *asker = data;
  asker->timer = 0;
  refuse_and_say (asker, _ ("No device was added: no code was typed within "
                            "ten minutes."));
  return FALSE;
}

/* Asking. */

/* Whether this device is in the list as far as it knows, and only its keys are
 * not at hand yet. */
static gboolean
may_be_listed (const XimApprove *approve)
{
  return xim_own_ever (xim_enrol_own (approve->enrol))
         && xim_enrol_alarm (approve->enrol) == XIM_ALARM_NONE;
}

static void
consider (Asker *asker)
{
  g_autoptr (GError) error = NULL;
  gboolean looked = asker->waits;
  if (!is_listed_here (asker->approve))
    {
      asker->waits = TRUE;
      return;
    }
  asker->waits = FALSE;
  if (check (asker, &error))
    open_dialog (asker, NULL);
  else if (!looked
           && g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    {
      /* The list that is known here may be an old one. */
      asker->waits = TRUE;
      xim_enrol_look (asker->approve->enrol);
    }
  else
    refuse_for (asker, error);
}

void
xim_approve_looked (XimApprove *approve)
{
  for (guint i = approve->askers->len; i > 0; i--)
    {
      Asker *asker = g_ptr_array_index (approve->askers, i - 1);
      g_autoptr (GError) error = NULL;
      if (asker->waits)
        consider (asker);
      else if (!check (asker, &error))
        refuse_for (asker, error);
    }
}

static Asker *
find (XimApprove *approve, const char *full)
{
  for (guint i = 0; i < approve->askers->len; i++)
    {
      Asker *asker = g_ptr_array_index (approve->askers, i);
      if (strcmp (asker->request.from, full) == 0)
        return asker;
    }
  return NULL;
}

void
xim_approve_gone (XimApprove *approve, const char *full)
{
  Asker *asker = find (approve, full);
  if (asker != NULL)
    g_ptr_array_remove (approve->askers, asker);
}

void
xim_approve_stop (XimApprove *approve)
{
  while (approve->askers->len > 0)
    refuse (g_ptr_array_index (approve->askers, 0), "cancel",
            "service-unavailable");
}

static void
add_asker (XimApprove *approve, const XimIqRequest *request,
           XimAccount *offered)
{
  Asker *asker = g_new0 (Asker, 1);
  asker->approve = approve;
  asker->request.from = g_strdup (request->from);
  asker->request.id = g_strdup (request->id);
  asker->offered = offered;
  asker->timer
      = purple_timeout_add_seconds (XIM_APPROVE_TIMEOUT_S, too_late, asker);
  g_ptr_array_add (approve->askers, asker);
  consider (asker);
}

static void
take (XimApprove *approve, const XimIqRequest *request, const char *text)
{
  g_autoptr (GError) error = NULL;
  /* It asks for something else now, or for nothing. */
  xim_approve_gone (approve, request->from);
  if (*text == '\0')
    {
      xim_iq_reply (approve->iq, request, NULL, NULL);
      xim_enrol_look (approve->enrol);
      return;
    }
  XimAccount *offered = xim_join_decode (text, &error);
  if (offered == NULL)
    {
      purple_debug_warning ("x-im", "approve: %s: %s\n", request->from,
                            error->message);
      xim_iq_refuse (approve->iq, request, "modify", "bad-request");
    }
  else if (!may_be_listed (approve))
    {
      xim_account_free (offered);
      xim_iq_refuse (approve->iq, request, "cancel", "service-unavailable");
    }
  else if (approve->askers->len >= XIM_APPROVE_MAX)
    {
      xim_account_free (offered);
      xim_iq_refuse (approve->iq, request, "wait", "resource-constraint");
    }
  else
    add_asker (approve, request, offered);
}

gboolean
xim_approve_receive (XimApprove *approve, const char *type, const char *id,
                     const char *from, xmlnode *stanza)
{
  if (!purple_strequal (type, "set") || id == NULL || from == NULL)
    return FALSE;
  g_autofree char *text = xim_iq_text (stanza, &xim_join_element);
  if (text == NULL)
    return FALSE;
  const XimIqRequest request = { (char *)from, (char *)id };
  if (xim_resources_is_other (approve->resources, from))
    take (approve, &request, text);
  else
    xim_iq_refuse (approve->iq, &request, "cancel", "service-unavailable");
  return TRUE;
}
