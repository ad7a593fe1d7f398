/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* xim-keyserver: its verbs. */

#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "xim-error.h"
#include "xim-jid.h"
#include "xim-secret.h"

#include "ks-check.h"
#include "ks-export.h"
#include "ks-init.h"
#include "ks-prove.h"
#include "ks-rotate.h"
#include "ks-run.h"

#define EXIT_USAGE 2

static int
say_error (const GError *error)
{
  g_printerr ("xim-keyserver: %s\n", error->message);
  return g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED)
                 || error->domain == G_OPTION_ERROR
             ? EXIT_USAGE
             : EXIT_FAILURE;
}

/* Parses the options of one verb; nothing may be left over. */
static gboolean
parse (const char *verb, const char *summary, const GOptionEntry *entries,
       int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  g_autofree char *name = g_strconcat ("xim-keyserver ", verb, NULL);
  g_set_prgname (name);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc == 1)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION,
               "%s does not take '%s'", verb, (*argv)[1]);
  return FALSE;
}

static void
replace (char **field, const char *value)
{
  if (value == NULL)
    return;
  g_free (*field);
  *field = g_strdup (value);
}

/* A name given on the command line is relative to where that was typed. */
static void
replace_file (char **field, const char *value)
{
  if (value == NULL)
    return;
  g_free (*field);
  *field = g_canonicalize_filename (value, NULL);
}

static gboolean
set_names (XimKsConfig *config, const char *domain, const char *origin,
           GError **error)
{
  g_free (config->domain);
  config->domain = xim_jid_prepare_domain (domain, error);
  if (config->domain == NULL)
    {
      config->domain = g_strdup ("");
      return FALSE;
    }
  g_autofree char *ascii = xim_jid_domain_to_ascii (config->domain, error);
  if (ascii == NULL)
    return FALSE;
  g_free (config->origin);
  config->origin = origin != NULL ? g_strdup (origin)
                                  : g_strconcat ("keys.", ascii, NULL);
  return TRUE;
}

static gboolean
set_component (XimKsConfig *config, const char *where, GError **error)
{
  if (where == NULL)
    return TRUE;
  const char *colon = strrchr (where, ':');
  guint64 port = 0;
  if (colon == NULL
      || !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &port, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "expected HOST:PORT for --component, got '%s'", where);
      return FALSE;
    }
  g_free (config->component_host);
  config->component_host = g_strndup (where, (gsize)(colon - where));
  config->component_port = port;
  return TRUE;
}

static void
tell_made (const char *dir, const XimKsConfig *config, const XimVerifyKey *key)
{
  g_autofree char *vkey = xim_verify_key_encode (key);
  g_autofree char *fingerprint = xim_verify_key_fingerprint (key);
  g_print ("Made a keyserver for %s in %s\n"
           "Its verifier key: %s\n"
           "Fingerprint: %s\n"
           "Next: put the TLS certificate of %s into place (see\n"
           "%s/keyserver.conf), give the component %s of your\n"
           "XMPP server the secret in %s/keys/component-secret, and\n"
           "run: xim-keyserver run --config %s/keyserver.conf\n",
           config->domain, dir, vkey, fingerprint, config->origin, dir,
           config->origin, dir, dir);
}

static int
do_init (int argc, char *argv[])
{
  g_autofree char *domain = NULL, *dir = NULL, *origin = NULL, *listen = NULL;
  g_autofree char *admin = NULL, *component = NULL, *certificate = NULL;
  g_autofree char *key_file = NULL;
  GOptionEntry entries[] = {
    { "domain", 0, 0, G_OPTION_ARG_STRING, &domain,
      "whose members it serves (needed)", "DOMAIN" },
    { "dir", 0, 0, G_OPTION_ARG_FILENAME, &dir,
      "where to put everything (needed)", "DIR" },
    { "origin", 0, 0, G_OPTION_ARG_STRING, &origin,
      "its name, normally keys.DOMAIN", "HOST" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen,
      "where HTTPS listens, normally [::]:443", "ADDRESS:PORT" },
    { "admin", 0, 0, G_OPTION_ARG_STRING, &admin,
      "where /metrics listens, normally 127.0.0.1:9114", "ADDRESS:PORT" },
    { "component", 0, 0, G_OPTION_ARG_STRING, &component,
      "the XMPP server's component port, normally 127.0.0.1:5347",
      "HOST:PORT" },
    { "certificate", 0, 0, G_OPTION_ARG_FILENAME, &certificate,
      "TLS certificate chain", "FILE" },
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key_file, "its private key",
      "FILE" },
    { .long_name = NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config = xim_ks_config_new ();
  if (!parse ("init", "Makes keys, store and configuration.", entries, &argc,
              &argv, &error))
    return say_error (error);
  if (domain == NULL || dir == NULL)
    {
      g_printerr ("xim-keyserver: init needs --domain and --dir\n");
      return EXIT_USAGE;
    }
  if (!set_names (config, domain, origin, &error)
      || !set_component (config, component, &error))
    return say_error (error);
  replace (&config->listen, listen);
  replace (&config->admin_listen, admin);
  replace_file (&config->certificate, certificate);
  replace_file (&config->key, key_file);
  g_autoptr (XimVerifyKey) key
      = xim_ks_init (dir, config, g_get_real_time () / G_USEC_PER_SEC, &error);
  if (key == NULL)
    return say_error (error);
  tell_made (dir, config, key);
  return EXIT_SUCCESS;
}

static XimKsConfig *
load_config (const char *verb, const char *path, GError **error)
{
  if (path != NULL)
    return xim_ks_config_load (path, error);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "%s needs --config", verb);
  return NULL;
}

