# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Every path around gate 1: whatever sends a stanza, it leaves sealed."""

import base64
import socket
import threading

from lib.check import (assert_unread, befriend, complete_record, exchange,
                       texts_read, texts_sent)
from lib.process import wait_until
from lib.scenario import scenario
from lib.texts import IN_CLEAR
from lib.wire import search


def pair(world):
    """Two members who have written to each other."""
    world.place(users=['alice', 'bob', 'carol', 'dave'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(alice, bob, 'hello')
    exchange(bob, alice, 'hi')
    return alice, bob


@scenario('an automatic reply leaves sealed')
def auto_reply(world):
    alice, bob = pair(world)
    word = world.word()
    alice.do('auto-reply', alice.account, bob.jid, word)
    bob.received(word)
    assert_unread(world, word)
    world.quit_clients()


@scenario('the words of a status stand in the presence and in no message: an '
          'away client answers nothing readable by itself')
def away(world):
    alice, bob = pair(world)
    word = world.word()
    alice.do('status', alice.account, 'away', word)
    exchange(bob, alice, 'are you there')
    exchange(alice, bob, 'yes')
    world.places['one.test'].server.saw(word)
    record = complete_record(world, world.places['one.test'])
    # The status text itself is public: libpurple sends it as presence.
    for line in record.split(b'<message'):
        body = line.split(b'</message>')[0]
        assert b'<body>' + word.encode() not in body
    world.quit_clients()


def buzz(sender, receiver):
    """Calls for attention as soon as the client knows that it may."""
    befriend(sender, receiver)

    def called():
        mark = sender.mark()
        sender.do('attention', sender.account, receiver.jid)
        return not any('error' in e['flags'] for e in sender.lines(mark))
    wait_until('a call for attention is possible', called, pause=0.1)


def messages_with(words, record):
    return [part for part in record.split(b'<message')[1:]
            if words in part.split(b'</message>')[0]]


@scenario('a call for attention of a member does not reach the server as '
          'such, unlike that of others')
def attention(world):
    alice, bob = pair(world)
    buzz(alice, bob)
    exchange(alice, bob, 'after')
    record = complete_record(world, world.places['one.test'])
    assert not messages_with(b'urn:xmpp:attention:0', record)
    bare = [world.client(name, plugin=False) for name in ('carol', 'dave')]
    for client in bare:
        client.start()
        client.connect()
    exchange(*bare, 'before')
    buzz(*bare)
    exchange(*bare, 'after')
    record = complete_record(world, world.places['one.test'])
    assert messages_with(b'urn:xmpp:attention:0', record)
    world.quit_clients()


@scenario('a stanza of another plugin leaves sealed, and what stands beside '
          'its text does not leave')
def other_plugin(world):
    alice, bob = pair(world)
    for kind in ("type='chat'", '', "type='normal'", "type='headline'"):
        word, extra, html = (world.word() for _ in range(3))
        alice.do('stanza', alice.account,
                 f"<message to='{bob.jid}' {kind} id='p1'>"
                 f'<body>{word}</body>'
                 f"<note xmlns='urn:other:plugin'>{extra}</note>"
                 "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
                 "<body xmlns='http://www.w3.org/1999/xhtml'>"
                 f'<p>{html}</p></body></html></message>')
        exchange(alice, bob, 'after ' + word)
        assert_unread(world, word, extra, html)
    world.quit_clients()


@scenario('a stanza that only looks like an envelope does not carry a text '
          'out in the clear')
def forged_envelope(world):
    alice, bob = pair(world)
    word, second = world.word(), world.word()
    alice.do('stanza', alice.account,
             f"<message to='{bob.jid}' type='chat' id='f1'>"
             "<sealed xmlns='urn:x-im:envelope:1'>WElNMQ==</sealed>"
             f'<body>{word}</body></message>')
    alice.do('stanza', alice.account,
             f"<message to='{bob.jid}' type='chat' id='f2'>"
             f"<sealed xmlns='urn:x-im:envelope:1'>{second}</sealed>"
             '<body>This message is encrypted with X-IM.</body></message>')
    exchange(alice, bob, 'after')
    assert_unread(world, word, second)
    world.quit_clients()


@scenario('a message as raw XML is not sent, and a line says so')
def raw_xml(world):
    alice, bob = pair(world)
    words = [world.word() for _ in range(5)]
    body = f"to='{bob.jid}' type='chat'><body>%s</body>"
    for xml in (f'<message {body % words[0]}</message>',
                f' \n<message\n {body % words[1]}</message>',
                f"<presence/><message {body % words[2]}</message>",
                f"<c:message xmlns:c='jabber:client' {body % words[3]}"
                '</c:message>',
                f'<!-- --><message {body % words[4]}</message>'):
        mark = alice.mark()
        alice.do('raw', alice.account, xml, ok=None)
        alice.expect('notify', since=mark)
    exchange(alice, bob, 'after')
    assert_unread(world, *words)
    world.quit_clients()


@scenario('raw XML that is no message passes')
def raw_presence(world):
    alice, bob = pair(world)
    word = world.word()
    alice.do('raw', alice.account,
             f'<presence><status>{word}</status></presence>')
    world.places['one.test'].server.saw(word)
    exchange(alice, bob, 'after')
    world.quit_clients()


@scenario('an invitation to a member asks first, and does not leave when the '
          'answer is no')
def invitation(world):
    alice, bob = pair(world)
    name = 'den@conference.one.test'
    alice.do('join', alice.account, name + '/al')
    alice.expect('chat-joined', conversation=name)
    refused, allowed = world.word(), world.word()
    mark = alice.mark()
    alice.do('invite', alice.account, name, bob.jid, refused)
    request = alice.expect('request', since=mark)
    no = next(n for n, text in enumerate(request['actions'])
              if 'not' in text.lower() or 'cancel' in text.lower())
    alice.answer(request, no)
    exchange(alice, bob, 'after')
    assert_unread(world, refused)
    mark = alice.mark()
    alice.do('invite', alice.account, name, bob.jid, allowed)
    request = alice.expect('request', since=mark)
    alice.answer(request, 1 - no)
    world.places['one.test'].server.saw(allowed)
    world.quit_clients()


@scenario('a private message in a room passes, and the room has said that '
          'it is not encrypted')
def room_msg(world):
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    name = 'den@conference.one.test'
    for client, nick in ((alice, 'al'), (bob, 'bo')):
        client.do('join', client.account, f'{name}/{nick}')
        client.expect('chat-joined', conversation=name)
    alice.expect('chat-buddy-joined', who='bo')
    alice.told(IN_CLEAR)
    word = world.word()
    alice.command(name, f'msg bo {word}')
    bob.expect('line', where=lambda e: word in e['text'])
    place.server.saw(word)
    world.quit_clients()


@scenario("libpurple's own /msg, which is one of rooms, sends nothing from a "
          'conversation with a member, and /me is sealed')
def msg_command(world):
    alice, bob = pair(world)
    word, action = world.word(), world.word()
    mark = bob.mark()
    alice.command(bob.jid, f'msg {bob.jid} {word}', ok=False)
    alice.do('command', alice.account, bob.jid, f'msg bob {word}', ok=False)
    alice.send(bob.jid, f'/me {action}')
    exchange(alice, bob, 'after')
    assert texts_read(bob, mark) == [f'/me {action}', 'after'], bob.tell(mark)
    assert_unread(world, word, action)
    world.quit_clients()


@scenario('what libpurple sends again after a reconnect is the same envelope, '
          'and is read once')
def resend(world):
    alice, bob = pair(world)
    server = world.places['one.test'].server
    words = [world.word(), world.word()]
    mark = bob.mark()
    server.freeze()
    for word in words:
        alice.send(bob.jid, word)
    alice.disconnect()
    server.thaw()
    alice.connect()
    bob.received(words[1], since=mark)
    exchange(alice, bob, 'after')
    assert texts_read(bob, mark) == words + ['after'], bob.tell(mark)
    assert 'Resending' in alice.debug_log(), 'nothing was sent again'
    assert_unread(world, *words)
    world.quit_clients()


@scenario('a message that is typed while the account is offline does not '
          'leave in the clear, and nothing says that it was sent')
def typed_offline(world):
    alice, bob = pair(world)
    alice.disconnect()
    word = world.word()
    mark = alice.mark()
    alice.do('send', alice.account, bob.jid, word, ok=None)
    sent = texts_sent(alice, mark)
    alice.connect()
    exchange(alice, bob, 'after')
    assert_unread(world, word)
    assert (word in sent) == (word in texts_read(bob)), (sent, bob.tell())
    world.quit_clients()


class _Listener:
    """Takes what a client says before the server has proven who it is."""

    def __init__(self, address):
        self._socket = socket.create_server((address, 0))
        self.port = self._socket.getsockname()[1]
        self.data = b''
        self.connected = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        peer, _ = self._socket.accept()
        while data := peer.recv(4096):
            self.data += data
            if b'<stream:stream' in self.data:
                self.connected.set()


@scenario('a message that is typed while the account is still connecting '
          'does not leave in the clear', servers=['prosody'])
def typed_connecting(world):
    alice, bob = pair(world)
    alice.disconnect()
    listener = _Listener(world.places['one.test'].server.address)
    alice.do('set', alice.account, 'int', 'port', str(listener.port))
    alice.connect(wait=False)
    assert listener.connected.wait(10)
    word = world.word()
    alice.do('send', alice.account, bob.jid, word, ok=None)
    alice.do('stanza', alice.account,
             f"<message to='{bob.jid}' type='chat'><body>{word}</body>"
             '</message>', ok=None)
    alice.do('disconnect', alice.account)
    assert search(word, listener.data) == [], listener.data
    alice.do('set', alice.account, 'int', 'port',
             str(world.places['one.test'].server.port))
    alice.connect()
    exchange(alice, bob, 'after')
    assert_unread(world, word)
    world.quit_clients()


@scenario('whole stanzas on the wire have the words of a plain message and '
          'none of an encrypted one, plain, escaped or in base64')
def wire(world):
    place = world.place(users=['alice', 'bob', 'carol'])
    carol = world.client('carol', plugin=False)
    carol.start()
    carol.connect()
    alice = world.member('alice')
    bob = world.member('bob')
    known = world.word()
    exchange(alice, carol, known)
    place.server.saw(known)
    assert 'plain' in search(known, place.server.recorded())
    coded = world.word()
    exchange(alice, carol, base64.b64encode(
        b'pad ' * 300 + coded.encode() + b' pad' * 300).decode())
    found = search(coded, complete_record(world, place))
    assert found and found[0].startswith('base64'), found
    words = []
    for size in (1, 30, 600, 5000):
        word = world.word()
        words.append(word)
        exchange(alice, bob, f'{word}' + ' pad' * size)
        word = world.word()
        words.append(word)
        alice.send(bob.jid, f'<b>{word}</b> &lt;&amp;&gt; &quot;')
        exchange(bob, alice, f'back {word}')
    record = complete_record(world, place)
    assert record.count(b'urn:x-im:envelope:1') >= 12
    assert_unread(world, *words)
    world.quit_clients()
