/*
 * dnsbl_entry.c - see dnsbl_rule.h: the text of an entry, taken apart.
 */
#include "policy/dnsbl_parts.h"

/* Longer is no entry, and an error text shows this much of it. */
#define ENTRY_MAX_BYTES   600
#define ENTRY_SHOWN_BYTES 70

static const struct {
	const char *word;
	enum dnsbl_asks asks;
	bool domains;
} ask_words[] = {
    {"ipv4", DNSBL_ASKS_IPV4, false},
    {"ipv6", DNSBL_ASKS_IPV6, false},
    {"helo", DNSBL_ASKS_HELO, true},
    {"sender", DNSBL_ASKS_SENDER, true},
    {"rdns", DNSBL_ASKS_RDNS, true},
};

#define ASK_WORDS (sizeof(ask_words) / sizeof(ask_words[0]))

int
dnsbl_entry_fail(struct err *err, const struct dnsbl_entry *e, const char *what)
{
	return err_set(err, ERR_INVALID, "%.*s%s: %s",
	    SLICE_ARG(slice_head(e->text, ENTRY_SHOWN_BYTES)),
	    e->text.n > ENTRY_SHOWN_BYTES ? "..." : "", what);
}

/* Digits only; more than max, or none: -1. */
static int
number_parse(struct slice text, int max)
{
	int number = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (!ascii_is_digit(text.p[i]))
			return -1;
		number = number * 10 + (text.p[i] - '0');
		if (number > max)
			return -1;
	}
	return text.n > 0 ? number : -1;
}

/* ---- words behind the rule ---- */

static int
ask_word_take(struct dnsbl_entry *e, struct slice word, struct err *err)
{
	for (size_t i = 0; i < ASK_WORDS; i++) {
		if (!slice_eq_nocase(word, slice_of(ask_words[i].word)))
			continue;
		if (ask_words[i].domains != e->domains)
			return dnsbl_entry_fail(err, e,
			    e->domains
				? "ipv4 and ipv6 are for client lists; a domain list takes "
				  "helo, sender, rdns"
				: "helo, sender and rdns are for domain_lists; a client list "
				  "takes ipv4, ipv6");
		e->asks |= ask_words[i].asks;
		return 0;
	}
	return dnsbl_entry_fail(err, e,
	    "unknown word behind it; allowed are block, share=N, no-test, and ipv4, ipv6 (lists) "
	    "or "
	    "helo, sender, rdns (domain_lists)");
}

static int
word_take(struct dnsbl_entry *e, struct slice word, struct err *err)
{
	static const struct slice share = SLICE_LIT("share=");
	int percent;

	if (slice_eq_nocase(word, slice_of("block"))) {
		e->block = true;
		return 0;
	}
	if (slice_eq_nocase(word, slice_of("no-test"))) {
		e->no_test = true;
		return 0;
	}
	if (!slice_starts_nocase(word, share))
		return ask_word_take(e, word, err);
	percent = number_parse(slice_from(word, share.n), 100);
	if (percent < 1)
		return dnsbl_entry_fail(err, e, "share=N wants a percentage, 1 to 100");
	e->share = (unsigned)percent;
	return 0;
}

struct slice
dnsbl_word_next(struct slice *rest)
{
	struct slice word;
	size_t n = 0;

	*rest = slice_trim(*rest);
	while (n < rest->n && !ascii_is_space(rest->p[n]))
		n++;
	word = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return word;
}

int
dnsbl_entry_words(struct dnsbl_entry *e, struct slice words, struct err *err)
{
	struct slice word;

	for (word = dnsbl_word_next(&words); word.n > 0; word = dnsbl_word_next(&words)) {
		if (word_take(e, word, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the rule itself ---- */

static size_t
find_either(struct slice s, char a, char b)
{
	size_t at_a = slice_find(s, a);
	size_t at_b = slice_find(s, b);

	return at_a < at_b ? at_a : at_b;
}

int
dnsbl_entry_parse(struct dnsbl_entry *e, struct slice text, bool domains, struct err *err)
{
	struct slice rest = text;
	struct slice rule = dnsbl_word_next(&rest);
	size_t colon;

	*e = (struct dnsbl_entry){.text = slice_trim(text), .domains = domains};
	if (rule.n == 0)
		return dnsbl_entry_fail(err, e,
		    "there is no zone; \"zen.example=127.0.0.2*10\" is how "
		    "an entry looks");
	if (text.n > ENTRY_MAX_BYTES)
		return dnsbl_entry_fail(err, e, "it is too long");
	e->tail = slice_from(rule, find_either(rule, '=', '*'));
	rule = slice_head(rule, rule.n - e->tail.n);
	colon = slice_find(rule, ':');
	e->zone = slice_from(rule, colon + 1);
	if (rule.n > 0 && rule.p[0] == '@') {
		e->preset = slice_from(slice_head(rule, colon), 1);
		if (e->tail.n > 0)
			return dnsbl_entry_fail(err, e,
			    "a preset brings its own filters and weights; "
			    "write the zone itself to have others");
	} else if (colon < rule.n) {
		e->name = slice_head(rule, colon);
		if (e->name.n == 0)
			return dnsbl_entry_fail(err, e, "there is no name in front of the colon");
	} else {
		e->zone = rule;
	}
	return dnsbl_entry_words(e, rest, err);
}

int
dnsbl_entry_rule(const struct dnsbl_entry *e, struct dnsbl_rule *rule, struct err *err)
{
	size_t star = slice_find(e->tail, '*');
	struct slice filter = slice_from(slice_head(e->tail, star), 1);
	struct slice weight = slice_from(e->tail, star + 1);
	bool negative = weight.n > 0 && weight.p[0] == '-';
	struct err why;
	int number = DNSBL_WEIGHT_DEFAULT;

	if (star == 0 || e->tail.n == 0)
		filter = slice_of("127.0.0.[2..254]");
	if (dnsbl_filter_parse(filter, &rule->filter, &why) != 0)
		return dnsbl_entry_fail(err, e, why.text);
	if (star < e->tail.n)
		number = number_parse(slice_from(weight, negative ? 1 : 0), DNSBL_WEIGHT_MAX);
	if (number < 0)
		return dnsbl_entry_fail(err, e,
		    "the weight behind the * must be a whole number from "
		    "-1000 to 1000");
	rule->weight = negative ? -number : number;
	rule->block = e->block;
	if (rule->block && rule->weight < 0)
		return dnsbl_entry_fail(
		    err, e, "block and a negative weight exclude each other: is it an allowlist?");
	return 0;
}
