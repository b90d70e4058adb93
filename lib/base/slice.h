/*
 * slice.h - a length and a pointer to bytes that somebody else owns.
 *
 * Bytes of mail are slices: they may hold any byte, NUL included, and are never assumed to end in
 * one. A slice owns nothing; who gives it out says how long it lives.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p; /* may be NULL when n is 0 */
	size_t n;      /* bytes */
};

/* For printf: printf("%.*s", SLICE_ARG(s)); the slice must be shorter than INT_MAX. */
#define SLICE_ARG(s) (int)(s).n, (s).p

/* A slice over a string literal, usable in static initialisers. */
#define SLICE_LIT(text)                                                                            \
	{                                                                                          \
		(text), sizeof(text) - 1                                                           \
	}

/* A slice over a C string; NULL gives the empty slice. */
static inline struct slice
slice_of(const char *text)
{
	return (struct slice){text, text == NULL ? 0 : strlen(text)};
}

static inline struct slice
slice_make(const char *p, size_t n)
{
	return (struct slice){p, n};
}

/* The part of s from byte `from` on; empty when s is not that long. */
static inline struct slice
slice_from(struct slice s, size_t from)
{
	return from >= s.n ? (struct slice){s.p, 0} : (struct slice){s.p + from, s.n - from};
}

/* The first n bytes of s, or all of it. */
static inline struct slice
slice_head(struct slice s, size_t n)
{
	return (struct slice){s.p, n < s.n ? n : s.n};
}

/* Lower case for ASCII letters; every other byte is left alone, whatever the locale. */
static inline char
ascii_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* True for the space characters of a configuration line: blank, tab, CR, LF. */
static inline bool
ascii_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool
ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_hex(char c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/* A letter of ASCII, or a byte of any other character in UTF-8, all of which count as letters. */
static inline bool
utf8_is_letter(char c)
{
	return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (unsigned char)c >= 0x80;
}

/* Byte for byte the same. */
bool slice_eq(struct slice a, struct slice b);

/* The same but for the case of ASCII letters. */
bool slice_eq_nocase(struct slice a, struct slice b);

/* Byte order, the shorter first where one begins the other; for qsort and bsearch. */
int slice_compare(struct slice a, struct slice b);

bool slice_starts(struct slice s, struct slice prefix);
bool slice_starts_nocase(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);

/* Index of the first (last) c in s, or s.n when there is none. */
size_t slice_find(struct slice s, char c);
size_t slice_find_last(struct slice s, char c);

/* Without the spaces at both ends. */
struct slice slice_trim(struct slice s);

#endif
