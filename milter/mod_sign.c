/*
 * mod_sign.c - DKIM and DomainKeys on what leaves.
 *
 * The header is hashed as soon as it is there, and the body as it streams in. Only when the message
 * was edited after that, since parts of it are not safe to travel, all is hashed once more, from what
 * was kept of the body.
 */
#include "modules.h"
#include "outbound.h"
#include "sign_keys.h"

/* --- hashing --- */

/* Begins, with the header as edited so far. */
static int
hash_header(const struct env *env, struct outbound *out, const struct edits *edits)
{
	const struct clock_port *clock = env->ports->clock;
	struct message edited;

	if (message_edited(&out->arena, &out->message, edits, &edited) != 0)
		return -1;
	out->hashing = true;
	signer_begin(out->signer, &out->plan_of_signer, (uint64_t)clock->now_s(clock), &out->arena);
	for (size_t i = 0; i < edited.n; i++)
		signer_header(out->signer, edited.v[i].name, edited.v[i].value);
	signer_eoh(out->signer);
	out->signed_edits = edits->n;
	return 0;
}

static int
body_put(void *to, struct slice bytes)
{
	signer_body(to, bytes);
	return 0;
}

static void
hash_end(struct outbound *out)
{
	if (out->hashing)
		signer_fini(out->signer);
	out->hashing = false;
}

static int
hash_again(const struct env *env, struct outbound *out, const struct edits *edits)
{
	const struct sink sink = {body_put, out->signer};
	struct slice body = edits->body;
	struct err err;

	hash_end(out);
	if (hash_header(env, out, edits) != 0)
		return -1;
	if (edits->body_edits != NULL)
		return body_edits_apply_to(edits->body_edits, body, &sink);
	if (body_spool_view(&out->spool, &body, &err) != 0)
		return -1;
	signer_body(out->signer, body);
	return 0;
}

/* The message leaves without a signature of ours: then with those that it had. */
static void
give_up(struct outbound *out, struct edits *edits, const char *reason)
{
	for (size_t i = 0; i < out->nsigns; i++) {
		if (out->signs[i].reason == NULL)
			out->signs[i].reason = reason;
	}
	hash_end(out);
	out->signer = NULL;
	outbound_signatures_restore(out, edits);
}

static int
sign_begin(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;

	(void)err;
	if (out == NULL || !out->wants_body)
		return 0;
	sign_keys_choose(env, out);
	if (out->plan_of_signer.nkeys == 0) {
		outbound_signatures_restore(out, edits);
		return 0;
	}
	out->signer = arena_alloc(&out->arena, sizeof(*out->signer));
	/* what will be edited is hashed when that is done */
	out->streams = txn->phase == PHASE_EOH && (!out->tracks || out->presigned != NULL);
	if (out->signer == NULL || sign_names_choose(out) != 0 ||
	    (out->streams && hash_header(env, out, edits) != 0))
		give_up(out, edits, "no-memory");
	return 0;
}

static bool
sign_body(const struct env *env, struct txn *txn, struct slice bytes)
{
	struct outbound *out = txn->outbound;

	(void)env;
	if (out == NULL || !out->streams || out->signer == NULL)
		return false;
	signer_body(out->signer, bytes);
	return true;
}

static bool
streams(const void *conf)
{
	return outbound_active(conf) && !((const struct outbound_conf *)conf)->require_dns;
}

/* After all other transforms of the header, so that it sees what leaves. */
const struct module mod_sign_begin = {
    .name = "sign_begin",
    .section = &outbound_section,
    .phases = PHASE_EOH,
    .needs = NEED_HEADERS | NEED_BODY,
    .active = streams,
    .body = sign_body,
    .transform = sign_begin,
};

/* --- only with keys that DNS shows --- */

static bool
requires_dns(const void *conf)
{
	return outbound_active(conf) && ((const struct outbound_conf *)conf)->require_dns;
}

/* Instead of the one before: what DNS has to say is known at end of message. */
const struct module mod_sign_late = {
    .name = "sign_late",
    .section = &outbound_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_BODY,
    .gather_from = PHASE_EOH,
    .active = requires_dns,
    .gather = sign_keys_gather,
    .transform = sign_begin,
};

/* --- at the end --- */

/* Why there is no signature, as a static word. */
static const char *
reason_word(const struct signer_key *key)
{
	bool forbidden = key->kind == SIGNER_DOMAINKEYS && !sign_key_facts(key->key).sha1;

	return forbidden ? "sha1-forbidden" : "refused";
}

static int
fields_insert(struct outbound *out, struct edits *edits)
{
	struct signer_field fields[SIGNER_KEYS_MAX];
	size_t n = signer_finish(out->signer, fields);

	for (size_t i = n; i > 0; i--) {
		const struct signer_field *f = &fields[i - 1];
		size_t key = (size_t)(f->key - out->signer_keys);
		struct outbound_sign *sign = &out->signs[out->sign_of_key[key]];

		if (f->value == NULL)
			sign->reason = reason_word(f->key);
		else if (edits_insert_header(edits, 0, f->name, f->value) != 0)
			return -1;
		else
			edits->whole = true; /* it is for what all the edits make together */
	}
	return 0;
}

/* Is there one by DKIM? One of DomainKeys alone takes nobody's place. */
static bool
is_signed(const struct outbound *out)
{
	for (size_t i = 0; i < out->nsigns; i++) {
		if (out->signs[i].kind == SIGNER_DKIM && out->signs[i].reason == NULL)
			return true;
	}
	return false;
}

static int
sign_end(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;

	if (out == NULL || out->signer == NULL)
		return 0;
	if ((!out->streams || edits->n != out->signed_edits || edits->body_edits != NULL) &&
	    hash_again(env, out, edits) != 0) {
		give_up(out, edits, "no-body");
		return err_set(err, ERR_IO, "the body could not be read again");
	}
	if (fields_insert(out, edits) != 0) {
		give_up(out, edits, "no-room");
		return err_set(err, ERR_LIMIT, "no room for signatures");
	}
	if (out->stripped > 0 && !is_signed(out))
		give_up(out, edits, "alone");
	return 0;
}

const struct module mod_sign = {
    .name = "sign",
    .section = &outbound_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_BODY | NEED_INSERT_HEADER,
    .active = outbound_active,
    .transform = sign_end,
};
