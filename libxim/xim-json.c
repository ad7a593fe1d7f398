/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A strict reader of JSON that comes from outside. */

#include "config.h"

#include "xim-json.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-limits.h"

typedef enum
{
  KIND_NULL,
  KIND_TRUE,
  KIND_FALSE,
  KIND_NUMBER,
  KIND_STRING,
  KIND_ARRAY,
  KIND_OBJECT,
} Kind;

struct _XimJson
{
  Kind kind;
  guint64 number;
  char *string;
  GPtrArray *names;  /* of an object, in the order of @values */
  GPtrArray *values; /* of an object or an array */
};

typedef struct
{
  const char *start;
  const char *at;
  const char *end;
  guint depth;
} Parser;

static XimJson *parse_value (Parser *parser, GError **error);

/* Never shows the input: it may be anything and may be large. */
static gboolean
refuse (const Parser *parser, const char *expected, GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected %s at byte %" G_GSIZE_FORMAT " of the JSON", expected,
               (gsize)(parser->at - parser->start));
  return FALSE;
}

static XimJson *
new_value (Kind kind)
{
  XimJson *json = g_new0 (XimJson, 1);
  json->kind = kind;
  return json;
}

static void
skip_space (Parser *parser)
{
  while (parser->at < parser->end
         && (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n'
             || *parser->at == '\r'))
    parser->at++;
}

/* Takes @character, if it comes next after white space. */
static gboolean
take (Parser *parser, char character)
{
  skip_space (parser);
  if (parser->at == parser->end || *parser->at != character)
    return FALSE;
  parser->at++;
  return TRUE;
}

static gboolean
parse_four_digits (Parser *parser, gunichar *unit, GError **error)
{
  gunichar value = 0;

  if (parser->end - parser->at < 4)
    return refuse (parser, "four digits of an escape", error);
  for (guint i = 0; i < 4; i++, parser->at++)
    {
      int digit = g_ascii_xdigit_value (*parser->at);
      if (digit < 0)
        return refuse (parser, "a hexadecimal digit of an escape", error);
      value = value * 16 + (gunichar)digit;
    }
  *unit = value;
  return TRUE;
}

static gboolean
parse_low_surrogate (Parser *parser, gunichar *character, GError **error)
{
  gunichar low;

  if (parser->end - parser->at < 2 || memcmp (parser->at, "\\u", 2) != 0)
    return refuse (parser, "the second half of a surrogate pair", error);
  parser->at += 2;
  if (!parse_four_digits (parser, &low, error))
    return FALSE;
  if (low < 0xdc00 || low > 0xdfff)
    return refuse (parser, "a low surrogate before here", error);
  *character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
  return TRUE;
}

/* The strings are handed out as C strings, so none may hold a NUL. */
static gboolean
parse_unicode_escape (Parser *parser, GString *out, GError **error)
{
  gunichar character;

  if (!parse_four_digits (parser, &character, error))
    return FALSE;
  if (character == 0)
    return refuse (parser, "another character than NUL before here", error);
  if (character >= 0xdc00 && character <= 0xdfff)
    return refuse (parser, "no low surrogate alone before here", error);
  if (character >= 0xd800 && character <= 0xdbff
      && !parse_low_surrogate (parser, &character, error))
    return FALSE;
  g_string_append_unichar (out, character);
  return TRUE;
}

static gboolean
parse_escape (Parser *parser, GString *out, GError **error)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *letter = NULL;

  if (parser->at < parser->end)
    letter = memchr (letters, *parser->at, sizeof letters - 1);
  if (letter != NULL)
    {
      g_string_append_c (out, meanings[letter - letters]);
      parser->at++;
      return TRUE;
    }
  if (parser->at == parser->end || *parser->at != 'u')
    return refuse (parser, "an escape of RFC 8259", error);
  parser->at++;
  return parse_unicode_escape (parser, out, error);
}

