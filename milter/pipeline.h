/*
 * pipeline.h - the tables of modules, and the loop that runs them.
 */
#ifndef MILTER_PIPELINE_H
#define MILTER_PIPELINE_H

#include "policy/module.h"

/* Modules that one direction may have. */
#define PIPELINE_MODULES_MAX 24

/* One module with the settings in force for it. */
struct pipeline_step {
	const struct module *module;
	const void *conf;
};

/* What runs for mail of one direction, in order; made once per configuration. */
struct pipeline_chain {
	struct pipeline_step v[PIPELINE_MODULES_MAX];
	size_t n;
};

struct pipeline {
	struct env env;
	const struct direction_conf *direction;
	struct pipeline_chain chains[2]; /* by enum direction */
	unsigned phases;                 /* OR over what is active */
	unsigned needs;
};

/* Builds the chains from the two static tables, leaving out modules that this configuration does
 * not use. conf must hold settings_sections (settings.h) and outlive the pipeline. */
void pipeline_init(struct pipeline *p, const struct conf *conf, const struct ports *ports);

/* The same with tables of the caller's, each ending in NULL: for tests. */
void pipeline_init_tables(struct pipeline *p, const struct conf *conf, const struct ports *ports,
    const struct module *const *inbound, const struct module *const *outbound);

/* Runs the checks of txn->phase, applies on_error and shadow mode, and decides. The findings, with
 * the cause that the verdict points into, are the caller's. Records the answer in txn. */
struct verdict pipeline_check(
    const struct pipeline *p, struct txn *txn, struct findings *findings_r);

/* Runs the transforms of an accepted message. A transform that fails adds nothing. */
void pipeline_transform(const struct pipeline *p, struct txn *txn, struct edits *edits_r);

#endif
