/*
 * sign.c - what signs mail, on messages that others wrote: tests/suites/sign [DIR [OUT]]
 *
 * DIR, else $GATEPOST_DATA, else ../shared/data, has dkim/ (messages that others signed) and mime/.
 * TAP, a count a line, every miss named:
 *
 *	bodies       bh= of the DKIM signatures that are relaxed and good, from our canonicalisation
 *	dkim         those signatures themselves, whose header is relaxed, from ours and the known key
 *	domainkeys   nofws signatures, from ours and the known key; bad ones must not hold
 *	verified     every message of mime/, signed with RSA, Ed25519 and DomainKeys: libopendkim
 *	             passes both DKIM signatures
 *
 * OUT, an empty folder, gets the signed messages and the keys, for sign_judge.py.
 *
 * Exit status 0: nothing missed but what is known and explained; 1: something; 77: no data.
 */
#include "auth/dkim_tag.h"
#include "auth/dkim_verify.h"
#include "auth/signer.h"
#include "base/encode.h"
#include "mail/message.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define MESSAGE_MAX 4194304
#define PATHS_MAX   2000
#define PATH_BYTES  1024

#define DOMAIN "shop.example"
#define SENDER " news@" DOMAIN

struct counts {
	const char *name;
	unsigned right, known, of;
};

enum { BODIES, DKIM, DOMAINKEYS, VERIFIED };

static struct counts counts[] = {
    {"bodies", 0, 0, 0}, {"dkim", 0, 0, 0}, {"domainkeys", 0, 0, 0}, {"verified", 0, 0, 0}};

/* What cannot be, and why: the file, the count, the reason. */
static const struct {
	const char *file;
	const char *reason;
} known[] = {
    {"mail-dkim/dk_headers_2.txt", "fields that occur twice, in an order of h= that no two "
				   "verifiers take alike: never signed"},
    {"mail-dkim/dk_headers_1.txt", "the same"},
    {"mail-dkim/dk_multiple_1.txt", "the same"},
    {"mime/mail-parser/legacy__049.eml", "a CR alone within a line: our verifier does not judge "
					 "such mail (sign_judge.py: others do)"},
};

static const char *top, *out_folder;
static struct arena arena; /* of the message at hand */

static const char *
known_reason(const char *file)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(known[i].file, file) == 0)
			return known[i].reason;
	return NULL;
}

static void
count(int which, const char *file, bool right, const char *detail)
{
	const char *why = right ? NULL : known_reason(file);

	counts[which].of++;
	counts[which].right += right;
	counts[which].known += why != NULL;
	if (right)
		return;
	printf("# %s %s, %s: %s\n", counts[which].name, why != NULL ? "known" : "WRONG", file,
	    why != NULL ? why : detail);
}

/* The whole file, in the arena's stead; n 0 when it cannot be read. */
static struct slice
file_read(const char *path)
{
	static char storage[MESSAGE_MAX];
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL)
		return slice_make(storage, 0);
	n = fread(storage, 1, sizeof(storage), file);
	(void)fclose(file);
	return slice_make(storage, n);
}

/* Every line with CRLF, without NUL, as a message comes by SMTP. In the arena. */
static struct slice
crlf_make(struct slice text)
{
	char *p = arena_alloc(&arena, 2 * text.n + 2);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (n == 0 || p[n - 1] != '\r'))
			p[n++] = '\r';
		if (text.p[i] != '\0')
			p[n++] = text.p[i];
	}
	if (n > 0 && p[n - 1] != '\n') {
		p[n++] = '\r';
		p[n++] = '\n';
	}
	return slice_make(p, n);
}

/* The file as a message; an mbox's first line is not part of it. */
static bool
message_read(const char *path, struct message *message_r)
{
	struct slice text = file_read(path);

	if (slice_starts(text, slice_of("From ")))
		text = slice_from(text, slice_find(text, '\n') + 1);
	arena_reset(&arena);
	text = crlf_make(text);
	return text.n > 0 && message_parse(&arena, text, message_r) == 0;
}

/* --- signatures of others --- */

/* The value of a tag without its white space. */
static struct slice
tag(struct slice value, const char *name)
{
	struct slice found;

	(void)dkim_tag_find(value, name, &found);
	return dkim_tag_collapse(&arena, found, found.n, false);
}

