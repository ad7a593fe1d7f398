/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Which other clients of the own address are online. */

#include "config.h"

#include "resources.h"

#include <string.h>

#include "xim-jid.h"

struct _XimResources
{
  PurpleAccount *account;
  char *jid;
  XimResourcesCallback changed;
  gpointer user_data;
  GHashTable *online; /* a set of full JIDs */
};

XimResources *
xim_resources_new (PurpleAccount *account, const char *jid,
                   XimResourcesCallback changed, gpointer user_data)
{
  XimResources *resources = g_new0 (XimResources, 1);
  resources->account = account;
  resources->jid = g_strdup (jid);
  resources->changed = changed;
  resources->user_data = user_data;
  resources->online
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return resources;
}

void
xim_resources_free (XimResources *resources)
{
  if (resources == NULL)
    return;
  g_hash_table_unref (resources->online);
  g_free (resources->jid);
  g_free (resources);
}

const char *
xim_resources_name (const char *full)
{
  const char *slash = strchr (full, '/');
  return slash != NULL ? slash + 1 : full;
}

/* The own full JID, as the server gave it. */
static const char *
own_full (const XimResources *resources)
{
  PurpleConnection *gc = purple_account_get_connection (resources->account);
  return gc != NULL ? purple_connection_get_display_name (gc) : NULL;
}

gboolean
xim_resources_is_other (const XimResources *resources, const char *from)
{
  if (from == NULL || strchr (from, '/') == NULL)
    return FALSE;
  g_autofree char *bare = xim_jid_prepare (from, NULL);
  const char *own = own_full (resources);
  return bare != NULL && strcmp (bare, resources->jid) == 0
         && (own == NULL
             || strcmp (xim_resources_name (own), xim_resources_name (from))
                    != 0);
}

void
xim_resources_presence (XimResources *resources, const char *type,
                        const char *from)
{
  gboolean online = type == NULL || *type == '\0';
  gboolean gone = purple_strequal (type, "unavailable");
  if ((!online && !gone) || !xim_resources_is_other (resources, from))
    return;
  if (gone && g_hash_table_remove (resources->online, from))
    resources->changed (from, FALSE, resources->user_data);
  if (online && g_hash_table_size (resources->online) < XIM_RESOURCES_MAX
      && g_hash_table_add (resources->online, g_strdup (from)))
    resources->changed (from, TRUE, resources->user_data);
}

void
xim_resources_offline (XimResources *resources)
{
  g_hash_table_remove_all (resources->online);
}

GStrv
xim_resources_list (const XimResources *resources)
{
  GHashTableIter iter;
  gpointer full = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_hash_table_iter_init (&iter, resources->online);
  while (g_hash_table_iter_next (&iter, &full, NULL))
    if (xim_resources_is_other (resources, full))
      g_strv_builder_add (builder, full);
  return g_strv_builder_end (builder);
}
