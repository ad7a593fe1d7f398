# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A keyserver, an XMPP server that is only its component port, and HTTPS."""

import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import traceback
import urllib.parse

BUILD = os.environ.get('top_builddir', '.')
PROGRAM = os.path.join(BUILD, 'keyserver', 'xim-keyserver')
TOOL = os.path.join(BUILD, 'tests', 'xim-tool')
# The tool ends after one answer and gives nothing back before.
TOOL_ENVIRONMENT = dict(os.environ, ASAN_OPTIONS='detect_leaks=0')
DOMAIN = 'one.test'
ORIGIN = 'keys.one.test'
SECONDS = 20


class Tap:
    """One line for each sentence; `end` is the exit status."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, what, ok, got=None):
        self.count += 1
        self.failed += not ok
        print(('ok' if ok else 'not ok'), self.count, '-', what, flush=True)
        if not ok and got is not None:
            print('#', repr(got)[:600], flush=True)

    def same(self, what, got, expected):
        self.check(what, got == expected, got)

    def broken(self, what):
        self.check(what, False)
        for line in traceback.format_exc().splitlines():
            print('#', line, flush=True)

    def end(self):
        print(f'1..{self.count}', flush=True)
        return 1 if self.failed else 0


def wait_for(what, seconds=SECONDS):
    """Polls until what() is true and returns what it gave."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.02)


def run(*arguments, **options):
    return subprocess.run(arguments, check=True, capture_output=True,
                          **options).stdout


def make_certificates(folder):
    """A CA and one certificate for the keyserver, made by openssl."""
    def at(name):
        return os.path.join(folder, name)
    run('openssl', 'req', '-x509', '-newkey', 'ed25519', '-nodes', '-days',
        '2', '-subj', '/CN=Test CA', '-keyout', at('ca.key'), '-out',
        at('ca.crt'), '-addext', 'basicConstraints=critical,CA:TRUE')
    make_certificate(folder, 'server')


def make_certificate(folder, name):
    def at(suffix):
        return os.path.join(folder, name + suffix)
    with open(at('.ext'), 'w', encoding='ascii') as file:
        file.write(f'subjectAltName=DNS:{ORIGIN},IP:127.0.0.1\n'
                   'extendedKeyUsage=serverAuth\n')
    run('openssl', 'req', '-newkey', 'ed25519', '-nodes', '-subj',
        '/CN=' + name, '-keyout', at('.key'), '-out', at('.csr'))
    run('openssl', 'x509', '-req', '-in', at('.csr'), '-CA',
        os.path.join(folder, 'ca.crt'), '-CAkey',
        os.path.join(folder, 'ca.key'), '-CAcreateserial', '-days', '2',
        '-extfile', at('.ext'), '-out', at('.crt'))


class Xmpp:
    """The component port of an XMPP server: one stream at a time."""

    def __init__(self):
        self.secret = 'a secret of the test'
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.stream = None
        self.received = ''
        self.connects = 0
        self.refuse = False
        self.closing = False
        self.lock = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.closing:
            try:
                stream, _ = self.listener.accept()
            except OSError:
                return
            try:
                self._serve(stream)
            except OSError:
                pass
            with self.lock:
                self.stream = None
            stream.close()

    def _serve(self, stream):
        head = ''
        while 'stream:stream' not in head or not head.endswith('>'):
            part = stream.recv(4096).decode()
            if not part:
                return
            head += part
        self.header = head
        stream.sendall(
            b"<?xml version='1.0'?><stream:stream xmlns:stream="
            b"'http://etherx.jabber.org/streams' "
            b"xmlns='jabber:component:accept' from='keys.one.test' "
            b"id='stream&amp;1'>")
        text = ''
        while '</handshake>' not in text:
            part = stream.recv(4096).decode()
            if not part:
                return
            text += part
        right = hashlib.sha1(('stream&1' + self.secret).encode()).hexdigest()
        if self.refuse or f'<handshake>{right}</handshake>' not in text:
            stream.sendall(
                b"<stream:error><not-authorized xmlns='urn:ietf:params:xml:"
                b"ns:xmpp-streams'/></stream:error></stream:stream>")
            return
        stream.sendall(b'<handshake/>')
        with self.lock:
            self.stream = stream
            self.connects += 1
            self.received = ''
            self.lock.notify_all()
        part = stream.recv(65536)
        while part:
            with self.lock:
                self.received += part.decode()
                self.lock.notify_all()
            part = stream.recv(65536)

    def wait_up(self, connects=1):
        with self.lock:
            return self.lock.wait_for(
                lambda: self.connects >= connects and self.stream, SECONDS)

    def send(self, text):
        self.stream.sendall(text.encode())

    def ask(self, text, ident, seconds=SECONDS):
        """Sends a stanza and returns the answer with that id, or None."""
        pattern = re.compile(
            r"<(iq|message)\b[^>]* id='" + ident + r"'[^>]*?(/>|>.*?</\1>)",
            re.S)
        self.send(text)
        with self.lock:
            self.lock.wait_for(lambda: pattern.search(self.received), seconds)
            found = pattern.search(self.received)
            return found.group(0) if found else None

    def prove(self, sender, digest, ident):
        return self.ask(
            f"<iq type='set' from='{sender}' to='{ORIGIN}' id='{ident}'>"
            f"<prove xmlns='urn:x-im:register:1' digest='{digest}'/></iq>",
            ident)

    def drop(self):
        with self.lock:
            if self.stream:
                self.stream.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.closing = True
        self.drop()
        self.listener.close()


