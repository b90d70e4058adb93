/*
 * test_key_record.c - lib/auth/key_record.
 */
#include "auth/key_record.h"

#include "sign_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define ED25519 "v=DKIM1; k=ed25519; p=" PUBLIC_ED25519
#define RSA     "v=DKIM1; k=rsa; p=" PUBLIC_RSA

static const struct {
	const char *name;
	const char *text;
	enum sign_kind kind;
	enum key_record_state want;
	const char *words; /* part of the sentence */
} rows[] = {
    {"RSA", RSA, SIGN_RSA, KEY_RECORD_OK, ""},
    {"Ed25519", ED25519, SIGN_ED25519, KEY_RECORD_OK, ""},
    {"the least", "p=" PUBLIC_RSA, SIGN_RSA, KEY_RECORD_OK, ""},
    {"of DomainKeys", "g=*; k=rsa; p=" PUBLIC_RSA ";", SIGN_RSA, KEY_RECORD_OK, ""},
    {"all that is allowed",
	"v=DKIM1; h=sha1:sha256; k=rsa; n=hello; s=*:email; t=s; x=y; p=" PUBLIC_RSA, SIGN_RSA,
	KEY_RECORD_OK, ""},
    {"blanks in the key", "k=ed25519; p=11qYAYKxCrfVS/7TyWQH \t Og7hcvPapiMlrwIaaPcHURo=",
	SIGN_ED25519, KEY_RECORD_OK, ""},
    {"testing", ED25519 "; t=y:s", SIGN_ED25519, KEY_RECORD_TESTING, "t=y"},
    {"revoked", "v=DKIM1; k=rsa; p=", SIGN_RSA, KEY_RECORD_REVOKED, "revoked"},
    {"another key", "k=ed25519; p=21qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", SIGN_ED25519,
	KEY_RECORD_DIFFERENT, "another key"},
    {"a longer key", ED25519 "AA", SIGN_ED25519, KEY_RECORD_DIFFERENT, "another key"},
    {"cut off", "k=ed25519; p=11qYAYKxCr", SIGN_ED25519, KEY_RECORD_DIFFERENT,
	"10 of 44 characters"},
    {"RSA without k=, for Ed25519", "p=" PUBLIC_ED25519, SIGN_ED25519, KEY_RECORD_WRONG_KIND,
	"without k="},
    {"Ed25519 for RSA", ED25519, SIGN_RSA, KEY_RECORD_WRONG_KIND, "must be rsa"},
    {"sha1 alone", "h=sha1; " RSA, SIGN_RSA, KEY_RECORD_NOT_DKIM, "v= must come first"},
    {"sha1 only", RSA "; h=sha1", SIGN_RSA, KEY_RECORD_NO_SHA256, "h="},
    {"no mail", RSA "; s=tlsrpt", SIGN_RSA, KEY_RECORD_NO_MAIL, "s="},
    {"g empty", RSA "; g=", SIGN_RSA, KEY_RECORD_NARROW, "g="},
    {"g narrow", RSA "; g=ann", SIGN_RSA, KEY_RECORD_NARROW, "g="},
    {"another version", "v=DKIM2; p=" PUBLIC_RSA, SIGN_RSA, KEY_RECORD_NOT_DKIM, "DKIM1"},
    {"SPF", "v=spf1 -all", SIGN_RSA, KEY_RECORD_NOT_DKIM, "v="},
    {"no p", "v=DKIM1; k=rsa", SIGN_RSA, KEY_RECORD_NOT_DKIM, "no p="},
    {"words", "hello world", SIGN_RSA, KEY_RECORD_NOT_DKIM, "cannot be read"},
    {"empty", "", SIGN_RSA, KEY_RECORD_NOT_DKIM, "no p="},
    {"twice", RSA "; p=" PUBLIC_RSA, SIGN_RSA, KEY_RECORD_NOT_DKIM, "twice"},
    {"backslashes", "v=DKIM1\\; k=rsa\\; p=" PUBLIC_RSA, SIGN_RSA, KEY_RECORD_NOT_DKIM,
	"backslashes"},
    {"quotes", "\"" RSA "\"", SIGN_RSA, KEY_RECORD_NOT_DKIM, "quotes"},
};

