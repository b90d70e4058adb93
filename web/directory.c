/*
 * directory.c - see directory.h.
 */
#include "directory.h"

#include "policy/web_request.h"

#include <stdlib.h>

static int
account_compare(const void *a, const void *b)
{
	const struct account *left = *(const struct account *const *)a;
	const struct account *right = *(const struct account *const *)b;

	return left->id < right->id ? -1 : left->id > right->id;
}

/* Byte order, case aside. */
static int
host_compare(const void *a, const void *b)
{
	const struct slice *left = a, *right = b;
	size_t n = left->n < right->n ? left->n : right->n;

	for (size_t i = 0; i < n; i++) {
		int diff = ascii_lower(left->p[i]) - ascii_lower(right->p[i]);

		if (diff != 0)
			return diff;
	}
	return left->n < right->n ? -1 : left->n > right->n;
}

static struct slice
host_of(const struct account *account)
{
	return web_request_host(slice_of(account->track_domain));
}

static void
hosts_fill(struct directory *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->naccounts; i++) {
		if (d->accounts[i]->track_domain[0] != '\0')
			d->hosts[n++] = host_of(d->accounts[i]);
	}
	if (n > 0)
		qsort(d->hosts, n, sizeof(*d->hosts), host_compare);
	for (size_t i = 0; i < n; i++) {
		if (d->nhosts == 0 || host_compare(&d->hosts[d->nhosts - 1], &d->hosts[i]) != 0)
			d->hosts[d->nhosts++] = d->hosts[i];
	}
}

int
directory_make(struct directory *directory_r, const struct account_book *book)
{
	struct directory d = {.naccounts = book->n};

	*directory_r = (struct directory){.naccounts = 0};
	d.accounts = calloc(book->n + 1, sizeof(const struct account *));
	d.hosts = calloc(book->n + 1, sizeof(*d.hosts));
	if (d.accounts == NULL || d.hosts == NULL) {
		directory_free(&d);
		return -1;
	}
	for (size_t i = 0; i < book->n; i++)
		d.accounts[i] = book->v[i];
	if (book->n > 0)
		qsort(d.accounts, book->n, sizeof(const struct account *), account_compare);
	hosts_fill(&d);
	*directory_r = d;
	return 0;
}

void
directory_free(struct directory *directory)
{
	free(directory->accounts);
	free(directory->hosts);
	*directory = (struct directory){.naccounts = 0};
}

const struct account *
directory_find(const struct directory *directory, uint64_t id)
{
	size_t from = 0, to = directory->naccounts;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (directory->accounts[middle]->id < id)
			from = middle + 1;
		else
			to = middle;
	}
	if (from < directory->naccounts && directory->accounts[from]->id == id)
		return directory->accounts[from];
	return NULL;
}

bool
directory_allows(
    const struct directory *directory, const struct account *account, struct slice host)
{
	if (host.n == 0 || slice_eq_nocase(host, host_of(account)))
		return true;
	if (directory->nhosts == 0)
		return true;
	return bsearch(&host, directory->hosts, directory->nhosts, sizeof(host), host_compare) ==
	       NULL;
}
