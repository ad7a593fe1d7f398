/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* HTTPS requests by libcurl on libpurple's event loop; the only HTTP. */

#pragma once

#include <glib.h>
#include <purple.h>

/* How a request ended, as far as the transport knows. */
typedef enum
{
  XIM_HTTP_ANSWER,      /* a whole answer with a status */
  XIM_HTTP_NO_ADDRESS,  /* the name does not exist (a definite answer) */
  XIM_HTTP_REFUSED,     /* connection refused, or the proxy said so */
  XIM_HTTP_CERTIFICATE, /* TLS: the certificate does not fit */
  XIM_HTTP_TIMEOUT,     /* no answer, or not whole, within the deadline */
  XIM_HTTP_FAILED,      /* anything else: too large, protocol, proxy, DNS
                           that did not answer */
} XimHttpOutcome;

#define XIM_HTTP_DEADLINE_S 20
#define XIM_HTTP_CONNECT_S 10
#define XIM_HTTP_HEADERS_MAX 16384 /* bytes of all header lines */
#define XIM_HTTP_ETAG_MAX 128      /* a longer one is not kept */
#define XIM_HTTP_RETRY_AFTER_MAX_S 3600

typedef struct
{
  const char *method;       /* "GET", "POST", "PUT", "DELETE" */
  const char *url;          /* https only; redirects are not followed */
  const char *ca_file;      /* (nullable): the system's CAs */
  gboolean local;           /* loopback and private addresses are allowed */
  const char *content_type; /* (nullable) */
  const char *body;         /* (nullable) */
  gsize body_len;
  const char *etag; /* (nullable): sent as If-None-Match */
  gsize max_len;    /* bytes of the answer's body */
  guint deadline_s; /* for the whole request; 0 means the default */
} XimHttpRequest;

typedef struct
{
  XimHttpOutcome outcome;
  guint status; /* 0 unless outcome is XIM_HTTP_ANSWER */
  GBytes *body;
  const char *etag;    /* (nullable) */
  guint retry_after_s; /* 0 when there was none */
} XimHttpAnswer;

typedef void (*XimHttpCallback) (const XimHttpAnswer *answer,
                                 gpointer user_data);

typedef struct _XimHttp XimHttp;

/**
 * xim_http_new:
 * @account: its proxy is used; when the proxy is of a kind that cannot be
 * used, every request ends with XIM_HTTP_FAILED and nothing is sent
 */
XimHttp *xim_http_new (PurpleAccount *account);

/**
 * xim_http_send:
 * @request: copied
 * @callback: called once from the main loop, never before this returns; not
 * called at all when @http is freed or the request is cancelled first
 * Returns: an id for xim_http_cancel(), never 0
 */
guint xim_http_send (XimHttp *http, const XimHttpRequest *request,
                     XimHttpCallback callback, gpointer user_data);

/**
 * xim_http_cancel:
 * @id: of xim_http_send(); one that is over, or 0, does nothing
 */
void xim_http_cancel (XimHttp *http, guint id);
void xim_http_free (XimHttp *http);
