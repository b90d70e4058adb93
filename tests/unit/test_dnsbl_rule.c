/*
 * test_dnsbl_rule.c - lib/policy/dnsbl_rule, dnsbl_entry, dnsbl_filter.
 */
#include "base/buf.h"
#include "policy/dnsbl_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct arena arena;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 65536, 1024 * 1024);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void
test_filter(void **state)
{
	static const struct {
		const char *text;
		const char *has; /* last octets, or NULL: no filter */
		const char *lacks;
	} rows[] = {
	    {"127.0.0.2", "\x7f\0\0\x02", "\x7f\0\0\x03"},
	    {"127.0.0.[2..4;9]", "\x7f\0\0\x09", "\x7f\0\0\x05"},
	    {"127.0.0.[2..4;9]", "\x7f\0\0\x04", "\x7f\0\0\x01"},
	    {"127.0.[0..255].[0..255]", "\x7f\0\xff\xff", "\x7f\x01\xff\xff"},
	    {"127.[0;64;128;255].0.0", "\x7f\x80\0\0", "\x7f\x3f\0\0"},
	    {"127.0.0.[3..3]", "\x7f\0\0\x03", "\x7f\0\0\x02"},
	    {"127.0.0", NULL, NULL},
	    {"127.0.0.", NULL, NULL},
	    {"127.0.0.256", NULL, NULL},
	    {"127.0.0.2.3", NULL, NULL},
	    {"127.0.0.2x", NULL, NULL},
	    {"127.0.0.[]", NULL, NULL},
	    {"127.0.0.[2", NULL, NULL},
	    {"127.0.0.[2..]", NULL, NULL},
	    {"127.0.0.[4..2]", NULL, NULL},
	    {"127.0.0.[2.4]", NULL, NULL},
	    {"127.0.0.[2;]", NULL, NULL},
	    {"127.0.0.[2,3]", NULL, NULL},
	    {"127.0.0.00000000002", NULL, NULL},
	    {"10.0.0.2", NULL, NULL},
	    {"[0..255].0.0.2", NULL, NULL},
	    {"", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnsbl_filter f;
		struct err err = {ERR_NONE, ""};
		int got = dnsbl_filter_parse(slice_of(rows[i].text), &f, &err);

		if ((got == 0) != (rows[i].has != NULL))
			fail_msg("%s: %d %s", rows[i].text, got, err.text);
		if (got != 0)
			assert_int_not_equal(err.text[0], '\0');
		else if (!dnsbl_filter_has(&f, rows[i].has) || dnsbl_filter_has(&f, rows[i].lacks))
			fail_msg("%s", rows[i].text);
	}
}

/* "ZONE NAME asks share rules[weight/block …]" of all zones. */
static void
table_show(const struct dnsbl_table *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct dnsbl_zone *z = &t->zones[i];

		buf_add_format(out, "%s%.*s %s", i > 0 ? "; " : "", SLICE_ARG(z->zone), z->name);
		if (z->asks != 0)
			buf_add_format(out, " asks=%u", z->asks);
		if (z->share != 0)
			buf_add_format(out, " share=%u", z->share);
		if (z->no_test)
			buf_add_text(out, " no-test");
		if (z->allows)
			buf_add_text(out, " allows");
		for (const struct dnsbl_rule *r = z->rules; r != NULL; r = r->next)
			buf_add_format(out, " %d%s", r->weight, r->block ? "!" : "");
	}
}

