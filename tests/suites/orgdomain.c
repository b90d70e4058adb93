/*
 * orgdomain.c - how many of others' vectors of organisational domains come out right:
 *
 *	orgdomain CASES.tsv [PUBLIC_SUFFIX_LIST]
 *
 * A case is a name, a tab, and its organisational domain, or nothing. Without a list, the newest
 * that libpsl knows. Prints the wrong ones and a total; exits 1 when some are wrong beyond
 * the known ones, 77 when there are no cases here.
 */
#include "auth/orgdomain.h"
#include "auth/domain.h"
#include "policy/dns_name.h"

#include <libpsl.h>
#include <stdio.h>

/* A name and its answer, tab and newline. */
#define LINE_BYTES (2 * 4 * DNS_NAME_MAX_BYTES)

/* The list has no rule for "local", so its default rule "*" holds, as for "example"; the vectors
 * leave the one out and not the other. */
static bool
is_known(struct slice name)
{
	static const struct slice local = SLICE_LIT(".local");

	return slice_ends(name, local);
}

static bool
is_right(const psl_ctx_t *list, struct slice name, struct slice want)
{
	char got_storage[DNS_NAME_MAX_BYTES + 1], want_storage[DNS_NAME_MAX_BYTES + 1];
	struct buf got = BUF_OVER(got_storage), normal = BUF_OVER(want_storage);

	if (orgdomain_of(list, name, &got) != 0)
		return want.n == 0;
	return domain_normalise(want, &normal) == 0 &&
	       slice_eq(buf_slice(&got), buf_slice(&normal));
}

int
main(int argc, char **argv)
{
	char line[LINE_BYTES];
	unsigned right = 0, known = 0, total = 0;
	FILE *cases = argc > 1 ? fopen(argv[1], "r") : NULL;
	psl_ctx_t *list;

	if (cases == NULL) {
		printf("# orgdomain: no cases here\n");
		return 77;
	}
	list = argc > 2 ? psl_load_file(argv[2]) : psl_latest(NULL);
	while (fgets(line, sizeof(line), cases) != NULL) {
		struct slice row = slice_head(slice_of(line), strcspn(line, "\n"));
		struct slice name = slice_head(row, slice_find(row, '\t'));
		bool ok = is_right(list, name, slice_from(row, name.n + 1));

		total++;
		right += ok;
		known += !ok && is_known(name);
		if (!ok)
			printf(
			    "# wrong: %.*s%s\n", SLICE_ARG(row), is_known(name) ? " (known)" : "");
	}
	printf("# orgdomain: %u of %u right, %u known\n", right, total, known);
	fclose(cases);
	psl_free(list);
	return right + known == total && total > 0 ? 0 : 1;
}
