/*
 * log_print.c - see log_print.h.
 */
#include "log_print.h"

#include "explain_print.h"
#include "policy/record_parts.h"
#include "words.h"

#include <stdlib.h>

/* How a field is shown. */
enum shape {
	SHAPE_TIME,
	SHAPE_TYPE,
	SHAPE_TEXT,
	SHAPE_TO,      /* the one recipient, or all */
	SHAPE_DID,     /* of what came back, on a terminal: what it was */
	SHAPE_SUBJECT, /* of a click, on a terminal: where it led */
	SHAPE_NUMBER,
};

/* The columns of the table; on a terminal only those with a title. The same in a pipe and in JSON. */
static const struct {
	const char *field;
	const char *title;
	enum shape shape;
} fields[] = {
    {"time", "when", SHAPE_TIME},
    {"account", "account", SHAPE_TEXT},
    {"type", "what", SHAPE_TYPE},
    {"from", "from", SHAPE_TEXT},
    {"rcpt", "to", SHAPE_TO},
    {"id", "queue id", SHAPE_TEXT},
    {"msg", "message", SHAPE_TEXT},
    {"subject", "subject", SHAPE_SUBJECT},
    {"did", "did", SHAPE_DID},
    {"skipped", "skipped", SHAPE_TEXT},
    {"reason", "reason", SHAPE_TEXT},
    {"to", "", SHAPE_TEXT},
    {"nrcpt", "", SHAPE_NUMBER},
    {"host", "", SHAPE_TEXT},
    {"return", "", SHAPE_TEXT},
    {"tag", "", SHAPE_TEXT},
    {"msgid", "", SHAPE_TEXT},
    {"bytes", "", SHAPE_NUMBER},
    {"client", "", SHAPE_TEXT},
    {"login", "", SHAPE_TEXT},
    {"by", "", SHAPE_TEXT},
    {"class", "", SHAPE_TEXT},
    {"category", "", SHAPE_TEXT},
    {"strength", "", SHAPE_TEXT},
    {"status", "", SHAPE_TEXT},
    {"mta", "", SHAPE_TEXT},
    {"link", "", SHAPE_NUMBER},
    {"url", "", SHAPE_TEXT},
    {"who", "", SHAPE_TEXT},
    {"why", "", SHAPE_TEXT},
    {"agent", "", SHAPE_TEXT},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

_Static_assert(FIELDS <= TABLE_COLUMNS_MAX, "all in one table");

struct log_event *
log_event_copy(const struct record *record)
{
	struct log_event *event = malloc(sizeof(*event) + record->used);

	if (event == NULL)
		return NULL;
	event->n = record->n;
	memcpy(event->bytes, record->bytes, record->used);
	for (size_t i = 0; i < record->n; i++) {
		struct slice value = record->v[i].value;

		event->v[i] = record->v[i];
		event->v[i].value.p = event->bytes + (value.p - record->bytes);
	}
	return event;
}

static struct slice
field_get(const struct record_field *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].name, name) == 0)
			return v[i].value;
	}
	return slice_make(NULL, 0);
}

struct slice
log_event_get(const struct log_event *event, const char *name)
{
	return field_get(event->v, event->n, name);
}

static enum out_style
type_style(struct slice type)
{
	static const struct {
		const char *type;
		enum out_style style;
	} styles[] = {{"sent", OUT_GOOD}, {"refused", OUT_BAD}, {"suppressed", OUT_WARNING},
	    {"bounced", OUT_BAD}, {"complained", OUT_BAD}, {"deferred", OUT_WARNING},
	    {"delivered", OUT_GOOD}, {"unsubscribed", OUT_WARNING}};

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		if (slice_eq(type, slice_of(styles[i].type)))
			return styles[i].style;
	}
	return OUT_NORMAL;
}

void
log_table_begin(struct table *t, struct out *out)
{
	static struct table_column columns[FIELDS];

	for (size_t i = 0; i < FIELDS; i++)
		columns[i] = (struct table_column){.title = fields[i].title,
		    .key = fields[i].field,
		    .hidden = fields[i].title[0] == '\0'};
	table_begin(t, out, columns, FIELDS);
}

static void
text_cell(struct table *t, enum out_style style, struct slice text)
{
	if (text.n > 0)
		table_text(t, style, text);
	else
		table_none(t);
}

