#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A new key for the keyserver, with everything that can go wrong on the way,
as TAP."""

import json
import os
import random
import re
import resource
import sqlite3
import subprocess
import sys
import time

import harness
from harness import DOMAIN, ORIGIN, PROGRAM, TOOL, word

MEMBERS = 60


def rotate(ks, **options):
    done = subprocess.run([PROGRAM, 'rotate-key', '--config', ks.config],
                          capture_output=True, check=False, timeout=120,
                          **options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def key_file(ks, name='ed25519'):
    return os.path.join(ks.folder, 'keys', name)


def read(path):
    with open(path, encoding='ascii') as file:
        return file.read()


def follows(ks, older, newer):
    """What a client says that pinned one note and is shown another."""
    path = os.path.join(ks.folder, 'pinned')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(older)
    done = subprocess.run([TOOL, 'follows', path, DOMAIN],
                          input=newer.encode(), capture_output=True,
                          check=False)
    return (done.stdout or done.stderr).decode().strip()


def server_note(ks, serial=None):
    if serial is None:
        return json.loads(ks.ask('GET', '/v1/server')[2])['note']
    return ks.ask('GET', f'/v1/server/{serial}')[2]


def lines(note):
    """Names of a note's signature lines, and how often each."""
    return re.findall('^\u2014 (\\S+) ', note, re.M)


def is_whole(ks, names):
    """The members whose bundle does not verify under the newest key."""
    ks.read_vkey()
    return ks.unverified(ks.lookups(names))


def first(tap, ks):
    ks.enrol('alice')
    ks.post('alice', ks.tool('add', ks.state('alice')))
    ks.post('alice', ks.tool('remove', ks.state('alice')))
    ks.enrol('bob')
    ks.enrol('carol')
    carol = ks.tool('erase', ks.state('carol'))
    ks.delete('carol', carol)
    before = ks.lookup('alice')
    note = server_note(ks)
    kept = read(key_file(ks))
    code, _, errors = rotate(ks)
    tap.check('while it runs there is no new key', code == 1
              and 'lock' in errors and read(key_file(ks)) == kept, errors)
    tap.same('... and it runs on', ks.lookup('alice')[0], 200)
    ks.stop()
    old_vkey = ks.vkey
    code, text, errors = rotate(ks)
    tap.check('rotate-key succeeds', code == 0, text + errors)
    prints = re.findall('fingerprint: (.*)', text)
    tap.check('... and tells both fingerprints', len(prints) == 2
              and prints[0] != prints[1], text)
    tap.check('... and how many notes were signed',
              'Signed 2 account notes and 2 device notes' in text, text)
    ks.read_vkey()
    tap.check('vkey prints the new one', ks.vkey != old_vkey
              and ks.vkey in text, text)
    tap.check('the old key is nowhere', kept.strip() not in ''.join(
        read(key_file(ks, name)) for name in os.listdir(key_file(ks, ''))
        if not name.startswith('signer.')))
    tap.same('the new one is for nobody else to read',
             os.stat(key_file(ks)).st_mode & 0o777, 0o600)
    tap.same('nothing else is left',
             sorted(name for name in os.listdir(key_file(ks, ''))
                    if not name.startswith('signer.sqlite')),
             ['component-secret', 'ed25519', 'members', 'vrf'])
    ks.start()
    tap.same('the new server note follows the old one',
             follows(ks, note, server_note(ks)), f'serial 2 {ks.vkey}')
    tap.same('the old note stays', server_note(ks, 1), note)
    tap.same('the new note has its number, too', server_note(ks, 2),
             server_note(ks))
    tap.same('another number is 404',
             word(ks.ask('GET', '/v1/server/3')), (404, 'not-found'))
    tap.check('the VRF key and the log are the same', all(
        line in server_note(ks) for line in note.split('\n')
        if line.startswith(('vrf ', 'log ', 'origin ', 'domain '))))
    after = ks.lookup('alice', {'If-None-Match': before[1]['ETag']})
    tap.same('a bundle of before is not called unchanged', after[0], 200)
    tap.same('bundles verify under the new key',
             ks.verify('alice', after[2]), 'version 3 usable 1')
    old = json.loads(before[2])
    new = json.loads(after[2])
    tap.check('the notes are the same, with one line more', all(
        now.startswith(then) and lines(now)[-2:] == [ORIGIN, ORIGIN]
        for then, now in zip([old['account']] + old['devices'],
                             [new['account']] + new['devices'])), new)
    tap.same('an older version is as it was', lines(ks.ask(
        'GET', ks.path(f'alice@{DOMAIN}', '/versions/1'))[2])[-1:], [ORIGIN])
    absent = ks.lookup('nobody')[2]
    tap.check('absence notes are signed by it', ks.tool(
        'absent', ks.vkey, f'nobody@{DOMAIN}',
        stdin=absent.encode()).startswith(b'absent'), absent)
    answer = ks.xmpp.ask(
        f"<iq type='get' from='a@{DOMAIN}/b' to='{ORIGIN}' id='r1'><query "
        "xmlns='http://jabber.org/protocol/disco#info'/></iq>", 'r1')
    tap.check('disco tells the new one', ks.vkey in answer, answer)
    tap.same('members go on', ks.verify('alice', ks.post(
        'alice', ks.tool('add', ks.state('alice')))[2]),
        'version 4 usable 2')
    path = ks.path(f'bob@{DOMAIN}', '/devices/' + ks.device('bob'))
    answer = ks.ask('PUT', path, ks.tool('renew', ks.state('bob')))
    tap.same('... also with device notes', (answer[0], lines(
        answer[2]).count(ORIGIN)), (200, 1))
    tap.same('who left has left', ks.delete('carol', carol)[0], 200)


