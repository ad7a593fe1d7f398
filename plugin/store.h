/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The files of one account: what their tables hold. */

#pragma once

#include "xim.h"

/**
 * XimStore:
 * keys.sqlite: own private keys (each sealed) and the sealed master key;
 * journal_mode=TRUNCATE, secure_delete=ON, synchronous=FULL.
 * cache.sqlite: pins, bundles, seen notes, replay memory, policies, held
 * messages (sealed); WAL.  Directory 0700, files 0600.
 * It knows rows and bytes, neither keys nor libpurple.
 * Errors of all functions: STORE.
 */
typedef struct _XimStore XimStore;

/**
 * xim_store_open:
 * @dir: made with mode 0700 when it is missing
 * Errors: STORE, also when another process has it open; UNSUPPORTED, files of
 * a later version.
 */
XimStore *xim_store_open (const char *dir, GError **error);
void xim_store_free (XimStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimStore, xim_store_free)
const char *xim_store_dir (const XimStore *store);

typedef enum
{
  XIM_STORE_KEYS,
  XIM_STORE_CACHE,
} XimStoreFile;

/**
 * xim_store_begin:
 * A transaction over one of the files: all or nothing.  What is committed is
 * on the disk when xim_store_commit() returns.  One at a time.
 */
gboolean xim_store_begin (XimStore *store, XimStoreFile file, GError **error);
gboolean xim_store_commit (XimStore *store, XimStoreFile file, GError **error);

/**
 * xim_store_rollback:
 * Does nothing when no transaction is open.
 */
void xim_store_rollback (XimStore *store, XimStoreFile file);

/* How the master key is sealed; one row. */
typedef struct
{
  guint8 salt[XIM_ARGON2_SALT_LEN];
  guint64 argon2_bytes;
  guint64 argon2_passes;
  GBytes *sealed; /* nonce 12, sealed master key 48 */
} XimStoreMaster;
gboolean xim_store_load_master (XimStore *store, gboolean *found,
                                XimStoreMaster *out, GError **error);
gboolean xim_store_save_master (XimStore *store, const XimStoreMaster *master,
                                GError **error);
void xim_store_master_clear (XimStoreMaster *master);

/* That the desktop's keyring has the master key instead; one row.  Saving one
 * of the two deletes the other in the same moment, and nothing of it is left
 * in the file. */
typedef struct
{
  char *id;      /* under which the keyring has it */
  GBytes *probe; /* something that the master key has sealed */
} XimStoreKeyring;
gboolean xim_store_load_keyring (XimStore *store, gboolean *found,
                                 XimStoreKeyring *out, GError **error);
gboolean xim_store_save_keyring (XimStore *store,
                                 const XimStoreKeyring *keyring,
                                 GError **error);
void xim_store_keyring_clear (XimStoreKeyring *keyring);

/* The own device: the signing key and what the keyserver knows of it. */
typedef struct
{
  XimDeviceId id;
  GBytes *sealed_seed;
  char *account_note; /* (nullable): newest own note, as countersigned */
  char *offered_note; /* (nullable): made and not yet countersigned */
} XimStoreDevice;
gboolean xim_store_load_device (XimStore *store, gboolean *found,
                                XimStoreDevice *out, GError **error);
gboolean xim_store_save_device (XimStore *store, const XimStoreDevice *device,
                                GError **error);
gboolean xim_store_delete_device (XimStore *store, GError **error);
void xim_store_device_clear (XimStoreDevice *device);

/* Own decryption keys. */
typedef struct
{
  guint32 serial;
  gint64 created_s;
  gint64 expires_s;
  gint64 replaced_s; /* when a newer key was accepted; 0 while it is newest */
  GBytes *sealed_key;
  char *note;              /* the device note, countersigned or not yet */
  gboolean accepted;       /* whether the keyserver has countersigned it */
  gint64 made_tally_s;     /* of xim_tally_now_s() */
  gint64 replaced_tally_s; /* 0 while it is newest */
} XimStoreKey;
/* Of XimStoreKey, ascending by serial. */
gboolean xim_store_load_keys (XimStore *store, GPtrArray **out,
                              GError **error);
gboolean xim_store_save_key (XimStore *store, const XimStoreKey *key,
                             GError **error);
gboolean xim_store_delete_key (XimStore *store, guint32 serial,
                               GError **error);
