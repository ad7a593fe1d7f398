# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Devices that are removed, copied, shut out; and an account that leaves."""

import os
import shutil

from lib.check import assert_unread, exchange
from lib.devices import (ids_listed, join, pair, second, wait_known,
                         wait_listed, window_says)
from lib.process import wait_until
from lib.scenario import scenario

HOUR = 3600


def confirm(client, command, since=None):
    """Types a command that asks, and says yes."""
    mark = client.command(client.jid, command)
    request = client.expect('request', since=mark, timeout=40, kind='action')
    client.answer(request, 0)
    return request


def own_id(client, place):
    """The id of the client's own device, as /xim devices shows it."""
    mark = client.command(client.jid, 'xim devices')
    line = client.told('(?s)Devices of .*this device', since=mark)
    own = [part for part in line['text'].split('<BR>')
           if 'this device' in part]
    assert len(own) == 1 and own[0][:16] in ids_listed(place, client.jid)
    return own[0][:16]


@scenario('a device that is removed on another one learns it, says so and '
          'sends nothing; nothing more is sealed to it; it can join again as '
          'a new device', timeout=200)
def remove_device(world):
    place, alice, other, bob = pair(world)
    exchange(other, bob, 'hello')
    gone = own_id(other, place)
    mark = alice.command(alice.jid, f'xim devices name {gone} my old laptop')
    alice.told('my old laptop', since=mark)
    mark = alice.command(alice.jid, f'xim devices remove {own_id(alice, place)}')
    alice.told('the device that you sit at', since=mark)
    mark = other.mark()
    request = confirm(alice, f'xim devices remove {gone[:6]}')
    assert 'my old laptop' in request['primary'], request
    wait_listed(place, alice.jid, 1)
    window_says(other, 'has removed this one', mark)
    words = [world.word() for _ in range(3)]
    exchange(alice, bob, words[0])
    wait_known(bob, alice.jid, 1)
    exchange(bob, alice, words[1])
    mark = other.mark()
    other.send(bob.jid, words[2])
    other.told('Stopped: something is wrong with your own keys', since=mark)
    assert not any(w in e['text'] for e in other.lines(mark)
                   for w in words[:2]), other.tell()
    mark = alice.mark()
    shown = other.command(alice.jid, 'xim join')
    join(alice, other, mark, shown)
    wait_listed(place, alice.jid, 2)
    assert gone not in ids_listed(place, alice.jid)
    bob.received(words[2], timeout=40)
    assert_unread(world, *words)
    world.quit_clients()


@scenario('without any device that could add it a new one starts again; '
          'contacts stop and choose, and the old device is told when it comes '
          'back', timeout=200)
def reset_device(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    alice.quit()
    before = ids_listed(place, alice.jid)
    other = second(world)
    window_says(other, 'xim reset')
    confirm(other, 'xim reset')
    other.until_ready()
    bundle = place.keyserver.bundle(alice.jid)
    assert 'reset yes\n' in bundle['account'], bundle['account']
    assert before[0] not in bundle['account'], bundle['account']
    words = [world.word() for _ in range(3)]
    other.send(bob.jid, words[0])
    bob.told('(?i)keys .*not the ones that you knew|started again',
             timeout=40)
    mark = bob.mark()
    bob.send(alice.jid, words[1])
    bob.command(alice.jid, 'xim accept')
    bob.received(words[0], timeout=40)
    other.received(words[1], timeout=40)
    exchange(other, bob, words[2])
    mark = alice.mark()
    alice.start()
    alice.connect()
    window_says(alice, 'started again with new keys for your address', mark)
    mark = alice.command(bob.jid, 'xim status')
    alice.told('WARNING', since=mark)
    assert_unread(world, *words)
    world.quit_clients()


@scenario('a profile that is used on two computers is told on the one that '
          'the keyserver has no key of, which then sends nothing',
          servers=['prosody'], timeout=200)
def copied_profile(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    alice.quit()
    copy = world.client('alice', name='copy')
    shutil.rmtree(os.path.join(copy.folder, 'x-im'), ignore_errors=True)
    shutil.copytree(os.path.join(alice.folder, 'x-im'),
                    os.path.join(copy.folder, 'x-im'))
    world.later(25 * HOUR)
    copy.start()
    copy.connect()
    place.keyserver.wait_device(alice.jid, 'serial 2\n')
    copy.quit()
    mark = alice.mark()
    alice.start()
    alice.connect()
    window_says(alice, 'This device was copied', mark)
    word = world.word()
    alice.send(bob.jid, word)
    alice.told('Stopped: something is wrong with your own keys', since=mark)
    confirm(alice, 'xim reset')
    alice.until_ready()
    bob.command(alice.jid, 'xim status')
    wait_until('bob is told of the reset', lambda: any(
        'xim accept' in e['text'] for e in bob.lines()), 60, 0.2)
    bob.command(alice.jid, 'xim accept')
    bob.received(word, timeout=40)
    assert_unread(world, word)
    world.quit_clients()


@scenario('an account that is erased has no keys left, contacts see that it '
          'has left, and coming back is a new start that they accept',
          timeout=200)
def erase_account(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    confirm(alice, 'xim erase')
    wait_until('the keys are gone',
               lambda: place.keyserver.bundle(alice.jid) is None, 40, 0.2)
    window_says(alice, 'Your keys were erased')
    mark = alice.command(bob.jid, 'xim status')
    alice.told('the keys of your address were erased', since=mark)
    word = world.word()
    mark = alice.mark()
    alice.send(bob.jid, word)
    alice.told('Stopped', since=mark)
    alice.quit()
    alice.start()
    alice.connect()

    def has_left():
        """Unlocked, and the keyserver was asked."""
        since = alice.command(bob.jid, 'xim unlock')
        line = alice.told('unlocked', since=since)
        if 'unlocked already' not in line['text']:
            return False
        since = alice.command(bob.jid, 'xim status')
        line = alice.told(alice.jid + ': ', since=since)
        return 'the keys of your address were erased' in line['text']
    wait_until('the account is known to have left', has_left, 40, 0.2)
    confirm(alice, 'xim reset')
    alice.until_ready()
    bundle = place.keyserver.bundle(alice.jid)
    assert 'reset yes\n' in bundle['account'], bundle['account']
    bob.told('(?i)keys .*not the ones that you knew|started again|has left',
             timeout=60)
    bob.command(alice.jid, 'xim accept')
    bob.received(word, timeout=60)
    exchange(alice, bob, 'again')
    assert_unread(world, word)
    world.quit_clients()
