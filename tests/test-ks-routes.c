/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-routes.c and ks-listen.c. */

#include "config.h"

#include "ks-routes.h"

#include <string.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-listen.h"

typedef struct
{
  const char *method;
  const char *path;
  guint status; /* of the refusal; 0: found */
  const char *jid;
  guint32 number;
} Case;

static const Case cases[] = {
  { "GET", "/v1/server", 0, NULL, 0 },
  { "HEAD", "/v1/server", 0, NULL, 0 },
  { "GET", "/v1/server/7", 0, NULL, 7 },
  { "GET", "/v1/server/4294967295", 0, NULL, 4294967295u },
  { "GET", "/v1/accounts/a%40b.c", 0, "a@b.c", 0 },
  { "GET", "/v1/accounts/a@b.c", 0, "a@b.c", 0 },
  { "GET", "/v1/accounts/a%2Fb%40b.c", 0, "a/b@b.c", 0 },
  { "GET", "/v1/accounts/%c3%a4%40b.c", 0, "\xc3\xa4@b.c", 0 },
  { "POST", "/v1/accounts/a@b.c", 0, "a@b.c", 0 },
  { "DELETE", "/v1/accounts/a@b.c", 0, "a@b.c", 0 },
  { "GET", "/v1/accounts/a@b.c/versions/2", 0, "a@b.c", 2 },
  { "PUT", "/v1/accounts/a@b.c/devices/00112233445566aa", 0, "a@b.c", 0 },

  { "GET", "", 404, NULL, 0 },
  { "GET", "/", 404, NULL, 0 },
  { "GET", "v1/server", 404, NULL, 0 },
  { "GET", "/v1/server/", 400, NULL, 0 },
  { "GET", "/v1/server/1/", 404, NULL, 0 },
  { "GET", "/v1/serverx", 404, NULL, 0 },
  { "GET", "/v1/serve", 404, NULL, 0 },
  { "GET", "/a/b/c/d/e/f/g/h/i", 404, NULL, 0 },
  { "GET", "/healthz", 404, NULL, 0 },
  { "get", "/v1/server", 405, NULL, 0 },
  { "POST", "/v1/server", 405, NULL, 0 },
  { "HEAD", "/v1/accounts/a@b.c/devices/00112233445566aa", 405, NULL, 0 },
  { "DELETE", "/v1/accounts/a@b.c/versions/2", 405, NULL, 0 },
  { "DELETE", "/v1/server", 405, NULL, 0 },
  { "GET", "/v1/server/0", 400, NULL, 0 },
  { "GET", "/v1/server/01", 400, NULL, 0 },
  { "GET", "/v1/server/4294967296", 400, NULL, 0 },
  { "GET", "/v1/server/x", 400, NULL, 0 },
  { "GET", "/v1/accounts/a b@c.d", 400, NULL, 0 },
  { "GET", "/v1/accounts/\xc3\xa4@b.c", 400, NULL, 0 },
  { "GET", "/v1/accounts/%c3%28@b.c", 400, NULL, 0 },
  { "GET", "/v1/accounts/a%00@b.c", 400, NULL, 0 },
  { "GET", "/v1/accounts/a%4", 400, NULL, 0 },
  { "GET", "/v1/accounts/a%zz", 400, NULL, 0 },
  { "PUT", "/v1/accounts/a@b.c/devices/00112233445566AA", 400, NULL, 0 },
  { "PUT", "/v1/accounts/a@b.c/devices/0011", 400, NULL, 0 },
};

static void
test_find (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      g_test_message ("%s %s", c->method, c->path);
      XimKsRequest request = { 0 };
      g_autoptr (XimKsAnswer) refusal = NULL;
      const XimKsRoute *route = xim_ks_routes_find (
          xim_ks_routes_public (), c->method, c->path, &request, &refusal);
      g_assert_cmpint (route != NULL, ==, c->status == 0);
      g_assert_cmpint (refusal != NULL, ==, c->status != 0);
      if (refusal != NULL)
        g_assert_cmpuint (xim_ks_answer_status (refusal), ==, c->status);
      if (c->status == 405)
        g_assert_nonnull (xim_ks_answer_methods (refusal));
      if (c->jid != NULL)
        g_assert_cmpstr (request.jid, ==, c->jid);
      g_assert_cmpuint (request.number, ==, c->number);
      xim_ks_request_clear (&request);
    }
}

static void
test_admin_apart (void)
{
  XimKsRequest request = { 0 };
  XimKsAnswer *refusal = NULL;
  static const char *const paths[] = { "/healthz", "/readyz", "/metrics" };
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_nonnull (xim_ks_routes_find (xim_ks_routes_admin (), "GET",
                                          paths[i], &request, &refusal));
  g_assert_null (xim_ks_routes_find (xim_ks_routes_admin (), "GET",
                                     "/v1/server", &request, &refusal));
  g_assert_cmpuint (xim_ks_answer_status (refusal), ==, 404);
  xim_ks_answer_unref (refusal);
}

static void
test_listen (void)
{
  static const char *const good[] = { "127.0.0.1:0", "[::1]:0" };
  static const char *const bad[]
      = { "",         "127.0.0.1",      ":80",         "127.0.0.1:",
          "::1:80x",  "localhost:80",   "[::1:80",     "127.0.0.1:65536",
          "1.2.3:80", "[127.0.0.1]:-1", "127.0.0.1:01" };
  static const char *const world[] = { "0.0.0.0:0", "[::]:0", "192.0.2.1:0" };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = -1;
      guint16 port = 0;
      if (!xim_ks_listen (good[i], TRUE, &fd, &port, &error) && i > 0)
        {
          g_test_message ("no IPv6 here: %s", error->message);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (port, !=, 0);
      close (fd);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = -1;
      guint16 port = 0;
      g_assert_false (xim_ks_listen (bad[i], FALSE, &fd, &port, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
  for (guint i = 0; i < G_N_ELEMENTS (world); i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = -1;
      guint16 port = 0;
      g_assert_false (xim_ks_listen (world[i], TRUE, &fd, &port, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

static void
test_port_in_use (void)
{
  g_autoptr (GError) error = NULL;
  int first = -1, second = -1;
  guint16 port = 0;
  g_assert_true (xim_ks_listen ("127.0.0.1:0", TRUE, &first, &port, &error));
  g_autofree char *where = g_strdup_printf ("127.0.0.1:%u", port);
  g_assert_false (xim_ks_listen (where, TRUE, &second, &port, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
  close (first);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/ks-routes/find", test_find);
  g_test_add_func ("/ks-routes/admin-apart", test_admin_apart);
  g_test_add_func ("/ks-listen/addresses", test_listen);
  g_test_add_func ("/ks-listen/port-in-use", test_port_in_use);
  return g_test_run ();
}
