/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Who may read a message; the only maker of XimRecipients. */

#include "config.h"

#include "xim-trust.h"

#include <string.h>

#include "xim-error.h"
#include "xim-trust-private.h"

typedef struct
{
  char *jid; /* a GRefString, shared by the devices of a member */
  XimDeviceId device;
  XimX25519Public key;
} Recipient;

struct _XimRecipients
{
  GArray *list; /* of Recipient */
};

static void
recipient_clear (gpointer data)
{
  Recipient *recipient = data;
  g_ref_string_release (recipient->jid);
}

XimRecipients *
xim_recipients_new_unproven (void)
{
  XimRecipients *self = g_new0 (XimRecipients, 1);
  self->list = g_array_new (FALSE, FALSE, sizeof (Recipient));
  g_array_set_clear_func (self->list, recipient_clear);
  return self;
}

void
xim_recipients_add_unproven (XimRecipients *recipients, const char *jid,
                             const XimDeviceId *device,
                             const XimX25519Public *key)
{
  GArray *list = recipients->list;
  const Recipient *last
      = list->len > 0 ? &g_array_index (list, Recipient, list->len - 1) : NULL;
  gboolean same = last != NULL && strcmp (last->jid, jid) == 0;
  Recipient recipient
      = { same ? g_ref_string_acquire (last->jid) : g_ref_string_new (jid),
          *device, *key };
  g_array_append_val (list, recipient);
}

/* A bundle from the future was fetched under another clock: it is as good as
 * one whose age nobody knows. */
static gboolean
check_age (const XimTrustPeer *peer, gboolean online, gint64 now_s,
           GError **error)
{
  gint64 age_s = now_s - peer->checked_s;
  gint64 max_s = online ? XIM_BUNDLE_FRESH_S : XIM_BUNDLE_STALE_MAX_S;
  if (age_s >= -XIM_CLOCK_SKEW_S && age_s <= max_s)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
               "expected a bundle of %s checked in the last "
               "%" G_GINT64_FORMAT " s, got one of %" G_GINT64_FORMAT " s",
               xim_verified_jid (peer->verified), max_s, age_s);
  return FALSE;
}

static gboolean
check_reset (const XimTrustPeer *peer, GError **error)
{
  guint32 reset = peer->reset_version;
  if (xim_verified_relation (peer->verified) == XIM_RELATION_RESET)
    reset = MAX (reset, xim_verified_account (peer->verified)->version);
  if (reset <= peer->accepted_version)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "expected that the user accepted the reset of %s in version "
               "%u, got %u",
               xim_verified_jid (peer->verified), reset,
               peer->accepted_version);
  return FALSE;
}

static gboolean
is_valid_now (const XimDevice *device, gint64 now_s)
{
  return device->created_s <= now_s + XIM_CLOCK_SKEW_S
         && now_s < device->expires_s;
}

static gboolean
add_member (XimRecipients *recipients, const XimVerified *verified,
            gint64 now_s, GError **error)
{
  guint n_before = recipients->list->len;
  for (guint i = 0; i < xim_verified_n_usable (verified); i++)
    {
      const XimDevice *device = xim_verified_usable (verified, i);
      if (is_valid_now (device, now_s))
        xim_recipients_add_unproven (recipients, xim_verified_jid (verified),
                                     &device->id, &device->key);
    }
  if (recipients->list->len > XIM_SLOTS_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected at most %d devices to seal to, got more",
                   XIM_SLOTS_MAX);
      return FALSE;
    }
  if (recipients->list->len > n_before)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
               "expected a device of %s that can be sealed to, got none",
               xim_verified_jid (verified));
  return FALSE;
}

XimRecipients *
xim_trust_recipients (const XimTrustPeer *peers, guint n_peers,
                      gboolean online, gint64 now_s, GError **error)
{
  g_autoptr (XimRecipients) recipients = xim_recipients_new_unproven ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < n_peers; i++)
    {
      const XimTrustPeer *peer = &peers[i];
      if (!check_age (peer, online, now_s, error)
          || !check_reset (peer, error))
        return NULL;
      if (g_hash_table_add (seen, (gpointer)xim_verified_jid (peer->verified))
          && !add_member (recipients, peer->verified, now_s, error))
        return NULL;
    }
  if (recipients->list->len == 0)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                           "expected at least one member to seal to");
      return NULL;
    }
  return g_steal_pointer (&recipients);
}

gboolean
xim_trust_may_read (const XimTrustPeer *peer, gboolean online, gint64 now_s,
                    GError **error)
{
  return check_age (peer, online, now_s, error) && check_reset (peer, error);
}

guint
xim_recipients_n (const XimRecipients *recipients)
{
  return recipients->list->len;
}

static const Recipient *
get (const XimRecipients *recipients, guint i)
{
  g_assert (i < recipients->list->len);
  return &g_array_index (recipients->list, Recipient, i);
}

const char *
xim_recipients_jid (const XimRecipients *recipients, guint i)
{
  return get (recipients, i)->jid;
}

const XimDeviceId *
xim_recipients_device (const XimRecipients *recipients, guint i)
{
  return &get (recipients, i)->device;
}

const XimX25519Public *
xim_recipients_key (const XimRecipients *recipients, guint i)
{
  return &get (recipients, i)->key;
}

void
xim_recipients_free (XimRecipients *recipients)
{
  if (recipients == NULL)
    return;
  g_array_unref (recipients->list);
  g_free (recipients);
}
