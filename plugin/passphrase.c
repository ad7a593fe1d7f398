/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Where the passphrase of the keystore comes from. */

#include "config.h"

#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "i18n.h"

#define FIELD "passphrase"
#define FIELD_AGAIN "again"
#define FIELD_OLD "old"

/* Files. */

static gboolean
check_file (int fd, const char *path, GError **error)
{
  struct stat info;
  if (fstat (fd, &info) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "looking at %s: %s",
                   path, g_strerror (errno));
      return FALSE;
    }
  if (S_ISREG (info.st_mode) && info.st_uid == geteuid ()
      && (info.st_mode & 0177) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "%s should be a regular file of user %u with mode 0600, is of"
               " user %u with mode %04o",
               path, geteuid (), info.st_uid, info.st_mode & 07777);
  return FALSE;
}

/* Reads one byte more than is allowed, to see what is too long. */
static gboolean
read_all (int fd, XimSecret *out, gsize *len, GError **error)
{
  *len = 0;
  while (*len < xim_secret_len (out))
    {
      gssize n = read (fd, xim_secret_data (out) + *len,
                       xim_secret_len (out) - *len);
      if (n == 0)
        return TRUE;
      if (n > 0)
        *len += (gsize)n;
      else if (errno != EINTR)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                       "reading the passphrase: %s", g_strerror (errno));
          return FALSE;
        }
    }
  g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
               "a passphrase should have at most %d bytes, has more",
               XIM_PASSPHRASE_MAX);
  return FALSE;
}

static XimSecret *
read_passphrase (int fd, GError **error)
{
  gsize len = 0;
  g_autoptr (XimSecret) secret = xim_secret_new (XIM_PASSPHRASE_MAX + 2);
  if (!read_all (fd, secret, &len, error))
    return NULL;
  if (len > 0 && xim_secret_peek (secret)[len - 1] == '\n')
    len--;
  if (len == 0)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "a passphrase should have a byte, has none");
      return NULL;
    }
  xim_secret_truncate (secret, len);
  return g_steal_pointer (&secret);
}

