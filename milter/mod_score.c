/*
 * mod_score.c - the sum of what the checks found: refused at RCPT, marked or more at end of message.
 * The arithmetic and the words are in lib/policy/score.h.
 */
#include "authres_conf.h"
#include "mail/subject.h"
#include "modules.h"
#include "score_conf.h"

#define SCORE_MAX    10000
#define PREFIX_BYTES 60

static int
score_check_section(const void *section, struct err *err)
{
	return score_limits_check(&((const struct score_conf *)section)->limits, err);
}

static int
prefix_check(const char *value, struct err *err)
{
	for (const char *c = value; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(err, ERR_INVALID, "a subject holds no control characters");
	}
	return 0;
}

#define LIMIT(member, name, def, help)                                                             \
	OPTION_NUMBER(struct score_conf, limits.member, name, def, 0, SCORE_MAX, help)
#define ACTION(member, name, def, help)                                                            \
	OPTION_ENUM(struct score_conf, limits.member, name, def, score_action_words, help)

static const struct option options[] = {
    LIMIT(block, "smtp_block", "30", "Refuse a recipient from this score on; 0: never."),
    LIMIT(low, "low", "10", "End of message: from this score on it is \"low\"; 0: never."),
    LIMIT(medium, "medium", "20", "… \"medium\"; 0: never."),
    LIMIT(high, "high", "30", "… \"high\"; 0: never."),
    ACTION(low_action, "low_action", "header",
	"What is done with it: none, header, prefix (the subject), quarantine, discard, reject."),
    ACTION(medium_action, "medium_action", "prefix", "The same for \"medium\"."),
    ACTION(high_action, "high_action", "reject", "The same for \"high\"."),
    OPTION_TEXT(struct score_conf, prefix, "prefix", "[SPAM?]", 1, PREFIX_BYTES, prefix_check,
	"What \"prefix\" puts in front of the subject."),
    OPTION_BOOL(struct score_conf, module.shadow, "shadow", "no",
	"Refuse, hold and discard nothing for the score, but log and count what would have been. "
	"What other sections refuse by themselves they do (see their shadow)."),
    OPTION_END,
};

const struct conf_section score_section = {
    .name = "score",
    .help = "What the checks add up to.",
    .options = options,
    .size = sizeof(struct score_conf),
    .check = score_check_section,
};

static void
block_add(struct findings *findings, const struct txn *txn, const char *reason)
{
	char text[FINDING_TEXT_BYTES];
	const char *xcode = score_xcode(findings, false);
	struct finding *f;

	score_text(text, findings, txn->code);
	f = findings_add(findings, FINDING_BLOCK, mod_score.name, reason);
	if (f == NULL)
		return;
	f->xcode = xcode;
	memcpy(f->text, text, sizeof(text));
}

/* What it had been, but for the checks in shadow mode. */
static void
shadow_add(struct findings *findings, enum answer would)
{
	struct finding *f = findings_add(findings, FINDING_NOTE, mod_score.name, "shadow");

	if (f != NULL)
		f->would = answer_name(would);
}

static void
check_rcpt(const struct score_conf *c, const struct txn *txn, struct findings *findings)
{
	if (score_blocks(&c->limits, findings_score(findings)))
		block_add(findings, txn, "score"); /* "block" is the word of a DNS list */
	else if (score_blocks(&c->limits, findings_score_shadow(findings)))
		shadow_add(findings, ANSWER_REJECT);
}

static enum answer
answer_of(enum score_action action)
{
	switch (action) {
	case SCORE_ACTION_QUARANTINE:
		return ANSWER_QUARANTINE;
	case SCORE_ACTION_DISCARD:
		return ANSWER_DISCARD;
	case SCORE_ACTION_REJECT:
		return ANSWER_REJECT;
	default:
		return ANSWER_CONTINUE;
	}
}

