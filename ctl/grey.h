/*
 * grey.h - what the commands `grey …` share: the windows in force, the time, and how a tuple is
 * shown.
 */
#ifndef CTL_GREY_H
#define CTL_GREY_H

#include "ctl.h"
#include "grey_conf.h"
#include "io/store_admin_grey.h"
#include "select.h"
#include "table.h"

struct grey_view {
	struct ctl *ctl;
	const struct grey_conf *conf;
	struct store_admin *admin;
	int64_t now_s; /* by Redis's clock */
};

/* Reads the configuration, reaches Redis, asks the time. CTL_OK, or the exit code after a
 * complaint. */
int grey_view_init(struct grey_view *view, struct ctl *ctl);

/* Complains that Redis failed; returns EX_UNAVAILABLE. */
int grey_failed(const struct err *err);

/* The selector that the options say. CTL_OK, or EX_USAGE after a complaint. */
int grey_selector(const struct ctl *ctl, struct selector *selector_r);

/* All that a list begins with: grey_selector(), grey_view_init(), and how many rows are wanted at most
 * (0: all): --limit, or what fills a screen or two on a terminal. CTL_OK, or the exit code after a
 * complaint. */
#define GREY_LIMIT_MAX 10000000
int grey_list_init(
    struct grey_view *view, struct ctl *ctl, struct selector *selector_r, int64_t *limit_r);

/* Calls row_do() for every tuple that is selected, until it returns false. CTL_OK, or the exit code
 * after a complaint. */
typedef bool grey_row_do(void *arg, const struct store_grey_row *row);
int grey_each(
    struct grey_view *view, const struct selector *selector, grey_row_do *row_do, void *arg);

/* The one tuple that the three operands name: 1, 0 when there is none, or -1 after a complaint. */
int grey_row_of(
    struct grey_view *view, struct store_grey_storage *storage, struct store_grey_row *row_r);

/* A table of tuples, a line each. */
void grey_table_begin(struct table *t, struct out *out);
void grey_table_row(
    struct table *t, const struct grey_view *view, const struct store_grey_row *row);

/* One tuple on a terminal, in words. */
void grey_tell(const struct grey_view *view, const struct store_grey_row *row);

/* "3 tuples": a number with its thousands apart, and what is counted. */
void grey_count_format(struct buf *out, int64_t n, const char *one, const char *many);

/* Reports that n things were done or found: the sentence to a terminal, a row with the number under
 * that key otherwise. */
void grey_report(struct ctl *ctl, const char *key, int64_t n, const char *sentence);

#endif
