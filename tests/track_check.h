/*
 * track_check.h - for tests: a message is tracked, and its parts are compared.
 */
#ifndef TESTS_TRACK_CHECK_H
#define TESTS_TRACK_CHECK_H

#include "mime_check.h"
#include "policy/presigned.h"
#include "policy/track.h"
#include "unit/keyring_fixture.h"

#define TRACK_DOMAIN "t.shop.example"

/* The keyring of the tests, read once. */
static inline const struct keyring *
track_keyring(void)
{
	static struct keyring keyring;
	struct err err;

	if (keyring.n == 0)
		assert(keyring_parse(&keyring, slice_of(KEYRING_TEXT), "keyring", &err) == 0);
	return &keyring;
}

/* Opens and clicks of a message, for that account. */
static inline struct track_facts
track_facts_of(const struct account *account)
{
	return (struct track_facts){.account = account,
	    .keyring = track_keyring(),
	    .what = {true, true, PRIVACY_IDENTIFIED},
	    .ids = {.account = 1, .message = 42, .day = 20000, .rcpt = 1}};
}

/* Was the part changed? */
static inline bool
track_touched(const struct track *track, size_t part)
{
	for (size_t i = 0; i < track->n; i++)
		if (track->v[i].part == part)
			return track->v[i].reason == TRACK_DONE;
	return false;
}

/* Tracks the message, which becomes what leaves; its body is on the heap then. NULL, or what is wrong
 * with it. */
static inline const char *
track_check(struct arena *a, struct message *m, struct track *track_r, struct heap_text *body_r)
{
	/* of some messages with a trap, whichever they are */
	const struct account account = {.track_domain = TRACK_DOMAIN, .trap = m->n % 2 == 1};
	struct track_facts facts = track_facts_of(&account);
	static struct edits edits;
	struct message before = *m;
	struct body_edits body;
	struct mime mime, again;
	const char *why = NULL;

	edits_init(&edits);
	body_edits_init(&body, a);
	if (mime_scan(a, m, &mime) != 0)
		return "no memory";
	facts.presigned = presigned_is(m);
	track_make(&facts, m, &mime, &edits, &body, track_r);
	if (body_edits_apply_to(&body, m->body, &(struct sink){heap_put, body_r}) != 0)
		return "no memory";
	before.v = arena_alloc(a, (m->n + 1) * sizeof(*m->v));
	if (before.v == NULL)
		return "no memory";
	if (m->n > 0)
		memcpy(before.v, m->v, m->n * sizeof(*m->v));
	if (message_apply(a, m, &edits) != 0)
		return "edits";
	m->body = heap_slice(body_r);
	if (mime_scan(a, m, &again) != 0)
		return "no memory";
	if (mime.n != again.n || mime.over != again.over)
		return "number of parts";
	for (size_t i = 0; i < mime.n && why == NULL; i++)
		if (!track_touched(track_r, i) && track_r->n < TRACK_PARTS_MAX)
			why = parts_differ(&before, &mime.v[i], m, &again.v[i]);
	return why;
}

#endif
