/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The first device of an address: keys, proof, registration. */

#include "config.h"

#include "registration.h"

#include "clock.h"

struct _XimRegistration
{
  XimOwn *own;
  XimHome *home;
  XimHttpCallback answered;
  XimRegistrationFailed failed;
  gpointer user_data;
};

XimRegistration *
xim_registration_new (XimOwn *own, XimHome *home, XimHttpCallback answered,
                      XimRegistrationFailed failed, gpointer user_data)
{
  XimRegistration *registration = g_new0 (XimRegistration, 1);
  registration->own = own;
  registration->home = home;
  registration->answered = answered;
  registration->failed = failed;
  registration->user_data = user_data;
  return registration;
}

void
xim_registration_free (XimRegistration *registration)
{
  g_free (registration);
}

static void
got_account (const XimHttpAnswer *answer, gpointer data)
{
  XimRegistration *registration = data;
  registration->answered (answer, registration->user_data);
}

static void
post (XimRegistration *registration)
{
  g_autoptr (GError) error = NULL;
  XimOwnOffer offer;
  if (xim_own_offer (registration->own, xim_plugin_now_s (), &offer, &error))
    xim_home_register (registration->home, offer.account, offer.device,
                       got_account, registration);
  else
    registration->failed (error, registration->user_data);
}

static void
got_proof (gboolean taken, gboolean answered, gpointer data)
{
  XimRegistration *registration = data;
  if (taken)
    {
      post (registration);
      return;
    }
  g_autoptr (GError) error = g_error_new_literal (
      XIM_ERROR, XIM_ERROR_UNAVAILABLE,
      answered ? "the keyserver should take the proof and refused it"
               : "the keyserver should take the proof, did not answer");
  registration->failed (error, registration->user_data);
}

/* The keys are on the disk before anything of them leaves. */
void
xim_registration_start (XimRegistration *registration)
{
  g_autoptr (GError) error = NULL;
  XimOwnOffer offer;
  gint64 now_s = xim_plugin_now_s ();
  gboolean ok = xim_own_has_device (registration->own)
                || xim_own_make (registration->own, now_s, &error);
  if (ok && xim_own_offer (registration->own, now_s, &offer, &error))
    xim_home_prove (registration->home, &offer.digest, got_proof,
                    registration);
  else
    registration->failed (error, registration->user_data);
}