/* What needs no escape was found to be UTF-8 before. */
static char *
parse_string (Parser *parser, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (!take (parser, '"'))
    {
      refuse (parser, "a string", error);
      return NULL;
    }
  while (parser->at < parser->end && *parser->at != '"')
    {
      char character = *parser->at;
      if ((guchar)character < 0x20)
        {
          refuse (parser, "no control character in a string", error);
          return NULL;
        }
      parser->at++;
      if (character != '\\')
        g_string_append_c (out, character);
      else if (!parse_escape (parser, out, error))
        return NULL;
    }
  if (parser->at == parser->end)
    {
      refuse (parser, "the end of a string", error);
      return NULL;
    }
  parser->at++;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Whole numbers only: the formats of X-IM have no others. */
static XimJson *
parse_number (Parser *parser, GError **error)
{
  const char *first = parser->at;
  guint64 number;

  while (parser->at < parser->end && g_ascii_isdigit (*parser->at))
    parser->at++;
  if (!xim_codec_decimal_decode (first, (gsize)(parser->at - first), 0,
                                 G_MAXUINT64, &number, error))
    return NULL;
  XimJson *json = new_value (KIND_NUMBER);
  json->number = number;
  return json;
}

static gboolean
take_word (Parser *parser, const char *word)
{
  gsize len = strlen (word);

  if ((gsize)(parser->end - parser->at) < len
      || memcmp (parser->at, word, len) != 0)
    return FALSE;
  parser->at += len;
  return TRUE;
}

static XimJson *
parse_word (Parser *parser, GError **error)
{
  if (take_word (parser, "null"))
    return new_value (KIND_NULL);
  if (take_word (parser, "true"))
    return new_value (KIND_TRUE);
  if (take_word (parser, "false"))
    return new_value (KIND_FALSE);
  refuse (parser, "a value", error);
  return NULL;
}

static gboolean
has_member (const XimJson *object, const char *name)
{
  return xim_json_member (object, name) != NULL;
}

static gboolean
parse_member (Parser *parser, XimJson *object, GError **error)
{
  g_autofree char *name = parse_string (parser, error);

  if (name == NULL)
    return FALSE;
  if (has_member (object, name))
    return refuse (parser, "each member only once", error);
  if (object->names->len == XIM_JSON_MEMBERS_MAX)
    return refuse (parser, "fewer members in an object", error);
  if (!take (parser, ':'))
    return refuse (parser, "a colon", error);
  XimJson *value = parse_value (parser, error);
  if (value == NULL)
    return FALSE;
  g_ptr_array_add (object->names, g_steal_pointer (&name));
  g_ptr_array_add (object->values, value);
  return TRUE;
}

static gboolean
parse_item (Parser *parser, XimJson *array, GError **error)
{
  XimJson *value = parse_value (parser, error);

  if (value == NULL)
    return FALSE;
  g_ptr_array_add (array->values, value);
  return TRUE;
}

/* An object or an array, after the bracket that opens it. */
static XimJson *
parse_container (Parser *parser, Kind kind, char closing, GError **error)
{
  g_autoptr (XimJson) json = new_value (kind);

  json->names = g_ptr_array_new_with_free_func (g_free);
  json->values
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_json_free);
  if (take (parser, closing))
    return g_steal_pointer (&json);
  do
    {
      if (kind == KIND_OBJECT ? !parse_member (parser, json, error)
                              : !parse_item (parser, json, error))
        return NULL;
    }
  while (take (parser, ','));
  if (take (parser, closing))
    return g_steal_pointer (&json);
  refuse (parser, "a comma or a closing bracket", error);
  return NULL;
}

static XimJson *
parse_nested (Parser *parser, GError **error)
{
  XimJson *json = NULL;

  if (parser->depth == XIM_JSON_DEPTH_MAX)
    {
      refuse (parser, "fewer levels of brackets", error);
      return NULL;
    }
  parser->depth++;
  if (*parser->at++ == '{')
    json = parse_container (parser, KIND_OBJECT, '}', error);
  else
    json = parse_container (parser, KIND_ARRAY, ']', error);
  parser->depth--;
  return json;
}

static XimJson *
parse_value (Parser *parser, GError **error)
{
  skip_space (parser);
  if (parser->at == parser->end)
    {
      refuse (parser, "a value, not the end,", error);
      return NULL;
    }
  if (*parser->at == '{' || *parser->at == '[')
    return parse_nested (parser, error);
  if (g_ascii_isdigit (*parser->at))
    return parse_number (parser, error);
  if (*parser->at != '"')
    return parse_word (parser, error);
  char *string = parse_string (parser, error);
  if (string == NULL)
    return NULL;
  XimJson *json = new_value (KIND_STRING);
  json->string = string;
  return json;
}

