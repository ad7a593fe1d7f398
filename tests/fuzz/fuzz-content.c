/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-content.c and xim-xml.c. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-content.h"
#include "xim-error.h"
#include "xim-limits.h"

/* What was read can be written, and reads as the same. */
static void
write_again (const XimContent *content)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) bytes = xim_content_encode (content, &error);
  if (bytes == NULL)
    {
      g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
      return;
    }
  g_autoptr (XimContent) again = xim_content_decode (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->from, ==, content->from);
  g_assert_cmpstr (again->to, ==, content->to);
  g_assert_cmpint (again->time_s, ==, content->time_s);
  g_assert_cmpuint (again->seen->len, ==, content->seen->len);
  gsize len = xim_secret_len (content->children);
  g_assert_cmpuint (xim_secret_len (again->children), ==, len);
  g_assert_true (memcmp (xim_secret_peek (again->children),
                         xim_secret_peek (content->children), len)
                 == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (XimSecret) bytes = xim_secret_new (size);
  if (size > 0)
    memcpy (xim_secret_data (bytes), data, size);
  g_autoptr (XimContent) content = xim_content_decode (bytes, &error);

  g_assert_true ((content == NULL) == (error != NULL));
  if (content == NULL)
    return 0;
  const char *children = (const char *)xim_secret_peek (content->children);
  gsize len = xim_secret_len (content->children);
  g_assert_true (len == 0 || g_utf8_validate_len (children, len, NULL));
  write_again (content);
  return 0;
}
