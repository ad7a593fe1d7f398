/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Messages that wait to be sent: sealed by the master key, in order. */

#include "config.h"

#include "outbox.h"

#include <string.h>

#include "clock.h"
#include "held.h"

/* What the keystore binds a row to, so that none passes for another. */
#define TABLE "held"

struct _XimOutbox
{
  XimKeystore *keystore;
  XimHeldList *held;
};

XimOutbox *
xim_outbox_new (XimStore *store, XimKeystore *keystore, GError **error)
{
  XimHeldList *held = xim_held_list_new (store, XIM_HELD_TO_SEND, error);
  XimOutbox *outbox;

  if (held == NULL)
    return NULL;
  outbox = g_new0 (XimOutbox, 1);
  outbox->keystore = keystore;
  outbox->held = held;
  return outbox;
}

void
xim_outbox_free (XimOutbox *outbox)
{
  if (outbox == NULL)
    return;
  xim_held_list_free (outbox->held);
  g_free (outbox);
}

gboolean
xim_outbox_is_open (const XimOutbox *outbox)
{
  return xim_keystore_state (outbox->keystore) == XIM_KEYSTORE_UNLOCKED;
}

static const char *
kind_word (XimHeldKind kind)
{
  return kind == XIM_HELD_IM ? "im" : "stanza";
}

gboolean
xim_outbox_keep (XimOutbox *outbox, XimHeldKind kind, const char *jid,
                 const char *text, GError **error)
{
  g_autoptr (GBytes) sealed
      = xim_keystore_seal (outbox->keystore, TABLE, jid, kind_word (kind),
                           (const guint8 *)text, strlen (text), error);

  XimHeld row = { .kind = kind,
                  .jid = (char *)jid,
                  .time_s = xim_plugin_now_s (),
                  .data = sealed };

  return sealed != NULL && xim_held_list_add (outbox->held, &row, TRUE, error);
}

guint
xim_outbox_n (const XimOutbox *outbox, const char *jid)
{
  return xim_held_list_n (outbox->held, jid);
}

GStrv
xim_outbox_addresses (const XimOutbox *outbox)
{
  return xim_held_list_addresses (outbox->held);
}

guint
xim_outbox_discard (XimOutbox *outbox, const char *jid)
{
  g_autoptr (GPtrArray) rows = xim_held_list_load (outbox->held, jid, NULL);
  guint n = 0;

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const XimHeld *row = g_ptr_array_index (rows, i);
      if (xim_held_list_remove (outbox->held, row->id, NULL))
        n++;
    }
  return n;
}

static gboolean
send_row (XimOutbox *outbox, const XimHeld *row, XimOutboxSend send,
          gpointer user_data)
{
  const XimHeldItem *held = xim_held_list_find (outbox->held, row->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) secret
      = xim_keystore_open (outbox->keystore, TABLE, row->jid,
                           kind_word (row->kind), row->data, &error);
  g_autofree char *text = NULL;
  XimOutboxItem item = { .kind = row->kind, .jid = row->jid };
  gboolean done;

  if (held == NULL || !xim_outbox_is_open (outbox))
    return FALSE;
  if (secret == NULL)
    purple_debug_error ("x-im", "a held message: %s\n", error->message);
  else
    item.text = text = g_strndup ((const char *)xim_secret_peek (secret),
                                  xim_secret_len (secret));
  item.time_s = row->time_s;
  item.shown = held->shown;
  done = send (&item, user_data);
  if (text != NULL)
    xim_secret_wipe (text, strlen (text));
  return done;
}

void
xim_outbox_send (XimOutbox *outbox, const char *jid, XimOutboxSend send,
                 gpointer user_data)
{
  g_autoptr (GPtrArray) rows = NULL;

  if (!xim_outbox_is_open (outbox))
    return;
  rows = xim_held_list_load (outbox->held, jid, NULL);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const XimHeld *row = g_ptr_array_index (rows, i);
      if (!send_row (outbox, row, send, user_data))
        return;
      xim_held_list_remove (outbox->held, row->id, NULL);
    }
}
