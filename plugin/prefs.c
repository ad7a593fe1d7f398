/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What users set once for all contacts. */

#include "config.h"

#include "prefs.h"

#include "i18n.h"

#define PREF_ALWAYS XIM_PREFS_ROOT "/always"
#define PREF_LOCK_MINUTES XIM_PREFS_ROOT "/lock-minutes"
#define LOCK_MINUTES_MAX 1440

void
xim_prefs_init (void)
{
  purple_prefs_add_none (XIM_PREFS_ROOT);
  purple_prefs_add_bool (PREF_ALWAYS, FALSE);
  purple_prefs_add_int (PREF_LOCK_MINUTES, 0);
  purple_prefs_add_bool (XIM_PREFS_LOCK_SCREEN, FALSE);
}

XimPolicy
xim_prefs_policy (void)
{
  return purple_prefs_get_bool (PREF_ALWAYS) ? XIM_POLICY_ALWAYS
                                             : XIM_POLICY_AUTOMATIC;
}

int
xim_prefs_lock_minutes (void)
{
  return CLAMP (purple_prefs_get_int (PREF_LOCK_MINUTES), 0,
                LOCK_MINUTES_MAX);
}

gboolean
xim_prefs_lock_with_screen (void)
{
  return purple_prefs_get_bool (XIM_PREFS_LOCK_SCREEN);
}

PurplePluginPrefFrame *
xim_prefs_frame (PurplePlugin *plugin)
{
  PurplePluginPrefFrame *frame = purple_plugin_pref_frame_new ();

  (void)plugin;
  purple_plugin_pref_frame_add (
      frame, purple_plugin_pref_new_with_name_and_label (
                 PREF_ALWAYS, _ ("Write to nobody who does not use X-IM, "
                                 "unless set for the contact")));
  PurplePluginPref *minutes = purple_plugin_pref_new_with_name_and_label (
      PREF_LOCK_MINUTES, _ ("Lock the keys after so many minutes without "
                            "input (0: never)"));
  purple_plugin_pref_set_bounds (minutes, 0, LOCK_MINUTES_MAX);
  purple_plugin_pref_frame_add (frame, minutes);
  purple_plugin_pref_frame_add (
      frame, purple_plugin_pref_new_with_name_and_label (
                 XIM_PREFS_LOCK_SCREEN, _ ("Lock the keys when the screen is "
                                           "locked")));
  return frame;
}
