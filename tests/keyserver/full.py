#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A disk that is full at each step of a registration: when it is accepted,
when the signer records it, when it is published.  As TAP."""

import os
import sqlite3
import subprocess
import sys

import harness
from harness import DOMAIN, PROGRAM, word

PAGE = 4096  # bytes, of SQLite
ROOMS = range(0, 36 * PAGE, 2 * PAGE)  # bytes that still fit


def ask(path, statement):
    connection = sqlite3.connect(f'file:{path}?mode=ro', uri=True)
    number = connection.execute(statement).fetchone()[0]
    connection.close()
    return number


def where(ks, n_members):
    """How far the newest registration came."""
    store = os.path.join(ks.folder, 'store.sqlite')
    signer = os.path.join(ks.folder, 'keys', 'signer.sqlite')
    if ask(store, 'SELECT count(*) FROM pending') == 0:
        return 'not accepted'
    known = ask(signer, 'SELECT count(*) FROM accounts')
    return 'not recorded' if known < n_members else 'not published'


def size_of(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def limit(pid, size):
    """How large files of a process may grow, in bytes; asked as its user."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        ids = {name: value.split()[0] for name, _, value in (
            line.partition(':') for line in file) if name in ('Uid', 'Gid')}
    own = {} if os.geteuid() != 0 else {
        'user': int(ids['Uid']), 'group': int(ids['Gid']), 'extra_groups': []}
    subprocess.run(['prlimit', f'--pid={pid}', f'--fsize={size}:'],
                   check=True, **own)


def fill(ks, pid, path):
    """Lets the write-ahead log of @path grow by less than it must, then by
    more.  Returns how far registrations came, and those that went wrong."""
    stops, wrong, members = [], [], ks.members
    for room in ROOMS:
        name = f'{os.path.basename(path)[:3]}{room}'
        body = ks.tool('enrol', ks.state(name), f'{name}@{DOMAIN}')
        ks.prove(name)
        limit(pid, size_of(path + '-wal') + room)
        answer = word(ks.post(name, body))
        if answer[0] != 200:
            stops.append(where(ks, len(members) + 1))
            if answer != (503, 'unavailable') or ks.lookup(name)[0] != 404:
                wrong.append((name, answer, ks.lookup(name)[0]))
        limit(pid, 'unlimited')
        answer = word(ks.post(name, body))  # by the same proof
        if answer[0] != 200 or ks.lookup(name)[0] != 200:
            wrong.append((name, answer))
        members.append(name)
    return stops, wrong


def series(tap, ks, what, expected):
    """What must happen at least once stands in @expected."""
    ks.stop()
    ks.start()  # write-ahead logs begin anew: what fits can be told
    stops, wrong = (
        fill(ks, ks.process.pid, os.path.join(ks.folder, 'store.sqlite'))
        if what == 'keyserver' else
        fill(ks, ks.signer_pid(),
             os.path.join(ks.folder, 'keys', 'signer.sqlite')))
    tap.same(f'a full disk of the {what} stops registrations where it is full',
             set(stops), expected)
    tap.same('... with 503, and with space again the same POST is taken',
             wrong, [])
    tap.same('... it stops cleanly', ks.stop(), 0)
    done = subprocess.run([PROGRAM, 'check', '--config', ks.config],
                          capture_output=True, check=False)
    tap.check('... check finds nothing wrong', done.returncode == 0,
              done.stdout + done.stderr)
    ks.start()
    tap.same('... and nobody is lost', [
        name for name in ks.members if ks.lookup(name)[0] != 200], [])


def main():
    tap = harness.Tap()
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        ks = harness.Keyserver(base, 'full', xmpp, [
            ('limits', name, '1000000') for name in (
                'lookups-burst', 'misses-burst', 'writes-burst',
                'connects-burst')] + [('limits', 'free-bytes', '0')])
        ks.members = []
        ks.start()
        try:
            series(tap, ks, 'keyserver', {'not accepted', 'not published'})
            series(tap, ks, 'signer', {'not recorded'})
        except Exception:
            tap.broken('a full disk')
        ks.stop()
        xmpp.close()
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
