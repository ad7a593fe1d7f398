# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""What waits for keys leaves by no path, and arrives when they come."""

import threading

from lib.check import assert_unread, exchange, texts_read
from lib.gateway import Then
from lib.process import wait_until
from lib.scenario import scenario
from lib.texts import IN_CLEAR, WAITS
from scenarios.faults import HOUR, hold_and_deliver, reconnect


@scenario('while keys cannot be fetched nothing leaves readable by any path '
          'around the window, and texts arrive when they can')
def paths_held(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    room = 'den@conference.one.test'
    alice.do('join', alice.account, room + '/al')
    alice.expect('chat-joined', conversation=room)
    place.keyserver.stop()
    alice.do('open', alice.account, bob.jid)
    reply, text, beside, raw, reason = (world.word() for _ in range(5))
    alice.do('auto-reply', alice.account, bob.jid, reply)
    alice.do('stanza', alice.account,
             f"<message to='{bob.jid}' type='chat' id='h1'>"
             f"<body>{text}</body><x xmlns='urn:other:plugin'>{beside}</x>"
             '</message>')
    mark = alice.mark()
    alice.do('raw', alice.account,
             f"<message to='{bob.jid}'><body>{raw}</body></message>", ok=None)
    alice.expect('notify', since=mark)
    mark = alice.mark()
    alice.do('invite', alice.account, room, bob.jid, reason)
    request = alice.expect('request', since=mark)
    alice.answer(request, next(
        n for n, action in enumerate(request['actions'])
        if 'not' in action.lower() or 'cancel' in action.lower()))
    alice.told(WAITS)
    assert_unread(world, reply, text, beside, raw, reason)
    assert texts_read(bob) == [], bob.tell()
    place.keyserver.start()
    bob.received(text, timeout=60)
    assert texts_read(bob) == [reply, text], bob.tell()
    assert_unread(world, reply, text, beside, raw, reason)
    world.quit_clients()


@scenario('a contact whose keyserver, of another domain and never seen '
          'before, is down: messages wait until it is back', timeout=150)
def foreign_keyserver_down(world):
    world.place('one.test', users=['alice'])
    two = world.place('two.test', users=['carol'])
    alice = world.member('alice', 'one.test')
    carol = world.member('carol', 'two.test')
    two.keyserver.stop()
    hold_and_deliver(world, alice, carol, two.keyserver.start)
    world.quit_clients()


@scenario('a keyserver that hangs up without an answer, and one that never '
          'answers, hold messages', timeout=150)
def silent_keyserver(world):
    place = world.place(users=['alice', 'bob', 'carol'], gateway=True)
    alice = world.member('alice')
    people = [world.member('bob'), world.member('carol')]
    gateway = place.keyserver.gateway
    for person, action in zip(people, ('drop', 'hang')):
        gateway.rule('GET', '^/v1/accounts/' + person.jid.split('@')[0],
                     action, times=1)
        hold_and_deliver(world, alice, person, gateway.release)
    world.quit_clients()


@scenario('somebody who gets X-IM later is written to in the clear until '
          'then, and sealed as soon as they wrote sealed')
def newcomer(world):
    place = world.place(users=['alice', 'carol'])
    alice = world.member('alice')
    bare = world.client('carol', plugin=False, name='bare')
    bare.start()
    bare.connect()
    known = world.word()
    exchange(alice, bare, known)
    place.server.saw(known)
    alice.told(IN_CLEAR)
    bare.quit()
    carol = world.member('carol')
    words = [world.word(), world.word()]
    exchange(carol, alice, words[0])
    exchange(alice, carol, words[1])
    assert_unread(world, *words)
    world.quit_clients()


@scenario('the word of a keyserver that somebody has no keys counts ten '
          'minutes, not longer')
def absence_expires(world):
    world.own_clock()
    world.place(users=['alice', 'carol'])
    alice = world.member('alice')
    bare = world.client('carol', plugin=False, name='bare')
    bare.start()
    bare.connect()
    exchange(alice, bare, world.word())
    bare.quit()
    carol = world.member('carol')
    world.later(HOUR // 4)
    word = world.word()
    exchange(alice, carol, word)
    assert_unread(world, word)
    world.quit_clients()


@scenario('first messages that cross each other both arrive, once')
def crossing(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    words = [world.word() for _ in range(4)]
    for n in range(2):
        alice.send(bob.jid, words[n])
        bob.send(alice.jid, words[2 + n])
    alice.received(words[3])
    bob.received(words[1])
    assert texts_read(bob) == words[:2], bob.tell()
    assert texts_read(alice) == words[2:], alice.tell()
    assert_unread(world, *words)
    world.quit_clients()


@scenario('a message that comes before a client knows that its keys were '
          'accepted waits, and is read when it does')
def read_after_enrolling(world):
    place = world.place(users=['alice', 'bob'], gateway=True)
    bob = world.member('bob')
    answer = threading.Event()
    place.keyserver.gateway.rule('POST', '^/v1/accounts/',
                                 Then(lambda: answer.wait(30)), times=1)
    alice = world.client('alice')
    alice.start()
    alice.connect()
    place.keyserver.wait_bundle(alice.jid)
    word = world.word()
    bob.send(alice.jid, word)
    alice.told('until your own keys are ready')
    assert texts_read(alice) == [], alice.tell()
    answer.set()
    alice.received(word)
    exchange(alice, bob, 'answer')
    assert texts_read(alice) == [word], alice.tell()
    assert_unread(world, word)
    world.quit_clients()


@scenario('a renewal whose answer is lost: the new key is used, and made '
          'once')
def lost_renewal(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'], gateway=True)
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, world.word())
    rule = place.keyserver.gateway.rule('PUT', '/alice', 'lose', times=1)
    world.later(25 * HOUR)
    reconnect(alice, bob)
    assert rule.used.wait(20), place.keyserver.gateway.requests
    place.keyserver.wait_device(alice.jid, 'serial 2\n')
    reconnect(alice)
    words = [world.word(), world.word()]
    exchange(bob, alice, words[0])
    exchange(alice, bob, words[1])
    note = place.keyserver.bundle(alice.jid)['devices'][0]
    assert 'serial 2\n' in note, note
    assert_unread(world, *words)
    world.quit_clients()


@scenario('a keyserver that goes down just before it is given a new key '
          'gets it when it is back')
def down_before_renewal(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'], gateway=True)
    keyserver = place.keyserver
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, world.word())
    rule = keyserver.gateway.rule('PUT', '/alice', keyserver.kill, times=1)
    world.later(25 * HOUR)
    reconnect(alice, bob)
    assert rule.used.wait(20), keyserver.gateway.requests
    keyserver.start()
    assert 'serial 1\n' in keyserver.bundle(alice.jid)['devices'][0]
    reconnect(alice, bob)
    keyserver.wait_device(alice.jid, 'serial 2\n')
    exchange(bob, alice, world.word())
    exchange(alice, bob, world.word())
    world.quit_clients()


@scenario('keys are asked for again within the hour, and come only when '
          'they changed')
def revalidation_unchanged(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'], gateway=True)
    alice = world.member('alice')
    bob = world.member('bob')
    gateway = place.keyserver.gateway
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    before = len(gateway.requests)
    world.later(HOUR * 5 // 6)
    exchange(alice, bob, world.word())

    def answers():
        return [s for m, p, s in gateway.requests[before:]
                if m == 'GET' and p.startswith('/v1/accounts/bob')]
    wait_until('bob is looked up', answers)
    assert answers() == [304], gateway.requests[before:]
    world.quit_clients()
