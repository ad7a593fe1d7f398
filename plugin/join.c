/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The new device asks the old ones to sign that it is one of them. */

#include "config.h"

#include "join.h"

#include <string.h>

const XimIqElement xim_join_element = { .name = "join", .ns = XIM_NS_JOIN };

/* One client that is asked. */
typedef struct
{
  XimJoin *join;
  char *full;
  guint question; /* 0 when it has answered */
} Asked;

struct _XimJoin
{
  XimIq *iq;
  XimResources *resources;
  XimJoinCallback ended;
  gpointer user_data;

  XimAccount *present; /* (nullable): NULL while nothing is asked */
  XimAccount *offered;
  GPtrArray *asked; /* of Asked */
  XimJoinEnd worst; /* of the answers so far */
  guint timer;
  gint64 last_s; /* of the last offer */
};

XimAccount *
xim_join_decode (const char *text, GError **error)
{
  gsize len = 0;
  g_autoptr (GBytes) bytes
      = xim_codec_base64_decode (text, strlen (text), XIM_NOTE_MAX, error);
  if (bytes == NULL)
    return NULL;
  const char *data = g_bytes_get_data (bytes, &len);
  g_autoptr (XimNote) note = xim_note_decode (data, len, error);
  return note != NULL ? xim_account_decode (note, error) : NULL;
}

char *
xim_join_encode (const XimNote *note)
{
  g_autofree char *text = xim_note_encode (note);
  return xim_codec_base64_encode ((const guint8 *)text, strlen (text));
}

static void
asked_free (gpointer data)
{
  Asked *asked = data;
  xim_iq_cancel (asked->join->iq, asked->question);
  g_free (asked->full);
  g_free (asked);
}

XimJoin *
xim_join_new (XimIq *iq, XimResources *resources, XimJoinCallback ended,
              gpointer user_data)
{
  XimJoin *join = g_new0 (XimJoin, 1);
  join->iq = iq;
  join->resources = resources;
  join->ended = ended;
  join->user_data = user_data;
  join->asked = g_ptr_array_new_with_free_func (asked_free);
  return join;
}

static void
forget (XimJoin *join)
{
  if (join->timer != 0)
    purple_timeout_remove (join->timer);
  join->timer = 0;
  g_ptr_array_set_size (join->asked, 0);
  g_clear_pointer (&join->present, xim_account_free);
  g_clear_pointer (&join->offered, xim_account_free);
}

void
xim_join_free (XimJoin *join)
{
  if (join == NULL)
    return;
  forget (join);
  g_ptr_array_unref (join->asked);
  g_free (join);
}

/* Telling. */

/* Whether it arrived makes no difference. */
static void
told (xmlnode *answer, gpointer data)
{
  (void)answer, (void)data;
}

void
xim_join_announce (XimJoin *join)
{
  g_auto (GStrv) all = xim_resources_list (join->resources);
  for (char **full = all; *full != NULL; full++)
    xim_iq_send_text (join->iq, *full, &xim_join_element, NULL, told, NULL);
}

void
xim_join_stop (XimJoin *join)
{
  if (join->present == NULL)
    return;
  forget (join);
  xim_join_announce (join);
}

/* The callback may ask again. */
static void
end (XimJoin *join, XimJoinEnd how, const char *note)
{
  if (how != XIM_JOIN_SIGNED)
    xim_join_stop (join);
  else
    forget (join);
  join->ended (how, note, join->user_data);
}

/* Answers. */

static gboolean
is_waited_for (const XimJoin *join)
{
  for (guint i = 0; i < join->asked->len; i++)
    if (((Asked *)g_ptr_array_index (join->asked, i))->question != 0)
      return TRUE;
  return FALSE;
}

static XimJoinEnd
meaning (xmlnode *answer)
{
  if (answer == NULL)
    return XIM_JOIN_TIMEOUT;
  xmlnode *error = xmlnode_get_child (answer, "error");
  if (error != NULL && xmlnode_get_child (error, "not-allowed") != NULL)
    return XIM_JOIN_REFUSED;
  if (error != NULL && xmlnode_get_child (error, "not-acceptable") != NULL)
    return XIM_JOIN_CHANGED;
  return XIM_JOIN_CANNOT;
}

