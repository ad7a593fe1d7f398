#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""A keyserver with a million accounts, and what it costs; writes LONG-RUN.

usage: long-run.py BUILD_DIRECTORY FOLDER [ACCOUNTS [STEP ...]]

FOLDER keeps the keyserver and what was measured: what is there already is not
done again, so a run that was stopped goes on.  With names of STEPs only those
are measured; `kills' is done only when it is named.  Needs wrk, and about 6 KB
of disk for each account.
"""

import importlib.util
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'keyserver'))
sys.dont_write_bytecode = True

import long_report  # noqa: E402


def load_bench():
    """What bench-keyserver.py measures with."""
    spec = importlib.util.spec_from_file_location(
        'bench_keyserver', os.path.join(HERE, 'bench-keyserver.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bench = load_bench()
harness = bench.harness
BENCH = os.path.join(bench.BUILD, 'tests', 'bench')
CHECKER = os.path.join(bench.BUILD, 'logcheck', 'xim-log-check')
CHANGES_A_YEAR = 3  # entries of a member
SAMPLES = 1000
CROWD = 2300  # members who register through HTTPS, at each size
ONE_BY_ONE = 300
KILLS = 1000
UNLIMITED = bench.UNLIMITED + [
    ('limits', 'tiles-per-second', '1000000000'),
    ('limits', 'tiles-burst', '1000000000'),
    ('http', 'connection-life', '86400')]


class Costs:
    """What a program took: seconds, processor seconds, the most memory."""

    def __init__(self, *command):
        begin = time.monotonic()
        most = 0
        with tempfile.TemporaryFile('w+') as said:
            process = subprocess.Popen(command, stdout=said, stderr=said)
            ended = 0
            while not ended:
                most = max(most, peak(process.pid))
                time.sleep(0.005)
                ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            self.output = said.read()
        if process.returncode != 0:
            sys.exit(f'long-run: {command}: {self.output}')
        self.costs = {
            's': time.monotonic() - begin,
            'cpu': usage.ru_utime + usage.ru_stime,
            'rss': most, 'load': os.getloadavg()[0]}


def peak(pid):
    """The most memory so far; the kernel counts that of before exec() too
    in what wait4() gives."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        found = re.search(r'^VmHWM:\s+(\d+)', file.read(), re.M)
    return int(found.group(1)) / 1024 if found else 0


def memory(pid):
    """MB that the keyserver and its signer use now."""
    sizes = []
    for process in bench.family(pid):
        with open(f'/proc/{process}/status', encoding='ascii') as file:
            found = re.search(r'^VmRSS:\s+(\d+)', file.read(), re.M)
        sizes.append(int(found.group(1)) / 1024)
    return sizes


def forget(folder):
    """The kernel's cache of what is below a folder."""
    os.sync()
    for base, _, names in os.walk(folder):
        for name in names:
            fd = os.open(os.path.join(base, name), os.O_RDONLY)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


def latency(url, connections, script=None):
    """Requests per second, and the median and 99th percentile in ms."""
    done = subprocess.run(
        ['wrk', '-t1', f'-c{connections}', '-d5s', '--latency',
         *(['-s', script] if script else []), url],
        capture_output=True, text=True, check=True).stdout
    if 'Non-2xx' in done:
        sys.exit('long-run: wrong answers: ' + done)
    unit = {'us': 0.001, 'ms': 1, 's': 1000}
    times = [float(value) * unit[name] for value, name in re.findall(
        r'(?:50|99)%\s+([0-9.]+)(us|ms|s)', done)]
    return [float(re.search(r'Requests/sec:\s+(\S+)', done).group(1)), *times]


class Run:
    def __init__(self, folder, accounts):
        self.folder, self.accounts = folder, accounts
        self.results_file = os.path.join(folder, 'results.json')
        self.mirror = os.path.join(folder, 'mirror')
        self.xmpp = harness.Xmpp()
        if not os.path.exists(self.results_file):
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            harness.make_certificates(folder)
            self.ks = harness.Keyserver(folder, 'ks', self.xmpp, UNLIMITED)
            self.results = {'filled': 0, 'sizes': {}}
            self.save()
        else:
            self.ks = self.old_keyserver()
            with open(self.results_file, encoding='utf-8') as file:
                self.results = json.load(file)

    def old_keyserver(self):
        """That of a run before, with the XMPP server of this one."""
        ks = object.__new__(harness.Keyserver)
        ks.base, ks.process, ks.idents = self.folder, None, 0
        ks.folder = os.path.join(self.folder, 'ks')
        ks.xmpp = self.xmpp
        ks.config = os.path.join(ks.folder, 'keyserver.conf')
        ks.set('component', 'port', str(self.xmpp.port))
        ks.read_vkey()
        ks.context = harness.ssl.create_default_context(
            cafile=os.path.join(self.folder, 'ca.crt'))
        return ks

    def save(self):
        with open(self.results_file + '.new', 'w', encoding='utf-8') as file:
            json.dump(self.results, file, indent=1)
        os.rename(self.results_file + '.new', self.results_file)

    def fill(self):
        done = self.results['filled']
        if done < self.accounts:
            costs = Costs(os.path.join(BENCH, 'bench-fill'), self.ks.config,
                          str(done), str(self.accounts))
            self.results['filled'] = self.accounts
            self.here('fill', dict(costs.costs, n=self.accounts - done))

    def here(self, name, value):
        self.results['sizes'].setdefault(str(self.accounts), {})[name] = value
        self.save()

    def sizes(self):
        def megabytes(name):
            return os.path.getsize(os.path.join(self.ks.folder, name)) / 1e6
        return {'store': megabytes('store.sqlite'),
                'signer': megabytes('keys/signer.sqlite')}

    def start(self):
        begin = time.monotonic()
        self.ks.start(wait_up=False)
        return time.monotonic() - begin

    def starts(self):
        took = []
        for _ in range(3):
            forget(self.ks.folder)
            took.append(self.start())
            self.ks.stop()
        cold = statistics.median(took)
        warm = self.start()
        rss = memory(self.ks.process.pid)
        self.ks.stop()
        return {'cold': cold, 'warm': warm, 'rss': rss,
                'load': os.getloadavg()[0]}

    def paths(self):
        """A script that asks for accounts all over the store."""
        name = os.path.join(self.folder, 'paths.lua')
        step = 7919 if self.accounts > 10000 else 7
        begin, end = self.ks.path(f'account@{harness.DOMAIN}').rsplit('%', 1)
        with open(name, 'w', encoding='ascii') as file:
            file.write(f'''local n = 0
function request ()
  n = (n + {step}) % {self.accounts}
  return wrk.format("GET", "{begin}" .. n .. "%{end}")
end
''')
        return name

    def lookups(self):
        forget(self.ks.folder)
        self.start()
        base = f'https://127.0.0.1:{self.ks.port}'
        one = base + self.ks.path(f'account7@{harness.DOMAIN}')
        found = {'cold': self.one_by_one(),
                 'spread': latency(base, 64, self.paths()),
                 'hot': latency(one, 1),
                 'hot64': latency(one, 64)}
        found['rss'] = memory(self.ks.process.pid)
        found['bytes'] = len(self.ks.ask('GET', self.ks.path(
            f'account7@{harness.DOMAIN}'))[2].encode())
        found['load'] = os.getloadavg()[0]
        self.ks.stop()
        return found

    def warm(self):
        """Again, but as a keyserver is that has run for long."""
        with open(os.path.join(self.ks.folder, 'store.sqlite'), 'rb') as file:
            while file.read(1 << 24):
                pass
        self.start()
        found = {'spread': latency(f'https://127.0.0.1:{self.ks.port}', 64,
                                   self.paths()),
                 'rss': memory(self.ks.process.pid),
                 'load': os.getloadavg()[0]}
        self.ks.stop()
        return found

    def one_by_one(self):
        """Accounts that are far from each other, each asked for once."""
        connection = self.ks.connect()
        connection.connect()
        times = []
        step = max(self.accounts // SAMPLES, 1)
        for number in range(0, self.accounts, step):
            begin = time.monotonic()
            status, _, _ = self.ks.ask(
                'GET', self.ks.path(f'account{number}@{harness.DOMAIN}'),
                connection=connection)
            times.append(time.monotonic() - begin)
            if status != 200:
                sys.exit('long-run: an account is missing')
        return quantiles(times)

    def crowd(self):
        """Members of their own for each size."""
        first = 10000 * len(self.results['sizes'])
        lines = self.ks.tool('crowd', str(CROWD), harness.DOMAIN, options=(
            f'--first={first}',)).decode()
        return [line.split('\t') for line in lines.splitlines()]

    def registrations(self):
        """One after the other, then by many at once; durable in the log."""
        crowd = self.crowd()
        self.ks.start()
        bench.pin(self.ks.process.pid, 0)
        bench.prove_all(self.xmpp, crowd)
        connection = self.ks.connect()
        times = []
        for jid, _, body in crowd[:ONE_BY_ONE]:
            begin = time.monotonic()
            status, _, text = self.ks.ask('POST', self.ks.path(jid),
                                          body.encode(), connection=connection)
            times.append(time.monotonic() - begin)
            if status != 200:
                sys.exit('long-run: a registration is refused: ' + text)
        found = {'one': quantiles(times),
                 'rate': self.many(crowd[ONE_BY_ONE:]),
                 'rss': memory(self.ks.process.pid),
                 'load': os.getloadavg()[0]}
        self.ks.stop()
        return found

    def many(self, crowd):
        script = bench.make_load(self.ks, self.folder, crowd)
        load = subprocess.Popen(
            ['taskset', '-c', '1', 'wrk', '-t1', f'-c{bench.CONNECTIONS}',
             '-d60s', '-s', script, f'https://127.0.0.1:{self.ks.port}/'],
            stdout=subprocess.DEVNULL)
        marks = []
        for share in (0.1, 0.9):
            bench.wait_stored(self.ks, ONE_BY_ONE + len(crowd) * share)
            marks.append((self.ks.metric('accounts_stored_total'),
                          time.monotonic()))
        load.terminate()
        load.wait()
        stored, took = (end - begin for begin, end in zip(*marks))
        return stored / took

    def proofs(self):
        forget(self.ks.folder)
        costs = Costs(os.path.join(BENCH, 'bench-log'), 'proofs',
                      self.ks.config, str(SAMPLES), str(self.accounts))
        rows = [line.split('\t') for line in costs.output.splitlines()]
        found = [[name, float(median), float(last)]
                 for name, median, last in rows]
        one = Costs(harness.PROGRAM, 'proof', '--config', self.ks.config,
                    f'account9@{harness.DOMAIN}')
        return {'times': found, 'proof': one.costs,
                'load': os.getloadavg()[0]}

    def follow(self, name):
        """An outsider, who reads what is new since the last time."""
        self.start()
        costs = Costs(
            CHECKER, '--ca', os.path.join(self.folder, 'ca.crt'), '--state',
            os.path.join(self.folder, name),
            f'https://127.0.0.1:{self.ks.port}/log', self.ks.vkey)
        entries = int(costs.output.split()[0])
        state = os.path.getsize(os.path.join(self.folder, name)) / 1e6
        self.ks.stop()
        return dict(costs.costs, entries=entries, state=state)

    def follow_first(self):
        name = os.path.join(self.folder, 'state')
        if os.path.exists(name):
            os.unlink(name)
        return self.follow('state')

    def export(self):
        shutil.rmtree(self.mirror, ignore_errors=True)
        first = Costs(harness.PROGRAM, 'export-log', '--config',
                      self.ks.config, self.mirror)
        again = Costs(harness.PROGRAM, 'export-log', '--config',
                      self.ks.config, self.mirror)
        files = [os.path.join(base, name)
                 for base, _, names in os.walk(self.mirror) for name in names]
        return dict(first.costs, again=again.costs, files=len(files),
                    bytes=sum(os.path.getsize(file) for file in files),
                    entries=int(first.output.split()[0]))

    def members(self):
        """What a device of a member reads: a day's entries, and all."""
        size = self.results['sizes'][str(self.accounts)]['export']['entries']
        day = max(self.accounts * CHANGES_A_YEAR // 365, 1)
        found = {'day': day}
        for name, first in (('daily', size - day), ('all', 0)):
            costs = Costs(os.path.join(BENCH, 'bench-log'), 'read',
                          self.mirror, str(first))
            entries, length, took = costs.output.split()
            found[name] = dict(costs.costs, entries=int(entries),
                               bytes=int(length), ms=float(took))
        return found

    def reading(self):
        """The same by the plugin's own reader, over HTTPS."""
        size = self.results['sizes'][str(self.accounts)]['export']['entries']
        day = self.results['sizes'][str(self.accounts)]['members']['day']
        found = {}
        self.start()
        for name, first in (('daily', size - day), ('all', 1)):
            costs = Costs(os.path.join(BENCH, 'bench-reading'),
                          f'https://127.0.0.1:{self.ks.port}',
                          os.path.join(self.folder, 'ca.crt'), self.mirror,
                          str(first))
            entries, length, took = costs.output.split()[-3:]
            found[name] = dict(costs.costs, entries=int(entries),
                               bytes=int(length), ms=float(took))
        self.ks.stop()
        return dict(found, load=os.getloadavg()[0])

    def check(self):
        costs = Costs(harness.PROGRAM, 'check', '--config', self.ks.config)
        return dict(costs.costs, said=costs.output.strip())

    def run(self, only):
        self.fill()
        steps = (('sizes', self.sizes), ('starts', self.starts),
                 ('lookups', self.lookups), ('warm', self.warm),
                 ('proofs', self.proofs),
                 ('export', self.export), ('members', self.members),
                 ('reading', self.reading),
                 ('follow', self.follow_first),
                 ('registrations', self.registrations),
                 ('next', lambda: self.follow('state')),
                 ('check', self.check))
        have = self.results['sizes'].get(str(self.accounts), {})
        for name, step in steps:
            if self.results['filled'] > self.accounts:
                return
            if name in have or (only and name not in only):
                continue
            print(f'long-run: {self.accounts} accounts: {name}',
                  file=sys.stderr, flush=True)
            self.here(name, step())


def machine():
    """Where it ran, for LONG-RUN."""
    def first(pattern, path):
        with open(path, encoding='utf-8') as file:
            found = re.search(pattern, file.read(), re.M)
        return found.group(1).strip() if found else '?'
    cores = len(os.sched_getaffinity(0))
    memory_kb = int(first(r'^MemTotal:\s+(\d+)', '/proc/meminfo'))
    model = first(r'^model name\s*:(.*)$', '/proc/cpuinfo')
    system = first(r'^PRETTY_NAME="?([^"\n]*)', '/etc/os-release')
    return {
        'cores': cores, 'crowd': CROWD, 'changes': CHANGES_A_YEAR,
        'lines': [f'{cores} processors, {model}',
                  f'{memory_kb / 1e6:.0f} GB of memory',
                  f'{system}, Linux {os.uname().release.split("-")[0]}',
                  time.strftime('%Y-%m-%d', time.gmtime())]}


def kill_often(run):
    """Either process, a thousand times; takes about half an hour."""
    done = subprocess.run(
        ['/usr/bin/python3', os.path.join(
            os.path.dirname(HERE), 'keyserver', 'log.py')],
        env=dict(os.environ, XIM_KILLS=str(KILLS)), capture_output=True,
        text=True, check=False).stdout
    lines = done[done.index(f'{KILLS} kills'):].splitlines()
    run.results['kills'] = {'n': KILLS, 'said': lines[:4]}
    run.save()


def quantiles(times):
    """The median and the 99th percentile in ms."""
    times = sorted(times)
    return [statistics.median(times) * 1000,
            times[len(times) * 99 // 100] * 1000]


def main():
    if len(sys.argv) < 3 or shutil.which('wrk') is None:
        sys.exit(__doc__)
    folder = os.path.abspath(sys.argv[2])
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
    only = sys.argv[4:]
    for accounts in [size for size in (1000, 100000) if size < most] + [most]:
        run = Run(folder, accounts)
        try:
            run.results['machine'] = machine()
            run.save()
            run.run(only)
            if 'kills' in only and accounts == most:
                kill_often(run)
            long_report.report(folder)
        finally:
            run.xmpp.close()
            if run.ks.process and run.ks.process.poll() is None:
                run.ks.process.kill()


if __name__ == '__main__':
    main()
