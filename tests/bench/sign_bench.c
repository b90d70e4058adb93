/*
 * sign_bench.c - what both signatures of a message cost (DKIM rsa-sha256 and DomainKeys rsa-sha1,
 * RSA-2048 each, one pass) beside the two bare operations of OpenSSL, which nobody can do without.
 *
 *	tests/bench/sign_bench [ROUNDS]
 *	tests/bench/sign_bench bare ROUNDS    the bare ones alone: microseconds for the two, the mean
 *
 * All is measured in turns within each round, in CPU time of the thread; the medians of the rounds
 * are printed. Two kinds of text: newsletters, whose lines need no change to be hashed as relaxed,
 * and HTML that is indented, where each does.
 */
#include "auth/signer.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define ROUNDS_MAX  1000
#define BODY_MAX    65536
#define CHUNK_BYTES 65535 /* what an MTA sends at a time */

enum { BARE, SMALL_TEXT, SMALL_HTML, LARGE_TEXT, LARGE_HTML, LARGE_BASE64, KINDS };

static const struct {
	const char *name;
	const char *line;
	size_t bytes;
} kinds[KINDS] = {
    [BARE] = {"two bare RSA-2048 operations", NULL, 0},
    [SMALL_TEXT] = {"2 KB, text", "Lorem ipsum dolor sit amet, consectetur adipisici elit.\r\n",
	2048},
    [SMALL_HTML] = {"2 KB, HTML",
	"        <td class=\"x\">  <a href=\"https://a.example/\">a</a>\r\n", 2048},
    [LARGE_TEXT] = {"50 KB, text", "Lorem ipsum dolor sit amet, consectetur adipisici elit.\r\n",
	51200},
    [LARGE_HTML] = {"50 KB, HTML",
	"        <td class=\"x\">  <a href=\"https://a.example/\">a</a>\r\n", 51200},
    [LARGE_BASE64] = {"50 KB, base64",
	"TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2ljaSBlbGl0LCBz\r\n", 51200},
};

static const struct {
	const char *name;
	const char *value;
} header[] = {
    {"Received", " from app.shop.example (app.shop.example [192.0.2.7])\n\tby mx.shop.example"},
    {"From", " Shop <news@shop.example>"},
    {"To", " \"A Customer\" <customer@mail.example>"},
    {"Subject", " What is new\n this week"},
    {"Date", " Fri, 21 Nov 2025 07:30:00 +0000"},
    {"Message-ID", " <0123456789abcdef@shop.example>"},
    {"MIME-Version", " 1.0"},
    {"Content-Type", " text/html; charset=utf-8"},
    {"Content-Transfer-Encoding", " 7bit"},
    {"List-Unsubscribe", " <https://t.shop.example/u/0123456789abcdef>"},
    {"List-Unsubscribe-Post", " List-Unsubscribe=One-Click"},
    {"X-Mailer", " shop 1.0"},
};

static struct sign_key *key;
static EVP_PKEY_CTX *bare[2];
static struct signer_plan plan;
static struct arena arena;
static char bodies[KINDS][BODY_MAX];

static double
cpu_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static EVP_PKEY_CTX *
bare_make(EVP_PKEY *pkey, const EVP_MD *md)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);

	if (context == NULL || EVP_PKEY_sign_init(context) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(context, md) != 1)
		exit(EXIT_FAILURE);
	return context;
}

/* The same key for both sides. */
static void
keys_make(void)
{
	static struct signer_key keys[2];
	char storage[4096];
	struct buf pem = BUF_OVER(storage);
	struct err err;
	EVP_PKEY *pkey;
	BIO *in;

	if (sign_key_generate(SIGN_RSA, 2048, &key, &err) != 0 ||
	    sign_key_format(key, &pem, &err) != 0) {
		printf("%s\n", err.text);
		exit(EXIT_FAILURE);
	}
	in = BIO_new_mem_buf(pem.p, (int)pem.n);
	pkey = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	BIO_free(in);
	bare[0] = bare_make(pkey, EVP_sha256());
	bare[1] = bare_make(pkey, EVP_sha1());
	EVP_PKEY_free(pkey);
	keys[0] = (struct signer_key){
	    SIGNER_DKIM, key, slice_of("shop.example"), slice_of("s2026"), slice_of("")};
	keys[1] = keys[0];
	keys[1].kind = SIGNER_DOMAINKEYS;
	plan = (struct signer_plan){
	    keys, COUNT(keys), signer_names_default, signer_names_default_n};
}

