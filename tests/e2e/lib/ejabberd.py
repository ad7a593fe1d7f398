# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""ejabberd, its virtual machine started directly."""

import glob
import os
import signal

from . import net
from .dns import NameServer
from .process import Process, wait_until

CONFIG = '''
hosts: ["{domain}"]
loglevel: info
log_rotate_size: infinity
log_burst_limit_count: 1000000
certfiles: ["{pem}"]
ca_file: "{ca}"
s2s_use_starttls: required
auth_method: internal
listen:
  -
    port: {c2s}
    ip: "{address}"
    module: ejabberd_c2s
    starttls: true
    starttls_required: true
    max_stanza_size: 262144
    access: all
    shaper: none
  -
    port: {s2s}
    ip: "{address}"
    module: ejabberd_s2s_in
  {component}
modules:
  mod_adhoc: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_disco: {{}}
  mod_mam: {{}}
  mod_muc:
    host: "conference.{domain}"
    default_room_options:
      anonymous: false
  mod_offline: {{}}
  mod_ping: {{}}
  mod_private: {{}}
  mod_pubsub: {{}}
  mod_roster: {{}}
  mod_s2s_dialback: {{}}
  mod_stream_mgmt:
    resume_timeout: 1
  mod_vcard: {{}}
'''

COMPONENT = '''-
    port: {port}
    ip: "{address}"
    module: ejabberd_service
    access: all
    hosts:
      "keys.{domain}":
        password: "{secret}"
'''
STARTED = 'x-im-test: started'


def _libraries():
    """Debian puts Erlang applications of packages below the multiarch
    folder."""
    found = glob.glob('/usr/lib/*/ejabberd-*')
    return os.path.dirname(found[0]) if found else ''


class Ejabberd:
    """One domain on one loopback address."""

    kind = 'ejabberd'
    records = True

    def __init__(self, folder, domain, address, certs, secret, hosts):
        """Without a secret the domain has no component."""
        self.folder = folder
        self.domain = domain
        self.address = address
        self.cert, self.key, pem = certs
        self.secret = secret
        self.port = net.free_port(address)
        self.component_port = net.free_port(address)
        self.record = os.path.join(folder, 'ejabberd.log')
        self._accounts = {}
        self._process = None
        os.makedirs(folder)
        self._config = os.path.join(folder, 'ejabberd.yml')
        component = COMPONENT.format(
            port=self.component_port, address=address, domain=domain,
            secret=secret)
        with open(self._config, 'w', encoding='utf-8') as config:
            config.write(CONFIG.format(
                domain=domain, pem=pem, c2s=self.port, address=address,
                s2s=net.S2S_PORT,
                ca=os.path.join(os.path.dirname(pem), 'ca.crt'),
                component=component if secret else ''))

        self._inetrc = os.path.join(folder, 'inetrc')
        names = NameServer(address, {
            part + name: where for name, where in hosts.items()
            for part in ('', 'conference.', 'keys.')}, net.S2S_PORT)
        with open(self._inetrc, 'w', encoding='ascii') as inetrc:
            where = address.replace('.', ',')
            inetrc.write('{lookup,[dns]}.\n{resolv_conf,""}.\n'
                         f'{{nameserver,{{{where}}},{names.port}}}.\n')

    def register(self, user, password):
        self._accounts[user] = password

    def _at_start(self):
        """Makes the accounts, and has every stanza logged in full: the log
        level debug does too, but drops lines when there are many."""
        calls = [f'ejabberd_auth:try_register(<<"{user}">>,'
                 f'<<"{self.domain}">>,<<"{password}">>)'
                 for user, password in self._accounts.items()]
        calls += ['xmpp:set_config([{fqdn,[]},{debug,true}])',
                  f'io:format("{STARTED}~n")']
        return ', '.join(calls) + '.'

    def start(self):
        env = {'PATH': os.environ['PATH'], 'HOME': self.folder,
               'ERL_LIBS': _libraries(), 'ERL_INETRC': self._inetrc,
               'EJABBERD_CONFIG_PATH': self._config,
               'EJABBERD_LOG_PATH': self.record}
        spool = os.path.join(self.folder, 'spool')
        self._process = Process(
            'ejabberd',
            ['erl', '+sbwt', 'none', '-noinput', '-mnesia', 'dir',
             f'"{spool}"', '-s', 'ejabberd', '-eval', self._at_start()],
            os.path.join(self.folder, 'output.log'), env)
        net.wait_port(self._process, self.address, self.port, 60)
        if self.secret:
            net.wait_port(self._process, self.address, self.component_port,
                          60)
        wait_until('ejabberd has its accounts',
                   lambda: STARTED in self._process.tail(1000), 60)

    def stop(self):
        if self._process is not None:
            self._process.stop(signal.SIGKILL)
            self._process = None

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def recorded(self):
        """Every stanza that the server read or wrote, in its log."""
        with open(self.record, 'rb') as log:
            return log.read()

    def saw(self, words, timeout=10.0):
        """Waits until the record, which is written late, has the words."""
        wait_until(f'{self.kind} saw {words!r}',
                   lambda: words.encode() in self.recorded(), timeout)
