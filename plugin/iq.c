/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Own IQ stanzas and their answers. */

#include "config.h"

#include "iq.h"

#include "xim.h"

#define IQ_ID_LEN 16 /* random bytes: nobody else can answer for another */

/* A question that waits; `iq` owns it through its table. */
typedef struct
{
  XimIq *iq;
  guint number;
  char *id;
  char *to;
  guint timer;
  XimIqCallback callback;
  gpointer user_data;
} Question;

struct _XimIq
{
  PurpleAccount *account;
  guint last_number;
  GHashTable *questions; /* number -> Question */
};

static void
question_free (gpointer data)
{
  Question *question = data;
  if (question->timer != 0)
    purple_timeout_remove (question->timer);
  g_free (question->id);
  g_free (question->to);
  g_free (question);
}

XimIq *
xim_iq_new (PurpleAccount *account)
{
  XimIq *iq = g_new0 (XimIq, 1);
  iq->account = account;
  iq->questions = g_hash_table_new_full (NULL, NULL, NULL, question_free);
  return iq;
}

/* The callback may free the XimIq, so nothing of it is touched afterwards. */
static void
answer (Question *question, xmlnode *stanza)
{
  XimIq *iq = question->iq;
  g_hash_table_steal (iq->questions, GUINT_TO_POINTER (question->number));
  XimIqCallback callback = question->callback;
  gpointer user_data = question->user_data;
  question_free (question);
  callback (stanza, user_data);
}

static gboolean
no_answer (gpointer data)
{
  Question *question = data;
  question->timer = 0;
  answer (question, NULL);
  return FALSE;
}

static PurpleConnection *
connection (XimIq *iq)
{
  PurpleConnection *gc = purple_account_get_connection (iq->account);
  if (gc == NULL || !PURPLE_CONNECTION_IS_VALID (gc)
      || purple_connection_get_state (gc) != PURPLE_CONNECTED)
    return NULL;
  return gc;
}

/* @child: (transfer full) (nullable) */
static void
emit (PurpleConnection *gc, const char *type, const char *to, const char *id,
      xmlnode *child)
{
  xmlnode *stanza = xmlnode_new ("iq");
  xmlnode_set_attrib (stanza, "type", type);
  xmlnode_set_attrib (stanza, "to", to);
  xmlnode_set_attrib (stanza, "id", id);
  if (child != NULL)
    xmlnode_insert_child (stanza, child);

  xmlnode *packet = stanza;
  purple_signal_emit (purple_connection_get_prpl (gc),
                      "jabber-sending-xmlnode", gc, &packet);
  xmlnode_free (stanza);
}

static char *
make_id (void)
{
  guint8 random[IQ_ID_LEN];
  xim_crypto_random (random, sizeof random);
  g_autofree char *hex = xim_codec_hex_encode (random, sizeof random);
  return g_strconcat ("xim", hex, NULL);
}

guint
xim_iq_send (XimIq *iq, const char *type, const char *to, xmlnode *child,
             XimIqCallback callback, gpointer user_data)
{
  Question *question = g_new0 (Question, 1);
  question->iq = iq;
  question->number = ++iq->last_number;
  question->id = make_id ();
  question->to = g_strdup (to);
  question->callback = callback;
  question->user_data = user_data;
  g_hash_table_insert (iq->questions, GUINT_TO_POINTER (question->number),
                       question);

  guint number = question->number;
  PurpleConnection *gc = connection (iq);
  if (gc == NULL)
    {
      question->timer = purple_timeout_add (0, no_answer, question);
      xmlnode_free (child);
      return number;
    }
  question->timer
      = purple_timeout_add_seconds (XIM_IQ_TIMEOUT_S, no_answer, question);
  emit (gc, type, to, question->id, child);
  return number;
}

