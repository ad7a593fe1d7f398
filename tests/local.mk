# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
TEST_EXTENSIONS = .sh
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	G_TEST_SRCDIR='$(abs_top_srcdir)/tests' \
	G_TEST_BUILDDIR='$(abs_top_builddir)/tests' \
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
	XIM_TESTS='$(TESTS)' G_DEBUG=fatal-warnings \
	PURPLE_LEAKCHECK_HELP=1 ASAN_OPTIONS=quarantine_size_mb=32 \
	LSAN_OPTIONS=print_suppressions=0:suppressions='$(abs_top_srcdir)'/tests/e2e/lsan.supp; \
	export PURPLE_LEAKCHECK_HELP ASAN_OPTIONS LSAN_OPTIONS; \
	export XIM_TESTS G_TEST_SRCDIR G_TEST_BUILDDIR top_srcdir top_builddir G_DEBUG;

EXTRA_DIST += tests/check-source.sh tests/check-layers.sh
TESTS += tests/check-source.sh tests/check-layers.sh

noinst_HEADERS += tests/test-sealed.h
noinst_HEADERS += tests/test-util.h tests/test-vector.h
noinst_HEADERS += tests/test-notes.h tests/test-served.h tests/test-bundles.h \
	tests/test-logs.h
EXTRA_DIST += tests/vectors

# Every test program of libxim links the same way.  g_assert_cmpmem () itself
# converts lengths to int.
TEST_CFLAGS = $(AM_CFLAGS) $(XIM_CFLAGS) -Wno-conversion -Wno-sign-conversion
TEST_LIBS = libxim/libxim.a $(XIM_LIBS)

LIBXIM_TESTS = tests/test-error
LIBXIM_TESTS += tests/test-secret
LIBXIM_TESTS += tests/test-codec
LIBXIM_TESTS += tests/test-crypto
LIBXIM_TESTS += tests/test-vrf
LIBXIM_TESTS += tests/test-tree
LIBXIM_TESTS += tests/test-tile
LIBXIM_TESTS += tests/test-hpke
LIBXIM_TESTS += tests/test-chunked
LIBXIM_TESTS += tests/test-json
LIBXIM_TESTS += tests/test-jid
LIBXIM_TESTS += tests/test-key
LIBXIM_TESTS += tests/test-note
LIBXIM_TESTS += tests/test-note-reader
LIBXIM_TESTS += tests/test-buffer
LIBXIM_TESTS += tests/test-xml
LIBXIM_TESTS += tests/test-content
LIBXIM_TESTS += tests/test-slot
LIBXIM_TESTS += tests/test-keyring
LIBXIM_TESTS += tests/test-session
LIBXIM_TESTS += tests/test-envelope
LIBXIM_TESTS += tests/test-unwrapped
LIBXIM_TESTS += tests/test-account
LIBXIM_TESTS += tests/test-account-server
LIBXIM_TESTS += tests/test-chain
LIBXIM_TESTS += tests/test-change
LIBXIM_TESTS += tests/test-join
LIBXIM_TESTS += tests/test-safety
LIBXIM_TESTS += tests/test-device
LIBXIM_TESTS += tests/test-server
LIBXIM_TESTS += tests/test-absent
LIBXIM_TESTS += tests/test-erase
LIBXIM_TESTS += tests/test-current
LIBXIM_TESTS += tests/test-entry
LIBXIM_TESTS += tests/test-checkpoint
LIBXIM_TESTS += tests/test-logged
LIBXIM_TESTS += tests/test-proof
LIBXIM_TESTS += tests/test-bundle
LIBXIM_TESTS += tests/test-verify
LIBXIM_TESTS += tests/test-trust
check_PROGRAMS += $(LIBXIM_TESTS)
TESTS += $(LIBXIM_TESTS)

tests_test_error_CFLAGS = $(TEST_CFLAGS)
tests_test_error_LDADD = $(TEST_LIBS)

tests_test_secret_CFLAGS = $(TEST_CFLAGS)
tests_test_secret_LDADD = $(TEST_LIBS)

tests_test_codec_CFLAGS = $(TEST_CFLAGS)
tests_test_codec_LDADD = $(TEST_LIBS)

tests_test_crypto_CFLAGS = $(TEST_CFLAGS)
tests_test_crypto_LDADD = $(TEST_LIBS)

tests_test_vrf_CFLAGS = $(TEST_CFLAGS)
tests_test_vrf_LDADD = $(TEST_LIBS)

tests_test_tree_CFLAGS = $(TEST_CFLAGS)
tests_test_tree_LDADD = $(TEST_LIBS)

tests_test_hpke_CFLAGS = $(TEST_CFLAGS)
tests_test_hpke_LDADD = $(TEST_LIBS)

tests_test_chunked_CFLAGS = $(TEST_CFLAGS)
tests_test_chunked_LDADD = $(TEST_LIBS)

tests_test_json_CFLAGS = $(TEST_CFLAGS)
tests_test_json_LDADD = $(TEST_LIBS)

