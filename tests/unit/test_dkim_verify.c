/*
 * test_dkim_verify.c - lib/auth/dkim_verify, dkim_header, dkim_verifier, dkim_signature,
 * dkim_key, dkim_tag.
 */
#include "auth/dkim_verify.h"

#include "auth/dkim_signature.h"
#include "auth/dkim_tag.h"
#include "dkim_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define BODY "Hello,  \r\n\r\n\tworld \t of mail.\r\n\r\n\r\n"
#define RSA  "v=DKIM1; k=rsa; p="

#define RECORDS_MAX 3 /* of a name */

/* A DNS of a few names. The test may say that every answer is something else. */
struct table {
	struct dns port;
	const char *record[RECORDS_MAX]; /* instead of those of key_records[] */
	enum dns_status status;          /* instead of DNS_FOUND */
	unsigned pending;                /* so many answers first are "not yet" */
	unsigned asked;
	struct dns_answer answers[DNS_BATCH_MAX];
	struct slice rdata[DNS_BATCH_MAX][RECORDS_MAX];
	char wire[DNS_BATCH_MAX][RECORDS_MAX][2048];
	char names[DNS_BATCH_MAX][300];
};

static const char *const key_records[][2] = {
    {"s2048._domainkey.example.org", RSA KEY_2048},
    {"s1024._domainkey.example.org", RSA KEY_1024},
    {"s512._domainkey.example.org", RSA KEY_512},
    {"sed._domainkey.example.org", "v=DKIM1; k=ed25519; p=" KEY_ED},
};

static struct dns_batch *
table_begin(struct dns *dns)
{
	return (struct dns_batch *)dns;
}

/* As a TXT record with strings of 100 bytes. */
static struct slice
wire_put(char *wire, const char *text)
{
	size_t left = strlen(text), n = 0;

	while (left > 0) {
		size_t part = left < 100 ? left : 100;

		wire[n++] = (char)part;
		memcpy(wire + n, text, part);
		n += part;
		text += part;
		left -= part;
	}
	return slice_make(wire, n);
}

static void
answer_put(struct table *table, unsigned index, const char *record)
{
	struct dns_answer *answer = &table->answers[index];

	if (record == NULL)
		return;
	table->rdata[index][answer->n] = wire_put(table->wire[index][answer->n], record);
	answer->n++;
	answer->status = DNS_FOUND;
}

static int
table_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	struct table *table = (struct table *)dns;
	unsigned index = table->asked;

	(void)batch;
	assert_int_equal(type, DNS_TXT);
	for (unsigned i = 0; i < table->asked; i++)
		if (slice_eq(slice_of(table->names[i]), name))
			return (int)i;
	assert_true(index < DNS_BATCH_MAX && name.n < sizeof(table->names[0]));
	memcpy(table->names[index], name.p, name.n);
	table->answers[index] = (struct dns_answer){DNS_NXDOMAIN, .rdata = table->rdata[index]};
	for (size_t i = 0; i < COUNT(key_records); i++)
		if (table->record[0] == NULL && slice_eq(slice_of(key_records[i][0]), name))
			answer_put(table, index, key_records[i][1]);
	for (size_t i = 0; i < RECORDS_MAX; i++)
		answer_put(table, index, table->record[i]);
	if (table->status != DNS_PENDING)
		table->answers[index].status = table->status;
	table->asked++;
	return (int)index;
}

static const struct dns_answer *
table_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	static const struct dns_answer not_yet = {.status = DNS_PENDING};
	struct table *table = (struct table *)dns;

	(void)batch;
	if (table->pending > 0) {
		table->pending--;
		return &not_yet;
	}
	return &table->answers[index];
}

static void
table_end(struct dns *dns, struct dns_batch *batch)
{
	(void)dns, (void)batch;
}

/* What the test may vary of a message. */
struct mail {
	const char *name;
	const char *signature;
	const char *body; /* NULL: BODY */
	const char *record[RECORDS_MAX];
	enum dns_status status;
	enum dkim_verdict verdict;
	const char *reason;
};

/* All that one message needs. */
struct bench {
	struct arena arena;
	struct table *table;
	struct lookup lookup;
	struct dkim_verifier *verifier;
	struct dkim_verify *v;
};

static void
bench_open(struct bench *bench, const struct dkim_limits *limits)
{
	arena_init(&bench->arena, 4096, 131072);
	bench->table = calloc(1, sizeof(*bench->table));
	assert_non_null(bench->table);
	bench->table->port = (struct dns){
	    .begin = table_begin, .ask = table_ask, .answer = table_answer, .end = table_end};
	lookup_init(&bench->lookup, &bench->table->port, 0);
	bench->verifier = dkim_verifier_new(limits);
	assert_non_null(bench->verifier);
	bench->v = dkim_verify_new(bench->verifier, &bench->arena);
	assert_non_null(bench->v);
}

