#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The log of a keyserver: what it serves, what `check` finds, what a kill and
an old backup do.  As TAP.  XIM_KILLS sets how often it is killed."""

import base64
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

import harness
from harness import DOMAIN, ORIGIN, PROGRAM, word

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), 'e2e', 'lib'))
from merkle import inclusion, leaf_hash, root_of  # noqa: E402

KILLS = int(os.environ.get('XIM_KILLS', '5'))
MEMBERS = 300


def get(ks, path, connection):
    connection.request('GET', path)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def read_log(fetch):
    """Size, root and entries, as somebody who mirrors the log reads them."""
    lines = fetch('checkpoint').decode().split('\n')
    size, root = int(lines[1]), base64.b64decode(lines[2])
    entries = []
    for n in range((size + 255) // 256):
        width = min(size - 256 * n, 256)
        data = fetch(f'tile/entries/{n:03}' + (
            '' if width == 256 else f'.p/{width}'))
        while data:
            length = int.from_bytes(data[:2], 'big')
            entries.append(data[2:2 + length])
            data = data[2 + length:]
    return lines[0], size, root, entries


def fetcher(ks):
    connection = ks.connect()

    def fetch(path):
        status, _, data = get(ks, '/log/' + path, connection)
        if status != 200:
            raise AssertionError(f'{path} is {status}')
        return data
    return fetch


def check(ks):
    done = subprocess.run([PROGRAM, 'check', '--config', ks.config],
                          capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode(
        errors='replace')


def serves(tap, ks):
    origin, size, root, entries = read_log(fetcher(ks))
    tap.same('a new log has its origin', origin, ORIGIN + '/log')
    note = json.loads(ks.ask('GET', '/v1/server')[2])['note']
    text = note.split('\n\n')[0] + '\n'
    tap.same('... and the first server note as entry 0',
             entries[0], b'\0' + hashlib.sha256(text.encode()).digest())
    bundles = {name: json.loads(ks.enrol(name)[2])
               for name in ('alice', 'bob')}
    tap.same('a registration is answered when it is in the log',
             [bundles['alice']['log']['leaf'], bundles['bob']['log']['leaf']],
             [size, size + 1])
    ks.post('alice', ks.tool('add', ks.state('alice')))
    alice = json.loads(ks.lookup('alice')[2])
    tap.same('what was `next` is `index` of the next version',
             alice['log']['index'], bundles['alice']['log']['next'])
    tap.check('its bundle verifies', ks.verify(
        'alice', json.dumps(alice)).startswith('version 2 '))
    wrong = json.loads(json.dumps(alice))
    wrong['log']['leaf'] -= 1
    tap.check('... and not with the leaf of another', 'not-logged' in
              ks.verify('alice', json.dumps(wrong)))
    origin, size, root, entries = read_log(fetcher(ks))
    tap.same('the entries lead to the root',
             root_of([leaf_hash(entry) for entry in entries]), root)
    tap.same('a version that was added says so',
             entries[alice['log']['leaf']][65], 2)
    ks.erase('bob')
    origin, size, root, entries = read_log(fetcher(ks))
    tap.same('an erasure has an entry', entries[-1][65], 8)
    connection = ks.connect()
    status, headers, _ = get(ks, '/log/checkpoint', connection)
    tap.same('a checkpoint is text for 2 s',
             (headers['Content-Type'], headers['Cache-Control']),
             ('text/plain; charset=utf-8', 'max-age=2'))
    path = f'/log/tile/0/000.p/{size}'
    status, headers, tile = get(ks, path, connection)
    tap.same('a tile is bytes for ever',
             (headers['Content-Type'], headers['Cache-Control'], tile),
             ('application/octet-stream', 'max-age=31536000, immutable',
              b''.join(leaf_hash(entry) for entry in entries)))
    tap.same('... with a tag', ks.ask('GET', path, headers={
        'If-None-Match': headers['ETag']})[0], 304)
    tap.same('a tile beyond the checkpoint is 404', [ks.ask(
        'GET', '/log/tile/' + name)[0] for name in (
            '0/000', f'0/000.p/{size + 1}', '1/000.p/1', 'entries/001.p/1')],
             [404] * 4)
    tap.same('a path that is none is 400', [word(ks.ask(
        'GET', '/log/tile/' + name)) for name in (
            '0/0', '0/000.p/0', '0/000.p/256', '99/000', 'x', '0/x000/000',
            '0/..%2f', '0/' + 'x000/' * 50)], [(400, 'malformed')] * 8)
    tap.same('check finds nothing wrong', check(ks)[0], 0)


def proves(tap, ks):
    """A proof file, read as somebody who never heard of X-IM reads it."""
    def prove(address):
        return subprocess.run([PROGRAM, 'proof', '--config', ks.config,
                               address], capture_output=True, text=True,
                              check=False)
    done = prove(f'Alice@{DOMAIN}')
    head, checkpoint = done.stdout.split('\n\n', 1)
    kind, extra, index, *path = head.split('\n')
    tap.same('a proof is a C2SP tlog-proof', kind, 'c2sp.org/tlog-proof@v1')
    tap.same('... of the newest version', int(index.split(' ')[1]),
             json.loads(ks.lookup('alice')[2])['log']['leaf'])
    tap.check('... with its note', b'jid alice@' in base64.b64decode(
        extra.split(' ')[1]))
    origin, size, root, entries = read_log(fetcher(ks))
    lines = checkpoint.split('\n')
    tap.same('... of the newest checkpoint',
             (lines[0], int(lines[1]), base64.b64decode(lines[2])),
             (origin, size, root))
    leaf = int(index.split(' ')[1])
    tap.same('... it leads to the root',
             [base64.b64decode(line) for line in path],
             inclusion(leaf, [leaf_hash(entry) for entry in entries]))
    for address, sentence in ((f'nobody@{DOMAIN}', 'has no account'),
                              ('nobody@else.test', 'has no account'),
                              ('no address', 'expected')):
        done = prove(address)
        tap.check(f'there is no proof of {address}', done.returncode == 1
                  and done.stdout == '' and sentence in done.stderr,
                  (done.returncode, done.stderr))


def exports(tap, ks, base):
    target = os.path.join(base, 'mirror')
    for sentence in ('a mirror', 'a mirror that is brought up to date'):
        subprocess.run([PROGRAM, 'export-log', '--config', ks.config, target],
                       check=True, capture_output=True)

        def fetch(path):
            return open(os.path.join(target, path), 'rb').read()
        tap.same(f'{sentence} is the log', read_log(fetch),
                 read_log(fetcher(ks)))
        ks.enrol('carol')
    tap.same('... for everybody to read', os.stat(os.path.join(
        target, 'checkpoint')).st_mode & 0o777, 0o644)
    tap.same('export-log wants a folder', subprocess.run(
        [PROGRAM, 'export-log', '--config', ks.config], check=False,
        capture_output=True).returncode, 2)


def watch(ks):
    """xim-log-check, which goes on where it was."""
    done = subprocess.run(
        [os.path.join(harness.BUILD, 'logcheck', 'xim-log-check'), '--ca',
         os.path.join(ks.base, 'ca.crt'), '--state', ks.state('watcher'),
         f'https://127.0.0.1:{ks.port}/log', ks.vkey],
        capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def watched(tap, ks):
    _, size, _, _ = read_log(fetcher(ks))
    status, text = watch(ks)
    tap.check('an outsider finds all well', status == 0
              and text.startswith(f'{size} new entries, all is well'), text)


def contents(path):
    """All rows, but for times and tags that nothing is compared with."""
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    tables = [row[0].decode() for row in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    rows = {}
    for table in sorted(tables):
        if table not in ('erased_today', 'erased_devices'):
            cursor = connection.execute(f'SELECT * FROM {table}')
            kept = [i for i, column in enumerate(cursor.description)
                    if column[0] != 'accepted_s']
            rows[table] = [[row[i] for i in kept] for row in cursor]
    connection.close()
    return rows


def flip_file(path):
    """Another bit than before is wrong from now on.  Returns where."""
    with open(path + '.kept', 'rb') as file:
        data = bytearray(file.read())
    at = random.randrange(len(data) * 8)
    data[at // 8] ^= 1 << at % 8
    with open(path, 'wb') as file:
        file.write(data)
    return at


def flips(tap, ks):
    """Bits that change in the store, one at a time."""
    ks.stop()
    store = os.path.join(ks.folder, 'store.sqlite')
    signer = os.path.join(ks.folder, 'keys', 'signer.sqlite')
    for file in (store, signer):
        shutil.copy(file, file + '.kept')

    def damage(file, what, statement, *values):
        connection = sqlite3.connect(file)
        connection.execute(statement, values)
        connection.commit()
        connection.close()
        status, text = check(ks)
        tap.check(f'check finds {what}', status == 1 and ' problems' in text,
                  text)
        shutil.copyfile(file + '.kept', file)

    def flip(file, table, column, where):
        connection = sqlite3.connect(file)
        value = connection.execute(
            f'SELECT {column} FROM {table} WHERE {where}').fetchone()[0]
        connection.close()
        if isinstance(value, int):
            return value ^ 1 << random.randrange(16)
        at = random.randrange(len(value))
        if isinstance(value, bytes):
            return value[:at] + bytes([value[at] ^ 1 << random.randrange(
                8)]) + value[at + 1:]
        return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1:]
    alice = f"jid = 'alice@{DOMAIN}'"
    for table, column, where in (
            ('accounts', 'note', alice), ('accounts', 'hash', alice),
            ('accounts', 'opening', alice), ('accounts', 'proof', alice),
            ('accounts', 'next', alice + ' AND version = 2'),
            ('devices', 'note', alice), ('devices', 'id', alice),
            ('device_keys', 'key', alice), ('server_notes', 'note', '1'),
            ('log', 'entry', 'leaf = 1'), ('log', 'entry', 'leaf = 0'),
            ('devices', 'jid', alice), ('devices', 'serial', alice),
            ('about', 'value', "name = 'origin'"),
            ('about', 'value', "name = 'members'"),
            ('about', 'value', "name = 'checkpoint'")):
        value = flip(store, table, column, where)
        damage(store, f'a bit of {table}.{column}',
               f'UPDATE OR REPLACE {table} SET {column} = ? WHERE {where}',
               value)
    first = 'tag = (SELECT min (tag) FROM accounts)'
    for table, column, where in (
            ('accounts', 'tag', first), ('accounts', 'version', first),
            ('accounts', 'hash', first), ('accounts', 'erased', first),
            ('last', 'size', '1'), ('last', 'root', '1'),
            ('about', 'value', "name = 'origin'"),
            ('about', 'value', "name = 'members'")):
        value = flip(signer, table, column, where)
        damage(signer, f"a bit of the signer's {table}.{column}",
               f'UPDATE {table} SET {column} = ? WHERE {where}', value)
    damage(store, 'a version that is gone',
           f'DELETE FROM accounts WHERE {alice} AND version = 1')
    damage(store, 'an entry that is gone', 'DELETE FROM log WHERE leaf = 2')
    damage(store, 'two versions with one entry',
           f'UPDATE accounts SET leaf = 1 WHERE {alice}')
    for file in (store, signer):
        with open(file + '.kept', 'rb') as kept:
            data = kept.read()
        at = data.index(b'CHECK (length (hash)')
        with open(file, 'wb') as damaged:
            damaged.write(data[:at] + data[at:].replace(b'hash', b'harh', 1))
        status, text = check(ks)
        tap.check(f'check finds a wrong table in {os.path.basename(file)}',
                  status == 1 and 'harh' in text, text)
        missed = [at for at in (flip_file(file) for _ in range(10))
                  if check(ks)[0] == 0 and contents(file) != contents(
                      file + '.kept')]
        tap.same(f'check finds every bit of {os.path.basename(file)} that '
                 'changes what is stored', missed, [])
        shutil.copyfile(file + '.kept', file)
    tap.same('the whole store is right again', check(ks)[0], 0)
    ks.start()


def fill(tap, ks):
    """More than a full tile."""
    tap.same('many registrations are answered', len(ks.crowd(MEMBERS)),
             MEMBERS)
    _, size, root, entries = read_log(fetcher(ks))
    tap.check('the log has a full tile', size > 256)
    tap.same('... and leads to its root',
             root_of([leaf_hash(entry) for entry in entries]), root)
    full = fetcher(ks)('tile/0/000')
    tap.same('... the tile is that of its entries', full, b''.join(
        leaf_hash(entry) for entry in entries[:256]))
    tap.same('... above it stands its root', fetcher(ks)('tile/1/000.p/1'),
             root_of([full[i:i + 32] for i in range(0, 8192, 32)]))
    status, text = check(ks)
    tap.check('check finds nothing wrong', status == 0, text)
    status, text = watch(ks)
    tap.check('an outsider finds what is new and all well',
              status == 0 and not text.startswith('0 new'), text)


def old_backup(tap, ks):
    ks.stop()
    store = os.path.join(ks.folder, 'store.sqlite')
    shutil.copy(store, store + '.backup')
    ks.start()
    ks.enrol('late')
    seen = watch(ks)
    ks.stop()
    newest = store + '.newest'
    shutil.copy(store, newest)
    shutil.copy(store + '.backup', store)
    ks.start()
    tap.check('an old backup is told of', 'log-refused' in ks.log_text())
    status, text = watch(ks)
    tap.check('... an outsider sees that it is an older log',
              seen[0] == 0 and status == 2 and 'older one' in text, text)
    tap.same('... nothing is written', word(ks.enrol('dave')),
             (503, 'unavailable'))
    tap.same('... lookups go on', ks.lookup('alice')[0], 200)
    tap.same('... /readyz says so', ks.admin_get('/readyz')[0], 503)
    ks.stop()
    shutil.copy(newest, store)
    ks.start()
    tap.same('with the newest store it goes on', ks.enrol('erin')[0], 200)


def register(ks, bodies, done):
    try:
        connection = ks.connect()
        for name, body in bodies:
            answer = ks.ask('POST', ks.path(f'{name}@{DOMAIN}'), body,
                            connection=connection)
            if answer[0] == 200:
                done[name] = json.loads(answer[2])
    except Exception:  # a line that broke, in any of many ways
        pass


def kill(ks, signer):
    """One of the two processes at once; the other ends with it."""
    if not signer:
        ks.stop(signal.SIGKILL)
        return
    os.kill(ks.signer_pid(), signal.SIGKILL)
    ks.process.wait(harness.SECONDS)
    ks.log.close()


def kills(tap, ks):
    wrong, starts, seen, answered = [], [], [], 0
    for number in range(KILLS):
        bodies = []
        for i in range(8):
            name = f'kill{number}x{i}'
            bodies.append((name, ks.tool('enrol', ks.state(name),
                                         f'{name}@{DOMAIN}')))
            ks.prove(name)
        done = {}
        threads = [threading.Thread(target=register,
                                    args=(ks, bodies[i::4], done))
                   for i in range(4)]
        for thread in threads:
            thread.start()
        least = random.randrange(len(bodies) - 1)
        harness.wait_for(lambda: len(done) >= least)
        time.sleep(random.uniform(0, 0.03))
        kill(ks, signer=number % 2 == 1)
        for thread in threads:
            thread.join()
        answered += len(done)
        begin = time.monotonic()
        ks.start(wait_up=False)
        starts.append(time.monotonic() - begin)
        ks.xmpp.wait_up()
        harness.wait_for(lambda: ks.metric('component_up') == 1)
        if 'log-refused' in ks.log_text().rsplit('signer-started', 1)[-1]:
            wrong.append(('refused', number))
        for name, bundle in done.items():
            answer = ks.lookup(name)
            if answer[0] != 200 or json.loads(answer[2])[
                    'log']['leaf'] != bundle['log']['leaf']:
                wrong.append((name, answer[0]))
        _, size, root, entries = read_log(fetcher(ks))
        if root_of([leaf_hash(entry) for entry in entries]) != root:
            wrong.append(('root', number))
        if entries[:len(seen)] != seen:
            wrong.append(('not the same log', number))
        seen = entries
    tap.same(f'{KILLS} kills lose nothing that was answered and no log',
             wrong, [])
    print(f'# {answered} registrations were answered, {len(seen)} entries;'
          f' starts: {statistics.median(starts):.2f} s, at most'
          f' {max(starts):.2f} s')
    tap.check('... and each start takes less than 2 s', max(starts) < 2,
              max(starts))
    status, text = check(ks)
    tap.check('... check finds nothing wrong', status == 0, text)


def main():
    tap = harness.Tap()
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        ks = harness.Keyserver(base, 'log', xmpp, [
            ('limits', name, '1000000') for name in (
                'lookups-per-second', 'lookups-burst', 'writes-per-second',
                'writes-burst', 'connects-per-second', 'connects-burst')])
        ks.start()
        try:
            for part in (serves, proves, watched,
                         lambda tap, ks: exports(tap, ks, base),
                         flips, fill, old_backup, kills):
                part(tap, ks)
        except Exception:
            tap.broken('the log')
        ks.stop()
        xmpp.close()
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
