/*
 * test_hit.c - lib/policy/hit, hit_burst and hit_fields.
 */
#include "policy/hit.h"
#include "policy/hit_burst.h"
#include "policy/stat.h"
#include "unit/keyring_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define DAY_S   86400
#define SENT_S  (INT64_C(20000) * DAY_S + 3600)
#define FIREFOX "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

static struct hit
hit_make(enum hit_kind kind, int64_t after_s, const char *agent)
{
	return (struct hit){.kind = kind,
	    .time_s = SENT_S + after_s,
	    .ids = {7, hit_message_id(12345, SENT_S), SENT_S / DAY_S, 1},
	    .key = 3,
	    .link = 2,
	    .target = slice_of(kind == HIT_CLICKED        ? "https://shop.example/a?mail=ann#x"
			       : kind == HIT_UNSUBSCRIBED ? "ann@far.example"
							  : ""),
	    .agent = slice_of(agent),
	    .client = {.family = NET_IPV4, .bytes = {192, 0, 2, 1}}};
}

static void
test_judge(void **state)
{
	static const struct {
		enum hit_kind kind;
		int64_t after_s;
		const char *agent;
		unsigned burst;
		bool trapped, prefetch, one_click;
		enum hit_who who;
		const char *why;
	} rows[] = {
	    {HIT_OPENED, 600, FIREFOX, 0, 0, 0, 0, HIT_HUMAN, ""},
	    {HIT_OPENED, 2, FIREFOX, 0, 0, 0, 0, HIT_HUMAN, ""},
	    {HIT_OPENED, 1, FIREFOX, 0, 0, 0, 0, HIT_BOT, "soon"},
	    {HIT_CLICKED, 3, FIREFOX, 0, 0, 0, 0, HIT_BOT, "soon"},
	    {HIT_CLICKED, 4, FIREFOX, 0, 0, 0, 0, HIT_HUMAN, ""},
	    {HIT_CLICKED, -3, FIREFOX, 0, 0, 0, 0, HIT_BOT, "soon"},
	    {HIT_CLICKED, -60, FIREFOX, 0, 0, 0, 0, HIT_HUMAN, ""}, /* clocks: not known */
	    {HIT_CLICKED, 600, FIREFOX, 5, 0, 0, 0, HIT_BOT, "burst:5"},
	    {HIT_CLICKED, 600, FIREFOX, 1, 1, 0, 0, HIT_BOT, "trap burst:1"},
	    {HIT_CLICKED, 600, FIREFOX, 0, 0, 1, 0, HIT_BOT, "prefetch"},
	    {HIT_OPENED, 600, "Mozilla/5.0", 0, 0, 0, 0, HIT_PROXY, "agent:mozilla/5.0"},
	    {HIT_CLICKED, 600, "Mozilla/5.0", 0, 0, 0, 0, HIT_HUMAN, ""},
	    {HIT_OPENED, 600, "Mozilla/5.0 (Windows NT 5.1) (via ggpht.com GoogleImageProxy)", 0, 0,
		0, 0, HIT_PROXY, "agent:googleimageproxy"},
	    {HIT_OPENED, 600, "YahooMailProxy; https://help.yahoo.com", 0, 0, 0, 0, HIT_PROXY,
		"agent:yahoomailproxy"},
	    {HIT_CLICKED, 600, "Mozilla/5.0 (compatible; bingbot/2.0)", 0, 0, 0, 0, HIT_BOT,
		"agent:bot"},
	    {HIT_CLICKED, 600, "Mozilla/5.0 (compatible; Googlebot-Image)", 0, 0, 0, 0, HIT_BOT,
		"agent:bot"},
	    {HIT_CLICKED, 600, "a friendly robot", 0, 0, 0, 0, HIT_BOT, "agent:bot"},
	    {HIT_CLICKED, 600, "Bot", 0, 0, 0, 0, HIT_BOT, "agent:bot"},
	    {HIT_CLICKED, 600, "all bots (x)", 0, 0, 0, 0, HIT_BOT, "agent:bot"},
	    {HIT_CLICKED, 600, "Linux; Android 11; CUBOT NOTE 20", 0, 0, 0, 0, HIT_HUMAN, ""},
	    {HIT_CLICKED, 600, "CUBOT_X19 Chrome/91", 0, 0, 0, 0, HIT_HUMAN, ""},
	    {HIT_CLICKED, 600, "CUBOT X19 Googlebot/2.1", 0, 0, 0, 0, HIT_BOT, "agent:bot"},
	    {HIT_CLICKED, 600, "Focubot/1", 0, 0, 0, 0, HIT_BOT, "agent:bot"},
	    {HIT_CLICKED, 600, "Botswana Bottle Abbott/1", 0, 0, 0, 0, HIT_HUMAN, ""},
	    {HIT_CLICKED, 600, "curl/8.1", 0, 0, 0, 0, HIT_BOT, "agent:curl/"},
	    {HIT_CLICKED, 600, "", 0, 0, 0, 0, HIT_UNKNOWN, "no-agent"},
	    {HIT_CLICKED, 1, "", 4, 1, 1, 0, HIT_BOT, "trap burst:4 soon prefetch no-agent"},
	    {HIT_UNSUBSCRIBED, 1, "curl/8.1", 0, 0, 0, 1, HIT_HUMAN, "one-click"},
	    {HIT_UNSUBSCRIBED, 600, FIREFOX, 0, 0, 0, 0, HIT_HUMAN, "form"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hit hit = hit_make(rows[i].kind, rows[i].after_s, rows[i].agent);
		struct hit_verdict verdict;

		hit.burst = rows[i].burst;
		hit.trapped = rows[i].trapped;
		hit.prefetch = rows[i].prefetch;
		hit.one_click = rows[i].one_click;
		hit_judge(&hit, &verdict);
		if (verdict.who != rows[i].who || strcmp(verdict.why, rows[i].why) != 0)
			fail_msg("%zu: %s, \"%s\"", i, hit_who_name(verdict.who), verdict.why);
	}
}

static void
test_stat(void **state)
{
	static const unsigned wants[][HIT_UNKNOWN + 1] = {
	    [HIT_OPENED] = {STAT_OPENED, STAT_HITS_MACHINE, STAT_HITS_MACHINE, STAT_OPENED},
	    [HIT_CLICKED] = {STAT_CLICKED, STAT_HITS_MACHINE, STAT_HITS_MACHINE, STAT_CLICKED},
	};

	(void)state;
	for (enum hit_kind kind = HIT_OPENED; kind <= HIT_CLICKED; kind++) {
		for (enum hit_who who = HIT_HUMAN; who <= HIT_UNKNOWN; who++) {
			struct hit hit = {.kind = kind};
			struct hit_verdict verdict = {.who = who};

			assert_int_equal(hit_stat(&hit, &verdict), wants[kind][who]);
		}
	}
	assert_int_equal(
	    hit_stat(&(struct hit){.kind = HIT_UNSUBSCRIBED}, &(struct hit_verdict){HIT_HUMAN, ""}),
	    STAT_UNSUBSCRIBED);
}

static void
test_sent(void **state)
{
	struct token_ids ids = {7, hit_message_id(UINT64_MAX, SENT_S), SENT_S / DAY_S, 1};

	(void)state;
	assert_int_equal(hit_sent_s(&ids, SENT_S + 10), SENT_S);
	assert_int_equal(hit_sent_s(&ids, SENT_S - 2), SENT_S - 2); /* a clock that is behind */
	assert_int_equal(hit_sent_s(&ids, SENT_S - 100), -1);
	assert_true(hit_message_id(0, SENT_S) != 0);
	assert_true(hit_message_id(0, 0) != 0);
	ids.message = UINT64_MAX; /* no second of a day */
	assert_int_equal(hit_sent_s(&ids, SENT_S + 10), -1);
}

/* --- bursts --- */

struct note {
	int64_t ms;
	unsigned link;
	bool trap;
};

static void
test_burst(void **state)
{
	static const struct {
		struct note notes[6];
		size_t n;
		unsigned want[6]; /* for each, afterwards */
		bool trapped;
	} rows[] = {
	    {{{1000, 1, 0}}, 1, {0}, false},
	    {{{1000, 1, 0}, {9000, 2, 0}, {20000, 3, 0}}, 3, {0, 0, 0}, false},
	    {{{1000, 1, 0}, {1400, 2, 0}, {1900, 3, 0}}, 3, {3, 3, 3}, false},
	    {{{1000, 1, 0}, {1100, 2, 0}}, 2, {2, 2}, false},
	    {{{1000, 1, 0}, {1600, 2, 0}}, 2, {0, 0}, false},
	    {{{1000, 1, 0}, {1100, 1, 0}, {1200, 1, 0}}, 3, {0, 0, 0}, false}, /* a double click */
	    {{{1000, 9, 1}}, 1, {1}, true},
	    {{{1000, 62, 0}, {1100, HIT_BURST_PAGE, 0}}, 2, {2, 2}, false},
	    {{{1000, 63, 0}, {1100, HIT_BURST_PAGE, 0}}, 2, {2, 2}, false},
	    {{{1000, 63, 0}, {1100, 64, 0}}, 2, {2, 2}, false},
	    /* somebody reads it after the scanner has */
	    {{{1000, 1, 0}, {1010, 2, 0}, {1020, 3, 0}, {60000, 2, 0}}, 4, {3, 3, 3, 0}, false},
	    {{{60000, 2, 0}, {61000, 1, 0}, {61010, 2, 0}, {61020, 3, 0}}, 4, {3, 3, 3, 3}, false},
	    {{{60000, 2, 0}, {63000, 1, 0}, {63010, 2, 0}, {63020, 3, 0}}, 4, {0, 3, 3, 3}, false},
	};
	static struct hit_burst table;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t j = 0; j < rows[i].n; j++)
			hit_burst_note(&table, i + 1, rows[i].notes[j].link, rows[i].notes[j].trap,
			    rows[i].notes[j].ms);
		for (size_t j = 0; j < rows[i].n; j++) {
			bool trapped;
			unsigned got = hit_burst_links(
			    &table, i + 1, rows[i].notes[j].ms, &trapped);

			if (got != rows[i].want[j] ||
			    (rows[i].n == 1 && trapped != rows[i].trapped))
				fail_msg("%zu, hit %zu: %u", i, j, got);
		}
	}
}

