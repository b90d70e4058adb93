/*
 * score.c - see score.h.
 */
#include "policy/score.h"

/* ---- levels and actions ---- */

const char *const score_action_words[] = {
    [SCORE_ACTION_NONE] = "none",
    [SCORE_ACTION_HEADER] = "header",
    [SCORE_ACTION_PREFIX] = "prefix",
    [SCORE_ACTION_QUARANTINE] = "quarantine",
    [SCORE_ACTION_DISCARD] = "discard",
    [SCORE_ACTION_REJECT] = "reject",
    NULL,
};

int
score_limits_check(const struct score_limits *limits, struct err *err)
{
	const int64_t steps[] = {limits->low, limits->medium, limits->high};
	int64_t before = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (steps[i] != 0 && steps[i] <= before)
			return err_set(err, ERR_INVALID,
			    "low, medium and high must rise, as in 10, 20, 30; 0 turns one off");
		if (steps[i] != 0)
			before = steps[i];
	}
	return 0;
}

static bool
reaches(int64_t limit, int score)
{
	return limit > 0 && score >= limit;
}

bool
score_blocks(const struct score_limits *limits, int score)
{
	return reaches(limits->block, score);
}

struct score_result
score_judge(const struct score_limits *limits, int score)
{
	if (reaches(limits->high, score))
		return (struct score_result){SCORE_HIGH, (enum score_action)limits->high_action};
	if (reaches(limits->medium, score))
		return (struct score_result){
		    SCORE_MEDIUM, (enum score_action)limits->medium_action};
	if (reaches(limits->low, score))
		return (struct score_result){SCORE_LOW, (enum score_action)limits->low_action};
	return (struct score_result){SCORE_CLEAN, SCORE_ACTION_NONE};
}

const char *
score_level_name(enum score_level level)
{
	static const char *const names[] = {"clean", "low", "medium", "high"};

	return names[level];
}

/* ---- causes ---- */

static bool
is_cause(const struct finding *f)
{
	return f->kind == FINDING_BLOCK ||
	       (f->kind == FINDING_SCORE && !f->shadow && f->weight > 0);
}

/* True when a comes before b: what blocks before what scores, the heavier before the lighter. */
static bool
outweighs(const struct finding *a, const struct finding *b)
{
	if (a->kind != b->kind)
		return a->kind == FINDING_BLOCK;
	return a->kind == FINDING_SCORE && a->weight > b->weight;
}

/* The heaviest, in order, among equals the first. */
static size_t
causes_find(const struct findings *f, const struct finding *causes[SCORE_CAUSES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		size_t at;

		if (!is_cause(&f->v[i]))
			continue;
		if (n == SCORE_CAUSES_MAX && !outweighs(&f->v[i], causes[n - 1]))
			continue;
		at = n < SCORE_CAUSES_MAX ? n++ : n - 1;
		for (; at > 0 && outweighs(&f->v[i], causes[at - 1]); at--)
			causes[at] = causes[at - 1];
		causes[at] = &f->v[i];
	}
	return n;
}

/* ---- the sentence ---- */

static void
printable_add(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		buf_add_char(out, (char)(text.p[i] >= ' ' && text.p[i] <= '~' ? text.p[i] : '?'));
}

/* What a check wrote itself comes into its text: of SCORE the cause, of BLOCK a whole sentence. */
static const char *
cause_words(const struct finding *cause)
{
	if (cause->words != NULL)
		return cause->words;
	return cause->kind == FINDING_SCORE && cause->text[0] != '\0' ? cause->text : cause->reason;
}

/* Adds one cause whole, or nothing; but the first as far as there is room. */
static void
cause_add(struct buf *reason, const struct finding *cause)
{
	const char *words = cause_words(cause);
	size_t comma = reason->n > 0 ? 2 : 0;
	size_t room = reason->cap - reason->n;

	if (comma > 0 && strlen(words) + comma > room)
		return;
	if (comma > 0)
		buf_add_text(reason, ", ");
	printable_add(reason, slice_head(slice_of(words), room));
}

void
score_text(char out[FINDING_TEXT_BYTES], const struct findings *f, const char *code)
{
	static const struct slice begin = SLICE_LIT(
	    "Sending address not accepted due to spam filter (");
	const struct finding *causes[SCORE_CAUSES_MAX];
	size_t n = causes_find(f, causes);
	struct slice tail = slice_head(slice_of(code), FINDING_TEXT_BYTES / 4);
	struct buf text;
	struct buf reason;

	buf_init(&text, out, FINDING_TEXT_BYTES);
	buf_add(&text, begin);
	/* "; ", the code, ")" and the NUL */
	buf_init(&reason, out + text.n, FINDING_TEXT_BYTES - begin.n - tail.n - 4);
	for (size_t i = 0; i < n; i++)
		cause_add(&reason, causes[i]);
	if (reason.n == 0)
		buf_add_text(&reason, "score");
	text.n += reason.n;
	if (tail.n > 0)
		buf_add_text(&text, "; ");
	printable_add(&text, tail);
	buf_add_char(&text, ')');
	(void)buf_text(&text);
}

/* ---- the enhanced status code ---- */

/* RFC 7372 section 3, and what it says beside: with 5 refused, with 4 to be tried again. */
static const struct xcode {
	const char *permanent;
	const char *temporary;
	bool authentication; /* of the message, not of the host */
} xcodes[] = {
    {"5.7.1", "4.7.1", false}, {"5.7.20", "4.7.20", true}, /* no passing DKIM signature */
    {"5.7.21", "4.7.21", true},                            /* no acceptable DKIM signature */
    {"5.7.22", "4.7.22", true},  /* no valid author-matched DKIM signature */
    {"5.7.23", "4.7.23", true},  /* SPF validation failed */
    {"5.7.24", "4.7.24", true},  /* SPF validation error */
    {"5.7.25", "4.7.25", false}, /* reverse DNS validation failed */
    {"5.7.26", "4.7.26", true},  /* multiple authentication checks failed */
};

static const struct xcode *const xcode_policy = &xcodes[0];
static const struct xcode *const xcode_multiple = &xcodes[sizeof(xcodes) / sizeof(*xcodes) - 1];

static const struct xcode *
xcode_of(const struct finding *f)
{
	for (size_t i = 0; f->xcode != NULL && i < sizeof(xcodes) / sizeof(*xcodes); i++) {
		if (strcmp(f->xcode, xcodes[i].permanent) == 0 ||
		    strcmp(f->xcode, xcodes[i].temporary) == 0)
			return &xcodes[i];
	}
	return xcode_policy;
}

const char *
score_xcode(const struct findings *f, bool temporary)
{
	const struct finding *causes[SCORE_CAUSES_MAX];
	size_t n = causes_find(f, causes);
	const struct xcode *main_code = n == 0 ? xcode_policy : xcode_of(causes[0]);

	for (size_t i = 1; main_code->authentication && i < n; i++) {
		const struct xcode *other = xcode_of(causes[i]);

		if (other->authentication && other != main_code)
			main_code = xcode_multiple;
	}
	return temporary ? main_code->temporary : main_code->permanent;
}
