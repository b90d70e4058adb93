/*
 * spf_macro.c - see spf_macro.h.
 */
#include "auth/spf_macro.h"

/* No value has more parts than that. */
#define PARTS_ALL 100000u

/* What one letter stands for: a local part and a domain, each within ADDRESS_MAX_BYTES. */
#define VALUE_BYTES 1100

struct token {
	char letter; /* lower case; 0: a literal byte */
	char literal[4];
	bool escaped;            /* the letter was in upper case: URL-escape what it expands to */
	unsigned keep;           /* so many parts from the right */
	bool reversed;           /* after the parts were reversed */
	struct slice delimiters; /* empty: "." */
	size_t n;                /* bytes of text */
};

static bool
is_alpha(char c)
{
	char lower = ascii_lower(c);

	return lower >= 'a' && lower <= 'z';
}

static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* The digits after the letter: 1 at least; a large number is all parts. */
static int
keep_read(struct slice text, size_t *at, unsigned *keep_r)
{
	size_t from = *at;
	unsigned keep = 0;

	for (; *at < text.n && ascii_is_digit(text.p[*at]); (*at)++) {
		if (keep < PARTS_ALL)
			keep = keep * 10 + (unsigned)(text.p[*at] - '0');
	}
	*keep_r = *at == from ? PARTS_ALL : keep;
	return *keep_r == 0 ? -1 : 0;
}

/* "%{letter digits r delimiters}" */
static int
macro_read(struct slice text, struct token *token_r)
{
	size_t at = 3;
	size_t from;

	if (text.n < 4 || !is_alpha(text.p[2]))
		return -1;
	token_r->letter = ascii_lower(text.p[2]);
	token_r->escaped = token_r->letter != text.p[2];
	if (!is_one_of(token_r->letter, "slodiphvcrt") || keep_read(text, &at, &token_r->keep) != 0)
		return -1;
	token_r->reversed = at < text.n && ascii_lower(text.p[at]) == 'r';
	from = at += token_r->reversed ? 1 : 0;
	while (at < text.n && is_one_of(text.p[at], ".-+,/_="))
		at++;
	token_r->delimiters = slice_head(slice_from(text, from), at - from);
	token_r->n = at + 1;
	return at < text.n && text.p[at] == '}' ? 0 : -1;
}

/* Cuts the first token off. -1 when text, which is not empty, begins with none. */
static int
token_next(struct slice *text, struct token *token_r)
{
	char c = text->p[0];
	int status = 0;

	*token_r = (struct token){.n = 1};
	if (c != '%') {
		token_r->literal[0] = c;
		status = c >= ' ' && c <= '~' ? 0 : -1;
	} else if (text->n > 1 && text->p[1] == '{') {
		status = macro_read(*text, token_r);
	} else {
		const char *means = text->n < 2         ? NULL
				    : text->p[1] == '%' ? "%"
				    : text->p[1] == '_' ? " "
				    : text->p[1] == '-' ? "%20"
							: NULL;

		token_r->n = 2;
		if (means == NULL)
			return -1;
		memcpy(token_r->literal, means, strlen(means) + 1);
	}
	*text = slice_from(*text, token_r->n);
	return status;
}

bool
spf_macro_is_string(struct slice text, bool explains)
{
	struct token token;

	while (text.n > 0) {
		bool blank = text.p[0] == ' ';

		if (token_next(&text, &token) != 0)
			return false;
		if (!explains && (blank || is_one_of(token.letter, "crt")))
			return false;
	}
	return true;
}

bool
spf_macro_is_toplabel(struct slice label)
{
	bool digits_only = true;

	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];

		if (!is_alpha(c) && !ascii_is_digit(c) && c != '-')
			return false;
		digits_only = digits_only && ascii_is_digit(c);
	}
	return label.n > 0 && label.p[0] != '-' && label.p[label.n - 1] != '-' && !digits_only;
}

bool
spf_macro_is_domain_spec(struct slice text)
{
	struct slice rest = text;
	struct slice tail = text; /* what follows the last macro */
	struct token token = {.n = 0};
	size_t dot;

	if (text.n == 0 || text.n > SPF_SPEC_BYTES || !spf_macro_is_string(text, false))
		return false;
	while (rest.n > 0) {
		bool literal = rest.p[0] != '%';

		(void)token_next(&rest, &token);
		if (!literal)
			tail = rest;
	}
	if (tail.n == 0)
		return true;
	if (tail.p[tail.n - 1] == '.')
		tail.n--;
	dot = slice_find_last(tail, '.');
	return dot < tail.n && spf_macro_is_toplabel(slice_from(tail, dot + 1));
}

