/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Calls to the signer's process and its replies, as bytes. */

#pragma once

#include "xim-entry.h"
#include "xim-tree.h"

#include "ks-sign.h"

#define XIM_KS_CALL_MAX (16 * 1024 * 1024) /* bytes of a call or a reply */
#define XIM_KS_CALL_ITEMS_MAX 16384        /* texts of a group */
#define XIM_KS_CALL_ACCOUNTS_MAX 4096      /* that are adopted at once */
#define XIM_KS_CALL_PROOFS_MAX 4096        /* that are made at once */

typedef enum
{
  XIM_KS_CALL_SIGN = 1, /* a text */
  XIM_KS_CALL_GROUP,    /* texts and a checkpoint */
  XIM_KS_CALL_LAST,     /* the last checkpoint */
  XIM_KS_CALL_PROVE,    /* the indices of versions */
  XIM_KS_CALL_ADOPT,    /* accounts of a store from before */
  XIM_KS_CALL_STOP,     /* end; whoever calls ends too */
  XIM_KS_CALL_READY,    /* no call: the first reply, of id 0 */
} XimKsVerb;

/**
 * XimKsCall:
 * One call; which members count depends on @verb.
 *
 * Bytes, numbers big-endian: id 4, verb 1, then for SIGN the text; for GROUP
 * how many texts 2, each as length 4 and bytes, then 1 and the checkpoint
 * text like the others, how many hashes 1 and each 32, or 0; for PROVE how
 * many 2, and each as version 4, length 2 and address; for ADOPT how many 2,
 * and each as tag 32, version 4, hash 32 and erased 1.
 */
typedef struct
{
  guint32 id;
  XimKsVerb verb;
  const char *text;     /* of SIGN */
  XimKsSignItem *items; /* of GROUP */
  gsize n_items;
  XimKsSignTree tree; /* of GROUP; its text NULL: none */
  const XimKsSignAccount *accounts;
  gsize n_accounts;
  XimKsSignProof *proofs; /* of PROVE */
  gsize n_proofs;
  GPtrArray *owned; /* what a decoded one points to */
} XimKsCall;

/**
 * xim_ks_call_encode:
 * Returns: (transfer full): the bytes, without their length before them
 */
GByteArray *xim_ks_call_encode (const XimKsCall *call);

/**
 * xim_ks_call_decode:
 * @id: (out): of the call, also when the rest is refused; 0 without one
 * Errors: MALFORMED; TOO_LARGE; UNSUPPORTED, another verb.
 */
XimKsCall *xim_ks_call_decode (const guint8 *data, gsize len, guint32 *id,
                               GError **error);
void xim_ks_call_free (XimKsCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsCall, xim_ks_call_free)

/**
 * XimKsReply:
 * Bytes: id 4, verb 1, then 0 and for SIGN the line; for GROUP how many lines
 * 2, each as length 2 and bytes, that of the checkpoint last; for LAST size 8
 * and root 32; for PROVE each proof; for READY the VRF key 32 and the verifier
 * key.  Or the code of an error plus one, 1; for GROUP how many
 * texts are at fault 2, each as number 2, code 1, length 2 and sentence; then
 * a sentence.
 */
typedef struct
{
  guint32 id;
  XimKsVerb verb;
  GError *error;        /* NULL: done */
  char *line;           /* of SIGN and of the checkpoint of GROUP */
  XimKsSignItem *items; /* of GROUP; only those at fault have an error */
  gsize n_items;
  XimTreeHead head;
  const XimKsSignProof *proofs; /* of PROVE: the proofs alone */
  gsize n_proofs;
  XimKsSignProof *owned; /* of one that was decoded */
  char *vkey;
  XimVrfPublic vrf;
} XimKsReply;

GByteArray *xim_ks_reply_encode (const XimKsReply *reply);

/**
 * xim_ks_reply_decode:
 * @n: texts of the group, or proofs, that were called for
 * Errors: MALFORMED; UNSUPPORTED.
 */
XimKsReply *xim_ks_reply_decode (const guint8 *data, gsize len, gsize n,
                                 GError **error);

/**
 * xim_ks_reply_id:
 * Returns: the id of a reply, 0 when it is too short to have one
 */
guint32 xim_ks_reply_id (const guint8 *data, gsize len);
void xim_ks_reply_free (XimKsReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsReply, xim_ks_reply_free)
