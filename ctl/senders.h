/*
 * senders.h - the outbound accounts in force, as gatepostd has them: those of milter.conf, and those in
 * Redis when it can be reached.
 */
#ifndef CTL_SENDERS_H
#define CTL_SENDERS_H

#include "conf/conf.h"
#include "policy/accounts.h"

/* Problems that are told; further ones are only counted. */
#define SENDERS_PROBLEMS_MAX 100

struct sender_problem {
	const char *account, *option, *text;
};

struct senders {
	struct accounts *port;
	const struct account_book *book; /* sorted by name */
	size_t nproblems;                /* of all; those in v are the first */
	struct sender_problem v[SENDERS_PROBLEMS_MAX];
	struct arena arena;
};

/* Reads them; waits for Redis for a moment. book->complete is false when Redis could not be read. 0,
 * or -1 with the reason; then there is nothing to close. */
int senders_open(struct senders *senders, const struct conf *conf, struct err *err);
void senders_close(struct senders *senders);

/* True when its MAIL FROM becomes one of ours, and is to be expanded for each recipient. */
bool sender_has_verp(const struct account *account);
bool sender_expands(const struct account *account);

/* A domain that bounces come to. */
struct sender_domain {
	const char *domain;
	const char *lane; /* "": none */
};

/* The distinct ones of the accounts, sorted, in the arena: each bounce_domain itself, since mail that
 * left before its account had a lane comes back there; and those of lanes and overflows. NULL with 0 for
 * none, or without memory. */
const struct sender_domain *senders_domains(
    const struct account_book *book, struct arena *a, size_t *n_r);

#endif
