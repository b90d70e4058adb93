/*
 * mod_grey.c - greylisting: the options, whom it looks at, and what the client is told.
 * The rule itself is in lib/policy/grey.h.
 */
#include "grey_conf.h"

#include "auth/orgdomain.h"
#include "auth/spf.h"
#include "mail/date.h"
#include "modules.h"
#include "policy/rdns.h"

#include <stdio.h>

#define DAY_S    86400
#define MONTH_S  (30L * DAY_S)
#define YEAR_S   (365L * DAY_S) /* nobody waits longer, and no TTL needs more */
#define LIST_MAX 100000
#define TEXT_MAX 160 /* leaves room for the digits within FINDING_TEXT_BYTES */

/* Exactly one %s, no other %: the text becomes a reply with the seconds in its place. */
static int
text_check(const char *text, struct err *err)
{
	const char *mark = strchr(text, '%');

	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			return err_set(
			    err, ERR_INVALID, "an SMTP reply may hold printable ASCII only");
	}
	if (mark != NULL && (mark[1] != 's' || strchr(mark + 2, '%') != NULL))
		return err_set(err, ERR_INVALID,
		    "%%s may stand once, for the seconds left; no other %% is allowed");
	return 0;
}

static int
grey_check_section(const void *section, struct err *err)
{
	const struct grey_conf *c = section;

	if (c->pass_s <= c->block_s)
		return err_set(err, ERR_INVALID,
		    "pass must be longer than block: a retry must come after block and within "
		    "pass");
	if (c->expire_s < c->pass_s)
		return err_set(
		    err, ERR_INVALID, "expire must not be shorter than pass: it keeps what passed");
	if (c->learning && c->module.shadow)
		return err_set(err, ERR_INVALID,
		    "learning and shadow exclude each other: learning lets everybody pass and "
		    "remembers them, shadow records what would have been put off; choose one");
	return 0;
}

static const char *const mode_words[] = {"all", "suspicious", "off", NULL};
static const char *const on_error_words[] = {"accept", "tempfail", "local", NULL};

static const struct option options[] = {
    OPTION_ENUM(struct grey_conf, mode, "mode", "all", mode_words,
	"Who is greylisted: all, only suspicious mail (by score), or nobody."),
    OPTION_NUMBER(struct grey_conf, score, "score", "10", 1, 1000,
	"With mode = suspicious: greylist from this score on."),
    OPTION_SECONDS(struct grey_conf, block_s, "block", "4m", 0, DAY_S,
	"A retry sooner than this is early, and put off again."),
    OPTION_SECONDS(struct grey_conf, pass_s, "pass", "6h", 1, MONTH_S,
	"The retry must come within this time of the first try, else it counts as a first try."),
    OPTION_SECONDS(struct grey_conf, expire_s, "expire", "36d", 60, YEAR_S,
	"Who passed is remembered for this long after the last mail."),
    OPTION_NUMBER(struct grey_conf, promote_after, "promote_after", "5", 0, 1000,
	"A sender that passed for so many tuples is known and not put off any more; 0: never."),
    OPTION_SECONDS(struct grey_conf, promote_gap_s, "promote_gap", "1h", 0, MONTH_S,
	"Passes closer together than this count once."),
    OPTION_BOOL(struct grey_conf, identity, "identity", "yes",
	"A sender is the domain that SPF vouches for, or that of a confirmed host name; only else, "
	"and with no, the client's network."),
    OPTION_NUMBER(struct grey_conf, network4_bits, "network4", "24", 8, 32,
	"IPv4 clients within a network of this prefix length are one sender."),
    OPTION_NUMBER(struct grey_conf, network6_bits, "network6", "64", 16, 128,
	"IPv6 clients within a network of this prefix length are one sender."),
    OPTION_SECONDS(struct grey_conf, correspondents_s, "correspondents", "60d", 0, YEAR_S,
	"Whom a local user wrote to is not put off when answering, for this long; 0: off."),
    OPTION_NETWORKS(struct grey_conf, allow_networks, "allow_networks", "", LIST_MAX,
	"Clients that are never greylisted; more in Redis (gatepostctl grey allow)."),
    OPTION_ADDRESSES(struct grey_conf, allow_senders, "allow_senders", "", LIST_MAX,
	"Senders that are never greylisted. Anybody can write such a MAIL FROM: prefer networks."),
    OPTION_ADDRESSES(struct grey_conf, optout, "optout", "", LIST_MAX,
	"Recipients and domains that are never greylisted."),
    OPTION_TEXT(struct grey_conf, text, "text", "Greylisted, please try again in %s seconds", 1,
	TEXT_MAX, text_check, "What the client is told; %s stands for the seconds left."),
    OPTION_BOOL(struct grey_conf, header, "header", "yes",
	"Add X-Greylist with the delay to mail that was put off."),
    OPTION_BOOL(struct grey_conf, learning, "learning", "no",
	"Put nobody off, and remember every sender as one that passed."),
    OPTION_BOOL(struct grey_conf, module.shadow, "shadow", "no",
	"Put nobody off, but log and count who would have been."),
    OPTION_ENUM(struct grey_conf, module.on_error, "on_error", "accept", on_error_words,
	"When Redis cannot be asked: accept, tempfail, or decide by this process's own memory."),
    OPTION_END,
};

