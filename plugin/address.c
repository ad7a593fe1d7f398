/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whom an address names: a person, a room, a service. */

#include "config.h"

#include "address.h"

#include <string.h>

#include "xim-jid.h"

static gboolean
has_local_part (const char *address)
{
  const char *at = strchr (address, '@');
  const char *slash = strchr (address, '/');

  return at != NULL && (slash == NULL || at < slash);
}

static gboolean
is_in_room (PurpleAccount *account, const char *address)
{
  g_auto (GStrv) parts = g_strsplit (address, "/", 2);

  return purple_find_conversation_with_account (PURPLE_CONV_TYPE_CHAT,
                                                parts[0], account)
         != NULL;
}

XimAddressKind
xim_address_kind (PurpleAccount *account, const char *address, char **jid)
{
  *jid = NULL;
  if (address == NULL)
    address = purple_account_get_username (account);
  if (*address == '\0' || *address == '/')
    return XIM_ADDRESS_BAD;
  if (!has_local_part (address))
    return XIM_ADDRESS_SERVICE;
  if (is_in_room (account, address))
    return XIM_ADDRESS_ROOM;
  *jid = xim_jid_prepare (address, NULL);
  return *jid != NULL ? XIM_ADDRESS_PERSON : XIM_ADDRESS_BAD;
}

gboolean
xim_address_is_known (PurpleAccount *account, const char *jid)
{
  return purple_find_buddy (account, jid) != NULL;
}
