# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Several devices of one member."""

import re

from .check import exchange
from .client import plain
from .process import wait_until

CODE = re.compile(r'(?:\d{5} ){3}\d{5}')


def code_shown(client, since=0):
    """The code in the window of a device that wants to join."""
    window = client.expect('notify', since, 40,
                           lambda e: CODE.search(e['text'] or ''))
    return CODE.search(window['text']).group(0)


def window_says(client, pattern, since=0, timeout=40):
    """Waits for a window of the client's own that matches."""
    return client.expect('notify', since, timeout, lambda e: re.search(
        pattern, plain(e['text'] or '')))


def asked_for_code(client, since=0):
    """The dialog in which an old device has the code typed."""
    return client.expect('request', since, 40, kind='input')


def second(world, user='alice', name='second', **options):
    """Another client of a member, online, whose device is not added yet."""
    client = world.client(user, name=name, **options)
    client.start()
    client.connect()
    return client


def join(old, new, since=0, shown=0):
    """The code that the new device shows is typed on the old one."""
    request = asked_for_code(old, since)
    old.answer(request, 0, code_shown(new, shown))
    new.until_ready()


def n_listed(place, jid):
    """How many devices the newest account note lists."""
    bundle = place.keyserver.bundle(jid)
    return len(re.findall('^device ', bundle['account'], re.M))


def wait_listed(place, jid, n):
    wait_until(f'{jid} has {n} devices', lambda: n_listed(place, jid) == n,
               40, 0.2)


def ids_listed(place, jid):
    bundle = place.keyserver.bundle(jid)
    return re.findall('^device ([0-9a-f]{16}) ', bundle['account'], re.M)


def pair(world):
    """Two devices of alice, and bob, who has known her since the first."""
    place = world.place(users=['alice', 'bob'])
    alice = world.member('alice')
    bob = world.member('bob')
    exchange(bob, alice, 'before')
    mark = alice.mark()
    other = second(world)
    join(alice, other, mark)
    wait_listed(place, alice.jid, 2)
    return place, alice, other, bob


def wait_known(client, jid, n):
    """Waits until the client holds n keys of a contact."""
    def known():
        mark = client.command(jid, 'xim fingerprint')
        line = client.told(f'Keys of {jid}|No keys of', since=mark)
        keys = plain(line['text']).split(f'Keys of {jid}:')[-1]
        return len(keys.strip().split('\n')) == n
    wait_until(f'{client.name} knows {n} keys of {jid}', known, 40, 0.2)
