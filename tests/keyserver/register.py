#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Registrations, lookups and proofs against the real keyserver, as TAP."""

import json
import sys
import time

import harness
from harness import DOMAIN, ORIGIN, word


def proofs(tap, ks):
    body = ks.tool('enrol', ks.state('alice'), f'alice@{DOMAIN}')
    answer = ks.post('alice', body)
    tap.same('a first note without a proof is 403', word(answer),
             (403, 'no-proof'))
    ks.prove('alice', f'mallory@{DOMAIN}/desk')
    tap.same('a proof of another address is none', word(
        ks.post('alice', body)), (403, 'no-proof'))
    reply = ks.prove('alice', 'alice@two.test/desk')
    tap.check('a proof from another domain is forbidden',
              'forbidden' in reply, reply)
    tap.same('... and none', word(ks.post('alice', body)), (403, 'no-proof'))
    reply = ks.xmpp.prove(f'alice@{DOMAIN}/desk', 'AAAA', 'short')
    tap.check('a digest of another length is bad-request',
              'bad-request' in reply, reply)
    reply = ks.prove('alice')
    tap.check('a proof is answered with a result', "type='result'" in reply
              and f"from='{ORIGIN}'" in reply
              and f"to='alice@{DOMAIN}/desk'" in reply, reply)
    spoiled = ks.tool('enrol', ks.state('other'), f'other@{DOMAIN}')
    tap.same('a note of another address is wrong-name', word(
        ks.post('alice', spoiled)), (400, 'wrong-name'))
    answer = ks.post('alice', body)
    tap.same('with the proof it is taken', answer[0], 200)
    tap.same('the answer is a bundle that verifies',
             ks.verify('alice', answer[2]), 'version 1 usable 1')
    again = ks.post('alice', body)
    tap.same('the same POST again is 200', again[0], 200)
    tap.same('... with the same bundle', again[2], answer[2])
    told = ks.ask('POST', ks.path(f'alice@{DOMAIN}'), body,
                  {'If-None-Match': answer[1]['ETag']})
    tap.same('... also for one that has it: only reading is conditional',
             told[0], 200)
    for sender in ('Alice', 'ALICE'):
        ks.tool('enrol', ks.state('carol'), f'carol@{DOMAIN}')
        reply = ks.xmpp.prove(f'{sender}@{DOMAIN.upper()}/x',
                              ks.digest('carol'), 'prep' + sender)
        tap.check('the sender of a proof is prepared',
                  "type='result'" in reply, reply)


def wrong_notes(tap, ks):
    cases = [
        ('a bad signature is 422', ['--bad-signature'], (422, 'signature')),
        ('a time 20 minutes ahead is 422', ['--time-off', '1200'],
         (422, 'expired')),
        ('a time 20 minutes ago is 422', ['--time-off', '-1200'],
         (422, 'expired')),
        ('a device note that skips a serial is 409', ['--serial-off', '1'],
         (409, 'key-changed')),
        ('version 2 of an unknown address is malformed without a previous',
         ['--version-off', '1'], (400, 'malformed')),
        ("another member's device key is refused",
         ['--steal-key', ks.state('alice')], (400, 'wrong-name')),
        ('notes of another address are wrong-name',
         ['--other-jid', f'mallory@{DOMAIN}'], (400, 'wrong-name')),
    ]
    for number, (what, options, expected) in enumerate(cases):
        name = f'wrong{number}'
        answer = ks.enrol(name, options=options)
        tap.same(what, word(answer), expected)
        if expected[0] == 422:
            now = json.loads(answer[2]).get('now', '')
            tap.check("... and tells the keyserver's time",
                      now[:13] == time.strftime('%Y-%m-%dT%H', time.gmtime()),
                      now)
        tap.same('... and nothing is stored', ks.lookup(name)[0], 404)
    answer = ks.enrol('patient', options=['--bad-signature'])
    body = ks.tool('enrol', ks.state('patient'), f'patient@{DOMAIN}')
    tap.same('a digest is of one text', word(ks.post('patient', body)),
             (403, 'no-proof'))


