/*
 * token_parts.h - what token.c and envelope_id.c share.
 */
#ifndef POLICY_TOKEN_PARTS_H
#define POLICY_TOKEN_PARTS_H

#include "policy/token.h"

/* n bytes, the highest first. */
void token_put(uint8_t *p, uint64_t value, size_t n);
uint64_t token_get(const uint8_t *p, size_t n);

/* The ids as all forms have them: account 6, message 8, recipient 2, day 2. */
#define TOKEN_IDS_BYTES 18
void token_ids_put(uint8_t *p, const struct token_ids *ids);
struct token_ids token_ids_get(const uint8_t *p);

/* 0, or -1 with which of them is out of its range. */
int token_ids_check(const struct token_ids *ids, struct err *err);

/* GOOD with the key, or why that one cannot verify. */
enum token_result token_key_find(
    const struct keyring *keyring, unsigned id, const struct keyring_key **key_r);

/* GOOD, OTHER_ACCOUNT, EXPIRED or FUTURE, of a token whose MAC is right. */
enum token_result token_terms_check(const struct token_terms *terms, const struct token_ids *ids);

#endif
