/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* HPKE base mode up to its exporter secret, and the export interface. */

#include "config.h"

#include "xim-hpke.h"

#include <string.h>

#define HASH_LEN 32 /* of HKDF-SHA256 */
#define MODE_BASE 0
#define KEM_CONTEXT_LEN (2 * XIM_KEY_LEN)
#define SCHEDULE_CONTEXT_LEN (1 + 2 * HASH_LEN)

/* RFC 9180, section 4: what every label begins with. */
#define VERSION_LABEL "HPKE-v1"
#define VERSION_LABEL_LEN 7

/* A suite id of RFC 9180: section 4.1 for the KEM, 5.1 for the rest. */
typedef struct
{
  guint8 id[10];
  gsize len;
} Suite;

static const Suite kem_suite = { "KEM\x00\x20", 5 };
static const Suite hpke_suite = { "HPKE\x00\x20\x00\x01\x00\x02", 10 };

struct _XimHpke
{
  XimSecret *exporter;
};

/* LabeledExtract of RFC 9180; HKDF-Extract is HMAC with the salt as its key.
 */
static void
labeled_extract (const Suite *suite, const guint8 *salt, const char *label,
                 const XimPiece *ikm, guint8 *prk)
{
  const XimPiece pieces[] = { { VERSION_LABEL, VERSION_LABEL_LEN },
                              { suite->id, suite->len },
                              { label, strlen (label) },
                              *ikm };
  XimHash out;

  xim_crypto_hmac_sha256 (salt, salt ? HASH_LEN : 0, pieces,
                          G_N_ELEMENTS (pieces), &out);
  memcpy (prk, out.bytes, HASH_LEN);
  xim_secret_wipe (&out, sizeof out);
}

/* LabeledExpand of RFC 9180. */
static void
labeled_expand (const Suite *suite, const guint8 *prk, const char *label,
                const XimPiece *context, guint8 *out, gsize out_len)
{
  guint8 info[2 + VERSION_LABEL_LEN + sizeof suite->id + 16
              + XIM_HPKE_CONTEXT_MAX];
  gsize label_len = strlen (label);
  guint8 *end = info;

  *end++ = (guint8)(out_len >> 8);
  *end++ = (guint8)out_len;
  memcpy (end, VERSION_LABEL, VERSION_LABEL_LEN);
  end += VERSION_LABEL_LEN;
  memcpy (end, suite->id, suite->len);
  end += suite->len;
  memcpy (end, label, label_len);
  end += label_len;
  if (context->len > 0)
    memcpy (end, context->data, context->len);
  end += context->len;
  xim_crypto_hkdf_sha256_expand (prk, info, (gsize)(end - info), out, out_len);
}

/* DHKEM's ExtractAndExpand: section 4.1. */
static void
extract_and_expand (const guint8 *dh, const XimX25519Public *enc,
                    const XimX25519Public *recipient, guint8 *shared)
{
  guint8 context[KEM_CONTEXT_LEN];
  guint8 prk[HASH_LEN];

  memcpy (context, enc->bytes, XIM_KEY_LEN);
  memcpy (context + XIM_KEY_LEN, recipient->bytes, XIM_KEY_LEN);
  labeled_extract (&kem_suite, NULL, "eae_prk", &(XimPiece){ dh, XIM_KEY_LEN },
                   prk);
  labeled_expand (&kem_suite, prk, "shared_secret",
                  &(XimPiece){ context, sizeof context }, shared, HASH_LEN);
  xim_secret_wipe (prk, sizeof prk);
}

/* KeySchedule in base mode, as far as the exporter secret: section 5.1. */
static void
schedule (const guint8 *shared, const guint8 *info, gsize info_len,
          guint8 *exporter)
{
  guint8 context[SCHEDULE_CONTEXT_LEN] = { MODE_BASE };
  guint8 secret[HASH_LEN];
  const XimPiece nothing = { NULL, 0 };

  labeled_extract (&hpke_suite, NULL, "psk_id_hash", &nothing, context + 1);
  labeled_extract (&hpke_suite, NULL, "info_hash",
                   &(XimPiece){ info, info_len }, context + 1 + HASH_LEN);
  labeled_extract (&hpke_suite, shared, "secret", &nothing, secret);
  labeled_expand (&hpke_suite, secret, "exp",
                  &(XimPiece){ context, sizeof context }, exporter, HASH_LEN);
  xim_secret_wipe (secret, sizeof secret);
}

/* A pair of X25519 keys, of which @own is the private half of one. */
typedef struct
{
  const XimSecret *own;
  const XimX25519Public *peer;
  const XimX25519Public *enc;
  const XimX25519Public *recipient;
} Agreement;

static XimHpke *
set_up (const Agreement *keys, const guint8 *info, gsize info_len,
        GError **error)
{
  guint8 dh[XIM_KEY_LEN];
  guint8 shared[HASH_LEN];

  if (!xim_crypto_x25519 (keys->own, keys->peer, dh, error))
    return NULL;
  XimHpke *hpke = g_new (XimHpke, 1);
  hpke->exporter = xim_secret_new (HASH_LEN);
  extract_and_expand (dh, keys->enc, keys->recipient, shared);
  schedule (shared, info, info_len, xim_secret_data (hpke->exporter));
  xim_secret_wipe (dh, sizeof dh);
  xim_secret_wipe (shared, sizeof shared);
  return hpke;
}

XimHpke *
xim_hpke_new_sender (const XimSecret *ephemeral, const XimX25519Public *enc,
                     const XimX25519Public *recipient, const guint8 *info,
                     gsize info_len, GError **error)
{
  const Agreement keys = { ephemeral, recipient, enc, recipient };
  return set_up (&keys, info, info_len, error);
}

XimHpke *
xim_hpke_new_recipient (const XimSecret *own,
                        const XimX25519Public *own_public,
                        const XimX25519Public *enc, const guint8 *info,
                        gsize info_len, GError **error)
{
  const Agreement keys = { own, enc, enc, own_public };
  return set_up (&keys, info, info_len, error);
}

void
xim_hpke_export (const XimHpke *hpke, const guint8 *context, gsize context_len,
                 guint8 *out, gsize out_len)
{
  g_return_if_fail (context_len <= XIM_HPKE_CONTEXT_MAX);
  labeled_expand (&hpke_suite, xim_secret_peek (hpke->exporter), "sec",
                  &(XimPiece){ context, context_len }, out, out_len);
}

void
xim_hpke_free (XimHpke *hpke)
{
  if (hpke == NULL)
    return;
  xim_secret_free (hpke->exporter);
  g_free (hpke);
}
