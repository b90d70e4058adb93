/*
 * mod_account.c - whose message it is that leaves; and may he write that From?
 *
 * The account is looked for at MAIL, by the client, the login and the envelope's sender, so that
 * recipients can be answered; and once more when the header is there, which has the last word.
 */
#include "mail/mailbox.h"
#include "modules.h"
#include "outbound.h"
#include "policy/hit.h"
#include "policy/presigned.h"

#define FROM "From"

/* Fields that steer us, in all: more are no mistake. */
#define STEERING_MAX 60

static int
account_prepare(const void *conf, struct arena *a, const void **prepared_r, struct err *err)
{
	struct account_precedence *precedence = arena_alloc(a, sizeof(*precedence));

	if (precedence == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	*prepared_r = precedence;
	return account_precedence_parse(
	    &((const struct outbound_conf *)conf)->precedence, precedence, err);
}

/* --- who --- */

/* What is known of who sends: before the header is there, the envelope's word. */
static struct account_facts
facts_of(const struct txn *txn)
{
	const struct outbound *out = txn->outbound;
	struct account_facts facts = {.client = &txn->client, .login = txn->login};

	if (txn->phase < PHASE_EOH) {
		facts.from = &txn->sender;
		facts.nfrom = txn->sender.null || txn->sender.malformed ? 0 : 1;
		return facts;
	}
	facts.from = out->from;
	facts.nfrom = out->nfrom;
	facts.from_odd = out->from_odd || out->from_fields != 1;
	facts.header = out->fields.account;
	return facts;
}

/* True when the header may choose among several. */
static bool
is_choice(const struct account_choice *choice)
{
	return choice != NULL && choice->n > 1;
}

/* The login says one, and the network another: the header may name either. */
static bool
differ(const struct account_match *match)
{
	const char *login = match->candidates[ACCOUNT_BY_LOGIN];
	const char *network = match->candidates[ACCOUNT_BY_NETWORK];

	return login != NULL && network != NULL && strcmp(login, network) != 0;
}

static void
account_find(const struct env *env, struct txn *txn)
{
	const struct outbound_conf *conf = env->conf;
	struct outbound *out = txn->outbound;
	const struct account_map *map = out->book->map;
	const char *fallback = conf->default_account[0] == '\0' ? NULL : conf->default_account;
	struct account_facts facts = facts_of(txn);

	out->match = account_match(map, env->prepared, &facts, fallback);
	out->account = out->match.account == NULL
			   ? NULL
			   : account_book_find(out->book, out->match.account);
	out->undecided = txn->phase < PHASE_EOH &&
			 (is_choice(account_map_login(map, txn->login)) ||
			     is_choice(account_map_network(map, &txn->client)) ||
			     differ(&out->match));
	out->unknown = out->account == NULL && (out->match.account != NULL || !out->book->complete);
}

static void
account_begin(const struct env *env, struct txn *txn)
{
	struct outbound *out = arena_alloc(&txn->transaction, sizeof(*out));
	const struct outbound_conf *conf = env->conf;

	if (out == NULL || env->ports->accounts == NULL)
		return;
	arena_init(&out->arena, 8192, OUTBOUND_BYTES);
	body_spool_init(&out->spool, conf->spool);
	out->accounts = env->ports->accounts;
	out->book = out->accounts->hold(out->accounts);
	out->id = hit_message_id(env->ports->random->next(env->ports->random),
	    env->ports->clock->now_s(env->ports->clock));
	txn->outbound = out;
}

/* Is the body wanted, for signatures or for what is tracked? */
static void
wants_find(struct txn *txn)
{
	struct outbound *out = txn->outbound;
	const struct account *account = outbound_editor(txn);
	struct out_track what;

	if (account == NULL)
		return;
	what = out_track_of(account, &out->fields);
	out->presigned = presigned_is(&out->message) ? &out->message : NULL;
	out->tracks = what.opens || what.clicks;
	out->wants_body = out->tracks || account->nkeys > 0;
}

static void
account_enter(const struct env *env, struct txn *txn)
{
	if (txn->phase == PHASE_MAIL)
		account_begin(env, txn);
	if (txn->outbound == NULL)
		return;
	account_find(env, txn);
	if (txn->phase == PHASE_EOH)
		wants_find(txn);
}

/* --- the header --- */

static void
from_note(struct outbound *out, struct slice value)
{
	struct mailboxes it;
	struct mailbox mailbox;

	out->from_fields++;
	mailbox_begin(&it, value);
	while (mailbox_next(&it, &mailbox)) {
		struct slice kept = arena_copy(&out->arena, mailbox.addr);

		if (out->nfrom == ACCOUNT_FROMS_MAX || kept.p == NULL) {
			out->from_odd = true;
			return;
		}
		out->from[out->nfrom++] = address_parse(kept);
	}
	out->from_odd |= it.malformed;
}

static void
account_header(const struct env *env, struct txn *txn, struct slice name, struct slice value)
{
	struct outbound *out = txn->outbound;
	const struct message_field *kept;

	(void)env;
	if (out == NULL)
		return;
	out_fields_note(&out->fields, &out->arena, name, value);
	if (slice_eq_nocase(name, slice_of(FROM)))
		from_note(out, value);
	out->header_bytes += name.n + value.n;
	if (out->header_bytes > OUTBOUND_HEADER_BYTES ||
	    message_add(&out->arena, &out->message, name, value) != 0) {
		out->header_over = true;
		return;
	}
	kept = &out->message.v[out->message.n - 1];
	if (slice_eq_nocase(name, slice_of("Subject")))
		out->subject = slice_trim(kept->value);
	else if (slice_eq_nocase(name, slice_of("Message-ID")))
		out->message_id = slice_trim(kept->value);
}

/* --- what is refused --- */

static void
wrong_from_add(const struct env *env, const struct txn *txn, struct findings *findings)
{
	const struct outbound *out = txn->outbound;
	const struct account_facts facts = facts_of(txn);
	const struct address *wrong = NULL;
	struct finding *f;
	struct buf text;

	if (account_may_write(out->account, out->book->map, &facts, &wrong))
		return;
	f = findings_add(findings, FINDING_BLOCK, mod_account.name, "from");
	if (f == NULL)
		return;
	f->code = "553";
	f->xcode = "5.7.1";
	buf_init(&text, f->text, sizeof(f->text));
	account_wrong_from_words(out->account, wrong, &text);
	outbound_event(env, txn, "refused", NULL, buf_text(&text));
}

/* Fields that steer us tell about the sender's doings: they never leave. */
static void
steering_add(const struct outbound *out, struct findings *findings)
{
	static const char text[] = "too many X-Gatepost header fields";
	struct finding *f;

	if (!out->steer_failed)
		return;
	f = findings_add(findings, FINDING_BLOCK, mod_account.name, "fields");
	if (f != NULL) {
		f->code = "550";
		f->xcode = "5.6.0";
		memcpy(f->text, text, sizeof(text));
	}
}

static int
account_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct outbound *out = txn->outbound;

	if (out == NULL)
		return 0;
	if (txn->phase == PHASE_EOM)
		steering_add(out, findings);
	if (out->unknown)
		return err_set(err, ERR_UNAVAILABLE, "account %s is not known",
		    out->match.account == NULL ? "" : out->match.account);
	if (txn->phase == PHASE_EOM && out->account != NULL)
		wrong_from_add(env, txn, findings);
	return 0;
}

