/*
 * conf.h - milter.conf: text in, one immutable snapshot of checked settings out.
 *
 * Nothing here opens a file: conf_parse() takes the bytes, and asks `struct conf_files` for the
 * list files that an option names, so that the daemon, the tests and the fuzzer feed it alike.
 * The grammar is libconfuse's: SECTION { option = value }, lists in braces, # comments. Values
 * with spaces or one of # " ' = { } ( ) + , * in them are put in quotes. "list += value" adds to
 * the list so far, or to its default. What libconfuse would let pass by mistake (an option twice, a
 * lost brace, a variable of the environment, include) is refused; see conf_scan.h, conf_shape.h.
 *
 * Some sections may be given many times more, each with a title: "account shop { … }". The one
 * without a title holds their defaults: wherever in the file it stands, each begins as a copy of it,
 * "=" replaces what it has, and "+=" adds to that.
 *
 * An entry of a list option that begins with '/' names a file with one entry a line ('#' begins a
 * comment), read when the configuration is.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "conf/option.h"

/* Bounds: a configuration larger than these is a mistake (a wrong file), not a configuration. */
#define CONF_FILE_MAX_BYTES ((size_t)1024 * 1024)      /* milter.conf */
#define CONF_LIST_MAX_BYTES ((size_t)8 * 1024 * 1024)  /* one list file */
#define CONF_ARENA_BYTES    ((size_t)64 * 1024 * 1024) /* everything that one snapshot holds */
#define CONF_SECTIONS_MAX   32
#define CONF_TITLED_MAX     10000 /* sections of one name with a title; more belong in a data base */

/* What makes a section one that may be given with a title. */
struct conf_titles {
	const char *help;    /* one line */
	const char *example; /* one whole section, for the file of examples */
	/* 0, or -1 with what a title must be; then the error names it, too. */
	int (*check)(struct slice title, struct err *err);
	/* Puts the title, which lives as long as the snapshot, into the copy of the defaults. */
	void (*entitle)(void *section, const char *title);
};

struct conf_section {
	const char *name;
	const char *help; /* one line */
	const struct option *options;
	size_t size; /* of the struct that the rows fill */
	/* What rows cannot say alone (pass longer than block …): 0, or -1 with the reason. */
	int (*check)(const void *section, struct err *err);
	const struct conf_titles *titles; /* NULL: a title is refused */
};

/* Who opens list files. read() puts the file's bytes, at most max_bytes, into the arena:
 * 0, or -1 with "PATH: reason". */
struct conf_files {
	int (*read)(const struct conf_files *files, const char *path, size_t max_bytes,
	    struct arena *a, struct slice *text_r, struct err *err);
};

struct conf; /* read-only once parsed; any number of threads may read it */

/* Parses text (called `name` in errors: the path) by the n sections. files may be NULL: then list
 * files are refused. Returns a snapshot for conf_free(), or NULL with
 * "NAME:LINE: SECTION.OPTION = VALUE: what is wrong; what is allowed" in err; an unknown section
 * or option suggests the nearest one. With a title: "SECTION TITLE.OPTION = VALUE: …". Options and
 * sections given twice are errors, also those of one title.
 * libconfuse's scanner keeps global state: one call at a time in the whole process. */
struct conf *conf_parse(const struct conf_section *const *sections, size_t n, struct slice text,
    const char *name, const struct conf_files *files, struct err *err);

void conf_free(struct conf *conf);

/* The struct of the i-th section without its title, filled. */
const void *conf_section(const struct conf *conf, size_t i);

/* The line that set the option, or 0 for the default. */
unsigned conf_line(const struct conf *conf, size_t i, const struct option *row);

/* --- those with a title --- */

/* How many the i-th section has: j below is less, and counts in the order of the file. */
size_t conf_titled_count(const struct conf *conf, size_t i);

const char *conf_title(const struct conf *conf, size_t i, size_t j);

/* Its struct, filled. They lie one behind the other: that of j = 0 begins an array. */
const void *conf_titled(const struct conf *conf, size_t i, size_t j);

/* The line in it that set the option, or 0: it is as in the one without a title. row = NULL: the line
 * where it begins. */
unsigned conf_titled_line(const struct conf *conf, size_t i, size_t j, const struct option *row);

#endif
