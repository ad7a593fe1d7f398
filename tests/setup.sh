# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
# What ./check and ./demo share: packages of Debian 12, and the build.
# Sourced by a shell that has set $source and $build.

# To build everything.
packages_build='autoconf automake autopoint gcc gettext libc6-dev
  libcurl4-gnutls-dev libglib2.0-dev libgnutls28-dev libgtk2.0-dev
  libidn-dev libjson-glib-dev libmicrohttpd-dev libpurple-dev
  libsecret-1-dev libsodium-dev libsqlite3-dev libtool libxml2-dev make
  pidgin-dev pkg-config xz-utils'
# To start real servers and clients.
packages_run='lua-unbound openssl prosody python3'
# For the other server, real Pidgin and Finch, moved clocks and the fuzzers.
packages_check='clang dbus ejabberd faketime finch libclang-rt-14-dev llvm
  pidgin tmux xvfb'

missing_packages ()
{
  for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)
    [ "$status" = installed ] || echo "$package"
  done
}

# Keeps services from being started while packages are installed.
policy=/usr/sbin/policy-rc.d

restore_policy ()
{
  $as_root rm -f $policy
  [ ! -e $policy.before-x-im ] || $as_root mv $policy.before-x-im $policy
}

forbid_services ()
{
  [ ! -e $policy ] || $as_root mv $policy $policy.before-x-im
  printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
  $as_root chmod 755 $policy
}

# install_packages NAME...: asks nothing; nothing to do is the usual case.
install_packages ()
{
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
  trap 'exit 130' INT TERM
  forbid_services
  $as_root $apt update </dev/null \
    && $as_root $apt install -y --no-install-recommends $missing \
      </dev/null >"$build/packages.log" 2>&1
  result=$?
  restore_policy
  trap - EXIT INT TERM
  [ $result = 0 ] || tail -n 20 "$build/packages.log"
  return $result
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

# configure_in NAME FLAG...: makes $build/NAME, out of the source.
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
