#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Runs the scenarios and prints TAP.

With a list of names only those.  Each scenario runs in a process and a
process group of its own, which is ended when it is over.
"""

import argparse
import concurrent.futures
import importlib
import os
import pkgutil
import signal
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import scenarios  # noqa: E402
from lib.process import scale  # noqa: E402
from lib.scenario import SCENARIOS, Skip  # noqa: E402
from lib.world import World  # noqa: E402

SKIPPED = 77


def load():
    for module in pkgutil.iter_modules(scenarios.__path__):
        importlib.import_module('scenarios.' + module.name)


def run_one(scenario, server, args):
    """In the child: the status is the result, the output tells why."""
    world = World(server, args.build, args.source)
    keep = None
    try:
        scenario.function(world)
    except Skip as reason:
        print(reason)
        return SKIPPED
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        for client in world.clients:
            print(f'--- {client.name}:')
            print(client.tell())
        if args.logs:
            keep = os.path.join(args.logs, f'{server}-{scenario.name}')
            print(f'--- everything is kept in {keep}')
        return 1
    finally:
        world.close(keep)
    return 0


def spawn(scenario, server, args):
    """Returns status, output and seconds."""
    command = [sys.executable, os.path.abspath(__file__), '--one',
               f'{server}/{scenario.name}', '--build', args.build,
               '--source', args.source]
    if args.logs:
        command += ['--logs', args.logs]
    start = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT,
                             start_new_session=True)
    try:
        output, _ = child.communicate(timeout=scenario.timeout * scale())
        status = child.returncode
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGINT)
        try:
            output, _ = child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            output, _ = child.communicate()
        output += b'\nthe scenario was over its time\n'
        status = 1
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    seconds = time.monotonic() - start
    return status, output.decode('utf-8', 'replace'), seconds


def report(number, scenario, server, result):
    status, output, seconds = result
    word = 'ok' if status in (0, SKIPPED) else 'not ok'
    line = f'{word} {number} - {server}: {scenario.sentence}'
    if status == SKIPPED:
        line += f' # SKIP {output.strip().splitlines()[-1]}'
    else:
        line += f' ({seconds:.1f} s)'
    print(line)
    if status not in (0, SKIPPED):
        for text in output.splitlines():
            print(f'#   {text}')
    sys.stdout.flush()
    return status in (0, SKIPPED)


def choose(args):
    chosen = []
    for server in args.server:
        for scenario in SCENARIOS:
            if server not in scenario.servers:
                continue
            if args.names and scenario.name not in args.names:
                continue
            if args.sanitized and not scenario.sanitized:
                continue
            if server == args.rest and scenario.sanitized:
                continue
            if args.group and scenario.group not in args.group:
                continue
            chosen.append((scenario, server))
    return chosen


def run_all(args):
    chosen = choose(args)
    print(f'1..{len(chosen)}', flush=True)
    good = bool(chosen)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = [pool.submit(spawn, scenario, server, args)
                   for scenario, server in chosen]
        for number, (scenario, server) in enumerate(chosen, 1):
            result = futures[number - 1].result()
            good = report(number, scenario, server, result) and good
    return 0 if good else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('names', nargs='*', help='scenarios; all if none')
    parser.add_argument('--server', action='append',
                        choices=['prosody', 'ejabberd'],
                        help='XMPP server; both if none')
    parser.add_argument('--group', action='append',
                        help='only scenarios of this group')
    parser.add_argument('--build', default='build', help='build directory')
    parser.add_argument('--source', help='source directory',
                        default=os.path.dirname(os.path.dirname(HERE)))
    parser.add_argument('--logs', help='keep what failed below this folder')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--sanitized', action='store_true',
                        help='leave out what cannot run with sanitizers')
    parser.add_argument('--rest', choices=['prosody', 'ejabberd'],
                        help='with this server only what --sanitized leaves '
                        'out')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--one', help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    args.source = os.path.abspath(args.source)
    args.logs = args.logs and os.path.abspath(args.logs)
    args.server = args.server or ['prosody', 'ejabberd']
    load()
    if args.list:
        for scenario in SCENARIOS:
            print(f'{scenario.name}: {scenario.sentence} '
                  f'({", ".join(scenario.servers)})')
        return 0
    if args.one:
        server, name = args.one.split('/')
        scenario = next(s for s in SCENARIOS if s.name == name)
        return run_one(scenario, server, args)
    return run_all(args)


if __name__ == '__main__':
    sys.exit(main())