/* The table is small; who is asked about a moment ago is still there after many others. */
static void
test_burst_table(void **state)
{
	static struct hit_burst table;
	bool trapped;

	(void)state;
	for (uint64_t key = 1; key <= 20000; key++) {
		hit_burst_note(&table, key, 1, false, (int64_t)key);
		hit_burst_note(&table, key, 2, false, (int64_t)key);
		assert_int_equal(hit_burst_links(&table, key, (int64_t)key, &trapped), 2);
	}
	assert_int_equal(hit_burst_links(&table, 20000, 20000, &trapped), 2);
	assert_int_equal(hit_burst_links(&table, 1, 1, &trapped), 0);
}

/* --- what is kept --- */

static void
fields_join(struct hit_fields *fields, unsigned mode, struct buf *out)
{
	for (size_t i = 0; i < fields->n; i++) {
		if ((fields->modes[i] & mode) == 0)
			continue;
		buf_add_text(out, out->n > 0 ? " " : "");
		buf_add_text(out, fields->record.v[i].name);
	}
}

static bool
has_value(const struct hit_fields *fields, unsigned mode, const char *part)
{
	for (size_t i = 0; i < fields->n; i++) {
		struct slice value = fields->record.v[i].value;

		for (size_t at = 0; (fields->modes[i] & mode) != 0 && at < value.n; at++) {
			if (slice_starts(slice_from(value, at), slice_of(part)))
				return true;
		}
	}
	return false;
}

