#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Writes LONG-RUN from what long-run.py measured.

usage: long_report.py FOLDER
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, 'LONG-RUN')

HEAD = """\
{title}
{line}

What X-IM costs when a domain is large and its log is long.  Everything here
was measured by one command, which says how in its source and goes on where it
was stopped:

    make long-run LONG_RUN=FOLDER       tests/bench/long-run.py BUILD FOLDER

and is written by tests/bench/long_report.py.  To repeat it takes {disk:.0f} GB of
disk and about {hours:.1f} hours on a machine like this one:

{machine}

Other programs ran at the same time: `load' is the mean number of processes
that wanted one of the {cores} processors at that moment, and times and rates are
what they were with it.  `cold' is after the kernel was told to forget the
files, which it need not do.

The accounts are real ones, made by the keyserver's own signer, store and
publisher, with keys, notes, signatures, VRF proofs, entries and tiles as after
three registrations each: a first device, a second one, the first one removed.
Only the requests over HTTPS and the proofs over XMPP are left out, and the
X25519 key of all devices is one.  After each filling {crowd} more members
register over HTTPS.  The rates of the keyserver are without its limits
([limits] in keyserver.conf), and with as many threads as it takes by itself.

"""


def table(title, sizes, rows):
    """One column for each size."""
    width = max([len(row[0]) for row in rows] + [len(title)])
    lines = [title.ljust(width) + ''.join(
        f'{int(size):>18,}' for size in sizes)]
    lines.append('-' * len(lines[0]))
    for name, make in rows:
        cells = []
        for result in sizes.values():
            try:
                cells.append(make(result))
            except (KeyError, IndexError):
                cells.append('-')
        lines.append(name.ljust(width) + ''.join(
            f'{cell:>18}' for cell in cells))
    return '\n'.join('    ' + line for line in lines) + '\n\n'


def number(value, digits=3):
    """With about that many digits that tell something."""
    if value == 0:
        return '0'
    if abs(value) >= 10 ** (digits - 1):
        return f'{value:,.0f}'
    text = f'{value:.{digits}g}'
    return f'{float(text):,f}'.rstrip('0').rstrip('.')


def at(*path, unit='', digits=3):
    def make(result):
        for name in path:
            result = result[name]
        return number(result, digits) + unit
    return make


def both(step):
    """Memory of keyserver and signer."""
    return lambda result: ' + '.join(
        number(size) for size in result[step]['rss']) + ' MB'


def pair(step, name):
    """Median and 99th percentile of a time."""
    return lambda result: ' / '.join(
        number(value, 2) for value in result[step][name][-2:]) + ' ms'


def proof(place):
    return lambda result: ' / '.join(
        number(value, 2)
        for value in result['proofs']['times'][place][1:]) + ' us'


def entry_bytes(result):
    sizes, fill = result['sizes'], result['export']
    return number((sizes['store'] + sizes['signer']) * 1e6
                  / fill['entries']) + ' B'


def daily(result):
    return number(result['members']['daily']['bytes'] / 1000) + ' kB'


def yearly(result):
    return number(result['members']['all']['bytes'] / 1e6) + ' MB'


def load_of(step):
    return lambda result: number(result[step]['load'], 2)


