/*
 * spf_parts.h - what the files of SPF share among them; nobody else includes it.
 *
 * An engine evaluates from the beginning with the answers that are known, again each time that one
 * more is. So it needs no state of its own between two answers, libspf2 (which knows only waiting
 * functions) can be one, and the canary is nothing but another client. What a run costs is bounded,
 * and so is the number of runs: by the questions.
 */
#ifndef AUTH_SPF_PARTS_H
#define AUTH_SPF_PARTS_H

#include "auth/spf_macro.h"
#include "auth/spf_record.h"

/* Storage for a name: DNS_NAME_MAX_BYTES, and one more. */
#define SPF_NAME_ROOM (DNS_NAME_MAX_BYTES + 1)

/* A question, and what became of it. Lives in the arena. */
struct spf_entry {
	struct spf_entry *next;
	struct slice name;
	enum dns_type type;
	const struct dns_answer *answer; /* NULL: not known yet */
	unsigned run;                    /* the last one that came upon it; 0: only foreseen */

	/* TXT, once it was read as a policy */
	bool read;
	enum spf_code code; /* PASS: there is one */
	struct spf_record record;
	struct slice problem;
};

/* What one evaluation found. */
struct spf_found {
	enum spf_code code;
	struct slice mechanism; /* in the arena, or in an answer */
	struct slice record;
	unsigned lookups, voids;
	struct err problem;
	char explanation[SPF_EXPLANATION_BYTES];
	size_t explanation_n;
};

struct spf_engine;

struct spf {
	const struct spf_engine *engine;
	struct arena *arena;
	struct spf_limits limits;
	struct net_addr client;
	struct slice helo;
	struct slice local, sender_domain; /* of the sender, or postmaster@HELO */
	struct slice receiver;
	int64_t now_s;
	struct slice domain; /* checked; lower case */

	struct spf_entry *entries; /* in the order of asking */
	unsigned nentries;
	unsigned run;
	struct spf_entry *wanted; /* the one that the last run lacked */
	bool done;
	struct spf_result result;
};

struct spf_engine {
	const char *name;

	/* Evaluates as if client were the client. True: done, with what was found. False: an entry
	 * is lacking; unless it is for the canary, who gets no questions asked, it is
	 * spf->wanted. */
	bool (*evaluate)(
	    struct spf *spf, const struct net_addr *client, bool canary, struct spf_found *found_r);
};

extern const struct spf_engine spf_engine_own;
extern const struct spf_engine spf_engine_libspf2; /* only with libspf2 */

/* spf_new() with that engine. */
struct spf *spf_new_with(const struct spf_engine *engine, struct arena *a,
    const struct spf_request *request, const struct spf_limits *limits);

/* ---- spf_entry.c ---- */

/* Appends name as a question has it. 0, or -1 when it is no name that SPF asks for: two labels at
 * least, of 1 to 63 bytes of printable ASCII or blanks without backslash, at most 253 bytes, the
 * last label as on the public net. */
int spf_name_make(struct slice name, struct buf *out);

/* The entry of that question, or NULL. */
struct spf_entry *spf_entry_find(const struct spf *spf, struct slice name, enum dns_type type);

/* The same; a new one without answer when there is none. NULL: no memory, or one more than
 * limits.questions. name comes from spf_name_make(), or from rdata. */
struct spf_entry *spf_entry_get(struct spf *spf, struct slice name, enum dns_type type);

/* The policy in an answered TXT entry: SPF_PASS, or NONE, TEMPERROR, PERMERROR with the problem. */
enum spf_code spf_entry_read(struct spf *spf, struct spf_entry *entry);

/* ---- spf_ask.c, spf_eval.c, spf_hosts.c, spf_explain.c ---- */

/* One evaluation by our own engine. */
struct spf_eval {
	struct spf *spf;
	const struct net_addr *client;
	bool canary;
	bool waiting;       /* an answer is lacking; stop is TEMPERROR then */
	bool unlimited;     /* the result is there: neither lookups nor voids count any more */
	bool validated;     /* %{p} was counted */
	enum spf_code stop; /* what SPF_STOP means */
	struct spf_found *found;
	struct slice exp, exp_domain; /* of the record that decided; empty: none */
};

enum spf_match {
	SPF_NO_MATCH,
	SPF_MATCH,
	SPF_STOP, /* the evaluation ends with eval->stop */
};

/* Ends the evaluation. */
enum spf_match spf_eval_stop(struct spf_eval *e, enum spf_code code, const char *problem);

/* Counts a term that costs a lookup: false when it is one too many, and the evaluation ends. */
bool spf_eval_count(struct spf_eval *e);

/* The answer, or NULL: the evaluation ends here, and waits when e->waiting. Does not count. */
const struct dns_answer *spf_eval_ask(struct spf_eval *e, struct slice name, enum dns_type type);

/* Counts a lookup that found nothing; false when that is one too many, and the evaluation ends. */
bool spf_eval_void(struct spf_eval *e, const struct dns_answer *answer);

/* How many questions may be asked ahead of what is known. */
unsigned spf_eval_room(const struct spf_eval *e);

/* The name that a domain-spec means, appended to out; an empty one means the domain itself. NO_MATCH
 * when it is no name to ask for, MATCH when it is one. */
enum spf_match spf_eval_target(
    struct spf_eval *e, struct slice domain, struct slice spec, struct buf *out);

/* a, mx, ptr, exists, at the name that spf_eval_target() gave. */
enum spf_match spf_match_hosts(
    struct spf_eval *e, const struct spf_term *term, struct slice target);

/* The client's validated name for %{p}, appended to out; nothing when there is none. NO_MATCH, or
 * STOP. */
enum spf_match spf_validated_name(struct spf_eval *e, struct slice domain, struct buf *out);

/* Fills in macros for the domain whose record it is. */
struct spf_macros spf_eval_macros(const struct spf_eval *e, struct slice domain);

/* Fetches and expands e->exp into found; nothing when that does not work. False: waits. */
bool spf_explain(struct spf_eval *e);

#endif
