/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The keyserver of the own domain: found, asked and told. */

#include "config.h"

#include "home.h"

#include <string.h>

#include "keyserver.h"
#include "site.h"

#define TYPE_JSON "application/json"
#define TYPE_NOTE "text/plain; charset=utf-8"

struct _XimHome
{
  char *jid;
  XimHttp *http;
  XimIq *iq;
  XimDiscovery *discovery;

  XimSite site; /* its URL is NULL: not found yet */

  /* What is under way. */
  XimHomeFound found;
  XimHttpCallback answered;
  XimHomeProven proven;
  gpointer user_data;
  guint request;
  guint question;
};

XimHome *
xim_home_new (const char *jid, XimHttp *http, XimIq *iq,
              XimDiscovery *discovery)
{
  XimHome *home = g_new0 (XimHome, 1);
  home->jid = g_strdup (jid);
  home->http = http;
  home->iq = iq;
  home->discovery = discovery;
  return home;
}

void
xim_home_free (XimHome *home)
{
  if (home == NULL)
    return;
  xim_home_stop (home);
  xim_site_clear (&home->site);
  g_free (home->jid);
  g_free (home);
}

void
xim_home_stop (XimHome *home)
{
  if (home->found != NULL)
    xim_discovery_forget (home->discovery, home);
  home->found = NULL;
  xim_http_cancel (home->http, home->request);
  home->request = 0;
  xim_iq_cancel (home->iq, home->question);
  home->question = 0;
}

gboolean
xim_home_is_busy (const XimHome *home)
{
  return home->found != NULL || home->request != 0 || home->question != 0;
}

const XimServer *
xim_home_server (const XimHome *home)
{
  return xim_discovery_known (home->discovery, xim_jid_domain (home->jid));
}

void
xim_home_domain (const XimHome *home, XimDomain *out)
{
  xim_site_domain (&home->site, out);
  out->state = XIM_DOMAIN_PINNED;
  out->server = xim_home_server (home);
}

/* Finding. */

static void
got_domain (const XimDomain *domain, gpointer data)
{
  XimHome *home = data;
  XimHomeFound found = home->found;
  home->found = NULL;
  if (domain->state == XIM_DOMAIN_PINNED)
    xim_site_set (&home->site, domain);
  found (domain->state, home->user_data);
}

void
xim_home_find (XimHome *home, XimHomeFound callback, gpointer user_data)
{
  g_return_if_fail (!xim_home_is_busy (home));
  home->found = callback;
  home->user_data = user_data;
  xim_discovery_find (home->discovery, xim_jid_domain (home->jid), got_domain,
                      home);
}

/* Requests. */

static void
got_answer (const XimHttpAnswer *answer, gpointer data)
{
  XimHome *home = data;
  home->request = 0;
  home->answered (answer, home->user_data);
}

/* Section 6: a POST is JSON, everything else a note. */
static const char *
type_of (const char *method)
{
  return strcmp (method, "POST") == 0 ? TYPE_JSON : TYPE_NOTE;
}

/* @body: NULL for none */
static void
send (XimHome *home, const char *method, const char *url, const char *body,
      XimHttpCallback callback, gpointer user_data)
{
  g_return_if_fail (!xim_home_is_busy (home));
  XimHttpRequest request = {
    .method = method,
    .url = url,
    .ca_file = home->site.ca_file,
    .local = home->site.local,
    .content_type = body != NULL ? type_of (method) : NULL,
    .body = body,
    .body_len = body != NULL ? strlen (body) : 0,
    .max_len = XIM_BUNDLE_MAX,
  };
  home->answered = callback;
  home->user_data = user_data;
  home->request = xim_http_send (home->http, &request, got_answer, home);
}

static char *
account_url (const XimHome *home)
{
  g_return_val_if_fail (home->site.base_url != NULL, NULL);
  return xim_keyserver_account_url (home->site.base_url, home->jid);
}

void
xim_home_doubt (XimHome *home)
{
  xim_discovery_doubt (home->discovery, xim_jid_domain (home->jid));
}

void
xim_home_look_up (XimHome *home, XimHttpCallback callback, gpointer user_data)
{
  g_autofree char *url = account_url (home);
  send (home, "GET", url, NULL, callback, user_data);
}

void
xim_home_register (XimHome *home, const char *account, const char *device,
                   XimHttpCallback callback, gpointer user_data)
{
  g_autofree char *url = account_url (home);
  g_autofree char *body = xim_keyserver_registration (account, device);
  purple_debug_info ("x-im", "home: %s: the keys are sent\n", home->jid);
  send (home, "POST", url, body, callback, user_data);
}

void
xim_home_renew (XimHome *home, const XimDeviceId *device, const char *note,
                XimHttpCallback callback, gpointer user_data)
{
  g_autofree char *url
      = xim_keyserver_device_url (home->site.base_url, home->jid, device);
  send (home, "PUT", url, note, callback, user_data);
}

void
xim_home_erase (XimHome *home, const char *note, XimHttpCallback callback,
                gpointer user_data)
{
  g_autofree char *url = account_url (home);
  send (home, "DELETE", url, note, callback, user_data);
}

/* Proving. */

static void
got_proof (xmlnode *answer, gpointer data)
{
  XimHome *home = data;
  home->question = 0;
  home->proven (xim_iq_is_result (answer), answer != NULL, home->user_data);
}

void
xim_home_prove (XimHome *home, const XimHash *digest, XimHomeProven callback,
                gpointer user_data)
{
  g_return_if_fail (!xim_home_is_busy (home));
  g_autofree char *text
      = xim_codec_base64_encode (digest->bytes, sizeof digest->bytes);
  const XimIqElement element = { "prove", XIM_NS_REGISTER, "digest", text };
  home->proven = callback;
  home->user_data = user_data;
  purple_debug_info ("x-im", "home: %s: proof of the address is sent\n",
                     home->jid);
  home->question
      = xim_iq_send_element (home->iq, "set", xim_home_server (home)->origin,
                             &element, got_proof, home);
}