def sections(sizes):
    yield '## The store\n\n', table('accounts', sizes, [
        ('entries in the log', lambda r: f"{r['export']['entries']:,}"),
        ('store', at('sizes', 'store', unit=' MB')),
        ('the signer\'s store', at('sizes', 'signer', unit=' MB')),
        ('both, for each entry', entry_bytes),
        ('accounts that were filled in', lambda r: f"{r['fill']['n']:,}"),
        ('... in', at('fill', 's', unit=' s')),
        ('... processor time', at('fill', 'cpu', unit=' s')),
        ('load', load_of('fill'))])
    yield '## The keyserver\n\n', table('accounts', sizes, [
        ('start, cold', at('starts', 'cold', unit=' s')),
        ('start, warm', at('starts', 'warm', unit=' s')),
        ('memory after it: keyserver + signer', both('starts')),
        ('load', load_of('starts')),
        ('bundle, bytes', at('lookups', 'bytes')),
        ('lookup, each account once, cold; median / 99 %',
         pair('lookups', 'cold')),
        ('lookups of all accounts in turn, 64 at once, cold',
         at('lookups', 'spread', 0, unit='/s')),
        ('... with the store in the kernel\'s cache',
         at('warm', 'spread', 0, unit='/s')),
        ('load then', load_of('warm')),
        ('lookups of one account, 64 at once',
         at('lookups', 'hot64', 0, unit='/s')),
        ('... one by one; median / 99 %', pair('lookups', 'hot')),
        ('memory after them: keyserver + signer', both('lookups')),
        ('load', load_of('lookups')),
        ('registration, one by one; median / 99 %',
         pair('registrations', 'one')),
        ('registrations, 64 at once, one core',
         at('registrations', 'rate', unit='/s')),
        ('memory after them: keyserver + signer', both('registrations')),
        ('load', load_of('registrations'))])
    yield """\
`64 at once' is wrk with 64 connections for 5 s.  An account that is asked for
the first time in an hour costs a current note, which is signed for it.  A
registration is answered when its entry is in a signed, durable checkpoint.

""", ''
    yield '## Proofs, without HTTPS\n\n', table('accounts', sizes, [
        ('account from the store, cold; median / 99 %', proof(0)),
        ('inclusion proof from tiles, cold', proof(1)),
        ('inclusion proof from tiles, hot', proof(4)),
        ('VRF proof, made', proof(6)),
        ('client: all proofs of a bundle, checked', proof(5)),
        ('xim-keyserver proof JID', at('proofs', 'proof', 's', unit=' s')),
        ('load', load_of('proofs'))])
    yield '## Operators and outsiders\n\n', table('accounts', sizes, [
        ('xim-keyserver check', at('check', 's', unit=' s')),
        ('... processor time', at('check', 'cpu', unit=' s')),
        ('... memory at most', at('check', 'rss', unit=' MB')),
        ('xim-keyserver export-log, all', at('export', 's', unit=' s')),
        ('... processor time', at('export', 'cpu', unit=' s')),
        ('... again, nothing new', at('export', 'again', 's', unit=' s')),
        ('... files', at('export', 'files')),
        ('... bytes', lambda r: number(r['export']['bytes'] / 1e6) + ' MB'),
        ('xim-log-check, all entries', at('follow', 's', unit=' s')),
        ('... processor time', at('follow', 'cpu', unit=' s')),
        ('... memory at most', at('follow', 'rss', unit=' MB')),
        ('... its state', at('follow', 'state', unit=' MB')),
        ('xim-log-check, what is new', at('next', 's', unit=' s')),
        ('... entries', lambda r: f"{r['next']['entries']:,}"),
        ('... memory at most', at('next', 'rss', unit=' MB')),
        ('load', load_of('follow'))])
    yield '## Members\n\n', """\
A device of a member reads all new entries of its domain once a day, checks
that they lead to the newest checkpoint, and looks for its own indices.  A day
is taken as a 365th of {changes} changes of each member in a year.  A device starts to
read where it was added, so `all' is what one reads that was there from the
first entry on and was off ever since.  Bytes are those of the files that are
read, without HTTP and TLS.  `From files' is by libxim alone (bench-log), the
rest by the plugin's own reader from a keyserver over HTTPS on the loopback
(bench-reading), libpurple and all.

"""
    yield '', table('accounts', sizes, [
        ('entries of a day', lambda r: f"{r['members']['day']:,}"),
        ('... bytes to read', daily),
        ('... time', at('reading', 'daily', 'ms', unit=' ms')),
        ('... processor time of the process',
         at('reading', 'daily', 'cpu', unit=' s')),
        ('... memory of the process', at('reading', 'daily', 'rss',
                                         unit=' MB')),
        ('... time from files', at('members', 'daily', 'ms', unit=' ms')),
        ('... memory from files', at('members', 'daily', 'rss', unit=' MB')),
        ('all entries', lambda r: f"{r['members']['all']['entries']:,}"),
        ('... bytes to read', yearly),
        ('... time', lambda r: number(
            r['reading']['all']['ms'] / 1000) + ' s'),
        ('... processor time of the process',
         at('reading', 'all', 'cpu', unit=' s')),
        ('... memory of the process', at('reading', 'all', 'rss',
                                         unit=' MB')),
        ('... time from files', lambda r: number(
            r['members']['all']['ms'] / 1000) + ' s'),
        ('... memory from files', at('members', 'all', 'rss', unit=' MB')),
        ('load', load_of('reading'))])


def kills(results):
    if 'kills' not in results:
        return ''
    return ('## Kills\n\nXIM_KILLS=%d tests/keyserver/log.py: the keyserver '
            'or its signer is killed with\nSIGKILL, in turn, at random '
            'moments while members register, and started again.\n\n%s\n' % (
                results['kills']['n'], ''.join(
                    f'    {line}\n' for line in results['kills']['said'])))


def report(folder):
    with open(os.path.join(folder, 'results.json'), encoding='utf-8') as file:
        results = json.load(file)
    machine = results['machine']
    sizes = dict(sorted(results['sizes'].items(),
                        key=lambda item: int(item[0])))
    most = max(int(size) for size in sizes)
    title = f'A keyserver with {most:,} accounts'
    text = HEAD.format(
        title=title, line='=' * len(title),
        machine='\n'.join('    ' + line for line in machine['lines']),
        cores=machine['cores'], crowd=f"{machine['crowd']:,}",
        disk=most * 6e-6 + 1,
        hours=sum(step.get('s', 0) for result in sizes.values()
                  for step in result.values()
                  if isinstance(step, dict)) / 3600 + 0.1)
    for head, body in sections(sizes):
        text += (head + body).replace('{changes}', str(machine['changes']))
    with open(OUT, 'w', encoding='utf-8') as file:
        file.write((text + kills(results)).rstrip('\n') + '\n')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    report(sys.argv[1])
