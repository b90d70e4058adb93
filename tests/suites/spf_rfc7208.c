/*
 * spf_rfc7208.c - the RFC 7208 suite against our own engine: every result, and every explanation
 * that the suite gives. TAP, one line a group; misses are named.
 */
#include "spf_suite.h"

#include <stdlib.h>

/* "DEFAULT": what the domain says is not to be used, so there is none. */
static bool
explanation_is(const json_t *test, struct slice got)
{
	const json_t *want = json_object_get(test, "explanation");
	const char *text = json_string_value(want);

	if (text == NULL)
		return true;
	return strcmp(text, "DEFAULT") == 0 ? got.n == 0 : slice_eq(got, slice_of(text));
}

static bool
test_passes(struct spf_suite *suite, const json_t *group, const json_t *test)
{
	const struct spf_result *r = spf_suite_run(suite, &spf_engine_own, group, test);

	if (spf_suite_allows(test, r->code) && explanation_is(test, r->explanation))
		return true;
	(void)printf("# %s: got %s, \"%.*s\"; %.*s\n",
	    json_string_value(json_object_get(test, "id")), spf_code_name(r->code),
	    SLICE_ARG(r->explanation), SLICE_ARG(r->problem));
	return false;
}

static size_t
group_run(struct spf_suite *suite, const json_t *group)
{
	const json_t *tests = json_object_get(group, "tests");
	size_t right = 0;

	for (size_t i = 0; i < json_array_size(tests); i++)
		right += test_passes(suite, group, json_array_get(tests, i)) ? 1 : 0;
	return right;
}

int
main(int argc, char **argv)
{
	struct spf_suite suite;
	size_t right = 0;
	size_t all = 0;

	if (argc != 2 || spf_suite_open(&suite, argv[1]) != 0)
		return EXIT_FAILURE;
	(void)printf("1..%zu\n", json_array_size(suite.groups));
	for (size_t i = 0; i < json_array_size(suite.groups); i++) {
		const json_t *group = json_array_get(suite.groups, i);
		size_t n = json_array_size(json_object_get(group, "tests"));
		size_t good = group_run(&suite, group);

		right += good;
		all += n;
		(void)printf("%s %zu - spf %s: %zu of %zu\n", good == n ? "ok" : "not ok", i + 1,
		    json_string_value(json_object_get(group, "description")), good, n);
	}
	(void)printf("# %zu of %zu right\n", right, all);
	spf_suite_close(&suite);
	return right == all && all > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
