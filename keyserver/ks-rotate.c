/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver rotate-key`: a new signing key. */

#include "config.h"

#include "ks-rotate.h"

#include <unistd.h>

#include "xim-error.h"

#include "ks-database.h"

/* All that one call works with; the lock goes last. */
typedef struct
{
  const XimKsConfig *config;
  int lock_fd;
  XimSecret *members;
  XimKsKeys *keys;
  XimKsResign *resign;
  XimKsPen *old;
  XimKsPen *next;
} Rotation;

static void
rotation_free (Rotation *rotation)
{
  xim_ks_pen_free (rotation->old);
  xim_ks_pen_free (rotation->next);
  xim_ks_resign_free (rotation->resign);
  xim_ks_keys_free (rotation->keys);
  xim_secret_free (rotation->members);
  if (rotation->lock_fd >= 0)
    close (rotation->lock_fd);
  g_free (rotation);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rotation, rotation_free)

void
xim_ks_rotated_free (XimKsRotated *rotated)
{
  if (rotated == NULL)
    return;
  xim_verify_key_free (rotated->old);
  xim_verify_key_free (rotated->now);
  g_free (rotated);
}

static gboolean
is_key (const XimKsKeys *keys, const XimVerifyKey *key)
{
  return xim_verify_key_equal (xim_sign_key_public (keys->sign), key);
}

static gboolean
open_all (Rotation *rotation, GError **error)
{
  const XimKsConfig *config = rotation->config;
  rotation->lock_fd = xim_ks_database_lock (config->store, error);
  if (rotation->lock_fd < 0)
    return FALSE;
  rotation->members = xim_ks_keys_load_members (config->keys, error);
  if (rotation->members == NULL)
    return FALSE;
  rotation->keys = xim_ks_keys_load (config->keys, config->origin, error);
  if (rotation->keys == NULL)
    return FALSE;
  const XimKsDatabaseOwner owner
      = { config->domain, config->origin, rotation->members };
  if (!xim_ks_database_check (config->store, &owner, error))
    return FALSE;
  rotation->resign = xim_ks_resign_new (config->store, error);
  return rotation->resign != NULL;
}

static gboolean
open_pens (Rotation *rotation, GError **error)
{
  const XimKsConfig *config = rotation->config;
  if (!xim_ks_keys_has_next (config->keys)
      && !xim_ks_keys_make_next (config->keys, config->origin, error))
    return FALSE;
  XimKsKeys *next
      = xim_ks_keys_load_next (config->keys, config->origin, error);
  if (next == NULL)
    return FALSE;
  rotation->old
      = xim_ks_pen_new (config->domain, g_steal_pointer (&rotation->keys));
  rotation->next = xim_ks_pen_new (config->domain, next);
  return TRUE;
}

static char *
next_note (const Rotation *rotation, gint64 now_s, GError **error)
{
  const XimServer *newest = xim_ks_resign_newest (rotation->resign);
  XimServer server = *newest; /* borrows all but the key */
  server.serial = newest->serial + 1;
  server.has_previous = TRUE;
  server.previous = newest->hash;
  server.time_s = now_s;
  server.key = (XimVerifyKey *)xim_ks_pen_public (rotation->next);
  g_autofree char *text = xim_server_encode (&server);
  g_autofree char *own = xim_ks_pen_server (rotation->next, text, error);
  g_autofree char *old
      = own != NULL ? xim_ks_pen_hand_over (rotation->old, text, error) : NULL;
  return old != NULL ? g_strconcat (own, old, NULL) : NULL;
}

static gboolean
rotate (Rotation *rotation, gint64 now_s, XimKsResignCount *count,
        GError **error)
{
  if (!xim_ks_resign_notes (rotation->resign, rotation->next, count, error))
    return FALSE;
  g_autofree char *note = next_note (rotation, now_s, error);
  return note != NULL && xim_ks_resign_finish (rotation->resign, note, error)
         && xim_ks_keys_install_next (rotation->config->keys, error);
}

XimKsRotated *
xim_ks_rotate (const XimKsConfig *config, gint64 now_s, GError **error)
{
  g_autoptr (Rotation) rotation = g_new0 (Rotation, 1);
  g_autoptr (XimKsRotated) rotated = g_new0 (XimKsRotated, 1);
  rotation->config = config;
  rotation->lock_fd = -1;
  if (!open_all (rotation, error))
    return NULL;

  const XimServer *newest = xim_ks_resign_newest (rotation->resign);
  rotated->serial = newest->serial;
  rotated->old
      = xim_verify_key_copy (xim_sign_key_public (rotation->keys->sign));
  rotated->finished_only = !is_key (rotation->keys, newest->key);
  xim_ks_keys_free (rotation->keys);
  rotation->keys = xim_ks_keys_load_newest (config->keys, newest->key, error);
  if (rotation->keys == NULL)
    return NULL;
  if (!rotated->finished_only)
    {
      rotated->serial++;
      if (!open_pens (rotation, error)
          || !rotate (rotation, now_s, &rotated->count, error))
        return NULL;
    }
  rotated->now = xim_verify_key_copy (
      rotated->finished_only ? newest->key
                             : xim_ks_pen_public (rotation->next));
  return g_steal_pointer (&rotated);
}
