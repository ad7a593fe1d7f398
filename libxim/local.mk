# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
noinst_LIBRARIES += libxim/libxim.a
libxim_libxim_a_CFLAGS = $(AM_CFLAGS) $(XIM_CFLAGS)
libxim_libxim_a_SOURCES = \
	libxim/xim-error.c libxim/xim-error.h \
	libxim/xim-secret.c libxim/xim-secret.h \
	libxim/xim-codec.c libxim/xim-codec.h \
	libxim/xim-crypto.c libxim/xim-crypto.h \
	libxim/xim-vrf.c libxim/xim-vrf.h \
	libxim/xim-tree.c libxim/xim-tree.h \
	libxim/xim-frontier.c libxim/xim-frontier.h \
	libxim/xim-tile.c libxim/xim-tile.h \
	libxim/xim-hpke.c libxim/xim-hpke.h \
	libxim/xim-chunked.c libxim/xim-chunked.h \
	libxim/xim-jid.c libxim/xim-jid.h \
	libxim/xim-key.c libxim/xim-key.h \
	libxim/xim-note.c libxim/xim-note.h \
	libxim/xim-note-reader.c libxim/xim-note-reader.h \
	libxim/xim-json.c libxim/xim-json.h \
	libxim/xim-buffer.c libxim/xim-buffer.h \
	libxim/xim-xml.c libxim/xim-xml.h \
	libxim/xim-content.c libxim/xim-content.h \
	libxim/xim-slot.c libxim/xim-slot.h \
	libxim/xim-keyring.c libxim/xim-keyring.h \
	libxim/xim-session.c libxim/xim-session.h \
	libxim/xim-envelope.c libxim/xim-envelope.h \
	libxim/xim-envelope-private.h \
	libxim/xim-unwrapped.c libxim/xim-unwrapped.h \
	libxim/xim-unwrapped-private.h \
	libxim/xim-server.c libxim/xim-server.h \
	libxim/xim-account.c libxim/xim-account.h \
	libxim/xim-chain.c libxim/xim-chain.h \
	libxim/xim-device.c libxim/xim-device.h \
	libxim/xim-change.c libxim/xim-change.h \
	libxim/xim-join.c libxim/xim-join.h \
	libxim/xim-safety.c libxim/xim-safety.h \
	libxim/xim-absent.c libxim/xim-absent.h \
	libxim/xim-erase.c libxim/xim-erase.h \
	libxim/xim-current.c libxim/xim-current.h \
	libxim/xim-entry.c libxim/xim-entry.h \
	libxim/xim-checkpoint.c libxim/xim-checkpoint.h \
	libxim/xim-logged.c libxim/xim-logged.h \
	libxim/xim-proof.c libxim/xim-proof.h \
	libxim/xim-bundle.c libxim/xim-bundle.h \
	libxim/xim-verify.c libxim/xim-verify.h libxim/xim-verify-private.h \
	libxim/xim-trust.c libxim/xim-trust.h libxim/xim-trust-private.h \
	libxim/xim-limits.h \
	libxim/xim.h
