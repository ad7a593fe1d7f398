/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The verifier key of the log that the seeds come from. */

#pragma once

#define FUZZ_LOG                                                              \
  "keys.example.org/log+cd3d09b0+AXa/tpXdZiRiMjCOIoorCEEwR54ajY81GPsf1/"      \
  "No67dG"
