# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Two people compare their keys, and what comes of it."""

import re

from lib import forge
from lib.check import assert_unread, exchange, texts_read
from lib.client import plain
from lib.devices import join, second, wait_listed
from lib.gateway import Lie
from lib.qr import scan
from lib.scenario import scenario

HOUR = 3600


def compared(client, who):
    """What /xim verify shows: the digits, the text of the code, the code."""
    mark = client.command(who, 'xim verify')
    shown = plain(client.told('Safety number of you and', since=mark)['text'])
    number = re.findall(r'\b\d{5}\b', shown)
    assert len(number) == 12, shown
    code = plain(client.told('^x-im:', since=mark)['text'])
    blocks = plain(client.told('^\u2588', since=mark)['text'])
    return number, code, blocks


def status(client, who, pattern):
    mark = client.command(who, 'xim status')
    client.told('(?m)' + pattern, since=mark)


@scenario('both sides see the same safety number and code; who compared is '
          'shown as verified, also after a restart, until the contact starts '
          'again', servers=['prosody'], timeout=180)
def verify(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob', 'carol'], gateway=True)
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    exchange(bob, alice, 'hi')
    number, code, blocks = compared(alice, bob.jid)
    assert compared(bob, alice.jid)[:2] == (number, code)
    assert scan(blocks, world.folder) == code, blocks

    status(alice, bob.jid, '^Encrypted: only')
    mark = alice.command(bob.jid, 'xim verify yes')
    alice.told('is marked as verified', since=mark)
    status(alice, bob.jid, '^Encrypted and verified: only')
    mark = alice.mark()
    exchange(alice, bob, world.word())
    alice.told('^Encrypted and verified: only', since=mark)

    # Bob scans; a code of somebody else and one that differs mark nobody.
    status(bob, alice.jid, '^Encrypted: only')
    for typed, answer in (
            (code.replace('alice', 'aline'), 'That code is not of you'),
            (code[:-1], 'That is no code of X-IM'),
            (code.replace('alice%40one.test;1;', 'alice%40one.test;2;'),
             'The codes differ for alice@one.test'),
            (code.replace('bob%40one.test;1;', 'bob%40one.test;2;'),
             'The codes differ for you'),
            (code.replace(';1;', ';2;'), 'The codes differ for both')):
        mark = bob.command(alice.jid, 'xim verify ' + typed)
        bob.told(answer, since=mark)
        status(bob, alice.jid, '^Encrypted: only')
    mark = bob.command(alice.jid, 'xim verify ' + code)
    bob.told('The codes are the same', since=mark)
    bob.told('is marked as verified', since=mark)
    status(bob, alice.jid, '^Encrypted and verified: only')
    mark = bob.command(alice.jid, 'xim verify no')
    bob.told('is no longer verified, because you said so', since=mark)
    status(bob, alice.jid, '^Encrypted: only')

    alice.quit()
    alice.start()
    alice.connect()
    alice.until_ready()
    exchange(alice, bob, world.word())
    status(alice, bob.jid, '^Encrypted and verified: only')

    # Bob's keyserver says that he has started again.
    liar = forge.Liar(place.keyserver, 2 * HOUR)
    liar.serve_log(place.keyserver.gateway)
    place.keyserver.gateway.rule(
        'GET', '^/v1/accounts/bob', Lie(forge.lie_of(
            lambda honest: liar.with_ghost(honest, forge.Device(), True))))
    world.later(2 * HOUR)
    word = world.word()
    mark, bob_mark = alice.mark(), bob.mark()
    alice.send(bob.jid, word)
    alice.told('bob@one.test is no longer verified', since=mark, timeout=20)
    status(alice, bob.jid, '^Stopped')
    mark = alice.command(bob.jid, 'xim verify yes')
    alice.told('There is nothing to compare', since=mark)
    mark = alice.command(bob.jid, 'xim accept')
    alice.told('The new keys of bob@one.test are used', since=mark)
    status(alice, bob.jid, '^Encrypted: only')
    assert texts_read(bob, bob_mark) == []
    assert_unread(world, word)
    world.quit_clients()


@scenario('a device that a contact adds changes neither the number nor the '
          'mark; the new device and who never saw the first version see the '
          'same number', servers=['prosody'], timeout=180)
def verify_added_device(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob', 'carol'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    number, code, _ = compared(alice, bob.jid)
    mark = alice.command(bob.jid, 'xim verify yes')
    alice.told('is marked as verified', since=mark)

    mark = bob.mark()
    other = second(world, 'bob')
    join(bob, other, mark)
    wait_listed(place, bob.jid, 2)
    world.later(2 * HOUR)
    word = world.word()
    alice.send(bob.jid, word)
    for device in (bob, other):
        device.received(word)
    status(alice, bob.jid, '^Encrypted and verified: only')
    for one, who in ((alice, bob), (bob, alice), (other, alice)):
        assert compared(one, who.jid)[:2] == (number, code)
    assert not any('no longer verified' in e['text'] for e in alice.lines())

    carol = world.member('carol')
    assert (compared(carol, bob.jid)[:2] == compared(bob, carol.jid)[:2]
            == compared(other, carol.jid)[:2])
    assert_unread(world, word)
    world.quit_clients()
