# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Drives one headless libpurple client."""

import json
import os
import re
import secrets
import shutil
import subprocess
import threading
import time

from .process import Process, Timeout, scale, wait_until


def _escape(text):
    return (text.replace('\\', '\\\\').replace('\t', '\\t')
            .replace('\n', '\\n').replace('\r', '\\r'))


def plain(html):
    """The words of a line as a user reads them."""
    text = re.sub(r'<br\s*/?>', '\n', html, flags=re.I)
    text = re.sub(r'<[^>]*>', '', text)
    for name, char in (('&lt;', '<'), ('&gt;', '>'), ('&quot;', '"'),
                       ('&apos;', "'"), ('&#39;', "'"), ('&amp;', '&')):
        text = text.replace(name, char)
    return text


class Client:
    """A process with one account.  Everything it reports stays in events."""

    def __init__(self, program, folder, account, password, server,
                 env=None):
        self.program = program
        self.folder = folder
        self.account = account
        self.jid = account.split('/')[0]
        self.password = password
        self.server = server
        self.events = []
        self.plugins = []
        self.settings = []
        self.buddies = []
        self.env = env or {}
        self._news = threading.Condition()
        self._process = None
        self._pid = None
        self._n = 0
        pins = os.path.join(folder, 'certificates', 'x509', 'tls_peers')
        os.makedirs(pins, exist_ok=True)
        shutil.copy(server.cert, os.path.join(pins, server.address))

    @property
    def name(self):
        return os.path.basename(self.folder)

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        """Starts the process, loads the plugins and makes the account."""
        env = {'PATH': os.environ['PATH'], 'HOME': self.folder,
               'LC_ALL': 'C.UTF-8', 'TZ': 'UTC',
               'XDG_RUNTIME_DIR': self.folder, 'PURPLE_LEAKCHECK_HELP': '1'}
        env.update(self.env)
        self._process = Process(
            self.name, [self.program, self.folder],
            os.path.join(self.folder, 'stderr.log'), env, subprocess.PIPE,
            subprocess.PIPE)
        self._pid = self._process.pid
        mark = self.mark()
        threading.Thread(target=self._read, daemon=True,
                         args=(self._process.popen,)).start()
        self.expect('ready', since=mark)
        for plugin in self.plugins:
            self.do('load', plugin)
        self.do('account', self.account, self.password, self.server.address,
                str(self.server.port))
        for kind, setting, value in self.settings:
            self.do('set', self.account, kind, setting, value)
        for buddy in self.buddies:
            self.do('buddy', self.account, buddy)

    def _read(self, popen):
        for line in popen.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                event = {'event': 'garbage', 'text': repr(line)}
            with self._news:
                self.events.append(event)
                self._news.notify_all()
        popen.wait()
        with self._news:
            self.events.append({'event': 'ended', 'pid': popen.pid})
            self._news.notify_all()

    def online(self):
        """Whether the last news of this process is that it signed on."""
        with self._news:
            news = [e['event'] for e in self.events
                    if e['event'] in ('signed-on', 'signed-off',
                                      'disconnected', 'ended')]
        return self._process is not None and news[-1:] == ['signed-on']

    def mark(self):
        with self._news:
            return len(self.events)

    def expect(self, name, /, since=0, timeout=15.0, where=None, **fields):
        """Returns the first event of this name with these fields."""
        def fits(event):
            return (event['event'] == name
                    and all(event.get(k) == v for k, v in fields.items())
                    and (where is None or where(event)))
        deadline = time.monotonic() + timeout * scale()
        with self._news:
            seen = since
            while True:
                for event in self.events[seen:]:
                    if fits(event):
                        return event
                seen = len(self.events)
                left = deadline - time.monotonic()
                ended = any(e['event'] == 'ended' and e['pid'] == self._pid
                            for e in self.events[since:])
                if left <= 0 or ended:
                    break
                self._news.wait(left)
        raise Timeout(f'{self.name}: no event {name} {fields or ""} within '
                      f'{timeout * scale():.0f} s'
                      + (' (the client ended)' if ended else '')
                      + '; last events:\n' + self.tell(since))

    def tell(self, since=0, limit=25):
        with self._news:
            events = [e for e in self.events[since:] if e['event'] != 'done']
        return '\n'.join('  ' + json.dumps(e, ensure_ascii=False)[:400]
                         for e in events[-limit:])

    def post(self, *words):
        """Sends a command without waiting."""
        self._n += 1
        line = '\t'.join([str(self._n)] + [_escape(w) for w in words]) + '\n'
        self._process.popen.stdin.write(line.encode())
        self._process.popen.stdin.flush()
        return str(self._n)

    def do(self, *words, ok=True):
        """Runs a command and returns the text of its failure, if any."""
        mark = self.mark()
        done = self.expect('done', since=mark, n=self.post(*words),
                           timeout=60)
        if ok is not None and ok != done['ok']:
            raise AssertionError(f'{self.name}: {words[0]}: {done["text"]}')
        return done['text']

    def connect(self, wait=True):
        mark = self.mark()
        self.do('connect', self.account)
        if wait:
            self.expect('signed-on', since=mark)
            self.settle()

    def settle(self):
        """Waits until the server has done, and recorded, what this client
        sent: a question that is asked last stands in its record."""
        if not self.server.records:
            return
        word = 'q' + secrets.token_hex(9)
        domain = self.jid.split('@')[1]
        self.do('raw', self.account, f"<iq type='get' to='{domain}' "
                f"id='{word}'><ping xmlns='urn:xmpp:ping'/></iq>")
        self.server.saw(word)

    def disconnect(self):
        mark = self.mark()
        self.do('disconnect', self.account)
        self.expect('signed-off', since=mark)

    def send(self, who, html):
        self.do('send', self.account, who, html)

    def command(self, who, text, ok=True):
        """Types /text into the window with who; returns the mark before."""
        mark = self.mark()
        self.do('command', self.account, who, text, ok=ok)
        return mark

    def until_ready(self):
        """Waits until /xim status says that the own keys can be used."""
        def ready():
            mark = self.command(self.jid, 'xim status')
            line = self.told(self.jid + ': ', since=mark)
            return 'your keys are ready' in line['text']
        wait_until(f'{self.name} is ready', ready, timeout=20, pause=0.05)

    def answer(self, request, choice, *values):
        self.do('answer', str(request['id']), str(choice), *values)

    def received(self, text, since=0, timeout=15.0):
        """Waits for a line from somebody else that reads exactly text."""
        return self.expect(
            'line', since, timeout,
            lambda e: 'recv' in e['flags'] and plain(e['text']) == text)

    def told(self, pattern, since=0, timeout=15.0):
        """Waits for a line of the client's own that matches."""
        return self.expect(
            'line', since, timeout,
            lambda e: ('recv' not in e['flags'] and 'send' not in e['flags']
                       and re.search(pattern, plain(e['text']))))

    def lines(self, since=0):
        with self._news:
            return [e for e in self.events[since:] if e['event'] == 'line']

    def debug_log(self):
        """All that libpurple logged so far."""
        path = os.path.join(self.folder, 'debug.log')
        with open(path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process = None

    def quit(self):
        """Ends the process as a user does; returns its status."""
        if self._process is None:
            return 0
        if self._process.running():
            try:
                self.post('quit')
                self._process.popen.stdin.close()
                self._process.popen.wait(20 * scale())
            except (BrokenPipeError, subprocess.TimeoutExpired):
                pass
        status = self._process.stop()
        self._process = None
        return status
