# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# Benchmarks against packaged peers: `make bench`, or `make bench BENCH=file`.
BENCH =
XIM_BENCHES = tests/bench/bench-limit tests/bench/bench-verify
XIM_LONG_RUN = tests/bench/bench-fill tests/bench/bench-log \
	tests/bench/bench-reading
# What needs no peer is built by `make check', so that it goes on building.
check_PROGRAMS += $(XIM_BENCHES) $(XIM_LONG_RUN)
EXTRA_DIST += tests/bench/run.py tests/bench/bench-plugin.py \
	tests/bench/bench-keyserver.py tests/bench/long-run.py \
	tests/bench/long_report.py tests/bench/LONG-RUN
noinst_HEADERS += tests/bench/bench.h tests/bench/peer.h \
	tests/bench/omemo-provider.h

XIM_PEER_BENCHES =
if BENCH_PEERS
XIM_PEER_BENCHES += tests/bench/bench-chat tests/bench/bench-fan \
	tests/bench/bench-file
endif
EXTRA_PROGRAMS = $(XIM_PEER_BENCHES)
BENCH_CFLAGS = $(TEST_CFLAGS) $(OMEMO_CFLAGS) $(OTR_CFLAGS) $(GPGME_CFLAGS)
BENCH_LINK = $(TEST_LIBS)
BENCH_PEER_SOURCES = tests/bench/bench.c tests/bench/peer.c \
	tests/bench/peer-xim.c tests/bench/peer-omemo.c \
	tests/bench/omemo-provider.c

tests_bench_bench_chat_SOURCES = tests/bench/bench-chat.c \
	$(BENCH_PEER_SOURCES) tests/bench/peer-otr.c tests/bench/peer-gpg.c
tests_bench_bench_chat_CFLAGS = $(BENCH_CFLAGS)
tests_bench_bench_chat_LDADD = $(BENCH_LINK) $(OMEMO_LIBS) $(OTR_LIBS) \
	$(GPGME_LIBS) -lgcrypt

tests_bench_bench_fan_SOURCES = tests/bench/bench-fan.c $(BENCH_PEER_SOURCES)
tests_bench_bench_fan_CFLAGS = $(BENCH_CFLAGS)
tests_bench_bench_fan_LDADD = $(BENCH_LINK) $(OMEMO_LIBS)

tests_bench_bench_file_SOURCES = tests/bench/bench-file.c tests/bench/bench.c
tests_bench_bench_file_CFLAGS = $(BENCH_CFLAGS)
tests_bench_bench_file_LDADD = $(BENCH_LINK)

tests_bench_bench_fill_CFLAGS = $(KS_TEST_CFLAGS)
tests_bench_bench_fill_LDADD = $(KS_LIBS)

tests_bench_bench_log_CFLAGS = $(KS_TEST_CFLAGS)
tests_bench_bench_log_LDADD = $(KS_LIBS)

tests_bench_bench_reading_SOURCES = tests/bench/bench-reading.c \
	tests/headless.c
tests_bench_bench_reading_CFLAGS = $(MESSAGE_TEST_CFLAGS)
tests_bench_bench_reading_LDADD = $(MESSAGE_TEST_LIBS)

tests_bench_bench_limit_CFLAGS = $(KS_TEST_CFLAGS)
tests_bench_bench_limit_LDADD = $(KS_LIBS)

tests_bench_bench_verify_SOURCES = tests/bench/bench-verify.c \
	tests/bench/bench.c
tests_bench_bench_verify_CFLAGS = $(TEST_CFLAGS) -I$(top_srcdir)/tests
tests_bench_bench_verify_LDADD = $(TEST_LIBS)

CLEANFILES += $(EXTRA_PROGRAMS)
bench: $(XIM_BENCHES) $(XIM_PEER_BENCHES) keyserver/xim-keyserver tests/xim-tool
if BENCH_PEERS
	/usr/bin/python3 $(srcdir)/tests/bench/run.py $(builddir) $(BENCH)
else
	@echo "make bench needs libomemo-c, libotr and gpgme" >&2; exit 1
endif

# Hours, and gigabytes below LONG_RUN; not a part of bench.
LONG_RUN = long-run
long-run: $(XIM_LONG_RUN) tests/xim-tool \
		keyserver/xim-keyserver logcheck/xim-log-check
	/usr/bin/python3 $(srcdir)/tests/bench/long-run.py $(builddir) \
		$(LONG_RUN)
.PHONY: bench long-run
