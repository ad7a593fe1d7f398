/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Keys are locked when nobody is there: idle time, and the screen's lock. */

#pragma once

#include <glib.h>

/**
 * XimAutolockCallback:
 * @text: why, as text for the user
 */
typedef void (*XimAutolockCallback) (const char *text);

/**
 * xim_autolock_start:
 * At load.  What the user set in the preferences counts from now on: after how
 * many minutes without input, and whether with the screen.  Without a session
 * bus the screen's lock is not heard of.
 */
void xim_autolock_start (XimAutolockCallback callback);
void xim_autolock_stop (void);

/**
 * xim_autolock_active:
 * The user did something; only clients that cannot tell for how long there was
 * no input need it.
 */
void xim_autolock_active (void);
