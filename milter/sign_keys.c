/*
 * sign_keys.c - see sign_keys.h.
 */
#include "sign_keys.h"

#include "auth/key_record.h"
#include "auth/key_table.h"
#include "policy/dns_name.h"

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

void
sign_keys_choose(const struct env *env, struct outbound *out)
{
	const struct account *account = out->account;
	bool domainkeys = account->domainkeys;

	for (size_t i = 0; i < account->nkeys; i++) {
		static const struct key_entry hidden = {.reason = "not-in-dns"};
		const struct key_entry *entry = out->hidden[i] ? &hidden
							       : entry_find(env, &account->keys[i]);

		sign_add(out, &account->keys[i], SIGNER_DKIM, entry);
		if (!domainkeys || entry == NULL || entry->key == NULL ||
		    sign_key_facts(entry->key).kind != SIGN_RSA)
			continue;
		sign_add(out, &account->keys[i], SIGNER_DOMAINKEYS, entry);
		domainkeys = false;
	}
}

int
sign_names_choose(struct outbound *out)
{
	struct signer_plan *plan = &out->plan_of_signer;
	size_t n = signer_names_default_n;
	struct signer_name *names = arena_alloc(&out->arena, (n + 1) * sizeof(*names));

	if (names == NULL)
		return -1;
	memcpy(names, signer_names_default, n * sizeof(*names));
	if (out->has_plan && strcmp(out->account->id_header, "off") != 0)
		names[n++] = (struct signer_name){slice_of(out->account->id_header), false};
	plan->keys = out->signer_keys;
	plan->names = names;
	plan->nnames = n;
	return 0;
}

/* False while the answer is not there. That none is to be had says nothing against a key. */
static bool
is_settled(const struct env *env, struct txn *txn, size_t at)
{
	struct outbound *out = txn->outbound;
	const struct key_entry *entry = entry_find(env, &out->account->keys[at]);
	const struct dns_answer *answer;
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf name = BUF_OVER(storage);
	enum key_record_state state;

	if (entry == NULL || entry->key == NULL ||
	    key_record_name(slice_of(entry->domain), slice_of(entry->selector), &name) != 0)
		return true;
	answer = lookup_ask(&txn->lookup, buf_slice(&name), DNS_TXT);
	if (answer->status == DNS_PENDING)
		return false;
	state = key_record_check(answer, sign_key_facts(entry->key).kind, entry->public_key, NULL);
	out->hidden[at] = !key_record_is_shown(state) && state != KEY_RECORD_NO_ANSWER;
	return true;
}

bool
sign_keys_gather(const struct env *env, struct txn *txn)
{
	const struct account *account = outbound_account(txn);
	bool settled = true;

	for (size_t i = 0; account != NULL && i < account->nkeys; i++)
		settled &= is_settled(env, txn, i);
	return settled;
}
