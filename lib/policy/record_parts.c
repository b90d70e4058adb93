/*
 * record_parts.c - see record_parts.h.
 */
#include "policy/record_parts.h"

/* Beyond this, nobody's score is. */
#define NUMBER_MAX INT64_C(1000000000000)

static const struct slice between = SLICE_LIT("; ");

/* Takes what is before the next "; " off *rest. */
static bool
entry_next(struct slice *rest, struct slice *entry_r)
{
	size_t n = 0;

	if (rest->n == 0)
		return false;
	while (n < rest->n && !slice_starts(slice_from(*rest, n), between))
		n++;
	*entry_r = slice_head(*rest, n);
	*rest = slice_from(*rest, n + between.n);
	return true;
}

/* Takes the first word off *text, with the blank behind it. */
static struct slice
word_take(struct slice *text)
{
	size_t n = slice_find(*text, ' ');
	struct slice word = slice_head(*text, n);

	*text = slice_from(*text, n + 1);
	return word;
}

/* The same from the end; empty when there is no blank. */
static struct slice
word_take_last(struct slice *text)
{
	size_t blank = slice_find_last(*text, ' ');
	struct slice word = slice_from(*text, blank + 1);

	if (blank == text->n)
		return slice_make(NULL, 0);
	*text = slice_head(*text, blank);
	return word;
}

bool
record_rcpt_next(struct slice *rest, struct record_rcpt *rcpt_r)
{
	struct slice entry, head;

	if (!entry_next(rest, &entry))
		return false;
	/* from the end: an address may hold blanks */
	*rcpt_r = (struct record_rcpt){.address = entry};
	head = entry;
	rcpt_r->word = word_take_last(&head);
	rcpt_r->answer = word_take_last(&head);
	if (rcpt_r->answer.n > 0)
		rcpt_r->address = head;
	else
		rcpt_r->word = slice_make(NULL, 0);
	return true;
}

bool
record_finding_next(struct slice *rest, struct record_finding *finding_r)
{
	struct slice entry;

	if (!entry_next(rest, &entry))
		return false;
	finding_r->check = word_take(&entry);
	finding_r->reason = word_take(&entry);
	finding_r->kind = word_take(&entry);
	finding_r->weight = record_number(word_take(&entry));
	finding_r->text = slice_trim(entry);
	return true;
}

bool
record_limit_next(struct slice *rest, struct record_limit *limit_r)
{
	struct slice word;
	size_t equals;

	*rest = slice_trim(*rest);
	if (rest->n == 0)
		return false;
	word = word_take(rest);
	equals = slice_find(word, '=');
	limit_r->name = slice_head(word, equals);
	limit_r->value = record_number(slice_from(word, equals + 1));
	return true;
}

int64_t
record_number(struct slice text)
{
	bool negative = text.n > 0 && text.p[0] == '-';
	int64_t number = 0;

	if (text.n > 0 && (negative || text.p[0] == '+'))
		text = slice_from(text, 1);
	for (size_t i = 0; i < text.n && ascii_is_digit(text.p[i]) && number < NUMBER_MAX; i++)
		number = number * 10 + (text.p[i] - '0');
	if (number > NUMBER_MAX)
		number = NUMBER_MAX;
	return negative ? -number : number;
}

void
record_match_init(struct record_match *m, struct slice text)
{
	struct net_addr addr;
	struct err err;

	*m = (struct record_match){.text = text};
	if (net_addr_parse(text, &addr) == 0)
		m->network = net_addr_network(&addr, net_family_bits(addr.family));
	else if (slice_find(text, '/') == text.n || net_cidr_parse(text, &m->network, &err) != 0)
		m->network.addr.family = NET_NONE;
}

static bool
client_is_meant(const struct record_match *m, struct slice client)
{
	struct net_addr addr;

	return net_addr_parse(client, &addr) == 0 && net_cidr_has(&m->network, &addr);
}

static bool
address_is_meant(const struct record_match *m, struct slice address)
{
	size_t at = slice_find_last(address, '@');

	if (m->text.n > 0 && m->text.p[0] == '@')
		return at < address.n && slice_eq_nocase(slice_from(address, at), m->text);
	return slice_eq_nocase(address, m->text);
}

static bool
rcpt_is_meant(const struct record_match *m, struct slice rcpts)
{
	struct record_rcpt rcpt;

	while (record_rcpt_next(&rcpts, &rcpt)) {
		if (address_is_meant(m, rcpt.address))
			return true;
	}
	return false;
}

bool
record_match_has(const struct record_match *m, const struct record *record)
{
	if (m->text.n == 0)
		return false;
	if (m->network.addr.family != NET_NONE)
		return client_is_meant(m, record_get(record, "client"));
	return record_has_code(record, m->text) || slice_eq(record_get(record, "id"), m->text) ||
	       address_is_meant(m, record_get(record, "from")) ||
	       rcpt_is_meant(m, record_get(record, "rcpt"));
}

static char
code_char(char c)
{
	c = ascii_lower(c);
	return (char)(c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c);
}

bool
record_has_code(const struct record *record, struct slice code)
{
	struct slice own = record_get(record, "code");

	if (own.n == 0 || own.n != code.n)
		return false;
	for (size_t i = 0; i < own.n; i++) {
		if (code_char(own.p[i]) != code_char(code.p[i]))
			return false;
	}
	return true;
}
