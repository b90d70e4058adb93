/*
 * dnsbl_health.h - is a zone to be believed? One record for each zone, and a clock given in.
 *
 *	untested --canaries right--> ok --error answer, lies, silence, too many hits--> suspended
 *	    ^                         ^                                                    |
 *	    |                         +---------------- canaries right, later -------------+
 *	    +--- switched on --- off  <--- switched off, from anywhere
 *
 * Only ok zones are used. What suspends:
 *
 *	error      an answer that is a complaint ("you ask too much") or a resolver's lie
 *	dead       its test entry is not listed: it is empty, or we are refused without a word
 *	lies       it lists what cannot be listed
 *	silent     so many questions in a row without an answer
 *	breaker    it lists more than its share of the distinct clients of a window, alone. What
 *	           another zone of its kind lists too is no evidence against it: else a wave of
 *	           spam would switch off the lists that see it.
 *
 * What we could not ask, because too much was being asked already, is no evidence against a zone.
 *
 * A suspended zone is asked for its canaries again after a minute, then 2, 4 … up to the interval,
 * and comes back by itself. One that is suspended again soon waits longer each time.
 */
#ifndef POLICY_DNSBL_HEALTH_H
#define POLICY_DNSBL_HEALTH_H

#include "policy/dnsbl_canary.h"
#include "policy/dnsbl_zones.h"

/* Questions without an answer, one after the other. */
#define DNSBL_SILENT_AFTER 10

/* The breaker judges from so many distinct clients on; a window ends with so many, or after so
 * long, and the next begins. */
#define DNSBL_WINDOW_LEAST   50
#define DNSBL_WINDOW_CLIENTS 200
#define DNSBL_WINDOW_MS      INT64_C(3600000)

enum dnsbl_state {
	DNSBL_STATE_UNTESTED,
	DNSBL_STATE_OK,
	DNSBL_STATE_SUSPENDED,
	DNSBL_STATE_OFF, /* by the operator */
};

enum dnsbl_reason {
	DNSBL_REASON_NONE,
	DNSBL_REASON_ERROR,
	DNSBL_REASON_DEAD,
	DNSBL_REASON_LIES,
	DNSBL_REASON_SILENT,
	DNSBL_REASON_BREAKER,
	DNSBL_REASON_OPERATOR,
};

/* The distinct clients of a window, by dnsbl_client_key(): a hash table that never gets full. */
struct dnsbl_window {
	uint64_t slots[2 * DNSBL_WINDOW_CLIENTS]; /* 0: free */
	unsigned distinct;
	unsigned listed; /* of those, when first seen, by this zone alone */
	int64_t began_ms;
};

struct dnsbl_health {
	enum dnsbl_state state;
	enum dnsbl_reason reason;
	int64_t since_s;
	int64_t since_ms;
	int64_t canary_ms;             /* when to ask for the canaries next */
	unsigned strikes;              /* suspensions and vain returns, for the back-off */
	unsigned silent;               /* questions without an answer in a row */
	char error[DNSBL_CODES_BYTES]; /* the last thing wrong: codes, or a word */
	int64_t error_s;
	int64_t answer_ms;          /* how long answers take, smoothed, in 1/8 ms; -1: not known */
	struct dnsbl_counts counts; /* since somebody took them */
	struct dnsbl_window window;
};

struct dnsbl_limits {
	int64_t interval_ms; /* between canaries */
	unsigned share;      /* percent; 100: the breaker never acts */
};

struct dnsbl_time {
	int64_t unix_s;
	int64_t mono_ms;
};

/* All return true when the state changed. */

/* Untested, and due. */
void dnsbl_health_init(struct dnsbl_health *h, struct dnsbl_time now);

bool dnsbl_health_report(struct dnsbl_health *h, const struct dnsbl_limits *limits,
    const struct dnsbl_report *report, struct dnsbl_time now);

/* What the canaries said, after so many ms. */
bool dnsbl_health_canary(struct dnsbl_health *h, const struct dnsbl_limits *limits,
    const struct dnsbl_canary *canary, struct dnsbl_time now);

/* The operator's switch; the same again changes nothing. */
bool dnsbl_health_switch(struct dnsbl_health *h, bool on, struct dnsbl_time now);

/* Is it time to ask for the canaries? */
bool dnsbl_health_due(const struct dnsbl_health *h, int64_t mono_ms);

/* "untested", "ok", "suspended", "off"; "", "error", "dead", … */
const char *dnsbl_state_name(enum dnsbl_state state);
const char *dnsbl_reason_name(enum dnsbl_reason reason);

#endif
