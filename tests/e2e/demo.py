#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Shows the protocol at work, step by step, with real programs."""

import argparse
import os
import re
import signal
import sys
import textwrap
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import faces  # noqa: E402
from lib.client import plain  # noqa: E402
from lib.process import Timeout, wait_until  # noqa: E402
from lib.texts import FALLBACK  # noqa: E402
from lib.wire import search  # noqa: E402
from lib.world import World  # noqa: E402

TALK = (
    ('alice', 'Hello Bob, this is the first message that only you can read. '
              'The word is {}.'),
    ('bob', 'Hello Alice, it came through. My word is {}.'),
    ('alice', 'Formatting travels inside: <b>bold {}</b> and <i>italic</i>.'),
    ('bob', 'And so do signs like &lt;&amp;&gt; and \u00fc\u4e2d: {}.'),
    ('alice', 'See you at https://example.org/{} tomorrow.'),
    ('bob', 'Good night. {}'),
)


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Story:
    """Prints what happens, with the time since the start."""

    def __init__(self):
        self._start = time.monotonic()
        self._lock = threading.Lock()

    def seconds(self):
        return time.monotonic() - self._start

    def tell(self, text):
        stamp = f'[{self.seconds():6.3f} s] '
        with self._lock:
            print(textwrap.fill(text, 78, initial_indent=stamp,
                                subsequent_indent=' ' * len(stamp),
                                break_long_words=False,
                                break_on_hyphens=False), flush=True)

    def show(self, text):
        """Something quoted: indented, and cut when it is long."""
        with self._lock:
            for line in text.splitlines():
                for part in textwrap.wrap(line, 64) or ['']:
                    print(' ' * 13 + '| ' + part)
            sys.stdout.flush()

    def title(self, text):
        with self._lock:
            print(f'\n{text}\n' + '-' * len(text), flush=True)


def start_servers(world, story):
    story.title('1. The servers')
    place = world.place(users=['alice', 'bob', 'carol', 'dave', 'you'])
    story.tell('An XMPP server (Prosody) runs for the domain one.test. It '
               'passes messages on, as anywhere on the net.')
    story.tell('A keyserver (xim-keyserver) for the same domain runs next to '
               f'it at {place.keyserver.url}. In real life its address is '
               'https://keys.one.test/.')
    return place


def enrol(world, story, name):
    """Signs on for the first time and tells what came of it."""
    place = world.places['one.test']
    client = world.client(name)
    client.start()
    start = time.monotonic()
    client.connect()
    story.tell(f'{name.capitalize()} signs on. The plugin makes two key '
               'pairs, one to sign and one to decrypt. The private halves '
               'stay on this device, locked by a passphrase.')
    place.server.saw(f'{client.jid}/', 20)
    bundle = place.keyserver.wait_bundle(client.jid)
    took = time.monotonic() - start
    account = bundle['account']
    device = re.search('^device ([0-9a-f]{16})', account, re.M).group(1)
    if 'urn:x-im:register:1' in place.server.recorded().decode('utf-8',
                                                               'replace'):
        story.tell(f'Through the XMPP server {name.capitalize()} has proven '
                   f'to the keyserver that {client.jid} is the own address. '
                   'Nobody was asked anything.')
    signers = re.findall('^\u2014 (\\S+) ', account, re.M)
    story.tell(f'The public keys are enrolled, {took * 1000:.0f} ms after '
               f'the start. Signed by the device (dev/{device}) and '
               f'countersigned by the keyserver ({signers[-1]}):')
    story.show(shorten(account))
    assert signers == [f'dev/{device}', 'keys.one.test'], signers
    return client


def shorten(note):
    return re.sub(r'(\S{30})\S{30,}', r'\1...', note).rstrip()


def sealed_stanza(record, after):
    """The newest <message/> with an envelope that the server recorded; a
    line of its record has at most one stanza."""
    found = re.findall(r'<message [^>\n]*>[^\n]*urn:x-im:envelope:1[^\n]*'
                       '</message>', record[after:])
    return found[-1] if found else None


def show_sealed(story, stanza, whole):
    """What the server had instead of the text; in full at the first time."""
    if whole:
        story.tell(f'This is all that the XMPP server sees of it, '
                   f'{len(stanza)} bytes, here without the middle of the '
                   'sealed part:')
        story.show(re.sub(r'(<sealed [^>]*>[^<]{48})[^<]*', r'\1 ... ',
                          stanza))
    else:
        story.tell(f'The XMPP server sees {len(stanza)} bytes like those.')


