#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Requests that are malformed, oversized, slow or half-open, as TAP."""

import json
import os
import signal
import socket
import ssl
import sys
import threading
import time
import warnings

import harness
from harness import wait_for, word

DEADLINE = 1


def paths(tap, ks):
    for path in ('/', '/v1', '/v1/', '/v1/accounts', '/v1/accounts/',
                 '/v2/server', '/v1/server/1/2', '/log/tiles',
                 '/metrics', '/healthz', '//v1/server', '/v1//server',
                 '/a/b/c/d/e/f/g/h', '/v1/servers', '/V1/server'):
        expected = (400, 'malformed') if path == '/v1/accounts/' else (
            404, 'not-found')
        tap.same(f'{path} is {expected[0]}', word(ks.ask('GET', path)),
                 expected)
    for method, path, allow in (
            ('DELETE', '/v1/server', 'GET, HEAD'),
            ('PUT', ks.path('a@one.test'), 'GET, HEAD, POST, DELETE'),
            ('OPTIONS', '/v1/server', 'GET, HEAD'),
            ('POST', '/v1/server', 'GET, HEAD'),
            ('GET', ks.path('a@one.test', '/devices/0011223344556677'),
             'PUT')):
        answer = ks.ask(method, path)
        tap.same(f'{method} is 405 here, and it says what is possible',
                 (word(answer), answer[1]['Allow']),
                 ((405, 'unsupported'), allow))
    for name in ('0', '01', '-1', '4294967296', '1x', '%31'):
        tap.same(f'serial {name!r} is malformed', word(
            ks.ask('GET', '/v1/server/' + name)), (400, 'malformed'))
    tap.same('bytes over 0x7E in a path are malformed',
             ks.say(b'GET /v1/accounts/\xc3\xa4@one.test HTTP/1.1\r\n'
                    b'Host: x\r\nConnection: close\r\n\r\n')[9:12], b'400')
    tap.same('an escape that is no UTF-8 is malformed', word(
        ks.ask('GET', '/v1/accounts/%C3%28%40one.test')), (400, 'malformed'))
    tap.same('an escaped NUL is malformed', word(
        ks.ask('GET', '/v1/accounts/a%00%40one.test')), (400, 'malformed'))
    tap.same('an escape that is cut off is malformed', word(
        ks.ask('GET', '/v1/accounts/a%4')), (400, 'malformed'))


def bodies(tap, ks):
    path = ks.path('bob@one.test')
    note = 'x-im account v1\n\n'
    for body in (b'', b'x', b'{}', b'[]', b'{"account":1,"devices":[]}',
                 b'{"account":"x"}', b'{"devices":[]}',
                 b'{"account":"x","devices":[],"more":1}',
                 b'{"account":"x","account":"y","devices":[]}',
                 b'{"account":"x","devices":[]} ,', b'{"account":"x",}',
                 b'{"account":"x","devices":{}}', b'\xff\xfe',
                 b'{"account":"\xc3\x28","devices":[]}',
                 b'[[[[[[[[[[[[]]]]]]]]]]]]',
                 json.dumps({'account': note, 'devices': []}).encode(),
                 json.dumps({'account': note + '\u2014 x AAAA\n',
                             'devices': []}).encode()):
        status = 411 if body == b'' else 400
        tap.same(f'a body of {body[:40]!r} is malformed', word(
            ks.ask('POST', path, body)), (status, 'malformed'))
    post = json.loads(ks.tool('enrol', ks.state('bob'), 'bob@one.test'))
    post['devices'] *= 17
    tap.same('17 device notes are too large', word(ks.ask(
        'POST', path, json.dumps(post))), (413, 'too-large'))
    tap.same('a body over 16 KiB is too large', word(ks.ask(
        'POST', path, b'x' * 16385)), (413, 'too-large'))
    tap.same('... also when its length is not told', word(ks.ask(
        'POST', path, iter([b'x' * 9000, b'y' * 9000]))), (413, 'too-large'))
    endless = b'1000\r\n' + b'z' * 4096 + b'\r\n'
    got = ks.say(b'POST /v1/accounts/bob%40one.test HTTP/1.1\r\nHost: x\r\n'
                 b'Transfer-Encoding: chunked\r\n\r\n' + endless * 60)
    tap.check('... and one that does not end is cut off', b' 200 ' not in got,
              got)
    got = ks.say(b'POST /v1/accounts/bob%40one.test HTTP/1.1\r\nHost: x\r\n'
                 b'Content-Length: 999999999999\r\n\r\nx', 5)
    tap.check('a body that would be huge is refused before it is sent',
              b' 413 ' in got, got)
    got = ks.say(b'GET /v1/server HTTP/1.1\r\nHost: x\r\n'
                 b'Content-Length: 5\r\n\r\nhello', 5)
    tap.check('a GET with a body is refused', b' 413 ' in got
              and got.count(b'HTTP/1.1') == 1, got)
    tap.same('a PUT of what is no note is malformed', word(ks.ask(
        'PUT', path + '/devices/0011223344556677', b'hello')),
        (400, 'malformed'))
    tap.same('... and too much of it too large', word(ks.ask(
        'PUT', path + '/devices/0011223344556677', b'x' * 20000)),
        (413, 'too-large'))


