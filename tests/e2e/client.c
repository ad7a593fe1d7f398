/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A libpurple client without a window, driven by lines on standard input. */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <purple.h>

#include "client-command.h"
#include "client-event.h"
#include "client-ui.h"

static void
take_lines (GString *buffer)
{
  char *end;
  while ((end = strchr (buffer->str, '\n')) != NULL)
    {
      gsize length = (gsize)(end - buffer->str);
      g_autofree char *line = g_strndup (buffer->str, length);
      g_string_erase (buffer, 0, (gssize)length + 1);
      command_run (line);
    }
}

/* A driver that went away ends the client. */
static gboolean
input_ready (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  (void)channel, (void)condition;
  GString *buffer = data;
  char bytes[4096];
  ssize_t n = read (STDIN_FILENO, bytes, sizeof bytes);
  if (n <= 0)
    {
      purple_core_quit ();
      return FALSE;
    }
  g_string_append_len (buffer, bytes, n);
  take_lines (buffer);
  return TRUE;
}

int
main (int argc, char *argv[])
{
  if (argc != 2)
    {
      fprintf (stderr, "Usage: %s DIRECTORY\n", argv[0]);
      return 2;
    }
  signal (SIGCHLD, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
  event_open ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  if (!ui_start (argv[1], loop))
    {
      fprintf (stderr, "libpurple did not start\n");
      return 1;
    }
  g_autoptr (GString) buffer = g_string_new (NULL);
  g_autoptr (GIOChannel) channel = g_io_channel_unix_new (STDIN_FILENO);
  g_io_add_watch (channel, G_IO_IN | G_IO_HUP, input_ready, buffer);
  event_send (event_new ("ready"));
  g_main_loop_run (loop);
  return 0;
}
