/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Every number of the protocol, with the section of PROTOCOL.md it is from. */

#pragma once

/* Section 3: suite 1. */
#define XIM_SUITE_1 1
#define XIM_KEY_LEN 32       /* Ed25519, X25519, VRF keys and session keys */
#define XIM_SIGNATURE_LEN 64 /* Ed25519 */
#define XIM_GCM_NONCE_LEN 12
#define XIM_GCM_TAG_LEN 16
#define XIM_CHUNK_LEN 16384 /* plain bytes of a chunk */
#define XIM_CHUNKED_SALT_LEN 24
#define XIM_CHUNKED_COMMITMENT_LEN 32
#define XIM_CHUNKED_HEADER_LEN                                                \
  (XIM_CHUNKED_SALT_LEN + XIM_CHUNKED_COMMITMENT_LEN)

/* Section 4: signed notes. */
#define XIM_NOTE_MAX 16384 /* bytes of a whole note */
#define XIM_NOTE_SIGNATURES_MAX 64
#define XIM_NOTE_KEY_ID_LEN 4
#define XIM_JID_PART_MAX 1023  /* bytes of LOCAL and of DOMAIN */
#define XIM_JID_LABEL_MAX 63   /* characters of a label of DOMAIN */
#define XIM_NUMBER_MAX 4294967295u /* versions and serials, from 1 */
#define XIM_TREE_SIZE_MAX (G_GUINT64_CONSTANT (1) << 53) /* exclusive */
#define XIM_DEVICE_ID_LEN 8
#define XIM_DEVICES_MAX 16           /* section 4.1 */
#define XIM_WALK_MAX 64              /* section 4.1, versions of one walk */
#define XIM_DEVICE_NOTE_LIFE_MAX_S (31 * 86400) /* section 4.2 */
#define XIM_DEVICE_NOTE_LIFE_S (21 * 86400)
#define XIM_DEVICE_NOTE_RENEW_S 86400
#define XIM_DEVICE_KEY_ERASE_S (25 * 3600)
#define XIM_DEVICE_KEY_ONLINE_S 3600 /* after a pause, before erasing */
#define XIM_DEVICE_KEY_WAIT_S (7 * 86400) /* later, for what waits */
#define XIM_CLOCK_SKEW_S 600        /* sections 4.3, 4.4, 4.6 and 7 */
#define XIM_CURRENT_LIFE_S 86400    /* section 4.4, for a client */
#define XIM_CURRENT_RENEW_S 3600    /* section 4.4, for the keyserver */
#define XIM_BUNDLE_MAX (1024 * 1024) /* bytes of JSON a client reads */
#define XIM_JSON_DEPTH_MAX 4
#define XIM_JSON_MEMBERS_MAX 64 /* of one object */

/* Section 5: envelopes. */
#define XIM_ENVELOPE_NONCE_LEN 16
#define XIM_SLOTS_MAX 2048
#define XIM_TAG_LEN 8
#define XIM_WRAPPED_LEN (XIM_KEY_LEN + XIM_GCM_TAG_LEN)
#define XIM_SLOT_LEN (XIM_TAG_LEN + XIM_WRAPPED_LEN)
#define XIM_ENVELOPE_HEADER_LEN 55 /* magic, suite, nonce, n, enc */
#define XIM_SENDER_BLOCK_LEN 64    /* the sender block is a multiple of it */
#define XIM_SENDER_BLOCKS_MAX 33
#define XIM_SEALED_SIGNATURE_LEN (XIM_SIGNATURE_LEN + XIM_GCM_TAG_LEN)
#define XIM_CONTEXT_LIFE_S 3600 /* cached contexts, both sides */
#define XIM_CONTEXTS_MAX 1024   /* that a receiver caches */
#define XIM_PLAIN_HEADER_LEN 9  /* kind and length */
#define XIM_PAD_STEP 512
#define XIM_PAD_SMALL_MAX 8192
#define XIM_STANZA_BASE64_MAX 131072
#define XIM_ENVELOPE_MAX (XIM_STANZA_BASE64_MAX / 4 * 3) /* bytes, in memory */
#define XIM_CONTENT_MAX XIM_STANZA_BASE64_MAX /* bytes of a chat message */
#define XIM_CONTENT_DEPTH_MAX 32              /* section 5.1, XML elements */
#define XIM_CONTENT_ATTRIBUTES_MAX 64         /* of one element */
#define XIM_SEEN_MAX 64
#define XIM_CONTENT_TIME_SLACK_S 3600

/* Section 6: the keyserver. */
#define XIM_REGISTRATION_MAX 16384
#define XIM_PROOF_LIFE_S 120
#define XIM_PROOFS_PER_JID_MAX 3
#define XIM_BUNDLE_MAX_AGE_S 60 /* max-age of a lookup */

/* Section 7: the client. */
#define XIM_BUNDLE_FRESH_S 3600
#define XIM_BUNDLE_STALE_MAX_S 86400
#define XIM_WAITING_PER_SENDER_MAX 64
#define XIM_WAITING_MAX 1024
#define XIM_MASTER_KEY_LEN 32
#define XIM_ARGON2_SALT_LEN 16
#define XIM_ARGON2_BYTES_MIN (64 * 1024 * 1024)
#define XIM_ARGON2_BYTES_MAX (1024 * 1024 * 1024)
#define XIM_ARGON2_PASSES_MIN 3
#define XIM_ARGON2_PASSES_MAX 10

/* Section 8: the log. */
#define XIM_VRF_PROOF_LEN 80
#define XIM_VRF_CHALLENGE_LEN 16
#define XIM_OPENING_LEN 16
#define XIM_ENTRY_SERVER_LEN 33  /* type and hash */
#define XIM_ENTRY_ACCOUNT_LEN 66 /* type, index, commitment and flags */
#define XIM_ENTRY_MAX XIM_ENTRY_ACCOUNT_LEN
#define XIM_TREE_LEVELS 53      /* of a tree of XIM_TREE_SIZE_MAX leaves */
#define XIM_TREE_PROOF_MAX 64   /* hashes of a proof that is read */
#define XIM_TILE_HEIGHT 8       /* levels of the tree in a tile */
#define XIM_TILE_WIDTH 256      /* hashes in a full tile */
#define XIM_TILE_LEVELS 7       /* that a tree of this size can have */
#define XIM_TILE_PATH_MAX 64    /* bytes of a tile's path, with a NUL */
#define XIM_TILE_BYTES_MAX 8192 /* of a tile of hashes */
#define XIM_ENTRIES_BYTES_MAX                                                 \
  (XIM_TILE_WIDTH * (2 + XIM_ENTRY_MAX)) /* of a bundle of entries */
#define XIM_PROOF_FILE_MAX 65536         /* bytes */

/* XML names. */
#define XIM_NS_ENVELOPE "urn:x-im:envelope:1"
#define XIM_NS_KEYSERVER "urn:x-im:keyserver:1"
#define XIM_NS_REGISTER "urn:x-im:register:1"
#define XIM_NS_SEEN "urn:x-im:seen:1"
#define XIM_NS_JOIN "urn:x-im:join:1"
