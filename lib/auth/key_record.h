/*
 * key_record.h - the DNS records that belong to the keys that sign mail: written for who publishes
 * them, and looked at as those who verify will see them (RFC 6376 section 3.6.1, RFC 8463, RFC 8301,
 * RFC 4870 for DomainKeys, which reads the same record).
 */
#ifndef AUTH_KEY_RECORD_H
#define AUTH_KEY_RECORD_H

#include "crypto/sign.h"
#include "policy/dns.h"

/* A record that is longer is not read: libopendkim takes 1,024 bytes, RSA-4096 needs 760. */
#define KEY_RECORD_MAX_BYTES 1024

/* A string of a TXT record (RFC 1035 section 3.3). */
#define KEY_RECORD_STRING_BYTES 255

/* Lines for a zone file: a record of that size, with quotes, in parentheses. */
#define KEY_RECORD_ZONE_BYTES 1600

/* What a directory and a file must be called, and an account may name: letters, digits, hyphens,
 * dots between. 0, or -1 with what is allowed. The check is for one in lower case. */
int key_domain_check(struct slice domain, struct err *err);
int key_selector_check(struct slice selector, struct err *err);

/* Appends the name under which DNS has the key: "s2026._domainkey.shop.example". 0, or -1: with the
 * two together it is too long. */
int key_record_name(struct slice domain, struct slice selector, struct buf *out);

/* Appends "_domainkey.shop.example", where DomainKeys looks for a policy. */
void key_policy_name(struct slice domain, struct buf *out);

/* What stands there: some mail is signed, some is not. It is also what is taken for granted when
 * there is none (RFC 4870 section 3.6). */
#define KEY_POLICY_TEXT "o=~"

/* Appends the record's text: "v=DKIM1; k=rsa; p=…". */
void key_record_format(enum sign_kind kind, const char *public_key, struct buf *out);

/* Appends the record as BIND's zone files have it, in strings that are short enough; on one line or
 * on several; no line end behind it. */
void key_record_zone(struct slice name, struct slice text, bool lines, struct buf *out);

/* What those who verify make of it. Beyond KEY_RECORD_TESTING, not all of them have the key. */
enum key_record_state {
	KEY_RECORD_OK,
	KEY_RECORD_TESTING,    /* t=y: may be treated as if it were not signed */
	KEY_RECORD_NO_ANSWER,  /* DNS gave none */
	KEY_RECORD_MISSING,    /* there is no such record */
	KEY_RECORD_SEVERAL,    /* whoever verifies takes any of them */
	KEY_RECORD_NOT_DKIM,   /* no key record, or one that cannot be read */
	KEY_RECORD_REVOKED,    /* p= is empty */
	KEY_RECORD_WRONG_KIND, /* k= is of another kind of key */
	KEY_RECORD_DIFFERENT,  /* another public key */
	KEY_RECORD_NO_SHA256,  /* h= has no sha256 */
	KEY_RECORD_NO_MAIL,    /* s= is not for mail */
	KEY_RECORD_NARROW,     /* g= is for some local parts only */
};

/* Compares the answer to a question for the record (type TXT, not pending) with the key. Appends a
 * sentence that says what is wrong and what to do, or nothing when it is OK; words may be NULL. */
enum key_record_state key_record_check(const struct dns_answer *answer, enum sign_kind kind,
    const char *public_key, struct buf *words);

/* "ok", "testing", "no-answer", "missing", …: for tables. */
const char *key_record_state_name(enum key_record_state state);

/* True for states in which those who verify have the key: it may sign. */
static inline bool
key_record_is_shown(enum key_record_state state)
{
	return state == KEY_RECORD_OK || state == KEY_RECORD_TESTING;
}

#endif
