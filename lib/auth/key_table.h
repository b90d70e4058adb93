/*
 * key_table.h - the private keys that sign mail, by domain and selector; and which selector takes
 * over from which, and when.
 *
 * A table is built once and then only read, by any number of threads.
 */
#ifndef AUTH_KEY_TABLE_H
#define AUTH_KEY_TABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/sign.h"

#include <stdint.h>

/* A selector hands on to the next, that to another …: no further than this, so that two that hand
 * on to each other hold nobody up. */
#define KEY_TABLE_HOPS_MAX 8

struct key_entry {
	const char *domain, *selector; /* lower case */
	const struct sign_key *key; /* NULL: there is a file, but no key in it that may be used */
	const char *reason;         /* why not; static: "unreadable", "world-readable", … */
	const char *public_key;     /* p= of its DNS record; NULL without a key */
	const char *next;           /* the selector that takes over, or NULL */
	int64_t next_at_s;          /* from when on; Unix seconds */
};

struct key_table {
	const struct key_entry *v; /* sorted by domain, then selector */
	size_t n;
};

/* Sorts the entries, and makes the table of them; they must live as long. */
void key_table_init(struct key_table *table, struct key_entry *entries, size_t n);

/* The entry of exactly that selector, in any case, or NULL. */
const struct key_entry *key_table_at(
    const struct key_table *table, struct slice domain, struct slice selector);

/* The entry that signs for that selector at that time: itself, or who has taken over from it. NULL
 * when there is none. A successor whose key cannot be used does not take over. */
const struct key_entry *key_table_find(
    const struct key_table *table, struct slice domain, struct slice selector, int64_t now_s);

/* What a file SELECTOR.next says: "SELECTOR2 2026-12-01T00:00:00Z". */
#define KEY_NEXT_MAX_BYTES 300

struct key_next {
	struct slice selector;
	int64_t at_s;
};

/* The selector is part of the text. 0, or -1 with what is wrong. */
int key_next_parse(struct slice text, struct key_next *next_r, struct err *err);

/* Appends the file's text. */
void key_next_format(const struct key_next *next, struct buf *out);

#endif
