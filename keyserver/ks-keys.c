/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The files of the private keys and of other secrets. */

#include "config.h"

#include "ks-keys.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xim-codec.h"
#include "xim-error.h"

#include "ks-log.h"

#define SIGN_FILE "ed25519"
#define NEXT_FILE "ed25519.next"
#define MEMBERS_FILE "members"
#define KEY_FILE_MAX 128
#define COMPONENT_SECRET_LEN 24

static gboolean
store_error (GError **error, const char *what, const char *path)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "%s %s: %s", what, path,
               g_strerror (errno));
  return FALSE;
}

static gboolean
write_whole (int fd, const char *data, gsize len)
{
  while (len > 0)
    {
      gssize n = write (fd, data, len);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      len -= (gsize)n;
    }
  return fsync (fd) == 0;
}

static gboolean
sync_dir (const char *dir, GError **error)
{
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return store_error (error, "cannot open the folder", dir);
  gboolean ok = fsync (fd) == 0;
  if (!ok)
    store_error (error, "cannot sync the folder", dir);
  close (fd);
  return ok;
}

/* O_EXCL: a key is never overwritten, and no link is followed. */
static gboolean
write_secret_at (const char *path, const XimSecret *secret, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                 0600);
  if (fd < 0)
    return store_error (error, "cannot make", path);

  g_autofree char *text = xim_codec_base64_encode (xim_secret_peek (secret),
                                                   xim_secret_len (secret));
  gsize len = strlen (text);
  gboolean ok = write_whole (fd, text, len) && write_whole (fd, "\n", 1);
  if (!ok)
    store_error (error, "cannot write", path);
  xim_secret_wipe (text, len);
  close (fd);
  return ok;
}

static gboolean
write_secret (const char *dir, const char *name, const XimSecret *secret,
              GError **error)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  return write_secret_at (path, secret, error);
}

gboolean
xim_ks_keys_give_away (const char *dir, const char *path, GError **error)
{
  struct stat st;
  if (geteuid () != 0)
    return TRUE;
  if (stat (dir, &st) == 0 && chown (path, st.st_uid, st.st_gid) == 0)
    return TRUE;
  return store_error (error, "cannot give away", path);
}

/* Whole or not at all, whenever the power fails, and on the disk before it
 * returns; what an attempt that was cut off left is written over. */
static gboolean
write_secret_whole (const char *dir, const char *name, const XimSecret *secret,
                    GError **error)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  if (g_unlink (part) != 0 && errno != ENOENT)
    return store_error (error, "cannot remove", part);
  if (!write_secret_at (part, secret, error)
      || !xim_ks_keys_give_away (dir, part, error))
    return FALSE;
  if (g_rename (part, path) != 0)
    return store_error (error, "cannot make", path);
  return sync_dir (dir, error);
}

static gboolean
write_component_secret (const char *dir, GError **error)
{
  g_autoptr (XimSecret) secret = xim_secret_new (COMPONENT_SECRET_LEN);
  xim_crypto_random (xim_secret_data (secret), COMPONENT_SECRET_LEN);
  return write_secret (dir, "component-secret", secret, error);
}

static XimSecret *
new_members_secret (void)
{
  XimSecret *secret = xim_secret_new (XIM_KEY_LEN);
  xim_crypto_random (xim_secret_data (secret), XIM_KEY_LEN);
  return secret;
}

XimKsKeys *
xim_ks_keys_create (const char *dir, const char *origin, GError **error)
{
  if (g_mkdir (dir, 0700) != 0)
    {
      XimError code = errno == EEXIST ? XIM_ERROR_CONFLICT : XIM_ERROR_STORE;
      g_set_error (error, XIM_ERROR, (int)code,
                   "cannot make the folder %s: %s", dir, g_strerror (errno));
      return NULL;
    }
  g_autoptr (XimKsKeys) keys = g_new0 (XimKsKeys, 1);
  keys->sign = xim_sign_key_generate (origin, error);
  if (keys->sign == NULL)
    return NULL;
  keys->vrf = xim_crypto_vrf_generate ();
  keys->members = new_members_secret ();
  if (!write_secret (dir, SIGN_FILE, xim_sign_key_seed (keys->sign), error)
      || !write_secret (dir, "vrf", keys->vrf, error)
      || !write_secret (dir, MEMBERS_FILE, keys->members, error)
      || !write_component_secret (dir, error) || !sync_dir (dir, error))
    return NULL;
  return g_steal_pointer (&keys);
}

