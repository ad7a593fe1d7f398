/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What a process gives up, so that breaking into it gains less. */

#include "config.h"

#include "ks-jail.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "xim-error.h"

static gboolean
failed (const char *what, GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "%s: %s", what,
               g_strerror (errno));
  return FALSE;
}

gboolean
xim_ks_jail_find (const char *name, XimKsUser *user, GError **error)
{
  guint64 number = 0;
  gboolean is_number
      = g_ascii_string_to_unsigned (name, 10, 0, G_MAXINT32, &number, NULL);
  const struct passwd *entry
      = is_number ? getpwuid ((uid_t)number) : getpwnam (name);
  if (entry != NULL)
    *user = (XimKsUser){ entry->pw_uid, entry->pw_gid };
  else if (is_number)
    *user = (XimKsUser){ (uid_t)number, (gid_t)number };
  else
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "there is no user %s", name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
keep_capabilities (gboolean ports, GError **error)
{
  struct __user_cap_header_struct header
      = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3]
      = { { .effective = 0 } };
  guint32 mask = ports ? (guint32)1 << CAP_NET_BIND_SERVICE : 0;
  kept[0].effective = kept[0].permitted = mask;
  if (syscall (SYS_capset, &header, kept) == 0)
    return TRUE;
  return failed ("cannot give up privileges", error);
}

gboolean
xim_ks_jail_become (const XimKsUser *user, gboolean keep_ports, GError **error)
{
  if (prctl (PR_SET_KEEPCAPS, keep_ports ? 1 : 0, 0, 0, 0) != 0
      || setgroups (0, NULL) != 0
      || setresgid (user->gid, user->gid, user->gid) != 0
      || setresuid (user->uid, user->uid, user->uid) != 0)
    return failed ("cannot become another user", error);
  if (!keep_capabilities (keep_ports, error))
    return FALSE;
  prctl (PR_SET_KEEPCAPS, 0, 0, 0, 0);
  /* The change of user made it what the system says. */
#ifndef __SANITIZE_ADDRESS__ /* its leak check is a debugger */
  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return failed ("cannot forbid core dumps", error);
#endif
  if (user->uid == 0 || setresuid ((uid_t)-1, 0, (uid_t)-1) != 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "could become root again after giving it up");
  return FALSE;
}

gboolean
xim_ks_jail_end_with (pid_t parent, int signal, GError **error)
{
  if (prctl (PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0) != 0)
    return failed ("cannot be told of the end of the keyserver", error);
  if (getppid () == parent)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
               "the keyserver has ended already");
  return FALSE;
}

#if defined __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCH AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

#ifdef ARCH
#define LOAD(field)                                                           \
  BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, field))
#define ANSWER(value) BPF_STMT (BPF_RET | BPF_K, value)
#define WHEN_NOT(number, skip)                                                \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, number, 0, skip)
#define ALLOW(name) WHEN_NOT (__NR_##name, 1), ANSWER (SECCOMP_RET_ALLOW)
#define KILL(name) WHEN_NOT (__NR_##name, 1), ANSWER (SECCOMP_RET_KILL_PROCESS)
#define REFUSE ANSWER (SECCOMP_RET_ERRNO | EPERM)
/* The third argument says what may be done with the memory. */
#define ALLOW_NO_CODE(name)                                                   \
  WHEN_NOT (__NR_##name, 4), LOAD (args[2]),                                  \
      BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), REFUSE,         \
      ANSWER (SECCOMP_RET_ALLOW)

/* Whatever is not named here answers EPERM. */
static struct sock_filter rules[] = {
  LOAD (arch),
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
  ANSWER (SECCOMP_RET_KILL_PROCESS),
  LOAD (nr),
#ifdef __x86_64__ /* the calls of x32 are others */
  BPF_JUMP (BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
  ANSWER (SECCOMP_RET_KILL_PROCESS),
#endif
  /* the socket pair */
  ALLOW (recvfrom),
  ALLOW (sendmsg),
  /* files that are open: the ledger, and the log on stderr */
  ALLOW (read),
  ALLOW (write),
  ALLOW (pread64),
  ALLOW (pwrite64),
  ALLOW (lseek),
  ALLOW (fdatasync),
  ALLOW (fsync),
  ALLOW (ftruncate),
  ALLOW (fcntl),
  ALLOW (fstat),
  ALLOW (newfstatat),
  ALLOW (close),
  /* memory that no program can be put into */
  ALLOW_NO_CODE (mmap),
  ALLOW_NO_CODE (mprotect),
  ALLOW (munmap),
  ALLOW (mremap),
  ALLOW (madvise),
  ALLOW (brk),
  /* threads that wait, clocks, random bytes, and the end */
  ALLOW (futex),
  ALLOW (clock_gettime),
  ALLOW (clock_nanosleep),
  ALLOW (gettimeofday),
  ALLOW (getrandom),
  ALLOW (getpid),
  ALLOW (gettid),
  ALLOW (geteuid),
  ALLOW (getppid),
  ALLOW (sched_yield),
  ALLOW (sched_getaffinity),
  ALLOW (rt_sigprocmask),
  ALLOW (rt_sigaction),
  ALLOW (rt_sigreturn),
  ALLOW (rt_sigtimedwait),
  ALLOW (sigaltstack),
  ALLOW (restart_syscall),
  ALLOW (exit),
  ALLOW (exit_group),
  /* what only somebody who broke in would try */
  KILL (execve),
  KILL (execveat),
  KILL (ptrace),
  KILL (process_vm_readv),
  KILL (process_vm_writev),
  KILL (socket),
  REFUSE,
};

gboolean
xim_ks_jail_lock (GError **error)
{
  const struct sock_fprog program
      = { .len = G_N_ELEMENTS (rules), .filter = rules };
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return failed ("cannot give up new privileges", error);
  if (syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC,
               &program)
      == 0)
    return TRUE;
  return failed ("cannot set the filter of system calls", error);
}
#else
gboolean
xim_ks_jail_lock (GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
               "no filter of system calls is written for this machine");
  return FALSE;
}
#endif