guint
xim_iq_send_element (XimIq *iq, const char *type, const char *to,
                     const XimIqElement *element, XimIqCallback callback,
                     gpointer user_data)
{
  xmlnode *child = xmlnode_new (element->name);
  xmlnode_set_namespace (child, element->ns);
  if (element->attribute != NULL)
    xmlnode_set_attrib (child, element->attribute, element->value);
  return xim_iq_send (iq, type, to, child, callback, user_data);
}

static xmlnode *
make_child (const XimIqElement *element, const char *text)
{
  xmlnode *child = xmlnode_new (element->name);
  xmlnode_set_namespace (child, element->ns);
  if (text != NULL)
    xmlnode_insert_data (child, text, -1);
  return child;
}

guint
xim_iq_send_text (XimIq *iq, const char *to, const XimIqElement *element,
                  const char *text, XimIqCallback callback, gpointer user_data)
{
  return xim_iq_send (iq, "set", to, make_child (element, text), callback,
                      user_data);
}

void
xim_iq_set_timeout (XimIq *iq, guint id, guint timeout_s)
{
  Question *question
      = g_hash_table_lookup (iq->questions, GUINT_TO_POINTER (id));
  if (question == NULL || connection (iq) == NULL)
    return;
  purple_timeout_remove (question->timer);
  question->timer
      = purple_timeout_add_seconds (timeout_s, no_answer, question);
}

char *
xim_iq_text (xmlnode *stanza, const XimIqElement *element)
{
  xmlnode *child = stanza != NULL ? xmlnode_get_child_with_namespace (
                       stanza, element->name, element->ns)
                                  : NULL;
  char *text = child != NULL ? xmlnode_get_data (child) : NULL;
  return text != NULL || child == NULL ? text : g_strdup ("");
}

void
xim_iq_reply (XimIq *iq, const XimIqRequest *request,
              const XimIqElement *element, const char *text)
{
  PurpleConnection *gc = connection (iq);
  if (gc != NULL)
    emit (gc, "result", request->from, request->id,
          element != NULL ? make_child (element, text) : NULL);
}

void
xim_iq_refuse (XimIq *iq, const XimIqRequest *request, const char *type,
               const char *condition)
{
  PurpleConnection *gc = connection (iq);
  if (gc == NULL)
    return;
  xmlnode *child = xmlnode_new ("error");
  xmlnode_set_attrib (child, "type", type);
  xmlnode_set_namespace (xmlnode_new_child (child, condition),
                         "urn:ietf:params:xml:ns:xmpp-stanzas");
  emit (gc, "error", request->from, request->id, child);
}

gboolean
xim_iq_is_result (xmlnode *answer)
{
  return answer != NULL
         && g_strcmp0 (xmlnode_get_attrib (answer, "type"), "result") == 0;
}

void
xim_iq_cancel (XimIq *iq, guint id)
{
  g_hash_table_remove (iq->questions, GUINT_TO_POINTER (id));
}

static Question *
find (XimIq *iq, const char *id)
{
  GHashTableIter iter;
  gpointer value = NULL;
  g_hash_table_iter_init (&iter, iq->questions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Question *question = value;
      if (strcmp (question->id, id) == 0)
        return question;
    }
  return NULL;
}

gboolean
xim_iq_receive (XimIq *iq, const char *type, const char *id, const char *from,
                xmlnode *stanza)
{
  if (type == NULL || id == NULL || from == NULL)
    return FALSE;
  if (strcmp (type, "result") != 0 && strcmp (type, "error") != 0)
    return FALSE;
  Question *question = find (iq, id);
  if (question == NULL || strcmp (question->to, from) != 0)
    return FALSE;
  answer (question, stanza);
  return TRUE;
}

void
xim_iq_offline (XimIq *iq)
{
  GHashTableIter iter;
  gpointer value = NULL;
  g_hash_table_iter_init (&iter, iq->questions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Question *question = value;
      purple_timeout_remove (question->timer);
      question->timer = purple_timeout_add (0, no_answer, question);
    }
}

void
xim_iq_free (XimIq *iq)
{
  if (iq == NULL)
    return;
  g_hash_table_unref (iq->questions);
  g_free (iq);
}
