# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Several devices of one account: joining and using them."""

from lib.check import assert_unread, exchange, texts_read, texts_sent
from lib.devices import (asked_for_code, code_shown, join, n_listed, pair,
                         second, wait_known, wait_listed, window_says)
from lib.scenario import scenario
from lib.texts import WAITING

WRONG = '00000-00000 0000000000'


def sent_here(client, word):
    """Waits for a line that shows word as one's own."""
    client.expect('line', where=lambda e: 'send' in e['flags']
                  and word in e['text'])


@scenario('a second device joins by a code that is typed on the first; both '
          'read what is written from then on and what either writes, and '
          'contacts are not asked', timeout=150)
def join_device(world):
    place, alice, other, bob = pair(world)
    bundle = place.keyserver.bundle(alice.jid)
    assert 'version 2\n' in bundle['account'], bundle['account']
    assert 'reset no\n' in bundle['account'], bundle['account']
    assert len(bundle['devices']) == 2, bundle
    before = texts_read(alice)
    words = [world.word() for _ in range(4)]
    # Bob hears of the second device by the first message after it.
    exchange(alice, bob, words[0])
    sent_here(other, words[0])
    wait_known(bob, alice.jid, 2)
    exchange(bob, alice, words[1])
    other.received(words[1])
    exchange(other, bob, words[2])
    sent_here(alice, words[2])
    exchange(bob, other, words[3])
    alice.received(words[3])
    for client in (alice, other):
        # One may have waited a moment for the own list of now.
        sent = [text.removeprefix(WAITING) for text in texts_sent(client)]
        assert sent == [words[0], words[2]], client.tell()
    assert texts_read(alice) == before + [words[1], words[3]], alice.tell()
    assert texts_read(other) == [words[1], words[3]], other.tell()
    assert not any(e['event'] == 'request' for e in bob.events), bob.tell()
    assert_unread(world, *words)
    world.quit_clients()


@scenario('three wrong codes add no device and both sides say so; what is no '
          'code is no try; a new code can be asked for', timeout=150)
def join_wrong_code(world):
    place = world.place(users=['alice'])
    alice = world.member('alice')
    other = second(world)
    request = asked_for_code(alice)
    code = code_shown(other)
    mark = alice.mark()
    for typed in (WRONG, '12345', WRONG, code[:-1]):
        alice.answer(request, 0, typed)
        request = asked_for_code(alice, mark)
        mark = alice.mark()
    told = other.mark()
    alice.answer(request, 0, WRONG)
    window_says(alice, 'the code was wrong three times', mark)
    window_says(other, 'the code was wrong three times', told)
    assert n_listed(place, alice.jid) == 1
    mark, told = alice.mark(), other.mark()
    other.command(alice.jid, 'xim join')
    request = asked_for_code(alice, mark)
    again = code_shown(other, told)
    assert again != code
    alice.answer(request, 0, again.replace(' ', ''))
    other.until_ready()
    wait_listed(place, alice.jid, 2)
    world.quit_clients()


@scenario('a code that nobody types is refused after ten minutes, on both '
          'sides; a refusal in the dialog is one too', servers=['prosody'],
          timeout=150)
def join_too_late(world):
    world.own_clock()
    place = world.place(users=['alice'])
    alice = world.member('alice')
    other = second(world)
    asked = asked_for_code(alice)
    code_shown(other)
    mark, told = alice.mark(), other.mark()
    world.later(11 * 60)
    for client in (alice, other):
        client.command(alice.jid, 'xim status')
    window_says(alice, 'within ten minutes', mark)
    window_says(other, 'within ten minutes|refused', told)
    alice.expect('request-closed', since=mark, id=asked['id'])
    mark, told = alice.mark(), other.mark()
    other.command(alice.jid, 'xim join')
    alice.answer(asked_for_code(alice, mark), 1)
    window_says(other, 'refused on another device', told)
    window_says(alice, 'you refused', mark)
    assert n_listed(place, alice.jid) == 1
    world.quit_clients()


@scenario('two devices that join at once both end in the list; the slower one '
          'shows a new code', timeout=200)
def join_two_at_once(world):
    place = world.place(users=['alice'])
    alice = world.member('alice')
    first = second(world)
    asked = asked_for_code(alice)
    code = code_shown(first)
    mark = alice.mark()
    slower = second(world, name='third')
    code_shown(slower)
    asked_for_code(alice, mark)
    told, mark = slower.mark(), alice.mark()
    alice.answer(asked, 0, code)
    first.until_ready()
    request = asked_for_code(alice, mark)
    alice.answer(request, 0, code_shown(slower, told))
    slower.until_ready()
    wait_listed(place, alice.jid, 3)
    world.quit_clients()


@scenario('a device that joins while no other one is online waits for one, '
          'and asks by itself', servers=['prosody'], timeout=150)
def join_waits(world):
    place = world.place(users=['alice'])
    alice = world.member('alice')
    alice.quit()
    other = second(world)
    window_says(other, 'Sign on there too')
    mark = alice.mark()
    alice.start()
    alice.connect()
    alice.answer(asked_for_code(alice, mark), 0, code_shown(other))
    other.until_ready()
    wait_listed(place, alice.jid, 2)
    world.quit_clients()


@scenario('when several devices can add a new one, the first that does closes '
          'the dialogs of the others; these are asked whether it was them',
          timeout=200)
def join_first_wins(world):
    place, alice, other, _ = pair(world)
    marks = alice.mark(), other.mark()
    third = second(world, name='third')
    asked = asked_for_code(alice, marks[0])
    alice_asked = asked['id']
    request = asked_for_code(other, marks[1])
    other.answer(request, 0, code_shown(third))
    third.until_ready()
    alice.expect('request-closed', since=marks[0], id=alice_asked,
                 timeout=40)
    doubt = alice.expect('request', since=marks[0], timeout=40,
                         kind='action')
    assert 'Was it you?' in doubt['primary'], doubt
    alice.answer(doubt, 1)
    window_says(third, 'has removed this one')
    wait_listed(place, alice.jid, 2)
    assert not any(e['event'] == 'request' and e['kind'] == 'action'
                   for e in other.events), other.tell()
    world.quit_clients()


@scenario('a copy that somebody else than the own server made is ignored',
          servers=['prosody'], timeout=120)
def forged_carbon(world):
    place = world.place(users=['alice', 'bob', 'mallory'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(bob, alice, 'hello')
    mallory = world.client('mallory', plugin=False)
    mallory.start()
    mallory.connect()
    words = [world.word(), world.word()]
    for kind, word in zip(('received', 'sent'), words):
        mallory.do('raw', mallory.account,
                   f"<message to='{alice.jid}' type='chat'>"
                   f"<{kind} xmlns='urn:xmpp:carbons:2'>"
                   "<forwarded xmlns='urn:xmpp:forward:0'>"
                   "<message xmlns='jabber:client' type='chat' "
                   f"from='{bob.jid}/pc' to='{alice.jid}'>"
                   f"<body>{word}</body></message></forwarded></{kind}>"
                   "</message>")
        place.server.saw(word)
    exchange(bob, alice, 'after')
    assert not any(word in e['text'] for e in alice.lines()
                   for word in words), alice.tell()
    world.quit_clients()