/* Root may start what belongs to another user, as the folder does. */
static gboolean
is_owner (uid_t uid, const char *path)
{
  struct stat st;
  if (uid == geteuid () || uid == 0)
    return TRUE;
  g_autofree char *folder = g_path_get_dirname (path);
  return geteuid () == 0 && stat (folder, &st) == 0 && st.st_uid == uid;
}

gboolean
xim_ks_keys_check_private (int fd, const char *path, GError **error)
{
  struct stat st;
  if (fstat (fd, &st) != 0)
    return store_error (error, "cannot look at", path);
  gboolean own = is_owner (st.st_uid, path);
  if (S_ISREG (st.st_mode) && own && (st.st_mode & 077) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "%s must be a file of this user that nobody else may read or "
               "write (mode 0600), its mode is %04o",
               path, (guint)(st.st_mode & 07777));
  return FALSE;
}

static XimSecret *
read_fd (int fd, const char *path, gsize max_len, GError **error)
{
  g_autoptr (XimSecret) secret = xim_secret_new (max_len + 2);
  gsize len = 0;
  gssize n = 1;
  while (n > 0 && len < max_len + 2)
    {
      n = read (fd, xim_secret_data (secret) + len, max_len + 2 - len);
      if (n < 0 && errno == EINTR)
        n = 1;
      else if (n < 0)
        {
          store_error (error, "cannot read", path);
          return NULL;
        }
      else
        len += (gsize)n;
    }
  if (len > 0 && xim_secret_peek (secret)[len - 1] == '\n')
    len--;
  if (len == 0 || len > max_len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "%s must hold 1 to %" G_GSIZE_FORMAT " bytes", path,
                   max_len);
      return NULL;
    }
  xim_secret_truncate (secret, len);
  return g_steal_pointer (&secret);
}

XimSecret *
xim_ks_keys_read_secret (const char *path, gsize max_len, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    {
      store_error (error, "cannot open", path);
      return NULL;
    }
  XimSecret *secret = NULL;
  if (xim_ks_keys_check_private (fd, path, error))
    secret = read_fd (fd, path, max_len, error);
  close (fd);
  return secret;
}

