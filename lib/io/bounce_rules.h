/*
 * bounce_rules.h - the rules by which bounces are classified: those that are built in
 * (lib/policy/bounce_patterns.txt), and an operator's file, which is asked first.
 */
#ifndef IO_BOUNCE_RULES_H
#define IO_BOUNCE_RULES_H

#include "policy/bounce_class.h"

/* An operator's file. */
#define BOUNCE_RULES_FILE_BYTES ((size_t)1024 * 1024)

/* path: his file, or NULL. 0, or -1 with "FILE:LINE: what is wrong", or why it cannot be read. The
 * table lives as long as the arena, of which it takes 1 MB, and twice what the file has. */
int bounce_rules_load(
    const char *path, struct arena *a, struct bounce_table *table_r, struct err *err);

#endif