static void
bench_open_default(struct bench *bench)
{
	struct dkim_limits limits = dkim_limits_default();

	bench_open(bench, &limits);
}

static void
bench_close(struct bench *bench)
{
	dkim_verify_free(bench->v);
	dkim_verifier_free(bench->verifier);
	lookup_fini(&bench->lookup);
	arena_fini(&bench->arena);
	free(bench->table);
}

static void
field(struct bench *bench, const char *name, const char *value)
{
	dkim_verify_header(bench->v, slice_of(name), slice_of(value));
}

static void
fields_add(struct bench *bench)
{
	field(bench, "From", " Joe <joe@example.org>");
	field(bench, "To", "  sue@example.net");
	field(bench, "Subject", " two  blanks\n\tand a fold ");
}

/* From the end of the header on; in pieces of `step` bytes. */
static void
rest_add(struct bench *bench, const char *body, size_t step)
{
	struct slice left = slice_of(body);

	dkim_verify_eoh(bench->v);
	for (; left.n > 0; left = slice_from(left, step))
		dkim_verify_body(bench->v, slice_head(left, step));
	assert_true(dkim_verify_advance(bench->v, &bench->lookup));
}

static void
result_check(const struct bench *bench, const struct mail *mail, size_t index)
{
	size_t n;
	const struct dkim_result *results = dkim_verify_results(bench->v, &n);
	const struct dkim_result *r = &results[index];

	if (index >= n)
		fail_msg("%s: %zu results", mail->name, n);
	if (r->verdict != mail->verdict || strcmp(r->reason, mail->reason) != 0)
		fail_msg("%s: %s, \"%s\"", mail->name, dkim_verdict_name(r->verdict), r->reason);
}

static void
mail_run(const struct mail *mail, const struct dkim_limits *limits, size_t step)
{
	struct bench bench;

	bench_open(&bench, limits);
	memcpy(bench.table->record, mail->record, sizeof(mail->record));
	bench.table->status = mail->status;
	field(&bench, "DKIM-Signature", mail->signature);
	fields_add(&bench);
	rest_add(&bench, mail->body == NULL ? BODY : mail->body, step);
	result_check(&bench, mail, 0);
	bench_close(&bench);
}

#define T(text) " v=1; a=rsa-sha256; b=abcd; bh=x; d=d.example; h=from; s=s" text

#define PASS    .verdict = DKIM_VERDICT_PASS, .reason = ""
#define FAIL    .verdict = DKIM_VERDICT_FAIL, .reason
#define NEUTRAL .verdict = DKIM_VERDICT_NEUTRAL, .reason
#define POLICY  .verdict = DKIM_VERDICT_POLICY, .reason
#define TEMP    .verdict = DKIM_VERDICT_TEMPERROR, .reason
#define PERM    .verdict = DKIM_VERDICT_PERMERROR, .reason
#define ED_KEY  "v=DKIM1; k=ed25519; p=" KEY_ED

static const char key_long[] = RSA KEY_2048 "; n=" KEY_2048 KEY_2048;

