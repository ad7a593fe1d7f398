/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* How it stands with the own keys, in words. */

#include "config.h"

#include "enrol-words.h"

#include "i18n.h"

const char *
xim_enrol_words_state (const XimEnrol *enrol)
{
  switch (xim_enrol_state (enrol))
    {
    case XIM_ENROL_READY:
      return _ ("your keys are ready");
    case XIM_ENROL_LOCKED:
      return _ ("your keys are locked; to unlock them, type /xim unlock");
    case XIM_ENROL_WORKING:
      return _ ("your keys are being set up");
    case XIM_ENROL_NO_SERVER:
      return _ ("your domain has no keyserver, so nothing is encrypted");
    case XIM_ENROL_OTHER_DEVICE:
      return _ ("your address has keys on other devices, and this one is not "
                "added yet; to add it, type /xim join");
    case XIM_ENROL_LEFT:
      return _ ("the keys of your address were erased; to start again, type "
                "/xim reset");
    case XIM_ENROL_ALARM:
      return xim_enrol_words_alarm (xim_enrol_alarm (enrol));
    case XIM_ENROL_FAILED:
      return _ ("your keys could not be set up yet; it is tried again");
    case XIM_ENROL_NEVER:
    default:
      return _ ("X-IM is not set up yet");
    }
}

const char *
xim_enrol_words_alarm (XimAlarm alarm)
{
  switch (alarm)
    {
    case XIM_ALARM_REMOVED:
      return _ (
          "WARNING: another device of yours has removed this one. Nothing is "
          "sent from here. If that was you, this device can be added again: "
          "/xim join. If not, somebody else has a device of your account: "
          "start again with /xim reset");
    case XIM_ALARM_RESET:
      return _ (
          "WARNING: somebody has started again with new keys for your "
          "address, "
          "without this device. Nothing is sent from here. If that was you, "
          "this device can be added again: /xim join. If not, change the "
          "password of your account, then start again with /xim reset");
    case XIM_ALARM_BROKEN:
      return _ (
          "WARNING: what your keyserver says of your devices contradicts what "
          "it said before. Somebody may be pretending to be you. Nothing is "
          "sent until it is right again; ask the operator of the keyserver.");
    case XIM_ALARM_COPIED:
      return _ (
          "WARNING: the keyserver has a key of this device that was not made "
          "here. This device was copied: somebody can read and write as you. "
          "Nothing is sent from here. Remove this device on another one, or "
          "start again with /xim reset");
    case XIM_ALARM_ERASED:
      return _ (
          "WARNING: the keyserver says that you have no keys. They were "
          "erased there. Nothing is sent from here. To start again with new "
          "keys, type /xim reset");
    case XIM_ALARM_NONE:
    default:
      return NULL;
    }
}

static char *
clock_text (gint64 off_s)
{
  gint64 minutes = (ABS (off_s) + 59) / 60;
  return g_strdup_printf (
      off_s > 0
          ? NG_ ("This computer's clock is %d minute ahead of the keyserver's."
                 " New keys are made when it is right.",
                 "This computer's clock is %d minutes ahead of the"
                 " keyserver's. New keys are made when it is right.",
                 (gulong)minutes)
          : NG_ ("This computer's clock is %d minute behind the keyserver's."
                 " New keys are made when it is right.",
                 "This computer's clock is %d minutes behind the keyserver's."
                 " New keys are made when it is right.",
                 (gulong)minutes),
      (int)MIN (minutes, G_MAXINT));
}

char *
xim_enrol_words_error (const XimEnrol *enrol)
{
  const GError *error = xim_enrol_error (enrol);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    return g_strdup (_ (
        "WARNING: your keyserver shows another key than before. Somebody may "
        "be pretending to be it. X-IM does not use it until it shows the "
        "right key."));
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED))
    return g_strdup (_ (
        "WARNING: your keyserver does not prove that the keys it shows for "
        "your address are those that everybody sees. What it showed is not "
        "used; it is asked again by and by. Ask its operator."));
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_CONFLICT))
    return g_strdup (_ ("Your address had keys before, and they were erased. "
                        "To start again with new keys, type /xim reset"));
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_EXPIRED)
      && xim_enrol_clock_off_s (enrol) != 0)
    return clock_text (xim_enrol_clock_off_s (enrol));
  return NULL;
}
