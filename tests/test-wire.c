/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/wire.c: raw XML on its way to the stream. */

#include "config.h"

#include <string.h>

#include "tests/world.h"

#define TO "to='bob@example.org'"
#define READABLE "<body>secret</body>"

static void
set_up (WorldClient **alice, gconstpointer data)
{
  (void)data;
  *alice = world_client_new (WORLD_ALICE, 'a');
}

static void
tear_down (WorldClient **alice, gconstpointer data)
{
  (void)data;
  world_client_free (*alice);
}

typedef struct
{
  const char *name;
  const char *text;
  gboolean goes;
} Raw;

static const Raw raws[] = {
  { "space", "\t", TRUE },
  { "stream", "<?xml version='1.0' ?><stream:stream to='message.org'>", TRUE },
  { "prolog", "<?xml version='1.0' ?>", TRUE },
  { "stream-and-more",
    "<stream:stream to='one.test'><message " TO ">" READABLE "</message>",
    FALSE },
  { "prolog-and-more", "<?xml version='1.0' ?><message " TO ">" READABLE,
    FALSE },
  { "close-and-more", "</stream:stream><message " TO ">", FALSE },
  { "stream-close", "</stream:stream>", TRUE },
  { "iq", "<iq type='get'><message xmlns='urn:y'/></iq>", TRUE },
  { "presence", "<presence/>", TRUE },
  { "message", "<message " TO ">" READABLE "</message>", FALSE },
  { "prefixed",
    "<a:message xmlns:a='jabber:client' " TO ">" READABLE "</a:message>",
    FALSE },
  { "second", "<presence/><message " TO ">" READABLE "</message>", FALSE },
  { "half", "<message " TO ">", FALSE },
  { "half-of-the-name", "<mess", FALSE },
  { "to-plain", "<message to='carol@example.org'><body>x</body></message>",
    TRUE },
  { "to-service", "<message to='example.org'><body>x</body></message>", TRUE },
  { "no-domain", "<message to='/a@b'><body>x</body></message>", FALSE },
  { "bad-address", "<message to='a b@example.org'/>", FALSE },
};

static void
test_raw (WorldClient **alice, gconstpointer data)
{
  const Raw *raw = data;
  XimFacts *facts = world_facts (*alice, WORLD_CAROL);
  facts->peer = XIM_PEER_ABSENT;
  facts->absent_s = world_now_s;
  world_found (*alice, WORLD_BOB, 'b');
  world_send_raw (*alice, raw->text);
  g_assert_cmpuint ((*alice)->sent->len, ==, raw->goes);
}

/* A stanza that gate 2 has passed may be written once, not again as raw. */
static void
test_raw_repeat (WorldClient **alice, gconstpointer data)
{
  (void)data;
  world_found (*alice, WORLD_BOB, 'b');
  world_type (*alice, WORLD_BOB, "secret");
  g_autofree char *first = g_strdup (world_last (*alice));
  world_send_raw (*alice, first);
  g_assert_cmpuint ((*alice)->sent->len, ==, 1);
}

static void
add (const char *path, gconstpointer data,
     void (*test) (WorldClient **, gconstpointer))
{
  g_test_add (path, WorldClient *, data, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  world_start ();
  for (guint i = 0; i < G_N_ELEMENTS (raws); i++)
    {
      g_autofree char *path = g_strdup_printf ("/wire/raw/%s", raws[i].name);
      add (path, &raws[i], test_raw);
    }
  add ("/wire/repeat", NULL, test_raw_repeat);
  int status = g_test_run ();
  world_stop ();
  return status;
}
