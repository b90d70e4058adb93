/*
 * domainkeys_sign.c - see domainkeys_sign.h.
 */
#include "auth/domainkeys_sign.h"

#include "auth/domain.h"
#include "auth/sign_value.h"
#include "base/encode.h"
#include "mail/mailbox.h"

static const struct slice field_name = SLICE_LIT("DomainKey-Signature");

/* a=, c=, q= and the names of tags, with folds. */
#define VALUE_FIXED_BYTES 128

int
domainkeys_sign_begin(struct domainkeys_sign *d, const struct sign_key *key, struct err *err)
{
	struct sink sink;

	d->names = slice_make("", 0);
	d->hash = sign_key_hash(key, HASH_SHA1);
	if (d->hash == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a hash");
	sink = hash_sink(d->hash);
	canon_init(&d->canon, CANON_NOFWS, &sink);
	return 0;
}

void
domainkeys_sign_fini(struct domainkeys_sign *d)
{
	hash_free(d->hash);
	d->hash = NULL;
}

static int
addresses_check(const char *name, struct slice value, struct slice domain, struct err *err)
{
	struct mailboxes it;
	struct mailbox mailbox;
	bool some = false;

	mailbox_begin(&it, value);
	while (mailbox_next(&it, &mailbox)) {
		char storage[MAILBOX_MAX_BYTES];
		struct buf lower = BUF_OVER(storage);

		buf_add_lower(&lower, mailbox.domain);
		if (!dns_name_is_within(buf_slice(&lower), domain))
			return err_set(
			    err, ERR_INVALID, "%s is not within %.*s", name, SLICE_ARG(domain));
		some = true;
	}
	if (!some)
		return err_set(err, ERR_INVALID, "no address in %s", name);
	return 0;
}

int
domainkeys_sign_identity(const struct sign_fields *fields, struct slice domain, struct err *err)
{
	char storage[MAILBOX_MAX_BYTES];
	struct buf lower = BUF_OVER(storage);
	struct slice value = {NULL, 0};
	size_t from = sign_fields_find(fields, "From", &value);
	size_t sender = sign_fields_find(fields, "Sender", &value);

	if (from != 1 || sender > 1)
		return err_set(
		    err, ERR_INVALID, "%zu From fields, %zu Sender fields", from, sender);
	buf_add_lower(&lower, domain);
	return addresses_check(sender > 0 ? "Sender" : "From", value, buf_slice(&lower), err);
}

static int
names_begin(const struct sign_fields *fields, struct arena *arena, struct buf *out, struct err *err)
{
	size_t cap = 4;
	char *storage;

	for (size_t i = 0; i < fields->n; i++)
		cap += fields->v[i].name.n + 3;
	storage = arena_alloc(arena, cap);
	if (storage == NULL)
		return err_set(err, ERR_LIMIT, "no memory for the names of the header's fields");
	buf_init(out, storage, cap);
	return 0;
}

int
domainkeys_sign_header(struct domainkeys_sign *d, const struct sign_fields *fields,
    struct arena *arena, struct err *err)
{
	struct sign_value list;
	struct buf out;

	if (names_begin(fields, arena, &out, err) != 0)
		return -1;
	list = sign_value_begin(&out, slice_of(""));
	sign_value_list(&list, "h");
	for (size_t i = 0; i < fields->n; i++) {
		if (fields->count[fields->v[i].which] != 1)
			continue;
		sign_value_item(&list, slice_trim(fields->v[i].name));
		canon_header(&d->canon, fields->v[i].name, fields->v[i].value);
	}
	canon_eoh(&d->canon);
	d->names = buf_slice(&out);
	return 0;
}

void
domainkeys_sign_body(struct domainkeys_sign *d, struct slice chunk)
{
	canon_body(&d->canon, chunk);
}

int
domainkeys_sign_end(struct domainkeys_sign *d, struct err *err)
{
	canon_finish(&d->canon);
	if (hash_finish(d->hash, d->digest) == HASH_SHA1_BYTES)
		return 0;
	return err_set(err, ERR_NOMEM, "the message could not be hashed");
}

static void
tags_write(const struct domainkeys_sign *d, const struct signer_key *key, struct sign_value *v)
{
	sign_value_tag(v, "a", slice_of("rsa-sha1"));
	sign_value_tag(v, "q", slice_of("dns"));
	sign_value_tag(v, "c", slice_of("nofws"));
	sign_value_tag(v, "s", key->selector);
	sign_value_tag(v, "d", key->domain);
	sign_value_line(v);
	buf_add(v->out, d->names);
	v->begun = true;
	sign_value_line(v);
	sign_value_open(v, "b");
}

int
domainkeys_sign_value(const struct domainkeys_sign *d, const struct signer_key *key,
    struct arena *arena, const char **value_r, struct err *err)
{
	char raw[SIGN_MAX_BYTES], text[ENCODE_BASE64_BYTES(SIGN_MAX_BYTES)];
	struct buf signature = BUF_OVER(raw), base64 = BUF_OVER(text), out = {0};
	size_t cap = VALUE_FIXED_BYTES + key->domain.n + key->selector.n + d->names.n +
		     sizeof(text) * 80 / 77;
	char *storage = arena_alloc(arena, cap);
	struct sign_value v;

	if (storage == NULL)
		return err_set(err, ERR_LIMIT, "no memory for the signature");
	if (sign_digest(key->key, HASH_SHA1, d->digest, &signature, err) != 0)
		return -1;
	buf_init(&out, storage, cap);
	v = sign_value_begin(&out, field_name);
	tags_write(d, key, &v);
	encode_base64(&base64, buf_slice(&signature));
	sign_value_fill(&v, buf_slice(&base64));
	*value_r = buf_text(&out);
	return out.over ? err_set(err, ERR_LIMIT, "the signature is too long") : 0;
}
