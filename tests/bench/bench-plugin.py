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
LIMIT_LOAD = 20.0
WARM_UP = 20
MESSAGES = 300
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

    Returns the tenth percentile of each: TCP holds about half of all small
    messages back for 40 ms (Nagle and delayed acknowledgements), with and
    without the plugin, and a median falls to either side by chance.
    """
    users = ['alice', 'bob', 'carol', 'dave']
    world.place(users=users, record=False)
    sealed = [world.member('alice'), world.member('bob')]
    bare = [world.client(name, plugin=False) for name in users[2:]]
    for client in bare:
        client.start()
        client.connect()
    times = {'sealed': [], 'bare': []}
    text = 'x' * 200
    for n in range(WARM_UP + MESSAGES):
        way = 1 if n % 2 else -1
        for name, pair in (('sealed', sealed), ('bare', bare)):
            took = latency(*pair[::way], f'{text} {n}')
            if n >= WARM_UP:
                times[name].append(took)
    return {name: statistics.quantiles(took, n=10)[0]
            for name, took in times.items()}


def measure_load(world):
    times = []
    for n in range(LOADS):
        client = world.client('alice', name=f'load{n}')
        client.start()
        times.append(client.expect('loaded')['took_us'] / 1000)
        client.quit()
    return statistics.median(times)


def row(what, ours, limit):
    print('\t'.join([what, 'ms', f'{ours:.3f}', f'{limit:.3f}', 'limit',
                     f'{ours / limit:.3f}', '<= 1']))


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
    world = World('prosody', build, SOURCE)
    try:
        fast = measure_messages(world)
        load = measure_load(world)
        world.quit_clients()
    finally:
        world.close()
    # No claim about the added time: TCP delays both, and not alike.
    print('\t'.join(['time that the plugin\'s message of 200 bytes takes through '
                     'Prosody', 'ms', f'{fast["sealed"]:.3f}',
                     f'{fast["bare"]:.3f}', 'without the plugin',
                     f'{fast["bare"] / fast["sealed"]:.3g}', '-']))
    row('load time of the plugin, without unlocking', load, LIMIT_LOAD)


if __name__ == '__main__':
    main()