static void
test_fields(void **state)
{
	static const struct {
		enum hit_kind kind;
		const char *identified, *pseudonymous;
	} rows[] = {
	    {HIT_OPENED, "type time account msg nth who why client agent",
		"type time account person who why"},
	    {HIT_CLICKED, "type time account msg nth link url who why client agent",
		"type time account person link url who why"},
	    {HIT_UNSUBSCRIBED, "type time account msg nth rcpt who why client agent",
		"type time account who why"},
	};
	struct keyring ring;

	(void)state;
	assert_int_equal(keyring_parse(&ring, slice_of(KEYRING_TEXT), "", NULL), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hit hit = hit_make(rows[i].kind, 0, FIREFOX);
		const struct hit_terms terms = {HIT_IDENTIFIED | HIT_PSEUDONYMOUS, "shop", &ring};
		struct hit_verdict verdict;
		struct hit_fields fields;
		char a[200], b[200];
		struct buf identified = BUF_OVER(a), pseudonymous = BUF_OVER(b);

		hit_judge(&hit, &verdict);
		hit_fields_make(&fields, &hit, &verdict, &terms);
		fields_join(&fields, HIT_IDENTIFIED, &identified);
		fields_join(&fields, HIT_PSEUDONYMOUS, &pseudonymous);
		assert_string_equal(buf_text(&identified), rows[i].identified);
		assert_string_equal(buf_text(&pseudonymous), rows[i].pseudonymous);
		assert_true(has_value(&fields, HIT_IDENTIFIED, "192.0.2.1"));
		assert_false(has_value(&fields, HIT_PSEUDONYMOUS, "192.0.2.1"));
		assert_false(has_value(&fields, HIT_PSEUDONYMOUS, "Firefox"));
		assert_false(has_value(&fields, HIT_PSEUDONYMOUS, "ann"));
	}
	keyring_fini(&ring);
}

