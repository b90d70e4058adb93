/*
 * conf_quote.c - see conf_quote.h.
 */
#include "conf/conf_quote.h"

#define BACKSLASH "; for a backslash, write \\\\"

#define DIGITS_MAX 4 /* one more than an escape may have */

/* The byte at i, or NUL at the end. */
static char
byte_at(struct slice text, size_t i)
{
	return (char)(i < text.n ? text.p[i] : '\0');
}

/* The value of a hexadecimal or decimal digit, or -1. */
static int
digit_of(char c, bool hex)
{
	char lower = ascii_lower(c);

	if (ascii_is_digit(c))
		return c - '0';
	return hex && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* "\x41", with text behind the x: one or two digits count. */
static const char *
hex_problem(struct slice text)
{
	int high = digit_of(byte_at(text, 0), true);
	int low = digit_of(byte_at(text, 1), true);

	if (high < 0)
		return "\\x needs one or two hexadecimal digits" BACKSLASH;
	if (high == 0 && low <= 0)
		return "an escape for the NUL byte, which no value may hold" BACKSLASH;
	return NULL;
}

/* "\101", with text behind the backslash: all digits count, and there must be no more than three. */
static const char *
octal_problem(struct slice text)
{
	int value = 0;
	size_t n = 0;

	for (; n < DIGITS_MAX && ascii_is_digit(byte_at(text, n)); n++) {
		if (text.p[n] > '7')
			return "an octal escape has digits from 0 to 7 only" BACKSLASH;
		value = value * 8 + digit_of(text.p[n], false);
	}
	if (n == DIGITS_MAX)
		return "an octal escape has at most three digits" BACKSLASH;
	if (value == 0)
		return "an escape for the NUL byte, which no value may hold" BACKSLASH;
	return value > 0xff ? "an octal escape goes up to \\377" BACKSLASH : NULL;
}

/* What is wrong with what stands at i within the quotes, or NULL. */
static const char *
problem_at(struct slice text, size_t i)
{
	char quote = text.p[0];
	char c = byte_at(text, i);
	char next = byte_at(text, i + 1);

	if (c == '\0' || c == '\r' || c == '\n' || (c == '\\' && next == '\0'))
		return quote == '"' ? "a string is not closed: \" is missing at the end of the line"
				    : "a string is not closed: ' is missing at the end of the line";
	if (quote == '\'')
		return NULL;
	if (c == '\\' && next == 'x')
		return hex_problem(slice_from(text, i + 2));
	if (c == '\\' && ascii_is_digit(next))
		return octal_problem(slice_from(text, i + 1));
	if (c == '$' && next == '{')
		return "${...} is not filled in from the environment; write the value itself, or "
		       "\\${ for those two characters";
	return NULL;
}

/* How many bytes belong together at i: two for an escape, whose digits then stand for themselves,
 * three for one that joins lines that end in CR LF. */
static size_t
step_at(struct slice text, size_t i)
{
	if (text.p[i] != '\\')
		return 1;
	return byte_at(text, i + 1) == '\r' ? 3 : 2;
}

const char *
conf_quote_skip(struct slice text, size_t *n_r, unsigned *lines_r)
{
	size_t i = 1;

	*lines_r = 0;
	while (byte_at(text, i) != text.p[0]) {
		const char *problem = problem_at(text, i);

		if (problem != NULL)
			return problem;
		i += step_at(text, i);
		*lines_r += text.p[i - 1] == '\n';
	}
	*n_r = i + 1;
	return NULL;
}
