# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The passphrase is asked for in the windows of real clients."""

import shutil

from lib.faces import Finch, Pidgin
from lib.process import wait_until
from lib.scenario import Skip, scenario


def finch_turns_to(face, words):
    """Goes through the windows until the front one shows the words."""
    wait_until(f'Finch shows {words!r}',
               lambda: words in face.screen() or face.next_window(), 20, 0.3)


def finch_types(face, *texts):
    """Fills in the dialog and presses OK."""
    for text in texts:
        face.text(text)
        face.keys('Tab')
    face.keys('Enter')


@scenario('Finch asks for a new passphrase twice, until both are the same',
          servers=['prosody'], group='faces', sanitized=False)
def finch_passphrase(world):
    place = world.place(users=['alice'])
    alice = world.client('alice', passphrase=None)
    face = Finch(alice, world.plugin)
    try:
        face.start()
        finch_turns_to(face, 'Choose a passphrase for the keys')
        finch_types(face, 'secret one', 'secret two')
        finch_turns_to(face, 'The two passphrases are not')
        assert 'secret' not in face.screen(), face.screen()
        finch_types(face, 'secret one', 'secret one')
        place.keyserver.wait_bundle(alice.jid)
    finally:
        face.stop()
    world.quit_clients()


@scenario('Pidgin asks for a new passphrase twice', servers=['prosody'],
          group='faces', sanitized=False)
def pidgin_passphrase(world):
    if shutil.which('xdotool') is None:
        raise Skip('xdotool is not installed')
    place = world.place(users=['alice'])
    alice = world.client('alice', passphrase=None)
    face = Pidgin(alice, world.plugin)
    try:
        face.start()
        face.fill_in('X-IM', 'secret one', 'secret one')
        place.keyserver.wait_bundle(alice.jid)
    finally:
        face.stop()
    world.quit_clients()
