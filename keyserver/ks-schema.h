/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The tables of the store; only ks-store.c includes this. */

#pragma once

#define XIM_KS_APPLICATION_ID 0x58494d31 /* "XIM1" */
#define XIM_KS_SCHEMA_VERSION 1

static const char xim_ks_schema[] =
    /* whose store this is: `domain` and `origin` */
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
       the text.  A row is never changed. */
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
    "CREATE INDEX device_keys_jid ON device_keys (jid);";
