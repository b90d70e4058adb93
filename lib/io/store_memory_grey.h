/*
 * store_memory_grey.h - the part of store_memory that does greylisting. Nothing here locks: the store
 * does.
 */
#ifndef IO_STORE_MEMORY_GREY_H
#define IO_STORE_MEMORY_GREY_H

#include "io/memory_table.h"
#include "policy/ports.h"

/* Did the two that the request names meet? */
bool memory_grey_met(struct memory_table *table, const struct grey_request *request, int64_t now);

/* One try. 0, or -1: no memory. */
int memory_grey_step(struct memory_table *table, const struct grey_request *request, int64_t now,
    struct grey_step *step_r);

#endif
