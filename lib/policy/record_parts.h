/*
 * record_parts.h - a record's lists taken apart again, and the question whether a record is meant.
 *
 * The iterators take the next entry off the front of *rest, which begins as the field's value, and
 * return false when there is none left. Values that were cut, or that somebody else wrote, give
 * entries with empty parts. Slices point into the record.
 */
#ifndef POLICY_RECORD_PARTS_H
#define POLICY_RECORD_PARTS_H

#include "base/net.h"
#include "policy/record.h"

/* "ADDRESS ANSWER WORD; …" */
struct record_rcpt {
	struct slice address, answer, word;
};
bool record_rcpt_next(struct slice *rest, struct record_rcpt *rcpt_r);

/* "CHECK REASON KIND WEIGHT TEXT; …" */
struct record_finding {
	struct slice check, reason, kind, text;
	int64_t weight;
};
bool record_finding_next(struct slice *rest, struct record_finding *finding_r);

/* "NAME=VALUE NAME=VALUE …" */
struct record_limit {
	struct slice name;
	int64_t value;
};
bool record_limit_next(struct slice *rest, struct record_limit *limit_r);

/* The decimal number at the front of text, cut to what fits; 0 when there is none. */
int64_t record_number(struct slice text);

/* Which records are meant: by their code, queue id, client, sender or a recipient. */
struct record_match {
	struct slice text;
	struct net_cidr network; /* NET_NONE: the text is no network or address */
};

/* text must outlive m. An address or network stands for clients; "@DOMAIN" for all senders and
 * recipients in it; any other text must be a whole code, queue id, sender or recipient (no case; in a
 * code, O is 0 and I and L are 1; a queue id has its case). */
void record_match_init(struct record_match *m, struct slice text);
bool record_match_has(const struct record_match *m, const struct record *record);

/* Is this the code of the record, however it was typed? */
bool record_has_code(const struct record *record, struct slice code);

#endif
