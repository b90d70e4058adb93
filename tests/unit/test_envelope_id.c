/*
 * test_envelope_id.c - lib/policy/envelope_id.c.
 */
#include "keyring_fixture.h"

#include "policy/account.h"
#include "policy/envelope_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DAY     20778u
#define ACCOUNT 0xdec733a1db3eULL
#define DOMAIN  "b.shop.example"

static struct keyring now, then_1, then_2, other;

static int
setup(void **state)
{
	struct err err;

	(void)state;
	return keyring_parse(&now, slice_of(KEYRING_TEXT), "now", &err) != 0 ||
	       keyring_parse(&then_1, slice_of(KEYRING_TEXT_1), "1", &err) != 0 ||
	       keyring_parse(&then_2, slice_of(KEYRING_TEXT_2), "2", &err) != 0 ||
	       keyring_parse(&other, slice_of(KEYRING_TEXT_OTHER), "other", &err) != 0;
}

static int
teardown(void **state)
{
	(void)state;
	keyring_fini(&now);
	keyring_fini(&then_1);
	keyring_fini(&then_2);
	keyring_fini(&other);
	return 0;
}

static const struct token_ids ids = {ACCOUNT, 0x0123456789abcdefULL, DAY, 3};
static const struct token_terms any = {0};

/* "b-TOKEN", valid until the next call. */
static const char *
text_of(const struct keyring *ring, enum envelope_letter letter, const char *domain)
{
	static char storage[ENVELOPE_ID_TEXT_BYTES + 1];
	struct envelope_id id = {.letter = letter, .ids = ids};
	struct buf out = BUF_OVER(storage);
	struct err err = {ERR_NONE, ""};

	if (envelope_id_make(ring, &id, slice_of(domain), &out, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(out.n, ENVELOPE_ID_TEXT_BYTES);
	return buf_text(&out);
}

static enum token_result
open_as(const char *local, const char *domain, struct envelope_id *id)
{
	struct envelope_text text = {slice_of(local), slice_of(domain), NULL};

	return envelope_id_open(&now, &text, &any, id);
}

/* What leaves today comes back in a week: the format may not change. Made with another program. */
static void
test_frozen(void **state)
{
	(void)state;
	assert_string_equal(text_of(&now, ENVELOPE_BOUNCE, DOMAIN),
	    "b-aeb55rztuhnt4ajdivtytk6n54aagujkcj2poavaqehlvl57");
	assert_string_equal(
	    text_of(&now, ENVELOPE_ID, ""), "i-aeb55rztuhnt4ajdivtytk6n54aagujk2sfqq3r4c3b73p6j");
}

static void
test_round(void **state)
{
	static const struct {
		enum envelope_letter letter;
		const char *domain;
	} rows[] = {{ENVELOPE_BOUNCE, DOMAIN}, {ENVELOPE_UNSUBSCRIBE, DOMAIN}, {ENVELOPE_ID, ""}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *text = text_of(&now, rows[i].letter, rows[i].domain);
		struct envelope_id got;

		assert_true(envelope_id_is_like(slice_of(text)));
		assert_int_equal(open_as(text, rows[i].domain, &got), TOKEN_GOOD);
		assert_int_equal(got.letter, rows[i].letter);
		assert_int_equal(got.key, 3);
		assert_memory_equal(&got.ids, &ids, sizeof(ids));
		assert_int_equal(got.rcpt_n, 0);
	}
}

static void
upper(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)(*text >= 'a' && *text <= 'z' ? *text - 32 : *text);
}

/* However the case of it is folded on the way. */
static void
test_case(void **state)
{
	char local[ENVELOPE_ID_TEXT_BYTES + 1], mixed[ENVELOPE_ID_TEXT_BYTES + 1];
	struct envelope_id got;

	(void)state;
	memcpy(local, text_of(&now, ENVELOPE_BOUNCE, "B.Shop.example"), sizeof(local));
	memcpy(mixed, local, sizeof(local));
	upper(local);
	for (size_t i = 0; i < sizeof(mixed); i += 2)
		mixed[i] = local[i];
	assert_int_equal(open_as(local, "B.SHOP.EXAMPLE", &got), TOKEN_GOOD);
	assert_int_equal(got.letter, ENVELOPE_BOUNCE);
	assert_int_equal(open_as(mixed, DOMAIN, &got), TOKEN_GOOD);
	assert_memory_equal(&got.ids, &ids, sizeof(ids));
}

static void
test_every_bit(void **state)
{
	const char *text = text_of(&now, ENVELOPE_BOUNCE, DOMAIN);
	char raw[ENVELOPE_ID_BYTES], bent[ENVELOPE_ID_TEXT_BYTES + 1];
	struct buf bytes = BUF_OVER(raw);
	struct envelope_id got;

	(void)state;
	assert_int_equal(decode_base32(&bytes, slice_of(text + 2)), 0);
	for (size_t bit = 0; bit < sizeof(raw) * 8; bit++) {
		struct buf out = BUF_OVER(bent);
		enum token_result result;

		raw[bit / 8] = (char)(raw[bit / 8] ^ (1 << bit % 8));
		buf_add_text(&out, "b-");
		encode_base32(&out, buf_slice(&bytes));
		result = open_as(buf_text(&out), DOMAIN, &got);
		if (result == TOKEN_GOOD || (bit >= 16 && result != TOKEN_FORGED))
			fail_msg("bit %zu: %s", bit, token_result_name(result));
		raw[bit / 8] = (char)(raw[bit / 8] ^ (1 << bit % 8));
	}
}

static void
test_every_letter(void **state)
{
	char bent[ENVELOPE_ID_TEXT_BYTES + 1], good[ENVELOPE_ID_TEXT_BYTES + 1];
	struct envelope_id got;

	(void)state;
	memcpy(good, text_of(&now, ENVELOPE_BOUNCE, DOMAIN), sizeof(good));
	for (size_t i = 0; i < ENVELOPE_ID_TEXT_BYTES; i++) {
		memcpy(bent, good, sizeof(good));
		for (int c = 1; c < 256; c++) {
			bent[i] = (char)c;
			if (ascii_lower(bent[i]) != good[i] &&
			    open_as(bent, DOMAIN, &got) == TOKEN_GOOD)
				fail_msg("letter %zu as %d", i, c);
		}
		bent[i] = '\0';
		assert_int_equal(open_as(bent, DOMAIN, &got), TOKEN_MALFORMED);
		assert_int_not_equal(open_as(good + i + 1, DOMAIN, &got), TOKEN_GOOD);
	}
}

static void
test_results(void **state)
{
	static const struct {
		const char *name;
		const struct keyring *signer;
		enum envelope_letter letter;
		const char *made_for, *read_in;
		struct token_terms terms;
		enum token_result want;
	} rows[] = {
	    {"good", &now, 'b', DOMAIN, DOMAIN, {0}, TOKEN_GOOD},
	    {"a previous key", &then_2, 'b', DOMAIN, DOMAIN, {0}, TOKEN_GOOD},
	    {"a retired key", &then_1, 'b', DOMAIN, DOMAIN, {0}, TOKEN_KEY_RETIRED},
	    {"another installation", &other, 'b', DOMAIN, DOMAIN, {0}, TOKEN_FORGED},
	    {"another account's domain", &now, 'b', DOMAIN, "b.blog.example", {0}, TOKEN_FORGED},
	    {"another lane", &now, 'b', "bulk." DOMAIN, DOMAIN, {0}, TOKEN_FORGED},
	    {"no domain", &now, 'b', DOMAIN, "", {0}, TOKEN_MALFORMED},
	    {"an ENVID as address", &now, 'i', "", DOMAIN, {0}, TOKEN_MALFORMED},
	    {"the account", &now, 'b', DOMAIN, DOMAIN, {.account = ACCOUNT}, TOKEN_GOOD},
	    {"another account", &now, 'b', DOMAIN, DOMAIN, {.account = 1}, TOKEN_OTHER_ACCOUNT},
	    {"old", &now, 'b', DOMAIN, DOMAIN, {.today = DAY + 8, .max_age_days = 7},
		TOKEN_EXPIRED},
	    {"the future", &now, 'b', DOMAIN, DOMAIN, {.today = DAY - 2}, TOKEN_FUTURE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope_text text = {
		    slice_of(text_of(rows[i].signer, rows[i].letter, rows[i].made_for)),
		    slice_of(rows[i].read_in), NULL};
		struct envelope_id got;
		enum token_result result = envelope_id_open(&now, &text, &rows[i].terms, &got);

		if (result != rows[i].want)
			fail_msg("%s: %s", rows[i].name, token_result_name(result));
	}
}

/* The letter is signed: a bounce's address does not unsubscribe anybody. */
static void
test_letter(void **state)
{
	char bent[ENVELOPE_ID_TEXT_BYTES + 1];
	struct envelope_id got;

	(void)state;
	memcpy(bent, text_of(&now, ENVELOPE_BOUNCE, DOMAIN), sizeof(bent));
	bent[0] = 'u';
	assert_int_equal(open_as(bent, DOMAIN, &got), TOKEN_FORGED);
}

/* TOKEN stands for a good "b-…". */
static void
test_xverp(void **state)
{
	static const struct {
		const char *before, *behind, *delimiters;
		const char *want; /* NULL: malformed */
	} rows[] = {
	    {"", "+ann=example.net", NULL, "ann@example.net"},
	    {"", "+Ann=Example.NET", NULL, "Ann@Example.NET"},
	    {"", "+ann+tag=example.net", NULL, "ann+tag@example.net"},
	    {"", "+a=b=example.net", NULL, "a=b@example.net"},
	    {"\"", "+ann smith=example.net\"", NULL, "ann smith@example.net"},
	    {"\"", "+ann\\\"s=example.net\"", NULL, "ann\"s@example.net"},
	    {"\"", "\"", NULL, ""},
	    {"", "-ann=example.net", "-=", "ann@example.net"},
	    {"", "=ann+example.net", "=+", "ann@example.net"},
	    {"", "", "-=", ""},
	    {"", "-ann=example.net", NULL, NULL},
	    {"", "+ann@example.net", NULL, NULL},
	    {"", "+ann", NULL, NULL},
	    {"", "+", NULL, NULL},
	    {"", "+=example.net", NULL, NULL},
	    {"", "+ann=", NULL, NULL},
	    {"", "x", NULL, NULL},
	    {"", "ann=example.net", NULL, NULL},
	    {"", "+ann\x01=example.net", NULL, NULL},
	    {"\"", "", NULL, NULL},
	    {"\"", "+a\"b=example.net\"", NULL, NULL},
	    {"\"", "+a=example.net\\\"", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[200];
		struct buf local = BUF_OVER(storage);
		struct envelope_text text = {
		    .domain = slice_of(DOMAIN), .delimiters = rows[i].delimiters};
		struct envelope_id got;
		enum token_result result;

		buf_add_text(&local, rows[i].before);
		buf_add_text(&local, text_of(&now, ENVELOPE_BOUNCE, DOMAIN));
		buf_add_text(&local, rows[i].behind);
		text.local = buf_slice(&local);
		result = envelope_id_open(&now, &text, &any, &got);
		if (rows[i].want == NULL
			? result != TOKEN_MALFORMED
			: result != TOKEN_GOOD ||
			      !slice_eq(slice_make(got.rcpt, got.rcpt_n), slice_of(rows[i].want)))
			fail_msg("row %zu: %s, %.*s", i, token_result_name(result), (int)got.rcpt_n,
			    got.rcpt);
	}
}

static void
test_limits(void **state)
{
	static char large[700];
	struct envelope_id id = {.letter = ENVELOPE_BOUNCE, .ids = ids}, got;
	char storage[ENVELOPE_ID_TEXT_BYTES];
	struct buf out = BUF_OVER(storage), small = {storage, 0, 10, false};

	(void)state;
	memset(large, 'a', sizeof(large) - 1);
	assert_int_equal(envelope_id_make(&now, &id, slice_of(large), &out, NULL), -1);
	assert_int_equal(envelope_id_make(&now, &id, slice_of(""), &out, NULL), -1);
	assert_int_equal(envelope_id_make(&now, &id, slice_of(DOMAIN), &small, NULL), -1);
	assert_int_equal(open_as(large, DOMAIN, &got), TOKEN_MALFORMED);
	assert_int_equal(open_as("", DOMAIN, &got), TOKEN_MALFORMED);
	assert_int_equal(open_as("\"", DOMAIN, &got), TOKEN_MALFORMED);
	memcpy(large, text_of(&now, ENVELOPE_BOUNCE, DOMAIN), ENVELOPE_ID_TEXT_BYTES);
	memcpy(large + ENVELOPE_ID_TEXT_BYTES, "+a=", 3);
	assert_int_equal(open_as(large, DOMAIN, &got), TOKEN_MALFORMED);
	assert_int_equal(
	    open_as(text_of(&now, ENVELOPE_BOUNCE, DOMAIN), large, &got), TOKEN_MALFORMED);
	assert_false(envelope_id_is_like(slice_of("b-abc")));
	assert_false(envelope_id_is_like(slice_of("")));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_frozen),
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_case),
	    cmocka_unit_test(test_every_bit),
	    cmocka_unit_test(test_every_letter),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_letter),
	    cmocka_unit_test(test_xverp),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
