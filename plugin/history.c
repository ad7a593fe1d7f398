/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The versions of an account that this client has seen. */

#include "config.h"

#include "history.h"

struct _XimHistory
{
  GPtrArray *accounts; /* of XimAccount, ascending by version */
};

static void
account_free (gpointer account)
{
  xim_account_free (account);
}

XimHistory *
xim_history_load (XimStore *store, const char *jid, GError **error)
{
  g_autoptr (GPtrArray) texts = NULL;
  if (!xim_store_load_versions (store, jid, &texts, error))
    return NULL;
  g_autoptr (XimHistory) history = g_new0 (XimHistory, 1);
  history->accounts = g_ptr_array_new_with_free_func (account_free);
  for (guint i = 0; i < texts->len; i++)
    {
      g_autoptr (GError) why = NULL;
      XimAccount *account
          = xim_account_decode_text (g_ptr_array_index (texts, i), &why);
      if (account == NULL)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                       "a version of %s on disk should be readable: %s", jid,
                       why->message);
          return NULL;
        }
      g_ptr_array_add (history->accounts, account);
    }
  return g_steal_pointer (&history);
}

void
xim_history_free (XimHistory *history)
{
  if (history == NULL)
    return;
  g_clear_pointer (&history->accounts, g_ptr_array_unref);
  g_free (history);
}

const XimAccount *
xim_history_newest (const XimHistory *history)
{
  guint n = history->accounts->len;
  return n > 0 ? g_ptr_array_index (history->accounts, n - 1) : NULL;
}

const XimAccount *
xim_history_find (const XimHistory *history, guint32 version)
{
  for (guint i = 0; i < history->accounts->len; i++)
    {
      const XimAccount *account = g_ptr_array_index (history->accounts, i);
      if (account->version == version)
        return account;
    }
  return NULL;
}

void
xim_history_known (const XimHistory *history, XimAccountHistory *out)
{
  guint n = history->accounts->len;
  out->newest = xim_history_newest (history);
  out->older = (const XimAccount *const *)history->accounts->pdata;
  out->n_older = n > 0 ? n - 1 : 0;
}

gint64
xim_history_since_s (const XimHistory *history, const XimDeviceId *id)
{
  for (guint i = 0; i < history->accounts->len; i++)
    {
      const XimAccount *account = g_ptr_array_index (history->accounts, i);
      if (xim_account_find (account, id) != NULL)
        return account->time_s;
    }
  return 0;
}
