/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the component answers to each stanza. */

#include "config.h"

#include "ks-stanzas.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-jid.h"

#include "ks-log.h"
#include "ks-metrics.h"

#define NS_COMPONENT "jabber:component:accept"
#define NS_INFO "http://jabber.org/protocol/disco#info"
#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_PING "urn:xmpp:ping"
#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

/* A reply of @type to @stanza with the XML @inside. */
static char *
reply (const XimKsService *service, const XimKsStanza *stanza,
       const char *type, const char *inside)
{
  const char *from = stanza->to == NULL ? service->address : stanza->to;
  g_autofree char *id = stanza->id == NULL
                            ? g_strdup ("")
                            : g_markup_printf_escaped (" id='%s'", stanza->id);
  g_autofree char *head
      = g_markup_printf_escaped ("<%s type='%s' from='%s' to='%s'",
                                 stanza->name, type, from, stanza->from);
  return g_strdup_printf ("%s%s>%s</%s>", head, id, inside, stanza->name);
}

static char *
fail (const XimKsService *service, const XimKsStanza *stanza, const char *kind,
      const char *condition)
{
  g_autofree char *error = g_markup_printf_escaped (
      "<error type='%s'><%s xmlns='" NS_STANZAS "'/></error>", kind,
      condition);
  return reply (service, stanza, "error", error);
}

static char *
answer_info (const XimKsService *service, const XimKsStanza *stanza)
{
  if (stanza->child_node != NULL && *stanza->child_node != '\0')
    return fail (service, stanza, "cancel", "item-not-found");
  g_autofree char *query = g_markup_printf_escaped (
      "<query xmlns='" NS_INFO "'>"
      "<identity category='component' type='generic' name='X-IM keyserver'/>"
      "<feature var='" NS_INFO "'/><feature var='" NS_ITEMS "'/>"
      "<feature var='" NS_PING "'/><feature var='" XIM_NS_KEYSERVER "'/>"
      "<feature var='" XIM_NS_REGISTER "'/>"
      "<x xmlns='jabber:x:data' type='result'>"
      "<field var='FORM_TYPE' type='hidden'><value>" XIM_NS_KEYSERVER
      "</value></field>"
      "<field var='origin'><value>%s</value></field>"
      "<field var='vkey'><value>%s</value></field></x></query>",
      service->address, service->vkey);
  return reply (service, stanza, "result", query);
}

static char *
answer_items (const XimKsService *service, const XimKsStanza *stanza)
{
  return reply (service, stanza, "result", "<query xmlns='" NS_ITEMS "'/>");
}

static char *
answer_ping (const XimKsService *service, const XimKsStanza *stanza)
{
  return reply (service, stanza, "result", "");
}

/* Whose proof it is: the XMPP server stamped `from`. */
static char *
prover (const XimKsService *service, const XimKsStanza *stanza)
{
  g_autofree char *jid = xim_jid_prepare (stanza->from, NULL);
  if (jid != NULL && strcmp (xim_jid_domain (jid), service->domain) == 0)
    return g_steal_pointer (&jid);
  return NULL;
}

static char *
answer_prove (const XimKsService *service, const XimKsStanza *stanza,
              gint64 now_us)
{
  XimHash digest;
  const char *text = stanza->child_digest == NULL ? "" : stanza->child_digest;
  g_autofree char *jid = prover (service, stanza);
  const char *condition = NULL;
  if (jid == NULL)
    condition = "forbidden";
  else if (!xim_codec_base64_decode_exact (text, strlen (text), digest.bytes,
                                           sizeof digest.bytes, NULL))
    condition = "bad-request";
  else if (!xim_ks_proofs_add (service->proofs, jid, &digest, now_us, NULL))
    condition = "resource-constraint";
  xim_ks_metrics_count (condition == NULL ? XIM_KS_PROOFS_TAKEN
                                          : XIM_KS_PROOFS_REFUSED);
  xim_ks_log (XIM_KS_LOG_DEBUG, "proof", "result=%s jid=\"%s\"",
              condition == NULL ? "kept" : condition,
              service->log_addresses && jid != NULL ? jid : "-");
  if (condition == NULL)
    return reply (service, stanza, "result", "");
  return fail (service, stanza, jid == NULL ? "auth" : "modify", condition);
}

static gboolean
asks (const XimKsStanza *stanza, const char *type, const char *child,
      const char *ns)
{
  return strcmp (stanza->type, type) == 0 && stanza->n_children == 1
         && strcmp (stanza->child, child) == 0
         && g_strcmp0 (stanza->child_ns, ns) == 0;
}

static char *
answer_iq (const XimKsService *service, const XimKsStanza *stanza,
           gint64 now_us)
{
  if (strcmp (stanza->type, "get") != 0 && strcmp (stanza->type, "set") != 0)
    return NULL;
  if (stanza->to != NULL && strcmp (stanza->to, service->address) != 0)
    return fail (service, stanza, "cancel", "service-unavailable");
  if (asks (stanza, "get", "query", NS_INFO))
    return answer_info (service, stanza);
  if (asks (stanza, "get", "query", NS_ITEMS))
    return answer_items (service, stanza);
  if (asks (stanza, "get", "ping", NS_PING))
    return answer_ping (service, stanza);
  if (asks (stanza, "set", "prove", XIM_NS_REGISTER))
    return answer_prove (service, stanza, now_us);
  return fail (service, stanza, "cancel", "service-unavailable");
}

/* An error or a result is never answered: two services would go on for ever.
 */
char *
xim_ks_stanzas_answer (const XimKsService *service, const XimKsStanza *stanza,
                       gint64 now_us)
{
  if (stanza->from == NULL || g_strcmp0 (stanza->ns, NS_COMPONENT) != 0)
    return NULL;
  if (strcmp (stanza->name, "iq") == 0 && stanza->type != NULL)
    return answer_iq (service, stanza, now_us);
  if (strcmp (stanza->name, "message") == 0
      && g_strcmp0 (stanza->type, "error") != 0
      && g_strcmp0 (stanza->type, "headline") != 0
      && g_strcmp0 (stanza->type, "groupchat") != 0)
    return fail (service, stanza, "cancel", "service-unavailable");
  return NULL;
}

/* XEP-0114 wants SHA-1; it proves nothing here but that both know the secret,
 * on a line that nobody else reads. */
char *
xim_ks_stanzas_handshake (const char *id, const XimSecret *secret)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
  g_checksum_update (sum, (const guchar *)id, (gssize)strlen (id));
  g_checksum_update (sum, xim_secret_peek (secret),
                     (gssize)xim_secret_len (secret));
  return g_strdup_printf ("<handshake>%s</handshake>",
                          g_checksum_get_string (sum));
}

char *
xim_ks_stanzas_header (const char *address)
{
  return g_markup_printf_escaped (
      "<?xml version='1.0'?><stream:stream xmlns='" NS_COMPONENT
      "' xmlns:stream='http://etherx.jabber.org/streams' to='%s'>",
      address);
}
