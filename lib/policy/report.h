/*
 * report.h - what became of an account's mail, counted from its events (event.h): sent, opened,
 * clicked, unsubscribed, bounced, deferred, complained, refused; each thing once, and all together.
 *
 * One report is about one account. Its memory does not grow with the number of events, but with what
 * must be told apart: messages, and who opened or clicked what. These are kept as digests
 * (report_set.h), up to REPORT_UNIQUES_MAX, beyond which the report ends with an error rather than
 * guess. Rows beyond REPORT_ROWS_MAX are counted together.
 *
 * What is unique: one recipient's opening of one message, by `nth`, `person` or `rcpt`, whichever is
 * there first; where none is (one mail for many), the message's. What happened is counted in the day
 * when it happened, not in that when the message was sent. Days are UTC.
 */
#ifndef POLICY_REPORT_H
#define POLICY_REPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "policy/report_set.h"

/* 256 MB at most, and as much for a moment while the table grows by half. */
#define REPORT_UNIQUES_MAX ((size_t)16 * 1024 * 1024)

/* Messages of which is known what tags or domains they had: 192 MB at most. */
#define REPORT_MESSAGES_MAX ((size_t)8 * 1024 * 1024)

#define REPORT_ROWS_MAX   20000
#define REPORT_NAME_BYTES 500 /* of a row; what is longer is cut, but told apart */

enum report_by {
	REPORT_BY_NOTHING, /* one row, the total */
	REPORT_BY_DAY,
	REPORT_BY_TAG,
	REPORT_BY_LINK, /* clicks only */
	REPORT_BY_DOMAIN,
	REPORT_BY_CLASS, /* bounced and deferred only */
};

enum report_count {
	REPORT_MESSAGES,
	REPORT_RCPTS,
	REPORT_DELIVERED, /* recipients of whom no failure was heard: after report_sort() */
	REPORT_OPENED, /* by people, unique; then all; then the same by machines, and by who knows */
	REPORT_OPENED_TOTAL,
	REPORT_OPENED_MACHINE,
	REPORT_OPENED_MACHINE_TOTAL,
	REPORT_OPENED_UNKNOWN,
	REPORT_OPENED_UNKNOWN_TOTAL,
	REPORT_CLICKED,
	REPORT_CLICKED_TOTAL,
	REPORT_CLICKED_MACHINE,
	REPORT_CLICKED_MACHINE_TOTAL,
	REPORT_CLICKED_UNKNOWN,
	REPORT_CLICKED_UNKNOWN_TOTAL,
	REPORT_UNSUBSCRIBED, /* from here on unique … */
	REPORT_BOUNCED_HARD,
	REPORT_BOUNCED_SOFT,
	REPORT_DEFERRED,
	REPORT_COMPLAINED,
	REPORT_SUPPRESSED, /* … and these are tries */
	REPORT_REFUSED,
	REPORT_COUNTS,
};

/* What a report needs of an event; empty where there is nothing. */
struct report_event {
	int64_t time_s;
	int64_t nrcpt;
	struct slice type, msg, nth, person, rcpt, to, tag, who, link, url;
	struct slice class;    /* of bounced and deferred: "recipient", "mailbox-full" … */
	struct slice strength; /* of bounced: "hard" or "soft" */
};

enum report_row_kind {
	REPORT_ROW_NAMED,
	REPORT_ROW_NONE,    /* no tag, no domain, no class, or not known any more */
	REPORT_ROW_SEVERAL, /* a message to several domains, and who opened it is not known */
	REPORT_ROW_OTHERS,  /* beyond REPORT_ROWS_MAX */
	REPORT_ROW_TOTAL,
};

struct report_row {
	enum report_row_kind kind;
	struct slice name; /* "2026-11-21", a tag, a URL, a domain, a class */
	int64_t counts[REPORT_COUNTS];
};

struct report; /* opaque */

/* NULL: no memory. Nobody must be able to guess the secret. */
struct report *report_new(enum report_by by, const uint64_t secret[2], struct err *err);
void report_free(struct report *report);

/* By tag and by domain, each event of type sent must be learned before any is counted, also those
 * before the time of the report: others name only the message. */
bool report_must_learn(enum report_by by);
int report_learn(struct report *report, const struct report_event *event, struct err *err);

/* 0, or -1 (ERR_LIMIT, ERR_NOMEM). Of types that it does not know, nothing is counted. */
int report_add(struct report *report, const struct report_event *event, struct err *err);

/* What was counted, and not kept, of one day (hit.h): `field` is "opened human", or that with
 * " tag=TAG" or " url=URL" behind it, of which the first has the sum. Only totals have it: nobody knows
 * what was unique. */
int report_add_counted(
    struct report *report, int64_t day_s, struct slice field, int64_t n, struct err *err);

/* Brings the rows into order (days as they come, others by what was sent, clicked or came back most)
 * and leaves out those where nothing is; then they can be read. Nothing may be added afterwards. */
void report_sort(struct report *report);
size_t report_rows(const struct report *report, const struct report_row **rows_r);
const struct report_row *report_total(const struct report *report);

/* Events that are unique by message only; what report_add_counted() added. */
int64_t report_without_rcpt(const struct report *report);
int64_t report_counted(const struct report *report);

/* A rate as it is shown: count among n, in millionths; -1 when n is 0. */
int64_t report_rate_millionths(int64_t count, int64_t n);

/* What large providers publish: whose rate reaches the first is to do something about it, whose
 * reaches the second is refused, or may send no more. Complaints: Gmail and Yahoo, among what was
 * delivered. Hard bounces: Amazon SES, among what was sent. */
#define REPORT_COMPLAINTS_RAISED_MILLIONTHS 1000
#define REPORT_COMPLAINTS_HIGH_MILLIONTHS   3000
#define REPORT_BOUNCES_RAISED_MILLIONTHS    50000
#define REPORT_BOUNCES_HIGH_MILLIONTHS      100000

enum report_level { REPORT_LEVEL_FINE, REPORT_LEVEL_RAISED, REPORT_LEVEL_HIGH };

/* FINE also where there is nothing to compare with. */
enum report_level report_complaints_level(const struct report_row *row);
enum report_level report_bounces_level(const struct report_row *row);

/* The name of a count, as it stands in CSV and JSON: "opened_machine_total". */
const char *report_count_name(enum report_count count);

#endif
