/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The writer: one thread that stores in groups and publishes them. */

#include "config.h"

#include "ks-writer.h"

#include <string.h>
#include <sys/statvfs.h>

#include "xim-error.h"

#include "ks-log.h"
#include "ks-metrics.h"

#define GROUP_MAX 512
/* Sweeping takes at most about one part in this many of the time. */
#define SWEEP_SHARE 60
#define PUBLISH_RETRY_US G_USEC_PER_SEC
#define SWEEP_RETRY_US (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
/* How long a group waits for more, as long as more come in. */
#define GATHER_STEP_US 1000
#define GATHER_STEPS_MAX 10

typedef struct
{
  const XimKsWriterOps *ops;
  gpointer job;
  char *current;
  GError *error;
} Entry;

struct _XimKsWriter
{
  XimKsStore *store;
  XimKsPublisher *publisher;
  char *folder;
  guint max_waiting;
  guint64 free_bytes;

  GMutex lock;
  GCond changed_queue;
  GQueue waiting; /* of Entry */
  gboolean stopping;
  void (*changed) (gpointer user_data, const char *jid);
  gpointer user_data;

  /* Of the thread alone. */
  gint64 publish_us; /* when to try again */
  gboolean must_sweep;
  gint64 sweep_us; /* not before */

  GThread *thread;
};

static void
entry_free (Entry *entry)
{
  g_clear_error (&entry->error);
  g_free (entry->current);
  g_free (entry);
}

/* Runs one job so that, whatever happens, only its own writes are undone. */
static gboolean
run_entry (XimKsStore *store, Entry *entry, GError **error)
{
  if (!xim_ks_store_savepoint (store, error))
    return FALSE;
  if (entry->ops->run (store, entry->job, &entry->error))
    return xim_ks_store_release (store, error);
  return xim_ks_store_rollback (store, error);
}

static gboolean
run_jobs (XimKsWriter *writer, GPtrArray *group, GError **error)
{
  for (guint i = 0; i < group->len; i++)
    if (!run_entry (writer->store, group->pdata[i], error))
      return FALSE;
  return xim_ks_publisher_place (writer->publisher, error);
}

static gboolean
run_group (XimKsWriter *writer, GPtrArray *group, GError **error)
{
  XimKsStore *store = writer->store;
  if (!xim_ks_store_begin (store, error))
    return FALSE;
  gboolean ok = run_jobs (writer, group, error);
  if (ok)
    ok = xim_ks_store_commit (store, error);
  else
    xim_ks_store_abandon (store);
  xim_ks_publisher_placed (writer->publisher, ok);
  return ok;
}

/* The proofs of a whole group are made with one call, while the threads of the
 * HTTP server go on. */
static gboolean
prove_group (XimKsWriter *writer, GPtrArray *group, GError **error)
{
  XimKsLeafOf leaves[GROUP_MAX];
  gsize n = 0;
  for (guint i = 0; i < group->len; i++)
    {
      const Entry *entry = group->pdata[i];
      if (entry->ops->leaf != NULL
          && entry->ops->leaf (entry->job, &leaves[n]))
        n++;
    }
  return xim_ks_publisher_prove (writer->publisher, leaves, n, error);
}

/* What is told of while a group is published. */
typedef struct
{
  XimKsWriter *writer;
  GPtrArray *group; /* (nullable) */
  guint next;       /* in the group: rows come in about its order */
} Telling;

static gboolean
is_about (const Entry *entry, const char *jid)
{
  return entry->error == NULL
         && strcmp (entry->ops->jid (entry->job), jid) == 0;
}

static void
refuse (GPtrArray *group, const char *jid, const GError *refusal)
{
  for (guint i = 0; i < group->len; i++)
    {
      Entry *entry = group->pdata[i];
      if (is_about (entry, jid))
        g_set_error (&entry->error, XIM_ERROR, XIM_ERROR_STORE,
                     "the signer refused it: %s", refusal->message);
    }
}

/* An address has one version in a group. */
static void
keep_current (Telling *telling, const XimKsPending *row)
{
  GPtrArray *group = telling->group;
  for (guint i = 0; i < group->len; i++)
    {
      guint at = (telling->next + i) % group->len;
      Entry *entry = group->pdata[at];
      if (!is_about (entry, row->jid))
        continue;
      g_free (entry->current);
      entry->current = g_strdup (row->current);
      telling->next = at + 1;
      return;
    }
}

static void
told (gpointer user_data, const XimKsPending *row, const GError *refusal)
{
  Telling *telling = user_data;
  XimKsWriter *writer = telling->writer;
  if (refusal != NULL)
    {
      if (telling->group != NULL)
        refuse (telling->group, row->jid, refusal);
      return;
    }
  if (telling->group != NULL && row->current != NULL)
    keep_current (telling, row);
  g_mutex_lock (&writer->lock);
  if (writer->changed != NULL)
    writer->changed (writer->user_data, row->jid);
  g_mutex_unlock (&writer->lock);
}

