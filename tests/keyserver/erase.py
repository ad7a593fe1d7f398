#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Members who leave and come back, against the real keyserver, as TAP."""

import base64
import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading

import harness
from harness import DOMAIN, ORIGIN, wait_for, word


def hash_of(note):
    """Base64 of SHA-256 of a note's text."""
    text = note.split(b'\n\n')[0].rstrip(b'\n') + b'\n'
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


def is_gone(tap, ks, name, versions):
    answer = ks.lookup(name)
    tap.check('... a lookup says so with an absence note', answer[0] == 404
              and answer[2].startswith(
                  f'x-im absent v1\njid {name}@{DOMAIN}\n'), answer)
    for version in range(1, versions + 1):
        tap.same(f'... version {version} is 404', word(ks.ask(
            'GET', ks.path(f'{name}@{DOMAIN}', f'/versions/{version}'))),
            (404, 'not-found'))


def signed(tap, ks):
    ks.enrol('alice')
    ks.post('alice', ks.tool('add', ks.state('alice')))
    tap.same('she is there', ks.lookup('alice')[0], 200)
    note = ks.tool('erase', ks.state('alice'))
    answer = ks.delete('alice', note)
    tap.same('an erase note of a listed device is taken', answer[0], 200)
    tap.check('... and answered with an absence note',
              answer[2].startswith(f'x-im absent v1\njid alice@{DOMAIN}\n')
              and f'\u2014 {ORIGIN} ' in answer[2], answer)
    is_gone(tap, ks, 'alice', 3)
    answer = ks.delete('alice', note)
    tap.same('the same DELETE again is 200', answer[0], 200)
    body = ks.tool('renew', ks.state('alice'))
    tap.same('a device note is no longer taken', word(ks.ask(
        'PUT', ks.path(f'alice@{DOMAIN}', '/devices/' + ks.device('alice')),
        body)), (404, 'not-found'))
    tap.same('what was erased cannot be erased once more',
             word(ks.erase('alice')), (404, 'not-found'))
    tap.same('... nor what never was', word(ks.delete(
        'nobody', note.replace(b'alice@', b'nobody@'))), (404, 'not-found'))


def proven(tap, ks):
    ks.enrol('bob')
    text = ks.tool('erase', ks.state('bob'), options=['--text-alone'])
    tap.same('text alone without a proof is 403', word(
        ks.delete('bob', text)), (403, 'no-proof'))
    ks.prove('bob', f'mallory@{DOMAIN}/desk')
    tap.same('a proof of another address is none', word(
        ks.delete('bob', text)), (403, 'no-proof'))
    tap.same('... he is still there', ks.lookup('bob')[0], 200)
    ks.prove('bob')
    tap.same('with the proof it is taken', ks.delete('bob', text)[0], 200)
    is_gone(tap, ks, 'bob', 2)
    tap.same('the same text again needs no proof',
             ks.delete('bob', text)[0], 200)


def wrong_notes(tap, ks):
    cases = [
        ('a bad signature is 422', ['--bad-signature'], (422, 'signature')),
        ('the line of another member is 422',
         ['--signer', ks.state('carol')], (422, 'signature')),
        ('a time 20 minutes ago is 422', ['--time-off', '-1200'],
         (422, 'expired')),
        ('a time 20 minutes ahead is 422', ['--time-off', '1200'],
         (422, 'expired')),
        ('the version that it ends is 409', ['--version-off', '-1'],
         (409, 'conflict')),
        ('a version that skips is 409', ['--version-off', '1'],
         (409, 'conflict')),
        ('a note of another address is 400',
         ['--other-jid', f'carol@{DOMAIN}'], (400, 'wrong-name')),
    ]
    ks.enrol('carol')
    for number, (what, options, expected) in enumerate(cases):
        name = f'wrong{number}'
        ks.enrol(name)
        ks.post(name, ks.tool('add', ks.state(name)))
        answer = ks.erase(name, *options)
        tap.same(what, word(answer), expected)
        if expected[0] == 409:
            tap.same('... with the version stored',
                     json.loads(answer[2]).get('version'), 2)
        tap.same('... and all is as it was', ks.lookup(name)[0], 200)
    ks.enrol('fork')
    with open(ks.state('fork'), encoding='ascii') as file:
        state = file.read()
    state = state.replace(ks.digest('fork'), hash_of(b'another text\n'))
    with open(ks.state('fork'), 'w', encoding='ascii') as file:
        file.write(state)
    tap.same('one that follows another text is key-changed',
             word(ks.erase('fork')), (409, 'key-changed'))
    for body in (b'', b'hello\n', b'x-im erase v2\n'):
        answer = ks.delete('carol', body)
        tap.check(f'a body {body!r} is refused',
                  answer[0] in (400, 411), answer)


