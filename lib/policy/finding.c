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
	new->weight = 0;
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
		score += f->v[i].kind == FINDING_SCORE ? f->v[i].weight : 0;
	return score;
}

void
findings_shadow(struct findings *f, size_t from)
{
	for (size_t i = from; i < f->n; i++) {
		if (f->v[i].kind != FINDING_DEFER && f->v[i].kind != FINDING_BLOCK)
			continue;
		f->v[i].would = answer_name(
		    f->v[i].kind == FINDING_DEFER ? ANSWER_DEFER : ANSWER_REJECT);
		f->v[i].kind = FINDING_NOTE;
	}
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
	const struct finding *cause = first_of(f, FINDING_BLOCK);

	if (cause != NULL)
		return (struct verdict){ANSWER_REJECT, cause};
	cause = first_of(f, FINDING_DEFER);
	if (cause != NULL)
		return (struct verdict){ANSWER_DEFER, cause};
	return (struct verdict){ANSWER_CONTINUE, NULL};
}

const char *
answer_name(enum answer answer)
{
	static const char *const names[] = {"accept", "defer", "reject"};

	return names[answer];
}
