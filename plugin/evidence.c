/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What does not fit, kept as files that an expert can read and hand on. */

#include "config.h"

#include "evidence.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define ABOUT_MAX 120 /* characters of it in the name of a file */
#define DIGEST_LEN 6  /* bytes of it there */
#define SUFFIX ".txt"

struct _XimEvidence
{
  char *about;
  char *word;
  gint64 time_s;
  GString *head;
  GString *parts;
};

XimEvidence *
xim_evidence_new (const char *about, const char *word, gint64 now_s)
{
  XimEvidence *evidence = g_new0 (XimEvidence, 1);
  evidence->about = g_strdup (about);
  evidence->word = g_strdup (word);
  evidence->time_s = now_s;
  evidence->head = g_string_new (NULL);
  evidence->parts = g_string_new (NULL);
  return evidence;
}

void
xim_evidence_free (XimEvidence *evidence)
{
  if (evidence == NULL)
    return;
  g_free (evidence->about);
  g_free (evidence->word);
  g_string_free (evidence->head, TRUE);
  g_string_free (evidence->parts, TRUE);
  g_free (evidence);
}

void
xim_evidence_say (XimEvidence *evidence, const char *name, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_strdelimit (valid, "\r\n\t", ' ');
  g_string_append_printf (evidence->head, "%s: %s\n", name, valid);
}

/* No control character of a keyserver reaches the terminal of a reader. */
static gboolean
is_plain (const char *text, gsize len)
{
  if (!g_utf8_validate (text, (gssize)len, NULL))
    return FALSE;
  for (const char *c = text; c < text + len; c = g_utf8_next_char (c))
    if (*c != '\n' && g_unichar_iscntrl (g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

void
xim_evidence_add (XimEvidence *evidence, const char *name, gconstpointer data,
                  gsize len)
{
  gboolean plain = is_plain (data, len);
  g_autofree char *base64 = plain ? NULL : xim_codec_base64_encode (data, len);
  g_string_append_printf (evidence->parts,
                          "\n-----BEGIN %s (%s, %" G_GSIZE_FORMAT
                          " bytes)-----\n",
                          name, plain ? "text" : "base64", len);
  if (plain)
    g_string_append_len (evidence->parts, data, (gssize)len);
  else
    g_string_append (evidence->parts, base64);
  g_string_append_printf (evidence->parts, "\n-----END %s-----\n", name);
}

void
xim_evidence_add_text (XimEvidence *evidence, const char *name,
                       const char *text)
{
  if (text != NULL)
    xim_evidence_add (evidence, name, text, strlen (text));
}

static char *
digest_of (const XimEvidence *evidence)
{
  const XimPiece piece = { evidence->parts->str, evidence->parts->len };
  XimHash hash;
  xim_crypto_sha256 (&piece, 1, &hash);
  return xim_codec_hex_encode (hash.bytes, DIGEST_LEN);
}

/* "-WORD-ABOUT-DIGEST.txt"; percent signs stand for what no file name may
 * hold. */
static char *
tail_of (const XimEvidence *evidence)
{
  g_autofree char *about = g_uri_escape_string (evidence->about, "@", FALSE);
  g_autofree char *digest = digest_of (evidence);
  if (strlen (about) > ABOUT_MAX)
    about[ABOUT_MAX] = '\0';
  return g_strdup_printf ("-%s-%s-%s" SUFFIX, evidence->word, about, digest);
}

char *
xim_evidence_folder (const char *dir)
{
  return g_build_filename (dir, "evidence", NULL);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* All names, oldest first: each begins with its time. */
static GPtrArray *
list (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, SUFFIX))
      g_ptr_array_add (names, g_strdup (name));
  if (dir != NULL)
    g_dir_close (dir);
  g_ptr_array_sort (names, compare_names);
  return names;
}

guint
xim_evidence_n (const char *dir)
{
  g_autofree char *folder = xim_evidence_folder (dir);
  g_autoptr (GPtrArray) names = list (folder);
  return names->len;
}

static void delete (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  if (g_unlink (path) != 0)
    g_debug ("evidence: %s: %s", path, g_strerror (errno));
}

/* A name is "TIME-WORD-ABOUT-DIGEST.txt"; words have hyphens, so the end is
 * what tells whose it is. */
static gboolean
is_about (const char *name, const char *about)
{
  const gsize end_len = 1 + 2 * DIGEST_LEN + strlen (SUFFIX);
  const gsize len = strlen (name);
  g_autofree char *ending = g_strconcat ("-", about, NULL);
  if (len <= end_len)
    return FALSE;
  g_autofree char *start = g_strndup (name, len - end_len);
  return g_str_has_suffix (start, ending);
}

/* The first of an address stays: whoever can cause many later ones must not
 * be able to push it out. */
static void
trim (const char *folder, const XimEvidence *evidence)
{
  g_autofree char *about = g_uri_escape_string (evidence->about, "@", FALSE);
  g_autoptr (GPtrArray) all = list (folder);
  g_autoptr (GPtrArray) mine = g_ptr_array_new ();
  if (strlen (about) > ABOUT_MAX)
    about[ABOUT_MAX] = '\0';
  for (guint i = 0; i < all->len; i++)
    if (is_about (all->pdata[i], about))
      g_ptr_array_add (mine, all->pdata[i]);
  guint n_over = mine->len > XIM_EVIDENCE_PER_NAME_MAX
                     ? mine->len - XIM_EVIDENCE_PER_NAME_MAX
                     : 0;
  for (guint i = 0; i < n_over; i++)
    delete (folder, mine->pdata[1 + i]);
  for (guint i = 0; all->len - n_over > XIM_EVIDENCE_MAX + i; i++)
    delete (folder, all->pdata[i]);
}

static gboolean
is_kept (const char *folder, const char *tail)
{
  g_autoptr (GPtrArray) names = list (folder);
  for (guint i = 0; i < names->len; i++)
    if (g_str_has_suffix (names->pdata[i], tail))
      return TRUE;
  return FALSE;
}

static char *
text_of (const XimEvidence *evidence)
{
  g_autofree char *time = xim_codec_time_encode (evidence->time_s);
  return g_strdup_printf (
      "X-IM kept this because it does not fit what was seen before, or is not "
      "signed\nas it should be. Every note in it can be checked with the "
      "public keys that are\nnamed in it; the rules are in PROTOCOL.md. It "
      "holds no secret of yours.\n\n"
      "about: %s\nword: %s\ntime: %s\nprogram: X-IM " PACKAGE_VERSION "\n%s%s",
      evidence->about, evidence->word, time, evidence->head->str,
      evidence->parts->str);
}

gboolean
xim_evidence_save (const XimEvidence *evidence, const char *dir,
                   gboolean *is_new, GError **error)
{
  g_autofree char *folder = xim_evidence_folder (dir);
  g_autofree char *tail = tail_of (evidence);
  g_autofree char *time = xim_codec_time_encode (evidence->time_s);
  g_strdelimit (time, ":", '.');
  g_autofree char *name = g_strconcat (time, tail, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = text_of (evidence);
  g_autoptr (GError) why = NULL;
  gboolean kept = is_kept (folder, tail);
  if (!kept
      && (g_mkdir_with_parents (folder, 0700) != 0
          || !g_file_set_contents_full (
              path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &why)))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "%s should be written: %s", path,
                   why != NULL ? why->message : g_strerror (errno));
      return FALSE;
    }
  if (!kept)
    trim (folder, evidence);
  *is_new = !kept;
  return TRUE;
}
