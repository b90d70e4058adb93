/*
 * webhook_body.c - see webhook.h: an event as JSON (RFC 8259).
 */
#include "policy/keyring_time.h"
#include "policy/record_parts.h"
#include "policy/webhook.h"

/* A record holds nothing but UTF-8 without controls (record.h), so little is left to escape. */
static void
string_add(struct buf *out, struct slice s)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, s.p[i]);
	}
	buf_add_char(out, '"');
}

static void
member_add(struct buf *out, const char *name, struct slice value)
{
	buf_add_format(out, "\"%s\":", name);
	string_add(out, value);
}

/* Decimal digits as a number of JSON has them, small enough for any reader. */
static bool
is_number(const struct record_field *field)
{
	static const char *const names[] = {"time", "nrcpt", "bytes", "nth", "link"};
	bool digits = field->value.n > 0 && field->value.n <= 15 &&
		      (field->value.p[0] != '0' || field->value.n == 1);

	for (size_t i = 0; i < field->value.n; i++)
		digits = digits && ascii_is_digit(field->value.p[i]);
	for (size_t i = 0; digits && i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(field->name, names[i]) == 0)
			return true;
	}
	return false;
}

static void
data_add(struct buf *out, const struct record *event)
{
	buf_add_text(out, "\"data\":{");
	for (size_t i = 0; i < event->n; i++) {
		const struct record_field *field = &event->v[i];

		buf_add_text(out, i > 0 ? "," : "");
		if (is_number(field)) {
			buf_add_format(out, "\"%s\":", field->name);
			buf_add(out, field->value);
		} else {
			member_add(out, field->name, field->value);
		}
	}
	buf_add_char(out, '}');
}

void
webhook_body(struct buf *out, struct slice id, const struct record *event)
{
	int64_t time_s = record_number(record_get(event, "time"));
	char storage[64];
	struct buf stamp = BUF_OVER(storage);

	keyring_time_format(&stamp, time_s);
	buf_add_char(out, '{');
	member_add(out, "id", id);
	buf_add_char(out, ',');
	member_add(out, "type", record_get(event, "type"));
	buf_add_char(out, ',');
	member_add(out, "timestamp", buf_slice(&stamp));
	buf_add_char(out, ',');
	data_add(out, event);
	buf_add_char(out, '}');
}
