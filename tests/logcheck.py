#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""xim-log-check against static mirrors, honest ones and others, as TAP."""

import base64
import functools
import gzip
import hashlib
import http.server
import os
import shutil
import subprocess
import tempfile
import threading

PROGRAM = os.path.join(os.environ.get('top_builddir', '.'),
                       'logcheck', 'xim-log-check')
ORIGIN = 'keys.example.org/log'


def sha(data):
    return hashlib.sha256(data).digest()


def leaf(entry):
    return sha(b'\0' + entry)


@functools.lru_cache(maxsize=None)
def tile_root(tile):
    row = [tile[i:i + 32] for i in range(0, len(tile), 32)]
    while len(row) > 1:
        row = [sha(b'\1' + row[i] + row[i + 1])
               for i in range(0, len(row), 2)]
    return row[0]


def root(hashes):
    if not hashes:
        return sha(b'')
    if len(hashes) == 1:
        return hashes[0]
    if len(hashes) == 256:
        return tile_root(b''.join(hashes))
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha(b'\1' + root(hashes[:k]) + root(hashes[k:]))


def entry(number, flags=1):
    return b'\1' + sha(b'index %d' % number) + sha(b'text %d' % number) \
        + bytes([flags])


def make_entries(count):
    return [b'\0' + sha(b'server')] + [entry(i) for i in range(1, count)]


class Key:
    def __init__(self, folder, name):
        self.path = os.path.join(folder, name)
        self.folder = folder
        self.openssl('genpkey', '-algorithm', 'ed25519', '-out', self.path)
        public = self.openssl('pkey', '-in', self.path, '-pubout',
                              '-outform', 'DER')[-32:]
        self.public = b'\1' + public
        self.id = self.id_as(ORIGIN)
        self.vkey = self.vkey_as(ORIGIN)

    def id_as(self, name):
        return sha(name.encode() + b'\n' + self.public)[:4]

    def vkey_as(self, name):
        return '+'.join([name, self.id_as(name).hex(),
                         base64.b64encode(self.public).decode()])

    @staticmethod
    def openssl(*arguments):
        return subprocess.run(['openssl', *arguments], check=True,
                              capture_output=True).stdout

    @functools.lru_cache(maxsize=None)
    def checkpoint(self, size, root_hash):
        text = f'{ORIGIN}\n{size}\n{base64.b64encode(root_hash).decode()}\n'
        message = os.path.join(self.folder, 'message')
        with open(message, 'w', encoding='utf-8') as out:
            out.write(text)
        signature = self.openssl('pkeyutl', '-sign', '-rawin', '-inkey',
                                 self.path, '-in', message)
        line = base64.b64encode(self.id + signature).decode()
        return f'{text}\n\u2014 {ORIGIN} {line}\n'


