/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* OTR version 3 by libotr. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include <libotr/proto.h>
#include <libotr/instag.h>
#include <libotr/message.h>
#include <libotr/privkey.h>

#include "bench.h"
#include "peer.h"

#define PROTOCOL "prpl-jabber"

static const char *const names[] = { "alice@example.org", "bob@example.org" };

typedef struct
{
  OtrlUserState users[2];
  GQueue *wire[2]; /* what was injected for each of them */
} Pair;

typedef struct
{
  Pair *pair;
  guint who;
} Side;

static OtrlPolicy
policy (void *data, ConnContext *context)
{
  (void)data, (void)context;
  return OTRL_POLICY_OPPORTUNISTIC & ~OTRL_POLICY_ALLOW_V1
         & ~OTRL_POLICY_ALLOW_V2;
}

static int
is_logged_in (void *data, const char *account, const char *protocol,
              const char *recipient)
{
  (void)data, (void)account, (void)protocol, (void)recipient;
  return 1;
}

static void
inject (void *data, const char *account, const char *protocol,
        const char *recipient, const char *message)
{
  Side *side = data;
  (void)account, (void)protocol, (void)recipient;
  g_queue_push_tail (side->pair->wire[1 - side->who], g_strdup (message));
}

static int
max_message_size (void *data, ConnContext *context)
{
  (void)data, (void)context;
  return 0;
}

static void
handle_event (void *data, OtrlMessageEvent event, ConnContext *context,
              const char *message, gcry_error_t error)
{
  (void)data, (void)context, (void)message;
  if (event != OTRL_MSGEVENT_LOG_HEARTBEAT_RCVD
      && event != OTRL_MSGEVENT_LOG_HEARTBEAT_SENT)
    g_error ("libotr: event %d, error %u", (int)event, error);
}

static OtrlMessageAppOps ops = {
  .policy = policy,
  .is_logged_in = is_logged_in,
  .inject_message = inject,
  .max_message_size = max_message_size,
  .handle_msg_event = handle_event,
};

static char *
pair_seal (gpointer state, guint from, const char *text)
{
  Pair *pair = state;
  Side side = { pair, from };
  char *message = NULL;

  if (otrl_message_sending (pair->users[from], &ops, &side, names[from],
                            PROTOCOL, names[1 - from], OTRL_INSTAG_BEST, text,
                            NULL, &message, OTRL_FRAGMENT_SEND_SKIP, NULL,
                            NULL, NULL)
          != 0
      || message == NULL)
    bench_refuse ("sealing by libotr");
  char *sealed = g_strdup (message);
  otrl_message_free (message);
  return sealed;
}

static char *
pair_open (gpointer state, guint to, const char *sealed)
{
  Pair *pair = state;
  Side side = { pair, to };
  char *message = NULL;
  OtrlTLV *tlvs = NULL;

  otrl_message_receiving (pair->users[to], &ops, &side, names[to], PROTOCOL,
                          names[1 - to], sealed, &message, &tlvs, NULL, NULL,
                          NULL);
  char *text = g_strdup (message);
  otrl_message_free (message);
  otrl_tlv_free (tlvs);
  return text;
}

static void
make_keys (Pair *pair, guint who)
{
  FILE *keys = tmpfile (), *tags = tmpfile ();

  pair->users[who] = otrl_userstate_create ();
  pair->wire[who] = g_queue_new ();
  if (keys == NULL || tags == NULL
      || otrl_privkey_generate_FILEp (pair->users[who], keys, names[who],
                                      PROTOCOL)
      || otrl_instag_generate_FILEp (pair->users[who], tags, names[who],
                                     PROTOCOL))
    bench_refuse ("a key of libotr");
  fclose (keys);
  fclose (tags);
}

/* Hands over what the key exchange injects until both are silent. */
static void
exchange_keys (Pair *pair)
{
  g_queue_push_tail (pair->wire[1], g_strdup ("?OTRv3?"));
  for (guint idle = 0, who = 1; idle < 2; who = 1 - who)
    {
      g_autofree char *message = g_queue_pop_head (pair->wire[who]);
      idle = message != NULL ? 0 : idle + 1;
      if (message != NULL)
        g_free (pair_open (pair, who, message));
    }
}

BenchPeer *
bench_otr_new (void)
{
  Pair *pair = g_new0 (Pair, 1);

  OTRL_INIT;
  make_keys (pair, 0);
  make_keys (pair, 1);
  exchange_keys (pair);
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *sealed = pair_seal (pair, i % 2, "hello");
      g_autofree char *text = pair_open (pair, 1 - i % 2, sealed);
      if (!g_str_has_prefix (sealed, "?OTR:") || g_strcmp0 (text, "hello"))
        bench_refuse ("a conversation by libotr");
    }
  return bench_peer_new ("libotr", pair, pair_seal, pair_open);
}
