/*
 * account_book.c - see accounts.h.
 */
#include "policy/accounts.h"

const struct account *
account_book_find(const struct account_book *book, const char *name)
{
	size_t from = 0, to = book->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = strcmp(name, book->v[middle]->name);

		if (order == 0)
			return book->v[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}