def second(tap, ks):
    one, two = server_note(ks, 1), server_note(ks, 2)
    ks.stop()
    tap.same('the key can change again', rotate(ks)[0], 0)
    ks.start()
    tap.same('bundles verify under the third key',
             is_whole(ks, ['alice', 'bob']), [])
    tap.same('its note follows the second',
             follows(ks, two, server_note(ks)), f'serial 3 {ks.vkey}')
    tap.check('... and not the first', follows(
        ks, one, server_note(ks)).startswith('xim-tool: key-changed'))
    tap.same('... which the second follows',
             follows(ks, one, two).split()[:2], ['serial', '2'])
    devices = json.loads(ks.lookup('bob')[2])
    tap.same('of older keys only the line of the one before stays',
             [lines(note).count(ORIGIN) for note in
              [devices['account']] + devices['devices']], [2, 2])


def states(tap, ks):
    """Each state in which a rotation can have been cut off, made by hand."""
    ks.stop()
    kept = read(key_file(ks))
    junk = key_file(ks, 'ed25519.next.part')
    with open(junk, 'w', encoding='ascii') as file:
        file.write('cut o')
    ks.start()
    tap.same('a key that was only begun changes nothing',
             is_whole(ks, ['alice']), [])
    ks.stop()
    with open(key_file(ks, 'ed25519.next'), 'w', encoding='ascii') as file:
        file.write('A' * 42 + 'E=\n')
    os.chmod(key_file(ks, 'ed25519.next'), 0o600)
    planned = '\n'.join(subprocess.run(
        [PROGRAM, 'vkey', '--config', ks.config], capture_output=True,
        check=True).stderr.decode().split())
    tap.check('vkey tells of a rotation that was cut off',
              'rotate-key' in planned, planned)
    ks.start()
    tap.same('with the next key made it runs with the old one',
             (is_whole(ks, ['alice']), read(key_file(ks))), ([], kept))
    tap.check('... and says so', 'rotation-unfinished' in ks.log_text())
    serial = int(re.search('serial (.*)', server_note(ks)).group(1))
    ks.stop()
    tap.same('rotate-key goes on', rotate(ks)[0], 0)
    tap.same('... with that key', read(key_file(ks)), 'A' * 42 + 'E=\n')
    tap.check('... and nothing is left', not os.path.exists(junk))
    for finish in ('run', 'rotate-key'):
        now = read(key_file(ks))
        os.rename(key_file(ks), key_file(ks, 'ed25519.next'))
        with open(key_file(ks), 'w', encoding='ascii') as file:
            file.write(kept)
        os.chmod(key_file(ks), 0o600)
        if finish == 'rotate-key':
            code, text, _ = rotate(ks)
            tap.check('rotate-key does the last step', code == 0
                      and 'cut off' in text, text)
        ks.start()
        tap.same(f'after {finish} the new key is in its place',
                 (read(key_file(ks)), is_whole(ks, ['alice', 'bob'])),
                 (now, []))
        tap.check('... the newest note is still the same',
                  f'serial {serial + 1}\n' in server_note(ks))
        ks.stop()
    with open(key_file(ks), 'w', encoding='ascii') as file:
        file.write(kept)
    done = subprocess.run([PROGRAM, 'run', '--config', ks.config],
                          capture_output=True, check=False, timeout=60)
    tap.same('a key that is not of the newest note is refused by run',
             done.returncode, 1)
    tap.same('... and by rotate-key', rotate(ks)[0], 1)
    with open(key_file(ks), 'w', encoding='ascii') as file:
        file.write(now)
    ks.start()


