#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# Checks the shape of the source files, as TAP; make check does this.
set -u
cd "${top_srcdir:-.}" || exit 1
export LC_ALL=C

file_lines_max=600
function_lines_max=60
nesting_max=3
parameters_max=6
# Callbacks whose parameters a library sets.
given='on_start request_action ask_action ask_action_with_icon ask_fields
ask_input cbc_encrypt cbc_decrypt
handle start_element xim_ks_tls_retrieve receiving_message'

# What we wrote; what autoconf, gettext and the build make is left out.
sources=$(find libxim plugin keyserver logcheck tests -name '*.[ch]' | sort)
scripts=$(find check demo .ci tests -type f \( -name '*.sh' -o -name '*.py' \
            -o -name check -o -name demo -o -name run \)
          find libxim plugin keyserver logcheck tests -name '*.mk')
texts=$(ls Makefile.am configure.ac README PROTOCOL.md
        find po -name '*.po' -o -name POTFILES.in -o -name LINGUAS
        find libxim plugin keyserver logcheck tests -type f \
          ! -path '*/vectors/*' ! -path '*/corpus/*' ! -path '*/.*' \
          ! -name '*.o' ! -name '*.pyc')

n=0
# report WHAT OFFENDERS [known]: one TAP line; each line of OFFENDERS is one.
# With "known" the offenders are shown as still to be mended (XFAIL).
report ()
{
  n=$((n + 1))
  if [ -z "$2" ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1${3:+ # TODO known}"
    printf '%s\n' "$2" | sed 's/^/# /'
  fi
}

# Prints FILE:LINE:TEXT with comments, strings and characters made empty.
strip ()
{
  awk '
    FNR == 1 { inside = 0 }
    {
      out = ""
      for (i = 1; i <= length($0); i++) {
        two = substr($0, i, 2); one = substr($0, i, 1)
        if (inside) { if (two == "*/") { inside = 0; i++ } ; continue }
        if (two == "/*") { inside = 1; i++; continue }
        if (two == "//") break
        if (one == "\"" || one == "\047") {
          for (i++; i <= length($0); i++) {
            c = substr($0, i, 1)
            if (c == "\\") { i++; continue }
            if (c == one) break
          }
          out = out one one
          continue
        }
        out = out one
      }
      print FILENAME ":" FNR ":" out
    }' $1
}
stripped=$(mktemp) || exit 1
trap 'rm -f "$stripped"' EXIT
trap 'exit 1' HUP INT TERM
strip "$sources" >"$stripped"

report "every C file has at most $file_lines_max lines" "$(
  wc -l $sources | awk -v max=$file_lines_max \
    '$2 != "total" && $1 > max { print $2 ": " $1 " lines" }')"

# functions FIELD: prints FILE FUNCTION LINES SIGNATURE of every function.
functions ()
{
  ctags --fields=+neS --kinds-c=f -f - $sources | awk -F '\t' '
    {
      line = end = signature = ""
      for (i = 4; i <= NF; i++) {
        if ($i ~ /^line:/) line = substr($i, 6)
        if ($i ~ /^end:/) end = substr($i, 5)
        if ($i ~ /^signature:/) signature = substr($i, 11)
      }
      print $2 "\t" $1 "\t" end - line + 1 "\t" signature
    }'
}
if ctags --version 2>/dev/null | grep -q Universal; then
  report "every function has at most $function_lines_max lines" "$(
    functions | awk -F '\t' -v max=$function_lines_max \
      '$3 > max { print $1 ": " $2 " has " $3 }')"
  report "every function has at most $parameters_max parameters" "$(
    functions | awk -F '\t' -v max=$parameters_max -v given="$given" '
      BEGIN { split(given, names, " "); for (i in names) skip[names[i]] = 1 }
      !($2 in skip) {
        depth = 0; count = 1
        for (i = 1; i <= length($4); i++) {
          c = substr($4, i, 1)
          depth += (c == "(") - (c == ")")
          count += c == "," && depth == 1
        }
        if (count > max) print $1 ": " $2 " has " count
      }')" known
