/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The warning that a keyserver shows another key than the pinned one. */

#include "config.h"

#include "key-warning.h"

#include "i18n.h"
#include "notices.h"

#define SHOWN_KEY "xim-key-warning" /* hash of the last warning */

char *
xim_key_warning_text (XimDiscovery *discovery, const char *domain)
{
  const char *known = NULL;
  const char *shown = NULL;
  if (!xim_discovery_changed (discovery, domain, &known, &shown))
    return NULL;
  /* TRANSLATORS: a domain, then the fingerprints of two keys. */
  return g_strdup_printf (
      _ ("WARNING: the keyserver of %s shows another key than before. "
         "Somebody may be pretending to be it, or it was set up anew. Nothing "
         "that it says is used until it shows the key from before. Ask its "
         "operator in another way which key is right.\n"
         "Key from before: %s\n"
         "Key shown now: %s"),
      domain, known != NULL ? known : _ ("none"),
      shown != NULL ? shown : _ ("not readable"));
}

void
xim_key_warning_show (PurpleAccount *account, XimDiscovery *discovery,
                      const char *jid)
{
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, jid, account);
  g_autofree char *text
      = conv == NULL ? NULL
                     : xim_key_warning_text (discovery, xim_jid_domain (jid));
  if (text == NULL)
    return;
  gpointer mark = GUINT_TO_POINTER (g_str_hash (text) | 1);
  if (purple_conversation_get_data (conv, SHOWN_KEY) == mark)
    return;
  purple_conversation_set_data (conv, SHOWN_KEY, mark);
  xim_notices_line (account, jid, FALSE, text);
}
