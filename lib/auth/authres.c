/*
 * authres.c - writing; see authres.h. Whose a field is: authres_owner.c.
 */
#include "auth/authres.h"

/* RFC 5322 section 2.1.1: lines should stay below 78 characters. */
#define LINE_BYTES 78

/* Counts towards the first line. */
static const struct slice field_name = SLICE_LIT("Authentication-Results: ");

/* The longest piece: a property's name with a value of which each byte is quoted. */
#define PIECE_BYTES (2 * AUTHRES_VALUE_MAX_BYTES + 100)

/* Appends a piece that must not be broken, after a blank, or on a new line. */
static void
add_piece(struct authres *w, struct slice piece)
{
	bool fold = w->column + 1 + piece.n + 1 > LINE_BYTES; /* a ';' may follow */

	buf_add_text(&w->out, fold ? "\n\t" : " ");
	buf_add(&w->out, piece);
	w->column = (fold ? 8 : w->column + 1) + piece.n;
}

/* Printable ASCII as it is, all else as '?'. */
static char
harmless(char c)
{
	return (char)(c >= ' ' && c <= '~' ? c : '?');
}

static bool
is_in(struct slice s, const char *also)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) &&
		    (c == '\0' || strchr(also, c) == NULL))
			return false;
	}
	return s.n > 0;
}

/* A token (RFC 2045), or what pvalue of RFC 8601 allows beside one: "@domain", "local@domain"; of
 * ordinary bytes only, since some readers take a "'" for a quote. */
static bool
is_plain(struct slice value)
{
	size_t at = slice_find_last(value, '@');
	struct slice local = slice_head(value, at);

	if (at == value.n)
		return is_in(value, "-._+");
	/* dots at the ends or two in a row are no dot-atom */
	if (local.n > 0 && (local.p[0] == '.' || local.p[local.n - 1] == '.'))
		return false;
	for (size_t i = 1; i < local.n; i++) {
		if (local.p[i] == '.' && local.p[i - 1] == '.')
			return false;
	}
	return (local.n == 0 || is_in(local, "-._+")) && is_in(slice_from(value, at + 1), "-.");
}

static void
add_quoted(struct buf *out, struct slice s)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, harmless(s.p[i]));
	}
	buf_add_char(out, '"');
}

void
authres_begin(struct authres *w, char *storage, size_t cap, struct slice id)
{
	char piece_storage[PIECE_BYTES];
	struct buf piece = BUF_OVER(piece_storage);

	buf_init(&w->out, storage, cap);
	id = slice_head(id, AUTHRES_VALUE_MAX_BYTES);
	if (is_in(id, "!#$%&'*+-.^_`{|}~"))
		buf_add(&piece, id);
	else
		add_quoted(&piece, id);
	buf_add(&w->out, buf_slice(&piece));
	w->column = field_name.n + piece.n;
	w->any = false;
}

void
authres_method(struct authres *w, const char *method, const char *result)
{
	char storage[PIECE_BYTES];
	struct buf piece = BUF_OVER(storage);

	buf_add_format(&piece, "%s=%s", method, result);
	buf_add_char(&w->out, ';');
	w->column = LINE_BYTES; /* each result begins a line */
	add_piece(w, buf_slice(&piece));
	w->any = true;
}

void
authres_comment(struct authres *w, struct slice text)
{
	char storage[PIECE_BYTES];
	struct buf piece = BUF_OVER(storage);

	text = slice_head(text, AUTHRES_VALUE_MAX_BYTES);
	buf_add_char(&piece, '(');
	for (size_t i = 0; i < text.n; i++) {
		/* not all readers know a quoted pair in a comment, or that a ';' there is none */
		bool odd = memchr("()\\;=\"", text.p[i], 6) != NULL;

		buf_add_char(&piece, (char)(odd ? '?' : harmless(text.p[i])));
	}
	buf_add_char(&piece, ')');
	add_piece(w, buf_slice(&piece));
}

void
authres_reason(struct authres *w, struct slice text)
{
	char storage[PIECE_BYTES];
	struct buf piece = BUF_OVER(storage);

	buf_add_text(&piece, "reason=");
	add_quoted(&piece, slice_head(text, AUTHRES_VALUE_MAX_BYTES));
	add_piece(w, buf_slice(&piece));
}

void
authres_property(struct authres *w, const char *ptype, const char *property, struct slice value)
{
	char storage[PIECE_BYTES];
	struct buf piece = BUF_OVER(storage);

	if (value.n == 0)
		return;
	buf_add_format(&piece, "%s.%s=", ptype, property);
	value = slice_head(value, AUTHRES_VALUE_MAX_BYTES);
	if (is_plain(value))
		buf_add(&piece, value);
	else
		add_quoted(&piece, value);
	add_piece(w, buf_slice(&piece));
}

const char *
authres_end(struct authres *w)
{
	const char *text;

	if (!w->any)
		buf_add_text(&w->out, "; none");
	text = buf_text(&w->out);
	return w->out.over ? NULL : text;
}

size_t
authres_signature_bytes(const struct slice *signatures, size_t n, size_t i)
{
	struct slice own = signatures[i];
	size_t want = own.n < 8 ? own.n : 8;

	for (size_t j = 0; j < n; j++) {
		size_t same = 0;

		while (
		    same < own.n && same < signatures[j].n && own.p[same] == signatures[j].p[same])
			same++;
		if (j != i && same >= want)
			want = same < own.n ? same + 1 : own.n;
	}
	return want;
}
