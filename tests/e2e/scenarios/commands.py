# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The command /xim, strangers, and files."""

import os

from lib.check import (assert_unread, befriend, complete_record, exchange,
                       texts_sent)
from lib.process import wait_until
from lib.scenario import scenario


@scenario('every verb of /xim answers in words', servers=['prosody'])
def verbs(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    for command, answer in (
            ('', 'alice@one.test: your keys are ready'),
            ('status', 'Encrypted: only you and bob@one.test'),
            ('fingerprint', '(?s)Your key:\n.*[0-9a-f]{4}.*'
                            'Keys of bob@one.test:\n.*[0-9a-f]{4}'),
            ('policy', 'are encrypted unless'),
            ('policy always', 'go only encrypted'),
            ('policy never', 'are NOT encrypted'),
            ('policy automatic', 'are encrypted unless'),
            ('policy sometimes', 'Type /xim policy automatic'),
            ('keyserver', 'The keyserver of one.test was set by hand: https'),
            ('keyserver two.test http://two.test -', 'Type /xim keyserver'),
            ('keyserver two.test https://two.test:1 x', 'Type /xim keyserver'),
            ('keyserver two.test https://two.test:1 -',
             'The keyserver of two.test is https://two.test:1 -'),
            ('keyserver two.test none', 'found by its name again'),
            ('open', 'No message from bob@one.test waits'),
            ('accept', 'There are no new keys of bob@one.test'),
            ('verify maybe', 'Type /xim verify'),
            ('verify x-im:', 'That is no code of X-IM'),
            ('verify no', 'bob@one.test is not marked as verified'),
            ('discard', '0 waiting messages to bob@one.test were thrown'),
            ('unlock', 'unlocked already'),
            ('help', '/xim status: whether'),
            ('nonsense', '/xim status: whether'),
            ('lock', 'Your keys are locked'),
            ('status', 'Locked: nothing can be sent')):
        mark = alice.command(bob.jid, f'xim {command}'.strip())
        alice.told(answer, since=mark)
    world.quit_clients()


@scenario('what a stranger sends is looked up when the user asks for it, and '
          'not before', servers=['prosody'])
def stranger(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.client('bob')
    bob.buddies = []
    bob.start()
    bob.connect()
    place.keyserver.wait_bundle(bob.jid)
    word = world.word()
    mark = bob.mark()
    alice.send(bob.jid, word)
    bob.told('not in your buddy list', since=mark)
    assert 'looking up alice@one.test' not in bob.debug_log()
    bob.command(alice.jid, 'xim open')
    bob.received(word, since=mark)
    assert 'looking up alice@one.test' in bob.debug_log()
    assert_unread(world, word)
    world.quit_clients()


@scenario('a file for a member asks first; with policy always it is refused',
          servers=['prosody'])
def files(world):
    world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    befriend(alice, bob)
    path = os.path.join(alice.folder, 'note')
    with open(path, 'w', encoding='utf-8') as note:
        note.write('something')
    mark = alice.mark()

    def asked():
        """libpurple offers files only to those whom it sees online."""
        alice.do('file', alice.account, bob.jid, path)
        return any(e['event'] == 'request' for e in alice.events[mark:])
    wait_until('a file is offered', asked, pause=0.1)
    request = alice.expect('request', since=mark,
                           primary='This file is NOT encrypted')
    alice.answer(request, 1)
    alice.command(bob.jid, 'xim policy always')
    mark = alice.mark()
    alice.do('file', alice.account, bob.jid, path)
    alice.told('the file is NOT encrypted', since=mark)
    exchange(alice, bob, 'after')
    record = complete_record(world, world.places['one.test'])
    assert b"<si xmlns='http://jabber.org/protocol/si'" not in record
    world.quit_clients()


@scenario('a text that waits is shown as waiting, then as sent; the status '
          'counts it, and it can be thrown away', servers=['prosody'])
def counted(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    place.keyserver.stop()
    words = [world.word() for _ in range(3)]
    for word in words:
        alice.send(bob.jid, word)
    mark = alice.command(bob.jid, 'xim status')
    alice.told('3 messages to bob@one.test wait to be sent', since=mark)
    assert texts_sent(alice) == ['[waiting] ' + w for w in words]
    alice.command(bob.jid, 'xim discard')
    alice.told('3 waiting messages to bob@one.test were thrown away')
    words = [world.word() for _ in range(3)]
    for word in words:
        alice.send(bob.jid, word)
    place.keyserver.start()
    wait_until('all went',
               lambda: any('3 waiting messages went' in e['text']
                           for e in alice.lines()), 40)
    for word in words:
        bob.received(word)
    assert_unread(world, *words)
    world.quit_clients()
