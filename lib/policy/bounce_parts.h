/*
 * bounce_parts.h - what the files of bounce share; nobody else includes it.
 */
#ifndef POLICY_BOUNCE_PARTS_H
#define POLICY_BOUNCE_PARTS_H

#include "policy/bounce_class.h"

#include <stdint.h>

/* Phrases are found by their first bytes. */
#define BOUNCE_KEY_BYTES 3
#define BOUNCE_BUCKETS   4096

#define BOUNCE_ANY UINT16_MAX

enum bounce_when_kind {
	BOUNCE_WHEN_STATUS,
	BOUNCE_WHEN_REPLY,
	BOUNCE_WHEN_DATA,
};

struct bounce_when {
	enum bounce_when_kind kind;
	uint16_t number[3]; /* of the code; BOUNCE_ANY */
};

struct bounce_rule {
	enum bounce_class class;
	bool hard;
	struct slice category;
	struct bounce_when when[BOUNCE_WHENS_MAX];
	size_t nwhen;                          /* 0: always */
	struct slice piece[BOUNCE_PIECES_MAX]; /* of the phrase; between them, anything */
	size_t npieces;                        /* 0: there is no phrase */
	bool any_words;                        /* instead of one: there are words */
	size_t next;                           /* in its bucket: index + 1, or 0; always greater */
	const char *source;
	unsigned line;
};

/* The bucket of a text of at least BOUNCE_KEY_BYTES. */
static inline size_t
bounce_bucket(const char *p)
{
	uint32_t key = (uint32_t)(unsigned char)p[0] << 16 | (uint32_t)(unsigned char)p[1] << 8 |
		       (unsigned char)p[2];

	return (key * UINT32_C(2654435761)) >> 20;
}

/* "5.1.1" in numbers; parts may be "*" where any is allowed. False: it is none. */
bool bounce_status_parse(struct slice text, bool any, uint16_t number_r[3]);

/* A line of a table, without its end. 0, or -1. */
int bounce_rule_parse(struct slice line, struct bounce_rule *rule_r, struct err *err);

#endif
