/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Every word of a keyserver about its log, compared with the ones before. */

#include "config.h"

#include "logs.h"

#include <string.h>

#include "clock.h"
#include "evidence.h"
#include "site.h"

struct _XimLogCheck
{
  XimStore *store;
  XimHttp *http;
  char *domain;
  XimSite site;
  XimLogWord word;
  XimStoreLog kept;   /* what it is compared with */
  XimConsistent *run; /* (nullable) */
  XimLogCallback callback;
  gpointer user_data;
};

/* Words. */

void
xim_log_word_of (const XimVerified *verified, const XimAbsent *absent,
                 const XimServer *server, XimLogWord *out)
{
  const XimCheckpoint *checkpoint
      = verified != NULL ? xim_verified_checkpoint (verified) : NULL;
  memset (out, 0, sizeof *out);
  if (checkpoint != NULL)
    {
      out->origin = g_strdup (checkpoint->origin);
      out->head = checkpoint->head;
      out->note = xim_note_encode (checkpoint->note);
    }
  else if (absent != NULL && absent->size > 0)
    {
      out->origin = g_strdup (server->log);
      out->head = (XimTreeHead){ absent->size, absent->root };
      out->note = xim_note_encode (absent->note);
    }
}

void
xim_log_word_copy (const XimLogWord *word, XimLogWord *out)
{
  out->origin = g_strdup (word->origin);
  out->head = word->head;
  out->note = g_strdup (word->note);
}

void
xim_log_word_clear (XimLogWord *word)
{
  g_clear_pointer (&word->origin, g_free);
  g_clear_pointer (&word->note, g_free);
}

/* What is kept. */

gboolean
xim_log_keep (XimStore *store, const char *domain, const XimLogWord *word,
              GError **error)
{
  g_auto (XimStoreLog) kept = { 0 };
  gboolean found = FALSE;
  if (word->origin == NULL)
    return TRUE;
  if (!xim_store_load_log (store, domain, &found, &kept, error))
    return FALSE;
  if (found && kept.head.size >= word->head.size)
    return TRUE;
  const XimStoreLog log = { .origin = word->origin,
                            .head = word->head,
                            .note = word->note,
                            .forked = kept.forked };
  return xim_store_save_log (store, domain, &log, error);
}

gboolean
xim_log_is_forked (XimStore *store, const char *domain)
{
  g_autoptr (GError) error = NULL;
  g_auto (XimStoreLog) kept = { 0 };
  gboolean found = FALSE;
  if (!xim_store_load_log (store, domain, &found, &kept, &error))
    {
      purple_debug_error ("x-im", "logs: %s\n", error->message);
      return TRUE;
    }
  return found && kept.forked;
}

static gboolean
save_forked (XimLogCheck *check)
{
  g_autoptr (GError) error = NULL;
  check->kept.forked = TRUE;
  if (xim_store_begin (check->store, XIM_STORE_CACHE, &error)
      && xim_store_save_log (check->store, check->domain, &check->kept, &error)
      && xim_store_commit (check->store, XIM_STORE_CACHE, &error))
    return TRUE;
  xim_store_rollback (check->store, XIM_STORE_CACHE);
  purple_debug_error ("x-im", "logs: %s\n", error->message);
  return FALSE;
}

/* Evidence. */

static void
add_proof (XimEvidence *evidence, const XimConsistentResult *result)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  for (guint i = 0; i < result->proof.n; i++)
    {
      g_autofree char *hash = xim_codec_base64_encode (
          result->proof.hashes[i].bytes, sizeof (XimHash));
      g_string_append_printf (lines, "%s\n", hash);
    }
  g_autofree char *beginning = xim_codec_base64_encode (
      result->beginning.bytes, sizeof result->beginning.bytes);
  xim_evidence_say (evidence, "root of the smaller size in the larger tree",
                    beginning);
  xim_evidence_add (evidence,
                    "consistency proof from that root to the larger one",
                    lines->str, lines->len);
}

/* @result: (nullable): of two sizes */
static void
keep_evidence (XimLogCheck *check, const XimConsistentResult *result)
{
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;
  g_autoptr (XimEvidence) evidence
      = xim_evidence_new (check->domain, "forked", xim_plugin_now_s ());
  xim_evidence_say (evidence, "what",
                    "a keyserver signed two trees that can never be one log");
  xim_evidence_say (evidence, "log", check->word.origin);
  xim_evidence_add_text (evidence, "signed tree, kept before",
                         check->kept.note);
  xim_evidence_add_text (evidence, "signed tree, shown now", check->word.note);
  if (result != NULL)
    add_proof (evidence, result);
  if (!xim_evidence_save (evidence, xim_store_dir (check->store), &is_new,
                          &error))
    purple_debug_error ("x-im", "evidence: %s\n", error->message);
}

