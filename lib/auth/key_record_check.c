/*
 * key_record_check.c - see key_record.h: a record as those who verify see it.
 */
#include "auth/key_record.h"

#include "auth/dkim_tag.h"
#include "policy/dns_rdata.h"

#include <assert.h>

/* The tags that mean something (RFC 6376 section 3.6.1; g: RFC 4871). */
enum { TAG_V, TAG_G, TAG_H, TAG_K, TAG_P, TAG_S, TAG_T, TAGS };

static const char *const tag_names[TAGS] = {"v", "g", "h", "k", "p", "s", "t"};

/* Their values; p is NULL for one that is not there. */
struct tags {
	struct slice v[TAGS];
};

static const char *const state_names[] = {
    [KEY_RECORD_OK] = "ok",
    [KEY_RECORD_TESTING] = "testing",
    [KEY_RECORD_NO_ANSWER] = "no-answer",
    [KEY_RECORD_MISSING] = "missing",
    [KEY_RECORD_SEVERAL] = "several",
    [KEY_RECORD_NOT_DKIM] = "not-dkim",
    [KEY_RECORD_REVOKED] = "revoked",
    [KEY_RECORD_WRONG_KIND] = "wrong-kind",
    [KEY_RECORD_DIFFERENT] = "different",
    [KEY_RECORD_NO_SHA256] = "no-sha256",
    [KEY_RECORD_NO_MAIL] = "no-mail",
    [KEY_RECORD_NARROW] = "narrow",
};

const char *
key_record_state_name(enum key_record_state state)
{
	assert((size_t)state < sizeof(state_names) / sizeof(*state_names));
	return state_names[state];
}

static enum key_record_state
say(struct buf *words, enum key_record_state state, const char *text)
{
	if (words != NULL)
		buf_add_text(words, text);
	return state;
}

static bool
holds(struct slice text, const char *two)
{
	for (size_t i = 0; i + 1 < text.n; i++) {
		if (text.p[i] == two[0] && text.p[i + 1] == two[1])
			return true;
	}
	return false;
}

/* What is wrong with the text as a list of tags, or NULL. */
static const char *
tags_read(struct slice text, struct tags *tags_r)
{
	struct slice rest = text;
	struct dkim_tag tag;

	*tags_r = (struct tags){.v = {{NULL, 0}}};
	for (bool first = true; dkim_tag_next(&rest, &tag); first = false) {
		if (tag.name.n == 0)
			return "it cannot be read as tags with values";
		for (size_t i = 0; i < TAGS; i++) {
			if (!slice_eq(tag.name, slice_of(tag_names[i])))
				continue;
			if (tags_r->v[i].p != NULL)
				return "a tag is in it twice";
			if (i == TAG_V && (!first || !slice_eq(tag.value, slice_of("DKIM1"))))
				return "v= must come first, and be DKIM1";
			tags_r->v[i] = tag.value;
		}
	}
	return tags_r->v[TAG_P].p == NULL ? "it has no p=" : NULL;
}

/* A slip in the zone that is often made, or NULL. */
static const char *
slip_in(struct slice text)
{
	if (holds(text, "\\;"))
		return "there are backslashes in it: where it is typed in, semicolons need none";
	if (text.n > 0 && text.p[0] == '"')
		return "the quotes are part of it: where it is typed in, they must not be";
	if (slice_find(text, '\0') < text.n)
		return "there are NUL bytes in it";
	return NULL;
}

/* The bytes of a key, without the white space that may be among them: true while they are the same;
 * *n_r of them are. */
static bool
key_matches(struct slice p, struct slice wanted, size_t *n_r)
{
	size_t n = 0;

	*n_r = 0;
	for (size_t i = 0; i < p.n; i++) {
		if (ascii_is_space(p.p[i]))
			continue;
		if (n == wanted.n || p.p[i] != wanted.p[n])
			return false;
		n++;
	}
	*n_r = n;
	return n == wanted.n;
}

