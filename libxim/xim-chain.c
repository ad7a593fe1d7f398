/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The walk over the versions of an account that a client missed. */

#include "config.h"

#include "xim-chain.h"

#include <string.h>

#include "xim-error.h"

static gboolean
names (const XimAccount *after, const XimAccount *before)
{
  return after->has_previous && after->version - 1 == before->version
         && memcmp (after->previous.bytes, before->hash.bytes,
                    sizeof before->hash.bytes)
                == 0;
}

guint
xim_chain_bound (const XimAccount *newest, const XimAccount *const *before,
                 guint n_before)
{
  guint n = 0;
  for (const XimAccount *after = newest;
       n < n_before && names (after, before[n]); n++)
    after = before[n];
  return n;
}

/* Whether the notes lead from @newest to the known version without a gap. */
static gboolean
check_links (const XimAccount *newest, const XimAccount *known,
             const XimAccount *const *between, guint n_between, GError **error)
{
  guint n_needed = newest->version - known->version - 1;
  if (n_needed > XIM_WALK_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected at most %d versions between %u and %u",
                   XIM_WALK_MAX, known->version, newest->version);
      return FALSE;
    }
  guint n_bound = xim_chain_bound (newest, between, n_between);
  if (n_bound < n_needed)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected version %u with the hash that version %u names",
                   newest->version - n_bound - 1, newest->version - n_bound);
      return FALSE;
    }
  const XimAccount *first = n_needed > 0 ? between[n_needed - 1] : newest;
  if (names (first, known))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "expected version %u to follow the known version %u, got "
               "another hash in the walk",
               first->version, known->version);
  return FALSE;
}

/* Every version before the step counts: what was removed never comes back. */
static gboolean
check_steps (const XimAccountHistory *known,
             const XimAccount *const *ascending, guint n_steps,
             gboolean *any_reset, GError **error)
{
  g_autoptr (GPtrArray) older = g_ptr_array_new ();
  for (guint i = 0; i < known->n_older; i++)
    g_ptr_array_add (older, (gpointer)known->older[i]);
  const XimAccount *before = known->newest;
  for (guint i = 0; i < n_steps; i++)
    {
      const XimAccountHistory history
          = { before, (const XimAccount *const *)older->pdata, older->len };
      XimRelation relation;
      if (!xim_account_check_step (ascending[i], &history, &relation, error))
        {
          g_prefix_error (error, "version %u: ", ascending[i]->version);
          return FALSE;
        }
      *any_reset = *any_reset || relation == XIM_RELATION_RESET;
      g_ptr_array_add (older, (gpointer)before);
      before = ascending[i];
    }
  return TRUE;
}

gboolean
xim_chain_walk (const XimAccount *newest, const XimAccountHistory *known,
                const XimAccount *const *between, guint n_between,
                XimRelation *relation, GError **error)
{
  g_return_val_if_fail (known->newest != NULL
                            && newest->version > known->newest->version,
                        FALSE);
  if (!check_links (newest, known->newest, between, n_between, error))
    return FALSE;
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();
  for (guint i = newest->version - known->newest->version - 1; i > 0; i--)
    g_ptr_array_add (steps, (gpointer)between[i - 1]);
  g_ptr_array_add (steps, (gpointer)newest);
  gboolean any_reset = FALSE;
  if (!check_steps (known, (const XimAccount *const *)steps->pdata, steps->len,
                    &any_reset, error))
    return FALSE;
  *relation = any_reset ? XIM_RELATION_RESET : XIM_RELATION_CONTINUED;
  return TRUE;
}

/* Puts the ids that @account lists and @other does not into @out. */
static guint
collect_missing (const XimAccount *account, const XimAccount *other,
                 XimDeviceId *out)
{
  guint n = 0;
  for (guint i = 0; i < account->n_devices; i++)
    if (xim_account_find (other, &account->devices[i].id) == NULL)
      out[n++] = account->devices[i].id;
  return n;
}

void
xim_chain_change (const XimAccount *before, const XimAccount *after,
                  XimChainChange *out)
{
  *out = (XimChainChange){ .version = after->version,
                           .time_s = after->time_s,
                           .reset = after->reset };
  out->n_added = collect_missing (after, before, out->added);
  out->n_removed = collect_missing (before, after, out->removed);
}
