#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# Runs every fuzz target on its seeds, as TAP; make check does this.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${top_builddir:-.}
n=0
for source in "$here"/fuzz-*.c; do
  name=$(basename "$source" .c)
  seeds=$here/corpus/${name#fuzz-}
  n=$((n + 1))
  if [ -z "$(ls -A "$seeds" 2>/dev/null)" ]; then
    echo "not ok $n - $name has no seed in corpus/${name#fuzz-}"
  elif find "$seeds" -type f -exec "$build/tests/fuzz/$name" {} + \
         >"$build/tests/fuzz/$name.out" 2>&1; then
    echo "ok $n - $name takes its seeds"
  else
    echo "not ok $n - $name fails on its seeds"
    sed 's/^/# /' "$build/tests/fuzz/$name.out" | tail -n 20
  fi
done
echo "1..$n"
