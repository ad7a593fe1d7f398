/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A clock, HTTP and iqs that a test plays. */

#include "config.h"

#include "tests/fake-net.h"

#include <string.h>

#include "plugin/clock.h"
#include "test-logs.h"

gint64 fake_now_s;
gint64 fake_boot_s;
const char *fake_boot_name = "first";

static FakeHandler http_handler;
static FakeIqHandler iq_handler;
static GPtrArray *requests;
static guint n_iqs;
static GPtrArray *iqs;     /* "TO NAME TEXT" */
static GPtrArray *replies; /* to what others asked */
static GPtrArray *open_questions;

gint64
xim_plugin_now_s (void)
{
  return fake_now_s;
}

gint64
xim_plugin_boot_s (void)
{
  return fake_boot_s;
}

char *
xim_plugin_boot_name (void)
{
  return g_strdup (fake_boot_name);
}

gint64
xim_plugin_backoff_s (guint n_failures, gint64 min_s, gint64 max_s)
{
  return MIN (min_s << MIN (n_failures, 16), max_s);
}

void
fake_sleep (gint64 seconds)
{
  fake_now_s += seconds;
  fake_boot_s += seconds;
}

void
fake_net_reset (FakeHandler http, FakeIqHandler iq)
{
  http_handler = http;
  iq_handler = iq;
  g_clear_pointer (&requests, g_ptr_array_unref);
  requests = g_ptr_array_new_with_free_func (g_free);
  n_iqs = 0;
  g_clear_pointer (&iqs, g_ptr_array_unref);
  iqs = g_ptr_array_new_with_free_func (g_free);
  g_clear_pointer (&replies, g_ptr_array_unref);
  replies = g_ptr_array_new_with_free_func (g_free);
  g_clear_pointer (&open_questions, g_ptr_array_unref);
  open_questions = g_ptr_array_new ();
}

guint
fake_n_requests (void)
{
  return requests->len;
}

const char *
fake_request (guint i)
{
  return g_ptr_array_index (requests, i);
}

guint
fake_n_iqs (void)
{
  return n_iqs;
}

const char *
fake_iq (guint i)
{
  return g_ptr_array_index (iqs, i);
}

guint
fake_n_replies (void)
{
  return replies->len;
}

const char *
fake_reply (guint i)
{
  return g_ptr_array_index (replies, i);
}

void
fake_run (void)
{
  /* Timers of 0 ms and threads' results; others are not waited for. */
  for (int i = 0; i < 200; i++)
    while (g_main_context_iteration (NULL, FALSE))
      ;
}

char *
fake_server_json (char letter)
{
  g_autoptr (XimVerifyKey) key = test_verify_key (letter);
  XimServer server = {
    .origin = (char *)TEST_ORIGIN,
    .domain = (char *)TEST_DOMAIN,
    .serial = 1,
    .time_s = TEST_NOW_S,
    .key = key,
    .vrf = test_vrf_public ('V'),
    .log = (char *)TEST_LOG_ORIGIN,
  };
  g_autofree char *text = xim_server_encode (&server);
  const char signers[] = { letter, '\0' };
  g_autoptr (XimNote) note = test_note (text, signers);
  g_autofree char *encoded = xim_note_encode (note);
  g_autofree char *escaped = g_strescape (encoded, "\342\200\224");
  return g_strdup_printf ("{\"note\": \"%s\"}", escaped);
}

/* HTTP. */

struct _XimHttp
{
  GHashTable *waiting; /* id -> Waiting */
};

typedef struct
{
  XimHttp *http;
  guint id;
  guint source;
  XimHttpRequest request;
  char *method;
  char *url;
  char *body;
  char *etag;
  XimHttpCallback callback;
  gpointer user_data;
} Waiting;

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;
  if (waiting->source != 0)
    g_source_remove (waiting->source);
  g_free (waiting->method);
  g_free (waiting->url);
  g_free (waiting->body);
  g_free (waiting->etag);
  g_free (waiting);
}

XimHttp *
xim_http_new (PurpleAccount *account)
{
  (void)account;
  XimHttp *http = g_new0 (XimHttp, 1);
  http->waiting = g_hash_table_new_full (NULL, NULL, NULL, waiting_free);
  return http;
}

static gboolean
answer_request (gpointer data)
{
  Waiting *waiting = data;
  FakeAnswer answer = { 0 };
  waiting->source = 0;
  g_hash_table_steal (waiting->http->waiting, GUINT_TO_POINTER (waiting->id));
  http_handler (&waiting->request, &answer);
  g_autofree char *text = answer.body;
  gsize len = answer.body_len;
  if (len == 0 && text != NULL)
    len = strlen (text);
  g_autoptr (GBytes) body = g_bytes_new (text, len);
  XimHttpAnswer whole = { .outcome = answer.outcome, .body = body };
  if (answer.outcome == XIM_HTTP_ANSWER)
    {
      whole.status = answer.status;
      whole.etag = answer.etag;
    }
  g_assert_cmpuint (len, <=, waiting->request.max_len);
  waiting->callback (&whole, waiting->user_data);
  waiting_free (waiting);
  return G_SOURCE_REMOVE;
}

