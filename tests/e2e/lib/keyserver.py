# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""The real keyserver, made by its own init, in a folder of the test's."""


class Keyserver:
    pass
