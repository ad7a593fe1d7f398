# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Looks for a word in what a server saw, in every form it could have."""

import base64


def forms(word):
    """The word in plain and in base64 at all three alignments.

    The word has letters and digits only, so that no escape changes it.
    """
    assert word.isalnum() and len(word) >= 12, word
    plain = word.encode('ascii')
    found = {'plain': plain, 'hex': plain.hex().encode()}
    for shift in range(3):
        text = base64.b64encode(b'\0' * shift + plain)
        # Characters that share bits with what stands before and after.
        first = (shift * 8 + 5) // 6
        last = (shift + len(plain)) * 8 // 6
        found[f'base64+{shift}'] = text[first:last]
    return found


def search(word, record):
    """Returns the names of the forms in which the record has the word."""
    unwrapped = record.replace(b'\n', b'').replace(b'\r', b'')
    return [name for name, form in forms(word).items()
            if form in record or form in unwrapped]