def versions(tap, ks):
    first = json.loads(ks.lookup('alice')[2])
    body = ks.tool('add', ks.state('alice'))
    answer = ks.post('alice', body)
    tap.same('a second device needs no proof', answer[0], 200)
    tap.same('... and is there', ks.verify('alice', answer[2]),
             'version 2 usable 2')
    answer = ks.ask('GET', ks.path(f'alice@{DOMAIN}', '/versions/1'))
    tap.same('the older version stays', answer[2], first['account'])
    tap.same('a version that is not there is 404', word(ks.ask(
        'GET', ks.path(f'alice@{DOMAIN}', '/versions/3'))),
        (404, 'not-found'))
    tap.same('version 0 is malformed', word(ks.ask(
        'GET', ks.path(f'alice@{DOMAIN}', '/versions/0'))),
        (400, 'malformed'))
    stale = ks.tool('enrol', ks.state('late'), f'alice@{DOMAIN}')
    answer = ks.post('alice', stale)
    tap.same('a version that is not the next is 409', word(answer),
             (409, 'conflict'))
    tap.same('... with the newest version', json.loads(answer[2])['version'],
             2)
    body = ks.tool('remove', ks.state('alice'))
    answer = ks.post('alice', body)
    tap.same('a device is removed', ks.verify('alice', answer[2]),
             'version 3 usable 1')
    body = ks.tool('reset', ks.state('alice'))
    tap.same('a reset needs a proof', word(ks.post('alice', body)),
             (403, 'no-proof'))
    ks.prove('alice')
    answer = ks.post('alice', body)
    tap.same('... and with it is taken', ks.verify('alice', answer[2]),
             'version 4 usable 1')


def devices(tap, ks):
    ks.enrol('dave')
    path = ks.path(f'dave@{DOMAIN}', '/devices/' + ks.device('dave'))
    etag = ks.lookup('dave')[1]['ETag']
    note = ks.tool('renew', ks.state('dave'))
    answer = ks.ask('PUT', path, note)
    tap.same('a newer device note is taken', answer[0], 200)
    tap.check('... and comes back with the keyserver\'s line',
              answer[2].startswith(note.decode())
              and f'\u2014 {ORIGIN} ' in answer[2], answer[2])
    tap.same('the same PUT again gives the same', ks.ask('PUT', path, note)[2],
             answer[2])
    lookup = ks.lookup('dave')
    tap.same('the bundle has it at once',
             json.loads(lookup[2])['devices'], [answer[2]])
    tap.check('... under another ETag', lookup[1]['ETag'] != etag)
    off = ks.tool('renew', ks.state('dave'), options=['--serial-off', '1'])
    answer = ks.ask('PUT', path, off)
    tap.same('a serial that skips is 409', word(answer),
             (409, 'key-changed'))
    tap.same('... with the serial stored', json.loads(answer[2])['serial'], 2)
    low = ks.tool('renew', ks.state('dave'), options=['--serial-off', '-3'])
    tap.same('an older serial is 409', word(ks.ask('PUT', path, low)),
             (409, 'conflict'))
    ks.enrol('erin')
    path = ks.path(f'erin@{DOMAIN}', '/devices/' + ks.device('erin'))
    bad = ks.tool('renew', ks.state('erin'), options=['--bad-signature'])
    tap.same('a bad signature is 422', word(ks.ask('PUT', path, bad)),
             (422, 'signature'))
    other = ks.path(f'erin@{DOMAIN}', '/devices/0011223344556677')
    tap.same('a note of another device than in the path is wrong-name',
             word(ks.ask('PUT', other, bad)), (400, 'wrong-name'))
    tap.same('a device id of another form is malformed', word(ks.ask(
        'PUT', ks.path(f'erin@{DOMAIN}', '/devices/XYZ'), bad)),
        (400, 'malformed'))
    ks.tool('enrol', ks.state('nobody'), f'nobody@{DOMAIN}')
    note = ks.tool('renew', ks.state('nobody'))
    tap.same('a device of an unknown address is 404', word(ks.ask(
        'PUT', ks.path(f'nobody@{DOMAIN}', '/devices/'
                       + ks.device('nobody')), note)), (404, 'not-found'))


def tree_size(ks):
    return int(ks.ask('GET', '/log/checkpoint')[2].split('\n')[1])