/* All that the outbound modules hold is given back here. */
static void
account_end(struct txn *txn)
{
	struct outbound *out = txn->outbound;

	if (out == NULL)
		return;
	txn->outbound = NULL;
	if (out->hashing)
		signer_fini(out->signer);
	body_spool_fini(&out->spool);
	out->accounts->release(out->accounts, out->book);
	arena_fini(&out->arena);
}

const struct module mod_account = {
    .name = "account",
    .section = &outbound_section,
    .phases = PHASE_RCPT | PHASE_EOM,
    .needs = NEED_HEADERS,
    .active = outbound_active,
    .prepare = account_prepare,
    .enter = account_enter,
    .header = account_header,
    .check = account_check,
    .end = account_end,
};

/* The first of the transforms, so that it always has room; for all mail that leaves. */
static int
steer_strip(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;

	(void)env;
	if (out == NULL)
		return 0;
	out->steer_failed = out_headers_strip(&out->fields, edits) != 0 || edits->n > STEERING_MAX;
	return out->steer_failed ? err_set(err, ERR_LIMIT, "no room to take fields out") : 0;
}

const struct module mod_steer = {
    .name = "steer",
    .section = &outbound_section,
    .phases = PHASE_EOH,
    .needs = NEED_HEADERS | NEED_CHANGE_HEADER,
    .active = outbound_active,
    .transform = steer_strip,
};
