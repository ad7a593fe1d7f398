/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The statements of the store, for the files that make up its interface. */

#include "config.h"

#include "ks-statements.h"

const char *const xim_ks_statements[N_STATEMENTS] = {
  [BEGIN] = "BEGIN IMMEDIATE",
  [COMMIT] = "COMMIT",
  [ROLLBACK] = "ROLLBACK",
  [SAVEPOINT] = "SAVEPOINT job",
  [RELEASE] = "RELEASE job",
  [ROLLBACK_TO] = "ROLLBACK TO job",
  [BEGIN_READ] = "BEGIN",
  [NEWEST] = "SELECT version, hash, note, leaf, opening, proof, next"
             " FROM accounts WHERE jid = ?1 ORDER BY version DESC LIMIT 1",
  [DEVICES]
  = "SELECT id, serial, note FROM devices WHERE jid = ?1 ORDER BY id",
  [ONE_VERSION] = "SELECT note FROM accounts WHERE jid = ?1 AND version = ?2",
  [SERVER_NOTE] = "SELECT note FROM server_notes"
                  " WHERE serial = ?1 OR ?1 = 0 ORDER BY serial DESC LIMIT 1",
  [LISTED] = "SELECT id, key FROM device_keys WHERE jid = ?1",
  [COUNT]
  = "SELECT count (*) FROM accounts WHERE jid = ?1 AND accepted_s > ?2",
  [PUT_ACCOUNT] = "INSERT INTO accounts (jid, version, hash, accepted_s, note,"
                  " leaf, opening, proof, next)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
  [PUT_KEY] = "INSERT INTO device_keys (key, jid, id)"
              " VALUES (?1, ?2, ?3)",
  [KEY_OWNER] = "SELECT jid FROM device_keys WHERE key = ?1",
  [DROP_DEVICE] = "DELETE FROM devices WHERE jid = ?1 AND id = ?2",
  [PUT_DEVICE] = "INSERT OR REPLACE INTO devices (jid, id, serial, note)"
                 " VALUES (?1, ?2, ?3, ?4)",
  [SERIAL] = "SELECT serial FROM devices WHERE jid = ?1 AND id = ?2",
  [ERASED] = "SELECT version, hash FROM erased WHERE member = ?1",
  [ERASED_TODAY] = "SELECT versions FROM erased_today"
                   " WHERE member = ?1 AND erased_s > ?2",
  [ERASED_DEVICE] = "SELECT 1 FROM erased_devices WHERE tag = ?1",
  [PUT_ERASED] = "INSERT OR REPLACE INTO erased (member, version, hash)"
                 " VALUES (?1, ?2, ?3)",
  [PUT_ERASED_TODAY] = "INSERT OR REPLACE INTO erased_today"
                       " (member, erased_s, versions) VALUES (?1, ?2, ?3)",
  [PUT_ERASED_DEVICE] = "INSERT OR IGNORE INTO erased_devices (tag)"
                        " VALUES (?1)",
  [DROP_ERASED] = "DELETE FROM erased WHERE member = ?1",
  [DROP_ERASED_BEFORE] = "DELETE FROM erased_today WHERE erased_s <= ?1",
  [DROP_ACCOUNTS] = "DELETE FROM accounts WHERE jid = ?1",
  [DROP_DEVICES] = "DELETE FROM devices WHERE jid = ?1",
  [DROP_KEYS] = "DELETE FROM device_keys WHERE jid = ?1",
  [SWEEP] = "SELECT 1 FROM about WHERE name = 'sweep'",
  [PUT_SWEEP] = "INSERT OR REPLACE INTO about (name, value)"
                " VALUES ('sweep', 'yes')",
  [DROP_SWEEP] = "DELETE FROM about WHERE name = 'sweep'",
  [PENDING_OF] = "SELECT number FROM pending WHERE jid = ?1"
                 " AND kind IN (1, 5)", /* ACCOUNT, ERASE */
  [PENDING_DEVICE] = "SELECT number FROM pending WHERE jid = ?1"
                     " AND kind = 3 AND id = ?2", /* DEVICE */
  [PENDING_KEY] = "SELECT jid FROM pending WHERE key = ?1",
  [PUT_PENDING]
  = "INSERT INTO pending (kind, jid, number, id, key, hash, accepted_s, note,"
    " entry, opening, proof, next)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
  [PENDING] = "SELECT seq, kind, jid, number, id, key, hash, accepted_s, note,"
              " leaf, opening, proof, next FROM pending ORDER BY seq",
  [DROP_PENDING] = "DELETE FROM pending",
  [DROP_ONE_PENDING] = "DELETE FROM pending WHERE jid = ?1",
  [UNPLACED] = "SELECT seq, entry FROM pending"
               " WHERE entry IS NOT NULL AND leaf IS NULL ORDER BY seq",
  [PLACE] = "UPDATE pending SET leaf = ?2 WHERE seq = ?1",
  [UNPLACE] = "UPDATE pending SET leaf = NULL",
  [PUT_ENTRY] = "INSERT INTO log (leaf, entry) VALUES (?1, ?2)",
  [ENTRIES] = "SELECT leaf, entry FROM log WHERE leaf >= ?1 AND leaf < ?2"
              " ORDER BY leaf",
  [LOG_SIZE] = "SELECT ifnull (max (leaf) + 1, 0) FROM log",
  [DROP_ENTRIES] = "DELETE FROM log WHERE leaf >= ?1",
  [PUT_TILE] = "INSERT INTO log_tiles (id, hashes) VALUES (?1, ?2)",
  [TILE] = "SELECT hashes FROM log_tiles WHERE id = ?1",
  [DROP_TILES] = "DELETE FROM log_tiles WHERE id >= ?1 AND id < ?2",
  [ABOUT] = "SELECT value FROM about WHERE name = ?1",
  [PUT_ABOUT] = "INSERT OR REPLACE INTO about (name, value) VALUES (?1, ?2)",
  [DROP_ABOUT] = "DELETE FROM about WHERE name = ?1",
  [SET_SERVER] = "UPDATE server_notes SET leaf = ?2 WHERE serial = ?1",
  [SET_ACCOUNT] = "UPDATE accounts SET leaf = ?3, opening = ?4, proof = ?5,"
                  " next = ?6 WHERE jid = ?1 AND version = ?2",
  [UNLOGGED_SERVERS] = "SELECT serial, note FROM server_notes"
                       " WHERE leaf IS NULL ORDER BY serial",
  [UNLOGGED_ACCOUNTS] = "SELECT jid, version, note FROM accounts"
                        " WHERE leaf IS NULL"
                        " ORDER BY accepted_s, jid, version LIMIT 256",
  /* the hash is that of the row with the highest version */
  [NEWEST_ACCOUNTS]
  = "SELECT jid, max (version), hash FROM accounts GROUP BY jid",
  [ALL_ERASED] = "SELECT member, version, hash FROM erased",
  [INTEGRITY] = "PRAGMA integrity_check (100)",
  [CHECK_SERVERS]
  = "SELECT serial, note, ifnull (leaf, -1) FROM server_notes ORDER BY serial",
  [CHECK_ACCOUNTS]
  = "SELECT version, hash, note, leaf, opening, proof, next, jid"
    " FROM accounts ORDER BY jid, version",
  [COUNT_DEVICES] = "SELECT count (*) FROM devices",
  [COUNT_KEYS] = "SELECT count (*) FROM device_keys",
  [COUNT_TILES] = "SELECT count (*) FROM log_tiles",
  [COUNT_PENDING] = "SELECT count (*) FROM pending",
  [COUNT_ERASED] = "SELECT count (*) FROM erased_devices",
};