static enum key_record_state
different(struct slice p, struct slice wanted, struct buf *words)
{
	size_t n;

	(void)key_matches(p, wanted, &n);
	if (n == 0)
		return say(words, KEY_RECORD_DIFFERENT,
		    "it is another key: publish this one's record, or put that key's file back");
	if (words != NULL)
		buf_add_format(words,
		    "the key is cut off: %zu of %zu characters are there; write it as several "
		    "strings of at most %d",
		    n, wanted.n, KEY_RECORD_STRING_BYTES);
	return KEY_RECORD_DIFFERENT;
}

/* What else the record says, which is about the right key. */
static enum key_record_state
limits_check(const struct tags *tags, struct buf *words)
{
	const struct slice *v = tags->v;

	if (v[TAG_H].p != NULL && !dkim_tag_has_word(v[TAG_H], "sha256"))
		return say(words, KEY_RECORD_NO_SHA256,
		    "h= does not allow sha256, which signs: take h= out");
	if (v[TAG_S].p != NULL && !dkim_tag_has_word(v[TAG_S], "*") &&
	    !dkim_tag_has_word(v[TAG_S], "email"))
		return say(words, KEY_RECORD_NO_MAIL, "s= is not for mail: take s= out");
	if (v[TAG_G].p != NULL && !slice_eq(v[TAG_G], slice_of("*")))
		return say(words, KEY_RECORD_NARROW,
		    "g= is for some addresses only, where it is still read: take g= out");
	if (v[TAG_T].p != NULL && dkim_tag_has_word(v[TAG_T], "y"))
		return say(words, KEY_RECORD_TESTING,
		    "t=y: who verifies may treat the mail as if it were not signed; take it out "
		    "when all is well");
	return KEY_RECORD_OK;
}

static enum key_record_state
text_check(struct slice text, enum sign_kind kind, const char *public_key, struct buf *words)
{
	struct slice wanted = slice_of(public_key), k;
	const char *wrong = slip_in(text);
	struct tags tags;
	size_t n;

	if (wrong == NULL)
		wrong = tags_read(text, &tags);
	if (wrong != NULL)
		return say(words, KEY_RECORD_NOT_DKIM, wrong);
	if (tags.v[TAG_P].n == 0)
		return say(words, KEY_RECORD_REVOKED,
		    "p= is empty: the key is revoked, and what it signs is refused");
	k = tags.v[TAG_K].p == NULL ? slice_of("rsa") : tags.v[TAG_K];
	if (!slice_eq(k, slice_of(kind == SIGN_RSA ? "rsa" : "ed25519")))
		return say(words, KEY_RECORD_WRONG_KIND,
		    kind == SIGN_RSA ? "k= must be rsa for this key"
				     : "k= must be ed25519 for this key; without k= it is rsa");
	if (!key_matches(tags.v[TAG_P], wanted, &n))
		return different(tags.v[TAG_P], wanted, words);
	return limits_check(&tags, words);
}

enum key_record_state
key_record_check(
    const struct dns_answer *answer, enum sign_kind kind, const char *public_key, struct buf *words)
{
	char storage[KEY_RECORD_MAX_BYTES];
	struct buf text = BUF_OVER(storage);

	if (answer->status == DNS_TEMPERROR || answer->status == DNS_PENDING)
		return say(words, KEY_RECORD_NO_ANSWER, "DNS gives no answer; try again");
	if (answer->status != DNS_FOUND || answer->n == 0)
		return say(words, KEY_RECORD_MISSING, "there is no such record: publish it");
	if (answer->n > 1)
		return say(words, KEY_RECORD_SEVERAL,
		    "there are several records: leave the one of this key, or who verifies may "
		    "take another");
	if (dns_txt_join(answer->rdata[0], &text) != 0 || text.over)
		return say(words, KEY_RECORD_NOT_DKIM, "it is too long for a key record");
	return text_check(buf_slice(&text), kind, public_key, words);
}