XimSecret *
xim_passphrase_read (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
  if (fd < 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "opening %s: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  XimSecret *secret
      = check_file (fd, path, error) ? read_passphrase (fd, error) : NULL;
  close (fd);
  return secret;
}

/* Dialogs. */

struct _XimPassphrase
{
  PurpleAccount *account;
  char *jid;
  XimPassphraseKind kind;
  gboolean answered; /* the client closes the dialog itself afterwards */
  XimPassphraseCallback callback;
  gpointer user_data;
};

static void open_dialog (XimPassphrase *question, const char *problem,
                         gboolean *asked);

/* The client's own copy is wiped at once; what its window keeps is not ours
 * to wipe. */
static XimSecret *
take_field (PurpleRequestFields *fields, const char *id)
{
  char *text = (char *)purple_request_fields_get_string (fields, id);
  return text != NULL ? xim_secret_new_take ((guint8 *)text, strlen (text))
                      : xim_secret_new (0);
}

static gboolean
is_chosen (XimPassphraseKind kind)
{
  return kind == XIM_PASSPHRASE_CHOOSE || kind == XIM_PASSPHRASE_CHANGE
         || kind == XIM_PASSPHRASE_EXPORT;
}

static char *
primary_text (XimPassphraseKind kind, const char *jid)
{
  switch (kind)
    {
    case XIM_PASSPHRASE_CHOOSE:
      return g_strdup_printf (_ ("Choose a passphrase for the keys of %s"),
                              jid);
    case XIM_PASSPHRASE_CHANGE:
      return g_strdup_printf (_ ("Change the passphrase for the keys of %s"),
                              jid);
    case XIM_PASSPHRASE_EXPORT:
      return g_strdup_printf (
          _ ("Choose a passphrase for the exported keys of %s"), jid);
    case XIM_PASSPHRASE_IMPORT:
      return g_strdup_printf (_ ("Passphrase for the exported keys of %s"),
                              jid);
    case XIM_PASSPHRASE_UNLOCK:
    default:
      return g_strdup_printf (_ ("Passphrase for the keys of %s"), jid);
    }
}

static const char *
secondary_text (XimPassphraseKind kind)
{
  switch (kind)
    {
    case XIM_PASSPHRASE_CHOOSE:
      return _ ("It protects your keys on this computer. If you forget it, "
                "messages that wait for you cannot be read any more.");
    case XIM_PASSPHRASE_CHANGE:
      return _ ("The old one does not unlock them any more afterwards.");
    case XIM_PASSPHRASE_EXPORT:
      return _ ("Whoever has the file and this passphrase can read what was "
                "sent to you. Choose another one than for this computer.");
    case XIM_PASSPHRASE_IMPORT:
      return _ ("It was chosen when the file was made.");
    case XIM_PASSPHRASE_UNLOCK:
    default:
      return _ ("It unlocks your keys on this computer.");
    }
}

static const char *
find_problem (const XimSecret *first, const XimSecret *again)
{
  gsize len = xim_secret_len (first);
  if (len == 0)
    return _ ("The passphrase is empty.");
  if (len > XIM_PASSPHRASE_MAX)
    return _ ("The passphrase is too long.");
  if (again != NULL
      && (xim_secret_len (again) != len
          || !xim_crypto_equal (xim_secret_peek (first),
                                xim_secret_peek (again), len)))
    return _ ("The two passphrases are not the same.");
  return NULL;
}

static void
answered (gpointer data, PurpleRequestFields *fields)
{
  XimPassphrase *question = data;
  g_autoptr (XimSecret) first = take_field (fields, FIELD);
  g_autoptr (XimSecret) again
      = is_chosen (question->kind) ? take_field (fields, FIELD_AGAIN) : NULL;
  g_autoptr (XimSecret) old = question->kind == XIM_PASSPHRASE_CHANGE
                                  ? take_field (fields, FIELD_OLD)
                                  : NULL;
  const char *problem = find_problem (first, again);
  gboolean asked = FALSE;
  if (problem != NULL)
    open_dialog (question, problem, &asked);
  if (asked)
    return;
  question->answered = TRUE;
  question->callback (problem == NULL ? g_steal_pointer (&first) : NULL,
                      problem == NULL ? g_steal_pointer (&old) : NULL,
                      question->user_data);
}

static void
cancelled (gpointer data, PurpleRequestFields *fields)
{
  (void)fields;
  XimPassphrase *question = data;
  question->answered = TRUE;
  question->callback (NULL, NULL, question->user_data);
}

static void
add_field (PurpleRequestFieldGroup *group, const char *id, const char *label)
{
  PurpleRequestField *field
      = purple_request_field_string_new (id, label, NULL, FALSE);
  purple_request_field_string_set_masked (field, TRUE);
  purple_request_field_set_required (field, TRUE);
  purple_request_field_group_add_field (group, field);
}

/* Finch does not break lines by itself. */
static char *
explain (const char *text, const char *problem)
{
  GString *lines = g_string_new (problem);
  if (problem != NULL)
    g_string_append_c (lines, '\n');
  g_string_append (lines, text);
  g_string_replace (lines, ". ", ".\n", 0);
  return g_string_free (lines, FALSE);
}

static void
open_dialog (XimPassphrase *question, const char *problem, gboolean *asked)
{
  PurpleRequestFields *fields = purple_request_fields_new ();
  PurpleRequestFieldGroup *group = purple_request_field_group_new (NULL);
  purple_request_fields_add_group (fields, group);
  if (question->kind == XIM_PASSPHRASE_CHANGE)
    add_field (group, FIELD_OLD, _ ("Old passphrase"));
  add_field (group, FIELD,
             question->kind == XIM_PASSPHRASE_CHANGE ? _ ("New passphrase")
                                                     : _ ("Passphrase"));
  if (is_chosen (question->kind))
    add_field (group, FIELD_AGAIN, _ ("Passphrase again"));

  g_autofree char *primary = primary_text (question->kind, question->jid);
  g_autofree char *secondary
      = explain (secondary_text (question->kind), problem);
  void *dialog = purple_request_fields (
      question, _ ("X-IM"), primary, secondary, fields, _ ("OK"),
      G_CALLBACK (answered), _ ("Cancel"), G_CALLBACK (cancelled),
      question->account, NULL, NULL, question);
  *asked = dialog != NULL;
  if (dialog == NULL)
    purple_request_fields_destroy (fields);
}

XimPassphrase *
xim_passphrase_ask (PurpleAccount *account, const char *jid,
                    XimPassphraseKind kind, const char *problem,
                    XimPassphraseCallback callback, gpointer user_data)
{
  XimPassphrase *question = g_new0 (XimPassphrase, 1);
  question->account = account;
  question->jid = g_strdup (jid);
  question->kind = kind;
  question->callback = callback;
  question->user_data = user_data;
  gboolean asked = FALSE;
  open_dialog (question, problem, &asked);
  if (asked)
    return question;
  xim_passphrase_free (question);
  return NULL;
}

void
xim_passphrase_free (XimPassphrase *question)
{
  if (question == NULL)
    return;
  if (!question->answered)
    purple_request_close_with_handle (question);
  g_free (question->jid);
  g_free (question);
}
