/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* XEP-0420 content to bytes and back. */

#include "config.h"

#include "xim-content.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-jid.h"
#include "xim-xml.h"

#define NS_SCE "urn:xmpp:sce:1"
#define NS_CLIENT "jabber:client"
#define NS_XHTML_IM "http://jabber.org/protocol/xhtml-im"
#define NS_XHTML "http://www.w3.org/1999/xhtml"
#define NS_CORRECT "urn:xmpp:message-correct:0"
#define NS_RECEIPTS "urn:xmpp:receipts"
#define NS_MARKERS "urn:xmpp:chat-markers:0"
#define NS_REPLY "urn:xmpp:reply:0"
#define NS_REACTIONS "urn:xmpp:reactions:0"

#define HEAD "<envelope xmlns='" NS_SCE "'><content>"
#define TAIL "</envelope>"

/* The depth of the elements below the root. */
#define DEPTH_ROOT 1
#define DEPTH_PART 2
#define DEPTH_CHILD 3

/* A child that <content> may have, and the only namespace that elements inside
 * it may have (none: it holds text alone). */
typedef struct
{
  const char *name;
  const char *ns;
  const char *inner;
} Allowed;

static const Allowed allow_list[] = {
  { "body", NS_CLIENT, NULL },
  { "html", NS_XHTML_IM, NS_XHTML },
  { "subject", NS_CLIENT, NULL },
  { "thread", NS_CLIENT, NULL },
  { "replace", NS_CORRECT, NULL },
  { "request", NS_RECEIPTS, NULL },
  { "received", NS_RECEIPTS, NULL },
  { "markable", NS_MARKERS, NULL },
  { "received", NS_MARKERS, NULL },
  { "displayed", NS_MARKERS, NULL },
  { "acknowledged", NS_MARKERS, NULL },
  { "reply", NS_REPLY, NULL },
  { "reactions", NS_REACTIONS, NS_REACTIONS },
};

/* The parts of an envelope, as bits. */
typedef enum
{
  PART_OTHER = 0,
  PART_CONTENT = 1,
  PART_FROM = 2,
  PART_TO = 4,
  PART_TIME = 8,
  PART_SEEN = 16,
  PARTS_NEEDED = PART_CONTENT | PART_FROM | PART_TO | PART_TIME,
} Part;

/* Where reading is.  `dropped` is the depth of the element that is left out
 * with all that is in it, 0 if none is. */
typedef struct
{
  XimContent *content;
  XimBuffer *children;
  guint dropped;
  guint found;
  Part part;
  const Allowed *child;
  gboolean tag_open; /* the last start tag written lacks its '>' */
} Reading;

static gboolean
is_named (const XimXmlElement *element, const char *name, const char *ns)
{
  return strcmp (element->ns, ns) == 0 && strcmp (element->name, name) == 0;
}

static void
seen_clear (gpointer data)
{
  g_free (((XimSeen *)data)->jid);
}

static XimContent *
content_new_empty (void)
{
  XimContent *content = g_new0 (XimContent, 1);
  content->seen = g_array_new (FALSE, TRUE, sizeof (XimSeen));
  g_array_set_clear_func (content->seen, seen_clear);
  return content;
}

XimContent *
xim_content_new (const char *from, const char *to, gint64 time_s,
                 XimSecret *children)
{
  g_return_val_if_fail (from != NULL && to != NULL && children != NULL, NULL);

  XimContent *content = content_new_empty ();
  content->from = g_strdup (from);
  content->to = g_strdup (to);
  content->time_s = time_s;
  content->children = children;
  return content;
}

static gboolean
has_seen (const XimContent *content, const char *jid)
{
  for (guint i = 0; i < content->seen->len; i++)
    if (strcmp (g_array_index (content->seen, XimSeen, i).jid, jid) == 0)
      return TRUE;
  return FALSE;
}

void
xim_content_add_seen (XimContent *content, const char *jid, guint32 version,
                      const XimHash *hash)
{
  g_return_if_fail (content->seen->len < XIM_SEEN_MAX);
  g_return_if_fail (!has_seen (content, jid));

  XimSeen seen = { g_strdup (jid), version, *hash };
  g_array_append_val (content->seen, seen);
}

