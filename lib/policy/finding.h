/*
 * finding.h - what the checks found about one recipient (or one message), and the one place where
 * that becomes an answer.
 *
 * A check reports; decide() answers. So every answer can be explained by the findings behind it,
 * and a check in shadow mode differs from one in force in nothing but this table.
 */
#ifndef POLICY_FINDING_H
#define POLICY_FINDING_H

#include "base/buf.h"

#include <stdint.h>

/* What a client is told: one reply line of RFC 5321 section 4.5.3.1.5 is 512 octets with its code;
 * leave room for an MTA that puts the recipient's address in front. */
#define FINDING_TEXT_BYTES 240

/* Findings about one recipient; each check adds few. A further one is dropped and `over` set. */
#define FINDINGS_MAX 24

enum finding_kind {
	FINDING_NOTE,       /* for the log and the record only */
	FINDING_SCORE,      /* adds its weight to the score */
	FINDING_DEFER,      /* try again later */
	FINDING_BLOCK,      /* refuse, whatever the score */
	FINDING_QUARANTINE, /* end of message: accept and hold */
	FINDING_DISCARD,    /* end of message: accept and throw away */
	FINDING_DROP,       /* a recipient is accepted, and gets no copy */
};

struct finding {
	enum finding_kind kind;
	const char *check;  /* static: the check's name */
	const char *reason; /* static: one word for the log ("new", "early", "optout") */
	const char *xcode;  /* static: enhanced status code (RFC 3463) of SCORE, DEFER and BLOCK */
	const char *code;   /* static: the reply code of DEFER and BLOCK; NULL: 451, 554 */
	int weight;         /* SCORE */
	bool shadow;        /* SCORE in shadow mode: adds nothing */
	/* Both live as long as the txn (or longer), and may be NULL: what is wrong, as a cause for
	 * the client ("listed by zen.example"), and what more the record shall hold ("127.0.0.4"). */
	const char *words;
	const char *detail;
	const char
	    *would;     /* static: what it would have been but for shadow mode: "defer", "reject" */
	int64_t wait_s; /* DEFER: until a retry may pass, or 0 */
	int64_t delay_s; /* how long this recipient's mail had been put off before, or 0 */
	/* DEFER and BLOCK: the sentence for the client; SCORE: the cause, where words is NULL */
	char text[FINDING_TEXT_BYTES];
};

struct findings {
	struct finding v[FINDINGS_MAX];
	size_t n;
	bool over;
	int refuse_at; /* the score from which on it is refused, as soon as that is known; 0: never */
};

/* From the mildest to the hardest. */
enum answer {
	ANSWER_CONTINUE,
	ANSWER_QUARANTINE, /* accepted, and held; end of message only */
	ANSWER_DISCARD,    /* accepted, and thrown away; end of message only */
	ANSWER_DEFER,      /* 451 */
	ANSWER_REJECT,     /* 554 */
};

struct verdict {
	enum answer answer;
	const struct finding *cause; /* the finding behind it; NULL for CONTINUE */
};

/* A new finding of that kind, or NULL when there is no room. check and reason must be static. */
struct finding *findings_add(
    struct findings *f, enum finding_kind kind, const char *check, const char *reason);

/* The sum of the weights: of those in force, and of all, what it would be but for shadow mode. */
int findings_score(const struct findings *f);
int findings_score_shadow(const struct findings *f);

/* From the finding at index `from` on, what would score, defer or block does not (shadow mode). */
void findings_shadow(struct findings *f, size_t from);

/* BLOCK before DEFER before DISCARD before QUARANTINE before nothing; the first of its kind is the
 * cause. */
struct verdict decide(const struct findings *f);

/* The SMTP reply code: that of its finding; else "554", "451"; "452" when the enhanced code is that of
 * too many recipients (RFC 5321 section 4.5.3.1.10); "250" for the rest. */
const char *verdict_code(const struct verdict *verdict);

/* "accept", "quarantine", "discard", "defer", "reject". */
const char *answer_name(enum answer answer);

#endif
