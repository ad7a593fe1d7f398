/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Where a keyserver answers, kept by who asks it more than once. */

#pragma once

#include "discovery.h"
#include "http.h"

/* All zero: not known yet. */
typedef struct
{
  char *base_url; /* (nullable) */
  char *ca_file;  /* (nullable) */
  gboolean local;
} XimSite;

/* Instead of what was there before. */
void xim_site_set (XimSite *site, const XimDomain *domain);
void xim_site_clear (XimSite *site);

/**
 * xim_site_domain:
 * @out: (out): the place alone; valid as long as @site is not changed
 */
void xim_site_domain (const XimSite *site, XimDomain *out);

/* A GET of @url, which is of this site: xim_http_send(). */
guint xim_site_get (const XimSite *site, XimHttp *http, const char *url,
                    gsize max_len, XimHttpCallback callback,
                    gpointer user_data);
