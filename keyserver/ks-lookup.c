/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lookups: bundles and absence notes, made once and kept in memory. */

#include "config.h"

#include "ks-lookup.h"

#include <string.h>

#include "xim-bundle.h"
#include "xim-error.h"
#include "xim-jid.h"

#include "ks-cache.h"
#include "ks-metrics.h"

#define OLD_NOTE_MAX_AGE_S 3600

struct _XimKsLookup
{
  const XimKsConfig *config;
  XimKsStore *store;
  XimKsSigner *signer;
  XimKsTiles *tiles;
  XimKsCache *bundles;
  XimKsCache *misses;
  GMutex lock;
  XimKsAnswer *server; /* of GET /v1/server; changes only by a restart */
};

static XimKsAnswer *make_bundle (const char *jid, gconstpointer hint,
                                 gpointer user_data, gint64 now_s,
                                 gint64 *life_s, GError **error);
static XimKsAnswer *make_absent (const char *jid, gconstpointer hint,
                                 gpointer user_data, gint64 now_s,
                                 gint64 *life_s, GError **error);

XimKsLookup *
xim_ks_lookup_new (const XimKsConfig *config, XimKsStore *store,
                   XimKsSigner *signer, XimKsTiles *tiles)
{
  XimKsLookup *lookup = g_new0 (XimKsLookup, 1);
  g_mutex_init (&lookup->lock);
  lookup->config = config;
  lookup->store = store;
  lookup->signer = signer;
  lookup->tiles = tiles;
  lookup->bundles
      = xim_ks_cache_new (config->cache_bytes, make_bundle, lookup);
  lookup->misses
      = xim_ks_cache_new (config->miss_cache_bytes, make_absent, lookup);
  return lookup;
}

void
xim_ks_lookup_free (XimKsLookup *lookup)
{
  if (lookup == NULL)
    return;
  xim_ks_cache_free (lookup->bundles);
  xim_ks_cache_free (lookup->misses);
  xim_ks_answer_unref (lookup->server);
  g_mutex_clear (&lookup->lock);
  g_free (lookup);
}

static char *
make_current (XimKsLookup *lookup, const char *jid, const XimKsRecord *record,
              const XimKsFresh *fresh, gint64 now_s, GError **error)
{
  if (fresh != NULL
      && memcmp (&fresh->account, &record->hash, sizeof record->hash) == 0)
    return g_strdup (fresh->current);
  XimCurrent current = {
    .jid = (char *)jid,
    .version = record->version,
    .account = record->hash,
    .time_s = now_s,
  };
  g_autofree char *text = xim_current_encode (&current);
  return xim_ks_signer_note (lookup->signer, text, error);
}

static XimKsAnswer *
make_bundle (const char *jid, gconstpointer hint, gpointer user_data,
             gint64 now_s, gint64 *life_s, GError **error)
{
  XimKsLookup *lookup = user_data;
  g_autoptr (XimKsRecord) record = NULL;
  if (!xim_ks_lookup_check_jid (lookup, jid, error)
      || !xim_ks_store_record (lookup->store, jid, &record, error)
      || record == NULL)
    return NULL;

  XimLogged logged;
  g_autoptr (XimKsHead) head = xim_ks_tiles_head (lookup->tiles, error);
  if (head == NULL
      || !xim_ks_tiles_logged (lookup->tiles, head, record, &logged, error))
    return NULL;
  g_autofree char *current
      = make_current (lookup, jid, record, hint, now_s, error);
  if (current == NULL)
    return NULL;
  const char *devices[XIM_DEVICES_MAX];
  guint n = MIN (record->devices->len, XIM_DEVICES_MAX);
  for (guint i = 0; i < n; i++)
    devices[i] = ((const XimKsDeviceRow *)record->devices->pdata[i])->note;

  *life_s = XIM_CURRENT_RENEW_S;
  XimKsAnswer *answer = xim_ks_answer_new (
      200, XIM_KS_TYPE_JSON,
      xim_bundle_encode (jid, record->note, current, devices, n, &logged));
  xim_ks_answer_cacheable (answer, XIM_BUNDLE_MAX_AGE_S);
  return answer;
}

