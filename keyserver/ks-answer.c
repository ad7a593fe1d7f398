/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Answers: status, type and bytes of what a request gets, shared by threads.
 */

#include "config.h"

#include "ks-answer.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "xim-codec.h"
#include "xim-crypto.h"
#include "xim-error.h"

#include "ks-log.h"

#define ETAG_LEN 18 /* bytes of the hash: a multiple of 3 */
#define RETRY_AFTER_S 10

struct _XimKsAnswer
{
  int refs;
  guint status;
  const char *type;
  GBytes *body;
  char *etag;
  guint max_age_s;
  guint retry_after_s;
  const char *methods;
  gpointer prepared;
  GDestroyNotify release;
};

XimKsAnswer *
xim_ks_answer_new (guint status, const char *type, char *body)
{
  return xim_ks_answer_new_bytes (status, type,
                                  g_bytes_new_take (body, strlen (body)));
}

XimKsAnswer *
xim_ks_answer_new_bytes (guint status, const char *type, GBytes *body)
{
  XimKsAnswer *answer = g_new0 (XimKsAnswer, 1);
  answer->refs = 1;
  answer->status = status;
  answer->type = type;
  answer->body = body;
  return answer;
}

XimKsAnswer *
xim_ks_answer_ref (XimKsAnswer *answer)
{
  g_atomic_int_inc (&answer->refs);
  return answer;
}

void
xim_ks_answer_unref (XimKsAnswer *answer)
{
  if (answer == NULL || !g_atomic_int_dec_and_test (&answer->refs))
    return;
  if (answer->prepared != NULL)
    answer->release (answer->prepared);
  g_bytes_unref (answer->body);
  g_free (answer->etag);
  g_free (answer);
}

void
xim_ks_answer_cacheable (XimKsAnswer *answer, guint max_age_s)
{
  gsize len = 0;
  const void *data = g_bytes_get_data (answer->body, &len);
  XimHash hash;
  xim_crypto_sha256 (&(XimPiece){ data, len }, 1, &hash);
  g_autofree char *tag = xim_codec_base64url_encode (hash.bytes, ETAG_LEN);
  g_free (answer->etag);
  answer->etag = g_strdup_printf ("\"%s\"", tag);
  answer->max_age_s = max_age_s;
}

void
xim_ks_answer_allow (XimKsAnswer *answer, const char *methods)
{
  answer->methods = methods;
}

guint
xim_ks_answer_status (const XimKsAnswer *answer)
{
  return answer->status;
}

const char *
xim_ks_answer_type (const XimKsAnswer *answer)
{
  return answer->type;
}

GBytes *
xim_ks_answer_body (const XimKsAnswer *answer)
{
  return answer->body;
}

const char *
xim_ks_answer_etag (const XimKsAnswer *answer)
{
  return answer->etag;
}

guint
xim_ks_answer_max_age_s (const XimKsAnswer *answer)
{
  return answer->max_age_s;
}

guint
xim_ks_answer_retry_after_s (const XimKsAnswer *answer)
{
  return answer->retry_after_s;
}

const char *
xim_ks_answer_methods (const XimKsAnswer *answer)
{
  return answer->methods;
}

static guint
status_of (XimError code)
{
  switch (code)
    {
    case XIM_ERROR_NO_PROOF:
      return 403;
    case XIM_ERROR_NOT_FOUND:
      return 404;
    case XIM_ERROR_CONFLICT:
    case XIM_ERROR_KEY_CHANGED:
    case XIM_ERROR_REPLAYED:
      return 409;
    case XIM_ERROR_TOO_LARGE:
      return 413;
    case XIM_ERROR_SIGNATURE:
    case XIM_ERROR_EXPIRED:
      return 422;
    case XIM_ERROR_TOO_MANY:
      return 429;
    case XIM_ERROR_STORE:
    case XIM_ERROR_UNAVAILABLE:
      return 503;
    case XIM_ERROR_MALFORMED:
    case XIM_ERROR_UNSUPPORTED:
    case XIM_ERROR_WRONG_NAME:
    case XIM_ERROR_NOT_FOR_US:
    case XIM_ERROR_NOT_LOGGED:
    default:
      return 400;
    }
}

