/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Addresses, prepared as the XMPP servers do it; the only file that calls
 * GNU libidn. */

#include "config.h"

#include "xim-jid.h"

#include <string.h>

#include <idn-free.h>
#include <idna.h>
#include <stringprep.h>

#include "xim-error.h"
#include "xim-limits.h"

#define ACE_PREFIX "xn--"
#define HOST_MAX 253 /* characters of a name in the DNS, RFC 1035 */

/* Mapping and NFKC can make a text longer, at most 18 times (U+FDFA); what
 * grows past this is over the limit anyway. */
#define PREPARED_MAX (4 * XIM_JID_PART_MAX + 1)

static char *
run_profile (const char *text, gsize len, const Stringprep_profile *profile,
             const char *what, GError **error)
{
  if (len == 0 || len > XIM_JID_PART_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a %s of 1 to %d bytes, got %" G_GSIZE_FORMAT,
                   what, XIM_JID_PART_MAX, len);
      return NULL;
    }
  g_autofree char *prepared = g_malloc0 (PREPARED_MAX);
  memcpy (prepared, text, len);
  int rc
      = stringprep (prepared, PREPARED_MAX, STRINGPREP_NO_UNASSIGNED, profile);
  if (rc != STRINGPREP_OK)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a %s that can be prepared, got one with: %s",
                   what, stringprep_strerror ((Stringprep_rc)rc));
      return NULL;
    }
  return g_steal_pointer (&prepared);
}

/* What nodeprep leaves as it is, as long as it is ASCII (RFC 3920, appendix
 * A): the tables of libidn are only asked for the rest. */
static gboolean
local_is_plain (const char *text, gsize len)
{
  for (gsize i = 0; i < len; i++)
    {
      guchar c = (guchar)text[i];
      if (c <= ' ' || c > '~' || g_ascii_isupper ((char)c)
          || strchr ("\"&'/:<>@", c) != NULL)
        return FALSE;
    }
  return len > 0 && len <= XIM_JID_PART_MAX;
}

static gboolean
check_local (const char *text, gsize len, GError **error)
{
  if (local_is_plain (text, len))
    return TRUE;
  g_autofree char *prepared
      = run_profile (text, len, stringprep_xmpp_nodeprep, "local part", error);
  if (prepared == NULL)
    return FALSE;
  if (strlen (prepared) == len && memcmp (prepared, text, len) == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a local part equal to its own nodeprep");
  return FALSE;
}

static gboolean
is_ldh (gunichar c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Every character that IDNA takes for a dot but the dot itself would make two
 * names of one host. */
static gboolean
label_has_only_letters (const char *label, gsize len)
{
  const char *end = label + len;
  for (const char *p = label; p < end; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if ((c < 0x80 && !is_ldh (c)) || c == 0x3002)
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_label (const char *label, gsize len, GError **error)
{
  glong n = g_utf8_strlen (label, (gssize)len);
  if (n < 1 || n > XIM_JID_LABEL_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected labels of 1 to %d characters, got one of %ld",
                   XIM_JID_LABEL_MAX, n);
      return FALSE;
    }
  if (!label_has_only_letters (label, len) || label[0] == '-'
      || label[len - 1] == '-')
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected labels of letters, digits and inner "
                           "hyphens, got another character");
      return FALSE;
    }
  return TRUE;
}

/* Calls check_label() for each label of @text, which is valid UTF-8. */
static gboolean
check_labels (const char *text, gsize len, GError **error)
{
  const char *end = text + len;
  for (const char *label = text;; label++)
    {
      const char *dot = memchr (label, '.', (gsize)(end - label));
      const char *stop = dot != NULL ? dot : end;
      if (!check_label (label, (gsize)(stop - label), error))
        return FALSE;
      if (dot == NULL)
        return TRUE;
      label = dot;
    }
}

static gboolean
has_ace_label (const char *text)
{
  return g_str_has_prefix (text, ACE_PREFIX)
         || strstr (text, "." ACE_PREFIX) != NULL;
}

static gboolean
is_ascii (const char *text, gsize len)
{
  for (gsize i = 0; i < len; i++)
    if ((guchar)text[i] >= 0x80)
      return FALSE;
  return TRUE;
}

static gboolean
check_prepared_domain (const char *text, gsize len, GError **error)
{
  g_autofree char *prepared
      = run_profile (text, len, stringprep_nameprep, "domain", error);
  if (prepared == NULL)
    return FALSE;
  if (strlen (prepared) == len && memcmp (prepared, text, len) == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a domain equal to its own nameprep");
  return FALSE;
}

gboolean
xim_jid_check_domain (const char *text, gsize len, GError **error)
{
  if (len == 0 || len > XIM_JID_PART_MAX
      || !g_utf8_validate (text, (gssize)len, NULL))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a domain of 1 to %d bytes of UTF-8, got "
                   "%" G_GSIZE_FORMAT,
                   XIM_JID_PART_MAX, len);
      return FALSE;
    }
  if (!check_labels (text, len, error))
    return FALSE;
  g_autofree char *domain = g_strndup (text, len);
  if (has_ace_label (domain))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a domain in Unicode form, got a label "
                           "that begins with " ACE_PREFIX);
      return FALSE;
    }
  /* Letters, digits and hyphens, as the labels are now, need no nameprep. */
  return is_ascii (text, len) || check_prepared_domain (text, len, error);
}