def coming_back(tap, ks):
    """All of it by somebody who lost everything but the address."""
    ks.enrol('dora')
    ks.post('dora', ks.tool('add', ks.state('dora')))
    lost = ks.state('dora') + '.old'
    os.rename(ks.state('dora'), lost)
    note = ks.tool('erase', lost)
    tap.same('dora leaves', ks.delete('dora', note)[0], 200)
    body = ks.tool('enrol', ks.state('dora'), f'dora@{DOMAIN}')
    answer = ks.post('dora', body)
    tap.same('without a proof it is as if she had never been',
             (word(answer), 'version' in json.loads(answer[2])),
             ((403, 'no-proof'), False))
    ks.prove('dora')
    answer = ks.post('dora', body)
    told = json.loads(answer[2])
    tap.same('version 1 is a conflict', word(answer), (409, 'conflict'))
    tap.same('... that tells her version and hash',
             (told.get('version'), told.get('previous')), (3, hash_of(note)))
    again = ['--after-version', '3', '--after-hash']
    ks.tool('enrol', ks.state('dora'), f'dora@{DOMAIN}',
            options=again + [hash_of(b'another text\n')])
    for what, options, expected in (
            ('a reset that follows another text is key-changed',
             again + [hash_of(b'another text\n')], (409, 'key-changed')),
            ('one that skips a version is a conflict',
             ['--after-version', '4', '--after-hash', told['previous']],
             (409, 'conflict')),
            ('one of the version of the erasure is a conflict',
             ['--after-version', '2', '--after-hash', told['previous']],
             (409, 'conflict'))):
        answer = ks.enrol('dora', options=options)
        tap.same(what, word(answer), expected)
        tap.same('... and tells again', json.loads(answer[2]).get('previous'),
                 told['previous'])
    stolen = again + [told['previous'], '--steal-key', lost]
    tap.same('a key of before does not come back',
             word(ks.enrol('dora', options=stolen)), (409, 'key-changed'))
    tap.same('... nor to somebody else', word(ks.enrol(
        'thief', options=['--steal-key', lost])), (409, 'key-changed'))
    tap.same('no continuation: it has no devices to sign it',
             word(ks.post('dora', ks.tool('add', lost))), (409, 'conflict'))
    answer = ks.enrol('dora', options=again + [told['previous']])
    tap.same('the reset after it is taken', answer[0], 200)
    tap.same('... as version 4', ks.verify('dora', answer[2]),
             'version 4 usable 1')
    tap.check('... and says that it is a reset',
              '\nreset yes\n' in json.loads(answer[2])['account'])
    tap.same('the old erase note does nothing any more',
             word(ks.delete('dora', note)), (409, 'conflict'))
    answer = ks.erase('dora')
    tap.same('she can leave again', answer[0], 200)
    body = ks.tool('reset', ks.state('dora'))
    ks.prove('dora')
    tap.same('... and come back again', ks.post('dora', body)[0], 200)


def day_limit(tap, ks):
    ks.enrol('busy')
    for _ in range(9):
        ks.erase('busy')
        body = ks.tool('reset', ks.state('busy'))
        ks.prove('busy')
        ks.post('busy', body)
    answer = ks.post('busy', ks.tool('add', ks.state('busy')))
    tap.same('20 versions of a day, erasures among them', answer[0], 200)
    answer = ks.erase('busy')
    tap.same('leaving and coming back counts: the 21st of the day is 429',
             word(answer), (429, 'too-many'))


def raw_files(ks):
    data = b''
    for end in ('', '-wal'):
        path = os.path.join(ks.folder, 'store.sqlite' + end)
        if os.path.exists(path):
            with open(path, 'rb') as file:
                data += file.read()
    return data


def nothing_left(tap, ks):
    """Neither rows, nor what lies between them, nor the write-ahead log."""
    names = [f'm{random.getrandbits(48):012x}' for _ in range(60)]
    traces = {}
    for name in names:
        ks.enrol(name)
    for name in names[::3]:
        ks.post(name, ks.tool('add', ks.state(name)))
    random.shuffle(names)
    leaving = names[:25]
    for name in leaving:
        bundle = json.loads(ks.lookup(name)[2])
        lines = (bundle['account'] + ''.join(bundle['devices'])).split('\n')
        keys = [line.split()[-1] for line in lines
                if ' ed25519 ' in line or line.startswith('key ')]
        raw = [base64.b64decode(key) for key in keys]
        traces[name] = [name.encode(), *(k.encode() for k in keys), *raw]
    before = raw_files(ks)
    tap.check('before, all of it is in the files', all(
        trace in before for name in leaving
        for trace in traces[name] if len(trace) != 32))
    for name in leaving:
        tap.check(f'{name} leaves', ks.erase(name)[0] == 200)
    wait_for(lambda: 'swept' in ks.log_text().split('started')[-1], 240)

    def left():
        data = raw_files(ks)
        return [name for name in leaving
                if any(trace in data for trace in traces[name])]
    wait_for(lambda: not left(), 240)
    tap.same('after it nothing is', left(), [])
    tap.check('who stays is there', all(
        ks.lookup(name)[0] == 200 for name in names[25:]))
    files = set(os.listdir(ks.folder))
    tap.check('no other file was made', not any(
        name.startswith('store.sqlite') and name not in (
            'store.sqlite', 'store.sqlite-wal', 'store.sqlite-shm',
            'store.sqlite.lock') for name in files), files)


