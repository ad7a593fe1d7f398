/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tags: what stands for an address, device id or key that is gone. */

#include "config.h"

#include "ks-tag.h"

#include <string.h>

#include "xim-codec.h"

static void
hmac (const XimSecret *secret, const XimPiece *pieces, guint n_pieces,
      XimHash *out)
{
  xim_crypto_hmac_sha256 (xim_secret_peek (secret), xim_secret_len (secret),
                          pieces, n_pieces, out);
}

void
xim_ks_tag_member (const XimSecret *secret, const char *jid, XimHash *out)
{
  const XimPiece piece = { jid, strlen (jid) };
  hmac (secret, &piece, 1, out);
}

void
xim_ks_tag_device (const XimSecret *secret, const char *jid,
                   const XimDeviceId *id, XimHash *out)
{
  const XimPiece pieces[] = { { "", 1 },
                              { jid, strlen (jid) + 1 },
                              { id->bytes, sizeof id->bytes } };
  hmac (secret, pieces, G_N_ELEMENTS (pieces), out);
}

void
xim_ks_tag_key (const XimSecret *secret, const XimEd25519Public *key,
                XimHash *out)
{
  const XimPiece pieces[] = { { "\0", 2 }, { key->bytes, sizeof key->bytes } };
  hmac (secret, pieces, G_N_ELEMENTS (pieces), out);
}

char *
xim_ks_tag_mark (const XimSecret *secret)
{
  XimHash tag;
  xim_ks_tag_member (secret, "", &tag);
  return xim_codec_base64_encode (tag.bytes, sizeof tag.bytes);
}