static const struct mail mails[] = {
    {"relaxed", RELAXED, PASS},
    {"simple", SIMPLE, PASS},
    {"relaxed/simple", MIXED, PASS},
    {"Ed25519", ED25519, PASS},
    {"Ed25519, simple", ED25519_SIMPLE, PASS},
    {"1024 bits", BITS_1024, PASS},
    {"x= in the future", LIVE, PASS},
    {"i= of a subdomain", SUBDOMAIN, PASS},
    {"From signed twice", OVERSIGNED, PASS},
    {"no body, relaxed", EMPTY_RELAXED, "", PASS},
    {"no body, simple", EMPTY_SIMPLE, "", PASS},
    {"empty lines only", EMPTY_RELAXED, "\r\n\r\n", PASS},
    {"end of line missing, relaxed", RELAXED, "Hello,\r\n\r\n world of mail.", PASS},
    {"end of line missing, simple", SIMPLE, "Hello,  \r\n\r\n\tworld \t of mail.", PASS},
    {"empty lines more", SIMPLE, BODY "\r\n\r\n", PASS},
    {"all fields signed, and more", ALL_SIGNED,
	FAIL = "signature does not match the header"}, /* it cannot sign itself */
    {"blanks changed, simple", SIMPLE, "Hello,\r\n\r\n world of mail.\r\n",
	FAIL = "body was altered"},
    {"another word", RELAXED, "Hallo,\r\n\r\n world of mail.\r\n", FAIL = "body was altered"},
    {"a word more", RELAXED, BODY "P.S.\r\n", FAIL = "body was altered"},
    {"nothing left", RELAXED, "", FAIL = "body was altered"},
    {"512 bits", BITS_512, FAIL = "key too small (RFC 8301)"},
    {"expired", EXPIRED, FAIL = "signature expired (x=)"},
    {"future", FUTURE, FAIL = "signed in the future (t=)"},
    {"rsa-sha1", SHA1, POLICY = "rsa-sha1 is no longer accepted (RFC 8301)"},
    {"l=", LENGTH, POLICY = "only a part of the body is signed (l=)"},
    {"CR alone", RELAXED, "Hel\rlo,\r\n\r\n world of mail.\r\n",
	POLICY = "CR or LF alone in the body"},
    {"LF alone", RELAXED, "Hello,\n\r\n world of mail.\r\n", POLICY = "CR or LF alone in the body"},
    {"CR at the end", RELAXED, BODY "\r", POLICY = "CR or LF alone in the body"},
    {"i= elsewhere", FOREIGN, NEUTRAL = "identity is not of the domain (i=, d=)"},
    {"i= without @", T("; i=d.example"), NEUTRAL = "identity is not of the domain (i=, d=)"},
    {"i= empty", T("; i="), NEUTRAL = "identity is not of the domain (i=, d=)"},
    {"From not signed", NO_FROM, NEUTRAL = "From is not signed (h=)"},

    {"DNS fails", RELAXED, .status = DNS_TEMPERROR, TEMP = "key could not be fetched"},
    {"no name", RELAXED, .status = DNS_NXDOMAIN, PERM = "no key"},
    {"no TXT", RELAXED, .status = DNS_NODATA, PERM = "no key"},
    {"another key", RELAXED, .record = {RSA KEY_1024},
	FAIL = "signature does not match the header"},
    {"plain record", RELAXED, .record = {"p=" KEY_2048}, PASS},
    {"all tags", RELAXED,
	.record = {"v=DKIM1; h=sha1:sha256; s=email; t=y; n=x; g=*; p=" KEY_2048 ";"}, PASS},
    {"record beside another", RELAXED, .record = {"v=spf1 -all", RSA KEY_2048}, PASS},
    {"the same twice", RELAXED, .record = {RSA KEY_2048, RSA KEY_2048}, PASS},
    {"two keys", RELAXED, .record = {RSA KEY_2048, RSA KEY_1024}, PERM = "several key records"},
    {"the same key twice", RELAXED, .record = {"g=*; p=" KEY_2048, RSA KEY_2048}, PASS},
    {"a key of each kind", RELAXED, .record = {ED_KEY, RSA KEY_2048}, PASS},
    {"a key of each kind, turned", RELAXED, .record = {RSA KEY_2048, ED_KEY}, PASS},
    {"a key of each kind, ed25519", ED25519, .record = {RSA KEY_2048, ED_KEY}, PASS},
    {"two keys and one of another kind", RELAXED, .record = {RSA KEY_1024, ED_KEY, RSA KEY_2048},
	PERM = "several key records"},
    {"no key record", RELAXED, .record = {"v=spf1 -all"}, PERM = "no key record"},
    {"revoked", RELAXED, .record = {RSA}, PERM = "key revoked"},
    {"key too long", RELAXED, .record = {key_long}, PERM = "key record too long"},
    {"key of another kind", RELAXED, .record = {ED_KEY}, PERM = "key is of another kind"},
    {"the other way", ED25519, .record = {RSA KEY_2048}, PERM = "key is of another kind"},
    {"not its kind", ED25519, .record = {"k=ed25519; p=" KEY_512}, PERM = "key cannot be read"},
    {"not its kind either", RELAXED, .record = {"p=" KEY_ED}, PERM = "key cannot be read"},
    {"no base64", RELAXED, .record = {"p=!!!!"}, PERM = "key cannot be read"},
    {"cut short", RELAXED, .record = {"p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"},
	PERM = "key cannot be read"},
    {"unknown version", RELAXED, .record = {"v=DKIM2; p=" KEY_2048},
	PERM = "key record of unknown version"},
    {"unknown type", RELAXED, .record = {"k=dsa; p=" KEY_2048}, PERM = "key is of another kind"},
    {"for sha1", RELAXED, .record = {"h=sha1; p=" KEY_2048}, PERM = "key is for another hash"},
    {"for sha3", RELAXED, .record = {"h=sha3; p=" KEY_2048}, PERM = "key is for an unknown hash"},
    {"for chat", RELAXED, .record = {"s=chat; p=" KEY_2048}, PERM = "key is not for mail"},
    {"no subdomains", SUBDOMAIN, .record = {"t=s; p=" KEY_2048},
	PERM = "key is not for subdomains (i=)"},
    {"no subdomains, none", RELAXED, .record = {"t=s; p=" KEY_2048}, PASS},
    {"malformed record", RELAXED, .record = {"k=rsa; t; p=" KEY_2048},
	PERM = "malformed key record"},
    {"8-bit record", RELAXED, .record = {"n=\xc3\xa4; p=" KEY_2048}, PERM = "malformed key record"},
};

