# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Clients that do not have X-IM: the ground that the others stand on."""

import base64
import os

from lib.client import plain
from lib.scenario import scenario
from lib.wire import search


@scenario('two clients without X-IM exchange a message, and the server '
          'reads it')
def without_plugin(world):
    place = world.place(users=('alice', 'bob'), keyserver=False)
    alice = world.client('alice', plugin=False)
    bob = world.client('bob', plugin=False)
    for client in (alice, bob):
        client.start()
        client.connect()
    word = world.word()
    alice.send(bob.jid, f'hello <b>{word}</b> &lt;&amp;&gt;')
    line = bob.received(f'hello {word} <&>')
    assert line['who'].startswith(alice.jid), line
    assert plain(line['text']) == f'hello {word} <&>', line
    place.server.saw(word)
    assert 'plain' in search(word, place.server.recorded())
    world.quit_clients()


@scenario('the search for a word finds it in plain, in hex and in base64 at '
          'every alignment, and nothing where it is not',
          servers=['prosody'])
def search_finds(world):
    word = world.word()
    for before in range(7):
        for after in range(4):
            text = os.urandom(before) + word.encode() + os.urandom(after)
            found = search(word, b'<x>' + base64.b64encode(text) + b'</x>')
            assert found == [f'base64+{before % 3}'], (before, after, found)
    assert search(word, b'...' + word.encode().hex().encode()) == ['hex']
    assert search(word, b'a ' + word.encode()) == ['plain']
    assert search(word, base64.b64encode(os.urandom(3000))) == []
