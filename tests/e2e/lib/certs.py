# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A certificate authority of the test's own, by openssl."""

import glob
import os
import subprocess

FAKETIME = '/usr/lib/*/faketime/libfaketime.so.1'


def _openssl(*args):
    """Ten days ago, where time can be moved: a client whose clock is behind
    takes the certificates, too."""
    env = dict(os.environ)
    for library in glob.glob(FAKETIME):
        env.update({'LD_PRELOAD': library, 'FAKETIME': '-10d'})
    done = subprocess.run(('openssl',) + args, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, env=env)
    if done.returncode != 0:
        raise AssertionError('openssl: ' + done.stderr.decode())


class Authority:
    """One CA with the certificates that it signed, all in one folder."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.file = os.path.join(folder, 'ca.crt')
        self._key = os.path.join(folder, 'ca.key')
        _openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
                 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650',
                 '-subj', '/CN=X-IM test CA', '-keyout', self._key,
                 '-out', self.file, '-addext',
                 'basicConstraints=critical,CA:TRUE')

    def issue(self, name, domains, addresses):
        """Returns the certificate, its key, and a file with both."""
        base = os.path.join(self.folder, name)
        names = [f'DNS:{d}' for d in domains] + [f'IP:{a}' for a in addresses]
        with open(base + '.ext', 'w', encoding='ascii') as ext:
            ext.write('basicConstraints=CA:FALSE\n'
                      'extendedKeyUsage=serverAuth,clientAuth\n'
                      'subjectAltName=' + ','.join(names) + '\n')
        _openssl('req', '-newkey', 'ec', '-pkeyopt',
                 'ec_paramgen_curve:P-256', '-nodes', '-subj', f'/CN={name}',
                 '-keyout', base + '.key', '-out', base + '.csr')
        _openssl('x509', '-req', '-in', base + '.csr', '-CA', self.file,
                 '-CAkey', self._key, '-CAcreateserial', '-days', '3650',
                 '-extfile', base + '.ext', '-out', base + '.crt')
        with open(base + '.pem', 'w', encoding='ascii') as pem:
            for part in ('.crt', '.key'):
                with open(base + part, encoding='ascii') as text:
                    pem.write(text.read())
        os.chmod(base + '.pem', 0o600)
        return base + '.crt', base + '.key', base + '.pem'