/* However the body is cut. */
static void
test_mails(void **state)
{
	static const size_t steps[] = {1, 2, 3, 7, 65536};
	struct dkim_limits limits = dkim_limits_default();

	(void)state;
	for (size_t i = 0; i < COUNT(mails); i++)
		for (size_t k = 0; k < COUNT(steps); k++)
			mail_run(&mails[i], &limits, steps[k]);
}

/* What RFC 6376 allows and we do not, when asked for. */
static void
test_lenient(void **state)
{
	static const struct mail lenient[] = {
	    {"rsa-sha1", SHA1, PASS},
	    {"l=", LENGTH, PASS},
	    {"l= and more", LENGTH, BODY "P.S.\r\n", PASS},
	    {"l= and less", LENGTH, "Hello,\r\n",
		FAIL = "body is shorter than what was signed (l=)"},
	    {"512 bits", BITS_512, PASS},
	};
	struct dkim_limits limits = dkim_limits_default();

	(void)state;
	limits.accept_sha1 = limits.honour_length = true;
	limits.min_rsa_bits = 512;
	for (size_t i = 0; i < COUNT(lenient); i++)
		mail_run(&lenient[i], &limits, 10);
}

/* libopendkim rounds the size up to bytes, and knows nothing smaller of it. */
static void
test_key_sizes(void **state)
{
	static const struct mail big = {"2048 of 2049", RELAXED, FAIL = "key too small (RFC 8301)"};
	struct dkim_limits limits = dkim_limits_default();

	(void)state;
	limits.min_rsa_bits = 2049;
	mail_run(&big, &limits, 100);
}

struct tag_row {
	const char *name;
	const char *value;
	enum dkim_verdict verdict;
	const char *reason;
};

#define NO_TAG NEUTRAL = "not a list of tag=value"
#define NAME   NEUTRAL = "domain or selector is no name (d=, s=)"
#define IDENT  NEUTRAL = "malformed identity (i=)"
#define LEFT   .verdict = DKIM_VERDICT_NONE, .reason = ""

