#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Lookups and registrations per second of the real keyserver.

Prints rows for tests/bench/results.tsv: what, unit, ours, peer, peer's name,
ratio, target.  The server has one core and the load another; nginx serves the
same bytes as a static file, with the same certificate, in turn.  What bounds
registrations is measured in turn with them, on the core of the server.  Then
the server and the load share two cores.
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
os.environ['top_builddir'] = BUILD
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'keyserver'))
sys.dont_write_bytecode = True

import harness  # noqa: E402

ROUNDS = 7
SECONDS = 2
CONNECTIONS = 64
MEMBERS = 4000
REGISTRATION_ROUNDS = 5
BUSY_CONNECTIONS = 128  # so that two cores always have something to do
WANTED = 2000  # registrations in a second of two cores
UNLIMITED = [('limits', name, '1000000000') for name in (
    'lookups-per-second', 'lookups-burst', 'misses-per-second',
    'misses-burst', 'writes-per-second', 'writes-burst',
    'connects-per-second', 'connects-burst')]


def family(pid):
    """A process and all that it started."""
    pids = [pid]
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/children',
                  encoding='ascii') as file:
            for child in file.read().split():
                pids += family(int(child))
    return pids


def pin(pid, *cores):
    """All threads of a server, and those that it will make."""
    for process in family(pid):
        for task in os.listdir(f'/proc/{process}/task'):
            os.sched_setaffinity(int(task), set(cores))


def row(what, unit, ours, peer, target, name='nginx, static file'):
    """More is better of what is counted in 1/s, less of what is in us."""
    ratio = ours / peer if unit == '1/s' else peer / ours
    print('\t'.join([what, unit, f'{ours:.4g}', f'{peer:.4g}', name,
                     f'{ratio:.3g}', target]), flush=True)


def wrk(url, *arguments):
    """Requests per second; every answer must be the one that was asked."""
    done = subprocess.run(
        ['taskset', '-c', '1', 'wrk', '-t1', f'-c{CONNECTIONS}',
         f'-d{SECONDS}s', *arguments, url], capture_output=True, text=True,
        check=True)
    if 'Non-2xx' in done.stdout:
        sys.exit('bench-keyserver: wrong answers: ' + done.stdout)
    return float(re.search(r'Requests/sec:\s+(\S+)', done.stdout).group(1))


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


class Nginx:
    """One worker that serves one file."""

    def __init__(self, base, body):
        self.folder = os.path.join(base, 'nginx')
        os.makedirs(os.path.join(self.folder, 'v1'))
        with open(os.path.join(self.folder, 'v1', 'bundle'), 'w',
                  encoding='utf-8') as file:
            file.write(body)
        self.port = free_port()
        config = os.path.join(self.folder, 'nginx.conf')
        with open(config, 'w', encoding='ascii') as file:
            file.write(f"""
worker_processes 1; daemon off; pid {self.folder}/pid; user root;
error_log {self.folder}/error.log; events {{ worker_connections 4096; }}
http {{ access_log off; sendfile on; tcp_nopush on; open_file_cache max=100;
keepalive_requests 1000000000; default_type application/json;
client_body_temp_path {self.folder}/a; proxy_temp_path {self.folder}/b;
fastcgi_temp_path {self.folder}/c; uwsgi_temp_path {self.folder}/d;
scgi_temp_path {self.folder}/e;
server {{ listen 127.0.0.1:{self.port} ssl backlog=1024;
ssl_certificate {base}/server.crt; ssl_certificate_key {base}/server.key;
ssl_protocols TLSv1.2 TLSv1.3; root {self.folder};
add_header Cache-Control max-age=60; }} }}
""")
        os.chmod(base, 0o755)
        self.process = subprocess.Popen(
            ['taskset', '-c', '0', 'nginx', '-c', config, '-p', self.folder],
            stderr=subprocess.DEVNULL)
        self.url = f'https://127.0.0.1:{self.port}/v1/bundle'

        def up():
            try:
                socket.create_connection(('127.0.0.1', self.port)).close()
                return True
            except OSError:
                return False
        if not harness.wait_for(up):
            sys.exit('bench-keyserver: nginx does not start')

    def stop(self):
        self.process.terminate()
        self.process.wait()


def cpu_s(pid):
    """The processor time of a server so far."""
    total = 0
    for process in family(pid):
        for task in os.listdir(f'/proc/{process}/task'):
            with open(f'/proc/{process}/task/{task}/schedstat',
                      encoding='ascii') as file:
                total += int(file.read().split()[0])
    return total / 1e9


class Side:
    """What is measured of one server: rates, and CPU for each request."""

    def __init__(self, url, pid):
        self.url, self.pid = url, pid
        self.rates, self.costs = {}, {}

    def measure(self, kind, arguments):
        begin = cpu_s(self.pid)
        rate = wrk(self.url, *arguments)
        cost = (cpu_s(self.pid) - begin) / (rate * SECONDS) * 1e6
        self.rates.setdefault(kind, []).append(rate)
        self.costs.setdefault(kind, []).append(cost)


def lookups(base, xmpp):
    ks = harness.Keyserver(base, 'lookups', xmpp, UNLIMITED + [
        ('http', 'threads', '1'), ('http', 'connection-life', '86400')])
    ks.start()
    pin(ks.process.pid, 0)
    body = ks.enrol('alice')[2]
    nginx = Nginx(base, body)
    ours = Side(f'https://127.0.0.1:{ks.port}{ks.path("alice@one.test")}',
                ks.process.pid)
    peer = Side(nginx.url, nginx.process.pid)
    kinds = {'keep-alive': (), 'new connections': ('-H', 'Connection: close')}
    for _ in range(ROUNDS):
        for kind, arguments in kinds.items():
            for side in (ours, peer):
                side.measure(kind, arguments)
    nginx.stop()
    ks.stop()
    for kind in kinds:
        row(f'lookups over HTTPS, {kind}, one core each', '1/s',
            statistics.median(ours.rates[kind]),
            statistics.median(peer.rates[kind]),
            '>=1.2' if kind == 'keep-alive' else '-')
        row(f'lookups over HTTPS, {kind}: CPU of the server', 'us',
            statistics.median(ours.costs[kind]),
            statistics.median(peer.costs[kind]), '-')