static XimSecret *
load_key (const char *dir, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (XimSecret) text
      = xim_ks_keys_read_secret (path, KEY_FILE_MAX, error);
  if (text == NULL)
    return NULL;
  g_autoptr (XimSecret) key = xim_secret_new (XIM_KEY_LEN);
  if (!xim_codec_base64_decode_exact (
          (const char *)xim_secret_peek (text), xim_secret_len (text),
          xim_secret_data (key), XIM_KEY_LEN, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&key);
}

static gboolean
exists (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static XimSignKey *
load_sign_key (const char *dir, const char *name, const char *origin,
               GError **error)
{
  XimSecret *seed = load_key (dir, name, error);
  return seed == NULL ? NULL : xim_sign_key_new (origin, seed, error);
}

XimSecret *
xim_ks_keys_read_members (const char *dir, GError **error)
{
  return load_key (dir, MEMBERS_FILE, error);
}

XimSecret *
xim_ks_keys_load_members (const char *dir, GError **error)
{
  if (exists (dir, MEMBERS_FILE))
    return xim_ks_keys_read_members (dir, error);
  g_autoptr (XimSecret) secret = new_members_secret ();
  return write_secret_whole (dir, MEMBERS_FILE, secret, error)
             ? g_steal_pointer (&secret)
             : NULL;
}

static XimKsKeys *
load_with (const char *dir, const char *sign_file, const char *origin,
           GError **error)
{
  g_autoptr (XimKsKeys) keys = g_new0 (XimKsKeys, 1);
  keys->sign = load_sign_key (dir, sign_file, origin, error);
  if (keys->sign == NULL)
    return NULL;
  keys->vrf = load_key (dir, "vrf", error);
  if (keys->vrf == NULL)
    return NULL;
  if (exists (dir, MEMBERS_FILE))
    {
      keys->members = load_key (dir, MEMBERS_FILE, error);
      if (keys->members == NULL)
        return NULL;
    }
  return g_steal_pointer (&keys);
}

XimKsKeys *
xim_ks_keys_load (const char *dir, const char *origin, GError **error)
{
  return load_with (dir, SIGN_FILE, origin, error);
}

gboolean
xim_ks_keys_has_next (const char *dir)
{
  return exists (dir, NEXT_FILE);
}

gboolean
xim_ks_keys_make_next (const char *dir, const char *origin, GError **error)
{
  g_autoptr (XimSignKey) key = xim_sign_key_generate (origin, error);
  return key != NULL
         && write_secret_whole (dir, NEXT_FILE, xim_sign_key_seed (key),
                                error);
}

XimKsKeys *
xim_ks_keys_load_next (const char *dir, const char *origin, GError **error)
{
  return load_with (dir, NEXT_FILE, origin, error);
}

/* The file as it was opened before another took its name. */
static void
overwrite (int fd, const char *path)
{
  struct stat st;
  g_autofree char *zeros = NULL;
  gboolean ok = fstat (fd, &st) == 0 && st.st_size <= KEY_FILE_MAX;
  if (ok)
    {
      zeros = g_malloc0 ((gsize)st.st_size + 1);
      ok = write_whole (fd, zeros, (gsize)st.st_size);
    }
  if (!ok)
    xim_ks_log (XIM_KS_LOG_WARNING, "old-key-not-overwritten", "file=\"%s\"",
                path);
}

gboolean
xim_ks_keys_install_next (const char *dir, GError **error)
{
  g_autofree char *path = g_build_filename (dir, SIGN_FILE, NULL);
  g_autofree char *next = g_build_filename (dir, NEXT_FILE, NULL);
  int old_fd = open (path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (old_fd < 0)
    return store_error (error, "cannot open", path);
  gboolean ok = g_rename (next, path) == 0;
  if (!ok)
    store_error (error, "cannot replace", path);
  g_autofree char *part = g_strconcat (next, ".part", NULL);
  g_unlink (part); /* of a key that was never used */
  ok = ok && sync_dir (dir, error);
  if (ok)
    overwrite (old_fd, path);
  close (old_fd);
  return ok;
}

static gboolean
is_key (const XimKsKeys *keys, const XimVerifyKey *key)
{
  return xim_verify_key_equal (xim_sign_key_public (keys->sign), key);
}

XimKsKeys *
xim_ks_keys_load_newest (const char *dir, const XimVerifyKey *newest,
                         GError **error)
{
  g_autoptr (XimKsKeys) keys = xim_ks_keys_load (dir, newest->name, error);
  if (keys == NULL || is_key (keys, newest))
    return g_steal_pointer (&keys);
  if (xim_ks_keys_has_next (dir))
    {
      g_autoptr (XimKsKeys) next
          = xim_ks_keys_load_next (dir, newest->name, error);
      if (next == NULL)
        return NULL;
      if (is_key (next, newest))
        return xim_ks_keys_install_next (dir, error) ? g_steal_pointer (&next)
                                                     : NULL;
    }
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "the keys in %s are not those of the newest server note", dir);
  return NULL;
}

void
xim_ks_keys_free (XimKsKeys *keys)
{
  if (keys == NULL)
    return;
  xim_sign_key_free (keys->sign);
  xim_secret_free (keys->vrf);
  xim_secret_free (keys->members);
  g_free (keys);
}
