/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Which keyserver a domain has, and its pin. */

#include "config.h"

#include "discovery.h"

#include <string.h>

#include "clock.h"
#include "disco.h"
#include "keyserver.h"
#include "pin.h"

#define SETTING_PREFIX "xim-keyserver:"
#define RETRY_MIN_S 15
#define RETRY_MAX_S 900
#define DOUBT_S 30  /* between two looks for a newer key */
#define WALK_MAX 64 /* server notes from the pinned one to the newest */

/* A caller that waits. */
typedef struct
{
  XimDiscoveryCallback callback;
  gpointer user_data;
} Caller;

/* One domain; lives as long as the XimDiscovery. */
typedef struct
{
  XimDiscovery *discovery;
  char *domain;
  char *origin;   /* what the default name demands: keys.DOMAIN, ASCII */
  char *setting;  /* (nullable): as made by hand, unparsed */
  char *base_url; /* NULL when a setting is no use */
  char *ca_file;  /* (nullable) */
  XimVerifyKey *by_hand; /* (nullable) */
  gboolean damaged;      /* a pin is stored and cannot be read */
  XimServer *server;     /* (nullable): the pin */
  XimServer *newest;     /* while the chain to it is walked or compared */
  XimDomainState state;
  char *known; /* fingerprints while the state is CHANGED; shown is NULL */
  char *shown; /* when what was shown is no key */
  gboolean looked;
  gboolean again;       /* the form did not fit, the note is asked for again */
  gint64 asked_boot_s;  /* when /v1/server was asked last */
  gint64 fresh_until_s; /* of the clock that does not jump */
  guint n_failures;
  guint request;
  XimDisco *disco;
  guint timer;
  GQueue callers; /* of Caller */
} Entry;

struct _XimDiscovery
{
  PurpleAccount *account;
  char *own_domain;
  XimStore *store;
  XimHttp *http;
  XimIq *iq;
  GHashTable *entries; /* domain -> Entry */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  xim_http_cancel (entry->discovery->http, entry->request);
  xim_disco_free (entry->disco);
  if (entry->timer != 0)
    purple_timeout_remove (entry->timer);
  g_queue_clear_full (&entry->callers, g_free);
  xim_server_free (entry->server);
  xim_server_free (entry->newest);
  xim_verify_key_free (entry->by_hand);
  g_free (entry->domain);
  g_free (entry->origin);
  g_free (entry->setting);
  g_free (entry->base_url);
  g_free (entry->ca_file);
  g_free (entry->known);
  g_free (entry->shown);
  g_free (entry);
}

XimDiscovery *
xim_discovery_new (PurpleAccount *account, const char *jid, XimStore *store,
                   XimHttp *http, XimIq *iq)
{
  XimDiscovery *discovery = g_new0 (XimDiscovery, 1);
  discovery->account = account;
  discovery->own_domain = g_strdup (xim_jid_domain (jid));
  discovery->store = store;
  discovery->http = http;
  discovery->iq = iq;
  discovery->entries
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  return discovery;
}

/* The answer. */

static void
deliver (Entry *entry)
{
  for (guint n = g_queue_get_length (&entry->callers); n > 0; n--)
    {
      g_autofree Caller *caller = g_queue_pop_head (&entry->callers);
      if (caller == NULL)
        break;
      XimDomain domain = {
        .state = entry->state,
        .server = entry->server,
        .base_url = entry->base_url,
        .ca_file = entry->ca_file,
        .local = entry->setting != NULL,
        .shown = entry->shown,
      };
      caller->callback (&domain, caller->user_data);
    }
}

static gboolean
deliver_later (gpointer data)
{
  Entry *entry = data;
  entry->timer = 0;
  deliver (entry);
  return FALSE;
}

static void
finish (Entry *entry, XimDomainState state)
{
  gint64 fresh_s = XIM_DISCOVERY_FRESH_S;
  if (state == XIM_DOMAIN_UNREACHABLE || state == XIM_DOMAIN_CHANGED)
    fresh_s
        = xim_plugin_backoff_s (entry->n_failures++, RETRY_MIN_S, RETRY_MAX_S);
  else
    entry->n_failures = 0;
  g_clear_pointer (&entry->newest, xim_server_free);
  entry->state = state;
  entry->looked = TRUE;
  entry->fresh_until_s = xim_plugin_boot_s () + fresh_s;
  deliver (entry);
}

