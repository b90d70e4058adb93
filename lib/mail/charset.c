/*
 * charset.c - see charset.h.
 */
#include "mail/charset.h"

#include <stdint.h>

#define OTHER    '\x80' /* what is not ASCII, in a view */
#define BOM_CODE 0xfeffU

#define ESC '\x1b'
#define SO  '\x0e'
#define SI  '\x0f'

static const struct {
	struct slice name;
	enum charset charset;
	bool prefix;
} rows[] = {
    {SLICE_LIT("utf-8"), CHARSET_UTF8, false},
    {SLICE_LIT("utf8"), CHARSET_UTF8, false},
    {SLICE_LIT("us-ascii"), CHARSET_BYTES, false},
    {SLICE_LIT("ascii"), CHARSET_BYTES, false},
    {SLICE_LIT("ansi_x3.4-1968"), CHARSET_BYTES, false},
    {SLICE_LIT("iso-8859-"), CHARSET_BYTES, true},
    {SLICE_LIT("iso8859-"), CHARSET_BYTES, true},
    {SLICE_LIT("iso_8859-"), CHARSET_BYTES, true},
    {SLICE_LIT("latin"), CHARSET_BYTES, true},
    {SLICE_LIT("windows-125"), CHARSET_BYTES, true},
    {SLICE_LIT("cp125"), CHARSET_BYTES, true},
    {SLICE_LIT("windows-874"), CHARSET_BYTES, false},
    {SLICE_LIT("tis-620"), CHARSET_BYTES, false},
    {SLICE_LIT("koi8-"), CHARSET_BYTES, true},
    {SLICE_LIT("ibm866"), CHARSET_BYTES, false},
    {SLICE_LIT("cp866"), CHARSET_BYTES, false},
    {SLICE_LIT("macintosh"), CHARSET_BYTES, false},
    {SLICE_LIT("x-mac-"), CHARSET_BYTES, true},
    {SLICE_LIT("euc-jp"), CHARSET_BYTES, false},
    {SLICE_LIT("x-euc-jp"), CHARSET_BYTES, false},
    {SLICE_LIT("euc-tw"), CHARSET_BYTES, false},
    {SLICE_LIT("euc-kr"), CHARSET_DOUBLE, false}, /* in practice UHC */
    {SLICE_LIT("ks_c_5601"), CHARSET_DOUBLE, true},
    {SLICE_LIT("windows-949"), CHARSET_DOUBLE, false},
    {SLICE_LIT("cp949"), CHARSET_DOUBLE, false},
    {SLICE_LIT("uhc"), CHARSET_DOUBLE, false},
    {SLICE_LIT("euc-cn"), CHARSET_DOUBLE, false}, /* in practice GBK, as gb2312 is */
    {SLICE_LIT("gb2312"), CHARSET_DOUBLE, false},
    {SLICE_LIT("gb_2312-80"), CHARSET_DOUBLE, false},
    {SLICE_LIT("gbk"), CHARSET_DOUBLE, false},
    {SLICE_LIT("x-gbk"), CHARSET_DOUBLE, false},
    {SLICE_LIT("cp936"), CHARSET_DOUBLE, false},
    {SLICE_LIT("windows-936"), CHARSET_DOUBLE, false},
    {SLICE_LIT("gb18030"), CHARSET_DOUBLE, false},
    {SLICE_LIT("big5"), CHARSET_DOUBLE, true},
    {SLICE_LIT("x-x-big5"), CHARSET_DOUBLE, false},
    {SLICE_LIT("cp950"), CHARSET_DOUBLE, false},
    {SLICE_LIT("shift_jis"), CHARSET_SJIS, false},
    {SLICE_LIT("shift-jis"), CHARSET_SJIS, false},
    {SLICE_LIT("sjis"), CHARSET_SJIS, false},
    {SLICE_LIT("x-sjis"), CHARSET_SJIS, false},
    {SLICE_LIT("ms_kanji"), CHARSET_SJIS, false},
    {SLICE_LIT("windows-31j"), CHARSET_SJIS, false},
    {SLICE_LIT("cp932"), CHARSET_SJIS, false},
    {SLICE_LIT("iso-2022-"), CHARSET_ISO2022, true},
    {SLICE_LIT("utf-16"), CHARSET_UTF16, false},
    {SLICE_LIT("utf-16be"), CHARSET_UTF16BE, false},
    {SLICE_LIT("utf-16le"), CHARSET_UTF16LE, false},
    {SLICE_LIT("utf-32"), CHARSET_UTF32, false},
    {SLICE_LIT("utf-32be"), CHARSET_UTF32BE, false},
    {SLICE_LIT("utf-32le"), CHARSET_UTF32LE, false},
};

