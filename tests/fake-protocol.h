/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A protocol without a network, which signs on at once. */

#pragma once

#include <purple.h>

#define FAKE_PROTOCOL "prpl-fake"

typedef void (*FakeWrite) (PurpleConnection *gc, xmlnode **packet,
                           gpointer data);

/**
 * fake_protocol_start:
 * @write: is given every stanza when all others had it, as the stream is
 * @send_im: (nullable): as in PurplePluginProtocolInfo
 *
 * Returns: (transfer none): the protocol, with "jabber-sending-xmlnode"
 */
PurplePlugin *fake_protocol_start (FakeWrite write,
                                   int (*send_im) (PurpleConnection *gc,
                                                   const char *who,
                                                   const char *html,
                                                   PurpleMessageFlags flags));
