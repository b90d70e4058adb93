/*
 * option_format.c - values back to text, and whether two are the same.
 */
#include "conf/option_parts.h"

#include <assert.h>

/* Bytes that a value may hold without quotes: fewer than the scanner would bear, so that what we
 * print stays readable and safe wherever it is pasted. */
static bool
is_plain(char c)
{
	char lower = ascii_lower(c);

	return (lower >= 'a' && lower <= 'z') || ascii_is_digit(c) ||
	       (c != '\0' && strchr("-_.:@/%", c) != NULL);
}

static bool
text_is_plain(struct slice text)
{
	static const struct slice comment = SLICE_LIT("//");

	for (size_t i = 0; i < text.n; i++) {
		if (!is_plain(text.p[i]))
			return false;
	}
	return text.n > 0 && !slice_starts(text, comment);
}

static void
quoted_char_add(struct buf *out, char c)
{
	if ((unsigned char)c < ' ' || c == 0x7f) {
		buf_add_format(out, "\\x%02x", (unsigned)(unsigned char)c);
		return;
	}
	/* A '$' is escaped because "${" would ask for a variable of the environment. */
	if (c == '"' || c == '\\' || c == '$')
		buf_add_char(out, '\\');
	buf_add_char(out, c);
}

void
option_text_format(struct buf *out, struct slice text)
{
	if (text_is_plain(text)) {
		buf_add(out, text);
		return;
	}
	buf_add_char(out, '"');
	for (size_t i = 0; i < text.n; i++)
		quoted_char_add(out, text.p[i]);
	buf_add_char(out, '"');
}

/* The first n bytes, or fewer, so that no UTF-8 sequence is cut in two. */
static struct slice
head_whole(struct slice text, size_t n)
{
	if (n >= text.n)
		return text;
	while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return slice_head(text, n);
}

struct option_shown
option_show(struct slice value)
{
	/* 60 bytes, two quotes, three dots and the NUL leave room for some escapes; when all are
	 * escapes of four bytes, 18 fit. */
	static const size_t lengths[] = {60, 18};
	struct option_shown shown;
	struct buf out;

	buf_init(&out, shown.text, sizeof(shown.text) - 1);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct slice head = head_whole(value, lengths[i]);

		buf_reset(&out);
		option_text_format(&out, head);
		if (head.n < value.n)
			buf_add_text(&out, "...");
		if (!out.over)
			break;
	}
	shown.text[out.n] = '\0';
	return shown;
}

static void
networks_format(struct buf *out, const struct net_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct net_cidr *cidr = &set->v[i];

		buf_add_text(out, i == 0 ? " " : ", ");
		if (cidr->bits == net_family_bits(cidr->addr.family))
			net_addr_format(out, &cidr->addr);
		else
			net_cidr_format(out, cidr);
	}
}

static void
addresses_format(struct buf *out, const struct address_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		buf_add_text(out, i == 0 ? " " : ", ");
		option_text_format(out, set->v[i]);
	}
}

static void
words_format(struct buf *out, const struct option_words *words)
{
	for (size_t i = 0; i < words->n; i++) {
		buf_add_text(out, i == 0 ? " " : ", ");
		option_text_format(out, slice_of(words->v[i]));
	}
}

static void
list_format(const struct option *row, const void *member, struct buf *out)
{
	size_t from;

	buf_add_char(out, '{');
	from = out->n;
	if (row->kind == OPTION_KIND_NETWORKS)
		networks_format(out, member);
	else if (row->kind == OPTION_KIND_ADDRESSES)
		addresses_format(out, member);
	else
		words_format(out, member);
	buf_add_text(out, out->n > from ? " }" : "}");
}

/* That a secret is empty is none. */
static void
text_format(const struct option *row, const char *text, struct buf *out)
{
	if (row->kind == OPTION_KIND_SECRET && text[0] != '\0')
		buf_add_text(out, "(hidden)");
	else
		option_text_format(out, slice_of(text));
}

static int64_t
value_of(const struct option *row, const void *member)
{
	if (row->kind == OPTION_KIND_BOOL)
		return *(const bool *)member;
	if (row->kind == OPTION_KIND_ENUM)
		return *(const int *)member;
	return *(const int64_t *)member;
}

void
option_format(const struct option *row, const void *section, struct buf *out)
{
	const void *member = option_at_const(row, section);

	if (option_is_list(row))
		list_format(row, member, out);
	else if (row->kind == OPTION_KIND_TEXT || row->kind == OPTION_KIND_SECRET)
		text_format(row, *(const char *const *)member, out);
	else
		option_value_format(row, value_of(row, member), out);
}

static bool
networks_equal(const struct net_set *a, const struct net_set *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (a->v[i].bits != b->v[i].bits || !net_addr_eq(&a->v[i].addr, &b->v[i].addr))
			return false;
	}
	return a->n == b->n;
}

static bool
addresses_equal(const struct address_set *a, const struct address_set *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (!slice_eq(a->v[i], b->v[i]))
			return false;
	}
	return a->n == b->n;
}

static bool
words_equal(const struct option_words *a, const struct option_words *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	}
	return a->n == b->n;
}

bool
option_equal(const struct option *row, const void *section_a, const void *section_b)
{
	const void *a = option_at_const(row, section_a);
	const void *b = option_at_const(row, section_b);

	switch (row->kind) {
	case OPTION_KIND_TEXT:
	case OPTION_KIND_SECRET:
		return strcmp(*(const char *const *)a, *(const char *const *)b) == 0;
	case OPTION_KIND_NETWORKS:
		return networks_equal(a, b);
	case OPTION_KIND_ADDRESSES:
		return addresses_equal(a, b);
	case OPTION_KIND_WORDS:
		return words_equal(a, b);
	default:
		return value_of(row, a) == value_of(row, b);
	}
}
