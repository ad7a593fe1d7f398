/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Locked bytes: an arena of pieces, and the secrets that own them. */

#include "config.h"

#include "xim-secret.h"

#include <sodium.h>
#include <string.h>
#include <sys/resource.h>

#include "xim-error.h"

/* Under AddressSanitizer, bytes that nobody owns must not be touched. */
#ifdef __SANITIZE_ADDRESS__
#define XIM_SECRET_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define XIM_SECRET_ASAN 1
#endif
#endif
#ifdef XIM_SECRET_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(data, len) ((void)(data), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(data, len) ((void)(data), (void)(len))
#endif

#define ARENA_LEN (1024 * 1024)
#define ARENA_LEN_MIN (32 * 1024)
#define PIECE_SHIFT_MIN 6  /* the smallest piece has 64 bytes */
#define PIECE_SHIFT_MAX 18 /* a larger one is a region of its own */
#define N_CLASSES (PIECE_SHIFT_MAX - PIECE_SHIFT_MIN + 1)

struct _XimSecret
{
  guint8 *data;
  gsize len;
  gsize size; /* of the piece; a power of two unless it is its own region */
};

typedef struct _FreePiece FreePiece;
struct _FreePiece
{
  FreePiece *next;
};

/* Pieces are powers of two; a freed one waits for the next of its size. */
static struct
{
  GMutex mutex;
  gboolean ready;
  gboolean all_locked;
  guint8 *fresh; /* never handed out yet */
  gsize fresh_len;
  FreePiece *waiting[N_CLASSES];
} arena;

/* A part of what may be locked is left to others in this process. */
static gsize
first_len (void)
{
  struct rlimit limit = { 0 };
  gsize len = ARENA_LEN;

  if (getrlimit (RLIMIT_MEMLOCK, &limit) != 0)
    return len;
  while (len > ARENA_LEN_MIN && len > limit.rlim_cur / 2)
    len /= 2;
  return len;
}

/* sodium_malloc () does not say whether its lock held, so this locks again. */
static guint8 *
make_region (gsize len)
{
  guint8 *region = sodium_malloc (len);

  if (region == NULL)
    return NULL;
  if (sodium_mlock (region, len) != 0)
    arena.all_locked = FALSE;
  memset (region, 0, len);
  return region;
}

gboolean
xim_secret_init (GError **error)
{
  static gsize once = 0;
  static gboolean made = FALSE;

  if (g_once_init_enter (&once))
    {
      gsize len = first_len ();
      arena.all_locked = TRUE;
      if (sodium_init () >= 0)
        arena.fresh = make_region (len);
      made = arena.fresh != NULL;
      if (made)
        {
          arena.fresh_len = len;
          ASAN_POISON_MEMORY_REGION (arena.fresh, len);
        }
      g_once_init_leave (&once, 1);
    }
  if (!made)
    g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                         "expected random bytes and memory for secrets, "
                         "the system gave none");
  return made;
}

gboolean
xim_secret_renew (GError **error)
{
  gsize len = first_len ();
  g_mutex_lock (&arena.mutex);
  arena.all_locked = TRUE;
  arena.fresh = make_region (len);
  arena.fresh_len = arena.fresh != NULL ? len : 0;
  for (guint i = 0; i < N_CLASSES; i++)
    arena.waiting[i] = NULL;
  gboolean made = arena.fresh != NULL;
  if (made)
    ASAN_POISON_MEMORY_REGION (arena.fresh, len);
  g_mutex_unlock (&arena.mutex);
  if (!made)
    g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                         "expected memory for secrets, the system gave none");
  return made;
}

static guint
class_of (gsize len)
{
  guint shift = PIECE_SHIFT_MIN;
  while (((gsize)1 << shift) < len)
    shift++;
  return shift - PIECE_SHIFT_MIN;
}