static int
do_run (int argc, char *argv[])
{
  g_autofree char *path = NULL, *ports = NULL;
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
      "the configuration (needed)", "FILE" },
    { "ports-file", 0, 0, G_OPTION_ARG_FILENAME, &ports,
      "where to write the ports in use, once all listen", "FILE" },
    { .long_name = NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config = NULL;
  if (parse ("run", "Serves until SIGTERM; SIGHUP reloads the certificate.",
             entries, &argc, &argv, &error))
    config = load_config ("run", path, &error);
  if (config == NULL || !xim_ks_run (config, ports, &error))
    return say_error (error);
  return EXIT_SUCCESS;
}

static int
do_check_config (int argc, char *argv[])
{
  g_autofree char *path = NULL;
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
      "the configuration (needed)", "FILE" },
    { .long_name = NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config = NULL;
  if (parse ("check-config", "Reads the configuration and prints it whole.",
             entries, &argc, &argv, &error))
    config = load_config ("check-config", path, &error);
  if (config == NULL)
    return say_error (error);
  g_autofree char *text = xim_ks_config_encode (config);
  g_print ("%s", text);
  return EXIT_SUCCESS;
}

static int
do_vkey (int argc, char *argv[])
{
  g_autofree char *path = NULL;
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
      "the configuration (needed)", "FILE" },
    { .long_name = NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config = NULL;
  if (parse ("vkey", "Prints the verifier key.", entries, &argc, &argv,
             &error))
    config = load_config ("vkey", path, &error);
  g_autoptr (XimKsKeys) keys
      = config == NULL
            ? NULL
            : xim_ks_keys_load (config->keys, config->origin, &error);
  if (keys == NULL)
    return say_error (error);
  g_autofree char *vkey
      = xim_verify_key_encode (xim_sign_key_public (keys->sign));
  g_print ("%s\n", vkey);
  if (xim_ks_keys_has_next (config->keys))
    g_printerr ("xim-keyserver: a rotation of the key was cut off; run "
                "rotate-key again\n");
  return EXIT_SUCCESS;
}

static void
tell_rotated (const XimKsConfig *config, const XimKsRotated *rotated)
{
  g_autofree char *old = xim_verify_key_fingerprint (rotated->old);
  g_autofree char *now = xim_verify_key_fingerprint (rotated->now);
  g_autofree char *vkey = xim_verify_key_encode (rotated->now);
  if (rotated->finished_only)
    g_print ("Finished a rotation that was cut off.\n");
  else
    g_print ("Signed %u account notes and %u device notes again.\n",
             rotated->count.accounts, rotated->count.devices);
  if (rotated->count.damaged > 0)
    g_print ("%u notes without a good line of the old key were left alone.\n",
             rotated->count.damaged);
  g_print ("The keyserver of %s has a new key, server note %u.\n"
           "Old fingerprint: %s\n"
           "New fingerprint: %s\n"
           "Its verifier key: %s\n",
           config->domain, rotated->serial, old, now, vkey);
}

static int
do_rotate_key (int argc, char *argv[])
{
  g_autofree char *path = NULL;
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
      "the configuration (needed)", "FILE" },
    { .long_name = NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config = NULL;
  if (parse ("rotate-key",
             "Makes a new signing key, while the keyserver is stopped.",
             entries, &argc, &argv, &error))
    config = load_config ("rotate-key", path, &error);
  g_autoptr (XimKsRotated) rotated
      = config == NULL
            ? NULL
            : xim_ks_rotate (config, g_get_real_time () / G_USEC_PER_SEC,
                             &error);
  if (rotated == NULL)
    return say_error (error);
  tell_rotated (config, rotated);
  return EXIT_SUCCESS;
}

static void
print_problem (const char *text)
{
  /* It may quote what is damaged. */
  g_autofree char *line = g_utf8_make_valid (text, -1);
  g_print ("%s\n", g_strdelimit (line, "\n\r\t\033\b", '?'));
}

