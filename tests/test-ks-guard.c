/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-guard.c: a signer's process, called by somebody who broke into
 * the process that serves the network. */

#include "config.h"

#include "ks-guard.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-call.h"
#include "ks-frame.h"
#include "test-notes.h"
#include "test-small-tree.h"

#define LOG TEST_ORIGIN "/log"
#define N_RANDOM 2000

typedef struct
{
  char *dir;
  XimKsConfig *config;
  XimVerifyKey *key;
  pid_t pid;
  int fd;
  XimKsFrames *frames;
} Break;

static GByteArray *
receive (Break *in)
{
  g_autoptr (GError) error = NULL;
  GByteArray *frame = xim_ks_frames_read (in->frames, &error);
  g_assert_no_error (error);
  return frame;
}

static void
start (Break *in)
{
  g_autoptr (GError) error = NULL;
  in->fd = xim_ks_guard_start (in->config, in->key, &in->pid, &error);
  g_assert_no_error (error);
  in->frames = xim_ks_frames_new (in->fd, XIM_KS_CALL_MAX);
  g_autoptr (GByteArray) ready = receive (in);
  g_autoptr (XimKsReply) reply
      = xim_ks_reply_decode (ready->data, ready->len, 0, &error);
  g_assert_no_error (error);
  g_assert_no_error (reply->error);
  g_assert_cmpint (reply->verb, ==, XIM_KS_CALL_READY);
}

/* Returns: how the signer ended, as waitpid() says it */
static int
ended (Break *in)
{
  int status = 0;
  g_assert_cmpint (waitpid (in->pid, &status, 0), ==, in->pid);
  g_clear_pointer (&in->frames, xim_ks_frames_free);
  close (in->fd);
  return status;
}

static void
set_up (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  in->dir = g_dir_make_tmp ("xim-guard-XXXXXX", &error);
  g_assert_no_error (error);
  in->config = g_new0 (XimKsConfig, 1);
  in->config->domain = g_strdup (TEST_DOMAIN);
  in->config->origin = g_strdup (TEST_ORIGIN);
  in->config->keys = g_build_filename (in->dir, "keys", NULL);
  in->config->signer_user = g_strdup ("nobody");
  g_autoptr (XimKsKeys) keys
      = xim_ks_keys_create (in->config->keys, TEST_ORIGIN, &error);
  g_assert_no_error (error);
  in->key = xim_verify_key_copy (xim_sign_key_public (keys->sign));
  start (in);
}

static void
tear_down (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GDir) dir = g_dir_open (in->config->keys, 0, NULL);
  const char *name = NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (in->config->keys, name, NULL);
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (in->config->keys), ==, 0);
  g_assert_cmpint (g_rmdir (in->dir), ==, 0);
  g_free (in->config->domain);
  g_free (in->config->origin);
  g_free (in->config->keys);
  g_free (in->config->signer_user);
  g_free (in->config);
  xim_verify_key_free (in->key);
  g_free (in->dir);
}

