/*
 * charset.h - charsets, as far as one must know them to find the ASCII in a text: tags and links are
 * ASCII, and who looks for them must not take half of another character for one.
 *
 * A text is looked at through a view that has a byte for each of its units (bytes, or 16 or 32 bits):
 * what is ASCII as such, what is not with its highest bit set. Nothing is converted.
 */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include "base/arena.h"

enum charset {
	CHARSET_UNKNOWN, /* also UTF-7 and HZ, which write other characters in ASCII */
	CHARSET_BYTES,   /* ASCII, and beyond it what is no ASCII: ISO 8859, windows-125x, EUC */
	CHARSET_UTF8,
	CHARSET_DOUBLE,  /* ASCII, and pairs of which the second byte may look like it: GBK,
	                    GB18030, Big5, UHC */
	CHARSET_SJIS,    /* Shift_JIS: the same, and katakana of one byte */
	CHARSET_ISO2022, /* ISO-2022-JP, -KR, -CN: escape sequences */
	CHARSET_UTF16,   /* by its BOM */
	CHARSET_UTF16BE,
	CHARSET_UTF16LE,
	CHARSET_UTF32,
	CHARSET_UTF32BE,
	CHARSET_UTF32LE,
};

enum charset_result {
	CHARSET_CLEAR,
	CHARSET_UNCLEAR, /* it is not in that charset, or programs read it in two ways */
	CHARSET_NO_MEMORY,
};

struct charset_view {
	struct slice text;
	size_t bom;  /* units at the beginning that say nothing */
	size_t unit; /* bytes of each: 1, 2 or 4 */
	bool big_endian;
	bool ends_in_ascii; /* what is put behind it may be ASCII */
};

/* By its name, case aside; none (n 0) is ASCII. */
enum charset charset_find(struct slice name);

/* The view is `text` itself, or in the arena. */
enum charset_result charset_view(
    struct arena *a, enum charset charset, struct slice text, struct charset_view *view_r);

/* ASCII in the units of the view: `ascii` itself, or in the arena (p NULL: no memory). */
struct slice charset_widen(struct arena *a, const struct charset_view *view, struct slice ascii);

#endif
