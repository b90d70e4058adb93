/*
 * dnsbl_rule.c - see dnsbl_rule.h: the table of zones.
 */
#include "policy/dnsbl_parts.h"

#include "policy/dns_name.h"

#include <assert.h>

/* Errors of one known zone. */
#define ERRORS_MAX 4

/* True when all that f has, the other has too. */
static bool
filter_within(const struct dnsbl_filter *f, const struct dnsbl_filter *other)
{
	for (size_t i = 0; i < 16; i++) {
		if ((f->octet[i / 4][i % 4] & ~other->octet[i / 4][i % 4]) != 0)
			return false;
	}
	return true;
}

/* Is there an answer that this rule could believe? */
static int
filter_check(const struct dnsbl_entry *e, const struct dnsbl_zone *z, const struct dnsbl_filter *f,
    struct err *err)
{
	static const char *const always[] = {"127.0.0.1", "127.255.255.[0..255]"};
	struct dnsbl_filter error;
	bool useless = false;

	for (size_t i = 0; i < 2; i++) {
		if (dnsbl_filter_parse(slice_of(always[i]), &error, NULL) == 0)
			useless = useless || filter_within(f, &error);
	}
	for (size_t i = 0; i < z->nerrors; i++)
		useless = useless || filter_within(f, &z->errors[i]);
	if (useless)
		return dnsbl_entry_fail(err, e,
		    "with these answers the zone complains of the question, "
		    "they list nobody and never score");
	return 0;
}

/* Understands the zone's own error codes; ours are right, so nothing can fail but memory. */
static int
errors_parse(struct dnsbl_zone *z, struct arena *a)
{
	struct slice rest = slice_of(z->known == NULL ? NULL : z->known->errors);
	struct dnsbl_filter *errors;
	struct slice word;

	if (rest.n == 0)
		return 0;
	errors = arena_alloc(a, ERRORS_MAX * sizeof(*errors));
	if (errors == NULL)
		return -1;
	for (word = dnsbl_word_next(&rest); word.n > 0; word = dnsbl_word_next(&rest)) {
		int status = dnsbl_filter_parse(word, &errors[z->nerrors], NULL);

		assert(status == 0 && z->nerrors < ERRORS_MAX);
		z->nerrors += status == 0;
	}
	z->errors = errors;
	return 0;
}

/* What the zone is called when nobody said: nothing that may hold a key, so of a preset at another
 * zone not that. */
static struct slice
name_default(const struct dnsbl_zone *z, const struct dnsbl_entry *e)
{
	if (z->known != NULL && dnsbl_known_has_key(z->known, z->zone))
		return slice_of(z->known->keyed);
	if (e->known != NULL && !slice_eq(z->zone, slice_of(e->known->zone)))
		return slice_of(e->known->preset);
	return z->zone;
}

static int
name_choose(
    const struct dnsbl_zone *z, const struct dnsbl_entry *e, struct buf *out, struct err *err)
{
	if (e->name.n == 0) {
		buf_add(out, name_default(z, e));
		return 0;
	}
	for (size_t i = 0; i < e->name.n; i++) {
		char c = ascii_lower(e->name.p[i]);

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) &&
		    !(i > 0 && memchr("-_.", c, 3) != NULL))
			return dnsbl_entry_fail(err, e,
			    "the name in front of the colon may have letters, "
			    "digits, and - _ . behind the first");
	}
	if (e->name.n > 64)
		return dnsbl_entry_fail(err, e, "the name in front of the colon is longer than 64");
	buf_add_lower(out, e->name);
	return 0;
}

/* Gives a zone that has none its name, or compares. */
static int
name_set(struct dnsbl_table *t, struct dnsbl_zone *z, struct arena *a, const struct dnsbl_entry *e,
    struct err *err)
{
	char storage[DNSBL_NAME_BYTES];
	struct buf name = BUF_OVER(storage);

	if (z->name != NULL && e->name.n == 0)
		return 0;
	if (name_choose(z, e, &name, err) != 0)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		if (&t->zones[i] != z && slice_eq(slice_of(t->zones[i].name), buf_slice(&name)))
			return dnsbl_entry_fail(err, e,
			    "another zone is called that already; give this one "
			    "a name: NAME:ZONE");
	}
	if (z->name != NULL && !slice_eq(slice_of(z->name), buf_slice(&name)))
		return dnsbl_entry_fail(err, e,
		    "an entry above calls this zone otherwise; name it there, in the first");
	if (z->name == NULL)
		z->name = arena_text(a, buf_slice(&name));
	return z->name != NULL ? 0 : err_set(err, ERR_NOMEM, "no memory for the DNS lists");
}

/* What the words say of the zone. */
static void
words_apply(struct dnsbl_zone *z, const struct dnsbl_entry *e)
{
	z->asks |= e->asks;
	z->no_test = z->no_test || e->no_test;
	if (e->share > 0)
		z->share = e->share;
}

/* A zone that is not in the table yet. -1: no memory. */
static int
zone_begin(struct dnsbl_zone *z, struct arena *a, const struct dnsbl_entry *e, struct slice name)
{
	struct dnsbl_entry usual = {.domains = e->domains};

	*z = (struct dnsbl_zone){.domains = e->domains, .zone = arena_copy(a, name)};
	z->known = e->known != NULL ? e->known : dnsbl_known_find(name);
	if (z->known != NULL && z->known->words != NULL && z->known->domains == e->domains) {
		(void)dnsbl_entry_words(&usual, slice_of(z->known->words), NULL);
		usual.asks = e->asks != 0 ? 0 : usual.asks;
		words_apply(z, &usual);
	}
	return z->zone.p == NULL ? -1 : errors_parse(z, a);
}

