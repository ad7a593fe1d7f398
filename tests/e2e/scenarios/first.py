# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The first path: enrol, look up, exchange messages."""

import os
import re
import stat

from lib.check import assert_unread, exchange, texts_read, texts_sent
from lib.process import wait_until
from lib.scenario import scenario
from lib.texts import IN_CLEAR, NOT_ENCRYPTED


@scenario('a first sign-on makes keys, proves the address and gets them '
          'countersigned')
def enrol(world):
    place = world.place(users=['alice'])
    alice = world.client('alice')
    alice.start()
    alice.connect()
    bundle = place.keyserver.wait_bundle(alice.jid)
    account = bundle['account']
    assert account.startswith('x-im account v1\njid alice@one.test\n'
                              'version 1\nprevious -\n'), account
    assert len(re.findall('^device ', account, re.M)) == 1, account
    signers = re.findall('^\u2014 (\\S+) ', account, re.M)
    assert signers[-1] == 'keys.one.test' and len(signers) == 2, account
    assert len(bundle['devices']) == 1
    assert 'serial 1\n' in bundle['devices'][0]
    mark = alice.command('nobody@one.test', 'xim status')
    alice.told('(?i)enrolled|ready|encrypt', since=mark)
    for folder, _, files in os.walk(os.path.join(alice.folder, 'x-im')):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700, folder
        for name in files:
            mode = os.stat(os.path.join(folder, name)).st_mode
            assert stat.S_IMODE(mode) == 0o600, name
    assert os.path.isdir(os.path.join(alice.folder, 'x-im'))
    world.quit_clients()


@scenario('the keys of a first sign-on are the same after a restart')
def enrol_once(world):
    place = world.place(users=['alice'])
    alice = world.member('alice')
    before = place.keyserver.bundle(alice.jid)
    alice.quit()
    alice.start()
    alice.connect()
    alice.until_ready()

    def shown():  # once the own list of now has come
        mark = alice.command('nobody@one.test', 'xim fingerprint')
        line = alice.told('No keys of nobody', since=mark)
        return re.search('[0-9a-fA-F]{4} [0-9a-fA-F]{4}', line['text'])
    wait_until('the own keys are shown', shown, timeout=20, pause=0.1)
    after = place.keyserver.bundle(alice.jid)
    assert after['account'] == before['account']
    assert after['devices'] == before['devices']
    world.quit_clients()


@scenario('two members exchange first messages each way, which the server '
          'can not read')
def first_messages(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    words = [world.word() for _ in range(6)]
    for n, word in enumerate(words):
        pair = (alice, bob) if n % 2 == 0 else (bob, alice)
        exchange(*pair, f'{word} and text')
    for client in (alice, bob):
        assert len(texts_sent(client)) == 3, client.tell()
        assert not any(NOT_ENCRYPTED in e['text'] for e in client.lines())
    assert_unread(world, *words)
    world.quit_clients()


@scenario('messages that are sent at once arrive all and in order')
def in_order(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    words = [world.word() for _ in range(40)]
    for n, word in enumerate(words):
        alice.send(bob.jid, f'{n} {word}')
    bob.received(f'39 {words[39]}')
    read = texts_read(bob)
    assert read == [f'{n} {word}' for n, word in enumerate(words)], read
    assert_unread(world, *words)
    world.quit_clients()


@scenario('formatting arrives, inside the envelope')
def formatting(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    words = [world.word() for _ in range(3)]
    alice.send(bob.jid, f'<b>{words[0]}</b> and <i>{words[1]}</i><br>'
                        f'&lt;{words[2]}&gt; &amp; \u00fc\u4e2d\U0001f600')
    line = bob.received(f'{words[0]} and {words[1]}\n<{words[2]}> & '
                        '\u00fc\u4e2d\U0001f600')
    assert re.search('bold[^>]*>' + words[0], line['text']), line
    assert re.search(f'<em>{words[1]}|italic[^>]*>{words[1]}', line['text'])
    assert_unread(world, *words)
    world.quit_clients()


@scenario('a text with a link arrives once in full and is nowhere in the '
          'clear')
def link(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    word = world.word()
    exchange(alice, bob, f'see https://example.org/{word} there')
    assert_unread(world, word)
    world.quit_clients()


@scenario('members of two federated domains, each with its own keyserver, '
          'exchange messages')
def federated(world):
    one = world.place('one.test', users=['alice'])
    two = world.place('two.test', users=['carol'])
    alice = world.member('alice', 'one.test')
    carol = world.member('carol', 'two.test')
    words = [world.word(), world.word()]
    exchange(alice, carol, words[0])
    exchange(carol, alice, words[1])
    assert one.keyserver.bundle('carol@two.test') is None
    assert two.keyserver.bundle('carol@two.test') is not None
    assert_unread(world, *words)
    world.quit_clients()


@scenario('a message to a member who is offline waits sealed at the server '
          'and is read once at the next sign-on')
def offline(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    bob.quit()
    word = world.word()
    alice.send(bob.jid, word)
    world.places['one.test'].server.saw('urn:x-im:envelope:1')
    mark = bob.mark()
    bob.start()
    bob.connect()
    bob.received(word, since=mark)
    exchange(alice, bob, 'again')
    assert texts_read(bob, mark) == [word, 'again'], bob.tell(mark)
    assert_unread(world, word)
    world.quit_clients()


@scenario('a message longer than an envelope may be is refused with a line '
          'that says so, and the stream stays up')
def too_long(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'short')
    word = world.word()
    mark = alice.mark()
    alice.send(bob.jid, word + ' long' * 40000)
    alice.told('(?i)too long|longer', since=mark)
    exchange(alice, bob, 'short again')
    assert not any(word in e['text'] for e in bob.lines())
    assert_unread(world, word)
    world.quit_clients()


@scenario('after the plugin is unloaded every open window says that messages '
          'are not encrypted')
def unload(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    loaded = alice.expect('loaded')
    mark = alice.mark()
    alice.do('unload', loaded['plugin'])
    alice.told(IN_CLEAR, since=mark)
    alice.do('load', world.plugin)
    alice.until_ready()
    word = world.word()
    exchange(alice, bob, word)
    assert_unread(world, word)
    world.quit_clients()
