/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The store: server notes, every account version, newest device notes. */

#pragma once

#include "xim-account.h"

/**
 * XimKsStore:
 * An SQLite database with a write-ahead log and synchronous=FULL: what was
 * committed survives a loss of power.  Any thread may read at any time and
 * never waits for a writer; only one thread writes (ks-writer.h).
 */
typedef struct _XimKsStore XimKsStore;

/* One device note. */
typedef struct
{
  XimDeviceId id;
  guint32 serial;
  char *note; /* countersigned */
} XimKsDeviceRow;

XimKsDeviceRow *xim_ks_device_row_new (const XimDeviceId *id, guint32 serial,
                                       const char *note);
void xim_ks_device_row_free (XimKsDeviceRow *row);

/* The newest state of one address, as of one moment. */
typedef struct
{
  guint32 version;
  XimHash hash; /* of the account text */
  char *note;
  GPtrArray *devices; /* of XimKsDeviceRow, ascending by id */
} XimKsRecord;

void xim_ks_record_free (XimKsRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsRecord, xim_ks_record_free)

/* One account version with the notes of the devices that it adds. */
typedef struct
{
  char *jid;
  guint32 version;
  XimHash hash;
  char *note;
  gint64 accepted_s;
  guint64 versions_per_day;
  XimAccountDevice listed[XIM_DEVICES_MAX];
  guint n_listed;
  GPtrArray *devices; /* of XimKsDeviceRow */
} XimKsAccountWrite;

void xim_ks_account_write_free (XimKsAccountWrite *write);

/* One newer device note. */
typedef struct
{
  char *jid;
  XimHash account; /* the text of the newest account note that listed it */
  XimKsDeviceRow *row;
} XimKsDeviceWrite;

void xim_ks_device_write_free (XimKsDeviceWrite *write);

/**
 * xim_ks_store_create:
 * @path: a file that must not exist
 * @server_note: serial 1, signed
 * Errors: CONFLICT, the file exists; STORE.
 */
gboolean xim_ks_store_create (const char *path, const char *domain,
                              const char *origin, const char *server_note,
                              GError **error);

/**
 * xim_ks_store_open:
 * Errors: STORE, no such file, another process has it open, it is damaged or
 * of another version; WRONG_NAME, it is of another domain or origin.
 */
XimKsStore *xim_ks_store_open (const char *path, const char *domain,
                               const char *origin, GError **error);
void xim_ks_store_free (XimKsStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsStore, xim_ks_store_free)

/**
 * xim_ks_store_record:
 * @record: (out): the newest state, or NULL when the address has none
 * Errors: STORE.
 */
gboolean xim_ks_store_record (XimKsStore *store, const char *jid,
                              XimKsRecord **record, GError **error);

/**
 * xim_ks_store_version:
 * Errors: NOT_FOUND; STORE.
 * Returns: (transfer full): the account note of that version
 */
char *xim_ks_store_version (XimKsStore *store, const char *jid,
                            guint32 version, GError **error);

/**
 * xim_ks_store_server_note:
 * @serial: which one, 0: the newest
 * Errors: NOT_FOUND; STORE.
 */
char *xim_ks_store_server_note (XimKsStore *store, guint32 serial,
                                GError **error);

/**
 * xim_ks_store_listed:
 * Returns: (transfer full): of XimAccountDevice: every device that any version
 * of the address ever listed; NULL with STORE
 */
GArray *xim_ks_store_listed (XimKsStore *store, const char *jid,
                             GError **error);

/* The rest is for the one thread that writes, in this order: begin, then for
 * each job savepoint, put, and release or rollback; then commit.  Errors:
 * STORE; after a failed commit nothing of the group is stored. */
gboolean xim_ks_store_begin (XimKsStore *store, GError **error);
gboolean xim_ks_store_commit (XimKsStore *store, GError **error);
void xim_ks_store_abandon (XimKsStore *store);
gboolean xim_ks_store_savepoint (XimKsStore *store, GError **error);
gboolean xim_ks_store_release (XimKsStore *store, GError **error);
gboolean xim_ks_store_rollback (XimKsStore *store, GError **error);

/**
 * xim_ks_store_put_account:
 * @have: (out): the newest version stored, when the error is CONFLICT
 *
 * Adds a version, the devices it lists and their notes; notes of devices that
 * are no longer listed go.
 * Errors: CONFLICT, it is not the newest version plus one; TOO_MANY, the
 * address had its versions of the day; WRONG_NAME, a device key is listed for
 * another address; STORE.
 */
gboolean xim_ks_store_put_account (XimKsStore *store,
                                   const XimKsAccountWrite *write,
                                   guint32 *have, GError **error);

/**
 * xim_ks_store_put_device:
 * @have: (out): the serial stored, when the error is CONFLICT
 * Errors: CONFLICT, the account changed meanwhile or the serial is not the
 * last plus one; STORE.
 */
gboolean xim_ks_store_put_device (XimKsStore *store,
                                  const XimKsDeviceWrite *write, guint32 *have,
                                  GError **error);