static int
zone_check(const struct dnsbl_entry *e, struct slice text, struct buf *out, struct err *err)
{
	if (dns_name_normalise(text, out) != 0 || slice_find(buf_slice(out), '.') == out->n)
		return dnsbl_entry_fail(err, e,
		    "there is no such zone: it must be a domain name, as in "
		    "\"zen.example=127.0.0.2*10\"");
	for (size_t i = 0; i < out->n; i++) {
		char c = out->p[i];

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && memchr("-_.", c, 3) == NULL)
			return dnsbl_entry_fail(err, e, "a zone is letters, digits, and - _ .");
	}
	return 0;
}

/* The zone of that entry, made if need be; NULL with the reason. */
static struct dnsbl_zone *
zone_make(struct dnsbl_table *t, struct arena *a, const struct dnsbl_entry *e, struct err *err)
{
	char storage[DNSBL_ZONE_MAX_BYTES];
	struct buf name = BUF_OVER(storage);
	struct dnsbl_zone *z = t->zones;

	if (zone_check(e, e->zone, &name, err) != 0)
		return NULL;
	while (z < t->zones + t->n &&
	       (z->domains != e->domains || !slice_eq(z->zone, buf_slice(&name))))
		z++;
	if (z == t->zones + DNSBL_ZONES_MAX) {
		(void)dnsbl_entry_fail(err, e, "more than 40 zones; nobody's mail needs so many");
		return NULL;
	}
	if (z == t->zones + t->n && zone_begin(z, a, e, buf_slice(&name)) != 0) {
		(void)err_set(err, ERR_NOMEM, "no memory for the DNS lists");
		return NULL;
	}
	return name_set(t, z, a, e, err) == 0 ? z : NULL;
}

static int
rule_add(struct dnsbl_table *t, struct dnsbl_zone *z, struct arena *a, struct dnsbl_entry *e,
    struct err *err)
{
	struct dnsbl_rule *rule = arena_alloc(a, sizeof(*rule));
	struct dnsbl_rule **last = &z->rules;

	if (rule == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the DNS lists");
	if (t->nrules == DNSBL_RULES_MAX)
		return dnsbl_entry_fail(err, e, "more than 256 rules for DNS lists");
	if (dnsbl_entry_rule(e, rule, err) != 0 || filter_check(e, z, &rule->filter, err) != 0)
		return -1;
	while (*last != NULL)
		last = &(*last)->next;
	*last = rule;
	z->allows = z->allows || rule->weight < 0;
	t->nrules++;
	return 0;
}

/* Questions that one message may cost. */
static size_t
questions(const struct dnsbl_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		unsigned asks = t->zones[i].asks & DNSBL_ASKS_NAMES;

		if (!t->zones[i].domains || asks == 0)
			n += t->zones[i].domains ? 3 : 1;
		for (; asks != 0; asks &= asks - 1) /* the bits of it */
			n++;
	}
	return n;
}

/* One entry with a zone and a tail. */
static int
entry_add(struct dnsbl_table *t, struct arena *a, struct dnsbl_entry *e, struct err *err)
{
	struct dnsbl_zone *z = zone_make(t, a, e, err);

	if (z == NULL || rule_add(t, z, a, e, err) != 0)
		return -1;
	if (z == t->zones + t->n)
		t->n++;
	words_apply(z, e);
	if (questions(t) > DNSBL_QUESTIONS_MAX)
		return dnsbl_entry_fail(err, e,
		    "all zones together would ask more than 64 questions for "
		    "one mail; a domain list asks up to three");
	return 0;
}

static int
preset_unknown(const struct dnsbl_entry *e, struct err *err)
{
	const struct dnsbl_known *nearest = dnsbl_known_nearest(e->preset);
	char storage[160];
	struct buf what = BUF_OVER(storage);

	buf_add_text(&what, "there is no such preset; ");
	if (nearest != NULL)
		buf_add_format(&what, "did you mean @%s?", nearest->preset);
	else
		buf_add_text(&what, "`gatepostctl dnsbl known` tells which there are");
	return dnsbl_entry_fail(err, e, buf_text(&what));
}

static int
preset_add(struct dnsbl_table *t, struct arena *a, struct dnsbl_entry *e, struct err *err)
{
	const struct dnsbl_known *known = dnsbl_known_preset(e->preset);

	if (known == NULL)
		return preset_unknown(e, err);
	if (known->domains != e->domains)
		return dnsbl_entry_fail(err, e,
		    known->domains ? "it lists domains: it belongs into domain_lists"
				   : "it lists addresses: it belongs into lists");
	e->known = known;
	if (e->zone.n == 0)
		e->zone = slice_of(known->zone);
	for (size_t i = 0; known->rules[i] != NULL; i++) {
		e->tail = slice_of(known->rules[i]);
		if (entry_add(t, a, e, err) != 0)
			return -1;
	}
	return 0;
}

struct dnsbl_table *
dnsbl_table_new(struct arena *a)
{
	return arena_alloc(a, sizeof(struct dnsbl_table));
}

int
dnsbl_table_add(
    struct dnsbl_table *table, struct arena *a, bool domains, struct slice entry, struct err *err)
{
	struct dnsbl_entry e;

	if (dnsbl_entry_parse(&e, entry, domains, err) != 0)
		return -1;
	return e.preset.n > 0 ? preset_add(table, a, &e, err) : entry_add(table, a, &e, err);
}

size_t
dnsbl_table_find(const struct dnsbl_table *table, struct slice name)
{
	size_t i = 0;

	while (i < table->n && !slice_eq_nocase(slice_of(table->zones[i].name), name))
		i++;
	return i;
}
