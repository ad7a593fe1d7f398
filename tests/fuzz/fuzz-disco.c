/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes plugin/disco.c: what servers say of themselves. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plugin/disco.h"
#include "tests/fake-net.h"
#include "tests/headless.h"
#include "xim.h"

#define DOMAIN "example.org"
#define KEYSERVER "keys.example.org"

/* An input is answers with a zero byte between them: the items, then the
 * information, each used again and again. */
static char **answers;
static guint n_answered;
static gboolean silent;  /* a question had no answer */
static gboolean feature; /* some answer could name the feature */

static void
no_http (const XimHttpRequest *request, FakeAnswer *answer)
{
  (void)request, (void)answer;
  g_assert_not_reached ();
}

static char *
next (const char *to, const XimIqElement *element)
{
  (void)to, (void)element;
  const char *text = answers[n_answered];
  if (text != NULL && answers[n_answered + 1] != NULL)
    n_answered++;
  xmlnode *node
      = text != NULL && *text != '\0' ? xmlnode_from_str (text, -1) : NULL;
  silent |= node == NULL;
  if (node == NULL)
    return NULL;
  char *again = xmlnode_to_str (node, NULL);
  xmlnode_free (node);
  node = xmlnode_from_str (again, -1);
  if (node == NULL)
    {
      /* A prefix whose namespace xmlnode has lost. */
      silent = TRUE;
      g_clear_pointer (&again, g_free);
      return NULL;
    }
  xmlnode_free (node);
  feature |= strstr (again, XIM_NS_KEYSERVER) != NULL;
  return again;
}

static guint n_calls;
static XimDiscoVerdict came;

static void
searched (XimDiscoVerdict verdict, gpointer user_data)
{
  (void)user_data;
  n_calls++;
  came = verdict;
}

static void
formed (const char *vkey, gpointer user_data)
{
  (void)user_data;
  n_calls++;
  g_assert_true (vkey == NULL || g_utf8_validate (vkey, -1, NULL));
  g_assert_true (vkey == NULL || feature);
}

static void
begin (void)
{
  fake_net_reset (no_http, next);
  n_answered = n_calls = 0;
  silent = feature = FALSE;
}

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_calls, ==, 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gboolean started;
  if (!started)
    {
      headless_start ();
      atexit (headless_stop);
      started = TRUE;
    }
  if (size == 0)
    return 0;
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func (g_free);
  for (size_t i = 0; i <= size;
       i += strlen (pieces->pdata[pieces->len - 1]) + 1)
    g_ptr_array_add (pieces, g_strndup ((const char *)data + i, size - i));
  g_ptr_array_add (pieces, NULL);
  answers = (char **)pieces->pdata;

  begin ();
  XimIq *iq = xim_iq_new (NULL);
  XimDisco *disco = xim_disco_search (iq, DOMAIN, KEYSERVER, searched, NULL);
  run ();
  g_assert_cmpuint (fake_n_iqs (), <=, 2 + XIM_DISCO_ITEMS_MAX);
  g_assert_true (came != XIM_DISCO_WITH || feature);
  g_assert_true (came != XIM_DISCO_WITHOUT || !silent);
  xim_disco_free (disco);

  begin ();
  disco = xim_disco_form (iq, KEYSERVER, formed, NULL);
  run ();
  xim_disco_free (disco);
  xim_iq_free (iq);
  return 0;
}
