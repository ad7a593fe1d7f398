/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Frames: pieces of bytes on a stream, each behind its length. */

#include "config.h"

#include "ks-frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "xim-error.h"

#define AHEAD 16384 /* what is read at once: several small frames */
#define LENGTH_LEN 4

struct _XimKsFrames
{
  int fd;
  gsize max_len;
  gsize begin, end; /* of what is read and not yet taken */
  guint8 ahead[AHEAD];
};

XimKsFrames *
xim_ks_frames_new (int fd, gsize max_len)
{
  XimKsFrames *frames = g_new0 (XimKsFrames, 1);
  frames->fd = fd;
  frames->max_len = max_len;
  return frames;
}

void
xim_ks_frames_free (XimKsFrames *frames)
{
  g_free (frames);
}

/* At least one byte, unless the stream ends (0) or fails (-1). */
static gssize
receive (int fd, guint8 *into, gsize len)
{
  gssize n = recv (fd, into, len, 0);
  while (n < 0 && errno == EINTR)
    n = recv (fd, into, len, 0);
  return n;
}

static gboolean
failed (gssize n, gboolean between, GError **error)
{
  if (n < 0)
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "cannot read: %s",
                 g_strerror (errno));
  else if (between)
    g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND, "the stream ended");
  else
    g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                 "expected the rest of a frame, the stream ended");
  return FALSE;
}

/* What was read ahead first; the rest of a large frame needs no copy. */
static gboolean
take (XimKsFrames *frames, guint8 *out, gsize len, GError **error)
{
  gsize have = MIN (len, frames->end - frames->begin);
  memcpy (out, frames->ahead + frames->begin, have);
  frames->begin += have;
  while (have < len)
    {
      gssize n = receive (frames->fd, out + have, len - have);
      if (n <= 0)
        return failed (n, FALSE, error);
      have += (gsize)n;
    }
  return TRUE;
}

/* Makes sure that a length can be taken. */
static gboolean
look_ahead (XimKsFrames *frames, GError **error)
{
  gsize have = frames->end - frames->begin;
  memmove (frames->ahead, frames->ahead + frames->begin, have);
  frames->begin = 0;
  frames->end = have;
  while (frames->end < LENGTH_LEN)
    {
      gssize n = receive (frames->fd, frames->ahead + frames->end,
                          AHEAD - frames->end);
      if (n <= 0)
        return failed (n, frames->end == 0, error);
      frames->end += (gsize)n;
    }
  return TRUE;
}

GByteArray *
xim_ks_frames_read (XimKsFrames *frames, GError **error)
{
  guint32 len = 0;
  if (frames->end - frames->begin < LENGTH_LEN && !look_ahead (frames, error))
    return NULL;
  memcpy (&len, frames->ahead + frames->begin, LENGTH_LEN);
  frames->begin += LENGTH_LEN;
  len = GUINT32_FROM_BE (len);
  if (len == 0 || len > frames->max_len)
    {
      g_set_error (error, XIM_ERROR,
                   len == 0 ? XIM_ERROR_MALFORMED : XIM_ERROR_TOO_LARGE,
                   "expected a frame of 1 to %" G_GSIZE_FORMAT
                   " bytes, got %u",
                   frames->max_len, len);
      return NULL;
    }
  g_autoptr (GByteArray) frame = g_byte_array_sized_new (len);
  g_byte_array_set_size (frame, len);
  if (!take (frames, frame->data, len, error))
    return NULL;
  return g_steal_pointer (&frame);
}

static void
advance (struct iovec *parts, gsize n)
{
  for (guint i = 0; i < 2; i++)
    {
      gsize step = MIN (n, parts[i].iov_len);
      parts[i].iov_base = (guint8 *)parts[i].iov_base + step;
      parts[i].iov_len -= step;
      n -= step;
    }
}

gboolean
xim_ks_frame_write (int fd, const GByteArray *data, GError **error)
{
  guint32 len = GUINT32_TO_BE (data->len);
  struct iovec parts[] = { { &len, sizeof len }, { data->data, data->len } };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
  while (parts[0].iov_len + parts[1].iov_len > 0)
    {
      gssize n = sendmsg (fd, &message, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "cannot write: %s",
                       g_strerror (errno));
          return FALSE;
        }
      advance (parts, (gsize)n);
    }
  return TRUE;
}
