/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What holds for every short note that the keyserver makes alone: of absent
 * and of current. */

#pragma once

#include "test-notes.h"
#include "xim-error.h"

/* One kind of note; the pointers are what decode() returns. */
typedef struct
{
  const char *text;
  gpointer (*decode) (const XimNote *note, GError **error);
  gboolean (*check) (gconstpointer decoded, const char *jid,
                     const XimVerifyKey *server, gint64 now_s, GError **error);
  void (*free) (gpointer decoded);
  gint64 life_s; /* as old as it may be */
} TestServed;

typedef struct
{
  const char *line;
  const char *with;
} TestBadLine;

static inline void
test_served_refuses_text (const TestServed *kind, const char *text,
                          XimError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = test_note (text, "S");
  g_assert_null (kind->decode (note, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

/**
 * test_served_refuses_lines:
 * @next: the first line of the next version of this kind
 */
static inline void
test_served_refuses_lines (const TestServed *kind, const TestBadLine *bad,
                           guint n_bad, const char *next)
{
  for (guint i = 0; i < n_bad; i++)
    {
      g_autofree char *text
          = test_replace_line (kind->text, bad[i].line, bad[i].with);
      test_served_refuses_text (kind, text, XIM_ERROR_MALFORMED);
    }
  test_served_refuses_text (kind, next, XIM_ERROR_UNSUPPORTED);
}

/**
 * test_served_check:
 * @code: a code of XimError, or -1 where the note is accepted
 */
static inline void
test_served_check (const TestServed *kind, const char *signers,
                   const char *jid, gint64 now_s, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  g_autoptr (XimNote) note = test_note (kind->text, signers);
  gpointer decoded = kind->decode (note, &error);
  g_assert_no_error (error);
  g_assert_true (kind->check (decoded, jid, server, now_s, &error)
                 == (code == -1));
  if (code == -1)
    g_assert_no_error (error);
  else
    g_assert_error (error, XIM_ERROR, code);
  kind->free (decoded);
}

static inline void
test_served_checks (const TestServed *kind)
{
  const gint64 now_s = TEST_NOW_S;
  test_served_check (kind, "S", TEST_JID, now_s, -1);
  test_served_check (kind, "S", TEST_JID, now_s + kind->life_s, -1);
  test_served_check (kind, "S", TEST_JID, now_s - 600, -1);
  test_served_check (kind, "S", TEST_JID, now_s + kind->life_s + 1,
                     XIM_ERROR_EXPIRED);
  test_served_check (kind, "S", TEST_JID, now_s - 601, XIM_ERROR_EXPIRED);
  test_served_check (kind, "S", "bob@example.org", now_s,
                     XIM_ERROR_WRONG_NAME);
  test_served_check (kind, "T", TEST_JID, now_s, XIM_ERROR_SIGNATURE);
  test_served_check (kind, "a", TEST_JID, now_s, XIM_ERROR_SIGNATURE);
}