XimKsAnswer *
xim_ks_lookup_bundle (XimKsLookup *lookup, const char *jid,
                      const XimKsFresh *fresh, gint64 now_s, GError **error)
{
  gboolean hit = FALSE;
  XimKsAnswer *answer
      = xim_ks_cache_get (lookup->bundles, jid, fresh, now_s, &hit, error);
  if (answer != NULL)
    xim_ks_metrics_count (hit ? XIM_KS_LOOKUPS_HIT : XIM_KS_LOOKUPS_MADE);
  return answer;
}

static XimKsAnswer *
make_absent (const char *jid, gconstpointer hint, gpointer user_data,
             gint64 now_s, gint64 *life_s, GError **error)
{
  (void)hint;
  XimKsLookup *lookup = user_data;
  g_autoptr (XimKsHead) head = xim_ks_tiles_head (lookup->tiles, error);
  if (head == NULL)
    return NULL;
  XimAbsent absent = {
    .jid = (char *)jid,
    .time_s = now_s,
    .size = head->tree.size,
    .root = head->tree.root,
  };
  g_autofree char *text = xim_absent_encode (&absent);
  char *note = xim_ks_signer_note (lookup->signer, text, error);
  if (note == NULL)
    return NULL;
  *life_s = (gint64)lookup->config->miss_life_s;
  return xim_ks_answer_new (404, XIM_KS_TYPE_TEXT, note);
}

XimKsAnswer *
xim_ks_lookup_absent (XimKsLookup *lookup, const char *jid, gint64 now_s,
                      GError **error)
{
  gboolean hit = FALSE;
  xim_ks_metrics_count (XIM_KS_LOOKUPS_MISS);
  return xim_ks_cache_get (lookup->misses, jid, NULL, now_s, &hit, error);
}

static XimKsAnswer *
note_answer (char *note)
{
  if (note == NULL)
    return NULL;
  XimKsAnswer *answer = xim_ks_answer_new (200, XIM_KS_TYPE_TEXT, note);
  xim_ks_answer_cacheable (answer, OLD_NOTE_MAX_AGE_S);
  return answer;
}

XimKsAnswer *
xim_ks_lookup_version (XimKsLookup *lookup, const char *jid, guint32 version,
                       GError **error)
{
  if (!xim_ks_lookup_check_jid (lookup, jid, error))
    return NULL;
  return note_answer (
      xim_ks_store_version (lookup->store, jid, version, error));
}

static XimKsAnswer *
make_server (XimKsLookup *lookup, GError **error)
{
  g_autofree char *note = xim_ks_store_server_note (lookup->store, 0, error);
  if (note == NULL)
    return NULL;
  XimKsServerInfo info = {
    .note = note,
    .component = lookup->config->origin,
    .software = "xim-keyserver " PACKAGE_VERSION,
    .body_bytes = lookup->config->body_bytes,
    .devices = XIM_DEVICES_MAX,
    .versions_per_day = lookup->config->versions_per_day,
  };
  XimKsAnswer *answer = xim_ks_answer_server (&info);
  xim_ks_answer_cacheable (answer, XIM_BUNDLE_MAX_AGE_S);
  return answer;
}

XimKsAnswer *
xim_ks_lookup_server (XimKsLookup *lookup, guint32 serial, GError **error)
{
  if (serial != 0)
    return note_answer (
        xim_ks_store_server_note (lookup->store, serial, error));
  g_mutex_lock (&lookup->lock);
  if (lookup->server == NULL)
    lookup->server = make_server (lookup, error);
  XimKsAnswer *answer
      = lookup->server == NULL ? NULL : xim_ks_answer_ref (lookup->server);
  g_mutex_unlock (&lookup->lock);
  return answer;
}

gboolean
xim_ks_lookup_check_jid (const XimKsLookup *lookup, const char *jid,
                         GError **error)
{
  if (!xim_jid_check (jid, strlen (jid), error))
    return FALSE;
  if (strcmp (xim_jid_domain (jid), lookup->config->domain) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "this keyserver is for addresses of %s",
               lookup->config->domain);
  return FALSE;
}

void
xim_ks_lookup_changed (XimKsLookup *lookup, const char *jid)
{
  xim_ks_cache_drop (lookup->misses, jid);
  xim_ks_cache_drop (lookup->bundles, jid);
}
