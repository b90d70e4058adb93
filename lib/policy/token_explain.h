/*
 * token_explain.h - a token in words, for `gatepostctl token decode`.
 */
#ifndef POLICY_TOKEN_EXPLAIN_H
#define POLICY_TOKEN_EXPLAIN_H

#include "policy/account_map.h"
#include "policy/envelope_id.h"

struct token_reader {
	const struct keyring *keyring;
	const struct account_map *map; /* for the names of accounts; NULL: their ids only */
	const char *delimiters;        /* of XVERP; NULL: the usual ones */
	unsigned today;                /* since 1970 */
};

/* Appends lines "name: value", LF behind each. text is what somebody has at hand: a URL, an address
 * with or without brackets, an ENVID with or without its keyword, a token alone. True when the token
 * is good. What is in a token that nobody signed is not shown. */
bool token_explain(const struct token_reader *reader, struct slice text, struct buf *out);

#endif
