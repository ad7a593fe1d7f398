/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What a process gives up, so that breaking into it gains less. */

#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct
{
  uid_t uid;
  gid_t gid;
} XimKsUser;

/**
 * xim_ks_jail_find:
 * @name: a user's name or number
 * Errors: NOT_FOUND.
 */
gboolean xim_ks_jail_find (const char *name, XimKsUser *user, GError **error);

/**
 * xim_ks_jail_become:
 * @keep_ports: whether ports below 1024 may still be opened
 *
 * Takes the ids of @user for good, and gives up all groups and, but for the
 * ports, all privileges.  No core dump is made of the process afterwards.
 * Errors: STORE.
 */
gboolean xim_ks_jail_become (const XimKsUser *user, gboolean keep_ports,
                             GError **error);

/**
 * xim_ks_jail_end_with:
 * @parent: by which this process was made
 * @signal: that it gets when the parent ends, however it ends
 * Errors: UNAVAILABLE, it has ended already; STORE.
 */
gboolean xim_ks_jail_end_with (pid_t parent, int signal, GError **error);

/**
 * xim_ks_jail_lock:
 * From now on all threads of this process may read and write what is open, use
 * memory, wait and end; they cannot open a file or a socket, start a thread or
 * a program, or look into another process.
 * Errors: STORE; UNSUPPORTED, on this kind of machine.
 */
gboolean xim_ks_jail_lock (GError **error);
