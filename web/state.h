/*
 * state.h - the configuration in force, and the doors opened for it. Immutable: a reload makes
 * another one, and who uses this one is waited for before it goes.
 */
#ifndef WEB_STATE_H
#define WEB_STATE_H

#include "crypto/tls_server.h"
#include "outbound_conf.h"
#include "policy/ports.h"
#include "settings.h"
#include "web_conf.h"

struct state {
	struct conf *conf;
	const struct web_conf *web;
	const struct outbound_conf *outbound;
	struct store *store; /* the one of the state before where `redis` is as it was */
	struct accounts *accounts;
	struct keyring keyring;
	bool has_keyring;
	struct tls_server *tls; /* NULL: nothing listens with it */
};

/* Of conf, which it owns from then on, also when it fails. before: the state in force, or NULL.
 * Starts threads, so fork before. NULL with the reason. */
struct state *state_new(struct conf *conf, struct state *before, struct err *err);

/* Would state_new() find the files that conf names, and find them good? 0, or -1 with the reason. */
int state_try(struct conf *conf, struct err *err);

/* Nobody uses it any more. next: what took its place, or NULL; what that one goes on with is left.
 * What waits for Redis is written otherwise, for at most two seconds, and then left to the next one. */
void state_free(struct state *state, const struct state *next);

#endif
