/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* 256 MiB, sealed and opened in parts, as a file would be. */

#include "config.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"
#include "xim-chunked.h"

#define ROUNDS 7
#define FILE_LEN ((gsize)256 * 1024 * 1024)
#define SEALED_CHUNK_LEN (XIM_CHUNK_LEN + XIM_GCM_TAG_LEN)
#define N_CHUNKS 4 /* at a time */
#define PLAIN_LEN (N_CHUNKS * XIM_CHUNK_LEN)
#define SEALED_LEN (N_CHUNKS * SEALED_CHUNK_LEN)

/* Files in memory that are no memory of this process: no disk is measured. */
typedef struct
{
  int plain;
  int sealed;
  int peer_sealed;
  guint8 key[XIM_KEY_LEN];
  guint8 salt[XIM_CHUNKED_SALT_LEN];
  guint8 in[SEALED_LEN];
  guint8 out[SEALED_LEN];
} Files;

static gsize
read_part (int file, guint8 *data, gsize len)
{
  ssize_t got = read (file, data, len);
  if (got < 0)
    bench_refuse ("reading a file");
  return (gsize)got;
}

static void
write_part (int file, const guint8 *data, gsize len)
{
  if (write (file, data, len) != (ssize_t)len)
    bench_refuse ("writing a file");
}

/* The last call of a file gets what is left of it, perhaps nothing. */
static gsize
seal_part (XimChunked *chunked, const guint8 *in, gsize len, guint8 *out)
{
  gboolean last = FALSE;
  guint8 *end = out;

  while (!last && (len > 0 || end == out))
    {
      gsize part = MIN (len, XIM_CHUNK_LEN);
      last = part < XIM_CHUNK_LEN;
      xim_chunked_seal (chunked, in, part, last, end);
      in += part;
      len -= part;
      end += part + XIM_GCM_TAG_LEN;
    }
  return (gsize)(end - out);
}

static void
xim_seal (gpointer data, guint n)
{
  Files *files = data;
  g_autoptr (XimChunked) chunked
      = xim_chunked_new (files->key, files->salt, "x-im payload v1");
  XimSha512 *sha = xim_sha512_new ();
  XimDigest digest;
  gsize len;

  (void)n;
  lseek (files->plain, 0, SEEK_SET);
  lseek (files->sealed, 0, SEEK_SET);
  do
    {
      len = read_part (files->plain, files->in, PLAIN_LEN);
      gsize sealed_len = seal_part (chunked, files->in, len, files->out);
      xim_sha512_update (sha, files->out, sealed_len);
      write_part (files->sealed, files->out, sealed_len);
    }
  while (len == PLAIN_LEN);
  xim_sha512_finish (sha, &digest);
}

/* Pass 1: what the signature is over.  Pass 2: release. */
static void
xim_open (gpointer data, guint n)
{
  Files *files = data;
  g_autoptr (XimChunked) chunked
      = xim_chunked_new (files->key, files->salt, "x-im payload v1");
  XimSha512 *sha = xim_sha512_new ();
  XimDigest digest;
  gsize len;

  (void)n;
  lseek (files->sealed, 0, SEEK_SET);
  while ((len = read_part (files->sealed, files->in, SEALED_LEN)) > 0)
    xim_sha512_update (sha, files->in, len);
  xim_sha512_finish (sha, &digest);
  lseek (files->sealed, 0, SEEK_SET);
  while ((len = read_part (files->sealed, files->in, SEALED_LEN)) > 0)
    for (guint8 *in = files->in; in < files->in + len;)
      {
        gsize part = MIN ((gsize)(files->in + len - in), SEALED_CHUNK_LEN);
        if (!xim_chunked_open (chunked, in, part, part < SEALED_CHUNK_LEN,
                               files->out, NULL))
          bench_refuse ("opening a chunk");
        in += part;
      }
}

static gnutls_aead_cipher_hd_t
peer_cipher (const Files *files)
{
  gnutls_datum_t key = { (unsigned char *)files->key, XIM_KEY_LEN };
  gnutls_aead_cipher_hd_t cipher;

  if (gnutls_aead_cipher_init (&cipher, GNUTLS_CIPHER_AES_256_GCM, &key) < 0)
    bench_refuse ("AES-256-GCM of GnuTLS");
  return cipher;
}

