/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The two first notes that a user and a contact compare. */

#include "config.h"

#include "compare.h"

#include <string.h>

#include "clock.h"
#include "walk.h"

#define LOOKUP_MS 20000

/* One of the two. */
typedef struct
{
  char *jid;
  gboolean asked;     /* the keyserver, since this began */
  XimAccount *newest; /* (nullable): what the walk starts from */
  GPtrArray *got;     /* of XimAccount, descending, before it */
  const XimAccount *first; /* (nullable): one of these */
} Side;

struct _XimCompare
{
  XimCompareParts parts;
  XimCompareCallback callback;
  gpointer user_data;
  GDestroyNotify destroy;
  Side sides[2]; /* own and the contact's */
  Side *waiting; /* (nullable): for the end of its lookup */
  Side *finding; /* (nullable): its keyserver is looked for */
  XimWalk *walk; /* (nullable) */
  guint timer;
};

static void
account_free (gpointer account)
{
  xim_account_free (account);
}

void
xim_compare_free (XimCompare *compare)
{
  if (compare == NULL)
    return;
  if (compare->finding != NULL)
    xim_discovery_forget (compare->parts.discovery, compare);
  if (compare->timer != 0)
    purple_timeout_remove (compare->timer);
  xim_walk_free (compare->walk);
  for (guint i = 0; i < G_N_ELEMENTS (compare->sides); i++)
    {
      Side *side = &compare->sides[i];
      g_free (side->jid);
      xim_account_free (side->newest);
      g_ptr_array_unref (side->got);
    }
  if (compare->destroy != NULL)
    compare->destroy (compare->user_data);
  g_free (compare);
}

static void
end (XimCompare *compare, XimCompareEnd how, const Side *side)
{
  const XimComparison comparison = {
    .end = how,
    .jid = side != NULL ? side->jid : NULL,
    .own = how == XIM_COMPARE_READY ? compare->sides[0].first : NULL,
    .contact = how == XIM_COMPARE_READY ? compare->sides[1].first : NULL,
  };
  compare->waiting = NULL;
  compare->callback (&comparison, compare->user_data);
}

/* The newest note of a side */

static gboolean
too_late (gpointer data)
{
  XimCompare *compare = data;
  compare->timer = 0;
  end (compare, XIM_COMPARE_OUTAGE, compare->waiting);
  return FALSE;
}

/* Whoever is not in the own list looks at the keys of somebody else. */
static gboolean
lists_this_device (const XimCompare *compare, const XimAccount *own)
{
  const XimSender *sender = xim_enrol_sender (compare->parts.enrol);
  if (sender == NULL)
    return FALSE;
  const XimAccountDevice *device = xim_account_find (own, &sender->device);
  return device != NULL
         && memcmp (device->key.bytes,
                    xim_sign_key_public (sender->key)->key.bytes,
                    sizeof device->key.bytes)
                == 0;
}

static void
look_up (XimCompare *compare, Side *side)
{
  side->asked = TRUE;
  compare->waiting = side;
  compare->timer = purple_timeout_add (LOOKUP_MS, too_late, compare);
  /* Somebody waits: at once, and not when the next attempt is due. */
  xim_peers_retry (compare->parts.peers);
  xim_peers_refresh (compare->parts.peers, side->jid, TRUE);
}

/* In all of these: FALSE when the step waits for something, or when it ended
 * all, after which there may be no XimCompare any more. */

static gboolean
use (XimCompare *compare, Side *side, const XimTrustPeer *trust)
{
  const XimAccount *newest = xim_verified_account (trust->verified);
  if (side == &compare->sides[0] && !lists_this_device (compare, newest))
    {
      end (compare, XIM_COMPARE_OWN, side);
      return FALSE;
    }
  side->newest = xim_account_copy (newest);
  return TRUE;
}

static XimCompareEnd
end_of (XimCompare *compare, const Side *side)
{
  XimFacts facts = { 0 };
  xim_peers_facts (compare->parts.peers, side->jid, &facts);
  return facts.peer == XIM_PEER_UNREACHABLE ? XIM_COMPARE_OUTAGE
                                            : XIM_COMPARE_NONE;
}

/* What is known must be fresh: the other side may have begun again. */
static gboolean
take_newest (XimCompare *compare, Side *side)
{
  XimTrustPeer trust;
  g_autoptr (GError) error = NULL;
  gboolean found
      = xim_peers_trust (compare->parts.peers, side->jid, &trust);
  if (found
      && xim_trust_may_read (&trust, TRUE, xim_plugin_now_s (), &error))
    return use (compare, side, &trust);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    end (compare, XIM_COMPARE_RESET, side);
  else if (!side->asked)
    look_up (compare, side);
  else
    end (compare, end_of (compare, side), side);
  return FALSE;
}

