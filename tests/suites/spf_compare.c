/*
 * spf_compare.c - our own engine and libspf2 over the RFC 7208 suite, side by side. TAP: the table,
 * and that ours is right wherever libspf2 is.
 */
#include "spf_suite.h"

#include <stdlib.h>

#define WIDE 10
#define DEEP 5

static const struct spf_engine *const engines[2] = {&spf_engine_own, &spf_engine_libspf2};

/* How many each engine gets right; returns how many only libspf2 does. */
static size_t
group_run(struct spf_suite *suite, const json_t *group, size_t right_r[2])
{
	const json_t *tests = json_object_get(group, "tests");
	size_t only = 0;

	right_r[0] = right_r[1] = 0;
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i);
		bool good[2];

		for (size_t e = 0; e < 2; e++) {
			enum spf_code code = spf_suite_run(suite, engines[e], group, test)->code;

			good[e] = spf_suite_allows(test, code);
			right_r[e] += good[e] ? 1 : 0;
		}
		only += good[1] && !good[0] ? 1 : 0;
	}
	return only;
}

/* A group with one test: 50 policies, each of which includes ten more, five deep. */
static json_t *
hostile_make(void)
{
	json_t *zone = json_object();

	for (int i = 0; i < WIDE * DEEP; i++) {
		char name[64], text[512];
		struct buf record = BUF_OVER(text);

		buf_add_text(&record, "v=spf1");
		for (int n = 0; i / WIDE + 1 < DEEP && n < WIDE; n++)
			buf_add_format(&record, " include:n%d-%d.example", i / WIDE + 1, n);
		buf_add_text(&record, " -all");
		(void)snprintf(name, sizeof(name), "n%d-%d.example", i / WIDE, i % WIDE);
		(void)json_object_set_new(
		    zone, name, json_pack("[[s[s]]]", "TXT", buf_text(&record)));
	}
	return json_pack("{so s{ss ss ss}}", "zone", zone, "test", "host", "192.0.2.1", "helo",
	    "n0-0.example", "mailfrom", "u@n0-0.example");
}

/* Both engines stop at ten lookups. */
static bool
hostile_run(struct spf_suite *suite)
{
	json_t *group = hostile_make();
	bool good = true;

	for (size_t e = 0; e < 2; e++) {
		const struct spf_result *r = spf_suite_run(
		    suite, engines[e], group, json_object_get(group, "test"));

		(void)printf(
		    "# %s: %s, %u lookups\n", engines[e]->name, spf_code_name(r->code), r->lookups);
		good = good && r->code == SPF_PERMERROR && r->lookups <= 10;
	}
	json_decref(group);
	return good;
}

int
main(int argc, char **argv)
{
	struct spf_suite suite;
	size_t sum[3] = {0, 0, 0};
	size_t only = 0;
	bool bounded;

	if (argc != 2 || spf_suite_open(&suite, argv[1]) != 0)
		return EXIT_FAILURE;
	(void)printf(
	    "1..1\n# %-42s %5s %5s %8s\n", "group", "tests", engines[0]->name, engines[1]->name);
	for (size_t i = 0; i < json_array_size(suite.groups); i++) {
		const json_t *group = json_array_get(suite.groups, i);
		size_t n = json_array_size(json_object_get(group, "tests"));
		size_t right[2];

		only += group_run(&suite, group, right);
		sum[0] += right[0];
		sum[1] += right[1];
		sum[2] += n;
		(void)printf("# %-42s %5zu %5zu %8zu\n",
		    json_string_value(json_object_get(group, "description")), n, right[0],
		    right[1]);
	}
	(void)printf("# %-42s %5zu %5zu %8zu\n", "all", sum[2], sum[0], sum[1]);
	(void)printf("%s 1 - spf: ours %zu, libspf2 %zu of %zu\n", only == 0 ? "ok" : "not ok",
	    sum[0], sum[1], sum[2]);
	bounded = hostile_run(&suite);
	(void)printf("%s 2 - spf: 50 hostile records\n", bounded ? "ok" : "not ok");
	spf_suite_close(&suite);
	return only == 0 && bounded ? EXIT_SUCCESS : EXIT_FAILURE;
}
