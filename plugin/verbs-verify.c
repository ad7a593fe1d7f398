/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The verb of /xim by which two people compare their keys. */

#include "config.h"

#include "verbs.h"

#include <string.h>
#include <time.h>

#include "clock.h"
#include "compare.h"
#include "face.h"
#include "i18n.h"
#include "marks.h"
#include "notices.h"
#include "qr.h"

/* What the user asked for. */
typedef struct
{
  XimAccountState *state;
  char *jid;
  gboolean mark;      /* without looking at a code */
  XimSafety *scanned; /* (nullable): a code to compare with */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;
  g_free (job->jid);
  xim_safety_free (job->scanned);
  g_free (job);
}

static void
say (const Job *job, const char *text)
{
  xim_notices_line (job->state->purple, job->jid, TRUE, text);
}

/* Why there is no number */

static char *
end_text (const XimComparison *comparison)
{
  const char *jid = comparison->jid;
  switch (comparison->end)
    {
    case XIM_COMPARE_OWN:
      return g_strdup (_ ("There is nothing to compare yet: your own keys are "
                          "not ready on this device. Type /xim status"));
    case XIM_COMPARE_RESET:
      return g_strdup_printf (
          _ ("There is nothing to compare: %s has started again with new keys "
             "and you have not accepted them. Type /xim status"),
          jid);
    case XIM_COMPARE_OUTAGE:
      return g_strdup_printf (_ ("The keys of %s cannot be looked up now: the "
                                 "keyserver does not answer. Try again "
                                 "later."),
                              jid);
    case XIM_COMPARE_BROKEN:
      return g_strdup_printf (
          _ ("There is no safety number: the keyserver cannot show how the "
             "present keys of %s follow from the first ones, so a number "
             "would prove nothing. Ask the keyserver's operator."),
          jid);
    case XIM_COMPARE_NONE:
    case XIM_COMPARE_READY:
    default:
      return g_strdup_printf (_ ("There is nothing to compare: no keys of %s "
                                 "can be used now. Type /xim status"),
                              jid);
    }
}

/* The number */

static void
show_code (const Job *job, const XimSafety *safety)
{
  g_autofree char *text = xim_safety_encode (safety);
  g_autoptr (XimQr) qr = xim_qr_new (text);
  if (qr != NULL)
    {
      const XimFaceCode code = { qr->width, XIM_QR_MARGIN, qr->modules };
      if (!xim_face_show_code (job->state->purple, job->jid, &code))
        {
          g_autofree char *blocks = xim_qr_blocks (qr);
          say (job, blocks);
        }
    }
  say (job, text);
}

static void
show_number (const Job *job, const XimComparison *comparison)
{
  char number[XIM_SAFETY_LEN + 1];
  xim_safety_number (comparison->own->text, comparison->contact->text, number);
  g_autofree char *shown = xim_safety_number_show (number);
  g_autofree char *text = g_strdup_printf (
      _ ("Safety number of you and %s:\n%s\nIn the program of your contact "
         "/xim verify shows the same number, unless somebody is in between. "
         "Compare them face to face or by a voice that you know, not in this "
         "conversation. If they are the same, type /xim verify yes\nOr scan "
         "the code that the other program shows, and type /xim verify with "
         "what the scanner reads, which begins with x-im:"),
      job->jid, shown);
  g_autoptr (XimSafety) safety
      = xim_safety_new (comparison->own, comparison->contact);
  say (job, text);
  show_code (job, safety);
  if (xim_marks_holds (job->state->store, job->state->peers, job->jid))
    {
      g_autofree char *marked
          = g_strdup_printf (_ ("%s is marked as verified. To undo that, type "
                                "/xim verify no"),
                             job->jid);
      say (job, marked);
    }
}

/* The mark */

static char *
not_kept (const GError *error)
{
  purple_debug_error ("x-im", "verify: %s\n", error->message);
  return g_strdup (_ ("This was not kept: a file of X-IM cannot be written."));
}

static void
set_mark (const Job *job, const XimComparison *comparison)
{
  g_autoptr (GError) error = NULL;
  XimAccountState *state = job->state;
  g_autofree char *text = NULL;
  if (!xim_marks_set (state->store, comparison->contact, xim_plugin_now_s (),
                      &error))
    text = not_kept (error);
  else
    text = g_strdup_printf (
        _ ("%s is marked as verified. It stays so when devices are added; it "
           "ends when %s starts again with new keys."),
        job->jid, job->jid);
  say (job, text);
  xim_face_changed (state->purple, job->jid);
}

static char *
unmark (XimAccountState *state, const char *jid)
{
  g_autoptr (GError) error = NULL;
  gboolean was = FALSE;
  if (!xim_marks_clear (state->store, jid, &was, &error))
    return not_kept (error);
  if (!was)
    return g_strdup_printf (_ ("%s is not marked as verified."), jid);
  xim_face_changed (state->purple, jid);
  return g_strdup_printf (_ ("%s is no longer verified, because you said so."),
                          jid);
}

/* A scanned code */

