/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* For tests: a library to preload that adds seconds to every clock.  How many
 * stands in the file that XIM_TEST_CLOCK names, a native int64, and may change
 * at any moment.  The file is mapped once, so that a process follows which has
 * given up opening files; libfaketime opens its file anew each time. */

#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t zero;
static const volatile int64_t *ahead_s = &zero;

static void __attribute__ ((constructor))
map_file (void)
{
  const char *path = getenv ("XIM_TEST_CLOCK");
  int fd = path == NULL ? -1 : open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  void *map = mmap (NULL, sizeof (int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (map != MAP_FAILED)
    ahead_s = map;
  close (fd);
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  long status = syscall (SYS_clock_gettime, clock, now);
  switch (clock)
    {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
      if (status == 0)
        now->tv_sec += *ahead_s;
      break;
    default: /* processor time */
      break;
    }
  return (int)status;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  struct timespec at = { 0, 0 };
  (void)zone;
  if (clock_gettime (CLOCK_REALTIME, &at) != 0)
    return -1;
  now->tv_sec = at.tv_sec;
  now->tv_usec = at.tv_nsec / 1000;
  return 0;
}

time_t
time (time_t *result)
{
  struct timespec at = { 0, 0 };
  clock_gettime (CLOCK_REALTIME, &at);
  if (result != NULL)
    *result = at.tv_sec;
  return at.tv_sec;
}
