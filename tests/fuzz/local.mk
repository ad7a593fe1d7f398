# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# Fuzz targets: with --enable-fuzzers each is a libFuzzer program, `make fuzz`
# runs them; without it each only replays files, for `make check`.
if FUZZERS
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
endif
FUZZ_CFLAGS = $(TEST_CFLAGS)
FUZZ_SECONDS = 10
FUZZ_TARGETS =
noinst_HEADERS += tests/fuzz/fuzz.h tests/fuzz/fuzz-file.h \
	tests/fuzz/fuzz-dir.h tests/fuzz/fuzz-log.h
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/run.sh tests/fuzz/replay.sh
TESTS += tests/fuzz/replay.sh

FUZZ_TARGETS += tests/fuzz/fuzz-json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz-json.c $(FUZZ_MAIN)
tests_fuzz_fuzz_json_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_json_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_json_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-codec
tests_fuzz_fuzz_codec_SOURCES = tests/fuzz/fuzz-codec.c $(FUZZ_MAIN)
tests_fuzz_fuzz_codec_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_codec_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_codec_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-chunked
tests_fuzz_fuzz_chunked_SOURCES = tests/fuzz/fuzz-chunked.c $(FUZZ_MAIN)
tests_fuzz_fuzz_chunked_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_chunked_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_chunked_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-content
tests_fuzz_fuzz_content_SOURCES = tests/fuzz/fuzz-content.c $(FUZZ_MAIN)
tests_fuzz_fuzz_content_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_content_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_content_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-envelope
tests_fuzz_fuzz_envelope_SOURCES = tests/fuzz/fuzz-envelope.c $(FUZZ_MAIN)
tests_fuzz_fuzz_envelope_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_envelope_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_envelope_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-stanza
tests_fuzz_fuzz_stanza_SOURCES = tests/fuzz/fuzz-stanza.c $(FUZZ_MAIN)
tests_fuzz_fuzz_stanza_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_stanza_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_stanza_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-ks-xmpp
tests_fuzz_fuzz_ks_xmpp_SOURCES = tests/fuzz/fuzz-ks-xmpp.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ks_xmpp_CFLAGS = $(KS_TEST_CFLAGS)
tests_fuzz_fuzz_ks_xmpp_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ks_xmpp_LDADD = $(KS_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-jid
tests_fuzz_fuzz_jid_SOURCES = tests/fuzz/fuzz-jid.c $(FUZZ_MAIN)
tests_fuzz_fuzz_jid_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_jid_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_jid_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-join
tests_fuzz_fuzz_join_SOURCES = tests/fuzz/fuzz-join.c $(FUZZ_MAIN)
tests_fuzz_fuzz_join_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_join_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_join_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-safety
tests_fuzz_fuzz_safety_SOURCES = tests/fuzz/fuzz-safety.c $(FUZZ_MAIN)
tests_fuzz_fuzz_safety_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_safety_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_safety_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-vkey
tests_fuzz_fuzz_vkey_SOURCES = tests/fuzz/fuzz-vkey.c $(FUZZ_MAIN)
tests_fuzz_fuzz_vkey_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_vkey_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_vkey_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-note
tests_fuzz_fuzz_note_SOURCES = tests/fuzz/fuzz-note.c $(FUZZ_MAIN)
tests_fuzz_fuzz_note_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_note_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_note_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-account
tests_fuzz_fuzz_account_SOURCES = tests/fuzz/fuzz-account.c $(FUZZ_MAIN)
tests_fuzz_fuzz_account_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_account_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_account_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-device
tests_fuzz_fuzz_device_SOURCES = tests/fuzz/fuzz-device.c $(FUZZ_MAIN)
tests_fuzz_fuzz_device_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_device_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_device_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-server
tests_fuzz_fuzz_server_SOURCES = tests/fuzz/fuzz-server.c $(FUZZ_MAIN)
tests_fuzz_fuzz_server_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_server_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_server_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-absent
tests_fuzz_fuzz_absent_SOURCES = tests/fuzz/fuzz-absent.c $(FUZZ_MAIN)
tests_fuzz_fuzz_absent_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_absent_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_absent_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-erase
tests_fuzz_fuzz_erase_SOURCES = tests/fuzz/fuzz-erase.c $(FUZZ_MAIN)
tests_fuzz_fuzz_erase_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_erase_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_erase_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-current
tests_fuzz_fuzz_current_SOURCES = tests/fuzz/fuzz-current.c $(FUZZ_MAIN)
tests_fuzz_fuzz_current_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_current_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_current_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-bundle
tests_fuzz_fuzz_bundle_SOURCES = tests/fuzz/fuzz-bundle.c $(FUZZ_MAIN)
tests_fuzz_fuzz_bundle_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_bundle_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_bundle_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-entry
tests_fuzz_fuzz_entry_SOURCES = tests/fuzz/fuzz-entry.c $(FUZZ_MAIN)
tests_fuzz_fuzz_entry_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_entry_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_entry_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-entries
tests_fuzz_fuzz_entries_SOURCES = tests/fuzz/fuzz-entries.c $(FUZZ_MAIN)
tests_fuzz_fuzz_entries_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_entries_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_entries_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-tile-path
tests_fuzz_fuzz_tile_path_SOURCES = tests/fuzz/fuzz-tile-path.c $(FUZZ_MAIN)
tests_fuzz_fuzz_tile_path_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_tile_path_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_tile_path_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-checkpoint
tests_fuzz_fuzz_checkpoint_SOURCES = tests/fuzz/fuzz-checkpoint.c $(FUZZ_MAIN)
tests_fuzz_fuzz_checkpoint_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_checkpoint_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_checkpoint_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-vrf
tests_fuzz_fuzz_vrf_SOURCES = tests/fuzz/fuzz-vrf.c $(FUZZ_MAIN)
tests_fuzz_fuzz_vrf_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_vrf_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_vrf_LDADD = $(TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-proof
tests_fuzz_fuzz_proof_SOURCES = tests/fuzz/fuzz-proof.c $(FUZZ_MAIN)
tests_fuzz_fuzz_proof_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_proof_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_proof_LDADD = $(TEST_LIBS)

# The plugin's; those with a world or a network play one.
FUZZ_PLUGIN_CFLAGS = $(FUZZ_CFLAGS) $(MESSAGE_TEST_CFLAGS)

FUZZ_TARGETS += tests/fuzz/fuzz-xmlnode
tests_fuzz_fuzz_xmlnode_SOURCES = tests/fuzz/fuzz-xmlnode.c tests/headless.c $(FUZZ_MAIN)
tests_fuzz_fuzz_xmlnode_CFLAGS = $(FUZZ_PLUGIN_CFLAGS)
tests_fuzz_fuzz_xmlnode_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_xmlnode_LDADD = $(MESSAGE_TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-wire
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz-wire.c $(WORLD_SOURCES) $(FUZZ_MAIN)
tests_fuzz_fuzz_wire_CFLAGS = $(FUZZ_PLUGIN_CFLAGS)
tests_fuzz_fuzz_wire_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_wire_LDADD = $(MESSAGE_TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-incoming
tests_fuzz_fuzz_incoming_SOURCES = tests/fuzz/fuzz-incoming.c $(WORLD_SOURCES) $(FUZZ_MAIN)
tests_fuzz_fuzz_incoming_CFLAGS = $(FUZZ_PLUGIN_CFLAGS)
tests_fuzz_fuzz_incoming_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_incoming_LDADD = $(MESSAGE_TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-disco
tests_fuzz_fuzz_disco_SOURCES = tests/fuzz/fuzz-disco.c $(FAKE_NET) $(FUZZ_MAIN)
tests_fuzz_fuzz_disco_CFLAGS = $(FUZZ_PLUGIN_CFLAGS)
tests_fuzz_fuzz_disco_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_disco_LDADD = $(MESSAGE_TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-discovery
tests_fuzz_fuzz_discovery_SOURCES = tests/fuzz/fuzz-discovery.c $(FAKE_NET) $(FUZZ_MAIN)
tests_fuzz_fuzz_discovery_CFLAGS = $(FUZZ_PLUGIN_CFLAGS)
tests_fuzz_fuzz_discovery_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_discovery_LDADD = $(MESSAGE_TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-keyserver
tests_fuzz_fuzz_keyserver_SOURCES = tests/fuzz/fuzz-keyserver.c $(FUZZ_MAIN)
tests_fuzz_fuzz_keyserver_CFLAGS = $(FUZZ_PLUGIN_CFLAGS)
tests_fuzz_fuzz_keyserver_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_keyserver_LDADD = $(MESSAGE_TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-passphrase
tests_fuzz_fuzz_passphrase_SOURCES = tests/fuzz/fuzz-passphrase.c $(FUZZ_MAIN)
tests_fuzz_fuzz_passphrase_CFLAGS = $(FUZZ_PLUGIN_CFLAGS)
tests_fuzz_fuzz_passphrase_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_passphrase_LDADD = $(MESSAGE_TEST_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-export
tests_fuzz_fuzz_export_SOURCES = tests/fuzz/fuzz-export.c $(FUZZ_MAIN)
tests_fuzz_fuzz_export_CFLAGS = $(FUZZ_PLUGIN_CFLAGS)
tests_fuzz_fuzz_export_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_export_LDADD = $(MESSAGE_TEST_LIBS)

# The keyserver's.
FUZZ_TARGETS += tests/fuzz/fuzz-ks-routes
tests_fuzz_fuzz_ks_routes_SOURCES = tests/fuzz/fuzz-ks-routes.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ks_routes_CFLAGS = $(KS_TEST_CFLAGS)
tests_fuzz_fuzz_ks_routes_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ks_routes_LDADD = $(KS_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-ks-etag
tests_fuzz_fuzz_ks_etag_SOURCES = tests/fuzz/fuzz-ks-etag.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ks_etag_CFLAGS = $(KS_TEST_CFLAGS)
tests_fuzz_fuzz_ks_etag_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ks_etag_LDADD = $(KS_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-ks-register
tests_fuzz_fuzz_ks_register_SOURCES = tests/fuzz/fuzz-ks-register.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ks_register_CFLAGS = $(KS_TEST_CFLAGS) -I$(top_srcdir)
tests_fuzz_fuzz_ks_register_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ks_register_LDADD = $(KS_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-ks-call
tests_fuzz_fuzz_ks_call_SOURCES = tests/fuzz/fuzz-ks-call.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ks_call_CFLAGS = $(KS_TEST_CFLAGS) -I$(top_srcdir)
tests_fuzz_fuzz_ks_call_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ks_call_LDADD = $(KS_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-ks-config
tests_fuzz_fuzz_ks_config_SOURCES = tests/fuzz/fuzz-ks-config.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ks_config_CFLAGS = $(KS_TEST_CFLAGS)
tests_fuzz_fuzz_ks_config_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ks_config_LDADD = $(KS_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-ks-secret
tests_fuzz_fuzz_ks_secret_SOURCES = tests/fuzz/fuzz-ks-secret.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ks_secret_CFLAGS = $(KS_TEST_CFLAGS)
tests_fuzz_fuzz_ks_secret_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ks_secret_LDADD = $(KS_LIBS)

# That of xim-log-check.
FUZZ_TARGETS += tests/fuzz/fuzz-log-state
tests_fuzz_fuzz_log_state_SOURCES = tests/fuzz/fuzz-log-state.c \
	logcheck/lc-indices.c logcheck/lc-state.c $(FUZZ_MAIN)
tests_fuzz_fuzz_log_state_CFLAGS = $(FUZZ_CFLAGS) -I$(top_srcdir)/logcheck
tests_fuzz_fuzz_log_state_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_log_state_LDADD = $(TEST_LIBS)

check_PROGRAMS += $(FUZZ_TARGETS)
MOSTLYCLEANFILES = tests/fuzz/*.out

fuzz: $(FUZZ_TARGETS)
	$(SHELL) $(srcdir)/tests/fuzz/run.sh $(FUZZ_SECONDS) $(builddir)
.PHONY: fuzz
