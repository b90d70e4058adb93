/*
 * select.c - see select.h.
 */
#include "select.h"

void
selector_init(struct selector *s)
{
	*s = (struct selector){.waiting = true, .passed = true};
}

/* The address as the keys have it: without what changes from message to message. */
static void
normal_make(struct select_field *field)
{
	struct address address = address_parse(field->text);

	field->normal[0] = '\0';
	if (address.null || slice_find(field->text, '@') < field->text.n)
		grey_address_format(field->normal, &address);
}

void
select_identity(struct select_field *field, const char *text)
{
	*field = (struct select_field){.kind = SELECT_TEXT, .text = slice_of(text)};
	if (net_addr_parse(field->text, &field->addr) == 0)
		field->kind = SELECT_ADDRESS;
}

void
select_mail_address(struct select_field *field, const char *text)
{
	*field = (struct select_field){.kind = SELECT_TEXT, .text = slice_of(text)};
	normal_make(field);
}

void
select_identity_exact(struct select_field *field, const char *text)
{
	select_identity(field, text);
	if (field->kind == SELECT_TEXT)
		field->kind = SELECT_EXACT;
}

void
select_mail_exact(struct select_field *field, const char *text)
{
	select_mail_address(field, text);
	field->kind = SELECT_EXACT;
}

int
select_state(struct selector *s, const char *text, struct err *err)
{
	if (text == NULL)
		return 0;
	s->waiting = strcmp(text, "waiting") == 0;
	s->passed = strcmp(text, "passed") == 0;
	if (s->waiting || s->passed)
		return 0;
	return err_set(err, ERR_INVALID, "--state %s: write waiting or passed", text);
}

void
select_operand(struct selector *s, const char *text)
{
	struct slice value = slice_of(text);
	struct net_cidr cidr;
	struct err err;

	selector_init(s);
	if (net_addr_parse(value, &s->identity.addr) == 0 ||
	    (slice_find(value, '/') < value.n && net_cidr_parse(value, &cidr, &err) == 0))
		select_identity_exact(&s->identity, text);
	else if (slice_find(value, '@') < value.n || slice_eq(value, slice_of("<>")))
		select_mail_exact(&s->either, text);
	else
		select_mail_address(&s->either, text);
}

/* '*' stands for any bytes, '?' for one; ASCII case aside. */
static bool
glob_matches(struct slice pattern, struct slice value)
{
	size_t p = 0, v = 0;
	size_t star = pattern.n; /* the last '*' passed … */
	size_t from = 0;         /* … and how far it reached into value */

	while (v < value.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = v;
		} else if (p < pattern.n && (pattern.p[p] == '?' || ascii_lower(pattern.p[p]) ==
									ascii_lower(value.p[v]))) {
			p++;
			v++;
		} else if (star < pattern.n) {
			p = star + 1;
			v = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static bool
text_has(struct slice value, struct slice text)
{
	for (size_t i = 0; i + text.n <= value.n; i++) {
		if (slice_eq_nocase(slice_make(value.p + i, text.n), text))
			return true;
	}
	return false;
}

static bool
network_has(struct slice value, const struct net_addr *addr)
{
	struct net_cidr cidr;
	struct err err;

	return net_cidr_parse(value, &cidr, &err) == 0 && net_cidr_has(&cidr, addr);
}

bool
select_field_has(const struct select_field *field, struct slice value)
{
	struct slice text = field->text;
	bool glob = slice_find(text, '*') < text.n || slice_find(text, '?') < text.n;

	if (field->kind == SELECT_ANY)
		return true;
	if (field->kind == SELECT_ADDRESS)
		return network_has(value, &field->addr);
	if (slice_eq_nocase(value, text) ||
	    (field->normal[0] != '\0' && slice_eq(value, slice_of(field->normal))))
		return true;
	if (field->kind == SELECT_EXACT)
		return false;
	return glob ? glob_matches(text, value) : text_has(value, text);
}

bool
selector_has(const struct selector *s, const struct store_grey_row *row)
{
	if (row->tuple.passed != 0 ? !s->passed : !s->waiting)
		return false;
	return select_field_has(&s->identity, row->identity) &&
	       select_field_has(&s->sender, row->sender) && select_field_has(&s->rcpt, row->rcpt) &&
	       (select_field_has(&s->either, row->sender) ||
		   select_field_has(&s->either, row->rcpt));
}