static void
test_entries(void **state)
{
	static const struct {
		bool domains;
		const char *entries[4];
		const char *want;
	} rows[] = {
	    {false, {"bl.example"}, "bl.example bl.example 10"},
	    {false, {"BL.Example."}, "bl.example bl.example 10"},
	    {false, {"bl.example*5"}, "bl.example bl.example 5"},
	    {false, {"bl.example=127.0.0.2"}, "bl.example bl.example 10"},
	    {false, {"bl.example=127.0.0.[2..4;9]*25 block"}, "bl.example bl.example 25!"},
	    {false, {"bl.example*-10"}, "bl.example bl.example allows -10"},
	    {false, {"bl.example*0"}, "bl.example bl.example 0"},
	    {false, {"  bl.example*1000\tblock  "}, "bl.example bl.example 1000!"},
	    {false, {"bl.example=127.0.0.2*5", "bl.example=127.0.0.3*7 block"},
		"bl.example bl.example 5 7!"},
	    {false, {"a.example", "b.example", "A.example*3"},
		"a.example a.example 10 3; b.example b.example 10"},
	    {false, {"paid:k3y.bl.example=127.0.0.2*5"}, "k3y.bl.example paid 5"},
	    {false, {"paid:k3y.bl.example=127.0.0.2*5", "k3y.bl.example=127.0.0.3"},
		"k3y.bl.example paid 5 10"},
	    {false, {"bl.example ipv4"}, "bl.example bl.example asks=1 10"},
	    {false, {"bl.example ipv6 share=90 no-test"},
		"bl.example bl.example asks=2 share=90 no-test 10"},
	    {true, {"bl.example helo sender"}, "bl.example bl.example asks=12 10"},
	    {true, {"bl.example RDNS"}, "bl.example bl.example asks=16 10"},
	    {false, {"@spamcop"}, "bl.spamcop.net bl.spamcop.net asks=1 15"},
	    {false, {"@spamhaus-zen"}, "zen.spamhaus.org zen.spamhaus.org share=95 20 25 30 20"},
	    {false, {"@spamhaus-zen:k3y.zen.dq.spamhaus.net block"},
		"k3y.zen.dq.spamhaus.net zen.dq.spamhaus.net share=95 20! 25! 30! 20!"},
	    {false, {"@spamhaus-zen:mirror.example share=50"},
		"mirror.example spamhaus-zen share=50 20 25 30 20"},
	    {false, {"k3y.zen.dq.spamhaus.net=127.0.0.2*3"},
		"k3y.zen.dq.spamhaus.net zen.dq.spamhaus.net share=95 3"},
	    {false, {"mine:k3y.zen.dq.spamhaus.net=127.0.0.2*3"},
		"k3y.zen.dq.spamhaus.net mine share=95 3"},
	    {true, {"@spamhaus-dbl", "@uribl sender"},
		"dbl.spamhaus.org dbl.spamhaus.org 20 5; multi.uribl.com multi.uribl.com asks=8 "
		"10"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnsbl_table *t = dnsbl_table_new(&arena);
		char storage[500];
		struct buf got = BUF_OVER(storage);

		for (size_t k = 0; k < 4 && rows[i].entries[k] != NULL; k++) {
			struct err err;

			if (dnsbl_table_add(t, &arena, rows[i].domains,
				slice_of(rows[i].entries[k]), &err) != 0)
				fail_msg("%s", err.text);
		}
		table_show(t, &got);
		assert_string_equal(buf_text(&got), rows[i].want);
	}
}

static void
test_errors(void **state)
{
	static const struct {
		bool domains;
		const char *before; /* fine */
		const char *entry;
		const char *says;
	} rows[] = {
	    {false, NULL, "", "there is no zone"},
	    {false, NULL, "=127.0.0.2", "no such zone"},
	    {false, NULL, "nodot", "no such zone"},
	    {false, NULL, "bad..zone", "no such zone"},
	    {false, NULL, "zo!ne.example", "letters, digits"},
	    {false, NULL, "bl.example=", "four numbers"},
	    {false, NULL, "bl.example=127.0.0", "four numbers"},
	    {false, NULL, "bl.example=10.0.0.2", "must begin with 127"},
	    {false, NULL, "bl.example=127.0.0.1", "never score"},
	    {false, NULL, "bl.example=127.255.255.[252..255]", "never score"},
	    {false, NULL, "list.dnswl.org=127.0.0.255*-5", "never score"},
	    {false, NULL, "bl.example*", "weight"},
	    {false, NULL, "bl.example*1001", "weight"},
	    {false, NULL, "bl.example*-1001", "weight"},
	    {false, NULL, "bl.example*--1", "weight"},
	    {false, NULL, "bl.example*1.5", "weight"},
	    {false, NULL, "bl.example*99999999999999999999", "weight"},
	    {false, NULL, "bl.example*-1 block", "exclude each other"},
	    {false, NULL, "bl.example blok", "unknown word"},
	    {false, NULL, "bl.example helo", "domain_lists"},
	    {true, NULL, "bl.example ipv4", "client lists"},
	    {false, NULL, "bl.example share=0", "percentage"},
	    {false, NULL, "bl.example share=101", "percentage"},
	    {false, NULL, "bl.example share=", "percentage"},
	    {false, NULL, ":bl.example", "no name in front"},
	    {false, NULL, "a b:bl.example", "unknown word"},
	    {false, NULL, "-a:bl.example", "may have letters"},
	    {false, NULL, "a/b:bl.example", "may have letters"},
	    {false, NULL, "@nothing", "no such preset; `gatepostctl dnsbl known`"},
	    {false, NULL, "@spamhouse-zen", "did you mean @spamhaus-zen?"},
	    {false, NULL, "@SPAMCOB block", "did you mean @spamcop?"},
	    {false, NULL, "@", "no such"},
	    {false, NULL, "@spamcop*3", "brings its own"},
	    {false, NULL, "@spamhaus-dbl", "domain_lists"},
	    {true, NULL, "@spamcop", "belongs into lists"},
	    {false, "a:bl.example", "a:other.example", "called that already"},
	    {false, "a:bl.example", "b:bl.example", "otherwise"},
	    {false, "bl.example", "bl.example:other.example", "called that already"},
	    {false, "bl.example", "late:bl.example", "otherwise"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnsbl_table *t = dnsbl_table_new(&arena);
		struct err err = {ERR_NONE, ""};

		if (rows[i].before != NULL)
			assert_int_equal(dnsbl_table_add(t, &arena, rows[i].domains,
					     slice_of(rows[i].before), &err),
			    0);
		if (dnsbl_table_add(t, &arena, rows[i].domains, slice_of(rows[i].entry), &err) == 0)
			fail_msg("\"%s\" was taken", rows[i].entry);
		if (strstr(err.text, rows[i].says) == NULL || err.code != ERR_INVALID ||
		    strncmp(err.text, rows[i].entry, strlen(rows[i].entry)) != 0)
			fail_msg("\"%s\": %s", rows[i].entry, err.text);
	}
}

static void
test_bounds(void **state)
{
	struct dnsbl_table *t = dnsbl_table_new(&arena);
	struct err err;
	char text[800];
	size_t n;

	(void)state;
	for (n = 0; n < 1000; n++) {
		(void)snprintf(text, sizeof(text), "bl%zu.example", n);
		if (dnsbl_table_add(t, &arena, false, slice_of(text), &err) != 0)
			break;
	}
	assert_int_equal(n, DNSBL_ZONES_MAX);
	assert_int_equal(t->n, DNSBL_ZONES_MAX);
	assert_non_null(strstr(err.text, "more than 40 zones"));

	t = dnsbl_table_new(&arena);
	for (n = 0; n < 1000; n++) {
		if (dnsbl_table_add(t, &arena, false, slice_of("bl.example=127.0.0.2"), &err) != 0)
			break;
	}
	assert_int_equal(n, DNSBL_RULES_MAX);

	t = dnsbl_table_new(&arena);
	for (n = 0; n < 1000; n++) {
		(void)snprintf(text, sizeof(text), "dbl%zu.example", n);
		if (dnsbl_table_add(t, &arena, true, slice_of(text), &err) != 0)
			break;
	}
	assert_int_equal(n, DNSBL_QUESTIONS_MAX / 3);
	assert_non_null(strstr(err.text, "64 questions"));

	t = dnsbl_table_new(&arena);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(dnsbl_table_add(t, &arena, false, slice_of(text), &err), -1);
	assert_non_null(strstr(err.text, "...: "));
	for (size_t i = 50; i < 190; i += 50)
		text[i] = '.';
	assert_int_equal(
	    dnsbl_table_add(t, &arena, false, slice_make(text, DNSBL_ZONE_MAX_BYTES + 1), &err),
	    -1);
	assert_int_equal(
	    dnsbl_table_add(t, &arena, false, slice_make(text, DNSBL_ZONE_MAX_BYTES), &err), 0);
	assert_int_equal(dnsbl_table_find(t, slice_make(text, DNSBL_ZONE_MAX_BYTES)), 0);
	assert_int_equal(dnsbl_table_find(t, slice_of("other.example")), 1);
}

static void
test_no_memory(void **state)
{
	static const char *const entries[] = {
	    "bl.example", "list.dnswl.org", "x:y.example", "@spamhaus-zen"};

	(void)state;
	for (size_t max = 256; max < 20000; max += 64) {
		struct arena small;
		struct dnsbl_table *t;
		struct err err = {ERR_NONE, ""};

		arena_init(&small, 256, max);
		t = dnsbl_table_new(&small);
		for (size_t i = 0; t != NULL && i < COUNT(entries); i++) {
			if (dnsbl_table_add(t, &small, false, slice_of(entries[i]), &err) != 0)
				assert_int_equal(err.code, ERR_NOMEM);
		}
		arena_fini(&small);
	}
}

/* Every shipped preset can be turned on, and what is dead is found. */
static void
test_known(void **state)
{
	struct dnsbl_table *lists = dnsbl_table_new(&arena);
	char text[100];
	struct err err;
	size_t presets = 0;

	(void)state;
	for (const struct dnsbl_known *k = dnsbl_known; k->zone != NULL; k++) {
		assert_true((k->preset != NULL) != (k->dead != NULL));
		assert_ptr_equal(dnsbl_known_find(slice_of(k->zone)), k);
		if (k->preset == NULL)
			continue;
		presets++;
		assert_non_null(k->purpose);
		assert_non_null(k->terms);
		(void)snprintf(text, sizeof(text), "@%s", k->preset);
		if (dnsbl_table_add(lists, &arena, k->domains, slice_of(text), &err) != 0)
			fail_msg("%s", err.text);
	}
	assert_int_equal(lists->n, presets);
	assert_string_equal(dnsbl_known_find(slice_of("smtp.dnsbl.sorbs.net"))->zone, "sorbs.net");
	assert_null(dnsbl_known_find(slice_of("notsorbs.net")));
	assert_null(dnsbl_known_find(slice_of("net")));
	assert_null(dnsbl_known_preset(slice_of("")));
}

static void
test_error_codes(void **state)
{
	static const struct {
		const char *zone;
		const char *code;
		size_t n;
		bool want;
	} rows[] = {
	    {"bl.example", "\x7f\0\0\x02", 4, false},
	    {"bl.example", "\x7f\0\0\xff", 4, false},
	    {"bl.example", "\x7f\0\0\x01", 4, true},
	    {"bl.example", "\x7f\xff\xff\xfe", 4, true},
	    {"bl.example", "\x7f\xff\xfe\xfe", 4, false},
	    {"bl.example", "\x0a\0\0\x02", 4, true},
	    {"bl.example", "\x7f\0\0", 3, true},
	    {"bl.example", "", 0, true},
	    {"bl.example", "\x7f\0\0\x02\0", 5, true},
	    {"list.dnswl.org", "\x7f\0\0\xff", 4, true},
	    {"list.dnswl.org", "\x7f\0\x0a\x03", 4, true},
	    {"list.dnswl.org", "\x7f\0\x0a\x02", 4, false},
	    {"k3y.dbl.dq.spamhaus.net", "\x7f\0\x01\xff", 4, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnsbl_table *t = dnsbl_table_new(&arena);

		assert_int_equal(
		    dnsbl_table_add(t, &arena, false, slice_of(rows[i].zone), NULL), 0);
		if (dnsbl_is_error(&t->zones[0], slice_make(rows[i].code, rows[i].n)) !=
		    rows[i].want)
			fail_msg("row %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_filter),
	    cmocka_unit_test(test_entries),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_no_memory),
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_error_codes),
	};

	return cmocka_run_group_tests_name("dnsbl_rule", tests, setup, teardown);
}
