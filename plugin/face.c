/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What a graphical face asks the core plugin, and hears from it. */

#include "config.h"

#include "face.h"

static PurplePlugin *core;

void
xim_face_register (PurplePlugin *plugin)
{
  core = plugin;
  /* The text is passed as a pointer, not as a string: libpurple puts strings
   * of signals on the session bus. */
  purple_signal_register (
      plugin, XIM_FACE_RETURNED,
      purple_marshal_BOOLEAN__POINTER_POINTER_POINTER,
      purple_value_new (PURPLE_TYPE_BOOLEAN), 3,
      purple_value_new (PURPLE_TYPE_SUBTYPE, PURPLE_SUBTYPE_ACCOUNT),
      purple_value_new (PURPLE_TYPE_STRING),
      purple_value_new (PURPLE_TYPE_POINTER));
  purple_signal_register (
      plugin, XIM_FACE_CODE, purple_marshal_BOOLEAN__POINTER_POINTER_POINTER,
      purple_value_new (PURPLE_TYPE_BOOLEAN), 3,
      purple_value_new (PURPLE_TYPE_SUBTYPE, PURPLE_SUBTYPE_ACCOUNT),
      purple_value_new (PURPLE_TYPE_STRING),
      purple_value_new (PURPLE_TYPE_POINTER));
  purple_signal_register (
      plugin, XIM_FACE_CHANGED, purple_marshal_VOID__POINTER_POINTER, NULL, 2,
      purple_value_new (PURPLE_TYPE_SUBTYPE, PURPLE_SUBTYPE_ACCOUNT),
      purple_value_new (PURPLE_TYPE_STRING));
}

void
xim_face_unregister (PurplePlugin *plugin)
{
  purple_signal_unregister (plugin, XIM_FACE_RETURNED);
  purple_signal_unregister (plugin, XIM_FACE_CODE);
  purple_signal_unregister (plugin, XIM_FACE_CHANGED);
  core = NULL;
}

gboolean
xim_face_return_text (PurpleAccount *account, const char *who,
                      const char *html)
{
  return core != NULL
         && GPOINTER_TO_INT (purple_signal_emit_return_1 (
             core, XIM_FACE_RETURNED, account, who, html));
}

gboolean
xim_face_show_code (PurpleAccount *account, const char *who,
                    const XimFaceCode *code)
{
  return core != NULL
         && GPOINTER_TO_INT (purple_signal_emit_return_1 (
             core, XIM_FACE_CODE, account, who, code));
}

void
xim_face_changed (PurpleAccount *account, const char *who)
{
  if (core != NULL)
    purple_signal_emit (core, XIM_FACE_CHANGED, account, who);
}