bool
spf_macro_uses(struct slice text, char letter)
{
	struct token token;

	while (text.n > 0 && token_next(&text, &token) == 0) {
		if (token.letter == letter)
			return true;
	}
	return false;
}

/* ---- expanding ---- */

/* For %{i}: octets, or for IPv6 nibbles, with dots between. */
static void
address_add(struct buf *out, const struct net_addr *addr)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < net_family_bits(addr->family) / 8; i++) {
		unsigned byte = addr->bytes[i];

		if (i > 0)
			buf_add_char(out, '.');
		if (addr->family == NET_IPV4) {
			buf_add_u64(out, byte);
		} else {
			buf_add_char(out, digits[byte >> 4]);
			buf_add_char(out, '.');
			buf_add_char(out, digits[byte & 15]);
		}
	}
}

/* What the letter stands for: one of the macros, or something written into storage. */
static struct slice
letter_value(const struct spf_macros *m, char letter, struct buf *storage)
{
	switch (letter) {
	case 'l':
		return m->local;
	case 'o':
		return m->sender_domain;
	case 'd':
		return m->domain;
	case 'p':
		return m->validated.n == 0 ? slice_of("unknown") : m->validated;
	case 'h':
		return m->helo;
	case 'r':
		return m->receiver.n == 0 ? slice_of("unknown") : m->receiver;
	case 'v':
		return slice_of(m->client->family == NET_IPV6 ? "ip6" : "in-addr");
	case 's':
		buf_add(storage, m->local);
		buf_add_char(storage, '@');
		buf_add(storage, m->sender_domain);
		break;
	case 'i':
		address_add(storage, m->client);
		break;
	case 'c':
		net_addr_format(storage, m->client);
		break;
	default: /* 't' */
		buf_add_u64(storage, m->now_s < 0 ? 0 : (uint64_t)m->now_s);
		break;
	}
	return buf_slice(storage);
}

static bool
is_delimiter(char c, struct slice delimiters)
{
	return slice_find(delimiters, c) < delimiters.n;
}

/* The last `keep` parts of value, all with dots between. */
static void
parts_add(struct buf *out, struct slice value, struct slice delimiters, unsigned keep)
{
	size_t from = value.n;

	while (from > 0 && (!is_delimiter(value.p[from - 1], delimiters) || --keep > 0))
		from--;
	for (; from < value.n; from++) {
		if (is_delimiter(value.p[from], delimiters))
			buf_add_char(out, '.');
		else
			buf_add_char(out, value.p[from]);
	}
}

/* The first `keep` parts of value, the last of them first. */
static void
parts_add_reversed(struct buf *out, struct slice value, struct slice delimiters, unsigned keep)
{
	size_t end = 0;

	while (end < value.n && (!is_delimiter(value.p[end], delimiters) || --keep > 0))
		end++;
	for (size_t from = end;; from--) {
		if (from > 0 && !is_delimiter(value.p[from - 1], delimiters))
			continue;
		buf_add(out, slice_make(value.p + from, end - from));
		if (from == 0)
			return;
		buf_add_char(out, '.');
		end = from - 1;
	}
}

/* RFC 3986 section 2.3: what is not unreserved is written as %XX. */
static void
escaped_add(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (is_alpha(c) || ascii_is_digit(c) || is_one_of(c, "-._~"))
			buf_add_char(out, c);
		else
			buf_add_format(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

static int
token_expand(const struct spf_macros *m, const struct token *token, struct buf *out)
{
	char value_bytes[VALUE_BYTES], part_bytes[VALUE_BYTES];
	struct buf value_storage = BUF_OVER(value_bytes);
	struct buf parts = BUF_OVER(part_bytes);
	struct slice delimiters = token->delimiters.n == 0 ? slice_of(".") : token->delimiters;
	struct slice value = letter_value(m, token->letter, &value_storage);

	if (token->reversed)
		parts_add_reversed(&parts, value, delimiters, token->keep);
	else
		parts_add(&parts, value, delimiters, token->keep);
	if (token->escaped)
		escaped_add(out, buf_slice(&parts));
	else
		buf_add(out, buf_slice(&parts));
	return value_storage.over || parts.over || out->over ? -1 : 0;
}

int
spf_macro_expand(const struct spf_macros *macros, struct slice text, struct buf *out)
{
	struct token token;

	while (text.n > 0 && !out->over) {
		if (token_next(&text, &token) != 0)
			return -1;
		if (token.letter == 0)
			buf_add_text(out, token.literal);
		else if (token_expand(macros, &token, out) != 0)
			return -1;
	}
	return out->over ? -1 : 0;
}
