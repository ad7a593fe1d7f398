# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The same plugin in real Pidgin and in real Finch."""

from lib.check import assert_unread
from lib.client import plain
from lib.faces import Finch, Pidgin
from lib.process import wait_until
from lib.scenario import scenario


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
