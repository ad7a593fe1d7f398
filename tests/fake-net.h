/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A clock, HTTP and iqs that a test plays: it links this instead of
 * plugin/clock.c, plugin/http.c and plugin/iq.c. */

#pragma once

#include "plugin/http.h"
#include "plugin/iq.h"

/* What the clocks show. */
extern gint64 fake_now_s;
extern gint64 fake_boot_s;
extern const char *fake_boot_name; /* of this start of the computer */
void fake_sleep (gint64 seconds);  /* both clocks go on */

typedef struct
{
  XimHttpOutcome outcome;
  guint status;
  char *body;     /* (transfer full) */
  gsize body_len; /* of bytes that are no text; 0: to the NUL */
  const char *etag;
} FakeAnswer;

/**
 * FakeHandler:
 * Answers a request; it is called when the answer is due, or not at all when
 * the request was cancelled before.
 */
typedef void (*FakeHandler) (const XimHttpRequest *request,
                             FakeAnswer *answer);

/**
 * FakeIqHandler:
 * Returns: (transfer full) (nullable): the <iq/> as XML; NULL for no answer,
 * "" when fake_answer_iq() will give it
 */
typedef char *(*FakeIqHandler) (const char *to, const XimIqElement *element);

/* Starts over: nothing was asked. */
void fake_net_reset (FakeHandler http, FakeIqHandler iq);

/**
 * fake_server_json:
 * Returns: (transfer full): what /v1/server answers for TEST_DOMAIN when its
 * keyserver's key is the one that @letter makes
 */
char *fake_server_json (char letter);

/* "METHOD URL", with " etag" behind it when it was conditional. */
guint fake_n_requests (void);
const char *fake_request (guint i);
guint fake_n_iqs (void);

/* "TO NAME TEXT" of what was asked; "FROM ID result TEXT" or "FROM ID TYPE
 * CONDITION" of what was answered to others. */
const char *fake_iq (guint i);
guint fake_n_replies (void);
const char *fake_reply (guint i);

/* Returns: whether a question to @to was open; @xml is NULL for no answer. */
gboolean fake_answer_iq (const char *to, const char *xml);

/* Runs the main loop until nothing is left to do at once. */
void fake_run (void);