def malformed_http(tap, ks):
    cases = (b'\r\n\r\n', b'GET\r\n\r\n', b'GET /v1/server\r\n\r\n',
             b'\x00' * 64, b'A' * 200000, b'GET / HTTP/9.9\r\n\r\n',
             b'GET /v1/server HTTP/1.1\r\n\r\n',
             b'GET /v1/server HTTP/1.1\r\nHost: x\r\n' + b'A: b\r\n' * 9000
             + b'\r\n',
             b'GET /v1/server HTTP/1.1\r\nHost: x\r\nA: ' + b'b' * 70000
             + b'\r\n\r\n',
             b'GET /' + b'a' * 70000 + b' HTTP/1.1\r\nHost: x\r\n\r\n',
             b'POST /v1/accounts/a%40one.test HTTP/1.1\r\nHost: x\r\n'
             b'Content-Length: -1\r\n\r\n',
             b'POST /v1/accounts/a%40one.test HTTP/1.1\r\nHost: x\r\n'
             b'Content-Length: 5x\r\n\r\nhello',
             b'POST /v1/accounts/a%40one.test HTTP/1.1\r\nHost: x\r\n'
             b'Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n',
             b'POST /v1/accounts/a%40one.test HTTP/1.1\r\nHost: x\r\n'
             b'Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx')
    for data in cases:
        got = ks.say(data, 10)
        tap.check(f'{data[:48]!r} ({len(data)} bytes) gets no 200',
                  b'HTTP/1.1 200' not in got, got)
    tap.same('... and others are served as before',
             ks.ask('GET', '/v1/server')[0], 200)


def tls(tap, ks):
    for name, version in (('1.0', ssl.TLSVersion.TLSv1),
                          ('1.1', ssl.TLSVersion.TLSv1_1)):
        context = ssl.create_default_context(cafile=ks.base + '/ca.crt')
        try:
            context.minimum_version = context.maximum_version = version
            context.set_ciphers('ALL:@SECLEVEL=0')
            ks.raw(context).close()
            refused = 'not refused'
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            refused = 'closed'
        except ssl.SSLError as error:
            refused = error.reason
        except OSError:
            refused = 'closed'
        tap.check(f'TLS {name} is refused', refused in (
            'TLSV1_ALERT_PROTOCOL_VERSION', 'closed'), refused)
    for name, version in (('TLSv1.2', ssl.TLSVersion.TLSv1_2),
                          ('TLSv1.3', ssl.TLSVersion.TLSv1_3)):
        context = ssl.create_default_context(cafile=ks.base + '/ca.crt')
        context.minimum_version = context.maximum_version = version
        with ks.raw(context) as line:
            tap.same(f'{name} works', line.version(), name)
    context = ssl.create_default_context(cafile=ks.base + '/ca.crt')
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers('AES128-SHA:AES256-SHA:ECDHE-RSA-AES128-SHA:'
                        'ECDHE-ECDSA-AES128-SHA')
    try:
        ks.raw(context).close()
        refused = False
    except (ssl.SSLError, OSError):
        refused = True
    tap.check('ciphers without authentication of their own are refused',
              refused)
    with socket.create_connection(('127.0.0.1', ks.port), 10) as line:
        line.sendall(b'GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n')
        tap.check('HTTP without TLS gets no answer',
                  b'200' not in line.recv(4096))


def ends_within(line, seconds):
    """Whether the other side closes the connection within the time."""
    line.settimeout(seconds)
    begin = time.monotonic()
    try:
        while line.recv(4096):
            pass
    except (ConnectionError, ssl.SSLError):
        pass
    except (socket.timeout, TimeoutError):
        return None
    return time.monotonic() - begin


