# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# The parts are a library of their own, so that tests can link them.
PLUGIN_PART_CFLAGS = $(AM_CFLAGS) $(XIM_CFLAGS) $(PURPLE_CFLAGS) $(PLUGIN_CFLAGS)
PLUGIN_PART_LIBS = $(PURPLE_LIBS) $(PLUGIN_LIBS) $(XIM_LIBS)

noinst_LIBRARIES += plugin/libplugin.a
plugin_libplugin_a_CPPFLAGS = $(AM_CPPFLAGS)
plugin_libplugin_a_CFLAGS = $(PLUGIN_PART_CFLAGS)
plugin_libplugin_a_SOURCES = \
	plugin/key-warning.c plugin/key-warning.h \
	plugin/account.c plugin/account.h \
	plugin/clock.c plugin/clock.h \
	plugin/compare.c plugin/compare.h \
	plugin/desktop-keyring.c plugin/desktop-keyring.h \
	plugin/disco.c plugin/disco.h \
	plugin/pin.c plugin/pin.h \
	plugin/discovery.c plugin/discovery.h \
	plugin/enrol.c plugin/enrol.h \
	plugin/evidence.c plugin/evidence.h \
	plugin/export.c plugin/export.h \
	plugin/http.c plugin/http.h \
	plugin/imported.c plugin/imported.h \
	plugin/iq.c plugin/iq.h \
	plugin/judge.c plugin/judge.h \
	plugin/consistent.c plugin/consistent.h \
	plugin/logs.c plugin/logs.h \
	plugin/monitor.c plugin/monitor.h \
	plugin/places.c plugin/places.h \
	plugin/proof-file.c plugin/proof-file.h \
	plugin/reading.c plugin/reading.h \
	plugin/tiles.c plugin/tiles.h \
	plugin/keyserver.c plugin/keyserver.h \
	plugin/keystore.c plugin/keystore.h \
	plugin/marks.c plugin/marks.h \
	plugin/netaddr.c plugin/netaddr.h \
	plugin/own-keys.c plugin/own-keys.h \
	plugin/own.c plugin/own.h \
	plugin/passphrase.c plugin/passphrase.h \
	plugin/peers.c plugin/peers.h plugin/peers-types.h \
	plugin/peers-state.h \
	plugin/peers-claims.c plugin/peers-evidence.c plugin/peers-log.c \
	plugin/peers-lookup.c \
	plugin/private-file.c plugin/private-file.h \
	plugin/qr.c plugin/qr.h \
	plugin/rekey.c plugin/rekey.h \
	plugin/resolve.c plugin/resolve.h \
	plugin/site.c plugin/site.h \
	plugin/sql.c plugin/sql.h \
	plugin/transfer.c plugin/transfer.h \
	plugin/stretch.c plugin/stretch.h \
	plugin/tally.c plugin/tally.h \
	plugin/unlock.c plugin/unlock.h \
	plugin/store.c plugin/store-schema.h plugin/store.h \
	plugin/store-imported.c plugin/store-logs.c \
	plugin/store-keys.c plugin/store-messages.c plugin/store-peers.c \
	plugin/store-rows.h \
	plugin/walk.c plugin/walk.h \
	plugin/witness.c plugin/witness.h

# A module shows one symbol.
MODULE_LINK = $(AM_LDFLAGS) -shared -Wl,--as-needed \
	-Wl,--version-script=$(srcdir)/plugin/module.map
EXTRA_DIST += plugin/module.map

# The module.  It stays in memory when it is unloaded: a resolver's or the
# unlocking thread may still run.
purpleplugin_PROGRAMS = plugin/xim.so
plugin_xim_so_CFLAGS = $(PLUGIN_PART_CFLAGS)
plugin_xim_so_SOURCES = plugin/plugin.c
plugin_xim_so_LDFLAGS = $(MODULE_LINK) -Wl,-z,nodelete
EXTRA_plugin_xim_so_DEPENDENCIES = plugin/module.map
plugin_xim_so_LDADD = plugin/libplugin.a libxim/libxim.a \
	$(PLUGIN_PART_LIBS)

# The face for Pidgin finds its symbols in Pidgin itself.
if PIDGIN
pidginplugin_PROGRAMS = plugin/pidgin/xim-pidgin.so
plugin_pidgin_xim_pidgin_so_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
plugin_pidgin_xim_pidgin_so_CFLAGS = $(AM_CFLAGS) $(PIDGIN_CFLAGS) \
	-Wno-deprecated-declarations -Wno-strict-prototypes
plugin_pidgin_xim_pidgin_so_SOURCES = \
	plugin/pidgin/face-pidgin.c \
	plugin/pidgin/code-pidgin.c plugin/pidgin/code-pidgin.h \
	plugin/face-words.c plugin/i18n.c
plugin_pidgin_xim_pidgin_so_LDFLAGS = $(MODULE_LINK)
EXTRA_plugin_pidgin_xim_pidgin_so_DEPENDENCIES = plugin/module.map
plugin_pidgin_xim_pidgin_so_LDADD = $(PIDGIN_LIBS)
endif

