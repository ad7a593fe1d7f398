/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The log of the own domain, read once a day for what stands in it of the own
 * address. */

#include "config.h"

#include "monitor.h"

#include "clock.h"
#include "evidence.h"
#include "keyserver.h"
#include "reading.h"
#include "site.h"

#define DAILY_S (23 * 3600) /* the look that it follows is daily */
#define STEP 65536          /* entries; 256 requests */
#define RETRY_MIN_S 60
#define RETRY_MAX_S 3600

/* What was met in entries that are not proven yet. */
typedef struct
{
  XimPlaceKind kind; /* OTHER: nothing */
  guint64 leaf;
  XimEntry entry;
  guint32 version;
} Finding;

struct _XimMonitor
{
  char *jid;
  XimStore *store;
  XimHttp *http;
  XimDiscovery *discovery;
  const XimMonitorOps *ops;
  gpointer user_data;

  /* A run. */
  gboolean finding;
  XimSite site;
  guint request;
  XimLogWord word;
  XimLogCheck *check;
  XimPlaces *places;
  XimReading *reading;
  Finding finding_now;

  XimPlacesAlarm told;
  gboolean doubting;  /* a look was asked for ... */
  guint64 doubted;    /* ... because of this leaf */
  gboolean done;      /* the log was read since the start */
  gint64 done_boot_s; /* and when */
  guint n_failures;
  guint timer; /* the next attempt after a failure */
  guint64 n_bytes;
};

XimMonitor *
xim_monitor_new (const char *jid, XimStore *store, XimHttp *http,
                 XimDiscovery *discovery, const XimMonitorOps *ops,
                 gpointer user_data)
{
  XimMonitor *monitor = g_new0 (XimMonitor, 1);
  monitor->jid = g_strdup (jid);
  monitor->store = store;
  monitor->http = http;
  monitor->discovery = discovery;
  monitor->ops = ops;
  monitor->user_data = user_data;
  return monitor;
}

void
xim_monitor_stop (XimMonitor *monitor)
{
  if (monitor->timer != 0)
    purple_timeout_remove (monitor->timer);
  monitor->timer = 0;
  if (monitor->finding)
    xim_discovery_forget (monitor->discovery, monitor);
  monitor->finding = FALSE;
  xim_http_cancel (monitor->http, monitor->request);
  monitor->request = 0;
  g_clear_pointer (&monitor->check, xim_log_check_free);
  g_clear_pointer (&monitor->reading, xim_reading_free);
  g_clear_pointer (&monitor->places, xim_places_free);
  xim_site_clear (&monitor->site);
  xim_log_word_clear (&monitor->word);
}

void
xim_monitor_free (XimMonitor *monitor)
{
  if (monitor == NULL)
    return;
  xim_monitor_stop (monitor);
  g_free (monitor->jid);
  g_free (monitor);
}

guint64
xim_monitor_n_bytes (const XimMonitor *monitor)
{
  return monitor->n_bytes;
}

/* The end of a run. */

static void run (XimMonitor *monitor);

static gboolean
try_again (gpointer data)
{
  XimMonitor *monitor = data;
  monitor->timer = 0;
  run (monitor);
  return FALSE;
}

static void
end_badly (XimMonitor *monitor, const char *why, guint retry_after_s)
{
  const gint64 wait_s
      = xim_plugin_backoff_s (monitor->n_failures++, RETRY_MIN_S, RETRY_MAX_S);
  purple_debug_warning ("x-im", "monitor: %s: %s\n", monitor->jid, why);
  xim_monitor_stop (monitor);
  monitor->timer = purple_timeout_add_seconds (
      (guint)MAX (wait_s, (gint64)retry_after_s), try_again, monitor);
}

static void
end_well (XimMonitor *monitor)
{
  xim_monitor_stop (monitor);
  monitor->n_failures = 0;
  monitor->doubting = FALSE;
  monitor->done = TRUE;
  monitor->done_boot_s = xim_plugin_boot_s ();
}

static gboolean
save (XimMonitor *monitor, const XimStoreReading *reading)
{
  g_autoptr (GError) error = NULL;
  if (xim_store_begin (monitor->store, XIM_STORE_CACHE, &error)
      && (monitor->places == NULL
          || xim_places_save (monitor->places, monitor->store, &error))
      && xim_store_save_reading (monitor->store, reading, &error)
      && xim_store_commit (monitor->store, XIM_STORE_CACHE, &error))
    return TRUE;
  xim_store_rollback (monitor->store, XIM_STORE_CACHE);
  purple_debug_error ("x-im", "monitor: %s\n", error->message);
  return FALSE;
}