void xim_store_key_free (XimStoreKey *key);

/**
 * xim_store_scrub_keys:
 * Writes the file of the keys anew, so that no part of it holds what was
 * deleted or changed.  Not within a transaction.
 */
gboolean xim_store_scrub_keys (XimStore *store, GError **error);

/* A reading of xim_tally_now_s(); all zero when there is none. */
typedef struct
{
  char *boot;       /* (nullable): xim_plugin_boot_name() then */
  gint64 boot_s;    /* xim_plugin_boot_s() then */
  gint64 counted_s; /* the count then */
  gboolean heard;   /* whether lag_s is set */
  gint64 lag_s;     /* the keyserver's clock less the count */
} XimStoreTally;
gboolean xim_store_load_tally (XimStore *store, XimStoreTally *out,
                               GError **error);
gboolean xim_store_save_tally (XimStore *store, const XimStoreTally *tally,
                               GError **error);

/* Decryption keys of devices that were exported, for reading only. */
#define XIM_STORE_IMPORTED_ID_MIN 2147483648u /* no serial gets there */
typedef struct
{
  guint32 id; /* set by the store, rising */
  XimDeviceId device;
  guint32 serial;
  gint64 created_s;
  gint64 expires_s;
  gint64 until_tally_s; /* of xim_tally_now_s() */
  GBytes *sealed_key;
} XimStoreImported;
/* Of XimStoreImported, ascending by id. */
gboolean xim_store_load_imported (XimStore *store, GPtrArray **out,
                                  GError **error);
/* A key that is there already stays as it is. */
gboolean xim_store_add_imported (XimStore *store, XimStoreImported *imported,
                                 GError **error);
gboolean xim_store_delete_imported (XimStore *store, guint32 id,
                                    GError **error);
void xim_store_imported_free (XimStoreImported *imported);

/* Pins: all server notes seen of a domain, newest last. */
gboolean xim_store_load_pin (XimStore *store, const char *domain, char **note,
                             GError **error); /* NULL when never pinned */
gboolean xim_store_save_pin (XimStore *store, const char *domain,
                             guint32 serial, const char *note, GError **error);

/* What is known of a peer. */
typedef struct
{
  char *bundle;       /* (nullable): JSON of the newest that verified */
  char *etag;         /* (nullable) */
  gint64 checked_s;   /* when it was fetched or revalidated last; 0 never */
  gboolean ever_held; /* a bundle was ever held */
  guint32 accepted_version; /* a reset up to here was accepted */
  char *absent;             /* (nullable): the newest absence note */
  guint32 told_version;     /* the user was told of changes up to here */
  char *pending; /* (nullable): JSON of one that is not reached from what is
                    known, until the user accepts it */
} XimStorePeer;
gboolean xim_store_load_peer (XimStore *store, const char *jid,
                              gboolean *found, XimStorePeer *out,
                              GError **error);
gboolean xim_store_save_peer (XimStore *store, const char *jid,
                              const XimStorePeer *peer, GError **error);
void xim_store_peer_clear (XimStorePeer *peer);

/* What a device of a member says that it used, and what is not met. */
typedef struct
{
  guint32 version;
  XimHash hash;
  XimDeviceId device;
  gboolean accepted; /* the user goes on all the same */
} XimStoreClaim;
gboolean xim_store_load_claim (XimStore *store, const char *jid,
                               gboolean *found, XimStoreClaim *out,
                               GError **error);
gboolean xim_store_save_claim (XimStore *store, const char *jid,
                               const XimStoreClaim *claim, GError **error);
gboolean xim_store_delete_claim (XimStore *store, const char *jid,
                                 GError **error);

/* Texts of account notes seen, for the chain; and newest device notes. */
gboolean xim_store_save_version (XimStore *store, const char *jid,
                                 guint32 version, const char *text,
                                 GError **error);
gboolean xim_store_load_versions (XimStore *store, const char *jid,
                                  GPtrArray **texts, GError **error);
gboolean xim_store_save_seen_device (XimStore *store, const char *jid,
                                     const char *device_hex, guint32 serial,
                                     const char *text, GError **error);
gboolean xim_store_load_seen_devices (XimStore *store, const char *jid,
                                      GPtrArray **texts, GError **error);

/* Policy of a contact; 0 automatic, 1 always, 2 never, -1 none was set. */
gboolean xim_store_load_policy (XimStore *store, const char *jid, int *policy,
                                GError **error);