static char *
take_jid (const XimXmlElement *element, GError **error)
{
  gsize len;
  const char *jid = xim_xml_attribute (&element->attributes, "jid", &len);
  if (jid == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected an attribute jid, found none");
      return NULL;
    }
  return xim_jid_check (jid, len, error) ? g_strndup (jid, len) : NULL;
}

static gboolean
take_time (Reading *reading, const XimXmlElement *element, GError **error)
{
  gsize len;
  const char *stamp = xim_xml_attribute (&element->attributes, "stamp", &len);
  if (stamp != NULL)
    return xim_codec_time_decode (stamp, len, &reading->content->time_s,
                                  error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected an attribute stamp, found none");
  return FALSE;
}

static Part
part_of (const XimXmlElement *element)
{
  if (is_named (element, "seen", XIM_NS_SEEN))
    return PART_SEEN;
  if (is_named (element, "content", NS_SCE))
    return PART_CONTENT;
  if (is_named (element, "from", NS_SCE))
    return PART_FROM;
  if (is_named (element, "to", NS_SCE))
    return PART_TO;
  if (is_named (element, "time", NS_SCE))
    return PART_TIME;
  return PART_OTHER;
}

/* Affix elements that are not known, random padding for example, are
 * dropped. */
static gboolean
start_part (Reading *reading, const XimXmlElement *element, GError **error)
{
  XimContent *content = reading->content;
  reading->part = part_of (element);
  if ((reading->found & reading->part) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected each part of the content once, one came twice");
      return FALSE;
    }
  reading->found |= reading->part;
  if (reading->part == PART_CONTENT || reading->part == PART_SEEN)
    return TRUE;

  reading->dropped = element->depth;
  if (reading->part == PART_FROM)
    return (content->from = take_jid (element, error)) != NULL;
  if (reading->part == PART_TO)
    return (content->to = take_jid (element, error)) != NULL;
  return reading->part != PART_TIME || take_time (reading, element, error);
}

static gboolean
take_seen (XimContent *content, const XimXmlElement *element, GError **error)
{
  gsize version_len, hash_len;
  const char *version_text
      = xim_xml_attribute (&element->attributes, "version", &version_len);
  const char *hash_text
      = xim_xml_attribute (&element->attributes, "hash", &hash_len);
  if (version_text == NULL || hash_text == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected version and hash of an account in seen, found "
                   "one or none of them");
      return FALSE;
    }
  guint64 version = 0;
  XimHash hash;
  g_autofree char *jid = take_jid (element, error);
  if (jid == NULL
      || !xim_codec_decimal_decode (version_text, version_len, 1,
                                    XIM_NUMBER_MAX, &version, error)
      || !xim_codec_base64_decode_exact (hash_text, hash_len, hash.bytes,
                                         sizeof hash, error))
    return FALSE;
  if (has_seen (content, jid))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected each account once in seen, one came twice");
      return FALSE;
    }
  xim_content_add_seen (content, jid, (guint32)version, &hash);
  return TRUE;
}

static gboolean
start_seen (Reading *reading, const XimXmlElement *element, GError **error)
{
  if (element->depth != DEPTH_CHILD
      || !is_named (element, "account", XIM_NS_SEEN))
    {
      reading->dropped = element->depth;
      return TRUE;
    }
  if (reading->content->seen->len < XIM_SEEN_MAX)
    return take_seen (reading->content, element, error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
               "expected at most %d accounts in seen, found more",
               XIM_SEEN_MAX);
  return FALSE;
}

static const Allowed *
find_allowed (const XimXmlElement *element)
{
  for (gsize i = 0; i < G_N_ELEMENTS (allow_list); i++)
    if (is_named (element, allow_list[i].name, allow_list[i].ns))
      return &allow_list[i];
  return NULL;
}

static void
close_tag (Reading *reading)
{
  if (reading->tag_open)
    xim_buffer_append_text (reading->children, ">");
  reading->tag_open = FALSE;
}

