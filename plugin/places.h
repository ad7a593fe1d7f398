/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Where the versions of the own address stand in the log, and how far it was
 * read. */

#pragma once

#include "store.h"

/* What the log shows that this device cannot have caused. */
typedef enum
{
  XIM_PLACES_FINE,
  XIM_PLACES_HIDDEN,  /* a version of the own address that the keyserver does
                         not show to it */
  XIM_PLACES_TWICE,   /* one version of the own address twice */
  XIM_PLACES_UNKNOWN, /* what was found cannot be read now */
} XimPlacesAlarm;

/**
 * xim_places_keep:
 * @verified: a bundle of the own address
 * Remembers where its version stands and which index comes next; within a
 * transaction of XIM_STORE_CACHE.  The first one with a log is where this
 * device begins to read.  That a version is shown ends an alarm that it was
 * hidden; that it stands elsewhere than before is one.
 * Errors: STORE.
 */
gboolean xim_places_keep (XimStore *store, const XimVerified *verified,
                          GError **error);

/* What an entry of the log comes to. */
typedef enum
{
  XIM_PLACE_OTHER, /* not of the own address */
  XIM_PLACE_KNOWN, /* as it must be */
  XIM_PLACE_NEXT,  /* the version after the newest that is known */
  XIM_PLACE_TWICE, /* of a version that stands elsewhere */
} XimPlaceKind;

/**
 * XimPlaces:
 * The places that are known, in memory.
 */
typedef struct _XimPlaces XimPlaces;

/**
 * xim_places_load:
 * Errors: STORE.
 */
XimPlaces *xim_places_load (XimStore *store, GError **error);
void xim_places_free (XimPlaces *places);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimPlaces, xim_places_free)

/**
 * xim_places_judge:
 * @version: (out): of the own address, unless it is OTHER
 * A version between two that are known counts where it is met first.
 */
XimPlaceKind xim_places_judge (XimPlaces *places, guint64 leaf,
                               const XimEntry *entry, guint32 *version);

/* The version of @entry stands at @leaf, although nobody shows it. */
void xim_places_met (XimPlaces *places, guint64 leaf, const XimEntry *entry);

/**
 * xim_places_save:
 * What was judged since it was loaded.
 * Errors: STORE.
 */
gboolean xim_places_save (XimPlaces *places, XimStore *store, GError **error);

/**
 * xim_places_alarm:
 * Returns: what was found, also before the last restart; only FINE lets
 * messages go
 */
XimPlacesAlarm xim_places_alarm (XimStore *store);
