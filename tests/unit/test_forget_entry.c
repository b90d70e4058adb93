/*
 * test_forget_entry.c - lib/policy/forget_entry.
 */
#include "policy/forget_entry.h"

#include "policy/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define ID       "aaaaaaaaaacne" /* of message 0x4d2 */
#define ENVELOPE "aeb55rztuhnt4ajdivtytk6n54aagujkcj2poavaqehlvl57"

/* As they are written. */
static void
test_id(void **state)
{
	char storage[TOKEN_MESSAGE_BYTES], rest[4];
	struct buf id = BUF_OVER(storage), out = BUF_OVER(rest);

	(void)state;
	for (uint64_t message = 1; message != 0; message <<= 1) {
		buf_reset(&id);
		token_message_format(message, &id);
		if (!forget_ids(buf_slice(&id), &out) || out.n != 0)
			fail_msg("%.*s stays", SLICE_ARG(buf_slice(&id)));
	}
}

static void
test_ids(void **state)
{
	static const struct {
		const char *note, *want; /* NULL: as it is */
	} rows[] = {
	    {"", NULL},
	    {ID, ""},
	    {"web one-click " ID, "web one-click"},
	    {"web form " ID, "web form"},
	    {"550 5.1.1 no such user (" ID ")", "550 5.1.1 no such user"},
	    {"abuse (" ID ") and (" ID "), twice", "abuse and, twice"},
	    {"(see " ID ")", "(see)"},
	    {ID " " ID " x", " x"},
	    {"b-" ENVELOPE "@b.shop.example", "b-@b.shop.example"},
	    {"AAAAAAAAAACNE", ""},
	    {"x" ID, NULL},
	    {ID "2", NULL},
	    {"aaaaaaaaaacn", NULL},
	    {"aaaaaaaaaacnf", NULL}, /* bits that no id has */
	    {"aaaaaaaaaacn1", NULL}, /* a digit that base32 has not */
	    {"by letter of 3 November, left the company", NULL},
	    {"550-5.1.1 <ann@example.com>: mailbox unavailable", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *want = rows[i].want == NULL ? rows[i].note : rows[i].want;
		char storage[100];
		struct buf out = BUF_OVER(storage);
		bool had = forget_ids(slice_of(rows[i].note), &out);

		if (had != (rows[i].want != NULL) || strcmp(buf_text(&out), want) != 0)
			fail_msg("\"%s\": \"%s\"", rows[i].note, buf_text(&out));
	}
}

#define MIDNIGHT  "1763683200"
#define NOON      "1763726400"
#define TOMORROW  "1763769600"
#define LAST_DAY  "253402300700"
#define LAST_DAY0 "253402214400"

/* Entries as they stand in Redis. */
static void
test_suppression(void **state)
{
	static const struct {
		const char *entry, *want; /* NULL: as it is */
	} rows[] = {
	    {"unsubscribed 1 " NOON " " NOON " 0 web form " ID,
		"unsubscribed 1 " MIDNIGHT " " MIDNIGHT " 0 web form"},
	    {"bounced 3 " NOON " " NOON " " NOON " 552 full (" ID ")",
		"bounced 3 " MIDNIGHT " " MIDNIGHT " " TOMORROW " 552 full"},
	    {"complained 1 " MIDNIGHT " " NOON " 0", "complained 1 " MIDNIGHT " " MIDNIGHT " 0"},
	    {"bounced 1 " MIDNIGHT " " MIDNIGHT " " TOMORROW " full", NULL},
	    {"bounced 1 0 0 " LAST_DAY, NULL},
	    {"bounced 1 0 " LAST_DAY " 0", "bounced 1 0 " LAST_DAY0 " 0"},
	    {"manual 1 " NOON " " NOON " " NOON " left", NULL},
	    {"manual 1 " NOON " " NOON " 0 see " ID, "manual 1 " NOON " " NOON " 0 see"},
	    {"see " ID, "manual 1 0 0 0 see"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[SUPPRESSION_TEXT_BYTES + 1];
		struct buf out = BUF_OVER(storage);
		struct suppression entry;
		bool changed;

		suppression_read(slice_of(rows[i].entry), &entry);
		changed = forget_suppression(&entry);
		suppression_format(&entry, &out);
		if (changed != (rows[i].want != NULL) ||
		    (changed && strcmp(buf_text(&out), rows[i].want) != 0))
			fail_msg("\"%s\": \"%s\"", rows[i].entry, buf_text(&out));
		if (changed && forget_suppression(&entry))
			fail_msg("\"%s\": not the same again", rows[i].entry);
	}
}

static void
test_consent(void **state)
{
	struct consent consent;

	(void)state;
	consent_read(slice_of("off " NOON " complained of " ID), &consent);
	assert_true(forget_consent(&consent));
	assert_true(slice_eq(slice_make(consent.note, consent.note_n), slice_of("complained of")));
	assert_int_equal(consent.since_s, 1763726400);
	assert_false(forget_consent(&consent));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_id),
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_suppression),
	    cmocka_unit_test(test_consent),
	};

	return cmocka_run_group_tests_name("forget_entry", tests, NULL, NULL);
}
