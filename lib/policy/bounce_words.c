/*
 * bounce_words.c - the words of what a server said. See bounce_class.h.
 */
#include "policy/bounce_class.h"

/* U+00C0 to U+00FF without their accents. */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo ouuuuypsaaaaaaaceeeeiiiidnooooo ouuuuypy";

/* The character at the beginning of s, in lower case and ASCII where it can be so; its bytes. A
 * byte that is no UTF-8 is taken as ISO-8859-1. '\'' is what joins two parts of a word. */
static size_t
letter_read(struct slice s, char *letter_r)
{
	unsigned char c = (unsigned char)s.p[0], next = (unsigned char)(s.n > 1 ? s.p[1] : 0);

	*letter_r = ascii_lower(s.p[0]);
	if (c < 0x80)
		return 1;
	if (c == 0xc3 && next >= 0x80 && next < 0xc0) {
		*letter_r = latin[next - 0x80];
		return 2;
	}
	if (c == 0xe2 && next == 0x80 && s.n > 2) {
		*letter_r = (char)((unsigned char)s.p[2] == 0x99 ? '\'' : ' ');
		return 3;
	}
	if (c == 0xc2 && next == 0xa0) {
		*letter_r = ' ';
		return 2;
	}
	if (c >= 0xc0 && (next < 0x80 || next >= 0xc0))
		*letter_r = latin[c - 0xc0];
	return 1;
}

/* What parts one token from the next. */
static bool
is_between(char c)
{
	return (unsigned char)c <= ' ' || memchr("<>()[]{}\",;:|`/?", c, 16) != NULL;
}

static bool
is_word(char c)
{
	return ascii_is_digit(c) || utf8_is_letter(c);
}

/* An address: something with an '@' in it that has letters on both sides. */
static bool
is_address(struct slice token)
{
	size_t at = slice_find(token, '@');

	return at > 0 && at + 1 < token.n;
}

/* A name with dots within, as of hosts: its dots and hyphens stay. */
static bool
is_dotted(struct slice token)
{
	for (size_t i = 1; i + 1 < token.n; i++)
		if (token.p[i] == '.' && is_word(token.p[i - 1]) && is_word(token.p[i + 1]))
			return true;
	return false;
}

static bool
has_letter(struct slice token)
{
	for (size_t i = 0; i < token.n; i++)
		if (utf8_is_letter(token.p[i]))
			return true;
	return false;
}

static void
token_add(struct buf *out, struct slice token)
{
	static const struct slice email = SLICE_LIT("e-mail");
	bool dotted = is_dotted(token);
	bool apart = true; /* from the word before */
	char letter;

	if (is_address(token) || !has_letter(token))
		return;
	for (size_t i = 0; i < token.n;) {
		bool hyphen = dotted && memchr(".-_", token.p[i], 3) != NULL;

		if (slice_starts_nocase(slice_from(token, i), email) && apart) {
			buf_add_text(out, out->n > 0 ? " email" : "email");
			i += email.n;
			apart = false;
			continue;
		}
		i += letter_read(slice_from(token, i), &letter);
		if (is_word(letter) || (hyphen && i < token.n && !apart)) {
			if (apart && out->n > 0)
				buf_add_char(out, ' ');
			buf_add_char(out, letter);
			apart = false;
		} else if (letter != '\'') {
			apart = true;
		}
	}
}

void
bounce_words(struct buf *out, struct slice text)
{
	static const struct slice dots = SLICE_LIT("..."); /* "ann@example.com...User unknown" */

	text = slice_head(text, BOUNCE_TEXT_MAX_BYTES);
	for (size_t i = 0; i < text.n;) {
		size_t from = i;

		while (i < text.n && !is_between(text.p[i]) &&
		       (i == from || !slice_starts(slice_from(text, i), dots)))
			i++;
		token_add(out, slice_head(slice_from(text, from), i - from));
		while (i < text.n && is_between(text.p[i]))
			i++;
	}
}
