/*
 * grey.c - see grey.h.
 */
#include "policy/grey.h"

#include "base/buf.h"
#include "base/siphash.h"

/* An address that is longer than GREY_ADDRESS_BYTES keeps this many, and a hash of all of it. */
#define CUT_BYTES  140
#define HASH_BYTES 17 /* "~" and 16 digits */

_Static_assert(CUT_BYTES + HASH_BYTES <= GREY_ADDRESS_BYTES, "a cut address fits");

/* No secret, as all hosts must come to the same: who makes two long addresses with one hash has made
 * two addresses of his own one tuple. */
static const uint64_t hash_key[2] = {0, 0};

/* One byte in the form that a key has; ':' divides the fields of a key, and braces hold its hash
 * tag. */
static void
byte_format(struct buf *out, unsigned char c)
{
	if (c <= ' ' || c >= 0x7f || c == '%' || c == ':' || c == '{' || c == '}')
		buf_add_format(out, "%%%02X", c);
	else
		buf_add_char(out, (char)c);
}

void
grey_address_format(char out[GREY_ADDRESS_BYTES + 1], const struct address *a)
{
	char normal_storage[ADDRESS_MAX_BYTES];
	char text_storage[ADDRESS_MAX_BYTES * 3 + 1]; /* buf_add_format() wants room for a NUL */
	struct buf normal = BUF_OVER(normal_storage);
	struct buf text = BUF_OVER(text_storage);
	size_t cut = 0;

	address_normalise(&normal, a);
	for (size_t i = 0; i < normal.n; i++) {
		byte_format(&text, (unsigned char)normal.p[i]);
		if (text.n <= CUT_BYTES)
			cut = text.n; /* the end of a byte, not the midst of its %XX */
	}
	if (text.n > GREY_ADDRESS_BYTES) {
		text.n = cut;
		buf_add_format(
		    &text, "~%016llx", (unsigned long long)siphash(hash_key, buf_slice(&normal)));
	}
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
}

void
grey_key_make(struct grey_key *key_r, const struct identity *identity, const struct address *sender,
    const struct address *rcpt)
{
	key_r->identity = *identity;
	grey_address_format(key_r->sender, sender);
	grey_address_format(key_r->rcpt, rcpt);
}

static bool
is_known(const struct grey_known *known, const struct grey_windows *w)
{
	return w->promote_after > 0 && known->passes >= w->promote_after;
}

/* True when a try at `now` starts the tuple anew. */
static bool
starts_anew(const struct grey_tuple *tuple, int64_t now, const struct grey_windows *w)
{
	if (tuple->tries == 0 || now < tuple->first)
		return true;
	if (tuple->passed != 0)
		return now - tuple->last > w->expire_s;
	return now - tuple->first > w->pass_s;
}

/* A tuple passed for the first time: a step towards promotion, where there is one, unless the last
 * step was just now. */
static void
pass_count(struct grey_known *known, int64_t now, const struct grey_windows *w)
{
	if (w->promote_after <= 0)
		return;
	if (known->passes != 0 && now - known->last_counted < w->promote_gap_s)
		return;
	known->passes++;
	known->last_counted = now;
	known->last = now;
}

/* The first try of a tuple. */
static enum grey_outcome
tuple_begin(
    struct grey_tuple *tuple, struct grey_known *known, int64_t now, const struct grey_windows *w)
{
	*tuple = (struct grey_tuple){.first = now, .last = now, .tries = 1};
	if (!w->learn && w->block_s > 0)
		return GREY_NEW;
	tuple->passed = now;
	pass_count(known, now, w);
	return w->learn ? GREY_LEARNED : GREY_PASSED;
}

/* Any other. */
static enum grey_outcome
tuple_retry(
    struct grey_tuple *tuple, struct grey_known *known, int64_t now, const struct grey_windows *w)
{
	tuple->last = now;
	if (tuple->passed != 0)
		return GREY_REPEAT;
	tuple->tries++;
	if (now - tuple->first < w->block_s && !w->learn)
		return GREY_EARLY;
	tuple->passed = now;
	pass_count(known, now, w);
	return GREY_PASSED;
}

struct grey_step
grey_advance(
    struct grey_tuple *tuple, struct grey_known *known, int64_t now, const struct grey_windows *w)
{
	struct grey_step step = {.outcome = GREY_KNOWN, .now = now, .first = now, .tries = 1};
	int64_t age;

	if (now - known->last > w->expire_s)
		*known = (struct grey_known){.passes = 0};
	if (is_known(known, w)) {
		known->last = now;
		return step;
	}
	if (starts_anew(tuple, now, w))
		step.outcome = tuple_begin(tuple, known, now, w);
	else
		step.outcome = tuple_retry(tuple, known, now, w);
	step.first = tuple->first;
	step.tries = tuple->tries;
	age = now - tuple->first;
	step.wait_s = grey_outcome_delays(step.outcome) ? w->block_s - age : 0;
	step.delay_s = step.outcome == GREY_PASSED ? age : 0;
	return step;
}

bool
grey_outcome_delays(enum grey_outcome outcome)
{
	return outcome == GREY_NEW || outcome == GREY_EARLY;
}

const char *
grey_outcome_name(enum grey_outcome outcome)
{
	static const char *const names[] = {
	    [GREY_NEW] = "new",
	    [GREY_EARLY] = "early",
	    [GREY_PASSED] = "passed",
	    [GREY_REPEAT] = "repeat",
	    [GREY_KNOWN] = "known",
	    [GREY_MET] = "met",
	    [GREY_LEARNED] = "learned",
	};

	return names[outcome];
}