tests_test_jid_CFLAGS = $(TEST_CFLAGS)
tests_test_jid_LDADD = $(TEST_LIBS)

tests_test_key_CFLAGS = $(TEST_CFLAGS)
tests_test_key_LDADD = $(TEST_LIBS)

tests_test_note_CFLAGS = $(TEST_CFLAGS)
tests_test_note_LDADD = $(TEST_LIBS)

tests_test_note_reader_CFLAGS = $(TEST_CFLAGS)
tests_test_note_reader_LDADD = $(TEST_LIBS)

tests_test_buffer_CFLAGS = $(TEST_CFLAGS)
tests_test_buffer_LDADD = $(TEST_LIBS)

tests_test_xml_CFLAGS = $(TEST_CFLAGS)
tests_test_xml_LDADD = $(TEST_LIBS)

tests_test_content_CFLAGS = $(TEST_CFLAGS)
tests_test_content_LDADD = $(TEST_LIBS)

tests_test_slot_CFLAGS = $(TEST_CFLAGS)
tests_test_slot_LDADD = $(TEST_LIBS)

tests_test_keyring_CFLAGS = $(TEST_CFLAGS)
tests_test_keyring_LDADD = $(TEST_LIBS)

tests_test_session_CFLAGS = $(TEST_CFLAGS)
tests_test_session_LDADD = $(TEST_LIBS)
tests_test_account_CFLAGS = $(TEST_CFLAGS)
tests_test_account_LDADD = $(TEST_LIBS)

tests_test_account_server_CFLAGS = $(TEST_CFLAGS)
tests_test_account_server_LDADD = $(TEST_LIBS)

tests_test_chain_CFLAGS = $(TEST_CFLAGS)
tests_test_chain_LDADD = $(TEST_LIBS)
tests_test_change_CFLAGS = $(TEST_CFLAGS)
tests_test_change_LDADD = $(TEST_LIBS)

tests_test_join_CFLAGS = $(TEST_CFLAGS)
tests_test_join_LDADD = $(TEST_LIBS)

tests_test_safety_CFLAGS = $(TEST_CFLAGS)
tests_test_safety_LDADD = $(TEST_LIBS)

tests_test_device_CFLAGS = $(TEST_CFLAGS)
tests_test_device_LDADD = $(TEST_LIBS)

tests_test_server_CFLAGS = $(TEST_CFLAGS)
tests_test_server_LDADD = $(TEST_LIBS)

tests_test_absent_CFLAGS = $(TEST_CFLAGS)
tests_test_absent_LDADD = $(TEST_LIBS)

tests_test_erase_CFLAGS = $(TEST_CFLAGS)
tests_test_erase_LDADD = $(TEST_LIBS)

tests_test_current_CFLAGS = $(TEST_CFLAGS)
tests_test_current_LDADD = $(TEST_LIBS)

tests_test_tile_CFLAGS = $(TEST_CFLAGS)
tests_test_tile_LDADD = $(TEST_LIBS)

tests_test_entry_CFLAGS = $(TEST_CFLAGS)
tests_test_entry_LDADD = $(TEST_LIBS)

tests_test_checkpoint_CFLAGS = $(TEST_CFLAGS)
tests_test_checkpoint_LDADD = $(TEST_LIBS)

tests_test_logged_CFLAGS = $(TEST_CFLAGS)
tests_test_logged_LDADD = $(TEST_LIBS)

tests_test_proof_CFLAGS = $(TEST_CFLAGS)
tests_test_proof_LDADD = $(TEST_LIBS)

tests_test_bundle_CFLAGS = $(TEST_CFLAGS)
tests_test_bundle_LDADD = $(TEST_LIBS)

tests_test_verify_CFLAGS = $(TEST_CFLAGS)
tests_test_verify_LDADD = $(TEST_LIBS)

tests_test_trust_CFLAGS = $(TEST_CFLAGS)
tests_test_trust_LDADD = $(TEST_LIBS)

tests_test_envelope_CFLAGS = $(TEST_CFLAGS)
tests_test_envelope_LDADD = $(TEST_LIBS)

tests_test_unwrapped_CFLAGS = $(TEST_CFLAGS)
tests_test_unwrapped_LDADD = $(TEST_LIBS)

# run-vectors runs every case of tests/vectors; README.md there has the format.
# It is built with the rest: people run it on vectors of their own.
noinst_PROGRAMS += tests/run-vectors
noinst_HEADERS += tests/vector-case.h
tests_run_vectors_SOURCES = \
	tests/run-vectors.c tests/vector-case.c tests/vectors-notes.c \
	tests/vectors-envelope.c tests/vectors-log.c
tests_run_vectors_CFLAGS = $(TEST_CFLAGS)
tests_run_vectors_LDADD = $(TEST_LIBS)
TESTS += tests/run-vectors.sh tests/vectors-mutated.sh
EXTRA_DIST += tests/run-vectors.sh tests/vectors-mutated.sh