enum charset
charset_find(struct slice name)
{
	name = slice_trim(name);
	if (name.n == 0)
		return CHARSET_BYTES;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct slice wanted = rows[i].name;

		if (rows[i].prefix ? slice_starts_nocase(name, wanted)
				   : slice_eq_nocase(name, wanted))
			return rows[i].charset;
	}
	return CHARSET_UNKNOWN;
}

static bool
is_high(char c)
{
	return (unsigned char)c >= 0x80;
}

static bool
has_byte(struct slice s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

/* What ASCII has, and no text: it is in another charset than it says. */
static bool
is_no_text(struct slice s)
{
	return has_byte(s, '\0') || has_byte(s, ESC) || has_byte(s, SO);
}

/* Bytes of the character at i, which begins with a high byte; 0: it is none. The second byte of a
 * pair is never below 0x40, where all that has a meaning in HTML is: but programs differ in what they
 * make of a first byte without a second. */
static size_t
pair_bytes(enum charset charset, struct slice s, size_t i)
{
	unsigned char first = (unsigned char)s.p[i];
	unsigned char second = (unsigned char)(i + 1 < s.n ? s.p[i + 1] : '\0');

	if (charset == CHARSET_SJIS && first >= 0xa1 && first <= 0xdf)
		return 1;
	if (second >= 0x40 && second != 0x7f)
		return 2;
	if (ascii_is_digit((char)second) && i + 3 < s.n && is_high(s.p[i + 2]) &&
	    ascii_is_digit(s.p[i + 3]))
		return 4; /* GB18030 */
	return 0;
}

static enum charset_result
pairs_check(enum charset charset, struct slice s)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = is_high(s.p[i]) ? pair_bytes(charset, s, i) : 1;

		if (n == 0)
			return CHARSET_UNCLEAR;
		i += n;
	}
	return CHARSET_CLEAR;
}

/* --- escape sequences --- */

enum shift {
	SHIFT_ASCII,
	SHIFT_ROMAN, /* JIS X 0201: ASCII, but for the backslash and the tilde */
	SHIFT_OTHER,
};

static const struct {
	struct slice sequence;
	enum shift shift;
	bool is_so; /* what SO shifts to; nothing changes before */
} escapes[] = {
    {SLICE_LIT("\x1b(B"), SHIFT_ASCII, false},
    {SLICE_LIT("\x1b(J"), SHIFT_ROMAN, false},
    {SLICE_LIT("\x1b(I"), SHIFT_OTHER, false},
    {SLICE_LIT("\x1b$@"), SHIFT_OTHER, false},
    {SLICE_LIT("\x1b$B"), SHIFT_OTHER, false},
    {SLICE_LIT("\x1b$A"), SHIFT_OTHER, false},
    {SLICE_LIT("\x1b$(C"), SHIFT_OTHER, false},
    {SLICE_LIT("\x1b$(D"), SHIFT_OTHER, false},
    {SLICE_LIT("\x1b$)C"), SHIFT_OTHER, true},
    {SLICE_LIT("\x1b$)A"), SHIFT_OTHER, true},
    {SLICE_LIT("\x1b$)G"), SHIFT_OTHER, true},
};

/* Bytes of the sequence at the beginning of s; 0: none that we know. */
static size_t
escape_read(struct slice s, enum shift *shift)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		if (!slice_starts(s, escapes[i].sequence))
			continue;
		if (!escapes[i].is_so)
			*shift = escapes[i].shift;
		return escapes[i].sequence.n;
	}
	return 0;
}

static char
shifted(char c, enum shift shift)
{
	bool ascii = shift == SHIFT_ASCII || (shift == SHIFT_ROMAN && c != '\\' && c != '~');

	return (char)(ascii ? c : OTHER);
}

