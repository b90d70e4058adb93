/*
 * suppress_rule.c - see suppress_rule.h.
 */
#include "policy/suppress_rule.h"

#include "policy/account.h"

#define DAY_S      INT64_C(86400)
#define NUMBER_MAX INT64_C(253402300799) /* the end of the year 9999 */

static const int64_t back_off_s[] = {DAY_S, 3 * DAY_S, 10 * DAY_S, 30 * DAY_S, 90 * DAY_S};

#define BACK_OFFS (sizeof(back_off_s) / sizeof(*back_off_s))

/* What a return can do. */
enum effect {
	EFFECT_NONE,
	EFFECT_SOFT,
	EFFECT_BOUNCED,
	EFFECT_COMPLAINED,
	EFFECT_UNSUBSCRIBED,
	EFFECT_DELIVERED
};

struct suppress_terms
suppress_terms_of(const struct account *account)
{
	return (struct suppress_terms){
	    .failures = account->suppress != SUPPRESS_OFF,
	    .bounce_limit = account->bounce_limit,
	};
}

/* The only place where a class becomes a reason to send no more. */
static enum effect
failure_effect(const struct suppress_return *what)
{
	if (what->class == BOUNCE_RECIPIENT)
		return what->hard ? EFFECT_BOUNCED : EFFECT_SOFT;
	return what->class == BOUNCE_MAILBOX_FULL ? EFFECT_SOFT : EFFECT_NONE;
}

static enum effect
effect_of(const struct suppress_return *what)
{
	switch (what->kind) {
	case RETURN_FAILED:
		return failure_effect(what);
	case RETURN_COMPLAINED:
		return EFFECT_COMPLAINED;
	case RETURN_UNSUBSCRIBED:
		return EFFECT_UNSUBSCRIBED;
	case RETURN_DELIVERED:
		return EFFECT_DELIVERED;
	case RETURN_DELAYED:
		break;
	}
	return EFFECT_NONE;
}

const char *
suppress_return_name(const struct suppress_return *what)
{
	static const char *const names[] = {
	    [EFFECT_NONE] = "failed",
	    [EFFECT_SOFT] = "soft",
	    [EFFECT_BOUNCED] = "hard",
	    [EFFECT_COMPLAINED] = "complained",
	    [EFFECT_UNSUBSCRIBED] = "unsubscribed",
	    [EFFECT_DELIVERED] = "delivered",
	};

	return what->kind == RETURN_DELAYED ? "delayed" : names[effect_of(what)];
}

const char *
suppress_outcome_name(enum suppress_outcome outcome)
{
	static const char *const names[] = {
	    [RULED_UNTOUCHED] = "untouched",
	    [RULED_COUNTED] = "counted",
	    [RULED_SUPPRESSED] = "suppressed",
	    [RULED_STANDS] = "stands",
	    [RULED_LIFTED] = "lifted",
	};

	return (size_t)outcome < sizeof(names) / sizeof(*names) ? names[outcome] : "";
}

/* --- soft failures as text --- */

static int64_t
number_take(struct slice *text)
{
	struct slice word = slice_head(*text, slice_find(*text, ' '));
	int64_t n = word.n == 0 ? -1 : 0;

	*text = slice_from(*text, word.n + 1);
	for (size_t i = 0; n >= 0 && i < word.n; i++) {
		n = ascii_is_digit(word.p[i]) ? n * 10 + (word.p[i] - '0') : -1;
		if (n > NUMBER_MAX)
			return -1;
	}
	return n;
}

void
suppress_soft_read(struct slice text, struct suppress_soft *soft_r)
{
	int64_t n[5];
	bool good = true;

	for (size_t i = 0; i < sizeof(n) / sizeof(*n); i++) {
		n[i] = number_take(&text);
		good = good && n[i] >= 0;
	}
	*soft_r = (struct suppress_soft){.count = 0};
	if (good)
		*soft_r = (struct suppress_soft){n[0], n[1], n[2], n[3], n[4]};
}

void
suppress_soft_format(const struct suppress_soft *soft, struct buf *out)
{
	const int64_t numbers[] = {
	    soft->count, soft->first_s, soft->last_s, soft->steps, soft->until_s};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (i > 0)
			buf_add_char(out, ' ');
		buf_add_i64(out, numbers[i]);
	}
}

int64_t
suppress_soft_ttl_s(const struct suppress_soft *soft, int64_t now_s)
{
	int64_t counted = soft->count > 0 ? soft->first_s + SUPPRESS_WINDOW_S - now_s : 0;
	int64_t stepped = soft->steps > 0 ? soft->until_s + SUPPRESS_FORGET_S - now_s : 0;
	int64_t ttl_s = counted > stepped ? counted : stepped;

	return ttl_s > 0 ? ttl_s : 0;
}

/* --- the rule --- */

/* Forgets what is too old to count. */
static void
soft_age(struct suppress_soft *soft, int64_t now_s)
{
	if (soft->count > 0 && now_s - soft->first_s >= SUPPRESS_WINDOW_S)
		soft->count = soft->first_s = soft->last_s = 0;
	if (soft->steps > 0 && now_s - soft->until_s >= SUPPRESS_FORGET_S)
		soft->steps = soft->until_s = 0;
}

static bool
soft_eq(const struct suppress_soft *a, const struct suppress_soft *b)
{
	return a->count == b->count && a->first_s == b->first_s && a->last_s == b->last_s &&
	       a->steps == b->steps && a->until_s == b->until_s;
}

