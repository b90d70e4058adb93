/*
 * test_webhook.c - the options, body, signature and times of webhooks.
 */
#include "policy/webhook.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

static void
test_url(void **state)
{
	static const struct {
		const char *url;
		bool good;
	} rows[] = {
	    {"", true},
	    {"https://shop.example/hooks", true},
	    {"http://shop.example", true},
	    {"https://shop.example:8443/x?y=a@b,c&z=%20", true},
	    {"https://shop.example?x@y", true},
	    {"http://[2001:db8::1]/", true},
	    {"https://", false},
	    {"https:///x", false},
	    {"https://?x", false},
	    {"HTTPS://shop.example/", false},
	    {"ftp://shop.example/", false},
	    {"file:///etc/passwd", false},
	    {"gopher://shop.example/", false},
	    {"shop.example/hooks", false},
	    {"https://ann@shop.example/", false},
	    {"https://ann:pw@shop.example/", false},
	    {"https://shop.example/#x", false},
	    {"https://shop.example\\@evil.example/", false},
	    {"https://shop.example/a b", false},
	    {"https://shop.example/\xc3\xa4", false},
	    {"https://shop.example/\n", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {ERR_NONE, ""};

		if ((webhook_url_check(rows[i].url, &err) == 0) != rows[i].good)
			fail_msg("%s: %s", rows[i].url, err.text);
	}
}

static void
test_secrets(void **state)
{
	static const struct {
		const char *secrets;
		bool good;
	} rows[] = {
	    {"", true},
	    {SECRET, true},
	    {" " SECRET ", " SECRET "\t", true},
	    {"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", true},  /* 24 bytes */
	    {"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY=", false}, /* 23 */
	    {"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4O"
	     "WFiY2RlZg==",
		true}, /* 64 */
	    {"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4O"
	     "WFiY2RlZjA=",
		false}, /* 65 */
	    {SECRET " " SECRET " " SECRET, false},
	    {"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", false},
	    {"whsec_", false},
	    {"hunter2", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {ERR_NONE, ""};

		if ((webhook_secrets_check(rows[i].secrets, &err) == 0) != rows[i].good)
			fail_msg("%s: %s", rows[i].secrets, err.text);
		assert_null(strstr(err.text, "hunter2"));
	}
}

static void
test_secret_format(void **state)
{
	char storage[WEBHOOK_SECRETS_BYTES];
	struct buf out = BUF_OVER(storage);

	(void)state;
	webhook_secret_format(&out, slice_of("0123456789abcdef0123456789abcdef"));
	assert_string_equal(buf_text(&out), SECRET);
}

static void
test_wants(void **state)
{
	static const char *one[] = {"bounced", "complained"}, *all[] = {"all"};
	struct option_words some = {one, 2}, every = {all, 1}, none = {NULL, 0};

	(void)state;
	assert_true(webhook_wants(&some, slice_of("complained")));
	assert_false(webhook_wants(&some, slice_of("sent")));
	assert_false(webhook_wants(&some, slice_of("bounce")));
	assert_true(webhook_wants(&every, slice_of("what comes later")));
	assert_false(webhook_wants(&none, slice_of("sent")));
	assert_int_equal(webhook_type_check(slice_of("opened"), NULL), 0);
	assert_int_equal(webhook_type_check(slice_of("Opened"), NULL), -1);
	assert_int_equal(webhook_type_check(slice_of(""), NULL), -1);
}

static void
test_id(void **state)
{
	char storage[WEBHOOK_ID_BYTES];
	struct buf out = BUF_OVER(storage);

	(void)state;
	webhook_id_format(&out, 0xabcdef, slice_of("1795238206123-0"));
	assert_string_equal(buf_text(&out), "ev_1795238206123-0_000000abcdef");
}

/* The example of the Standard Webhooks specification's libraries. */
static void
test_sign(void **state)
{
	const struct slice parts[] = {slice_of("msg_p5jXN8AQM9LWM0D4loKWxJek"), slice_of("."),
	    slice_of("1614265330"), slice_of("."), slice_of("{\"test\": 2432232314}")};
	static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
	static const char want[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
	char storage[WEBHOOK_SIGNATURE_BYTES], both[WEBHOOK_SECRETS_BYTES];
	struct buf out = BUF_OVER(storage), secrets = BUF_OVER(both);

	(void)state;
	assert_int_equal(webhook_sign(&out, secret, parts, COUNT(parts)), 0);
	assert_string_equal(buf_text(&out), want);
	buf_add_format(&secrets, "%s %s", SECRET, secret);
	buf_reset(&out);
	assert_int_equal(webhook_sign(&out, buf_text(&secrets), parts, COUNT(parts)), 0);
	assert_int_equal(out.n, 2 * strlen(want) + 1);
	assert_true(slice_ends(buf_slice(&out), slice_of(want)));
	buf_reset(&out);
	assert_int_equal(webhook_sign(&out, "", parts, COUNT(parts)), -1);
	assert_int_equal(webhook_sign(&out, "x", parts, COUNT(parts)), -1);
}

static void
test_body(void **state)
{
	static struct record event;
	char storage[WEBHOOK_BODY_BYTES];
	struct buf out = BUF_OVER(storage);

	(void)state;
	record_init(&event);
	record_add(&event, "type", slice_of("bounced"));
	record_add(&event, "time", slice_of("1795238206"));
	record_add(&event, "rcpt", slice_of("ann@example.com"));
	record_add(&event, "reason", slice_of("550 \"no\" \\ \x01\xff \xc3\xbc"));
	record_add(&event, "nrcpt", slice_of("3"));
	record_add(&event, "bytes", slice_of("007"));
	record_add(&event, "link", slice_of("1e9"));
	record_add(&event, "status", slice_of("5"));
	webhook_body(&out, slice_of("ev_1"), &event);
	assert_string_equal(buf_text(&out),
	    "{\"id\":\"ev_1\",\"type\":\"bounced\",\"timestamp\":\"2026-11-21T05:16:46Z\",\"data\":"
	    "{"
	    "\"type\":\"bounced\",\"time\":1795238206,\"rcpt\":\"ann@example.com\","
	    "\"reason\":\"550 \\\"no\\\" \\\\ ?? \xc3\xbc\",\"nrcpt\":3,\"bytes\":\"007\","
	    "\"link\":\"1e9\",\"status\":\"5\"}}");
}

/* The largest record, of what takes the most room. */
static void
test_body_bound(void **state)
{
	static const char *const names[] = {"subject", "reason", "url", "agent", "did", "skipped"};
	static char quotes[RECORD_VALUE_BYTES];
	static struct record event;
	static char storage[WEBHOOK_BODY_BYTES];
	struct buf out = BUF_OVER(storage);
	json_t *read;

	(void)state;
	memset(quotes, '"', sizeof(quotes));
	record_init(&event);
	record_add(&event, "time", slice_of("999999999999999999999"));
	for (size_t i = 0; i < COUNT(names); i++)
		record_add(&event, names[i], slice_make(quotes, sizeof(quotes)));
	webhook_body(&out, slice_of("ev_1"), &event);
	assert_false(out.over);
	read = json_loadb(out.p, out.n, 0, NULL);
	assert_non_null(read);
	json_decref(read);
}

static void
test_delay(void **state)
{
	static const struct webhook_retry retry = {1000, 60000, 0};
	static const struct {
		int64_t tries, least, most;
	} rows[] = {{1, 750, 1250}, {2, 1500, 2500}, {6, 24000, 40000}, {7, 45000, 75000},
	    {1000000, 45000, 75000}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t first = webhook_delay_ms(&retry, rows[i].tries, 0);
		int64_t last = webhook_delay_ms(
		    &retry, rows[i].tries, (uint64_t)(rows[i].most - rows[i].least));

		assert_int_equal(first, rows[i].least);
		assert_int_equal(last, rows[i].most);
		assert_in_range(webhook_delay_ms(&retry, rows[i].tries, UINT64_MAX), rows[i].least,
		    rows[i].most);
	}
}

/* "About a day", as the manual says of the defaults. */
static void
test_defaults(void **state)
{
	static const struct webhook_retry retry = {10000, 7200000, 22};
	int64_t shortest = 0, longest = 0;

	(void)state;
	for (int64_t tries = 1; tries < retry.tries; tries++) {
		shortest += webhook_delay_ms(&retry, tries, 0);
		longest += webhook_delay_ms(&retry, tries, 0) * 5 / 3;
	}
	assert_in_range(shortest / 3600000, 18, 24);
	assert_in_range(longest / 3600000, 24, 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_url),
	    cmocka_unit_test(test_secrets),
	    cmocka_unit_test(test_secret_format),
	    cmocka_unit_test(test_wants),
	    cmocka_unit_test(test_id),
	    cmocka_unit_test(test_sign),
	    cmocka_unit_test(test_body),
	    cmocka_unit_test(test_body_bound),
	    cmocka_unit_test(test_delay),
	    cmocka_unit_test(test_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
