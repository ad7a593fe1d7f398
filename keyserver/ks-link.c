/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The link: calls from many threads to the signer's process. */

#include "config.h"

#include "ks-link.h"

#include <sys/socket.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-frame.h"

#define READY_ID 0

/* A thread that waits for its reply. */
typedef struct
{
  GCond arrived;
  GByteArray *reply;
} Waiter;

struct _XimKsLink
{
  int fd;
  void (*ended) (gpointer user_data);
  gpointer user_data;
  XimKsFrames *frames; /* of the thread */

  GMutex writing;
  GMutex lock; /* of what follows */
  GHashTable *waiters;
  guint32 last_id;
  gboolean is_ready;
  gboolean is_gone;
  gboolean is_stopping;
  Waiter first; /* for the reply of id 0 */

  GThread *thread;
};

/* Returns: whether somebody waits for it. */
static gboolean
deliver (XimKsLink *link, GByteArray *frame)
{
  guint32 id = xim_ks_reply_id (frame->data, frame->len);
  g_mutex_lock (&link->lock);
  Waiter *waiter = g_hash_table_lookup (link->waiters, GUINT_TO_POINTER (id));
  gboolean expected = waiter != NULL && waiter->reply == NULL;
  if (expected)
    {
      waiter->reply = frame;
      g_cond_signal (&waiter->arrived);
    }
  g_mutex_unlock (&link->lock);
  return expected;
}

static void
wake_all (XimKsLink *link)
{
  GHashTableIter iter;
  gpointer waiter = NULL;
  g_mutex_lock (&link->lock);
  link->is_gone = TRUE;
  g_hash_table_iter_init (&iter, link->waiters);
  while (g_hash_table_iter_next (&iter, NULL, &waiter))
    g_cond_signal (&((Waiter *)waiter)->arrived);
  gboolean tell = link->is_ready && !link->is_stopping;
  g_mutex_unlock (&link->lock);
  if (tell && link->ended != NULL)
    link->ended (link->user_data);
}

static gpointer
read_replies (gpointer user_data)
{
  XimKsLink *link = user_data;
  GByteArray *frame = xim_ks_frames_read (link->frames, NULL);
  while (frame != NULL && deliver (link, frame))
    frame = xim_ks_frames_read (link->frames, NULL);
  if (frame != NULL)
    g_byte_array_unref (frame);
  wake_all (link);
  return NULL;
}

XimKsLink *
xim_ks_link_new (int fd, void (*ended) (gpointer user_data),
                 gpointer user_data)
{
  XimKsLink *link = g_new0 (XimKsLink, 1);
  link->fd = fd;
  link->ended = ended;
  link->user_data = user_data;
  link->frames = xim_ks_frames_new (fd, XIM_KS_CALL_MAX);
  g_mutex_init (&link->writing);
  g_mutex_init (&link->lock);
  g_cond_init (&link->first.arrived);
  link->waiters = g_hash_table_new (g_direct_hash, g_direct_equal);
  g_hash_table_insert (link->waiters, GUINT_TO_POINTER (READY_ID),
                       &link->first);
  link->thread = g_thread_new ("signer-link", read_replies, link);
  return link;
}

/* Takes @waiter out of the table; its reply may have come. */
static GByteArray *
wait_for (XimKsLink *link, guint32 id, Waiter *waiter, GError **error)
{
  g_mutex_lock (&link->lock);
  while (waiter->reply == NULL && !link->is_gone)
    g_cond_wait (&waiter->arrived, &link->lock);
  g_hash_table_remove (link->waiters, GUINT_TO_POINTER (id));
  GByteArray *reply = g_steal_pointer (&waiter->reply);
  g_mutex_unlock (&link->lock);
  if (reply == NULL)
    g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                 "the signer has ended");
  return reply;
}

static XimKsReply *
decode (const GByteArray *frame, XimKsVerb verb, gsize n, GError **error)
{
  g_autoptr (XimKsReply) reply
      = xim_ks_reply_decode (frame->data, frame->len, n, error);
  if (reply == NULL)
    return NULL;
  if (reply->verb != verb)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the signer's reply to call %d, got one to %d",
                   (int)verb, (int)reply->verb);
      return NULL;
    }
  if (reply->error == NULL || verb == XIM_KS_CALL_GROUP)
    return g_steal_pointer (&reply);
  g_propagate_error (error, g_steal_pointer (&reply->error));
  return NULL;
}

