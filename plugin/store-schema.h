/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The tables of the two files of an account; only store.c includes it. */

#pragma once

/* Each list of tables is what xim_sql_open() takes: a step that was ever in a
 * release never changes, what is new comes as a step behind it. */

/* A write-ahead log would keep copies of keys that were deleted.  Who opens
 * the file first has it alone: two processes would make two key pairs. */
static const char keys_settings[] = "PRAGMA locking_mode=EXCLUSIVE;"
                                    "PRAGMA journal_mode=TRUNCATE;"
                                    "PRAGMA secure_delete=ON;"
                                    "PRAGMA temp_store=MEMORY;"
                                    "PRAGMA synchronous=FULL;"
                                    "PRAGMA trusted_schema=OFF;"
                                    "BEGIN EXCLUSIVE; COMMIT;";

static const char *const keys_schema[]
    = { "CREATE TABLE master (one INTEGER PRIMARY KEY CHECK (one = 1),"
        " salt BLOB NOT NULL, bytes INTEGER NOT NULL, passes INTEGER NOT NULL,"
        " sealed BLOB NOT NULL);"
        "CREATE TABLE device (one INTEGER PRIMARY KEY CHECK (one = 1),"
        " id BLOB NOT NULL, seed BLOB NOT NULL, account TEXT, offered TEXT);"
        "CREATE TABLE keys (serial INTEGER PRIMARY KEY,"
        " created INTEGER NOT NULL, expires INTEGER NOT NULL,"
        " replaced INTEGER NOT NULL, sealed BLOB NOT NULL, note TEXT NOT NULL,"
        " accepted INTEGER NOT NULL);",
        /* Seconds of tally.c; keys of before begin where it does. */
        "ALTER TABLE keys ADD COLUMN made INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE keys ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;"
        "CREATE TABLE tally (one INTEGER PRIMARY KEY CHECK (one = 1),"
        " boot TEXT, at INTEGER NOT NULL, counted INTEGER NOT NULL,"
        " heard INTEGER NOT NULL, lag INTEGER NOT NULL);"
        "CREATE TABLE keyring (one INTEGER PRIMARY KEY CHECK (one = 1),"
        " id TEXT NOT NULL, probe BLOB NOT NULL);"
        "CREATE TABLE imported (id INTEGER PRIMARY KEY,"
        " device BLOB NOT NULL, serial INTEGER NOT NULL,"
        " created INTEGER NOT NULL, expires INTEGER NOT NULL,"
        " sealed BLOB NOT NULL, UNIQUE (device, serial));",
        "ALTER TABLE imported ADD COLUMN until INTEGER NOT NULL DEFAULT 0;",
        NULL };

/* Here only a transaction that xim_store_commit() ends waits for the disk:
 * what else is written survives a crash of the process. */
#define CACHE_RELAXED "PRAGMA synchronous=NORMAL;"
#define CACHE_DURABLE "PRAGMA synchronous=FULL;"

static const char cache_settings[]
    = "PRAGMA journal_mode=WAL;" CACHE_RELAXED "PRAGMA trusted_schema=OFF;";

static const char *const cache_schema[] = {
  "CREATE TABLE pins (domain TEXT NOT NULL, serial INTEGER NOT NULL,"
  " note TEXT NOT NULL, PRIMARY KEY (domain, serial)) WITHOUT ROWID;"
  "CREATE TABLE peers (jid TEXT PRIMARY KEY, bundle TEXT, etag TEXT,"
  " checked INTEGER NOT NULL, ever INTEGER NOT NULL,"
  " accepted INTEGER NOT NULL, absent TEXT) WITHOUT ROWID;"
  "CREATE TABLE versions (jid TEXT NOT NULL, version INTEGER NOT NULL,"
  " text TEXT NOT NULL, PRIMARY KEY (jid, version)) WITHOUT ROWID;"
  "CREATE TABLE devices (jid TEXT NOT NULL, device TEXT NOT NULL,"
  " serial INTEGER NOT NULL, text TEXT NOT NULL,"
  " PRIMARY KEY (jid, device)) WITHOUT ROWID;"
  "CREATE TABLE policies (jid TEXT PRIMARY KEY, policy INTEGER NOT NULL)"
  " WITHOUT ROWID;"
  "CREATE TABLE digests (digest BLOB PRIMARY KEY, serial INTEGER NOT NULL)"
  " WITHOUT ROWID;"
  "CREATE TABLE evidence (id INTEGER PRIMARY KEY AUTOINCREMENT,"
  " jid TEXT NOT NULL, time INTEGER NOT NULL, what TEXT NOT NULL,"
  " data BLOB NOT NULL);"
  "CREATE TABLE held (id INTEGER PRIMARY KEY AUTOINCREMENT,"
  " kind INTEGER NOT NULL, jid TEXT NOT NULL, time INTEGER NOT NULL,"
  " flags INTEGER NOT NULL, data BLOB NOT NULL);"
  "CREATE INDEX held_of ON held (jid, id);",
  /* Evidence is in files of its own. */
  "DROP TABLE evidence;"
  "ALTER TABLE peers ADD COLUMN told INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE peers ADD COLUMN pending TEXT;"
  "CREATE TABLE claims (jid TEXT PRIMARY KEY, version INTEGER NOT NULL,"
  " hash BLOB NOT NULL, device BLOB NOT NULL, accepted INTEGER NOT NULL)"
  " WITHOUT ROWID;",
  "CREATE TABLE marks (jid TEXT PRIMARY KEY, version INTEGER NOT NULL,"
  " hash BLOB NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;",
  /* By domain: a log's name says nothing of who signs under it. */
  "CREATE TABLE logs (domain TEXT PRIMARY KEY, origin TEXT NOT NULL,"
  " size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,"
  " forked INTEGER NOT NULL) WITHOUT ROWID;",
  /* The own address: leaf -1 is the index of what is not there yet. */
  "CREATE TABLE places (version INTEGER PRIMARY KEY, leaf INTEGER NOT NULL,"
  " entry BLOB NOT NULL);"
  "CREATE TABLE reading (one INTEGER PRIMARY KEY CHECK (one = 1),"
  " size INTEGER NOT NULL, root BLOB NOT NULL, time INTEGER NOT NULL,"
  " alarm INTEGER NOT NULL, version INTEGER NOT NULL);",
  NULL
};
