# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Real Pidgin under Xvfb, driven by D-Bus, and real Finch under tmux."""

import os
import re
import shutil
import subprocess
from xml.sax.saxutils import escape

from .process import Process, wait_until
from .qr import scan_file


def write_profile(client, ui, section, plugins, more=''):
    """Writes accounts.xml and prefs.xml of a user directory; more: prefs of
    the client."""
    settings = [('string', 'connect_server', client.server.address),
                ('int', 'port', str(client.server.port))]
    settings += client.settings
    account = ''.join(
        f"<setting name='{name}' type='{kind}'>{escape(value)}</setting>"
        for kind, name, value in settings)
    _write(client, 'accounts.xml',
           "<account version='1.0'><account><protocol>prpl-jabber</protocol>"
           f'<name>{client.account}</name>'
           f'<password>{client.password}</password>'
           f'<settings>{account}</settings>'
           f"<settings ui='{ui}'><setting name='auto-login' type='bool'>1"
           '</setting></settings></account></account>')
    buddies = ''.join(
        f"<contact><buddy account='{client.account}' proto='prpl-jabber'>"
        f'<name>{buddy}</name></buddy></contact>'
        for buddy in client.buddies)
    _write(client, 'blist.xml',
           "<purple version='1.0'><blist><group name='Buddies'>"
           f'{buddies}</group></blist></purple>')
    loaded = ''.join(f"<item value='{plugin}'/>" for plugin in plugins)
    _write(client, 'prefs.xml',
           "<pref version='1' name='/'>"
           f"<pref name='{section}'><pref name='plugins'>"
           f"<pref name='loaded' type='pathlist'>{loaded}"
           f'</pref></pref>{more}</pref>'
           "<pref name='purple'><pref name='away'>"
           "<pref name='away_when_idle' type='bool' value='0'/>"
           '</pref></pref></pref>')


def _write(client, name, text):
    with open(os.path.join(client.folder, name), 'w',
              encoding='utf-8') as file:
        file.write("<?xml version='1.0' encoding='UTF-8' ?>\n" + text)


def _environment(client):
    env = {'PATH': os.environ['PATH'], 'HOME': client.folder,
           'LC_ALL': 'C.UTF-8', 'XDG_RUNTIME_DIR': client.folder,
           'TERM': 'xterm', 'SHELL': '/bin/sh'}
    env.update(client.env)
    return env


