/*
 * spf_suite.h - a suite of openspf.org in JSON: groups of tests, each group with a zone of its own.
 */
#ifndef SUITES_SPF_SUITE_H
#define SUITES_SPF_SUITE_H

#include "auth/spf_parts.h"

#include <jansson.h>

struct spf_suite {
	json_t *groups;
	struct arena arena; /* of one case: see spf_suite_run() */
};

/* 0, or -1 after a complaint. */
int spf_suite_open(struct spf_suite *suite, const char *path);
void spf_suite_close(struct spf_suite *suite);

/* Checks what one test describes, in the group's zone. The result is valid until the next call. */
const struct spf_result *spf_suite_run(struct spf_suite *suite, const struct spf_engine *engine,
    const json_t *group, const json_t *test);

/* True when the code is one of those that the test allows. */
bool spf_suite_allows(const json_t *test, enum spf_code code);

/* An answer out of a zone, {"name": [["TXT", ["…"]], …]}; like a server: CNAMEs are followed, a name
 * with a TIMEOUT answers only what else it holds, and what lies above a name exists. */
const struct dns_answer *spf_suite_answer(
    struct arena *a, const json_t *zone, struct slice name, enum dns_type type);

#endif