/* The text as a TXT record's strings, of at most `step` bytes. */
static struct slice
rdata_of(const char *text, size_t step, char *storage)
{
	size_t n = 0;

	for (struct slice rest = slice_of(text);; rest = slice_from(rest, step)) {
		struct slice part = slice_head(rest, step);

		storage[n++] = (char)part.n;
		if (part.n > 0)
			memcpy(storage + n, part.p, part.n);
		n += part.n;
		if (rest.n <= step)
			return slice_make(storage, n);
	}
}

static void
checked(void **state)
{
	static const size_t steps[] = {1, 7, 255};

	(void)state;
	for (size_t i = 0; i < COUNT(rows) * COUNT(steps); i++) {
		size_t row = i / COUNT(steps);
		char storage[4096], said[300];
		struct buf words = BUF_OVER(said);
		struct slice rdata = rdata_of(rows[row].text, steps[i % COUNT(steps)], storage);
		struct dns_answer answer = {.status = DNS_FOUND, .rdata = &rdata, .n = 1};
		const char *key = rows[row].kind == SIGN_RSA ? PUBLIC_RSA : PUBLIC_ED25519;
		enum key_record_state got = key_record_check(&answer, rows[row].kind, key, &words);

		if (got != rows[row].want || strstr(buf_text(&words), rows[row].words) == NULL ||
		    (got == KEY_RECORD_OK) != (words.n == 0))
			fail_msg("%s: %s \"%s\"", rows[row].name, key_record_state_name(got),
			    buf_text(&words));
		assert_int_equal(key_record_check(&answer, rows[row].kind, key, NULL), got);
		assert_int_equal(
		    key_record_is_shown(got), got == KEY_RECORD_OK || got == KEY_RECORD_TESTING);
	}
}

static void
no_record(void **state)
{
	static const struct {
		enum dns_status status;
		size_t n;
		enum key_record_state want;
	} cases[] = {
	    {DNS_TEMPERROR, 0, KEY_RECORD_NO_ANSWER},
	    {DNS_PENDING, 0, KEY_RECORD_NO_ANSWER},
	    {DNS_NXDOMAIN, 0, KEY_RECORD_MISSING},
	    {DNS_NODATA, 0, KEY_RECORD_MISSING},
	    {DNS_FOUND, 0, KEY_RECORD_MISSING},
	    {DNS_FOUND, 2, KEY_RECORD_SEVERAL},
	};
	static char storage[4096];
	struct slice rdata[2];

	(void)state;
	rdata[0] = rdata[1] = rdata_of(ED25519, 255, storage);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns_answer answer = {
		    .status = cases[i].status, .rdata = rdata, .n = cases[i].n};

		assert_int_equal(
		    key_record_check(&answer, SIGN_ED25519, PUBLIC_ED25519, NULL), cases[i].want);
	}
}

static void
odd_rdata(void **state)
{
	static char storage[4096], text[KEY_RECORD_MAX_BYTES + 2];
	struct slice rdata = slice_make("\005abc", 4);
	struct dns_answer answer = {.status = DNS_FOUND, .rdata = &rdata, .n = 1};

	(void)state;
	assert_int_equal(
	    key_record_check(&answer, SIGN_RSA, PUBLIC_RSA, NULL), KEY_RECORD_NOT_DKIM);
	(void)snprintf(text, sizeof(text), "%s; n=", RSA);
	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	rdata = rdata_of(text, 255, storage);
	assert_int_equal(
	    key_record_check(&answer, SIGN_RSA, PUBLIC_RSA, NULL), KEY_RECORD_NOT_DKIM);
	text[KEY_RECORD_MAX_BYTES] = '\0';
	rdata = rdata_of(text, 255, storage);
	assert_int_equal(key_record_check(&answer, SIGN_RSA, PUBLIC_RSA, NULL), KEY_RECORD_OK);
	rdata = slice_make("\003p=\0", 4);
	assert_int_equal(
	    key_record_check(&answer, SIGN_RSA, PUBLIC_RSA, NULL), KEY_RECORD_NOT_DKIM);
}