bool
suppress_gives_way(const struct suppression *there, const struct suppression *other, int64_t now_s)
{
	static const int ranks[] = {
	    [SUPPRESSED_NOT] = 0,
	    [SUPPRESSED_BOUNCED] = 1,
	    [SUPPRESSED_UNSUBSCRIBED] = 2,
	    [SUPPRESSED_COMPLAINED] = 3,
	    [SUPPRESSED_MANUAL] = 4,
	};

	if (!suppression_holds(there, now_s))
		return true;
	if (there->until_s != other->until_s)
		return other->until_s == 0 ||
		       (there->until_s != 0 && other->until_s > there->until_s);
	if (there->reason != other->reason)
		return ranks[other->reason] > ranks[there->reason];
	return other->last_s >= there->last_s;
}

static void
evidence_set(struct suppression *entry, struct slice text)
{
	text = slice_head(text, sizeof(entry->evidence));
	if (text.n == 0)
		return;
	entry->evidence_n = text.n;
	for (size_t i = 0; i < text.n; i++)
		entry->evidence[i] = '?';
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] >= ' ' && text.p[i] <= '~')
			entry->evidence[i] = text.p[i];
	}
}

/* For good. One that holds for the same reason is counted up. */
static enum suppress_outcome
suppress_for_good(struct suppression *entry, enum suppression_reason reason,
    const struct suppress_return *what, int64_t now_s)
{
	struct suppression new = {
	    .reason = reason, .count = 1, .first_s = now_s, .last_s = now_s, .until_s = 0};
	bool again = entry->reason == reason;
	bool held = again && entry->until_s == 0;

	if (!held && !suppress_gives_way(entry, &new, now_s))
		return RULED_STANDS;
	if (again) {
		new = *entry;
		new.count += new.count < NUMBER_MAX;
		new.last_s = now_s;
		new.until_s = 0;
	}
	evidence_set(&new, what->evidence);
	*entry = new;
	return held ? RULED_STANDS : RULED_SUPPRESSED;
}

static enum suppress_outcome
soft_take(struct suppress_state *state, const struct suppress_return *what, int64_t bounce_limit,
    int64_t now_s)
{
	struct suppress_soft *soft = &state->soft;
	size_t step = soft->steps < (int64_t)BACK_OFFS ? (size_t)soft->steps : BACK_OFFS - 1;

	if (state->entry.reason != SUPPRESSED_NOT)
		return RULED_STANDS;
	if (soft->count == 0)
		soft->first_s = now_s;
	soft->last_s = now_s;
	if (++soft->count < bounce_limit)
		return RULED_COUNTED;
	state->entry = (struct suppression){
	    .reason = SUPPRESSED_BOUNCED,
	    .count = soft->count,
	    .first_s = soft->first_s,
	    .last_s = now_s,
	    .until_s = now_s + back_off_s[step],
	};
	evidence_set(&state->entry, what->evidence);
	*soft = (struct suppress_soft){.steps = soft->steps + 1, .until_s = state->entry.until_s};
	return RULED_SUPPRESSED;
}

static enum suppress_outcome
delivered_take(struct suppress_state *state)
{
	state->soft = (struct suppress_soft){.count = 0};
	if (state->entry.reason != SUPPRESSED_BOUNCED || state->entry.until_s == 0)
		return RULED_UNTOUCHED;
	state->entry = (struct suppression){.reason = SUPPRESSED_NOT};
	return RULED_LIFTED;
}

/* With entry and soft failures that are not over. */
static enum suppress_outcome
take(struct suppress_state *state, const struct suppress_return *what,
    const struct suppress_terms *terms, int64_t now_s)
{
	if (what->kind == RETURN_FAILED && !terms->failures)
		return RULED_UNTOUCHED;
	switch (effect_of(what)) {
	case EFFECT_SOFT:
		return soft_take(state, what, terms->bounce_limit, now_s);
	case EFFECT_BOUNCED:
		return suppress_for_good(&state->entry, SUPPRESSED_BOUNCED, what, now_s);
	case EFFECT_COMPLAINED:
		return suppress_for_good(&state->entry, SUPPRESSED_COMPLAINED, what, now_s);
	case EFFECT_UNSUBSCRIBED:
		return suppress_for_good(&state->entry, SUPPRESSED_UNSUBSCRIBED, what, now_s);
	case EFFECT_DELIVERED:
		return delivered_take(state);
	case EFFECT_NONE:
		break;
	}
	return RULED_UNTOUCHED;
}

/* What could be seen from outside. */
static bool
entry_eq(const struct suppression *a, const struct suppression *b)
{
	return a->reason == b->reason && a->count == b->count && a->first_s == b->first_s &&
	       a->last_s == b->last_s && a->until_s == b->until_s &&
	       slice_eq(
		   slice_make(a->evidence, a->evidence_n), slice_make(b->evidence, b->evidence_n));
}

struct suppress_ruling
suppress_rule(struct suppress_state *state, const struct suppress_return *what,
    const struct suppress_terms *terms, int64_t now_s)
{
	const struct suppress_state before = *state;
	struct suppress_ruling ruling;

	soft_age(&state->soft, now_s);
	if (!suppression_holds(&state->entry, now_s))
		state->entry = (struct suppression){.reason = SUPPRESSED_NOT};
	ruling.outcome = take(state, what, terms, now_s);
	ruling.entry_changed = !entry_eq(&before.entry, &state->entry);
	ruling.soft_changed = !soft_eq(&before.soft, &state->soft);
	return ruling;
}
