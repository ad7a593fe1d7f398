/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The pen: what only the operator's own commands sign. */

#include "config.h"

#include "ks-pen.h"

#include <string.h>

#include "xim-error.h"
#include "xim-server.h"

#include "ks-claim.h"
#include "ks-sign.h"

struct _XimKsPen
{
  char *domain;
  XimKsKeys *keys;
};

XimKsPen *
xim_ks_pen_new (const char *domain, XimKsKeys *keys)
{
  XimKsPen *pen = g_new0 (XimKsPen, 1);
  pen->domain = g_strdup (domain);
  pen->keys = keys;
  return pen;
}

void
xim_ks_pen_free (XimKsPen *pen)
{
  if (pen == NULL)
    return;
  g_free (pen->domain);
  xim_ks_keys_free (pen->keys);
  g_free (pen);
}

const XimVerifyKey *
xim_ks_pen_public (const XimKsPen *pen)
{
  return xim_sign_key_public (pen->keys->sign);
}

void
xim_ks_pen_vrf (const XimKsPen *pen, XimVrfPublic *out)
{
  xim_crypto_vrf_public (pen->keys->vrf, out);
}

/* What never changes: domain, origin, log and VRF key. */
static XimServer *
decode_own (const XimKsPen *pen, const char *text, GError **error)
{
  XimVrfPublic vrf;
  g_autoptr (XimServer) server = xim_server_decode_text (text, error);
  if (server == NULL)
    return NULL;
  xim_ks_pen_vrf (pen, &vrf);
  const char *origin = xim_ks_pen_public (pen)->name;
  g_autofree char *log = g_strconcat (origin, "/log", NULL);
  if (strcmp (server->domain, pen->domain) == 0
      && strcmp (server->origin, origin) == 0 && strcmp (server->log, log) == 0
      && memcmp (&server->vrf, &vrf, sizeof vrf) == 0)
    return g_steal_pointer (&server);
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a server note of %s with this keyserver's names and "
               "VRF key",
               pen->domain);
  return NULL;
}

char *
xim_ks_pen_server (XimKsPen *pen, const char *text, GError **error)
{
  g_autoptr (XimServer) server = decode_own (pen, text, error);
  if (server == NULL)
    return NULL;
  if (!xim_verify_key_equal (server->key, xim_ks_pen_public (pen)))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected a server note with the key that signs it");
      return NULL;
    }
  g_autofree char *line = xim_ks_sign_text (pen->keys->sign, text, error);
  return line == NULL ? NULL : g_strconcat (text, "\n", line, NULL);
}

char *
xim_ks_pen_hand_over (XimKsPen *pen, const char *text, GError **error)
{
  g_autoptr (XimServer) server = decode_own (pen, text, error);
  if (server == NULL)
    return NULL;
  if (server->has_previous)
    return xim_ks_sign_text (pen->keys->sign, text, error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a server note that follows one with this key, got "
               "the first one");
  return NULL;
}

char *
xim_ks_pen_again (XimKsPen *pen, const char *text, GError **error)
{
  g_autoptr (XimKsClaim) claim
      = xim_ks_claim_decode (text, pen->domain, error);
  if (claim == NULL)
    return NULL;
  if (claim->kind == XIM_KS_CLAIM_ACCOUNT
      || claim->kind == XIM_KS_CLAIM_DEVICE)
    return xim_ks_sign_text (pen->keys->sign, text, error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
               "expected an account or device note");
  return NULL;
}
