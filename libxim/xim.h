/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Umbrella for the folders that use libxim. */

#pragma once

#include "xim-change.h"
#include "xim-content.h"
#include "xim-checkpoint.h"
#include "xim-codec.h"
#include "xim-entry.h"
#include "xim-envelope.h"
#include "xim-erase.h"
#include "xim-error.h"
#include "xim-frontier.h"
#include "xim-jid.h"
#include "xim-join.h"
#include "xim-json.h"
#include "xim-proof.h"
#include "xim-safety.h"
#include "xim-tile.h"
#include "xim-trust.h"
#include "xim-unwrapped.h"
