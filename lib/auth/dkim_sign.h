/*
 * dkim_sign.h - DKIM signatures of a message (RFC 6376, 8301, 8463), relaxed/relaxed: all keys share
 * the hash of the header, up to their own field, and that of the body.
 *
 * Functions return 0, or -1 with the reason in *err.
 */
#ifndef AUTH_DKIM_SIGN_H
#define AUTH_DKIM_SIGN_H

#include "auth/canon.h"
#include "auth/sign_fields.h"
#include "base/arena.h"

struct dkim_sign {
	struct hash *header;
	struct hash *body;
	struct canon canon;
	struct slice names; /* "h=…", in the arena */
	uint8_t body_hash[HASH_MAX_BYTES];
};

/* key: any that will sign, from which the hashes come. After a failure there is still fini(). */
int dkim_sign_begin(struct dkim_sign *d, const struct sign_key *key, struct err *err);
void dkim_sign_fini(struct dkim_sign *d);

/* Hashes the fields in the plan's order, those of one name from the last to the first (RFC 6376
 * section 5.4.2). */
int dkim_sign_header(
    struct dkim_sign *d, const struct sign_fields *fields, struct arena *arena, struct err *err);

void dkim_sign_body(struct dkim_sign *d, struct slice chunk);
int dkim_sign_end(struct dkim_sign *d, struct err *err);

/* The value of a DKIM-Signature by that key, in the arena, lines folded with LF; any number of keys.
 * time_s: t=, 0 for none. */
int dkim_sign_value(struct dkim_sign *d, const struct signer_key *key, uint64_t time_s,
    struct arena *arena, const char **value_r, struct err *err);

#endif
