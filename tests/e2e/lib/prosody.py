# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Prosody with data, ports and certificates of the test's own."""

import os
import signal

from . import net
from .process import Process, wait_until

CONFIG = '''
run_as_root = true
pidfile = "{dir}/prosody.pid"
data_path = "{dir}/data"
certificates = "{dir}"
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "carbons", "pep",
  "private", "blocklist", "smacks", "ping", "time", "version", "mam",
  "offline", "dialback", "posix", "stanza_debug", "x_im_lies" }}
plugin_paths = {{ "{modules}" }}
x_im_lies = "{dir}/lies"
modules_disabled = {{ "s2s_bidi" }}
interfaces = {{ "{address}" }}
use_ipv6 = false
c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{ }}
s2s_ports = {{ {s2s} }}
s2s_direct_tls_ports = {{ }}
component_ports = {{ {component} }}
component_interfaces = {{ "{address}" }}
http_ports = {{ }}
https_ports = {{ }}
c2s_require_encryption = true
s2s_require_encryption = true
s2s_secure_auth = true
allow_registration = false
smacks_hibernation_time = 1
authentication = "internal_hashed"
unbound = {{ hoststxt = "{dir}/hosts"; resolvconf = false }}
ssl = {{ cafile = "{ca}"; certificate = "{cert}"; key = "{key}" }}
log = {{ debug = "{log}" }}
VirtualHost "{domain}"
Component "conference.{domain}" "muc"
  muc_room_locking = false
  muc_room_default_public_jids = true
'''
COMPONENT = '''
Component "keys.{domain}"
  component_secret = "{secret}"
'''


class Prosody:
    """One domain on one loopback address."""

    kind = 'prosody'
    records = True

    def __init__(self, folder, domain, address, certs, secret, hosts):
        """Without a secret the domain has no component."""
        self.folder = folder
        self.domain = domain
        self.address = address
        self.cert, self.key, _ = certs
        self.secret = secret
        self.port = net.free_port(address)
        self.component_port = net.free_port(address)
        self.record = os.path.join(folder, 'stanzas.log')
        self._process = None
        os.makedirs(folder)
        with open(os.path.join(folder, 'hosts'), 'w', encoding='ascii') as f:
            for name, where in hosts.items():
                f.write(f'{where} {name} conference.{name} keys.{name}\n')
        self._config = os.path.join(folder, 'prosody.cfg.lua')
        with open(self._config, 'w', encoding='utf-8') as config:
            text = CONFIG + COMPONENT if secret else CONFIG
            config.write(text.format(
                dir=folder, address=address, c2s=self.port,
                s2s=net.S2S_PORT, component=self.component_port,
                ca=os.path.join(os.path.dirname(self.cert), 'ca.crt'),
                cert=self.cert, key=self.key, log=self.record,
                domain=domain, secret=secret,
                modules=os.path.dirname(os.path.abspath(__file__))))

    def register(self, user, password):
        folder = os.path.join(self.folder, 'data',
                              self.domain.replace('.', '%2e'), 'accounts')
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, user + '.dat')
        with open(path, 'w', encoding='ascii') as account:
            account.write(f'return {{ ["password"] = "{password}" }};\n')

    def start(self):
        env = {'PATH': os.environ['PATH'], 'HOME': self.folder}
        self._process = Process(
            'prosody', ['prosody', '--config', self._config, '-F'],
            os.path.join(self.folder, 'output.log'), env)
        ports = [self.port, net.S2S_PORT]
        if self.secret:
            ports.append(self.component_port)
        for port in ports:
            net.wait_port(self._process, self.address, port)

    def stop(self):
        """Ends it at once: a clean stop waits for open streams."""
        if self._process is not None:
            self._process.stop(signal.SIGKILL)
            self._process = None

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def lie(self, *lines):
        """From now on sealed messages are changed before they are handed on
        (mod_x_im_lies.lua); without lines no more."""
        path = os.path.join(self.folder, 'lies')
        with open(path + '.new', 'w', encoding='utf-8') as lies:
            lies.writelines(line + '\n' for line in lines)
        os.rename(path + '.new', path)

    def record_nothing(self):
        """For measurements: what is recorded costs time, and TCP would hold
        small pieces back (Nagle) until others are acknowledged."""
        self.records = False
        with open(self._config, encoding='utf-8') as config:
            text = config.read()
        text = text.replace(', "stanza_debug", "x_im_lies"', '').replace(
            'log = { debug =', 'log = { warn =')
        text = 'network_settings = { nagle = false }\n' + text
        with open(self._config, 'w', encoding='utf-8') as config:
            config.write(text)

    def recorded(self):
        """Every stanza that the server read or wrote, as bytes."""
        with open(self.record, 'rb') as log:
            return log.read()

    def saw(self, words, timeout=10.0):
        """Waits until the record, which is written late, has the words."""
        wait_until(f'{self.kind} saw {words!r}',
                   lambda: words.encode() in self.recorded(), timeout)
