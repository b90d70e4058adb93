/*
 * stats_table.h - how the counters of an hour, or of several, are shown.
 */
#ifndef CTL_STATS_TABLE_H
#define CTL_STATS_TABLE_H

#include "policy/stat.h"
#include "table.h"

/* One hour, or the sum of several. */
struct period {
	int64_t from_s;
	int64_t counts[STAT_COUNT];
	int64_t returned; /* counted where it is known who never came back … */
	int64_t closed;   /* … and the first tries of those hours */
	bool any_closed;
};

/* Those of STATS_OF_GREY. */
enum stats_column {
	STATS_HOUR,
	STATS_ASKED,
	STATS_NEW,
	STATS_EARLY,
	STATS_PASSED,
	STATS_NEVER_BACK,
	STATS_REPEAT,
	STATS_KNOWN,
	STATS_MET,
	STATS_LEARNED,
	STATS_EXEMPT,
	STATS_WOULD_DEFER,
	STATS_ERRORS,
	STATS_DROPPED,
	STATS_MEDIAN,
	STATS_BAR,
	STATS_COLUMNS,
};

enum stats_view {
	STATS_OF_GREY,
	STATS_OF_CHECKS,
	STATS_OF_OUTBOUND,
};

/* To be made with view and most. */
struct stats_table {
	enum stats_view view;
	int64_t most; /* recipients that greylisting looked at in one hour: the longest bar */
	struct table table;
	struct table_column columns[TABLE_COLUMNS_MAX];
};

/* Recipients that greylisting looked at, whatever came of it. */
int64_t stats_looked_at(const struct period *p);

/* only_total: there will be no row but that. */
void stats_table_begin(
    struct stats_table *t, struct out *out, const struct period *total, bool only_total);
void stats_table_row(struct stats_table *stats, const struct period *p, bool is_total);
void stats_table_end(struct stats_table *t);

#endif
