/*
 * mime_param.c - parameters of header fields (RFC 2045 section 5.1, RFC 2231).
 */
#include "base/encode.h"
#include "mail/mime_parts.h"

struct param {
	struct slice name;
	struct slice value; /* quotes included */
};

struct slice
mime_skip_comments(struct slice s)
{
	unsigned depth = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && depth > 0)
			depth--;
		else if (depth > 0 && s.p[i] == '\\')
			i++;
		else if (depth == 0 && !ascii_is_space(s.p[i]))
			break;
	}
	return slice_from(s, i);
}

/* Up to the next ";" that is not in quotes. */
static size_t
param_end(struct slice s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (quoted && s.p[i] == '\\')
			i++;
		else if (!quoted && s.p[i] == ';')
			return i;
	}
	return s.n;
}

/* The next parameter of what is left behind a ";"; false: none. */
static bool
param_next(struct slice *left, struct param *param_r)
{
	while (left->n > 0) {
		struct slice whole = mime_skip_comments(slice_head(*left, param_end(*left)));
		size_t equals = slice_find(whole, '=');

		*left = slice_from(*left, param_end(*left) + 1);
		if (equals == whole.n)
			continue;
		param_r->name = slice_trim(slice_head(whole, equals));
		param_r->value = slice_trim(slice_from(whole, equals + 1));
		return true;
	}
	return false;
}

/* Appends the value without its quotes and folds. */
static void
value_unquote(struct buf *out, struct slice value)
{
	bool quoted = value.n > 0 && value.p[0] == '"';

	for (size_t i = quoted ? 1 : 0; i < value.n; i++) {
		if (quoted && value.p[i] == '"')
			return;
		if (quoted && value.p[i] == '\\' && i + 1 < value.n)
			i++;
		if (value.p[i] != '\r' && value.p[i] != '\n')
			buf_add_char(out, value.p[i]);
	}
}

/* Decodes %XX in what was appended since `from`; a first piece has charset'language' in front. */
static void
value_unescape(struct buf *out, size_t from, bool first)
{
	struct slice s = slice_from(buf_slice(out), from);
	size_t quote = slice_find(s, '\'');

	if (first && quote < s.n) {
		s = slice_from(s, quote + 1);
		quote = slice_find(s, '\'');
		s = slice_from(s, quote < s.n ? quote + 1 : 0);
	}
	out->n = from;
	while (s.n > 0) {
		struct buf byte = {out->p + out->n, 0, out->cap - out->n, false};
		bool escape = s.p[0] == '%' && s.n >= 3 &&
			      decode_hex(&byte, slice_make(s.p + 1, 2)) == 0;

		if (!escape)
			out->p[out->n] = s.p[0];
		out->n++;
		s = slice_from(s, escape ? 3 : 1);
	}
}

/* Is it piece `number` of `name`, or the whole (number -1)? *escaped_r: with %XX in it. */
static bool
param_is(const struct param *param, struct slice name, int number, bool *escaped_r)
{
	char text[16];
	struct buf want = BUF_OVER(text);
	struct slice rest = slice_from(param->name, name.n);

	if (!slice_starts_nocase(param->name, name))
		return false;
	*escaped_r = rest.n > 0 && rest.p[rest.n - 1] == '*';
	if (*escaped_r)
		rest.n--;
	if (number >= 0) {
		buf_add_char(&want, '*');
		buf_add_u64(&want, (unsigned)number);
	}
	return slice_eq(rest, buf_slice(&want));
}

/* Appends that piece of the parameter; false: there is none. */
static bool
piece_add(struct buf *out, struct slice value, const char *name, int number)
{
	struct slice left = slice_from(value, param_end(value) + 1);
	struct param param;
	bool escaped;
	size_t from = out->n;

	while (param_next(&left, &param)) {
		if (!param_is(&param, slice_of(name), number, &escaped))
			continue;
		value_unquote(out, param.value);
		if (escaped)
			value_unescape(out, from, number <= 0);
		return true;
	}
	return false;
}

/* What is between the quotes, if it has any; as it stands. */
static struct slice
value_bare(struct slice value)
{
	if (value.n == 0 || value.p[0] != '"')
		return value;
	value = slice_from(value, 1);
	return slice_head(value, slice_find(value, '"'));
}

/* As it mostly is: one piece, whose bytes stand in the message as they are meant. False: it is not
 * so, or there is none. */
static bool
param_plain(struct slice value, const char *name, struct slice *plain_r)
{
	struct slice left = slice_from(value, param_end(value) + 1), text;
	struct param param;
	bool found = false;

	while (!found && param_next(&left, &param))
		found = slice_eq_nocase(param.name, slice_of(name));
	if (!found)
		return false;
	text = value_bare(param.value);
	*plain_r = slice_trim(text);
	return slice_find(text, '\\') == text.n && slice_find(text, '\r') == text.n &&
	       slice_find(text, '\n') == text.n;
}

struct slice
mime_param(struct arena *a, struct slice value, const char *name)
{
	struct slice none = {NULL, 0}, plain;
	struct buf out;
	char *storage;
	int pieces = 0;

	if (param_end(value) == value.n)
		return none;
	if (param_plain(value, name, &plain))
		return plain;
	if (slice_find(value, '*') == value.n && slice_find(value, '\\') == value.n &&
	    slice_find(value, '\n') == value.n)
		return none;
	storage = arena_alloc(a, value.n);
	if (storage == NULL)
		return none;
	buf_init(&out, storage, value.n);
	if (piece_add(&out, value, name, -1))
		return slice_trim(buf_slice(&out));
	while (pieces < MIME_PARAM_PIECES_MAX && piece_add(&out, value, name, pieces))
		pieces++;
	return pieces == 0 ? none : slice_trim(buf_slice(&out));
}

/* 0: it is the whole of `name`; from 1: its piece 0, 1, …; -1: another parameter. */
static int
param_place(const struct param *param, struct slice name)
{
	bool escaped;

	for (int number = -1; number < MIME_PARAM_PIECES_MAX; number++)
		if (param_is(param, name, number, &escaped))
			return number + 1;
	return -1;
}

bool
mime_param_twice(struct slice value, const char *name)
{
	const uint32_t whole = 1;
	struct slice left = slice_from(value, param_end(value) + 1), first = {NULL, 0};
	struct param param;
	uint32_t seen = 0;

	_Static_assert(MIME_PARAM_PIECES_MAX < 32, "a bit for each piece, and one for the whole");
	while (param_next(&left, &param)) {
		int place = param_place(&param, slice_of(name));
		uint32_t bit = place < 0 ? 0 : UINT32_C(1) << place;
		bool again = bit == whole && seen == whole &&
			     slice_eq(value_bare(param.value), first);

		if (bit == 0 || again)
			continue;
		if ((seen & (bit | whole)) != 0 || (bit == whole && seen != 0))
			return true;
		seen |= bit;
		first = value_bare(param.value);
	}
	return false;
}
