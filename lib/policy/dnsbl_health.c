/*
 * dnsbl_health.c - see dnsbl_health.h.
 */
#include "policy/dnsbl_health.h"

#define RETRY_MS        INT64_C(60000)    /* the first wait of a suspended zone */
#define FORGIVEN_MS     INT64_C(21600000) /* well for so long: the back-off begins anew */
#define SILENT_RETRY_MS INT64_C(300000)
#define STRIKES_MAX     16
#define BREAKER_STRIKE  5 /* its canaries are right all the time: come back in half an hour */

static void
state_set(
    struct dnsbl_health *h, enum dnsbl_state state, enum dnsbl_reason reason, struct dnsbl_time now)
{
	h->state = state;
	h->reason = reason;
	h->since_s = now.unix_s;
	h->since_ms = now.mono_ms;
	h->silent = 0;
	h->window = (struct dnsbl_window){.began_ms = now.mono_ms};
}

static void
error_note(struct dnsbl_health *h, const char *what, struct dnsbl_time now)
{
	struct buf out = BUF_OVER(h->error);

	buf_add_text(&out, what);
	(void)buf_text(&out);
	h->error_s = now.unix_s;
}

/* One minute, doubled with each strike, up to the interval; less for a zone that was silent, since
 * that is mostly our resolver. */
static void
retry_plan(struct dnsbl_health *h, const struct dnsbl_limits *limits, struct dnsbl_time now)
{
	int64_t wait_ms = RETRY_MS;
	int64_t most_ms = limits->interval_ms;

	if (h->reason == DNSBL_REASON_SILENT && most_ms > SILENT_RETRY_MS)
		most_ms = SILENT_RETRY_MS;
	for (unsigned i = 1; i < h->strikes && wait_ms < most_ms; i++)
		wait_ms *= 2;
	h->canary_ms = now.mono_ms + (wait_ms < most_ms ? wait_ms : most_ms);
}

static bool
suspend(struct dnsbl_health *h, const struct dnsbl_limits *limits, enum dnsbl_reason reason,
    struct dnsbl_time now)
{
	bool was_well = h->state == DNSBL_STATE_OK && now.mono_ms - h->since_ms >= FORGIVEN_MS;

	if (was_well)
		h->strikes = 0;
	h->strikes += reason == DNSBL_REASON_BREAKER ? BREAKER_STRIKE + 1 : 1;
	if (h->strikes > STRIKES_MAX)
		h->strikes = STRIKES_MAX;
	state_set(h, DNSBL_STATE_SUSPENDED, reason, now);
	retry_plan(h, limits, now);
	return true;
}

void
dnsbl_health_init(struct dnsbl_health *h, struct dnsbl_time now)
{
	*h = (struct dnsbl_health){.answer_ms = -1, .canary_ms = now.mono_ms};
	state_set(h, DNSBL_STATE_UNTESTED, DNSBL_REASON_NONE, now);
}

/* ---- what the mail path sees ---- */

