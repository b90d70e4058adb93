/*
 * test_token.c - lib/policy/token.c, token_ids.c.
 */
#include "keyring_fixture.h"

#include "policy/account.h"
#include "policy/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DAY     20778u /* 2026-11-21 */
#define ACCOUNT 0xdec733a1db3eULL
#define OTHER   0x000000000001ULL

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

static struct token
token_of(enum token_kind kind, const char *target)
{
	return (struct token){.kind = kind, .ids = ids, .link = 7, .target = slice_of(target)};
}

/* The text of a token, valid until the next call. */
static struct slice
text_of(const struct keyring *ring, const struct token *token)
{
	static char storage[TOKEN_TEXT_BYTES];
	static struct buf out;
	struct err err = {ERR_NONE, ""};

	buf_init(&out, storage, sizeof(storage));
	if (token_make(ring, token, &out, &err) != 0)
		fail_msg("%s", err.text);
	return buf_slice(&out);
}

static void
test_round(void **state)
{
	static const struct {
		enum token_kind kind;
		const char *target;
	} rows[] = {
	    {TOKEN_OPEN, ""},
	    {TOKEN_CLICK, "https://shop.example/?a=1&b=%C3%A4#top"},
	    {TOKEN_CLICK, "HTTP://shop.example"},
	    {TOKEN_UNSUBSCRIBE, ""},
	    {TOKEN_UNSUBSCRIBE, "ann@example.net"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct token made = token_of(rows[i].kind, rows[i].target), got;
		struct slice text = text_of(&now, &made);

		assert_int_equal(text.n, ENCODE_BASE64URL_BYTES(39 + strlen(rows[i].target)));
		assert_int_equal(token_open(&now, text, &any, &got), TOKEN_GOOD);
		assert_int_equal(got.kind, rows[i].kind);
		assert_int_equal(got.key, 3);
		assert_memory_equal(&got.ids, &ids, sizeof(ids));
		assert_int_equal(got.link, 7);
		assert_true(slice_eq(got.target, slice_of(rows[i].target)));
	}
}

/* What leaves today must be read for years: the format may not change. */
static void
test_frozen(void **state)
{
	struct token token = token_of(TOKEN_CLICK, "https://a.example/"), got;
	struct slice text = text_of(&now, &token);

	(void)state;
	if (!slice_eq(
		text, slice_of("AQMC3sczods-ASNFZ4mrze8AA1EqAAdodHRwczovL2EuZXhhbXBsZS8eOJEhADHZ_"
			       "PKxMAc0ulO2")))
		fail_msg("%.*s", SLICE_ARG(text));
	assert_int_equal(token_open(&now, text, &any, &got), TOKEN_GOOD);
}

static void
test_every_bit(void **state)
{
	struct token made = token_of(TOKEN_CLICK, "https://shop.example/"), got;
	struct slice text = text_of(&now, &made);
	char raw[TOKEN_BYTES], bent[TOKEN_TEXT_BYTES];
	struct buf bytes = BUF_OVER(raw);

	(void)state;
	assert_int_equal(decode_base64url(&bytes, text), 0);
	for (size_t bit = 0; bit < bytes.n * 8; bit++) {
		struct buf out = BUF_OVER(bent);
		enum token_result result;

		raw[bit / 8] = (char)(raw[bit / 8] ^ (1 << bit % 8));
		encode_base64url(&out, buf_slice(&bytes));
		result = token_open(&now, buf_slice(&out), &any, &got);
		if (result == TOKEN_GOOD || (bit >= 16 && result != TOKEN_FORGED))
			fail_msg("bit %zu: %s", bit, token_result_name(result));
		raw[bit / 8] = (char)(raw[bit / 8] ^ (1 << bit % 8));
	}
}

/* Whatever is done to a letter, to the case, or to the length. */
static void
test_every_letter(void **state)
{
	struct token made = token_of(TOKEN_CLICK, "https://shop.example/x"), got;
	struct slice text = text_of(&now, &made);
	char bent[TOKEN_TEXT_BYTES + 2];

	(void)state;
	for (size_t i = 0; i < text.n; i++) {
		for (int c = 0; c < 256; c++) {
			memcpy(bent, text.p, text.n);
			bent[i] = (char)c;
			if (bent[i] != text.p[i] &&
			    token_open(&now, slice_make(bent, text.n), &any, &got) == TOKEN_GOOD)
				fail_msg("letter %zu as %d", i, c);
		}
		assert_int_not_equal(token_open(&now, slice_head(text, i), &any, &got), TOKEN_GOOD);
		assert_int_not_equal(
		    token_open(&now, slice_from(text, i + 1), &any, &got), TOKEN_GOOD);
	}
	memcpy(bent, text.p, text.n);
	bent[text.n] = 'A';
	assert_int_not_equal(
	    token_open(&now, slice_make(bent, text.n + 1), &any, &got), TOKEN_GOOD);
	for (size_t i = 0; i < text.n; i++)
		bent[i] = ascii_lower(text.p[i]);
	assert_int_not_equal(token_open(&now, slice_make(bent, text.n), &any, &got), TOKEN_GOOD);
	for (size_t i = 0; i < text.n; i++)
		bent[i] = (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - 32 : text.p[i]);
	assert_int_not_equal(token_open(&now, slice_make(bent, text.n), &any, &got), TOKEN_GOOD);
}

static void
test_results(void **state)
{
	static const struct {
		const char *name;
		const struct keyring *signer, *reader;
		struct token_terms terms;
		enum token_result want;
	} rows[] = {
	    {"any", &now, &now, {0}, TOKEN_GOOD},
	    {"a previous key", &then_2, &now, {0}, TOKEN_GOOD},
	    {"a retired key", &then_1, &now, {0}, TOKEN_KEY_RETIRED},
	    {"a key that is not known yet", &now, &then_2, {0}, TOKEN_KEY_UNKNOWN},
	    {"another installation's key of that number", &other, &now, {0}, TOKEN_FORGED},
	    {"the kind", &now, &now, {.kind = TOKEN_CLICK}, TOKEN_GOOD},
	    {"another kind", &now, &now, {.kind = TOKEN_UNSUBSCRIBE}, TOKEN_OTHER_KIND},
	    {"the account", &now, &now, {.account = ACCOUNT}, TOKEN_GOOD},
	    {"another account", &now, &now, {.account = OTHER}, TOKEN_OTHER_ACCOUNT},
	    {"the day", &now, &now, {.today = DAY, .max_age_days = 1}, TOKEN_GOOD},
	    {"the last day", &now, &now, {.today = DAY + 30, .max_age_days = 30}, TOKEN_GOOD},
	    {"a day late", &now, &now, {.today = DAY + 31, .max_age_days = 30}, TOKEN_EXPIRED},
	    {"old", &now, &now, {.today = DAY + 9999}, TOKEN_GOOD},
	    {"another clock's midnight", &now, &now, {.today = DAY - 1}, TOKEN_GOOD},
	    {"the future", &now, &now, {.today = DAY - 2}, TOKEN_FUTURE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct token made = token_of(TOKEN_CLICK, "https://shop.example/"), got;
		enum token_result result = token_open(
		    rows[i].reader, text_of(rows[i].signer, &made), &rows[i].terms, &got);

		if (result != rows[i].want)
			fail_msg("%s: %s", rows[i].name, token_result_name(result));
	}
}

/* Each cannot be made, and had it been, would not be followed. */
static void
test_targets(void **state)
{
	static const struct {
		enum token_kind kind;
		const char *target;
	} rows[] = {
	    {TOKEN_CLICK, ""},
	    {TOKEN_CLICK, "javascript:alert(1)"},
	    {TOKEN_CLICK, "ftp://shop.example/"},
	    {TOKEN_CLICK, "//shop.example/"},
	    {TOKEN_CLICK, " https://shop.example/"},
	    {TOKEN_CLICK, "https://shop.example/\r\nSet-Cookie: a=b"},
	    {TOKEN_CLICK, "https://shop.example/a b"},
	    {TOKEN_CLICK, "https://shop.example/\xc3\xa4"},
	    {TOKEN_CLICK, "https://shop.example/\x7f"},
	    {TOKEN_OPEN, "https://shop.example/"},
	    {TOKEN_UNSUBSCRIBE, "https://shop.example/"},
	    {TOKEN_UNSUBSCRIBE, "a b@shop.example"},
	    {(enum token_kind)0, ""},
	    {(enum token_kind)4, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct token token = token_of(rows[i].kind, rows[i].target);
		char storage[TOKEN_TEXT_BYTES];
		struct buf out = BUF_OVER(storage);
		struct err err = {ERR_NONE, ""};

		if (token_make(&now, &token, &out, &err) != -1 || out.n != 0)
			fail_msg("row %zu was made", i);
		assert_int_equal(err.code, ERR_INVALID);
	}
}

static void
test_limits(void **state)
{
	static char url[TOKEN_TARGET_BYTES + 2];
	struct token token = token_of(TOKEN_CLICK, "https://shop.example/"), got;
	char storage[TOKEN_TEXT_BYTES], small[40];
	struct buf out = BUF_OVER(storage), no_room = BUF_OVER(small);

	(void)state;
	memset(url, 'a', sizeof(url) - 1);
	memcpy(url, "https://", 8);
	token.target = slice_make(url, TOKEN_TARGET_BYTES);
	assert_int_equal(token_make(&now, &token, &out, NULL), 0);
	assert_int_equal(out.n, TOKEN_TEXT_BYTES);
	assert_true(TOKEN_TEXT_BYTES < 1950);
	assert_int_equal(token_open(&now, buf_slice(&out), &any, &got), TOKEN_GOOD);
	assert_int_equal(got.target.n, TOKEN_TARGET_BYTES);
	assert_int_equal(token_make(&now, &token, &no_room, NULL), -1);
	token.target.n++;
	assert_int_equal(token_make(&now, &token, &out, NULL), -1);
	token = token_of(TOKEN_OPEN, "");
	token.ids.day = TOKEN_DAY_MAX + 1;
	assert_int_equal(token_make(&now, &token, &out, NULL), -1);
	token = token_of(TOKEN_OPEN, "");
	token.ids.rcpt = TOKEN_RCPT_MAX + 1;
	assert_int_equal(token_make(&now, &token, &out, NULL), -1);
	token = token_of(TOKEN_OPEN, "");
	token.link = TOKEN_LINK_MAX + 1;
	assert_int_equal(token_make(&now, &token, &out, NULL), -1);
	token = token_of(TOKEN_OPEN, "");
	token.ids.account = 1ULL << ACCOUNT_ID_BITS;
	assert_int_equal(token_make(&now, &token, &out, NULL), -1);
	token.ids.account = 0;
	assert_int_equal(token_make(&now, &token, &out, NULL), -1);
	token = token_of(TOKEN_OPEN, "");
	token.ids.message = 0;
	assert_int_equal(token_make(&now, &token, &out, NULL), -1);
}

static void
test_message_text(void **state)
{
	char storage[TOKEN_MESSAGE_BYTES + 1];
	struct buf out = BUF_OVER(storage);

	(void)state;
	token_message_format(0x0123456789abcdefULL, &out);
	assert_int_equal(out.n, 13);
	assert_false(out.over);
	assert_string_equal(buf_text(&out), "aerukz4jvpg66");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_frozen),
	    cmocka_unit_test(test_every_bit),
	    cmocka_unit_test(test_every_letter),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_targets),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_message_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