def prove_all(xmpp, crowd):
    """Sends all proofs ahead and waits for the last answer."""
    for start in range(0, len(crowd), 200):
        xmpp.send(''.join(
            f"<iq type='set' from='{jid}/x' to='{harness.ORIGIN}' id='b'>"
            f"<prove xmlns='urn:x-im:register:1' digest='{digest}'/></iq>"
            for jid, digest, _ in crowd[start:start + 200]))
    jid, digest, _ = crowd[-1]
    if "type='result'" not in (xmpp.prove(jid + '/x', digest, 'last') or ''):
        sys.exit('bench-keyserver: the proofs were not taken')


SCRIPT = """
local requests, n = {}, 0
function init (args)
  for line in io.lines("FILE") do
    local path, body = line:match("^(%S+)\t(.*)$")
    requests[#requests + 1] = wrk.format("POST", path, nil, body)
  end
end
function request ()
  n = n + 1
  return requests[(n - 1) % #requests + 1]
end
"""


def make_load(ks, base, crowd):
    """The script of wrk: each registration is sent once, then again."""
    script = os.path.join(base, 'post.lua')
    posts = os.path.join(base, 'posts')
    with open(posts, 'w', encoding='utf-8') as file:
        for jid, _, body in crowd:
            file.write(f'{ks.path(jid)}\t{body}\n')
    with open(script, 'w', encoding='utf-8') as file:
        file.write(SCRIPT.replace('FILE', posts))
    return script


def wait_stored(ks, n):
    """Asks seldom: the answer is made on the core that is measured."""
    end = time.monotonic() + 50
    while ks.metric('accounts_stored_total') < n:
        if time.monotonic() > end:
            sys.exit('bench-keyserver: registrations are refused')
        time.sleep(0.1)


def register(base, name, xmpp, crowd, script, shared=False):
    """What a new keyserver does from 10 to 90 % of the members, by its own
    counters: the rate, how many it stores with one commit, and its processor
    time for each."""
    connections = BUSY_CONNECTIONS if shared else CONNECTIONS
    ks = harness.Keyserver(base, name, xmpp, UNLIMITED + [
        ('http', 'threads', '1'), ('limits', 'free-bytes', '0')])
    connects = xmpp.connects
    ks.start()
    xmpp.wait_up(connects + 1)
    pin(ks.process.pid, *((0, 1) if shared else (0,)))
    prove_all(xmpp, crowd)
    load = subprocess.Popen(
        ['taskset', '-c', '0,1' if shared else '1', 'wrk', '-t1',
         f'-c{connections}', '-d60s', '-s', script,
         f'https://127.0.0.1:{ks.port}/'],
        stdout=subprocess.DEVNULL)
    marks = []
    for share in (0.1, 0.9):
        wait_stored(ks, MEMBERS * share)
        marks.append((ks.metric('accounts_stored_total'),
                      ks.metric('commits_total'), time.monotonic(),
                      cpu_s(ks.process.pid)))
    load.terminate()
    load.wait()
    ks.stop()
    stored, commits, took, busy = (
        end - begin for begin, end in zip(*marks))
    return stored / took, stored / commits, busy / stored * 1e6


def registrations(base, xmpp):
    ks = harness.Keyserver(base, 'crowd', xmpp)
    lines = ks.tool('crowd', str(MEMBERS), harness.DOMAIN).decode()
    crowd = [line.split('\t') for line in lines.splitlines()]
    script = make_load(ks, base, crowd)
    rounds = []
    for n in range(REGISTRATION_ROUNDS):
        folder = os.path.join(base, f'limit{n}')
        os.mkdir(folder)
        limit = harness.run('taskset', '-c', '0', os.path.join(
            BUILD, 'tests', 'bench', 'bench-limit'), folder).decode().split()
        rounds.append(register(base, f'registrations{n}', xmpp, crowd, script)
                      + (float(limit[0]), float(limit[1]))
                      + register(base, f'shared{n}', xmpp, crowd, script,
                                 shared=True)[:1])
    rate, group, cost, crypto, disk, shared = map(statistics.median,
                                                  zip(*rounds))
    print(f'# registrations: {group:.1f} in a group; limits:'
          f' signatures, checks and proofs {crypto:.0f}, disk {disk:.0f}',
          file=sys.stderr)
    row('registrations, durable, one core each', '1/s', rate,
        min(crypto, disk), '>=0.5',
        'limit: signatures, checks and VRF proofs alone' if crypto < disk
        else 'limit: the disk in groups')
    row('registrations: CPU of the server', 'us', cost, 1e6 / crypto, '-',
        'signatures, checks and VRF proofs alone')
    row('registrations, durable, two cores shared with the load', '1/s',
        shared, WANTED, '>=1', 'what is asked for')


def main():
    for program in ('wrk', 'nginx', 'taskset'):
        if shutil.which(program) is None:
            sys.exit(f'bench-keyserver: {program} is missing')
    with harness.Folder() as base:
        xmpp = harness.Xmpp()
        try:
            lookups(base, xmpp)
            registrations(base, xmpp)
        finally:
            xmpp.close()


if __name__ == '__main__':
    main()
