/*
 * args.h - the command line, taken apart once: options may stand before or after the command.
 */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum arg {
	ARG_CONF,
	ARG_JSON,
	ARG_COLOR,
	ARG_HELP,
	ARG_VERSION,
	ARG_IDENTITY, /* from here on: only for the commands that take them */
	ARG_SENDER,
	ARG_RCPT,
	ARG_STATE,
	ARG_LIMIT,
	ARG_KNOWN,
	ARG_YES,
	ARG_REMOVE,
	ARG_HOURS,
	ARG_DAY,
	ARG_TOTAL,
	ARG_DIFF,
	ARG_VERBOSE,
	ARG_EXAMPLE,
	ARG_POSTFIX,
	ARG_SENDMAIL,
	ARG_RESOLVER,
	ARG_LAST,
	ARG_IP,
	ARG_HELO,
	ARG_FROM,
	ARG_LOGIN,
	ARG_MESSAGE,
	ARG_ACCOUNT,
	ARG_SINCE,
	ARG_UNTIL,
	ARG_TYPE,
	ARG_MSG,
	ARG_BITS,
	ARG_AT,
	ARG_CANCEL,
	ARG_CHECK,
	ARG_KEEP,
	ARG_HEADER,
	ARG_MATCH,
	ARG_UNMATCH,
	ARG_SKIP_WRONG,
	ARG_DRY_RUN,
	ARG_ALL,
	ARG_BY,
	ARG_CSV,
	ARG_NOTE,
	ARG_SUPPRESSION,
	ARG_REASON,
	ARG_DOMAIN,
	ARG_RAW,
	ARG_COUNT,
};

/* How often --rcpt may be given: more than a person types. */
#define ARGS_RCPTS_MAX 50

/* A set of options. */
#define ARG_BIT(arg) (UINT64_C(1) << (arg))
#define ARG_GLOBAL   (ARG_BIT(ARG_IDENTITY) - 1)

/* One row per option. */
struct arg_row {
	const char *name;  /* without the dashes */
	char letter;       /* 0: none */
	const char *value; /* what the help calls it; NULL: the option takes none */
	const char *help;  /* one line */
};

extern const struct arg_row arg_rows[ARG_COUNT];

/* Every value of an option that may be given several times, ARGS_RCPTS_MAX at most. */
struct arg_list {
	const char *v[ARGS_RCPTS_MAX];
	size_t n;
};

struct args {
	const char *value[ARG_COUNT];      /* NULL: not given; "": given, and takes no value */
	const char *rcpts[ARGS_RCPTS_MAX]; /* every --rcpt; value[] has the last */
	size_t nrcpts;
	struct arg_list froms, matches, unmatches;
	char **words; /* the command and its operands */
	int n;
};

/* 0, or -1 with what is wrong. Reorders argv, which must live as long as args. */
int args_parse(struct args *args_r, int argc, char **argv, struct err *err);

/* The number given for an option, within limits; *number_r stays as it is when none was given. */
int args_number(
    const struct args *args, enum arg arg, int64_t max, int64_t *number_r, struct err *err);

#endif
