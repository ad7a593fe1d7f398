# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Notes made by somebody who lies: with a keyserver's own key, or with keys
that nobody has.  What is signed here is signed well; only its content lies.
"""

import base64
import datetime
import hashlib
import json
import os
import re
import secrets
import subprocess

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)

from .gateway import Lie
from .merkle import Log

LOW_ORDER = bytes(32)


def b64(data):
    return base64.b64encode(data).decode()


def _raw(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


class Signer:
    """An Ed25519 key under a name."""

    def __init__(self, name, seed=None):
        self.name = name
        self._key = (Ed25519PrivateKey.generate() if seed is None
                     else Ed25519PrivateKey.from_private_bytes(seed))
        self.public = _raw(self._key)

    def line(self, text):
        typed = b'\x01' + self.public
        key_id = hashlib.sha256(self.name.encode() + b'\n' + typed).digest()
        signature = self._key.sign(text.encode())
        return f'\u2014 {self.name} {b64(key_id[:4] + signature)}\n'


class Device:
    """A device that exists nowhere."""

    def __init__(self):
        self.id = secrets.token_hex(8)
        self.signer = Signer('dev/' + self.id)
        self.key = _raw(X25519PrivateKey.generate())

    def listed(self):
        return f'device {self.id} ed25519 {b64(self.signer.public)}\n'


def keyserver_signer(keyserver):
    """The real key of a keyserver of the test: it is the one that lies."""
    return _signer(keyserver, '')


def log_signer(keyserver):
    """The same key under the name of the log."""
    return _signer(keyserver, '/log')


def _signer(keyserver, suffix):
    path = os.path.join(keyserver.folder, 'keys', 'ed25519')
    with open(path, encoding='ascii') as file:
        seed = base64.b64decode(file.read().strip())
    return Signer(f'keys.{keyserver.domain}{suffix}', seed)


def text_of(note):
    return note[:note.index('\n\n') + 1]


def lines_of(note):
    return note[note.index('\n\n') + 2:]


def sign(text, *signers):
    return text + '\n' + ''.join(signer.line(text) for signer in signers)


def text_hash(text):
    return b64(hashlib.sha256(text.encode()).digest())


def stamp(seconds=0):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(seconds=seconds)).strftime(
        '%Y-%m-%dT%H:%M:%SZ')


def field(text, name):
    return re.search(rf'^{name} (.*)$', text, re.M).group(1)


def with_field(text, name, value):
    return re.sub(rf'^{name} .*$', f'{name} {value}', text, flags=re.M)


def account_text(jid, version, previous, devices, time, reset=False):
    """devices: lines of listed devices, in any order."""
    return (f'x-im account v1\njid {jid}\nversion {version}\n'
            f'previous {previous}\ntime {time}\n'
            f'reset {"yes" if reset else "no"}\n' + ''.join(sorted(devices)))


def device_text(jid, device, serial, time, expires, key=None):
    return (f'x-im device v1\njid {jid}\ndevice {device.id}\n'
            f'serial {serial}\nsuite 1\n'
            f'key x25519 {b64(device.key if key is None else key)}\n'
            f'created {time}\nexpires {expires}\n')


def current_text(account, time):
    return (f'x-im current v1\njid {field(account, "jid")}\n'
            f'version {field(account, "version")}\n'
            f'account {text_hash(account)}\ntime {time}\n')


def device_lines(account):
    return re.findall('^device .*\n', account, re.M)


class Liar:
    """A keyserver that signs what it likes, and logs it: `log` is its own log
    as it was at the first lie, and what it made up.  `seconds`: how far its
    clock is from that of this machine."""

    def __init__(self, keyserver, seconds=0):
        self.keyserver = keyserver
        self.signer = keyserver_signer(keyserver)
        self.seconds = seconds
        self.log = None
        self._logged = {}
        self._ghosts = {}

    def now(self, more=0):
        return stamp(self.seconds + more)

    def append(self, entry):
        """Returns the number of the leaf."""
        if self.log is None:
            self.log = Log.of(self.keyserver, log_signer(self.keyserver))
        self.log.entries.append(entry)
        return len(self.log.entries) - 1

    def logged(self, account):
        """The member `log` of a bundle, for a note that was made up."""
        if account not in self._logged:
            made = subprocess.run(
                [self.keyserver.leaf_program,
                 os.path.join(self.keyserver.folder, 'keys', 'vrf')],
                input=account.encode(), stdout=subprocess.PIPE, check=True)
            parts = dict(line.split(' ')
                         for line in made.stdout.decode().splitlines())
            parts['leaf'] = self.append(base64.b64decode(parts.pop('entry')))
            self._logged[account] = parts
        parts = self._logged[account]
        return {**parts, 'inclusion': self.log.inclusion(parts['leaf']),
                'checkpoint': self.log.checkpoint()}

    def serve_log(self, gateway):
        """Whoever asks for the log gets what belongs to the lies."""
        gateway.rule('GET', '^/log/', LogLie(self))

    def bundle(self, honest, account=None, devices=None, log=None):
        """The honest bundle with another account note or other device notes,
        and a current note that fits; `log`: of a note that was not made up."""
        bundle = dict(honest)
        if account is not None:
            bundle['account'] = account
            bundle['log'] = self.logged(account) if log is None else log
        if devices is not None:
            bundle['devices'] = devices
        bundle['current'] = sign(
            current_text(text_of(bundle['account']), self.now()),
            self.signer)
        return bundle

    def device_note(self, jid, device, key=None):
        """The first note of a device that the liar made up."""
        text = device_text(jid, device, 1, self.now(-60),
                           self.now(20 * 86400), key)
        return sign(text, device.signer, self.signer)

    def with_ghost(self, honest, ghost, reset=False):
        """The next version with one more device, or, as a reset, with that
        device alone; always the same one."""
        before = text_of(honest['account'])
        if (before, reset) not in self._ghosts:
            self._ghosts[before, reset] = self._with_ghost(
                honest, ghost, reset)
        account, notes = self._ghosts[before, reset]
        return self.bundle(honest, account, notes)

    def _with_ghost(self, honest, ghost, reset):
        before = text_of(honest['account'])
        jid = field(before, 'jid')
        listed = [] if reset else device_lines(before)
        text = account_text(jid, int(field(before, 'version')) + 1,
                            text_hash(before), listed + [ghost.listed()],
                            self.now(), reset)
        notes = [] if reset else honest['devices']
        return (sign(text, ghost.signer, self.signer),
                notes + [self.device_note(jid, ghost)])


class LogLie(Lie):
    """Of a gateway: the log of a liar."""

    def __init__(self, liar):
        super().__init__(None)
        self.liar = liar

    def answer(self, path, status, content):
        if self.liar.log is None:
            return status, content
        return self.liar.log.answer(path)


def lie_of(function):
    """As a gateway's Lie wants it: a function of the decoded bundle."""
    def lie(status, content):
        if status != 200:
            return status, content
        made = function(json.loads(content))
        return 200, json.dumps(made, ensure_ascii=False)
    return lie
