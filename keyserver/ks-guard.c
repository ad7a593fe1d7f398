/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer's process: made, locked in, and serving. */

#include "config.h"

#include "ks-guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-call.h"
#include "ks-frame.h"
#include "ks-jail.h"
#include "ks-log.h"

#define NAME "xim-signer" /* as `ps` shows it */
#define SOCKET_FD 3
#define PARENT_SIGNAL SIGUSR1
#define THREADS_MIN 3 /* one may wait for the disk */
#define THREADS_MAX 16

static void
call_vault (XimKsVault *vault, const XimKsCall *call, XimKsReply *reply)
{
  switch (call->verb)
    {
    case XIM_KS_CALL_SIGN:
      reply->line = xim_ks_vault_sign (vault, call->text, &reply->error);
      break;
    case XIM_KS_CALL_GROUP:
      reply->items = call->items;
      reply->n_items = call->n_items;
      xim_ks_vault_group (vault, call->items, call->n_items,
                          call->tree.text != NULL ? &call->tree : NULL,
                          &reply->line, &reply->error);
      break;
    case XIM_KS_CALL_LAST:
      xim_ks_vault_last (vault, &reply->head);
      break;
    case XIM_KS_CALL_PROVE:
      reply->proofs = call->proofs;
      reply->n_proofs = call->n_proofs;
      xim_ks_vault_prove (vault, call->proofs, call->n_proofs, &reply->error);
      break;
    case XIM_KS_CALL_ADOPT:
      xim_ks_vault_adopt (vault, call->accounts, call->n_accounts,
                          &reply->error);
      break;
    case XIM_KS_CALL_STOP:
      xim_ks_vault_rest (vault, &reply->error);
      break;
    case XIM_KS_CALL_READY:
    default:
      break;
    }
}

GByteArray *
xim_ks_guard_answer (XimKsVault *vault, const guint8 *data, gsize len,
                     gboolean *stop)
{
  XimKsReply reply = { .verb = XIM_KS_CALL_STOP };
  g_autoptr (XimKsCall) call
      = xim_ks_call_decode (data, len, &reply.id, &reply.error);
  *stop = call != NULL && call->verb == XIM_KS_CALL_STOP;
  if (call != NULL)
    {
      reply.verb = call->verb;
      call_vault (vault, call, &reply);
    }
  GByteArray *bytes = xim_ks_reply_encode (&reply);
  g_clear_error (&reply.error);
  g_free (reply.line);
  return bytes;
}

/* What the threads of the signer share. */
typedef struct
{
  XimKsVault *vault;
  GMutex gate; /* held until the process is locked in */
  GMutex reading;
  XimKsFrames *frames;
  GMutex writing;
  gint ended; /* a thread is about to end the process */
} Guard;

/* One thread ends the process; others wait for that. */
static void
claim_end (Guard *guard)
{
  if (!g_atomic_int_compare_and_exchange (&guard->ended, 0, 1))
    for (;;)
      g_usleep (G_USEC_PER_SEC);
}

static void G_GNUC_NORETURN
end (Guard *guard, const char *cause)
{
  claim_end (guard);
  xim_ks_log (XIM_KS_LOG_ERROR, "signer-stopped", "cause=\"%s\"", cause);
  _exit (EXIT_FAILURE);
}

static GByteArray *
next_call (Guard *guard)
{
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&guard->reading);
  GByteArray *frame = xim_ks_frames_read (guard->frames, &error);
  if (frame == NULL)
    end (guard, g_error_matches (error, XIM_ERROR, XIM_ERROR_NOT_FOUND)
                    ? "the keyserver has ended"
                    : error->message);
  g_mutex_unlock (&guard->reading);
  return frame;
}

static void
send_reply (Guard *guard, const GByteArray *reply)
{
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&guard->writing);
  if (!xim_ks_frame_write (SOCKET_FD, reply, &error))
    end (guard, error->message);
  g_mutex_unlock (&guard->writing);
}

static gpointer
serve (gpointer user_data)
{
  Guard *guard = user_data;
  g_mutex_lock (&guard->gate);
  g_mutex_unlock (&guard->gate);
  for (;;)
    {
      gboolean stop = FALSE;
      g_autoptr (GByteArray) call = next_call (guard);
      g_autoptr (GByteArray) reply
          = xim_ks_guard_answer (guard->vault, call->data, call->len, &stop);
      if (stop)
        claim_end (guard);
      send_reply (guard, reply);
      if (stop)
        _exit (EXIT_SUCCESS);
    }
  return NULL;
}

static guint
n_threads (void)
{
  return CLAMP (g_get_num_processors () + 1, THREADS_MIN, THREADS_MAX);
}

static XimKsVault *
open_vault (const XimKsConfig *config, const XimVerifyKey *newest,
            GError **error)
{
  g_autofree char *path = xim_ks_ledger_path (config->keys);
  g_autoptr (XimKsKeys) keys
      = xim_ks_keys_load_newest (config->keys, newest, error);
  if (keys == NULL)
    return NULL;
  const XimKsDatabaseOwner owner
      = { config->domain, config->origin, keys->members };
  XimKsLedger *ledger = xim_ks_ledger_open (path, &owner, n_threads (), error);
  if (ledger == NULL)
    return NULL;
  return xim_ks_vault_new (config->domain, g_steal_pointer (&keys), ledger,
                           error);
}

