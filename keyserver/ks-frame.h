/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Frames: pieces of bytes on a stream, each behind its length. */

#pragma once

#include <glib.h>

/**
 * XimKsFrames:
 * What arrives on a descriptor, read by one thread at a time.  A frame is its
 * length, 4 bytes big-endian, and that many bytes.
 */
typedef struct _XimKsFrames XimKsFrames;

/**
 * xim_ks_frames_new:
 * @fd: stays the caller's
 * @max_len: of a frame
 */
XimKsFrames *xim_ks_frames_new (int fd, gsize max_len);
void xim_ks_frames_free (XimKsFrames *frames);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsFrames, xim_ks_frames_free)

/**
 * xim_ks_frames_read:
 * Waits for the next frame.  After an error there is no next one.
 * Errors: NOT_FOUND, the stream ended between two frames; MALFORMED, it ended
 * within one, or a length is 0; TOO_LARGE, before anything is allocated;
 * STORE. Returns: (transfer full): its bytes
 */
GByteArray *xim_ks_frames_read (XimKsFrames *frames, GError **error);

/**
 * xim_ks_frame_write:
 * Waits until all of @data is written; by one thread at a time.
 * Errors: STORE.
 */
gboolean xim_ks_frame_write (int fd, const GByteArray *data, GError **error);