static const struct tag_row tag_rows[] = {
    {"whole", T(""), LEFT},
    {"semicolon", T(";"), LEFT},
    {"semicolon and fold", T(" ;\r\n\t"), LEFT},
    {"unknown tag", T("; x_1=y"), LEFT},
    {"blanks", "v = 1 ;a= rsa-sha256;b=x ;bh\n =x;d= d . example;h=from;s=s", LEFT},
    {"case of the algorithm", "v=1; a=RSA-SHA256; b=x; bh=x; d=D; h=from; s=S", LEFT},
    {"empty", "", NEUTRAL = "no version (v=)"},
    {"blanks only", " \n ", NEUTRAL = "no version (v=)"},
    {"prose", " hello", NO_TAG},
    {"two semicolons", T(";;"), NO_TAG},
    {"no name", T("; =x"), NO_TAG},
    {"digit first", T("; 1x=x"), NO_TAG},
    {"blank in a name", T("; x y=x"), NO_TAG},
    {"no =", T("; x"), NO_TAG},
    {"twice", T("; d=e.example"), NEUTRAL = "a tag occurs twice"},
    {"twice, unknown", T("; y=1; y=1"), NEUTRAL = "a tag occurs twice"},
    {"twice but for case", T("; D=e.example"), NEUTRAL = "a tag occurs twice"},
    {"blank before b=", "v=1; a=rsa-sha256; b =x; bh=x; d=d; h=from; s=s",
	NEUTRAL = "the tag b= cannot be told apart"},
    {"another b=", T("; xb=x"), NEUTRAL = "the tag b= cannot be told apart"},
    {"version 2", "v=2; a=rsa-sha256; b=x; bh=x; d=d; h=from; s=s",
	NEUTRAL = "unknown version (v=)"},
    {"empty version", "v=; a=rsa-sha256; b=x; bh=x; d=d; h=from; s=s", NEUTRAL = "no version (v=)"},
    {"no algorithm", "v=1; b=x; bh=x; d=d; h=from; s=s", NEUTRAL = "no algorithm (a=)"},
    {"no b", "v=1; a=rsa-sha256; bh=x; d=d; h=from; s=s", NEUTRAL = "no signature (b=)"},
    {"B is not b", "v=1; a=rsa-sha256; B=x; bh=x; d=d; h=from; s=s", NEUTRAL = "no signature (b=)"},
    {"no bh", "v=1; a=rsa-sha256; b=x; d=d; h=from; s=s", NEUTRAL = "no body hash (bh=)"},
    {"no d", "v=1; a=rsa-sha256; b=x; bh=x; h=from; s=s", NEUTRAL = "no domain (d=)"},
    {"no h", "v=1; a=rsa-sha256; b=x; bh=x; d=d; s=s", NEUTRAL = "no list of fields (h=)"},
    {"no s", "v=1; a=rsa-sha256; b=x; bh=x; d=d; h=from", NEUTRAL = "no selector (s=)"},
    {"algorithm", "v=1; a=dsa-sha256; b=x; bh=x; d=d; h=from; s=s",
	NEUTRAL = "unknown algorithm (a=)"},
    {"domain", "v=1; a=rsa-sha256; b=x; bh=x; d=a..b; h=from; s=s", NAME},
    {"dot at the end", "v=1; a=rsa-sha256; b=x; bh=x; d=a.; h=from; s=s", NAME},
    {"selector", "v=1; a=rsa-sha256; b=x; bh=x; d=a; h=from; s=.s", NAME},
    {"no @", T("; i=d.example"), LEFT},
    {"= at the end", T("; i=@d.example="), IDENT},
    {"= and one digit", T("; i=@d.example=4"), IDENT},
    {"= and no digit", T("; i==zz@d.example"), IDENT},
    {"= and digits", T("; i==2B@d.example"), LEFT},
    {"empty identity", T("; i="), LEFT},
    {"q", T("; q=dns/txt"), LEFT},
    {"q of two", T("; q=http/x : dns/txt"), LEFT},
    {"other q", T("; q=http"), NEUTRAL = "key is not in DNS (q=)"},
    {"draft's q", T("; q=dns"), NEUTRAL = "key is not in DNS (q=)"},
    {"8-bit", T("; n=\xc3\xa4"), NEUTRAL = "not plain ASCII"},
    {"control byte", T("; n=\x01"), NEUTRAL = "not plain ASCII"},
    {"form feed", T("; n=\f"), NEUTRAL = "not plain ASCII"},
    {"l", T("; l=5"), POLICY = "only a part of the body is signed (l=)"},
    {"sha1", "v=1; a=rsa-sha1; b=x; bh=x; d=d; h=from; s=s",
	POLICY = "rsa-sha1 is no longer accepted (RFC 8301)"},
};

static void
test_tags(void **state)
{
	struct dkim_limits limits = dkim_limits_default();

	(void)state;
	for (size_t i = 0; i < COUNT(tag_rows); i++) {
		const struct tag_row *row = &tag_rows[i];
		struct dkim_result r;
		struct arena arena;

		arena_init(&arena, 1024, 65536);
		dkim_signature_read(slice_of(row->value), &limits, &arena, &r);
		if (r.verdict != row->verdict || strcmp(r.reason, row->reason) != 0)
			fail_msg(
			    "%s: %s, \"%s\"", row->name, dkim_verdict_name(r.verdict), r.reason);
		arena_fini(&arena);
	}
}

static void
test_tag_bounds(void **state)
{
	static char many[DKIM_SIGNATURE_MAX_BYTES + 2];
	struct dkim_limits limits = dkim_limits_default();
	struct dkim_result r;
	struct arena arena;
	size_t n = 0;

	(void)state;
	arena_init(&arena, 1024, 65536);
	for (int i = 0; i <= DKIM_TAGS_MAX; i++)
		n += (size_t)snprintf(
		    many + n, sizeof(many) - n, "a%c%c=x;", 'a' + i / 20, 'c' + i % 20);
	dkim_signature_read(slice_make(many, n), &limits, &arena, &r);
	assert_string_equal(r.reason, "too many tags");
	memset(many, 'x', sizeof(many));
	dkim_signature_read(slice_make(many, sizeof(many) - 1), &limits, &arena, &r);
	assert_string_equal(r.reason, "signature field too long");
	dkim_signature_read(slice_make(many, sizeof(many) - 2), &limits, &arena, &r);
	assert_string_equal(r.reason, "not a list of tag=value");
	/* no memory: no texts, and no verdict by mistake */
	arena_fini(&arena);
	arena_init(&arena, 16, 16);
	dkim_signature_read(slice_of(T("")), &limits, &arena, &r);
	assert_int_equal(r.verdict, DKIM_VERDICT_TEMPERROR);
	assert_int_equal(r.domain.n, 0);
	arena_fini(&arena);
}

static void
assert_text(struct slice got, const char *want)
{
	if (!slice_eq(got, slice_of(want)))
		fail_msg("\"%.*s\", not \"%s\"", SLICE_ARG(got), want);
}