/* @other: (nullable): the key that was shown */
static void
changed (Entry *entry, const XimVerifyKey *other, const XimPinShown *shown)
{
  const XimVerifyKey *known
      = entry->server != NULL ? entry->server->key : entry->by_hand;
  g_free (entry->known);
  g_free (entry->shown);
  entry->known = known != NULL ? xim_verify_key_fingerprint (known) : NULL;
  entry->shown = other != NULL ? xim_verify_key_fingerprint (other) : NULL;
  purple_debug_warning ("x-im", "discovery: another key for %s\n",
                        entry->domain);
  xim_pin_keep_evidence (entry->discovery->store, entry->domain, entry->server,
                         shown);
  finish (entry, XIM_DOMAIN_CHANGED);
}

/* The pin. */

/* @server: (transfer full) */
static gboolean
pin (Entry *entry, XimServer *server)
{
  if (!xim_pin_save (entry->discovery->store, entry->domain, server))
    {
      xim_server_free (server);
      return FALSE;
    }
  xim_server_free (entry->server);
  entry->server = server;
  return TRUE;
}

static void
settle (Entry *entry)
{
  XimServer *server = g_steal_pointer (&entry->newest);
  g_clear_pointer (&entry->known, g_free);
  g_clear_pointer (&entry->shown, g_free);
  if (entry->server != NULL && strcmp (entry->server->text, server->text) == 0)
    {
      xim_server_free (server);
      finish (entry, XIM_DOMAIN_PINNED);
      return;
    }
  finish (entry,
          pin (entry, server) ? XIM_DOMAIN_PINNED : XIM_DOMAIN_UNREACHABLE);
}

static void
send (Entry *entry, guint32 serial, XimHttpCallback callback)
{
  g_autofree char *url = xim_keyserver_server_url (entry->base_url, serial);
  XimHttpRequest request = {
    .method = "GET",
    .url = url,
    .ca_file = entry->ca_file,
    .local = entry->setting != NULL,
    .max_len = XIM_KEYSERVER_SERVER_MAX,
  };
  entry->asked_boot_s = xim_plugin_boot_s ();
  entry->request
      = xim_http_send (entry->discovery->http, &request, callback, entry);
}

static void got_newest (const XimHttpAnswer *answer, gpointer data);

/* A key that changed between the two questions is no other key: the keyserver
 * is asked once more before its XMPP server is not believed. */
static void
got_form (const char *vkey, gpointer data)
{
  Entry *entry = data;
  g_clear_pointer (&entry->disco, xim_disco_free);
  g_autofree char *expected = xim_verify_key_encode (entry->newest->key);
  if (vkey == NULL || strcmp (vkey, expected) == 0)
    settle (entry);
  else if (!entry->again)
    {
      entry->again = TRUE;
      g_clear_pointer (&entry->newest, xim_server_free);
      send (entry, 0, got_newest);
    }
  else
    {
      const XimPinShown shown = { .server = entry->newest, .vkey = vkey };
      g_autoptr (XimVerifyKey) other = xim_verify_key_decode (vkey, NULL);
      changed (entry, other, &shown);
    }
}

/* The XMPP server of the own domain must not name another keyserver. */
static void
compare (Entry *entry)
{
  if (strcmp (entry->domain, entry->discovery->own_domain) != 0)
    settle (entry);
  else
    entry->disco = xim_disco_form (entry->discovery->iq, entry->newest->origin,
                                   got_form, entry);
}

/* Fetching. */

static void
searched (XimDiscoVerdict verdict, gpointer data)
{
  Entry *entry = data;
  g_clear_pointer (&entry->disco, xim_disco_free);
  finish (entry, verdict == XIM_DISCO_WITHOUT ? XIM_DOMAIN_NO_KEYSERVER
                                              : XIM_DOMAIN_UNREACHABLE);
}

/* Only of a domain that was never pinned: HTTPS has said that there is no
 * keyserver; it counts when the XMPP server says so too. */
static void
look_for_absence (Entry *entry)
{
  if (entry->server != NULL || entry->by_hand != NULL)
    finish (entry, XIM_DOMAIN_UNREACHABLE);
  else
    {
      g_autofree char *keyserver = g_strconcat ("keys.", entry->domain, NULL);
      entry->disco = xim_disco_search (entry->discovery->iq, entry->domain,
                                       keyserver, searched, entry);
    }
}

/* @server: whose chain does not fit what is pinned, or what is set by hand */
static void
refuse (Entry *entry, const XimServer *server, const GError *error)
{
  purple_debug_warning ("x-im", "discovery: %s: %s\n", entry->domain,
                        error->message);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    {
      const XimPinShown shown = { .server = server };
      changed (entry, server->key, &shown);
    }
  else
    look_for_absence (entry);
}

