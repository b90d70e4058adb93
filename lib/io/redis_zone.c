/*
 * redis_zone.c - see redis_zone.h.
 */
#include "io/redis_zone.h"

#include "io/redis_command.h"
#include "io/redis_key.h"

static const struct {
	const char *name;
	size_t offset; /* in struct dnsbl_counts */
} counters[] = {
    {"asked", offsetof(struct dnsbl_counts, asked)},
    {"listed", offsetof(struct dnsbl_counts, listed)},
    {"decided", offsetof(struct dnsbl_counts, decided)},
    {"errors", offsetof(struct dnsbl_counts, errors)},
    {"timeouts", offsetof(struct dnsbl_counts, timeouts)},
};

#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

_Static_assert(COUNTERS + 1 == REDIS_ZONE_COMMANDS, "HSET, and an HINCRBY for each counter");

static void
text_set(struct buf *out, const char *field, const char *value)
{
	redis_command_text(out, field);
	redis_command_text(out, value);
}

static void
number_set(struct buf *out, const char *field, int64_t value)
{
	redis_command_text(out, field);
	redis_command_number(out, value);
}

static void
state_command(struct buf *out, struct slice key, const struct dnsbl_note *note)
{
	redis_command_begin(out, 2 + 2 * 7 + (note->ms >= 0 ? 2 : 0));
	redis_command_text(out, "HSET");
	redis_command_word(out, key);
	text_set(out, "state", note->state);
	number_set(out, "since", note->since_s);
	text_set(out, "reason", note->reason);
	text_set(out, "host", note->host);
	number_set(out, "seen", note->seen_s);
	text_set(out, "error", note->error);
	number_set(out, "error_at", note->error_s);
	if (note->ms >= 0)
		number_set(out, "ms", note->ms);
}

bool
redis_zone_command(struct buf *out, const char *prefix, const struct dnsbl_note *note, unsigned i)
{
	char storage[REDIS_PREFIX_BYTES + 16 + DNSBL_NAME_BYTES];
	struct buf key = BUF_OVER(storage);
	int64_t n;

	redis_key_dnsbl(&key, prefix, slice_of(note->name));
	if (i == 0) {
		if (note->state != NULL)
			state_command(out, buf_slice(&key), note);
		return note->state != NULL;
	}
	memcpy(&n, (const char *)&note->added + counters[i - 1].offset, sizeof(n));
	if (n == 0)
		return false;
	redis_command_begin(out, 4);
	redis_command_text(out, "HINCRBY");
	redis_command_word(out, buf_slice(&key));
	redis_command_text(out, counters[i - 1].name);
	redis_command_number(out, n);
	return true;
}

static void
text_read(char *out, size_t room, struct slice value)
{
	struct buf to;

	buf_init(&to, out, room);
	buf_add(&to, value);
	(void)buf_text(&to);
}

/* Up to 18 digits; what is no number counts as 0. */
static int64_t
number_read(struct slice value)
{
	int64_t number = 0;

	for (size_t i = 0; i < value.n && i < 18; i++) {
		if (!ascii_is_digit(value.p[i]))
			return 0;
		number = number * 10 + (value.p[i] - '0');
	}
	return number;
}

void
redis_zone_field(struct redis_zone_row *row, struct slice field, struct slice value)
{
	static const struct {
		const char *name;
		size_t offset;
		size_t room; /* 0: a number */
	} rows[] = {
	    {"state", offsetof(struct redis_zone_row, state), sizeof(row->state)},
	    {"reason", offsetof(struct redis_zone_row, reason), sizeof(row->reason)},
	    {"host", offsetof(struct redis_zone_row, host), sizeof(row->host)},
	    {"error", offsetof(struct redis_zone_row, error), sizeof(row->error)},
	    {"since", offsetof(struct redis_zone_row, since_s), 0},
	    {"seen", offsetof(struct redis_zone_row, seen_s), 0},
	    {"ms", offsetof(struct redis_zone_row, ms), 0},
	    {"error_at", offsetof(struct redis_zone_row, error_s), 0},
	};
	int64_t number = number_read(value);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *at = (char *)row + rows[i].offset;

		if (!slice_eq(field, slice_of(rows[i].name)))
			continue;
		if (rows[i].room > 0)
			text_read(at, rows[i].room, value);
		else
			memcpy(at, &number, sizeof(number));
	}
	for (size_t i = 0; i < COUNTERS; i++) {
		if (slice_eq(field, slice_of(counters[i].name)))
			memcpy((char *)&row->counts + counters[i].offset, &number, sizeof(number));
	}
}
