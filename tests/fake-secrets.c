/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A desktop's keyring that a test plays. */

#include "config.h"

#include "tests/fake-secrets.h"

#include <gio/gio.h>
#include <string.h>

#define ROOT "/org/freedesktop/secrets"
#define PROMPT_UNLOCK ROOT "/prompt/unlock"
#define PROMPT_CREATE ROOT "/prompt/create"
#define ERROR_UNSUPPORTED "org.freedesktop.DBus.Error.NotSupported"

static const char interfaces[]
    = "<node><interface name='org.freedesktop.Secret.Service'>"
      "<method name='OpenSession'><arg type='s' direction='in'/>"
      "<arg type='v' direction='in'/><arg type='v' direction='out'/>"
      "<arg type='o' direction='out'/></method>"
      "<method name='SearchItems'><arg type='a{ss}' direction='in'/>"
      "<arg type='ao' direction='out'/><arg type='ao' direction='out'/>"
      "</method><method name='Unlock'><arg type='ao' direction='in'/>"
      "<arg type='ao' direction='out'/><arg type='o' direction='out'/>"
      "</method><method name='GetSecrets'><arg type='ao' direction='in'/>"
      "<arg type='o' direction='in'/>"
      "<arg type='a{o(oayays)}' direction='out'/></method>"
      "<property name='Collections' type='ao' access='read'/></interface>"
      "<interface name='org.freedesktop.Secret.Collection'>"
      "<method name='CreateItem'><arg type='a{sv}' direction='in'/>"
      "<arg type='(oayays)' direction='in'/><arg type='b' direction='in'/>"
      "<arg type='o' direction='out'/><arg type='o' direction='out'/>"
      "</method><property name='Items' type='ao' access='read'/>"
      "<property name='Label' type='s' access='read'/>"
      "<property name='Locked' type='b' access='read'/>"
      "<property name='Created' type='t' access='read'/>"
      "<property name='Modified' type='t' access='read'/></interface>"
      "<interface name='org.freedesktop.Secret.Item'>"
      "<method name='Delete'><arg type='o' direction='out'/></method>"
      "<property name='Locked' type='b' access='read'/>"
      "<property name='Attributes' type='a{ss}' access='read'/>"
      "<property name='Label' type='s' access='read'/>"
      "<property name='Created' type='t' access='read'/>"
      "<property name='Modified' type='t' access='read'/></interface>"
      "<interface name='org.freedesktop.Secret.Prompt'>"
      "<method name='Prompt'><arg type='s' direction='in'/></method>"
      "<signal name='Completed'><arg type='b'/><arg type='v'/></signal>"
      "</interface></node>";

typedef struct
{
  char *path;
  guint registration;
  GVariant *attributes;
  GBytes *secret;
} Item;

static GTestDBus *bus;
static GDBusConnection *connection;
static GDBusNodeInfo *info;
static GPtrArray *items;
static gboolean locked;
static guint owner;
static guint n_made;

static void
item_free (gpointer data)
{
  Item *item = data;
  g_dbus_connection_unregister_object (connection, item->registration);
  g_variant_unref (item->attributes);
  g_bytes_unref (item->secret);
  g_free (item->path);
  g_free (item);
}

static Item *
find (const char *path)
{
  for (guint i = 0; i < items->len; i++)
    if (strcmp (((Item *)g_ptr_array_index (items, i))->path, path) == 0)
      return g_ptr_array_index (items, i);
  return NULL;
}

static gboolean
matches (const Item *item, GVariant *wanted)
{
  GVariantIter iter;
  const char *name;
  const char *value;
  g_variant_iter_init (&iter, wanted);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    {
      const char *has = NULL;
      if (!g_variant_lookup (item->attributes, name, "&s", &has)
          || strcmp (has, value) != 0)
        return FALSE;
    }
  return TRUE;
}

static GVariant *
secret_of (const Item *item, const char *session)
{
  return g_variant_new (
      "(o@ay@ays)", session,
      g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "", 0, 1),
      g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, item->secret, TRUE),
      "application/octet-stream");
}

/* Methods. */

static GVariant *
search_items (GVariant *wanted)
{
  GVariantBuilder open;
  GVariantBuilder closed;
  g_variant_builder_init (&open, G_VARIANT_TYPE ("ao"));
  g_variant_builder_init (&closed, G_VARIANT_TYPE ("ao"));
  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = g_ptr_array_index (items, i);
      if (matches (item, wanted))
        g_variant_builder_add (locked ? &closed : &open, "o", item->path);
    }
  return g_variant_new ("(aoao)", &open, &closed);
}

static GVariant *
get_secrets (GVariant *paths, const char *session)
{
  GVariantBuilder builder;
  GVariantIter iter;
  const char *path;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{o(oayays)}"));
  g_variant_iter_init (&iter, paths);
  while (g_variant_iter_next (&iter, "&o", &path))
    if (find (path) != NULL && !locked)
      g_variant_builder_add (&builder, "{o@(oayays)}", path,
                             secret_of (find (path), session));
  return g_variant_new ("(a{o(oayays)})", &builder);
}

static void call (GDBusConnection *on, const char *sender, const char *path,
                  const char *interface, const char *method,
                  GVariant *arguments, GDBusMethodInvocation *invocation,
                  gpointer data);

static GVariant *
get (GDBusConnection *on, const char *sender, const char *path,
     const char *interface, const char *property, GError **error,
     gpointer data)
{
  (void)on, (void)sender, (void)interface, (void)error, (void)data;
  const Item *item = find (path);
  if (strcmp (property, "Attributes") == 0)
    return g_variant_ref (item->attributes);
  if (strcmp (property, "Locked") == 0)
    return g_variant_new_boolean (locked);
  if (strcmp (property, "Label") == 0)
    return g_variant_new_string ("X-IM");
  if (strcmp (property, "Created") == 0 || strcmp (property, "Modified") == 0)
    return g_variant_new_uint64 (1);
  return g_variant_new_objv (NULL, 0);
}

