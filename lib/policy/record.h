/*
 * record.h - decision records: what was known and found about one transaction, as named texts that
 * a person can read and `gatepostctl explain` can print.
 *
 * A record is made when a transaction ends, goes into the stream PREFIXverdicts of the store, and
 * is printed by explain; `gatepostctl test` prints one that it made itself. Its fields, each at most
 * once, in this order; all but code, time and action may be missing:
 *
 *	code      what the client was told (policy/verdict_code.h)
 *	time      Unix seconds, when MAIL came
 *	host, id  the MTA's name, and its queue id
 *	action    accept, defer, reject, quarantine, discard, mixed, none: as in the log
 *	client, name, helo, from      as in the log; from is "<>" for the null sender
 *	rcpt      for each recipient "ADDRESS ANSWER WORD", the WORD being the reason; "; " between
 *	nrcpt     how many there were
 *	rdns, dnsbl, spf, dkim, dmarc  what was found out, in words
 *	score     their sum
 *	limits    "block=30 low=10 medium=20 high=30": what the score was held against
 *	findings  for each "CHECK REASON KIND WEIGHT TEXT", KIND being note, score, defer, block …;
 *	          "; " between; the TEXT holds no ';'
 *	reply     what the client was told last that was no acceptance: "554 5.7.1 …"
 *	would     what shadow mode kept from happening, and the check: "reject:dmarc"
 *	on_error  the check that could not tell
 *
 * Values come from the network: record_add() makes every byte printable ASCII, or UTF-8 as it is;
 * any other becomes '?'. What comes to stand between two "; " must hold none: see record_parts.h for
 * how the lists are read.
 *
 * An event (policy/event.h) is a record as well, with names of its own.
 */
#ifndef POLICY_RECORD_H
#define POLICY_RECORD_H

#include "base/buf.h"

#define RECORD_FIELDS_MAX  56
#define RECORD_BYTES       ((size_t)8 * 1024) /* of all values; longer ones are cut, ending in "..." */
#define RECORD_VALUE_BYTES 3000

struct record_field {
	const char *name; /* static */
	struct slice value;
};

struct record {
	struct record_field v[RECORD_FIELDS_MAX];
	size_t n;
	size_t used;
	char bytes[RECORD_BYTES];
};

void record_init(struct record *record);

/* Adds a field, the value cut and cleaned; an empty value is not added, nor is one for which there is
 * no room. name must be one of those above, or of event.h. */
void record_add(struct record *record, const char *name, struct slice value);
void record_add_number(struct record *record, const char *name, int64_t value);

/* The field's value, or an empty slice. */
struct slice record_get(const struct record *record, const char *name);

/* The field's name as a static string, or NULL when there is none by that name. */
const char *record_field_name(struct slice name);

#endif