/* What does not fit. */

static void
add_log (XimEvidence *evidence, XimMonitor *monitor)
{
  g_auto (XimStoreLog) log = { 0 };
  XimStorePeer own = { 0 };
  gboolean found = FALSE;
  if (xim_store_load_log (monitor->store, xim_jid_domain (monitor->jid),
                          &found, &log, NULL)
      && found)
    xim_evidence_add_text (evidence, "signed tree of the log", log.note);
  if (monitor->reading != NULL && xim_reading_tile (monitor->reading) != NULL)
    {
      gsize len = 0;
      const char *data
          = g_bytes_get_data (xim_reading_tile (monitor->reading), &len);
      xim_evidence_add (evidence, "tile of entries, read last", data, len);
    }
  /* Its proof of the next index shows whose the entry is. */
  if (xim_store_load_peer (monitor->store, monitor->jid, &found, &own, NULL)
      && found)
    xim_evidence_add_text (evidence, "bundle of the own address", own.bundle);
  xim_store_peer_clear (&own);
}

static void
keep_evidence (XimMonitor *monitor, const char *why, const Finding *finding)
{
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;
  g_autoptr (XimEvidence) evidence
      = xim_evidence_new (monitor->jid, "log", xim_plugin_now_s ());
  xim_evidence_say (evidence, "what", "the log of a keyserver");
  xim_evidence_say (evidence, "because", why);
  if (finding != NULL)
    {
      guint8 bytes[XIM_ENTRY_MAX];
      g_autofree char *place
          = g_strdup_printf ("entry %" G_GUINT64_FORMAT ", version %u",
                             finding->leaf, finding->version);
      const gsize len = xim_entry_encode (&finding->entry, bytes);
      xim_evidence_add (evidence, place, bytes, len);
    }
  add_log (evidence, monitor);
  if (!xim_evidence_save (evidence, xim_store_dir (monitor->store), &is_new,
                          &error))
    purple_debug_error ("x-im", "evidence: %s\n", error->message);
}

static void
raise_alarm (XimMonitor *monitor, XimStoreReading *reading,
             XimPlacesAlarm alarm)
{
  const Finding *finding = &monitor->finding_now;
  keep_evidence (monitor,
                 alarm == XIM_PLACES_TWICE
                     ? "one version of the own address stands in it twice"
                     : "a version of the own address stands in it that the "
                       "keyserver does not show",
                 finding);
  if (reading->alarm != XIM_PLACES_TWICE)
    {
      reading->alarm = alarm;
      reading->version = finding->version;
    }
}

/* Reading. */

static void
got_entry (guint64 leaf, const XimEntry *entry, gpointer data)
{
  XimMonitor *monitor = data;
  Finding *finding = &monitor->finding_now;
  guint32 version = 0;
  monitor->n_bytes += 2 + XIM_ENTRY_ACCOUNT_LEN;
  const XimPlaceKind kind
      = xim_places_judge (monitor->places, leaf, entry, &version);
  if (kind != XIM_PLACE_NEXT && kind != XIM_PLACE_TWICE)
    return;
  /* Of two the one that is proof of a lie by itself. */
  if (finding->kind == XIM_PLACE_TWICE)
    return;
  *finding = (Finding){ kind, leaf, *entry, version };
}

/* Also what was found before the last restart, and by the look itself. */
static void
tell_alarm (XimMonitor *monitor)
{
  const XimPlacesAlarm alarm = xim_places_alarm (monitor->store);
  if (alarm == monitor->told || alarm == XIM_PLACES_UNKNOWN)
    return;
  monitor->told = alarm;
  if (alarm != XIM_PLACES_FINE)
    monitor->ops->alarm (alarm, monitor->user_data);
}

/* What is new may have come a moment ago: nothing before it is taken for read
 * until the own entry was looked up again. */
static gboolean
must_look (XimMonitor *monitor)
{
  const Finding *finding = &monitor->finding_now;
  return finding->kind == XIM_PLACE_NEXT
         && !(monitor->doubting && monitor->doubted == finding->leaf);
}

