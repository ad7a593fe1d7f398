/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The statements of the store; only ks-store.c includes this. */

#pragma once

typedef enum
{
  BEGIN,
  COMMIT,
  ROLLBACK,
  SAVEPOINT,
  RELEASE,
  ROLLBACK_TO,
  BEGIN_READ,
  NEWEST,
  DEVICES,
  ONE_VERSION,
  SERVER_NOTE,
  LISTED,
  COUNT,
  PUT_ACCOUNT,
  PUT_KEY,
  KEY_OWNER,
  DROP_DEVICE,
  PUT_DEVICE,
  SERIAL,
  ERASED,
  ERASED_TODAY,
  ERASED_DEVICE,
  PUT_ERASED,
  PUT_ERASED_TODAY,
  PUT_ERASED_DEVICE,
  DROP_ERASED,
  DROP_ERASED_BEFORE,
  DROP_ACCOUNTS,
  DROP_DEVICES,
  DROP_KEYS,
  SWEEP,
  PUT_SWEEP,
  DROP_SWEEP,
  N_STATEMENTS,
} Statement;

static const char *const statements[N_STATEMENTS] = {
  [BEGIN] = "BEGIN IMMEDIATE",
  [COMMIT] = "COMMIT",
  [ROLLBACK] = "ROLLBACK",
  [SAVEPOINT] = "SAVEPOINT job",
  [RELEASE] = "RELEASE job",
  [ROLLBACK_TO] = "ROLLBACK TO job",
  [BEGIN_READ] = "BEGIN",
  [NEWEST] = "SELECT version, hash, note FROM accounts WHERE jid = ?1"
             " ORDER BY version DESC LIMIT 1",
  [DEVICES]
  = "SELECT id, serial, note FROM devices WHERE jid = ?1 ORDER BY id",
  [ONE_VERSION] = "SELECT note FROM accounts WHERE jid = ?1 AND version = ?2",
  [SERVER_NOTE] = "SELECT note FROM server_notes"
                  " WHERE serial = ?1 OR ?1 = 0 ORDER BY serial DESC LIMIT 1",
  [LISTED] = "SELECT id, key FROM device_keys WHERE jid = ?1",
  [COUNT]
  = "SELECT count (*) FROM accounts WHERE jid = ?1 AND accepted_s > ?2",
  [PUT_ACCOUNT] = "INSERT INTO accounts (jid, version, hash, accepted_s, note)"
                  " VALUES (?1, ?2, ?3, ?4, ?5)",
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
};
