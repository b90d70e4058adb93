/*
 * pipeline.h - the tables of modules, and the loop that runs them.
 */
#ifndef MILTER_PIPELINE_H
#define MILTER_PIPELINE_H

#include "policy/module.h"

/* Modules that one direction may have. */
#define PIPELINE_MODULES_MAX 24

/* What all the prepare() of one configuration may take: tables made from option lists. */
#define PIPELINE_PREPARED_BYTES ((size_t)16 * 1024 * 1024)

/* One module with the settings in force for it. */
struct pipeline_step {
	const struct module *module;
	struct env env;
};

/* Two tables of modules, each ending in NULL. */
struct pipeline_tables {
	const struct module *const *inbound;
	const struct module *const *outbound;
};

/* What runs for mail of one direction, in order; made once per configuration. */
struct pipeline_chain {
	struct pipeline_step v[PIPELINE_MODULES_MAX];
	size_t n;
	unsigned phases; /* OR over the checks that are active */
	unsigned needs;
	bool gathers; /* one of them asks DNS, or reads the message */
	bool judges;  /* … and may have the message refused for it */
};

struct pipeline {
	const struct ports *ports;
	const struct direction_conf *direction;
	int64_t dns_timeout_ms;
	int64_t records_keep; /* decision records; 0: none is made */
	const void *outbound; /* the section of that name: struct outbound_conf */
	struct arena prepared;
	struct pipeline_chain chains[2]; /* by enum direction */
	unsigned phases;                 /* OR over both */
	unsigned needs;
};

/* Builds the chains from pipeline_tables, leaving out modules that this configuration does
 * not use. conf must hold settings_sections (settings.h) and outlive the pipeline.
 * 0, or -1 with the reason (ERR_INVALID, ERR_NOMEM); pipeline_fini() in both cases. */
int pipeline_init(
    struct pipeline *p, const struct conf *conf, const struct ports *ports, struct err *err);
void pipeline_fini(struct pipeline *p);

/* What pipeline_init() takes. */
extern const struct pipeline_tables pipeline_tables;

/* The same with tables of the caller's: for tests. */
int pipeline_init_tables(struct pipeline *p, const struct pipeline_tables *tables,
    const struct conf *conf, const struct ports *ports, struct err *err);

/* To be called when the txn was told of the connection, and of MAIL: begins to look up what will be
 * needed. pipeline_gather() goes on with it, in other phases. Nobody waits. */
void pipeline_connect(const struct pipeline *p, struct txn *txn);
void pipeline_mail(const struct pipeline *p, struct txn *txn, const struct txn_envelope *envelope);
void pipeline_gather(const struct pipeline *p, struct txn *txn);

/* Ends the transaction, if there is one. To be called before txn_fini(), too. */
void pipeline_end(const struct pipeline *p, struct txn *txn);

/* The message, field by field and chunk by chunk; between the two, pipeline_eoh(), which begins the
 * list of edits. */
void pipeline_header(
    const struct pipeline *p, struct txn *txn, struct slice name, struct slice value);
void pipeline_eoh(const struct pipeline *p, struct txn *txn, struct edits *edits_r);

/* False when nobody wants more of this message's body. */
bool pipeline_body(const struct pipeline *p, struct txn *txn, struct slice bytes);

/* Runs the checks of txn->phase (RCPT, DATA, EOM), after waiting for what they need to know; applies
 * on_error and shadow mode, and decides. The findings, with the cause that the verdict points into,
 * are the caller's. Records the answer in txn. */
struct verdict pipeline_check(
    const struct pipeline *p, struct txn *txn, struct findings *findings_r);

/* The settings in force for a module of the inbound chain, and what it prepared; NULL when it is not
 * active. */
const void *pipeline_conf(const struct pipeline *p, const struct module *module);
const void *pipeline_prepared(const struct pipeline *p, const struct module *module);

/* Runs the transforms of an accepted message, those that did not run at the end of its header. A
 * transform that fails adds nothing. */
void pipeline_transform(const struct pipeline *p, struct txn *txn, struct edits *edits);

#endif
