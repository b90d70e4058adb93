/*
 * bounce_rule.c - one rule of bounce_class.h, read from its line.
 */
#include "policy/bounce_parts.h"

bool
bounce_status_parse(struct slice text, bool any, uint16_t number_r[3])
{
	for (size_t i = 0; i < 3; i++) {
		struct slice part = slice_head(text, slice_find(text, '.'));
		unsigned number = 0;

		if (part.n == 0 || part.n > 3 || (i < 2 && part.n == text.n))
			return false;
		text = slice_from(text, part.n + (i < 2));
		if (any && i > 0 && slice_eq(part, slice_of("*"))) {
			number_r[i] = BOUNCE_ANY;
			continue;
		}
		for (size_t k = 0; k < part.n; k++) {
			if (!ascii_is_digit(part.p[k]))
				return false;
			number = number * 10 + (unsigned)(part.p[k] - '0');
		}
		number_r[i] = (uint16_t)number;
	}
	return text.n == 0 && (number_r[0] == 2 || number_r[0] == 4 || number_r[0] == 5);
}

/* The word at the beginning of *rest, which then begins with the next one. */
static struct slice
word_next(struct slice *rest)
{
	size_t n = 0;
	struct slice word;

	while (n < rest->n && !ascii_is_space(rest->p[n]))
		n++;
	word = slice_head(*rest, n);
	*rest = slice_trim(slice_from(*rest, n));
	return word;
}

static bool
reply_parse(struct slice text, struct bounce_when *when_r)
{
	if (text.n != 3 || (text.p[0] != '4' && text.p[0] != '5') || !ascii_is_digit(text.p[1]) ||
	    !ascii_is_digit(text.p[2]))
		return false;
	when_r->kind = BOUNCE_WHEN_REPLY;
	when_r->number[0] = (uint16_t)((text.p[0] - '0') * 100 + (text.p[1] - '0') * 10 +
				       (text.p[2] - '0'));
	return true;
}

static int
when_parse(struct slice text, struct bounce_rule *rule, struct err *err)
{
	if (slice_eq(text, slice_of("*")))
		return 0;
	while (text.n > 0) {
		struct slice one = slice_head(text, slice_find(text, ','));
		struct bounce_when when = {.kind = BOUNCE_WHEN_STATUS};

		text = slice_from(text, one.n + 1);
		if (rule->nwhen == BOUNCE_WHENS_MAX)
			return err_set(err, ERR_LIMIT, "more than %d codes", BOUNCE_WHENS_MAX);
		if (slice_eq(one, slice_of("data")))
			when.kind = BOUNCE_WHEN_DATA;
		else if (!reply_parse(one, &when) && !bounce_status_parse(one, true, when.number))
			return err_set(err, ERR_INVALID,
			    "\"%.*s\" is no code: 550, 5.1.1, 5.1.*, data, or * for all",
			    SLICE_ARG(slice_head(one, 40)));
		rule->when[rule->nwhen++] = when;
	}
	return 0;
}

/* Is that how bounce_words() writes? A word may end in "~". */
static bool
piece_is_plain(struct slice piece)
{
	for (size_t i = 0; i < piece.n; i++) {
		char c = piece.p[i], next = (char)(i + 1 < piece.n ? piece.p[i + 1] : ' ');
		bool upper = c >= 'A' && c <= 'Z';
		bool good = (utf8_is_letter(c) && !upper) || ascii_is_digit(c) ||
			    (i > 0 && memchr(".-_", c, 3) != NULL) || (c == ' ' && next != ' ') ||
			    (c == '~' && i > 0 && next == ' ');

		if (!good)
			return false;
	}
	return true;
}

static int
phrase_parse(struct slice phrase, struct bounce_rule *rule, struct err *err)
{
	rule->any_words = slice_eq(phrase, slice_of("*"));
	if (rule->any_words || slice_eq(phrase, slice_of("-")))
		return 0;
	for (;;) {
		size_t n = 0;

		while (n < phrase.n && phrase.p[n] != '*')
			n++;
		if (n < phrase.n && (n == 0 || phrase.p[n - 1] != ' '))
			return err_set(err, ERR_INVALID, "a * stands alone, with blanks around it");
		if (rule->npieces == BOUNCE_PIECES_MAX)
			return err_set(err, ERR_LIMIT, "more than %d parts", BOUNCE_PIECES_MAX);
		rule->piece[rule->npieces++] = slice_trim(slice_head(phrase, n));
		if (!piece_is_plain(rule->piece[rule->npieces - 1]))
			return err_set(err, ERR_INVALID,
			    "a phrase has small letters, digits, single blanks, ~ at the end of a "
			    "word");
		if (rule->piece[rule->npieces - 1].n == 0)
			return err_set(err, ERR_INVALID, "nothing before or behind a *");
		if (n == phrase.n)
			break;
		phrase = slice_from(phrase, n + 1);
	}
	/* two letters do where a blank and a gap follow */
	if (rule->piece[0].n + (rule->npieces > 1) < BOUNCE_KEY_BYTES ||
	    memchr(rule->piece[0].p, '~', BOUNCE_KEY_BYTES) != NULL)
		return err_set(err, ERR_INVALID,
		    "a phrase begins with %d letters at least, and no ~ among them",
		    BOUNCE_KEY_BYTES);
	return 0;
}

int
bounce_rule_parse(struct slice line, struct bounce_rule *rule_r, struct err *err)
{
	struct slice rest = slice_trim(line);
	struct slice class = word_next(&rest);
	struct slice strength = word_next(&rest);
	struct slice when;

	*rule_r = (struct bounce_rule){.class = bounce_class_of(class)};
	rule_r->category = word_next(&rest);
	when = word_next(&rest);
	if (rest.n == 0)
		return err_set(err, ERR_INVALID,
		    "five words are wanted: CLASS hard|soft CATEGORY WHEN PHRASE");
	if (rule_r->class == BOUNCE_CLASSES)
		return err_set(
		    err, ERR_INVALID, "\"%.*s\" is no class", SLICE_ARG(slice_head(class, 40)));
	rule_r->hard = slice_eq(strength, slice_of("hard"));
	if (!rule_r->hard && !slice_eq(strength, slice_of("soft")))
		return err_set(err, ERR_INVALID, "\"%.*s\" is neither hard nor soft",
		    SLICE_ARG(slice_head(strength, 40)));
	if (rule_r->hard && rule_r->class != BOUNCE_RECIPIENT)
		return err_set(err, ERR_INVALID, "only the class recipient can be hard");
	if (when_parse(when, rule_r, err) != 0 || phrase_parse(rest, rule_r, err) != 0)
		return -1;
	if (rule_r->nwhen == 0 && rule_r->npieces == 0)
		return err_set(err, ERR_INVALID, "a rule with neither code nor phrase fits all");
	return 0;
}
