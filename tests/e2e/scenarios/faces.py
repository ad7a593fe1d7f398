# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The same plugin in real Pidgin and in real Finch."""

import re

from lib.check import assert_unread
from lib.client import plain
from lib.faces import Finch, Pidgin
from lib.process import wait_until
from lib.qr import scan
from lib.scenario import scenario


def pidgin_with_toolbars(world, client):
    """With the face, and what tells the toolbars' words."""
    return Pidgin(client, world.plugin,
                  world.program('plugin/pidgin/xim-pidgin.so'),
                  world.program('tests/e2e/pidgin-toolbars.so'))


@scenario('the plugin in real Pidgin enrols and exchanges messages with a '
          'headless client', servers=['prosody'], group='faces',
          sanitized=False)
def pidgin(world):
    place = world.place(users=['alice', 'bob'])
    bob = world.member('bob')
    alice = world.client('alice')
    face = Pidgin(alice, world.plugin)
    try:
        face.start()
        place.keyserver.wait_bundle(alice.jid)
        words = [world.word(), world.word()]
        face.send(bob.jid, words[0])
        bob.received(words[0])
        bob.send(alice.jid, f'<b>{words[1]}</b>')
        wait_until('Pidgin shows the answer',
                   lambda: any(plain(t) == words[1] for t in face.lines()))
        face.require_running()
    finally:
        face.stop()
    assert_unread(world, *words)
    world.quit_clients()


@scenario("the toolbar of each conversation in real Pidgin says how it stands "
          'and follows', servers=['prosody'], group='faces', sanitized=False,
          timeout=120)
def pidgin_toolbar(world):
    place = world.place(users=['alice', 'bob', 'carol'])
    bob = world.member('bob')
    bare = world.client('carol', plugin=False, name='bare')
    bare.start()
    bare.connect()
    alice = world.client('alice')
    face = pidgin_with_toolbars(world, alice)
    try:
        face.start()
        place.keyserver.wait_bundle(alice.jid)
        words = [world.word() for _ in range(3)]
        face.send(bob.jid, words[0])
        bob.received(words[0])
        face.shows(bob.jid, 'X-IM: Encrypted')
        face.send(bare.jid, 'in the clear')
        bare.received('in the clear')
        face.shows(bare.jid, 'X-IM: NOT encrypted')
        face.shows(bob.jid, 'X-IM: Encrypted')
        bare.quit()
        carol = world.member('carol')
        carol.send(alice.jid, words[1])
        face.shows(carol.jid, 'X-IM: Encrypted')
        face.send(carol.jid, words[2])
        carol.received(words[2])
        face.require_running()
    finally:
        face.stop()
    assert_unread(world, *words)
    world.quit_clients()


@scenario('real Pidgin shows the code that two people compare as a picture, '
          'and a contact who was compared with as verified',
          servers=['prosody'], group='faces', sanitized=False, timeout=120)
def pidgin_verify(world):
    place = world.place(users=['alice', 'bob'])
    bob = world.member('bob')
    alice = world.client('alice')
    face = pidgin_with_toolbars(world, alice)
    try:
        face.start()
        place.keyserver.wait_bundle(alice.jid)
        word = world.word()
        face.send(bob.jid, word)
        bob.received(word)
        mark = bob.command(alice.jid, 'xim verify')
        code = plain(bob.told('^x-im:', since=mark)['text'])
        face.command(bob.jid, 'xim verify')
        assert face.scanned() == code
        face.shows(bob.jid, 'X-IM: Encrypted')
        face.command(bob.jid, 'xim verify ' + code)
        face.shows(bob.jid, 'X-IM: Encrypted and verified')
        face.command(bob.jid, 'xim verify no')
        face.shows(bob.jid, 'X-IM: Encrypted')
        face.require_running()
    finally:
        face.stop()
    world.quit_clients()


@scenario('a member whose keyserver is down is shown as waiting by real '
          'Pidgin', servers=['prosody'], group='faces', sanitized=False,
          timeout=120)
def pidgin_toolbar_waiting(world):
    place = world.place(users=['alice', 'bob', 'carol'])
    bob = world.member('bob')
    alice = world.client('alice')
    face = pidgin_with_toolbars(world, alice)
    try:
        face.start()
        place.keyserver.wait_bundle(alice.jid)
        face.send(bob.jid, 'hello')
        bob.received('hello')
        place.keyserver.stop()
        word = world.word()
        face.send('carol@one.test', word)
        face.shows('carol@one.test', 'X-IM: Waiting')
        face.shows(bob.jid, 'X-IM: Encrypted')
    finally:
        face.stop()
    assert_unread(world, word)
    world.quit_clients()


@scenario('the plugin in real Finch enrols and exchanges messages with a '
          'headless client', servers=['prosody'], group='faces',
          sanitized=False)
def finch(world):
    place = world.place(users=['alice', 'bob'])
    bob = world.member('bob')
    alice = world.client('alice')
    face = Finch(alice, world.plugin)
    try:
        face.start()
        place.keyserver.wait_bundle(alice.jid)
        words = [world.word(), world.word()]
        bob.send(alice.jid, words[0])
        face.shows(bob.jid)
        face.next_window()
        face.shows(words[0])
        face.type(words[1])
        bob.received(words[1])
        face.require_running()
    finally:
        face.stop()
    assert_unread(world, *words)
    world.quit_clients()


@scenario('real Finch draws the code that two people compare so that it can '
          'be scanned from the screen', servers=['prosody'], group='faces',
          sanitized=False)
def finch_verify(world):
    place = world.place(users=['alice', 'bob'])
    bob = world.member('bob')
    alice = world.client('alice')
    face = Finch(alice, world.plugin)

    def read():
        # The margin is light on both sides.
        lines = re.findall('\u2588{4}.*\u2588{4}', face.screen())
        return (len({len(line) for line in lines}) == 1
                and scan('\n'.join(lines), world.folder))
    try:
        face.start()
        place.keyserver.wait_bundle(alice.jid)
        word = world.word()
        bob.send(alice.jid, word)
        face.shows(bob.jid)
        face.next_window()
        face.shows(word)
        mark = bob.command(alice.jid, 'xim verify')
        code = plain(bob.told('^x-im:', since=mark)['text'])
        face.type('/xim verify')
        try:
            found = wait_until('Finch shows a QR code', read, 20, 0.3)
        except AssertionError as error:
            raise AssertionError(f'{error}\n{face.screen()}') from error
        assert found == code
        face.require_running()
    finally:
        face.stop()
    world.quit_clients()
