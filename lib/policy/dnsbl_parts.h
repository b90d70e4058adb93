/*
 * dnsbl_parts.h - what dnsbl_entry.c and dnsbl_rule.c share; nobody else includes it.
 */
#ifndef POLICY_DNSBL_PARTS_H
#define POLICY_DNSBL_PARTS_H

#include "policy/dnsbl_rule.h"

/* An entry taken apart; the slices point into its text. */
struct dnsbl_entry {
	struct slice text;
	struct slice preset; /* behind the @, or empty */
	struct slice name;
	struct slice zone;
	struct slice tail;               /* from '=' or '*' on, or empty */
	const struct dnsbl_known *known; /* of the preset */
	bool domains;
	bool block;
	bool no_test;
	unsigned asks;
	unsigned share;
};

/* 0, or -1 with "ENTRY: what is wrong". The preset is not looked up, the tail not read. */
int dnsbl_entry_parse(struct dnsbl_entry *e, struct slice text, bool domains, struct err *err);

/* Takes words as they stand behind a rule. */
int dnsbl_entry_words(struct dnsbl_entry *e, struct slice words, struct err *err);

/* Reads the tail, "=FILTER*WEIGHT", either of which may be missing. */
int dnsbl_entry_rule(const struct dnsbl_entry *e, struct dnsbl_rule *rule, struct err *err);

/* Sets *err to "ENTRY: what" and returns -1. */
int dnsbl_entry_fail(struct err *err, const struct dnsbl_entry *e, const char *what);

/* Cuts the first word off *rest; empty at the end. */
struct slice dnsbl_word_next(struct slice *rest);

#endif
