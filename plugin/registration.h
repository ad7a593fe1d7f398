/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The first device of an address: keys, proof, registration. */

#pragma once

#include "home.h"
#include "own.h"

typedef struct _XimRegistration XimRegistration;

/**
 * XimRegistrationFailed:
 * It never got as far as the keyserver's answer.
 */
typedef void (*XimRegistrationFailed) (const GError *error,
                                       gpointer user_data);

/**
 * xim_registration_new:
 * @own: unlocked when it is used; outlives it, like @home
 * @answered: the keyserver's answer to the registration
 */
XimRegistration *xim_registration_new (XimOwn *own, XimHome *home,
                                       XimHttpCallback answered,
                                       XimRegistrationFailed failed,
                                       gpointer user_data);
void xim_registration_free (XimRegistration *registration);

/**
 * xim_registration_start:
 * Makes the keys unless there are some, proves the address, sends the notes;
 * @home must be idle and found.  What was sent once is sent again.
 */
void xim_registration_start (XimRegistration *registration);
