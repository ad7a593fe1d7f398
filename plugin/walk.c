/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Older versions of an account, fetched from the newest down. */

#include "config.h"

#include "walk.h"

#include "site.h"

struct _XimWalk
{
  XimHttp *http;
  XimSite site;
  char *jid;
  XimAccount *from;
  guint32 lowest;
  GPtrArray *got;
  guint request;
  guint idle; /* there is nothing to fetch */
  XimWalkCallback callback;
  gpointer user_data;
};

static void
account_free (gpointer account)
{
  xim_account_free (account);
}

void
xim_walk_free (XimWalk *walk)
{
  if (walk == NULL)
    return;
  xim_http_cancel (walk->http, walk->request);
  if (walk->idle != 0)
    purple_timeout_remove (walk->idle);
  xim_site_clear (&walk->site);
  g_free (walk->jid);
  xim_account_free (walk->from);
  g_ptr_array_unref (walk->got);
  g_free (walk);
}

static void
end (XimWalk *walk, XimWalkEnd how, guint retry_after_s)
{
  /* The callback may free the walk. */
  g_autoptr (GPtrArray) got = g_ptr_array_ref (walk->got);
  walk->callback (how, got, retry_after_s, walk->user_data);
}

static const XimAccount *
last (const XimWalk *walk)
{
  guint n = walk->got->len;
  return n > 0 ? g_ptr_array_index (walk->got, n - 1) : walk->from;
}

static gboolean
is_whole (const XimWalk *walk)
{
  return last (walk)->version <= walk->lowest;
}

static XimAccount *
decode (const XimHttpAnswer *answer, GError **error)
{
  gsize len = 0;
  const char *data = g_bytes_get_data (answer->body, &len);
  g_autoptr (XimNote) note = xim_note_decode (data, len, error);
  return note != NULL ? xim_account_decode (note, error) : NULL;
}

static void ask (XimWalk *walk);

static void
take (XimWalk *walk, const XimHttpAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  XimAccount *account = decode (answer, &error);
  if (account == NULL
      || xim_chain_bound (last (walk), (const XimAccount *const *)&account, 1)
             == 0)
    {
      purple_debug_info ("x-im", "walk: %s: %s\n", walk->jid,
                         error != NULL ? error->message
                                       : "another text than the one named");
      xim_account_free (account);
      end (walk, XIM_WALK_BROKEN, 0);
      return;
    }
  g_ptr_array_add (walk->got, account);
  if (is_whole (walk))
    end (walk, XIM_WALK_WHOLE, 0);
  else
    ask (walk);
}

/* An answer that says to come back, and none at all, say nothing of the
 * version: only what a keyserver stands by makes a reset. */
static void
got_answer (const XimHttpAnswer *answer, gpointer data)
{
  XimWalk *walk = data;
  walk->request = 0;
  if (xim_keyserver_is_outage (answer))
    end (walk, XIM_WALK_OUTAGE, answer->retry_after_s);
  else if (answer->status == 200)
    take (walk, answer);
  else
    {
      purple_debug_info ("x-im", "walk: %s: status %u\n", walk->jid,
                         answer->status);
      end (walk, XIM_WALK_BROKEN, 0);
    }
}

static void
ask (XimWalk *walk)
{
  g_autofree char *url = xim_keyserver_version_url (
      walk->site.base_url, walk->jid, last (walk)->version - 1);
  walk->request = xim_site_get (&walk->site, walk->http, url, XIM_NOTE_MAX,
                                got_answer, walk);
}

static gboolean
nothing_to_fetch (gpointer data)
{
  XimWalk *walk = data;
  walk->idle = 0;
  end (walk, XIM_WALK_WHOLE, 0);
  return FALSE;
}

XimWalk *
xim_walk_new (XimHttp *http, const XimWalkQuestion *question,
              XimWalkCallback callback, gpointer user_data)
{
  XimWalk *walk = g_new0 (XimWalk, 1);
  walk->http = http;
  xim_site_set (&walk->site, question->domain);
  walk->jid = g_strdup (question->jid);
  walk->from = xim_account_copy (question->from);
  walk->lowest = question->lowest;
  walk->got = question->got != NULL
                  ? g_ptr_array_ref (question->got)
                  : g_ptr_array_new_with_free_func (account_free);
  walk->callback = callback;
  walk->user_data = user_data;
  if (is_whole (walk))
    walk->idle = purple_timeout_add (0, nothing_to_fetch, walk);
  else
    ask (walk);
  return walk;
}
