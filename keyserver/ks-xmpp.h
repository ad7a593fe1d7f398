/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The XML of a component's stream, read piece by piece; the only file that
   knows libxml2. */

#pragma once

#include <glib.h>

/**
 * XimKsStanza:
 * What this keyserver looks at in a stanza, whatever else stands in it.  Every
 * text may be NULL except `name`.
 */
typedef struct
{
  char *name; /* "iq", "message", "presence", "handshake", "error" */
  char *ns;
  char *type;
  char *id;
  char *from;
  char *to;
  guint n_children;
  char *child; /* name of the first child element */
  char *child_ns;
  char *child_node;   /* its attribute `node` */
  char *child_digest; /* its attribute `digest` */
  gsize bytes;        /* that it took on the wire, about */
} XimKsStanza;

/**
 * XimKsXmppOps:
 * @opened: the stream header came, with its id (nullable)
 * @stanza: an element directly below the stream ended
 * @closed: the stream ended as it should
 */
typedef struct
{
  void (*opened) (const char *id, gpointer user_data);
  void (*stanza) (const XimKsStanza *stanza, gpointer user_data);
  void (*closed) (gpointer user_data);
} XimKsXmppOps;

/**
 * XimKsXmpp:
 * Keeps no tree: a stanza of any shape takes a bounded amount of memory.  No
 * DTD, no entities but the five of XML, no network.
 */
typedef struct _XimKsXmpp XimKsXmpp;

/**
 * xim_ks_xmpp_new:
 * @ops: (static): called from within xim_ks_xmpp_feed()
 * @stanza_max: bytes after which an unfinished stanza is an error
 */
XimKsXmpp *xim_ks_xmpp_new (const XimKsXmppOps *ops, gpointer user_data,
                            gsize stanza_max);
void xim_ks_xmpp_free (XimKsXmpp *xmpp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsXmpp, xim_ks_xmpp_free)

/**
 * xim_ks_xmpp_feed:
 * Errors: MALFORMED, no XML of a stream, or a DTD; TOO_LARGE.  After an error
 * the stream cannot go on.
 */
gboolean xim_ks_xmpp_feed (XimKsXmpp *xmpp, const char *data, gsize len,
                           GError **error);
