#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""What goes wrong around a keyserver: kills, full disks, a lost XMPP server,
files that others can read.  As TAP."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

import harness
from harness import DOMAIN, PROGRAM, wait_for, word

MEMBERS = 40
ROOM = 100000  # bytes: for some registrations
MEMBERS_THAT_FILL = 300  # more than fit


def prepare(ks, prefix, count):
    """POST bodies of new members, made before the clock runs."""
    made = {}
    for number in range(count):
        name = f'{prefix}{number}'
        made[name] = ks.tool('enrol', ks.state(name), f'{name}@{DOMAIN}')
        ks.prove(name)
    return made


def register(ks, made, done, stop):
    """Registers on one connection until it breaks; notes what was answered
    with 200, then goes on with newer device notes."""
    connection = ks.connect()
    try:
        for name, body in made:
            if stop.is_set():
                return
            answer = ks.ask('POST', ks.path(f'{name}@{DOMAIN}'), body,
                            connection=connection)
            if answer[0] == 200:
                done[name] = json.loads(answer[2])
    except OSError:
        pass
    except Exception:  # http.client tells a broken line in many ways
        pass
    finally:
        connection.close()


def under_load(tap, ks, prefix, end, sentence):
    """Ends the keyserver while four clients register, and looks afterwards
    for everything that was answered."""
    made = list(prepare(ks, prefix, MEMBERS).items())
    done, stop = {}, threading.Event()
    threads = [threading.Thread(target=register,
                                args=(ks, made[i::4], done, stop))
               for i in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(done) >= 3)
    time.sleep(random.uniform(0, 0.02))
    status = end()
    stop.set()
    for thread in threads:
        thread.join()
    ks.start()
    found = ks.lookups(name for name, _ in made)
    lost = [name for name, bundle in done.items()
            if json.loads(found[name][2]).get('account')
            != bundle['account']]
    half = ks.unverified({name: answer for name, answer in found.items()
                          if answer[0] == 200}, 'version 1 usable 1')
    tap.same(f'{sentence}: all {len(done)} that were answered are there',
             lost, [])
    tap.same('... and nothing is stored by half', half, [])
    return status


def kills(tap, ks):
    status = under_load(tap, ks, 'term', ks.stop, 'SIGTERM under load')
    tap.same('... and the stop was clean', status, 0)
    for number in range(3):
        under_load(tap, ks, f'kill{number}x',
                   lambda: ks.stop(signal.SIGKILL), 'kill -9 under load')
    again = ks.tool('enrol', ks.state('after'), f'after@{DOMAIN}')
    ks.prove('after')
    tap.same('registrations go on', ks.post('after', again)[0], 200)


def lost_answer(tap, ks):
    """The client that got no answer sends the same again."""
    body = ks.tool('enrol', ks.state('lost'), f'lost@{DOMAIN}')
    ks.prove('lost')
    with ks.raw() as line:
        line.sendall(
            f'POST {ks.path(f"lost@{DOMAIN}")} HTTP/1.1\r\nHost: x\r\n'
            f'Content-Length: {len(body)}\r\n\r\n'.encode() + body)
        time.sleep(0.5)  # what is reset on the way was never sent
    tap.check('a client that went away is registered all the same',
              wait_for(lambda: ks.lookup('lost')[0] == 200, 5))
    tap.same('... and gets its bundle by the same POST',
             ks.post('lost', body)[0], 200)


def disk_floor(tap, ks):
    ks.stop()
    ks.set('limits', 'free-bytes', 2 ** 60)
    ks.start()
    body = ks.tool('enrol', ks.state('floor'), f'floor@{DOMAIN}')
    ks.prove('floor')
    answer = ks.post('floor', body)
    tap.same('below the floor of free space a write is 503', word(answer),
             (503, 'unavailable'))
    tap.check('... with Retry-After', int(answer[1]['Retry-After']) > 0)
    tap.same('... while lookups are answered', ks.lookup('after')[0], 200)
    tap.same('... and /readyz says so', ks.admin_get('/readyz'),
             (503, 'short of disk space\n'))
    ks.stop()
    ks.set('limits', 'free-bytes', 0)
    ks.start()
    ks.prove('floor')
    tap.same('with space again the same note is taken',
             ks.post('floor', body)[0], 200)


