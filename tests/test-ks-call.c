/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-call.c, ks-frame.c and ks-link.c. */

#include "config.h"

#include "ks-call.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-frame.h"
#include "ks-link.h"

static XimKsSignAccount
make_account (char letter)
{
  XimKsSignAccount account = { .version = 7, .erased = letter == 'e' };
  memset (&account.tag, letter, sizeof account.tag);
  memset (&account.hash, letter + 1, sizeof account.hash);
  return account;
}

/* Each kind of call, to be changed by the tests. */
typedef struct
{
  XimKsSignItem items[2];
  XimHash proof[2];
  XimKsSignAccount accounts[2];
  XimKsSignProof proofs[2];
  XimKsCall calls[6];
} Samples;

static void
make_samples (Samples *samples)
{
  memset (samples, 0, sizeof *samples);
  samples->items[0].text = "one\n";
  samples->items[1].text = "two\n";
  samples->accounts[0] = make_account ('a');
  samples->accounts[1] = make_account ('e');
  samples->proofs[0] = (XimKsSignProof){ "a@b.test", 9, { { 0 } } };
  samples->proofs[1] = (XimKsSignProof){ "c@b.test", 1, { { 0 } } };
  samples->calls[0]
      = (XimKsCall){ .id = 1, .verb = XIM_KS_CALL_SIGN, .text = "a text\n" };
  samples->calls[1] = (XimKsCall){
    .id = 2,
    .verb = XIM_KS_CALL_GROUP,
    .items = samples->items,
    .n_items = 2,
    .tree = { "checkpoint\n", samples->proof, 2 },
  };
  samples->calls[2] = (XimKsCall){ .id = 3, .verb = XIM_KS_CALL_LAST };
  samples->calls[3] = (XimKsCall){
    .id = 4,
    .verb = XIM_KS_CALL_PROVE,
    .proofs = samples->proofs,
    .n_proofs = 2,
  };
  samples->calls[4] = (XimKsCall){ .id = G_MAXUINT32,
                                   .verb = XIM_KS_CALL_ADOPT,
                                   .accounts = samples->accounts,
                                   .n_accounts = 2 };
  samples->calls[5] = (XimKsCall){ .id = 6, .verb = XIM_KS_CALL_STOP };
}

