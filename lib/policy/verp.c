/*
 * verp.c - see verp.h.
 */
#include "policy/verp.h"

#include <assert.h>

const char verp_second_words[] = "one recipient at a time, please; send it again for the others";

/* A parameter's value; false when it is another one. */
static bool
arg_value(struct slice arg, const char *name, struct slice *value_r)
{
	size_t equals = slice_find(arg, '=');

	*value_r = slice_from(arg, equals + 1);
	return slice_eq_nocase(slice_head(arg, equals), slice_of(name));
}

static bool
arg_find(const struct slice *args, size_t nargs, const char *name, struct slice *value_r)
{
	for (size_t i = 0; i < nargs; i++) {
		if (arg_value(args[i], name, value_r))
			return true;
	}
	*value_r = slice_make(NULL, 0);
	return false;
}

bool
verp_is_asked(const struct slice *args, size_t nargs, struct slice *delimiters_r)
{
	return arg_find(args, nargs, "XVERP", delimiters_r);
}

bool
verp_second_must_wait(const struct account *account, const struct address *sender, size_t naccepted)
{
	return naccepted > 0 && !sender->null && account->mail_from == MAIL_FROM_VERP &&
	       account->recipients == RECIPIENTS_ONE;
}

const char *
verp_how_name(enum verp_how how)
{
	static const char *const names[] = {"expand", "single", "message", "keep"};

	assert((size_t)how < sizeof(names) / sizeof(*names));
	return names[how];
}

struct make {
	struct verp_plan *plan;
	const struct account *account;
	const struct keyring *keyring;
	const struct verp_facts *facts;
};

/* Who comes by a second time (a content filter behind the queue) keeps what the first gave. */
static bool
is_ours(const struct make *m)
{
	const struct token_terms terms = {.account = m->facts->ids.account};
	const struct address *sender = m->facts->sender;
	struct envelope_text text = {sender->local, sender->domain, NULL};
	struct envelope_id id;

	if (envelope_id_open(m->keyring, &text, &terms, &id) != TOKEN_GOOD ||
	    id.letter != ENVELOPE_BOUNCE)
		return false;
	m->plan->ids = id.ids;
	return true;
}

static void
how_choose(const struct make *m)
{
	const struct verp_facts *facts = m->facts;
	struct verp_plan *plan = m->plan;
	struct slice delimiters;

	plan->how = VERP_KEEP;
	if (facts->sender->null) {
		plan->why = "null";
	} else if (m->account->mail_from == MAIL_FROM_KEEP) {
		plan->why = "option";
	} else if (facts->sender->malformed) {
		plan->why = "malformed";
	} else if (is_ours(m)) {
		plan->why = "ours";
	} else if (verp_is_asked(facts->args, facts->nargs, &delimiters)) {
		/* The MTA expands then, for a single recipient too, and whatever the option says. */
		plan->how = VERP_EXPAND;
		plan->why = "xverp";
	} else if (facts->nrcpts == 1) {
		plan->how = VERP_SINGLE;
		plan->why = "single";
	} else {
		plan->how = VERP_MESSAGE;
		plan->why = m->account->recipients == RECIPIENTS_EXPAND ? "no-xverp" : "option";
	}
}

/* An id for this message. */
static int
id_make(const struct make *m, enum envelope_letter letter, struct slice domain, struct buf *out,
    struct err *err)
{
	struct envelope_id id = {.letter = letter, .ids = m->plan->ids};

	return envelope_id_make(m->keyring, &id, domain, out, err);
}

static int
sender_make(const struct make *m, struct err *err)
{
	char storage[VERP_DOMAIN_BYTES];
	struct buf domain = BUF_OVER(storage), out;

	buf_init(&out, m->plan->sender, sizeof(m->plan->sender));
	buf_add_char(&out, '<');
	if (m->plan->how == VERP_KEEP) {
		buf_add(&out, m->facts->sender->text);
	} else {
		account_bounce_domain(m->account, m->facts->lane, &domain);
		if (domain.over || domain.n == 0)
			return err_set(
			    err, ERR_INVALID, "the bounce domain is missing, or too long");
		if (id_make(m, ENVELOPE_BOUNCE, buf_slice(&domain), &out, err) != 0)
			return -1;
		buf_add_char(&out, '@');
		buf_add(&out, buf_slice(&domain));
	}
	buf_add_char(&out, '>');
	(void)buf_text(&out);
	return out.over ? err_set(err, ERR_LIMIT, "the sender is too long") : 0;
}

/* The MTA forgets the client's RET and ENVID when it is given a sender, so they are said again. An
 * ENVID of the client's is its own correlator: it stays. True when there is one of ours. */
static bool
args_make(const struct make *m)
{
	struct slice ret, envid;
	bool theirs = arg_find(m->facts->args, m->facts->nargs, "ENVID", &envid);
	struct buf out;

	buf_init(&out, m->plan->args, sizeof(m->plan->args));
	if (arg_find(m->facts->args, m->facts->nargs, "RET", &ret) && ret.n > 0 && ret.n <= 4) {
		buf_add_text(&out, "RET=");
		buf_add(&out, ret);
		buf_add_char(&out, ' ');
	}
	buf_add_text(&out, "ENVID=");
	buf_add(&out, theirs ? envid : slice_of(m->plan->id));
	(void)buf_text(&out);
	if (out.over)
		m->plan->args[0] = '\0';
	return !theirs && !out.over;
}

int
verp_plan(struct verp_plan *plan_r, const struct account *account, const struct keyring *keyring,
    const struct verp_facts *facts, struct err *err)
{
	struct make m = {plan_r, account, keyring, facts};
	struct buf id;
	bool envid;

	*plan_r = (struct verp_plan){.how = VERP_KEEP, .ids = facts->ids};
	plan_r->ids.rcpt = facts->nrcpts == 1 ? 1 : 0;
	how_choose(&m);
	buf_init(&id, plan_r->id, sizeof(plan_r->id));
	if (id_make(&m, ENVELOPE_ID, slice_make(NULL, 0), &id, err) != 0)
		return -1;
	(void)buf_text(&id);
	if (plan_r->how == VERP_KEEP && account->mail_from != MAIL_FROM_KEEP)
		return 0; /* null, malformed, ours */
	if (facts->sender->null || facts->sender->malformed)
		return 0;
	envid = args_make(&m);
	if (plan_r->how == VERP_KEEP && !envid)
		return 0;
	if (sender_make(&m, err) != 0)
		return -1;
	plan_r->change = true;
	return 0;
}
