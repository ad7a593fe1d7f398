# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The same plugin in real Pidgin and in real Finch."""

from lib.check import assert_unread
from lib.client import plain
from lib.faces import Finch, Pidgin
from lib.process import wait_until
from lib.scenario import scenario


def pidgin_with_toolbars(world, client):
    """With the face, and what tells the toolbars' words."""
    return Pidgin(client, world.plugin,
                  world.program('plugin/pidgin/.libs/xim-pidgin.so'),
                  world.program('tests/e2e/.libs/pidgin-toolbars.so'))


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