/* The public key of s= and d= in a file of keys. */
static EVP_PKEY *
key_find(const char *keys, struct slice value)
{
	char path[PATH_BYTES], name[512], line[4096];
	struct slice selector = tag(value, "s"), domain = tag(value, "d"), p = {NULL, 0};
	EVP_PKEY *key = NULL;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/dkim/%s", top, keys);
	(void)snprintf(
	    name, sizeof(name), "%.*s._domainkey.%.*s", SLICE_ARG(selector), SLICE_ARG(domain));
	file = fopen(path, "r");
	while (file != NULL && p.p == NULL && fgets(line, sizeof(line), file) != NULL) {
		struct slice text = slice_trim(slice_of(line));
		size_t n = strlen(name);

		if (!slice_starts_nocase(text, slice_of(name)) || text.n <= n ||
		    !ascii_is_space(text.p[n]))
			continue;
		text = slice_trim(slice_from(text, n));
		if (slice_starts(text, slice_of("TXT")))
			text = slice_trim(slice_from(text, 3));
		for (size_t i = 0; i < text.n; i++)
			if (text.p[i] == '"')
				line[text.p - line + (ptrdiff_t)i] = ' ';
		p = tag(text, "p");
	}
	if (file != NULL)
		(void)fclose(file);
	if (p.n > 0) {
		static char der_storage[2048];
		struct buf der = BUF_OVER(der_storage);
		const unsigned char *at = (const unsigned char *)der_storage;

		if (decode_base64(&der, p) == 0)
			key = d2i_PUBKEY(NULL, &at, (long)der.n);
	}
	return key;
}

