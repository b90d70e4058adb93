/*
 * finding.c - see finding.h.
 */
#include "policy/finding.h"

struct finding *
findings_add(struct findings *f, enum finding_kind kind, const char *check, const char *reason)
{
	struct finding *new;

	if (f->n == FINDINGS_MAX) {
		f->over = true;
		return NULL;
	}
	new = &f->v[f->n++];
	/* the text is left as it is but for its end: findings are made for every recipient */
	new->kind = kind;
	new->check = check;
	new->reason = reason;
	new->xcode = NULL;
	new->code = NULL;
	new->weight = 0;
	new->shadow = false;
	new->words = NULL;
	new->detail = NULL;
	new->would = NULL;
	new->wait_s = 0;
	new->delay_s = 0;
	new->text[0] = '\0';
	return new;
}

int
findings_score(const struct findings *f)
{
	int score = 0;

	for (size_t i = 0; i < f->n; i++)
		score += f->v[i].kind == FINDING_SCORE && !f->v[i].shadow ? f->v[i].weight : 0;
	return score;
}

int
findings_score_shadow(const struct findings *f)
{
	int score = 0;

	for (size_t i = 0; i < f->n; i++)
		score += f->v[i].kind == FINDING_SCORE ? f->v[i].weight : 0;
	return score;
}

/* What a kind of finding means by itself, from the one that matters most. */
static const struct {
	enum finding_kind kind;
	enum answer answer;
} decisive[] = {
    {FINDING_BLOCK, ANSWER_REJECT},
    {FINDING_DEFER, ANSWER_DEFER},
    {FINDING_DISCARD, ANSWER_DISCARD},
    {FINDING_QUARANTINE, ANSWER_QUARANTINE},
};

#define DECISIVE (sizeof(decisive) / sizeof(decisive[0]))

static void
finding_shadow(struct finding *f)
{
	f->shadow = f->kind == FINDING_SCORE;
	for (size_t i = 0; i < DECISIVE; i++) {
		if (f->kind == decisive[i].kind) {
			f->would = answer_name(decisive[i].answer);
			f->kind = FINDING_NOTE;
			return;
		}
	}
}

void
findings_shadow(struct findings *f, size_t from)
{
	for (size_t i = from; i < f->n; i++)
		finding_shadow(&f->v[i]);
}

static const struct finding *
first_of(const struct findings *f, enum finding_kind kind)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].kind == kind)
			return &f->v[i];
	}
	return NULL;
}

struct verdict
decide(const struct findings *f)
{
	for (size_t i = 0; i < DECISIVE; i++) {
		const struct finding *cause = first_of(f, decisive[i].kind);

		if (cause != NULL)
			return (struct verdict){decisive[i].answer, cause};
	}
	return (struct verdict){ANSWER_CONTINUE, NULL};
}

const char *
verdict_code(const struct verdict *verdict)
{
	const struct finding *cause = verdict->cause;
	const char *xcode = cause == NULL ? NULL : cause->xcode;

	if (verdict->answer >= ANSWER_DEFER && cause != NULL && cause->code != NULL)
		return cause->code;
	if (verdict->answer == ANSWER_REJECT)
		return "554";
	if (verdict->answer != ANSWER_DEFER)
		return "250";
	return xcode != NULL && strcmp(xcode, "4.5.3") == 0 ? "452" : "451";
}

const char *
answer_name(enum answer answer)
{
	static const char *const names[] = {
	    [ANSWER_CONTINUE] = "accept",
	    [ANSWER_QUARANTINE] = "quarantine",
	    [ANSWER_DISCARD] = "discard",
	    [ANSWER_DEFER] = "defer",
	    [ANSWER_REJECT] = "reject",
	};

	return names[answer];
}
