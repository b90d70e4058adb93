/*
 * account_domains.c - see account_domains.h.
 */
#include "policy/account_domains.h"

#include <stdlib.h>

static int
nocase_compare(struct slice a, struct slice b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		int order = (unsigned char)ascii_lower(a.p[i]) - (unsigned char)ascii_lower(b.p[i]);

		if (order != 0)
			return order;
	}
	return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

static int
by_name(const void *left, const void *right)
{
	const char *const *a = left;
	const char *const *b = right;

	return nocase_compare(slice_of(*a), slice_of(*b));
}

void
account_domains_fill(struct account_domains *domains_r, const char **v,
    const struct account *const *accounts, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (accounts[i]->bounce_domain[0] != '\0')
			v[used++] = accounts[i]->bounce_domain;
	}
	qsort(v, used, sizeof(*v), by_name);
	*domains_r = (struct account_domains){v, used};
}

static bool
has(const struct account_domains *domains, struct slice domain)
{
	size_t from = 0, to = domains->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = nocase_compare(domain, slice_of(domains->v[middle]));

		if (order == 0)
			return true;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return false;
}

bool
account_domains_have(const struct account_domains *domains, struct slice domain)
{
	struct slice behind = slice_from(domain, slice_find(domain, '.') + 1);

	return domain.n > 0 && (has(domains, domain) || (behind.n > 0 && has(domains, behind)));
}