class Pidgin:
    """A client made by World.client() that runs in Pidgin instead."""

    def __init__(self, client, *plugins):
        for program in ('Xvfb', 'pidgin', 'dbus-daemon', 'dbus-send'):
            if shutil.which(program) is None:
                raise AssertionError(f'{program} is not installed')
        self._client = client
        self._processes = []
        self._toolbars = os.path.join(client.folder, 'toolbars')
        write_profile(client, 'gtk-gaim', 'pidgin', plugins)

    def start(self):
        env = _environment(self._client)
        env['XIM_TEST_TOOLBARS'] = self._toolbars
        display = self._spawn(['Xvfb', '-displayfd', '1', '-screen', '0',
                               '1280x900x24', '-nolisten', 'tcp'], env,
                              r'^(\d+)$')
        env['DISPLAY'] = ':' + display
        env['DBUS_SESSION_BUS_ADDRESS'] = self._spawn(
            ['dbus-daemon', '--session', '--nofork', '--print-address'], env,
            r'^(unix:.+)$')
        self._env = env
        self._spawn(['pidgin', '-c', self._client.folder, '-d', '-m'], env)
        wait_until('Pidgin is online', self._online, 30, 0.1)

    def _spawn(self, argv, env, wanted=None):
        """Starts a program; returns what it prints of its address."""
        log = os.path.join(self._client.folder, argv[0] + '.log')
        process = Process(argv[0], argv, log, env)
        self._processes.append(process)

        def printed():
            process.require_running()
            found = re.search(wanted, process.tail(1000), re.M)
            return found and found.group(1)
        return wait_until(argv[0] + ' runs', printed) if wanted else None

    def call(self, method, *args):
        """Calls libpurple by D-Bus; returns what dbus-send prints."""
        done = subprocess.run(
            ['dbus-send', '--session', '--print-reply=literal',
             '--dest=im.pidgin.purple.PurpleService',
             '/im/pidgin/purple/PurpleObject',
             'im.pidgin.purple.PurpleInterface.' + method, *args],
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
            env=self._env)
        return done.stdout.decode().strip()

    def _numbers(self, method, *args):
        text = self.call(method, *args)
        return re.findall(r'\d+', re.sub(r'\b(u?int32|array)\b', '', text))

    def _online(self):
        self._processes[-1].require_running()
        accounts = self._numbers('PurpleAccountsGetAllActive')
        return accounts and self._numbers('PurpleAccountIsConnected',
                                          'int32:' + accounts[0]) == ['1']

    def open(self, who):
        account = self._numbers('PurpleAccountsGetAllActive')[0]
        return self._numbers('PurpleConversationNew', 'int32:1',
                             'int32:' + account, 'string:' + who)[0]

    def send(self, who, text):
        conv = self.open(who)
        im = self._numbers('PurpleConversationGetImData', 'int32:' + conv)[0]
        self.call('PurpleConvImSend', 'int32:' + im, 'string:' + text)

    def lines(self):
        """The texts of all windows."""
        texts = []
        for conv in self._numbers('PurpleGetIms'):
            for line in self._numbers('PurpleConversationGetMessageHistory',
                                      'int32:' + conv):
                texts.append(self.call('PurpleConversationMessageGetMessage',
                                       'int32:' + line))
        return texts

    def toolbar(self, who):
        """What the buttons in the toolbar of a conversation read."""
        try:
            with open(self._toolbars, encoding='utf-8') as file:
                lines = [line.rstrip('\n').split('\t') for line in file]
        except FileNotFoundError:
            return []
        return [label for name, label in lines
                if name.split('/')[0] == who]

    def shows(self, who, label, timeout=20):
        """Waits until the one button of X-IM reads so."""
        def labels():
            return [text for text in self.toolbar(who)
                    if text.startswith('X-IM')]
        try:
            wait_until(f'the toolbar of {who} reads {label!r}',
                       lambda: labels() == [label], timeout, 0.1)
        except AssertionError as error:
            raise AssertionError(f'{error}; it reads {labels()}') from error

    def command(self, who, text):
        """Types a command into a window that is open."""
        with open(self._toolbars + '.new', 'w', encoding='utf-8') as file:
            file.write(f'{who}\t{text}')
        os.rename(self._toolbars + '.new', self._toolbars + '.command')

    def scanned(self, timeout=20):
        """What a decoder reads in the picture that is open."""
        return wait_until('Pidgin shows a QR code',
                          lambda: scan_file(self._toolbars + '.png'),
                          timeout, 0.2)

    def _xdotool(self, *args):
        done = subprocess.run(['xdotool', *args], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False, env=self._env)
        return done.stdout.decode().strip()

    def fill_in(self, title, *texts):
        """Types into the fields of a dialog and presses Enter."""
        window = wait_until(
            f'Pidgin shows {title!r}',
            lambda: self._xdotool('search', '--onlyvisible', '--name',
                                  f'^{title}$').split('\n')[-1])
        self._xdotool('windowfocus', '--sync', window)
        for n, text in enumerate(texts):
            if n > 0:
                self._xdotool('key', 'Tab')
            self._xdotool('type', text)
        self._xdotool('key', 'Return')

    def require_running(self):
        self._processes[-1].require_running()

    def stop(self):
        for process in reversed(self._processes):
            process.stop()


class Finch:
    """A client made by World.client() that runs in Finch instead."""

    # A conversation as high as the terminal: a whole QR code is to be seen.
    HEIGHT = 40
    SIZE = ("<pref name='conversations'><pref name='size'>"
            f"<pref name='height' type='int' value='{HEIGHT - 2}'/>"
            '</pref></pref>')

    def __init__(self, client, plugin):
        for program in ('tmux', 'finch'):
            if shutil.which(program) is None:
                raise AssertionError(f'{program} is not installed')
        self._client = client
        self._socket = os.path.join(client.folder, 'tmux')
        self._env = _environment(client)
        write_profile(client, 'gnt-purple', 'finch', [plugin], self.SIZE)

    def _tmux(self, *args):
        done = subprocess.run(['tmux', '-S', self._socket, '-f', '/dev/null',
                               *args], stdin=subprocess.DEVNULL,
                              capture_output=True, check=True, env=self._env)
        return done.stdout.decode('utf-8', 'replace')

    def start(self):
        self._tmux('new-session', '-d', '-x', '150', '-y', str(self.HEIGHT),
                   f'exec finch -c {self._client.folder}')

    def screen(self):
        return self._tmux('capture-pane', '-p')

    def shows(self, words, timeout=20):
        wait_until(f'Finch shows {words!r}', lambda: words in self.screen(),
                   timeout, 0.1)

    def next_window(self):
        self._tmux('send-keys', 'M-n')

    def text(self, text):
        self._tmux('send-keys', '-l', text)

    def keys(self, *names):
        self._tmux('send-keys', *names)

    def type(self, text):
        self._tmux('send-keys', '-l', text)
        self._tmux('send-keys', 'Enter')

    def require_running(self):
        """The terminal ends with the program in it."""
        self._tmux('has-session')

    def stop(self):
        try:
            self._tmux('kill-server')
        except subprocess.CalledProcessError:
            pass
