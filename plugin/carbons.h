/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Copies that the server makes for the other own devices, XEP-0280. */

#pragma once

#include "iq.h"

/**
 * xim_carbons_enable:
 * @jid: own bare address, prepared
 * Asks the server for copies; one that has none makes none.
 */
void xim_carbons_enable (XimIq *iq, const char *jid);

/**
 * xim_carbons_unwrap:
 * @packet: (inout): from `jabber-receiving-xmlnode`
 * A copy that the own server made is replaced by the message in it, which is
 * then received like any other.  A copy of what was sent counts only with an
 * envelope: who signed it says whether it is ours.  Everything else stays as
 * it is, and libpurple ignores it.
 * Source: PROTOCOL.md, section 7.3.
 */
void xim_carbons_unwrap (const char *jid, xmlnode **packet);