/* An element below <content>: one on the list, or inside of one.  It is
 * written anew, so that what reads it later meets one form only. */
static void
start_child (Reading *reading, const XimXmlElement *element)
{
  gboolean is_inside = element->depth > DEPTH_CHILD;
  if (!is_inside)
    reading->child = find_allowed (element);
  const Allowed *child = reading->child;
  if (child == NULL
      || (is_inside && g_strcmp0 (child->inner, element->ns) != 0))
    {
      reading->dropped = element->depth;
      return;
    }
  gboolean is_new = !is_inside
                    || (element->depth == DEPTH_CHILD + 1
                        && strcmp (child->inner, child->ns) != 0);
  close_tag (reading);
  xim_xml_write_start (reading->children, element,
                       is_new ? element->ns : NULL);
  reading->tag_open = TRUE;
}

/* Opening must never lead to opening again. */
static gboolean
is_envelope (const XimXmlElement *element)
{
  return strcmp (element->ns, XIM_NS_ENVELOPE) == 0
         || (element->depth > DEPTH_ROOT
             && is_named (element, "envelope", NS_SCE));
}

static gboolean
on_start (gpointer user_data, const XimXmlElement *element, GError **error)
{
  Reading *reading = user_data;
  if (is_envelope (element))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected no envelope inside of the content, found one");
      return FALSE;
    }
  if (element->depth == DEPTH_ROOT && !is_named (element, "envelope", NS_SCE))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected an element envelope of " NS_SCE
                   " as content, found another");
      return FALSE;
    }
  if (reading->dropped != 0 || element->depth == DEPTH_ROOT)
    return TRUE;
  if (element->depth == DEPTH_PART)
    return start_part (reading, element, error);
  if (reading->part == PART_SEEN)
    return start_seen (reading, element, error);
  start_child (reading, element);
  return TRUE;
}

static void
on_end (gpointer user_data, const XimXmlElement *element)
{
  Reading *reading = user_data;
  gboolean is_dropped = reading->dropped != 0;
  if (reading->dropped == element->depth)
    reading->dropped = 0;
  if (is_dropped || reading->part != PART_CONTENT
      || element->depth < DEPTH_CHILD)
    return;
  if (reading->tag_open)
    xim_buffer_append_text (reading->children, "/>");
  else
    {
      xim_buffer_append_text (reading->children, "</");
      xim_buffer_append_text (reading->children, element->name);
      xim_buffer_append_text (reading->children, ">");
    }
  reading->tag_open = FALSE;
  if (element->depth == DEPTH_CHILD)
    reading->child = NULL;
}

static void
on_text (gpointer user_data, const char *text, gsize len)
{
  Reading *reading = user_data;
  if (reading->dropped != 0 || reading->child == NULL)
    return;
  close_tag (reading);
  xim_buffer_append_xml_text (reading->children, text, len);
}

static gboolean
check_parts (guint missing, GError **error)
{
  if (missing == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected content, from, to and time, at least one is missing "
               "(bits %x)",
               missing);
  return FALSE;
}

/* Fills @content but for its children, which it returns. */
static XimSecret *
read_envelope (const XimSecret *bytes, XimContent *content, guint needed,
               GError **error)
{
  const XimXmlOps ops = { on_start, on_end, on_text };
  g_autoptr (XimBuffer) children = xim_buffer_new (XIM_CONTENT_MAX);
  Reading reading = { .content = content, .children = children };
  if (!xim_xml_read (bytes, &ops, &reading, error)
      || !check_parts (needed & ~reading.found, error))
    return NULL;
  return xim_buffer_finish (g_steal_pointer (&children), error);
}

/* The children as a receiver will take them.  What would end <content> early
 * leaves something that is not well-formed, or a second one. */
static XimSecret *
filter_children (const XimSecret *children, GError **error)
{
  g_autoptr (XimContent) nobody = content_new_empty ();
  XimBuffer *out = xim_buffer_new (XIM_CONTENT_MAX);
  xim_buffer_append_text (out, HEAD);
  xim_buffer_append (out, xim_secret_peek (children),
                     xim_secret_len (children));
  xim_buffer_append_text (out, "</content>" TAIL);
  g_autoptr (XimSecret) draft = xim_buffer_finish (out, error);
  return draft != NULL ? read_envelope (draft, nobody, PART_CONTENT, error)
                       : NULL;
}

