/*
 * record.c - see record.h.
 */
#include "policy/record.h"

#include <assert.h>

static const struct slice cut_mark = SLICE_LIT("...");

/* Of decision records, then what only events have. */
static const struct slice names[] = {SLICE_LIT("code"), SLICE_LIT("time"), SLICE_LIT("host"),
    SLICE_LIT("id"), SLICE_LIT("action"), SLICE_LIT("client"), SLICE_LIT("name"), SLICE_LIT("helo"),
    SLICE_LIT("from"), SLICE_LIT("rcpt"), SLICE_LIT("nrcpt"), SLICE_LIT("rdns"), SLICE_LIT("dnsbl"),
    SLICE_LIT("spf"), SLICE_LIT("dkim"), SLICE_LIT("dmarc"), SLICE_LIT("score"),
    SLICE_LIT("limits"), SLICE_LIT("findings"), SLICE_LIT("reply"), SLICE_LIT("would"),
    SLICE_LIT("on_error"), SLICE_LIT("type"), SLICE_LIT("account"), SLICE_LIT("msg"),
    SLICE_LIT("to"), SLICE_LIT("return"), SLICE_LIT("subject"), SLICE_LIT("tag"),
    SLICE_LIT("msgid"), SLICE_LIT("bytes"), SLICE_LIT("login"), SLICE_LIT("by"), SLICE_LIT("did"),
    SLICE_LIT("skipped"), SLICE_LIT("reason"), SLICE_LIT("nth"), SLICE_LIT("person"),
    SLICE_LIT("link"), SLICE_LIT("url"), SLICE_LIT("who"), SLICE_LIT("why"), SLICE_LIT("agent"),
    SLICE_LIT("class"), SLICE_LIT("category"), SLICE_LIT("strength"), SLICE_LIT("status"),
    SLICE_LIT("mta")};

#define NAMES (sizeof(names) / sizeof(names[0]))

_Static_assert(NAMES <= RECORD_FIELDS_MAX, "a record holds one of each");

const char *
record_field_name(struct slice name)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (slice_eq(name, names[i]))
			return names[i].p;
	}
	return NULL;
}

void
record_init(struct record *record)
{
	record->n = 0;
	record->used = 0;
}

/* How many bytes the UTF-8 character (RFC 3629) at the front of s has: 1 to 4, or 0 when it is none,
 * or a control character (C0, DEL, C1), which a terminal might obey. */
static size_t
character_length(struct slice s)
{
	unsigned char lead = (unsigned char)s.p[0];
	unsigned char second = s.n > 1 ? (unsigned char)s.p[1] : 0;
	size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (n == 1)
		return lead >= ' ' && lead <= '~';
	if (lead < 0xc2 || lead > 0xf4 || s.n < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
	}
	/* C1; what could be said in fewer bytes; surrogates; beyond U+10FFFF */
	if ((lead == 0xc2 && second < 0xa0) || (lead == 0xe0 && second < 0xa0) ||
	    (lead == 0xed && second >= 0xa0) || (lead == 0xf0 && second < 0x90) ||
	    (lead == 0xf4 && second >= 0x90))
		return 0;
	return n;
}

/* How many bytes at the front of s are printable ASCII: of most values all. */
static size_t
plain_length(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= ' ' && s.p[n] <= '~')
		n++;
	return n;
}

/* Appends the value cleaned, as many whole characters as fit; returns whether all did. */
static bool
clean(struct buf *out, struct slice value)
{
	while (value.n > 0) {
		size_t room = out->cap - out->n;
		size_t n = plain_length(slice_head(value, room));

		if (n == 0)
			n = character_length(value);
		if ((n > 0 ? n : 1) > room)
			return false;
		if (n > 0)
			buf_add(out, slice_head(value, n));
		else
			buf_add_char(out, '?');
		value = slice_from(value, n > 0 ? n : 1);
	}
	return true;
}

void
record_add(struct record *record, const char *name, struct slice value)
{
	size_t room = sizeof(record->bytes) - record->used;
	struct buf out;

	assert(record_field_name(slice_of(name)) != NULL);
	if (room > RECORD_VALUE_BYTES)
		room = RECORD_VALUE_BYTES;
	if (value.n == 0 || record->n == RECORD_FIELDS_MAX || room <= cut_mark.n)
		return;
	buf_init(&out, record->bytes + record->used, room);
	if (value.n > room)
		out.cap -= cut_mark.n;
	if (!clean(&out, value)) {
		out.cap = room;
		buf_add(&out, cut_mark);
	}
	record->v[record->n++] = (struct record_field){name, buf_slice(&out)};
	record->used += out.n;
}

void
record_add_number(struct record *record, const char *name, int64_t value)
{
	char storage[24];
	struct buf digits = BUF_OVER(storage);

	buf_add_i64(&digits, value);
	record_add(record, name, buf_slice(&digits));
}

struct slice
record_get(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->n; i++) {
		if (strcmp(record->v[i].name, name) == 0)
			return record->v[i].value;
	}
	return slice_make(NULL, 0);
}
