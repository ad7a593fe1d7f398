/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What libpurple itself leaks while it starts is not ours. */

#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define FUZZ_HAS_LEAKS 1
#endif
#endif

/**
 * fuzz_start:
 * @start: starts libpurple; what it allocates is not looked at for leaks.  A
 * suppression would need whole stacks, which make every input ten times
 * slower.
 */
static inline void
fuzz_start (void (*start) (void))
{
#ifdef FUZZ_HAS_LEAKS
  __lsan_disable ();
#endif
  start ();
#ifdef FUZZ_HAS_LEAKS
  __lsan_enable ();
#endif
}
