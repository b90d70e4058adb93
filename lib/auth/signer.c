/*
 * signer.c - see signer.h.
 */
#include "auth/signer.h"

#include <assert.h>

/* The reason for all keys of that kind, which ends its part. */
static void
kind_refuse(struct signer *s, enum signer_kind kind, const struct err *err)
{
	for (size_t i = 0; i < s->plan->nkeys; i++)
		if (s->plan->keys[i].kind == kind && s->err[i].code == ERR_NONE)
			s->err[i] = *err;
	if (kind == SIGNER_DKIM)
		s->has_dkim = false;
	else
		s->has_domainkeys = false;
}

/* The first key of that kind that may sign, or NULL. */
static const struct sign_key *
kind_key(const struct signer *s, enum signer_kind kind)
{
	for (size_t i = 0; i < s->plan->nkeys; i++)
		if (s->plan->keys[i].kind == kind && s->err[i].code == ERR_NONE)
			return s->plan->keys[i].key;
	return NULL;
}

static void
sha1_refuse(struct signer *s)
{
	for (size_t i = 0; i < s->plan->nkeys; i++)
		if (s->plan->keys[i].kind == SIGNER_DOMAINKEYS &&
		    !sign_key_facts(s->plan->keys[i].key).sha1)
			(void)err_set(&s->err[i], ERR_UNAVAILABLE,
			    "this system does not sign rsa-sha1 with the key");
}

void
signer_begin(struct signer *s, const struct signer_plan *plan, uint64_t time_s, struct arena *arena)
{
	struct err err;

	assert(plan->nkeys <= SIGNER_KEYS_MAX && plan->nnames <= SIGNER_NAMES_MAX);
	s->plan = plan;
	s->arena = arena;
	s->time_s = time_s;
	for (size_t i = 0; i < plan->nkeys; i++)
		s->err[i] = (struct err){.code = ERR_NONE};
	sha1_refuse(s);
	sign_fields_init(&s->fields, plan);
	s->dkim.header = s->dkim.body = s->domainkeys.hash = NULL;
	s->has_dkim = kind_key(s, SIGNER_DKIM) != NULL;
	s->has_domainkeys = kind_key(s, SIGNER_DOMAINKEYS) != NULL;
	if (s->has_dkim && dkim_sign_begin(&s->dkim, kind_key(s, SIGNER_DKIM), &err) != 0)
		kind_refuse(s, SIGNER_DKIM, &err);
	if (s->has_domainkeys &&
	    domainkeys_sign_begin(&s->domainkeys, kind_key(s, SIGNER_DOMAINKEYS), &err) != 0)
		kind_refuse(s, SIGNER_DOMAINKEYS, &err);
}

void
signer_fini(struct signer *s)
{
	dkim_sign_fini(&s->dkim);
	domainkeys_sign_fini(&s->domainkeys);
	s->has_dkim = s->has_domainkeys = false;
}

void
signer_header(struct signer *s, struct slice name, struct slice value)
{
	sign_fields_add(&s->fields, name, value);
}

static void
identities_check(struct signer *s)
{
	for (size_t i = 0; i < s->plan->nkeys; i++)
		if (s->plan->keys[i].kind == SIGNER_DOMAINKEYS && s->err[i].code == ERR_NONE)
			(void)domainkeys_sign_identity(
			    &s->fields, s->plan->keys[i].domain, &s->err[i]);
	if (kind_key(s, SIGNER_DOMAINKEYS) == NULL)
		s->has_domainkeys = false;
}

void
signer_eoh(struct signer *s)
{
	struct err err;

	if (s->fields.over) {
		(void)err_set(
		    &err, ERR_LIMIT, "more than %d header fields to sign", SIGN_FIELDS_MAX);
		kind_refuse(s, SIGNER_DKIM, &err);
		kind_refuse(s, SIGNER_DOMAINKEYS, &err);
		return;
	}
	if (s->has_dkim && dkim_sign_header(&s->dkim, &s->fields, s->arena, &err) != 0)
		kind_refuse(s, SIGNER_DKIM, &err);
	identities_check(s);
	if (s->has_domainkeys &&
	    domainkeys_sign_header(&s->domainkeys, &s->fields, s->arena, &err) != 0)
		kind_refuse(s, SIGNER_DOMAINKEYS, &err);
}

void
signer_body(struct signer *s, struct slice chunk)
{
	if (s->has_dkim)
		dkim_sign_body(&s->dkim, chunk);
	if (s->has_domainkeys)
		domainkeys_sign_body(&s->domainkeys, chunk);
}

const char *
signer_field_name(enum signer_kind kind)
{
	return kind == SIGNER_DKIM ? "DKIM-Signature" : "DomainKey-Signature";
}

static void
key_finish(struct signer *s, size_t i, struct signer_field *field_r)
{
	const struct signer_key *key = &s->plan->keys[i];
	const char *value = NULL;

	if (s->err[i].code != ERR_NONE)
		value = NULL;
	else if (key->kind == SIGNER_DKIM)
		(void)dkim_sign_value(&s->dkim, key, s->time_s, s->arena, &value, &s->err[i]);
	else
		(void)domainkeys_sign_value(&s->domainkeys, key, s->arena, &value, &s->err[i]);
	*field_r = (struct signer_field){
	    .key = key,
	    .name = signer_field_name(key->kind),
	    .value = s->err[i].code == ERR_NONE ? value : NULL,
	    .reason = s->err[i].code == ERR_NONE ? "" : s->err[i].text,
	};
}

size_t
signer_finish(struct signer *s, struct signer_field fields_r[SIGNER_KEYS_MAX])
{
	struct err err;
	size_t n = 0;

	if (s->has_dkim && dkim_sign_end(&s->dkim, &err) != 0)
		kind_refuse(s, SIGNER_DKIM, &err);
	if (s->has_domainkeys && domainkeys_sign_end(&s->domainkeys, &err) != 0)
		kind_refuse(s, SIGNER_DOMAINKEYS, &err);
	for (int kind = SIGNER_DKIM; kind <= SIGNER_DOMAINKEYS; kind++)
		for (size_t i = 0; i < s->plan->nkeys; i++)
			if ((int)s->plan->keys[i].kind == kind)
				key_finish(s, i, &fields_r[n++]);
	return n;
}