static gboolean
publish (XimKsWriter *writer, GPtrArray *group, GError **error)
{
  Telling telling = { writer, group, 0 };
  gboolean ok
      = xim_ks_publisher_publish (writer->publisher, told, &telling, error);
  writer->publish_us = g_get_monotonic_time () + PUBLISH_RETRY_US;
  return ok;
}

static gboolean
must_publish (XimKsWriter *writer)
{
  return !xim_ks_publisher_is_halted (writer->publisher)
         && xim_ks_publisher_is_behind (writer->publisher);
}

static gboolean
catch_up (XimKsWriter *writer, GError **error)
{
  return !must_publish (writer) || publish (writer, NULL, error);
}

static void
end_group (GPtrArray *group, const GError *failure)
{
  for (guint i = 0; i < group->len; i++)
    {
      Entry *entry = group->pdata[i];
      if (failure != NULL && entry->error == NULL)
        g_set_error_literal (&entry->error, XIM_ERROR, XIM_ERROR_STORE,
                             failure->message);
      entry->ops->done (entry->job, entry->current, entry->error);
    }
}

/* Something was erased: the log must not keep it, whenever the sweep comes. */
static void
look_for_erased (XimKsWriter *writer)
{
  gboolean before = writer->must_sweep;
  g_autoptr (GError) error = NULL;
  if (!xim_ks_store_must_sweep (writer->store, &writer->must_sweep, &error)
      || (writer->must_sweep && !before
          && !xim_ks_store_checkpoint (writer->store, &error)))
    xim_ks_log (XIM_KS_LOG_WARNING, "sweep-waits", "cause=\"%s\"",
                error->message);
}

static void
sweep (XimKsWriter *writer)
{
  gint64 start_us = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  gboolean swept = xim_ks_store_sweep (writer->store, &error);
  gint64 end_us = g_get_monotonic_time ();
  writer->must_sweep = !swept;
  writer->sweep_us = end_us + (end_us - start_us) * SWEEP_SHARE;
  if (swept)
    {
      xim_ks_log (XIM_KS_LOG_INFO, "swept", "ms=%" G_GINT64_FORMAT,
                  (end_us - start_us) / 1000);
      return;
    }
  writer->sweep_us = MAX (writer->sweep_us, end_us + SWEEP_RETRY_US);
  xim_ks_log (XIM_KS_LOG_ERROR, "sweep-failed", "cause=\"%s\"",
              error->message);
}

static void
report (const GError *failure, guint jobs)
{
  xim_ks_metrics_count (failure == NULL ? XIM_KS_COMMITS
                                        : XIM_KS_COMMITS_FAILED);
  xim_ks_metrics_set (XIM_KS_WRITES_REFUSED, failure == NULL ? 0 : 1);
  if (failure != NULL)
    xim_ks_log (XIM_KS_LOG_ERROR, "store-failed", "jobs=%u cause=\"%s\"", jobs,
                failure->message);
}

static void
do_group (XimKsWriter *writer, GPtrArray *group)
{
  g_autoptr (GError) failure = NULL;
  if (catch_up (writer, &failure) && prove_group (writer, group, &failure)
      && run_group (writer, group, &failure)
      && publish (writer, group, &failure))
    look_for_erased (writer);
  report (failure, group->len);
  end_group (group, failure);
}

static void
do_idle (XimKsWriter *writer)
{
  g_autoptr (GError) failure = NULL;
  gint64 now_us = g_get_monotonic_time ();
  if (must_publish (writer) && now_us >= writer->publish_us)
    {
      if (catch_up (writer, &failure))
        look_for_erased (writer);
      report (failure, 0);
    }
  if (writer->must_sweep && now_us >= writer->sweep_us)
    sweep (writer);
}

/* When the thread has something to do without a job. */
static gint64
next_idle_us (XimKsWriter *writer)
{
  gint64 publish_us = must_publish (writer) ? writer->publish_us : G_MAXINT64;
  gint64 sweep_us = writer->must_sweep ? writer->sweep_us : G_MAXINT64;
  return MIN (publish_us, sweep_us);
}

/* Waits until there is work, something is due, or it is time to end. */
static void
wait_for_work (XimKsWriter *writer)
{
  gint64 idle_us = next_idle_us (writer);
  gboolean due = FALSE;
  while (writer->waiting.length == 0 && !writer->stopping && !due)
    if (idle_us != G_MAXINT64)
      due = !g_cond_wait_until (&writer->changed_queue, &writer->lock,
                                idle_us);
    else
      g_cond_wait (&writer->changed_queue, &writer->lock);
}

/* A commit costs the same for one job and for many.  Called and left with the
 * lock held. */
