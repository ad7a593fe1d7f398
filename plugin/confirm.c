/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Questions that are open, each with two answers. */

#include "config.h"

#include "confirm.h"

#include "i18n.h"

typedef struct
{
  XimConfirm *confirm;
  char *key;
  XimConfirmCallback callback;
  gboolean open; /* the client closes it itself after an answer */
} Question;

struct _XimConfirm
{
  PurpleAccount *account;
  gpointer user_data;
  GHashTable *questions; /* key -> Question */
};

static void
question_free (gpointer data)
{
  Question *question = data;
  if (question->open)
    purple_request_close_with_handle (question);
  g_free (question->key);
  g_free (question);
}

XimConfirm *
xim_confirm_new (PurpleAccount *account, gpointer user_data)
{
  XimConfirm *confirm = g_new0 (XimConfirm, 1);
  confirm->account = account;
  confirm->user_data = user_data;
  confirm->questions
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, question_free);
  return confirm;
}

void
xim_confirm_free (XimConfirm *confirm)
{
  if (confirm == NULL)
    return;
  g_hash_table_unref (confirm->questions);
  g_free (confirm);
}

void
xim_confirm_close (XimConfirm *confirm, const char *key)
{
  g_hash_table_remove (confirm->questions, key);
}

static void
answer (Question *question, gboolean yes)
{
  XimConfirm *confirm = question->confirm;
  XimConfirmCallback callback = question->callback;
  g_autofree char *key = g_strdup (question->key);
  question->open = FALSE;
  g_hash_table_remove (confirm->questions, key);
  callback (yes, key, confirm->user_data);
}

static void
answered_yes (gpointer data, int choice)
{
  (void)choice;
  answer (data, TRUE);
}

static void
answered_no (gpointer data, int choice)
{
  (void)choice;
  answer (data, FALSE);
}

gboolean
xim_confirm_ask (XimConfirm *confirm, const XimConfirmQuestion *question,
                 XimConfirmCallback callback)
{
  if (g_hash_table_contains (confirm->questions, question->key))
    return FALSE;
  Question *open = g_new0 (Question, 1);
  open->confirm = confirm;
  open->key = g_strdup (question->key);
  open->callback = callback;
  open->open = TRUE;
  g_hash_table_insert (confirm->questions, open->key, open);
  if (purple_request_action (
          open, _ ("X-IM"), question->primary, question->secondary,
          question->yes_is_default ? 0 : 1, confirm->account, NULL, NULL, open,
          2, question->yes, answered_yes, question->no, answered_no)
      != NULL)
    return TRUE;
  open->open = FALSE;
  g_hash_table_remove (confirm->questions, question->key);
  return FALSE;
}
