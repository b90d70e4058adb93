/*
 * account_match.c - see account_match.h.
 */
#include "policy/account_match.h"

#include <assert.h>

/* What an answer repeats of an address. */
#define SHOW_BYTES 100

static const char *const by_names[] = {"login", "network", "from", "header", "default", "none"};

const char *
account_by_name(enum account_by by)
{
	assert((size_t)by < sizeof(by_names) / sizeof(*by_names));
	return by_names[by];
}

static int
source_find(const char *word)
{
	for (int i = 0; i < ACCOUNT_SOURCES; i++) {
		if (slice_eq_nocase(slice_of(word), slice_of(by_names[i])))
			return i;
	}
	return -1;
}

int
account_precedence_parse(
    const struct option_words *words, struct account_precedence *precedence_r, struct err *err)
{
	struct account_precedence p = {.n = 0};
	unsigned seen = 0;

	for (size_t i = 0; i < words->n; i++) {
		int source = source_find(words->v[i]);

		if (source < 0 || (seen >> source & 1) != 0)
			return err_set(err, ERR_INVALID,
			    "\"%.40s\": write login, network and from in the order that counts, "
			    "each once",
			    words->v[i]);
		seen |= 1U << source;
		p.v[p.n++] = (enum account_by)source;
	}
	if (p.n == 0)
		return err_set(err, ERR_INVALID, "it names neither login, network nor from");
	*precedence_r = p;
	return 0;
}

static const struct account_choice *
froms_find(const struct account_map *map, const struct account_facts *facts)
{
	const struct account_choice *choice = NULL;

	for (size_t i = 0; i < facts->nfrom && choice == NULL; i++)
		choice = account_map_from(map, &facts->from[i]);
	return choice;
}

/* What the header asks for, if the choice has it. */
static const char *
header_pick(const struct account_choice *choice, struct slice wanted)
{
	for (size_t i = 0; i < choice->n; i++) {
		if (slice_eq_nocase(slice_of(choice->v[i]), wanted))
			return choice->v[i];
	}
	return NULL;
}

static void
header_apply(
    struct account_match *match, const struct account_choice *const *choices, struct slice wanted)
{
	/* FROM is not among them, whatever the precedence. */
	static const enum account_by trusted[] = {ACCOUNT_BY_LOGIN, ACCOUNT_BY_NETWORK};

	wanted = slice_trim(wanted);
	if (wanted.n == 0)
		return;
	for (size_t i = 0; i < sizeof(trusted) / sizeof(*trusted); i++) {
		const struct account_choice *choice = choices[trusted[i]];
		const char *name = choice == NULL ? NULL : header_pick(choice, wanted);

		if (name != NULL) {
			match->account = name;
			match->by = ACCOUNT_BY_HEADER;
			match->key = choice->key;
			return;
		}
	}
	match->header_refused = true;
}

struct account_match
account_match(const struct account_map *map, const struct account_precedence *precedence,
    const struct account_facts *facts, const char *fallback)
{
	struct account_match match = {.by = ACCOUNT_BY_NONE};
	const struct account_choice *choices[ACCOUNT_SOURCES] = {
	    [ACCOUNT_BY_LOGIN] = account_map_login(map, facts->login),
	    [ACCOUNT_BY_NETWORK] = account_map_network(map, facts->client),
	    [ACCOUNT_BY_FROM] = froms_find(map, facts),
	};

	for (size_t i = 0; i < ACCOUNT_SOURCES; i++) {
		match.candidates[i] = choices[i] == NULL ? NULL : choices[i]->v[0];
		match.keys[i] = choices[i] == NULL ? NULL : choices[i]->key;
	}
	for (size_t i = 0; i < precedence->n && match.account == NULL; i++) {
		enum account_by by = precedence->v[i];

		if (choices[by] == NULL)
			continue;
		match.account = match.candidates[by];
		match.key = match.keys[by];
		match.by = by;
	}
	if (match.account == NULL && fallback != NULL && fallback[0] != '\0') {
		match.account = fallback;
		match.by = ACCOUNT_BY_DEFAULT;
	}
	header_apply(&match, choices, facts->header);
	return match;
}

/* The candidates that the one was preferred to. */
static void
others_add(const struct account_match *match, struct buf *out)
{
	const char *between = ", before ";

	for (size_t i = 0; i < ACCOUNT_SOURCES; i++) {
		if (match->candidates[i] == NULL || match->keys[i] == match->key)
			continue;
		buf_add_format(out, "%s%s (%s)", between, match->keys[i], match->candidates[i]);
		between = " and ";
	}
}

void
account_match_words(const struct account_match *match, struct buf *out)
{
	switch (match->by) {
	case ACCOUNT_BY_NONE:
		buf_add_text(out, "no account: neither login, network nor From is in the map");
		break;
	case ACCOUNT_BY_DEFAULT:
		buf_add_format(out,
		    "%s: the default, since neither login, network nor From is in "
		    "the map",
		    match->account);
		break;
	case ACCOUNT_BY_HEADER:
		buf_add_format(out, "%s: the header asks for it, and %s allows it", match->account,
		    match->key);
		break;
	default:
		buf_add_format(out, "%s: %s says so", match->account, match->key);
		others_add(match, out);
		break;
	}
	if (match->header_refused)
		buf_add_text(out, "; the header asks for another, which neither the login nor the "
				  "network may use");
}

bool
account_may_write(const struct account *account, const struct account_map *map,
    const struct account_facts *facts, const struct address **wrong_r)
{
	struct slice name = slice_of(account->name);

	*wrong_r = NULL;
	if (!account->check_from)
		return true;
	for (size_t i = 0; i < facts->nfrom; i++) {
		const struct address *from = &facts->from[i];

		if (address_set_has(&account->from, from) ||
		    account_choice_has(account_map_from(map, from), name))
			continue;
		*wrong_r = from;
		return false;
	}
	return facts->nfrom > 0 && !facts->from_odd;
}

void
account_wrong_from_words(
    const struct account *account, const struct address *wrong, struct buf *out)
{
	if (wrong == NULL) {
		buf_add_format(
		    out, "the From field is not one that account %s may send", account->name);
		return;
	}
	buf_add_text(out, "account ");
	buf_add_text(out, account->name);
	buf_add_text(out, " may not use ");
	for (size_t i = 0; i < wrong->text.n && i < SHOW_BYTES; i++) {
		char c = wrong->text.p[i];

		buf_add_char(out, (char)(c > ' ' && c <= '~' ? c : '?'));
	}
	buf_add_text(out, " in From");
}
