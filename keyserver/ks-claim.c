/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Claims: what a text says that is to be signed. */
/* Whether a key is a point of its curve is not looked at: the network's
 * process does, before it asks, and so does whoever reads the note.  One that
 * has been taken over could have any key signed for any address anyway. */

#include "config.h"

#include "ks-claim.h"

#include <string.h>

#include "xim-absent.h"
#include "xim-current.h"
#include "xim-device.h"
#include "xim-erase.h"
#include "xim-error.h"
#include "xim-jid.h"

static XimKsClaim *
claim_new (XimKsClaimKind kind, const char *jid, gint64 time_s)
{
  XimKsClaim *claim = g_new0 (XimKsClaim, 1);
  claim->kind = kind;
  claim->jid = g_strdup (jid);
  claim->time_s = time_s;
  return claim;
}

void
xim_ks_claim_free (XimKsClaim *claim)
{
  if (claim == NULL)
    return;
  g_free (claim->jid);
  g_free (claim);
}

static XimKsClaim *
decode_account (const XimNote *note, GError **error)
{
  g_autoptr (XimAccount) account
      = xim_account_decode_form (xim_note_text (note), error);
  if (account == NULL)
    return NULL;
  XimKsClaim *claim
      = claim_new (XIM_KS_CLAIM_ACCOUNT, account->jid, account->time_s);
  claim->version = account->version;
  claim->hash = account->hash;
  claim->has_previous = account->has_previous;
  claim->previous = account->previous;
  claim->reset = account->reset;
  return claim;
}

static XimKsClaim *
decode_erase (const XimNote *note, GError **error)
{
  const char *text = xim_note_text (note);
  g_autoptr (XimErase) erase = xim_erase_decode (text, strlen (text), error);
  if (erase == NULL)
    return NULL;
  XimKsClaim *claim
      = claim_new (XIM_KS_CLAIM_ERASE, erase->jid, erase->time_s);
  claim->version = erase->version;
  claim->hash = erase->hash;
  claim->has_previous = TRUE;
  claim->previous = erase->previous;
  return claim;
}

static XimKsClaim *
decode_device (const XimNote *note, GError **error)
{
  g_autoptr (XimDevice) device
      = xim_device_decode_form (xim_note_text (note), error);
  return device == NULL
             ? NULL
             : claim_new (XIM_KS_CLAIM_DEVICE, device->jid, device->created_s);
}

static XimKsClaim *
decode_current (const XimNote *note, GError **error)
{
  g_autoptr (XimCurrent) current = xim_current_decode (note, error);
  if (current == NULL)
    return NULL;
  XimKsClaim *claim
      = claim_new (XIM_KS_CLAIM_CURRENT, current->jid, current->time_s);
  claim->version = current->version;
  claim->hash = current->account;
  return claim;
}

static XimKsClaim *
decode_absent (const XimNote *note, GError **error)
{
  g_autoptr (XimAbsent) absent = xim_absent_decode (note, error);
  if (absent == NULL)
    return NULL;
  XimKsClaim *claim
      = claim_new (XIM_KS_CLAIM_ABSENT, absent->jid, absent->time_s);
  claim->size = absent->size;
  claim->root = absent->root;
  return claim;
}

typedef struct
{
  const char *title;
  XimKsClaim *(*decode) (const XimNote *note, GError **error);
} Kind;

static const Kind kinds[] = {
  { "x-im current v1\n", decode_current },
  { "x-im device v1\n", decode_device },
  { "x-im account v1\n", decode_account },
  { "x-im absent v1\n", decode_absent },
  { "x-im erase v1\n", decode_erase },
};

static XimKsClaim *
decode (const char *text, GError **error)
{
  g_autoptr (XimNote) note = xim_note_new (text, error);
  if (note == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (text, kinds[i].title))
      return kinds[i].decode (note, error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
               "expected an absent, current, account, device or erase note");
  return NULL;
}

XimKsClaim *
xim_ks_claim_decode (const char *text, const char *domain, GError **error)
{
  g_autoptr (XimKsClaim) claim = decode (text, error);
  if (claim == NULL)
    return NULL;
  if (strcmp (xim_jid_domain (claim->jid), domain) == 0)
    return g_steal_pointer (&claim);
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected an address of %s, got one of %s", domain,
               xim_jid_domain (claim->jid));
  return NULL;
}
