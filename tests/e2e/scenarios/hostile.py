# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""An XMPP server that changes messages, people who forge them, and clocks
that are wrong."""

import re

from lib import forge
from lib.check import assert_unread, exchange, texts_read
from lib.process import wait_until
from lib.scenario import scenario
from lib.texts import NOT_ENCRYPTED

DAY = 86400
SEALED = re.compile(rb'<sealed[^>]*>([A-Za-z0-9+/=]+)</sealed>')


def pair(world, *others):
    place = world.place(users=['alice', 'bob', *others])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    exchange(bob, alice, 'hi')
    return place, alice, bob


def lines_with(client, word):
    return [e for e in client.lines() if word in e['text']]


@scenario('what a server puts beside an envelope is not shown, wherever it '
          'stands, and what was sealed is', servers=['prosody'],
          group='hostile')
def injected(world):
    place, alice, bob = pair(world)
    for lie in ('body_before', 'body_after', 'subject', 'html'):
        false, true = world.word(), world.word()
        place.server.lie(f'{lie} {false}')
        exchange(alice, bob, true)
        place.server.saw(false)
        assert lines_with(bob, false) == [], (lie, bob.tell())
        assert_unread(world, true)
    place.server.lie()
    world.quit_clients()


@scenario('what a server puts beside an envelope that does not open is not '
          'shown, and a line says what happened', servers=['prosody'],
          group='hostile')
def injected_broken(world):
    place, alice, bob = pair(world)
    false, lost = world.word(), world.word()
    place.server.lie('flip', f'body_before {false}', f'html {false}')
    mark = bob.mark()
    alice.send(bob.jid, lost)
    bob.told(r'(?i)^A message .*(cannot be read|was not shown)', since=mark)
    place.server.lie()
    exchange(alice, bob, 'after')
    assert lines_with(bob, false) == [], bob.tell()
    assert lines_with(bob, lost) == [], bob.tell()
    world.quit_clients()


@scenario('an envelope that a server hands on under the name of somebody '
          'else is not shown', servers=['prosody'], group='hostile')
def other_sender(world):
    place, alice, bob = pair(world, 'carol')
    carol = world.member('carol')
    exchange(carol, bob, 'hello')
    word = world.word()
    place.server.lie(f'from {carol.jid}/pc')
    mark = bob.mark()
    alice.send(bob.jid, word)
    bob.told(r'(?i)was not shown', since=mark)
    place.server.lie()
    exchange(alice, bob, 'after')
    assert lines_with(bob, word) == [], bob.tell()
    world.quit_clients()


@scenario('a carbon that somebody forges is not shown, whether it holds a '
          'text or an envelope', group='hostile')
def forged_copy(world):
    place, alice, bob = pair(world, 'carol')
    carol = world.client('carol', plugin=False)
    carol.start()
    carol.connect()
    word, sealed_word = world.word(), world.word()
    exchange(alice, bob, sealed_word)
    place.server.saw('urn:x-im:envelope:1')
    envelope = SEALED.findall(place.server.recorded())[-1].decode()
    shown = len(lines_with(bob, sealed_word))
    for kind in ('received', 'sent'):
        for inner in (f'<body>{word}</body>',
                      "<sealed xmlns='urn:x-im:envelope:1'>"
                      f'{envelope}</sealed><body>{word}</body>'):
            carol.do('raw', carol.account,
                     f"<message to='{bob.jid}' type='chat'>"
                     f"<{kind} xmlns='urn:xmpp:carbons:2'>"
                     "<forwarded xmlns='urn:xmpp:forward:0'>"
                     f"<message xmlns='jabber:client' from='{alice.jid}/pc' "
                     f"to='{bob.jid}/pc' type='chat'>{inner}</message>"
                     f'</forwarded></{kind}></message>')
    exchange(alice, bob, 'after')
    exchange(carol, bob, 'from carol')
    assert lines_with(bob, word) == [], bob.tell()
    assert len(lines_with(bob, sealed_word)) == shown, bob.tell()
    world.quit_clients()


@scenario('an envelope that somebody else sends again is not shown as theirs '
          'nor twice', group='hostile')
def passed_on(world):
    place, alice, bob = pair(world, 'carol')
    carol = world.client('carol', plugin=False)
    carol.start()
    carol.connect()
    word = world.word()
    exchange(alice, bob, word)
    envelope = SEALED.findall(place.server.recorded())[-1].decode()
    mark = bob.mark()
    carol.do('raw', carol.account,
             f"<message to='{bob.jid}' type='chat'>"
             f"<sealed xmlns='urn:x-im:envelope:1'>{envelope}</sealed>"
             '<body>x</body></message>')
    bob.told(r'(?i)was not shown', since=mark)
    exchange(alice, bob, 'after')
    assert len(lines_with(bob, word)) == 1, bob.tell()
    world.quit_clients()


@scenario('a message in the clear before or after a sealed one, under the '
          "contact's own name, is marked each time", group='hostile')
def plain_around(world):
    _, alice, bob = pair(world)
    other = world.client('alice', plugin=False, name='other')
    other.start()
    other.connect()
    for _ in range(2):
        word, true = world.word(), world.word()
        mark = bob.mark()
        other.send(bob.jid, word)
        bob.received(NOT_ENCRYPTED + word, since=mark)
        exchange(alice, bob, true)
        assert texts_read(bob, mark) == [NOT_ENCRYPTED + word, true]
    world.quit_clients()


def status(client):
    mark = client.command(client.jid, 'xim status')
    return client.told(client.jid + ': ', since=mark)['text']


def wrong_clock(world, seconds, line):
    """Alice's clock is wrong from her next start on, until it is right."""
    world.own_clock()
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    alice.quit()
    right = dict(alice.env)
    alice.env = {**right, 'FAKETIME': f'{seconds:+d}'}
    del alice.env['FAKETIME_TIMESTAMP_FILE']
    alice.start()
    alice.connect()
    wait_until('alice is unlocked', lambda: 'locked' not in status(alice))
    word = world.word()
    mark, bob_mark = alice.mark(), bob.mark()
    alice.send(bob.jid, word)
    alice.told(line, since=mark, timeout=30)
    bob.settle()
    assert texts_read(bob, bob_mark) == [], bob.tell(bob_mark)
    assert_unread(world, word)
    alice.quit()
    alice.env = right
    alice.start()
    alice.connect()
    bob.received(word, since=bob_mark, timeout=40)
    exchange(bob, alice, world.word())
    assert_unread(world, word)
    world.quit_clients()