guint
xim_http_send (XimHttp *http, const XimHttpRequest *request,
               XimHttpCallback callback, gpointer user_data)
{
  static guint last_id;
  Waiting *waiting = g_new0 (Waiting, 1);
  waiting->http = http;
  waiting->id = ++last_id;
  waiting->method = g_strdup (request->method);
  waiting->url = g_strdup (request->url);
  waiting->etag = g_strdup (request->etag);
  waiting->body = request->body != NULL
                      ? g_strndup (request->body, request->body_len)
                      : NULL;
  waiting->request = *request;
  waiting->request.method = waiting->method;
  waiting->request.url = waiting->url;
  waiting->request.etag = waiting->etag;
  waiting->request.body = waiting->body;
  waiting->callback = callback;
  waiting->user_data = user_data;
  g_ptr_array_add (requests,
                   g_strdup_printf ("%s %s%s", request->method, request->url,
                                    request->etag != NULL ? " etag" : ""));
  g_hash_table_insert (http->waiting, GUINT_TO_POINTER (waiting->id), waiting);
  waiting->source = g_idle_add (answer_request, waiting);
  return waiting->id;
}

void
xim_http_cancel (XimHttp *http, guint id)
{
  g_hash_table_remove (http->waiting, GUINT_TO_POINTER (id));
}

void
xim_http_free (XimHttp *http)
{
  if (http == NULL)
    return;
  g_hash_table_unref (http->waiting);
  g_free (http);
}

/* Iqs. */

struct _XimIq
{
  GHashTable *waiting; /* id -> Question */
};

typedef struct
{
  XimIq *iq;
  guint id;
  guint source;
  char *to;
  char *name;
  char *ns;
  char *value;
  XimIqCallback callback;
  gpointer user_data;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;
  if (question->source != 0)
    g_source_remove (question->source);
  if (open_questions != NULL)
    g_ptr_array_remove (open_questions, question);
  g_free (question->to);
  g_free (question->name);
  g_free (question->ns);
  g_free (question->value);
  g_free (question);
}

XimIq *
xim_iq_new (PurpleAccount *account)
{
  (void)account;
  XimIq *iq = g_new0 (XimIq, 1);
  iq->waiting = g_hash_table_new_full (NULL, NULL, NULL, question_free);
  return iq;
}

static void
give_answer (Question *question, const char *xml)
{
  g_hash_table_steal (question->iq->waiting, GUINT_TO_POINTER (question->id));
  g_ptr_array_remove (open_questions, question);
  xmlnode *stanza = xml != NULL ? xmlnode_from_str (xml, -1) : NULL;
  g_assert_true (xml == NULL || stanza != NULL);
  question->callback (stanza, question->user_data);
  if (stanza != NULL)
    xmlnode_free (stanza);
  question_free (question);
}

static gboolean
answer_question (gpointer data)
{
  Question *question = data;
  XimIqElement element
      = { question->name, question->ns, "digest", question->value };
  question->source = 0;
  g_autofree char *xml = iq_handler (question->to, &element);
  if (xml != NULL && *xml == '\0')
    g_ptr_array_add (open_questions, question);
  else
    give_answer (question, xml);
  return G_SOURCE_REMOVE;
}

gboolean
fake_answer_iq (const char *to, const char *xml)
{
  for (guint i = 0; i < open_questions->len; i++)
    {
      Question *question = g_ptr_array_index (open_questions, i);
      if (strcmp (question->to, to) != 0)
        continue;
      give_answer (question, xml);
      return TRUE;
    }
  return FALSE;
}

static guint
ask (XimIq *iq, const char *to, const XimIqElement *element,
     XimIqCallback callback, gpointer user_data)
{
  static guint last_id;
  Question *question = g_new0 (Question, 1);
  question->iq = iq;
  question->id = ++last_id;
  question->to = g_strdup (to);
  question->name = g_strdup (element->name);
  question->ns = g_strdup (element->ns);
  question->value = g_strdup (element->value);
  question->callback = callback;
  question->user_data = user_data;
  n_iqs++;
  g_ptr_array_add (
      iqs, g_strdup_printf ("%s %s %s", to, element->name,
                            element->value != NULL ? element->value : ""));
  g_hash_table_insert (iq->waiting, GUINT_TO_POINTER (question->id), question);
  question->source = g_idle_add (answer_question, question);
  return question->id;
}

guint
xim_iq_send_element (XimIq *iq, const char *type, const char *to,
                     const XimIqElement *element, XimIqCallback callback,
                     gpointer user_data)
{
  g_assert_cmpstr (type, !=, "result");
  return ask (iq, to, element, callback, user_data);
}

/* To the handler the text is the value. */
guint
xim_iq_send_text (XimIq *iq, const char *to, const XimIqElement *element,
                  const char *text, XimIqCallback callback, gpointer user_data)
{
  const XimIqElement whole = { element->name, element->ns, NULL, text };
  return ask (iq, to, &whole, callback, user_data);
}

void
xim_iq_set_timeout (XimIq *iq, guint id, guint timeout_s)
{
  (void)iq, (void)id, (void)timeout_s;
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
  (void)iq;
  g_ptr_array_add (replies,
                   g_strdup_printf ("%s %s result%s%s", request->from,
                                    request->id, element != NULL ? " " : "",
                                    element != NULL ? text : ""));
}

void
xim_iq_refuse (XimIq *iq, const XimIqRequest *request, const char *type,
               const char *condition)
{
  (void)iq;
  g_ptr_array_add (replies, g_strdup_printf ("%s %s %s %s", request->from,
                                             request->id, type, condition));
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
  g_hash_table_remove (iq->waiting, GUINT_TO_POINTER (id));
}

void
xim_iq_offline (XimIq *iq)
{
  (void)iq;
}

gboolean
xim_iq_receive (XimIq *iq, const char *type, const char *id, const char *from,
                xmlnode *stanza)
{
  (void)iq, (void)type, (void)id, (void)from, (void)stanza;
  return FALSE;
}

void
xim_iq_free (XimIq *iq)
{
  if (iq == NULL)
    return;
  g_hash_table_unref (iq->waiting);
  g_free (iq);
}
