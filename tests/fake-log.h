/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A keyserver's log over the network that fake-net.h plays. */

#pragma once

#include "tests/fake-net.h"
#include "test-logs.h"
#include "xim-tile.h"

/* What it serves, and how it lies.  All zero: it is down. */
typedef struct
{
  TestLog *log;
  XimHttpOutcome outcome;
  guint status;     /* of tiles */
  const char *bent; /* (nullable): the end of the path of a tile whose first
                       and last bytes are other ones */
  guint64 checkpoint_max; /* not 0: the newest checkpoint is not larger */
} FakeLog;

/* The tree of the first @size entries. */
static inline XimTreeHead
fake_log_head (TestLog *log, guint64 size)
{
  XimFrontier part = { 0 };
  XimTreeHead head;
  for (guint64 i = 0; i < size; i++)
    xim_frontier_append (&part, &log->leaves[i], NULL);
  xim_frontier_head (&part, &head);
  return head;
}

static inline void
fake_log_hashes (FakeLog *fake, const XimTile *tile, GByteArray *out)
{
  for (guint i = 0; i < tile->width; i++)
    {
      XimHash hash;
      test_log_read (fake->log, tile->level * XIM_TILE_HEIGHT,
                     tile->n * XIM_TILE_WIDTH + i, &hash, NULL);
      g_byte_array_append (out, hash.bytes, sizeof hash.bytes);
    }
}

static inline void
fake_log_entries (FakeLog *fake, const XimTile *tile, GByteArray *out)
{
  for (guint i = 0; i < tile->width; i++)
    {
      guint8 bytes[XIM_ENTRY_MAX];
      const guint64 leaf = tile->n * XIM_TILE_WIDTH + i;
      gsize len = xim_entry_encode (&fake->log->entries[leaf], bytes);
      xim_entries_append (out, bytes, len);
    }
}

static inline void
fake_log_checkpoint (FakeLog *fake, FakeAnswer *answer)
{
  const guint64 size = fake->log->frontier.size;
  const XimTreeHead head = fake_log_head (
      fake->log,
      fake->checkpoint_max != 0 ? MIN (fake->checkpoint_max, size) : size);
  g_autoptr (XimCheckpoint) checkpoint = test_checkpoint (&head, 'S');
  answer->status = 200;
  answer->body = xim_note_encode (checkpoint->note);
}

static inline void
fake_log_tile (FakeLog *fake, const char *path, FakeAnswer *answer)
{
  XimTile tile;
  GByteArray *bytes = g_byte_array_new ();
  g_assert_true (xim_tile_path_decode (path, &tile, NULL));
  answer->status = fake->status;
  if (tile.width
      > xim_tile_width (tile.level, tile.n, fake->log->frontier.size))
    answer->status = 404;
  else if (tile.level == XIM_TILE_ENTRIES)
    fake_log_entries (fake, &tile, bytes);
  else
    fake_log_hashes (fake, &tile, bytes);
  if (fake->bent != NULL && bytes->len > 0
      && g_str_has_suffix (path, fake->bent))
    {
      bytes->data[0] ^= 1;
      bytes->data[bytes->len - 1] ^= 1;
    }
  answer->body_len = bytes->len;
  answer->body = (char *)g_byte_array_free (bytes, FALSE);
}

/* Returns: whether @request is for the log. */
static inline gboolean
fake_log_answer (FakeLog *fake, const XimHttpRequest *request,
                 FakeAnswer *answer)
{
  const char *path = strstr (request->url, "/log/");
  if (path == NULL)
    return FALSE;
  path += strlen ("/log/");
  answer->outcome = fake->log != NULL ? fake->outcome : XIM_HTTP_TIMEOUT;
  if (answer->outcome != XIM_HTTP_ANSWER)
    return TRUE;
  if (strcmp (path, "checkpoint") == 0)
    fake_log_checkpoint (fake, answer);
  else
    fake_log_tile (fake, path, answer);
  return TRUE;
}

/* An absence note, which names the newest tree, or an empty one without a
 * log. */
static inline char *
fake_log_absence (FakeLog *fake, const char *jid, gint64 time_s,
                  const char *signers)
{
  XimTreeHead head = { .size = 0 };
  xim_tree_empty (&head.root);
  if (fake->log != NULL)
    xim_frontier_head (&fake->log->frontier, &head);
  const XimAbsent absent = {
    .jid = (char *)jid, .time_s = time_s, .size = head.size, .root = head.root
  };
  g_autofree char *text = xim_absent_encode (&absent);
  g_autoptr (XimNote) note = test_note (text, signers);
  return xim_note_encode (note);
}

/* What a bundle says of @account, which is logged unless it was. */
static inline XimLogged *
fake_log_account (FakeLog *fake, const XimAccount *account)
{
  const XimEntry entry = test_entry (account);
  XimHash leaf;
  guint64 i = 0;
  xim_entry_leaf (&entry, &leaf);
  while (i < fake->log->frontier.size
         && memcmp (&fake->log->leaves[i], &leaf, sizeof leaf) != 0)
    i++;
  if (i == fake->log->frontier.size)
    test_log_append (fake->log, &entry);
  return test_logged (fake->log, account, i);
}

/* @n entries of others. */
static inline void
fake_log_grow (FakeLog *fake, guint n, char letter)
{
  for (guint i = 0; i < n; i++)
    {
      XimEntry other = { .type = XIM_ENTRY_ACCOUNT, .flags = XIM_ENTRY_NEW };
      memset (&other.index, letter, sizeof other.index);
      memcpy (&other.index, &fake->log->frontier.size,
              sizeof fake->log->frontier.size);
      test_log_append (fake->log, &other);
    }
}