static const char *
difference_format (gboolean own, gboolean contact)
{
  if (!own && !contact)
    return _ ("The codes differ for both of you: the other program has other "
              "keys of you and of %s than this one. Somebody may be in "
              "between, or the code is an old one. Let it be shown anew and "
              "compare again before you write anything that matters.");
  if (!own)
    return _ ("The codes differ for you: the program of %s has other keys of "
              "yours than this one. Somebody may read what is written to you, "
              "or the code is an old one. Let it be shown anew and compare "
              "again before you write anything that matters.");
  return _ ("The codes differ for %s: this program has other keys than the "
            "ones of your contact. Somebody may read what you write, or the "
            "code is an old one. Let it be shown anew and compare again "
            "before you write anything that matters.");
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

/* Whoever compared and found a difference has verified nothing. */
static void
tell_difference (const Job *job, gboolean own, gboolean contact)
{
  g_autofree char *text
      = g_strdup_printf (difference_format (own, contact), job->jid);
  g_autoptr (GError) error = NULL;
  gboolean was = FALSE;
  say (job, text);
  if (!xim_marks_clear (job->state->store, job->jid, &was, &error))
    {
      g_autofree char *kept = not_kept (error);
      say (job, kept);
    }
  if (!was)
    return;
  g_autofree char *lost = xim_notices_unmarked_text (job->jid);
  say (job, lost);
  xim_face_changed (job->state->purple, job->jid);
}

#pragma GCC diagnostic pop

static void
compare_code (const Job *job, const XimComparison *comparison)
{
  g_autoptr (XimSafety) safety
      = xim_safety_new (comparison->own, comparison->contact);
  gboolean own
      = xim_safety_is_same (safety, job->scanned, job->state->jid);
  gboolean contact = xim_safety_is_same (safety, job->scanned, job->jid);
  if (!own || !contact)
    {
      tell_difference (job, own, contact);
      return;
    }
  say (job, _ ("The codes are the same."));
  set_mark (job, comparison);
}

static void
compared (const XimComparison *comparison, gpointer data)
{
  const Job *job = data;
  if (comparison->end != XIM_COMPARE_READY)
    {
      g_autofree char *text = end_text (comparison);
      say (job, text);
    }
  else if (job->scanned != NULL)
    compare_code (job, comparison);
  else if (job->mark)
    set_mark (job, comparison);
  else
    show_number (job, comparison);
  g_hash_table_remove (job->state->compares, job->jid);
}

/* The verb */

static char *
begin (const XimCall *call, gboolean mark, XimSafety *scanned)
{
  XimAccountState *state = call->state;
  const XimCompareParts parts
      = { state->jid,  state->enrol,     state->store,
          state->http, state->discovery, state->peers };
  Job *job = g_new0 (Job, 1);
  job->state = state;
  job->jid = g_strdup (call->jid);
  job->mark = mark;
  job->scanned = scanned;
  if (state->compares == NULL)
    state->compares
        = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                 (GDestroyNotify)xim_compare_free);
  g_hash_table_replace (
      state->compares, g_strdup (call->jid),
      xim_compare_new (&parts, call->jid, compared, job, job_free));
  return NULL;
}

static char *
scan (const XimCall *call, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSafety) scanned = xim_safety_decode (text, &error);
  if (scanned == NULL)
    {
      purple_debug_info ("x-im", "verify: %s\n", error->message);
      return g_strdup (_ ("That is no code of X-IM, or not the whole of it: "
                          "nothing was compared."));
    }
  if (!xim_safety_is_about (scanned, call->state->jid)
      || !xim_safety_is_about (scanned, call->jid))
    return g_strdup_printf (_ ("That code is not of you and %s: nothing was "
                               "compared."),
                            call->jid);
  return begin (call, FALSE, g_steal_pointer (&scanned));
}

static char *
run_verify (const XimCall *call)
{
  const char *word = call->words[0];
  if (call->jid == NULL)
    return g_strdup (_ ("This works in a conversation with one contact."));
  if (strcmp (call->jid, call->state->jid) == 0)
    return g_strdup (_ ("This is your own address: there is nobody to compare "
                        "with."));
  if (word == NULL)
    return begin (call, FALSE, NULL);
  if (call->words[1] == NULL && strcmp (word, "yes") == 0)
    return begin (call, TRUE, NULL);
  if (call->words[1] == NULL && strcmp (word, "no") == 0)
    return unmark (call->state, call->jid);
  if (call->words[1] == NULL && g_str_has_prefix (word, "x-im:"))
    return scan (call, word);
  return g_strdup (_ ("Type /xim verify, /xim verify yes, /xim verify no or "
                      "/xim verify with a code that begins with x-im:"));
}

const XimVerb xim_verbs_verify[] = {
  { "verify", run_verify,
    N_ ("/xim verify: a number and a code to compare with your contact\n"
        "/xim verify yes: they are the same; mark the contact as verified\n"
        "/xim verify no: do not mark the contact any more\n"
        "/xim verify x-im:...: compare with a code that was scanned") },
  { NULL, NULL, NULL },
};
