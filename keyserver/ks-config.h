/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The configuration: one file, every setting with its bounds and meaning. */

#pragma once

#include <glib.h>

/**
 * XimKsConfig:
 * All settings, checked.  Names of files are absolute.
 */
typedef struct
{
  /* [keyserver] */
  char *domain; /* of the members; prepared, in Unicode form */
  char *origin; /* of the keyserver: host, key name and component address */
  char *keys;   /* directory of the key files */
  char *store;  /* the database */
  char *user;   /* who serves, when root starts it; empty: the store's owner */
  char *signer_user; /* who holds the private keys then */

  /* [http] */
  char *listen; /* ADDRESS:PORT or [ADDRESS]:PORT; port 0: any free one */
  char *certificate;
  char *key;
  guint64 threads;
  guint64 max_connections;
  guint64 connections_per_address;
  guint64 connection_memory;
  guint64 request_deadline_s;
  guint64 connection_life_s;

  /* [component] */
  char *component_host; /* empty: no component, nobody can enrol */
  guint64 component_port;
  char *component_secret; /* name of the file */

  /* [admin] */
  char *admin_listen; /* empty: none */

  /* [limits] */
  guint64 body_bytes;
  guint64 versions_per_day;
  guint64 lookups_per_s, lookups_burst;
  guint64 misses_per_s, misses_burst;
  guint64 writes_per_s, writes_burst;
  guint64 tiles_per_s, tiles_burst;
  guint64 connects_per_s, connects_burst;
  guint64 proofs;
  guint64 queue;
  guint64 free_bytes;

  /* [cache] */
  guint64 cache_bytes;
  guint64 miss_cache_bytes;
  guint64 miss_life_s;
  guint64 tile_cache_bytes;

  /* [log] */
  gboolean log_addresses;
  gboolean log_debug;
} XimKsConfig;

/**
 * xim_ks_config_new:
 * Returns: (transfer full): the defaults; no domain, origin or files
 */
XimKsConfig *xim_ks_config_new (void);

/**
 * xim_ks_config_load:
 * @path: a file as xim_ks_config_encode() writes it
 *
 * Names of files are taken relative to the folder of @path.
 * Errors: STORE, the file cannot be read; MALFORMED, it is no key file, a
 * group or setting is unknown or missing, or a value is out of bounds.
 */
XimKsConfig *xim_ks_config_load (const char *path, GError **error);

/**
 * xim_ks_config_check:
 * Errors: MALFORMED, domain, origin or a name of a file does not fit.
 */
gboolean xim_ks_config_check (const XimKsConfig *config, GError **error);

/**
 * xim_ks_config_encode:
 * Returns: (transfer full): the text of a file with every setting, each under
 * a comment that says what it is and within which bounds
 */
char *xim_ks_config_encode (const XimKsConfig *config);
void xim_ks_config_free (XimKsConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsConfig, xim_ks_config_free)
