# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""What scenarios do and assert again and again."""

import re

from .client import plain
from .process import wait_until
from .wire import search

# As the server hands it on, with both addresses.
SUBSCRIBE = re.compile(b'<presence[^>]*type=.subscribe[^d>][^>]*>')


def exchange(sender, receiver, text):
    """Sends a text and waits until it is read, just as it was."""
    mark = receiver.mark()
    sender.send(receiver.jid, text)
    line = receiver.received(text, since=mark)
    assert line['conversation'].split('/')[0] == sender.jid, line
    return line


def befriend(one, other):
    """Subscribes both to each other's presence."""
    for asks, allows in ((one, other), (other, one)):
        asks.do('raw', asks.account,
                f"<presence to='{allows.jid}' type='subscribe'/>")
        wait_until(f'{allows.jid} is asked', lambda: any(
            asks.jid.encode() in tag and allows.jid.encode() in tag
            for tag in SUBSCRIBE.findall(asks.server.recorded())))
        allows.do('raw', allows.account,
                  f"<presence to='{asks.jid}' type='subscribed'/>")


def texts_read(client, since=0):
    """The words of all lines from others, in order."""
    return [plain(e['text']) for e in client.lines(since)
            if 'recv' in e['flags']]


def texts_sent(client, since=0):
    """The words of all lines that the window shows as sent, in order."""
    return [plain(e['text']) for e in client.lines(since)
            if 'send' in e['flags']]


def complete_record(world, place):
    """All that the server did until now, in its own words."""
    next(c for c in world.clients if c.jid.endswith('@' + place.domain)
         and c.online()).settle()
    return place.server.recorded()


def assert_unread(world, *words):
    """No server saw one of the words, in any form."""
    for place in world.places.values():
        record = complete_record(world, place)
        for word in words:
            found = search(word, record)
            assert found == [], (place.domain, word, found)
