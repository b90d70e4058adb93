/*
 * mailbox.c - see mailbox.h. Each byte is looked at a bounded number of times: what has no end (a
 * comment, a quoted string) is looked for once per field.
 */
#include "mail/mailbox.h"

/* What element_token() met. */
enum token {
	TOKEN_NONE,    /* read, nothing to give out */
	TOKEN_ADDRESS, /* one is in it->addr */
	TOKEN_END,
};

void
mailbox_begin(struct mailboxes *it, struct slice value)
{
	*it = (struct mailboxes){.rest = value};
	buf_init(&it->out, it->addr, sizeof(it->addr));
}

static char
peek(const struct mailboxes *it)
{
	return (char)(it->rest.n > 0 ? it->rest.p[0] : '\0');
}

static bool
at_end(const struct mailboxes *it)
{
	return it->rest.n == 0;
}

static void
skip(struct mailboxes *it, size_t n)
{
	it->rest = slice_from(it->rest, n);
}

/* What words are made of: atext, UTF-8, and control characters, which are malformed but must not
 * part a word, since a mail program may not show them. */
static bool
is_atom(char c)
{
	return memchr("()<>[]:;@\\,.\" \t\r\n", c, 17) == NULL;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Bytes of the comment at the start of s, or 0 when it has no end. */
static size_t
comment_bytes(struct slice s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return 0;
}

static size_t
quoted_bytes(struct slice s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* Skips blanks, folds and comments; true when there were some. */
static bool
skip_cfws(struct mailboxes *it)
{
	size_t before = it->rest.n;
	size_t n;

	while (!at_end(it)) {
		if (ascii_is_space(peek(it))) {
			skip(it, 1);
			continue;
		}
		if (peek(it) != '(' || it->open_comment)
			break;
		n = comment_bytes(it->rest);
		if (n == 0) {
			it->open_comment = it->malformed = true;
			break;
		}
		skip(it, n);
	}
	return it->rest.n < before;
}

/* Appends the run of atom characters at the front; control characters as '?'. */
static bool
read_atom(struct mailboxes *it)
{
	size_t n = 0;

	while (n < it->rest.n && is_atom(it->rest.p[n])) {
		bool control = is_control(it->rest.p[n]);

		buf_add_char(&it->out, (char)(control ? '?' : it->rest.p[n]));
		it->malformed |= control;
		n++;
	}
	skip(it, n);
	return n > 0;
}

/* Appends the quoted string at the front, its quotes too, without folds. */
static bool
read_quoted(struct mailboxes *it)
{
	size_t n = peek(it) == '"' && !it->open_quote ? quoted_bytes(it->rest) : 0;

	if (n == 0) {
		if (peek(it) == '"')
			it->open_quote = it->malformed = true;
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		char c = it->rest.p[i];
		bool control = is_control(c) && !ascii_is_space(c);

		if (c != '\r' && c != '\n')
			buf_add_char(&it->out, (char)(control ? '?' : c));
		it->malformed |= control;
	}
	skip(it, n);
	return true;
}

/* Reads words with dots between (a local part, or a part of a display name) into out; dots may
 * stand anywhere, as some telephone companies' do. False when there is none. */
static bool
read_words(struct mailboxes *it)
{
	bool word = false; /* the last thing read was a word, and no dot */
	bool any = false;
	bool space = false;

	for (;;) {
		if (peek(it) == '.' && !at_end(it)) {
			buf_add_char(&it->out, '.');
			skip(it, 1);
			word = false;
		} else if (word && space) {
			return true;
		} else if (read_atom(it) || read_quoted(it)) {
			it->malformed |= word;
			word = true;
		} else {
			return any;
		}
		any = true;
		space = skip_cfws(it);
	}
}

/* Appends "[…]". */
static bool
read_literal(struct mailboxes *it)
{
	size_t n = slice_find(it->rest, ']');

	if (n == it->rest.n)
		return false;
	for (size_t i = 0; i <= n; i++) {
		char c = it->rest.p[i];

		if (!is_control(c) && c != ' ')
			buf_add_char(&it->out, c);
		it->malformed |= i > 0 && memchr("[()<>,;@\\\"", c, 10) != NULL;
	}
	skip(it, n + 1);
	return true;
}

/* What a name in DNS may be, or its UTF-8 form; others' domains could be written with the rest. */
static bool
is_name(struct slice domain)
{
	for (size_t i = 0; i < domain.n; i++) {
		char c = ascii_lower(domain.p[i]);
		bool dot = c == '.' && (i == 0 || domain.p[i - 1] == '.' || i == domain.n - 1);

		if (dot || (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) &&
			       memchr("-_.", c, 3) == NULL && (unsigned char)c < 0x80))
			return false;
	}
	return domain.n > 0;
}

/* Reads a domain: atoms with dots between, blanks only beside dots; or a literal. */
static void
read_domain(struct mailboxes *it)
{
	size_t from = it->out.n;
	bool more = true;
	bool atom = false; /* the last thing read was one */

	skip_cfws(it);
	if (peek(it) == '[') {
		it->malformed |= !read_literal(it);
		skip_cfws(it);
		return;
	}
	while (more) {
		bool dot = peek(it) == '.' && !at_end(it);

		if (dot) {
			buf_add_char(&it->out, '.');
			skip(it, 1);
		}
		more = dot || (!atom && read_atom(it));
		atom = !dot;
		skip_cfws(it);
	}
	it->malformed |= !is_name(slice_from(buf_slice(&it->out), from));
}

/* Reads "local@domain", or the words before it should no '@' follow. */
static enum token
read_spec(struct mailboxes *it)
{
	bool any;

	buf_reset(&it->out);
	any = read_words(it);
	if (at_end(it) || peek(it) != '@') {
		it->words += any;
		return any ? TOKEN_NONE : TOKEN_END;
	}
	it->malformed |= !any;
	skip(it, 1);
	it->at = it->out.n;
	buf_add_char(&it->out, '@');
	read_domain(it);
	return TOKEN_ADDRESS;
}

/* Skips an obsolete route, "@a,@b:"; leaves what is none. */
static void
skip_route(struct mailboxes *it)
{
	struct mailboxes scan = *it;

	buf_init(&scan.out, scan.addr, sizeof(scan.addr));
	skip_cfws(&scan);
	while (peek(&scan) == '@' || peek(&scan) == ',') {
		bool name = peek(&scan) == '@';

		skip(&scan, 1);
		buf_reset(&scan.out);
		if (name)
			read_domain(&scan);
		skip_cfws(&scan);
		if (!at_end(&scan) && peek(&scan) == ':' && name) {
			it->rest = slice_from(scan.rest, 1);
			it->malformed |= scan.malformed;
			return;
		}
	}
}

/* An element ends at ',' and ';'. An empty one is allowed; a name without an address is not. */
static void
element_end(struct mailboxes *it)
{
	it->malformed |= it->angle || (it->words > 0 && it->addresses == 0);
	it->angle = false;
	it->words = it->addresses = 0;
}

static void
angle_open(struct mailboxes *it)
{
	it->malformed |= it->angle || it->addresses > 0;
	it->angle = true;
	skip_route(it);
}

static void
angle_close(struct mailboxes *it)
{
	it->malformed |= !it->angle || it->addresses == 0;
	it->angle = false;
}

static void
group_open(struct mailboxes *it)
{
	it->malformed |= it->group || it->angle || it->words == 0 || it->addresses > 0;
	it->group = true;
	it->words = 0;
}

static void
group_close(struct mailboxes *it)
{
	it->malformed |= !it->group;
	element_end(it);
	it->group = false;
}

/* A byte that no word begins with. */
static void
special(struct mailboxes *it)
{
	char c = peek(it);

	skip(it, 1);
	switch (c) {
	case '<':
		angle_open(it);
		break;
	case '>':
		angle_close(it);
		break;
	case ',':
		element_end(it);
		break;
	case ':':
		group_open(it);
		break;
	case ';':
		group_close(it);
		break;
	default:
		it->malformed = true;
	}
}

/* One step; what stands where it must not is malformed. */
static enum token
element_token(struct mailboxes *it)
{
	unsigned words = it->words;
	enum token token;

	skip_cfws(it);
	if (at_end(it))
		return TOKEN_END;
	token = read_spec(it);
	if (token == TOKEN_ADDRESS) {
		it->malformed |= it->addresses > 0 || (!it->angle && words > 0);
		it->addresses++;
	} else if (token == TOKEN_NONE) {
		it->malformed |= it->angle || it->addresses > 0;
	} else {
		special(it);
		token = TOKEN_NONE;
	}
	return token;
}

bool
mailbox_next(struct mailboxes *it, struct mailbox *mailbox_r)
{
	enum token token;

	do
		token = element_token(it);
	while (token == TOKEN_NONE);
	if (token == TOKEN_END || it->n == MAILBOXES_MAX) {
		it->malformed |= token != TOKEN_END || it->group;
		it->group = false;
		element_end(it);
		skip(it, it->rest.n);
		return false;
	}
	it->n++;
	it->malformed |= it->out.over;
	mailbox_r->addr = buf_slice(&it->out);
	mailbox_r->local = slice_head(mailbox_r->addr, it->at);
	mailbox_r->domain = slice_from(mailbox_r->addr, it->out.over ? it->out.n : it->at + 1);
	mailbox_r->bracketed = it->angle;
	return true;
}
