/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* How it stands with an account and with a contact, in words. */

#pragma once

#include "account.h"
#include "face.h"

/* Texts, translated, in plain words.  (transfer full) */
char *xim_status_account (const XimAccountState *state);
char *xim_status_contact (const XimAccountState *state, const char *jid);

/* @who: as a conversation has it. */
XimFaceState xim_status_face (const XimAccountState *state, const char *who);
