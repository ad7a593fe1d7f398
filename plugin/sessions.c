/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The sealing sessions of all conversations of an account. */

#include "config.h"

#include "sessions.h"

#include <purple.h>

#include "clock.h"

#define SWEEP_S 60

struct _XimSessions
{
  GHashTable *sessions; /* bare JID to XimSession */
  guint timer;
};

static void
session_free (gpointer data)
{
  xim_session_free (data);
}

static gboolean
sweep (gpointer data)
{
  XimSessions *sessions = data;
  const gint64 now_s = xim_plugin_now_s ();
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, sessions->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    xim_session_expire (session, now_s);
  return TRUE;
}

XimSessions *
xim_sessions_new (void)
{
  XimSessions *sessions = g_new0 (XimSessions, 1);

  sessions->sessions
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, session_free);
  sessions->timer = purple_timeout_add_seconds (SWEEP_S, sweep, sessions);
  return sessions;
}

void
xim_sessions_clear (XimSessions *sessions)
{
  g_hash_table_remove_all (sessions->sessions);
}

void
xim_sessions_free (XimSessions *sessions)
{
  if (sessions == NULL)
    return;
  purple_timeout_remove (sessions->timer);
  g_hash_table_unref (sessions->sessions);
  g_free (sessions);
}

XimSession *
xim_sessions_get (XimSessions *sessions, const char *jid)
{
  XimSession *session = g_hash_table_lookup (sessions->sessions, jid);

  if (session == NULL)
    {
      session = xim_session_new ();
      g_hash_table_insert (sessions->sessions, g_strdup (jid), session);
    }
  return session;
}