static void
stop (Break *in)
{
  XimKsCall call = { .id = 1, .verb = XIM_KS_CALL_STOP };
  g_autoptr (GByteArray) bytes = xim_ks_call_encode (&call);
  g_assert_true (xim_ks_frame_write (in->fd, bytes, NULL));
  g_autoptr (GByteArray) answer = receive (in);
  int status = ended (in);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

/* Returns: the line, or NULL and the error */
static char *
sign (Break *in, const char *text, GError **error)
{
  XimKsCall call = { .id = 7, .verb = XIM_KS_CALL_SIGN, .text = text };
  g_autoptr (GByteArray) bytes = xim_ks_call_encode (&call);
  g_assert_true (xim_ks_frame_write (in->fd, bytes, NULL));
  g_autoptr (GByteArray) answer = receive (in);
  g_autoptr (XimKsReply) reply
      = xim_ks_reply_decode (answer->data, answer->len, 0, NULL);
  g_assert_nonnull (reply);
  g_assert_cmpuint (reply->id, ==, 7);
  if (reply->error != NULL)
    g_propagate_error (error, g_steal_pointer (&reply->error));
  return g_steal_pointer (&reply->line);
}

static void
assert_refuses (Break *in, const char *text, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (sign (in, text, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static XimAccount *
account (const XimAccount *before, guint32 version, const char *devices)
{
  return test_account ((TestAccount){ .before = before,
                                      .version = version,
                                      .devices = devices,
                                      .signers = "a" });
}

/* What it signed before it was killed, it remembers. */
static void
test_never_two (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) first = account (NULL, 1, "a");
  g_autoptr (XimAccount) fork = account (NULL, 1, "b");
  g_autoptr (XimAccount) skip = account (first, 3, "a");
  g_autoptr (XimAccount) second = account (first, 2, "ab");
  g_autofree char *line = sign (in, first->text, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *again = sign (in, first->text, &error);
      g_assert_cmpstr (again, ==, line);
      assert_refuses (in, fork->text, XIM_ERROR_CONFLICT);
      assert_refuses (in, skip->text, XIM_ERROR_CONFLICT);
      if (i > 0)
        break;
      g_assert_cmpint (kill (in->pid, SIGKILL), ==, 0);
      g_assert_true (WIFSIGNALED (ended (in)));
      start (in);
    }
  g_autofree char *next = sign (in, second->text, &error);
  g_assert_no_error (error);
  assert_refuses (in, first->text, XIM_ERROR_CONFLICT);
  stop (in);
}

static void
test_only_its_own (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (XimAccount) other = test_account ((TestAccount){
      .jid = "alice@other.test", .devices = "a", .signers = "a" });
  assert_refuses (in, other->text, XIM_ERROR_WRONG_NAME);
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  g_autofree char *cut = g_strndup (device->text, strlen (device->text) / 2);
  assert_refuses (in, cut, XIM_ERROR_MALFORMED);
  assert_refuses (in, "", XIM_ERROR_MALFORMED);
  assert_refuses (in, "X-IM server 1\n", XIM_ERROR_UNSUPPORTED);
  stop (in);
}

static gboolean
checkpoint (Break *in, guint64 fork, guint64 from, guint64 size)
{
  const TestTree tree = { fork };
  XimTreeHead head = test_tree_head (tree, size);
  XimTreeProof proof = test_tree_proof (tree, MIN (from, size), size);
  g_autofree char *text = xim_checkpoint_text (LOG, &head);
  XimKsCall call = { .id = 9,
                     .verb = XIM_KS_CALL_GROUP,
                     .tree = { text, proof.hashes, proof.n } };
  g_autoptr (GByteArray) bytes = xim_ks_call_encode (&call);
  g_assert_true (xim_ks_frame_write (in->fd, bytes, NULL));
  g_autoptr (GByteArray) answer = receive (in);
  g_autoptr (XimKsReply) reply
      = xim_ks_reply_decode (answer->data, answer->len, 0, NULL);
  g_assert_nonnull (reply);
  g_assert_true ((reply->error == NULL) == (reply->line != NULL));
  return reply->error == NULL;
}

static void
test_one_log (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  g_assert_true (checkpoint (in, 100, 0, 5));
  g_assert_true (checkpoint (in, 100, 5, 9));
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (checkpoint (in, 100, 5, 5));  /* smaller */
      g_assert_false (checkpoint (in, 4, 9, 9));    /* another one */
      g_assert_false (checkpoint (in, 4, 9, 12));   /* of another log */
      g_assert_false (checkpoint (in, 100, 7, 12)); /* not the proof */
      if (i > 0)
        break;
      g_assert_cmpint (kill (in->pid, SIGKILL), ==, 0);
      g_assert_true (WIFSIGNALED (ended (in)));
      start (in);
    }
  g_assert_true (checkpoint (in, 100, 9, 12));
  stop (in);
}

/* Calls of random bytes: each is answered, and none is the last. */
static void
test_garbage (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  for (guint i = 0; i < N_RANDOM; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_byte_array_set_size (bytes, 1 + g_test_rand_int_range (0, 300));
      for (guint j = 0; j < bytes->len; j++)
        bytes->data[j] = (guint8)g_test_rand_int ();
      if (bytes->len > 4) /* a verb, but for the one that ends it */
        bytes->data[4] = (guint8)g_test_rand_int_range (0, XIM_KS_CALL_STOP);
      g_assert_true (xim_ks_frame_write (in->fd, bytes, NULL));
      g_autoptr (GByteArray) answer = receive (in);
      g_assert_cmpuint (answer->len, >, 4);
    }
  g_autoptr (XimAccount) first = account (NULL, 1, "a");
  g_autofree char *line = sign (in, first->text, NULL);
  g_assert_nonnull (line);
  stop (in);
}

/* Somebody who announces too much is not listened to any more. */
static void
test_huge (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  const guint8 length[] = { 0xff, 0xff, 0xff, 0xff };
  g_assert_cmpint (write (in->fd, length, sizeof length), ==, sizeof length);
  int status = ended (in);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 1);
}

static void
test_ends_with_the_other (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  int status = 0;
  close (in->fd);
  g_assert_cmpint (waitpid (in->pid, &status, 0), ==, in->pid);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 1);
  xim_ks_frames_free (in->frames);
}

static char *
status_of (pid_t pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int)pid);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], name))
      return g_strdup (g_strstrip (lines[i] + strlen (name)));
  return NULL;
}

static void
test_locked_in (Break *in, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *seccomp = status_of (in->pid, "Seccomp:");
  g_assert_cmpstr (seccomp, ==, "2");
  g_autofree char *privileges = status_of (in->pid, "NoNewPrivs:");
  g_assert_cmpstr (privileges, ==, "1");
  g_autofree char *uid = status_of (in->pid, "Uid:");
  g_autofree char *capabilities = status_of (in->pid, "CapEff:");
  if (geteuid () == 0)
    {
      g_assert_false (g_str_has_prefix (uid, "0"));
      g_assert_cmpstr (capabilities, ==, "0000000000000000");
    }
  stop (in);
}

#define ADD(path, func)                                                       \
  g_test_add ("/ks-guard/" path, Break, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("never-two", test_never_two);
  ADD ("only-its-own", test_only_its_own);
  ADD ("one-log", test_one_log);
  ADD ("garbage", test_garbage);
  ADD ("huge", test_huge);
  ADD ("ends-with-the-other", test_ends_with_the_other);
  ADD ("locked-in", test_locked_in);
  return g_test_run ();
}
