# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""kill -9 at random moments of enrolling: nothing is half stored."""

import random
import time

from lib.check import assert_unread, exchange
from lib.scenario import scenario

ROUNDS = 8


def assert_enrolled_once(place, client):
    bundle = place.keyserver.wait_bundle(client.jid)
    assert 'version 1\n' in bundle['account'], bundle
    assert bundle['account'].count('\ndevice ') == 1, bundle
    assert len(bundle['devices']) == 1, bundle


@scenario('a client that is killed at random moments of enrolling is '
          'enrolled after its next start, with one device', timeout=150)
def kill_client(world):
    names = [f'user{n}' for n in range(ROUNDS)]
    place = world.place(users=names + ['bob'])
    bob = world.member('bob')
    words = []
    for name in names:
        client = world.client(name)
        client.start()
        client.connect(wait=False)
        time.sleep(random.uniform(0, 0.8))
        client.kill()
        client.start()
        client.connect()
        assert_enrolled_once(place, client)
        client.until_ready()
        words.append(world.word())
        exchange(client, bob, words[-1])
        exchange(bob, client, words[-1])
        client.quit()
    assert_unread(world, *words)
    world.quit_clients()


@scenario('a keyserver that is killed at random moments of an enrolment '
          'loses no accepted key and has nothing half stored', timeout=150)
def kill_keyserver(world):
    names = [f'user{n}' for n in range(ROUNDS)]
    place = world.place(users=names + ['bob'])
    bob = world.member('bob')
    for name in names:
        client = world.client(name)
        client.start()
        client.connect()
        time.sleep(random.uniform(0, 0.6))
        accepted = place.keyserver.bundle(client.jid)
        place.keyserver.kill()
        place.keyserver.start()
        client.disconnect()
        client.connect()
        assert_enrolled_once(place, client)
        client.until_ready()
        if accepted is not None:
            now = place.keyserver.bundle(client.jid)
            assert now['account'] == accepted['account']
        exchange(client, bob, world.word())
        client.quit()
    world.quit_clients()
