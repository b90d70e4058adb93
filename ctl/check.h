/*
 * check.h - the parts of `gatepostctl check`. Each looks at one thing, and says a line or some.
 */
#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include "ctl.h"

enum check_state {
	CHECK_OK,
	CHECK_WARNING,
	CHECK_FAULT,
};

struct check {
	struct ctl *ctl;
	const struct conf *conf;
	size_t count[3]; /* lines by state */
};

/* Is the module of that section, in the table of arriving mail, on? And its section in force? */
struct module;
bool check_is_active(const struct check *check, const struct module *module);

/* One line: about what (a word), what is so, and what to do about it (NULL: nothing). */
void check_say(struct check *check, enum check_state state, const char *topic, const char *todo,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

void check_conf(struct check *check); /* allowed, and hardly meant? */
void check_redis(struct check *check);
void check_dns(struct check *check);
void check_dnsbl(struct check *check);    /* known to be dead? */
void check_public(struct check *check);   /* are DNS lists asked by a public resolver? */
void check_socket(struct check *check);   /* is gatepostd there? */
void check_bounces(struct check *check);  /* rules of one's own */
void check_outbound(struct check *check); /* keyring, keys, accounts, return paths */

/* True when that MTA is on this host. */
bool check_postfix(struct check *check);
bool check_sendmail(struct check *check);

#endif
