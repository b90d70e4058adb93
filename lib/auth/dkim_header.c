/*
 * dkim_header.c - the header's fields on their way to libopendkim: see dkim_verify.h.
 */
#define _DEFAULT_SOURCE /* opendkim/dkim.h wants u_char */

#include "auth/dkim_parts.h"
#include "auth/dkim_signature.h"

#include <stdlib.h>

static bool
line_reserve(struct dkim_verify *v, size_t n)
{
	char *line;

	if (n <= v->line_cap)
		return true;
	line = realloc(v->line, n);
	if (line == NULL)
		return false;
	v->line = line;
	v->line_cap = n;
	return true;
}

/* "name:value" with its lines in CRLF, in v->line; returns its length. There is room for it. */
static size_t
line_write(char *line, struct slice name, struct slice value)
{
	size_t n = name.n;

	memcpy(line, name.p, name.n);
	line[n++] = ':';
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\n' && (i == 0 || value.p[i - 1] != '\r'))
			line[n++] = '\r';
		line[n++] = value.p[i];
	}
	return n;
}

/* False when libopendkim does not take the field. */
static bool
field_hand_over(struct dkim_verify *v, struct slice name, struct slice value)
{
	DKIM_STAT status;
	size_t n;

	if (!line_reserve(v, name.n + 1 + 2 * value.n)) {
		dkim_verify_settle(v, DKIM_VERDICT_TEMPERROR, "no memory");
		return false;
	}
	n = line_write(v->line, name, value);
	status = dkim_header(v->dkim, (u_char *)v->line, n);
	if (status == DKIM_STAT_NORESOURCE || status == DKIM_STAT_INTERNAL)
		dkim_verify_settle(v, DKIM_VERDICT_TEMPERROR, "no memory");
	return status == DKIM_STAT_OK;
}

static bool
limits_hold(struct dkim_verify *v, struct slice name, struct slice value)
{
	const struct dkim_limits *limits = &v->verifier->limits;

	v->fields++;
	v->header_bytes += name.n + value.n + 3; /* colon, CRLF */
	if (v->header_bytes > limits->max_header_bytes)
		dkim_verify_settle(v, DKIM_VERDICT_POLICY, "header too large");
	else if (v->fields > limits->max_fields)
		dkim_verify_settle(v, DKIM_VERDICT_POLICY, "too many header fields");
	else if (slice_find(value, '\0') < value.n || slice_find(name, ':') < name.n)
		dkim_verify_settle(v, DKIM_VERDICT_POLICY, "malformed header");
	else
		return true;
	return false;
}

/* A signature is handed over when nothing speaks against it. */
static void
signature_add(struct dkim_verify *v, struct slice name, struct slice value, bool alive)
{
	struct dkim_result *result = &v->results[v->n];
	struct dkim_check *check = &v->checks[v->n];

	if (v->n == v->verifier->limits.max_signatures) {
		v->skipped++;
		return;
	}
	dkim_signature_read(value, &v->verifier->limits, v->arena, result);
	v->n++;
	if (result->verdict != DKIM_VERDICT_NONE)
		return;
	if (!alive) {
		result->verdict = v->settled;
		result->reason = v->settled_reason;
		return;
	}
	/* libopendkim lists it even when it finds fault with it */
	check->handed = true;
	if (!field_hand_over(v, name, value) && result->verdict == DKIM_VERDICT_NONE) {
		result->verdict = DKIM_VERDICT_NEUTRAL;
		result->reason = "malformed signature";
	}
}

void
dkim_verify_header(struct dkim_verify *v, struct slice name, struct slice value)
{
	struct slice plain = slice_trim(name);
	bool alive = v->dkim != NULL && limits_hold(v, name, value);

	if (slice_eq_nocase(plain, slice_of("DKIM-Signature"))) {
		signature_add(v, name, value, alive);
		return;
	}
	v->has_from = v->has_from || slice_eq_nocase(plain, slice_of("From"));
	if (alive && name.n > 0)
		(void)field_hand_over(v, name, value);
}
