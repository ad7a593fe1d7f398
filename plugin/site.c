/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Where a keyserver answers, kept by who asks it more than once. */

#include "config.h"

#include "site.h"

#include <string.h>

void
xim_site_set (XimSite *site, const XimDomain *domain)
{
  const XimSite copy = { g_strdup (domain->base_url),
                         g_strdup (domain->ca_file), domain->local };
  xim_site_clear (site);
  *site = copy;
}

void
xim_site_clear (XimSite *site)
{
  g_free (site->base_url);
  g_free (site->ca_file);
  memset (site, 0, sizeof *site);
}

void
xim_site_domain (const XimSite *site, XimDomain *out)
{
  memset (out, 0, sizeof *out);
  out->base_url = site->base_url;
  out->ca_file = site->ca_file;
  out->local = site->local;
}

guint
xim_site_get (const XimSite *site, XimHttp *http, const char *url,
              gsize max_len, XimHttpCallback callback, gpointer user_data)
{
  const XimHttpRequest request = {
    .method = "GET",
    .url = url,
    .ca_file = site->ca_file,
    .local = site->local,
    .max_len = max_len,
  };
  return xim_http_send (http, &request, callback, user_data);
}