static gboolean
check_first (const Entry *entry, const XimServer *server, GError **error)
{
  if (entry->setting == NULL && strcmp (server->origin, entry->origin) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "the keyserver of %s should have the origin %s, has %s",
                   entry->domain, entry->origin, server->origin);
      return FALSE;
    }
  if (entry->server == NULL && entry->by_hand != NULL
      && !xim_verify_key_equal (server->key, entry->by_hand))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "the keyserver of %s should have the key that was set by"
                   " hand",
                   entry->domain);
      return FALSE;
    }
  return TRUE;
}

static void got_step (const XimHttpAnswer *answer, gpointer data);

static void
walk (Entry *entry)
{
  g_autoptr (GError) error = NULL;
  const XimServer *newest = entry->newest;
  guint32 pinned = entry->server != NULL ? entry->server->serial : 0;
  if (pinned != 0 && newest->serial > pinned
      && newest->serial - pinned > WALK_MAX)
    {
      const XimPinShown shown = { .server = newest };
      changed (entry, newest->key, &shown);
      return;
    }
  if (pinned != 0 && newest->serial > pinned + 1)
    {
      send (entry, pinned + 1, got_step);
      return;
    }
  if (check_first (entry, newest, &error)
      && xim_server_check (newest, entry->domain, entry->server, &error))
    compare (entry);
  else
    refuse (entry, newest, error);
}

static XimServer *
decode_step (GBytes *body, GError **error)
{
  gsize len = 0;
  const char *data = g_bytes_get_data (body, &len);
  g_autoptr (XimNote) note = xim_note_decode (data, len, error);
  return note != NULL ? xim_server_decode (note, error) : NULL;
}

static void
got_step (const XimHttpAnswer *answer, gpointer data)
{
  Entry *entry = data;
  entry->request = 0;
  g_autoptr (GError) error = NULL;
  if (answer->outcome != XIM_HTTP_ANSWER || answer->status != 200)
    {
      finish (entry, XIM_DOMAIN_UNREACHABLE);
      return;
    }
  XimServer *step = decode_step (answer->body, &error);
  if (step == NULL
      || !xim_server_check (step, entry->domain, entry->server, &error))
    {
      const XimPinShown shown = { .server = entry->newest, .step = step };
      changed (entry, entry->newest->key, &shown);
      xim_server_free (step);
      return;
    }
  if (pin (entry, step))
    walk (entry);
  else
    finish (entry, XIM_DOMAIN_UNREACHABLE);
}

/* Whether @answer says for certain that no keyserver is there.  A server that
 * is overloaded or broken says nothing. */
static gboolean
is_definite (const XimHttpAnswer *answer)
{
  switch (answer->outcome)
    {
    case XIM_HTTP_ANSWER:
      return answer->status < 500 && answer->status != 429;
    case XIM_HTTP_NO_ADDRESS:
    case XIM_HTTP_REFUSED:
    case XIM_HTTP_CERTIFICATE:
      return TRUE;
    case XIM_HTTP_TIMEOUT:
    case XIM_HTTP_FAILED:
    default:
      return FALSE;
    }
}

static void
got_newest (const XimHttpAnswer *answer, gpointer data)
{
  Entry *entry = data;
  entry->request = 0;
  g_autoptr (GError) error = NULL;
  gboolean good = answer->outcome == XIM_HTTP_ANSWER && answer->status == 200;
  if (good)
    entry->newest = xim_keyserver_server_note (answer->body, &error);
  if (entry->newest != NULL)
    walk (entry);
  else if (is_definite (answer))
    look_for_absence (entry);
  else
    finish (entry, XIM_DOMAIN_UNREACHABLE);
}

/* Entries. */

static void
parse_setting (Entry *entry)
{
  g_auto (GStrv) words = g_strsplit (entry->setting, " ", 3);
  if (g_strv_length (words) < 2 || !g_str_has_prefix (words[0], "https://"))
    return;
  if (strcmp (words[1], "-") != 0)
    {
      entry->by_hand = xim_verify_key_decode (words[1], NULL);
      if (entry->by_hand == NULL)
        return;
    }
  gsize len = strlen (words[0]);
  while (words[0][len - 1] == '/')
    len--;
  if (len <= strlen ("https://"))
    return;
  entry->base_url = g_strndup (words[0], len);
  entry->ca_file = g_strdup (words[2]);
}

