/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Questions that are open, each with two answers. */

#pragma once

#include <purple.h>

typedef struct _XimConfirm XimConfirm;

/* The answer: @yes is the first of the two.  It may ask again. */
typedef void (*XimConfirmCallback) (gboolean yes, const char *key,
                                    gpointer user_data);

typedef struct
{
  const char *key; /* what it is about; one question of each key is open */
  const char *primary;
  const char *secondary;
  const char *yes;
  const char *no;
  gboolean yes_is_default;
} XimConfirmQuestion;

XimConfirm *xim_confirm_new (PurpleAccount *account, gpointer user_data);
void xim_confirm_free (XimConfirm *confirm); /* closes them all */

/**
 * xim_confirm_ask:
 * @callback: once, from the main loop; not after xim_confirm_close()
 * Returns: FALSE when nobody can be asked, or is asked already
 */
gboolean xim_confirm_ask (XimConfirm *confirm,
                          const XimConfirmQuestion *question,
                          XimConfirmCallback callback);

/* The question about @key is not to be answered any more. */
void xim_confirm_close (XimConfirm *confirm, const char *key);