gboolean
xim_jid_check (const char *text, gsize len, GError **error)
{
  const char *at = memchr (text, '@', len);
  if (at == NULL || !g_utf8_validate (text, (gssize)len, NULL))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected an address LOCAL@DOMAIN in UTF-8");
      return FALSE;
    }
  gsize local_len = (gsize)(at - text);
  return check_local (text, local_len, error)
         && xim_jid_check_domain (at + 1, len - local_len - 1, error);
}

char *
xim_jid_prepare (const char *jid, GError **error)
{
  gsize bare_len = strcspn (jid, "/");
  const char *at = memchr (jid, '@', bare_len);
  if (at == NULL || !g_utf8_validate (jid, -1, NULL))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected an address with a local part in UTF-8");
      return NULL;
    }
  g_autofree char *local
      = run_profile (jid, (gsize)(at - jid), stringprep_xmpp_nodeprep,
                     "local part to prepare", error);
  if (local == NULL)
    return NULL;
  g_autofree char *rest = g_strndup (at + 1, bare_len - (gsize)(at + 1 - jid));
  g_autofree char *domain = xim_jid_prepare_domain (rest, error);
  if (domain == NULL)
    return NULL;
  /* Preparing once is not always enough to be prepared: look again. */
  g_autofree char *prepared = g_strconcat (local, "@", domain, NULL);
  if (!xim_jid_check (prepared, strlen (prepared), error))
    return NULL;
  return g_steal_pointer (&prepared);
}

/* IDNA decodes a label only if encoding it again gives the same; another one
 * keeps its prefix and is refused by the caller's check. */
static char *
decode_ace (const char *domain, GError **error)
{
  char *decoded = NULL;
  int rc = idna_to_unicode_8z8z (domain, &decoded, IDNA_USE_STD3_ASCII_RULES);
  g_autofree char *copy = g_strdup (decoded);
  idn_free (decoded);
  if (rc == IDNA_SUCCESS && copy != NULL)
    return g_steal_pointer (&copy);
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected labels that IDNA decodes, got: %s",
               idna_strerror ((Idna_rc)rc));
  return NULL;
}

char *
xim_jid_prepare_domain (const char *domain, GError **error)
{
  if (!g_utf8_validate (domain, -1, NULL))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a domain to prepare in UTF-8");
      return NULL;
    }
  g_autofree char *prepared
      = run_profile (domain, strlen (domain), stringprep_nameprep,
                     "domain to prepare", error);
  if (prepared == NULL)
    return NULL;
  if (has_ace_label (prepared))
    {
      g_autofree char *decoded = decode_ace (prepared, error);
      if (decoded == NULL)
        return NULL;
      g_free (prepared);
      prepared = g_steal_pointer (&decoded);
    }
  if (!xim_jid_check_domain (prepared, strlen (prepared), error))
    return NULL;
  return g_steal_pointer (&prepared);
}

const char *
xim_jid_domain (const char *jid)
{
  const char *at = strchr (jid, '@');
  g_return_val_if_fail (at != NULL, NULL);
  return at + 1;
}

char *
xim_jid_domain_to_ascii (const char *domain, GError **error)
{
  char *ascii = NULL;
  int rc = idna_to_ascii_8z (domain, &ascii, IDNA_USE_STD3_ASCII_RULES);
  g_autofree char *copy = g_strdup (ascii);
  idn_free (ascii);
  if (rc == IDNA_SUCCESS && copy != NULL && strlen (copy) <= HOST_MAX)
    return g_steal_pointer (&copy);
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected a domain with an ASCII form of at most %d "
               "characters, got: %s",
               HOST_MAX,
               rc == IDNA_SUCCESS ? "a longer one"
                                  : idna_strerror ((Idna_rc)rc));
  return NULL;
}

/* An A-label counts only in the one form that its Unicode label gives. */
static gboolean
ace_is_canonical (const char *host)
{
  g_autofree char *unicode = decode_ace (host, NULL);
  if (unicode == NULL
      || !xim_jid_check_domain (unicode, strlen (unicode), NULL))
    return FALSE;
  g_autofree char *ascii = xim_jid_domain_to_ascii (unicode, NULL);
  return g_strcmp0 (ascii, host) == 0;
}

gboolean
xim_jid_check_origin (const char *text, gsize len, GError **error)
{
  if (len == 0 || len > HOST_MAX || !is_ascii (text, len))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a host of 1 to %d ASCII characters, got "
                   "%" G_GSIZE_FORMAT,
                   HOST_MAX, len);
      return FALSE;
    }
  if (!check_labels (text, len, error))
    return FALSE;
  g_autofree char *host = g_strndup (text, len);
  if (!has_ace_label (host) || ace_is_canonical (host))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected a host of canonical A-labels, got %s", host);
  return FALSE;
}
