/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Keeps the open requests and calls back when the driver answers. */

#include "config.h"

#include "client-request.h"

#include "client-event.h"

typedef struct
{
  guint id;
  PurpleRequestType type;
  GCallback ok;
  GCallback cancel;
  GPtrArray *actions; /* of PurpleRequestActionCb */
  PurpleRequestFields *fields;
  void *user_data;
} Request;

static GHashTable *requests;
static guint last_id;

static Request *
request_new (PurpleRequestType type, void *user_data)
{
  Request *request = g_new0 (Request, 1);
  request->id = ++last_id;
  request->type = type;
  request->user_data = user_data;
  if (requests == NULL)
    requests = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (requests, GUINT_TO_POINTER (request->id), request);
  return request;
}

static Event *
request_event (Request *request, const char *kind, const char *title,
               const char *primary, const char *secondary)
{
  Event *event = event_new ("request");
  event_int (event, "id", request->id);
  event_string (event, "kind", kind);
  event_string (event, "title", title);
  event_string (event, "primary", primary);
  event_string (event, "secondary", secondary);
  return event;
}

static void *
ask_input (const char *title, const char *primary, const char *secondary,
           const char *default_value, gboolean multiline, gboolean masked,
           gchar *hint, const char *ok_text, GCallback ok_cb,
           const char *cancel_text, GCallback cancel_cb,
           PurpleAccount *account, const char *who, PurpleConversation *conv,
           void *user_data)
{
  (void)multiline, (void)hint, (void)account, (void)conv;
  Request *request = request_new (PURPLE_REQUEST_INPUT, user_data);
  request->ok = ok_cb;
  request->cancel = cancel_cb;
  Event *event = request_event (request, "input", title, primary, secondary);
  event_string (event, "default", default_value);
  event_bool (event, "masked", masked);
  event_string (event, "who", who);
  char *actions[] = { (char *)ok_text, (char *)cancel_text, NULL };
  event_strings (event, "actions", actions);
  event_send (event);
  return request;
}

static void *
ask_action (const char *title, const char *primary, const char *secondary,
            int default_action, PurpleAccount *account, const char *who,
            PurpleConversation *conv, void *user_data, size_t action_count,
            va_list actions)
{
  (void)account, (void)conv;
  Request *request = request_new (PURPLE_REQUEST_ACTION, user_data);
  request->actions = g_ptr_array_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (size_t i = 0; i < action_count; i++)
    {
      g_ptr_array_add (names, va_arg (actions, char *));
      GCallback callback = va_arg (actions, GCallback);
      g_ptr_array_add (request->actions, (gpointer)callback);
    }
  g_ptr_array_add (names, NULL);
  Event *event = request_event (request, "action", title, primary, secondary);
  event_strings (event, "actions", (char *const *)names->pdata);
  event_int (event, "default", default_action);
  event_string (event, "who", who);
  event_send (event);
  return request;
}

static void *
ask_action_with_icon (const char *title, const char *primary,
                      const char *secondary, int default_action,
                      PurpleAccount *account, const char *who,
                      PurpleConversation *conv, gconstpointer icon_data,
                      gsize icon_size, void *user_data, size_t action_count,
                      va_list actions)
{
  (void)icon_data, (void)icon_size;
  return ask_action (title, primary, secondary, default_action, account, who,
                     conv, user_data, action_count, actions);
}

static void
collect_fields (PurpleRequestFields *fields, GPtrArray *names)
{
  GList *groups = purple_request_fields_get_groups (fields);
  for (GList *g = groups; g != NULL; g = g->next)
    {
      GList *list = purple_request_field_group_get_fields (g->data);
      for (GList *f = list; f != NULL; f = f->next)
        g_ptr_array_add (names, (char *)purple_request_field_get_id (f->data));
    }
  g_ptr_array_add (names, NULL);
}

