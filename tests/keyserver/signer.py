#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The keyserver's two processes: what each has, and how they end.  As TAP."""

import base64
import os
import re
import signal
import sys

import harness
from harness import wait_for

HUGE = 2 ** 28  # bytes: what sanitizers reserve


def status(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return {name: value.strip() for name, _, value in
                (line.partition(':') for line in file)}


def is_alive(pid):
    try:
        return status(pid)['State'][0] not in 'ZX'
    except OSError:
        return False


def memory_has(pid, pieces):
    """Which of some byte strings are in what a process may read or hides."""
    found = set()
    with open(f'/proc/{pid}/maps', encoding='utf-8') as file:
        ranges = [re.match(r'([0-9a-f]+)-([0-9a-f]+) ', line).groups()
                  for line in file if '[v' not in line]
    with open(f'/proc/{pid}/mem', 'rb', buffering=0) as memory:
        for start, end in ranges:
            start, end = int(start, 16), int(end, 16)
            if end - start > HUGE:
                continue
            try:
                memory.seek(start)
                data = memory.read(end - start)
            except OSError:
                continue
            found |= {name for name, piece in pieces.items()
                      if piece in data}
    return found


def key_bytes(ks, name):
    with open(os.path.join(ks.folder, 'keys', name), encoding='ascii') as file:
        return base64.b64decode(file.read().strip())[-32:]


def who_has_what(tap, ks):
    own, signer = status(ks.process.pid), status(ks.signer_pid())
    tap.same('the signer is named', signer['Name'], 'xim-signer')
    tap.same('its system calls are filtered', signer['Seccomp'], '2')
    tap.same('it gets no new privileges', signer['NoNewPrivs'], '1')
    if os.geteuid() != 0:
        print('# only root can look into these processes')
        return
    tap.check('it is another user than the keyserver',
              signer['Uid'] != own['Uid'], (signer['Uid'], own['Uid']))
    tap.same('... without any privileges', int(signer['CapEff'], 16), 0)
    pieces = {name: key_bytes(ks, name)
              for name in ('ed25519', 'vrf', 'members')}
    tap.same('the process of the network has no private key',
             memory_has(ks.process.pid, pieces), {'members'})
    tap.check('... which the same search finds in the signer',
              memory_has(ks.signer_pid(), pieces) >= {'ed25519', 'vrf'},
              memory_has(ks.signer_pid(), pieces))


def ends_with(tap, ks):
    signer = ks.signer_pid()
    os.kill(signer, signal.SIGTERM)
    tap.same('a SIGTERM for all leaves the signer until the last answer',
             ks.enrol('after-term')[0], 200)
    os.kill(signer, signal.SIGKILL)
    tap.check('when the signer is killed the keyserver ends',
              ks.process.wait(harness.SECONDS) != 0)
    tap.check('... and says why',
              'the signer was ended by signal 9' in ks.log_text(),
              ks.log_text()[-300:])
    ks.start()
    signer = ks.signer_pid()
    ks.stop(signal.SIGKILL)
    tap.check('when the keyserver is killed the signer ends',
              wait_for(lambda: not is_alive(signer)))
    ks.start()
    tap.same('both start again', ks.enrol('after-kill')[0], 200)
    signer = ks.signer_pid()
    tap.same('a stop is clean', ks.stop(), 0)
    tap.check('... and leaves no signer', not is_alive(signer))


def forks(tap, ks):
    """The store is lost; what was signed is not."""
    store = os.path.join(ks.folder, 'store.sqlite')
    copies = {}
    for end in ('', '-wal', '-shm'):
        if os.path.exists(store + end):
            with open(store + end, 'rb') as file:
                copies[store + end] = file.read()
    ks.start()
    tap.same('a member registers', ks.enrol('member')[0], 200)
    ks.stop()
    for end in ('', '-wal', '-shm'):
        if os.path.exists(store + end):
            os.unlink(store + end)
    for path, data in copies.items():
        with open(path, 'wb') as file:
            file.write(data)
    ks.start()
    os.unlink(ks.state('member'))
    again = ks.enrol('member')
    tap.check('an older store gets no other keys for them signed',
              again[0] >= 400, again)
    tap.check('... and no absence note', ks.lookup('member')[0] != 404)
    ks.stop()


def main():
    tap = harness.Tap()
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        ks = harness.Keyserver(base, 'ks', xmpp,
                               [('limits', 'free-bytes', '0')])
        ks.start()
        for part in (who_has_what, ends_with, forks):
            try:
                part(tap, ks)
            except Exception:  # a broken part must not hide the others
                tap.broken(part.__name__)
        xmpp.close()
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
