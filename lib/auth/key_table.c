/*
 * key_table.c - see key_table.h.
 */
#include "auth/key_table.h"

#include "auth/key_record.h"
#include "policy/keyring_time.h"

#include <stdlib.h>

/* As slice_compare(), for a name in lower case and one in any. */
static int
name_compare(struct slice name, struct slice any)
{
	size_t n = name.n < any.n ? name.n : any.n;

	for (size_t i = 0; i < n; i++) {
		int order = (unsigned char)ascii_lower(any.p[i]) - (unsigned char)name.p[i];

		if (order != 0)
			return -order;
	}
	return (name.n > any.n) - (name.n < any.n);
}

static int
entry_compare(const struct key_entry *entry, struct slice domain, struct slice selector)
{
	int order = name_compare(slice_of(entry->domain), domain);

	return order != 0 ? order : name_compare(slice_of(entry->selector), selector);
}

static int
entries_compare(const void *a, const void *b)
{
	const struct key_entry *right = b;

	return entry_compare(a, slice_of(right->domain), slice_of(right->selector));
}

void
key_table_init(struct key_table *table, struct key_entry *entries, size_t n)
{
	if (n > 0)
		qsort(entries, n, sizeof(*entries), entries_compare);
	*table = (struct key_table){entries, n};
}

const struct key_entry *
key_table_at(const struct key_table *table, struct slice domain, struct slice selector)
{
	size_t from = 0, to = table->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = entry_compare(&table->v[middle], domain, selector);

		if (order == 0)
			return &table->v[middle];
		if (order > 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

const struct key_entry *
key_table_find(
    const struct key_table *table, struct slice domain, struct slice selector, int64_t now_s)
{
	const struct key_entry *first = key_table_at(table, domain, selector);
	const struct key_entry *found = first, *at = first;

	for (int hops = 0; at != NULL && hops < KEY_TABLE_HOPS_MAX; hops++) {
		if (at->next == NULL || now_s < at->next_at_s)
			break;
		at = key_table_at(table, domain, slice_of(at->next));
		if (at == first)
			break;
		if (at != NULL && at->key != NULL)
			found = at;
	}
	return found;
}

int
key_next_parse(struct slice text, struct key_next *next_r, struct err *err)
{
	struct slice line = slice_trim(text);
	size_t blank = slice_find(line, ' ');

	*next_r = (struct key_next){slice_head(line, blank), 0};
	if (line.n <= KEY_NEXT_MAX_BYTES && key_selector_check(next_r->selector, NULL) == 0 &&
	    keyring_time_parse(slice_trim(slice_from(line, blank)), &next_r->at_s) == 0)
		return 0;
	return err_set(err, ERR_INVALID,
	    "it must hold one line: the next selector and a time, as in s2027 "
	    "2026-12-01T00:00:00Z");
}

void
key_next_format(const struct key_next *next, struct buf *out)
{
	buf_add(out, next->selector);
	buf_add_char(out, ' ');
	keyring_time_format(out, next->at_s);
	buf_add_char(out, '\n');
}
