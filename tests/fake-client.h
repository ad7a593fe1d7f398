/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The parts of a client that find a keyserver, over the network that
 * fake-net.h plays. */

#pragma once

#include "plugin/discovery.h"
#include "tests/fake-net.h"
#include "tests/headless.h"
#include "test-notes.h"

#define FAKE_CLIENT_JID "carol@own.test"

typedef struct
{
  char *dir;
  PurpleAccount *account;
  XimStore *store;
  XimHttp *http;
  XimIq *iq;
  XimDiscovery *discovery;
} FakeClient;

static inline void
fake_client_open (FakeClient *client)
{
  client->store = xim_store_open (client->dir, NULL);
  g_assert_nonnull (client->store);
  client->http = xim_http_new (client->account);
  client->iq = xim_iq_new (client->account);
  client->discovery
      = xim_discovery_new (client->account, FAKE_CLIENT_JID, client->store,
                           client->http, client->iq);
}

static inline void
fake_client_close (FakeClient *client)
{
  xim_discovery_free (client->discovery);
  xim_iq_free (client->iq);
  xim_http_free (client->http);
  xim_store_free (client->store);
}

/* Starts the network and the clocks over. */
static inline void
fake_client_set_up (FakeClient *client, FakeHandler http, FakeIqHandler iq)
{
  fake_net_reset (http, iq);
  fake_now_s = TEST_NOW_S;
  fake_boot_s = 1000;
  client->dir = g_dir_make_tmp ("xim-client-XXXXXX", NULL);
  client->account = purple_account_new (FAKE_CLIENT_JID, "prpl-jabber");
  fake_client_open (client);
}

static inline void
fake_client_tear_down (FakeClient *client)
{
  fake_client_close (client);
  purple_account_destroy (client->account);
  headless_remove (client->dir);
  g_free (client->dir);
}
