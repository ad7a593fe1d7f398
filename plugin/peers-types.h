/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What is said of other members, in types. */

#pragma once

#include "discovery.h"

typedef struct _XimPeers XimPeers;

typedef struct
{
  /* What is known of @jid changed: a lookup ended, well or not. */
  void (*changed) (const char *jid, gpointer user_data);
  /* What the keyserver said of @jid does not fit and was kept as evidence;
   * @code as in "Errors" of PROTOCOL.md. */
  void (*kept) (const char *jid, XimError code, gpointer user_data);
  /* The keyserver of @domain has signed two logs: nothing that it says counts
   * any more; told once for each lookup that finds it. */
  void (*forked) (const char *domain, gpointer user_data);
} XimPeersOps;

typedef struct
{
  XimChainChange change;
  gboolean unreached; /* the version before is unknown, or another one */
} XimPeersChange;

/* A version of an account that a device says it has seen. */
typedef struct
{
  guint32 version;
  XimHash hash;
  XimDeviceId device; /* that says so */
} XimPeersClaim;

typedef enum
{
  XIM_CLAIM_FITS,
  XIM_CLAIM_OLD,     /* below the last reset or erasure: it does not count */
  XIM_CLAIM_NEWER,   /* above the newest version that is known */
  XIM_CLAIM_OTHER,   /* that version is known with another text */
  XIM_CLAIM_MISSING, /* below what is known; it can be fetched */
  XIM_CLAIM_LACKING, /* below what is known, and the keyserver has no such
                        version that leads to the present one */
} XimClaimResult;