gboolean xim_store_save_policy (XimStore *store, const char *jid, int policy,
                                GError **error);

/**
 * xim_store_load_version:
 * @text: (out) (transfer full) (nullable): of version @version of @jid
 * @reset: (out): whether any later version that was seen is a reset
 */
gboolean xim_store_load_version (XimStore *store, const char *jid,
                                 guint32 version, char **text, gboolean *reset,
                                 GError **error);

/* The mark that the user has compared keys with a contact. */
typedef struct
{
  guint32 version; /* of the contact's first note since the last reset */
  XimHash hash;    /* of its text */
  gint64 time_s;   /* when it was set */
} XimStoreMark;
gboolean xim_store_load_mark (XimStore *store, const char *jid,
                              gboolean *found, XimStoreMark *out,
                              GError **error);
gboolean xim_store_save_mark (XimStore *store, const char *jid,
                              const XimStoreMark *mark, GError **error);
gboolean xim_store_delete_mark (XimStore *store, const char *jid,
                                GError **error);

/* The largest tree of the log of a domain that was accepted. */
typedef struct
{
  char *origin; /* of the log */
  XimTreeHead head;
  char *note;      /* what was signed of it: a checkpoint or an absence note */
  gboolean forked; /* something was signed that it can never fit */
} XimStoreLog;
gboolean xim_store_load_log (XimStore *store, const char *domain,
                             gboolean *found, XimStoreLog *out,
                             GError **error);
gboolean xim_store_save_log (XimStore *store, const char *domain,
                             const XimStoreLog *log, GError **error);
void xim_store_log_clear (XimStoreLog *log);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (XimStoreLog, xim_store_log_clear)

/* Where a version of the own address stands in the log. */
#define XIM_STORE_NO_LEAF (-1)
typedef struct
{
  guint32 version;
  gint64 leaf; /* XIM_STORE_NO_LEAF: it is the next, only its index counts */
  XimEntry entry; /* of an account */
} XimStorePlace;
/* Of XimStorePlace, ascending by version. */
gboolean xim_store_load_places (XimStore *store, GPtrArray **out,
                                GError **error);
gboolean xim_store_save_place (XimStore *store, const XimStorePlace *place,
                               GError **error);

/* How far the log of the own domain was read, and what was found; one row. */
typedef struct
{
  XimTreeHead head;
  gint64 time_s;   /* when it was read to its end last; 0 never */
  guint alarm;     /* of XimPlacesAlarm */
  guint32 version; /* of the own address, of the alarm */
} XimStoreReading;
gboolean xim_store_load_reading (XimStore *store, gboolean *found,
                                 XimStoreReading *out, GError **error);
gboolean xim_store_save_reading (XimStore *store,
                                 const XimStoreReading *reading,
                                 GError **error);

/* Replay memory: first 32 bytes of D, with the serial of the own key. */
gboolean xim_store_has_digest (XimStore *store, const guint8 *digest32,
                               gboolean *found, GError **error);
gboolean xim_store_save_digest (XimStore *store, const guint8 *digest32,
                                guint32 key_serial, GError **error);
/* Those of @from and above, below @end. */
gboolean xim_store_delete_digests (XimStore *store, guint32 from, guint32 end,
                                   GError **error);

/* Held messages and waiting envelopes, in order. */
typedef enum
{
  XIM_HELD_IM,      /* HTML of the conversation, to be sent */
  XIM_HELD_STANZA,  /* a <message/> caught at gate 2, to be sent */
  XIM_HELD_WAITING, /* a received <message/> whose sender is not checked */
  XIM_HELD_REMOVED, /* one that a removed device signed */
} XimHeldKind;
typedef struct
{
  gint64 id; /* set by the store, rising */
  XimHeldKind kind;
  char *jid;
  gint64 time_s;
  guint32 flags;
  GBytes *data; /* sealed by the keystore; a waiting envelope is not */
} XimHeld;
gboolean xim_store_add_held (XimStore *store, XimHeld *held, GError **error);
/* @jid NULL means of all addresses; ascending by id. */
gboolean xim_store_load_held (XimStore *store, const char *jid,
                              GPtrArray **out, GError **error);
gboolean xim_store_delete_held (XimStore *store, gint64 id, GError **error);
void xim_held_free (XimHeld *held);
