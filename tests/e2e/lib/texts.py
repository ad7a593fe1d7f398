# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""What the plugin says to users, as patterns that the scenarios expect."""

# A message stays with its sender for now.
WAITS = r'(?i)wait'
# The mark before a text of one's own that has not left yet.
WAITING = '[waiting] '
# What waited has left.
WENT = r'waiting messages? went to \S+, encrypted'
# The keystore is locked, or the passphrase was wrong.
LOCKED = r'(?i)lock|passphrase'
# A window or a room says that what is written there is not encrypted.
IN_CLEAR = r'(?i)not encrypted'
# The mark before a text that came in the clear from a member.
NOT_ENCRYPTED = '[NOT encrypted] '
# The body that clients without X-IM show.
FALLBACK = 'This message is encrypted with X-IM.'
