/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A new encryption key every day. */

#include "config.h"

#include "renewal.h"

#include "clock.h"
#include "keyserver.h"

struct _XimRenewal
{
  char *jid;
  XimOwn *own;
  XimHome *home;
  XimRenewalCallback callback;
  gpointer user_data;
};

XimRenewal *
xim_renewal_new (const char *jid, XimOwn *own, XimHome *home,
                 XimRenewalCallback callback, gpointer user_data)
{
  XimRenewal *renewal = g_new0 (XimRenewal, 1);
  renewal->jid = g_strdup (jid);
  renewal->own = own;
  renewal->home = home;
  renewal->callback = callback;
  renewal->user_data = user_data;
  return renewal;
}

void
xim_renewal_free (XimRenewal *renewal)
{
  if (renewal == NULL)
    return;
  g_free (renewal->jid);
  g_free (renewal);
}

static void
end (XimRenewal *renewal, const GError *error, gint64 server_s,
     guint retry_after_s)
{
  const XimRenewalResult result = { error, server_s, retry_after_s };
  renewal->callback (&result, renewal->user_data);
}

static void
take_refusal (XimRenewal *renewal, const XimHttpAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  XimRefusal refusal;
  xim_keyserver_refusal (answer, &refusal, &error);
  end (renewal, error, error->code == XIM_ERROR_EXPIRED ? refusal.now_s : 0,
       answer->retry_after_s);
}

static void
got_renewal (const XimHttpAnswer *answer, gpointer data)
{
  XimRenewal *renewal = data;
  if (answer->outcome != XIM_HTTP_ANSWER || answer->status != 200)
    {
      take_refusal (renewal, answer);
      return;
    }
  g_autoptr (GError) error = NULL;
  gsize len = 0;
  const char *note = g_bytes_get_data (answer->body, &len);
  if (xim_own_accept_key (renewal->own, note, len,
                          xim_home_server (renewal->home)->key,
                          xim_plugin_now_s (), &error))
    purple_debug_info ("x-im", "renewal: %s: new key countersigned\n",
                       renewal->jid);
  end (renewal, error, 0, 0);
}

void
xim_renewal_start (XimRenewal *renewal)
{
  g_autoptr (GError) error = NULL;
  const char *note = NULL;
  if (!xim_own_renew (renewal->own, xim_plugin_now_s (), &note, &error))
    {
      end (renewal, error, 0, 0);
      return;
    }
  purple_debug_info ("x-im", "renewal: %s: a new key is sent\n", renewal->jid);
  xim_home_renew (renewal->home, xim_own_device (renewal->own), note,
                  got_renewal, renewal);
}
