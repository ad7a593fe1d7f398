/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Makes notes for tests: every key is named by one letter. */

#pragma once

#include <string.h>

#include "xim-absent.h"
#include "xim-account.h"
#include "xim-current.h"
#include "xim-device.h"
#include "xim-server.h"

#define TEST_JID "alice@example.org"
#define TEST_DOMAIN "example.org"
#define TEST_ORIGIN "keys.example.org"
#define TEST_NOW_S 1795428000 /* 2026-11-23T10:00:00Z */

/**
 * test_sign_key_named:
 * The key that @letter makes, under the name of a device whose id begins with
 * @id_letter, or of the keyserver if that is 0.
 */
static inline XimSignKey *
test_sign_key_named (char id_letter, char letter)
{
  g_autoptr (GError) error = NULL;
  char name[XIM_DEVICE_NAME_LEN + 1] = TEST_ORIGIN;
  const XimDeviceId id = { { (guint8)id_letter } };
  if (id_letter != 0)
    xim_device_id_name (&id, name);
  XimSecret *seed = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (seed), letter, XIM_KEY_LEN);
  XimSignKey *key = xim_sign_key_new (name, seed, &error);
  g_assert_no_error (error);
  return key;
}

/**
 * test_sign_key:
 * @letter: a small letter is a device, whose id begins with it; a capital one
 * is a keyserver, always under the same name
 */
static inline XimSignKey *
test_sign_key (char letter)
{
  return test_sign_key_named (g_ascii_islower (letter) ? letter : 0, letter);
}

static inline XimVerifyKey *
test_verify_key (char letter)
{
  g_autoptr (XimSignKey) key = test_sign_key (letter);
  return xim_verify_key_copy (xim_sign_key_public (key));
}

static inline XimAccountDevice
test_listed (char letter)
{
  g_autoptr (XimSignKey) key = test_sign_key (letter);
  XimAccountDevice device
      = { { { (guint8)letter } }, xim_sign_key_public (key)->key };
  return device;
}

/**
 * test_note:
 * @signers: letters of keys, each adds its line
 */
static inline XimNote *
test_note (const char *text, const char *signers)
{
  g_autoptr (GError) error = NULL;
  XimNote *note = xim_note_new (text, &error);
  g_assert_no_error (error);
  for (const char *p = signers; *p != '\0'; p++)
    {
      g_autoptr (XimSignKey) key = test_sign_key (*p);
      xim_note_sign (note, key, &error);
      g_assert_no_error (error);
    }
  return note;
}

typedef struct
{
  const char *jid;          /* TEST_JID if NULL */
  const XimAccount *before; /* version and previous follow from it */
  guint32 version;          /* if not 0, instead of the next one */
  gboolean reset;
  gint64 time_s;       /* TEST_NOW_S if 0 */
  const char *devices; /* letters, ascending */
  const char *signers;
} TestAccount;

static inline XimAccount *
test_account (TestAccount spec)
{
  g_autoptr (GError) error = NULL;
  XimAccount account = { 0 };
  account.jid = (char *)(spec.jid != NULL ? spec.jid : TEST_JID);
  account.version = spec.before != NULL ? spec.before->version + 1 : 1;
  if (spec.version != 0)
    account.version = spec.version;
  account.has_previous = account.version > 1;
  if (spec.before != NULL)
    account.previous = spec.before->hash;
  account.time_s = spec.time_s != 0 ? spec.time_s : TEST_NOW_S;
  account.reset = spec.reset;
  for (const char *p = spec.devices; *p != '\0'; p++)
    account.devices[account.n_devices++] = test_listed (*p);
  g_autofree char *text = xim_account_encode (&account);
  g_autoptr (XimNote) note = test_note (text, spec.signers);
  XimAccount *decoded = xim_account_decode (note, &error);
  g_assert_no_error (error);
  return decoded;
}

typedef struct
{
  const char *jid; /* TEST_JID if NULL */
  char device;
  guint32 serial;   /* 1 if 0 */
  char key;         /* letter of the X25519 key; that of the device if 0 */
  gint64 created_s; /* TEST_NOW_S if 0 */
  gint64 life_s;    /* XIM_DEVICE_NOTE_LIFE_S if 0 */
  const char *signers;
} TestDevice;

static inline XimDevice *
test_device (TestDevice spec)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) secret = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (secret), spec.key != 0 ? spec.key : spec.device,
          XIM_KEY_LEN);
  XimDevice device = { 0 };
  device.jid = (char *)(spec.jid != NULL ? spec.jid : TEST_JID);
  device.id.bytes[0] = (guint8)spec.device;
  device.serial = spec.serial != 0 ? spec.serial : 1;
  xim_crypto_x25519_public (secret, &device.key);
  device.created_s = spec.created_s != 0 ? spec.created_s : TEST_NOW_S;
  device.expires_s
      = device.created_s
        + (spec.life_s != 0 ? spec.life_s : XIM_DEVICE_NOTE_LIFE_S);
  g_autofree char *text = xim_device_encode (&device);
  g_autoptr (XimNote) note = test_note (text, spec.signers);
  XimDevice *decoded = xim_device_decode (note, &error);
  g_assert_no_error (error);
  return decoded;
}

/**
 * test_current:
 * The current note of @account, signed by @signers.
 */
static inline XimCurrent *
test_current (const XimAccount *account, gint64 time_s, const char *signers)
{
  g_autoptr (GError) error = NULL;
  XimCurrent current
      = { account->jid, account->version, account->hash, time_s, NULL };
  g_autofree char *text = xim_current_encode (&current);
  g_autoptr (XimNote) note = test_note (text, signers);
  XimCurrent *decoded = xim_current_decode (note, &error);
  g_assert_no_error (error);
  return decoded;
}

/**
 * test_replace_line:
 * @line: the name of a line of @text but the first
 * @with: stands instead of it, with its newline
 */
static inline char *
test_replace_line (const char *text, const char *line, const char *with)
{
  g_autofree char *start = g_strconcat ("\n", line, " ", NULL);
  const char *found = strstr (text, start);
  g_assert_nonnull (found);
  const char *end = strchr (found + 1, '\n') + 1;
  g_autofree char *head = g_strndup (text, (gsize)(found + 1 - text));
  return g_strconcat (head, with, end, NULL);
}
