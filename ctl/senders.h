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

/* The lanes of an account with a bounce domain: 0 is its own, 1 the overflow. False: there is no such,
 * or it is the same as the other. Lane 0 may be "". */
#define SENDER_LANES 2
bool sender_lane(const struct account *account, size_t i, struct slice *lane_r);

#endif
