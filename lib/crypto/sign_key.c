/*
 * sign_key.c - see sign.h: keys as text, and new ones.
 */
#include "crypto/sign_parts.h"

#include "base/encode.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* What may stand where a private key should be, and what to say of it; the first that fits. */
static const struct {
	const char *begins;
	const char *reason;
} others[] = {
    {"-----BEGIN ENCRYPTED PRIVATE KEY-----",
	"the key is encrypted: nobody is there to type its pass phrase (openssl pkey -in … -out … "
	"takes it off)"},
    {"-----BEGIN OPENSSH PRIVATE KEY-----",
	"a key in OpenSSH's own format: PEM is wanted (ssh-keygen -p -m PEM, for RSA)"},
    {"-----BEGIN PUBLIC KEY-----", "a public key: the private one is wanted"},
    {"-----BEGIN RSA PUBLIC KEY-----", "a public key: the private one is wanted"},
    {"-----BEGIN CERTIFICATE-----", "a certificate: the private key is wanted"},
};

static bool
has(struct slice text, const char *words)
{
	size_t n = strlen(words), at;

	for (; text.n >= n; text = slice_from(text, at + 1)) {
		if (memcmp(text.p, words, n) == 0)
			return true;
		at = slice_find(slice_from(text, 1), words[0]);
	}
	return false;
}

/* OpenSSL asks for the pass phrase of an encrypted key, by itself on the terminal. */
static int
phrase_asked(char *phrase, int cap, int writing, void *asked)
{
	(void)writing;
	if (cap > 0)
		phrase[0] = '\0';
	*(bool *)asked = true;
	return -1;
}

static int
pem_complain(struct slice pem, bool asked, struct err *err)
{
	if (asked) {
		ERR_clear_error();
		return err_set(err, ERR_INVALID, "%s", others[0].reason);
	}
	if (has(pem, " PRIVATE KEY-----") && !has(pem, others[1].begins))
		return sign_fail(err, "the private key cannot be read");
	ERR_clear_error();
	for (size_t i = 1; i < sizeof(others) / sizeof(*others); i++)
		if (has(pem, others[i].begins))
			return err_set(err, ERR_INVALID, "%s", others[i].reason);
	return err_set(err, ERR_INVALID, "no private key in PEM (-----BEGIN PRIVATE KEY-----)");
}

static int
pkey_check(const EVP_PKEY *pkey, struct err *err)
{
	int kind = EVP_PKEY_get_base_id(pkey), bits = EVP_PKEY_get_bits(pkey);
	const char *name = EVP_PKEY_get0_type_name(pkey);

	if (kind == EVP_PKEY_ED25519)
		return 0;
	if (kind != EVP_PKEY_RSA)
		return err_set(err, ERR_INVALID,
		    "a key of type %s: mail is signed with RSA or Ed25519",
		    name != NULL ? name : "unknown");
	if (bits < SIGN_RSA_MIN_BITS)
		return err_set(err, ERR_INVALID,
		    "an RSA key of %d bits: %d are the least (RFC 8301)", bits, SIGN_RSA_MIN_BITS);
	if (bits > SIGN_RSA_MAX_BITS)
		return err_set(err, ERR_INVALID,
		    "an RSA key of %d bits: nobody has to verify more than %d (RFC 8301)", bits,
		    SIGN_RSA_MAX_BITS);
	return 0;
}

int
sign_key_parse(struct slice pem, struct sign_key **key_r, struct err *err)
{
	bool asked = false;
	EVP_PKEY *pkey;
	BIO *in;

	if (pem.n > SIGN_PEM_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "%zu bytes are no key file", pem.n);
	ERR_clear_error();
	in = BIO_new_mem_buf(pem.n > 0 ? pem.p : "", (int)pem.n);
	if (in == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a key");
	pkey = PEM_read_bio_PrivateKey(in, NULL, phrase_asked, &asked);
	BIO_free(in);
	if (pkey == NULL)
		return pem_complain(pem, asked, err);
	ERR_clear_error();
	if (pkey_check(pkey, err) != 0) {
		EVP_PKEY_free(pkey);
		return -1;
	}
	return sign_key_make(pkey, key_r, err);
}

int
sign_key_generate(enum sign_kind kind, unsigned bits, struct sign_key **key_r, struct err *err)
{
	EVP_PKEY *pkey;

	if (kind == SIGN_RSA && (bits < SIGN_RSA_MIN_BITS || bits > SIGN_RSA_MAX_BITS))
		return err_set(err, ERR_INVALID, "RSA keys have %d to %d bits (RFC 8301), not %u",
		    SIGN_RSA_MIN_BITS, SIGN_RSA_MAX_BITS, bits);
	pkey = kind == SIGN_RSA ? EVP_RSA_gen(bits) : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (pkey == NULL)
		return sign_fail(err, "no new key");
	return sign_key_make(pkey, key_r, err);
}

/* Appends what lies in a memory BIO, and wipes it there. False when it does not fit. */
static bool
bio_take(BIO *bio, struct buf *out)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);
	bool fits = n > 0 && (size_t)n <= out->cap - out->n;

	if (fits)
		buf_add(out, slice_make(p, (size_t)n));
	if (n > 0)
		OPENSSL_cleanse(p, (size_t)n);
	return fits;
}

int
sign_key_format(const struct sign_key *key, struct buf *out, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int status = 0;

	if (bio == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a key");
	if (PEM_write_bio_PKCS8PrivateKey(bio, key->ready[0].pkey, NULL, NULL, 0, NULL, NULL) != 1)
		status = sign_fail(err, "the key cannot be written");
	else if (!bio_take(bio, out))
		status = err_set(err, ERR_LIMIT, "no room for the key's text");
	BIO_free(bio);
	return status;
}

int
sign_key_public(const struct sign_key *key, struct buf *out, struct err *err)
{
	EVP_PKEY *pkey = key->ready[0].pkey;
	unsigned char raw[32], *der = NULL;
	size_t n = sizeof(raw);
	int length = 0;

	if (key->facts.kind == SIGN_ED25519) { /* RFC 8463 section 4.2: the bare key */
		if (EVP_PKEY_get_raw_public_key(pkey, raw, &n) != 1)
			return sign_fail(err, "no public key");
		encode_base64(out, slice_make((const char *)raw, n));
		return 0;
	}
	length = i2d_PUBKEY(pkey, &der);
	if (length <= 0)
		return sign_fail(err, "no public key");
	encode_base64(out, slice_make((const char *)der, (size_t)length));
	OPENSSL_free(der);
	return 0;
}
