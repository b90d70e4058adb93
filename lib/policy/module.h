/*
 * module.h - how a feature plugs in.
 *
 * The story of one inbound message: the milter callbacks put facts into a struct txn and name the
 * phase. The pipeline calls, in the order of one static table, every check that asked for that
 * phase; each reads the facts, asks its ports, and adds findings. decide() turns the findings into
 * one answer: per recipient at RCPT, for all at DATA and at end of message. When the message is
 * accepted, the transforms add their edits, and apply.c replays answer and edits to the MTA.
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

struct env {
	const struct ports *ports;
};

struct module {
	const char *name;                   /* log key, Authentication-Results method */
	const struct conf_section *section; /* its options; several modules may share one */
	unsigned phases;                    /* OR of enum phase: when to call it */
	unsigned needs;                     /* OR of enum need */
	bool (*active)(const void *conf);   /* does this configuration use it at all? */

	/* Exactly one of the two. 0 = done, -1 = could not tell (err says why). conf is the struct
	 * of its section. */
	int (*check)(const struct env *env, const void *conf, const struct txn *txn,
	    struct findings *findings, struct err *err);
	int (*transform)(const struct env *env, const void *conf, struct txn *txn,
	    struct edits *edits, struct err *err);
};

#endif