def leave_all(ks, names, notes, done):
    connection = ks.connect()
    try:
        for name in names:
            answer = ks.ask('DELETE', ks.path(f'{name}@{DOMAIN}'),
                            notes[name], connection=connection)
            if answer[0] == 200:
                done.add(name)
    except Exception:  # http.client tells a broken line in many ways
        pass
    finally:
        connection.close()


def kill(tap, ks):
    """Who was told that it is done stays gone, and everybody is either gone
    or there, whole."""
    for number in range(4):
        names = [f'kill{number}x{i}' for i in range(24)]
        for name in names:
            ks.enrol(name)
        notes = {name: ks.tool('erase', ks.state(name)) for name in names}
        done = set()
        threads = [threading.Thread(target=leave_all,
                                    args=(ks, names[i::3], notes, done))
                   for i in range(3)]
        for thread in threads:
            thread.start()
        wanted = random.randrange(1, 20)
        wait_for(lambda: len(done) >= wanted)
        ks.stop(signal.SIGKILL)
        for thread in threads:
            thread.join()
        ks.start()
        found = ks.lookups(names)
        tap.same('after a kill who was told so is gone',
                 [name for name in done if found[name][0] != 404], [])
        there = {name: found[name] for name in names if found[name][0] == 200}
        tap.same('... and who is there is whole',
                 ks.unverified(there, 'version 1 usable 1'), [])
        again = [word(ks.delete(name, notes[name]))[0] for name in names]
        tap.same('... and the same DELETE succeeds for all', set(again),
                 {200})


def downgrade(ks):
    """Makes the installation one of the first version of the store."""
    store = sqlite3.connect(os.path.join(ks.folder, 'store.sqlite'))
    store.executescript('''
        DROP TABLE erased; DROP TABLE erased_today; DROP TABLE erased_devices;
        DROP TABLE log; DROP TABLE log_tiles; DROP TABLE pending;
        ALTER TABLE server_notes DROP COLUMN leaf;
        ALTER TABLE accounts DROP COLUMN leaf;
        ALTER TABLE accounts DROP COLUMN opening;
        ALTER TABLE accounts DROP COLUMN proof;
        ALTER TABLE accounts DROP COLUMN next;
        DELETE FROM about WHERE name NOT IN ('domain', 'origin');
        PRAGMA user_version = 1;''')
    store.close()
    keys = os.path.join(ks.folder, 'keys')
    for name in os.listdir(keys):
        if name == 'members' or name.startswith('signer.'):
            os.unlink(os.path.join(keys, name))


def secrets(tap, base, xmpp):
    ks = harness.Keyserver(base, 'old', xmpp)
    members = os.path.join(ks.folder, 'keys', 'members')
    tap.same('init makes the secret, for nobody else to read',
             os.stat(members).st_mode & 0o777, 0o600)
    ks.start()
    ks.enrol('alice')
    ks.enrol('bob')
    before = ks.lookup('alice')[2]
    ks.stop()
    downgrade(ks)
    ks.start()
    tap.same('an older installation is brought up to date',
             json.loads(ks.lookup('alice')[2])['account'],
             json.loads(before)['account'])
    tap.same('... and has a secret', os.stat(members).st_mode & 0o777, 0o600)
    tap.same('... and members can leave it', ks.erase('alice')[0], 200)
    tap.same('... the store is what it was', ks.lookup('bob')[0], 200)
    ks.stop()
    ks.start()
    answer = ks.enrol('alice')
    tap.same('who left is remembered over a restart',
             (word(answer), json.loads(answer[2]).get('version')),
             ((409, 'conflict'), 2))
    ks.stop()
    with open(members, encoding='ascii') as file:
        kept = file.read()
    os.unlink(members)
    done = subprocess.run([harness.PROGRAM, 'run', '--config', ks.config],
                          capture_output=True, check=False, timeout=60)
    tap.check('without its secret a store is not opened',
              done.returncode == 1 and b'members' in done.stderr, done)
    os.unlink(members)
    with open(members, 'w', encoding='ascii') as file:
        file.write(kept)
    os.chmod(members, 0o600)
    ks.start()
    tap.same('... with it it is', ks.lookup('bob')[0], 200)
    ks.stop()


def main():
    tap = harness.Tap()
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        ks = harness.Keyserver(base, 'ks', xmpp, [
            ('limits', 'writes-burst', '10000'),
            ('limits', 'lookups-burst', '10000'),
            ('limits', 'misses-burst', '10000'),
            ('limits', 'connects-burst', '10000')])
        ks.start()
        for part in (signed, proven, wrong_notes, coming_back, day_limit,
                     nothing_left, kill):
            try:
                part(tap, ks)
            except Exception:  # a broken part must not hide the others
                tap.broken(part.__name__)
        ks.stop()
        try:
            secrets(tap, base, xmpp)
        except Exception:
            tap.broken('secrets')
        xmpp.close()
        log = ks.log_text()
        tap.check('no address is in the log', 'alice' not in log, log)
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
