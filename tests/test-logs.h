/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Makes small logs for tests, in memory. */

#pragma once

#include "test-notes.h"
#include "xim-frontier.h"
#include "xim-logged.h"

#define TEST_LOG_ORIGIN TEST_ORIGIN "/log"
#define TEST_LOG_MAX 1024

/* Only what has been appended counts; every hash is kept. */
typedef struct
{
  XimFrontier frontier;
  XimEntry entries[TEST_LOG_MAX];
  XimHash leaves[TEST_LOG_MAX];
} TestLog;

static inline XimVrfKey *
test_vrf_key (char letter)
{
  g_autoptr (GError) error = NULL;
  XimSecret *scalar = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (scalar), letter, 16);
  XimVrfKey *key = xim_vrf_key_new (scalar, &error);
  g_assert_no_error (error);
  return key;
}

static inline XimVrfPublic
test_vrf_public (char letter)
{
  g_autoptr (XimVrfKey) key = test_vrf_key (letter);
  return *xim_vrf_key_public (key);
}

/* The key of that letter under the name of the log. */
static inline XimSignKey *
test_log_key (char letter)
{
  g_autoptr (GError) error = NULL;
  XimSecret *seed = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (seed), letter, XIM_KEY_LEN);
  XimSignKey *key = xim_sign_key_new (TEST_LOG_ORIGIN, seed, &error);
  g_assert_no_error (error);
  return key;
}

static inline XimVerifyKey *
test_log_public (char letter)
{
  g_autoptr (XimSignKey) key = test_log_key (letter);
  return xim_verify_key_copy (xim_sign_key_public (key));
}

static inline void
test_log_append (TestLog *log, const XimEntry *entry)
{
  guint64 leaf = log->frontier.size;
  g_assert_cmpuint (leaf, <, TEST_LOG_MAX);
  log->entries[leaf] = *entry;
  xim_entry_leaf (entry, &log->leaves[leaf]);
  xim_frontier_append (&log->frontier, &log->leaves[leaf], NULL);
}

/* The opening of the commitment of a version. */
static inline XimOpening
test_opening (const XimAccount *account)
{
  XimOpening opening;
  memcpy (opening.bytes, account->hash.bytes, sizeof opening.bytes);
  return opening;
}

static inline XimEntry
test_entry (const XimAccount *account)
{
  g_autoptr (XimVrfKey) key = test_vrf_key ('V');
  const XimOpening opening = test_opening (account);
  XimEntry entry = { .type = XIM_ENTRY_ACCOUNT,
                     .flags = xim_entry_account_flags (account) };
  XimVrfProof proof;
  xim_entry_prove (key, account->jid, account->version, &proof, &entry.index);
  xim_entry_commit (&opening, account->text, &entry.commitment);
  return entry;
}

/* Begins with a server note and @before others. */
static inline void
test_log_init (TestLog *log, guint before)
{
  XimEntry entry = { .type = XIM_ENTRY_SERVER };
  memset (log, 0, sizeof *log);
  test_log_append (log, &entry);
  for (guint i = 0; i < before; i++)
    {
      XimEntry other = { .type = XIM_ENTRY_ACCOUNT, .flags = XIM_ENTRY_NEW };
      memset (&other.index, 'x', sizeof other.index);
      memcpy (&other.index, &i, sizeof i);
      test_log_append (log, &other);
    }
}

/* The subtree is joined anew from its leaves each time. */
static inline gboolean
test_log_read (gpointer user_data, guint level, guint64 index, XimHash *out,
               GError **error G_GNUC_UNUSED)
{
  const TestLog *log = user_data;
  guint64 n = G_GUINT64_CONSTANT (1) << level;
  XimFrontier part = { 0 };
  XimTreeHead head;
  g_assert_cmpuint ((index + 1) * n, <=, log->frontier.size);
  for (guint64 i = index * n; i < (index + 1) * n; i++)
    xim_frontier_append (&part, &log->leaves[i], NULL);
  xim_frontier_head (&part, &head);
  *out = head.root;
  return TRUE;
}

/* A checkpoint of @head signed by the key of @letter. */
static inline XimCheckpoint *
test_checkpoint (const XimTreeHead *head, char letter)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) key = test_log_key (letter);
  g_autofree char *text = xim_checkpoint_text (TEST_LOG_ORIGIN, head);
  g_autoptr (XimNote) note = test_note (text, "");
  xim_note_sign (note, key, &error);
  g_assert_no_error (error);
  g_autofree char *whole = xim_note_encode (note);
  XimCheckpoint *checkpoint
      = xim_checkpoint_decode (whole, strlen (whole), &error);
  g_assert_no_error (error);
  return checkpoint;
}

/* What a bundle says of @account at leaf @leaf of the whole log. */
static inline XimLogged *
test_logged (TestLog *log, const XimAccount *account, guint64 leaf)
{
  g_autoptr (XimVrfKey) key = test_vrf_key ('V');
  XimLogged *logged = g_new0 (XimLogged, 1);
  XimTreeReader reader = { test_log_read, log };
  XimTreeHead head;
  logged->leaf = leaf;
  logged->opening = test_opening (account);
  xim_entry_prove (key, account->jid, account->version, &logged->index, NULL);
  xim_entry_prove (key, account->jid, account->version + 1, &logged->next,
                   NULL);
  xim_tree_prove_inclusion (&reader, leaf, log->frontier.size,
                            &logged->inclusion, NULL);
  xim_frontier_head (&log->frontier, &head);
  logged->checkpoint = test_checkpoint (&head, 'S');
  return logged;
}

/**
 * test_log_account:
 * Appends @account to a log that has @before other entries; everything in what
 * it returns proves.
 */
static inline XimLogged *
test_log_account (const XimAccount *account, guint before)
{
  g_autofree TestLog *log = g_new (TestLog, 1);
  const XimEntry entry = test_entry (account);
  test_log_init (log, before);
  test_log_append (log, &entry);
  return test_logged (log, account, before + 1);
}
