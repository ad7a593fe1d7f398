/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The tables of the store; only ks-database.c includes this. */

#pragma once

#define XIM_KS_APPLICATION_ID 0x58494d31 /* "XIM1" */

/* Since version 2. */
#define XIM_KS_SCHEMA_ERASED                                                  \
  /* who left and did not come back: a tag of the address, the version and    \
     the hash of the text of the erase note */                                \
  "CREATE TABLE erased ("                                                     \
  " member BLOB PRIMARY KEY CHECK (length (member) = 32),"                    \
  " version INTEGER NOT NULL,"                                                \
  " hash BLOB NOT NULL CHECK (length (hash) = 32)"                            \
  ") WITHOUT ROWID, STRICT;"                                                  \
                                                                              \
  /* of those who left within a day: how many versions they had in the day    \
     before, the erase note among them */                                     \
  "CREATE TABLE erased_today ("                                               \
  " member BLOB PRIMARY KEY CHECK (length (member) = 32),"                    \
  " erased_s INTEGER NOT NULL,"                                               \
  " versions INTEGER NOT NULL"                                                \
  ") WITHOUT ROWID, STRICT;"                                                  \
                                                                              \
  /* tags of keys and device ids that were erased, which do not come back */  \
  "CREATE TABLE erased_devices ("                                             \
  " tag BLOB PRIMARY KEY CHECK (length (tag) = 32)"                           \
  ") WITHOUT ROWID, STRICT;"

/* Since version 3. */
#define XIM_KS_SCHEMA_LOG                                                     \
  /* the entries of the log; those below the size of the checkpoint are       \
     signed and never change */                                               \
  "CREATE TABLE log ("                                                        \
  " leaf INTEGER PRIMARY KEY,"                                                \
  " entry BLOB NOT NULL"                                                      \
  ") STRICT;"                                                                 \
                                                                              \
  /* full tiles of hashes; `id` is level * 2^48 + number */                   \
  "CREATE TABLE log_tiles ("                                                  \
  " id INTEGER PRIMARY KEY,"                                                  \
  " hashes BLOB NOT NULL CHECK (length (hashes) = 8192)"                      \
  ") STRICT;"                                                                 \
                                                                              \
  /* what was accepted and is not published yet, in its order: ks-pending.h   \
   */                                                                         \
  "CREATE TABLE pending ("                                                    \
  " seq INTEGER PRIMARY KEY,"                                                 \
  " kind INTEGER NOT NULL,"                                                   \
  " jid TEXT NOT NULL,"                                                       \
  " number INTEGER NOT NULL,"                                                 \
  " id BLOB,"                                                                 \
  " key BLOB,"                                                                \
  " hash BLOB,"                                                               \
  " accepted_s INTEGER NOT NULL,"                                             \
  " note TEXT,"                                                               \
  " entry BLOB,"                                                              \
  " leaf INTEGER,"                                                            \
  " opening BLOB,"                                                            \
  " proof BLOB,"                                                              \
  " next BLOB"                                                                \
  ") STRICT;"                                                                 \
  "CREATE INDEX pending_jid ON pending (jid);"                                \
  "CREATE INDEX pending_key ON pending (key) WHERE key IS NOT NULL;"

/* From version 2: what is there is not in the log yet. */
#define XIM_KS_SCHEMA_TO_3                                                    \
  "ALTER TABLE server_notes ADD COLUMN leaf INTEGER;"                         \
  "ALTER TABLE accounts ADD COLUMN leaf INTEGER;"                             \
  "ALTER TABLE accounts ADD COLUMN opening BLOB;"                             \
  "ALTER TABLE accounts ADD COLUMN proof BLOB;"                               \
  "ALTER TABLE accounts ADD COLUMN next BLOB;"                                \
  "CREATE INDEX accounts_unlogged ON accounts (accepted_s, jid, version)"     \
  " WHERE leaf IS NULL;"                                                      \
  "INSERT INTO about (name, value) VALUES ('unlogged', 'yes');"

static const char xim_ks_schema[] =
    /* whose store this is: `domain` and `origin`; `members`: a mark of the
       secret under which it remembers who left; `sweep`: set while pages may
       still hold what was erased; `checkpoint`: the newest one, a note;
       `unlogged`: set while account versions of an earlier store are not in
       the log */
    "CREATE TABLE about ("
    " name TEXT PRIMARY KEY,"
    " value TEXT NOT NULL"
    ") WITHOUT ROWID, STRICT;"

    /* every server note, countersigned, for ever; `leaf` is its entry in the
       log, from the next start on */
    "CREATE TABLE server_notes ("
    " serial INTEGER PRIMARY KEY,"
    " note TEXT NOT NULL,"
    " leaf INTEGER"
    ") STRICT;"

    /* every version of every account note, countersigned; `hash` is SHA-256 of
       the text.  A row is never changed, but for the line that a new key of
       the keyserver adds to the newest ones. */
    "CREATE TABLE accounts ("
    " jid TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " hash BLOB NOT NULL CHECK (length (hash) = 32),"
    " accepted_s INTEGER NOT NULL,"
    " note TEXT NOT NULL,"
    " leaf INTEGER,"
    " opening BLOB,"
    " proof BLOB,"
    " next BLOB,"
    " PRIMARY KEY (jid, version)"
    ") WITHOUT ROWID, STRICT;"

    /* the newest device note of each listed device */
    "CREATE TABLE devices ("
    " jid TEXT NOT NULL,"
    " id BLOB NOT NULL CHECK (length (id) = 8),"
    " serial INTEGER NOT NULL,"
    " note TEXT NOT NULL,"
    " PRIMARY KEY (jid, id)"
    ") WITHOUT ROWID, STRICT;"

    /* every device that was ever listed; a key belongs to one address */
    "CREATE TABLE device_keys ("
    " key BLOB PRIMARY KEY CHECK (length (key) = 32),"
    " jid TEXT NOT NULL,"
    " id BLOB NOT NULL CHECK (length (id) = 8)"
    ") WITHOUT ROWID, STRICT;"
    "CREATE INDEX device_keys_jid ON device_keys (jid);"

    XIM_KS_SCHEMA_ERASED XIM_KS_SCHEMA_LOG;