/* Notes the client in the window: true when it was not there. */
static bool
window_add(struct dnsbl_window *w, uint64_t client, int64_t mono_ms)
{
	size_t slots = sizeof(w->slots) / sizeof(w->slots[0]);
	size_t at = (size_t)((client * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % slots;

	if (w->distinct == DNSBL_WINDOW_CLIENTS || mono_ms - w->began_ms >= DNSBL_WINDOW_MS)
		*w = (struct dnsbl_window){.began_ms = mono_ms};
	while (w->slots[at] != 0 && w->slots[at] != client)
		at = (at + 1) % slots;
	if (w->slots[at] == client)
		return false;
	w->slots[at] = client;
	w->distinct++;
	return true;
}

static bool
breaker_trips(struct dnsbl_health *h, const struct dnsbl_limits *limits,
    const struct dnsbl_report *report, struct dnsbl_time now)
{
	struct dnsbl_window *w = &h->window;

	if (report->client == 0 || !window_add(w, report->client, now.mono_ms))
		return false;
	w->listed += report->status == DNSBL_LISTED && report->alone;
	return w->distinct >= DNSBL_WINDOW_LEAST && limits->share < 100 &&
	       w->listed * 100 > limits->share * w->distinct;
}

static void
report_count(struct dnsbl_counts *c, const struct dnsbl_report *report)
{
	c->asked++;
	c->listed += report->status == DNSBL_LISTED;
	c->errors += report->status == DNSBL_ERROR;
	c->timeouts += report->status == DNSBL_TEMPERROR;
}

static bool
silence_add(struct dnsbl_health *h, const struct dnsbl_limits *limits, struct dnsbl_time now)
{
	error_note(h, "no answer", now);
	if (++h->silent < DNSBL_SILENT_AFTER)
		return false;
	return suspend(h, limits, DNSBL_REASON_SILENT, now);
}

bool
dnsbl_health_report(struct dnsbl_health *h, const struct dnsbl_limits *limits,
    const struct dnsbl_report *report, struct dnsbl_time now)
{
	report_count(&h->counts, report);
	if (h->state != DNSBL_STATE_OK)
		return false; /* asked before, answered after */
	switch (report->status) {
	case DNSBL_ERROR:
		error_note(h, report->detail, now);
		return suspend(h, limits, DNSBL_REASON_ERROR, now);
	case DNSBL_TEMPERROR:
		return silence_add(h, limits, now);
	case DNSBL_LISTED:
	case DNSBL_UNLISTED:
		break;
	case DNSBL_UNASKED:
	case DNSBL_SUSPENDED:
		return false;
	}
	h->silent = 0;
	if (!breaker_trips(h, limits, report, now))
		return false;
	error_note(h, "lists too many", now);
	return suspend(h, limits, DNSBL_REASON_BREAKER, now);
}

/* ---- canaries ---- */

static void
answer_time_add(struct dnsbl_health *h, int64_t ms)
{
	if (ms >= 0)
		h->answer_ms = h->answer_ms < 0 ? 8 * ms : h->answer_ms + ms - h->answer_ms / 8;
}

static bool
canary_right(struct dnsbl_health *h, const struct dnsbl_limits *limits, struct dnsbl_time now)
{
	bool changed = h->state != DNSBL_STATE_OK;

	h->silent = 0;
	if (changed)
		state_set(h, DNSBL_STATE_OK, DNSBL_REASON_NONE, now);
	h->canary_ms = now.mono_ms + limits->interval_ms;
	return changed;
}

/* A zone that is in use is given a second chance before silence counts. */
static bool
is_patient(struct dnsbl_health *h, enum dnsbl_canary_result result, struct dnsbl_time now)
{
	if (result != DNSBL_CANARY_SILENT || h->state != DNSBL_STATE_OK ||
	    h->silent >= DNSBL_SILENT_AFTER / 2)
		return false;
	h->silent += DNSBL_SILENT_AFTER / 2;
	h->canary_ms = now.mono_ms + RETRY_MS;
	return true;
}

static bool
canary_wrong(struct dnsbl_health *h, const struct dnsbl_limits *limits, enum dnsbl_reason reason,
    struct dnsbl_time now)
{
	if (h->state == DNSBL_STATE_SUSPENDED && h->reason == reason) {
		h->strikes += h->strikes < STRIKES_MAX;
		retry_plan(h, limits, now);
		return false;
	}
	return suspend(h, limits, reason, now);
}

bool
dnsbl_health_canary(struct dnsbl_health *h, const struct dnsbl_limits *limits,
    const struct dnsbl_canary *canary, struct dnsbl_time now)
{
	static const struct {
		enum dnsbl_reason reason;
		const char *what;
	} rows[] = {
	    [DNSBL_CANARY_DEAD] = {DNSBL_REASON_DEAD, "test entry is not listed"},
	    [DNSBL_CANARY_LIES] = {DNSBL_REASON_LIES, NULL},
	    [DNSBL_CANARY_ERROR] = {DNSBL_REASON_ERROR, NULL},
	    [DNSBL_CANARY_SILENT] = {DNSBL_REASON_SILENT, "no answer"},
	};
	const char *what;

	if (h->state == DNSBL_STATE_OFF)
		return false;
	if (canary->result == DNSBL_CANARY_UNASKED) {
		h->canary_ms = now.mono_ms + RETRY_MS;
		return false;
	}
	if (canary->result != DNSBL_CANARY_SILENT)
		answer_time_add(h, canary->ms);
	if (canary->result == DNSBL_CANARY_RIGHT)
		return canary_right(h, limits, now);
	what = rows[canary->result].what;
	error_note(h, what != NULL ? what : canary->detail, now);
	if (is_patient(h, canary->result, now))
		return false;
	return canary_wrong(h, limits, rows[canary->result].reason, now);
}

bool
dnsbl_health_switch(struct dnsbl_health *h, bool on, struct dnsbl_time now)
{
	if (on == (h->state != DNSBL_STATE_OFF))
		return false;
	if (!on) {
		state_set(h, DNSBL_STATE_OFF, DNSBL_REASON_OPERATOR, now);
		return true;
	}
	state_set(h, DNSBL_STATE_UNTESTED, DNSBL_REASON_NONE, now);
	h->strikes = 0;
	h->canary_ms = now.mono_ms;
	return true;
}

bool
dnsbl_health_due(const struct dnsbl_health *h, int64_t mono_ms)
{
	return h->state != DNSBL_STATE_OFF && mono_ms >= h->canary_ms;
}

const char *
dnsbl_state_name(enum dnsbl_state state)
{
	static const char *const names[] = {
	    [DNSBL_STATE_UNTESTED] = "untested",
	    [DNSBL_STATE_OK] = "ok",
	    [DNSBL_STATE_SUSPENDED] = "suspended",
	    [DNSBL_STATE_OFF] = "off",
	};

	return names[state];
}

const char *
dnsbl_reason_name(enum dnsbl_reason reason)
{
	static const char *const names[] = {
	    [DNSBL_REASON_NONE] = "",
	    [DNSBL_REASON_ERROR] = "error",
	    [DNSBL_REASON_DEAD] = "dead",
	    [DNSBL_REASON_LIES] = "lies",
	    [DNSBL_REASON_SILENT] = "silent",
	    [DNSBL_REASON_BREAKER] = "breaker",
	    [DNSBL_REASON_OPERATOR] = "operator",
	};

	return names[reason];
}