/* Down to the first note */

static void step (XimCompare *compare);

static void
walked (XimWalkEnd how, GPtrArray *got, guint retry_after_s, gpointer data)
{
  XimCompare *compare = data;
  Side *side = compare->finding;
  (void)got;
  (void)retry_after_s;
  compare->finding = NULL;
  g_clear_pointer (&compare->walk, xim_walk_free);
  if (how == XIM_WALK_WHOLE)
    step (compare);
  else
    end (compare,
         how == XIM_WALK_OUTAGE ? XIM_COMPARE_OUTAGE : XIM_COMPARE_BROKEN,
         side);
}

static void
got_domain (const XimDomain *domain, gpointer data)
{
  XimCompare *compare = data;
  Side *side = compare->finding;
  const XimAccount *last = side->got->len > 0
                               ? side->got->pdata[side->got->len - 1]
                               : side->newest;
  if (domain->state != XIM_DOMAIN_PINNED)
    {
      compare->finding = NULL;
      end (compare, XIM_COMPARE_OUTAGE, side);
      return;
    }
  const XimWalkQuestion question
      = { domain, side->jid, side->newest, last->version - 1, side->got };
  compare->walk
      = xim_walk_new (compare->parts.http, &question, walked, compare);
}

/* All that lies between is kept too: it is bound by what counts. */
static void
keep (XimCompare *compare, const Side *side)
{
  XimStore *store = compare->parts.store;
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < side->got->len && error == NULL; i++)
    {
      const XimAccount *account = side->got->pdata[i];
      xim_store_save_version (store, side->jid, account->version,
                              account->text, &error);
    }
  if (error != NULL)
    purple_debug_error ("x-im", "compare: %s\n", error->message);
}

static gboolean
find_first (XimCompare *compare, Side *side)
{
  g_autoptr (GError) error = NULL;
  side->first = xim_safety_first (
      side->newest, (const XimAccount *const *)side->got->pdata,
      side->got->len, &error);
  if (side->first != NULL)
    {
      keep (compare, side);
      return TRUE;
    }
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_NOT_FOUND)
           && side->got->len < XIM_WALK_MAX)
    {
      compare->finding = side;
      xim_discovery_find (compare->parts.discovery,
                          xim_jid_domain (side->jid), got_domain, compare);
    }
  else
    {
      purple_debug_info ("x-im", "compare: %s: %s\n", side->jid,
                         error->message);
      end (compare, XIM_COMPARE_BROKEN, side);
    }
  return FALSE;
}

static void
step (XimCompare *compare)
{
  for (guint i = 0; i < G_N_ELEMENTS (compare->sides); i++)
    {
      Side *side = &compare->sides[i];
      if ((side->newest == NULL && !take_newest (compare, side))
          || (side->first == NULL && !find_first (compare, side)))
        return;
    }
  end (compare, XIM_COMPARE_READY, NULL);
}

static gboolean
begin (gpointer data)
{
  XimCompare *compare = data;
  compare->timer = 0;
  if (xim_enrol_sender (compare->parts.enrol) == NULL)
    end (compare, XIM_COMPARE_OWN, &compare->sides[0]);
  else
    step (compare);
  return FALSE;
}

void
xim_compare_news (XimCompare *compare, const char *jid)
{
  if (compare->waiting == NULL || strcmp (compare->waiting->jid, jid) != 0)
    return;
  compare->waiting = NULL;
  purple_timeout_remove (compare->timer);
  /* From the main loop: who tells of it works with what this may change. */
  compare->timer = purple_timeout_add (0, begin, compare);
}

XimCompare *
xim_compare_new (const XimCompareParts *parts, const char *jid,
                 XimCompareCallback callback, gpointer user_data,
                 GDestroyNotify destroy)
{
  XimCompare *compare = g_new0 (XimCompare, 1);
  compare->parts = *parts;
  compare->callback = callback;
  compare->user_data = user_data;
  compare->destroy = destroy;
  compare->sides[0].jid = g_strdup (parts->own_jid);
  compare->sides[1].jid = g_strdup (jid);
  for (guint i = 0; i < G_N_ELEMENTS (compare->sides); i++)
    compare->sides[i].got = g_ptr_array_new_with_free_func (account_free);
  compare->timer = purple_timeout_add (0, begin, compare);
  return compare;
}