static bool
rsa_holds(EVP_PKEY *key, enum hash_kind kind, const uint8_t *digest, size_t n, struct slice b)
{
	static char storage[1024];
	struct buf signature = BUF_OVER(storage);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	bool good = context != NULL && decode_base64(&signature, b) == 0 &&
		    EVP_PKEY_verify_init(context) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_signature_md(
			context, kind == HASH_SHA1 ? EVP_sha1() : EVP_sha256()) == 1 &&
		    EVP_PKEY_verify(
			context, (const unsigned char *)storage, signature.n, digest, n) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

static bool
body_hash_is(const struct message *m, struct slice value, enum hash_kind kind)
{
	char text[ENCODE_BASE64_BYTES(HASH_MAX_BYTES)];
	struct buf base64 = BUF_OVER(text);
	uint8_t digest[HASH_MAX_BYTES];
	struct hash *hash = hash_new(kind);
	struct sink sink = hash_sink(hash);
	static struct canon canon;

	canon_init(&canon, CANON_RELAXED, &sink);
	canon_body(&canon, m->body);
	canon_finish(&canon);
	encode_base64(&base64, slice_make((const char *)digest, hash_finish(hash, digest)));
	hash_free(hash);
	return slice_eq(buf_slice(&base64), tag(value, "bh"));
}

/* The how-manieth field from below with that name, or NULL. */
static const struct message_field *
field_below(const struct message *m, struct slice name, size_t skip, size_t first)
{
	for (size_t i = m->n; i > first; i--)
		if (slice_eq_nocase(m->v[i - 1].name, name) && skip-- == 0)
			return &m->v[i - 1];
	return NULL;
}

/* The signature's value without that of b=. */
static struct slice
value_unsigned(struct slice value)
{
	char *p = arena_alloc(&arena, value.n + 1);
	struct slice left = value, b = {NULL, 0};
	struct dkim_tag t;
	size_t from, end;

	while (b.p == NULL && dkim_tag_next(&left, &t))
		if (slice_eq(t.name, slice_of("b")))
			b = t.value;
	if (b.p == NULL)
		return value;
	for (from = (size_t)(b.p - value.p); value.p[from - 1] != '='; from--)
		continue;
	for (end = from; end < value.n && value.p[end] != ';'; end++)
		continue;
	memcpy(p, value.p, from);
	memcpy(p + from, value.p + end, value.n - end);
	return slice_make(p, value.n - (end - from));
}

static bool
dkim_holds(
    const struct message *m, const struct message_field *f, EVP_PKEY *key, enum hash_kind kind)
{
	struct hash *hash = hash_new(kind);
	struct sink sink = hash_sink(hash);
	struct slice names = tag(f->value, "h"), all = names;
	uint8_t digest[HASH_MAX_BYTES];
	static struct canon canon;
	size_t n;

	canon_init(&canon, CANON_RELAXED, &sink);
	while (names.n > 0) {
		struct slice name = slice_head(names, slice_find(names, ':')), before = all;
		const struct message_field *field;
		size_t used = 0;

		for (before.n = (size_t)(name.p - all.p); before.n > 0;) {
			struct slice other = slice_head(before, slice_find(before, ':'));

			used += slice_eq_nocase(other, name);
			before = slice_from(before, other.n + 1);
		}
		field = field_below(m, name, used, 0);
		if (field != NULL)
			canon_header(&canon, field->name, field->value);
		names = slice_from(names, name.n + 1);
	}
	canon_header_open(&canon, f->name, value_unsigned(f->value));
	canon_finish(&canon);
	n = hash_finish(hash, digest);
	hash_free(hash);
	return rsa_holds(key, kind, digest, n, tag(f->value, "b"));
}

/* Is a field wanted by h=, or is there none? */
static bool
is_listed(struct slice value, struct slice name)
{
	struct slice names;

	return !dkim_tag_find(value, "h", &names) ||
	       dkim_tag_has_word(names, arena_text(&arena, name));
}

static bool
domainkeys_holds(const struct message *m, size_t at, EVP_PKEY *key)
{
	struct hash *hash = hash_new(HASH_SHA1);
	struct sink sink = hash_sink(hash);
	uint8_t digest[HASH_MAX_BYTES];
	static struct canon canon;
	size_t n;

	canon_init(&canon, CANON_NOFWS, &sink);
	for (size_t i = at + 1; i < m->n; i++)
		if (is_listed(m->v[at].value, m->v[i].name))
			canon_header(&canon, m->v[i].name, m->v[i].value);
	canon_eoh(&canon);
	canon_body(&canon, m->body);
	canon_finish(&canon);
	n = hash_finish(hash, digest);
	hash_free(hash);
	return rsa_holds(key, HASH_SHA1, digest, n, tag(m->v[at].value, "b"));
}

/* The index of the signature that a row of expect.tsv is about, counted over both kinds. */
static size_t
signature_find(const struct message *m, unsigned long which)
{
	size_t i = 0;

	for (; i < m->n; i++) {
		if (!slice_eq_nocase(m->v[i].name, slice_of("DKIM-Signature")) &&
		    !slice_eq_nocase(m->v[i].name, slice_of("DomainKey-Signature")))
			continue;
		if (--which == 0)
			break;
	}
	return i;
}

struct row {
	const char *file, *type, *algorithm, *canon, *keys, *want;
	unsigned long which;
};

static void
dkim_judge(const struct row *row, const struct message *m, const struct message_field *f)
{
	enum hash_kind kind = strstr(row->algorithm, "sha256") != NULL ? HASH_SHA256 : HASH_SHA1;
	EVP_PKEY *key;

	if (strcmp(row->want, "pass") != 0 || tag(f->value, "l").n > 0)
		return;
	key = key_find(row->keys, f->value);
	if (strcmp(row->canon, "relaxed/relaxed") == 0 || strcmp(row->canon, "simple/relaxed") == 0)
		count(BODIES, row->file, body_hash_is(m, f->value, kind), "another bh=");
	if (strncmp(row->canon, "relaxed", 7) == 0 && strncmp(row->algorithm, "rsa", 3) == 0)
		count(DKIM, row->file, key != NULL && dkim_holds(m, f, key, kind),
		    key == NULL ? "no key" : "another hash");
	EVP_PKEY_free(key);
}

static void
row_judge(const struct row *row)
{
	char path[PATH_BYTES];
	struct message m;
	size_t at;

	(void)snprintf(path, sizeof(path), "%s/dkim/%s", top, row->file);
	if (!message_read(path, &m) || (at = signature_find(&m, row->which)) == m.n) {
		count(BODIES, row->file, false, "no such signature");
		return;
	}
	if (strcmp(row->type, "DKIM") == 0) {
		dkim_judge(row, &m, &m.v[at]);
	} else if (strcmp(row->canon, "nofws") == 0 && strcmp(row->want, "invalid") != 0) {
		EVP_PKEY *key = key_find(row->keys, m.v[at].value);
		bool want = strcmp(row->want, "pass") == 0;
		bool got = key != NULL && domainkeys_holds(&m, at, key);

		count(DOMAINKEYS, row->file, got == want, want ? "does not hold" : "holds");
		EVP_PKEY_free(key);
	}
}

static void
rows_judge(const char *expect)
{
	char line[2048];
	FILE *file = fopen(expect, "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		const char *column[10];
		char *at = line;
		size_t n = 0;

		for (; n < COUNT(column) && at != NULL; n++) {
			column[n] = at;
			at = strchr(at, '\t');
			if (at != NULL)
				*at++ = '\0';
		}
		if (n < COUNT(column) || line[0] == '#' || strcmp(column[1], "sig") == 0)
			continue;
		row_judge(&(struct row){column[0], column[2], column[5], column[6], column[8],
		    column[9], strtoul(column[1], NULL, 10)});
	}
	if (file != NULL)
		(void)fclose(file);
}

/* --- our signatures --- */

static struct sign_key *rsa, *ed25519;
static struct signer_plan plan;
static unsigned skipped; /* DomainKeys, for a reason */

static void
plan_make(void)
{
	static struct signer_key keys[3];
	struct err err;

	if (sign_key_generate(SIGN_RSA, 2048, &rsa, &err) != 0 ||
	    sign_key_generate(SIGN_ED25519, 0, &ed25519, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(EXIT_FAILURE);
	}
	keys[0] = (struct signer_key){
	    SIGNER_DKIM, rsa, slice_of(DOMAIN), slice_of("rsa"), slice_of("")};
	keys[1] = (struct signer_key){
	    SIGNER_DKIM, ed25519, slice_of(DOMAIN), slice_of("ed"), slice_of("")};
	keys[2] = (struct signer_key){
	    SIGNER_DOMAINKEYS, rsa, slice_of(DOMAIN), slice_of("rsa"), slice_of("")};
	plan = (struct signer_plan){
	    keys, COUNT(keys), signer_names_default, signer_names_default_n};
	if (signer_plan_check(&plan, &err) != 0)
		printf("# %s\n", err.text);
}

/* A key record. */
static struct slice
record_make(const struct sign_key *key, const char *kind, struct buf *out)
{
	struct err err;

	buf_add_format(out, "v=DKIM1; k=%s; p=", kind);
	(void)sign_key_public(key, out, &err);
	return buf_slice(out);
}

/* What an account's transform does: our Sender instead of another, and a From where the MTA adds
 * one. */
static void
message_prepare(struct message *m)
{
	size_t n = 0;
	bool from = false;

	for (size_t i = 0; i < m->n; i++) {
		if (slice_eq_nocase(m->v[i].name, slice_of("Sender")))
			continue;
		from = from || slice_eq_nocase(m->v[i].name, slice_of("From"));
		m->v[n++] = m->v[i];
	}
	m->n = n;
	(void)message_add(&arena, m, slice_of("Sender"), slice_of(SENDER));
	if (!from)
		(void)message_add(&arena, m, slice_of("From"), slice_of(SENDER));
}

static size_t
message_sign(const struct message *m, struct signer_field fields_r[SIGNER_KEYS_MAX])
{
	static struct signer s;
	size_t n, step = 1;

	signer_begin(&s, &plan, 1700000000, &arena);
	for (size_t i = 0; i < m->n; i++)
		signer_header(&s, m->v[i].name, m->v[i].value);
	signer_eoh(&s);
	for (struct slice left = m->body; left.n > 0; left = slice_from(left, step)) {
		step = step % 65537 * 3 + 1;
		signer_body(&s, slice_head(left, step));
	}
	n = signer_finish(&s, fields_r);
	for (size_t i = 0; i < n; i++)
		if (fields_r[i].value == NULL)
			fields_r[i].reason = arena_text(&arena, slice_of(fields_r[i].reason));
	signer_fini(&s);
	return n;
}

static struct dns_answer answers[2];
static struct slice rdata[2];

static struct dns_batch *
dns_begin(struct dns *dns)
{
	return (struct dns_batch *)dns;
}

static int
dns_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	(void)dns, (void)batch, (void)type;
	if (slice_starts(name, slice_of("rsa.")))
		return 0;
	return slice_starts(name, slice_of("ed.")) ? 1 : DNS_ASK_NO_NAME;
}

static const struct dns_answer *
dns_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	(void)dns, (void)batch;
	return &answers[index];
}

