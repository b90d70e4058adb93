/*
 * dkim_key.h - finds the key record in an answer from DNS (RFC 6376 section 3.6.2.2).
 */
#ifndef AUTH_DKIM_KEY_H
#define AUTH_DKIM_KEY_H

#include "auth/dkim_verify.h"

/* What libopendkim takes; RSA-4096 needs 760. */
#define DKIM_KEY_MAX_BYTES 1024

/* Appends the question for the key of a signature: s=, "._domainkey.", d=. */
void dkim_key_name(const struct dkim_result *signature, struct buf *out);

/* The answer to it: the record's text, in the arena; or, with p NULL, the signature's verdict and
 * reason in *signature. The answer must not be pending. A record without p= is none; among several
 * with it the signature's algorithm chooses, and among several keys for that nobody can. */
struct slice dkim_key_read(
    const struct dns_answer *answer, struct arena *arena, struct dkim_result *signature);

#endif
