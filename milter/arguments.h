/*
 * arguments.h - how a daemon is started: the same words for gatepostd and gatepost-web.
 */
#ifndef MILTER_ARGUMENTS_H
#define MILTER_ARGUMENTS_H

#include "base/err.h"
#include "conf/conf.h"

#include <limits.h>
#include <stdbool.h>

struct arguments {
	const char *program;      /* its name */
	char conf_path[PATH_MAX]; /* absolute: the daemon changes to /, and reads the file again */
	bool foreground;
	bool test;
	/* what -t tries beside reading, because a start without it fails: 0, or -1; NULL: nothing */
	int (*trial)(struct conf *conf, struct err *err);
};

/* Options of the command line; help and mistakes are written out. program must last.
 * -1: go on; else the exit code. */
int arguments_parse(const char *program, int argc, char **argv, struct arguments *args_r);

/* Reads the file, and with -t says how it is. *conf_r: the caller frees it.
 * -1: go on; else the exit code, what was wrong is written to stderr, and *conf_r is NULL. */
int arguments_conf(const struct arguments *args, struct conf **conf_r);

/* Writes an error to stderr; returns code. */
int arguments_complain(const struct arguments *args, int code, const struct err *err);

#endif
