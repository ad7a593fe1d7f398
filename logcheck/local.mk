# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers

bin_PROGRAMS += logcheck/xim-log-check
logcheck_xim_log_check_CFLAGS = $(AM_CFLAGS) $(XIM_CFLAGS) $(LOGCHECK_CFLAGS)
logcheck_xim_log_check_LDADD = libxim/libxim.a $(XIM_LIBS) $(LOGCHECK_LIBS)
logcheck_xim_log_check_SOURCES = \
	logcheck/lc-fetch.c logcheck/lc-fetch.h \
	logcheck/lc-indices.c logcheck/lc-indices.h \
	logcheck/lc-state.c logcheck/lc-state.h \
	logcheck/lc-tiles.c logcheck/lc-tiles.h \
	logcheck/lc-follow.c logcheck/lc-follow.h \
	logcheck/main.c

dist_man_MANS += doc/xim-log-check.1