/* The same for all hits of one copy, another for the next; and without the key, nobody's guess. */
static void
test_person(void **state)
{
	struct hit open = hit_make(HIT_OPENED, 0, FIREFOX), click = hit_make(HIT_CLICKED, 9, "");
	struct hit neighbour = hit_make(HIT_OPENED, 0, FIREFOX);
	struct hit *const hits[] = {&open, &click, &neighbour};
	char persons[3][20] = {""};
	struct hit_verdict verdict = {HIT_HUMAN, ""};
	struct keyring ring;
	struct hit_terms terms = {HIT_PSEUDONYMOUS, "shop", &ring};

	(void)state;
	assert_int_equal(keyring_parse(&ring, slice_of(KEYRING_TEXT), "", NULL), 0);
	neighbour.ids.rcpt = 2;
	for (size_t i = 0; i < COUNT(hits); i++) {
		struct hit_fields fields;
		struct slice person;

		hit_fields_make(&fields, hits[i], &verdict, &terms);
		person = record_get(&fields.record, "person");
		assert_int_equal(person.n, 16);
		memcpy(persons[i], person.p, person.n);
	}
	assert_string_equal(persons[0], persons[1]);
	assert_string_not_equal(persons[0], persons[2]);
	keyring_fini(&ring);
}

static void
test_page(void **state)
{
	static const char *const rows[][2] = {
	    {"https://a/b?c#d", "https://a/b"},
	    {"https://a/b#d?c", "https://a/b"},
	    {"https://a", "https://a"},
	    {"https://a?ann@b", "https://a"},
	    {"", ""},
	    {"https://ann:pass@shop.example:8443/b", "https://shop.example:8443/b"},
	    {"https://ann@b@shop.example", "https://shop.example"},
	    {"https://a/for/ann@example.com", "https://a/for/*"},
	    {"https://a/ANN%40example.com/b//c/", "https://a/*/b//c/"},
	    {"https://a/to=ann%2540example.com;s=1/c", "https://a/*;s=1/c"},
	    {"https://a/b&mail=a@b,c@d&e", "https://a/b&*,*&e"},
	    {"https://a/@shop/posts/1", "https://a/@shop/posts/1"},
	    {"https://a/shop@/%40shop/x%40", "https://a/shop@/%40shop/x%40"},
	    {"https://a/50%25/%2", "https://a/50%25/%2"},
	    {"ann@example.com", "*"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[64];
		struct buf page;

		buf_init(&page, storage, strlen(rows[i][0]) + 1); /* no longer, and its end */
		hit_page(slice_of(rows[i][0]), &page);
		if (strcmp(buf_text(&page), rows[i][1]) != 0)
			fail_msg("%s: %s", rows[i][0], buf_text(&page));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_judge),
	    cmocka_unit_test(test_stat),
	    cmocka_unit_test(test_sent),
	    cmocka_unit_test(test_burst),
	    cmocka_unit_test(test_burst_table),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_person),
	    cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