def trickle(line, seconds):
    """Sends a byte now and then; returns when the line is cut."""
    begin = time.monotonic()
    head = b'GET /v1/server HTTP/1.1\r\nHost: ' + b'x' * 1000
    for byte in head:
        try:
            line.sendall(bytes([byte]))
        except OSError:
            return time.monotonic() - begin
        if time.monotonic() - begin > seconds:
            return None
        time.sleep(0.1)
    return None


def slow(tap, ks):
    most = DEADLINE + 2
    with socket.create_connection(('127.0.0.1', ks.port), 10) as line:
        tap.check('a connection without a handshake ends at the deadline',
                  ends_within(line, most * 2) is not None)
    with socket.create_connection(('127.0.0.1', ks.port), 10) as line:
        line.sendall(b'\x16\x03\x01\x02\x00\x01')
        tap.check('... also in the middle of one',
                  ends_within(line, most * 2) is not None)
    with ks.raw() as line:
        took = ends_within(line, most * 2)
        tap.check('an idle connection ends at the deadline',
                  took is not None and took < most, took)
    with ks.raw() as line:
        took = trickle(line, most * 3)
        tap.check('headers that trickle in end at the deadline, too',
                  took is not None and took < most * 2, took)
    with ks.raw() as line:
        line.sendall(b'POST /v1/accounts/a%40one.test HTTP/1.1\r\n'
                     b'Host: x\r\nContent-Length: 1000\r\n\r\n')
        took = trickle(line, most * 3)
        tap.check('... and so does a body', took is not None, took)
    lines = [ks.raw() for _ in range(40)]
    for line in lines:
        line.sendall(b'GET /v1/server HTTP/1.1\r\n')
    begin = time.monotonic()
    tap.same('40 half-open requests do not keep others waiting',
             ks.ask('GET', '/v1/server')[0], 200)
    tap.check('... not even for a second', time.monotonic() - begin < 1)
    for line in lines:
        line.close()
    tap.check('what was cut is counted', ks.metric(
        'connections_cut_total') >= 4)
    tap.check('connections that ended are forgotten', wait_for(
        lambda: ks.metric('open_connections') <= 2, 10),
        ks.metric('open_connections'))


def keep_alive(tap, ks):
    connection = ks.connect()
    good = [ks.ask('GET', '/v1/server', connection=connection)[0]
            for _ in range(50)]
    local = connection.sock.getsockname()
    tap.same('one connection serves 50 requests', good, [200] * 50)
    tap.same('... refusals too', [
        ks.ask('GET', '/nothing', connection=connection)[0],
        ks.ask('GET', '/v1/server', connection=connection)[0]], [404, 200])
    tap.same('... and stays the same connection',
             connection.sock.getsockname(), local)
    connection.close()
    got = ks.say(b'GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n' * 3
                 + b'GET /v1/server HTTP/1.1\r\nHost: x\r\n'
                 b'Connection: close\r\n\r\n')
    tap.same('requests sent ahead are all answered',
             got.count(b'HTTP/1.1 200'), 4)


def never_reads(tap, ks):
    """Sends requests for ever and takes no answer."""
    cut = ks.metric('connections_cut_total')
    line = ks.raw()
    line.settimeout(5)
    sent = 0
    try:
        while sent < 400000:
            line.sendall(b'GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n' * 50)
            sent += 50
    except OSError:
        pass
    tap.check('a client that never reads is not served for ever',
              sent < 400000, sent)
    tap.same('... and others are', ks.ask('GET', '/v1/server')[0], 200)
    tap.check('... and it is cut', wait_for(
        lambda: ks.metric('connections_cut_total') > cut, 10))
    line.close()


def reload(tap, ks):
    connection = ks.connect()
    first = ks.ask('GET', '/v1/server', connection=connection)[0]
    local = connection.sock.getsockname()
    before = connection.sock.getpeercert(binary_form=True)
    harness.make_certificate(ks.base, 'server')
    os.kill(ks.process.pid, signal.SIGHUP)

    def other():
        with ks.raw() as line:
            return line.getpeercert(binary_form=True) != before
    tap.check('SIGHUP brings the new certificate', wait_for(other, 10))
    second = ks.ask('GET', '/v1/server', connection=connection)[0]
    tap.same('... and drops no connection',
             (first, second, connection.sock.getsockname()),
             (200, 200, local))
    connection.close()
    with open(ks.base + '/server.crt', 'w', encoding='ascii') as file:
        file.write('no certificate\n')
    os.kill(ks.process.pid, signal.SIGHUP)
    tap.check('a certificate that cannot be read is refused', wait_for(
        lambda: 'certificate-refused' in ks.log_text(), 10))
    tap.same('... and the one in use stays',
             ks.ask('GET', '/v1/server')[0], 200)
    harness.make_certificate(ks.base, 'server')


