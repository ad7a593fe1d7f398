/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Writes events as JSON lines on what was standard output. */

#include "config.h"

#include "client-event.h"

#include <stdio.h>
#include <unistd.h>

struct _Event
{
  GString *text;
};

static FILE *stream;

void
event_open (void)
{
  int fd = dup (STDOUT_FILENO);
  stream = fd < 0 ? NULL : fdopen (fd, "w");
  if (stream == NULL || dup2 (STDERR_FILENO, STDOUT_FILENO) < 0)
    g_error ("standard output cannot be taken for the events");
}

static void
append_string (GString *text, const char *value)
{
  if (value == NULL)
    {
      g_string_append (text, "null");
      return;
    }
  g_autofree char *valid = g_utf8_make_valid (value, -1);
  g_string_append_c (text, '"');
  for (const char *p = valid; *p != '\0'; p++)
    {
      unsigned char byte = (unsigned char)*p;
      if (byte == '"' || byte == '\\')
        g_string_append_printf (text, "\\%c", byte);
      else if (byte < 0x20)
        g_string_append_printf (text, "\\u%04x", byte);
      else
        g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
}

static void
append_name (Event *event, const char *name)
{
  g_string_append (event->text, event->text->len > 1 ? ", " : "");
  append_string (event->text, name);
  g_string_append (event->text, ": ");
}

Event *
event_new (const char *kind)
{
  Event *event = g_new0 (Event, 1);
  event->text = g_string_new ("{");
  event_string (event, "event", kind);
  event_int (event, "us", g_get_monotonic_time ());
  return event;
}

void
event_string (Event *event, const char *name, const char *value)
{
  append_name (event, name);
  append_string (event->text, value);
}

void
event_int (Event *event, const char *name, gint64 value)
{
  append_name (event, name);
  g_string_append_printf (event->text, "%" G_GINT64_FORMAT, value);
}

void
event_bool (Event *event, const char *name, gboolean value)
{
  append_name (event, name);
  g_string_append (event->text, value ? "true" : "false");
}

void
event_strings (Event *event, const char *name, char *const *values)
{
  append_name (event, name);
  g_string_append_c (event->text, '[');
  for (guint i = 0; values[i] != NULL; i++)
    {
      g_string_append (event->text, i > 0 ? ", " : "");
      append_string (event->text, values[i]);
    }
  g_string_append_c (event->text, ']');
}

void
event_send (Event *event)
{
  g_string_append (event->text, "}\n");
  fwrite (event->text->str, 1, event->text->len, stream);
  fflush (stream);
  g_string_free (event->text, TRUE);
  g_free (event);
}
