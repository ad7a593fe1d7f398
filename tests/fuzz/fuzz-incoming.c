/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes plugin/incoming.c: a message as the server delivers it. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "tests/headless.h"
#include "tests/world.h"

#define MARK "[NOT encrypted]"

static WorldClient *client;

/* Alice, who has Bob's bundle. */
static void
start (void)
{
  g_assert_true (xim_secret_init (NULL));
  world_start ();
  atexit (world_stop);
  client = world_client_new (WORLD_ALICE, 'a');
  world_found (client, WORLD_BOB, 'b');
}

typedef struct
{
  gboolean is_message;
  gboolean is_room;
  gboolean has_envelope;
} What;

static What
look (const char *xml)
{
  What what = { FALSE, FALSE, FALSE };
  g_autofree char *stream
      = g_strdup_printf ("<stream xmlns='jabber:client'>%s</stream>", xml);
  xmlnode *root = xmlnode_from_str (stream, -1);
  xmlnode *message = root != NULL ? xmlnode_get_child (root, "message") : NULL;
  if (message != NULL)
    {
      what.is_message = TRUE;
      what.is_room
          = g_strcmp0 (xmlnode_get_attrib (message, "type"), "groupchat") == 0;
      what.has_envelope = xmlnode_get_child_with_namespace (
                              message, "sealed", "urn:x-im:envelope:1")
                          != NULL;
    }
  if (root != NULL)
    xmlnode_free (root);
  return what;
}

/* Nobody but Bob can seal as Bob, so nothing beside an envelope is shown, and
 * nothing without one unmarked. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (client == NULL)
    start ();
  g_autofree char *xml = g_strndup ((const char *)data, size);
  What what = look (xml);
  if (!what.is_message)
    return 0;
  g_autofree char *shown = world_receive (client, WORLD_BOB "/phone", xml);
  if (what.has_envelope && !what.is_room && shown != NULL)
    g_error ("shown beside an envelope: %s", shown);
  if (!what.is_room && shown != NULL && strstr (shown, MARK) == NULL)
    g_error ("shown without a mark: %s", shown);
  g_assert_cmpuint (client->sent->len, ==, 0);
  headless_clear_lines ();
  return 0;
}
