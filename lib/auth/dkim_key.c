/*
 * dkim_key.c - see dkim_key.h.
 */
#include "auth/dkim_key.h"

#include "auth/dkim_tag.h"
#include "policy/dns_rdata.h"

static const struct slice no_record = {NULL, 0};

void
dkim_key_name(const struct dkim_result *signature, struct buf *out)
{
	buf_add(out, signature->selector);
	buf_add_text(out, "._domainkey.");
	buf_add(out, signature->domain);
}

static struct slice
refuse(struct dkim_result *signature, enum dkim_verdict verdict, const char *reason)
{
	signature->verdict = verdict;
	signature->reason = reason;
	return no_record;
}

/* A signature by an algorithm of that family; records without k= are RSA keys. */
static bool
family_fits(struct slice record, struct slice algorithm)
{
	struct slice family;

	if (!dkim_tag_find(record, "k", &family))
		family = slice_of("rsa");
	return slice_starts_nocase(algorithm, family) && algorithm.n > family.n &&
	       algorithm.p[family.n] == '-';
}

static bool
same_key(struct slice a, struct slice b)
{
	struct slice p, q;

	return dkim_tag_find(a, "p", &p) && dkim_tag_find(b, "p", &q) && slice_eq(p, q);
}

/* The one record with a p=, in *key, in the arena. Among several, the one of the signature's
 * family (they should not share a name, but some RSA and Ed25519 keys do). -1: there are several
 * of them, with different keys. */
static int
record_choose(
    const struct dns_answer *answer, struct slice algorithm, struct arena *arena, struct slice *key)
{
	bool fits = false;

	*key = no_record;
	for (size_t i = 0; i < answer->n; i++) {
		char storage[DKIM_KEY_MAX_BYTES + 1]; /* the last byte shows that it was too long */
		struct buf text = BUF_OVER(storage);
		struct slice p;

		if (dns_txt_join(answer->rdata[i], &text) != 0 ||
		    !dkim_tag_find(buf_slice(&text), "p", &p))
			continue;
		if (key->p != NULL && !family_fits(buf_slice(&text), algorithm))
			continue;
		if (fits && !same_key(*key, buf_slice(&text)))
			return -1;
		if (!fits)
			*key = arena_copy(arena, buf_slice(&text));
		fits = family_fits(*key, algorithm);
	}
	return 0;
}

struct slice
dkim_key_read(const struct dns_answer *answer, struct arena *arena, struct dkim_result *signature)
{
	struct slice key;

	if (answer->status == DNS_TEMPERROR || answer->status == DNS_PENDING)
		return refuse(signature, DKIM_VERDICT_TEMPERROR, "key could not be fetched");
	if (answer->status != DNS_FOUND)
		return refuse(signature, DKIM_VERDICT_PERMERROR, "no key");
	if (record_choose(answer, signature->algorithm, arena, &key) != 0)
		return refuse(signature, DKIM_VERDICT_PERMERROR, "several key records");
	if (arena->failed)
		return refuse(signature, DKIM_VERDICT_TEMPERROR, "no memory");
	if (key.p == NULL)
		return refuse(signature, DKIM_VERDICT_PERMERROR, "no key record");
	if (key.n > DKIM_KEY_MAX_BYTES)
		return refuse(signature, DKIM_VERDICT_PERMERROR, "key record too long");
	if (slice_find(key, '\0') < key.n)
		return refuse(signature, DKIM_VERDICT_PERMERROR, "malformed key record");
	if (!family_fits(key, signature->algorithm))
		return refuse(signature, DKIM_VERDICT_PERMERROR, "key is of another kind");
	return key;
}
