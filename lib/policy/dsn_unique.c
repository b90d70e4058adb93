/*
 * dsn_unique.c - each recipient once: a notification that names somebody ten thousand times says no
 * more of him than one that does so once, but would cost as much as one about ten thousand.
 */
#include "policy/dsn_parts.h"

#include <stdlib.h>

struct entry {
	const struct dsn_recipient *said;
};

/* By all from which something is concluded. */
static int
said_compare(const struct dsn_recipient *a, const struct dsn_recipient *b)
{
	int d = dsn_address_compare(a->address, b->address);

	if (d == 0)
		d = dsn_address_compare(a->final, b->final);
	if (d == 0)
		d = (a->action > b->action) - (a->action < b->action);
	if (d == 0)
		d = slice_compare(a->status, b->status);
	return d == 0 ? slice_compare(a->diagnostic, b->diagnostic) : d;
}

/* Of equal ones, the first in the message is first. */
static int
entry_compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int d = said_compare(left->said, right->said);

	return d == 0 ? (left->said > right->said) - (left->said < right->said) : d;
}

void
dsn_recipients_unique(struct dsn_scan *s)
{
	struct dsn *dsn = s->dsn;
	struct entry *sorted;
	bool *again;
	size_t n = 0;

	if (dsn->n < 2)
		return;
	sorted = arena_alloc(s->arena, dsn->n * sizeof(*sorted));
	again = arena_alloc(s->arena, dsn->n * sizeof(*again));
	if (sorted == NULL || again == NULL)
		return;
	for (size_t i = 0; i < dsn->n; i++)
		sorted[i].said = &dsn->v[i];
	qsort(sorted, dsn->n, sizeof(*sorted), entry_compare);
	for (size_t i = 0; i < dsn->n; i++)
		again[sorted[i].said - dsn->v] = i > 0 && said_compare(sorted[i - 1].said,
							      sorted[i].said) == 0;
	for (size_t i = 0; i < dsn->n; i++)
		if (!again[i])
			dsn->v[n++] = dsn->v[i];
	dsn->n = n;
}
