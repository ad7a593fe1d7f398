# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers

# Everything but main(), so that tests can link it.
noinst_LIBRARIES += keyserver/libks.a
KS_CFLAGS = $(AM_CFLAGS) $(XIM_CFLAGS) $(KEYSERVER_CFLAGS)
KS_LIBS = keyserver/libks.a libxim/libxim.a $(XIM_LIBS) $(KEYSERVER_LIBS)
keyserver_libks_a_CFLAGS = $(KS_CFLAGS)
keyserver_libks_a_SOURCES = \
	keyserver/ks-log.c keyserver/ks-log.h \
	keyserver/ks-metrics.c keyserver/ks-metrics.h \
	keyserver/ks-config.c keyserver/ks-config.h \
	keyserver/ks-keys.c keyserver/ks-keys.h \
	keyserver/ks-etag.c keyserver/ks-etag.h \
	keyserver/ks-answer.c keyserver/ks-answer.h \
	keyserver/ks-limits.c keyserver/ks-limits.h \
	keyserver/ks-proofs.c keyserver/ks-proofs.h \
	keyserver/ks-tag.c keyserver/ks-tag.h \
	keyserver/ks-schema.h \
	keyserver/ks-sql.c keyserver/ks-sql.h \
	keyserver/ks-database.c keyserver/ks-database.h \
	keyserver/ks-sign.c keyserver/ks-sign.h \
	keyserver/ks-claim.c keyserver/ks-claim.h \
	keyserver/ks-recent.c keyserver/ks-recent.h \
	keyserver/ks-ledger.c keyserver/ks-ledger.h \
	keyserver/ks-vault.c keyserver/ks-vault.h \
	keyserver/ks-call.c keyserver/ks-call.h \
	keyserver/ks-frame.c keyserver/ks-frame.h \
	keyserver/ks-link.c keyserver/ks-link.h \
	keyserver/ks-jail.c keyserver/ks-jail.h \
	keyserver/ks-guard.c keyserver/ks-guard.h \
	keyserver/ks-signer.c keyserver/ks-signer.h \
	keyserver/ks-pen.c keyserver/ks-pen.h \
	keyserver/ks-adopt.c keyserver/ks-adopt.h \
	keyserver/ks-rows.c keyserver/ks-rows.h \
	keyserver/ks-leaf.c keyserver/ks-leaf.h \
	keyserver/ks-statements.c keyserver/ks-statements.h \
	keyserver/ks-store.c keyserver/ks-store.h keyserver/ks-store-inner.h \
	keyserver/ks-pending.c keyserver/ks-pending.h \
	keyserver/ks-intake.c keyserver/ks-intake.h \
	keyserver/ks-edge.c keyserver/ks-edge.h \
	keyserver/ks-entries.c keyserver/ks-entries.h \
	keyserver/ks-cache.c keyserver/ks-cache.h \
	keyserver/ks-tiles.c keyserver/ks-tiles.h \
	keyserver/ks-publisher.c keyserver/ks-publisher.h \
	keyserver/ks-settle.c keyserver/ks-settle.h \
	keyserver/ks-writer.c keyserver/ks-writer.h \
	keyserver/ks-lookup.c keyserver/ks-lookup.h \
	keyserver/ks-request.c keyserver/ks-request.h \
	keyserver/ks-accounts.c keyserver/ks-accounts.h \
	keyserver/ks-erasures.c keyserver/ks-erasures.h \
	keyserver/ks-routes.c keyserver/ks-routes.h \
	keyserver/ks-tls.c keyserver/ks-tls.h \
	keyserver/ks-listen.c keyserver/ks-listen.h \
	keyserver/ks-peers.c keyserver/ks-peers.h \
	keyserver/ks-httpd.c keyserver/ks-httpd.h \
	keyserver/ks-xmpp.c keyserver/ks-xmpp.h \
	keyserver/ks-component.c keyserver/ks-component.h \
	keyserver/ks-stanzas.c keyserver/ks-stanzas.h \
	keyserver/ks-audit.c keyserver/ks-audit.h \
	keyserver/ks-check.c keyserver/ks-check.h \
	keyserver/ks-check-signer.c keyserver/ks-check-signer.h \
	keyserver/ks-export.c keyserver/ks-export.h \
	keyserver/ks-prove.c keyserver/ks-prove.h \
	keyserver/ks-init.c keyserver/ks-init.h \
	keyserver/ks-resign.c keyserver/ks-resign.h \
	keyserver/ks-rotate.c keyserver/ks-rotate.h \
	keyserver/ks-run.c keyserver/ks-run.h

bin_PROGRAMS += keyserver/xim-keyserver
keyserver_xim_keyserver_CFLAGS = $(KS_CFLAGS)
keyserver_xim_keyserver_LDADD = $(KS_LIBS)
keyserver_xim_keyserver_SOURCES = keyserver/main.c

dist_man_MANS += doc/xim-keyserver.8
EXTRA_DIST += contrib/xim-keyserver.service
