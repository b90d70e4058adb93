/*
 * signer_plan.c - see signer_plan.h.
 */
#include "auth/signer_plan.h"

#include "auth/domain.h"
#include "policy/dns_name.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Those of RFC 6376 section 5.4.1, of mailing lists (RFC 2369, 2919, 8058: one-click unsubscription
 * counts only when it is signed) and Gmail's Feedback-ID. */
const struct signer_name signer_names_default[] = {
    {SLICE_LIT("From"), true},
    {SLICE_LIT("Sender"), false},
    {SLICE_LIT("Reply-To"), true},
    {SLICE_LIT("Subject"), true},
    {SLICE_LIT("Date"), true},
    {SLICE_LIT("Message-ID"), false},
    {SLICE_LIT("To"), true},
    {SLICE_LIT("Cc"), true},
    {SLICE_LIT("MIME-Version"), true},
    {SLICE_LIT("Content-Type"), true},
    {SLICE_LIT("Content-Transfer-Encoding"), false},
    {SLICE_LIT("In-Reply-To"), false},
    {SLICE_LIT("References"), false},
    {SLICE_LIT("List-Id"), false},
    {SLICE_LIT("List-Help"), false},
    {SLICE_LIT("List-Unsubscribe"), false},
    {SLICE_LIT("List-Unsubscribe-Post"), false},
    {SLICE_LIT("List-Subscribe"), false},
    {SLICE_LIT("List-Post"), false},
    {SLICE_LIT("List-Owner"), false},
    {SLICE_LIT("List-Archive"), false},
    {SLICE_LIT("Feedback-ID"), false},
};
const size_t signer_names_default_n = COUNT(signer_names_default);

/* What hops add to, move or drop, and the signatures themselves. */
static const struct slice unstable[] = {
    SLICE_LIT("Received"),
    SLICE_LIT("Return-Path"),
    SLICE_LIT("Bcc"),
    SLICE_LIT("DKIM-Signature"),
    SLICE_LIT("DomainKey-Signature"),
    SLICE_LIT("Authentication-Results"),
};

/* RFC 5322's field name, without what separates names in h=. */
static bool
is_field_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':' || name.p[i] == ';')
			return false;
	return name.n > 0;
}

static int
name_check(const struct signer_plan *plan, size_t at, struct err *err)
{
	struct slice name = plan->names[at].name;

	if (!is_field_name(name))
		return err_set(
		    err, ERR_INVALID, "\"%.*s\" is no name of a header field", SLICE_ARG(name));
	for (size_t i = 0; i < COUNT(unstable); i++)
		if (slice_eq_nocase(name, unstable[i]))
			return err_set(err, ERR_INVALID,
			    "%.*s changes on its way: it is never signed", SLICE_ARG(name));
	for (size_t i = 0; i < at; i++)
		if (slice_eq_nocase(name, plan->names[i].name))
			return err_set(err, ERR_INVALID, "%.*s is there twice", SLICE_ARG(name));
	return 0;
}

static bool
has_name(const struct signer_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->nnames; i++)
		if (slice_eq_nocase(plan->names[i].name, slice_of(name)))
			return true;
	return false;
}

/* A name as DNS takes it, without a dot at its end. */
static bool
is_domain(struct slice text)
{
	char storage[DNS_NAME_MAX_BYTES];
	struct buf name = BUF_OVER(storage);

	return domain_normalise(text, &name) == 0 && slice_eq_nocase(buf_slice(&name), text);
}

static bool
is_identity(struct slice identity, struct slice domain)
{
	char storage[DNS_NAME_MAX_BYTES], top_storage[DNS_NAME_MAX_BYTES];
	struct buf below = BUF_OVER(storage), top = BUF_OVER(top_storage);
	size_t at = slice_find_last(identity, '@');

	for (size_t i = 0; i < identity.n; i++)
		if (identity.p[i] <= ' ' || identity.p[i] > '~')
			return false;
	buf_add_lower(&below, slice_from(identity, at + 1));
	buf_add_lower(&top, domain);
	return at < identity.n && is_domain(buf_slice(&below)) &&
	       dns_name_is_within(buf_slice(&below), buf_slice(&top));
}

static int
key_check(const struct signer_plan *plan, const struct signer_key *key, struct err *err)
{
	struct sign_facts facts = sign_key_facts(key->key);

	if (!is_domain(key->domain))
		return err_set(err, ERR_INVALID, "\"%.*s\" is no domain", SLICE_ARG(key->domain));
	if (!is_domain(key->selector) ||
	    key->selector.n + key->domain.n + sizeof("._domainkey.") > DNS_NAME_MAX_BYTES)
		return err_set(
		    err, ERR_INVALID, "\"%.*s\" is no selector", SLICE_ARG(key->selector));
	if (key->identity.n > 0 && !is_identity(key->identity, key->domain))
		return err_set(err, ERR_INVALID, "identity \"%.*s\" is not within %.*s",
		    SLICE_ARG(key->identity), SLICE_ARG(key->domain));
	if (key->kind != SIGNER_DOMAINKEYS)
		return 0;
	if (facts.kind != SIGN_RSA)
		return err_set(err, ERR_INVALID,
		    "DomainKeys needs an RSA key: %.*s of %.*s is none", SLICE_ARG(key->selector),
		    SLICE_ARG(key->domain));
	if (!facts.sha1)
		return err_set(err, ERR_UNAVAILABLE,
		    "this system does not allow rsa-sha1 signatures, which DomainKeys needs");
	if (!has_name(plan, "Sender"))
		return err_set(err, ERR_INVALID, "DomainKeys needs Sender among what is signed");
	return 0;
}

int
signer_plan_check(const struct signer_plan *plan, struct err *err)
{
	if (plan->nkeys > SIGNER_KEYS_MAX)
		return err_set(err, ERR_LIMIT, "%zu signatures of one message: %d are allowed",
		    plan->nkeys, SIGNER_KEYS_MAX);
	if (plan->nnames > SIGNER_NAMES_MAX)
		return err_set(err, ERR_LIMIT, "%zu names of header fields: %d are allowed",
		    plan->nnames, SIGNER_NAMES_MAX);
	for (size_t i = 0; i < plan->nnames; i++)
		if (name_check(plan, i, err) != 0)
			return -1;
	if (!has_name(plan, "From"))
		return err_set(err, ERR_INVALID, "From is not among what is signed (RFC 6376)");
	for (size_t i = 0; i < plan->nkeys; i++)
		if (key_check(plan, &plan->keys[i], err) != 0)
			return -1;
	return 0;
}