static int
do_check (int argc, char *argv[])
{
  g_autofree char *path = NULL;
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
      "the configuration (needed)", "FILE" },
    { .long_name = NULL },
  };
  XimKsChecked checked;
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config = NULL;
  if (parse ("check", "Verifies everything that is stored.", entries, &argc,
             &argv, &error))
    config = load_config ("check", path, &error);
  if (config == NULL
      || !xim_ks_check (config, print_problem, &checked, &error))
    return say_error (error);
  g_print ("%" G_GUINT64_FORMAT " entries, %" G_GUINT64_FORMAT
           " accounts with %" G_GUINT64_FORMAT " versions, %" G_GUINT64_FORMAT
           " entries of erased accounts, %" G_GUINT64_FORMAT
           " rows not published yet; %" G_GUINT64_FORMAT " problems\n",
           checked.entries, checked.accounts, checked.versions,
           checked.of_erased, checked.pending, checked.problems);
  return checked.problems == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The one argument of a verb that has one. */
static const char *
argument (const char *verb, char **rest, const char *what, GError **error)
{
  if (rest != NULL && g_strv_length (rest) == 1)
    return rest[0];
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "%s expects one %s", verb, what);
  return NULL;
}

static int
do_export_log (int argc, char *argv[])
{
  g_autofree char *path = NULL;
  g_auto (GStrv) rest = NULL;
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
      "the configuration (needed)", "FILE" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL,
      "DIR" },
    { .long_name = NULL },
  };
  XimKsExported exported;
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config = NULL;
  const char *folder = NULL;
  if (parse ("export-log", "Writes a mirror of the log below DIR.", entries,
             &argc, &argv, &error))
    folder = argument ("export-log", rest, "folder", &error);
  if (folder != NULL)
    config = load_config ("export-log", path, &error);
  umask (022); /* it is for everybody */
  if (config == NULL || !xim_ks_export (config, folder, &exported, &error))
    return say_error (error);
  g_print ("%" G_GUINT64_FORMAT " entries, %" G_GUINT64_FORMAT " new files\n",
           exported.size, exported.written);
  return EXIT_SUCCESS;
}

static int
do_proof (int argc, char *argv[])
{
  g_autofree char *path = NULL;
  g_auto (GStrv) rest = NULL;
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
      "the configuration (needed)", "FILE" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &rest, NULL,
      "ADDRESS" },
    { .long_name = NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config = NULL;
  g_autofree char *jid = NULL;
  const char *address = NULL;
  if (parse ("proof", "Prints a proof that the keys of ADDRESS are logged.",
             entries, &argc, &argv, &error))
    address = argument ("proof", rest, "address", &error);
  if (address != NULL)
    jid = xim_jid_prepare (address, &error);
  if (jid != NULL)
    config = load_config ("proof", path, &error);
  g_autofree char *file
      = config != NULL ? xim_ks_prove (config, jid, &error) : NULL;
  if (file == NULL)
    return say_error (error);
  return fputs (file, stdout) >= 0 && fflush (stdout) == 0 ? EXIT_SUCCESS
                                                           : EXIT_FAILURE;
}

typedef struct
{
  const char *name;
  int (*run) (int argc, char *argv[]);
  const char *help;
} Verb;

static const Verb verbs[] = {
  { "init", do_init, "make keys, store and configuration" },
  { "run", do_run, "serve" },
  { "check-config", do_check_config, "read a configuration and print it" },
  { "vkey", do_vkey, "print the verifier key" },
  { "rotate-key", do_rotate_key, "make a new signing key" },
  { "check", do_check, "verify everything that is stored" },
  { "export-log", do_export_log, "write a mirror of the log" },
  { "proof", do_proof, "print a proof that an address's keys are logged" },
};

static int
help (void)
{
  g_print ("Usage: xim-keyserver VERB [OPTION...]\n\n"
           "The X-IM keyserver of one XMPP domain.  Verbs:\n");
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    g_print ("  %-14s %s\n", verbs[i].name, verbs[i].help);
  g_print ("\n`xim-keyserver VERB --help` tells its options; the manual is\n"
           "xim-keyserver(8).  --version prints the version.\n");
  return EXIT_SUCCESS;
}

/* Keys must reach neither a core dump nor a debugger of the same user. */
static void
harden (void)
{
  struct rlimit none = { 0, 0 };
  struct rlimit files;
  setrlimit (RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its leak check is a debugger */
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max;
      setrlimit (RLIMIT_NOFILE, &files);
    }
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* a file that may not grow is a full disk */
  umask (077);
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  harden ();
  if (argc < 2)
    {
      g_printerr ("xim-keyserver: expected a verb, see --help\n");
      return EXIT_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    return help ();
  if (strcmp (argv[1], "--version") == 0)
    {
      g_print ("xim-keyserver %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }
  g_autoptr (GError) error = NULL;
  if (!xim_secret_init (&error))
    return say_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (argv[1], verbs[i].name) == 0)
      return verbs[i].run (argc - 1, argv + 1);
  g_printerr ("xim-keyserver: there is no verb '%s', see --help\n", argv[1]);
  return EXIT_USAGE;
}