static void
dns_end(struct dns *dns, struct dns_batch *batch)
{
	(void)dns, (void)batch;
}

static struct dns dns = {.begin = dns_begin, .ask = dns_ask, .answer = dns_answer, .end = dns_end};

/* Strings of TXT, of up to 200 bytes. */
static struct slice
wire_make(struct slice text, struct buf *out)
{
	for (; text.n > 0; text = slice_from(text, 200)) {
		struct slice part = slice_head(text, 200);

		buf_add_char(out, (char)part.n);
		buf_add(out, part);
	}
	return buf_slice(out);
}

static void
records_make(void)
{
	static char wire[2][2048];
	const struct sign_key *keys[] = {rsa, ed25519};
	const char *kinds[] = {"rsa", "ed25519"};

	for (size_t i = 0; i < 2; i++) {
		char text[1024];
		struct buf record = BUF_OVER(text), out = BUF_OVER(wire[i]);

		rdata[i] = wire_make(record_make(keys[i], kinds[i], &record), &out);
		answers[i] = (struct dns_answer){DNS_FOUND, .rdata = &rdata[i], .n = 1};
	}
}

/* How many of our DKIM signatures libopendkim passes. */
static size_t
message_verify(const struct message *m, const struct signer_field *fields, size_t n)
{
	static struct arena results;
	struct dkim_limits limits = dkim_limits_default();
	struct dkim_verifier *verifier;
	const struct dkim_result *r;
	struct dkim_verify *v;
	struct lookup lookup;
	size_t passed = 0, nr;

	limits.max_fields = limits.max_header_bytes = MESSAGE_MAX;
	verifier = dkim_verifier_new(&limits);
	arena_init(&results, 65536, 2 * MESSAGE_MAX);
	v = dkim_verify_new(verifier, &results);
	lookup_init(&lookup, &dns, 0);
	for (size_t i = 0; i < n; i++) {
		char *value = arena_alloc(&arena, 8192 + 2);

		if (fields[i].value == NULL)
			continue;
		(void)snprintf(value, 8192, " %s", fields[i].value);
		dkim_verify_header(v, slice_of(fields[i].name), slice_of(value));
	}
	for (size_t i = 0; i < m->n; i++)
		if (!slice_eq_nocase(m->v[i].name, slice_of("DKIM-Signature")))
			dkim_verify_header(v, m->v[i].name, m->v[i].value);
	dkim_verify_eoh(v);
	if (m->body.n > 0)
		dkim_verify_body(v, m->body);
	(void)dkim_verify_advance(v, &lookup);
	r = dkim_verify_results(v, &nr);
	for (size_t i = 0; i < nr; i++) {
		passed += r[i].verdict == DKIM_VERDICT_PASS;
		if (r[i].verdict != DKIM_VERDICT_PASS)
			printf("#   %.*s: %s (%s)\n", SLICE_ARG(r[i].selector),
			    dkim_verdict_name(r[i].verdict), r[i].reason);
	}
	lookup_fini(&lookup);
	dkim_verify_free(v);
	dkim_verifier_free(verifier);
	arena_fini(&results);
	return passed;
}

