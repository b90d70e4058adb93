/*
 * dkim_signature.h - reads a DKIM-Signature field before libopendkim does.
 *
 * libopendkim takes the last of two equal tags, reads past the end of an i= that ends in "=",
 * cannot do with white space between "b" and "=", and needs quadratic time for thousands of tags.
 * So only fields that are sound, and that our limits allow, are handed to it.
 */
#ifndef AUTH_DKIM_SIGNATURE_H
#define AUTH_DKIM_SIGNATURE_H

#include "auth/dkim_verify.h"

/* A signature field of RSA-4096 with a long h= has 2 KB; z= copies header fields into it. */
#define DKIM_SIGNATURE_MAX_BYTES 16384

/* RFC 6376 has 14, and nobody uses more than a few others. */
#define DKIM_TAGS_MAX 40

/* Domain and selector fit into the name of the key record (dns_name.h); an identity has a local
 * part of 64 bytes before a domain; libopendkim takes 256 in all. */
#define DKIM_IDENTITY_MAX_BYTES 256

/* What stands after the colon, into *result_r: verdict NONE when the signature can be verified, else
 * the verdict, with its reason. Texts are put into the arena; when that is full they are empty, and
 * the verdict is TEMPERROR. */
void dkim_signature_read(struct slice value, const struct dkim_limits *limits, struct arena *arena,
    struct dkim_result *result_r);

#endif