XimKsReply *
xim_ks_link_ready (XimKsLink *link, GError **error)
{
  g_autoptr (GByteArray) frame
      = wait_for (link, READY_ID, &link->first, error);
  g_autoptr (XimKsReply) reply
      = frame != NULL ? decode (frame, XIM_KS_CALL_READY, 0, error) : NULL;
  if (reply == NULL)
    return NULL;
  g_mutex_lock (&link->lock);
  link->is_ready = !link->is_gone;
  g_mutex_unlock (&link->lock);
  if (link->is_ready)
    return g_steal_pointer (&reply);
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
               "the signer has ended at once");
  return NULL;
}

static void
add_waiter (XimKsLink *link, Waiter *waiter, XimKsCall *call)
{
  g_mutex_lock (&link->lock);
  do
    call->id = ++link->last_id;
  while (
      call->id == READY_ID
      || g_hash_table_contains (link->waiters, GUINT_TO_POINTER (call->id)));
  g_hash_table_insert (link->waiters, GUINT_TO_POINTER (call->id), waiter);
  g_mutex_unlock (&link->lock);
}

static gboolean
send_call (XimKsLink *link, const XimKsCall *call, GError **error)
{
  g_autoptr (GByteArray) frame = xim_ks_call_encode (call);
  if (frame->len > XIM_KS_CALL_MAX || call->n_items > XIM_KS_CALL_ITEMS_MAX
      || call->n_accounts > XIM_KS_CALL_ACCOUNTS_MAX
      || call->n_proofs > XIM_KS_CALL_PROOFS_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected a call to the signer of at most %d bytes",
                   XIM_KS_CALL_MAX);
      return FALSE;
    }
  g_mutex_lock (&link->writing);
  gboolean sent = xim_ks_frame_write (link->fd, frame, error);
  g_mutex_unlock (&link->writing);
  return sent;
}

static void
drop_waiter (XimKsLink *link, guint32 id)
{
  g_mutex_lock (&link->lock);
  g_hash_table_remove (link->waiters, GUINT_TO_POINTER (id));
  g_mutex_unlock (&link->lock);
}

static gboolean
begin (XimKsLink *link, Waiter *waiter, XimKsCall *call, GError **error)
{
  *waiter = (Waiter){ .reply = NULL };
  g_cond_init (&waiter->arrived);
  add_waiter (link, waiter, call);
  if (send_call (link, call, error))
    return TRUE;
  drop_waiter (link, call->id);
  g_cond_clear (&waiter->arrived);
  return FALSE;
}

static XimKsReply *
end (XimKsLink *link, Waiter *waiter, const XimKsCall *call, GError **error)
{
  g_autoptr (GByteArray) frame = wait_for (link, call->id, waiter, error);
  g_cond_clear (&waiter->arrived);
  if (frame == NULL)
    return NULL;
  gsize n = call->verb == XIM_KS_CALL_PROVE ? call->n_proofs : call->n_items;
  return decode (frame, call->verb, n, error);
}

XimKsReply *
xim_ks_link_call (XimKsLink *link, XimKsCall *call, GError **error)
{
  Waiter waiter;
  return begin (link, &waiter, call, error) ? end (link, &waiter, call, error)
                                            : NULL;
}

gboolean
xim_ks_link_call_all (XimKsLink *link, XimKsCall *calls, gsize n,
                      XimKsReply **replies, GError **error)
{
  g_autofree Waiter *waiters = g_new0 (Waiter, n);
  gsize n_begun = 0;
  while (n_begun < n
         && begin (link, &waiters[n_begun], &calls[n_begun], error))
    n_begun++;
  gboolean ok = n_begun == n;
  for (gsize i = 0; i < n; i++)
    replies[i] = NULL;
  for (gsize i = 0; i < n_begun; i++)
    {
      replies[i] = end (link, &waiters[i], &calls[i], ok ? error : NULL);
      ok = ok && replies[i] != NULL;
    }
  return ok;
}

void
xim_ks_link_stop (XimKsLink *link)
{
  XimKsCall call = { .verb = XIM_KS_CALL_STOP };
  g_mutex_lock (&link->lock);
  link->is_stopping = TRUE;
  g_mutex_unlock (&link->lock);
  g_autoptr (XimKsReply) reply = xim_ks_link_call (link, &call, NULL);
  shutdown (link->fd, SHUT_RDWR);
  g_clear_pointer (&link->thread, g_thread_join);
}

void
xim_ks_link_free (XimKsLink *link)
{
  if (link == NULL)
    return;
  if (link->thread != NULL)
    xim_ks_link_stop (link);
  g_clear_pointer (&link->first.reply, g_byte_array_unref);
  close (link->fd);
  xim_ks_frames_free (link->frames);
  g_hash_table_unref (link->waiters);
  g_cond_clear (&link->first.arrived);
  g_mutex_clear (&link->writing);
  g_mutex_clear (&link->lock);
  g_free (link);
}