def lookups(tap, ks):
    answer = ks.lookup('nobody')
    tap.same('an address without keys is 404', answer[0], 404)
    tap.check('... with an absence note as text',
              answer[1]['Content-Type'].startswith('text/plain')
              and ks.tool('absent', ks.vkey, f'nobody@{DOMAIN}',
                          stdin=answer[2].encode())
              == b'absent size %d\n' % tree_size(ks))
    answer = ks.lookup('alice')
    etag = answer[1]['ETag']
    tap.same('a bundle may be used for a minute',
             answer[1]['Cache-Control'], 'max-age=60')
    again = ks.lookup('alice', {'If-None-Match': etag})
    tap.same('an unchanged bundle is 304', (again[0], again[2]), (304, ''))
    tap.same('... also in a list of tags', ks.lookup(
        'alice', {'If-None-Match': f'"x", {etag}'})[0], 304)
    tap.same('... as a weak tag, and as any tag', [
        ks.lookup('alice', {'If-None-Match': value})[0]
        for value in ('W/' + etag, '*')], [304, 304])
    lines = (f'GET {ks.path("alice@" + DOMAIN)} HTTP/1.1\r\nHost: {ORIGIN}\r\n'
             'Connection: close\r\nIf-None-Match: "x"\r\n'
             f'if-none-match: {etag}\r\n\r\n')
    tap.check('... in the second of two lines',
              ks.say(lines.encode()).startswith(b'HTTP/1.1 304 '))
    tap.same('... but not where it only stands in the text', [
        ks.lookup('alice', {'If-None-Match': value})[0]
        for value in (f'"x"{etag}', f'{etag} *', etag.strip('"'), '')],
        [200, 200, 200, 200])
    tap.same('another tag gets the bundle', ks.lookup(
        'alice', {'If-None-Match': '"x"'})[2], answer[2])
    tap.same('HEAD has the headers alone', ks.ask(
        'HEAD', ks.path(f'alice@{DOMAIN}'))[2], '')
    for jid in ('Alice@one.test', 'alice@one.test/desk', 'one.test',
                'alice@ONE.test', 'a\u00adb@one.test', 'alice@one.test.',
                'a b@one.test', 'a/b@one.test', 'alice@xn--e1afmkfd.test',
                '\u00c4@one.test', 'alice@@one.test'):
        tap.same(f'{jid!r} is not a prepared address: 400',
                 word(ks.ask('GET', ks.path(jid))), (400, 'malformed'))
    tap.same('an address of another domain is wrong-name', word(
        ks.ask('GET', ks.path('alice@two.test'))), (400, 'wrong-name'))
    own = ks.enrol('j\u00fcrgen')
    tap.same('an address beyond ASCII works', own[0], 200)
    tap.same('... and is looked up percent-encoded',
             ks.lookup('j\u00fcrgen')[2], own[2])
    for name in ('x' * 1023, '\u00e4' * 511, '\u6f22' * 341):
        answer = ks.lookup(name)
        tap.same(f'an address as long as may be ({len(name)} characters)'
                 ' is looked up', (answer[0], answer[2][:14]),
                 (404, 'x-im absent v1'))
    tap.same('a longer one is malformed', word(ks.lookup('x' * 1024)),
             (400, 'malformed'))
    answer = ks.ask('GET', '/v1/server')
    told = json.loads(answer[2])
    tap.same('the server tells note, component, limits and software',
             sorted(told), ['component', 'limits', 'note', 'software'])
    tap.same('its component is the origin', told['component'], ORIGIN)
    tap.same('its note is signed by the key of init', ks.tool(
        'server', ks.vkey, DOMAIN, stdin=told['note'].encode()),
        b'serial 1 same key\n')
    tap.same('the note of serial 1 stands alone, too',
             ks.ask('GET', '/v1/server/1')[2], told['note'])
    tap.same('serial 2 is not there', word(ks.ask('GET', '/v1/server/2')),
             (404, 'not-found'))


def day_limit(tap, ks):
    ks.enrol('busy')
    last = None
    for _ in range(20):
        last = ks.post('busy', ks.tool('add', ks.state('busy')))
        if last[0] != 200:
            break
        last = ks.post('busy', ks.tool('remove', ks.state('busy')))
        if last[0] != 200:
            break
    tap.same('version 21 of a day is 429', word(last), (429, 'too-many'))
    tap.check('... with Retry-After', last[1]['Retry-After'] is not None)
    tap.check('... and 20 are there', '\nversion 20\n'
              in json.loads(ks.lookup('busy')[2])['account'])


def restart(tap, ks):
    before = json.loads(ks.lookup('alice')[2])
    status = ks.stop()
    tap.check('it stops cleanly', status == 0, ks.log_text()[-600:])
    ks.start()
    after = json.loads(ks.lookup('alice')[2])
    tap.same('after a restart the notes are the same',
             (after['account'], after['devices']),
             (before['account'], before['devices']))


def main():
    tap = harness.Tap()
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        ks = harness.Keyserver(base, 'ks', xmpp, [
            ('limits', 'writes-burst', '10000'),
            ('limits', 'connects-burst', '10000')])
        ks.start()
        for part in (proofs, wrong_notes, versions, devices, lookups,
                     day_limit, restart):
            try:
                part(tap, ks)
            except Exception:  # a broken part must not hide the others
                tap.broken(part.__name__)
        ks.stop()
        xmpp.close()
        log = ks.log_text()
        tap.check('no address and no secret is in the log',
                  'alice' not in log and xmpp.secret not in log, log)
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