const struct conf_section grey_section = {
    .name = "greylist",
    .help = "Putting off strangers until they come back.",
    .options = options,
    .size = sizeof(struct grey_conf),
    .check = grey_check_section,
};

static bool
grey_active(const void *conf)
{
	return ((const struct grey_conf *)conf)->mode != GREY_MODE_OFF;
}

/* Why this recipient is not greylisted, or NULL. The cheap reasons come first. */
static const char *
exempt_reason(const struct grey_conf *c, struct store *store, const struct txn *txn,
    const struct address *rcpt, int score)
{
	if (c->mode == GREY_MODE_SUSPICIOUS && score < c->score)
		return "unsuspicious";
	if (net_set_has(&c->allow_networks, &txn->client) ||
	    store->has_network(store, STORE_ALLOW_NETWORKS, &txn->client))
		return "network";
	if (address_set_has(&c->optout, rcpt) || store->has_address(store, STORE_OPTOUT, rcpt))
		return "optout";
	if (address_set_has(&c->allow_senders, &txn->sender) ||
	    store->has_address(store, STORE_ALLOW_SENDERS, &txn->sender))
		return "sender";
	return NULL;
}

/* Who must come back: the first that holds. */
static struct identity
sender_identity(const struct ports *ports, const struct grey_conf *c, const struct txn *txn)
{
	const struct spf_result *spf = txn->facts.spf == NULL ? NULL : spf_result(txn->facts.spf);
	const struct rdns *rdns = txn->facts.rdns;
	struct identity identity = {.kind = IDENTITY_NONE};
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf domain = BUF_OVER(storage);

	if (c->identity && spf != NULL && spf->code == SPF_PASS && !spf->open &&
	    orgdomain_of(ports->suffixes, spf->domain, &domain) == 0)
		identity = identity_of_domain(buf_slice(&domain));
	buf_reset(&domain);
	if (c->identity && identity.kind == IDENTITY_NONE && rdns != NULL &&
	    rdns->outcome == RDNS_PASS && rdns->name->look == RDNS_LOOK_HOST &&
	    orgdomain_of(ports->suffixes, rdns_name(rdns), &domain) == 0)
		identity = identity_of_host(rdns_name(rdns), buf_slice(&domain));
	if (identity.kind == IDENTITY_NONE)
		identity = identity_of_network(
		    &txn->client, (unsigned)c->network4_bits, (unsigned)c->network6_bits);
	return identity;
}

/* Asks the store, or this process's memory when the store is down and the section says so. */
static int
step_ask(const struct ports *ports, const struct grey_conf *c, const struct txn *txn,
    const struct address *rcpt, struct grey_step *step_r, struct err *err)
{
	struct grey_windows windows = {
	    c->block_s, c->pass_s, c->expire_s, c->promote_after, c->promote_gap_s, c->learning};
	bool ask_met = c->correspondents_s > 0 && !txn->sender.null;
	struct identity identity = sender_identity(ports, c, txn);
	struct grey_key key;
	struct grey_request request = {&key, &windows, NULL, NULL};

	grey_key_make(&key, &identity, &txn->sender, rcpt);
	if (ask_met) {
		request.met_local = rcpt;
		request.met_remote = &txn->sender;
	}
	if (ports->store->grey_step(ports->store, &request, step_r, err) == 0)
		return 0;
	ports->store->count(ports->store, STAT_GREY_ERROR, ports->clock->now_s(ports->clock), 1);
	if (c->module.on_error != ON_ERROR_LOCAL)
		return -1;
	return ports->local->grey_step(ports->local, &request, step_r, err);
}

static void
step_count(struct store *store, const struct grey_conf *c, const struct grey_step *step)
{
	static const unsigned counters[] = {
	    [GREY_NEW] = STAT_GREY_NEW,
	    [GREY_EARLY] = STAT_GREY_EARLY,
	    [GREY_PASSED] = STAT_GREY_PASSED,
	    [GREY_REPEAT] = STAT_GREY_REPEAT,
	    [GREY_KNOWN] = STAT_GREY_KNOWN,
	    [GREY_MET] = STAT_GREY_MET,
	    [GREY_LEARNED] = STAT_GREY_LEARNED,
	};
	bool delays = grey_outcome_delays(step->outcome);

	store->count(store, STAT_GREY_ASKED, step->now, 1);
	store->count(store, counters[step->outcome], step->now, 1);
	if (delays && c->module.shadow)
		store->count(store, STAT_GREY_WOULD_DEFER, step->now, 1);
	if (step->outcome == GREY_PASSED) {
		store->count(store, STAT_GREY_RETURNED, step->first, 1);
		store->count(store, stat_delay(step->delay_s), step->now, 1);
	}
}

