/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer: the one holder of the keyserver's private keys. */

#include "config.h"

#include "ks-signer.h"

#include <string.h>

#include "xim-absent.h"
#include "xim-current.h"
#include "xim-device.h"
#include "xim-error.h"
#include "xim-jid.h"
#include "xim-server.h"

#include "ks-metrics.h"

struct _XimKsSigner
{
  char *domain;
  XimKsKeys *keys;
};

XimKsSigner *
xim_ks_signer_new (const char *domain, XimKsKeys *keys)
{
  XimKsSigner *signer = g_new0 (XimKsSigner, 1);
  signer->domain = g_strdup (domain);
  signer->keys = keys;
  return signer;
}

void
xim_ks_signer_free (XimKsSigner *signer)
{
  if (signer == NULL)
    return;
  g_free (signer->domain);
  xim_ks_keys_free (signer->keys);
  g_free (signer);
}

const XimVerifyKey *
xim_ks_signer_public (const XimKsSigner *signer)
{
  return xim_sign_key_public (signer->keys->sign);
}

void
xim_ks_signer_vrf (const XimKsSigner *signer, XimVrfPublic *out)
{
  xim_crypto_vrf_public (signer->keys->vrf, out);
}

static gboolean
check_member (const XimKsSigner *signer, const char *jid, GError **error)
{
  if (strcmp (xim_jid_domain (jid), signer->domain) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected an address of %s, got one of %s", signer->domain,
               xim_jid_domain (jid));
  return FALSE;
}

static gboolean
check_account (const XimKsSigner *signer, const XimNote *note, GError **error)
{
  g_autoptr (XimAccount) account = xim_account_decode (note, error);
  return account != NULL && check_member (signer, account->jid, error);
}

static gboolean
check_device (const XimKsSigner *signer, const XimNote *note, GError **error)
{
  g_autoptr (XimDevice) device = xim_device_decode (note, error);
  return device != NULL && check_member (signer, device->jid, error);
}

static gboolean
check_current (const XimKsSigner *signer, const XimNote *note, GError **error)
{
  g_autoptr (XimCurrent) current = xim_current_decode (note, error);
  return current != NULL && check_member (signer, current->jid, error);
}

static gboolean
check_absent (const XimKsSigner *signer, const XimNote *note, GError **error)
{
  g_autoptr (XimAbsent) absent = xim_absent_decode (note, error);
  return absent != NULL && check_member (signer, absent->jid, error);
}

static gboolean
check_server (const XimKsSigner *signer, const XimNote *note, GError **error)
{
  g_autoptr (XimServer) server = xim_server_decode (note, error);
  if (server == NULL)
    return FALSE;
  XimVrfPublic vrf;
  xim_ks_signer_vrf (signer, &vrf);
  if (strcmp (server->domain, signer->domain) == 0
      && xim_verify_key_equal (server->key, xim_ks_signer_public (signer))
      && memcmp (&server->vrf, &vrf, sizeof vrf) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a server note of %s with this keyserver's keys",
               signer->domain);
  return FALSE;
}

typedef struct
{
  const char *title;
  gboolean (*check) (const XimKsSigner *signer, const XimNote *note,
                     GError **error);
} Kind;

static const Kind kinds[] = {
  { "x-im current v1\n", check_current }, { "x-im device v1\n", check_device },
  { "x-im account v1\n", check_account }, { "x-im absent v1\n", check_absent },
  { "x-im server v1\n", check_server },
};

static gboolean
check (const XimKsSigner *signer, const XimNote *note, GError **error)
{
  const char *text = xim_note_text (note);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (text, kinds[i].title))
      return kinds[i].check (signer, note, error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
               "expected a server, absent, current, account or device note");
  return FALSE;
}

static char *
sign_text (XimKsSigner *signer, const char *text, GError **error)
{
  g_autoptr (XimNote) note = xim_note_new (text, error);
  if (note == NULL || !xim_note_sign (note, signer->keys->sign, error))
    return NULL;
  xim_ks_metrics_count (XIM_KS_SIGNATURES);
  g_autofree char *whole = xim_note_encode (note);
  return g_strdup (whole + strlen (text) + 1);
}

char *
xim_ks_signer_sign (XimKsSigner *signer, const char *text, GError **error)
{
  g_autoptr (XimNote) note = xim_note_new (text, error);
  if (note == NULL || !check (signer, note, error))
    return NULL;
  return sign_text (signer, text, error);
}

char *
xim_ks_signer_hand_over (XimKsSigner *signer, const char *text, GError **error)
{
  XimVrfPublic vrf;
  g_autoptr (XimServer) server = xim_server_decode_text (text, error);
  if (server == NULL)
    return NULL;
  xim_ks_signer_vrf (signer, &vrf);
  if (strcmp (server->domain, signer->domain) != 0 || !server->has_previous
      || strcmp (server->origin, xim_ks_signer_public (signer)->name) != 0
      || memcmp (&server->vrf, &vrf, sizeof vrf) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected a server note of %s that follows one with this "
                   "keyserver's keys",
                   signer->domain);
      return NULL;
    }
  return sign_text (signer, text, error);
}

char *
xim_ks_signer_note (XimKsSigner *signer, const char *text, GError **error)
{
  g_autofree char *line = xim_ks_signer_sign (signer, text, error);
  return line == NULL ? NULL : g_strconcat (text, "\n", line, NULL);
}
