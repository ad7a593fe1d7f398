/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The states of a conversation in words; in the core and in the faces. */

#include "config.h"

#include "face.h"

#include "i18n.h"

const char *
xim_face_words (XimFaceState state)
{
  switch (state)
    {
    case XIM_FACE_NOT_ENCRYPTED:
      return _ ("NOT encrypted");
    case XIM_FACE_WAITING:
      return _ ("Waiting");
    case XIM_FACE_LOCKED:
      return _ ("Locked");
    case XIM_FACE_ENCRYPTED:
      return _ ("Encrypted");
    case XIM_FACE_VERIFIED:
      return _ ("Encrypted and verified");
    case XIM_FACE_NONE:
    default:
      return "";
    }
}