/* The sentence for the client, the seconds in the place of %s. */
static void
text_format(struct finding *f, const struct grey_conf *c)
{
	struct buf out = BUF_OVER(f->text);
	struct slice text = slice_of(c->text);
	size_t mark = slice_find(text, '%');

	buf_add(&out, slice_head(text, mark));
	if (mark < text.n) {
		buf_add_u64(&out, (uint64_t)f->wait_s);
		buf_add(&out, slice_from(text, mark + 2));
	}
	(void)buf_text(&out);
}

static int
check_rcpt(const struct env *env, const struct txn *txn, const struct address *rcpt,
    struct findings *findings, struct err *err)
{
	const struct grey_conf *c = env->conf;
	struct store *store = env->ports->store;
	/* at DATA the scores of RCPT count: nothing adds to them there */
	int score = txn->phase == PHASE_DATA ? txn->score_worst : findings_score(findings);
	const char *exempt = exempt_reason(c, store, txn, rcpt, score);
	struct grey_step step;
	struct finding *f;

	if (decide(findings).answer == ANSWER_REJECT)
		return 0; /* refused anyway: its retry is worth nothing */
	if (exempt != NULL) {
		store->count(
		    store, STAT_GREY_EXEMPT, env->ports->clock->now_s(env->ports->clock), 1);
		(void)findings_add(findings, FINDING_NOTE, mod_grey.name, exempt);
		return 0;
	}
	if (step_ask(env->ports, c, txn, rcpt, &step, err) != 0)
		return -1;
	step_count(store, c, &step);
	f = findings_add(findings, FINDING_NOTE, mod_grey.name, grey_outcome_name(step.outcome));
	if (f == NULL)
		return 0;
	f->delay_s = step.delay_s;
	if (grey_outcome_delays(step.outcome)) {
		f->kind = FINDING_DEFER;
		f->xcode = "4.7.1";
		f->wait_s = step.wait_s;
		text_format(f, c);
	}
	return 0;
}

/*
 * Call-outs ask with a null sender whether an address exists, and must hear 250 at RCPT. So mail
 * from the null sender is put off at DATA, all of it when any of its recipients is: one answer has
 * to do for all, a retry follows, and real bounces have one recipient. One finding stands for all.
 */
static int
check_data(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	size_t before = findings->n;
	int64_t delay_s = 0;

	for (const struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next) {
		struct finding *f = &findings->v[before];

		if (r->answer != ANSWER_CONTINUE || r->exempt != NULL)
			continue;
		findings->n = before;
		if (check_rcpt(env, txn, &r->addr, findings, err) != 0)
			return -1;
		if (findings->n == before || f->kind == FINDING_DEFER)
			return 0;
		delay_s = f->delay_s > delay_s ? f->delay_s : delay_s;
		f->delay_s = delay_s;
	}
	return 0;
}

/* True when the answer waits for DATA. Recipients that the txn did not keep are not there then. */
static bool
is_deferred(const struct txn *txn)
{
	return txn->sender.null && txn->nrcpts_kept < TXN_RCPTS_MAX;
}

static int
grey_check(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	if (txn->phase == PHASE_DATA)
		return txn->sender.null ? check_data(env, txn, findings, err) : 0;
	return is_deferred(txn) ? 0 : check_rcpt(env, txn, &txn->rcpt, findings, err);
}

const struct module mod_grey = {
    .name = "grey",
    .section = &grey_section,
    .phases = PHASE_RCPT | PHASE_DATA,
    .active = grey_active,
    .check = grey_check,
};

static bool
header_active(const void *conf)
{
	return grey_active(conf) && ((const struct grey_conf *)conf)->header;
}

static int
header_add(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	char storage[ADDRESS_MAX_BYTES];
	struct buf out = BUF_OVER(storage);

	if (txn->delay_s == 0)
		return 0;
	buf_add_text(&out, "delayed ");
	buf_add_u64(&out, (uint64_t)txn->delay_s);
	buf_add_text(&out, " seconds by gatepost");
	if (txn->mta.n > 0)
		buf_add_text(&out, " at ");
	buf_add(&out, slice_head(txn->mta, 255));
	buf_add_text(&out, ";\n\t");
	date_format(&out, env->ports->clock->now_s(env->ports->clock));
	if (edits_insert_header(
		edits, 0, "X-Greylist", arena_text(&txn->transaction, buf_slice(&out))) != 0)
		return err_set(err, ERR_LIMIT, "no room for X-Greylist");
	return 0;
}

const struct module mod_grey_header = {
    .name = "grey_header",
    .section = &grey_section,
    .phases = PHASE_EOM,
    .needs = NEED_INSERT_HEADER,
    .active = header_active,
    .transform = header_add,
};
