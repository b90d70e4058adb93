/*
 * key_record.c - see key_record.h: names, and records to be published.
 */
#include "auth/key_record.h"

#define MIDDLE "_domainkey."

static bool
is_label(struct slice label)
{
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];

		if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') &&
		    (c != '-' || i == 0 || i + 1 == label.n))
			return false;
	}
	return label.n > 0 && label.n <= DNS_LABEL_MAX_BYTES;
}

static bool
are_labels(struct slice name)
{
	for (size_t at = 0; at <= name.n;) {
		struct slice rest = slice_from(name, at);
		struct slice label = slice_head(rest, slice_find(rest, '.'));

		if (!is_label(label))
			return false;
		at += label.n + 1;
	}
	return name.n <= DNS_NAME_MAX_BYTES;
}

int
key_domain_check(struct slice domain, struct err *err)
{
	if (are_labels(domain) && slice_find(domain, '.') < domain.n)
		return 0;
	return err_set(err, ERR_INVALID,
	    "no domain as in shop.example: lower case, digits, hyphens, dots (xn-- for other "
	    "letters)");
}

int
key_selector_check(struct slice selector, struct err *err)
{
	if (are_labels(selector))
		return 0;
	return err_set(
	    err, ERR_INVALID, "no selector as in s2026: lower case, digits, hyphens, dots between");
}

int
key_record_name(struct slice domain, struct slice selector, struct buf *out)
{
	if (domain.n + selector.n + sizeof(MIDDLE) > DNS_NAME_MAX_BYTES)
		return -1;
	buf_add(out, selector);
	buf_add_text(out, "." MIDDLE);
	buf_add(out, domain);
	return out->over ? -1 : 0;
}

void
key_policy_name(struct slice domain, struct buf *out)
{
	buf_add_text(out, MIDDLE);
	buf_add(out, domain);
}

void
key_record_format(enum sign_kind kind, const char *public_key, struct buf *out)
{
	buf_add_format(
	    out, "v=DKIM1; k=%s; p=%s", kind == SIGN_RSA ? "rsa" : "ed25519", public_key);
}

/* A string: the tags before p= are one, since that is how people look at them. */
static struct slice
string_take(struct slice *rest)
{
	struct slice string = slice_head(*rest, KEY_RECORD_STRING_BYTES);

	for (size_t i = 0; i + 3 < string.n; i++) {
		if (memcmp(string.p + i, "; p=", 4) == 0)
			string.n = i + 2;
	}
	*rest = slice_from(*rest, string.n);
	return string;
}

void
key_record_zone(struct slice name, struct slice text, bool lines, struct buf *out)
{
	buf_add(out, name);
	buf_add_text(out, ". IN TXT (");
	do {
		struct slice string = string_take(&text);

		buf_add_text(out, lines ? "\n\t\"" : " \"");
		buf_add(out, string);
		buf_add_char(out, '"');
	} while (text.n > 0);
	buf_add_text(out, " )");
}
