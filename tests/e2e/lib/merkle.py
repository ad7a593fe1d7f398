# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A log as its keyserver could serve it: that of the keyserver itself, and
one that goes on otherwise.  Up to 255 entries.  Source: RFC 6962, section 2.1;
C2SP tlog-tiles and tlog-checkpoint."""

import base64
import hashlib
import re


def leaf_hash(entry):
    return hashlib.sha256(b'\0' + entry).digest()


def _split(n):
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def root_of(hashes):
    if len(hashes) <= 1:
        return hashes[0] if hashes else hashlib.sha256().digest()
    k = _split(len(hashes))
    return hashlib.sha256(
        b'\1' + root_of(hashes[:k]) + root_of(hashes[k:])).digest()


def inclusion(leaf, hashes):
    """The hashes from the leaf up."""
    if len(hashes) <= 1:
        return []
    k = _split(len(hashes))
    if leaf < k:
        return inclusion(leaf, hashes[:k]) + [root_of(hashes[k:])]
    return inclusion(leaf - k, hashes[k:]) + [root_of(hashes[:k])]


class Log:
    """`signer` has the key of the log under its name."""

    def __init__(self, signer, entries):
        self.signer = signer
        self.entries = list(entries)

    @classmethod
    def of(cls, keyserver, signer):
        """What the keyserver has logged by now."""
        lines = keyserver.get_bytes('/log/checkpoint')[1].decode().split('\n')
        size, entries = int(lines[1]), []
        data = keyserver.get_bytes(f'/log/tile/entries/000.p/{size}')[1]
        while data:
            length = int.from_bytes(data[:2], 'big')
            entries.append(data[2:2 + length])
            data = data[2 + length:]
        assert len(entries) == size, (len(entries), size)
        return cls(signer, entries)

    @property
    def hashes(self):
        return [leaf_hash(entry) for entry in self.entries]

    def root(self, size=None):
        return root_of(self.hashes[:size])

    def checkpoint(self):
        root = base64.b64encode(self.root()).decode()
        text = f'{self.signer.name}\n{len(self.entries)}\n{root}\n'
        return text + '\n' + self.signer.line(text)

    def inclusion(self, leaf):
        return [base64.b64encode(node).decode()
                for node in inclusion(leaf, self.hashes)]

    def answer(self, path):
        """What a request below /log/ gets: status and bytes."""
        if path == '/log/checkpoint':
            return 200, self.checkpoint().encode()
        tile = re.match(r'^/log/tile/(0|entries)/000\.p/(\d+)$', path)
        if tile is None or int(tile[2]) > len(self.entries):
            return 404, b'{"error":"not-found","message":"-"}'
        entries = self.entries[:int(tile[2])]
        if tile[1] == '0':
            return 200, b''.join(leaf_hash(entry) for entry in entries)
        return 200, b''.join(len(entry).to_bytes(2, 'big') + entry
                             for entry in entries)