def full_disk(tap, ks):
    """The files may not grow further, as on a disk that is full."""
    ks.stop()
    ks.start()  # the write-ahead log begins anew: what fits can be told
    size = max(os.path.getsize(os.path.join(ks.folder, name))
               for name in os.listdir(ks.folder)
               if name.startswith('store'))
    pid = ks.process.pid
    old = resource.prlimit(pid, resource.RLIMIT_FSIZE, (
        size + ROOM, resource.RLIM_INFINITY))
    made, answers, refused = {}, {}, []
    while len(refused) < 3 and len(made) < MEMBERS_THAT_FILL:
        one = prepare(ks, f'full{len(made)}x', 1)
        made.update(one)
        for name, body in one.items():
            answers[name] = word(ks.post(name, body))
            if answers[name][0] != 200:
                refused.append(name)
    tap.check('on a full disk registrations are refused', refused, answers)
    tap.same('... with 503', {answers[n] for n in refused},
             {(503, 'unavailable')})
    tap.same('... and lookups are answered',
             {ks.lookup(n)[0] for n in made}, {200, 404})
    tap.same('... and nothing that was refused is stored',
             [n for n in refused if ks.lookup(n)[0] != 404], [])
    resource.prlimit(pid, resource.RLIMIT_FSIZE, old)
    tap.same('with space again the same POST is taken, by the same proof',
             {ks.post(n, made[n])[0] for n in refused}, {200})
    tap.same('... and the store is sound', ks.stop(), 0)
    ks.start()
    tap.same('... after a restart, too', {ks.lookup(n)[0] for n in made},
             {200})


def xmpp_lost(tap, ks):
    connects = ks.xmpp.connects
    ks.xmpp.drop()
    tap.check('after a loss the component comes back',
              ks.xmpp.wait_up(connects + 1))
    ks.xmpp.refuse = True
    ks.xmpp.drop()
    tap.check('while the XMPP server refuses it, /readyz says so', wait_for(
        lambda: ks.admin_get('/readyz') == (
            503, 'not connected to the XMPP server\n')))
    tap.same('... and lookups are answered', ks.lookup('after')[0], 200)
    ks.xmpp.refuse = False
    tap.check('when it may, it comes back', ks.xmpp.wait_up(connects + 2))
    wait_for(lambda: ks.admin_get('/readyz')[0] == 200)
    ks.xmpp.send('<iq type="get" from="a@one.test/x" to="keys.one.test"><a')
    ks.xmpp.send('></b>')
    tap.check('after XML that is none it connects anew',
              ks.xmpp.wait_up(connects + 3))
    wait_for(lambda: ks.admin_get('/readyz')[0] == 200)
    tap.same('proofs work again', ks.enrol('anew')[0], 200)


def stanzas(tap, ks):
    ask = ks.xmpp.ask
    head = "from='a@one.test/&quot;&amp;' to='keys.one.test'"
    answer = ask(f"<iq type='get' {head} id='i1'><query xmlns='http://jabber."
                 "org/protocol/disco#info'/></iq>", 'i1')
    tap.check('disco#info tells feature, origin and key', all(
        part in answer for part in (
            "<feature var='urn:x-im:keyserver:1'/>",
            "<field var='origin'><value>keys.one.test</value>",
            f"<field var='vkey'><value>{ks.vkey}</value>",
            "var='FORM_TYPE' type='hidden'><value>urn:x-im:keyserver:1<",
            "to='a@one.test/&quot;&amp;'", "from='keys.one.test'")), answer)
    answer = ask(f"<iq type='get' {head} id='i2'><query xmlns='http://jabber."
                 "org/protocol/disco#items'/></iq>", 'i2')
    tap.check('disco#items is empty', "type='result'" in answer, answer)
    answer = ask(f"<iq type='get' {head} id='i3'><ping xmlns='urn:xmpp:ping'"
                 "/></iq>", 'i3')
    tap.check('a ping is answered', "type='result'" in answer, answer)
    for number, stanza in enumerate((
            "<iq type='get' {} id='{}'><query xmlns='jabber:iq:version'/>"
            "</iq>",
            "<iq type='get' {} id='{}'><prove xmlns='urn:x-im:register:1' "
            "digest='AAAA'/></iq>",
            "<iq type='set' {} id='{}'/>",
            "<message type='chat' {} id='{}'><body>hi</body></message>",
            "<iq type='get' {} id='{}'><query xmlns='http://jabber.org/"
            "protocol/disco#info'/><x xmlns='y'/></iq>")):
        answer = ask(stanza.format(head, f'u{number}'), f'u{number}')
        tap.check(f'{stanza[:30]}... is service-unavailable',
                  answer and 'service-unavailable' in answer, answer)
    for number, stanza in enumerate((
            "<iq type='result' {} id='{}'/>", "<iq type='error' {} id='{}'/>",
            "<message type='error' {} id='{}'/>",
            "<presence type='subscribe' {} id='{}'/>",
            "<iq {} id='{}'><query xmlns='a'/></iq>")):
        answer = ask(stanza.format(head, f'n{number}'), f'n{number}', 0.2)
        tap.check(f'{stanza[:30]}... is not answered', answer is None, answer)
    big = 'x' * 300000
    answer = ask(f"<message {head} id='big'><body>{big}</body></message>",
                 'big')
    tap.check('a long message is answered like any', answer is not None)
    deep = '<a>' * 3000 + '</a>' * 3000
    answer = ask(f"<message {head} id='deep'>{deep}</message>", 'deep')
    tap.check('... and so is a deep one', answer is not None)
    connects = ks.xmpp.connects
    for number in range(12):
        names = ''.join(f'<n{number}x{i} a{i}="1"/>' for i in range(8000))
        ask(f"<message {head} id='w{number}'>{names}</message>", f'w{number}')
    tap.same('a hundred thousand new names do not end the stream',
             (ks.xmpp.connects, ask(
                 f"<iq type='get' {head} id='i9'><ping xmlns='urn:xmpp:ping'"
                 "/></iq>", 'i9') is not None), (connects, True))


