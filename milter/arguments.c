/*
 * arguments.c - see arguments.h.
 */
#include "arguments.h"

#include "daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

static void
usage(FILE *out, const char *program)
{
	(void)fprintf(out,
	    "usage: %s [-c FILE] [-f] [-t] [-V]\n"
	    "  -c FILE  configuration (default " SETTINGS_FILE ")\n"
	    "  -f       stay in the foreground; the log goes to stderr\n"
	    "  -t       check the configuration and exit\n"
	    "  -V       print the version and exit\n",
	    program);
}

static int
too_long(const struct arguments *args)
{
	(void)fprintf(stderr, "%s: -c: the name is too long\n", args->program);
	return EX_USAGE;
}

static int
conf_path_set(struct arguments *args, const char *path)
{
	struct buf out = BUF_OVER(args->conf_path);

	if (realpath(path, args->conf_path) != NULL)
		return -1;
	buf_add_text(&out, path); /* there is none: who reads it will say so */
	(void)buf_text(&out);
	return out.over ? too_long(args) : -1;
}

int
arguments_parse(const char *program, int argc, char **argv, struct arguments *args_r)
{
	const char *path = SETTINGS_FILE;
	int c;

	*args_r = (struct arguments){.program = program};
	while ((c = getopt(argc, argv, "c:fthV")) != -1) {
		switch (c) {
		case 'c':
			path = optarg;
			break;
		case 'f':
			args_r->foreground = true;
			break;
		case 't':
			args_r->test = true;
			break;
		case 'V':
			(void)printf("%s %s\n", program, PACKAGE_VERSION);
			return EX_OK;
		case 'h':
			usage(stdout, program);
			return EX_OK;
		default:
			usage(stderr, program);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "%s: unexpected argument: %s\n", program, argv[optind]);
		usage(stderr, program);
		return EX_USAGE;
	}
	return conf_path_set(args_r, path);
}

int
arguments_complain(const struct arguments *args, int code, const struct err *err)
{
	(void)fprintf(stderr, "%s: %s\n", args->program, err->text);
	return code;
}

/* Of a trial: the start will do, as root, and a reload will not. */
static void
reload_denied_say(void *arg, const char *why)
{
	const struct arguments *args = arg;

	(void)fprintf(stderr,
	    "%s: warning: %s: it starts, but a reload is refused; chgrp it to the group of "
	    "milter.user, and chmod g+r (a directory: g+x)\n",
	    args->program, why);
}

int
arguments_conf(const struct arguments *args, struct conf **conf_r)
{
	struct arguments trial = *args;
	int code = EX_OK;
	struct err err;

	*conf_r = daemon_conf_read(args->conf_path, &err);
	if (*conf_r == NULL)
		return arguments_complain(args, EX_CONFIG, &err);
	if (!args->test)
		return -1;
	settings_trial(*conf_r, args->conf_path, reload_denied_say, &trial);
	if (args->trial != NULL && args->trial(*conf_r, &err) != 0)
		code = arguments_complain(args, EX_CONFIG, &err);
	else
		(void)printf("%s: ok\n", args->conf_path);
	conf_free(*conf_r);
	*conf_r = NULL;
	return code;
}