static void *
ask_fields (const char *title, const char *primary, const char *secondary,
            PurpleRequestFields *fields, const char *ok_text, GCallback ok_cb,
            const char *cancel_text, GCallback cancel_cb,
            PurpleAccount *account, const char *who, PurpleConversation *conv,
            void *user_data)
{
  (void)account, (void)conv;
  Request *request = request_new (PURPLE_REQUEST_FIELDS, user_data);
  request->ok = ok_cb;
  request->cancel = cancel_cb;
  request->fields = fields;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  collect_fields (fields, names);
  Event *event = request_event (request, "fields", title, primary, secondary);
  event_strings (event, "fields", (char *const *)names->pdata);
  event_string (event, "who", who);
  char *actions[] = { (char *)ok_text, (char *)cancel_text, NULL };
  event_strings (event, "actions", actions);
  event_send (event);
  return request;
}

static void
close_request (PurpleRequestType type, void *ui_handle)
{
  (void)type;
  Request *request = ui_handle;
  Event *event = event_new ("request-closed");
  event_int (event, "id", request->id);
  event_send (event);
  g_hash_table_remove (requests, GUINT_TO_POINTER (request->id));
  if (request->actions != NULL)
    g_ptr_array_unref (request->actions);
  if (request->fields != NULL)
    purple_request_fields_destroy (request->fields);
  g_free (request);
}

PurpleRequestUiOps *
request_ops (void)
{
  static PurpleRequestUiOps ops = {
    .request_input = ask_input,
    .request_action = ask_action,
    .request_fields = ask_fields,
    .close_request = close_request,
    .request_action_with_icon = ask_action_with_icon,
  };
  return &ops;
}

static void
set_field (PurpleRequestField *field, const char *value)
{
  switch (purple_request_field_get_type (field))
    {
    case PURPLE_REQUEST_FIELD_STRING:
      purple_request_field_string_set_value (field, value);
      break;
    case PURPLE_REQUEST_FIELD_BOOLEAN:
      purple_request_field_bool_set_value (field, g_str_equal (value, "1"));
      break;
    case PURPLE_REQUEST_FIELD_INTEGER:
      purple_request_field_int_set_value (
          field, (int)g_ascii_strtoll (value, NULL, 10));
      break;
    case PURPLE_REQUEST_FIELD_CHOICE:
      purple_request_field_choice_set_value (
          field, (int)g_ascii_strtoll (value, NULL, 10));
      break;
    case PURPLE_REQUEST_FIELD_NONE:
    case PURPLE_REQUEST_FIELD_LIST:
    case PURPLE_REQUEST_FIELD_LABEL:
    case PURPLE_REQUEST_FIELD_IMAGE:
    case PURPLE_REQUEST_FIELD_ACCOUNT:
    default:
      break;
    }
}

static void
set_fields (PurpleRequestFields *fields, char *const *values)
{
  for (guint i = 0; values[i] != NULL && values[i + 1] != NULL; i += 2)
    if (purple_request_fields_exists (fields, values[i]))
      set_field (purple_request_fields_get_field (fields, values[i]),
                 values[i + 1]);
}

/* The callback may open the next request or close the account. */
static void
call_back (Request *request, int choice, char *const *values)
{
  GCallback callback = choice == 0 ? request->ok : request->cancel;
  if (request->type == PURPLE_REQUEST_ACTION)
    {
      PurpleRequestActionCb action
          = (PurpleRequestActionCb)request->actions->pdata[choice];
      if (action != NULL)
        action (request->user_data, choice);
    }
  else if (callback == NULL)
    return;
  else if (request->type == PURPLE_REQUEST_FIELDS)
    {
      set_fields (request->fields, values);
      ((PurpleRequestFieldsCb)callback) (request->user_data, request->fields);
    }
  else
    ((PurpleRequestInputCb)callback) (request->user_data, values[0]);
}

gboolean
request_answer (guint id, int choice, char *const *values)
{
  Request *request
      = requests == NULL
            ? NULL
            : g_hash_table_lookup (requests, GUINT_TO_POINTER (id));
  if (request == NULL)
    return FALSE;
  int n = request->actions == NULL ? 2 : (int)request->actions->len;
  if (choice >= n || (choice < 0 && request->actions != NULL))
    return FALSE;
  call_back (request, choice, values);
  if (g_hash_table_lookup (requests, GUINT_TO_POINTER (id)) == request)
    purple_request_close (request->type, request);
  return TRUE;
}
