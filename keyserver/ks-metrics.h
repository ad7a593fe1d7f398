/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Counters of what the keyserver did, as Prometheus reads them. */

#pragma once

#include <glib.h>

typedef enum
{
  XIM_KS_LOOKUPS_HIT,
  XIM_KS_LOOKUPS_MADE,
  XIM_KS_LOOKUPS_MISS,
  XIM_KS_LOOKUPS_UNCHANGED,
  XIM_KS_ANSWERS_2XX,
  XIM_KS_ANSWERS_3XX,
  XIM_KS_ANSWERS_4XX,
  XIM_KS_ANSWERS_5XX,
  XIM_KS_LIMITED,
  XIM_KS_CONNECTIONS,
  XIM_KS_CONNECTIONS_REFUSED,
  XIM_KS_CONNECTIONS_CUT,
  XIM_KS_ACCOUNTS_STORED,
  XIM_KS_ACCOUNTS_ERASED,
  XIM_KS_DEVICES_STORED,
  XIM_KS_COMMITS,
  XIM_KS_COMMITS_FAILED,
  XIM_KS_PROOFS_TAKEN,
  XIM_KS_PROOFS_REFUSED,
  XIM_KS_STANZAS,
  XIM_KS_COMPONENT_CONNECTS,
  XIM_KS_SIGNATURES,
  XIM_KS_N_COUNTERS,
} XimKsCounter;

/* What is now, and goes up and down. */
typedef enum
{
  XIM_KS_OPEN_CONNECTIONS,
  XIM_KS_WAITING_WRITES,
  XIM_KS_COMPONENT_UP,
  XIM_KS_CACHED_BYTES,
  XIM_KS_CERTIFICATE_EXPIRES,
  XIM_KS_WRITES_REFUSED, /* 1 while space is short or the store fails */
  XIM_KS_N_GAUGES,
} XimKsGauge;

/* For all threads, without locks; counters only rise. */
void xim_ks_metrics_count (XimKsCounter counter);
void xim_ks_metrics_count_answer (guint status); /* by its class */
void xim_ks_metrics_set (XimKsGauge gauge, gint64 value);
void xim_ks_metrics_add (XimKsGauge gauge, gint64 value);
guint64 xim_ks_metrics_counter (XimKsCounter counter);
gint64 xim_ks_metrics_gauge (XimKsGauge gauge);

/**
 * xim_ks_metrics_text:
 * Returns: (transfer full): all of them in Prometheus' text format 0.0.4
 */
char *xim_ks_metrics_text (void);
