/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A client of the plugin's message parts, see the header. */

#include "config.h"

#include "tests/world.h"

#include <string.h>

#include "plugin/clock.h"
#include "plugin/xmlnode.h"
#include "tests/fake-protocol.h"
#include "tests/headless.h"
#include "tests/test-bundles.h"

gint64 world_now_s = TEST_NOW_S + 600;

static PurplePlugin *protocol;
static GHashTable *clients; /* PurpleAccount to WorldClient */

/* The clock */

gint64
xim_plugin_now_s (void)
{
  return world_now_s;
}

char *
xim_plugin_boot_name (void)
{
  return NULL;
}

gint64
xim_plugin_boot_s (void)
{
  return world_now_s - TEST_NOW_S;
}

/* The own keys */

struct _XimEnrol
{
  XimEnrolState state;
  gboolean ever;
  gboolean offered;
  XimKeyring *ring;
  XimSignKey *key;
  XimSender sender;
};

XimEnrolState
xim_enrol_state (const XimEnrol *enrol)
{
  return enrol->state;
}

gboolean
xim_enrol_ever (const XimEnrol *enrol)
{
  return enrol->ever;
}

gboolean
xim_enrol_offered (const XimEnrol *enrol)
{
  return enrol->offered;
}

XimOwn *
xim_enrol_own (XimEnrol *enrol)
{
  (void)enrol;
  return NULL;
}

const XimVerified *
xim_enrol_present (const XimEnrol *enrol)
{
  (void)enrol;
  return NULL;
}

XimKeyring *
xim_enrol_keyring (XimEnrol *enrol)
{
  return enrol->state == XIM_ENROL_READY ? enrol->ring : NULL;
}

const XimSender *
xim_enrol_sender (XimEnrol *enrol)
{
  return enrol->state == XIM_ENROL_READY ? &enrol->sender : NULL;
}

static XimEnrol *
enrol_new (const char *jid, char letter)
{
  XimEnrol *enrol = g_new0 (XimEnrol, 1);
  XimSecret *secret = xim_secret_new (XIM_KEY_LEN);
  const XimDeviceId id = { { (guint8)letter } };

  memset (xim_secret_data (secret), letter, XIM_KEY_LEN);
  enrol->state = XIM_ENROL_READY;
  enrol->ever = TRUE;
  enrol->ring = xim_keyring_new (jid, &id);
  xim_keyring_add (enrol->ring, secret, 1, TEST_NOW_S,
                   TEST_NOW_S + XIM_DEVICE_NOTE_LIFE_S);
  enrol->key = test_sign_key (letter);
  enrol->sender = (XimSender){ jid, id, enrol->key };
  return enrol;
}

/* The protocol */

static void
write_stanza (PurpleConnection *gc, xmlnode **packet, gpointer data)
{
  WorldClient *client
      = g_hash_table_lookup (clients, purple_connection_get_account (gc));
  char *text = xmlnode_to_str (*packet, NULL);
  char *written = text;

  (void)data;
  xim_outgoing_text (client->outgoing, &written);
  if (written != NULL)
    g_ptr_array_add (client->sent, g_strdup (written));
  g_free (text);
}

static void
gate_2 (PurpleConnection *gc, xmlnode **packet, gpointer data)
{
  WorldClient *client
      = g_hash_table_lookup (clients, purple_connection_get_account (gc));

  (void)data;
  xim_outgoing_stanza (client->outgoing, *packet);
}

static void
gate_1 (PurpleAccount *account, const char *who, char **html, gpointer data)
{
  WorldClient *client = g_hash_table_lookup (clients, account);

  (void)data;
  xim_outgoing_im (client->outgoing, who, html);
}

static void
emit (PurpleConnection *gc, xmlnode *stanza)
{
  xmlnode *packet = stanza;

  purple_signal_emit (protocol, "jabber-sending-xmlnode", gc, &packet);
  xmlnode_free (stanza);
}

