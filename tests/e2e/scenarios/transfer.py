# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Keys go from one computer to another in a file."""

import os

from lib.check import assert_unread, exchange, texts_read
from lib.devices import n_listed, second, wait_known, wait_listed, window_says
from lib.scenario import scenario

WORDS = 'a passphrase of the file'


def export(world, client, path):
    """All keys of the client go into a file."""
    mark = client.mark()
    client.command(client.jid, f'xim export {path}')
    world.answer_passphrase(client, client.expect('request', mark), WORDS)
    window_says(client, 'Your keys are in', mark, 60)
    assert os.stat(path).st_mode & 0o777 == 0o600


def import_file(world, client, path, passphrase=WORDS):
    """Returns the mark before it."""
    mark = client.mark()
    client.command(client.jid, f'xim import {path}')
    if passphrase is not None:
        world.answer_passphrase(client, client.expect('request', mark, 40),
                                passphrase)
    return mark


@scenario('an imported file adds the computer as a new device, which reads '
          'what was sealed to the exported one; both go on; a wrong passphrase '
          'and what is no export are refused', timeout=240)
def import_keys(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(bob, alice, 'before')
    path = os.path.join(world.folder, 'keys of alice')
    export(world, alice, path)
    alice.quit()
    words = [world.word() for _ in range(4)]
    other = second(world)
    window_says(other, 'Sign on there too')
    mark = other.mark()
    bob.send(alice.jid, words[0])
    other.told('A message from .* waits', since=mark)
    cut = path + '.cut'
    with open(path, 'rb') as whole, open(cut, 'wb') as part:
        part.write(whole.read()[:-1])
    for name, line in ((cut, 'Its end is missing'),
                       ('/dev/null', 'cannot be read'),
                       (other.folder + '/passphrase', 'no exported keys')):
        mark = import_file(world, other, name, None)
        window_says(other, line, mark)
    mark = import_file(world, other, path, 'another one')
    window_says(other, 'The passphrase is wrong', mark, 60)
    assert n_listed(place, alice.jid) == 1

    mark = import_file(world, other, path)
    window_says(other, 'what was sealed to the exported device', mark, 60)
    other.until_ready()
    wait_listed(place, alice.jid, 2)
    assert 'reset no\n' in place.keyserver.bundle(alice.jid)['account']
    other.received(words[0])

    mark = alice.mark()
    alice.start()
    alice.connect()
    doubt = alice.expect('request', mark, 60, kind='action')
    assert 'Was it you?' in doubt['primary'], doubt
    alice.answer(doubt, 0)
    exchange(other, bob, words[1])
    wait_known(bob, alice.jid, 2)
    exchange(bob, alice, words[2])
    other.received(words[2])
    exchange(alice, bob, words[3])
    assert texts_read(other) == [words[0], words[2]], other.tell()
    assert_unread(world, *words)
    world.quit_clients()