# Decisions and messages.
plugin_libplugin_a_SOURCES += \
	plugin/address.c plugin/address.h \
	plugin/arrival.c plugin/arrival.h \
	plugin/changes.c plugin/changes.h \
	plugin/autolock.c plugin/autolock.h \
	plugin/commands.c plugin/commands.h \
	plugin/decide.c plugin/decide.h \
	plugin/erasure.c plugin/erasure.h \
	plugin/face.c plugin/face.h \
	plugin/face-words.c \
	plugin/files.c plugin/files.h \
	plugin/gate.c plugin/gate.h \
	plugin/hash-set.c plugin/hash-set.h \
	plugin/held.c plugin/held.h \
	plugin/i18n.c plugin/i18n.h \
	plugin/incoming.c plugin/incoming.h \
	plugin/invitations.c plugin/invitations.h \
	plugin/notices.c plugin/notices.h \
	plugin/opener.c plugin/opener.h \
	plugin/outbox.c plugin/outbox.h \
	plugin/outgoing.c plugin/outgoing.h \
	plugin/prefs.c plugin/prefs.h \
	plugin/sealer.c plugin/sealer.h \
	plugin/sessions.c plugin/sessions.h \
	plugin/status.c plugin/status.h \
	plugin/verbs-contact.c plugin/verbs-keys.c \
	plugin/verbs-keyserver.c plugin/verbs-log.c plugin/verbs-verify.c \
	plugin/verbs.h \
	plugin/verdict.c plugin/verdict.h \
	plugin/wire.c plugin/wire.h \
	plugin/xmlnode.c plugin/xmlnode.h

# Several devices of one account.
plugin_libplugin_a_SOURCES += \
	plugin/admission.c plugin/admission.h \
	plugin/amend.c plugin/amend.h \
	plugin/approve.c plugin/approve.h \
	plugin/carbons.c plugin/carbons.h \
	plugin/confirm.c plugin/confirm.h \
	plugin/devices.c plugin/devices.h \
	plugin/enrol-words.c plugin/enrol-words.h \
	plugin/family.c plugin/family.h \
	plugin/history.c plugin/history.h \
	plugin/home.c plugin/home.h \
	plugin/importing.c plugin/importing.h \
	plugin/join.c plugin/join.h \
	plugin/joining.c plugin/joining.h \
	plugin/look.c plugin/look.h \
	plugin/registration.c plugin/registration.h \
	plugin/renewal.c plugin/renewal.h \
	plugin/resources.c plugin/resources.h \
	plugin/verbs-devices.c \
	plugin/watch.c plugin/watch.h

MESSAGE_TESTS = tests/test-decide
MESSAGE_TESTS += tests/test-incoming
MESSAGE_TESTS += tests/test-removed
MESSAGE_TESTS += tests/test-outgoing
MESSAGE_TESTS += tests/test-compare
MESSAGE_TESTS += tests/test-qr
MESSAGE_TESTS += tests/test-wire
MESSAGE_TESTS += tests/test-xmlnode
MESSAGE_TESTS += tests/test-plugin
MESSAGE_TESTS += tests/test-discovery
MESSAGE_TESTS += tests/test-peers
MESSAGE_TESTS += tests/test-peers-chain
MESSAGE_TESTS += tests/test-consistent
MESSAGE_TESTS += tests/test-peers-log
MESSAGE_TESTS += tests/test-monitor
MESSAGE_TESTS += tests/test-look
MESSAGE_TESTS += tests/test-witness
MESSAGE_TESTS += tests/test-evidence
MESSAGE_TESTS += tests/test-desktop-keyring
MESSAGE_TESTS += tests/test-enrol
MESSAGE_TESTS += tests/test-watch
MESSAGE_TESTS += tests/test-carbons
MESSAGE_TESTS += tests/test-erasure
MESSAGE_TESTS += tests/test-tally
MESSAGE_TESTS += tests/test-admission
MESSAGE_TESTS += tests/test-export
MESSAGE_TESTS += tests/test-autolock
MESSAGE_TESTS += tests/test-http
MESSAGE_TESTS += tests/test-iq
MESSAGE_TESTS += tests/test-store
MESSAGE_TESTS += tests/test-keystore
check_PROGRAMS += $(MESSAGE_TESTS)
TESTS += $(MESSAGE_TESTS)
MESSAGE_TEST_CFLAGS = $(TEST_CFLAGS) $(PURPLE_CFLAGS) -I$(top_srcdir)
noinst_HEADERS += tests/fake-protocol.h tests/headless.h tests/world.h
MESSAGE_TEST_LIBS = plugin/libplugin.a $(TEST_LIBS) $(PLUGIN_PART_LIBS)

# The translations, as users see them.
check_PROGRAMS += tests/say
TESTS += tests/translation.sh
EXTRA_DIST += tests/translation.sh
tests_say_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_say_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_decide_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_decide_LDADD = $(MESSAGE_TEST_LIBS)

