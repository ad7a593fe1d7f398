/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the headless client tells its driver: one JSON object in a line. */

#pragma once

#include <glib.h>

/* One event that is being written. */
typedef struct _Event Event;

/**
 * event_open:
 *
 * Takes standard output for the events alone.  What libraries print there
 * goes to standard error from now on.
 */
void event_open (void);

/**
 * event_new:
 * @kind: the value of the member "event", for example "signed-on"
 *
 * Starts an event with the members "event" and "us", the monotonic time in
 * microseconds.
 *
 * Returns: (transfer full): the event, ended by event_send ()
 */
Event *event_new (const char *kind);

/**
 * event_string:
 * @event: an event
 * @name: the member's name
 * @value: (nullable): its value; bytes that are not UTF-8 are replaced
 *
 * Adds a string, or null.
 */
void event_string (Event *event, const char *name, const char *value);

/**
 * event_int:
 * @event: an event
 * @name: the member's name
 * @value: its value
 *
 * Adds a number.
 */
void event_int (Event *event, const char *name, gint64 value);

/**
 * event_bool:
 * @event: an event
 * @name: the member's name
 * @value: its value
 *
 * Adds true or false.
 */
void event_bool (Event *event, const char *name, gboolean value);

/**
 * event_strings:
 * @event: an event
 * @name: the member's name
 * @values: a NULL-terminated list
 *
 * Adds an array of strings.
 */
void event_strings (Event *event, const char *name, char *const *values);

/**
 * event_send:
 * @event: (transfer full): an event
 *
 * Writes the event as one line and frees it.
 */
void event_send (Event *event);
