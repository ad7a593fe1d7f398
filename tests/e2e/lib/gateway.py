# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""An HTTPS server in front of a keyserver, which can fail on purpose."""

import http.client
import http.server
import re
import ssl
import threading

from .net import free_port


class Then:
    """An action: the request is passed on, and the function called before
    its answer is."""

    def __init__(self, function):
        self.function = function


class Lie:
    """An action: the request is passed on without its conditions, and a
    function makes another answer of status and text."""

    def __init__(self, function):
        self.function = function

    def answer(self, path, status, content):
        """Returns status and bytes."""
        status, text = self.function(status, content.decode())
        return status, text.encode()


class Rule:
    """What happens to requests that fit, at most so many times; `used` is set
    when the action has been done."""

    def __init__(self, method, path, action, times):
        self.method = method
        self.path = re.compile(path)
        self.action = action
        self.times = times
        self.used = threading.Event()

    def fits(self, method, path):
        if self.times == 0 or not self.path.search(path):
            return False
        return self.method in ('*', method)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = 30

    def setup(self):
        try:
            self.request.do_handshake()
        except OSError:
            pass
        super().setup()

    def handle(self):
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, format, *args):
        pass

    def _pass_on(self):
        length = int(self.headers.get('Content-Length', 0))
        body = self.rfile.read(length) if length else None
        gateway = self.server.gateway
        answer = gateway.handle(self.command, self.path, self.headers, body)
        if answer is None:
            self.close_connection = True
            return
        status, headers, content = answer
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ('connection', 'content-length',
                                    'transfer-encoding'):
                self.send_header(name, value)
        if status != 304:
            self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        if status != 304:
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass


class Gateway:
    """Actions of rules: an HTTP status, 'drop' (the connection closes
    without an answer), 'lose' (the same, but the request is passed on),
    'hang' (no answer until release()), a function, called before the
    request is passed on, a Then or a Lie."""

    def __init__(self, address, certs, ca, backend):
        self.address = address
        self.port = free_port(address)
        self._certs = certs
        self._ca = ca
        self._backend = backend
        self._rules = []
        self._server = None
        self._released = threading.Event()
        self.requests = []

    def start(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certs[0], self._certs[1])
        self._server = _Server((self.address, self.port), _Handler)
        self._server.gateway = self
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True,
            do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def stop(self):
        """Connections are refused from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def rule(self, method, path, action, times=-1):
        rule = Rule(method, path, action, times)
        self._rules.append(rule)
        return rule

    def clear(self):
        self._rules.clear()

    def release(self):
        self._released.set()

    def count(self, method, path):
        return sum(1 for m, p, _ in self.requests
                   if m == method and re.search(path, p))

    def handle(self, method, path, headers, body):
        """Returns status, headers and content, or None to hang up."""
        for rule in list(self._rules):
            if not rule.fits(method, path):
                continue
            rule.times -= 1
            if isinstance(rule.action, Then):
                answer = self._forward(method, path, headers, body)
                rule.action.function()
                rule.used.set()
                return answer
            if isinstance(rule.action, Lie):
                answer = self._lie(method, path, body, rule.action)
                rule.used.set()
                return answer
            if callable(rule.action):
                rule.action()
                rule.used.set()
                break
            rule.used.set()
            self.requests.append((method, path, rule.action))
            if rule.action == 'hang':
                self._released.wait()
                return None
            if rule.action == 'lose':
                self._forward(method, path, headers, body)
            if rule.action in ('drop', 'lose'):
                return None
            return rule.action, [], b'{"error":"unavailable","message":"-"}'
        return self._forward(method, path, headers, body)

    def _lie(self, method, path, body, lie):
        answer = self._forward(method, path, {}, body)
        if answer is None:
            return None
        status, content = lie.answer(path, answer[0], answer[2])
        kind = [(name, value) for name, value in answer[1]
                if name.lower() == 'content-type']
        return status, kind, content

    def _forward(self, method, path, headers, body):
        context = ssl.create_default_context(cafile=self._ca)
        connection = http.client.HTTPSConnection(
            *self._backend, timeout=20, context=context)
        wanted = {name: value for name, value in headers.items()
                  if name.lower() in ('content-type', 'if-none-match',
                                      'accept')}
        try:
            connection.request(method, path, body, wanted)
            answer = connection.getresponse()
            content = answer.read()
        except OSError:
            self.requests.append((method, path, 'down'))
            return None
        finally:
            connection.close()
        self.requests.append((method, path, answer.status))
        return answer.status, answer.getheaders(), content