class Mirror:
    """A log in files, of which a test may change any."""

    def __init__(self, folder, key):
        self.folder = os.path.join(folder, 'mirror')
        self.key = key

    def path(self, level, n, width):
        name = f'tile/{level}/{n:03}' + (f'.p/{width}' if width < 256 else '')
        return os.path.join(self.folder, name)

    @staticmethod
    def write(path, data):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as out:
            out.write(data)

    def write_row(self, level, pieces):
        for n in range(0, len(pieces), 256):
            part = pieces[n:n + 256]
            path = self.path(level, n // 256, len(part))
            if len(part) < 256 or not os.path.exists(path):
                self.write(path, b''.join(part))

    def make(self, entries, checkpoint=None, keep=False):
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.write_row('entries', [len(e).to_bytes(2, 'big') + e
                                   for e in entries])
        leaves = [leaf(e) for e in entries]
        row, level = leaves, 0
        while row:
            self.write_row(level, row)
            row = [root(row[i:i + 256])
                   for i in range(0, len(row) - 255, 256)]
            level += 1
        self.sign(checkpoint or (len(entries), root(leaves)))

    def sign(self, head):
        self.write(os.path.join(self.folder, 'checkpoint'),
                   self.key.checkpoint(*head).encode())

    def change(self, level, n, width, at):
        path = self.path(level, n, width)
        with open(path, 'rb') as old:
            data = bytearray(old.read())
        data[at] ^= 1
        self.write(path, bytes(data))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the mirror; self.server.play plays a hostile server."""

    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        try:
            if not self.server.play or not self.server.play(self):
                super().do_GET()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def say(self, status, body=b'', **headers):
        if 'Transfer_Encoding' not in headers:
            headers.setdefault('Content_Length', str(len(body)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True
        return True


class Tests:
    def __init__(self, folder):
        self.n = 0
        self.failed = 0
        self.folder = folder
        self.key = Key(folder, 'key')
        self.mirror = Mirror(folder, self.key)
        self.state = os.path.join(folder, 'state')
        self.states = {}  # by how many of make_entries() they are of
        self.server = http.server.ThreadingHTTPServer(
            ('127.0.0.1', 0),
            functools.partial(Handler, directory=self.mirror.folder))
        self.server.play = None
        threading.Thread(target=self.server.serve_forever,
                         args=(0.05,), daemon=True).start()

    def check(self, what, status, word, vkey=None):
        """Runs the program; its state is as the test left it."""
        self.n += 1
        done = subprocess.run(
            [PROGRAM, '--state', self.state,
             f'http://127.0.0.1:{self.server.server_port}/',
             vkey or self.key.vkey], capture_output=True, text=True,
            check=False)
        said = done.stdout + done.stderr
        good = done.returncode == status and word in said
        self.failed += not good
        print('ok' if good else 'not ok', self.n, '-', what)
        if not good:
            print(f'# status {done.returncode}: {said}'.replace('\n', '\n# '))

    def evidence(self, what, *words):
        with open(self.state + '.evidence', encoding='utf-8') as file:
            text = file.read()
        self.ok(what, all(word in text for word in words))

    def ok(self, what, good):
        self.n += 1
        self.failed += not good
        print('ok' if good else 'not ok', self.n, '-', what)

    def replace(self, what, data, status, word, *path):
        """Other bytes for a tile, or for the checkpoint."""
        path = self.mirror.path(*path) if path else os.path.join(
            self.mirror.folder, 'checkpoint')
        self.mirror.write(path, data)
        self.check(what, status, word)

    def seen(self, entries):
        """The state after an honest log of these entries."""
        if os.path.exists(self.state):
            os.unlink(self.state)
        count = len(entries)
        if count in self.states:
            self.mirror.write(self.state, self.states[count])
            return
        self.mirror.make(entries)
        self.check(f'{count} entries', 0, f'{count} new entries, all is well')
        with open(self.state, 'rb') as file:
            self.states[count] = file.read()

    def honest(self):
        entries = make_entries(65793)

        def grown(size):
            self.mirror.make(entries[:size], keep=True)
            self.check(f'grown to {size} entries', 0, 'all is well')

        for size in 0, 1, 2, 255, 256, 257, 700:
            grown(size)
        self.check('nothing new', 0, '0 new entries')
        self.check('the key under the name of the keyserver', 0, '0 new',
                   self.key.vkey_as('keys.example.org'))
        self.mirror.make(entries[:699])
        self.check('a stale checkpoint whose newer tiles are not there', 2,
                   'older one of 699 entries and the tree of 700 is gone')
        self.mirror.make(entries[:700])
        self.mirror.sign((300, root([leaf(e) for e in entries[:300]])))
        self.check('a stale checkpoint', 2, 'older one of 300')
        for size in 65536, len(entries):
            grown(size)

    def full_instead_of_partial(self):
        entries = make_entries(512)
        self.seen(entries[:100])
        self.mirror.make(entries)
        self.mirror.write_row(1, [root([leaf(e) for e in entries[:256]])])
        self.mirror.sign((300, root([leaf(e) for e in entries[:300]])))
        self.check('partial tiles gave way to full ones', 0, '200 new')

    def forks(self):
        entries = make_entries(700)
        other = list(entries)
        other[5] = entry(5, flags=2)
        self.seen(entries)
        self.mirror.make(other)
        self.check('two trees of one size', 1, 'two trees of one size')
        self.evidence('... both are in the evidence', 'seen before',
                      'seen now')
        self.mirror.make(other + [entry(701)])
        self.check('an entry changed long ago', 1, 'do not continue')
        self.mirror.make(entries[:-1] + [entry(800), entry(801)])
        self.check('the last entry changed', 1, 'do not continue')
        self.mirror.make(entries + [entry(801)],
                         (701, root([leaf(e) for e in other]
                                    + [leaf(entry(801))])))
        self.check('a root of other entries', 1, 'do not lead to the root')
        self.mirror.make(entries)
        self.mirror.sign((300, root([leaf(e) for e in other[:300]])))
        self.check('back to a smaller, other tree', 1, 'went back')

    def tampered(self):
        entries = make_entries(1200)
        for what, change, word in (
                ('an entry', ('entries', 3, 256, 40), 'does not hold'),
                ('a full tile', (0, 3, 256, 40), 'does not hold'),
                ('a tile of tiles', (1, 0, 4, 100), 'does not hold'),
                ('a partial tile', (0, 4, 176, 40), 'does not hold'),
                ('an old tile', (0, 2, 256, 40), 'do not continue'),
                ('an old entry', ('entries', 2, 256, 40), 'not the entry')):
            self.seen(entries[:700])
            self.mirror.make(entries)
            self.mirror.change(*change)
            self.check(f'{what} was changed', 1, word)

    def entries(self):
        entries = make_entries(400)
        for what, bad, word in (
                ('an index twice', entry(3, flags=2),
                 'leaves 3 and 400 have the same index'),
                ('an index twice, new', entry(400)[:33] + bytes(32) + b'\2',
                 'leaves 400 and 401 have the same index'),
                ('two flags', entry(400, flags=3), 'one flag'),
                ('a short entry', entry(400)[:-1], '66 bytes'),
                ('an empty entry', b'', 'no bytes'),
                ('an index of zeros', b'\1' + bytes(64) + b'\1', 'zeros')):
            more = [entry(400)] if word.startswith('leaves 400') else []
            self.seen(entries)
            self.mirror.make(entries + more + [bad])
            self.check(f'{what}', 1, 'must not be')
            self.evidence('... with evidence', word, 'entry ' + bad.hex(),
                          'hash ', 'checkpoint seen now')
        self.check('... and it is found again', 1, 'must not be')
        self.evidence('what was found before stays', 'leaves 3 and 400')
        self.seen(entries)
        self.mirror.make(entries + [b'\2' + bytes(65)])
        self.check('a type of later', 2, 'type 0 or 1')
        self.mirror.make(entries + [b'\2' + bytes(65), entry(3)])
        self.check('... which hides no index', 1, 'must not be')
        os.unlink(self.state)
        self.mirror.make(entries[1:])
        self.check('no server note at the start', 1, 'must not be')

    def unusable(self):
        entries = make_entries(10)
        other = Key(self.folder, 'other')
        self.seen(entries)
        self.check('the key of somebody else', 2, 'signature', other.vkey)
        for name in 'keys.example.com', 'keys.example.org/other':
            self.check(f'the key under the name {name}', 2, 'expected',
                       self.key.vkey_as(name))
        self.check('no key', 2, 'the key of the log', 'x')
        os.unlink(os.path.join(self.mirror.folder, 'checkpoint'))
        self.check('no checkpoint', 2, 'status 404')
        self.mirror.write(os.path.join(self.mirror.folder, 'checkpoint'),
                          b'x' * 20000)
        self.check('a checkpoint too large', 2, 'at most 16384')
        self.mirror.make(entries + [entry(11)])
        with open(self.state, 'rb') as file:
            state = bytearray(file.read())
        state[100] ^= 1
        with open(self.state, 'wb') as file:
            file.write(state)
        self.check('a damaged state', 2, 'damaged')
        os.unlink(self.state)
        os.mkdir(self.state)
        self.check('a state that cannot be read', 2, 'state: ')
        os.rmdir(self.state)

    def sizes(self):
        """Tiles and checkpoints of other sizes than they must have."""
        entries = make_entries(700)
        self.seen(entries[:300])
        self.mirror.make(entries)
        last = 'entries', 2, 188
        with open(self.mirror.path(*last), 'rb') as file:
            tile = file.read()
        self.replace('no entries', b'', 1, 'ends too early', *last)
        self.replace('an entry too few', tile[:-68], 1, 'ends too early',
                     *last)
        self.replace('half an entry', tile[:-1], 1, 'ends too early', *last)
        self.replace('an entry too many', tile + tile[-68:], 1,
                     'behind its end', *last)
        self.replace('a byte too many', tile + b'x', 1, 'behind its end',
                     *last)
        self.replace('too many bytes', bytes(1 << 25), 2, 'at most', *last)
        self.mirror.write(self.mirror.path(*last), tile)
        last = 0, 2, 188
        with open(self.mirror.path(*last), 'rb') as file:
            tile = file.read()
        self.replace('no hashes', b'', 1, 'expected 188 hashes', *last)
        self.replace('a hash too few', tile[:-32], 1, 'expected 188', *last)
        self.replace('a hash too many', tile + bytes(32), 1, 'expected 188',
                     *last)
        self.replace('a full tile of other hashes', bytes(8192), 1,
                     'does not hold', *last)
        self.mirror.write(self.mirror.path(*last), tile)
        self.mirror.sign(((1 << 26) + 1, bytes(32)))
        self.check('more entries than it keeps', 2, 'at most 67108864')
        self.mirror.sign(((1 << 53) - 1, bytes(32)))
        self.check('very many entries', 2, 'at most 67108864')
        self.mirror.sign((1 << 53, bytes(32)))
        self.check('a size that no tree has', 2, 'could not check')
        self.mirror.sign((0, sha(b'')))
        self.check('an empty tree again', 2, 'older one of 0')
        self.replace('no note', b'', 2, 'could not check')
        self.replace('no text', b'\0\xff\n', 2, 'could not check')
        self.mirror.make(entries)
        self.check('and all as it should be', 0, '400 new')

    def servers(self):
        """Answers of other servers than a log has."""
        self.seen(make_entries(300))
        self.mirror.make(make_entries(600))
        asked = []

        def play(handler, path, *answers, **headers):
            if not handler.path.endswith(path):
                return False
            asked.append(path)
            status, body = answers[min(len(asked), len(answers)) - 1]
            return handler.say(status, body, **headers) if status else False

        def on(what, status, word, *arguments, **headers):
            asked.clear()
            self.server.play = lambda handler: play(handler, *arguments,
                                                    **headers)
            self.check(what, status, word)
            self.server.play = None
            return len(asked)

        good = self.mirror.folder + '/checkpoint'
        with open(good, 'rb') as file:
            note = file.read()
        on('a redirect is not followed', 2, 'status 302', '/checkpoint',
           (302, b''), Location='/tile/../checkpoint')
        on('an error', 2, 'status 500', '/checkpoint', (500, note))
        on('an error that never ends', 2, 'status 500', '/tile/entries/001',
           (500, bytes(1 << 25)))
        on('nothing new, it says', 2, 'status 304', '/checkpoint', (304, b''))
        on('a page for people', 2, 'could not check', '/checkpoint',
           (200, b'<html>all is well</html>'), Content_Type='text/html')
        on('less than was promised', 2, 'could not check', '/checkpoint',
           (200, note[:-9]), Content_Length=str(len(note)))
        on('a body in pieces that break', 2, 'could not check', '/checkpoint',
           (200, b'zz'), Transfer_Encoding='chunked')
        on('zeros packed small', 2, 'at most 16384', '/checkpoint',
           (200, gzip.compress(bytes(1 << 20))), Content_Encoding='gzip')
        tries = on('not now and nothing said', 2, 'status 503', '/checkpoint',
                   (503, b''))
        self.ok('... and it was not asked again', tries == 1)
        tries = on('slower, please; a note packed small, of another type', 0,
                   '300 new', '/checkpoint', (503, b''),
                   (200, gzip.compress(note)), Retry_After='1',
                   Content_Encoding='gzip', Content_Type='image/png')
        self.ok('... and it was asked again', tries == 2)
        self.server.shutdown()
        self.server.server_close()
        self.check('nobody there', 2, 'could not check')


def main():
    with tempfile.TemporaryDirectory(prefix='xim-log-check-') as folder:
        tests = Tests(folder)
        tests.honest()
        tests.full_instead_of_partial()
        tests.forks()
        tests.tampered()
        tests.entries()
        tests.unusable()
        tests.sizes()
        tests.servers()
        print(f'1..{tests.n}')


main()
