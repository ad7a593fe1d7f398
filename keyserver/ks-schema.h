/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The tables of the store; only ks-database.c includes this. */

#pragma once

#define XIM_KS_APPLICATION_ID 0x58494d31 /* "XIM1" */
#define XIM_KS_SCHEMA_VERSION 2

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

static const char xim_ks_schema[] =
    /* whose store this is: `domain` and `origin`; `members`: a mark of the
       secret under which it remembers who left; `sweep`: set while pages may
       still hold what was erased */
    "CREATE TABLE about ("
    " name TEXT PRIMARY KEY,"
    " value TEXT NOT NULL"
    ") WITHOUT ROWID, STRICT;"

    /* every server note, countersigned, for ever */
    "CREATE TABLE server_notes ("
    " serial INTEGER PRIMARY KEY,"
    " note TEXT NOT NULL"
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

    XIM_KS_SCHEMA_ERASED;