/* "recipient hard 5.1.1": of a bounce or a delay why; "bot burst:5": of an opening or a click,
 * who did it, and how that is known; of others what they are: "auto-reply". */
static void
what_it_was(const struct log_event *event, struct buf *out)
{
	static const char *const parts[] = {"class", "strength", "status", "who", "why"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct slice part = log_event_get(event, parts[i]);

		if (part.n > 0 && out->n > 0)
			buf_add_char(out, ' ');
		buf_add(out, part);
	}
	if (log_event_get(event, "class").n == 0 && out->n == 0)
		buf_add(out, log_event_get(event, "category"));
}

void
log_table_row(struct table *t, const struct log_event *event, int64_t now_s)
{
	bool terminal = t->out->form == OUT_TERMINAL;
	char storage[128];
	struct buf was = BUF_OVER(storage);

	what_it_was(event, &was);
	for (size_t i = 0; i < FIELDS; i++) {
		struct slice value = log_event_get(event, fields[i].field);

		if (terminal && fields[i].shape == SHAPE_TO && value.n == 0)
			value = log_event_get(event, "to");
		if (terminal && fields[i].shape == SHAPE_DID && value.n == 0)
			value = buf_slice(&was);
		if (terminal && fields[i].shape == SHAPE_SUBJECT && value.n == 0)
			value = log_event_get(event, "url");
		if (fields[i].shape == SHAPE_TIME && value.n > 0)
			table_time(t, OUT_NORMAL, record_number(value), now_s);
		else if (fields[i].shape == SHAPE_NUMBER && value.n > 0)
			table_number(t, OUT_NORMAL, record_number(value));
		else
			text_cell(t, fields[i].shape == SHAPE_TYPE ? type_style(value) : OUT_NORMAL,
			    value);
	}
	table_row(t);
}

/* --- one message --- */

/* Of an event of one message: whom it is about, what it was, the link or the reason, and the program
 * that asked. */
struct event_parts {
	struct slice rcpt, was, text, agent;
	char was_storage[128];
};

static void
event_parts_get(const struct log_event *event, struct event_parts *parts_r)
{
	struct buf was = BUF_OVER(parts_r->was_storage);
	struct slice url = log_event_get(event, "url");

	what_it_was(event, &was);
	parts_r->rcpt = log_event_get(event, "rcpt");
	parts_r->was = buf_slice(&was);
	parts_r->text = url.n > 0 ? url : log_event_get(event, "reason");
	parts_r->agent = log_event_get(event, "agent");
}

static void
event_tell(struct out *out, const struct log_event *event, int64_t now_s)
{
	struct slice type = log_event_get(event, "type");
	struct event_parts parts;
	char storage[64];
	struct buf when = BUF_OVER(storage);

	event_parts_get(event, &parts);
	words_when(&when, record_number(log_event_get(event, "time")), now_s);
	out_slice(out, type_style(type), type);
	out_print(out, OUT_NORMAL, "  %s", buf_text(&when));
	for (size_t i = 0; i < 4; i++) {
		struct slice part = (const struct slice[]){
		    parts.rcpt, parts.was, parts.text, parts.agent}[i];

		if (part.n == 0)
			continue;
		out_print(out, OUT_NORMAL, "  ");
		out_slice(out, OUT_NORMAL, part);
	}
	out_print(out, OUT_NORMAL, "\n");
}

static void
message_tell(struct out *out, const struct store_message *message, const struct newest *events,
    int64_t now_s)
{
	const struct record *record = &message->fields;
	int64_t time_s = record_number(record_get(record, "time"));
	char storage[128];
	struct buf when = BUF_OVER(storage);

	words_clock(&when, time_s);
	buf_add_text(&when, ", ");
	words_when(&when, time_s, now_s);
	out_slice(out, OUT_BOLD, record_get(record, "msg"));
	out_print(out, OUT_NORMAL, "\n");
	explain_line(out, "when", buf_slice(&when));
	for (size_t i = 0; i < FIELDS; i++) {
		if (fields[i].shape != SHAPE_TIME && strcmp(fields[i].field, "msg") != 0 &&
		    strcmp(fields[i].field, "to") != 0)
			explain_line(out, fields[i].field, record_get(record, fields[i].field));
	}
	for (size_t i = 0; i < message->nrcpts; i++) {
		explain_label(out, i == 0 ? "rcpts" : "");
		out_slice(out, OUT_NORMAL, message->rcpts[i].address);
		out_print(out, OUT_NORMAL, "  ");
		out_slice(out, type_style(message->rcpts[i].state), message->rcpts[i].state);
		out_print(out, OUT_NORMAL, "\n");
	}
	for (size_t i = events->n; i > 0; i--) {
		explain_label(out, i == events->n ? "since" : "");
		event_tell(out, events->v[i - 1].thing, now_s);
	}
	if (message->ttl_s <= 0)
		return;
	buf_reset(&when);
	words_when(&when, now_s + message->ttl_s, now_s);
	explain_line(out, "forgotten", buf_slice(&when));
}

