/*
 * dsn_status.c - RFC 3464 section 2: the fields of a report, for the message and per recipient.
 *
 * Groups are parted by empty lines, but some write one where none belongs, or none: so a recipient
 * begins where a field comes that the one before has already, or behind an empty line when that one
 * is whole, or when it begins with the original recipient, as it should.
 */
#include "policy/dsn_parts.h"

enum field {
	FIELD_OTHER,
	FIELD_ENVID,
	FIELD_REPORTING_MTA,
	FIELD_ORIGINAL,
	FIELD_FINAL,
	FIELD_ACTUAL, /* some have it in the place of the final one */
	FIELD_ACTION,
	FIELD_STATUS,
	FIELD_REMOTE_MTA,
	FIELD_DIAGNOSTIC,
	FIELDS,
};

static const char *const names[FIELDS] = {
    [FIELD_OTHER] = "",
    [FIELD_ENVID] = "Original-Envelope-Id",
    [FIELD_REPORTING_MTA] = "Reporting-MTA",
    [FIELD_ORIGINAL] = "Original-Recipient",
    [FIELD_FINAL] = "Final-Recipient",
    [FIELD_ACTUAL] = "X-Actual-Recipient",
    [FIELD_ACTION] = "Action",
    [FIELD_STATUS] = "Status",
    [FIELD_REMOTE_MTA] = "Remote-MTA",
    [FIELD_DIAGNOSTIC] = "Diagnostic-Code",
};

/* One recipient, as it is being read. */
struct group {
	struct slice value[FIELDS];
	bool has[FIELDS];
	bool gap; /* there was an empty line behind its final recipient */
};

static enum field
field_of(struct slice name)
{
	for (size_t i = 1; i < FIELDS; i++)
		if (slice_eq_nocase(name, slice_of(names[i])))
			return (enum field)i;
	return FIELD_OTHER;
}

static enum dsn_action
action_of(struct slice value)
{
	static const struct {
		const char *word;
		enum dsn_action action;
	} rows[] = {
	    {"failed", DSN_FAILED},
	    {"failure", DSN_FAILED},
	    {"error", DSN_FAILED},
	    {"fail", DSN_FAILED},
	    {"delayed", DSN_DELAYED},
	    {"deferred", DSN_DELAYED},
	    {"delivered", DSN_DELIVERED},
	    {"deliverable", DSN_DELIVERED},
	    {"relayed", DSN_RELAYED},
	    {"expanded", DSN_EXPANDED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (slice_starts_nocase(value, slice_of(rows[i].word)))
			return rows[i].action;
	return DSN_ACTION_NONE;
}

/* RFC 6533 section 3: "\x{HEX}" in an address of the type utf-8. */
static struct slice
utf8_unescape(struct arena *a, struct slice text)
{
	char *storage = slice_find(text, '\\') < text.n ? arena_alloc(a, text.n) : NULL;
	struct buf out;

	if (storage == NULL)
		return text;
	buf_init(&out, storage, text.n);
	for (size_t i = 0; i < text.n;) {
		struct slice rest = slice_from(text, i);
		size_t end = slice_find(slice_head(rest, 12), '}');
		uint32_t c = 0;

		if (!slice_starts(rest, slice_of("\\x{")) || end >= rest.n || rest.p[end] != '}') {
			buf_add_char(&out, text.p[i++]);
			continue;
		}
		for (size_t k = 3; k < end; k++) {
			char h = ascii_lower(rest.p[k]);

			c = c * 16 + (uint32_t)(ascii_is_digit(h) ? h - '0' : (h - 'a' + 10) & 15);
		}
		if (c < 0x80)
			buf_add_char(&out, (char)(c < 0x20 ? '?' : c));
		if (c >= 0x80 && c < 0x800)
			buf_add_char(&out, (char)(0xc0 | c >> 6));
		if (c >= 0x800)
			buf_add_char(&out, (char)(0xe0 | ((c >> 12) & 15)));
		if (c >= 0x800)
			buf_add_char(&out, (char)(0x80 | ((c >> 6) & 63)));
		if (c >= 0x80)
			buf_add_char(&out, (char)(0x80 | (c & 63)));
		i += end + 1;
	}
	return buf_slice(&out);
}

static struct slice
address_of(struct dsn_scan *s, struct slice value)
{
	struct slice address = dsn_address_clean(value);

	return slice_starts_nocase(value, slice_of("utf-8")) ? utf8_unescape(s->arena, address)
							     : address;
}

static void
addresses_set(struct dsn_scan *s, struct dsn_recipient *r, const struct group *g)
{
	struct slice final = address_of(s, g->value[FIELD_FINAL]);

	if (final.n == 0)
		final = address_of(s, g->value[FIELD_ACTUAL]);
	r->original = address_of(s, g->value[FIELD_ORIGINAL]);
	r->final = final;
	r->address = r->original.n > 0 ? r->original : final;
}

/* What is behind the type, "smtp; ". */
static struct slice
behind_type(struct slice value)
{
	size_t semicolon = slice_find(value, ';');
	struct slice type = slice_trim(slice_head(value, semicolon));

	return slice_find(type, ' ') == type.n && semicolon < value.n
		   ? slice_trim(slice_from(value, semicolon + 1))
		   : value;
}

static void
group_end(struct dsn_scan *s, struct group *g)
{
	struct dsn_recipient *r;

	if (g->has[FIELD_FINAL] || g->has[FIELD_ORIGINAL] ||
	    (g->has[FIELD_ACTION] && g->has[FIELD_STATUS])) {
		r = dsn_recipient_add(s);
		if (r != NULL) {
			addresses_set(s, r, g);
			r->action = action_of(g->value[FIELD_ACTION]);
			r->status = dsn_codes_find(g->value[FIELD_STATUS], '\0').status;
			r->diagnostic = behind_type(g->value[FIELD_DIAGNOSTIC]);
			r->remote_mta = behind_type(g->value[FIELD_REMOTE_MTA]);
		}
	}
	*g = (struct group){.value = {{NULL, 0}}};
}

void
dsn_status_read(struct dsn_scan *s)
{
	struct slice rest = s->statuses;
	struct group g = {.value = {{NULL, 0}}};

	while (rest.n > 0) {
		struct slice name, value;
		enum field field;

		if (!dsn_part_field_next(&rest, &name, &value)) {
			g.gap = g.has[FIELD_FINAL];
			if (g.has[FIELD_FINAL] && g.has[FIELD_ACTION] && g.has[FIELD_STATUS])
				group_end(s, &g);
			continue;
		}
		field = field_of(name);
		if (field == FIELD_ENVID)
			s->dsn->envid = value;
		else if (field == FIELD_REPORTING_MTA)
			s->dsn->reporting_mta = behind_type(value);
		if (field < FIELD_ORIGINAL)
			continue;
		if (g.has[field] || (g.gap && g.has[FIELD_FINAL] && field == FIELD_ORIGINAL))
			group_end(s, &g);
		g.has[field] = true;
		g.value[field] = value;
	}
	group_end(s, &g);
}
