# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Processes that end with the test, and waiting for events."""

import ctypes
import os
import signal
import subprocess
import time


class Timeout(AssertionError):
    """Something that had to happen did not happen in time."""


def scale():
    """How much slower than usual everything may be (sanitizers, CI)."""
    return float(os.environ.get('XIM_E2E_SLOW', '1'))


def wait_until(what, condition, timeout=15.0, pause=0.01):
    """Returns the first true value of condition(), which it asks often."""
    deadline = time.monotonic() + timeout * scale()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Timeout(f'{what}: not within {timeout * scale():.0f} s')
        time.sleep(pause)


def _die_with_parent():
    """The kernel ends the process when the thread that started it ends."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Process:
    """A program that runs until stop(), with its output in a file."""

    def __init__(self, name, argv, log, env=None, stdin=subprocess.DEVNULL,
                 stdout=None):
        self.name = name
        self.log = log
        self._sink = open(log, 'ab')
        self.popen = subprocess.Popen(
            argv, stdin=stdin, stdout=stdout or self._sink,
            stderr=self._sink, env=env, close_fds=True,
            preexec_fn=_die_with_parent)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def require_running(self):
        if not self.running():
            raise AssertionError(
                f'{self.name} ended by itself ({self.popen.returncode}):\n'
                + self.tail())

    def tail(self, lines=15):
        with open(self.log, 'rb') as log:
            text = log.read()[-20000:].decode('utf-8', 'replace')
        return '\n'.join(text.splitlines()[-lines:])

    def send_signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def kill(self):
        self.stop(signal.SIGKILL)

    def stop(self, number=signal.SIGTERM, timeout=10.0):
        """Ends the process and returns its status."""
        self.send_signal(signal.SIGCONT)
        self.send_signal(number)
        try:
            self.popen.wait(timeout * scale())
        except subprocess.TimeoutExpired:
            self.send_signal(signal.SIGKILL)
            self.popen.wait()
        self._sink.close()
        return self.popen.returncode