static void
check_message(const struct score_conf *c, const struct txn *txn, struct findings *findings)
{
	struct score_result result = score_judge(&c->limits, findings_score(findings));
	struct score_result shadow = score_judge(&c->limits, findings_score_shadow(findings));
	struct finding *f;

	if (answer_of(shadow.action) > answer_of(result.action))
		shadow_add(findings, answer_of(shadow.action));
	if (result.action == SCORE_ACTION_REJECT) {
		block_add(findings, txn, score_level_name(result.level));
		return;
	}
	if (result.action < SCORE_ACTION_QUARANTINE)
		return;
	f = findings_add(findings,
	    result.action == SCORE_ACTION_QUARANTINE ? FINDING_QUARANTINE : FINDING_DISCARD,
	    mod_score.name, score_level_name(result.level));
	if (f != NULL) {
		static const char text[] = "spam filter";

		memcpy(f->text, text, sizeof(text));
	}
}

static int
score_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct score_conf *c = env->conf;

	(void)err;
	findings->refuse_at = (int)(txn->phase == PHASE_RCPT ? c->limits.block : c->limits.high);
	if (txn->phase == PHASE_RCPT)
		check_rcpt(c, txn, findings);
	else
		check_message(c, txn, findings);
	return 0;
}

const struct module mod_score = {
    .name = "score",
    .section = &score_section,
    .phases = PHASE_RCPT | PHASE_EOM,
    .needs = NEED_QUARANTINE,
    .check = score_check,
};

/* --- the marks --- */

/* "18 (low): no reverse DNS name 8, listed by zen.example 10" */
static const char *
score_value(struct txn *txn, enum score_level level)
{
	char storage[800];
	struct buf out = BUF_OVER(storage);
	const char *before = ": ";

	buf_add_format(&out, "%d (%s)", txn->score, score_level_name(level));
	for (size_t i = 0; txn->found != NULL && i < txn->found->n; i++) {
		const struct txn_finding *f = &txn->found->v[i];

		if (f->kind != FINDING_SCORE || f->weight == 0 || f->shadow)
			continue;
		buf_add_format(
		    &out, "%s%s %d", before, f->text[0] != '\0' ? f->text : f->reason, f->weight);
		before = ",\n\t";
	}
	return arena_text(&txn->transaction, buf_slice(&out));
}

static int
subject_edit(const struct score_conf *c, struct txn *txn, struct edits *edits)
{
	const struct txn_field *field = txn_field_next(txn, NULL, "Subject");
	struct slice before = field == NULL ? slice_of(NULL) : slice_trim(field->value);
	const char *value = subject_prefix(&txn->transaction, before, slice_of(c->prefix));

	if (value != NULL && slice_eq(slice_of(value), before))
		return 0; /* it is there already */
	if (field == NULL)
		return edits_insert_header(edits, 0, "Subject", value);
	return edits_change_header(edits, 1, "Subject", value);
}

/* What is held is marked, too, but counted as held. */
static void
mark_count(const struct ports *ports, const struct txn *txn)
{
	if (txn->answer == ANSWER_CONTINUE)
		ports->store->count(
		    ports->store, STAT_IN_MARKED, ports->clock->now_s(ports->clock), 1);
}

static int
mark_add(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	const struct score_conf *c = env->conf;
	struct score_result result = score_judge(&c->limits, txn->score);
	int status;

	if (txn->allowed != NULL || txn->naccepted == txn->nexempt ||
	    result.action == SCORE_ACTION_NONE)
		return 0;
	mark_count(env->ports, txn);
	status = edits_insert_header(edits, 0, SCORE_HEADER, score_value(txn, result.level));
	if (status == 0 && result.action != SCORE_ACTION_HEADER && !c->module.shadow)
		status = subject_edit(c, txn, edits);
	return status == 0 ? 0 : err_set(err, ERR_LIMIT, "no room for the marks");
}

const struct module mod_mark = {
    .name = "mark",
    .section = &score_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_INSERT_HEADER | NEED_CHANGE_HEADER,
    .transform = mark_add,
};
