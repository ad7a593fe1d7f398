/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own device: keys, proof, registration, renewal. */

#pragma once

#include "discovery.h"
#include "keystore.h"

typedef struct _XimEnrol XimEnrol;

typedef enum
{
  XIM_ENROL_NEVER,      /* no keys were ever accepted by a keyserver */
  XIM_ENROL_LOCKED,     /* enrolled before; the keystore is locked */
  XIM_ENROL_WORKING,    /* finding, proving, posting */
  XIM_ENROL_READY,      /* enrolled and unlocked: can seal and open */
  XIM_ENROL_NO_SERVER,  /* the own domain has no keyserver */
  XIM_ENROL_OTHER_DEVICE, /* the address has keys of another device */
  XIM_ENROL_FAILED,     /* see the error; tried again with backoff */
} XimEnrolState;

typedef void (*XimEnrolCallback) (gpointer user_data); /* the state changed */

/**
 * xim_enrol_new:
 * @jid: own bare address, prepared
 * @changed: called from the main loop whenever the state changes
 */
XimEnrol *xim_enrol_new (const char *jid, XimStore *store,
                         XimKeystore *keystore, XimHttp *http, XimIq *iq,
                         XimDiscovery *discovery, XimEnrolCallback changed,
                         gpointer user_data);

/* The account is online / the keystore was unlocked or locked. */
void xim_enrol_online (XimEnrol *enrol);
void xim_enrol_offline (XimEnrol *enrol);
void xim_enrol_unlocked (XimEnrol *enrol);
void xim_enrol_locked (XimEnrol *enrol);

XimEnrolState xim_enrol_state (const XimEnrol *enrol);
const GError *xim_enrol_error (const XimEnrol *enrol); /* (nullable) */

/**
 * xim_enrol_ever:
 * Returns: whether this account was ever enrolled from here, also offline
 */
gboolean xim_enrol_ever (const XimEnrol *enrol);

/* When READY; NULL otherwise.  (transfer none) */
XimKeyring *xim_enrol_keyring (XimEnrol *enrol);
const XimSender *xim_enrol_sender (XimEnrol *enrol);
const char *xim_enrol_fingerprint (XimEnrol *enrol); /* text for people */
void xim_enrol_free (XimEnrol *enrol);