static void
fold_write(FILE *file, const char *name, struct slice value)
{
	(void)fprintf(file, "%s:", name);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\n' && (i == 0 || value.p[i - 1] != '\r'))
			(void)fputc('\r', file);
		(void)fputc(value.p[i], file);
	}
	(void)fputs("\r\n", file);
}

static void
message_write(const struct message *m, const struct signer_field *fields, size_t n, unsigned number)
{
	char path[PATH_BYTES];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%04u.eml", out_folder, number);
	file = fopen(path, "wb");
	if (file == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		char value[8192];

		if (fields[i].value == NULL)
			continue;
		(void)snprintf(value, sizeof(value), " %s", fields[i].value);
		fold_write(file, fields[i].name, slice_of(value));
	}
	for (size_t i = 0; i < m->n; i++)
		fold_write(file, arena_text(&arena, m->v[i].name), m->v[i].value);
	(void)fputs("\r\n", file);
	(void)fwrite(m->body.p, 1, m->body.n, file);
	(void)fclose(file);
}

static void
one_sign(const char *path, FILE *list)
{
	struct signer_field fields[SIGNER_KEYS_MAX];
	const char *file = path + strlen(top) + 1;
	struct message m;
	size_t n, passed;

	if (!message_read(path, &m))
		return;
	message_prepare(&m);
	n = message_sign(&m, fields);
	for (size_t i = 0; i < n; i++)
		if (fields[i].value == NULL)
			printf("# %s: no %s: %s\n", file, fields[i].name, fields[i].reason);
	skipped += fields[2].value == NULL;
	passed = message_verify(&m, fields, n);
	count(VERIFIED, file, passed == 2, "a DKIM signature does not pass");
	if (list == NULL)
		return;
	message_write(&m, fields, n, counts[VERIFIED].of);
	(void)fprintf(list, "%04u.eml\t%s\t%s\n", counts[VERIFIED].of, file,
	    fields[2].value == NULL ? fields[2].reason : "");
}

