/*
 * dkim_verifier.c - libopendkim's handle for a configuration, and what its words mean.
 *
 * A DKIM_LIB is only read once it is set up, as long as it neither caches keys nor asks DNS itself;
 * so all threads use the same.
 */
#define _DEFAULT_SOURCE /* opendkim/dkim.h wants u_char */

#include "auth/dkim_parts.h"

#include <stdlib.h>

struct dkim_limits
dkim_limits_default(void)
{
	return (struct dkim_limits){
	    .max_signatures = 8,
	    .max_header_bytes = 262144,
	    .max_fields = 1000,
	    .min_rsa_bits = 1024,
	    .clock_skew_s = 300,
	};
}

/* The record that dkim_verify_ask() put there for this signature. */
static DKIM_CBSTAT
key_lookup(DKIM *dkim, DKIM_SIGINFO *info, u_char *text, size_t cap)
{
	const struct dkim_verify *v = dkim_get_user_context(dkim);

	for (size_t i = 0; v != NULL && i < v->n; i++) {
		struct slice key = v->checks[i].key;

		if (v->checks[i].info != info || key.p == NULL || key.n >= cap)
			continue;
		memcpy(text, key.p, key.n);
		text[key.n] = '\0';
		return DKIM_CBSTAT_CONTINUE;
	}
	return DKIM_CBSTAT_ERROR;
}

/* key_lookup() always answers; should it ever not, no question leaves this process. */
static int
query_refuse(void *service, int type, unsigned char *name, unsigned char *buf, size_t n, void **q)
{
	(void)service, (void)type, (void)name, (void)buf, (void)n, (void)q;
	return DKIM_DNS_ERROR;
}

static int
service_open(void **service)
{
	*service = NULL;
	return 0;
}

static void
service_close(void *service)
{
	(void)service;
}

static bool
options_set(DKIM_LIB *lib, const struct dkim_limits *limits)
{
	/* keys come after the body; fields are checked by us, not by the sender's From */
	u_int flags = DKIM_LIBFLAGS_DELAYSIGPROC | DKIM_LIBFLAGS_BADSIGHANDLES;
	u_int bits = limits->min_rsa_bits;
	uint64_t skew = limits->clock_skew_s;

	return dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof(flags)) ==
		   DKIM_STAT_OK &&
	       dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits, sizeof(bits)) ==
		   DKIM_STAT_OK &&
	       dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &skew, sizeof(skew)) ==
		   DKIM_STAT_OK &&
	       dkim_set_key_lookup(lib, key_lookup) == DKIM_STAT_OK;
}

struct dkim_verifier *
dkim_verifier_new(const struct dkim_limits *limits)
{
	struct dkim_verifier *verifier = calloc(1, sizeof(*verifier));

	if (verifier == NULL)
		return NULL;
	verifier->limits = *limits;
	if (verifier->limits.max_signatures > DKIM_SIGNATURES_MAX)
		verifier->limits.max_signatures = DKIM_SIGNATURES_MAX;
	verifier->lib = dkim_init(NULL, NULL);
	if (verifier->lib == NULL || !options_set(verifier->lib, limits)) {
		dkim_verifier_free(verifier);
		return NULL;
	}
	dkim_dns_set_init(verifier->lib, service_open);
	dkim_dns_set_close(verifier->lib, service_close);
	dkim_dns_set_query_start(verifier->lib, query_refuse);
	return verifier;
}

void
dkim_verifier_free(struct dkim_verifier *verifier)
{
	if (verifier == NULL)
		return;
	if (verifier->lib != NULL)
		dkim_close(verifier->lib);
	free(verifier);
}