/* A refusal by one says more than that another cannot. */
static void
take_refusal (XimJoin *join, XimJoinEnd how)
{
  if (how == XIM_JOIN_REFUSED || join->worst == XIM_JOIN_CANNOT)
    join->worst = how;
  if (how == XIM_JOIN_REFUSED || how == XIM_JOIN_CHANGED
      || !is_waited_for (join))
    end (join, join->worst, NULL);
}

static void
take_note (XimJoin *join, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) joined = xim_join_decode (text, &error);
  if (joined == NULL
      || !xim_change_check_joined (joined, join->offered, join->present,
                                   &error))
    {
      purple_debug_warning ("x-im", "join: %s\n", error->message);
      take_refusal (join, XIM_JOIN_LIED);
      return;
    }
  g_autofree char *note = xim_note_encode (joined->note);
  end (join, XIM_JOIN_SIGNED, note);
}

static void
got_answer (xmlnode *answer, gpointer data)
{
  Asked *asked = data;
  XimJoin *join = asked->join;
  asked->question = 0;
  g_autofree char *text = xim_iq_is_result (answer)
                              ? xim_iq_text (answer, &xim_join_element)
                              : NULL;
  if (text != NULL)
    take_note (join, text);
  else
    take_refusal (join, meaning (answer));
}

/* Asking. */

static void
ask_one (XimJoin *join, const char *full)
{
  for (guint i = 0; i < join->asked->len; i++)
    if (strcmp (((Asked *)g_ptr_array_index (join->asked, i))->full, full)
        == 0)
      return;
  Asked *asked = g_new0 (Asked, 1);
  g_autofree char *text = xim_join_encode (join->offered->note);
  asked->join = join;
  asked->full = g_strdup (full);
  g_ptr_array_add (join->asked, asked);
  asked->question = xim_iq_send_text (join->iq, full, &xim_join_element, text,
                                      got_answer, asked);
  xim_iq_set_timeout (join->iq, asked->question,
                      XIM_JOIN_TIMEOUT_S + XIM_IQ_TIMEOUT_S);
}

static gboolean
no_answer (gpointer data)
{
  XimJoin *join = data;
  join->timer = 0;
  end (join, XIM_JOIN_TIMEOUT, NULL);
  return FALSE;
}

static gboolean
nobody (gpointer data)
{
  XimJoin *join = data;
  join->timer = 0;
  end (join, XIM_JOIN_NOBODY, NULL);
  return FALSE;
}

static gboolean
make_offer (XimJoin *join, const XimAccount *present, const XimSender *own,
            gint64 now_s, GError **error)
{
  const XimAccountDevice device
      = { own->device, xim_sign_key_public (own->key)->key };
  g_autofree char *text = xim_change_add (present, &device, now_s, error);
  g_autoptr (XimNote) note
      = text != NULL ? xim_change_sign (text, own->key, error) : NULL;
  join->offered = note != NULL ? xim_account_decode (note, error) : NULL;
  return join->offered != NULL;
}

gboolean
xim_join_ask (XimJoin *join, const XimAccount *present, const XimSender *own,
              gint64 now_s, GError **error)
{
  xim_join_stop (join);
  /* Each question has a code of its own. */
  join->last_s = MAX (now_s, join->last_s + 1);
  now_s = join->last_s;
  if (!make_offer (join, present, own, now_s, error))
    return FALSE;
  join->present = xim_account_copy (present);
  join->worst = XIM_JOIN_CANNOT;
  g_auto (GStrv) all = xim_resources_list (join->resources);
  for (char **full = all; *full != NULL; full++)
    ask_one (join, *full);
  join->timer
      = join->asked->len > 0
            ? purple_timeout_add_seconds (XIM_JOIN_TIMEOUT_S, no_answer, join)
            : purple_timeout_add (0, nobody, join);
  return TRUE;
}

char *
xim_join_code_shown (const XimJoin *join)
{
  char code[XIM_JOIN_CODE_LEN + 1];
  if (join->present == NULL)
    return NULL;
  xim_join_code (join->offered->text, code);
  return xim_join_code_show (code);
}

void
xim_join_came (XimJoin *join, const char *full)
{
  if (join->present != NULL && join->asked->len > 0)
    ask_one (join, full);
}