static void
test_texts(void **state)
{
	const struct dkim_result *r;
	struct bench bench;
	size_t n;

	(void)state;
	bench_open_default(&bench);
	field(&bench, "DKIM-Signature", SUBDOMAIN);
	field(&bench, "dkim-signature", ED25519);
	field(&bench, "DKIM-Signature", " d=Only.Example; i=x y");
	fields_add(&bench);
	bench.table->record[0] = "t=y; p=" KEY_2048;
	rest_add(&bench, BODY, 100);
	r = dkim_verify_results(bench.v, &n);
	assert_int_equal(n, 3);
	assert_text(r[0].domain, "example.org");
	assert_text(r[0].selector, "s2048");
	assert_text(r[0].identity, "joe=2Bx@mail.example.org");
	assert_text(r[0].algorithm, "rsa-sha256");
	assert_int_equal(r[0].b.n, DKIM_B_BYTES);
	assert_non_null(strstr(SUBDOMAIN, r[0].b.p));
	assert_int_equal(r[0].key_bits, 2048);
	assert_true(r[0].testing);
	assert_text(r[1].identity, "@example.org");
	assert_text(r[1].algorithm, "ed25519-sha256");
	assert_int_equal(r[1].key_bits, 0);
	assert_text(r[2].domain, "only.example");
	assert_text(r[2].identity, "xy");
	assert_int_equal(r[2].verdict, DKIM_VERDICT_NEUTRAL);
	bench_close(&bench);
}

static void
test_ed25519_bits(void **state)
{
	struct bench bench;
	size_t n;

	(void)state;
	bench_open_default(&bench);
	field(&bench, "DKIM-Signature", ED25519);
	fields_add(&bench);
	rest_add(&bench, BODY, 100);
	assert_int_equal(dkim_verify_results(bench.v, &n)->key_bits, 256);
	assert_false(dkim_verify_results(bench.v, &n)->testing);
	bench_close(&bench);
}

/* The first eight are looked at, the others are only counted, and cost no question. */
static void
test_many_signatures(void **state)
{
	static const struct mail pass = {"one of many", NULL, PASS};
	struct bench bench;
	size_t n;

	(void)state;
	bench_open_default(&bench);
	for (int i = 0; i < 100; i++)
		field(&bench, "DKIM-Signature", i % 2 == 0 ? RELAXED : BITS_1024);
	fields_add(&bench);
	rest_add(&bench, BODY, 100);
	(void)dkim_verify_results(bench.v, &n);
	assert_int_equal(n, 8);
	assert_int_equal(dkim_verify_skipped(bench.v), 92);
	assert_int_equal(bench.table->asked, 2);
	for (size_t i = 0; i < n; i++)
		result_check(&bench, &pass, i);
	bench_close(&bench);
}

/* Whatever the configuration says, not more than DKIM_SIGNATURES_MAX; and none is allowed too. */
static void
test_signature_limits(void **state)
{
	static const size_t wanted[][2] = {{0, 0}, {1, 1}, {1000, DKIM_SIGNATURES_MAX}};
	struct dkim_limits limits = dkim_limits_default();

	(void)state;
	for (size_t k = 0; k < COUNT(wanted); k++) {
		struct bench bench;
		size_t n;

		limits.max_signatures = wanted[k][0];
		bench_open(&bench, &limits);
		for (int i = 0; i < 30; i++)
			field(&bench, "DKIM-Signature", RELAXED);
		fields_add(&bench);
		rest_add(&bench, BODY, 100);
		(void)dkim_verify_results(bench.v, &n);
		assert_int_equal(n, wanted[k][1]);
		assert_int_equal(dkim_verify_skipped(bench.v), 30 - n);
		bench_close(&bench);
	}
}

/* Signatures above and below what is too much get the same verdict; no key is asked for. */
static void
test_large_header(void **state)
{
	static const struct mail large = {"1 MB", NULL, POLICY = "header too large"};
	static char value[1048576];
	struct bench bench;

	(void)state;
	memset(value, 'x', sizeof(value));
	bench_open_default(&bench);
	field(&bench, "DKIM-Signature", RELAXED);
	dkim_verify_header(bench.v, slice_of("X-Large"), slice_make(value, sizeof(value)));
	field(&bench, "DKIM-Signature", RELAXED);
	fields_add(&bench);
	rest_add(&bench, BODY, 100);
	result_check(&bench, &large, 0);
	result_check(&bench, &large, 1);
	assert_int_equal(bench.table->asked, 0);
	bench_close(&bench);
}

