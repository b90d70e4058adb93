/*
 * sign_keys.c - see sign_keys.h.
 */
#include "sign_keys.h"

#include "auth/key_record.h"
#include "auth/key_table.h"
#include "mail/fold.h"
#include "mail/sevenbit.h"
#include "policy/dns_name.h"
#include "policy/presigned.h"

static void
sign_add(struct outbound *out, const struct account_key *wanted, enum signer_kind kind,
    const struct key_entry *entry)
{
	struct outbound_sign *sign;
	struct signer_plan *plan = &out->plan_of_signer;

	if (out->nsigns == SIGNER_KEYS_MAX)
		return;
	sign = &out->signs[out->nsigns];
	*sign = (struct outbound_sign){wanted, kind, wanted->selector, NULL};
	if (entry == NULL || entry->key == NULL) {
		sign->reason = entry == NULL ? "no-key" : entry->reason;
	} else if (!presigned_may_add(out->presigned, signer_field_name(kind))) {
		sign->reason = "presigned";
	} else {
		sign->selector = entry->selector;
		out->sign_of_key[plan->nkeys] = out->nsigns;
		out->signer_keys[plan->nkeys++] = (struct signer_key){kind, entry->key,
		    slice_of(entry->domain), slice_of(entry->selector), slice_of("")};
	}
	out->nsigns++;
}

static const struct key_entry *
entry_find(const struct env *env, const struct account_key *wanted)
{
	const struct clock_port *clock = env->ports->clock;

	if (env->ports->keys == NULL)
		return NULL;
	return key_table_find(env->ports->keys, slice_of(wanted->domain),
	    slice_of(wanted->selector), clock->now_s(clock));
}

bool
sign_keys_any(const struct env *env, const struct account *account)
{
	for (size_t i = 0; i < account->nkeys; i++) {
		const struct key_entry *entry = entry_find(env, &account->keys[i]);

		if (entry != NULL && entry->key != NULL)
			return true;
	}
	return false;
}

void
sign_keys_choose(const struct env *env, struct outbound *out)
{
	const struct outbound_conf *conf = env->conf;
	const struct account *account = out->account;
	bool domainkeys = account->domainkeys;

	for (size_t i = 0; i < account->nkeys; i++) {
		const struct key_entry *entry = conf->require_dns
						    ? out->shown[i]
						    : entry_find(env, &account->keys[i]);

		sign_add(out, &account->keys[i], SIGNER_DKIM, entry);
		if (!domainkeys || entry == NULL || entry->key == NULL ||
		    sign_key_facts(entry->key).kind != SIGN_RSA)
			continue;
		sign_add(out, &account->keys[i], SIGNER_DOMAINKEYS, entry);
		domainkeys = false;
	}
}

/* A field of that name has a line that a hop will break. */
static bool
is_broken(const struct outbound *out, struct slice name)
{
	for (size_t i = 0; i < out->message.n; i++) {
		const struct message_field *f = &out->message.v[i];
		char storage[2 * SEVENBIT_LINE_MAX];
		struct buf unused = BUF_OVER(storage);

		if (slice_eq_nocase(f->name, name) &&
		    !fold_fits(f->name, f->value, SEVENBIT_LINE_MAX) &&
		    (out->presigned != NULL ||
			!fold_value(f->name, f->value, SEVENBIT_LINE_MAX, &unused)))
			return true;
	}
	return false;
}

static bool
has_field(const struct outbound *out, struct slice name)
{
	for (size_t i = 0; i < out->message.n; i++) {
		if (slice_eq_nocase(out->message.v[i].name, name))
			return true;
	}
	return false;
}

/* May it be signed, or signed that there is none? Sendmail adds a Date that is missing, after us. */
static bool
is_lasting(const struct outbound *out, struct slice name)
{
	if (slice_eq_nocase(name, slice_of("Date")) && !has_field(out, name))
		return false;
	return out->fold_left == NULL || !is_broken(out, name);
}

int
sign_names_choose(struct outbound *out)
{
	struct signer_plan *plan = &out->plan_of_signer;
	struct signer_name *names = arena_alloc(
	    &out->arena, (signer_names_default_n + 1) * sizeof(*names));
	size_t n = 0;

	if (names == NULL)
		return -1;
	for (size_t i = 0; i < signer_names_default_n; i++) {
		/* without From there is no signature (RFC 6376 section 5.4) */
		if (i == 0 || is_lasting(out, signer_names_default[i].name))
			names[n++] = signer_names_default[i];
	}
	if (out->has_plan && strcmp(out->account->id_header, "off") != 0)
		names[n++] = (struct signer_name){slice_of(out->account->id_header), false};
	plan->keys = out->signer_keys;
	plan->names = names;
	plan->nnames = n;
	return 0;
}

/* True unless DNS says otherwise; that it says nothing is held against no key. *pending_r: the answer
 * is not there. */
static bool
is_shown(struct txn *txn, const struct key_entry *entry, bool *pending_r)
{
	const struct dns_answer *answer;
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf name = BUF_OVER(storage);
	enum key_record_state state;

	if (key_record_name(slice_of(entry->domain), slice_of(entry->selector), &name) != 0)
		return false;
	answer = lookup_ask(&txn->lookup, buf_slice(&name), DNS_TXT);
	*pending_r |= answer->status == DNS_PENDING;
	if (answer->status == DNS_PENDING)
		return false;
	state = key_record_check(answer, sign_key_facts(entry->key).kind, entry->public_key, NULL);
	return key_record_is_shown(state) || state == KEY_RECORD_NO_ANSWER;
}

/* Who has taken over, or, while DNS does not show that key, who was there before. False while an
 * answer is not there. */
static bool
is_settled(const struct env *env, struct txn *txn, size_t at)
{
	static const struct key_entry hidden = {.reason = "not-in-dns"};
	struct outbound *out = txn->outbound;
	const struct account_key *wanted = &out->account->keys[at];
	const struct key_entry *next = entry_find(env, wanted);
	const struct key_entry *own = env->ports->keys == NULL
					  ? NULL
					  : key_table_at(env->ports->keys, slice_of(wanted->domain),
						slice_of(wanted->selector));
	bool pending = false;

	out->shown[at] = next;
	if (next == NULL || next->key == NULL || is_shown(txn, next, &pending))
		return !pending;
	out->shown[at] = &hidden;
	if (own != NULL && own != next && own->key != NULL && is_shown(txn, own, &pending))
		out->shown[at] = own;
	return !pending;
}

bool
sign_keys_gather(const struct env *env, struct txn *txn)
{
	const struct account *account = outbound_editor(txn);
	bool settled = true;

	for (size_t i = 0; account != NULL && i < account->nkeys; i++)
		settled &= is_settled(env, txn, i);
	return settled;
}
