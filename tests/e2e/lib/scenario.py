# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The list of scenarios."""

SCENARIOS = []


class Skip(Exception):
    """The scenario cannot be run here; the text says why."""


class Scenario:
    """One thing that must be true, and the function that shows it."""

    def __init__(self, function, sentence, servers, timeout, group,
                 sanitized):
        self.function = function
        self.name = function.__name__.replace('_', '-')
        self.sentence = sentence
        self.servers = servers
        self.timeout = timeout
        self.group = group
        self.sanitized = sanitized


def scenario(sentence, servers=('prosody', 'ejabberd'), timeout=60,
             group='core', sanitized=True):
    """Registers a function that takes a World."""
    def register(function):
        SCENARIOS.append(Scenario(function, sentence, servers, timeout,
                                  group, sanitized))
        return function
    return register
