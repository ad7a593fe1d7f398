#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""What the plugin costs in two real clients on a real Prosody.

Prints rows for tests/bench/results.tsv: what, unit, ours, peer, peer's name,
ratio, target.
"""

import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(SOURCE, 'tests', 'e2e'))
sys.dont_write_bytecode = True

from lib.world import World  # noqa: E402

# Milliseconds, from the design's targets.
LIMIT_ADDED = 2.0
LIMIT_LOAD = 20.0
WARM_UP = 20
MESSAGES = 400
LOADS = 11


def latency(sender, receiver, text):
    """Milliseconds from the key to the line in the other window."""
    marks = sender.mark(), receiver.mark()
    sender.send(receiver.jid, text)
    typed = sender.expect('typed', since=marks[0])
    read = receiver.received(text, since=marks[1])
    return (read['us'] - typed['us']) / 1000


def measure_messages(world):
    """Alternates pairs with and without the plugin, and directions.

    Returns the times of each in the same order, so that two that belong
    together were taken next to each other.  Neither clients nor server wait
    for more to send (Nagle's algorithm): with delayed acknowledgements half
    of all small messages would stand still for 40 ms, with and without the
    plugin, and hide what is measured.
    """
    users = ['alice', 'bob', 'carol', 'dave']
    place = world.place(users=users, record=False)
    clients = [world.client(name, plugin=name in users[:2]) for name in users]
    for client in clients:
        client.env['XIM_CLIENT_NO_DELAY'] = '1'
        client.start()
        client.connect()
    for client in clients[:2]:
        place.keyserver.wait_bundle(client.jid)
        client.until_ready()
    pairs = {'sealed': clients[:2], 'bare': clients[2:]}
    times = {name: [] for name in pairs}
    text = 'x' * 200
    for n in range(WARM_UP + MESSAGES):
        way = 1 if n % 2 else -1
        for name in list(pairs)[::1 if n // 2 % 2 else -1]:
            took = latency(*pairs[name][::way], f'{text} {n}')
            if n >= WARM_UP:
                times[name].append(took)
    for client, other in zip(clients[:2], clients[1::-1]):
        mark = client.command(other.jid, 'xim status')
        client.told('Encrypted: only you and ', since=mark)
    return times


def measure_load(world):
    times = []
    for n in range(LOADS):
        client = world.client('alice', name=f'load{n}')
        client.start()
        times.append(client.expect('loaded')['took_us'] / 1000)
        client.quit()
    return statistics.median(times)


def row(what, ours, peer, name, ratio, target):
    print('\t'.join([what, 'ms', f'{ours:.4g}', f'{peer:.4g}', name,
                     f'{ratio:.3g}', target]), flush=True)


def limit_row(what, ours, limit):
    row(what, ours, limit, 'limit', ours / limit, '<=1')


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
    world = World('prosody', build, SOURCE)
    try:
        times = measure_messages(world)
        load = measure_load(world)
        world.quit_clients()
    finally:
        world.close()
    added = [sealed - bare
             for sealed, bare in zip(times['sealed'], times['bare'])]
    sealed, bare = map(statistics.median, (times['sealed'], times['bare']))
    limit_row('time that the plugin adds to a message of 200 bytes through '
              'Prosody', statistics.median(added), LIMIT_ADDED)
    row('message of 200 bytes through Prosody, with the plugin', sealed,
        bare, 'without the plugin', bare / sealed, '-')
    limit_row('load time of the plugin, without unlocking', load, LIMIT_LOAD)


if __name__ == '__main__':
    main()
