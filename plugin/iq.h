/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Own IQ stanzas and their answers. */

#pragma once

#include <purple.h>
#include <xmlnode.h>

#define XIM_IQ_TIMEOUT_S 20

typedef struct _XimIq XimIq;

/**
 * XimIqCallback:
 * @answer: (nullable): the whole <iq/> of type result or error, or NULL when
 * none came in time or the account is offline
 */
typedef void (*XimIqCallback) (xmlnode *answer, gpointer user_data);

/* An element without content. */
typedef struct
{
  const char *name;
  const char *ns;
  const char *attribute; /* (nullable) */
  const char *value;
} XimIqElement;

/**
 * xim_iq_new:
 * One for each account; it lives as long as the account does.
 */
XimIq *xim_iq_new (PurpleAccount *account);

/**
 * xim_iq_send:
 * @type: "get" or "set"; @to: full or bare JID or domain
 * @child: (transfer full): the payload
 *
 * Makes an unguessable id, emits the stanza by `jabber-sending-xmlnode`.
 * @callback comes once, from the main loop and never before this returns; not
 * after xim_iq_cancel() or xim_iq_free().
 * Returns: an id for xim_iq_cancel(), never 0
 */
guint xim_iq_send (XimIq *iq, const char *type, const char *to, xmlnode *child,
                   XimIqCallback callback, gpointer user_data);

/**
 * xim_iq_send_element:
 * The same with the payload <@name xmlns='@ns' @attribute='@value'/>.
 */
guint xim_iq_send_element (XimIq *iq, const char *type, const char *to,
                           const XimIqElement *element, XimIqCallback callback,
                           gpointer user_data);

/**
 * xim_iq_send_text:
 * The same with the payload <@name xmlns='@ns'>@text</@name>.
 * @element: name and ns; @text: (nullable): nothing inside
 */
guint xim_iq_send_text (XimIq *iq, const char *to, const XimIqElement *element,
                        const char *text, XimIqCallback callback,
                        gpointer user_data);

/**
 * xim_iq_set_timeout:
 * @id: of a question that waits
 * @timeout_s: from now on, instead of XIM_IQ_TIMEOUT_S from the beginning
 */
void xim_iq_set_timeout (XimIq *iq, guint id, guint timeout_s);

/**
 * xim_iq_text:
 * @stanza: (nullable)
 * Returns: (transfer full) (nullable): the text of the child of this name,
 * "" when it has none; NULL when there is no such child
 */
char *xim_iq_text (xmlnode *stanza, const XimIqElement *element);

/* Whom and what an answer is for. */
typedef struct
{
  char *from; /* full JID */
  char *id;
} XimIqRequest;

/**
 * xim_iq_reply:
 * @element: (nullable): name and ns of the payload of the result, with @text
 */
void xim_iq_reply (XimIq *iq, const XimIqRequest *request,
                   const XimIqElement *element, const char *text);

/**
 * xim_iq_refuse:
 * @type: of the error, "cancel" for example; @condition: for example
 * "not-allowed"
 */
void xim_iq_refuse (XimIq *iq, const XimIqRequest *request, const char *type,
                    const char *condition);

/**
 * xim_iq_is_result:
 * @answer: (nullable): as a #XimIqCallback gets it
 */
gboolean xim_iq_is_result (xmlnode *answer);

/**
 * xim_iq_cancel:
 * @id: of xim_iq_send(); one that is over, or 0, does nothing
 */
void xim_iq_cancel (XimIq *iq, guint id);

/**
 * xim_iq_receive:
 * From `jabber-receiving-iq`.
 * Returns: TRUE when it was the answer to one of ours, from the one asked
 */
gboolean xim_iq_receive (XimIq *iq, const char *type, const char *id,
                         const char *from, xmlnode *stanza);

/**
 * xim_iq_offline:
 * Answers NULL to all that wait.
 */
void xim_iq_offline (XimIq *iq);
void xim_iq_free (XimIq *iq);