/* All files below a folder, without its tables and words. */
static void
folder_sign(const char *folder, FILE *list)
{
	struct dirent **names = NULL;
	int n = scandir(folder, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name, *dot = strrchr(name, '.');
		char path[PATH_BYTES];
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
		if (name[0] != '.' && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			folder_sign(path, list);
		else if (name[0] != '.' &&
			 (dot == NULL || (strcmp(dot, ".md") != 0 && strcmp(dot, ".tsv") != 0)))
			one_sign(path, list);
		free(names[i]);
	}
	free(names);
}

static FILE *
out_open(void)
{
	const struct sign_key *keys[] = {rsa, ed25519};
	const char *kinds[] = {"rsa", "ed25519"}, *selectors[] = {"rsa", "ed"};
	char path[PATH_BYTES];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/keys", out_folder);
	file = fopen(path, "w");
	for (size_t i = 0; i < 2 && file != NULL; i++) {
		char text[1024];
		struct buf out = BUF_OVER(text);
		struct slice record = record_make(keys[i], kinds[i], &out);

		(void)fprintf(
		    file, "%s._domainkey." DOMAIN " %.*s\n", selectors[i], SLICE_ARG(record));
	}
	if (file != NULL)
		(void)fclose(file);
	(void)snprintf(path, sizeof(path), "%s/list.tsv", out_folder);
	return fopen(path, "w");
}

int
main(int argc, char **argv)
{
	const char *set = getenv("GATEPOST_DATA");
	char path[PATH_BYTES];
	bool good = true;
	FILE *list = NULL;

	top = argc > 1 ? argv[1] : set != NULL ? set : "../shared/data";
	out_folder = argc > 2 ? argv[2] : NULL;
	arena_init(&arena, 65536, 64 * MESSAGE_MAX);
	plan_make();
	records_make();
	if (out_folder != NULL)
		list = out_open();
	(void)snprintf(path, sizeof(path), "%s/dkim/expect.tsv", top);
	rows_judge(path);
	(void)snprintf(path, sizeof(path), "%s/mime", top);
	folder_sign(path, list);
	if (list != NULL)
		(void)fclose(list);
	if (counts[BODIES].of + counts[VERIFIED].of == 0) {
		printf("# sign: no messages in %s\n", top);
		return 77;
	}
	printf("1..%zu\n", COUNT(counts));
	for (size_t i = 0; i < COUNT(counts); i++) {
		const struct counts *c = &counts[i];
		bool ok = c->right + c->known == c->of && c->of > 0;

		printf("%s %zu - sign %s: %u of %u right, %u known\n", ok ? "ok" : "not ok", i + 1,
		    c->name, c->right, c->of, c->known);
		good = good && ok;
	}
	printf("# %u messages without DomainKeys, each with its reason\n", skipped);
	sign_key_free(rsa);
	sign_key_free(ed25519);
	arena_fini(&arena);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
