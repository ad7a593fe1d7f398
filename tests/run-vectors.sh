#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# Runs tests/vectors and shows each case as one TAP line.
set -u
dir=${top_srcdir:-.}/tests/vectors
"${top_builddir:-.}/tests/run-vectors" "$dir" | awk -v dir="$dir/" '
  function name(line) { sub(/^[a-zA-Z]+ /, "", line); sub(dir, "", line)
                        return line }
  /^ok /   { print "ok " ++n " - " name($0); next }
  /^FAIL / { print "not ok " ++n " - " name($0); next }
  /^[0-9]+ passed, [0-9]+ failed/ { print "# " $0; passed = $1; ended = 1 }
  END { print (ended && passed > 0 ? "" : "not ") "ok " ++n " - the run ended"
        print "1.." n }'
