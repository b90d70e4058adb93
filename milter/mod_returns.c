/*
 * mod_returns.c - mail to our return paths: whose recipients are they, and keeping the message until
 * it can be read. What is recorded of it: mod_returns_record.c.
 *
 * Whoever guesses return paths costs one HMAC each, and nobody is asked.
 */
#include "modules.h"
#include "returns.h"

#define DAY_S 86400

const char returns_claim[] = "return";

/* --- whose it is --- */

void
returns_reader_begin(struct returns_reader *reader, const struct env *env)
{
	const struct outbound_conf *outbound = env->outbound;
	const struct clock_port *clock = env->ports->clock;
	struct accounts *accounts = env->ports->accounts;

	*reader = (struct returns_reader){env, accounts->hold(accounts), outbound->xverp_delimiters,
	    (unsigned)(clock->now_s(clock) / DAY_S)};
}

void
returns_reader_end(struct returns_reader *reader)
{
	struct accounts *accounts = reader->env->ports->accounts;

	accounts->release(accounts, reader->book);
}

enum token_result
returns_open(const struct returns_reader *reader, struct slice local, struct slice domain,
    struct envelope_id *id_r)
{
	const struct returns_conf *conf = reader->env->conf;
	const struct envelope_text text = {local, domain, reader->delimiters};
	const struct token_terms terms = {
	    .today = reader->today, .max_age_days = (unsigned)(conf->max_age_s / DAY_S)};

	return envelope_id_open(reader->env->ports->keyring, &text, &terms, id_r);
}

const struct account *
returns_account(const struct returns_reader *reader, uint64_t id)
{
	const struct account_book *book = reader->book;
	const char *name = account_map_by_id(book->map, id);
	const struct account *account = name == NULL ? NULL : account_book_find(book, name);

	/* one that nothing leads to any more, or the default one */
	for (size_t i = 0; account == NULL && i < book->n; i++) {
		if (book->v[i]->id == id)
			account = book->v[i];
	}
	return account;
}

bool
returns_is_feedback(const struct returns_reader *reader, const struct address *rcpt)
{
	const struct returns_conf *conf = reader->env->conf;

	return address_set_has(&conf->feedback, rcpt) ||
	       account_feedbacks_have(&reader->book->feedbacks, rcpt->text);
}

/* --- recipients --- */

void
returns_refuse(struct findings *findings, const char *reason, const char *words)
{
	struct finding *f = findings_add(findings, FINDING_BLOCK, mod_returns.name, reason);
	struct buf text;

	if (f == NULL)
		return;
	f->code = "550";
	f->xcode = "5.1.1";
	buf_init(&text, f->text, sizeof(f->text));
	buf_add_text(&text, words);
	(void)buf_text(&text);
}

/* We cannot know now whether it is ours. */
static void
put_off(struct findings *findings, const char *reason)
{
	static const char words[] = "cannot be told now, try again later";
	struct finding *f = findings_add(findings, FINDING_DEFER, mod_returns.name, reason);

	if (f == NULL)
		return;
	f->xcode = "4.3.0";
	memcpy(f->text, words, sizeof(words));
}

/* One that is good: does his account want to see what comes? */
static void
good_take(
    const struct returns_reader *reader, const struct envelope_id *id, struct findings *findings)
{
	const struct account *account = returns_account(reader, id->ids.account);

	if (account == NULL && reader->book->complete)
		returns_refuse(findings, "retired", "no such return path");
	else if (account == NULL)
		put_off(findings, "accounts");
	else if (account->bounces == BOUNCES_DISCARD)
		(void)findings_add(findings, FINDING_DROP, mod_returns.name, returns_claim);
}

/* What looks like one of ours. */
static bool
token_claim(
    const struct returns_reader *reader, const struct address *rcpt, struct findings *findings)
{
	bool ours = account_domains_have(&reader->book->domains, rcpt->domain);
	struct envelope_id id;

	if (reader->env->ports->keyring == NULL) {
		if (ours)
			put_off(findings, "keyring");
		return ours;
	}
	switch (returns_open(reader, rcpt->local, rcpt->domain, &id)) {
	case TOKEN_GOOD:
		good_take(reader, &id, findings);
		return true;
	case TOKEN_EXPIRED:
		returns_refuse(findings, "expired", "this return path has expired");
		return true;
	case TOKEN_NO_MEMORY:
	case TOKEN_FUTURE:
		put_off(findings, "clock");
		return true;
	default:
		break;
	}
	if (ours)
		returns_refuse(findings, "forged", "no such return path");
	else if (!reader->book->complete)
		put_off(findings, "accounts");
	return ours || !reader->book->complete;
}

static const char *
returns_claim_rcpt(const struct env *env, struct txn *txn, struct findings *findings)
{
	const struct returns_conf *conf = env->conf;
	struct returns_reader reader;
	bool like = envelope_id_is_like(txn->rcpt.local), claimed;

	if (env->ports->accounts == NULL || txn->rcpt.domain.n == 0 ||
	    (!like && !conf->refuse_others))
		return NULL;
	returns_reader_begin(&reader, env);
	if (like) {
		claimed = token_claim(&reader, &txn->rcpt, findings);
	} else {
		claimed = !address_is_role(&txn->rcpt) &&
			  account_domains_have(&reader.book->domains, txn->rcpt.domain);
		if (claimed)
			returns_refuse(findings, "other", "no such address");
	}
	returns_reader_end(&reader);
	return claimed ? returns_claim : NULL;
}

