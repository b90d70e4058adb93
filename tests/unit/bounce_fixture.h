/*
 * bounce_fixture.h - the rules that are built in, for tests of what uses them.
 */
#ifndef TESTS_UNIT_BOUNCE_FIXTURE_H
#define TESTS_UNIT_BOUNCE_FIXTURE_H

#include "io/bounce_patterns.h"
#include "policy/bounce_class.h"

static inline int
bounce_fixture_load(struct arena *a, struct bounce_table *table_r, struct err *err)
{
	struct bounce_source source = {
	    "bounce_patterns.txt", {bounce_patterns, sizeof(bounce_patterns) - 1}};

	arena_init(a, 65536, (size_t)8 * 1024 * 1024);
	return bounce_table_load(a, &source, 1, table_r, err);
}

#endif
