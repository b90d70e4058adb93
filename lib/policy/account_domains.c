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

/* Adds one unless it is empty. */
static void
name_add(struct account_names *names, const char **v, const char *name)
{
	if (name[0] != '\0')
		v[names->n++] = name;
}

void
account_domains_fill(struct account_names *domains_r, const char **v,
    const struct account *const *accounts, size_t n)
{
	*domains_r = (struct account_names){v, 0};
	for (size_t i = 0; i < n; i++)
		name_add(domains_r, v, accounts[i]->bounce_domain);
	qsort(v, domains_r->n, sizeof(*v), by_name);
}

void
account_feedbacks_fill(struct account_names *feedbacks_r, const char **v,
    const struct account *const *accounts, size_t n)
{
	*feedbacks_r = (struct account_names){v, 0};
	for (size_t i = 0; i < n; i++)
		name_add(feedbacks_r, v, accounts[i]->feedback);
	qsort(v, feedbacks_r->n, sizeof(*v), by_name);
}

static bool
has(const struct account_names *names, struct slice name)
{
	size_t from = 0, to = names->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = nocase_compare(name, slice_of(names->v[middle]));

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
account_domains_have(const struct account_names *domains, struct slice domain)
{
	struct slice behind = slice_from(domain, slice_find(domain, '.') + 1);

	return domain.n > 0 && (has(domains, domain) || (behind.n > 0 && has(domains, behind)));
}

bool
account_feedbacks_have(const struct account_names *feedbacks, struct slice address)
{
	return has(feedbacks, address);
}