/* --- the message --- */

static bool
has_feedback_rcpt(const struct env *env, const struct txn *txn)
{
	struct returns_reader reader;
	const struct txn_rcpt *r = txn->rcpts;

	returns_reader_begin(&reader, env);
	while (
	    r != NULL && (r->answer != ANSWER_CONTINUE || !returns_is_feedback(&reader, &r->addr)))
		r = r->next;
	returns_reader_end(&reader);
	return r != NULL;
}

/* Once for each message: is it one that may come back? */
static void
returns_begin(const struct env *env, struct txn *txn)
{
	const struct returns_conf *conf = env->conf;
	const struct outbound_conf *outbound = env->outbound;
	struct returns *returns;

	if (txn->returns_asked)
		return;
	txn->returns_asked = true;
	if (env->ports->accounts == NULL || env->ports->keyring == NULL ||
	    (txn->nclaimed == 0 && !(txn->sender.null && conf->by_id) &&
		!has_feedback_rcpt(env, txn)))
		return;
	returns = arena_alloc(&txn->transaction, sizeof(*returns));
	if (returns == NULL)
		return;
	arena_init(&returns->arena, 8192, RETURNS_HEADER_BYTES);
	body_spool_init(&returns->spool, outbound->spool);
	txn->returns = returns;
}

/* Who gets what came to this return path, where that is passed on; NULL: the MTA decides. */
static const char *
instead_of(const struct returns_reader *reader, struct txn *txn, const struct txn_rcpt *r)
{
	const struct account *account;
	struct envelope_id id;

	if (returns_open(reader, r->addr.local, r->addr.domain, &id) != TOKEN_GOOD)
		return NULL;
	account = returns_account(reader, id.ids.account);
	if (account == NULL || account->bounces_to[0] == '\0')
		return NULL;
	return arena_text(&txn->transaction, slice_of(account->bounces_to));
}

static void
recipients_replace(const struct env *env, struct txn *txn)
{
	struct returns_reader reader;

	returns_reader_begin(&reader, env);
	for (struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next) {
		if (r->answer != ANSWER_CONTINUE || r->exempt != returns_claim || r->dropped)
			continue;
		r->instead = instead_of(&reader, txn, r);
		txn->nreplaced += r->instead != NULL;
	}
	returns_reader_end(&reader);
}

static void
returns_enter(const struct env *env, struct txn *txn)
{
	if (txn->phase != PHASE_EOH)
		return;
	returns_begin(env, txn);
	if (txn->nclaimed > txn->ndropped && txn->returns != NULL)
		recipients_replace(env, txn);
}

static void
returns_header(const struct env *env, struct txn *txn, struct slice name, struct slice value)
{
	returns_begin(env, txn);
	if (txn->returns != NULL) /* without the rest it can still be read, though less well */
		(void)message_add(&txn->returns->arena, &txn->returns->message, name, value);
}

static bool
returns_body(const struct env *env, struct txn *txn, struct slice bytes)
{
	struct err err;

	(void)env;
	/* the error is there again at the end of the message */
	return txn->returns != NULL && body_spool_add(&txn->returns->spool, bytes, &err) == 0;
}

static void
returns_end(struct txn *txn)
{
	struct returns *returns = txn->returns;

	if (returns == NULL)
		return;
	txn->returns = NULL;
	body_spool_fini(&returns->spool);
	arena_fini(&returns->arena);
}

bool
returns_active(const void *conf)
{
	return ((const struct returns_conf *)conf)->enabled;
}

/* In front of all: who is claimed is not judged. */
const struct module mod_returns = {
    .name = "returns",
    .section = &returns_section,
    .needs = NEED_HEADERS | NEED_BODY | NEED_DROP_RCPT | NEED_ADD_RCPT,
    .active = returns_active,
    .claim = returns_claim_rcpt,
    .enter = returns_enter,
    .header = returns_header,
    .body = returns_body,
    .end = returns_end,
};

/* --- backscatter --- */

static bool
backscatter_active(const void *conf)
{
	return returns_active(conf) && ((const struct returns_conf *)conf)->strict.n > 0;
}

/* At DATA: who only asks whether an address is there must hear that it is. A bounce has one
 * recipient, so one of several is enough. */
static int
backscatter_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	static const char words[] = "all mail of this address has another return path: backscatter";
	const struct returns_conf *conf = env->conf;
	const struct txn_rcpt *r = txn->rcpts;
	struct finding *f;

	(void)err;
	if (!txn->sender.null)
		return 0;
	while (r != NULL && (r->answer != ANSWER_CONTINUE || r->exempt != NULL ||
				!address_set_has(&conf->strict, &r->addr)))
		r = r->next;
	if (r == NULL)
		return 0;
	env->ports->store->count(env->ports->store, STAT_REFUSED_RETURNS,
	    env->ports->clock->now_s(env->ports->clock), 1);
	f = findings_add(findings, FINDING_BLOCK, mod_backscatter.name, "backscatter");
	if (f == NULL)
		return 0;
	f->code = "550";
	f->xcode = "5.7.1";
	memcpy(f->text, words, sizeof(words));
	return 0;
}

const struct module mod_backscatter = {
    .name = "returns",
    .section = &returns_section,
    .phases = PHASE_DATA,
    .active = backscatter_active,
    .check = backscatter_check,
};
