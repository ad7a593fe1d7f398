/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Where the versions of the own address stand in the log, and how far it was
 * read. */

#include "config.h"

#include "places.h"

#include <purple.h>
#include <string.h>

#include "clock.h"
#include "evidence.h"

struct _XimPlaces
{
  GPtrArray *list; /* of XimStorePlace, ascending by version */
};

static gboolean
is_same_index (const XimEntry *a, const XimEntry *b)
{
  return memcmp (a->index.bytes, b->index.bytes, sizeof a->index.bytes) == 0;
}

static gboolean
is_same_entry (const XimEntry *a, const XimEntry *b)
{
  return is_same_index (a, b) && a->flags == b->flags
         && memcmp (a->commitment.bytes, b->commitment.bytes,
                    sizeof a->commitment.bytes)
                == 0;
}

XimPlaces *
xim_places_load (XimStore *store, GError **error)
{
  GPtrArray *list = NULL;
  if (!xim_store_load_places (store, &list, error))
    return NULL;
  XimPlaces *places = g_new0 (XimPlaces, 1);
  places->list = list;
  return places;
}

void
xim_places_free (XimPlaces *places)
{
  if (places == NULL)
    return;
  g_ptr_array_unref (places->list);
  g_free (places);
}

static XimStorePlace *
find_version (const XimPlaces *places, guint32 version)
{
  for (guint i = 0; i < places->list->len; i++)
    {
      XimStorePlace *place = g_ptr_array_index (places->list, i);
      if (place->version == version)
        return place;
    }
  return NULL;
}

static XimStorePlace *
find_index (const XimPlaces *places, const XimEntry *entry)
{
  for (guint i = 0; i < places->list->len; i++)
    {
      XimStorePlace *place = g_ptr_array_index (places->list, i);
      if (is_same_index (&place->entry, entry))
        return place;
    }
  return NULL;
}

/* Judging. */

static gboolean
is_newest (const XimPlaces *places, const XimStorePlace *place)
{
  return place == g_ptr_array_index (places->list, places->list->len - 1);
}

XimPlaceKind
xim_places_judge (XimPlaces *places, guint64 leaf, const XimEntry *entry,
                  guint32 *version)
{
  XimStorePlace *place
      = entry->type == XIM_ENTRY_ACCOUNT ? find_index (places, entry) : NULL;
  if (place == NULL)
    return XIM_PLACE_OTHER;
  *version = place->version;
  if (place->leaf != XIM_STORE_NO_LEAF)
    return place->leaf == (gint64)leaf && is_same_entry (&place->entry, entry)
               ? XIM_PLACE_KNOWN
               : XIM_PLACE_TWICE;
  if (is_newest (places, place))
    return XIM_PLACE_NEXT;
  place->leaf = (gint64)leaf;
  place->entry = *entry;
  return XIM_PLACE_KNOWN;
}

void
xim_places_met (XimPlaces *places, guint64 leaf, const XimEntry *entry)
{
  XimStorePlace *place = find_index (places, entry);
  g_return_if_fail (place != NULL);
  place->leaf = (gint64)leaf;
  place->entry = *entry;
}

gboolean
xim_places_save (XimPlaces *places, XimStore *store, GError **error)
{
  for (guint i = 0; i < places->list->len; i++)
    if (!xim_store_save_place (store, g_ptr_array_index (places->list, i),
                               error))
      return FALSE;
  return TRUE;
}

XimPlacesAlarm
xim_places_alarm (XimStore *store)
{
  g_autoptr (GError) error = NULL;
  XimStoreReading reading = { 0 };
  gboolean found = FALSE;
  if (!xim_store_load_reading (store, &found, &reading, &error))
    {
      purple_debug_error ("x-im", "places: %s\n", error->message);
      return XIM_PLACES_UNKNOWN;
    }
  return found ? (XimPlacesAlarm)MIN (reading.alarm, XIM_PLACES_TWICE)
               : XIM_PLACES_FINE;
}

/* Keeping. */

static void
keep_evidence (XimStore *store, const XimVerified *verified,
               const XimStorePlace *before)
{
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;
  const XimAccount *account = xim_verified_account (verified);
  g_autofree char *checkpoint
      = xim_note_encode (xim_verified_checkpoint (verified)->note);
  g_autofree char *why = g_strdup_printf (
      "version %u was shown at leaf %" G_GINT64_FORMAT
      ", now at leaf %" G_GUINT64_FORMAT,
      account->version, before->leaf, xim_verified_place (verified)->leaf);
  guint8 bytes[XIM_ENTRY_MAX];
  const gsize len = xim_entry_encode (&before->entry, bytes);
  g_autoptr (XimEvidence) evidence
      = xim_evidence_new (account->jid, "log", xim_plugin_now_s ());
  xim_evidence_say (evidence, "what", "the log of a keyserver");
  xim_evidence_say (evidence, "because", why);
  xim_evidence_add (evidence, "entry, proven before", bytes, len);
  xim_evidence_add_text (evidence, "signed tree, shown now", checkpoint);
  xim_evidence_add_text (evidence, "text of the version", account->text);
  if (!xim_evidence_save (evidence, xim_store_dir (store), &is_new, &error))
    purple_debug_error ("x-im", "evidence: %s\n", error->message);
}

/* @moved: (nullable): where the version was shown before, if elsewhere */
static gboolean
save_reading (XimStore *store, const XimVerified *verified,
              const XimStorePlace *moved, GError **error)
{
  const guint32 version = xim_verified_account (verified)->version;
  XimStoreReading reading = { 0 };
  gboolean found = FALSE;
  if (!xim_store_load_reading (store, &found, &reading, error))
    return FALSE;
  if (!found)
    reading.head = xim_verified_checkpoint (verified)->head;
  else if (moved != NULL && reading.alarm != XIM_PLACES_TWICE)
    {
      keep_evidence (store, verified, moved);
      reading.alarm = XIM_PLACES_TWICE;
      reading.version = version;
    }
  else if (reading.alarm == XIM_PLACES_HIDDEN && version >= reading.version)
    reading.alarm = XIM_PLACES_FINE;
  else
    return TRUE;
  return xim_store_save_reading (store, &reading, error);
}

gboolean
xim_places_keep (XimStore *store, const XimVerified *verified, GError **error)
{
  const XimLogPlace *shown = xim_verified_place (verified);
  if (shown == NULL)
    return TRUE;
  g_autoptr (XimPlaces) places = xim_places_load (store, error);
  if (places == NULL)
    return FALSE;
  XimStorePlace place = { xim_verified_account (verified)->version,
                          (gint64)shown->leaf, shown->entry };
  XimStorePlace next = { place.version + 1, XIM_STORE_NO_LEAF, shown->entry };
  next.entry.index = shown->next;
  const XimStorePlace *before = find_version (places, place.version);
  const gboolean is_placed
      = before != NULL && before->leaf != XIM_STORE_NO_LEAF;
  return (is_placed || xim_store_save_place (store, &place, error))
         && (find_version (places, next.version) != NULL
             || xim_store_save_place (store, &next, error))
         && save_reading (
             store, verified,
             is_placed && before->leaf != place.leaf ? before : NULL, error);
}
