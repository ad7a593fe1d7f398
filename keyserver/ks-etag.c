/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Entity tags: what a client says that it has. */

#include "config.h"

#include "ks-etag.h"

#include <string.h>

static const char *
skip_space (const char *text)
{
  return text + strspn (text, " \t");
}

/* Returns what follows the tag in quotes that @text begins with, or NULL. */
static const char *
end_of_tag (const char *text)
{
  if (*text != '"')
    return NULL;
  const char *c = text + 1;
  while ((guchar)*c > 0x20 && *c != '"' && *c != 0x7f)
    c++;
  return *c == '"' ? c + 1 : NULL;
}

/* Weak comparison: a weak tag is as good as a strong one. */
static const char *
skip_weak (const char *text)
{
  return text[0] == 'W' && text[1] == '/' ? text + 2 : text;
}

gboolean
xim_ks_etag_is_named (const char *header, const char *etag)
{
  const char *next = skip_space (header);
  gboolean named = FALSE;

  if (*next == '*')
    return *skip_space (next + 1) == '\0';
  while (*next != '\0')
    {
      if (*next != ',') /* elements may be empty */
        {
          const char *tag = skip_weak (next);
          const char *end = end_of_tag (tag);
          if (end == NULL)
            return FALSE;
          gsize len = (gsize)(end - tag);
          named |= len == strlen (etag) && memcmp (tag, etag, len) == 0;
          next = skip_space (end);
        }
      if (*next != ',' && *next != '\0')
        return FALSE;
      if (*next == ',')
        next = skip_space (next + 1);
    }
  return named;
}