/* A field of 100 KB, as Postfix lets it pass, does not matter, signed or not. */
static void
test_long_field(void **state)
{
	static const struct mail pass = {"100 KB", NULL, PASS};
	static char value[102400];
	struct bench bench;

	(void)state;
	memset(value, 'x', sizeof(value));
	bench_open_default(&bench);
	field(&bench, "DKIM-Signature", RELAXED);
	dkim_verify_header(bench.v, slice_of("X-Large"), slice_make(value, sizeof(value)));
	fields_add(&bench);
	rest_add(&bench, BODY, 100);
	result_check(&bench, &pass, 0);
	bench_close(&bench);
}

static void
test_many_fields(void **state)
{
	static const struct mail pass = {"200 Received", NULL, PASS};
	static const struct mail many = {"1001 fields", NULL, POLICY = "too many header fields"};

	(void)state;
	for (int count = 200; count <= 1000; count += 800) {
		struct bench bench;

		bench_open_default(&bench);
		for (int i = 0; i < count; i++)
			field(&bench, "Received", " from a.example\n\tby b.example; today");
		field(&bench, "DKIM-Signature", RELAXED);
		fields_add(&bench);
		rest_add(&bench, BODY, 100);
		result_check(&bench, count == 200 ? &pass : &many, 0);
		bench_close(&bench);
	}
}

/* Nobody waits in there: "not yet" is said until the keys are there. */
static void
test_pending(void **state)
{
	static const struct mail pass = {"late", NULL, PASS};
	struct bench bench;

	(void)state;
	bench_open_default(&bench);
	field(&bench, "DKIM-Signature", RELAXED);
	fields_add(&bench);
	dkim_verify_eoh(bench.v);
	assert_true(dkim_verify_wants_body(bench.v));
	bench.table->pending = 3;
	assert_false(dkim_verify_ask(bench.v, &bench.lookup));
	dkim_verify_body(bench.v, slice_of(BODY));
	assert_false(dkim_verify_advance(bench.v, &bench.lookup));
	assert_false(dkim_verify_advance(bench.v, &bench.lookup));
	assert_true(dkim_verify_advance(bench.v, &bench.lookup));
	assert_true(dkim_verify_advance(bench.v, &bench.lookup));
	result_check(&bench, &pass, 0);
	assert_int_equal(bench.table->asked, 1);
	bench_close(&bench);
}

static void
test_deadline(void **state)
{
	static const struct mail late = {"too late", NULL, TEMP = "key could not be fetched"};
	struct bench bench;

	(void)state;
	bench_open_default(&bench);
	field(&bench, "DKIM-Signature", RELAXED);
	fields_add(&bench);
	bench.table->pending = 1000;
	bench.lookup.over = true;
	rest_add(&bench, BODY, 100);
	result_check(&bench, &late, 0);
	bench_close(&bench);
}

/* One key missing does not hurt the other signature. */
static void
test_mixed(void **state)
{
	static const struct mail want[] = {
	    {"no key", NULL, PERM = "no key"},
	    {"malformed", NULL, NEUTRAL = "not a list of tag=value"},
	    {"as it should be", NULL, PASS},
	    {"expired", NULL, FAIL = "signature expired (x=)"},
	    {"again", NULL, PASS},
	};
	struct bench bench;

	(void)state;
	bench_open_default(&bench);
	field(&bench, "DKIM-Signature", T(""));
	field(&bench, "DKIM-Signature", " nonsense");
	field(&bench, "DKIM-Signature", ED25519);
	field(&bench, "DKIM-Signature", EXPIRED);
	field(&bench, "DKIM-Signature", SIMPLE);
	fields_add(&bench);
	rest_add(&bench, BODY, 100);
	for (size_t i = 0; i < COUNT(want); i++)
		result_check(&bench, &want[i], i);
	bench_close(&bench);
}

static void
test_no_from(void **state)
{
	static const struct mail none = {"no From", NULL, PERM = "no From field"};
	struct bench bench;

	(void)state;
	bench_open_default(&bench);
	field(&bench, "DKIM-Signature", RELAXED);
	field(&bench, "To", " sue@example.net");
	rest_add(&bench, BODY, 100);
	result_check(&bench, &none, 0);
	bench_close(&bench);
}

/* A second From that was not signed is another matter than a signed one, and one put in where
 * the signature says there is none breaks it. */
static void
test_second_from(void **state)
{
	static const struct mail fail = {
	    "From added", NULL, FAIL = "signature does not match the header"};
	static const struct mail pass = {"From added on top", NULL, PASS};

	(void)state;
	for (int oversigned = 0; oversigned < 2; oversigned++) {
		struct bench bench;

		bench_open_default(&bench);
		field(&bench, "From", " boss@example.org");
		field(&bench, "DKIM-Signature", oversigned ? OVERSIGNED : RELAXED);
		fields_add(&bench);
		rest_add(&bench, BODY, 100);
		result_check(&bench, oversigned ? &fail : &pass, 0);
		bench_close(&bench);
	}
}