/* The socket is the one descriptor that stays, next to the standard ones. */
static gboolean
keep_only (int fd, GError **error)
{
  if (dup2 (fd, SOCKET_FD) == SOCKET_FD
      && close_range (SOCKET_FD + 1, G_MAXUINT, 0) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "cannot close what the signer does not need: %s",
               g_strerror (errno));
  return FALSE;
}

/* A stop of all processes at once is the keyserver's to carry out: it needs
 * the signer until its last answer. */
static void
set_signals (void)
{
  sigset_t parent;
  signal (SIGTERM, SIG_IGN);
  signal (SIGINT, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
  sigemptyset (&parent);
  sigaddset (&parent, PARENT_SIGNAL);
  sigprocmask (SIG_BLOCK, &parent, NULL);
}

static gboolean
lock_in (const XimKsUser *user, pid_t parent, GError **error)
{
  return (user == NULL || xim_ks_jail_become (user, FALSE, error))
         && xim_ks_jail_end_with (parent, PARENT_SIGNAL, error)
         && xim_ks_jail_lock (error);
}

static gboolean
prepare (Guard *guard, const XimKsConfig *config, const XimVerifyKey *newest,
         GError **error)
{
  if (!xim_secret_renew (error))
    return FALSE;
  guard->vault = open_vault (config, newest, error);
  if (guard->vault == NULL)
    return FALSE;
  guard->frames = xim_ks_frames_new (SOCKET_FD, XIM_KS_CALL_MAX);
  g_mutex_lock (&guard->gate);
  for (guint i = 0; i < n_threads (); i++)
    g_thread_unref (g_thread_new ("signer", serve, guard));
  return TRUE;
}

static void
say_ready (Guard *guard, GError *error)
{
  XimKsReply reply = { .verb = XIM_KS_CALL_READY, .error = error };
  if (error == NULL)
    {
      reply.vkey = xim_verify_key_encode (xim_ks_vault_public (guard->vault));
      reply.vrf = *xim_ks_vault_vrf (guard->vault);
    }
  g_autoptr (GByteArray) bytes = xim_ks_reply_encode (&reply);
  send_reply (guard, bytes);
  g_free (reply.vkey);
}

static void G_GNUC_NORETURN
run (const XimKsConfig *config, const XimVerifyKey *newest,
     const XimKsUser *user, pid_t parent)
{
  Guard guard = { .ended = 0 };
  GError *error = NULL;
  sigset_t signals;
  g_mutex_init (&guard.gate);
  g_mutex_init (&guard.reading);
  g_mutex_init (&guard.writing);
  if (!prepare (&guard, config, newest, &error)
      || !lock_in (user, parent, &error))
    {
      say_ready (&guard, error);
      _exit (EXIT_FAILURE);
    }
  xim_ks_log (XIM_KS_LOG_INFO, "signer-started", "pid=%d uid=%u",
              (int)getpid (), (guint)geteuid ());
  say_ready (&guard, NULL);
  g_mutex_unlock (&guard.gate);
  sigemptyset (&signals);
  sigaddset (&signals, PARENT_SIGNAL);
  while (sigwaitinfo (&signals, NULL) != PARENT_SIGNAL)
    ;
  end (&guard, "the keyserver has ended");
}

static void G_GNUC_NORETURN
be_signer (const XimKsConfig *config, const XimVerifyKey *newest,
           const XimKsUser *user, int fd, pid_t parent)
{
  g_autoptr (GError) error = NULL;
  prctl (PR_SET_NAME, NAME, 0, 0, 0);
  set_signals ();
  if (!keep_only (fd, &error))
    {
      xim_ks_log (XIM_KS_LOG_ERROR, "signer-stopped", "cause=\"%s\"",
                  error->message);
      _exit (EXIT_FAILURE);
    }
  run (config, newest, user, parent);
}

int
xim_ks_guard_start (const XimKsConfig *config, const XimVerifyKey *newest,
                    pid_t *pid, GError **error)
{
  XimKsUser user = { 0, 0 };
  int fds[2] = { -1, -1 };
  gboolean is_root = geteuid () == 0;
  if (is_root && !xim_ks_jail_find (config->signer_user, &user, error))
    return -1;
  pid_t parent = getpid ();
  pid_t child = -1;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0)
    child = fork ();
  if (child == 0)
    be_signer (config, newest, is_root ? &user : NULL, fds[1], parent);
  if (child < 0)
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                 "cannot make the signer's process: %s", g_strerror (errno));
  if (fds[1] >= 0)
    close (fds[1]);
  if (child < 0 && fds[0] >= 0)
    close (fds[0]);
  *pid = child;
  return child < 0 ? -1 : fds[0];
}