static void
names(void **state)
{
	static const struct {
		const char *name;
		bool selector, domain;
	} cases[] = {
	    {"shop.example", true, true},
	    {"s2026", true, false},
	    {"a.b-c.9", true, true},
	    {"xn--bcher-kva.example", true, true},
	    {"", false, false},
	    {".", false, false},
	    {"..", false, false},
	    {"a..b", false, false},
	    {"-a.b", false, false},
	    {"a-.b", false, false},
	    {".a", false, false},
	    {"a.b.", false, false},
	    {"a/b.c", false, false},
	    {"a_b.c", false, false},
	    {"A.b", false, false},
	    {"a b.c", false, false},
	    {"b\xc3\xbc.c", false, false},
	    {"a123456789012345678901234567890123456789012345678901234567890123.c", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice name = slice_of(cases[i].name);

		if ((key_selector_check(name, NULL) == 0) != cases[i].selector ||
		    (key_domain_check(name, NULL) == 0) != cases[i].domain)
			fail_msg("\"%s\"", cases[i].name);
	}
}

static void
written(void **state)
{
	char storage[KEY_RECORD_ZONE_BYTES], text_storage[KEY_RECORD_MAX_BYTES];
	struct buf out = BUF_OVER(storage), text = BUF_OVER(text_storage);

	(void)state;
	assert_int_equal(key_record_name(slice_of("shop.example"), slice_of("s1"), &out), 0);
	assert_string_equal(buf_text(&out), "s1._domainkey.shop.example");
	buf_reset(&out);
	key_policy_name(slice_of("shop.example"), &out);
	assert_string_equal(buf_text(&out), "_domainkey.shop.example");
	buf_reset(&out);
	key_record_format(SIGN_ED25519, PUBLIC_ED25519, &text);
	assert_string_equal(buf_text(&text), ED25519);
	key_record_zone(slice_of("s1._domainkey.shop.example"), buf_slice(&text), false, &out);
	assert_string_equal(buf_text(&out),
	    "s1._domainkey.shop.example. IN TXT ( \"v=DKIM1; k=ed25519; \" "
	    "\"p=" PUBLIC_ED25519 "\" )");
	buf_reset(&out);
	key_record_zone(slice_of("x"), slice_of("o=~"), true, &out);
	assert_string_equal(buf_text(&out), "x. IN TXT (\n\t\"o=~\" )");
}

/* The largest there is: in strings that are short enough, and nothing lost. */
static void
written_large(void **state)
{
	char storage[KEY_RECORD_ZONE_BYTES], text_storage[KEY_RECORD_MAX_BYTES];
	char public_key[SIGN_PUBLIC_MAX_BYTES], together[KEY_RECORD_MAX_BYTES];
	struct buf out = BUF_OVER(storage), text = BUF_OVER(text_storage);
	struct buf joined = BUF_OVER(together);
	size_t length = 0, strings = 0;
	bool within = false;

	(void)state;
	memset(public_key, 'A', sizeof(public_key) - 1);
	public_key[sizeof(public_key) - 1] = '\0';
	key_record_format(SIGN_RSA, public_key, &text);
	key_record_zone(slice_of("s1._domainkey.shop.example"), buf_slice(&text), true, &out);
	assert_false(out.over || text.over);
	for (size_t i = 0; i < out.n; i++) {
		if (out.p[i] == '"') {
			within = !within;
			strings += within;
			length = 0;
		} else if (within) {
			assert_true(++length <= KEY_RECORD_STRING_BYTES);
			buf_add_char(&joined, out.p[i]);
		}
	}
	assert_int_equal(strings, 4);
	assert_true(slice_eq(buf_slice(&joined), buf_slice(&text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checked),
	    cmocka_unit_test(no_record),
	    cmocka_unit_test(odd_rdata),
	    cmocka_unit_test(names),
	    cmocka_unit_test(written),
	    cmocka_unit_test(written_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
