# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# What ./check and ./demo share: packages of Debian 12, and the build.
# Sourced by a shell that has set $source and $build.

# To build everything.
packages_build='autoconf automake autopoint gcc gettext libc6-dev
  libcurl4-gnutls-dev libglib2.0-dev libgnutls28-dev libgtk2.0-dev
  libidn-dev libjson-glib-dev libmicrohttpd-dev libpurple-dev libqrencode-dev
  libsecret-1-dev libsodium-dev libsqlite3-dev libxml2-dev make
  pidgin-dev pkg-config xz-utils'
# To start real servers and clients.
packages_run='lua-unbound openssl prosody python3'
# For the other server, real Pidgin and Finch, moved clocks and the fuzzers.
packages_check='clang dbus ejabberd faketime finch libclang-rt-14-dev llvm
  pidgin python3-cryptography tmux universal-ctags xdotool xvfb zbar-tools'
# For `make bench`: what X-IM is compared with, and the load.
packages_bench='libgpgme-dev libomemo-c-dev libotr5-dev nginx-light wrk'

missing_packages ()
{
  for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)
    [ "$status" = installed ] || echo "$package"
  done
}

# Keeps services from being started while packages are installed.  A policy
# of ours that a killed run left behind is never taken for the machine's own.
policy=/usr/sbin/policy-rc.d
policy_mark='Made by X-IM while packages are installed.'

restore_policy ()
{
  ! grep -qs "$policy_mark" $policy || $as_root rm -f $policy
  [ ! -e $policy.before-x-im ] || $as_root mv $policy.before-x-im $policy
}

forbid_services ()
{
  restore_policy
  [ ! -e $policy ] || $as_root mv $policy $policy.before-x-im
  printf '#!/bin/sh\n# %s\nexit 101\n' "$policy_mark" \
    | $as_root tee $policy >/dev/null
  $as_root chmod 755 $policy
}

# install_packages NAME...: asks nothing; nothing to do is the usual case.
install_packages ()
{
  if ! command -v dpkg-query apt-get >/dev/null; then
    echo "This needs Debian 12: it installs Debian's packages."
    return 1
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  as_root=
  if [ "$(id -u)" != 0 ]; then
    as_root='sudo -n'
    if ! sudo -n true 2>/dev/null; then
      echo "Please install these packages first, as root:"
      echo "  apt-get install --no-install-recommends" $missing
      return 1
    fi
  fi
  echo "Installing:" $missing
  apt='env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0'
  trap restore_policy EXIT
  trap 'exit 130' HUP INT TERM
  forbid_services
  $as_root $apt update </dev/null \
    && $as_root $apt install -y --no-install-recommends $missing \
      </dev/null >"$build/packages.log" 2>&1
  result=$?
  restore_policy
  trap - EXIT HUP INT TERM
  [ $result = 0 ] || tail -n 20 "$build/packages.log"
  return $result
}

# files_of_source: what we wrote.  What a build in the source itself made is
# left out: make would take it for its own.
files_of_source ()
{
  find . \( -name .git -o -name .deps -o -name __pycache__ \
    -o -name autom4te.cache -o -path './build*' -o -path ./m4 \
    -o -path "./${build#"$source"/}" \) -prune -o -type f \
    ! -name '*.o' ! -name '*.so' ! -name '*.a' ! -name '*.log' \
    ! -name '*.trs' ! -name .dirstamp ! -name Makefile ! -name Makefile.in \
    ! -path './config*[!c]' ! -path ./aclocal.m4 \
    ! -path ./stamp-h1 ! -path ./po/stamp-po ! -name '*.gmo' ! -name '*.pot' \
    ! -path './x-im-*.tar.*' \
    \( ! -perm /111 -o -exec grep -qI . {} \; \) -print
}

# copy_source: sets $source to a copy below $build, so that autoconf and
# gettext, which write beside what they read, change no file of the source.
copy_source ()
{
  [ "$source" != "$build/source" ] || return 0
  mkdir -p "$build/source"
  (cd "$source" && files_of_source) | LC_ALL=C sort \
    >"$build/source.new" || return
  if [ -e "$build/source.list" ]; then
    LC_ALL=C comm -23 "$build/source.list" "$build/source.new" \
      | (cd "$build/source" && xargs -r -d '\n' rm -f)
  fi
  tar -C "$source" -c -T "$build/source.new" \
    | tar -C "$build/source" -x --no-same-owner || return
  mv "$build/source.new" "$build/source.list"
  source=$build/source
}

# run_logged FILE COMMAND...: shows the errors in the log when it fails.
run_logged ()
{
  log=$1
  shift
  "$@" >>"$log" 2>&1 && return
  grep -E '[Ee]rror|warning:|\*\*\*' "$log" | head -n 30
  echo "The whole log is $log"
  return 1
}

# configure_in NAME FLAG...: makes $build/NAME.
configure_in ()
{
  name=$1
  shift
  mkdir -p "$build/$name"
  : >"$build/$name.log"
  if [ ! -x "$source/configure" ] \
     || [ "$source/configure.ac" -nt "$source/configure" ]; then
    (cd "$source" && run_logged "$build/$name.log" autoreconf -if) || return
  fi
  [ -f "$build/$name/Makefile" ] \
    || (cd "$build/$name" \
        && run_logged "$build/$name.log" "$source/configure" "$@")
}

# make_in NAME TARGET...
make_in ()
{
  name=$1
  shift
  run_logged "$build/$name.log" make -C "$build/$name" -j"$(nproc)" "$@"
}
