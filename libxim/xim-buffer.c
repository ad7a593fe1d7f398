/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Bytes and XML text written into a secret that grows. */

#include "config.h"

#include "xim-buffer.h"

#include <string.h>

#include "xim-error.h"

#define FIRST_LEN 512 /* bytes; holds a chat line with its envelope */

struct _XimBuffer
{
  XimSecret *secret;
  gsize len; /* written so far */
  gsize max_len;
  gboolean too_large;
};

XimBuffer *
xim_buffer_new (gsize max_len)
{
  XimBuffer *buffer = g_new0 (XimBuffer, 1);
  buffer->secret = xim_secret_new (MIN (max_len, FIRST_LEN));
  buffer->max_len = max_len;
  return buffer;
}

void
xim_buffer_free (XimBuffer *buffer)
{
  if (buffer == NULL)
    return;
  xim_secret_free (buffer->secret);
  g_free (buffer);
}

/* Doubles, so that a long text is copied a few times at most. */
static void
make_room (XimBuffer *buffer, gsize len)
{
  gsize need = buffer->len + len;
  gsize size = xim_secret_len (buffer->secret);
  if (need <= size)
    return;
  size = MIN (MAX (need, 2 * size), buffer->max_len);
  XimSecret *larger = xim_secret_new (size);
  memcpy (xim_secret_data (larger), xim_secret_peek (buffer->secret),
          buffer->len);
  xim_secret_free (buffer->secret);
  buffer->secret = larger;
}

void
xim_buffer_append (XimBuffer *buffer, const void *data, gsize len)
{
  if (len > buffer->max_len - buffer->len)
    buffer->too_large = TRUE;
  if (buffer->too_large || len == 0)
    return;
  make_room (buffer, len);
  memcpy (xim_secret_data (buffer->secret) + buffer->len, data, len);
  buffer->len += len;
}

void
xim_buffer_append_text (XimBuffer *buffer, const char *text)
{
  xim_buffer_append (buffer, text, strlen (text));
}

static const char *
text_reference (char c)
{
  switch (c)
    {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\r':
      return "&#13;";
    default:
      return NULL;
    }
}

/* A reader turns a plain tab or line end in a value into a space. */
static const char *
attribute_reference (char c)
{
  switch (c)
    {
    case '\'':
      return "&apos;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    default:
      return text_reference (c);
    }
}

/* Most characters: none that has a reference anywhere. */
static gboolean
is_plain (char c)
{
  return (guchar)c >= ' ' && c != '&' && c != '<' && c != '>' && c != '\'';
}

static void
append_escaped (XimBuffer *buffer, const char *text, gsize len,
                const char *(*reference) (char c))
{
  gsize done = 0;
  for (gsize i = 0; i < len; i++)
    {
      const char *escaped = is_plain (text[i]) ? NULL : reference (text[i]);
      if (escaped == NULL)
        continue;
      xim_buffer_append (buffer, text + done, i - done);
      xim_buffer_append_text (buffer, escaped);
      done = i + 1;
    }
  xim_buffer_append (buffer, text + done, len - done);
}

void
xim_buffer_append_xml_text (XimBuffer *buffer, const char *text, gsize len)
{
  append_escaped (buffer, text, len, text_reference);
}

void
xim_buffer_append_xml_attribute (XimBuffer *buffer, const char *name,
                                 const char *value, gsize len)
{
  xim_buffer_append_text (buffer, " ");
  xim_buffer_append_text (buffer, name);
  xim_buffer_append_text (buffer, "='");
  append_escaped (buffer, value, len, attribute_reference);
  xim_buffer_append_text (buffer, "'");
}

XimSecret *
xim_buffer_finish (XimBuffer *buffer, GError **error)
{
  g_autoptr (XimBuffer) owned = buffer;
  if (owned->too_large)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected at most %" G_GSIZE_FORMAT
                   " bytes of text, more were written",
                   owned->max_len);
      return NULL;
    }
  xim_secret_truncate (owned->secret, owned->len);
  return g_steal_pointer (&owned->secret);
}
