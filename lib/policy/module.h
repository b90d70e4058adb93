/*
 * module.h - how a feature plugs in.
 *
 * The story of one inbound message: the milter callbacks put facts into a struct txn and name the
 * phase. The pipeline lets every module gather: ask DNS, and note in the txn what the answers said.
 * Nobody waits for that before there is something to answer. Then it calls, in the order of one
 * static table, every check that asked for that phase; each reads the facts, and adds findings.
 * decide() turns the findings into one answer: per recipient at RCPT, for all at DATA and at end of
 * message. When the message is accepted, the transforms add their edits, and apply.c replays answer
 * and edits to the MTA.
 *
 * A check reads and reports; it cannot edit, and it does not choose the answer. A transform edits;
 * it cannot refuse. A check that could not tell returns -1, and the pipeline applies the section's
 * on_error. Modules keep no state: what they know is in the txn, the configuration and the ports.
 */
#ifndef POLICY_MODULE_H
#define POLICY_MODULE_H

#include "conf/conf.h"
#include "mail/edit.h"
#include "policy/finding.h"
#include "policy/ports.h"
#include "policy/txn.h"

/* What a module wants to be given beyond the envelope; OR over the modules is what is negotiated
 * with the MTA. */
enum need {
	NEED_HEADERS = 1,
	NEED_BODY = 2,
	NEED_INSERT_HEADER = 4, /* it may insert header fields */
	NEED_CHANGE_HEADER = 8, /* it may change or delete header fields */
	NEED_QUARANTINE = 16,   /* it may have a message held */
	NEED_CHANGE_SENDER = 32,
	NEED_CHANGE_BODY = 64,
	NEED_DROP_RCPT = 128, /* it may have a recipient get no copy */
	NEED_ADD_RCPT = 256,  /* … and another get one */
};

enum on_error {
	ON_ERROR_ACCEPT,
	ON_ERROR_TEMPFAIL,
	ON_ERROR_LOCAL, /* decide from what this process remembers */
};

/* Begins every section that belongs to a check, so that the pipeline can read it. */
struct module_conf {
	int on_error; /* enum on_error */
	bool shadow;
};

/* What a module's functions are given beside the txn. */
struct env {
	const struct ports *ports;
	const void *conf;     /* the struct of the module's section */
	const void *prepared; /* what its prepare() made, or NULL */
	const void *outbound; /* the section of that name: struct outbound_conf */
};

struct module {
	const char *name;                   /* log key, Authentication-Results method */
	const struct conf_section *section; /* its options; several modules may share one */
	unsigned phases;                    /* OR of enum phase: when to call the check */
	bool always;                        /* also for what no other check judges */
	unsigned needs;                     /* OR of enum need */
	enum phase gather_from;             /* the first phase in which to gather; 0: CONNECT */
	bool (*active)(const void *conf);   /* does this configuration use it at all? NULL: yes */

	/* What to do when the check could not tell, where that is not for the section to say; NULL: it
	 * is. */
	int (*on_error)(const struct txn *txn);

	/* Makes what the functions below read again and again: once per configuration, in the
	 * arena, which lives as long. 0, or -1 with the reason. dismiss() gives back what is not in
	 * the arena. */
	int (*prepare)(const void *conf, struct arena *a, const void **prepared_r, struct err *err);
	void (*dismiss)(const void *prepared);

	/* A transaction begins (PHASE_MAIL), or the end of its header is there (PHASE_EOH): called
	 * before anything is looked up. May wait for the store. */
	void (*enter)(const struct env *env, struct txn *txn);

	/* A recipient came (PHASE_RCPT), before any check: is he ours, so that no check judges him?
	 * Says why (static) when he is, and may add findings; NULL: he is not. Never waits. */
	const char *(*claim)(const struct env *env, struct txn *txn, struct findings *findings);

	/* The message as it comes, when needs says so. A value is as it was sent, with the white
	 * space before it; line ends within it are LF. body() says whether it wants more. */
	void (*header)(
	    const struct env *env, struct txn *txn, struct slice name, struct slice value);
	bool (*body)(const struct env *env, struct txn *txn, struct slice bytes);

	/* Notes facts in the txn, by way of txn->lookup. Called again whenever something more may
	 * be known; true: finished, for this transaction. Never waits. */
	bool (*gather)(const struct env *env, struct txn *txn);

	/* Gives back what the txn's facts hold outside of its arenas: the transaction ends. */
	void (*end)(struct txn *txn);

	/* One of the two, or none. 0 = done, -1 = could not tell (err says why). A transform runs at
	 * end of message, or with PHASE_EOH among its phases at the end of the header, when the
	 * message may still be refused. */
	int (*check)(const struct env *env, const struct txn *txn, struct findings *findings,
	    struct err *err);
	int (*transform)(
	    const struct env *env, struct txn *txn, struct edits *edits, struct err *err);
};

#endif
