# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A whole small world: XMPP servers, keyservers, people."""

import glob
import os
import secrets
import shutil
import stat
import struct
import tempfile

from . import net
from .certs import FAKETIME, Authority
from .client import Client
from .ejabberd import Ejabberd
from .keyserver import Keyserver
from .prosody import Prosody

SERVERS = {'prosody': Prosody, 'ejabberd': Ejabberd}


def _not_kept(folder, names):
    """Private keys, and what cannot be copied."""
    return [name for name in names if name.endswith(('.key', '.pem'))
            or stat.S_ISSOCK(os.lstat(os.path.join(folder, name)).st_mode)]


class Place:
    """What belongs to one domain."""

    def __init__(self, domain, server, keyserver):
        self.domain = domain
        self.server = server
        self.keyserver = keyserver


class World:
    """Made for one scenario and taken away after it, whatever happens."""

    def __init__(self, kind, build, source):
        self.kind = kind
        self.build = build
        self.source = source
        self.folder = tempfile.mkdtemp(prefix='xim-e2e-')
        self.network = net.free_network()
        self.authority = Authority(os.path.join(self.folder, 'certs'))
        self.clients = []
        self.people = []
        self._clock = None
        self.places = {}
        self._hosts = {'one.test': self.network + '1',
                       'two.test': self.network + '2'}

    def program(self, path):
        return os.path.join(self.build, path)

    @property
    def plugin(self):
        return self.program('plugin/xim.so')

    def place(self, domain='one.test', keyserver=True, users=(),
              gateway=False, record=True):
        """Starts the servers of a domain."""
        address = self._hosts[domain]
        names = [domain, 'conference.' + domain, 'keys.' + domain]
        certs = self.authority.issue(domain, names, [address])
        folder = os.path.join(self.folder, domain)
        server = SERVERS[self.kind](folder, domain, address, certs,
                                    keyserver and secrets.token_hex(16),
                                    self._hosts)
        if not record:
            server.record_nothing()
        for user in users:
            server.register(user, 'pw-' + user)
            self.people.append(f'{user}@{domain}')
        keys = None
        self.places[domain] = Place(domain, server, None)
        server.start()
        if keyserver:
            keys = Keyserver(self, domain, address, certs, server, gateway)
        self.places[domain] = Place(domain, server, keys)
        if keys is not None:
            keys.start()
        return self.places[domain]

    def client(self, user, domain='one.test', plugin=True, name=None,
               passphrase='correct horse'):
        """Makes a client that is not started yet and has everybody in its
        buddy list: what strangers send is looked up only when asked to."""
        place = self.places[domain]
        folder = os.path.join(self.folder, name or user)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        env = self.sanitizer_options()
        env.update(self.clock_options())
        if plugin and passphrase is not None:
            env['XIM_PASSPHRASE_FILE'] = os.path.join(folder, 'passphrase')
        account = f'{user}@{domain}/{name or "pc"}'
        client = Client(self.program('tests/e2e/client'), folder, account,
                        'pw-' + user, place.server, env)
        client.buddies = [p for p in self.people if p != client.jid]
        if plugin:
            client.plugins.append(self.plugin)
            for other in self.places.values():
                if other.keyserver is not None:
                    client.settings.append(other.keyserver.setting())
        if plugin and passphrase is not None:
            self.write_passphrase(client, passphrase)
        self.clients.append(client)
        return client

    @staticmethod
    def write_passphrase(client, passphrase):
        path = os.path.join(client.folder, 'passphrase')
        with open(path, 'w', encoding='utf-8') as secret:
            secret.write(passphrase)
        os.chmod(path, 0o600)

    @staticmethod
    def answer_passphrase(client, request, passphrase):
        """Types it into every field of the request that is a text."""
        values = []
        for field in request['fields']:
            values += [field, passphrase]
        client.answer(request, 0, *values)

    def member(self, user, domain='one.test', **options):
        """A client with the plugin that is online and enrolled."""
        client = self.client(user, domain, **options)
        client.start()
        client.connect()
        self.places[domain].keyserver.wait_bundle(client.jid)
        client.until_ready()
        return client

    def sanitizer_options(self):
        folder = os.path.join(self.source, 'tests', 'e2e')
        return {
            'ASAN_OPTIONS': 'detect_leaks=1:exitcode=99:verify_asan_link_order=0'
                            ':intercept_tls_get_addr=0'
                            ':fast_unwind_on_malloc=0'
                            ':malloc_context_size=10'
                            ':quarantine_size_mb=32',
            'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1:exitcode=98',
            'LSAN_OPTIONS': f'suppressions={folder}/lsan.supp'
                            ':print_suppressions=0',
        }

    def clock_options(self):
        if self._clock is None:
            return {}
        return {'LD_PRELOAD': glob.glob(FAKETIME)[0],
                'FAKETIME_NO_CACHE': '1',
                'FAKETIME_TIMESTAMP_FILE': self._clock}

    def keyserver_clock_options(self):
        """The signer cannot open files, as libfaketime would."""
        if self._clock is None:
            return {}
        return {'LD_PRELOAD': self.program('tests/e2e/clock.so'),
                'XIM_TEST_CLOCK': self._clock + '.map'}

    def own_clock(self):
        """Clients and keyservers made from now on have the world's clock."""
        if not glob.glob(FAKETIME):
            raise AssertionError('faketime is not installed')
        self._clock = os.path.join(self.folder, 'clock')
        self.later(0)

    def later(self, seconds):
        """So much later than the real time it is from now on."""
        with open(self._clock + '.new', 'w', encoding='ascii') as clock:
            clock.write(f'+{seconds}')
        os.rename(self._clock + '.new', self._clock)
        # In place: who has mapped it goes on seeing it.
        clock = os.open(self._clock + '.map', os.O_RDWR | os.O_CREAT, 0o600)
        os.pwrite(clock, struct.pack('=q', seconds), 0)
        os.close(clock)

    def word(self):
        """A word that occurs nowhere else, to look for on the wire."""
        return 'w' + secrets.token_hex(9)

    def quit_clients(self):
        """Ends all clients cleanly and complains about a bad status."""
        bad = []
        for client in self.clients:
            status = client.quit()
            if status != 0:
                bad.append(f'{client.name} ended with status {status}')
        assert not bad, '; '.join(bad)

    def close(self, keep=None):
        for client in self.clients:
            client.kill()
        for place in self.places.values():
            if place.keyserver is not None:
                place.keyserver.close()
            place.server.stop()
        if keep is not None:
            shutil.copytree(self.folder, keep, dirs_exist_ok=True,
                            ignore=_not_kept)
        shutil.rmtree(self.folder, ignore_errors=True)
