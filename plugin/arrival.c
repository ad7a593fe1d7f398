/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One received stanza, and how what was in it is shown. */

#include "config.h"

#include "arrival.h"

#include <string.h>
#include <time.h>

#include "clock.h"
#include "i18n.h"
#include "notices.h"
#include "xmlnode.h"

GBytes *
xim_arrival_row (const XimArrival *arrival, XimHeldKind kind, XimHeld *row)
{
  g_autofree char *text = NULL;

  xim_xmlnode_set_sealed (arrival->message, arrival->base64);
  text = xmlnode_to_str (arrival->message, NULL);
  *row = (XimHeld){ .kind = kind,
                    .jid = (char *)arrival->jid,
                    .time_s = arrival->arrived_s,
                    .data = g_bytes_new (text, strlen (text)) };
  return row->data;
}

void
xim_arrival_mark_removed (const XimArrival *arrival)
{
  g_autofree char *mark
      = g_strconcat (_ ("[from a removed device]"), " ", NULL);

  xim_xmlnode_mark (arrival->message, mark);
}

void
xim_arrival_say (const XimArrival *arrival, const char *text)
{
  xim_notices_line (arrival->account, arrival->jid, TRUE, text);
}

void
xim_arrival_say_failure (const XimArrival *arrival, const GError *error)
{
  g_autofree char *text
      = xim_notices_failure_text ((XimError)error->code, arrival->jid);

  purple_debug_error ("x-im", "opening a message: %s\n", error->message);
  xim_arrival_say (arrival, text);
}

gint64
xim_arrival_time (const XimArrival *arrival, gint64 signed_s)
{
  const gint64 delay_s = xim_xmlnode_delay (arrival->message);
  const gint64 claimed_s = delay_s != 0 ? delay_s : arrival->arrived_s;
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *text = NULL;

  if (ABS (signed_s - claimed_s) > XIM_ARRIVAL_DIFFERS_S)
    {
      date = g_date_time_new_from_unix_local (signed_s);
      shown = g_date_time_format (date, "%F %T");
      text = g_strdup_printf (_ ("The next message of %s was written at %s."),
                              arrival->jid, shown);
      xim_arrival_say (arrival, text);
    }
  return ABS (signed_s - xim_plugin_now_s ()) > XIM_ARRIVAL_DIFFERS_S
             ? signed_s
             : xim_plugin_now_s ();
}

void
xim_arrival_show_own (const XimArrival *arrival, const XimContent *content,
                      gint64 shown_s)
{
  g_autofree char *html = xim_xmlnode_html (arrival->message);
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, content->to, arrival->account);

  if (html == NULL)
    return;
  if (conv == NULL)
    conv = purple_conversation_new (PURPLE_CONV_TYPE_IM, arrival->account,
                                    content->to);
  purple_conv_im_write (PURPLE_CONV_IM (conv), NULL, html, PURPLE_MESSAGE_SEND,
                        (time_t)shown_s);
}

void
xim_arrival_show_late (const XimArrival *arrival, gint64 shown_s)
{
  PurpleConnection *gc = purple_account_get_connection (arrival->account);
  g_autofree char *html = xim_xmlnode_html (arrival->message);

  if (html != NULL)
    serv_got_im (gc, arrival->full, html, PURPLE_MESSAGE_RECV,
                 (time_t)shown_s);
}
