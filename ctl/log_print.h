/*
 * log_print.h - events of accounts (policy/event.h), and one message, in the three forms of out.h.
 */
#ifndef CTL_LOG_PRINT_H
#define CTL_LOG_PRINT_H

#include "io/store_admin_events.h"
#include "newest.h"
#include "table.h"

/* A copy of an event that is no larger than it must be. */
struct log_event {
	size_t n;
	struct record_field v[RECORD_FIELDS_MAX];
	char bytes[];
};

/* From malloc(); NULL without memory. */
struct log_event *log_event_copy(const struct record *record);

/* The field's value, or an empty slice. */
struct slice log_event_get(const struct log_event *event, const char *name);

void log_table_begin(struct table *t, struct out *out);
void log_table_row(struct table *t, const struct log_event *event, int64_t now_s);

/* All that is known of a message; events (of log_event_copy(), the newest first) tell what became of
 * it. */
void log_message_print(struct out *out, const struct store_message *message,
    const struct newest *events, int64_t now_s);

#endif