static void
write_jid (XimBuffer *out, const char *element, const char *jid)
{
  xim_buffer_append_text (out, element);
  xim_buffer_append_xml_attribute (out, "jid", jid, strlen (jid));
  xim_buffer_append_text (out, "/>");
}

static void
write_time (XimBuffer *out, gint64 time_s)
{
  g_autofree char *stamp = xim_codec_time_encode (time_s);
  xim_buffer_append_text (out, "<time");
  xim_buffer_append_xml_attribute (out, "stamp", stamp, strlen (stamp));
  xim_buffer_append_text (out, "/>");
}

static void
write_seen (XimBuffer *out, const GArray *seen)
{
  if (seen->len == 0)
    return;
  xim_buffer_append_text (out, "<seen xmlns='" XIM_NS_SEEN "'>");
  for (guint i = 0; i < seen->len; i++)
    {
      const XimSeen *line = &g_array_index (seen, XimSeen, i);
      g_autofree char *version = g_strdup_printf ("%u", line->version);
      g_autofree char *hash
          = xim_codec_base64_encode (line->hash.bytes, sizeof line->hash);
      xim_buffer_append_text (out, "<account");
      xim_buffer_append_xml_attribute (out, "jid", line->jid,
                                       strlen (line->jid));
      xim_buffer_append_xml_attribute (out, "version", version,
                                       strlen (version));
      xim_buffer_append_xml_attribute (out, "hash", hash, strlen (hash));
      xim_buffer_append_text (out, "/>");
    }
  xim_buffer_append_text (out, "</seen>");
}

XimSecret *
xim_content_encode (const XimContent *content, GError **error)
{
  g_autoptr (XimSecret) children = filter_children (content->children, error);
  if (children == NULL)
    {
      g_prefix_error (error, "writing content: ");
      return NULL;
    }
  XimBuffer *out = xim_buffer_new (XIM_CONTENT_MAX);
  xim_buffer_append_text (out, HEAD);
  xim_buffer_append (out, xim_secret_peek (children),
                     xim_secret_len (children));
  xim_buffer_append_text (out, "</content>");
  write_jid (out, "<from", content->from);
  write_jid (out, "<to", content->to);
  write_time (out, content->time_s);
  write_seen (out, content->seen);
  xim_buffer_append_text (out, TAIL);
  return xim_buffer_finish (out, error);
}

XimContent *
xim_content_decode (const XimSecret *bytes, GError **error)
{
  g_autoptr (XimContent) content = content_new_empty ();
  content->children = read_envelope (bytes, content, PARTS_NEEDED, error);
  return content->children != NULL ? g_steal_pointer (&content) : NULL;
}

gboolean
xim_content_check (const XimContent *content, const char *from, const char *to,
                   const XimContentLife *life, gint64 now_s, GError **error)
{
  if (strcmp (content->from, from) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected content from %s, its signer, found from %s", from,
                   content->from);
      return FALSE;
    }
  if (strcmp (content->to, to) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected content to %s, found to %s", to, content->to);
      return FALSE;
    }
  gint64 first_s = life->created_s - XIM_CONTENT_TIME_SLACK_S;
  gint64 last_s = MIN (life->expires_s, now_s) + XIM_CONTENT_TIME_SLACK_S;
  if (content->time_s < first_s || content->time_s > last_s)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
                   "expected content of a time from %" G_GINT64_FORMAT
                   " to %" G_GINT64_FORMAT ", found %" G_GINT64_FORMAT,
                   first_s, last_s, content->time_s);
      return FALSE;
    }
  return TRUE;
}

void
xim_content_free (XimContent *content)
{
  if (content == NULL)
    return;
  g_free (content->from);
  g_free (content->to);
  g_array_unref (content->seen);
  xim_secret_free (content->children);
  g_free (content);
}