static JsonBuilder *
begin_error (const char *word, const char *message)
{
  JsonBuilder *builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder, word);
  json_builder_set_member_name (builder, "message");
  json_builder_add_string_value (builder, message);
  return builder;
}

static void
add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)value);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static XimKsAnswer *
end_answer (guint status, JsonBuilder *builder)
{
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_root (generator, root);
  g_object_unref (builder);
  return xim_ks_answer_new (status, XIM_KS_TYPE_JSON,
                            json_generator_to_data (generator, NULL));
}

/* What went wrong inside is for the log, not for strangers. */
static const char *
message_of (const GError *error, XimError code)
{
  if (code == XIM_ERROR_STORE)
    return "the keyserver cannot do this now";
  return error->message;
}

XimKsAnswer *
xim_ks_answer_error (const GError *error, gint64 now_s)
{
  XimError code
      = error->domain == XIM_ERROR ? (XimError)error->code : XIM_ERROR_STORE;
  XimError told = code == XIM_ERROR_STORE ? XIM_ERROR_UNAVAILABLE : code;
  guint status = status_of (code);
  JsonBuilder *builder
      = begin_error (xim_error_word (told), message_of (error, code));
  if (status == 422)
    {
      g_autofree char *now = xim_codec_time_encode (now_s);
      add_string (builder, "now", now);
    }
  XimKsAnswer *answer = end_answer (status, builder);
  if (status == 429 || status == 503)
    answer->retry_after_s = RETRY_AFTER_S;
  return answer;
}

static XimKsAnswer *
answer_conflict (const GError *error, const XimKsConflict *conflict)
{
  XimError code = error->code == XIM_ERROR_KEY_CHANGED ? XIM_ERROR_KEY_CHANGED
                                                       : XIM_ERROR_CONFLICT;
  JsonBuilder *builder = begin_error (xim_error_word (code), error->message);
  add_number (builder, conflict->member, conflict->have);
  if (conflict->previous != NULL)
    {
      g_autofree char *previous = xim_codec_base64_encode (
          conflict->previous->bytes, sizeof conflict->previous->bytes);
      add_string (builder, "previous", previous);
    }
  return end_answer (status_of (code), builder);
}

XimKsAnswer *
xim_ks_answer_refusal (const GError *error, const XimKsConflict *conflict,
                       gint64 now_s)
{
  XimError code
      = error->domain == XIM_ERROR ? (XimError)error->code : XIM_ERROR_STORE;
  if (code == XIM_ERROR_CONFLICT || code == XIM_ERROR_KEY_CHANGED
      || code == XIM_ERROR_REPLAYED)
    return answer_conflict (error, conflict);
  if (code == XIM_ERROR_STORE)
    xim_ks_log (XIM_KS_LOG_ERROR, "write-failed", "cause=\"%s\"",
                error->message);
  return xim_ks_answer_error (error, now_s);
}

XimKsAnswer *
xim_ks_answer_status_error (guint status, const char *word,
                            const char *message)
{
  return end_answer (status, begin_error (word, message));
}

XimKsAnswer *
xim_ks_answer_server (const XimKsServerInfo *info)
{
  JsonBuilder *builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "note", info->note);
  add_string (builder, "component", info->component);
  json_builder_set_member_name (builder, "limits");
  json_builder_begin_object (builder);
  add_number (builder, "body_bytes", info->body_bytes);
  add_number (builder, "devices", info->devices);
  add_number (builder, "versions_per_day", info->versions_per_day);
  json_builder_end_object (builder);
  add_string (builder, "software", info->software);
  return end_answer (200, builder);
}

gpointer
xim_ks_answer_prepared (XimKsAnswer *answer,
                        gpointer (*make) (const XimKsAnswer *),
                        GDestroyNotify release)
{
  gpointer prepared = g_atomic_pointer_get (&answer->prepared);
  if (prepared != NULL)
    return prepared;

  prepared = make (answer);
  answer->release = release;
  if (g_atomic_pointer_compare_and_exchange (&answer->prepared, NULL,
                                             prepared))
    return prepared;
  release (prepared); /* another thread was first */
  return g_atomic_pointer_get (&answer->prepared);
}
