/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Changes of a contact's devices, as quiet lines. */

#include "config.h"

#include "changes.h"

#include "i18n.h"
#include "notices.h"

static char *
date_of (const XimChainChange *change)
{
  g_autoptr (GDateTime) date
      = g_date_time_new_from_unix_local (change->time_s);
  return date != NULL ? g_date_time_format (date, "%F %R") : g_strdup ("?");
}

/* TRANSLATORS: in all of these the first %s is a date, the second an
 * address. */
char *
xim_changes_text (const XimPeersChange *change, const char *jid)
{
  const XimChainChange *what = &change->change;
  g_autofree char *date = date_of (what);
  if (what->reset)
    return g_strdup_printf (_ ("On %s %s started again with new keys; none of "
                               "the old devices confirms them. Ask your "
                               "contact in another way; if it is right, type "
                               "/xim accept"),
                            date, jid);
  if (change->unreached)
    return g_strdup_printf (
        _ ("Since %s the keys of %s are others, and they "
           "do not follow from the ones you knew. Ask your "
           "contact in another way; if it is right, type "
           "/xim accept"),
        date, jid);
  if (what->n_added > 0 && what->n_removed > 0)
    return g_strdup_printf (_ ("Since %s %s uses other devices: %u came, %u "
                               "went."),
                            date, jid, what->n_added, what->n_removed);
  if (what->n_added > 0)
    return g_strdup_printf (NG_ ("Since %s %s also uses another device.",
                                 "Since %s %s also uses %u other devices.",
                                 what->n_added),
                            date, jid, what->n_added);
  if (what->n_removed > 0)
    return g_strdup_printf (NG_ ("Since %s %s no longer uses one device.",
                                 "Since %s %s no longer uses %u devices.",
                                 what->n_removed),
                            date, jid, what->n_removed);
  return NULL;
}

void
xim_changes_show (PurpleAccount *account, XimPeers *peers, const char *jid)
{
  if (purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, jid, account)
      == NULL)
    return;
  g_autoptr (GArray) changes = xim_peers_changes (peers, jid);
  /* Told before the lines: writing one may come here again. */
  xim_peers_told (peers, jid);
  for (guint i = 0; i < changes->len; i++)
    {
      g_autofree char *text = xim_changes_text (
          &g_array_index (changes, XimPeersChange, i), jid);
      if (text != NULL)
        xim_notices_line (account, jid, FALSE, text);
    }
}