static gboolean
reached (const XimTreeHead *head, gpointer data)
{
  XimMonitor *monitor = data;
  XimStoreReading reading = { 0 };
  gboolean found = FALSE;
  if (must_look (monitor)
      || !xim_store_load_reading (monitor->store, &found, &reading, NULL)
      || !found)
    return FALSE;
  XimPlacesAlarm alarm = XIM_PLACES_FINE;
  if (monitor->finding_now.kind == XIM_PLACE_TWICE)
    alarm = XIM_PLACES_TWICE;
  else if (monitor->finding_now.kind == XIM_PLACE_NEXT)
    alarm = XIM_PLACES_HIDDEN;
  if (alarm != XIM_PLACES_FINE)
    raise_alarm (monitor, &reading, alarm);
  if (alarm == XIM_PLACES_HIDDEN)
    xim_places_met (monitor->places, monitor->finding_now.leaf,
                    &monitor->finding_now.entry);
  reading.head = *head;
  if (!save (monitor, &reading))
    return FALSE;
  monitor->finding_now.kind = XIM_PLACE_OTHER;
  tell_alarm (monitor);
  return TRUE;
}

static void
finish (XimMonitor *monitor)
{
  XimStoreReading reading = { 0 };
  gboolean found = FALSE;
  if (!xim_store_load_reading (monitor->store, &found, &reading, NULL)
      || !found)
    {
      end_badly (monitor, "how far it was read cannot be stored", 0);
      return;
    }
  reading.time_s = xim_plugin_now_s ();
  if (save (monitor, &reading))
    end_well (monitor);
  else
    end_badly (monitor, "how far it was read cannot be stored", 0);
}

static void
ended (XimReadingEnd how, guint retry_after_s, gpointer data)
{
  XimMonitor *monitor = data;
  switch (how)
    {
    case XIM_READING_WHOLE:
      finish (monitor);
      return;
    case XIM_READING_LEFT:
      if (!must_look (monitor))
        {
          end_badly (monitor, "how far it was read cannot be stored", 0);
          return;
        }
      monitor->doubting = TRUE;
      monitor->doubted = monitor->finding_now.leaf;
      xim_monitor_stop (monitor);
      monitor->ops->doubt (monitor->user_data);
      return;
    case XIM_READING_OUTAGE:
      end_badly (monitor, "no answer", retry_after_s);
      return;
    case XIM_READING_WRONG:
    default:
      keep_evidence (monitor,
                     "its tiles do not lead to the tree that was "
                     "signed",
                     NULL);
      end_badly (monitor, "wrong tiles", 0);
      return;
    }
}

static const XimReadingOps reading_ops = { STEP, got_entry, reached, ended };

static void
domain_of (XimMonitor *monitor, XimDomain *out)
{
  xim_site_domain (&monitor->site, out);
  out->server = xim_discovery_known (monitor->discovery,
                                     xim_jid_domain (monitor->jid));
}

/* To the largest tree that was accepted. */
static void
read_on (XimMonitor *monitor)
{
  g_autoptr (GError) error = NULL;
  g_auto (XimStoreLog) log = { 0 };
  XimStoreReading reading = { 0 };
  gboolean has_log = FALSE;
  gboolean found = FALSE;
  XimDomain domain;
  if (!xim_store_load_log (monitor->store, xim_jid_domain (monitor->jid),
                           &has_log, &log, &error)
      || !xim_store_load_reading (monitor->store, &found, &reading, &error))
    {
      end_badly (monitor, error->message, 0);
      return;
    }
  if (!has_log || !found || reading.head.size >= log.head.size)
    {
      finish (monitor);
      return;
    }
  monitor->places = xim_places_load (monitor->store, &error);
  if (monitor->places == NULL)
    {
      end_badly (monitor, error->message, 0);
      return;
    }
  domain_of (monitor, &domain);
  monitor->finding_now.kind = XIM_PLACE_OTHER;
  monitor->reading = xim_reading_new (monitor->http, &domain, &reading.head,
                                      &log.head, &reading_ops, monitor);
}

/* The newest checkpoint. */

static gboolean
keep_word (XimMonitor *monitor)
{
  g_autoptr (GError) error = NULL;
  if (xim_store_begin (monitor->store, XIM_STORE_CACHE, &error)
      && xim_log_keep (monitor->store, xim_jid_domain (monitor->jid),
                       &monitor->word, &error)
      && xim_store_commit (monitor->store, XIM_STORE_CACHE, &error))
    return TRUE;
  xim_store_rollback (monitor->store, XIM_STORE_CACHE);
  purple_debug_error ("x-im", "monitor: %s\n", error->message);
  return FALSE;
}

