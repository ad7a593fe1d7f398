/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* For tests: what a keyserver that lies needs to log a version: its entry and
 * the proofs that go into a bundle.  Usage: xim-leaf VRF-KEY-FILE <NOTE */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xim-codec.h"
#include "xim-entry.h"

#define NOTE_MAX 65536

static void G_GNUC_NORETURN
fail (const char *what)
{
  fprintf (stderr, "xim-leaf: %s\n", what);
  exit (EXIT_FAILURE);
}

static XimVrfKey *
read_key (const char *path)
{
  g_autofree char *text = NULL;
  gsize len = 0;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    fail ("cannot read the key");
  g_strchomp (text);
  g_autofree guint8 *bytes = g_base64_decode (text, &len);
  XimVrfKey *key = xim_vrf_key_new (xim_secret_new_take (bytes, len), NULL);
  if (key == NULL)
    fail ("the key is none");
  return key;
}

static XimAccount *
read_account (void)
{
  char text[NOTE_MAX];
  gsize len = fread (text, 1, sizeof text, stdin);
  g_autoptr (XimNote) note = xim_note_decode (text, len, NULL);
  XimAccount *account = note != NULL ? xim_account_decode (note, NULL) : NULL;
  if (account == NULL)
    fail ("standard input is no account note");
  return account;
}

static void
print (const char *name, const guint8 *data, gsize len)
{
  g_autofree char *text = xim_codec_base64_encode (data, len);
  printf ("%s %s\n", name, text);
}

int
main (int argc, char *argv[])
{
  if (argc != 2)
    fail ("usage: xim-leaf VRF-KEY-FILE <NOTE");
  g_autoptr (XimVrfKey) key = read_key (argv[1]);
  g_autoptr (XimAccount) account = read_account ();
  XimEntry entry = { .type = XIM_ENTRY_ACCOUNT };
  XimVrfProof proof, next;
  XimOpening opening;
  guint8 bytes[XIM_ENTRY_MAX];
  xim_entry_prove (key, account->jid, account->version, &proof, &entry.index);
  xim_entry_prove (key, account->jid, account->version + 1, &next, NULL);
  xim_crypto_random (opening.bytes, sizeof opening.bytes);
  xim_entry_commit (&opening, account->text, &entry.commitment);
  entry.flags = xim_entry_account_flags (account);
  print ("entry", bytes, xim_entry_encode (&entry, bytes));
  print ("index", proof.bytes, sizeof proof.bytes);
  print ("next", next.bytes, sizeof next.bytes);
  print ("opening", opening.bytes, sizeof opening.bytes);
  return EXIT_SUCCESS;
}