/* libopendkim's errors. What is missing here cannot come about. */
static const struct meaning {
	DKIM_SIGERROR error;
	enum dkim_verdict verdict;
	const char *reason;
} meanings[] = {
    {DKIM_SIGERROR_BADSIG, DKIM_VERDICT_FAIL, "signature does not match the header"},
    {DKIM_SIGERROR_EXPIRED, DKIM_VERDICT_FAIL, "signature expired (x=)"},
    {DKIM_SIGERROR_FUTURE, DKIM_VERDICT_FAIL, "signed in the future (t=)"},
    {DKIM_SIGERROR_KEYTOOSMALL, DKIM_VERDICT_FAIL, "key too small (RFC 8301)"},
    {DKIM_SIGERROR_TOOLARGE_L, DKIM_VERDICT_FAIL, "body is shorter than what was signed (l=)"},
    {DKIM_SIGERROR_DOMAIN, DKIM_VERDICT_NEUTRAL, "identity is not of the domain (i=, d=)"},
    {DKIM_SIGERROR_TIMESTAMPS, DKIM_VERDICT_NEUTRAL, "expires before it was made (t=, x=)"},
    {DKIM_SIGERROR_INVALID_HC, DKIM_VERDICT_NEUTRAL, "unknown canonicalisation (c=)"},
    {DKIM_SIGERROR_INVALID_BC, DKIM_VERDICT_NEUTRAL, "unknown canonicalisation (c=)"},
    {DKIM_SIGERROR_INVALID_H, DKIM_VERDICT_NEUTRAL, "From is not signed (h=)"},
    {DKIM_SIGERROR_INVALID_L, DKIM_VERDICT_NEUTRAL, "malformed length (l=)"},
    {DKIM_SIGERROR_CORRUPT_B, DKIM_VERDICT_NEUTRAL, "signature is no base64 (b=)"},
    {DKIM_SIGERROR_KEYREVOKED, DKIM_VERDICT_PERMERROR, "key revoked"},
    {DKIM_SIGERROR_SUBDOMAIN, DKIM_VERDICT_PERMERROR, "key is not for subdomains (i=)"},
    {DKIM_SIGERROR_DNSSYNTAX, DKIM_VERDICT_PERMERROR, "malformed key record"},
    {DKIM_SIGERROR_KEYVERSION, DKIM_VERDICT_PERMERROR, "key record of unknown version"},
    {DKIM_SIGERROR_KEYUNKNOWNHASH, DKIM_VERDICT_PERMERROR, "key is for an unknown hash"},
    {DKIM_SIGERROR_KEYHASHMISMATCH, DKIM_VERDICT_PERMERROR, "key is for another hash"},
    {DKIM_SIGERROR_NOTEMAILKEY, DKIM_VERDICT_PERMERROR, "key is not for mail"},
    {DKIM_SIGERROR_KEYTYPEUNKNOWN, DKIM_VERDICT_PERMERROR, "key of unknown type"},
    {DKIM_SIGERROR_KEYDECODE, DKIM_VERDICT_PERMERROR, "key cannot be read"},
};

static void
error_judge(DKIM_SIGERROR error, struct dkim_result *result)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].error == error) {
			result->verdict = meanings[i].verdict;
			result->reason = meanings[i].reason;
			return;
		}
	result->verdict = DKIM_VERDICT_NEUTRAL;
	result->reason = "malformed signature";
}

static unsigned
key_bits(const struct dkim_check *check, const struct dkim_result *result)
{
	unsigned bits = 0;

	if (dkim_sig_getkeysize(check->info, &bits) != DKIM_STAT_OK)
		bits = 0;
	/* libopendkim does not say it of these; they have but one size */
	if (bits == 0 && (dkim_sig_getflags(check->info) & DKIM_SIGFLAG_PROCESSED) != 0 &&
	    check->key.p != NULL && slice_starts(result->algorithm, slice_of("ed25519")))
		bits = 256;
	return bits;
}

void
dkim_check_judge(const struct dkim_check *check, struct dkim_result *result)
{
	DKIM_SIGERROR error = dkim_sig_geterror(check->info);
	unsigned flags = dkim_sig_getflags(check->info);

	result->key_bits = key_bits(check, result);
	result->testing = (flags & DKIM_SIGFLAG_TESTKEY) != 0;
	if (error == DKIM_SIGERROR_UNKNOWN)
		return;
	if (error != DKIM_SIGERROR_OK) {
		error_judge(error, result);
		if (dkim_sig_getbh(check->info) == DKIM_SIGBH_MISMATCH &&
		    error == DKIM_SIGERROR_BADSIG)
			result->reason = "body was altered";
	} else if (DKIM_SIG_CHECK(check->info)) {
		result->verdict = DKIM_VERDICT_PASS;
	}
}

const char *
dkim_verdict_name(enum dkim_verdict verdict)
{
	static const char *const names[] = {
	    "none", "pass", "fail", "neutral", "policy", "temperror", "permerror"};

	return names[verdict];
}
