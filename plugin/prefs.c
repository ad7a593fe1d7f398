/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What users set once for all contacts. */

#include "config.h"

#include "prefs.h"

#include "i18n.h"

#define PREF_ALWAYS XIM_PREFS_ROOT "/always"

void
xim_prefs_init (void)
{
  purple_prefs_add_none (XIM_PREFS_ROOT);
  purple_prefs_add_bool (PREF_ALWAYS, FALSE);
}

XimPolicy
xim_prefs_policy (void)
{
  return purple_prefs_get_bool (PREF_ALWAYS) ? XIM_POLICY_ALWAYS
                                             : XIM_POLICY_AUTOMATIC;
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
  return frame;
}