static XimLogEnd
forked (XimLogCheck *check, const XimConsistentResult *result)
{
  purple_debug_warning ("x-im", "logs: %s has two logs\n", check->domain);
  keep_evidence (check, result);
  return save_forked (check) ? XIM_LOG_FORKED : XIM_LOG_STORE;
}

/* Comparing. */

/* Reads what is kept now: other answers may have come meanwhile.
 * Returns: whether that is all there is to do */
static gboolean
compare (XimLogCheck *check, XimLogEnd *end)
{
  g_autoptr (GError) error = NULL;
  gboolean found = FALSE;
  XimConsistentEnd known;
  xim_store_log_clear (&check->kept);
  if (!xim_store_load_log (check->store, check->domain, &found, &check->kept,
                           &error))
    {
      purple_debug_error ("x-im", "logs: %s\n", error->message);
      *end = XIM_LOG_STORE;
      return TRUE;
    }
  *end = XIM_LOG_FITS;
  if (!found)
    return TRUE;
  *end = check->kept.forked ? XIM_LOG_FORKED : XIM_LOG_LOST;
  if (check->kept.forked || check->word.origin == NULL
      || strcmp (check->word.origin, check->kept.origin) != 0)
    return TRUE;
  if (!xim_consistent_known (&check->kept.head, &check->word.head, &known))
    return FALSE;
  *end = known == XIM_CONSISTENT_YES ? XIM_LOG_FITS : forked (check, NULL);
  return TRUE;
}

static void run (XimLogCheck *check);

static gboolean
is_still_kept (XimLogCheck *check)
{
  g_auto (XimStoreLog) now = { 0 };
  gboolean found = FALSE;
  return xim_store_load_log (check->store, check->domain, &found, &now, NULL)
         && found && !now.forked && now.head.size == check->kept.head.size;
}

/* Two answers at once: what was accepted meanwhile is compared with too. */
static void
fits (XimLogCheck *check)
{
  XimLogEnd end;
  if (is_still_kept (check))
    check->callback (XIM_LOG_FITS, 0, check->user_data);
  else if (compare (check, &end))
    check->callback (end, 0, check->user_data);
  else
    run (check);
}

static void
ended (XimConsistentEnd end, const XimConsistentResult *result, gpointer data)
{
  XimLogCheck *check = data;
  g_autoptr (XimConsistent) over = g_steal_pointer (&check->run);
  switch (end)
    {
    case XIM_CONSISTENT_YES:
      fits (check);
      return;
    case XIM_CONSISTENT_FORK:
      check->callback (forked (check, result), 0, check->user_data);
      return;
    case XIM_CONSISTENT_OUTAGE:
      check->callback (XIM_LOG_OUTAGE, result->retry_after_s,
                       check->user_data);
      return;
    case XIM_CONSISTENT_WRONG:
    default:
      check->callback (XIM_LOG_WRONG, 0, check->user_data);
      return;
    }
}

static void
run (XimLogCheck *check)
{
  XimDomain domain;
  const gboolean grows = check->kept.head.size < check->word.head.size;
  const XimTreeHead *kept = &check->kept.head;
  const XimTreeHead *shown = &check->word.head;
  xim_site_domain (&check->site, &domain);
  check->run = xim_consistent_new (check->http, &domain, grows ? kept : shown,
                                   grows ? shown : kept, ended, check);
}

XimLogCheck *
xim_log_check_new (XimStore *store, XimHttp *http, const XimDomain *domain,
                   const XimLogWord *word, XimLogEnd *end)
{
  g_autoptr (XimLogCheck) check = g_new0 (XimLogCheck, 1);
  check->store = store;
  check->http = http;
  check->domain = g_strdup (domain->server->domain);
  xim_site_set (&check->site, domain);
  xim_log_word_copy (word, &check->word);
  return compare (check, end) ? NULL : g_steal_pointer (&check);
}

void
xim_log_check_start (XimLogCheck *check, XimLogCallback callback,
                     gpointer user_data)
{
  g_return_if_fail (check->run == NULL);
  check->callback = callback;
  check->user_data = user_data;
  run (check);
}

void
xim_log_check_free (XimLogCheck *check)
{
  if (check == NULL)
    return;
  xim_consistent_free (check->run);
  xim_log_word_clear (&check->word);
  xim_store_log_clear (&check->kept);
  g_free (check->domain);
  xim_site_clear (&check->site);
  g_free (check);
}

void
xim_log_error (XimLogEnd end, GError **error)
{
  switch (end)
    {
    case XIM_LOG_FORKED:
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                           "expected one log, the keyserver signed two");
      return;
    case XIM_LOG_OUTAGE:
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                           "the keyserver should answer with tiles");
      return;
    case XIM_LOG_STORE:
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                           "what is kept of a log should be readable");
      return;
    case XIM_LOG_LOST:
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                           "expected a proof of the log, which was there "
                           "before");
      return;
    case XIM_LOG_FITS:
    case XIM_LOG_WRONG:
    default:
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                           "expected tiles that lead from one signed tree of "
                           "the log to the other");
      return;
    }
}
