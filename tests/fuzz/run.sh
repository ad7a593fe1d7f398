#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# Runs each libFuzzer target for SECONDS, two at a time, and prints TAP lines.
# usage: run.sh SECONDS BUILD_DIRECTORY [NAME ...]
# New inputs stay in a temporary directory; a crashing one is kept and named.
set -eu

if [ "${1-}" = --one ]; then
  name=$2 seconds=$3 build=$4 corpus=$5 work=$6
  mkdir -p "$work/$name"
  if "$build/tests/fuzz/fuzz-$name" -max_total_time="$seconds" -timeout=5 \
       -rss_limit_mb=1024 -malloc_limit_mb=256 -print_final_stats=1 \
       -artifact_prefix="$work/$name-" "$work/$name" "$corpus/$name" \
       >"$work/$name.log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log")
    if [ "${runs:-0}" -gt 0 ]; then
      echo "ok - fuzz-$name: $runs inputs in $seconds s" >"$work/$name.tap"
    else
      echo "not ok - fuzz-$name ran no input" >"$work/$name.tap"
    fi
  else
    {
      echo "not ok - fuzz-$name failed, see $work/$name.log"
      grep -E 'ERROR|SUMMARY|CRITICAL|runtime error|Test unit written' \
        "$work/$name.log" | cut -c1-300 | sed 's/^/# /'
    } >"$work/$name.tap"
  fi
  exit 0
fi

seconds=${1:-10}
build=${2:-.}
[ $# -ge 2 ] && shift 2 || shift $#
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/xim-fuzz.XXXXXX")
began=$(date +%s)
names=$*
if [ -z "$names" ]; then
  names=$(cd "$here" && ls fuzz-*.c | sed 's/^fuzz-//; s/\.c$//')
fi

# Files of the targets go with $work.  libpurple leaves its plugins loaded, or
# what they hold for ever looks leaked.
mkdir "$work/tmp"
export TMPDIR="$work/tmp" PURPLE_LEAKCHECK_HELP=1
export G_SLICE=always-malloc G_DEBUG=fatal-criticals
for name in $names; do echo "$name"; done |
  xargs -P 2 -I NAME sh "$0" --one NAME "$seconds" "$build" "$here/corpus" \
    "$work"

n=0 failed=0
for name in $names; do
  n=$((n + 1))
  if ! grep -q "^FUZZ_TARGETS += tests/fuzz/fuzz-$name\$" "$here/local.mk"; then
    echo "not ok $n - fuzz-$name is not among the targets of local.mk"
    failed=$((failed + 1))
  elif [ -f "$work/$name.tap" ]; then
    sed "1s/ok - /ok $n - /" "$work/$name.tap"
    grep -q '^ok' "$work/$name.tap" || failed=$((failed + 1))
  else
    echo "not ok $n - fuzz-$name did not run"
    failed=$((failed + 1))
  fi
done
echo "1..$n"
echo "# $n targets in $(($(date +%s) - began)) s"
if [ "$n" -eq 0 ] || [ "$failed" -gt 0 ]; then
  echo "# $failed of $n targets failed; inputs and logs are in $work"
  exit 1
fi
rm -rf "$work"
