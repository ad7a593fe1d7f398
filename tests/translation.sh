#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# The translations: whole, installed, and seen by users.

builddir=$(cd "${top_builddir:-.}" && pwd)
srcdir=$(cd "${top_srcdir:-.}" && pwd)
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
n=0

check ()
{
  n=$((n + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $n - $2"
  else
    echo "not ok $n - $2"
  fi
}

for language in $(cat "$srcdir/po/LINGUAS"); do
  msgfmt --check -o /dev/null "$srcdir/po/$language.po" 2>"$work/check"
  check $? "$language is well formed"
  msgattrib --no-obsolete --untranslated "$srcdir/po/$language.po" \
    >"$work/untranslated"
  msgattrib --no-obsolete --only-fuzzy "$srcdir/po/$language.po" \
    >>"$work/untranslated"
  [ ! -s "$work/untranslated" ]
  check $? "$language translates all that is in it"
done

make -C "$builddir/po" install-data-yes DESTDIR="$work" >"$work/log" 2>&1
mo=$(find "$work" -path '*/de/LC_MESSAGES/x-im.mo')
[ -n "$mo" ]
check $? "the German translation is installed"

said ()
{
  LC_ALL=C.UTF-8 LANGUAGE=$1 "$builddir/tests/say" "${mo%/de/*}" |
    sed -n "$2p"
}
[ "$(said de 1)" = "Verschlüsselt" ]
check $? "a German user reads German"
said de 2 | grep -q '^Eine Nachricht von alice@example.org ist nicht lesbar: '
check $? "a German user reads a German sentence"
[ "$(said de 3)" != "$(said de 4)" ]
check $? "one and many differ in German"
[ "$(said en 1)" = "Encrypted" ]
check $? "an English user reads English"
[ "$(said xx 1)" = "Encrypted" ]
check $? "a user of another language reads English"
echo "1..$n"