/* What is left of a full arena is handed out later, as smaller pieces. */
static void
grow (void)
{
  for (guint i = N_CLASSES; i-- > 0;)
    {
      gsize size = (gsize)1 << (i + PIECE_SHIFT_MIN);
      if (arena.fresh_len < size)
        continue;
      FreePiece *piece = (FreePiece *)(gpointer)arena.fresh;
      ASAN_UNPOISON_MEMORY_REGION (piece, sizeof *piece);
      piece->next = arena.waiting[i];
      arena.waiting[i] = piece;
      ASAN_POISON_MEMORY_REGION (piece, sizeof *piece);
      arena.fresh += size;
      arena.fresh_len -= size;
    }
  arena.fresh = make_region (ARENA_LEN);
  if (arena.fresh == NULL)
    g_error ("no memory for secrets");
  arena.fresh_len = ARENA_LEN;
  ASAN_POISON_MEMORY_REGION (arena.fresh, ARENA_LEN);
}

static guint8 *
take_piece (guint class, gsize size)
{
  FreePiece *piece = arena.waiting[class];

  if (piece != NULL)
    {
      ASAN_UNPOISON_MEMORY_REGION (piece, sizeof *piece);
      arena.waiting[class] = piece->next;
      piece->next = NULL;
      ASAN_POISON_MEMORY_REGION (piece, sizeof *piece);
      return (guint8 *)piece;
    }
  if (arena.fresh_len < size)
    grow ();
  guint8 *data = arena.fresh;
  arena.fresh += size;
  arena.fresh_len -= size;
  return data;
}

XimSecret *
xim_secret_new (gsize len)
{
  XimSecret *secret = g_new (XimSecret, 1);

  if (!xim_secret_init (NULL))
    g_error ("no memory for secrets at the start");
  secret->len = len;
  g_mutex_lock (&arena.mutex);
  if (len <= ((gsize)1 << PIECE_SHIFT_MAX))
    {
      guint class = class_of (len);
      secret->size = (gsize)1 << (class + PIECE_SHIFT_MIN);
      secret->data = take_piece (class, secret->size);
    }
  else
    {
      secret->size = len;
      secret->data = make_region (len);
      if (secret->data == NULL)
        g_error ("no memory for a secret of %" G_GSIZE_FORMAT " bytes", len);
    }
  g_mutex_unlock (&arena.mutex);
  ASAN_UNPOISON_MEMORY_REGION (secret->data, len);
  return secret;
}

XimSecret *
xim_secret_new_take (guint8 *data, gsize len)
{
  XimSecret *secret = xim_secret_new (len);

  if (len > 0)
    memcpy (secret->data, data, len);
  xim_secret_wipe (data, len);
  return secret;
}

guint8 *
xim_secret_data (XimSecret *secret)
{
  g_return_val_if_fail (secret != NULL, NULL);
  return secret->data;
}

const guint8 *
xim_secret_peek (const XimSecret *secret)
{
  g_return_val_if_fail (secret != NULL, NULL);
  return secret->data;
}

gsize
xim_secret_len (const XimSecret *secret)
{
  g_return_val_if_fail (secret != NULL, 0);
  return secret->len;
}

void
xim_secret_truncate (XimSecret *secret, gsize len)
{
  g_return_if_fail (secret != NULL && len <= secret->len);
  xim_secret_wipe (secret->data + len, secret->len - len);
  ASAN_POISON_MEMORY_REGION (secret->data + len, secret->len - len);
  secret->len = len;
}

void
xim_secret_free (XimSecret *secret)
{
  if (secret == NULL)
    return;
  ASAN_UNPOISON_MEMORY_REGION (secret->data, secret->size);
  if (secret->size > ((gsize)1 << PIECE_SHIFT_MAX))
    {
      sodium_free (secret->data);
      g_free (secret);
      return;
    }
  xim_secret_wipe (secret->data, secret->size);
  FreePiece *piece = (FreePiece *)(gpointer)secret->data;
  guint class = class_of (secret->size);
  g_mutex_lock (&arena.mutex);
  piece->next = arena.waiting[class];
  arena.waiting[class] = piece;
  ASAN_POISON_MEMORY_REGION (piece, secret->size);
  g_mutex_unlock (&arena.mutex);
  g_free (secret);
}

void
xim_secret_wipe (gpointer data, gsize len)
{
  if (len > 0)
    sodium_memzero (data, len);
}

gboolean
xim_secret_all_locked (void)
{
  g_mutex_lock (&arena.mutex);
  gboolean all_locked = arena.all_locked;
  g_mutex_unlock (&arena.mutex);
  return all_locked;
}
