/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Everything about several devices of one account, wired together. */

#pragma once

#include "approve.h"
#include "importing.h"

typedef struct _XimFamily XimFamily;

/**
 * xim_family_new:
 * @parts: what it works with; all outlive it
 */
XimFamily *xim_family_new (const XimAmendParts *parts, XimTell tell,
                           gpointer user_data);
void xim_family_free (XimFamily *family);

/* From `jabber-receiving-presence` and `jabber-receiving-iq`. */
void xim_family_presence (XimFamily *family, const char *type,
                          const char *from);
gboolean xim_family_iq (XimFamily *family, const char *type, const char *id,
                        const char *from, xmlnode *stanza);

/* A look at the own entry ended; the account went offline; its keys were
 * locked. */
void xim_family_looked (XimFamily *family);
void xim_family_offline (XimFamily *family);
void xim_family_locked (XimFamily *family);

/* What the user asks for.  (transfer full) (nullable): what to read now. */
char *xim_family_list (XimFamily *family);
char *xim_family_name (XimFamily *family, const char *word, const char *name);
char *xim_family_remove (XimFamily *family, const char *word);
char *xim_family_join (XimFamily *family);
char *xim_family_import (XimFamily *family, const char *file);
char *xim_family_reset (XimFamily *family);
char *xim_family_erase (XimFamily *family);
