# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The real keyserver, made by its own init, in a folder of the test's."""

import base64
import hashlib
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import urllib.parse
import urllib.request

from . import net
from .gateway import Gateway
from .process import Process, wait_until


def verifier_key(note):
    """The C2SP verifier key of a server note's own key."""
    origin = re.search(r'^origin (\S+)$', note, re.M).group(1)
    key = base64.b64decode(
        re.search(r'^key ed25519 (\S+)$', note, re.M).group(1))
    typed = b'\x01' + key
    key_id = hashlib.sha256(origin.encode() + b'\n' + typed).digest()[:4]
    return f'{origin}+{key_id.hex()}+{base64.b64encode(typed).decode()}'


class Keyserver:
    """One domain's; clients reach it directly or through a gateway."""

    def __init__(self, world, domain, address, certs, server, gateway):
        self.folder = os.path.join(world.folder, 'keys.' + domain)
        self.domain = domain
        self.address = address
        self.certs = certs
        self.ca = world.authority.file
        self._program = world.program('keyserver/xim-keyserver')
        self.leaf_program = world.program('tests/xim-leaf')
        self._env = world.sanitizer_options()
        self._env.update(world.keyserver_clock_options())
        self._env.update({'PATH': os.environ['PATH'], 'HOME': self.folder})
        self.port = net.free_port(address)
        self._admin_port = net.free_port(address)
        self.gateway = None
        self._process = None
        self.pid = None
        if gateway:
            self.gateway = Gateway(address, certs, self.ca,
                                   (address, self.port))
            self.gateway.start()
        self._configure(server)

    def _verb(self, *arguments):
        done = subprocess.run(
            [self._program, *arguments], stdin=subprocess.DEVNULL,
            env=self._env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def _configure(self, server):
        self._verb('init', '--domain', self.domain, '--dir', self.folder,
                   '--listen', f'{self.address}:{self.port}',
                   '--admin', f'{self.address}:{self._admin_port}',
                   '--component', f'{server.address}:{server.component_port}',
                   '--certificate', self.certs[0], '--key', self.certs[1])
        # init makes a secret; the XMPP server of the test has one already.
        secret = os.path.join(self.folder, 'keys', 'component-secret')
        with open(secret, 'w', encoding='ascii') as file:
            file.write(server.secret)

    @property
    def url(self):
        port = self.gateway.port if self.gateway else self.port
        return f'https://{self.address}:{port}'

    @property
    def _config(self):
        return os.path.join(self.folder, 'keyserver.conf')

    def rotate_key(self):
        """Makes the next signing key, while the keyserver does not run."""
        self._verb('rotate-key', '--config', self._config)

    def start(self):
        self._process = Process(
            'xim-keyserver',
            [self._program, 'run', '--config', self._config],
            os.path.join(self.folder, 'output.log'), self._env)
        self.pid = self._process.pid
        net.wait_port(self._process, self.address, self.port)
        self.wait_component()
        self.vkey = verifier_key(json.loads(self.get('/v1/server')[1])['note'])

    def wait_component(self):
        """The XMPP server may refuse the component for a moment."""
        wait_until('the component is connected', self._ready)

    def _ready(self):
        url = f'http://{self.address}:{self._admin_port}/readyz'
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self):
        """As an operator does; returns the status."""
        status = self._process.stop(signal.SIGTERM)
        self._process = None
        return status

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process = None

    def close(self):
        self.kill()
        if self.gateway is not None:
            self.gateway.stop()

    def setting(self):
        """The account setting, made by hand, that names this keyserver."""
        return ('string', 'xim-keyserver:' + self.domain,
                f'{self.url} {self.vkey} {self.ca}')

    def get(self, path):
        """Asks the keyserver itself; returns status and text."""
        status, content = self.get_bytes(path)
        return status, content.decode()

    def get_bytes(self, path):
        connection = http.client.HTTPSConnection(
            self.address, self.port, timeout=10,
            context=ssl.create_default_context(cafile=self.ca))
        try:
            connection.request('GET', path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def bundle(self, jid):
        """The bundle of an address, or None."""
        status, text = self.get('/v1/accounts/' + urllib.parse.quote(jid))
        return json.loads(text) if status == 200 else None

    def wait_device(self, jid, line, timeout=20.0):
        """Waits until one of its device notes has a line."""
        def there():
            bundle = self.bundle(jid)
            return bundle and any(line in d for d in bundle['devices'])
        wait_until(f'a device note of {jid} with {line!r}', there, timeout,
                   0.1)

    def wait_bundle(self, jid, timeout=20.0):
        return wait_until(f'{jid} is enrolled', lambda: self.bundle(jid),
                          timeout, 0.1)
