/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* libpurple without a window, for tests of the plugin's parts. */

#include "config.h"

#include "tests/headless.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_LEAKS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_LEAKS 1
#endif
#ifdef HAS_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

static char *dir;
static GPtrArray *lines;
static int answer = -1;
static guint n_questions;

typedef struct
{
  PurpleInputFunction function;
  gpointer data;
} Input;

static gboolean
input_ready (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  Input *input = data;
  int ready = 0;

  if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
    ready |= PURPLE_INPUT_READ;
  if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
    ready |= PURPLE_INPUT_WRITE;
  input->function (input->data, g_io_channel_unix_get_fd (channel),
                   (PurpleInputCondition)ready);
  return TRUE;
}

static guint
add_input (int fd, PurpleInputCondition condition,
           PurpleInputFunction function, gpointer data)
{
  GIOChannel *channel = g_io_channel_unix_new (fd);
  Input *input = g_new0 (Input, 1);
  int wanted = G_IO_HUP | G_IO_ERR | G_IO_NVAL;
  guint id;

  if (condition & PURPLE_INPUT_READ)
    wanted |= G_IO_IN;
  if (condition & PURPLE_INPUT_WRITE)
    wanted |= G_IO_OUT;
  input->function = function;
  input->data = data;
  id = g_io_add_watch_full (channel, G_PRIORITY_DEFAULT, (GIOCondition)wanted,
                            input_ready, input, g_free);
  g_io_channel_unref (channel);
  return id;
}

static PurpleEventLoopUiOps loop_ops = {
  .timeout_add = g_timeout_add,
  .timeout_remove = g_source_remove,
  .input_add = add_input,
  .input_remove = g_source_remove,
  .timeout_add_seconds = g_timeout_add_seconds,
};

static void
write_conversation (PurpleConversation *conv, const char *name,
                    const char *alias, const char *message,
                    PurpleMessageFlags flags, time_t when)
{
  (void)conv, (void)name, (void)alias, (void)when;
  g_ptr_array_add (
      lines,
      g_strdup_printf ("%s%s%s%s|%s", flags & PURPLE_MESSAGE_SEND ? "s" : "",
                       flags & PURPLE_MESSAGE_RECV ? "r" : "",
                       flags & PURPLE_MESSAGE_SYSTEM ? "S" : "",
                       flags & PURPLE_MESSAGE_ERROR ? "e" : "", message));
}

static PurpleConversationUiOps conversation_ops
    = { .write_conv = write_conversation };

static void *
request_action (const char *title, const char *primary, const char *secondary,
                int default_action, PurpleAccount *account, const char *who,
                PurpleConversation *conv, void *user_data, size_t n_actions,
                va_list actions)
{
  (void)title, (void)primary, (void)secondary, (void)default_action;
  (void)account, (void)who, (void)conv;
  n_questions++;
  for (int i = 0; i < (int)n_actions; i++)
    {
      (void)va_arg (actions, const char *);
      PurpleRequestActionCb callback = va_arg (actions, PurpleRequestActionCb);
      if (i == answer)
        callback (user_data, i);
    }
  return GINT_TO_POINTER (n_questions);
}

static void
close_request (PurpleRequestType type, void *ui_handle)
{
  (void)type, (void)ui_handle;
}

static PurpleRequestUiOps request_ops
    = { .request_action = request_action, .close_request = close_request };

static void
init_ui (void)
{
  purple_conversations_set_ui_ops (&conversation_ops);
  purple_request_set_ui_ops (&request_ops);
}

static PurpleCoreUiOps core_ops = { .ui_init = init_ui };

/* What libpurple itself leaks while it starts is not ours.  A suppression
 * would need whole stacks, which make many tests ten times slower. */
static void
start_core (void)
{
#ifdef HAS_LEAKS
  __lsan_disable ();
#endif
  g_assert_true (purple_core_init ("xim-test"));
#ifdef HAS_LEAKS
  __lsan_enable ();
#endif
}

void
headless_start (void)
{
  dir = g_dir_make_tmp ("xim-headless-XXXXXX", NULL);
  g_assert_nonnull (dir);
  lines = g_ptr_array_new_with_free_func (g_free);
  purple_util_set_user_dir (dir);
  purple_debug_set_enabled (FALSE);
  purple_core_set_ui_ops (&core_ops);
  purple_eventloop_set_ui_ops (&loop_ops);
  start_core ();
  purple_set_blist (purple_blist_new ());
}

void
headless_remove (const char *path)
{
  GDir *entries = g_dir_open (path, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *entry = g_build_filename (path, name, NULL);
      if (g_file_test (entry, G_FILE_TEST_IS_DIR))
        headless_remove (entry);
      else
        g_unlink (entry);
    }
  g_clear_pointer (&entries, g_dir_close);
  g_rmdir (path);
}

void
headless_stop (void)
{
  purple_core_quit ();
  headless_remove (dir);
  g_clear_pointer (&dir, g_free);
  g_clear_pointer (&lines, g_ptr_array_unref);
}

const char *
headless_dir (void)
{
  return dir;
}

const GPtrArray *
headless_lines (void)
{
  return lines;
}

void
headless_clear_lines (void)
{
  g_ptr_array_set_size (lines, 0);
}

void
headless_answer (int choice)
{
  answer = choice;
}

guint
headless_n_questions (void)
{
  return n_questions;
}
