/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own device: keys, proof, registration, renewal. */

#pragma once

#include "discovery.h"
#include "own.h"
#include "watch.h"

typedef struct _XimEnrol XimEnrol;

typedef enum
{
  XIM_ENROL_NEVER,        /* no keys were ever accepted by a keyserver */
  XIM_ENROL_LOCKED,       /* enrolled before; the keystore is locked */
  XIM_ENROL_WORKING,      /* finding, proving, posting */
  XIM_ENROL_READY,        /* enrolled and unlocked: can seal and open */
  XIM_ENROL_NO_SERVER,    /* the own domain has no keyserver */
  XIM_ENROL_OTHER_DEVICE, /* the address has keys, this device is to join */
  XIM_ENROL_LEFT,         /* the keys of the address were erased */
  XIM_ENROL_ALARM,        /* see xim_enrol_alarm(); nothing is sealed */
  XIM_ENROL_FAILED,       /* see the error; tried again with backoff */
} XimEnrolState;

/* The state changed, or a look at the own entry ended; it may call everything
 * of this header but xim_enrol_free(). */
typedef void (*XimEnrolCallback) (gpointer user_data);

/**
 * xim_enrol_new:
 * @jid: own bare address, prepared
 * @store, @keystore, @http, @iq, @discovery: outlive it
 * @changed: called whenever the state changes
 * Errors: STORE.
 */
XimEnrol *xim_enrol_new (const char *jid, XimStore *store,
                         XimKeystore *keystore, XimHttp *http, XimIq *iq,
                         XimDiscovery *discovery, XimEnrolCallback changed,
                         gpointer user_data, GError **error);

/* The account is online / the keystore was unlocked or locked. */
void xim_enrol_online (XimEnrol *enrol);
void xim_enrol_offline (XimEnrol *enrol);
void xim_enrol_unlocked (XimEnrol *enrol);
void xim_enrol_locked (XimEnrol *enrol);

/**
 * xim_enrol_look:
 * Looks the own entry up now, unless that is under way; `changed` comes when
 * it is done.
 */
void xim_enrol_look (XimEnrol *enrol);

/**
 * xim_enrol_n_looks:
 * @good: (out): whether the last of them ended well
 * Returns: how many looks at the own entry have ended
 */
guint xim_enrol_n_looks (const XimEnrol *enrol, gboolean *good);

/**
 * xim_enrol_present:
 * Returns: (transfer none) (nullable): what the last look found; NULL when
 * there was none yet, or the address has no keys
 */
const XimVerified *xim_enrol_present (const XimEnrol *enrol);

XimEnrolState xim_enrol_state (const XimEnrol *enrol);
XimAlarm xim_enrol_alarm (const XimEnrol *enrol);

/**
 * xim_enrol_added:
 * Returns: (transfer none): the devices that were added since this device
 * looked last, as XIM_WATCH_ADDED has them; until the next look
 */
const XimWatchReport *xim_enrol_added (const XimEnrol *enrol);

/**
 * xim_enrol_own:
 * Returns: (transfer none): this device
 */
XimOwn *xim_enrol_own (XimEnrol *enrol);

/**
 * xim_enrol_error:
 * Returns: (transfer none) (nullable): what the last attempt failed with, also
 * while READY: UNAVAILABLE, the keyserver or the proof; KEY_CHANGED, the
 * keyserver's key; EXPIRED, this computer's clock; CONFLICT, the address had
 * keys before; STORE; and what the keyserver refused it with
 */
const GError *xim_enrol_error (const XimEnrol *enrol);

/**
 * xim_enrol_clock_off_s:
 * Returns: by how many seconds this computer's clock is ahead of the
 * keyserver's, when that is why it refused; else 0
 */
gint64 xim_enrol_clock_off_s (const XimEnrol *enrol);

/**
 * xim_enrol_needs_unlock:
 * Returns: whether nothing but the locked (or empty) keystore stands between
 * this account and its keys
 */
gboolean xim_enrol_needs_unlock (const XimEnrol *enrol);

/**
 * xim_enrol_ever:
 * Returns: whether this account was ever enrolled from here, or was seen to
 * have keys of another device; also offline
 */
gboolean xim_enrol_ever (const XimEnrol *enrol);

/**
 * xim_enrol_offered:
 * Returns: whether this device has keys which a keyserver may have taken
 * already, so that others may seal to them, although it has not heard so
 */
gboolean xim_enrol_offered (const XimEnrol *enrol);

/* When READY, the keyring also in an alarm: what was sealed to this device can
 * be read.  NULL otherwise.  (transfer none) */
XimKeyring *xim_enrol_keyring (XimEnrol *enrol);
const XimSender *xim_enrol_sender (XimEnrol *enrol);

/**
 * xim_enrol_fingerprint:
 * Returns: (transfer full) (nullable): of the own signing key, for people;
 * also while locked, once it was enrolled
 */
char *xim_enrol_fingerprint (const XimEnrol *enrol);
void xim_enrol_free (XimEnrol *enrol);