/* The same bytes in parts of the same length, with nothing around them. */
static void
peer_run (Files *files, gboolean sealing)
{
  int from = sealing ? files->plain : files->peer_sealed;
  gsize part_len = sealing ? PLAIN_LEN : PLAIN_LEN + XIM_GCM_TAG_LEN;
  gnutls_aead_cipher_hd_t cipher = peer_cipher (files);
  gnutls_hash_hd_t hash;
  guint8 nonce[XIM_GCM_NONCE_LEN] = { 0 }, digest[64];
  guint32 number = 0;
  gsize len;

  gnutls_hash_init (&hash, GNUTLS_DIG_SHA512);
  lseek (from, 0, SEEK_SET);
  lseek (files->peer_sealed, 0, SEEK_SET);
  while ((len = read_part (from, files->in, part_len)) > 0)
    {
      gsize out_len = SEALED_LEN;
      number++;
      memcpy (nonce, &number, sizeof number);
      int result
          = sealing ? gnutls_aead_cipher_encrypt (
                cipher, nonce, sizeof nonce, NULL, 0, XIM_GCM_TAG_LEN,
                files->in, len, files->out, &out_len)
                    : gnutls_aead_cipher_decrypt (
                        cipher, nonce, sizeof nonce, NULL, 0, XIM_GCM_TAG_LEN,
                        files->in, len, files->out, &out_len);
      if (result < 0)
        bench_refuse ("AES-256-GCM of GnuTLS over a part");
      gnutls_hash (hash, sealing ? files->out : files->in,
                   sealing ? out_len : len);
      if (sealing)
        write_part (files->peer_sealed, files->out, out_len);
    }
  gnutls_hash_deinit (hash, digest);
  gnutls_aead_cipher_deinit (cipher);
}

static void
peer_seal (gpointer data, guint n)
{
  (void)n;
  peer_run (data, TRUE);
}

static void
peer_open (gpointer data, guint n)
{
  (void)n;
  peer_run (data, FALSE);
}

static double
peak_mib (void)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024;
}

static void
make_files (Files *files)
{
  files->plain = memfd_create ("plain", 0);
  files->sealed = memfd_create ("sealed", 0);
  files->peer_sealed = memfd_create ("peer", 0);
  if (files->plain < 0 || files->sealed < 0 || files->peer_sealed < 0)
    bench_refuse ("a file in memory");
  xim_crypto_random (files->key, sizeof files->key);
  xim_crypto_random (files->in, PLAIN_LEN);
  for (gsize len = 0; len < FILE_LEN; len += PLAIN_LEN)
    write_part (files->plain, files->in, PLAIN_LEN);
}

int
main (void)
{
  g_autofree Files *files = g_new0 (Files, 1);

  if (!xim_secret_init (NULL))
    bench_refuse ("the arena of secrets");
  make_files (files);
  double before = peak_mib ();
  xim_seal (files, 1);
  xim_open (files, 1);
  double grown = peak_mib () - before;
  BenchCandidate all[] = { { xim_seal, files, 1, 1, FALSE, 0 },
                           { peer_seal, files, 1, 1, FALSE, 0 },
                           { xim_open, files, 1, 1, FALSE, 0 },
                           { peer_open, files, 1, 1, FALSE, 0 } };
  bench_alternate (all, G_N_ELEMENTS (all), ROUNDS);
  bench_row (&(BenchRow){ "256 MiB: seal and hash", "ms", all[0].median / 1000,
                          all[1].median / 1000, "GnuTLS AES-256-GCM + SHA-512",
                          ">=0.7", FALSE });
  bench_row (&(BenchRow){ "256 MiB: verify, then open", "ms",
                          all[2].median / 1000, all[3].median / 1000,
                          "GnuTLS AES-256-GCM + SHA-512", ">=0.7", FALSE });
  bench_row (&(BenchRow){ "256 MiB: memory taken by sealing and opening",
                          "MiB", grown, 0, NULL, NULL, FALSE });
  return EXIT_SUCCESS;
}