static void
test_round_trip (void)
{
  Samples samples;
  make_samples (&samples);
  for (guint i = 0; i < G_N_ELEMENTS (samples.calls); i++)
    {
      g_autoptr (GError) error = NULL;
      guint32 id = 0;
      g_autoptr (GByteArray) bytes = xim_ks_call_encode (&samples.calls[i]);
      g_autoptr (XimKsCall) call
          = xim_ks_call_decode (bytes->data, bytes->len, &id, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (id, ==, samples.calls[i].id);
      g_assert_cmpint ((int)call->verb, ==, (int)samples.calls[i].verb);
      g_autoptr (GByteArray) again = xim_ks_call_encode (call);
      g_assert_cmpmem (again->data, again->len, bytes->data, bytes->len);
    }
}

/* Only the whole is a call: neither a beginning of it nor more than it. */
static void
test_exact_length (void)
{
  Samples samples;
  make_samples (&samples);
  for (guint i = 0; i < G_N_ELEMENTS (samples.calls); i++)
    {
      const XimKsCall *sample = &samples.calls[i];
      guint32 id = 0;
      g_autoptr (GByteArray) bytes = xim_ks_call_encode (sample);
      gboolean is_open = sample->verb == XIM_KS_CALL_SIGN;
      for (guint len = 0; len < bytes->len && !is_open; len++)
        g_assert_null (xim_ks_call_decode (bytes->data, len, &id, NULL));
      g_assert_cmpuint (id, ==,
                        sample->verb == XIM_KS_CALL_SIGN ? 0 : sample->id);
      g_byte_array_append (bytes, (const guint8 *)"", 1);
      g_assert_null (xim_ks_call_decode (bytes->data, bytes->len, &id, NULL));
    }
}

static void
assert_call_refused (const GByteArray *bytes, XimError code)
{
  g_autoptr (GError) error = NULL;
  guint32 id = 0;
  g_assert_null (xim_ks_call_decode (bytes->data, bytes->len, &id, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static GByteArray *
bytes_of (const guint8 *data, guint len)
{
  GByteArray *bytes = g_byte_array_new ();
  g_byte_array_append (bytes, data, len);
  return bytes;
}

#define HEAD(verb) 0, 0, 0, 1, verb

static void
test_refusals (void)
{
  static const guint8 verb_0[] = { HEAD (0) };
  static const guint8 verb_7[] = { HEAD (XIM_KS_CALL_READY) };
  static const guint8 verb_99[] = { HEAD (99) };
  static const guint8 many_items[] = { HEAD (XIM_KS_CALL_GROUP), 255, 255 };
  static const guint8 long_text[]
      = { HEAD (XIM_KS_CALL_GROUP), 0, 1, 255, 255, 255, 255 };
  static const guint8 tree_2[] = { HEAD (XIM_KS_CALL_GROUP), 0, 0, 2 };
  static const guint8 long_proof[]
      = { HEAD (XIM_KS_CALL_GROUP), 0, 0, 1, 0, 0, 0, 0, 65 };
  static const guint8 many_accounts[] = { HEAD (XIM_KS_CALL_ADOPT), 255, 255 };
  guint8 version_0[5 + 2 + 69] = { HEAD (XIM_KS_CALL_ADOPT), 0, 1 };
  guint8 erased_2[5 + 2 + 69] = { HEAD (XIM_KS_CALL_ADOPT), 0, 1 };
  erased_2[5 + 2 + 35] = 1;
  erased_2[sizeof erased_2 - 1] = 2;
  static const guint8 many_proofs[] = { HEAD (XIM_KS_CALL_PROVE), 255, 255 };
  static const guint8 long_address[]
      = { HEAD (XIM_KS_CALL_PROVE), 0, 1, 0, 0, 0, 1, 8, 0 };
  static guint8 long_sign[5 + XIM_NOTE_MAX + 1] = { HEAD (XIM_KS_CALL_SIGN) };
  memset (long_sign + 5, 'a', sizeof long_sign - 5);
  const struct
  {
    const guint8 *data;
    gsize len;
    XimError code;
  } bad[] = {
    { verb_0, sizeof verb_0, XIM_ERROR_UNSUPPORTED },
    { verb_7, sizeof verb_7, XIM_ERROR_UNSUPPORTED },
    { verb_99, sizeof verb_99, XIM_ERROR_UNSUPPORTED },
    { many_items, sizeof many_items, XIM_ERROR_TOO_LARGE },
    { long_text, sizeof long_text, XIM_ERROR_TOO_LARGE },
    { tree_2, sizeof tree_2, XIM_ERROR_TOO_LARGE },
    { long_proof, sizeof long_proof, XIM_ERROR_TOO_LARGE },
    { many_accounts, sizeof many_accounts, XIM_ERROR_TOO_LARGE },
    { version_0, sizeof version_0, XIM_ERROR_MALFORMED },
    { erased_2, sizeof erased_2, XIM_ERROR_TOO_LARGE },
    { many_proofs, sizeof many_proofs, XIM_ERROR_TOO_LARGE },
    { long_address, sizeof long_address, XIM_ERROR_TOO_LARGE },
    { long_sign, sizeof long_sign, XIM_ERROR_TOO_LARGE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_of (bad[i].data, (guint)bad[i].len);
      assert_call_refused (bytes, bad[i].code);
    }
}

static void
test_replies (void)
{
  g_autoptr (GError) error = NULL;
  XimKsSignItem items[] = { { .line = (char *)"line 1\n" }, { .line = NULL } };
  XimKsSignProof proofs[] = { { NULL, 0, { "one" } }, { NULL, 0, { "two" } } };
  XimKsReply replies[] = {
    { .id = 1, .verb = XIM_KS_CALL_SIGN, .line = (char *)"a line\n" },
    { .id = 2,
      .verb = XIM_KS_CALL_GROUP,
      .items = items,
      .n_items = 2,
      .line = (char *)"of the checkpoint\n" },
    { .id = 3, .verb = XIM_KS_CALL_LAST, .head = { .size = 5 } },
    { .id = 4, .verb = XIM_KS_CALL_PROVE, .proofs = proofs, .n_proofs = 2 },
    { .id = 5, .verb = XIM_KS_CALL_ADOPT },
    { .id = 6, .verb = XIM_KS_CALL_STOP },
    { .id = 0, .verb = XIM_KS_CALL_READY, .vkey = (char *)"the key" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      gsize n = replies[i].n_items + replies[i].n_proofs;
      g_autoptr (GByteArray) bytes = xim_ks_reply_encode (&replies[i]);
      g_assert_cmpuint (xim_ks_reply_id (bytes->data, bytes->len), ==,
                        replies[i].id);
      g_autoptr (XimKsReply) reply
          = xim_ks_reply_decode (bytes->data, bytes->len, n, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (reply->line, ==, replies[i].line);
      g_assert_cmpstr (reply->vkey, ==, replies[i].vkey);
      g_assert_cmpuint (reply->head.size, ==, replies[i].head.size);
      g_assert_cmpuint (reply->n_proofs, ==, replies[i].n_proofs);
      g_autoptr (GByteArray) again = xim_ks_reply_encode (reply);
      g_assert_cmpmem (again->data, again->len, bytes->data, bytes->len);
      for (guint len = 0; len < bytes->len; len++)
        g_assert_null (xim_ks_reply_decode (bytes->data, len, n, NULL));
      g_byte_array_append (bytes, (const guint8 *)"", 1);
      g_assert_null (xim_ks_reply_decode (bytes->data, bytes->len, n, NULL));
    }
  g_autoptr (GByteArray) lines = xim_ks_reply_encode (&replies[1]);
  g_assert_null (xim_ks_reply_decode (lines->data, lines->len, 3, NULL));
}

static void
test_refusing_reply (void)
{
  g_autoptr (GError) error = NULL;
  XimKsSignItem items[3] = { { .text = NULL } };
  XimKsReply refusal
      = { .id = 9, .verb = XIM_KS_CALL_GROUP, .items = items, .n_items = 3 };
  g_set_error (&items[2].error, XIM_ERROR, XIM_ERROR_CONFLICT, "the third");
  g_set_error (&refusal.error, XIM_ERROR, XIM_ERROR_STORE, "of all");
  g_autoptr (GByteArray) bytes = xim_ks_reply_encode (&refusal);
  g_autoptr (XimKsReply) reply
      = xim_ks_reply_decode (bytes->data, bytes->len, 3, &error);
  g_assert_no_error (error);
  g_assert_error (reply->error, XIM_ERROR, XIM_ERROR_STORE);
  g_assert_error (reply->items[2].error, XIM_ERROR, XIM_ERROR_CONFLICT);
  g_assert_cmpstr (reply->items[2].error->message, ==, "the third");
  g_assert_no_error (reply->items[0].error);
  g_assert_null (xim_ks_reply_decode (bytes->data, bytes->len, 2, NULL));
  g_assert_null (xim_ks_reply_decode (bytes->data, bytes->len, 0, NULL));
  g_clear_error (&items[2].error);
  g_clear_error (&refusal.error);

  static const guint8 no_error[]
      = { 0, 0, 0, 9, XIM_KS_CALL_LAST, XIM_ERROR_UNAVAILABLE + 2, 0, 0 };
  g_assert_null (xim_ks_reply_decode (no_error, sizeof no_error, 0, NULL));
}

typedef struct
{
  int fds[2];
} Pair;

static void
pair_open (Pair *pair)
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair->fds), ==, 0);
}

static gpointer
write_large (gpointer data)
{
  Pair *pair = data;
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  g_byte_array_set_size (frame, 1000000);
  memset (frame->data, 'x', frame->len);
  g_assert_true (xim_ks_frame_write (pair->fds[0], frame, NULL));
  g_byte_array_set_size (frame, 3);
  g_assert_true (xim_ks_frame_write (pair->fds[0], frame, NULL));
  g_assert_true (xim_ks_frame_write (pair->fds[0], frame, NULL));
  close (pair->fds[0]);
  return NULL;
}

static void
test_frames (void)
{
  Pair pair;
  g_autoptr (GError) error = NULL;
  pair_open (&pair);
  g_autoptr (XimKsFrames) frames = xim_ks_frames_new (pair.fds[1], 1000000);
  GThread *thread = g_thread_new ("writer", write_large, &pair);
  const guint lens[] = { 1000000, 3, 3 };
  for (guint i = 0; i < G_N_ELEMENTS (lens); i++)
    {
      g_autoptr (GByteArray) frame = xim_ks_frames_read (frames, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (frame->len, ==, lens[i]);
      for (guint j = 0; j < frame->len; j++)
        g_assert_cmpint (frame->data[j], ==, 'x');
    }
  g_assert_null (xim_ks_frames_read (frames, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND);
  g_thread_join (thread);
  close (pair.fds[1]);
}

static void
assert_no_frame (const char *bytes, gsize len, XimError code)
{
  Pair pair;
  g_autoptr (GError) error = NULL;
  pair_open (&pair);
  g_autoptr (XimKsFrames) frames = xim_ks_frames_new (pair.fds[1], 100);
  g_assert_cmpint (write (pair.fds[0], bytes, len), ==, len);
  close (pair.fds[0]);
  g_assert_null (xim_ks_frames_read (frames, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
  close (pair.fds[1]);
}

static void
test_bad_frames (void)
{
  assert_no_frame ("", 0, XIM_ERROR_NOT_FOUND);
  assert_no_frame ("\0\0\0", 3, XIM_ERROR_MALFORMED);
  assert_no_frame ("\0\0\0\2a", 5, XIM_ERROR_MALFORMED);
  assert_no_frame ("\0\0\0\0", 4, XIM_ERROR_MALFORMED);
  assert_no_frame ("\0\0\0\145", 4, XIM_ERROR_TOO_LARGE);
  assert_no_frame ("\377\377\377\377", 4, XIM_ERROR_TOO_LARGE);
}

/* Answers two calls in the other order, then ends. */
static gpointer
answer_two (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  g_autoptr (XimKsFrames) frames = xim_ks_frames_new (fd, 1000);
  XimKsReply ready = { .verb = XIM_KS_CALL_READY, .vkey = (char *)"key" };
  g_autoptr (GByteArray) first = xim_ks_reply_encode (&ready);
  g_assert_true (xim_ks_frame_write (fd, first, NULL));
  XimKsReply replies[2]
      = { { .verb = XIM_KS_CALL_SIGN }, { .verb = XIM_KS_CALL_SIGN } };
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GByteArray) frame = xim_ks_frames_read (frames, NULL);
      g_autoptr (XimKsCall) call
          = xim_ks_call_decode (frame->data, frame->len, &replies[i].id, NULL);
      replies[i].line = g_strdup (call->text);
    }
  for (guint i = 2; i-- > 0;)
    {
      g_autoptr (GByteArray) reply = xim_ks_reply_encode (&replies[i]);
      g_assert_true (xim_ks_frame_write (fd, reply, NULL));
      g_free (replies[i].line);
    }
  g_autoptr (GByteArray) third = xim_ks_frames_read (frames, NULL);
  shutdown (fd, SHUT_RDWR); /* without an answer */
  close (fd);
  return NULL;
}

typedef struct
{
  XimKsLink *link;
  const char *text;
} Caller;

static gpointer
call_once (gpointer data)
{
  const Caller *caller = data;
  g_autoptr (GError) error = NULL;
  XimKsCall call = { .verb = XIM_KS_CALL_SIGN, .text = caller->text };
  g_autoptr (XimKsReply) reply
      = xim_ks_link_call (caller->link, &call, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reply->line, ==, caller->text);
  return NULL;
}

static void
count_end (gpointer data)
{
  g_atomic_int_inc ((gint *)data);
}

static void
test_link (void)
{
  Pair pair;
  gint ended = 0;
  g_autoptr (GError) error = NULL;
  pair_open (&pair);
  g_autoptr (XimKsLink) link
      = xim_ks_link_new (pair.fds[0], count_end, &ended);
  GThread *other
      = g_thread_new ("other", answer_two, GINT_TO_POINTER (pair.fds[1]));
  g_autoptr (XimKsReply) ready = xim_ks_link_ready (link, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ready->vkey, ==, "key");
  const Caller callers[] = { { link, "first" }, { link, "second" } };
  GThread *threads[2];
  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("caller", call_once, (gpointer)&callers[i]);
  for (guint i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  XimKsCall call = { .verb = XIM_KS_CALL_LAST };
  g_assert_null (xim_ks_link_call (link, &call, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  g_thread_join (other);
  g_clear_pointer (&link, xim_ks_link_free);
  g_assert_cmpint (ended, ==, 1);
}

/* The last one gets no answer. */
static void
test_link_all (void)
{
  Pair pair;
  gint ended = 0;
  g_autoptr (GError) error = NULL;
  pair_open (&pair);
  g_autoptr (XimKsLink) link
      = xim_ks_link_new (pair.fds[0], count_end, &ended);
  GThread *other
      = g_thread_new ("other", answer_two, GINT_TO_POINTER (pair.fds[1]));
  g_autoptr (XimKsReply) ready = xim_ks_link_ready (link, &error);
  g_assert_no_error (error);
  XimKsCall calls[] = { { .verb = XIM_KS_CALL_SIGN, .text = "first" },
                        { .verb = XIM_KS_CALL_SIGN, .text = "second" } };
  XimKsReply *replies[2];
  g_assert_true (xim_ks_link_call_all (link, calls, 2, replies, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpstr (replies[i]->line, ==, calls[i].text);
      xim_ks_reply_free (replies[i]);
    }
  /* The second one cannot be sent any more, or has no answer either. */
  g_assert_false (xim_ks_link_call_all (link, calls, 2, replies, &error));
  g_assert_nonnull (error);
  g_assert_true (replies[0] == NULL && replies[1] == NULL);
  g_thread_join (other);
}

/* A signer that does not come up is no end of one that served. */
static void
test_link_not_ready (void)
{
  Pair pair;
  gint ended = 0;
  g_autoptr (GError) error = NULL;
  pair_open (&pair);
  XimKsReply refusal = { .verb = XIM_KS_CALL_READY };
  g_set_error (&refusal.error, XIM_ERROR, XIM_ERROR_KEY_CHANGED, "other keys");
  g_autoptr (GByteArray) bytes = xim_ks_reply_encode (&refusal);
  g_assert_true (xim_ks_frame_write (pair.fds[1], bytes, NULL));
  close (pair.fds[1]);
  g_clear_error (&refusal.error);
  XimKsLink *link = xim_ks_link_new (pair.fds[0], count_end, &ended);
  g_assert_null (xim_ks_link_ready (link, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
  xim_ks_link_free (link);
  g_assert_cmpint (ended, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/ks-call/round-trip", test_round_trip);
  g_test_add_func ("/ks-call/exact-length", test_exact_length);
  g_test_add_func ("/ks-call/refusals", test_refusals);
  g_test_add_func ("/ks-reply/round-trip", test_replies);
  g_test_add_func ("/ks-reply/refusal", test_refusing_reply);
  g_test_add_func ("/ks-frame/any-length", test_frames);
  g_test_add_func ("/ks-frame/refusals", test_bad_frames);
  g_test_add_func ("/ks-link/replies-in-any-order", test_link);
  g_test_add_func ("/ks-link/all-at-once", test_link_all);
  g_test_add_func ("/ks-link/not-ready", test_link_not_ready);
  return g_test_run ();
}
