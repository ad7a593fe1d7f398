/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* xim-tool: looks at what a keyserver said, as a client does. */

#include "config.h"

#include "tests/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xim.h"

void
tool_fail (const GError *error)
{
  fprintf (stderr, "xim-tool: %s: %s\n",
           error->domain == XIM_ERROR ? xim_error_word ((XimError)error->code)
                                      : "error",
           error->message);
  exit (EXIT_FAILURE);
}

static char *
read_stdin (gsize *len)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 part[4096];
  gsize n = fread (part, 1, sizeof part, stdin);
  while (n > 0)
    {
      g_byte_array_append (bytes, part, (guint)n);
      n = fread (part, 1, sizeof part, stdin);
    }
  *len = bytes->len;
  g_byte_array_append (bytes, (const guint8 *)"", 1);
  return (char *)g_byte_array_free (bytes, FALSE);
}

static XimVerifyKey *
decode_vkey (const char *vkey)
{
  GError *error = NULL;
  XimVerifyKey *key = xim_verify_key_decode (vkey, &error);
  if (key == NULL)
    tool_fail (error);
  return key;
}

static XimServer *
read_server (const char *text, gsize len)
{
  GError *error = NULL;
  g_autoptr (XimNote) note = xim_note_decode (text, len, &error);
  XimServer *server = note == NULL ? NULL : xim_server_decode (note, &error);
  if (server == NULL)
    tool_fail (error);
  return server;
}

/* As a client does that sees the account for the first time. */
static gboolean
verify (const XimServer *server, const char *jid, const char *json, gsize len,
        GError **error)
{
  g_autoptr (XimVerifyKey) log = xim_server_log_key (server);
  g_autoptr (XimBundle) bundle = xim_bundle_decode (json, len, error);
  if (bundle == NULL)
    return FALSE;
  XimPin pin = { xim_jid_domain (jid), server->key, log, server->vrf };
  XimKnown known = { .n_devices = 0 };
  g_autoptr (XimVerified) verified
      = xim_verify_bundle (bundle, &pin, jid, &known, tool_now_s (), error);
  if (verified == NULL)
    return FALSE;
  printf ("version %u usable %u\n", xim_verified_account (verified)->version,
          xim_verified_n_usable (verified));
  return TRUE;
}

void
tool_verify (const char *note, const char *jid)
{
  GError *error = NULL;
  gsize len = 0;
  g_autoptr (XimServer) server = read_server (note, strlen (note));
  g_autofree char *json = read_stdin (&len);
  if (!verify (server, jid, json, len, &error))
    tool_fail (error);
}

void
tool_verify_all (const char *note, const char *unused)
{
  (void)unused;
  gsize len = 0;
  g_autoptr (XimServer) server = read_server (note, strlen (note));
  g_autofree char *text = read_stdin (&len);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) parts = g_strsplit (lines[i], " ", 2);
      const char *json = parts[1] != NULL ? parts[1] : "";
      if (!verify (server, parts[0], json, strlen (json), &error))
        printf ("%s\n", error->message);
    }
}

void
tool_absent (const char *vkey, const char *jid)
{
  GError *error = NULL;
  gsize len = 0;
  g_autoptr (XimVerifyKey) key = decode_vkey (vkey);
  g_autofree char *text = read_stdin (&len);
  g_autoptr (XimNote) note = xim_note_decode (text, len, &error);
  g_autoptr (XimAbsent) absent
      = note == NULL ? NULL : xim_absent_decode (note, &error);
  if (absent == NULL
      || !xim_absent_check (absent, jid, key, tool_now_s (), &error))
    tool_fail (error);
  printf ("absent size %" G_GUINT64_FORMAT "\n", absent->size);
}

void
tool_server (const char *vkey, const char *domain)
{
  GError *error = NULL;
  gsize len = 0;
  g_autoptr (XimVerifyKey) key = decode_vkey (vkey);
  g_autofree char *text = read_stdin (&len);
  g_autoptr (XimServer) server = read_server (text, len);
  if (!xim_server_check (server, domain, NULL, &error))
    tool_fail (error);
  printf ("serial %u %s\n", server->serial,
          xim_verify_key_equal (server->key, key) ? "same key" : "other key");
}

/* Whether a client that pinned the one takes the other. */
void
tool_follows (const char *pinned, const char *domain)
{
  GError *error = NULL;
  gsize len = 0;
  g_autofree char *before = NULL;
  if (!g_file_get_contents (pinned, &before, &len, &error))
    tool_fail (error);
  g_autoptr (XimServer) old = read_server (before, len);
  g_autofree char *text = read_stdin (&len);
  g_autoptr (XimServer) server = read_server (text, len);
  if (!xim_server_check (server, domain, old, &error))
    tool_fail (error);
  g_autofree char *vkey = xim_verify_key_encode (server->key);
  printf ("serial %u %s\n", server->serial, vkey);
}
