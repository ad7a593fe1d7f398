# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# The keyserver's tests.
KS_TEST_CFLAGS = $(TEST_CFLAGS) $(KEYSERVER_CFLAGS) -I$(top_srcdir)/keyserver

check_PROGRAMS += tests/xim-tool tests/xim-leaf
noinst_HEADERS += tests/tool.h
tests_xim_tool_SOURCES = tests/xim-tool.c tests/tool-check.c
tests_xim_tool_CFLAGS = $(KS_TEST_CFLAGS)
tests_xim_tool_LDADD = $(KS_LIBS)
tests_xim_leaf_CFLAGS = $(KS_TEST_CFLAGS)
tests_xim_leaf_LDADD = $(KS_LIBS)

# These run the real daemon on loopback.
TEST_EXTENSIONS += .py
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = /usr/bin/python3
KS_PYTHON_TESTS = tests/keyserver/register.py tests/keyserver/http_faults.py \
	tests/keyserver/faults.py tests/keyserver/erase.py \
	tests/keyserver/log.py tests/keyserver/full.py \
	tests/keyserver/rotate.py tests/keyserver/signer.py
EXTRA_DIST += tests/keyserver/harness.py $(KS_PYTHON_TESTS)
tests/keyserver/register.log tests/keyserver/http_faults.log \
tests/keyserver/faults.log tests/keyserver/log.log tests/keyserver/erase.log \
tests/keyserver/full.log tests/keyserver/rotate.log \
tests/keyserver/signer.log: \
	keyserver/xim-keyserver tests/xim-tool
tests/keyserver/log.log: logcheck/xim-log-check

KS_UNIT_TESTS = tests/test-ks-proofs tests/test-ks-limits tests/test-ks-etag \
	tests/test-ks-cache tests/test-ks-xmpp tests/test-ks-store \
	tests/test-ks-erased tests/test-ks-tree tests/test-ks-writer \
	tests/test-ks-keys tests/test-ks-ledger tests/test-ks-call \
	tests/test-ks-signer tests/test-ks-guard tests/test-ks-routes
check_PROGRAMS += $(KS_UNIT_TESTS)
TESTS += $(KS_UNIT_TESTS)
tests_test_ks_proofs_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_proofs_LDADD = $(KS_LIBS)
tests_test_ks_limits_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_limits_LDADD = $(KS_LIBS)
tests_test_ks_etag_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_etag_LDADD = $(KS_LIBS)
tests_test_ks_cache_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_cache_LDADD = $(KS_LIBS)
tests_test_ks_xmpp_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_xmpp_LDADD = $(KS_LIBS)
noinst_HEADERS += tests/test-ks.h tests/test-small-tree.h
tests_test_ks_erased_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_erased_LDADD = $(KS_LIBS)
tests_test_ks_store_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_store_LDADD = $(KS_LIBS)
tests_test_ks_keys_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_keys_LDADD = $(KS_LIBS)
tests_test_ks_ledger_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_ledger_LDADD = $(KS_LIBS)
tests_test_ks_call_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_call_LDADD = $(KS_LIBS)
tests_test_ks_writer_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_writer_LDADD = $(KS_LIBS)
tests_test_ks_tree_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_tree_LDADD = $(KS_LIBS)
tests_test_ks_signer_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_signer_LDADD = $(KS_LIBS)
tests_test_ks_guard_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_guard_LDADD = $(KS_LIBS)
tests_test_ks_routes_CFLAGS = $(KS_TEST_CFLAGS)
tests_test_ks_routes_LDADD = $(KS_LIBS)

# xim-log-check reads mirrors that a test makes.
EXTRA_DIST += tests/logcheck.py
TESTS += tests/logcheck.py
tests/logcheck.log: logcheck/xim-log-check