/* The setting may be made or changed at any time. */
static void
read_setting (Entry *entry)
{
  g_autofree char *name = g_strconcat (SETTING_PREFIX, entry->domain, NULL);
  const char *setting
      = purple_account_get_string (entry->discovery->account, name, NULL);
  if (setting != NULL && *setting == '\0')
    setting = NULL;
  if (entry->base_url != NULL && g_strcmp0 (setting, entry->setting) == 0)
    return;
  g_clear_pointer (&entry->base_url, g_free);
  g_clear_pointer (&entry->ca_file, g_free);
  g_clear_pointer (&entry->by_hand, xim_verify_key_free);
  g_free (entry->setting);
  entry->setting = g_strdup (setting);
  entry->looked = FALSE;
  if (setting != NULL)
    parse_setting (entry);
  else if (entry->origin != NULL)
    entry->base_url = g_strconcat ("https://", entry->origin, NULL);
}

static Entry *
get_entry (XimDiscovery *discovery, const char *domain)
{
  Entry *entry = g_hash_table_lookup (discovery->entries, domain);
  if (entry != NULL)
    return entry;
  entry = g_new0 (Entry, 1);
  entry->discovery = discovery;
  entry->domain = g_strdup (domain);
  g_queue_init (&entry->callers);
  g_autofree char *ascii = xim_jid_domain_to_ascii (domain, NULL);
  if (ascii != NULL)
    entry->origin = g_strconcat ("keys.", ascii, NULL);
  entry->damaged = !xim_pin_load (discovery->store, domain, &entry->server);
  g_hash_table_insert (discovery->entries, entry->domain, entry);
  return entry;
}

static gboolean
is_busy (const Entry *entry)
{
  return entry->request != 0 || entry->disco != NULL || entry->timer != 0;
}

void
xim_discovery_find (XimDiscovery *discovery, const char *domain,
                    XimDiscoveryCallback callback, gpointer user_data)
{
  Entry *entry = get_entry (discovery, domain);
  Caller *caller = g_new0 (Caller, 1);
  caller->callback = callback;
  caller->user_data = user_data;
  g_queue_push_tail (&entry->callers, caller);
  if (is_busy (entry))
    return;

  read_setting (entry);
  gboolean usable = entry->base_url != NULL && !entry->damaged;
  if (usable
      && !(entry->looked && xim_plugin_boot_s () < entry->fresh_until_s))
    {
      entry->again = FALSE;
      send (entry, 0, got_newest);
      return;
    }
  if (!usable)
    entry->state = XIM_DOMAIN_UNREACHABLE;
  entry->timer = purple_timeout_add (0, deliver_later, entry);
}

gboolean
xim_discovery_doubt (XimDiscovery *discovery, const char *domain)
{
  Entry *entry = get_entry (discovery, domain);
  if (!entry->looked || entry->state != XIM_DOMAIN_PINNED
      || xim_plugin_boot_s () - entry->asked_boot_s < DOUBT_S)
    return FALSE;
  entry->looked = FALSE;
  return TRUE;
}

gboolean
xim_discovery_changed (XimDiscovery *discovery, const char *domain,
                       const char **known, const char **shown)
{
  const Entry *entry = get_entry (discovery, domain);
  if (!entry->looked || entry->state != XIM_DOMAIN_CHANGED)
    return FALSE;
  *known = entry->known;
  *shown = entry->shown;
  return TRUE;
}

const XimServer *
xim_discovery_known (XimDiscovery *discovery, const char *domain)
{
  return get_entry (discovery, domain)->server;
}

void
xim_discovery_forget (XimDiscovery *discovery, gpointer user_data)
{
  GHashTableIter iter;
  gpointer value = NULL;
  g_hash_table_iter_init (&iter, discovery->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;
      GList *next = NULL;
      for (GList *item = entry->callers.head; item != NULL; item = next)
        {
          next = item->next;
          if (((Caller *)item->data)->user_data != user_data)
            continue;
          g_free (item->data);
          g_queue_delete_link (&entry->callers, item);
        }
    }
}

void
xim_discovery_retry (XimDiscovery *discovery)
{
  GHashTableIter iter;
  gpointer value = NULL;
  g_hash_table_iter_init (&iter, discovery->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;
      if (entry->state == XIM_DOMAIN_UNREACHABLE
          || entry->state == XIM_DOMAIN_CHANGED)
        entry->looked = FALSE;
      entry->n_failures = 0;
    }
}

void
xim_discovery_free (XimDiscovery *discovery)
{
  if (discovery == NULL)
    return;
  g_hash_table_unref (discovery->entries);
  g_free (discovery->own_domain);
  g_free (discovery);
}