static void
bodies_make(void)
{
	for (size_t i = BARE + 1; i < KINDS; i++) {
		size_t line = strlen(kinds[i].line);

		for (size_t n = 0; n < kinds[i].bytes; n++)
			bodies[i][n] = kinds[i].line[n % line];
	}
}

static void
bare_run(void)
{
	static const unsigned char digest[HASH_MAX_BYTES] = {1};
	unsigned char out[SIGN_MAX_BYTES];

	for (size_t i = 0; i < 2; i++) {
		size_t n = sizeof(out);

		if (EVP_PKEY_sign(bare[i], out, &n, digest, i == 0 ? 32 : 20) != 1)
			exit(EXIT_FAILURE);
	}
}

static void
message_run(size_t kind)
{
	static struct signer s;
	struct signer_field fields[SIGNER_KEYS_MAX];
	struct slice body = slice_make(bodies[kind], kinds[kind].bytes);

	arena_reset(&arena);
	signer_begin(&s, &plan, 1700000000, &arena);
	for (size_t i = 0; i < COUNT(header); i++)
		signer_header(&s, slice_of(header[i].name), slice_of(header[i].value));
	signer_eoh(&s);
	for (; body.n > 0; body = slice_from(body, CHUNK_BYTES))
		signer_body(&s, slice_head(body, CHUNK_BYTES));
	for (size_t n = signer_finish(&s, fields); n > 0; n--)
		if (fields[n - 1].value == NULL) {
			printf("%s\n", fields[n - 1].reason);
			exit(EXIT_FAILURE);
		}
	signer_fini(&s);
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Not the median: OpenSSL makes a new blinding for some of the operations, and those count too. */
static void
bare_report(size_t rounds)
{
	double before = cpu_us();

	for (size_t r = 0; r < rounds; r++)
		bare_run();
	printf("%.2f\n", (cpu_us() - before) / (double)rounds);
}

static void
all_report(size_t rounds)
{
	static double us[KINDS][ROUNDS_MAX];

	for (size_t r = 0; r < rounds; r++)
		for (size_t kind = 0; kind < KINDS; kind++) {
			double before = cpu_us();

			if (kind == BARE)
				bare_run();
			else
				message_run(kind);
			us[kind][r] = cpu_us() - before;
		}
	for (size_t kind = 0; kind < KINDS; kind++) {
		qsort(us[kind], rounds, sizeof(us[kind][0]), compare);
		printf("%-30s %7.1f us  p95 %7.1f us  %.2f\n", kinds[kind].name,
		    us[kind][rounds / 2], us[kind][rounds * 95 / 100],
		    us[kind][rounds / 2] / us[BARE][rounds / 2]);
	}
}

int
main(int argc, char **argv)
{
	bool alone = argc > 2 && strcmp(argv[1], "bare") == 0;
	const char *count = argc > 1 ? argv[argc - 1] : "500";
	long wanted = strtol(count, NULL, 10);
	size_t rounds = wanted < 1 || wanted > ROUNDS_MAX ? ROUNDS_MAX : (size_t)wanted;

	arena_init(&arena, 65536, 1048576);
	keys_make();
	bodies_make();
	if (alone)
		bare_report(rounds);
	else
		all_report(rounds);
	EVP_PKEY_CTX_free(bare[0]);
	EVP_PKEY_CTX_free(bare[1]);
	sign_key_free(key);
	arena_fini(&arena);
	return EXIT_SUCCESS;
}
