/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What happened to the own list of devices, seen from this device. */

#include "config.h"

#include "watch.h"

#include <string.h>

/* The version @number on the way to @now; NULL when nobody has it. */
static const XimAccount *
find_version (const XimVerified *now, const XimHistory *history,
              guint32 number)
{
  const XimAccount *newest = xim_verified_account (now);
  if (newest->version == number)
    return newest;
  for (guint i = 0; i < xim_verified_n_between (now); i++)
    if (xim_verified_between (now, i)->version == number)
      return xim_verified_between (now, i);
  return xim_history_find (history, number);
}

static void
note_added (const XimAccount *before, const XimAccount *after,
            const XimAccount *newest, const XimDeviceId *own,
            XimWatchReport *out)
{
  for (guint i = 0; i < after->n_devices; i++)
    {
      const XimDeviceId *id = &after->devices[i].id;
      if (xim_account_find (before, id) != NULL
          || xim_account_find (newest, id) == NULL
          || xim_device_id_compare (id, own) == 0
          || out->n_added == G_N_ELEMENTS (out->added))
        continue;
      XimWatchAdded *added = &out->added[out->n_added++];
      added->id = *id;
      added->version = after->hash;
    }
}

/* Signatures were checked when the versions came; what is asked here is
 * whether this device was part of it all the way. */
static XimWatchFinding
walk (const XimAccount *before, const XimVerified *now,
      const XimHistory *history, const XimDeviceId *own, XimWatchReport *out)
{
  const XimAccount *newest = xim_verified_account (now);
  while (before->version < newest->version)
    {
      const XimAccount *next
          = find_version (now, history, before->version + 1);
      if (next == NULL)
        return newest->reset ? XIM_WATCH_RESET : XIM_WATCH_BROKEN;
      if (next->reset)
        return XIM_WATCH_RESET;
      if (memcmp (&next->previous, &before->hash, sizeof before->hash) != 0)
        return XIM_WATCH_BROKEN;
      if (xim_account_find (next, own) == NULL)
        return XIM_WATCH_REMOVED;
      note_added (before, next, newest, own, out);
      before = next;
    }
  return memcmp (&before->hash, &newest->hash, sizeof before->hash) == 0
             ? XIM_WATCH_FINE
             : XIM_WATCH_BROKEN;
}

void
xim_watch_judge (const XimAccount *before, const XimVerified *now,
                 const XimHistory *history, const XimDeviceId *own,
                 XimWatchReport *out)
{
  memset (out, 0, sizeof *out);
  out->finding = XIM_WATCH_FINE;
  if (before == NULL)
    return;
  out->finding = walk (before, now, history, own, out);
  if (out->finding == XIM_WATCH_FINE
      && xim_verified_relation (now) == XIM_RELATION_RESET)
    out->finding = XIM_WATCH_BROKEN;
  if (out->finding == XIM_WATCH_FINE && out->n_added > 0)
    out->finding = XIM_WATCH_ADDED;
}

gboolean
xim_watch_own (const XimOwn *own, XimStore *store, const XimVerified *now,
               XimWatchReport *out, GError **error)
{
  const char *text = xim_own_account (own);
  g_autoptr (XimHistory) history
      = xim_history_load (store, xim_verified_jid (now), error);
  if (history == NULL)
    return FALSE;
  if (text == NULL)
    {
      xim_watch_judge (NULL, now, history, NULL, out);
      return TRUE;
    }
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), error);
  g_autoptr (XimAccount) before
      = note != NULL ? xim_account_decode (note, error) : NULL;
  if (before == NULL)
    return FALSE;
  xim_watch_judge (before, now, history, xim_own_device (own), out);
  return TRUE;
}

gboolean
xim_watch_was_removed (const XimOwn *own, const XimHistory *history)
{
  const XimAccount *newest = xim_history_newest (history);
  return xim_own_ever (own) && newest != NULL
         && xim_account_find (newest, xim_own_device (own)) == NULL;
}

XimAlarm
xim_watch_alarm (const XimWatchReport *report)
{
  switch (report->finding)
    {
    case XIM_WATCH_REMOVED:
      return XIM_ALARM_REMOVED;
    case XIM_WATCH_RESET:
      return XIM_ALARM_RESET;
    case XIM_WATCH_BROKEN:
      return XIM_ALARM_BROKEN;
    case XIM_WATCH_FINE:
    case XIM_WATCH_ADDED:
    default:
      return XIM_ALARM_NONE;
    }
}