static void
compared (XimLogEnd how, guint retry_after_s, gpointer data)
{
  XimMonitor *monitor = data;
  g_autoptr (GError) error = NULL;
  if (how == XIM_LOG_FITS && keep_word (monitor))
    {
      g_clear_pointer (&monitor->check, xim_log_check_free);
      read_on (monitor);
      return;
    }
  if (how == XIM_LOG_WRONG)
    keep_evidence (monitor,
                   "its tiles do not lead from one signed tree to "
                   "the other",
                   NULL);
  xim_log_error (how != XIM_LOG_FITS ? how : XIM_LOG_STORE, &error);
  end_badly (monitor, error->message, retry_after_s);
  if (how == XIM_LOG_FORKED)
    monitor->ops->forked (xim_jid_domain (monitor->jid), monitor->user_data);
}

static XimCheckpoint *
decode (const XimServer *server, const XimHttpAnswer *answer, GError **error)
{
  gsize len = 0;
  const char *data = g_bytes_get_data (answer->body, &len);
  g_autoptr (XimVerifyKey) key = xim_server_log_key (server);
  g_autoptr (XimCheckpoint) checkpoint
      = xim_checkpoint_decode (data, len, error);
  if (checkpoint == NULL || !xim_checkpoint_check (checkpoint, key, error))
    return NULL;
  return g_steal_pointer (&checkpoint);
}

static void
take_checkpoint (XimMonitor *monitor, const XimHttpAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  XimDomain domain;
  XimLogEnd how;
  domain_of (monitor, &domain);
  g_autoptr (XimCheckpoint) checkpoint
      = decode (domain.server, answer, &error);
  if (checkpoint == NULL)
    {
      end_badly (monitor, error->message, 0);
      return;
    }
  monitor->word.origin = g_strdup (checkpoint->origin);
  monitor->word.head = checkpoint->head;
  monitor->word.note = xim_note_encode (checkpoint->note);
  monitor->check = xim_log_check_new (monitor->store, monitor->http, &domain,
                                      &monitor->word, &how);
  if (monitor->check != NULL)
    xim_log_check_start (monitor->check, compared, monitor);
  else
    compared (how, 0, monitor);
}

static void
got_checkpoint (const XimHttpAnswer *answer, gpointer data)
{
  XimMonitor *monitor = data;
  monitor->request = 0;
  if (answer->outcome == XIM_HTTP_ANSWER && answer->status == 200)
    take_checkpoint (monitor, answer);
  else
    end_badly (monitor, "no checkpoint", answer->retry_after_s);
}

static void
got_domain (const XimDomain *domain, gpointer data)
{
  XimMonitor *monitor = data;
  monitor->finding = FALSE;
  if (domain->state != XIM_DOMAIN_PINNED)
    {
      end_badly (monitor, "no keyserver", 0);
      return;
    }
  xim_site_set (&monitor->site, domain);
  g_autofree char *url = xim_keyserver_checkpoint_url (domain->base_url);
  monitor->request = xim_site_get (&monitor->site, monitor->http, url,
                                   XIM_NOTE_MAX, got_checkpoint, monitor);
}

/* When. */

static gboolean
is_running (const XimMonitor *monitor)
{
  return monitor->finding || monitor->request != 0 || monitor->check != NULL
         || monitor->reading != NULL;
}

static gboolean
is_due (const XimMonitor *monitor)
{
  if (monitor->doubting)
    return TRUE;
  return monitor->timer == 0
         && (!monitor->done
             || xim_plugin_boot_s () - monitor->done_boot_s >= DAILY_S);
}

/* Before the own bundle has a proof there is no log to read. */
static gboolean
has_begun (XimMonitor *monitor)
{
  XimStoreReading reading;
  gboolean found = FALSE;
  return xim_store_load_reading (monitor->store, &found, &reading, NULL)
         && found;
}

static void
run (XimMonitor *monitor)
{
  const char *domain = xim_jid_domain (monitor->jid);
  if (!has_begun (monitor) || xim_log_is_forked (monitor->store, domain))
    return;
  xim_monitor_stop (monitor);
  monitor->finding = TRUE;
  xim_discovery_find (monitor->discovery, domain, got_domain, monitor);
}

void
xim_monitor_looked (XimMonitor *monitor)
{
  tell_alarm (monitor);
  if (!is_running (monitor) && is_due (monitor))
    run (monitor);
}
