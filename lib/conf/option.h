/*
 * option.h - one typed row per option of milter.conf.
 *
 * A row says everything about an option, once: its name, its kind, where its value is kept, its
 * default, its limits, and its help. Parsing, checking, printing, documentation and the lint
 * that compares it with the man page all read the same row.
 *
 * Values are kept in plain structs, one per section:
 *
 *	struct grey_conf { int mode; int64_t block_s; struct net_set allow_networks; … };
 *	static const struct option options[] = {
 *		OPTION_ENUM(struct grey_conf, mode, "all", mode_words, "whom to greylist"),
 *		OPTION_SECONDS(struct grey_conf, block_s, "block", "4m", 0, 86400, "…"),
 *		OPTION_END,
 *	};
 *
 * The macros do not compile when the member has another type than the kind wants.
 */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/net.h"
#include "base/slice.h"
#include "mail/address_set.h"

#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_KIND_END = 0,
	OPTION_KIND_BOOL,      /* bool: yes, no (also true, false, on, off) */
	OPTION_KIND_NUMBER,    /* int64_t */
	OPTION_KIND_SECONDS,   /* int64_t: "240", "240s", "4m", "6h", "36d", "2w", "1h30m" */
	OPTION_KIND_MILLIS,    /* int64_t: "500ms", "2s", "1m"; a bare number is refused */
	OPTION_KIND_BYTES,     /* int64_t: "4096", "64k", "4M", "1G" (powers of 1,024) */
	OPTION_KIND_ENUM,      /* int: index into words */
	OPTION_KIND_OCTAL,     /* int64_t: file modes, "0660" */
	OPTION_KIND_TEXT,      /* const char *, never NULL; may be empty when min is 0 */
	OPTION_KIND_SECRET,    /* const char *, the same, but never printed */
	OPTION_KIND_NETWORKS,  /* struct net_set; list */
	OPTION_KIND_ADDRESSES, /* struct address_set; list */
	OPTION_KIND_WORDS,     /* struct option_words; list */
};

struct option_words {
	const char **v;
	size_t n;
};

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset;       /* of the member in the section's struct */
	const char *initial; /* the default, written as a user would; lists: words with blanks */
	int64_t min, max;    /* numbers: the value; TEXT, SECRET: bytes; lists: entries */
	const char *const *words; /* ENUM: what is allowed, ends in NULL */
	/* TEXT, SECRET: a further check of this option alone; 0, or -1 with what is wrong, which
	 * never tells a secret */
	int (*check)(const char *value, struct err *err);
	const char *help; /* one sentence, for the man page and `gatepostctl config -v` */
};

/* Fails to compile (comparison of distinct pointer types) unless `member` is a `type`. */
#define OPTION_AT(owner, member, type)                                                             \
	(offsetof(owner, member) + 0 * sizeof(&((owner *)0)->member == (type *)0))

#define OPTION_BOOL(owner, member, name_, def, help_)                                              \
	{                                                                                          \
		.name = (name_), .kind = OPTION_KIND_BOOL,                                         \
		.offset = OPTION_AT(owner, member, bool), .initial = (def), .help = (help_)        \
	}
#define OPTION_INT64(kind_, owner, member, name_, def, min_, max_, help_)                          \
	{                                                                                          \
		.name = (name_), .kind = (kind_), .offset = OPTION_AT(owner, member, int64_t),     \
		.initial = (def), .min = (min_), .max = (max_), .help = (help_)                    \
	}
#define OPTION_NUMBER(owner, member, name, def, min, max, help)                                    \
	OPTION_INT64(OPTION_KIND_NUMBER, owner, member, name, def, min, max, help)
#define OPTION_SECONDS(owner, member, name, def, min, max, help)                                   \
	OPTION_INT64(OPTION_KIND_SECONDS, owner, member, name, def, min, max, help)
#define OPTION_MILLIS(owner, member, name, def, min, max, help)                                    \
	OPTION_INT64(OPTION_KIND_MILLIS, owner, member, name, def, min, max, help)
#define OPTION_BYTES(owner, member, name, def, min, max, help)                                     \
	OPTION_INT64(OPTION_KIND_BYTES, owner, member, name, def, min, max, help)
#define OPTION_OCTAL(owner, member, name, def, min, max, help)                                     \
	OPTION_INT64(OPTION_KIND_OCTAL, owner, member, name, def, min, max, help)
#define OPTION_ENUM(owner, member, name_, def, words_, help_)                                      \
	{                                                                                          \
		.name = (name_), .kind = OPTION_KIND_ENUM,                                         \
		.offset = OPTION_AT(owner, member, int), .initial = (def), .words = (words_),      \
		.help = (help_)                                                                    \
	}
#define OPTION_TEXT_KIND(kind_, owner, member, name_, def, min_, max_, check_, help_)              \
	{                                                                                          \
		.name = (name_), .kind = (kind_),                                                  \
		.offset = OPTION_AT(owner, member, const char *), .initial = (def), .min = (min_), \
		.max = (max_), .check = (check_), .help = (help_)                                  \
	}
#define OPTION_TEXT(owner, member, name, def, min, max, check, help)                               \
	OPTION_TEXT_KIND(OPTION_KIND_TEXT, owner, member, name, def, min, max, check, help)
#define OPTION_SECRET(owner, member, name, def, min, max, check, help)                             \
	OPTION_TEXT_KIND(OPTION_KIND_SECRET, owner, member, name, def, min, max, check, help)
#define OPTION_LIST(kind_, type, owner, member, name_, def, max_, help_)                           \
	{                                                                                          \
		.name = (name_), .kind = (kind_), .offset = OPTION_AT(owner, member, type),        \
		.initial = (def), .max = (max_), .help = (help_)                                   \
	}
#define OPTION_NETWORKS(owner, member, name, def, max, help)                                       \
	OPTION_LIST(OPTION_KIND_NETWORKS, struct net_set, owner, member, name, def, max, help)
#define OPTION_ADDRESSES(owner, member, name, def, max, help)                                      \
	OPTION_LIST(OPTION_KIND_ADDRESSES, struct address_set, owner, member, name, def, max, help)
#define OPTION_WORDS(owner, member, name, def, max, help)                                          \
	OPTION_LIST(OPTION_KIND_WORDS, struct option_words, owner, member, name, def, max, help)
#define OPTION_END                                                                                 \
	{                                                                                          \
		.name = NULL                                                                       \
	}

bool option_is_list(const struct option *row);

/* Reads one scalar value into the struct at `section`. Strings are copied into the arena.
 * 0, or -1 with "VALUE: what is wrong; what is allowed" (without file, line and name). */
int option_set(
    const struct option *row, void *section, struct arena *a, struct slice value, struct err *err);

/* The same for a list of n values; replaces what was there. An entry error names the entry. */
int option_set_list(const struct option *row, void *section, struct arena *a,
    const struct slice *values, size_t n, struct err *err);

/* Sets every option of the section to its default. The defaults are ours: a wrong one is a
 * programmer's error, and asserts. -1 only when the arena is full. */
int option_defaults(const struct option *rows, void *section, struct arena *a);

/* Appends the value as it would be written in milter.conf (durations in their largest whole unit,
 * texts quoted where they must be, lists in braces, a secret that is set as "(hidden)"). */
void option_format(const struct option *row, const void *section, struct buf *out);

/* True when both structs hold the same value for that row. */
bool option_equal(const struct option *row, const void *section_a, const void *section_b);

/* The row of that name, or NULL. */
const struct option *option_find(const struct option *rows, struct slice name);

#endif