class Keyserver:
    """One keyserver in a folder of its own."""

    running = []

    def __init__(self, base, name, xmpp, settings=()):
        self.base = base
        self.folder = os.path.join(base, name)
        self.process = None
        self.idents = 0
        self.xmpp = xmpp
        run(PROGRAM, 'init', '--domain', DOMAIN, '--dir', self.folder,
            '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0',
            '--component', f'127.0.0.1:{xmpp.port}',
            '--certificate', os.path.join(base, 'server.crt'),
            '--key', os.path.join(base, 'server.key'))
        self.config = os.path.join(self.folder, 'keyserver.conf')
        with open(os.path.join(self.folder, 'keys', 'component-secret'), 'w',
                  encoding='ascii') as file:
            file.write(xmpp.secret + '\n')
        self.read_vkey()
        for setting in settings:
            self.set(*setting)
        self.context = ssl.create_default_context(
            cafile=os.path.join(base, 'ca.crt'))

    def read_vkey(self):
        self.vkey = run(PROGRAM, 'vkey', '--config', self.config).decode()
        self.vkey = self.vkey.strip()

    def set(self, group, name, value):
        with open(self.config, encoding='utf-8') as file:
            text = file.read()
        head, rest = text.split(f'[{group}]', 1)
        rest = re.sub(f'^{name}=.*$', f'{name}={value}', rest, count=1,
                      flags=re.M)
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(f'{head}[{group}]{rest}')

    def start(self, wait_up=True):
        ports = os.path.join(self.folder, 'ports')
        if os.path.exists(ports):
            os.unlink(ports)
        connects = self.xmpp.connects
        self.log = open(os.path.join(self.folder, 'log'), 'ab')
        self.process = subprocess.Popen(
            [PROGRAM, 'run', '--config', self.config, '--ports-file', ports],
            stderr=self.log, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)
        Keyserver.running.append(self.process)
        if not wait_for(lambda: os.path.exists(ports)
                        or self.process.poll() is not None):
            raise AssertionError('no ports file')
        if self.process.poll() is not None:
            raise AssertionError(self.log_text())
        with open(ports, encoding='ascii') as file:
            got = dict(line.strip().split('=') for line in file)
        self.port, self.admin = int(got['https']), int(got['admin'])
        if wait_up:
            self.xmpp.wait_up(connects + 1)
            wait_for(lambda: self.metric('component_up') == 1)

    def log_text(self):
        with open(os.path.join(self.folder, 'log'), encoding='utf-8') as file:
            return file.read()

    def signer_pid(self):
        """The process id of the signer of a running keyserver."""
        pid = self.process.pid
        with open(f'/proc/{pid}/task/{pid}/children',
                  encoding='ascii') as file:
            children = file.read().split()
        assert len(children) == 1, children
        return int(children[0])

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(SECONDS * 2)
        self.log.close()
        return status

    def connect(self, context=None):
        return http.client.HTTPSConnection(
            '127.0.0.1', self.port, timeout=SECONDS,
            context=context or self.context)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """Returns status, headers and text of one request."""
        own = connection or self.connect()
        own.request(method, path, body=body, headers=headers or {})
        answer = own.getresponse()
        text = answer.read().decode('utf-8', 'replace')
        if connection is None:
            own.close()
        return answer.status, answer.headers, text

    def raw(self, context=None):
        """A TLS connection without HTTP."""
        plain = socket.create_connection(('127.0.0.1', self.port), SECONDS)
        return (context or self.context).wrap_socket(
            plain, server_hostname=ORIGIN)

    def say(self, data, seconds=SECONDS):
        """Sends bytes on a new connection; returns all that comes back."""
        got = b''
        with self.raw() as line:
            line.settimeout(seconds)
            try:
                line.sendall(data)
                part = line.recv(65536)
                while part:
                    got += part
                    part = line.recv(65536)
            except (OSError, ssl.SSLError):
                pass
        return got

    def admin_get(self, path):
        connection = http.client.HTTPConnection('127.0.0.1', self.admin,
                                                timeout=SECONDS)
        connection.request('GET', path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def metric(self, name):
        text = self.admin_get('/metrics')[1]
        found = re.search(rf'^xim_keyserver_{re.escape(name)} (\S+)$', text,
                          re.M)
        return float(found.group(1)) if found else None

    def path(self, jid, rest=''):
        return '/v1/accounts/' + urllib.parse.quote(jid, safe='') + rest

    # Members, by the program that makes notes.

    def state(self, name):
        return os.path.join(self.folder, name + '.state')

    def tool(self, verb, *arguments, options=(), stdin=None):
        return subprocess.run([TOOL, *options, verb, *arguments], check=True,
                              capture_output=True, input=stdin,
                              env=TOOL_ENVIRONMENT).stdout

    def digest(self, name):
        return self.tool('digest', self.state(name)).decode().strip()

    def device(self, name):
        return self.tool('device', self.state(name)).decode().strip()

    def prove(self, name, sender=None):
        self.idents += 1
        return self.xmpp.prove(sender or f'{name}@{DOMAIN}/desk',
                               self.digest(name), f'p{self.idents}')

    def post(self, name, body):
        return self.ask('POST', self.path(f'{name}@{DOMAIN}'), body)

    def enrol(self, name, prove=True, options=()):
        body = self.tool('enrol', self.state(name), f'{name}@{DOMAIN}',
                         options=options)
        if prove:
            self.prove(name)
        return self.post(name, body)

    def erase(self, name, *options):
        """DELETEs an account by the note of its first device."""
        note = self.tool('erase', self.state(name), options=options)
        return self.delete(name, note)

    def delete(self, name, note):
        return self.ask('DELETE', self.path(f'{name}@{DOMAIN}'), note)

    def lookup(self, name, headers=None):
        return self.ask('GET', self.path(f'{name}@{DOMAIN}'),
                        headers=headers)

    def verify(self, name, text):
        """What a client finds in a bundle: "version N usable N"."""
        note = json.loads(self.ask('GET', '/v1/server')[2])['note']
        done = subprocess.run(
            [TOOL, 'verify', note, f'{name}@{DOMAIN}'],
            input=text.encode(), capture_output=True, check=False,
            env=TOOL_ENVIRONMENT)
        return (done.stdout or done.stderr).decode().strip()


    def crowd(self, number):
        """Registers so many members; returns the names of those who are."""
        connection = self.connect()
        names = []
        lines = self.tool('crowd', str(number), DOMAIN).decode().splitlines()
        for line in lines:
            jid, digest, body = line.split('\t')
            self.idents += 1
            self.xmpp.prove(jid + '/x', digest, f'p{self.idents}')
            if self.ask('POST', self.path(jid), body.encode(),
                        connection=connection)[0] == 200:
                names.append(jid.split('@')[0])
        connection.close()
        return names

    def lookups(self, names):
        """The answer to each, over one connection."""
        connection = self.connect()
        answers = {name: self.ask('GET', self.path(f'{name}@{DOMAIN}'),
                                  connection=connection) for name in names}
        connection.close()
        return answers

    def unverified(self, answers, wanted='version '):
        """Of @answers to lookups those in which a client finds another thing
        than what begins as @wanted, each with what it finds."""
        note = json.loads(self.ask('GET', '/v1/server')[2])['note']
        found = self.tool('verify-all', note, stdin=''.join(
            f'{name}@{DOMAIN} ' + answer[2].replace('\n', ' ') + '\n'
            for name, answer in answers.items()).encode())
        found = found.decode().splitlines()
        assert len(found) == len(answers), found
        return [(name, line) for name, line in zip(answers, found)
                if not line.startswith(wanted)]


class Folder:
    """A scratch folder with certificates, removed at the end."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix='xim-keyserver-')
        make_certificates(self.path)
        return self.path

    def __exit__(self, *_):
        for process in Keyserver.running:
            if process.poll() is None:  # a test failed half-way
                process.kill()
                process.wait()
        shutil.rmtree(self.path, ignore_errors=True)


def word(answer):
    """Status and code word of an error."""
    try:
        return answer[0], json.loads(answer[2]).get('error')
    except ValueError:
        return answer[0], None