@scenario('a clock that is two days behind sends nothing in the clear and '
          'loses nothing', group='hostile', timeout=120)
def clock_behind(world):
    wrong_clock(world, -2 * DAY, r'^Waiting: ')


@scenario('a clock that is two days ahead sends nothing in the clear and '
          'loses nothing', group='hostile', timeout=120)
def clock_ahead(world):
    wrong_clock(world, 2 * DAY, r'^Waiting: ')


def ask_to_join(client, account, to, ghosts):
    """As somebody would who made up devices: a well signed next version."""
    before = forge.text_of(account)
    text = forge.account_text(
        forge.field(before, 'jid'), int(forge.field(before, 'version')) + 1,
        forge.text_hash(before), forge.device_lines(before)
        + [ghost.listed() for ghost in ghosts], forge.stamp())
    note = forge.sign(text, *(ghost.signer for ghost in ghosts))
    client.do('raw', client.account,
              f"<iq type='set' to='{to}' id='j{len(ghosts)}'>"
              f"<join xmlns='urn:x-im:join:1'>{forge.b64(note.encode())}"
              '</join></iq>')


@scenario('a join from another address, and one of two devices at once, is '
          'not asked about; one of one device from the own address is',
          group='hostile')
def forged_join(world):
    place, alice, bob = pair(world, 'carol')
    account = place.keyserver.bundle(alice.jid)['account']
    carol = world.client('carol', plugin=False)
    thief = world.client('alice', plugin=False, name='thief')
    for client in (carol, thief):
        client.start()
        client.connect()
    to = alice.account
    ask_to_join(carol, account, to, [forge.Device()])
    ask_to_join(thief, account, to, [forge.Device(), forge.Device()])
    exchange(bob, alice, 'after')
    assert not any(e['event'] == 'request' for e in alice.events)
    mark = alice.mark()
    ask_to_join(thief, account, to, [forge.Device()])
    alice.expect('request', since=mark, kind='input')
    exchange(alice, bob, 'still one device')
    assert place.keyserver.bundle(alice.jid)['account'] == account
    world.quit_clients()
