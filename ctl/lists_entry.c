/*
 * lists_entry.c - see lists_entry.h.
 */
#include "lists_entry.h"

bool
lists_entry_is_network(struct slice text)
{
	bool numbers = text.n > 0;

	for (size_t i = 0; i < text.n; i++)
		numbers = numbers && (ascii_is_digit(text.p[i]) || text.p[i] == '.');
	return numbers || slice_find(text, '/') < text.n ||
	       (slice_find(text, ':') < text.n && slice_find(text, '@') == text.n);
}

static int
network_parse(struct list_entry *entry, struct err *err)
{
	struct buf out = BUF_OVER(entry->storage);
	struct net_cidr cidr;
	size_t n;

	if (net_cidr_parse(entry->forms[0], &cidr, err) != 0)
		return -1;
	entry->vast = lists_is_vast(&cidr);
	net_cidr_format(&out, &cidr);
	n = out.n;
	entry->forms[entry->n++] = buf_slice(&out);
	if (cidr.bits == net_family_bits(cidr.addr.family)) {
		net_addr_format(&out, &cidr.addr);
		entry->forms[entry->n++] = entry->forms[1];
		entry->forms[1] = slice_from(buf_slice(&out), n); /* without the /32 */
	}
	return 0;
}

static int
pattern_parse(struct list_entry *entry, struct err *err)
{
	struct slice pattern;

	if (address_pattern_parse(&entry->arena, entry->forms[0], &pattern, err) != 0)
		return -1;
	entry->forms[entry->n++] = pattern;
	if (pattern.p[0] == '@')
		entry->forms[entry->n++] = slice_from(pattern, 1);
	return 0;
}

/* The one of the family's lists that such an entry belongs to. */
static const struct list_row *
row_for(const struct list_family *family, struct slice text)
{
	for (size_t i = 0; i + 1 < family->n; i++) {
		if (store_list_has_networks(family->rows[i].list) == lists_entry_is_network(text))
			return &family->rows[i];
	}
	return &family->rows[family->n - 1];
}

int
lists_entry_parse(
    struct list_entry *entry, const struct list_family *family, const char *text, struct err *err)
{
	int status;

	*entry = (struct list_entry){.forms = {slice_of(text)}, .n = 1};
	arena_init(&entry->arena, 1024, 8192);
	entry->row = row_for(family, entry->forms[0]);
	status = store_list_has_networks(entry->row->list) ? network_parse(entry, err)
							   : pattern_parse(entry, err);
	if (status != 0)
		entry->n = 1;
	return status;
}

void
lists_entry_fini(struct list_entry *entry)
{
	arena_fini(&entry->arena);
}
