/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What libpurple or a plugin asks the user: told as events, answered by the
 * driver. */

#pragma once

#include <purple.h>

/**
 * request_ops:
 *
 * Returns: (transfer none): the operations for purple_request_set_ui_ops ()
 */
PurpleRequestUiOps *request_ops (void);

/**
 * request_answer:
 * @id: the number of the request in its event
 * @choice: index of the button; -1 cancels
 * @values: a NULL-terminated list: one value for an input; for fields the
 *   name and the value of each field
 *
 * Answers a request and closes it.
 *
 * Returns: whether there was such a request with such a button
 */
gboolean request_answer (guint id, int choice, char *const *values);
