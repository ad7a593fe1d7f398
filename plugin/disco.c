/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Service discovery (XEP-0030): whether a domain shows a keyserver. */

#include "config.h"

#include "disco.h"

#include <string.h>

#include "xim-limits.h"

#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_INFO "http://jabber.org/protocol/disco#info"
#define NS_DATA "jabber:x:data"

struct _XimDisco
{
  XimIq *iq;
  char *keyserver;
  GPtrArray *questions; /* of Question */
  guint n_waiting;
  XimDiscoVerdict verdict;
  XimDiscoSearchCallback search;
  XimDiscoFormCallback form;
  gpointer user_data;
};

/* One iq of it. */
typedef struct
{
  XimDisco *disco;
  char *to;
  guint id;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;
  xim_iq_cancel (question->disco->iq, question->id);
  g_free (question->to);
  g_free (question);
}

static XimDisco *
disco_new (XimIq *iq, gpointer user_data)
{
  XimDisco *disco = g_new0 (XimDisco, 1);
  disco->iq = iq;
  disco->questions = g_ptr_array_new_with_free_func (question_free);
  disco->verdict = XIM_DISCO_WITHOUT;
  disco->user_data = user_data;
  return disco;
}

static void
ask (XimDisco *disco, const char *to, const char *ns, XimIqCallback callback)
{
  Question *question = g_new0 (Question, 1);
  question->disco = disco;
  question->to = g_strdup (to);
  g_ptr_array_add (disco->questions, question);
  disco->n_waiting++;
  XimIqElement query = { "query", ns, NULL, NULL };
  question->id = xim_iq_send_element (disco->iq, "get", to, &query, callback,
                                      question);
}

static gboolean
is_passing_error (xmlnode *answer)
{
  xmlnode *error = xmlnode_get_child (answer, "error");
  const char *type = error != NULL ? xmlnode_get_attrib (error, "type") : NULL;
  return type != NULL && strcmp (type, "wait") == 0;
}

static gboolean
has_feature (xmlnode *answer)
{
  xmlnode *query = xmlnode_get_child_with_namespace (answer, "query", NS_INFO);
  if (query == NULL)
    return FALSE;
  for (xmlnode *feature = xmlnode_get_child (query, "feature");
       feature != NULL; feature = xmlnode_get_next_twin (feature))
    if (g_strcmp0 (xmlnode_get_attrib (feature, "var"), XIM_NS_KEYSERVER) == 0)
      return TRUE;
  return FALSE;
}

/* The search. */

static void
take_verdict (XimDisco *disco, XimDiscoVerdict verdict)
{
  if (verdict == XIM_DISCO_WITH
      || (verdict == XIM_DISCO_UNKNOWN && disco->verdict != XIM_DISCO_WITH))
    disco->verdict = verdict;
  if (--disco->n_waiting == 0)
    disco->search (disco->verdict, disco->user_data);
}

static void
got_info (xmlnode *answer, gpointer data)
{
  Question *question = data;
  question->id = 0;
  XimDisco *disco = question->disco;
  XimDiscoVerdict verdict = XIM_DISCO_WITHOUT;
  if (answer == NULL)
    verdict = XIM_DISCO_UNKNOWN;
  else if (xim_iq_is_result (answer))
    verdict = has_feature (answer) ? XIM_DISCO_WITH : XIM_DISCO_WITHOUT;
  else if (strcmp (question->to, disco->keyserver) == 0
           && is_passing_error (answer))
    verdict = XIM_DISCO_UNKNOWN;
  take_verdict (disco, verdict);
}

static gboolean
is_asked (const XimDisco *disco, const char *jid)
{
  /* The first question was for the items. */
  for (guint i = 1; i < disco->questions->len; i++)
    if (strcmp (((Question *)disco->questions->pdata[i])->to, jid) == 0)
      return TRUE;
  return FALSE;
}

static void
got_items (xmlnode *answer, gpointer data)
{
  Question *question = data;
  question->id = 0;
  XimDisco *disco = question->disco;
  xmlnode *query
      = xim_iq_is_result (answer)
            ? xmlnode_get_child_with_namespace (answer, "query", NS_ITEMS)
            : NULL;
  if (query == NULL)
    {
      take_verdict (disco, XIM_DISCO_UNKNOWN);
      return;
    }
  ask (disco, question->to, NS_INFO, got_info);
  XimDiscoVerdict verdict = XIM_DISCO_WITHOUT;
  for (xmlnode *item = xmlnode_get_child (query, "item"); item != NULL;
       item = xmlnode_get_next_twin (item))
    {
      const char *jid = xmlnode_get_attrib (item, "jid");
      if (jid == NULL || is_asked (disco, jid))
        continue;
      if (disco->questions->len > XIM_DISCO_ITEMS_MAX)
        verdict = XIM_DISCO_UNKNOWN;
      else
        ask (disco, jid, NS_INFO, got_info);
    }
  take_verdict (disco, verdict);
}

XimDisco *
xim_disco_search (XimIq *iq, const char *domain, const char *keyserver,
                  XimDiscoSearchCallback callback, gpointer user_data)
{
  XimDisco *disco = disco_new (iq, user_data);
  disco->keyserver = g_strdup (keyserver);
  disco->search = callback;
  ask (disco, domain, NS_ITEMS, got_items);
  return disco;
}

/* The form. */

static char *
field_value (xmlnode *form, const char *name)
{
  for (xmlnode *field = xmlnode_get_child (form, "field"); field != NULL;
       field = xmlnode_get_next_twin (field))
    if (g_strcmp0 (xmlnode_get_attrib (field, "var"), name) == 0)
      {
        xmlnode *value = xmlnode_get_child (field, "value");
        return value != NULL ? xmlnode_get_data (value) : NULL;
      }
  return NULL;
}

static char *
find_vkey (xmlnode *answer)
{
  xmlnode *query = xmlnode_get_child_with_namespace (answer, "query", NS_INFO);
  if (query == NULL)
    return NULL;
  for (xmlnode *form = xmlnode_get_child_with_namespace (query, "x", NS_DATA);
       form != NULL; form = xmlnode_get_next_twin (form))
    {
      g_autofree char *type = field_value (form, "FORM_TYPE");
      if (g_strcmp0 (type, XIM_NS_KEYSERVER) == 0)
        return field_value (form, "vkey");
    }
  return NULL;
}

static void
got_form (xmlnode *answer, gpointer data)
{
  Question *question = data;
  question->id = 0;
  XimDisco *disco = question->disco;
  g_autofree char *vkey = NULL;
  if (xim_iq_is_result (answer))
    vkey = find_vkey (answer);
  disco->form (vkey, disco->user_data);
}

XimDisco *
xim_disco_form (XimIq *iq, const char *origin, XimDiscoFormCallback callback,
                gpointer user_data)
{
  XimDisco *disco = disco_new (iq, user_data);
  disco->form = callback;
  ask (disco, origin, NS_INFO, got_form);
  return disco;
}

void
xim_disco_free (XimDisco *disco)
{
  if (disco == NULL)
    return;
  g_ptr_array_unref (disco->questions);
  g_free (disco->keyserver);
  g_free (disco);
}
