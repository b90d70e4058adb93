/*
 * address_set.h - sets of address patterns, as in allow and opt-out lists.
 *
 * A pattern is one of: user@example.com, @example.com or example.com (the domain itself),
 * .example.com (every domain below it), user@ (that local part anywhere). Case does not count.
 */
#ifndef MAIL_ADDRESS_SET_H
#define MAIL_ADDRESS_SET_H

#include "base/arena.h"
#include "base/err.h"
#include "mail/address.h"

/* Room for the longest pattern; also the longest address that can match one. */
#define ADDRESS_PATTERN_MAX_BYTES 320

struct address_set {
	struct slice *v; /* lower case, "@example.com" for a bare domain, sorted */
	size_t n;
};

/* Checks one pattern and brings it into the form that the set keeps (lower case, domains with
 * their '@'), in the arena. 0, or -1 with what is wrong: spaces, two '@', no dot-separated labels,
 * too long. */
int address_pattern_parse(
    struct arena *a, struct slice text, struct slice *pattern_r, struct err *err);

/* Sorts v (n patterns from address_pattern_parse(), which the set keeps) and makes the set of it. */
void address_set_init(struct address_set *set, struct slice *v, size_t n);

/* True when a pattern matches. The null address matches nothing. */
bool address_set_has(const struct address_set *set, const struct address *addr);

#endif
