/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Files that only their owner reads, written whole or not at all. */

#include "config.h"

#include "private-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

char *
xim_private_file_path (const char *name)
{
  const char *home = g_get_home_dir ();
  if (g_path_is_absolute (name))
    return g_strdup (name);
  return g_build_filename (
      home, g_str_has_prefix (name, "~/") ? name + 2 : name, NULL);
}

/* Reading. */

static void
set_read_error (const char *path, GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE, "reading %s: %s", path,
               g_strerror (errno));
}

static GBytes *
read_open (int fd, const char *path, gsize max_len, GError **error)
{
  struct stat info;
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      errno = EINVAL;
      set_read_error (path, error);
      return NULL;
    }
  if ((gsize)info.st_size > max_len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "%s should have at most %" G_GSIZE_FORMAT " bytes", path,
                   max_len);
      return NULL;
    }
  const gsize len = (gsize)info.st_size;
  g_autofree guint8 *data = g_malloc (len + 1);
  gsize at = 0;
  gssize n = 1;
  while (at < len && n > 0)
    {
      n = read (fd, data + at, len - at);
      if (n > 0)
        at += (gsize)n;
      else if (n < 0 && errno == EINTR)
        n = 1;
    }
  if (n >= 0)
    return g_bytes_new (data, at);
  set_read_error (path, error);
  return NULL;
}

GBytes *
xim_private_file_read (const char *path, gsize max_len, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  if (fd < 0)
    {
      set_read_error (path, error);
      return NULL;
    }
  GBytes *data = read_open (fd, path, max_len, error);
  close (fd);
  return data;
}

/* Writing. */

static gboolean
write_all (int fd, GBytes *data)
{
  gsize len = 0;
  const guint8 *bytes = g_bytes_get_data (data, &len);
  while (len > 0)
    {
      gssize n = write (fd, bytes, len);
      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        {
          bytes += n;
          len -= (gsize)n;
        }
    }
  return fsync (fd) == 0;
}

static gboolean
sync_directory (const char *path)
{
  g_autofree char *dir = g_path_get_dirname (path);
  int fd = g_open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0)
    return FALSE;
  /* Some file systems cannot do it, and have no need to. */
  gboolean ok = fsync (fd) == 0 || errno == EINVAL;
  close (fd);
  return ok;
}

static gboolean
write_beside (const char *path, const char *temporary, GBytes *data)
{
  int fd = g_open (temporary,
                   O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return FALSE;
  gboolean ok = write_all (fd, data);
  ok = close (fd) == 0 && ok;
  ok = ok && g_rename (temporary, path) == 0 && sync_directory (path);
  const int problem = errno;
  if (!ok)
    g_unlink (temporary);
  errno = problem;
  return ok;
}

gboolean
xim_private_file_write (const char *path, GBytes *data, GError **error)
{
  GStatBuf info;
  if (g_lstat (path, &info) == 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                   "%s should not exist yet", path);
      return FALSE;
    }
  guint8 random[8];
  xim_crypto_random (random, sizeof random);
  g_autofree char *suffix = xim_codec_hex_encode (random, sizeof random);
  g_autofree char *temporary = g_strdup_printf ("%s.%s", path, suffix);
  if (write_beside (path, temporary, data))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "writing %s: %s", path,
               g_strerror (errno));
  return FALSE;
}
