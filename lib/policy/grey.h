/*
 * grey.h - greylisting: what one try of one tuple means.
 *
 * A tuple is (identity, sender, recipient). Its first try is put off; the sender that tries again
 * within the window is let through, and remembered for `expire`. An identity whose tuples passed
 * often enough is known, and is not put off any more.
 *
 *	     first try            block               pass                     last try + expire
 *	         |------ early ------|------ passes ------|-- starts anew --
 *	                                 |-- passed: repeat …                        |-- forgotten
 *
 * The rule stands here once, as grey_advance(), over plain records. The in-process store calls it;
 * lib/io/grey.lua says the same in Redis's words, and one contract test holds both to it.
 */
#ifndef POLICY_GREY_H
#define POLICY_GREY_H

#include "base/err.h"
#include "base/slice.h"
#include "mail/address.h"
#include "policy/identity.h"

#include <stdint.h>

struct grey_windows {
	int64_t block_s;  /* a retry before this is early: put off again */
	int64_t pass_s;   /* a retry after this starts the tuple anew; at it, it still passes */
	int64_t expire_s; /* a passed tuple, or a known identity, idle for longer is forgotten */
	int64_t promote_after; /* passed tuples that make an identity known; 0: none is counted */
	int64_t promote_gap_s; /* those must be at least this far apart */
	bool learn;            /* a tuple passes at its next try, the first included */
};

/* What the store keeps of a tuple; all 0: there is none. Unix seconds. */
struct grey_tuple {
	int64_t first;
	int64_t last;
	int64_t tries;
	int64_t passed; /* when it first passed, or 0 */
};

/* What the store keeps of an identity; all 0: nothing. */
struct grey_known {
	int64_t passes;
	int64_t last_counted;
	int64_t last;
};

enum grey_outcome {
	GREY_NEW,     /* first try: put off */
	GREY_EARLY,   /* a retry within block: put off */
	GREY_PASSED,  /* a retry in the window: passes for the first time */
	GREY_REPEAT,  /* passed before */
	GREY_KNOWN,   /* the identity is known */
	GREY_MET,     /* a correspondent: our user wrote to this sender */
	GREY_LEARNED, /* first try in learning mode: passes */
};

struct grey_step {
	enum grey_outcome outcome;
	int64_t now;     /* the store's clock */
	int64_t first;   /* of the tuple; now for KNOWN and MET */
	int64_t tries;   /* this one included, REPEAT not counted; 1 for KNOWN and MET */
	int64_t wait_s;  /* NEW, EARLY: until a retry passes; else 0 */
	int64_t delay_s; /* PASSED: how long the tuple was put off; else 0 */
};

/* The longest address in a key, so that no key is longer than the store should bear. */
#define GREY_ADDRESS_BYTES 160

/* A tuple as text: lower case, normalised, bounded, and safe in a Redis key. */
struct grey_key {
	struct identity identity;
	char sender[GREY_ADDRESS_BYTES + 1];
	char rcpt[GREY_ADDRESS_BYTES + 1];
};

/* The address as keys hold it: normalised, with a NUL. Blanks, bytes that are not printable ASCII,
 * and % : { } are written as %XX; what is longer than GREY_ADDRESS_BYTES in that form keeps its
 * first 140 bytes (less, where a %XX would be divided) and ends in '~' and 16 hex digits of a hash
 * of all of it. */
void grey_address_format(char out[GREY_ADDRESS_BYTES + 1], const struct address *a);

void grey_key_make(struct grey_key *key_r, const struct identity *identity,
    const struct address *sender, const struct address *rcpt);

/* One try at time now: reads and changes the two records, and says what it means. */
struct grey_step grey_advance(
    struct grey_tuple *tuple, struct grey_known *known, int64_t now, const struct grey_windows *w);

/* True for the outcomes that put mail off: NEW, EARLY. */
bool grey_outcome_delays(enum grey_outcome outcome);

/* "new", "early", "passed", "repeat", "known", "met", "learned". */
const char *grey_outcome_name(enum grey_outcome outcome);

#endif
