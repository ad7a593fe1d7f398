/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Entries of the log: what stands in it for each version of an account. */

#pragma once

#include "xim-account.h"
#include "xim-erase.h"
#include "xim-vrf.h"

typedef enum
{
  XIM_ENTRY_SERVER = 0,
  XIM_ENTRY_ACCOUNT = 1,
} XimEntryType;

/* What happened to the account.  Exactly one is set. */
typedef enum
{
  XIM_ENTRY_NEW = 1,
  XIM_ENTRY_CONTINUED = 2,
  XIM_ENTRY_RESET = 4,
  XIM_ENTRY_ERASED = 8,
} XimEntryFlags;

typedef struct
{
  guint8 bytes[32];
} XimIndex; /* the first half of a VRF output */

typedef struct
{
  guint8 bytes[XIM_OPENING_LEN];
} XimOpening;

/**
 * XimEntry:
 * Source: PROTOCOL.md, section 8.
 */
typedef struct
{
  XimEntryType type;
  XimHash hash;   /* SERVER: of the text of the server note */
  XimIndex index; /* ACCOUNT, from here on */
  XimHash commitment;
  XimEntryFlags flags;
} XimEntry;

/**
 * xim_entry_encode:
 * @out: (out): the bytes
 * Returns: how many, XIM_ENTRY_SERVER_LEN or XIM_ENTRY_ACCOUNT_LEN
 */
gsize xim_entry_encode (const XimEntry *entry, guint8 out[XIM_ENTRY_MAX]);

/**
 * xim_entry_decode:
 * Errors: UNSUPPORTED, another type; MALFORMED, another length, or not exactly
 * one flag.
 */
gboolean xim_entry_decode (const guint8 *data, gsize len, XimEntry *out,
                           GError **error);

/**
 * xim_entry_leaf:
 * @out: (out): the hash of the leaf
 */
void xim_entry_leaf (const XimEntry *entry, XimHash *out);

/**
 * xim_entry_commit:
 * @text: of an account note or an erase note
 * @out: (out): the commitment
 */
void xim_entry_commit (const XimOpening *opening, const char *text,
                       XimHash *out);

/* The flag of an account note; that of an erase note is XIM_ENTRY_ERASED. */
XimEntryFlags xim_entry_account_flags (const XimAccount *account);

/**
 * xim_entry_prove:
 * @proof: (out): of the index of @version of @jid
 * @index: (out) (optional)
 */
void xim_entry_prove (const XimVrfKey *key, const char *jid, guint32 version,
                      XimVrfProof *proof, XimIndex *index);

/**
 * xim_entry_proven:
 * @proof: one that was made here or verified
 * @out: (out): the index that it proves
 */
void xim_entry_proven (const XimVrfProof *proof, XimIndex *out);

/**
 * xim_entry_verify:
 * @proof: decoded
 * @out: (out): the index of @version of @jid
 * Errors: NOT_LOGGED.
 */
gboolean xim_entry_verify (const XimVrfPublic *key, const char *jid,
                           guint32 version, const XimVrfProof *proof,
                           XimIndex *out, GError **error);
