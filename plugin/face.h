/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What a graphical face asks the core plugin, and hears from it. */

#pragma once

#include <purple.h>

#define XIM_PLUGIN_ID "core-x-im"

/* Signals of the core plugin.
 * XIM_FACE_RETURNED: gboolean (PurpleAccount *account, const char *who,
 *   const char *html): the text was not taken; TRUE when the face put it back
 *   into the entry.
 * XIM_FACE_CHANGED: void (PurpleAccount *account, const char *who): the state
 *   of the conversation, or of all of the account when @who is NULL. */
#define XIM_FACE_RETURNED "xim-text-returned"
#define XIM_FACE_CHANGED "xim-state-changed"

/* XIM_FACE_CODE: gboolean (PurpleAccount *account, const char *who,
 *   const XimFaceCode *code): a QR code is to be seen; TRUE when the face
 *   shows it as a picture. */
#define XIM_FACE_CODE "xim-code"

/* IPC of the core plugin: int (PurpleAccount *account, const char *who). */
#define XIM_FACE_STATE "xim-state"

/* What a conversation shows. */
typedef enum
{
  XIM_FACE_NONE, /* not an XMPP account, or a room */
  XIM_FACE_NOT_ENCRYPTED,
  XIM_FACE_WAITING,
  XIM_FACE_LOCKED,
  XIM_FACE_ENCRYPTED,
  XIM_FACE_VERIFIED,
} XimFaceState;

/* A QR code: @width by @width modules, by rows, 1 is dark; the light margin of
 * @margin modules around them is not part of it. */
typedef struct
{
  guint width;
  guint margin;
  const guint8 *modules;
} XimFaceCode;

/* Returns: (transfer none): the state in one or two translated words */
const char *xim_face_words (XimFaceState state);

/* The core's side: at load with its own plugin, at unload. */
void xim_face_register (PurplePlugin *plugin);
void xim_face_unregister (PurplePlugin *plugin);
gboolean xim_face_return_text (PurpleAccount *account, const char *who,
                               const char *html);
gboolean xim_face_show_code (PurpleAccount *account, const char *who,
                             const XimFaceCode *code);
void xim_face_changed (PurpleAccount *account, const char *who);
