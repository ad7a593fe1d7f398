# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The keyserver is down at every step; the XMPP server restarts; the
passphrase is wrong.  Nothing is lost and what the user sees is true."""

import os

from lib.check import assert_unread, exchange, texts_read, texts_sent
from lib.gateway import Then
from lib.process import wait_until
from lib.scenario import scenario
from lib.texts import IN_CLEAR, LOCKED, WAITING, WAITS, WENT

HOUR = 3600


def assert_one_device(place, jid):
    """However often enrolling was tried, one version and one device."""
    bundle = place.keyserver.wait_bundle(jid)
    assert 'version 1\n' in bundle['account'], bundle
    assert bundle['account'].count('\ndevice ') == 1, bundle
    assert len(bundle['devices']) == 1


def hold_and_deliver(world, alice, bob, repair):
    """Messages wait, in order, are nowhere else, and go after repair()."""
    words = [world.word() for _ in range(3)]
    mark, bob_mark = alice.mark(), bob.mark()
    for word in words:
        alice.send(bob.jid, word)
    alice.told(WAITS, since=mark)
    assert texts_read(bob, bob_mark) == []
    assert_unread(world, *words)
    repair()
    bob.received(words[2], since=bob_mark, timeout=90)
    assert texts_read(bob, bob_mark) == words, bob.tell(bob_mark)
    shown = [WAITING + word for word in words]
    assert texts_sent(alice, mark) == shown, alice.tell(mark)
    alice.told(WENT, since=mark)
    assert_unread(world, *words)


def reconnect(*clients):
    for client in clients:
        client.disconnect()
        client.connect()


@scenario('with a keyserver that is down at the first sign-on messages go as '
          'before, the window says so, and the next sign-on enrols')
def down_before_pinning(world):
    place = world.place(users=['alice', 'bob'])
    bob = world.client('bob', plugin=False)
    bob.start()
    bob.connect()
    alice = world.client('alice')
    place.keyserver.stop()
    alice.start()
    alice.connect()
    exchange(alice, bob, world.word())
    alice.told(IN_CLEAR)
    place.keyserver.start()
    reconnect(alice)
    assert_one_device(place, alice.jid)
    world.quit_clients()


def enrol_after_fault(world, method, path, what, says, before=0):
    """The keyserver goes away at a request, of which so many pass, and comes
    back when the client has written to its log what could not be done."""
    place = world.place(users=['alice', 'bob'], gateway=True)
    keyserver = place.keyserver
    bob = world.member('bob')
    keyserver.gateway.rule(method, path, lambda: None, times=before)
    rule = keyserver.gateway.rule(method, path, what(keyserver), times=1)
    alice = world.client('alice')
    alice.start()
    alice.connect()
    assert rule.used.wait(20), keyserver.gateway.requests
    wait_until(says, lambda: says in alice.debug_log())
    assert 'is enrolled' not in alice.debug_log()
    keyserver.start()
    assert keyserver.bundle(alice.jid) is None
    reconnect(alice)
    assert_one_device(place, alice.jid)
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    world.quit_clients()


@scenario('a keyserver that goes down when it is asked for the first time: '
          'the next sign-on enrols with one device')
def down_at_pinning(world):
    enrol_after_fault(world, 'GET', '^/v1/server$', lambda k: k.kill,
                      'the keyserver should be found and cannot be reached')


@scenario('a keyserver that goes down before the proof: the next sign-on '
          'enrols with one device')
def down_before_proof(world):
    enrol_after_fault(world, 'GET', '^/v1/accounts/alice',
                      lambda k: Then(k.kill),
                      'the keyserver should take the proof', before=1)


@scenario('a keyserver that goes down before the registration: the next '
          'sign-on enrols with one device')
def down_before_post(world):
    enrol_after_fault(world, 'POST', '^/v1/accounts/', lambda k: k.kill,
                      'the keys are sent')


@scenario('a keyserver whose answer to the registration is lost: the client '
          'finds itself enrolled, with one device')
def lost_answer(world):
    place = world.place(users=['alice', 'bob'], gateway=True)
    bob = world.member('bob')
    gateway = place.keyserver.gateway
    rule = gateway.rule('POST', '^/v1/accounts/', 'lose', times=1)
    alice = world.client('alice')
    alice.start()
    alice.connect()
    assert rule.used.wait(20), gateway.requests
    assert_one_device(place, alice.jid)
    reconnect(alice)
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    assert_one_device(place, alice.jid)
    world.quit_clients()


@scenario('with a keyserver that is down at the first lookup messages wait '
          'in order and arrive when it is back', timeout=150)
def down_first_lookup(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    place.keyserver.stop()
    hold_and_deliver(world, alice, bob, place.keyserver.start)
    world.quit_clients()


@scenario('a keyserver that answers with errors holds messages until it '
          'answers right', timeout=150)
def errors_at_lookup(world):
    place = world.place(users=['alice', 'bob'], gateway=True)
    alice = world.member('alice')
    bob = world.member('bob')
    gateway = place.keyserver.gateway
    gateway.rule('GET', '^/v1/accounts/', 503)
    hold_and_deliver(world, alice, bob, gateway.clear)
    world.quit_clients()


@scenario('messages that wait for keys survive a restart of the client, '
          'sealed on disk')
def held_over_restart(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    place.keyserver.stop()
    words = [world.word(), world.word()]
    mark = alice.mark()
    for word in words:
        alice.send(bob.jid, word)
    alice.told(WAITS, since=mark)
    alice.quit()
    for folder, _, names in os.walk(os.path.join(alice.folder, 'x-im')):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as file:
                data = file.read()
            assert not any(word.encode() in data for word in words), name
    place.keyserver.start()
    alice.start()
    alice.connect()
    bob.received(words[1], timeout=60)
    assert texts_read(bob) == words, bob.tell()
    assert_unread(world, *words)
    world.quit_clients()


@scenario('with a keyserver that is down, keys that were checked within a '
          'day still serve; after a day messages wait', timeout=150)
def down_revalidation(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    place.keyserver.stop()
    world.later(2 * HOUR)
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    world.later(25 * HOUR)
    reconnect(alice, bob)

    def repair():
        place.keyserver.start()
        reconnect(alice, bob)
    hold_and_deliver(world, alice, bob, repair)
    world.quit_clients()


@scenario('keys are revalidated after an hour, not fetched again')
def revalidation(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'], gateway=True)
    alice = world.member('alice')
    bob = world.member('bob')
    gateway = place.keyserver.gateway
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    before = len(gateway.requests)
    exchange(alice, bob, world.word())
    assert len(gateway.requests) == before, gateway.requests[before:]
    world.later(2 * HOUR)
    exchange(alice, bob, world.word())
    statuses = [s for m, p, s in gateway.requests[before:]
                if m == 'GET' and 'bob' in p]
    assert statuses and set(statuses) <= {200, 304}, gateway.requests[before:]
    world.quit_clients()


@scenario('a key is renewed after a day; with the keyserver down the old one '
          'serves until it is back', timeout=150)
def renewal(world):
    world.own_clock()
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, world.word())
    world.later(20 * HOUR)
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    place.keyserver.stop()
    world.later(25 * HOUR)
    reconnect(alice, bob)
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    place.keyserver.start()
    reconnect(alice, bob)
    for client in (alice, bob):
        place.keyserver.wait_device(client.jid, 'serial 2\n')
    exchange(alice, bob, world.word())
    exchange(bob, alice, world.word())
    world.quit_clients()


@scenario('when the XMPP server crashes and comes back messages flow again; '
          'one that was on its way arrives once')
def server_restart(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    word = world.word()
    mark = bob.mark()
    place.server.freeze()
    alice.send(bob.jid, word)
    place.server.stop()
    for client in (alice, bob):
        client.expect('disconnected')
    place.server.start()
    bob.connect()
    alice.connect()
    bob.received(word, since=mark)
    exchange(bob, alice, 'after')
    exchange(alice, bob, 'after')
    assert texts_read(bob, mark) == [word, 'after'], bob.tell(mark)
    assert_unread(world, word)
    world.quit_clients()


@scenario('when the XMPP server restarts the keyserver proves addresses '
          'again')
def component_restart(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    place.server.stop()
    place.server.start()
    place.keyserver.wait_component()
    bob = world.member('bob')
    alice.connect()
    exchange(alice, bob, world.word())
    world.quit_clients()


@scenario('with a wrong passphrase nothing is sent in the clear and nothing '
          'is lost, and the right one opens everything')
def wrong_passphrase(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    exchange(bob, alice, 'hi')
    alice.quit()
    world.write_passphrase(alice, 'wrong')
    mark = alice.mark()
    alice.start()
    alice.connect()
    alice.expect('notify', since=mark,
                 where=lambda e: 'The passphrase is wrong' in e['text'])
    word, waiting = world.word(), world.word()
    mark = alice.mark()
    alice.send(bob.jid, word)
    alice.told(LOCKED, since=mark)
    assert texts_sent(alice, mark) == [], alice.tell(mark)
    bob.send(alice.jid, waiting)
    bob_mark = bob.mark()
    world.write_passphrase(alice, 'correct horse')
    alice.command(bob.jid, 'xim unlock')
    alice.received(waiting, since=mark)
    exchange(alice, bob, 'after')
    assert texts_read(bob, bob_mark) == ['after'], bob.tell(bob_mark)
    assert_unread(world, word, waiting)
    assert_one_device(place, alice.jid)
    world.quit_clients()


@scenario('a locked keystore takes no message, and unlocking reads what came '
          'meanwhile')
def lock(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    exchange(bob, alice, 'hi')
    alice.command(bob.jid, 'xim lock')
    word, waiting = world.word(), world.word()
    mark = alice.mark()
    alice.send(bob.jid, word)
    alice.told(LOCKED, since=mark)
    assert texts_sent(alice, mark) == []
    bob.send(alice.jid, waiting)
    alice.command(bob.jid, 'xim unlock')
    alice.received(waiting, since=mark)
    exchange(alice, bob, 'after')
    assert_unread(world, word, waiting)
    world.quit_clients()


@scenario('the passphrase is asked for by a masked request, once')
def asked_passphrase(world):
    place = world.place(users=['alice'])
    alice = world.client('alice', passphrase=None)
    alice.start()
    alice.connect()
    request = alice.expect('request')
    world.answer_passphrase(alice, request, 'correct horse')
    assert_one_device(place, alice.jid)
    asked = [e for e in alice.events if e['event'] == 'request']
    assert len(asked) == 1, asked
    world.quit_clients()
