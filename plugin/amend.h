/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Changes of the own list of devices: looked up, built, signed, registered. */

#pragma once

#include "admission.h"
#include "enrol.h"

typedef enum
{
  XIM_AMEND_JOIN,   /* this device, signed by an old one */
  XIM_AMEND_IMPORT, /* this device, signed by an exported key */
  XIM_AMEND_REMOVE, /* another device, or this one */
  XIM_AMEND_RESET,  /* start again with this device alone */
  XIM_AMEND_ERASE,  /* all keys go */
} XimAmendKind;

/**
 * XimAmendCallback:
 * @error: (nullable): NULL when it is done; CONFLICT, the list changed too
 * often meanwhile (of a join: once); UNAVAILABLE; NO_PROOF; MALFORMED, the
 * last device cannot be removed; NOT_FOUND, the device that changes the list,
 * or was exported, is not in it; KEY_CHANGED, it does not continue what was
 * seen or exported; TOO_LARGE; EXPIRED; STORE; what the keyserver said
 */
typedef void (*XimAmendCallback) (XimAmendKind kind, const GError *error,
                                  gpointer user_data);

typedef struct _XimAmend XimAmend;

/* What it works with; everything outlives it. */
typedef struct
{
  PurpleAccount *account;
  const char *jid; /* own bare address, prepared */
  XimStore *store;
  XimKeystore *keystore;
  XimHttp *http;
  XimIq *iq;
  XimDiscovery *discovery;
  XimEnrol *enrol;
} XimAmendParts;

XimAmend *xim_amend_new (const XimAmendParts *parts, XimAmendCallback ended,
                         gpointer user_data);
void xim_amend_free (XimAmend *amend);

/**
 * xim_amend_start:
 * One at a time.  When another device was quicker, the change is made again on
 * top of its version, and signed again.  JOIN, IMPORT and REMOVE have
 * functions of their own.
 * Returns: FALSE when another change is under way
 */
gboolean xim_amend_start (XimAmend *amend, XimAmendKind kind);
gboolean xim_amend_remove (XimAmend *amend, const XimDeviceId *id);

/**
 * xim_amend_join:
 * @note: with the lines of this device and of an old one
 */
gboolean xim_amend_join (XimAmend *amend, const char *note);

/**
 * xim_amend_import:
 * @admission: (transfer full): freed before the callback, whatever becomes of
 * it, and when another change is under way
 * Makes the keys of this device unless it has some.
 */
gboolean xim_amend_import (XimAmend *amend, XimAdmission *admission);

/* A look at the own entry ended. */
void xim_amend_looked (XimAmend *amend);

/* The account is offline: what is under way has failed. */
void xim_amend_stop (XimAmend *amend);