def run_fails(tap, ks, what, expected):
    done = subprocess.run([PROGRAM, 'run', '--config', ks.config],
                          capture_output=True, timeout=20, check=False)
    text = done.stderr.decode()
    tap.check(f'{what}: it does not start, and says why',
              done.returncode == 1 and expected in text,
              (done.returncode, text))


def files(tap, ks):
    run_fails(tap, ks, 'a second one on the same store',
              'another keyserver running')
    pid = ks.process.pid
    with open(f'/proc/{pid}/limits', encoding='ascii') as file:
        core = [line.split()[4:6] for line in file if 'core' in line][0]
    tap.same('it makes no core dump', core, ['0', '0'])
    with open(f'/proc/{pid}/cmdline', 'rb') as file:
        tap.check('no secret is in its arguments',
                  ks.xmpp.secret.encode() not in file.read())
    ks.stop()
    for name in ('ed25519', 'vrf', 'component-secret'):
        path = os.path.join(ks.folder, 'keys', name)
        tap.same(f'{name} has mode 0600', os.stat(path).st_mode & 0o7777,
                 0o600)
        os.chmod(path, 0o640)
        run_fails(tap, ks, f'{name} that a group may read', 'mode 0600')
        os.chmod(path, 0o600)
    tap.check('the store is nobody else\'s, either', all(
        os.stat(os.path.join(ks.folder, name)).st_mode & 0o077 == 0
        for name in os.listdir(ks.folder) if name.startswith('store')))
    path = os.path.join(ks.folder, 'keys', 'ed25519')
    shutil.copy2(path, path + '.old')
    with open(path, 'w', encoding='ascii') as file:
        file.write('A' * 42 + 'E=\n')
    run_fails(tap, ks, 'other keys than those of the server note',
              'not those of the newest server note')
    with open(path, 'w', encoding='ascii') as file:
        file.write('not a key\n')
    run_fails(tap, ks, 'a file that holds no key', 'ed25519')
    os.replace(path + '.old', path)
    done = subprocess.run(
        [PROGRAM, 'init', '--domain', DOMAIN, '--dir', ks.folder],
        capture_output=True, check=False)
    tap.check('init overwrites nothing', done.returncode == 1
              and b'exists already' in done.stderr, done.stderr)
    for group, name, value, expected in (
            ('admin', 'listen', '192.0.2.1:9', 'loopback or private'),
            ('http', 'listen', 'localhost', 'ADDRESS:PORT'),
            ('http', 'threads', '0', 'a number from 1 to 64'),
            ('log', 'debug', 'perhaps', 'true or false'),
            ('keyserver', 'domain', 'One.Test', 'domain'),
            ('keyserver', 'domain', 'two.test', 'two.test'),
            ('http', 'certificate', 'missing.pem', 'missing.pem')):
        with open(ks.config, encoding='utf-8') as file:
            text = file.read()
        ks.set(group, name, value)
        run_fails(tap, ks, f'[{group}] {name}={value}', expected)
        with open(ks.config, 'w', encoding='utf-8') as file:
            file.write(text)
    with open(ks.config, 'a', encoding='utf-8') as file:
        file.write('misspelt=1\n')
    run_fails(tap, ks, 'a setting that does not exist', 'misspelt')
    for arguments in ([], ['nothing'], ['run'], ['run', '--nothing'],
                      ['init'], ['run', 'more']):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True,
                              check=False)
        tap.same(f'{arguments} is a wrong call', done.returncode, 2)
    for argument in ('--help', '--version'):
        tap.check(f'{argument} helps',
                  b'eyserver' in harness.run(PROGRAM, argument))


def main():
    tap = harness.Tap()
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        ks = harness.Keyserver(base, 'ks', xmpp, [
            ('limits', 'writes-burst', '100000'),
            ('limits', 'lookups-burst', '100000'),
            ('limits', 'misses-burst', '100000'),
            ('limits', 'connects-burst', '100000'),
            ('limits', 'free-bytes', '0')])
        ks.start()
        for part in (kills, lost_answer, disk_floor, full_disk, xmpp_lost,
                     stanzas, files):
            try:
                part(tap, ks)
            except Exception:  # a broken part must not hide the others
                tap.broken(part.__name__)
        xmpp.close()
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
