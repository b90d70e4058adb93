/*
 * bounce_class.c - see bounce_class.h.
 *
 * Phrases are looked for at the beginning of each word only, by their first bytes; the text is read
 * once, and each rule that begins like it is compared there, within a window of bounded length.
 */
#include "policy/bounce_parts.h"

/* A text, and what its phrases are looked for in. */
struct match {
	const struct bounce_table *table;
	const struct bounce_facts *facts;
	struct slice words;
	bool has_status;
	uint16_t status[3];
	size_t work; /* comparisons so far */
};

static bool
is_edge(struct slice words, size_t at)
{
	return at >= words.n || words.p[at] == ' ' || words.p[at] == '.';
}

/* Where the piece ends that begins at `at`, or 0: it does not. */
static size_t
piece_at(struct slice words, size_t at, struct slice piece)
{
	for (size_t i = 0; i < piece.n; i++) {
		if (piece.p[i] == '~') {
			while (at < words.n &&
			       (utf8_is_letter(words.p[at]) || ascii_is_digit(words.p[at])))
				at++;
			continue;
		}
		if (at >= words.n || words.p[at] != piece.p[i])
			return 0;
		at++;
	}
	return is_edge(words, at) ? at : 0;
}

/* The same, beginning anywhere from `at` to as far as a gap may be. */
static size_t
piece_behind(struct slice words, size_t at, struct slice piece)
{
	size_t last = at + BOUNCE_GAP_BYTES;

	for (; at < words.n && at <= last; at++) {
		size_t end = is_edge(words, at - 1) ? piece_at(words, at, piece) : 0;

		if (end > 0)
			return end;
	}
	return 0;
}

static bool
phrase_at(struct match *m, size_t at, const struct bounce_rule *rule)
{
	size_t end = piece_at(m->words, at, rule->piece[0]);

	for (size_t i = 1; i < rule->npieces && end > 0; i++) {
		m->work += BOUNCE_GAP_BYTES;
		end = piece_behind(m->words, end + 1, rule->piece[i]);
	}
	return end > 0;
}

bool
bounce_phrase_in(struct slice words, struct slice phrase)
{
	struct slice first = slice_trim(slice_head(phrase, slice_find(phrase, '*')));
	struct slice rest = slice_from(phrase, slice_find(phrase, '*') + 1);

	for (size_t at = 0; first.n > 0 && at + first.n <= words.n + 1; at++) {
		const char *found = memchr(words.p + at, first.p[0], words.n - at);
		size_t end;

		if (found == NULL)
			return false;
		at = (size_t)(found - words.p);
		end = at == 0 || is_edge(words, at - 1) ? piece_at(words, at, first) : 0;
		if (end > 0 && (rest.n == 0 || piece_behind(words, end + 1, slice_trim(rest)) > 0))
			return true;
	}
	return false;
}

static bool
when_holds(const struct match *m, const struct bounce_when *when)
{
	if (when->kind == BOUNCE_WHEN_DATA)
		return m->facts->after_data;
	if (when->kind == BOUNCE_WHEN_REPLY)
		return m->facts->reply == when->number[0];
	for (size_t i = 0; i < 3; i++)
		if (when->number[i] != BOUNCE_ANY && when->number[i] != m->status[i])
			return false;
	return m->has_status;
}

static bool
rule_allows(const struct match *m, const struct bounce_rule *rule)
{
	bool holds = rule->nwhen == 0;

	for (size_t i = 0; i < rule->nwhen && !holds; i++)
		holds = when_holds(m, &rule->when[i]);
	return holds;
}

/* The first rule whose phrase is in the text; n: none. */
static size_t
rule_by_text(struct match *m)
{
	size_t best = m->table->n;

	for (size_t at = 0; at + BOUNCE_KEY_BYTES <= m->words.n; at++) {
		size_t i;

		if (at > 0 && !is_edge(m->words, at - 1))
			continue;
		i = m->table->bucket[bounce_bucket(m->words.p + at)];
		while (i > 0 && i <= best) {
			const struct bounce_rule *rule = &m->table->rules[i - 1];

			m->work++;
			if (rule_allows(m, rule) && phrase_at(m, at, rule))
				best = i - 1;
			i = rule->next;
		}
	}
	return best;
}

/* The first rule without a phrase that fits, before the one that was found. */
static size_t
rule_by_code(const struct match *m, size_t before)
{
	for (size_t i = 0; i < before; i++) {
		const struct bounce_rule *rule = &m->table->rules[i];

		if (rule->npieces == 0 && (!rule->any_words || m->words.n > 0) &&
		    rule_allows(m, rule))
			return i;
	}
	return before;
}

void
bounce_classify(const struct bounce_table *table, const struct bounce_facts *facts,
    struct bounce_verdict *verdict_r)
{
	char storage[BOUNCE_TEXT_MAX_BYTES];
	struct buf words = BUF_OVER(storage);
	struct match m = {.table = table, .facts = facts};
	const struct bounce_rule *rule;
	size_t i;

	bounce_words(&words, facts->text);
	m.words = buf_slice(&words);
	m.has_status = bounce_status_parse(facts->status, false, m.status);
	*verdict_r = (struct bounce_verdict){.permanent = facts->permanent,
	    .category = slice_of("unknown"),
	    .rank = table->n,
	    .after_data = facts->after_data};
	i = rule_by_code(&m, rule_by_text(&m));
	verdict_r->work = m.words.n + m.work;
	if (i == table->n)
		return;
	rule = &table->rules[i];
	verdict_r->class = rule->class;
	verdict_r->hard = rule->hard && facts->permanent;
	verdict_r->by_text = rule->npieces > 0 || rule->any_words;
	verdict_r->category = rule->category;
	verdict_r->rank = i;
	verdict_r->source = rule->source;
	verdict_r->line = rule->line;
}

bool
bounce_gives_up(const struct bounce_verdict *verdict)
{
	return verdict->class == BOUNCE_RECIPIENT && verdict->hard && verdict->permanent;
}
