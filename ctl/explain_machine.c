/*
 * explain_machine.c - see explain_print.h: for programs.
 */
#include "explain_print.h"

#include "policy/explain.h"

/* How a field of a record is shown. */
enum shape {
	SHAPE_TEXT,
	SHAPE_NUMBER,
	SHAPE_RCPTS,
	SHAPE_FINDINGS,
	SHAPE_LIMITS,
};

static const struct {
	const char *name;
	const char *key; /* in JSON; in a pipe, the name of one entry */
	enum shape shape;
} fields[] = {
    {"code", "code", SHAPE_TEXT},
    {"time", "time", SHAPE_NUMBER},
    {"host", "host", SHAPE_TEXT},
    {"id", "id", SHAPE_TEXT},
    {"action", "action", SHAPE_TEXT},
    {"client", "client", SHAPE_TEXT},
    {"name", "name", SHAPE_TEXT},
    {"helo", "helo", SHAPE_TEXT},
    {"from", "from", SHAPE_TEXT},
    {"rcpt", "rcpts", SHAPE_RCPTS},
    {"nrcpt", "nrcpt", SHAPE_NUMBER},
    {"rdns", "rdns", SHAPE_TEXT},
    {"dnsbl", "dnsbl", SHAPE_TEXT},
    {"spf", "spf", SHAPE_TEXT},
    {"dkim", "dkim", SHAPE_TEXT},
    {"dmarc", "dmarc", SHAPE_TEXT},
    {"score", "score", SHAPE_NUMBER},
    {"limits", "limits", SHAPE_LIMITS},
    {"findings", "findings", SHAPE_FINDINGS},
    {"reply", "reply", SHAPE_TEXT},
    {"would", "would", SHAPE_TEXT},
    {"on_error", "on_error", SHAPE_TEXT},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* --- a pipe --- */

static void
row_print(struct out *out, const char *name, const struct slice *cells, size_t n)
{
	out_print(out, OUT_NORMAL, "%s", name);
	for (size_t i = 0; i < n; i++) {
		out_print(out, OUT_NORMAL, "\t");
		out_slice(out, OUT_NORMAL, cells[i].n > 0 ? cells[i] : slice_of("-"));
	}
	out_print(out, OUT_NORMAL, "\n");
}

static void
number_row(struct out *out, const char *name, struct slice first, int64_t number)
{
	char storage[24];
	struct buf digits = BUF_OVER(storage);

	buf_add_format(&digits, "%lld", (long long)number);
	row_print(out, name, (struct slice[]){first, buf_slice(&digits)}, 2);
}

static void
rcpt_rows(struct out *out, struct slice rest)
{
	struct record_rcpt r;

	while (record_rcpt_next(&rest, &r))
		row_print(out, "rcpt", (struct slice[]){r.address, r.answer, r.word}, 3);
}

static void
finding_rows(struct out *out, struct slice rest)
{
	struct record_finding f;

	while (record_finding_next(&rest, &f)) {
		char storage[24];
		struct buf weight = BUF_OVER(storage);

		buf_add_format(&weight, "%lld", (long long)f.weight);
		row_print(out, "finding",
		    (struct slice[]){f.check, f.reason, f.kind, buf_slice(&weight), f.text}, 5);
	}
}

static void
field_rows(struct out *out, size_t i, struct slice value)
{
	struct record_limit limit;

	switch (fields[i].shape) {
	case SHAPE_RCPTS:
		rcpt_rows(out, value);
		break;
	case SHAPE_FINDINGS:
		finding_rows(out, value);
		break;
	case SHAPE_LIMITS:
		while (record_limit_next(&value, &limit))
			number_row(out, "limit", limit.name, limit.value);
		break;
	case SHAPE_TEXT:
	case SHAPE_NUMBER:
		row_print(out, fields[i].name, &value, 1);
		break;
	}
}

void
explain_rows(struct out *out, const struct record *record)
{
	struct explain explain;

	for (size_t i = 0; i < FIELDS; i++) {
		struct slice value = record_get(record, fields[i].name);

		if (value.n > 0)
			field_rows(out, i, value);
	}
	explain_make(&explain, record);
	for (size_t i = 0; i < explain.n; i++) {
		struct slice text = slice_of(explain.v[i].text);

		row_print(out, "change", &text, 1);
	}
}

/* --- JSON --- */

static void
put(json_t *object, const char *key, struct slice text)
{
	(void)json_object_set_new(object, key, text.n > 0 ? out_json_text(text) : json_null());
}

static json_t *
rcpts_json(struct slice rest)
{
	json_t *array = json_array();
	struct record_rcpt r;

	while (record_rcpt_next(&rest, &r)) {
		json_t *object = json_object();

		put(object, "address", r.address);
		put(object, "answer", r.answer);
		put(object, "reason", r.word);
		(void)json_array_append_new(array, object);
	}
	return array;
}

static json_t *
findings_json(struct slice rest)
{
	json_t *array = json_array();
	struct record_finding f;

	while (record_finding_next(&rest, &f)) {
		json_t *object = json_object();

		put(object, "check", f.check);
		put(object, "reason", f.reason);
		put(object, "kind", f.kind);
		(void)json_object_set_new(object, "weight", json_integer((json_int_t)f.weight));
		put(object, "text", f.text);
		(void)json_array_append_new(array, object);
	}
	return array;
}

static json_t *
limits_json(struct slice rest)
{
	json_t *object = json_object();
	struct record_limit limit;

	while (record_limit_next(&rest, &limit)) {
		char name[32];
		struct buf key = BUF_OVER(name);

		out_escape(&key, slice_head(limit.name, sizeof(name) / 5));
		(void)json_object_set_new(
		    object, buf_text(&key), json_integer((json_int_t)limit.value));
	}
	return object;
}

static json_t *
changes_json(const struct record *record)
{
	json_t *array = json_array();
	struct explain explain;

	explain_make(&explain, record);
	for (size_t i = 0; i < explain.n; i++)
		(void)json_array_append_new(array, out_json_text(slice_of(explain.v[i].text)));
	return array;
}

static json_t *
field_json(size_t i, struct slice value)
{
	switch (fields[i].shape) {
	case SHAPE_RCPTS:
		return rcpts_json(value);
	case SHAPE_FINDINGS:
		return findings_json(value);
	case SHAPE_LIMITS:
		return limits_json(value);
	case SHAPE_NUMBER:
		return value.n > 0 ? json_integer((json_int_t)record_number(value)) : json_null();
	case SHAPE_TEXT:
		break;
	}
	return value.n > 0 ? out_json_text(value) : json_null();
}

json_t *
explain_json(const struct record *record)
{
	json_t *object = json_object();

	for (size_t i = 0; i < FIELDS; i++)
		(void)json_object_set_new(
		    object, fields[i].key, field_json(i, record_get(record, fields[i].name)));
	(void)json_object_set_new(object, "changes", changes_json(record));
	return object;
}
