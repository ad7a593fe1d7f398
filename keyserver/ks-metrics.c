/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Counters of what the keyserver did, as Prometheus reads them. */

#include "config.h"

#include "ks-metrics.h"

#include <stdatomic.h>

typedef struct
{
  const char *name;
  const char *label; /* (nullable) */
  const char *help;
} Series;

static const Series counter_series[XIM_KS_N_COUNTERS] = {
  [XIM_KS_LOOKUPS_HIT]
  = { "lookups_total", "from=\"memory\"", "Lookups of addresses." },
  [XIM_KS_LOOKUPS_MADE] = { "lookups_total", "from=\"store\"", NULL },
  [XIM_KS_LOOKUPS_MISS] = { "lookups_total", "from=\"absent\"", NULL },
  [XIM_KS_LOOKUPS_UNCHANGED] = { "lookups_total", "from=\"unchanged\"", NULL },
  [XIM_KS_ANSWERS_2XX]
  = { "answers_total", "status=\"2xx\"", "Answers over HTTPS." },
  [XIM_KS_ANSWERS_3XX] = { "answers_total", "status=\"3xx\"", NULL },
  [XIM_KS_ANSWERS_4XX] = { "answers_total", "status=\"4xx\"", NULL },
  [XIM_KS_ANSWERS_5XX] = { "answers_total", "status=\"5xx\"", NULL },
  [XIM_KS_LIMITED]
  = { "limited_total", NULL, "Requests told to come again later." },
  [XIM_KS_CONNECTIONS]
  = { "connections_total", NULL, "Connections accepted." },
  [XIM_KS_CONNECTIONS_REFUSED]
  = { "connections_refused_total", NULL, "Connections over a limit." },
  [XIM_KS_CONNECTIONS_CUT]
  = { "connections_cut_total", NULL, "Connections ended by a deadline." },
  [XIM_KS_ACCOUNTS_STORED]
  = { "accounts_stored_total", NULL, "Account notes stored." },
  [XIM_KS_ACCOUNTS_ERASED]
  = { "accounts_erased_total", NULL, "Accounts erased by their members." },
  [XIM_KS_DEVICES_STORED]
  = { "devices_stored_total", NULL, "Device notes stored by PUT." },
  [XIM_KS_COMMITS] = { "commits_total", NULL, "Groups of writes stored." },
  [XIM_KS_COMMITS_FAILED]
  = { "commits_failed_total", NULL, "Groups of writes that failed." },
  [XIM_KS_PROOFS_TAKEN]
  = { "proofs_total", NULL, "Proofs of an address that came in." },
  [XIM_KS_PROOFS_REFUSED]
  = { "proofs_refused_total", NULL, "Proofs refused." },
  [XIM_KS_STANZAS] = { "stanzas_total", NULL, "Stanzas received." },
  [XIM_KS_COMPONENT_CONNECTS]
  = { "component_connects_total", NULL, "Connections to the XMPP server." },
  [XIM_KS_SIGNATURES]
  = { "signatures_total", NULL, "Notes signed by this keyserver." },
};

static const Series gauge_series[XIM_KS_N_GAUGES] = {
  [XIM_KS_OPEN_CONNECTIONS]
  = { "open_connections", NULL, "Connections open now." },
  [XIM_KS_WAITING_WRITES]
  = { "waiting_writes", NULL, "Writes that wait for the disk." },
  [XIM_KS_COMPONENT_UP]
  = { "component_up", NULL, "1 when connected to the XMPP server." },
  [XIM_KS_CACHED_BYTES] = { "cached_bytes", NULL, "Memory of answers kept." },
  [XIM_KS_CERTIFICATE_EXPIRES]
  = { "certificate_expires_seconds", NULL,
      "When the TLS certificate expires, seconds since 1970." },
  [XIM_KS_WRITES_REFUSED]
  = { "writes_refused", NULL, "1 while nothing is written." },
};

static _Atomic guint64 counters[XIM_KS_N_COUNTERS];
static _Atomic gint64 gauges[XIM_KS_N_GAUGES];

void
xim_ks_metrics_count (XimKsCounter counter)
{
  atomic_fetch_add_explicit (&counters[counter], 1, memory_order_relaxed);
}

static XimKsCounter
class_of (guint status)
{
  if (status < 300)
    return XIM_KS_ANSWERS_2XX;
  if (status < 400)
    return XIM_KS_ANSWERS_3XX;
  return status < 500 ? XIM_KS_ANSWERS_4XX : XIM_KS_ANSWERS_5XX;
}

void
xim_ks_metrics_count_answer (guint status)
{
  xim_ks_metrics_count (class_of (status));
}

void
xim_ks_metrics_set (XimKsGauge gauge, gint64 value)
{
  atomic_store (&gauges[gauge], value);
}

void
xim_ks_metrics_add (XimKsGauge gauge, gint64 value)
{
  atomic_fetch_add (&gauges[gauge], value);
}

guint64
xim_ks_metrics_counter (XimKsCounter counter)
{
  return atomic_load (&counters[counter]);
}

gint64
xim_ks_metrics_gauge (XimKsGauge gauge)
{
  return atomic_load (&gauges[gauge]);
}

static void
append (GString *text, const Series *series, const char *type,
        const char *value)
{
  const char *name = series->name;
  if (series->help != NULL)
    g_string_append_printf (text,
                            "# HELP xim_keyserver_%s %s\n"
                            "# TYPE xim_keyserver_%s %s\n",
                            name, series->help, name, type);
  if (series->label != NULL)
    g_string_append_printf (text, "xim_keyserver_%s{%s} %s\n", name,
                            series->label, value);
  else
    g_string_append_printf (text, "xim_keyserver_%s %s\n", name, value);
}

char *
xim_ks_metrics_text (void)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < XIM_KS_N_COUNTERS; i++)
    {
      g_autofree char *value = g_strdup_printf (
          "%" G_GUINT64_FORMAT, xim_ks_metrics_counter ((XimKsCounter)i));
      append (text, &counter_series[i], "counter", value);
    }
  for (guint i = 0; i < XIM_KS_N_GAUGES; i++)
    {
      g_autofree char *value = g_strdup_printf (
          "%" G_GINT64_FORMAT, xim_ks_metrics_gauge ((XimKsGauge)i));
      append (text, &gauge_series[i], "gauge", value);
    }
  return g_string_free (text, FALSE);
}
