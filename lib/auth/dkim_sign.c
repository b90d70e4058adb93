/*
 * dkim_sign.c - see dkim_sign.h.
 */
#include "auth/dkim_sign.h"

#include "auth/sign_value.h"
#include "base/encode.h"

static const struct slice field_name = SLICE_LIT("DKIM-Signature");

/* v=, a=, c=, t=, bh= and the names of tags, with folds. */
#define VALUE_FIXED_BYTES 256

int
dkim_sign_begin(struct dkim_sign *d, const struct sign_key *key, struct err *err)
{
	struct sink sink;

	d->names = slice_make("", 0);
	d->header = sign_key_hash(key, HASH_SHA256);
	d->body = sign_key_hash(key, HASH_SHA256);
	if (d->header == NULL || d->body == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a hash");
	sink = hash_sink(d->header);
	canon_init(&d->canon, CANON_RELAXED, &sink);
	return 0;
}

void
dkim_sign_fini(struct dkim_sign *d)
{
	hash_free(d->header);
	hash_free(d->body);
	d->header = d->body = NULL;
}

/* Those with the plan's i-th name. */
static void
fields_hash(struct dkim_sign *d, const struct sign_fields *fields, size_t i)
{
	for (size_t k = fields->count[i] > 0 ? fields->n : 0; k > 0; k--)
		if (fields->v[k - 1].which == i)
			canon_header(&d->canon, fields->v[k - 1].name, fields->v[k - 1].value);
}

/* A name that is signed k times, and oversigned, is in the list k + 1 times. */
static size_t
listings(const struct sign_fields *fields, size_t i)
{
	return fields->count[i] + (fields->plan->names[i].oversign ? 1 : 0);
}

static int
names_write(
    struct dkim_sign *d, const struct sign_fields *fields, struct arena *arena, struct err *err)
{
	struct sign_value list;
	struct buf out = {0};
	size_t cap = 4;
	char *storage;

	for (size_t i = 0; i < fields->plan->nnames; i++)
		cap += listings(fields, i) * (fields->plan->names[i].name.n + 3);
	storage = arena_alloc(arena, cap);
	if (storage == NULL)
		return err_set(err, ERR_LIMIT, "no memory for the names of the header's fields");
	buf_init(&out, storage, cap);
	list = sign_value_begin(&out, slice_of(""));
	sign_value_list(&list, "h");
	for (size_t i = 0; i < fields->plan->nnames; i++)
		for (size_t k = listings(fields, i); k > 0; k--)
			sign_value_item(&list, fields->plan->names[i].name);
	d->names = buf_slice(&out);
	return 0;
}

int
dkim_sign_header(
    struct dkim_sign *d, const struct sign_fields *fields, struct arena *arena, struct err *err)
{
	struct sink body = hash_sink(d->body);

	if (sign_fields_find(fields, "From", NULL) == 0)
		return err_set(err, ERR_INVALID, "without From there is nothing to sign");
	for (size_t i = 0; i < fields->plan->nnames; i++)
		fields_hash(d, fields, i);
	canon_finish(&d->canon);
	canon_init(&d->canon, CANON_RELAXED, &body);
	return names_write(d, fields, arena, err);
}

void
dkim_sign_body(struct dkim_sign *d, struct slice chunk)
{
	canon_body(&d->canon, chunk);
}

int
dkim_sign_end(struct dkim_sign *d, struct err *err)
{
	canon_finish(&d->canon);
	if (hash_finish(d->body, d->body_hash) == HASH_SHA256_BYTES)
		return 0;
	return err_set(err, ERR_NOMEM, "the body could not be hashed");
}

/* dkim-quoted-printable (RFC 6376 section 2.11) of what is printable. */
static void
identity_write(struct buf *out, struct slice identity)
{
	for (size_t i = 0; i < identity.n; i++) {
		if (identity.p[i] == ';' || identity.p[i] == '=')
			buf_add_text(out, identity.p[i] == ';' ? "=3B" : "=3D");
		else
			buf_add_char(out, identity.p[i]);
	}
}

static void
time_write(struct sign_value *v, uint64_t time_s)
{
	char digits[20];
	struct buf decimal = BUF_OVER(digits);

	if (time_s == 0)
		return;
	buf_add_u64(&decimal, time_s);
	sign_value_tag(v, "t", buf_slice(&decimal));
}

/* All of it up to "b=". */
static void
tags_write(
    const struct dkim_sign *d, const struct signer_key *key, uint64_t time_s, struct sign_value *v)
{
	bool rsa = sign_key_facts(key->key).kind == SIGN_RSA;
	char storage[ENCODE_BASE64_BYTES(HASH_SHA256_BYTES)];
	struct buf base64 = BUF_OVER(storage);

	sign_value_tag(v, "v", slice_of("1"));
	sign_value_tag(v, "a", slice_of(rsa ? "rsa-sha256" : "ed25519-sha256"));
	sign_value_tag(v, "c", slice_of("relaxed/relaxed"));
	sign_value_tag(v, "d", key->domain);
	sign_value_tag(v, "s", key->selector);
	time_write(v, time_s);
	if (key->identity.n > 0) {
		sign_value_tag(v, "i", slice_of(""));
		identity_write(v->out, key->identity);
		v->column += key->identity.n; /* near enough: two characters are escaped */
	}
	sign_value_line(v);
	buf_add(v->out, d->names);
	v->begun = true;
	sign_value_line(v);
	encode_base64(&base64, slice_make((const char *)d->body_hash, HASH_SHA256_BYTES));
	sign_value_tag(v, "bh", buf_slice(&base64));
	sign_value_line(v);
	sign_value_open(v, "b");
}

/* Hashes the fields and this one, and signs. */
static int
value_sign(struct dkim_sign *d, const struct signer_key *key, struct slice value,
    struct buf *signature, struct err *err)
{
	struct hash *hash = hash_clone(d->header);
	uint8_t digest[HASH_MAX_BYTES];
	struct sink sink;
	bool good;

	if (hash == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a hash");
	sink = hash_sink(hash);
	canon_init(&d->canon, CANON_RELAXED, &sink);
	canon_header_open(&d->canon, field_name, value);
	canon_finish(&d->canon);
	good = hash_finish(hash, digest) == HASH_SHA256_BYTES;
	hash_free(hash);
	if (!good)
		return err_set(err, ERR_NOMEM, "the header could not be hashed");
	return sign_digest(key->key, HASH_SHA256, digest, signature, err);
}

int
dkim_sign_value(struct dkim_sign *d, const struct signer_key *key, uint64_t time_s,
    struct arena *arena, const char **value_r, struct err *err)
{
	char raw[SIGN_MAX_BYTES], text[ENCODE_BASE64_BYTES(SIGN_MAX_BYTES)];
	struct buf signature = BUF_OVER(raw), base64 = BUF_OVER(text), out = {0};
	size_t cap = VALUE_FIXED_BYTES + key->domain.n + key->selector.n + 3 * key->identity.n +
		     d->names.n + sizeof(text) * 80 / 77;
	char *storage = arena_alloc(arena, cap);
	struct sign_value v;

	if (storage == NULL)
		return err_set(err, ERR_LIMIT, "no memory for the signature");
	buf_init(&out, storage, cap);
	v = sign_value_begin(&out, field_name);
	tags_write(d, key, time_s, &v);
	if (value_sign(d, key, buf_slice(&out), &signature, err) != 0)
		return -1;
	encode_base64(&base64, buf_slice(&signature));
	sign_value_fill(&v, buf_slice(&base64));
	*value_r = buf_text(&out);
	return out.over ? err_set(err, ERR_LIMIT, "the signature is too long") : 0;
}
