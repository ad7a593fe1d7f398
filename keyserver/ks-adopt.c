/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A signer that is younger than the store learns what the store holds. */

#include "config.h"

#include "ks-adopt.h"

#include "xim-error.h"

#include "ks-sql.h"
#include "ks-tag.h"

enum
{
  ACCOUNTS,
  ERASED,
  N_STATEMENTS
};

static const char *const statements[N_STATEMENTS] = {
  /* the hash is that of the row with the highest version */
  [ACCOUNTS] = "SELECT jid, max (version), hash FROM accounts GROUP BY jid",
  [ERASED] = "SELECT member, version, hash FROM erased",
};

typedef struct
{
  XimKsSigner *signer;
  const XimSecret *members;
  GArray *batch; /* of XimKsSignAccount */
  GError *error; /* of the signer */
} Adoption;

static gboolean
flush (Adoption *adoption)
{
  gboolean ok = xim_ks_signer_adopt (
      adoption->signer, (const XimKsSignAccount *)adoption->batch->data,
      adoption->batch->len, &adoption->error);
  g_array_set_size (adoption->batch, 0);
  return ok;
}

static gboolean
add (Adoption *adoption, const XimKsSqlRow *row, XimKsSignAccount *account)
{
  gint64 version = xim_ks_sql_number (row, 1);
  account->version = (guint32)version;
  if (version < 1 || version > XIM_NUMBER_MAX
      || !xim_ks_sql_bytes (row, 2, &account->hash, sizeof account->hash))
    return FALSE;
  g_array_append_vals (adoption->batch, account, 1);
  return adoption->batch->len < XIM_KS_CALL_ACCOUNTS_MAX || flush (adoption);
}

static gboolean
add_account (const XimKsSqlRow *row, gpointer data)
{
  Adoption *adoption = data;
  XimKsSignAccount account = { .erased = FALSE };
  g_autofree char *jid = xim_ks_sql_text (row, 0);
  if (jid == NULL)
    return FALSE;
  xim_ks_tag_member (adoption->members, jid, &account.tag);
  return add (adoption, row, &account);
}

static gboolean
add_erased (const XimKsSqlRow *row, gpointer data)
{
  XimKsSignAccount account = { .erased = TRUE };
  return xim_ks_sql_bytes (row, 0, &account.tag, sizeof account.tag)
         && add (data, row, &account);
}

static gboolean
adopt_all (Adoption *adoption, const char *store, GError **error)
{
  g_autoptr (XimKsSql) sql
      = xim_ks_sql_open (store, FALSE, statements, N_STATEMENTS, error);
  if (sql == NULL)
    return FALSE;
  gboolean ok
      = xim_ks_sql_rows (sql, ACCOUNTS,
                         (XimKsSqlInto){ add_account, adoption }, error, "")
        && xim_ks_sql_rows (sql, ERASED,
                            (XimKsSqlInto){ add_erased, adoption }, error, "")
        && flush (adoption);
  if (adoption->error == NULL)
    return ok;
  g_clear_error (error);
  g_propagate_error (error, g_steal_pointer (&adoption->error));
  return FALSE;
}

gboolean
xim_ks_adopt (XimKsSigner *signer, const char *store, const XimSecret *members,
              GError **error)
{
  guint64 size = 0;
  XimHash root;
  if (!xim_ks_signer_last (signer, &size, &root, error))
    return FALSE;
  if (size > 0)
    return TRUE;
  Adoption adoption = {
    .signer = signer,
    .members = members,
    .batch = g_array_new (FALSE, FALSE, sizeof (XimKsSignAccount)),
  };
  gboolean ok = adopt_all (&adoption, store, error);
  g_array_unref (adoption.batch);
  return ok;
}
