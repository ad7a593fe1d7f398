/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* xim-log-check: whether a keyserver's log is what it must be. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lc-follow.h"
#include "xim-error.h"

#define EXIT_LIE 1     /* the log misbehaved, there is evidence */
#define EXIT_UNKNOWN 2 /* it could not be checked */

static char *state_path = NULL;
static char *evidence_path = NULL;
static char *ca_path = NULL;
static gboolean quiet = FALSE;
static gboolean show_version = FALSE;

static const GOptionEntry options[] = {
  { "state", 's', 0, G_OPTION_ARG_FILENAME, &state_path,
    "where the last run's findings are kept", "FILE" },
  { "evidence", 'e', 0, G_OPTION_ARG_FILENAME, &evidence_path,
    "where evidence goes (the state's name with .evidence)", "FILE" },
  { "ca", 0, 0, G_OPTION_ARG_FILENAME, &ca_path,
    "certificates to trust instead of the system's", "FILE" },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "say nothing when all is well",
    NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "print the version",
    NULL },
  { .long_name = NULL },
};

static int
fail (const char *what, const GError *error)
{
  fprintf (stderr, "xim-log-check: %s%s\n", what, error->message);
  return EXIT_UNKNOWN;
}

/* One file for each log, below the user's state folder. */
static char *
default_state (const XimVerifyKey *log)
{
  g_autofree char *name = g_strdup (log->name);
  for (char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '.' && *p != '-')
      *p = '_';
  g_autofree char *dir
      = g_build_filename (g_get_user_state_dir (), "xim-log-check", NULL);
  if (g_mkdir_with_parents (dir, 0700) != 0)
    fprintf (stderr, "xim-log-check: cannot make %s\n", dir);
  return g_build_filename (dir, name, NULL);
}

/* What was found earlier stays: the log may lie in another way each day. */
static gboolean
keep_evidence (const char *path, const char *text, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *old = NULL;
  if (!g_file_get_contents (path, &old, NULL, &failure)
      && !g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (old != NULL && strstr (old, text) != NULL)
    return TRUE;
  g_autofree char *all = old == NULL ? g_strdup (text)
                                     : g_strconcat (old, "\n", text, NULL);
  return g_file_set_contents_full (path, all, -1,
                                   G_FILE_SET_CONTENTS_CONSISTENT
                                       | G_FILE_SET_CONTENTS_DURABLE,
                                   0644, error);
}

static int
tell_lie (const XimLcReport *report, const GError *error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *path = evidence_path != NULL
                              ? g_strdup (evidence_path)
                              : g_strconcat (state_path, ".evidence", NULL);
  fprintf (stderr, "xim-log-check: THE LOG MISBEHAVED: %s\n", error->message);
  if (keep_evidence (path, report->evidence->str, &failure))
    fprintf (stderr, "xim-log-check: the evidence is in %s\n", path);
  else
    fprintf (stderr, "xim-log-check: %s; the evidence is:\n%s",
             failure->message, report->evidence->str);
  return EXIT_LIE;
}

static void
tell_good (const XimLcState *state, const XimLcReport *report)
{
  if (quiet)
    return;
  g_autofree char *text = xim_checkpoint_text (state->checkpoint->origin,
                                               &state->checkpoint->head);
  printf ("%" G_GUINT64_FORMAT " new entries, all is well; the log is now\n%s",
          report->n_new, text);
}

/* The key of a keyserver has signed its log under another name. */
static XimVerifyKey *
log_key (const char *vkey, GError **error)
{
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (vkey, error);
  if (key == NULL || strchr (key->name, '/') != NULL)
    return g_steal_pointer (&key);
  g_autofree char *name = g_strconcat (key->name, "/log", NULL);
  return xim_verify_key_new (name, &key->key, error);
}

static int
check (const char *url, const XimVerifyKey *log)
{
  g_autoptr (GError) error = NULL;
  g_auto (XimLcReport) report = { 0 };
  g_autoptr (XimLcFetch) fetch = xim_lc_fetch_new (url, ca_path, &error);
  if (fetch == NULL)
    return fail ("", error);
  g_autoptr (XimLcState) state
      = xim_lc_state_load (state_path, log->name, &error);
  if (state == NULL)
    return fail ("state: ", error);
  if (!xim_lc_follow (state, fetch, log, &report, &error))
    return g_error_matches (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED)
               ? tell_lie (&report, error)
               : fail ("could not check: ", error);
  if (!xim_lc_state_save (state, state_path, &error))
    return fail ("state: ", error);
  tell_good (state, &report);
  return EXIT_SUCCESS;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("URL VKEY");
  g_option_context_set_summary (
      context, "Reads what is new in the log of an X-IM keyserver and checks "
               "that nothing\nwas changed, taken out or put in that must not "
               "be.");
  g_option_context_set_description (
      context, "Exit status: 0 all is well, 1 the log misbehaved and there is "
               "evidence,\n2 it could not be checked.");
  g_option_context_add_main_entries (context, options, NULL);
  if (!xim_secret_init (&error)
      || !g_option_context_parse (context, &argc, &argv, &error))
    return fail ("", error);
  if (show_version)
    {
      printf ("xim-log-check %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }
  if (argc != 3)
    {
      fprintf (stderr, "usage: xim-log-check [OPTION...] URL VKEY\n");
      return EXIT_UNKNOWN;
    }
  g_autoptr (XimVerifyKey) log = log_key (argv[2], &error);
  if (log == NULL)
    return fail ("the key of the log: ", error);
  if (state_path == NULL)
    state_path = default_state (log);
  return check (argv[1], log);
}
