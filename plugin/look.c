/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own entry at the keyserver: fetched, walked to, judged. */

#include "config.h"

#include "look.h"

#include "clock.h"
#include "judge.h"
#include "logs.h"
#include "places.h"
#include "walk.h"

struct _XimLook
{
  char *jid;
  XimStore *store;
  XimHttp *http;
  XimHome *home;
  XimLookCallback callback;
  gpointer user_data;
  GBytes *body; /* (nullable): while versions before it are fetched */
  XimWalk *walk;
  XimLogCheck *check;    /* while the log is compared */
  XimLogWord word;       /* what the answer says of the log */
  XimVerified *verified; /* (nullable): proven, it waits for that */
};

XimLook *
xim_look_new (const char *jid, XimStore *store, XimHttp *http, XimHome *home,
              XimLookCallback callback, gpointer user_data)
{
  XimLook *look = g_new0 (XimLook, 1);
  look->jid = g_strdup (jid);
  look->store = store;
  look->http = http;
  look->home = home;
  look->callback = callback;
  look->user_data = user_data;
  return look;
}

void
xim_look_free (XimLook *look)
{
  if (look == NULL)
    return;
  xim_look_stop (look);
  g_free (look->jid);
  g_free (look);
}

void
xim_look_stop (XimLook *look)
{
  g_clear_pointer (&look->walk, xim_walk_free);
  g_clear_pointer (&look->body, g_bytes_unref);
  g_clear_pointer (&look->check, xim_log_check_free);
  g_clear_pointer (&look->verified, xim_verified_unref);
  xim_log_word_clear (&look->word);
}

gboolean
xim_look_is_busy (const XimLook *look)
{
  return look->walk != NULL || look->check != NULL;
}

static void
end (XimLook *look, const XimLookResult *result)
{
  xim_look_stop (look);
  look->callback (result, look->user_data);
}

static void
end_badly (XimLook *look, const GError *error, guint retry_after_s)
{
  XimLookResult result = { .error = error, .retry_after_s = retry_after_s };
  gint64 now_s = xim_plugin_now_s ();
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_EXPIRED))
    {
      gsize len = 0;
      const char *json = g_bytes_get_data (look->body, &len);
      result.server_s = now_s - xim_judge_clock_off_s (json, len, now_s);
    }
  end (look, &result);
}

static gboolean
remember (XimLook *look, GError **error)
{
  if (xim_store_begin (look->store, XIM_STORE_CACHE, error)
      && (look->verified == NULL
          || (xim_judge_remember (look->store, look->verified, error)
              && xim_places_keep (look->store, look->verified, error)))
      && xim_log_keep (look->store, xim_jid_domain (look->jid), &look->word,
                       error)
      && xim_store_commit (look->store, XIM_STORE_CACHE, error))
    return TRUE;
  xim_store_rollback (look->store, XIM_STORE_CACHE);
  return FALSE;
}

static void
compared (XimLogEnd how, guint retry_after_s, gpointer data)
{
  XimLook *look = data;
  g_autoptr (GError) error = NULL;
  if (how != XIM_LOG_FITS)
    xim_log_error (how, &error);
  if (how != XIM_LOG_FITS || !remember (look, &error))
    {
      end_badly (look, error, retry_after_s);
      return;
    }
  g_autoptr (XimVerified) verified = g_steal_pointer (&look->verified);
  const XimLookResult result
      = { .verified = verified, .absent = verified == NULL };
  end (look, &result);
}

/* @verified: (transfer full) (nullable): NULL when @absent is the answer */
static void
compare (XimLook *look, XimVerified *verified, const XimAbsent *absent)
{
  XimDomain domain;
  XimLogEnd how;
  xim_home_domain (look->home, &domain);
  look->verified = verified;
  xim_log_word_of (verified, absent, domain.server, &look->word);
  look->check = xim_log_check_new (look->store, look->http, &domain,
                                   &look->word, &how);
  if (look->check != NULL)
    xim_log_check_start (look->check, compared, look);
  else
    compared (how, 0, look);
}

static void judge (XimLook *look, GPtrArray *between, gboolean walked);

static void
got_versions (XimWalkEnd how, GPtrArray *got, guint retry_after_s,
              gpointer data)
{
  XimLook *look = data;
  if (how != XIM_WALK_OUTAGE)
    {
      judge (look, got, TRUE);
      return;
    }
  g_autoptr (GError) error = g_error_new_literal (
      XIM_ERROR, XIM_ERROR_UNAVAILABLE,
      "the keyserver should answer with the versions between");
  end_badly (look, error, retry_after_s);
}

/* Returns whether the versions between are being fetched now. */
static gboolean
walk (XimLook *look, const XimJudge *ask)
{
  g_autoptr (XimAccount) newest = NULL;
  guint32 known = 0;
  XimDomain domain;
  if (!xim_judge_gap (ask, look->body, &newest, &known))
    return FALSE;
  xim_home_domain (look->home, &domain);
  const XimWalkQuestion question = {
    .domain = &domain,
    .jid = look->jid,
    .from = newest,
    .lowest = known + 1,
  };
  look->walk = xim_walk_new (look->http, &question, got_versions, look);
  return TRUE;
}

static void
judge (XimLook *look, GPtrArray *between, gboolean walked)
{
  g_autoptr (GError) error = NULL;
  const XimJudge ask = {
    .store = look->store,
    .server = xim_home_server (look->home),
    .jid = look->jid,
    .now_s = xim_plugin_now_s (),
    .between = between,
    .walked = walked,
  };
  XimVerified *verified = xim_judge_walked (&ask, look->body, &error);
  if (verified != NULL)
    compare (look, verified, NULL);
  else if (walked || !g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED)
           || !walk (look, &ask))
    end_badly (look, error, 0);
}

static void
take_absence (XimLook *look)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAbsent) absent
      = xim_judge_absent (xim_home_server (look->home), look->jid, look->body,
                          xim_plugin_now_s (), &error);
  if (absent != NULL)
    {
      compare (look, NULL, absent);
      return;
    }
  const XimLookResult result = { .error = error };
  end (look, &result);
}

void
xim_look_take (XimLook *look, const XimHttpAnswer *answer)
{
  gboolean whole = answer->outcome == XIM_HTTP_ANSWER;
  xim_look_stop (look);
  if (whole && answer->status == 200)
    {
      look->body = g_bytes_ref (answer->body);
      judge (look, NULL, FALSE);
      return;
    }
  if (whole && answer->status == 404)
    {
      look->body = g_bytes_ref (answer->body);
      take_absence (look);
      return;
    }
  g_autoptr (GError) error = NULL;
  XimRefusal refusal;
  xim_keyserver_refusal (answer, &refusal, &error);
  const XimLookResult result = {
    .error = error,
    .server_s = error->code == XIM_ERROR_EXPIRED ? refusal.now_s : 0,
    .retry_after_s = answer->retry_after_s,
  };
  end (look, &result);
}