static enum charset_result
view_escaped(char *view, struct slice s, bool *ends_in_ascii_r)
{
	enum shift shift = SHIFT_ASCII;

	for (size_t i = 0; i < s.n;) {
		size_t n = s.p[i] == ESC ? escape_read(slice_from(s, i), &shift) : 1;

		if (n == 0 || is_high(s.p[i]) || s.p[i] == '\0')
			return CHARSET_UNCLEAR;
		if (s.p[i] == SO)
			shift = SHIFT_OTHER;
		else if (s.p[i] == SI)
			shift = SHIFT_ASCII;
		else if (n == 1 && s.p[i] < ' ' && shift == SHIFT_OTHER)
			return CHARSET_UNCLEAR; /* some begin each line in ASCII */
		memset(view + i, OTHER, n);
		if (n == 1 && s.p[i] != SO && s.p[i] != SI)
			view[i] = shifted(s.p[i], shift);
		i += n;
	}
	*ends_in_ascii_r = shift != SHIFT_OTHER;
	return CHARSET_CLEAR;
}

/* --- wide units --- */

static uint32_t
unit_at(const struct charset_view *view, struct slice s, size_t i)
{
	uint32_t code = 0;

	for (size_t k = 0; k < view->unit; k++) {
		size_t at = view->big_endian ? k : view->unit - 1 - k;

		code = code << 8 | (unsigned char)s.p[i * view->unit + at];
	}
	return code;
}

static bool
starts_with_bom(const struct charset_view *view, struct slice s)
{
	return s.n >= view->unit && unit_at(view, s, 0) == BOM_CODE;
}

/* Without BOM, some take the one for granted, and some the other. */
static bool
order_find(struct charset_view *view, struct slice s)
{
	view->big_endian = true;
	if (starts_with_bom(view, s))
		return true;
	view->big_endian = false;
	return starts_with_bom(view, s);
}

static enum charset_result
view_wide(struct arena *a, enum charset charset, struct slice s, struct charset_view *view)
{
	char *p;
	size_t n;

	view->unit = charset >= CHARSET_UTF32 ? 4 : 2;
	view->big_endian = charset == CHARSET_UTF16BE || charset == CHARSET_UTF32BE;
	if (s.n % view->unit != 0)
		return CHARSET_UNCLEAR;
	if ((charset == CHARSET_UTF16 || charset == CHARSET_UTF32) && !order_find(view, s))
		return CHARSET_UNCLEAR;
	n = s.n / view->unit;
	p = arena_alloc(a, n + 1);
	if (p == NULL)
		return CHARSET_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		uint32_t code = unit_at(view, s, i);

		if (code == 0)
			return CHARSET_UNCLEAR;
		p[i] = (char)(code < 0x80 ? (int)code : OTHER);
	}
	view->text = slice_make(p, n);
	view->bom = starts_with_bom(view, s) ? 1 : 0;
	return CHARSET_CLEAR;
}

enum charset_result
charset_view(struct arena *a, enum charset charset, struct slice text, struct charset_view *view_r)
{
	static const struct slice bom = SLICE_LIT("\xef\xbb\xbf");
	char *p;

	*view_r = (struct charset_view){.text = text, .unit = 1, .ends_in_ascii = true};
	if (charset == CHARSET_UNKNOWN)
		return CHARSET_UNCLEAR;
	if (charset >= CHARSET_UTF16)
		return view_wide(a, charset, text, view_r);
	if (charset != CHARSET_ISO2022) {
		view_r->bom = slice_starts(text, bom) ? bom.n : 0;
		if (is_no_text(text))
			return CHARSET_UNCLEAR;
		return charset == CHARSET_DOUBLE || charset == CHARSET_SJIS
			   ? pairs_check(charset, text)
			   : CHARSET_CLEAR;
	}
	p = arena_alloc(a, text.n + 1);
	if (p == NULL)
		return CHARSET_NO_MEMORY;
	view_r->text = slice_make(p, text.n);
	return view_escaped(p, text, &view_r->ends_in_ascii);
}

struct slice
charset_widen(struct arena *a, const struct charset_view *view, struct slice ascii)
{
	size_t last = view->big_endian ? view->unit - 1 : 0;
	char *p;

	if (view->unit == 1)
		return ascii;
	p = arena_alloc(a, ascii.n * view->unit + 1);
	for (size_t i = 0; i < ascii.n && p != NULL; i++)
		p[i * view->unit + last] = ascii.p[i];
	return slice_make(p, p == NULL ? 0 : ascii.n * view->unit);
}
