#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# Checks who includes whom, as TAP; make check does this.  The order is the
# list under the heading "Layers" of the README: a file includes only what
# stands above it.
set -u
cd "${top_srcdir:-.}" || exit 1
export LC_ALL=C

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

# The names before the colons, the lowest first.
layers=$(awk '
  /^#/ { inside = /^## Layers *$/ }
  inside && /^    [a-z][a-z0-9\/-]*: / { sub(/:.*/, ""); print $1 }' README)
# libxim/xim-a.c is the layer xim-a, plugin/b.c is plugin/b; xim-a-private.h
# belongs to the layer xim-a.
sources=$(find libxim plugin keyserver logcheck -name '*.[ch]' | sort)

report "the README lists layers, each once" "$(
  [ -n "$layers" ] || echo "README has no list under ## Layers"
  printf '%s\n' "$layers" | sort | uniq -d)"

# A folder that the list does not name at all is not checked yet.
listed=libxim
for folder in plugin keyserver logcheck; do
  if printf '%s\n' "$layers" | grep -q "^$folder/"; then
    listed="$listed $folder"
  else
    n=$((n + 1))
    echo "ok $n - the layers of $folder # SKIP README does not list them"
  fi
done

all=" $(echo $layers) "
report "every source file is in the list" "$(
  for file in $(find $listed -name '*.[ch]' | sort); do
    name=${file%.[ch]}
    name=${name%-private}
    name=${name#libxim/}
    case $all in
      *" $name "*) ;;
      *) echo "$file: add a line '$name: what it is' to README, ## Layers" ;;
    esac
  done | sort -u)"
report "every name in the list is a file" "$(
  for name in $layers; do
    case $name in
      */*) base=$name ;;
      *) base=libxim/$name ;;
    esac
    [ -f "$base.h" ] || [ -f "$base.c" ] || echo "$name"
  done)"

# Prints FILE LAYER INCLUDED-LAYER for each include of a file of ours.
includes ()
{
  grep -H '^#include "' $(find $listed -name '*.[ch]') | sed 's/:#include "/ /; s/".*//' |
    while read -r file header; do
      [ "$header" = config.h ] && continue
      name=${file%.[ch]}
      folder=${file%/*}
      target=${header%.h}
      if [ -f "$folder/$header" ]; then
        target=$folder/${header%.h}
        while [ "$target" != "${target#*/../}" ]; do
          above=${target%%/../*}
          [ "$above" = "${above%/*}" ] && above= || above=${above%/*}/
          target=$above${target#*/../}
        done
      elif [ -f "libxim/$header" ]; then
        target=libxim/$target
      fi
      target=${target%-private}
      name=${name%-private}
      echo "$file ${name#libxim/} ${target#libxim/}"
    done
}
report "a file includes only what stands above it" "$(
  includes | awk -v layers="$(echo $layers)" '
    BEGIN { count = split(layers, name, " ")
            for (i = 1; i <= count; i++) rank[name[i]] = i }
    $2 != $3 && !($3 in rank) { print $1 ": includes unknown " $3; next }
    $2 != $3 && rank[$3] >= rank[$2] { print $1 ": includes " $3 }')"

# only WHAT PATTERN FILE ...: the headers may be included there alone.
only ()
{
  what=$1 pattern=$2
  shift 2
  report "$what only in $*" "$(
    grep -lE "^#include [<\"]($pattern)" $sources |
      while read -r file; do
        case " $* " in
          *" $file "*) ;;
          *) echo "$file" ;;
        esac
      done)"
}
only "libsodium" 'sodium' libxim/xim-secret.c libxim/xim-crypto.c
only "GnuTLS" 'gnutls/' libxim/xim-crypto.c keyserver/ks-tls.h \
  keyserver/ks-tls.c
only "libidn" 'stringprep\.h|idna\.h|punycode\.h|idn-free\.h' libxim/xim-jid.c
only "libxml2" 'libxml/' libxim/xim-xml.c keyserver/ks-xmpp.c
only "SQLite" 'sqlite3\.h' plugin/sql.c keyserver/ks-sql.c
only "libmicrohttpd" 'microhttpd\.h' keyserver/ks-httpd.c
only "libcurl" 'curl/' plugin/http.c logcheck/lc-fetch.c
only "libqrencode" 'qrencode\.h' plugin/qr.c
report "xmlnode functions only in plugin/xmlnode.c" "$(
  grep -nE '(^|[^a-z_])xmlnode_[a-z_]+ \(' plugin/*.[ch] plugin/*/*.[ch] \
    2>/dev/null | grep -v '^plugin/xmlnode\.[ch]:' | cut -c1-100)" known

report "libxim includes no client, server, database or I/O" "$(
  grep -nE '^#include <(purple|libpurple|gio|sqlite3|curl|microhttpd|gtk|pidgin|json-glib|libsecret|qrencode|stdio\.h|fcntl\.h|unistd\.h|time\.h|sys/time\.h|sys/socket\.h)' \
    libxim/*.[ch])"
report "what nobody proved is made in libxim and tests only" "$(
  grep -nE '^#include .*xim-[a-z-]*-private\.h' plugin/*.[ch] plugin/*/*.[ch] \
    keyserver/*.[ch] 2>/dev/null)"
report "plugin and keyserver do not know each other" "$(
  grep -nE '^#include .*(keyserver/|microhttpd)' plugin/*.[ch]
  grep -nE '^#include .*(plugin/|purple|curl/)' keyserver/*.[ch] 2>/dev/null)"
report "nobody outside of libxim and tests makes unproven things" "$(
  grep -nE '^#include .*-private\.h' plugin/*.[ch] plugin/*/*.[ch] \
    keyserver/*.[ch] 2>/dev/null)"
report "the core plugin has no GTK" "$(
  grep -nE '^#include .*(gtk|gdk|pidgin)' plugin/*.[ch])"
echo "1..$n"