def damaged(tap, ks):
    ks.enrol('dora')
    ks.stop()
    store = sqlite3.connect(os.path.join(ks.folder, 'store.sqlite'))
    store.execute("UPDATE devices SET note = replace (note, '\u2014 keys', "
                  f"'\u2014 cats') WHERE jid = 'dora@{DOMAIN}'")
    store.commit()
    store.close()
    code, text, _ = rotate(ks)
    tap.check('a note that the old key did not sign is told of', code == 0
              and '1 notes without a good line' in text, text)
    ks.start()
    answer = json.loads(ks.lookup('dora')[2])
    tap.same('... and not signed', lines(answer['devices'][0]).count(ORIGIN),
             0)
    tap.same('... the others are', is_whole(ks, ['alice', 'bob']), [])


def full_disk(tap, ks, names):
    ks.stop()
    kept = read(key_file(ks))
    size = os.path.getsize(os.path.join(ks.folder, 'store.sqlite'))

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 4, size * 99))
    code, _, errors = rotate(ks, preexec_fn=limit)
    tap.check('on a full disk it fails', code == 1, errors)
    tap.same('... the old key stays', read(key_file(ks)), kept)
    ks.start()
    tap.same('... and serves', is_whole(ks, names), [])
    ks.stop()
    tap.same('with space again it goes on', rotate(ks)[0], 0)
    ks.start()
    tap.same('... and serves', is_whole(ks, names), [])


def kills(tap, ks, names):
    """A rotation is killed at any moment, and the keyserver at once runs with
    the old key or the new one."""
    ks.stop()
    start = time.monotonic()
    rotate(ks)
    length = time.monotonic() - start
    ks.start()
    notes = [server_note(ks)]
    outcomes = set()
    for number in range(10):
        ks.stop()
        process = subprocess.Popen(
            [PROGRAM, 'rotate-key', '--config', ks.config],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.random() * length)
        process.kill()
        process.wait()
        ks.start()
        note = server_note(ks)
        changed = note != notes[-1]
        outcomes.add(changed)
        if changed:
            tap.check('after a kill the note follows', follows(
                ks, notes[-1], note).startswith('serial '), note)
            notes.append(note)
        tap.same(f'kill {number + 1}: it runs with the '
                 f'{"new" if changed else "old"} key', is_whole(ks, names),
                 [])
        told = ks.tool('server', ks.vkey, DOMAIN, stdin=note.encode())
        tap.check('... under which the note is',
                  told.endswith(b' same key\n'), told)
    ks.stop()
    tap.same('at the end it goes through', rotate(ks)[0], 0)
    ks.start()
    tap.check('... the note follows', follows(
        ks, notes[-1], server_note(ks)).startswith('serial '))
    tap.same('... and all is whole', is_whole(ks, names), [])
    print('# a rotation took', round(length, 2), 's; outcomes', outcomes)


def main():
    tap = harness.Tap()
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        ks = harness.Keyserver(base, 'ks', xmpp, [
            ('limits', name, '100000') for name in (
                'writes-burst', 'lookups-burst', 'misses-burst',
                'connects-burst')])
        ks.start()
        for part in (first, second, states, damaged):
            try:
                part(tap, ks)
            except Exception:  # a broken part must not hide the others
                tap.broken(part.__name__)
                if ks.process.poll() is not None:
                    ks.start()
        names = ks.crowd(MEMBERS)
        tap.same('many members register', len(names), MEMBERS)
        for part in (full_disk, kills):
            try:
                part(tap, ks, names)
            except Exception:
                tap.broken(part.__name__)
                if ks.process.poll() is not None:
                    ks.start()
        ks.stop()
        xmpp.close()
        tap.check('no secret is in the log', read(key_file(ks)).strip()
                  not in ks.log_text())
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
