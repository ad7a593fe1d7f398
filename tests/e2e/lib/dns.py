# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A name server that says where the XMPP servers of the test are."""

import socket
import struct
import threading

TYPE_SRV = 33
NO_SUCH_NAME = 3
SERVICE = '_xmpp-server._tcp.'


def _name(query):
    """The name that is asked for, and where the question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
        at += 1 + query[at]
    return '.'.join(labels), at + 5


def _labels(name):
    return b''.join(bytes([len(label)]) + label.encode()
                    for label in name.split('.')) + b'\0'


class NameServer:
    """Answers by UDP until the process ends.  The target is an address and
    not a name: the names of the test are known to nobody else."""

    def __init__(self, address, hosts, port):
        self._hosts = hosts
        self._target = port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            query, peer = self._socket.recvfrom(4096)
            self._socket.sendto(self._answer(query), peer)

    def _answer(self, query):
        name, end = _name(query)
        kind = struct.unpack('>H', query[end - 4:end - 2])[0]
        known = self._hosts.get(name.removeprefix(SERVICE))
        found = (known is not None and kind == TYPE_SRV
                 and name.startswith(SERVICE))
        flags = 0x8580 | (0 if found else NO_SUCH_NAME)
        record = b''
        if found:
            data = struct.pack('>HHH', 0, 0, self._target) + _labels(known)
            record = (b'\xc0\x0c' + struct.pack('>HHIH', TYPE_SRV, 1, 60,
                                                len(data)) + data)
        return (query[:2] + struct.pack('>HHHHH', flags, 1, found, 0, 0)
                + query[12:end] + record)