def admin(tap, ks):
    tap.same('/healthz says ok', ks.admin_get('/healthz'), (200, 'ok\n'))
    tap.same('/readyz says ready', ks.admin_get('/readyz'), (200, 'ready\n'))
    text = ks.admin_get('/metrics')[1]
    tap.check('/metrics is in the text format', all(
        line.startswith('# ') or len(line.rsplit(' ', 1)) == 2
        for line in text.splitlines()) and '# TYPE' in text, text)
    tap.same('the admin port serves nothing else',
             ks.admin_get('/v1/server')[0], 404)


def limits(tap, base, xmpp):
    ks = harness.Keyserver(base, 'limits', xmpp, [
        ('limits', 'lookups-per-second', '1'),
        ('limits', 'lookups-burst', '12'),
        ('limits', 'misses-per-second', '1'),
        ('limits', 'misses-burst', '4'),
        ('limits', 'writes-per-second', '1'),
        ('limits', 'writes-burst', '3'),
        ('limits', 'connects-burst', '30'),
        ('limits', 'connects-per-second', '1'),
        ('http', 'connections-per-address', '6')])
    ks.start()
    connection = ks.connect()
    got = [ks.ask('GET', ks.path('x@one.test'), connection=connection)
           for _ in range(6)]
    tap.same('misses beyond the burst are 429', word(got[-1]),
             (429, 'too-many'))
    tap.check('... with Retry-After', int(got[-1][1]['Retry-After']) > 0)
    tap.same('... while others are answered', ks.ask(
        'GET', '/v1/server', connection=connection)[0], 200)
    got = [ks.ask('GET', '/v1/server', connection=connection)
           for _ in range(14)]
    tap.same('lookups beyond the burst are 429', word(got[-1]),
             (429, 'too-many'))
    got = [ks.ask('POST', ks.path('x@one.test'), b'x',
                  connection=connection) for _ in range(6)]
    tap.same('writes beyond the burst are 429', word(got[-1]),
             (429, 'too-many'))
    time.sleep(1.5)
    tap.same('after a while it goes on', ks.ask(
        'GET', '/v1/server', connection=connection)[0], 200)
    connection.close()
    lines = []
    for _ in range(8):
        try:
            line = ks.raw()
            line.sendall(b'GET /v1/server HTTP/1.1\r\n')
            lines.append(line)
        except OSError:
            pass
    tap.check('connections of one address beyond the limit are refused',
              len(lines) <= 6, len(lines))
    for line in lines:
        line.close()
    refused = 0
    for _ in range(60):
        try:
            ks.raw().close()
        except OSError:
            refused += 1
    tap.check('new connections beyond the burst are refused', refused > 10,
              refused)
    tap.check('... and counted',
              ks.metric('connections_refused_total') > 0)
    tap.same('it stops', ks.stop(), 0)


def load(tap, ks):
    """Lookups, while others misbehave on twenty connections."""
    stop = threading.Event()

    def misbehave():
        while not stop.is_set():
            try:
                ks.say(os.urandom(300), 0.3)
            except OSError:
                pass
    threads = [threading.Thread(target=misbehave) for _ in range(20)]
    for thread in threads:
        thread.start()
    slowest = 0
    good = 0
    for _ in range(30):
        begin = time.monotonic()
        good += ks.ask('GET', '/v1/server')[0] == 200
        slowest = max(slowest, time.monotonic() - begin)
    stop.set()
    for thread in threads:
        thread.join()
    tap.same('all lookups beside twenty that send noise are answered', good,
             30)
    tap.check('... within two seconds each', slowest < 2, slowest)


def main():
    warnings.simplefilter('ignore', DeprecationWarning)  # of old TLS
    tap = harness.Tap()
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        ks = harness.Keyserver(base, 'ks', xmpp, [
            ('http', 'request-deadline', DEADLINE),
            ('limits', 'writes-burst', '10000'),
            ('limits', 'connects-burst', '100000')])
        ks.start()
        for part in (paths, bodies, malformed_http, tls, slow, keep_alive,
                     never_reads, reload, admin, load):
            try:
                part(tap, ks)
            except Exception:  # a broken part must not hide the others
                tap.broken(part.__name__)
        tap.same('it is still there, and stops', ks.stop(), 0)
        try:
            limits(tap, base, xmpp)
        except Exception:
            tap.broken('limits')
        xmpp.close()
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
