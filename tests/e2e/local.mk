# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# The headless client of the end-to-end tests.
E2E_PARTS = tests/e2e/client
tests_e2e_client_SOURCES = \
	tests/e2e/client.c \
	tests/e2e/client-command.c \
	tests/e2e/client-command.h \
	tests/e2e/client-event.c \
	tests/e2e/client-event.h \
	tests/e2e/client-request.c \
	tests/e2e/client-request.h \
	tests/e2e/client-ui.c \
	tests/e2e/client-ui.h
tests_e2e_client_CFLAGS = $(AM_CFLAGS) $(PURPLE_CFLAGS)
tests_e2e_client_LDADD = $(PURPLE_LIBS)

# Moves the clock of a keyserver; preloaded, never installed.
E2E_PARTS += tests/e2e/clock.so
tests_e2e_clock_so_SOURCES = tests/e2e/clock.c
tests_e2e_clock_so_CFLAGS = $(AM_CFLAGS) -fno-sanitize=all
tests_e2e_clock_so_LDFLAGS = -shared

# Tells the tests what Pidgin's toolbars read; a module, never installed.
if PIDGIN
E2E_PARTS += tests/e2e/pidgin-toolbars.so
tests_e2e_pidgin_toolbars_so_SOURCES = tests/e2e/pidgin-toolbars.c
tests_e2e_pidgin_toolbars_so_CFLAGS = $(AM_CFLAGS) $(PIDGIN_CFLAGS) \
	-Wno-deprecated-declarations -Wno-strict-prototypes
tests_e2e_pidgin_toolbars_so_LDFLAGS = $(MODULE_LINK)
tests_e2e_pidgin_toolbars_so_LDADD = $(PIDGIN_LIBS)
endif

# All that the scenarios need and that is never installed.
check_PROGRAMS += $(E2E_PARTS)
e2e_programs: $(E2E_PARTS) tests/xim-leaf
.PHONY: e2e_programs

EXTRA_DIST += \
	tests/e2e/HOSTILE \
	tests/e2e/lsan.supp \
	tests/e2e/demo.py \
	tests/e2e/run.py \
	tests/e2e/lib/__init__.py \
	tests/e2e/lib/certs.py \
	tests/e2e/lib/check.py \
	tests/e2e/lib/client.py \
	tests/e2e/lib/devices.py \
	tests/e2e/lib/dns.py \
	tests/e2e/lib/ejabberd.py \
	tests/e2e/lib/faces.py \
	tests/e2e/lib/forge.py \
	tests/e2e/lib/gateway.py \
	tests/e2e/lib/keyserver.py \
	tests/e2e/lib/mod_x_im_lies.lua \
	tests/e2e/lib/merkle.py \
	tests/e2e/lib/net.py \
	tests/e2e/lib/process.py \
	tests/e2e/lib/prosody.py \
	tests/e2e/lib/qr.py \
	tests/e2e/lib/scenario.py \
	tests/e2e/lib/texts.py \
	tests/e2e/lib/wire.py \
	tests/e2e/lib/world.py \
	tests/e2e/scenarios/__init__.py \
	tests/e2e/scenarios/commands.py \
	tests/e2e/scenarios/devices.py \
	tests/e2e/scenarios/dialogs.py \
	tests/e2e/scenarios/faces.py \
	tests/e2e/scenarios/faults.py \
	tests/e2e/scenarios/first.py \
	tests/e2e/scenarios/holding.py \
	tests/e2e/scenarios/hostile.py \
	tests/e2e/scenarios/kill.py \
	tests/e2e/scenarios/lies.py \
	tests/e2e/scenarios/mixed.py \
	tests/e2e/scenarios/paths.py \
	tests/e2e/scenarios/removal.py \
	tests/e2e/scenarios/rotation.py \
	tests/e2e/scenarios/transfer.py \
	tests/e2e/scenarios/verify.py \
	tests/e2e/scenarios/without.py

# Real servers and clients; `make check` leaves these out.
e2e: all e2e_programs
	/usr/bin/python3 $(srcdir)/tests/e2e/run.py --build . \
	  --source $(srcdir) --logs tests/e2e/logs
.PHONY: e2e
