/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Old decryption keys go when it is time. */

#include "config.h"

#include "erasure.h"

#include "clock.h"

#define TICK_S 60

/* Who did not look for so long was asleep. */
#define ASLEEP_S 300

#define OFFLINE (-1)

struct _XimErasure
{
  XimEnrol *enrol;
  XimIncoming *incoming;
  gint64 online_boot_s; /* since when, or OFFLINE */
  gint64 looked_boot_s; /* the last time */
  guint timer;
};

/* Sleep is a pause: what came meanwhile has not been delivered yet, whether or
 * not the connection knows that it is broken. */
static gboolean
is_online_long_enough (XimErasure *erasure)
{
  const gint64 now_s = xim_plugin_boot_s ();
  const gboolean slept = now_s - erasure->looked_boot_s > ASLEEP_S;
  erasure->looked_boot_s = now_s;
  if (erasure->online_boot_s == OFFLINE)
    return FALSE;
  if (slept)
    erasure->online_boot_s = now_s;
  return now_s - erasure->online_boot_s >= XIM_DEVICE_KEY_ONLINE_S;
}

void
xim_erasure_look (XimErasure *erasure)
{
  g_autoptr (GError) error = NULL;
  gint64 age_s = XIM_DEVICE_KEY_ERASE_S;
  guint n = 0;
  /* While this computer's clock is wrong, nothing goes. */
  if (!is_online_long_enough (erasure)
      || g_error_matches (xim_enrol_error (erasure->enrol), XIM_ERROR,
                          XIM_ERROR_EXPIRED))
    return;
  if (xim_incoming_n_waiting (erasure->incoming, NULL) > 0)
    age_s += XIM_DEVICE_KEY_WAIT_S;
  if (!xim_own_erase (xim_enrol_own (erasure->enrol), xim_plugin_now_s (),
                      age_s, &n, &error))
    purple_debug_error ("x-im", "erasure: %s\n", error->message);
  if (n > 0)
    purple_debug_info ("x-im", "erasure: %u old keys are erased\n", n);
}

static gboolean
look (gpointer data)
{
  xim_erasure_look (data);
  return TRUE;
}

XimErasure *
xim_erasure_new (XimEnrol *enrol, XimIncoming *incoming)
{
  XimErasure *erasure = g_new0 (XimErasure, 1);
  erasure->enrol = enrol;
  erasure->incoming = incoming;
  erasure->online_boot_s = OFFLINE;
  erasure->looked_boot_s = xim_plugin_boot_s ();
  erasure->timer = purple_timeout_add_seconds (TICK_S, look, erasure);
  return erasure;
}

void
xim_erasure_free (XimErasure *erasure)
{
  if (erasure == NULL)
    return;
  purple_timeout_remove (erasure->timer);
  g_free (erasure);
}

void
xim_erasure_online (XimErasure *erasure)
{
  erasure->online_boot_s = xim_plugin_boot_s ();
  erasure->looked_boot_s = erasure->online_boot_s;
}

void
xim_erasure_offline (XimErasure *erasure)
{
  erasure->online_boot_s = OFFLINE;
}
