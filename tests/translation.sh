#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# The translations: whole, installed, and seen by users.

builddir=$(cd "${top_builddir:-.}" && pwd)
srcdir=$(cd "${top_srcdir:-.}" && pwd)
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
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

# What is in the sources, in the order of the list.
cd "$srcdir" || exit 99
grep -l -E '(^|[^A-Za-z0-9_])(_|N_|NG_) \(' plugin/*.c plugin/pidgin/*.c |
  LC_ALL=C sort >"$work/with-texts"
grep -v '^#' po/POTFILES.in | LC_ALL=C sort >"$work/listed"
cmp -s "$work/with-texts" "$work/listed"
check $? "every file with texts is in po/POTFILES.in"
xgettext --keyword=_ --keyword=N_ --keyword=NG_:1,2 --from-code=UTF-8 \
  --files-from=po/POTFILES.in -o "$work/new.pot" 2>/dev/null
for language in $(cat po/LINGUAS); do
  msgcmp "po/$language.po" "$work/new.pot" 2>"$work/missing"
  check $? "$language translates every text of the sources"
  sed 's/^/# /' "$work/missing"
done

# The prefix may begin with any name: below a folder that holds nothing else.
make -C "$builddir/po" install-data-yes DESTDIR="$work/installed" \
  >"$work/log" 2>&1
mo=$(find "$work/installed" -path '*/de/LC_MESSAGES/x-im.mo')
[ -n "$mo" ]
installed=$?
check $installed "the German translation is installed"
[ $installed -eq 0 ] || sed 's/^/# /' "$work/log"

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
