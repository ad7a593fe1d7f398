/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A QR code as a picture in a window of its own. */

#pragma once

#include <gtkconv.h>

#include "plugin/face.h"

/**
 * xim_pidgin_code_show:
 * @who: whose conversation it is
 * The window goes with the one of @gtkconv, or when it is closed; one that is
 * open shows the new code.
 */
void xim_pidgin_code_show (PidginConversation *gtkconv, const char *who,
                           const XimFaceCode *code);

/* At unload. */
void xim_pidgin_code_close (void);