static void
gather (XimKsWriter *writer)
{
  guint enough = MIN (GROUP_MAX, writer->max_waiting);
  guint before = 0;
  for (guint i = 0;
       i < GATHER_STEPS_MAX && !writer->stopping
       && writer->waiting.length > before && writer->waiting.length < enough;
       i++)
    {
      before = writer->waiting.length;
      g_mutex_unlock (&writer->lock);
      g_usleep (GATHER_STEP_US);
      g_mutex_lock (&writer->lock);
    }
}

/* An empty one when something else is due; NULL when it is time to end and
 * nothing waits. */
static GPtrArray *
next_group (XimKsWriter *writer)
{
  GPtrArray *group = NULL;
  g_mutex_lock (&writer->lock);
  wait_for_work (writer);
  gather (writer);
  if (writer->waiting.length > 0 || !writer->stopping)
    group = g_ptr_array_new_with_free_func ((GDestroyNotify)entry_free);
  while (writer->waiting.length > 0 && group->len < GROUP_MAX)
    g_ptr_array_add (group, g_queue_pop_head (&writer->waiting));
  xim_ks_metrics_set (XIM_KS_WAITING_WRITES, writer->waiting.length);
  g_mutex_unlock (&writer->lock);
  return group;
}

static gpointer
write_groups (gpointer user_data)
{
  XimKsWriter *writer = user_data;
  GPtrArray *group = next_group (writer);
  while (group != NULL)
    {
      if (group->len > 0)
        do_group (writer, group);
      g_ptr_array_unref (group);
      do_idle (writer);
      group = next_group (writer);
    }
  return NULL;
}

XimKsWriter *
xim_ks_writer_new (XimKsStore *store, XimKsPublisher *publisher,
                   const char *folder, guint max_waiting, guint64 free_bytes)
{
  XimKsWriter *writer = g_new0 (XimKsWriter, 1);
  writer->store = store;
  writer->publisher = publisher;
  writer->folder = g_strdup (folder);
  writer->max_waiting = max_waiting;
  writer->free_bytes = free_bytes;
  g_mutex_init (&writer->lock);
  g_cond_init (&writer->changed_queue);
  g_queue_init (&writer->waiting);
  look_for_erased (writer);
  if (xim_ks_publisher_is_halted (publisher))
    xim_ks_metrics_set (XIM_KS_WRITES_REFUSED, 1);
  writer->thread = g_thread_new ("writer", write_groups, writer);
  return writer;
}

void
xim_ks_writer_watch (XimKsWriter *writer,
                     void (*changed) (gpointer user_data, const char *jid),
                     gpointer user_data)
{
  g_mutex_lock (&writer->lock);
  writer->changed = changed;
  writer->user_data = user_data;
  g_mutex_unlock (&writer->lock);
}

gboolean
xim_ks_writer_check (XimKsWriter *writer, GError **error)
{
  struct statvfs space;
  if (xim_ks_publisher_is_halted (writer->publisher))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                   "the keyserver takes nothing new until its operator has "
                   "looked after its log");
      return FALSE;
    }
  if (statvfs (writer->folder, &space) == 0
      && (guint64)space.f_bavail * space.f_frsize >= writer->free_bytes)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
               "the keyserver is short of disk space and takes nothing new");
  return FALSE;
}

static gboolean
push (XimKsWriter *writer, Entry *entry)
{
  g_mutex_lock (&writer->lock);
  gboolean room
      = !writer->stopping && writer->waiting.length < writer->max_waiting;
  if (room)
    {
      g_queue_push_tail (&writer->waiting, entry);
      g_cond_signal (&writer->changed_queue);
    }
  g_mutex_unlock (&writer->lock);
  return room;
}

gboolean
xim_ks_writer_submit (XimKsWriter *writer, const XimKsWriterOps *ops,
                      gpointer job, GError **error)
{
  if (!xim_ks_writer_check (writer, error))
    return FALSE;
  Entry *entry = g_new0 (Entry, 1);
  entry->ops = ops;
  entry->job = job;
  if (push (writer, entry))
    return TRUE;
  entry_free (entry);
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
               "the keyserver has too much to store at this moment");
  return FALSE;
}

void
xim_ks_writer_stop (XimKsWriter *writer)
{
  g_mutex_lock (&writer->lock);
  writer->stopping = TRUE;
  g_cond_broadcast (&writer->changed_queue);
  g_mutex_unlock (&writer->lock);
  g_clear_pointer (&writer->thread, g_thread_join);
}

void
xim_ks_writer_free (XimKsWriter *writer)
{
  if (writer == NULL)
    return;
  xim_ks_writer_stop (writer);
  g_cond_clear (&writer->changed_queue);
  g_mutex_clear (&writer->lock);
  g_free (writer->folder);
  g_free (writer);
}
