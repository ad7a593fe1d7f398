/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One case of tests/vectors: what it says, and what a check makes of it. */

#include "config.h"

#include "vector-case.h"

#include <string.h>

#include "xim-codec.h"

#define BLOCK_BEGIN "-----BEGIN "
#define BLOCK_END "-----END "
#define BLOCK_TAIL "-----"
#define HEX_SUFFIX "-hex"

G_DEFINE_QUARK (vector - error - quark, vector_error)

typedef struct
{
  char *name;
  char *value; /* with a NUL behind its bytes */
  gsize len;
} Field;

struct _VectorCase
{
  GArray *fields; /* of Field */
};

static void
field_clear (gpointer data)
{
  Field *field = data;
  g_free (field->name);
  g_free (field->value);
}

static gboolean
fail (GError **error, const char *what, const char *name)
{
  g_set_error (error, VECTOR_ERROR, 0, "%s: %s", what, name);
  return FALSE;
}

gboolean
vector_case_is (const char *text)
{
  return g_str_has_prefix (text, "expect:");
}

static void
add (VectorCase *self, char *name, char *value, gsize len)
{
  Field field = { name, value, len };
  g_array_append_val (self->fields, field);
}

static char *
decode_hex (const char *hex, gsize hex_len, gsize *len, GError **error)
{
  g_autofree char *bytes = g_malloc0 (hex_len / 2 + 1);
  if (!xim_codec_hex_decode_exact (hex, hex_len, (guint8 *)bytes, hex_len / 2,
                                   error))
    {
      vector_blame ("hex", error);
      return NULL;
    }
  *len = hex_len / 2;
  return g_steal_pointer (&bytes);
}

/* Takes "NAME: VALUE" or "NAME-hex: HEX". */
static gboolean
parse_line (VectorCase *self, const char *line, gsize len, GError **error)
{
  const char *colon = memchr (line, ':', len);
  if (colon == NULL)
    return fail (error, "expected \"name: value\"", "another line");
  g_autofree char *name = g_strndup (line, (gsize)(colon - line));
  const char *value = colon + 1;
  gsize value_len = len - (gsize)(value - line);
  if (value_len > 0 && value[0] == ' ')
    {
      value++;
      value_len--;
    }
  if (!g_str_has_suffix (name, HEX_SUFFIX))
    {
      add (self, g_steal_pointer (&name), g_strndup (value, value_len),
           value_len);
      return TRUE;
    }
  name[strlen (name) - strlen (HEX_SUFFIX)] = '\0';
  gsize bytes_len;
  char *bytes = decode_hex (value, value_len, &bytes_len, error);
  if (bytes == NULL)
    return FALSE;
  add (self, g_steal_pointer (&name), bytes, bytes_len);
  return TRUE;
}

/* Takes the lines up to the end mark.  @rest: after the begin mark */
static const char *
parse_block (VectorCase *self, const char *begin, const char *rest,
             GError **error)
{
  gsize tail = strlen (BLOCK_TAIL);
  if (!g_str_has_suffix (begin, BLOCK_TAIL) || strlen (begin) <= tail)
    {
      fail (error, "expected the begin of a block", begin);
      return NULL;
    }
  g_autofree char *name = g_strndup (begin, strlen (begin) - tail);
  g_autofree char *mark = g_strconcat (BLOCK_END, name, BLOCK_TAIL "\n", NULL);
  for (const char *line = rest; line != NULL;)
    {
      if (g_str_has_prefix (line, mark))
        {
          add (self, g_ascii_strdown (name, -1),
               g_strndup (rest, (gsize)(line - rest)), (gsize)(line - rest));
          return line + strlen (mark);
        }
      line = strchr (line, '\n');
      line = line != NULL ? line + 1 : NULL;
    }
  fail (error, "expected the end of the block", name);
  return NULL;
}

static gboolean
parse (VectorCase *self, const char *text, GError **error)
{
  while (text != NULL && *text != '\0')
    {
      const char *newline = strchr (text, '\n');
      if (newline == NULL)
        return fail (error, "expected a newline", "end of the file");
      const char *line = text;
      gsize len = (gsize)(newline - line);
      text = newline + 1;
      if (g_str_has_prefix (line, BLOCK_BEGIN))
        {
          g_autofree char *begin = g_strndup (line + strlen (BLOCK_BEGIN),
                                              len - strlen (BLOCK_BEGIN));
          text = parse_block (self, begin, text, error);
          if (text == NULL)
            return FALSE;
        }
      else if (!parse_line (self, line, len, error))
        return FALSE;
    }
  return TRUE;
}

VectorCase *
vector_case_new (const char *text, gsize len, GError **error)
{
  if (!g_utf8_validate (text, (gssize)len, NULL))
    {
      fail (error, "expected", "UTF-8 without NUL");
      return NULL;
    }
  g_autoptr (VectorCase) self = g_new0 (VectorCase, 1);
  self->fields = g_array_new (FALSE, FALSE, sizeof (Field));
  g_array_set_clear_func (self->fields, field_clear);
  if (!parse (self, text, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
vector_case_free (VectorCase *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->fields);
  g_free (self);
}

static const Field *
find (const VectorCase *self, const char *name, guint nth)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      const Field *field = &g_array_index (self->fields, Field, i);
      if (strcmp (field->name, name) == 0 && nth-- == 0)
        return field;
    }
  return NULL;
}

guint
vector_case_count (const VectorCase *self, const char *name)
{
  guint n = 0;
  while (find (self, name, n) != NULL)
    n++;
  return n;
}

const char *
vector_case_bytes (const VectorCase *self, const char *name, guint nth,
                   gsize *len)
{
  const Field *field = find (self, name, nth);
  if (field == NULL)
    return NULL;
  if (len != NULL)
    *len = field->len;
  return field->value;
}

const char *
vector_case_get (const VectorCase *self, const char *name, GError **error)
{
  const Field *field = find (self, name, 0);
  if (field != NULL && find (self, name, 1) == NULL)
    return field->value;
  fail (error, field == NULL ? "the case has no" : "the case has two", name);
  return NULL;
}

GBytes *
vector_case_hex (const VectorCase *self, const char *name, GError **error)
{
  const char *hex = vector_case_get (self, name, error);
  gsize len;
  char *bytes
      = hex != NULL ? decode_hex (hex, strlen (hex), &len, error) : NULL;
  return bytes != NULL ? g_bytes_new_take (bytes, len) : NULL;
}

gboolean
vector_case_hex_exact (const VectorCase *self, const char *name, void *out,
                       gsize len, GError **error)
{
  g_autoptr (GBytes) bytes = vector_case_hex (self, name, error);
  if (bytes == NULL)
    return FALSE;
  if (g_bytes_get_size (bytes) != len)
    return fail (error, "another length of", name);
  memcpy (out, g_bytes_get_data (bytes, NULL), len);
  return TRUE;
}

gboolean
vector_case_time (const VectorCase *self, const char *name, gint64 *out_s,
                  GError **error)
{
  const char *value = vector_case_get (self, name, error);
  if (value == NULL)
    return FALSE;
  return xim_codec_time_decode (value, strlen (value), out_s, error)
         || vector_blame (name, error);
}

gboolean
vector_blame (const char *name, GError **error)
{
  if (error == NULL || *error == NULL)
    return FALSE;
  g_autofree char *message = g_strdup ((*error)->message);
  g_clear_error (error);
  g_set_error (error, VECTOR_ERROR, 0, "unusable %s: %s", name, message);
  return FALSE;
}

void
vector_result (VectorResults *results, const char *name, char *value)
{
  g_hash_table_replace (results, g_strdup (name), value);
}
