/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Account notes: who the devices of a member are. */

#pragma once

#include "xim-note.h"

typedef struct
{
  XimDeviceId id;
  XimEd25519Public key;
} XimAccountDevice;

/**
 * XimAccount:
 * An account note, parsed; `note` is NULL when only the text was given.
 * Source: PROTOCOL.md, section 4.1.
 */
typedef struct
{
  char *jid;
  guint32 version;
  gboolean has_previous;
  XimHash previous;
  gint64 time_s;
  gboolean reset;
  guint n_devices;
  XimAccountDevice devices[XIM_DEVICES_MAX]; /* ascending by id */
  char *text;
  XimHash hash; /* of the text */
  XimNote *note;
} XimAccount;

/* How a note stands to what was known before. */
typedef enum
{
  XIM_RELATION_NEW,       /* nothing was known */
  XIM_RELATION_UNCHANGED, /* the same text */
  XIM_RELATION_CONTINUED, /* signed by a device of the version before */
  XIM_RELATION_RESET,     /* starts again without any old device */
} XimRelation;

/* What a reader knows of one account: `newest` and texts before it. */
typedef struct
{
  const XimAccount *newest;       /* (nullable) */
  const XimAccount *const *older; /* (nullable), any order */
  guint n_older;
} XimAccountHistory;

/**
 * xim_relation_word:
 * Returns: (transfer none): "new", "unchanged", "continued" or "reset"
 */
const char *xim_relation_word (XimRelation relation);

/**
 * xim_account_decode:
 * Errors: MALFORMED; UNSUPPORTED; TOO_LARGE, over 16 devices.
 */
XimAccount *xim_account_decode (const XimNote *note, GError **error);

/**
 * xim_account_decode_text:
 * The same for a text whose signatures were checked before, or do not count.
 */
XimAccount *xim_account_decode_text (const char *text, GError **error);

/**
 * xim_account_decode_form:
 * As xim_account_decode_text(), but any 32 bytes pass for a key, which need
 * not be a point of the curve.  For a signer whose note all others check: that
 * costs more than its signature.
 */
XimAccount *xim_account_decode_form (const char *text, GError **error);

/**
 * xim_account_encode:
 * Returns: (transfer full): the text from all fields but text, hash and note
 */
char *xim_account_encode (const XimAccount *account);

/**
 * xim_account_copy:
 * Returns: (transfer full): a copy of all fields, with a copy of the note
 */
XimAccount *xim_account_copy (const XimAccount *account);
void xim_account_free (XimAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimAccount, xim_account_free)

/**
 * xim_account_find:
 * Returns: (transfer none): the listed device, or NULL
 */
const XimAccountDevice *xim_account_find (const XimAccount *account,
                                          const XimDeviceId *id);

/**
 * xim_account_check_client:
 * @jid: the address asked for; @server: the pinned keyserver's key
 * @known: what this client has seen of the account
 * @relation: (out): how it stands to @known
 *
 * Checks names, then signatures (the server's line, the lines of listed
 * devices), then the chain.  The age of `time` does not count.
 * Errors: WRONG_NAME; SIGNATURE; KEY_CHANGED, it does not continue what is
 * known (a higher version is to be treated as a reset, anything else is
 * evidence).
 */
gboolean xim_account_check_client (const XimAccount *account, const char *jid,
                                   const XimVerifyKey *server,
                                   const XimAccountHistory *known,
                                   XimRelation *relation, GError **error);

/**
 * xim_account_check_server:
 * @known: what the keyserver has stored of the account, every version
 * @now_s: the keyserver's clock
 * @relation: (out): how it stands to @known; UNCHANGED is the newest text once
 * more, of whatever time: nothing is to be stored
 *
 * The keyserver's own rules for a note that is offered to it (4.1, 4.3):
 * names, then signatures, time, and the chain without gaps.
 * Errors: WRONG_NAME; SIGNATURE; EXPIRED, more than 600 s off; KEY_CHANGED.
 */
gboolean xim_account_check_server (const XimAccount *account,
                                   const XimAccountHistory *known,
                                   gint64 now_s, XimRelation *relation,
                                   GError **error);

/**
 * xim_account_check_step:
 * @known: ends in the version directly before
 * @relation: (out): CONTINUED or RESET
 *
 * One step of a client's walk over versions that it missed: like
 * xim_account_check_client(), but without a line of the keyserver, because the
 * newest note binds this one by its hash, and without gaps.
 * Errors: WRONG_NAME; SIGNATURE; KEY_CHANGED.
 */
gboolean xim_account_check_step (const XimAccount *account,
                                 const XimAccountHistory *known,
                                 XimRelation *relation, GError **error);

/**
 * xim_account_needs_proof:
 * Returns: whether the note is taken only with a proof of the address
 */
gboolean xim_account_needs_proof (const XimAccount *account);

/**
 * xim_account_keep_lines:
 * @account: as xim_account_check_server() took it
 * @before: (nullable): the version before
 * @note: the note of @account, changed in place
 *
 * Drops every line that is not of a listed device or of a device of @before,
 * and orders the rest by device id.
 */
void xim_account_keep_lines (const XimAccount *account,
                             const XimAccount *before, XimNote *note);