XimJson *
xim_json_decode (const char *data, gsize len, gsize max_len, GError **error)
{
  if (len > max_len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected at most %" G_GSIZE_FORMAT
                   " bytes of JSON, got %" G_GSIZE_FORMAT,
                   max_len, len);
      return NULL;
    }
  if (len == 0 || !g_utf8_validate_len (data, len, NULL))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected JSON in UTF-8 without NUL");
      return NULL;
    }
  Parser parser = { data, data, data + len, 0 };
  g_autoptr (XimJson) json = parse_value (&parser, error);
  if (json == NULL)
    return NULL;
  skip_space (&parser);
  if (parser.at == parser.end)
    return g_steal_pointer (&json);
  refuse (&parser, "nothing after the value", error);
  return NULL;
}

void
xim_json_free (XimJson *json)
{
  if (json == NULL)
    return;
  g_free (json->string);
  g_clear_pointer (&json->names, g_ptr_array_unref);
  g_clear_pointer (&json->values, g_ptr_array_unref);
  g_free (json);
}

gboolean
xim_json_members (const XimJson *json, const char *const *names,
                  GError **error)
{
  guint n = 0;

  if (json->kind != KIND_OBJECT)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a JSON object with the member \"%s\", got "
                   "something else",
                   names[0] ? names[0] : "");
      return FALSE;
    }
  for (; names[n] != NULL; n++)
    if (!has_member (json, names[n]))
      {
        g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                     "expected the JSON member \"%s\", it is missing",
                     names[n]);
        return FALSE;
      }
  if (json->names->len == n)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected exactly %u JSON members, got %u", n,
               json->names->len);
  return FALSE;
}

const XimJson *
xim_json_member (const XimJson *json, const char *name)
{
  if (json->kind != KIND_OBJECT)
    return NULL;
  for (guint i = 0; i < json->names->len; i++)
    if (strcmp (g_ptr_array_index (json->names, i), name) == 0)
      return g_ptr_array_index (json->values, i);
  return NULL;
}

static const XimJson *
member_of_kind (const XimJson *object, const char *name, Kind kind,
                GError **error)
{
  static const char *const kinds[]
      = { "null",     "true",     "false",    "a whole number",
          "a string", "an array", "an object" };
  const XimJson *member = xim_json_member (object, name);

  if (member != NULL && member->kind == kind)
    return member;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected %s as JSON member \"%s\", got %s", kinds[kind], name,
               member ? kinds[member->kind] : "none");
  return NULL;
}

gboolean
xim_json_string (const XimJson *object, const char *name, const char **out,
                 GError **error)
{
  const XimJson *member = member_of_kind (object, name, KIND_STRING, error);

  if (member == NULL)
    return FALSE;
  *out = member->string;
  return TRUE;
}

gboolean
xim_json_number (const XimJson *object, const char *name, guint64 max,
                 guint64 *out, GError **error)
{
  const XimJson *member = member_of_kind (object, name, KIND_NUMBER, error);

  if (member == NULL)
    return FALSE;
  if (member->number > max)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected at most %" G_GUINT64_FORMAT
                   " as JSON member \"%s\", got %" G_GUINT64_FORMAT,
                   max, name, member->number);
      return FALSE;
    }
  *out = member->number;
  return TRUE;
}

gboolean
xim_json_strings (const XimJson *object, const char *name, guint max,
                  GPtrArray **out, GError **error)
{
  const XimJson *member = member_of_kind (object, name, KIND_ARRAY, error);

  if (member == NULL)
    return FALSE;
  if (member->values->len > max)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected at most %u strings in JSON member \"%s\", got %u",
                   max, name, member->values->len);
      return FALSE;
    }
  g_autoptr (GPtrArray) strings = g_ptr_array_new ();
  for (guint i = 0; i < member->values->len; i++)
    {
      const XimJson *item = g_ptr_array_index (member->values, i);
      if (item->kind != KIND_STRING)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected only strings in JSON member \"%s\"", name);
          return FALSE;
        }
      g_ptr_array_add (strings, item->string);
    }
  *out = g_steal_pointer (&strings);
  return TRUE;
}
