/*
 * score.h - what a score means: refused at RCPT, and three levels at end of message with an action
 * each; and how the client is told.
 *
 * A refused sender should be able to mend it: the sentence names the heaviest causes in words, the
 * enhanced status code (RFC 7372) says it to programs, and a short code leads the operator to the
 * decision record.
 */
#ifndef POLICY_SCORE_H
#define POLICY_SCORE_H

#include "base/err.h"
#include "policy/finding.h"

/* Causes in the sentence for the client; more would hide the one to begin with. */
#define SCORE_CAUSES_MAX 3

enum score_level { SCORE_CLEAN, SCORE_LOW, SCORE_MEDIUM, SCORE_HIGH };

enum score_action {
	SCORE_ACTION_NONE,
	SCORE_ACTION_HEADER,     /* a header field says the score */
	SCORE_ACTION_PREFIX,     /* … and the subject gets a prefix */
	SCORE_ACTION_QUARANTINE, /* … and the MTA holds it */
	SCORE_ACTION_DISCARD,    /* 250, and nobody gets it */
	SCORE_ACTION_REJECT,
};

/* The words of enum score_action for a configuration, NULL at the end. */
extern const char *const score_action_words[];

/* Scores from which on something happens; 0: never. */
struct score_limits {
	int64_t block; /* at RCPT: refused */
	int64_t low, medium, high;
	int low_action, medium_action, high_action; /* enum score_action */
};

struct score_result {
	enum score_level level;
	enum score_action action;
};

/* 0, or -1 with what is wrong: low, medium and high, as far as they are set, must rise. */
int score_limits_check(const struct score_limits *limits, struct err *err);

/* True when this score is refused at RCPT. */
bool score_blocks(const struct score_limits *limits, int score);

/* What becomes of a message with this score: the highest level that it reaches. */
struct score_result score_judge(const struct score_limits *limits, int score);

/* "clean", "low", "medium", "high". */
const char *score_level_name(enum score_level level);

/* "Sending address not accepted due to spam filter (REASON; CODE)", with the words of the findings
 * that block, then of the heaviest that score, printable ASCII only. code: see verdict_code.h; NULL
 * or empty leaves it away. */
void score_text(char out[FINDING_TEXT_BYTES], const struct findings *f, const char *code);

/* The enhanced status code for what score_text() says: that of the main cause, X.7.26 when several
 * checks of the message's authentication failed, X.7.1 when the cause has none. temporary: 4.x.x.
 * Static. */
const char *score_xcode(const struct findings *f, bool temporary);

#endif