def say(world, story, clients, speaker, template):
    """One message; returns its secret word and whether it was read."""
    sender = clients[speaker]
    receiver = clients['bob' if speaker == 'alice' else 'alice']
    server = world.places['one.test'].server
    word = world.word()
    text = template.format(word)
    words = plain(text)
    before = len(server.recorded().decode('utf-8', 'replace'))
    mark, sent_mark = receiver.mark(), sender.mark()
    story.tell(f'{speaker.capitalize()} types: {words}')
    sender.send(receiver.jid, text)
    try:
        line = receiver.received(words, since=mark)
    except Timeout as error:
        story.tell(f'{receiver.name.capitalize()} reads nothing: {error}')
        return word, False
    typed = sender.expect('typed', since=sent_mark)
    try:
        stanza = wait_until('sealed', lambda: sealed_stanza(
            server.recorded().decode('utf-8', 'replace'), before), 3)
    except Timeout:
        story.tell('This message crossed the server unsealed!')
        return word, False
    show_sealed(story, stanza, template is TALK[0][1])
    story.tell(f'{receiver.name.capitalize()} reads, '
               f'{(line["us"] - typed["us"]) / 1000:.1f} ms later: '
               f'{plain(line["text"])}')
    return word, True


def control(world, story):
    """Proves that what the server sees is looked at in the right place."""
    server = world.places['one.test'].server
    carol = world.client('carol', plugin=False)
    dave = world.client('dave', plugin=False)
    for client in (carol, dave):
        client.start()
        client.connect()
    word = world.word()
    carol.send(dave.jid, f'Without X-IM anybody on the way reads {word}')
    dave.received(f'Without X-IM anybody on the way reads {word}')
    server.saw(word)
    found = search(word, server.recorded())
    story.tell('Carol and Dave do not have X-IM. Carol writes to Dave, and '
               f'the word {word} is found in what the server saw, in this '
               f'form: {", ".join(found)}. So the search works.')
    return 'plain' in found


def look_at_server(world, story, words):
    record = world.places['one.test'].server.recorded()
    readable = [w for w in words if search(w, record)]
    story.tell(f'The {len(words)} secret words of Alice and Bob were '
               f'searched in the same {len(record)} bytes, plain, in hex and '
               f'in base64 at every alignment: {len(readable)} found.')
    return len(readable)


def keep(world):
    """Runs on until Ctrl-C, with somebody to talk to."""
    place = world.places['one.test']
    you = world.client('you')
    faces.write_profile(you, 'gtk-gaim', 'pidgin', world.plugin)
    bob = next(c for c in world.clients if c.name == 'bob')
    print(textwrap.dedent(f"""
        It goes on running. In another terminal:

            pidgin -m -c {you.folder}

        That Pidgin has the account {you.jid} and the plugin of this build,
        and asks you for a new passphrase. Write to bob@one.test: Bob is a
        program that repeats what it reads.

        By hand, with another Pidgin that has the plugin: copy
        {place.server.cert}
        to ~/.purple/certificates/x509/tls_peers/{place.server.address},
        make the account {you.jid}, password {you.password}, server
        {place.server.address}, port {place.server.port}, sign on, and type
        in any conversation, as one line:

        /xim keyserver one.test {place.keyserver.url}
            {place.keyserver.vkey}
            {place.keyserver.ca}

        Ctrl-C ends and removes everything.
        """), flush=True)
    mark = bob.mark()
    while True:
        event = bob.expect('line', since=mark, timeout=1e8,
                           where=lambda e: 'recv' in e['flags'])
        mark = bob.events.index(event) + 1
        bob.send(event['who'].split('/')[0],
                 'You wrote: ' + event['text'])


def keep_until_interrupt(world):
    try:
        keep(world)
    except KeyboardInterrupt:
        print()


def run(world, story):
    start_servers(world, story)
    story.title('2. Keys')
    clients = {name: enrol(world, story, name) for name in ('alice', 'bob')}
    story.title('3. Messages')
    story.tell('For the first message to Bob Alice\'s plugin gets Bob\'s keys '
               'from the keyserver, checks its signature and Bob\'s, makes a '
               'random key for this one message, seals it to Bob\'s device '
               'and to her own, and signs the whole.')
    said = [say(world, story, clients, *turn) for turn in TALK]
    story.title('4. What the server could read')
    good = control(world, story)
    readable = look_at_server(world, story, [word for word, _ in said])
    story.tell('Clients without X-IM would show this and no more: '
               + FALLBACK)
    print(f'\nTook {story.seconds():.1f} s.')
    return good, len(said), sum(read for _, read in said), readable


def end(signum, frame):
    del signum, frame
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', required=True)
    parser.add_argument('--source', required=True)
    parser.add_argument('--keep', action='store_true')
    args = parser.parse_args()
    for number in STOPPING:
        signal.signal(number, end)
    print('X-IM: two people, one XMPP server, one keyserver, all real, all '
          'on this computer.')
    world = None
    try:
        world = World('prosody', args.build, args.source)
        good, sent, read, readable = run(world, Story())
        if args.keep:
            keep_until_interrupt(world)
        else:
            world.quit_clients()
    except KeyboardInterrupt:
        print('\nInterrupted.')
        return 130
    except AssertionError as error:
        print(f'\nThis went wrong: {error}')
        return 1
    finally:
        # A second Ctrl-C must not keep the first from cleaning up.
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        if world is not None:
            world.close()
        print('Everything is stopped and removed.')
    print(f'{sent} messages sent, {read} decrypted, '
          f'{readable} readable on the server')
    return 0 if good and read == sent and readable == 0 else 1


if __name__ == '__main__':
    sys.exit(main())
