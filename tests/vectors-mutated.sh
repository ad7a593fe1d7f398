#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# Checks run-vectors itself: of the cases that pass, none may pass once it
# expects something else or gives another result.
set -u
run=${top_builddir:-.}/tests/run-vectors
vectors=${top_srcdir:-.}/tests/vectors
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
n=0
mkdir "$work/kept"
"$run" "$vectors" | sed -n 's/^ok //p' | while read -r file; do
  n=$((n + 1))
  cat "$file" >"$work/kept/$n-${file##*/}"
done

# mutate WHAT SCRIPT: runs the passing cases as sed SCRIPT changes them; those
# that it leaves alone are left out.
mutate ()
{
  rm -rf "$work/cases"
  cp -R "$work/kept" "$work/cases"
  find "$work/cases" -type f -exec sed -i -E "$2" {} +
  diff -rs "$work/kept" "$work/cases" \
    | sed -n 's/^Files .* and \(.*\) are identical$/\1/p' >"$work/same"
  (cd "$work/cases" && xargs -d '\n' rm -f <"$work/same")
  count=$(ls "$work/cases" | wc -l)
  n=$((n + 1))
  "$run" "$work/cases" >"$work/out"
  status=$?
  last=$(tail -n 1 "$work/out")
  if [ "$count" -gt 0 ] && [ "$status" -ne 0 ] &&
    [ "$last" = "0 passed, $count failed" ]; then
    echo "ok $n - $1: $last"
  else
    echo "not ok $n - $1: $count cases, status $status, $last"
    grep '^ok ' "$work/out" | sed 's/^/# /'
  fi
}

mutate "a word instead of ok" '1s/^expect: ok$/expect: signature/'
mutate "ok instead of a word" '1s/^expect: .*[^o].$/expect: ok/'
mutate "malformed instead of another word" \
  '1s/^expect: (unsupported|signature|wrong-name|key-changed|expired|replayed|not-for-us|not-found|too-large)$/expect: malformed/'
mutate "expired instead of malformed" '1s/^expect: malformed$/expect: expired/'
mutate "a word that nobody knows" '1s/^expect: .*$/expect: wrong/'
mutate "an unknown check" 's/^check: .*$/check: x/'
mutate "no check" '/^check: /d'
mutate "another result" \
  '/^expect: ok$/,$ s/^(version|relation|devices|text-sha256|serial|vkey|size|digest|content|code|number|entry|next|leaf-hash|vrf-proof|output|root|usable|ciphertext-length|ciphertext-sha256): .*$/\1: 1234/'
echo "1..$n"