/* What an MTA would never hand over. */
static void
test_malformed_fields(void **state)
{
	static const struct slice odd[][2] = {
	    {SLICE_LIT("X"), SLICE_LIT(" a\0b")},
	    {SLICE_LIT("From: x@y.example\r\nX"), SLICE_LIT("a")},
	};
	static const struct mail policy = {"odd", NULL, POLICY = "malformed header"};

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct bench bench;

		bench_open_default(&bench);
		field(&bench, "DKIM-Signature", RELAXED);
		dkim_verify_header(bench.v, odd[i][0], odd[i][1]);
		fields_add(&bench);
		rest_add(&bench, BODY, 100);
		result_check(&bench, &policy, 0);
		bench_close(&bench);
	}
}

/* Fields without a use to DKIM are taken as they are. */
static void
test_odd_fields(void **state)
{
	static const char *const names[] = {"", " ", "X;Y", "X\xc3\xa4", "X Y", "X\t"};
	static const char *const values[] = {"", " ", "\n", "\r", " \xff\xfe", " a\r\n\tb\n\n"};
	static const struct mail pass = {"odd fields", NULL, PASS};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		for (size_t k = 0; k < COUNT(values); k++) {
			struct bench bench;

			bench_open_default(&bench);
			field(&bench, "DKIM-Signature", RELAXED);
			field(&bench, names[i], values[k]);
			fields_add(&bench);
			rest_add(&bench, BODY, 100);
			result_check(&bench, &pass, 0);
			bench_close(&bench);
		}
}

/* From is for others to read: an odd one is signed like any field. */
static void
test_odd_from(void **state)
{
	static const char *const froms[] = {
	    "", " <>", " undisclosed:;", " a b c", " \"", " ((", " <a@b"};
	static const struct mail fail = {
	    "odd From", NULL, FAIL = "signature does not match the header"};

	(void)state;
	for (size_t i = 0; i < COUNT(froms); i++) {
		struct bench bench;

		bench_open_default(&bench);
		field(&bench, "DKIM-Signature", RELAXED);
		field(&bench, "From", froms[i]);
		rest_add(&bench, BODY, 100);
		result_check(&bench, &fail, 0);
		bench_close(&bench);
	}
}

/* The connection may end at any moment. */
static void
test_given_up(void **state)
{
	(void)state;
	dkim_verify_free(NULL);
	dkim_verifier_free(NULL);
	for (int stage = 0; stage < 5; stage++) {
		struct bench bench;

		bench_open_default(&bench);
		if (stage > 0)
			field(&bench, "DKIM-Signature", RELAXED);
		if (stage > 1)
			fields_add(&bench);
		if (stage > 2)
			dkim_verify_eoh(bench.v);
		if (stage > 3)
			dkim_verify_body(bench.v, slice_of("Hello,\r"));
		bench_close(&bench);
	}
}

static void
test_unsigned(void **state)
{
	struct bench bench;
	size_t n = 1;

	(void)state;
	bench_open_default(&bench);
	fields_add(&bench);
	dkim_verify_eoh(bench.v);
	assert_false(dkim_verify_wants_body(bench.v));
	rest_add(&bench, BODY, 100);
	(void)dkim_verify_results(bench.v, &n);
	assert_int_equal(n, 0);
	assert_int_equal(bench.table->asked, 0);
	bench_close(&bench);
}

static void
test_no_memory(void **state)
{
	struct dkim_limits limits = dkim_limits_default();
	struct dkim_verifier *verifier = dkim_verifier_new(&limits);
	struct arena arena;

	(void)state;
	arena_init(&arena, 64, 64);
	assert_null(dkim_verify_new(verifier, &arena));
	arena_fini(&arena);
	dkim_verifier_free(verifier);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mails),
	    cmocka_unit_test(test_lenient),
	    cmocka_unit_test(test_key_sizes),
	    cmocka_unit_test(test_tags),
	    cmocka_unit_test(test_tag_bounds),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_ed25519_bits),
	    cmocka_unit_test(test_many_signatures),
	    cmocka_unit_test(test_signature_limits),
	    cmocka_unit_test(test_large_header),
	    cmocka_unit_test(test_long_field),
	    cmocka_unit_test(test_many_fields),
	    cmocka_unit_test(test_pending),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_mixed),
	    cmocka_unit_test(test_no_from),
	    cmocka_unit_test(test_second_from),
	    cmocka_unit_test(test_malformed_fields),
	    cmocka_unit_test(test_odd_fields),
	    cmocka_unit_test(test_odd_from),
	    cmocka_unit_test(test_given_up),
	    cmocka_unit_test(test_unsigned),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("dkim_verify", tests, NULL, NULL);
}
