/*
 * accounts_log.c - see accounts.h: problems with accounts, into the log.
 */
#include "io/accounts.h"
#include "io/log.h"

static void
problem_write(enum log_level level, const char *account, const char *option, const char *text)
{
	struct log_line line;

	log_begin(&line);
	log_add_text(&line, "account", account);
	log_add_text(&line, "option", option);
	log_add_text(&line, "reason", text);
	log_write(&line, level);
}

static void
problem_warn(void *arg, const char *account, const char *option, const char *text)
{
	(void)arg;
	problem_write(LOG_LEVEL_WARNING, account, option, text);
}

static void
problem_mention(void *arg, const char *account, const char *option, const char *text)
{
	(void)arg;
	problem_write(LOG_LEVEL_DEBUG, account, option, text);
}

static void
warning_write(void *arg, const char *text)
{
	(void)arg;
	log_event(LOG_LEVEL_WARNING, "accounts", text);
}

const struct accounts_notify accounts_notify_log = {NULL, problem_warn, warning_write};
const struct accounts_notify accounts_notify_again = {NULL, problem_mention, warning_write};