static int
send_im (PurpleConnection *gc, const char *who, const char *html,
         PurpleMessageFlags flags)
{
  static guint id;
  xmlnode *message = xmlnode_new ("message");
  g_autofree char *xhtml = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *name = g_strdup_printf ("purple%u", ++id);

  (void)flags;
  xmlnode_set_attrib (message, "type", "chat");
  xmlnode_set_attrib (message, "id", name);
  xmlnode_set_attrib (message, "to", who);
  xmlnode_set_namespace (xmlnode_new_child (message, "active"),
                         "http://jabber.org/protocol/chatstates");
  purple_markup_html_to_xhtml (html, &xhtml, &plain);
  xmlnode_insert_data (xmlnode_new_child (message, "body"), plain, -1);
  if (strchr (xhtml, '<') != NULL)
    {
      g_autofree char *whole = g_strdup_printf (
          "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
          "<body xmlns='http://www.w3.org/1999/xhtml'><p>%s"
          "</p></body></html>",
          xhtml);
      xmlnode_insert_child (message, xmlnode_from_str (whole, -1));
    }
  emit (gc, message);
  return 1;
}

void
world_start (void)
{
  headless_start ();
  clients = g_hash_table_new (NULL, NULL);
  protocol = fake_protocol_start (write_stanza, send_im);
  purple_signal_connect (protocol, "jabber-sending-xmlnode", &clients,
                         PURPLE_CALLBACK (gate_2), NULL);
  purple_signal_connect (purple_conversations_get_handle (), "sending-im-msg",
                         &clients, PURPLE_CALLBACK (gate_1), NULL);
}

void
world_stop (void)
{
  purple_signals_disconnect_by_handle (&clients);
  headless_stop ();
  g_clear_pointer (&clients, g_hash_table_unref);
}

/* Clients */

static void
unlocked (const GError *error, gpointer data)
{
  gboolean *done = data;

  g_assert_no_error (error);
  *done = TRUE;
}

