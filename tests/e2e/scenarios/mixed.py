# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Members write to people without X-IM, and the other way round."""

import re

from lib import net
from lib.check import assert_unread, exchange, texts_read, texts_sent
from lib.client import plain
from lib.scenario import scenario
from lib.texts import FALLBACK, IN_CLEAR, NOT_ENCRYPTED, WAITING, WAITS
from lib.wire import search


@scenario('a member whose client lacks the plugin reads a sentence that says '
          'what to do, and not the message')
def to_client_without(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    bob.quit()
    bare = world.client('bob', plugin=False, name='bob-bare')
    bare.start()
    bare.connect()
    word = world.word()
    alice.send(bob.jid, word)
    line = bare.expect('line', where=lambda e: 'recv' in e['flags'])
    assert plain(line['text']).startswith(FALLBACK), line
    assert_unread(world, word)
    world.quit_clients()


@scenario('a message to somebody who never had X-IM goes in the clear, as '
          'before')
def to_stranger(world):
    place = world.place(users=['alice', 'carol'])
    carol = world.client('carol', plugin=False)
    carol.start()
    carol.connect()
    alice = world.member('alice')
    word = world.word()
    exchange(alice, carol, word)
    place.server.saw(word)
    assert NOT_ENCRYPTED not in str(texts_sent(alice))
    exchange(carol, alice, world.word())
    assert not any(NOT_ENCRYPTED in t for t in texts_read(alice))
    world.quit_clients()


@scenario('a message to a domain that has no keyserver goes in the clear')
def to_domain_without(world):
    world.place('one.test', users=['alice'])
    two = world.place('two.test', users=['carol'], keyserver=False)
    carol = world.client('carol', 'two.test', plugin=False)
    carol.start()
    carol.connect()
    alice = world.client('alice')
    closed = net.free_port(two.server.address)
    alice.settings.append(
        ('string', 'xim-keyserver:two.test',
         f'https://{two.server.address}:{closed} - {world.authority.file}'))
    alice.start()
    alice.connect()
    world.places['one.test'].keyserver.wait_bundle(alice.jid)
    exchange(alice, carol, world.word())
    world.quit_clients()


@scenario('a message in the clear from a member is marked, each time; one '
          'from somebody without X-IM is not')
def from_client_without(world):
    world.place(users=['alice', 'bob', 'carol'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(bob, alice, 'hello')
    bob.quit()
    for name in ('bob', 'carol'):
        bare = world.client(name, plugin=False, name=name + '-bare')
        bare.start()
        bare.connect()
        for word in (world.word(), world.word()):
            mark = alice.mark()
            bare.send(alice.jid, word)
            mark_of_text = NOT_ENCRYPTED if name == 'bob' else ''
            alice.received(mark_of_text + word, since=mark)
    world.quit_clients()


@scenario('an account of a domain without a keyserver goes on as before, and '
          'each conversation says once that it is not encrypted')
def never_enrolled(world):
    place = world.place(users=['alice', 'carol'], keyserver=False)
    carol = world.client('carol', plugin=False)
    alice = world.client('alice')
    closed = net.free_port(place.server.address)
    alice.settings.append(
        ('string', 'xim-keyserver:one.test',
         f'https://{place.server.address}:{closed} - '
         f'{world.authority.file}'))
    for client in (alice, carol):
        client.start()
        client.connect()
    exchange(alice, carol, world.word())
    exchange(carol, alice, world.word())
    exchange(alice, carol, world.word())
    said = [e for e in alice.lines() if 'system' in e['flags']
            and re.search(IN_CLEAR, plain(e['text']))]
    assert len(said) == 1, alice.tell()
    world.quit_clients()


@scenario('policy always holds a message to somebody without keys; policy '
          'never sends to a member in the clear')
def policies(world):
    place = world.place(users=['alice', 'bob', 'carol'])
    alice = world.member('alice')
    bob = world.member('bob')
    carol = world.client('carol', plugin=False)
    carol.start()
    carol.connect()
    alice.command(carol.jid, 'xim policy always')
    held, open_word, sealed = (world.word() for _ in range(3))
    mark = alice.mark()
    alice.send(carol.jid, held)
    alice.told(WAITS, since=mark)
    alice.command(bob.jid, 'xim policy never')
    mark = bob.mark()
    alice.send(bob.jid, open_word)
    bob.expect('line', since=mark, where=lambda e: open_word in e['text'])
    place.server.saw(open_word)
    alice.command(bob.jid, 'xim policy automatic')
    exchange(alice, bob, sealed)
    assert_unread(world, held, sealed)
    world.quit_clients()


@scenario('a room says that it is not encrypted, and works as before')
def room(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    name = 'den@conference.one.test'
    for client, nick in ((alice, 'al'), (bob, 'bo')):
        client.do('join', client.account, f'{name}/{nick}')
        client.expect('chat-joined', conversation=name)
    word = world.word()
    alice.told(IN_CLEAR)
    bob.told(IN_CLEAR)
    alice.expect('chat-buddy-joined', who='bo')
    alice.send(name, word)
    bob.expect('line', kind='chat', where=lambda e: word in e['text'])
    place.server.saw(word)
    assert 'plain' in search(word, place.server.recorded())
    world.quit_clients()


@scenario('a second client of a member that is not added yet says so, keeps '
          'what is typed, and sends nothing in the clear')
def second_device(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    before = place.keyserver.bundle(alice.jid)
    second = world.client('alice', name='alice2')
    second.start()
    second.connect()
    second.expect('notify', where=lambda e: 'asks to belong' in e['text'])
    word, later = world.word(), world.word()
    for text in (word, later):
        mark = second.mark()
        second.send(bob.jid, text)
        second.expect('line', since=mark, where=lambda e: 'send' in e['flags'])
    second.told('not added yet', since=0)
    assert texts_sent(second) == [WAITING + word, WAITING + later]
    exchange(alice, bob, 'again')
    assert texts_read(bob) == ['hello', 'again'], bob.tell()
    assert_unread(world, later)
    assert_unread(world, word)
    after = place.keyserver.bundle(alice.jid)
    assert after['account'] == before['account']
    assert after['devices'] == before['devices']
    world.quit_clients()