static const GDBusInterfaceVTable table
    = { .method_call = call, .get_property = get };

static guint
add_object (const char *path, guint i)
{
  g_autoptr (GError) error = NULL;
  guint registration = g_dbus_connection_register_object (
      connection, path, info->interfaces[i], &table, NULL, NULL, &error);
  g_assert_no_error (error);
  return registration;
}

static GVariant *
create_item (GVariant *properties, GVariant *secret)
{
  Item *item = g_new0 (Item, 1);
  g_autoptr (GVariant) value = g_variant_get_child_value (secret, 2);
  item->path = g_strdup_printf (ROOT "/collection/login/%u", ++n_made);
  item->attributes = g_variant_lookup_value (
      properties, "org.freedesktop.Secret.Item.Attributes",
      G_VARIANT_TYPE ("a{ss}"));
  item->secret = g_variant_get_data_as_bytes (value);
  item->registration = add_object (item->path, 2);
  g_ptr_array_add (items, item);
  return g_variant_new ("(oo)", item->path, "/");
}

static void
call (GDBusConnection *on, const char *sender, const char *path,
      const char *interface, const char *method, GVariant *arguments,
      GDBusMethodInvocation *invocation, gpointer data)
{
  (void)interface, (void)data;
  g_autoptr (GVariant) first = g_variant_n_children (arguments) > 0
                                   ? g_variant_get_child_value (arguments, 0)
                                   : NULL;
  g_autoptr (GVariant) second = g_variant_n_children (arguments) > 1
                                    ? g_variant_get_child_value (arguments, 1)
                                    : NULL;
  GVariant *answer = NULL;
  if (strcmp (method, "OpenSession") == 0
      && strcmp (g_variant_get_string (first, NULL), "plain") != 0)
    {
      g_dbus_method_invocation_return_dbus_error (invocation,
                                                  ERROR_UNSUPPORTED, "plain");
      return;
    }
  if (strcmp (method, "OpenSession") == 0)
    answer = g_variant_new ("(vo)", g_variant_new_string (""),
                            ROOT "/session/1");
  else if (strcmp (method, "SearchItems") == 0)
    answer = search_items (first);
  else if (strcmp (method, "Unlock") == 0)
    answer = g_variant_new ("(@aoo)", g_variant_new_objv (NULL, 0),
                            PROMPT_UNLOCK);
  else if (strcmp (method, "GetSecrets") == 0)
    answer = get_secrets (first, g_variant_get_string (second, NULL));
  else if (strcmp (method, "CreateItem") == 0 && locked)
    answer = g_variant_new ("(oo)", "/", PROMPT_CREATE);
  else if (strcmp (method, "CreateItem") == 0)
    answer = create_item (first, second);
  else if (strcmp (method, "Delete") == 0)
    {
      g_ptr_array_remove (items, find (path));
      answer = g_variant_new ("(o)", "/");
    }
  g_dbus_method_invocation_return_value (invocation, answer);
  if (strcmp (method, "Prompt") == 0)
    g_dbus_connection_emit_signal (
        on, sender, path, "org.freedesktop.Secret.Prompt", "Completed",
        g_variant_new ("(bv)", TRUE,
                       strcmp (path, PROMPT_UNLOCK) == 0
                           ? g_variant_new_objv (NULL, 0)
                           : g_variant_new_object_path ("/")),
        NULL);
}

gboolean
fake_secrets_start (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  if (daemon == NULL)
    return FALSE;
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  info = g_dbus_node_info_new_for_xml (interfaces, &error);
  g_assert_no_error (error);
  items = g_ptr_array_new_with_free_func (item_free);
  add_object (ROOT, 0);
  add_object (ROOT "/aliases/default", 1);
  add_object (ROOT "/collection/login", 1);
  add_object (PROMPT_UNLOCK, 3);
  add_object (PROMPT_CREATE, 3);
  return TRUE;
}

void
fake_secrets_stop (void)
{
  fake_secrets_show (FALSE);
  g_ptr_array_unref (items);
  g_dbus_node_info_unref (info);
  g_object_unref (connection);
  g_test_dbus_stop (bus);
  g_object_unref (bus);
}

void
fake_secrets_show (gboolean is_there)
{
  g_autoptr (GError) error = NULL;
  if (is_there == (owner != 0))
    return;
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
      connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
      "org.freedesktop.DBus", is_there ? "RequestName" : "ReleaseName",
      is_there ? g_variant_new ("(su)", "org.freedesktop.secrets", 4)
               : g_variant_new ("(s)", "org.freedesktop.secrets"),
      NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  owner = is_there ? 1 : 0;
}

void
fake_secrets_lock (gboolean is_locked)
{
  locked = is_locked;
}

guint
fake_secrets_n (void)
{
  return items->len;
}

static Item *
last (void)
{
  g_assert_cmpuint (items->len, >, 0);
  return g_ptr_array_index (items, items->len - 1);
}

GBytes *
fake_secrets_last (void)
{
  return last ()->secret;
}

const char *
fake_secrets_id (void)
{
  const char *id = NULL;
  g_assert_true (g_variant_lookup (last ()->attributes, "id", "&s", &id));
  return id;
}

void
fake_secrets_replace (const void *data, gsize len)
{
  g_bytes_unref (last ()->secret);
  last ()->secret = g_bytes_new (data, len);
}
