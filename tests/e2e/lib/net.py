# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Loopback addresses and ports that nobody else uses."""

import random
import socket

from .process import wait_until

# s2s without SRV records always goes to this port.
S2S_PORT = 5269


def _free(address, port):
    with socket.socket() as sock:
        try:
            sock.bind((address, port))
        except OSError:
            return False
    return True


def free_network():
    """Returns the start of 254 loopback addresses that look unused."""
    while True:
        network = f'127.{random.randint(16, 250)}.{random.randint(1, 250)}.'
        if all(_free(network + str(n), S2S_PORT) for n in (1, 2)):
            return network


def free_port(address):
    with socket.socket() as sock:
        sock.bind((address, 0))
        return sock.getsockname()[1]


def _answers(address, port):
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex((address, port)) == 0


def wait_port(process, address, port, timeout=20.0):
    """Waits until a process listens."""
    def listening():
        process.require_running()
        return _answers(address, port)
    wait_until(f'{process.name} listens on {address}:{port}', listening,
               timeout)
