/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The desktop's keyring, as it holds master keys. */

#include "config.h"

#include "desktop-keyring.h"

#include <libsecret/secret.h>
#include <string.h>

#define CONTENT_TYPE "application/octet-stream"
#define ID_LEN 8

/* A keyring that asks its user for its own password may take this long. */
#define PATIENCE_S 300

struct _XimDesktopKeyring
{
  char *jid;
  GSList *calls;
};

/* One question to the keyring; `keyring` is NULL once nobody waits. */
typedef struct
{
  XimDesktopKeyring *keyring;
  XimDesktopKeyringCallback callback;
  gpointer user_data;
  GCancellable *cancellable;
  guint timer;
} Call;

static const SecretSchema schema
    = { .name = "org.x-im.MasterKey",
        .flags = SECRET_SCHEMA_NONE,
        .attributes = { { "account", SECRET_SCHEMA_ATTRIBUTE_STRING },
                        { "id", SECRET_SCHEMA_ATTRIBUTE_STRING },
                        { NULL, 0 } } };

XimDesktopKeyring *
xim_desktop_keyring_new (const char *jid)
{
  XimDesktopKeyring *keyring = g_new0 (XimDesktopKeyring, 1);
  keyring->jid = g_strdup (jid);
  return keyring;
}

static void
call_leave (Call *call)
{
  if (call->timer != 0)
    g_source_remove (call->timer);
  call->timer = 0;
  call->keyring = NULL;
}

/* What was begun ends with an error of its own, and then frees its call. */
void
xim_desktop_keyring_free (XimDesktopKeyring *keyring)
{
  if (keyring == NULL)
    return;
  for (GSList *item = keyring->calls; item != NULL; item = item->next)
    {
      Call *call = item->data;
      call_leave (call);
      g_cancellable_cancel (call->cancellable);
    }
  g_slist_free (keyring->calls);
  g_free (keyring->jid);
  g_free (keyring);
}

char *
xim_desktop_keyring_make_id (void)
{
  guint8 id[ID_LEN];
  xim_crypto_random (id, sizeof id);
  return xim_codec_hex_encode (id, sizeof id);
}

static gboolean
give_up (gpointer data)
{
  Call *call = data;
  call->timer = 0;
  g_cancellable_cancel (call->cancellable);
  return G_SOURCE_REMOVE;
}

static Call *
call_new (XimDesktopKeyring *keyring, XimDesktopKeyringCallback callback,
          gpointer user_data)
{
  Call *call = g_new0 (Call, 1);
  call->keyring = keyring;
  call->callback = callback;
  call->user_data = user_data;
  call->cancellable = g_cancellable_new ();
  call->timer = g_timeout_add_seconds (PATIENCE_S, give_up, call);
  keyring->calls = g_slist_prepend (keyring->calls, call);
  return call;
}

/* Takes @master and @error. */
static void
call_end (Call *call, XimSecret *master, GError *error)
{
  XimDesktopKeyring *keyring = call->keyring;
  if (keyring != NULL)
    {
      keyring->calls = g_slist_remove (keyring->calls, call);
      call_leave (call);
      call->callback (master, error, call->user_data);
    }
  else
    xim_secret_free (master);
  g_clear_error (&error);
  g_object_unref (call->cancellable);
  g_free (call);
}

static GHashTable *
attributes_of (const XimDesktopKeyring *keyring, const char *id)
{
  return secret_attributes_build (&schema, "account", keyring->jid, "id", id,
                                  NULL);
}

static GError *
unavailable (const GError *why)
{
  return g_error_new (XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                      "the desktop's keyring should answer: %s",
                      why != NULL ? why->message : "it did not do it");
}

/* Storing. */

static void
stored (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)source;
  g_autoptr (GError) why = NULL;
  const gboolean ok = secret_service_store_finish (NULL, result, &why);
  call_end (data, NULL, ok ? NULL : unavailable (why));
}

void
xim_desktop_keyring_store (XimDesktopKeyring *keyring, const char *id,
                           const XimSecret *master,
                           XimDesktopKeyringCallback callback,
                           gpointer user_data)
{
  Call *call = call_new (keyring, callback, user_data);
  g_autoptr (GHashTable) attributes = attributes_of (keyring, id);
  g_autofree char *label = g_strdup_printf ("X-IM: %s", keyring->jid);
  SecretValue *value = secret_value_new (
      (const char *)xim_secret_peek (master),
      (gssize)xim_secret_len (master), CONTENT_TYPE);
  secret_service_store (NULL, &schema, attributes, SECRET_COLLECTION_DEFAULT,
                        label, value, call->cancellable, stored, call);
  secret_value_unref (value);
}

/* Loading. */

static XimSecret *
take_secret (SecretItem *item, GError **error)
{
  SecretValue *value = secret_item_get_secret (item);
  if (value == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                           "the desktop's keyring should be unlocked, is"
                           " locked");
      return NULL;
    }
  gsize len = 0;
  const char *bytes = secret_value_get (value, &len);
  XimSecret *secret = xim_secret_new (len);
  if (len > 0)
    memcpy (xim_secret_data (secret), bytes, len);
  secret_value_unref (value);
  return secret;
}

static void
found (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)source;
  g_autoptr (GError) why = NULL;
  GError *error = NULL;
  XimSecret *secret = NULL;
  GList *items = secret_service_search_finish (NULL, result, &why);
  if (items != NULL)
    secret = take_secret (items->data, &error);
  else if (why != NULL)
    error = unavailable (why);
  else
    error = g_error_new_literal (XIM_ERROR, XIM_ERROR_NOT_FOUND,
                                 "the desktop's keyring should have the"
                                 " master key, has not");
  g_list_free_full (items, g_object_unref);
  call_end (data, secret, error);
}

void
xim_desktop_keyring_load (XimDesktopKeyring *keyring, const char *id,
                          XimDesktopKeyringCallback callback,
                          gpointer user_data)
{
  Call *call = call_new (keyring, callback, user_data);
  g_autoptr (GHashTable) attributes = attributes_of (keyring, id);
  secret_service_search (NULL, &schema, attributes,
                         SECRET_SEARCH_UNLOCK | SECRET_SEARCH_LOAD_SECRETS,
                         call->cancellable, found, call);
}

/* Erasing. */

static void
erased (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)source;
  g_autoptr (GError) why = NULL;
  secret_service_clear_finish (NULL, result, &why);
  call_end (data, NULL, why == NULL ? NULL : unavailable (why));
}

void
xim_desktop_keyring_erase (XimDesktopKeyring *keyring, const char *id,
                           XimDesktopKeyringCallback callback,
                           gpointer user_data)
{
  Call *call = call_new (keyring, callback, user_data);
  g_autoptr (GHashTable) attributes = attributes_of (keyring, id);
  secret_service_clear (NULL, &schema, attributes, call->cancellable, erased,
                        call);
}