WORLD_SOURCES = tests/headless.c tests/fake-protocol.c tests/world.c \
	tests/world-peers.c
tests_test_incoming_SOURCES = tests/test-incoming.c $(WORLD_SOURCES)
tests_test_incoming_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_incoming_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_removed_SOURCES = tests/test-removed.c $(WORLD_SOURCES)
tests_test_removed_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_removed_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_outgoing_SOURCES = tests/test-outgoing.c $(WORLD_SOURCES)
tests_test_outgoing_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_outgoing_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_wire_SOURCES = tests/test-wire.c $(WORLD_SOURCES)
tests_test_wire_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_wire_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_xmlnode_SOURCES = tests/test-xmlnode.c tests/headless.c
tests_test_xmlnode_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_xmlnode_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_plugin_SOURCES = tests/test-plugin.c tests/headless.c
tests_test_plugin_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_plugin_LDADD = $(TEST_LIBS) $(PURPLE_LIBS)
EXTRA_tests_test_plugin_DEPENDENCIES = plugin/xim.so

# Parts over a network that the test plays.
noinst_HEADERS += tests/fake-client.h tests/fake-net.h
FAKE_NET = tests/fake-net.c tests/headless.c
tests_test_discovery_SOURCES = tests/test-discovery.c $(FAKE_NET)
tests_test_discovery_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_discovery_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_evidence_SOURCES = tests/test-evidence.c tests/headless.c
tests_test_evidence_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_evidence_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_compare_SOURCES = tests/test-compare.c tests/fake-net.c \
	tests/headless.c
tests_test_compare_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_compare_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_qr_SOURCES = tests/test-qr.c
tests_test_qr_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_qr_LDADD = $(MESSAGE_TEST_LIBS)

noinst_HEADERS += tests/peers-world.h
PEERS_WORLD = tests/peers-world.c $(FAKE_NET)
tests_test_peers_SOURCES = tests/test-peers.c $(PEERS_WORLD)
tests_test_peers_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_peers_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_watch_SOURCES = tests/test-watch.c tests/headless.c
tests_test_watch_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_watch_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_carbons_SOURCES = tests/test-carbons.c tests/headless.c
tests_test_carbons_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_carbons_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_peers_chain_SOURCES = tests/test-peers-chain.c $(PEERS_WORLD)
tests_test_peers_chain_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_peers_chain_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_witness_SOURCES = tests/test-witness.c $(PEERS_WORLD)
tests_test_witness_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_witness_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_enrol_SOURCES = tests/test-enrol.c $(FAKE_NET)
tests_test_enrol_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_enrol_LDADD = $(MESSAGE_TEST_LIBS)

noinst_HEADERS += tests/fake-secrets.h
tests_test_desktop_keyring_SOURCES = tests/test-desktop-keyring.c \
	tests/fake-secrets.c tests/headless.c
tests_test_desktop_keyring_CFLAGS = $(MESSAGE_TEST_CFLAGS) $(PLUGIN_CFLAGS)
tests_test_desktop_keyring_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_erasure_SOURCES = tests/test-erasure.c $(FAKE_NET)
tests_test_erasure_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_erasure_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_export_SOURCES = tests/test-export.c $(FAKE_NET)
tests_test_export_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_export_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_autolock_SOURCES = tests/test-autolock.c $(FAKE_NET)
tests_test_autolock_CFLAGS = $(MESSAGE_TEST_CFLAGS) $(PLUGIN_CFLAGS)
tests_test_autolock_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_admission_SOURCES = tests/test-admission.c $(FAKE_NET)
tests_test_admission_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_admission_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_tally_SOURCES = tests/test-tally.c $(FAKE_NET)
tests_test_tally_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_tally_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_http_SOURCES = tests/test-http.c tests/headless.c
tests_test_http_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_http_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_store_SOURCES = tests/test-store.c tests/headless.c
tests_test_store_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_store_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_keystore_SOURCES = tests/test-keystore.c tests/headless.c
tests_test_keystore_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_keystore_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_iq_SOURCES = tests/test-iq.c tests/fake-protocol.c \
	tests/headless.c
tests_test_iq_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_iq_LDADD = $(MESSAGE_TEST_LIBS)

# Logs.
noinst_HEADERS += tests/fake-log.h
tests_test_consistent_SOURCES = tests/test-consistent.c $(FAKE_NET)
tests_test_consistent_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_consistent_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_peers_log_SOURCES = tests/test-peers-log.c $(PEERS_WORLD)
tests_test_peers_log_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_peers_log_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_monitor_SOURCES = tests/test-monitor.c $(PEERS_WORLD)
tests_test_monitor_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_monitor_LDADD = $(MESSAGE_TEST_LIBS)

tests_test_look_SOURCES = tests/test-look.c $(PEERS_WORLD)
tests_test_look_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_test_look_LDADD = $(MESSAGE_TEST_LIBS)