static void
event_row(struct out *out, const struct log_event *event)
{
	struct event_parts parts;

	event_parts_get(event, &parts);
	out_print(out, OUT_NORMAL, "event");
	for (size_t i = 0; i < 6; i++) {
		struct slice part = (const struct slice[]){log_event_get(event, "time"),
		    log_event_get(event, "type"), parts.rcpt, parts.was, parts.text,
		    parts.agent}[i];

		out_print(out, OUT_NORMAL, "\t");
		out_slice(out, OUT_NORMAL, part.n > 0 ? part : slice_of("-"));
	}
	out_print(out, OUT_NORMAL, "\n");
}

static void
message_rows(struct out *out, const struct store_message *message, const struct newest *events)
{
	for (size_t i = 0; i < FIELDS; i++) {
		struct slice value = record_get(&message->fields, fields[i].field);

		if (value.n == 0)
			continue;
		out_print(out, OUT_NORMAL, "%s\t", fields[i].field);
		out_slice(out, OUT_NORMAL, value);
		out_print(out, OUT_NORMAL, "\n");
	}
	for (size_t i = 0; i < message->nrcpts; i++) {
		out_print(out, OUT_NORMAL, "state\t");
		out_slice(out, OUT_NORMAL, message->rcpts[i].address);
		out_print(out, OUT_NORMAL, "\t");
		out_slice(out, OUT_NORMAL, message->rcpts[i].state);
		out_print(out, OUT_NORMAL, "\n");
	}
	for (size_t i = events->n; i > 0; i--)
		event_row(out, events->v[i - 1].thing);
}

static json_t *
value_json(enum shape shape, struct slice value)
{
	if (value.n == 0)
		return json_null();
	if (shape == SHAPE_TIME || shape == SHAPE_NUMBER)
		return json_integer((json_int_t)record_number(value));
	return out_json_text(value);
}

static json_t *
events_json(const struct newest *events)
{
	json_t *list = json_array();

	for (size_t i = events->n; i > 0; i--) {
		const struct log_event *event = events->v[i - 1].thing;
		json_t *object = json_object();

		for (size_t k = 0; k < FIELDS; k++)
			(void)json_object_set_new(object, fields[k].field,
			    value_json(fields[k].shape, log_event_get(event, fields[k].field)));
		(void)json_array_append_new(list, object);
	}
	return list;
}

static json_t *
message_json(const struct store_message *message, const struct newest *events, int64_t now_s)
{
	int64_t forgotten_s = now_s + message->ttl_s;
	json_t *object = json_object();
	json_t *states = json_array();

	for (size_t i = 0; i < FIELDS; i++)
		(void)json_object_set_new(object, fields[i].field,
		    value_json(fields[i].shape, record_get(&message->fields, fields[i].field)));
	for (size_t i = 0; i < message->nrcpts; i++) {
		json_t *state = json_object();

		(void)json_object_set_new(
		    state, "address", out_json_text(message->rcpts[i].address));
		(void)json_object_set_new(state, "state", out_json_text(message->rcpts[i].state));
		(void)json_array_append_new(states, state);
	}
	(void)json_object_set_new(object, "states", states);
	(void)json_object_set_new(object, "events", events_json(events));
	(void)json_object_set_new(object, "forgotten",
	    message->ttl_s > 0 ? json_integer((json_int_t)forgotten_s) : json_null());
	return object;
}

void
log_message_print(struct out *out, const struct store_message *message, const struct newest *events,
    int64_t now_s)
{
	if (out->form == OUT_JSON) {
		out_json(out, message_json(message, events, now_s), true);
		out_json_end(out, false);
	} else if (out->form == OUT_TERMINAL) {
		message_tell(out, message, events, now_s);
	} else {
		message_rows(out, message, events);
	}
}
