# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A keyserver that lies about a member whom the client knows: nothing goes to
a wrong key or in the clear, the window says what is the matter, and when the
keyserver tells the truth again what waited goes."""

import functools
import json
import re

from lib import forge
from lib.check import assert_unread, exchange, texts_read
from lib.devices import join, second, wait_known, wait_listed
from lib.gateway import Lie
from lib.merkle import Log
from lib.scenario import scenario as any_scenario

# An XMPP server has no part in it: with one of them is enough.
scenario = functools.partial(any_scenario, servers=['prosody'])
HOUR = 3600
BOB = '^/v1/accounts/bob'

DAY = 24 * HOUR

# A fingerprint, as the window shows it.
KEY = re.compile('(?:[0-9a-f]{4} ){15}[0-9a-f]{4}')

# What the window says.
CHANGED = r'(?i)^Stopped: .*keys'
BAD = r'(?i)^(Waiting|Stopped): .*(checks|keys)'
NO_DEVICE = r'(?i)^(Waiting|Stopped): .*device'
LEFT = r'(?i)left X-IM'
CAUGHT = r'(?i)was caught showing different keys'
UNPROVEN = r'(?i)^WARNING: the keyserver does not prove'
ROLLED_BACK = r'(?i)^Stopped: .*older or other keys'


def known_pair(world, others=()):
    """Alice and bob, who have written to each other; alice reaches the
    keyserver through a gateway."""
    world.own_clock()
    place = world.place(users=['alice', 'bob', *others],
                        gateway=True)
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    exchange(bob, alice, 'hi')
    return place, alice, bob


def hold_while(world, place, people, lie, line, cure=None, hours=2):
    """What alice writes while the keyserver lies waits, is nowhere readable,
    and arrives after the truth is told again."""
    alice, bob = people
    gateway = place.keyserver.gateway
    rule = gateway.rule('GET', BOB, Lie(lie))
    world.later(hours * HOUR)
    words = [world.word(), world.word()]
    mark, bob_mark = alice.mark(), bob.mark()
    alice.send(bob.jid, words[0])
    assert rule.used.wait(20), gateway.requests
    alice.told(line, since=mark, timeout=20)
    alice.send(bob.jid, words[1])
    bob.settle()
    assert texts_read(bob, bob_mark) == [], bob.tell(bob_mark)
    assert_unread(world, *words)
    gateway.clear()
    world.later((hours + 2) * HOUR)
    if cure is not None:
        cure()
    bob.received(words[1], since=bob_mark, timeout=60)
    assert texts_read(bob, bob_mark) == words, bob.tell(bob_mark)
    exchange(bob, alice, world.word())
    assert_unread(world, *words)
    world.quit_clients()


def lie_scenario(world, make, line):
    place, alice, bob = known_pair(world)
    liar = forge.Liar(place.keyserver, 2 * HOUR)
    liar.serve_log(place.keyserver.gateway)
    hold_while(world, place, (alice, bob),
               forge.lie_of(lambda honest: make(liar, honest)), line)


@scenario('a keyserver that adds a device which no device of the contact '
          'signed is not believed; going on without it, it is caught',
          group='hostile', timeout=150)
def ghost_device(world):
    place, alice, bob = known_pair(world, ['carol'])
    gateway = place.keyserver.gateway
    liar = forge.Liar(place.keyserver, 2 * HOUR)
    liar.serve_log(gateway)
    rule = gateway.rule('GET', BOB, Lie(forge.lie_of(
        lambda honest: liar.with_ghost(honest, forge.Device()))))
    world.later(2 * HOUR)
    words = [world.word(), world.word()]
    mark, bob_mark = alice.mark(), bob.mark()
    alice.send(bob.jid, words[0])
    assert rule.used.wait(20), gateway.requests
    alice.told(CHANGED, since=mark, timeout=20)
    # The log that everybody else sees never had that device.
    gateway.clear()
    world.member('carol')
    world.later(4 * HOUR)
    alice.told(CAUGHT, since=mark, timeout=60)
    alice.send(bob.jid, words[1])
    bob.settle()
    assert texts_read(bob, bob_mark) == [], bob.tell(bob_mark)
    assert_unread(world, *words)
    mark = alice.command(bob.jid, 'xim evidence')
    alice.told('(?i)evidence', since=mark)
    world.quit_clients()


@scenario('a keyserver that shows another text of the same version is not '
          'believed', group='hostile', timeout=120)
def same_version(world):
    def make(liar, honest):
        ghost = forge.Device()
        before = forge.text_of(honest['account'])
        text = forge.account_text(
            forge.field(before, 'jid'), 1, '-', [ghost.listed()], liar.now())
        return liar.bundle(
            honest, forge.sign(text, ghost.signer, liar.signer),
            [liar.device_note(forge.field(before, 'jid'), ghost)])
    lie_scenario(world, make, BAD)


@scenario('a device note that a listed device did not sign leaves nobody to '
          'seal to', group='hostile', timeout=120)
def swapped_key(world):
    def make(liar, honest):
        text = forge.text_of(honest['devices'][0])
        other = forge.Device()
        text = forge.with_field(text, 'key x25519', forge.b64(other.key))
        text = forge.with_field(
            text, 'serial', str(int(forge.field(text, 'serial')) + 1))
        own = forge.lines_of(honest['devices'][0]).splitlines(True)[0]
        return liar.bundle(honest, devices=[
            text + '\n' + own + liar.signer.line(text)])
    lie_scenario(world, make, NO_DEVICE)


@scenario('a key of low order in a device note leaves nobody to seal to',
          group='hostile', timeout=120)
def low_order_key(world):
    def make(liar, honest):
        text = forge.text_of(honest['devices'][0])
        text = forge.with_field(text, 'key x25519',
                                forge.b64(forge.LOW_ORDER))
        own = forge.lines_of(honest['devices'][0]).splitlines(True)[0]
        return liar.bundle(honest, devices=[
            text + '\n' + own + liar.signer.line(text)])
    lie_scenario(world, make, NO_DEVICE)


@scenario('a bundle signed by another key than the pinned one is not used',
          group='hostile', timeout=120)
def other_server_key(world):
    def make(liar, honest):
        other = forge.Signer(liar.signer.name)
        made = dict(honest)
        for name in ('account', 'current'):
            text = forge.text_of(honest[name])
            if name == 'current':
                text = forge.current_text(
                    forge.text_of(honest['account']), liar.now())
            made[name] = forge.sign(text, other)
        return made
    lie_scenario(world, make, BAD)


@scenario('a note on which the line of the keyserver is broken is not used',
          group='hostile', timeout=120)
def wrong_countersignature(world):
    def make(liar, honest):
        made = liar.bundle(honest)
        text = forge.text_of(made['account'])
        lines = forge.lines_of(made['account']).splitlines(True)[:-1]
        wrong = liar.signer.line(text + 'x')
        made['account'] = text + '\n' + ''.join(lines) + wrong
        return made
    lie_scenario(world, make, BAD)


@scenario('the bundle of somebody else under the name of a contact is not '
          'used', group='hostile', timeout=120)
def other_account(world):
    place, alice, bob = known_pair(world)
    other = place.keyserver.bundle(alice.jid)
    hold_while(world, place, (alice, bob), lambda status, content: (
        200, json.dumps(other)), BAD)


@scenario('a member of whom the keyserver says that there are no keys is not '
          'written to in the clear', group='hostile', timeout=120)
def false_absence(world):
    place, alice, bob = known_pair(world)
    liar = forge.Liar(place.keyserver, 2 * HOUR)
    log = Log.of(place.keyserver, forge.log_signer(place.keyserver))

    def lie(status, content):
        text = (f'x-im absent v1\njid {bob.jid}\ntime {liar.now()}\n'
                f'size {len(log.entries)}\nroot {forge.b64(log.root())}\n')
        return 404, forge.sign(text, liar.signer)
    hold_while(world, place, (alice, bob), lie, LEFT)


@scenario('an answer of yesterday, however well signed, is not used',
          group='hostile', timeout=120)
def old_answer(world):
    place, alice, bob = known_pair(world)
    kept = place.keyserver.get('/v1/accounts/' + bob.jid)[1]
    hold_while(world, place, (alice, bob), lambda status, content: (
        200, kept), BAD, hours=26)


@scenario('of sixteen devices the one whose note is broken is left out, and '
          'the message goes to the others', group='hostile', timeout=120)
def one_broken(world):
    place, alice, bob = known_pair(world)
    liar = forge.Liar(place.keyserver, 2 * HOUR)

    def make(honest):
        text = forge.text_of(honest['devices'][0])
        broken = forge.sign(forge.with_field(
            text, 'device', 'ffffffffffffffff'), liar.signer)
        return liar.bundle(honest, devices=honest['devices'] + [broken])
    rule = place.keyserver.gateway.rule('GET', BOB, Lie(forge.lie_of(make)))
    world.later(2 * HOUR)
    word = world.word()
    exchange(alice, bob, word)
    assert rule.used.wait(20)
    assert_unread(world, word)
    world.quit_clients()


@scenario('an older note of a device than the client has seen leaves nobody '
          'to seal to', group='hostile', timeout=150)
def older_device_note(world):
    place, alice, bob = known_pair(world)
    old = place.keyserver.bundle(bob.jid)['devices']
    world.later(26 * HOUR)
    place.keyserver.wait_device(bob.jid, 'serial 2', 90)
    exchange(alice, bob, world.word())
    liar = forge.Liar(place.keyserver, 28 * HOUR)
    hold_while(world, place, (alice, bob), forge.lie_of(
        lambda honest: liar.bundle(honest, devices=old)), NO_DEVICE, hours=28)


def two_devices(world):
    """Bob gets a second device that alice knows; also what the keyserver
    served before."""
    place, alice, bob = known_pair(world)
    old = place.keyserver.bundle(bob.jid)
    mark = bob.mark()
    other = second(world, 'bob')
    join(bob, other, mark)
    wait_listed(place, bob.jid, 2)
    wait_known(bob, bob.jid, 2)
    return place, alice, bob, old


@scenario('an older version of an account than the client has seen is '
          'refused, however fresh the word that it is the newest',
          group='hostile', timeout=150)
def older_version(world):
    place, alice, bob, old = two_devices(world)
    exchange(bob, alice, world.word())
    wait_known(alice, bob.jid, 2)
    liar = forge.Liar(place.keyserver, 2 * HOUR)
    hold_while(world, place, (alice, bob), forge.lie_of(
        lambda honest: liar.bundle(
            honest, old['account'], old['devices'], old['log'])),
        ROLLED_BACK)


@scenario('a keyserver that hides a change from one client is found out by '
          "the first message of the contact, which names it", group='hostile',
          timeout=150)
def hidden_change(world):
    place, alice, bob, old = two_devices(world)
    liar = forge.Liar(place.keyserver)
    gateway = place.keyserver.gateway
    rule = gateway.rule('GET', BOB, Lie(forge.lie_of(
        lambda honest: liar.bundle(
            honest, old['account'], old['devices'], old['log']))))
    told, word = world.word(), world.word()
    mark, bob_mark = alice.mark(), bob.mark()
    bob.send(alice.jid, told)
    assert rule.used.wait(30), gateway.requests
    alice.send(bob.jid, word)
    alice.told(r'^(Stopped|Waiting): ', since=mark, timeout=30)
    bob.settle()
    assert texts_read(bob, bob_mark) == [], bob.tell(bob_mark)
    assert_unread(world, word)
    gateway.clear()
    world.later(2 * HOUR)
    bob.received(word, since=bob_mark, timeout=60)
    alice.received(told, timeout=60)
    assert_unread(world, word, told)
    world.quit_clients()


@scenario('a reset that the keyserver made up stops the conversation; the '
          'log without it is refused after that, and nothing leaves',
          group='hostile', timeout=120)
def made_up_reset(world):
    place, alice, bob = known_pair(world)
    liar = forge.Liar(place.keyserver, 2 * HOUR)
    gateway = place.keyserver.gateway
    liar.serve_log(gateway)
    rule = gateway.rule('GET', BOB, Lie(forge.lie_of(
        lambda honest: liar.with_ghost(honest, forge.Device(), reset=True))))
    world.later(2 * HOUR)
    word = world.word()
    mark, bob_mark = alice.mark(), bob.mark()
    alice.send(bob.jid, word)
    assert rule.used.wait(20), gateway.requests
    alice.told(CHANGED, since=mark, timeout=20)
    gateway.clear()
    mark = alice.mark()
    world.later(4 * HOUR)
    alice.told(UNPROVEN, since=mark, timeout=40)
    bob.settle()
    assert texts_read(bob, bob_mark) == [], bob.tell(bob_mark)
    assert_unread(world, word)
    mark = alice.command(bob.jid, 'xim evidence')
    alice.told('(?i)evidence', since=mark)
    world.quit_clients()


def another_key(signer):
    """What a keyserver says that somebody replaced, under its own name."""
    def server(status, content):
        told = json.loads(content)
        text = forge.with_field(forge.text_of(told['note']), 'key ed25519',
                                forge.b64(signer.public))
        told['note'] = forge.sign(text, signer)
        return 200, json.dumps(told)

    def bundle(honest):
        made = dict(honest)
        for name in ('account', 'current'):
            made[name] = forge.sign(forge.text_of(honest[name]), signer)
        return made
    return server, forge.lie_of(bundle)


@scenario('a keyserver that shows another key, which the known one did not '
          'sign, is not used, and both keys are shown', group='hostile',
          timeout=150)
def replaced_server_key(world):
    place, alice, bob = known_pair(world)
    server, bundle = another_key(forge.Signer('keys.one.test'))
    gateway = place.keyserver.gateway
    gateway.rule('GET', '^/v1/accounts/', Lie(bundle))
    rule = gateway.rule('GET', '^/v1/server$', Lie(server))
    world.later(2 * HOUR)
    word = world.word()
    mark, bob_mark = alice.mark(), bob.mark()
    alice.send(bob.jid, word)
    assert rule.used.wait(40), gateway.requests
    warning = alice.told(r'(?s)another key.*([0-9a-f]{4} ){7}', since=mark,
                         timeout=40)
    assert len(KEY.findall(warning['text'])) == 2, warning
    bob.settle()
    assert texts_read(bob, bob_mark) == [], bob.tell(bob_mark)
    gateway.clear()
    world.later(4 * HOUR)
    bob.received(word, since=bob_mark, timeout=90)
    assert_unread(world, word)
    world.quit_clients()
