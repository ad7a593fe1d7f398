/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Seconds that have passed, counted without the wall clock. */

#include "config.h"

#include "tally.h"

#include "clock.h"

/* How old what the keyserver signs may be when it is new here, and how far
 * off its clock may be. */
#define SLACK_S (XIM_CURRENT_RENEW_S + XIM_CLOCK_SKEW_S)

struct _XimTally
{
  XimStore *store;
  XimStoreTally at; /* a reading: the count, and the clock at that moment */
};

/* On another computer, or since it started again, the clock that was read then
 * says nothing. */
static gboolean
is_same_clock (const XimStoreTally *saved, const char *boot)
{
  return boot != NULL && g_strcmp0 (saved->boot, boot) == 0
         && saved->boot_s <= xim_plugin_boot_s ();
}

XimTally *
xim_tally_new (XimStore *store, GError **error)
{
  g_autoptr (XimTally) tally = g_new0 (XimTally, 1);
  g_autofree char *boot = xim_plugin_boot_name ();
  tally->store = store;
  if (!xim_store_load_tally (store, &tally->at, error))
    return NULL;
  if (is_same_clock (&tally->at, boot))
    return g_steal_pointer (&tally);
  g_free (tally->at.boot);
  tally->at.boot = g_steal_pointer (&boot);
  tally->at.boot_s = xim_plugin_boot_s ();
  return g_steal_pointer (&tally);
}

void
xim_tally_free (XimTally *tally)
{
  if (tally == NULL)
    return;
  g_free (tally->at.boot);
  g_free (tally);
}

gint64
xim_tally_now_s (const XimTally *tally)
{
  return tally->at.counted_s
         + MAX (xim_plugin_boot_s () - tally->at.boot_s, 0);
}

/* The count was set against the keyserver's clock when that was heard first;
 * a keyserver whose clock was a day ahead then is set against again. */
void
xim_tally_heard (XimTally *tally, gint64 server_s)
{
  XimStoreTally *at = &tally->at;
  const gint64 now_s = xim_tally_now_s (tally);
  const gint64 least_s = server_s - at->lag_s - SLACK_S;
  if (!at->heard || least_s + 2 * SLACK_S + XIM_CURRENT_LIFE_S < now_s)
    {
      at->heard = TRUE;
      at->lag_s = server_s - now_s;
    }
  else if (least_s > now_s)
    {
      at->counted_s = least_s;
      at->boot_s = xim_plugin_boot_s ();
    }
}

gboolean
xim_tally_save (XimTally *tally, GError **error)
{
  const gint64 now_s = xim_tally_now_s (tally);
  tally->at.counted_s = now_s;
  tally->at.boot_s = xim_plugin_boot_s ();
  return xim_store_save_tally (tally->store, &tally->at, error);
}
