# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Keys that are replaced on time, those of devices and of keyservers."""

import re

from lib.check import assert_unread, exchange, texts_read
from lib.scenario import scenario
from scenarios.faults import HOUR

ALARM = re.compile('WARNING|Stopped|evidence')


def alarms(*clients):
    return [e['text'] for client in clients for e in client.events
            if ALARM.search(e.get('text') or '')]


@scenario('a message that was sealed to the key of the day before is read, '
          'and the next one goes to the new key', timeout=120)
def yesterdays_key(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(bob, alice, 'hello')
    alice.quit()
    words = [world.word() for _ in range(3)]
    bob.send(alice.jid, words[0])
    place.server.saw('urn:x-im:envelope:1')
    world.later(26 * HOUR)
    mark = alice.mark()
    alice.start()
    alice.connect()
    alice.received(words[0], since=mark, timeout=40)
    place.keyserver.wait_device(alice.jid, 'serial 2\n', 60)
    world.later(28 * HOUR)
    exchange(bob, alice, words[1])
    exchange(alice, bob, words[2])
    assert texts_read(alice, mark) == words[:2], alice.tell(mark)
    assert_unread(world, *words)
    assert alarms(alice, bob) == []
    world.quit_clients()


@scenario('a keyserver that gets a new signing key, signed by both, is followed '
          'without a word', timeout=150)
def server_key(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'])
    keyserver = place.keyserver
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    exchange(bob, alice, 'hi')
    before = keyserver.vkey
    assert keyserver.stop() == 0
    keyserver.rotate_key()
    keyserver.start()
    assert keyserver.vkey != before
    assert keyserver.get('/v1/server/2')[0] == 200
    world.later(2 * HOUR)
    words = [world.word() for _ in range(2)]
    exchange(alice, bob, words[0])
    exchange(bob, alice, words[1])
    assert_unread(world, *words)
    assert alarms(alice, bob) == []
    world.quit_clients()


@scenario('messages to a contact whose keys are fresh make no request to any '
          'keyserver', timeout=90)
def no_request(world):
    place = world.place(users=['alice', 'bob'], gateway=True)
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    exchange(bob, alice, 'hi')
    n_before = len(place.keyserver.gateway.requests)
    for n in range(10):
        exchange(alice, bob, f'{n} {world.word()}')
        exchange(bob, alice, f'{n} {world.word()}')
    asked = place.keyserver.gateway.requests[n_before:]
    assert asked == [], asked
    world.quit_clients()