static void
unlock_keystore (XimKeystore *keystore)
{
  char word[] = "a passphrase";
  gboolean done = FALSE;

  xim_keystore_unlock (keystore, xim_secret_new_take ((guint8 *)word, 12),
                       unlocked, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

static void
alarm_came (const char *jid, const char *from, gpointer data)
{
  WorldClient *client = data;

  (void)jid, (void)from;
  client->n_alarms++;
}

static void
own_seen (gpointer data)
{
  (void)data;
}

static const XimWitnessOps witness_ops = { alarm_came, own_seen };

static void
open_parts (WorldClient *client)
{
  g_autoptr (GError) error = NULL;

  client->store = xim_store_open (client->dir, &error);
  g_assert_no_error (error);
  client->keystore = xim_keystore_new (client->store, &error);
  g_assert_no_error (error);
  unlock_keystore (client->keystore);
  client->outgoing
      = xim_outgoing_new (client->account, client->jid, client->store,
                          client->keystore, client->enrol, client->peers);
  client->witness = xim_witness_new (client->jid, client->store, client->peers,
                                     &witness_ops, client);
  client->incoming
      = xim_incoming_new (client->account, client->jid, client->store,
                          client->enrol, client->peers, client->witness);
}

static void
close_parts (WorldClient *client)
{
  xim_incoming_free (client->incoming);
  xim_witness_free (client->witness);
  xim_outgoing_free (client->outgoing);
  xim_keystore_free (client->keystore);
  xim_store_free (client->store);
}

WorldClient *
world_client_new (const char *jid, char letter)
{
  static guint n_made;
  g_autofree char *name = g_strdup_printf ("client-%u", ++n_made);
  WorldClient *client = g_new0 (WorldClient, 1);

  client->jid = jid;
  client->account = purple_account_new (jid, FAKE_PROTOCOL);
  client->dir = g_build_filename (headless_dir (), name, NULL);
  client->sent = g_ptr_array_new_with_free_func (g_free);
  client->enrol = enrol_new (jid, letter);
  client->peers = world_peers_new ();
  g_hash_table_insert (clients, client->account, client);
  purple_accounts_add (client->account);
  open_parts (client);
  purple_account_set_enabled (client->account, "xim-test", TRUE);
  purple_account_connect (client->account);
  g_assert_true (purple_account_is_connected (client->account));
  world_found (client, jid, letter);
  return client;
}

void
world_client_free (WorldClient *client)
{
  GList *next;

  for (GList *l = purple_get_conversations (); l != NULL; l = next)
    {
      next = l->next;
      if (purple_conversation_get_account (l->data) == client->account)
        purple_conversation_destroy (l->data);
    }
  close_parts (client);
  purple_account_disconnect (client->account);
  g_hash_table_remove (clients, client->account);
  purple_accounts_delete (client->account);
  world_peers_free (client->peers);
  xim_keyring_free (client->enrol->ring);
  xim_sign_key_free (client->enrol->key);
  g_free (client->enrol);
  g_ptr_array_unref (client->sent);
  g_free (client->dir);
  g_free (client);
  headless_clear_lines ();
}

void
world_client_restart (WorldClient *client)
{
  close_parts (client);
  open_parts (client);
}

void
world_lock (WorldClient *client)
{
  client->enrol->state = XIM_ENROL_LOCKED;
  xim_keystore_lock (client->keystore);
}

void
world_unlock (WorldClient *client)
{
  unlock_keystore (client->keystore);
  client->enrol->state = XIM_ENROL_READY;
}

void
world_set_never_enrolled (WorldClient *client)
{
  client->enrol->state = XIM_ENROL_NEVER;
  client->enrol->ever = FALSE;
}

void
world_set_offered (WorldClient *client)
{
  world_lock (client);
  world_set_never_enrolled (client);
  client->enrol->offered = TRUE;
}

PurpleConversation *
world_conversation (WorldClient *client, const char *who)
{
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, who, client->account);

  return conv != NULL ? conv
                      : purple_conversation_new (PURPLE_CONV_TYPE_IM,
                                                 client->account, who);
}

void
world_type (WorldClient *client, const char *who, const char *html)
{
  PurpleConversation *conv = world_conversation (client, who);

  purple_conv_im_send (PURPLE_CONV_IM (conv), html);
}

void
world_send (WorldClient *client, const char *xml)
{
  xmlnode *stanza = xmlnode_from_str (xml, -1);

  g_assert_nonnull (stanza);
  emit (purple_account_get_connection (client->account), stanza);
}

void
world_send_raw (WorldClient *client, const char *xml)
{
  char *text = (char *)xml;

  xim_outgoing_text (client->outgoing, &text);
  if (text != NULL)
    g_ptr_array_add (client->sent, g_strdup (text));
}

/* What the stream gives every stanza: a namespace and a sender. */
static xmlnode *
delivered (const char *from, const char *xml)
{
  g_autofree char *stream
      = g_strdup_printf ("<stream xmlns='jabber:client'>%s</stream>", xml);
  xmlnode *root = xmlnode_from_str (stream, -1);
  xmlnode *message;

  g_assert_nonnull (root);
  message = xmlnode_copy (xmlnode_get_child (root, "message"));
  xmlnode_free (root);
  xmlnode_set_attrib_full (message, "from", NULL, NULL, from);
  return message;
}

char *
world_receive (WorldClient *client, const char *from, const char *xml)
{
  xmlnode *message = delivered (from, xml);
  char *html = NULL;

  if (!xim_incoming_message (client->incoming,
                             xmlnode_get_attrib (message, "type"),
                             xmlnode_get_attrib (message, "from"),
                             xmlnode_get_attrib (message, "to"), message))
    html = xim_xmlnode_html (message);
  xmlnode_free (message);
  return html;
}

const char *
world_last (const WorldClient *client)
{
  return client->sent->len > 0
             ? g_ptr_array_index (client->sent, client->sent->len - 1)
             : NULL;
}

guint
world_n_lines (const char *text)
{
  const GPtrArray *lines = headless_lines ();
  guint n = 0;

  for (guint i = 0; i < lines->len; i++)
    n += strstr (g_ptr_array_index (lines, i), text) != NULL;
  return n;
}

gboolean
world_has_line (const char *text)
{
  return world_n_lines (text) > 0;
}
