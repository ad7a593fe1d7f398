# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""What a decoder of QR codes reads."""

import os
import shutil
import subprocess

MODULE = 4  # pixels

# Which of the upper and the lower half is light.
BLOCKS = {'\u00a0': (0, 0), ' ': (0, 0), '\u2580': (1, 0), '\u2584': (0, 1),
          '\u2588': (1, 1)}


def scan_file(path):
    """In a picture; '' when there is no code, or no picture yet."""
    if shutil.which('zbarimg') is None:
        raise AssertionError('zbarimg is not installed')
    done = subprocess.run(['zbarimg', '--quiet', '--raw', '--nodbus', path],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=False)
    return done.stdout.decode().strip()


def scan(blocks, folder):
    """In lines of block characters."""
    rows = []
    for line in blocks.split('\n'):
        halves = [BLOCKS[c] for c in line]
        for half in (0, 1):
            row = b''.join((b'\xff' if h[half] else b'\x00') * MODULE
                           for h in halves)
            rows += [row] * MODULE
    path = os.path.join(folder, 'code.pgm')
    with open(path, 'wb') as file:
        file.write(b'P5 %d %d 255\n' % (len(rows[0]), len(rows)))
        file.write(b''.join(rows))
    return scan_file(path)