else
  for what in lines parameters; do
    n=$((n + 1))
    echo "ok $n - $what of functions # SKIP universal-ctags is missing"
  done
fi

# A block that begins a line is a level; the function itself is none.
report "at most $nesting_max levels of nesting" "$(
  awk -F: -v max=$nesting_max '
    $1 != file { file = $1; depth = 0 }
    {
      text = substr($0, length($1 $2) + 3)
      if (text ~ /^{/) depth = 0
      for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "{") {
          depth++
          if (depth > max + 1) print $1 ":" $2
        }
        if (c == "}" && depth > 0) depth--
      }
    }' "$stripped" | sort -u)"

report "no goto" "$(grep -w goto "$stripped" | cut -d: -f1-2)"
report "nothing left to do" "$(
  grep -nE '\b(TO''DO|FIX''ME|X''XX)\b' $sources | cut -c1-100)"
report "no call that is easily wrong" "$(
  grep -E '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok|system|popen|rand|srand|random|alloca|g_alloca) ?\(' \
    "$stripped" | cut -d: -f1-2)"
report "no format that is not a literal" "$(
  grep -E '\b(g_printerr|g_print|printf|g_strdup_printf|g_warning|g_message|g_error|g_debug) \([a-z_>.-]+\);' \
    "$stripped" | cut -d: -f1-2)"
report "the library reads no file, no clock and no environment" "$(
  grep -E '^libxim/.*\b(fopen|open|g_file_[a-z_]+|time|gettimeofday|clock_gettime|g_get_real_time|g_get_monotonic_time|g_date_time_new_now[a-z_]*|getenv|g_getenv) \(' \
    "$stripped" | cut -d: -f1-2)"

# One look at each file; a program for each would cost more than the looks.
report "every file begins with its licence" "$(
  awk '
    FNR == 1 { if (file != "" && !good) print file; file = FILENAME; good = 0 }
    FNR <= 2 && /SPDX-License-Identifier: GPL-2\.0-or-later/ { good = 1 }
    END { if (!good) print file }' $sources $scripts)"
report "every C file includes config.h first, every header is read once" "$(
  awk '
    function judge () {
      if (file ~ /\.h$/ && !once) print file ": no pragma once"
      if (file ~ /\.c$/ && first !~ /"config\.h"/)
        print file ": another include comes first"
    }
    FNR == 1 { if (file != "") judge(); file = FILENAME; once = 0; first = "" }
    /^#pragma once/ { once = 1 }
    /^#include/ && first == "" { first = $0 }
    END { judge() }' $sources)"
report "no line is over 79 columns or ends in a space" "$(
  awk '{
    line = $0
    gsub(/[\200-\277]/, "", line)
    if (length(line) > 79 || line ~ / $/ || line ~ /\t/)
      print FILENAME ":" FNR
  }' $sources)"

# make check hands over the tests that it runs.
report "every test program is run" "$(
  for file in tests/test-*.c; do
    name=${file%.c}
    case " ${XIM_TESTS-$(cat tests/local.mk | tr '\n\\' '  ')} " in
      *" $name "*) ;;
      *) echo "$name" ;;
    esac
  done)"
report "every fuzz target has a seed and is built" "$(
  for file in tests/fuzz/fuzz-*.c; do
    name=$(basename "$file" .c)
    grep -q "FUZZ_TARGETS += tests/fuzz/$name\$" tests/fuzz/local.mk ||
      echo "$name is not in local.mk"
    [ -n "$(ls "tests/fuzz/corpus/${name#fuzz-}" 2>/dev/null)" ] ||
      echo "$name has no seed"
  done)"
report "no path of somebody's machine" "$(
  grep -nE '(^|[^a-z.])/(home|root|Users|work|mnt)/[a-z]' $texts |
    cut -c1-100)"
echo "1..$n"
