/*
 * ctl.h - what the subcommands of gatepostctl share.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "args.h"
#include "conf/conf.h"
#include "io/access.h"
#include "out.h"

#include <sysexits.h>

/* How a command ends; beside these EX_USAGE (64), EX_UNAVAILABLE (69): Redis cannot be reached,
 * EX_CONFIG (78), and EX_IOERR (74): the output could not be written. */
#define CTL_OK        0
#define CTL_NOT_FOUND 1 /* nothing there by that name, or one already; for `check`: a fault */

struct store_admin;

struct ctl {
	struct args args;
	char **operand; /* what follows the command */
	int operands;
	struct out out;
	const char *conf_path;
	struct conf *conf;         /* NULL until ctl_conf() */
	struct store_admin *admin; /* NULL until ctl_admin() */
};

struct command {
	const char *name;            /* one word or two */
	const char *operands;        /* as the usage shows them */
	const char *help;            /* one line, without a full stop */
	const char *more;            /* what `help COMMAND` adds; NULL: nothing */
	uint64_t takes;              /* ARG_BIT() of its options, besides the global ones */
	int min, max;                /* operands */
	int (*run)(struct ctl *ctl); /* returns the exit code */
};

extern const struct command commands[]; /* in main.c; ends with a NULL name */

int check_command(struct ctl *ctl);
int config_command(struct ctl *ctl);
int grey_list_command(struct ctl *ctl);
int grey_show_command(struct ctl *ctl);
int grey_known_command(struct ctl *ctl);
int grey_forget_command(struct ctl *ctl);
int grey_allow_command(struct ctl *ctl);
int grey_allowed_command(struct ctl *ctl);
int grey_optout_command(struct ctl *ctl);
int grey_optouts_command(struct ctl *ctl);
int allow_command(struct ctl *ctl);
int allowed_command(struct ctl *ctl);
int optout_command(struct ctl *ctl);
int optouts_command(struct ctl *ctl);
int dnsbl_list_command(struct ctl *ctl);
int dnsbl_off_command(struct ctl *ctl);
int dnsbl_on_command(struct ctl *ctl);
int dnsbl_known_command(struct ctl *ctl);
int spf_command(struct ctl *ctl);
int explain_command(struct ctl *ctl);
int test_command(struct ctl *ctl);
int preview_command(struct ctl *ctl);
int stats_command(struct ctl *ctl);
int stats_checks_command(struct ctl *ctl);
int log_command(struct ctl *ctl);
int setup_postfix_command(struct ctl *ctl);
int setup_sendmail_command(struct ctl *ctl);
int key_new_command(struct ctl *ctl);
int key_show_command(struct ctl *ctl);
int key_list_command(struct ctl *ctl);
int key_check_command(struct ctl *ctl);
int key_rotate_command(struct ctl *ctl);
int keyring_new_command(struct ctl *ctl);
int keyring_rotate_command(struct ctl *ctl);
int keyring_list_command(struct ctl *ctl);
int token_decode_command(struct ctl *ctl);
int bounce_command(struct ctl *ctl);
int complaint_command(struct ctl *ctl);
int webhooks_command(struct ctl *ctl);
int webhooks_dead_command(struct ctl *ctl);
int webhooks_drop_command(struct ctl *ctl);
int webhooks_retry_command(struct ctl *ctl);
int webhooks_run_command(struct ctl *ctl);
int webhooks_secret_command(struct ctl *ctl);
int webhooks_test_command(struct ctl *ctl);
int account_add_command(struct ctl *ctl);
int account_set_command(struct ctl *ctl);
int account_show_command(struct ctl *ctl);
int account_list_command(struct ctl *ctl);
int account_remove_command(struct ctl *ctl);
int account_import_command(struct ctl *ctl);
int account_export_command(struct ctl *ctl);
int account_match_command(struct ctl *ctl);
int suppress_list_command(struct ctl *ctl);
int suppress_show_command(struct ctl *ctl);
int suppress_add_command(struct ctl *ctl);
int suppress_remove_command(struct ctl *ctl);
int suppress_import_command(struct ctl *ctl);
int suppress_export_command(struct ctl *ctl);
int report_command(struct ctl *ctl);
int consent_set_command(struct ctl *ctl);
int consent_show_command(struct ctl *ctl);
int consent_remove_command(struct ctl *ctl);
int consent_list_command(struct ctl *ctl);
int forget_command(struct ctl *ctl);
int stats_outbound_command(struct ctl *ctl);
int help_command(struct ctl *ctl);

/* The usage in a few lines, on stderr; the same with all there is to know; one command, or all
 * whose first word it is. */
void help_usage(void);
void help_all(struct ctl *ctl);
void help_one(struct ctl *ctl, const struct command *command);

/* The command that the first words name, with its operands in ctl; else NULL, after a complaint. */
const struct command *command_find(struct ctl *ctl, char **words, int n);

/* The command of one word more that was meant by "COMMAND word", or NULL. */
const struct command *command_longer(const struct command *command, const char *word);

/* Says "gatepostctl: …" on stderr, hostile bytes escaped, and returns the exit code. */
int ctl_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What to do about an ERR_DENIED of that file or socket: run as root, or as a member of which group.
 * In storage, which it returns. */
#define CTL_TODO_BYTES 128
const char *ctl_denied_todo(
    const char *path, enum access_right right, char storage[CTL_TODO_BYTES]);

/* The configuration, read when first asked for; NULL after a complaint (EX_CONFIG). */
const struct conf *ctl_conf(struct ctl *ctl);

/* The same without a complaint, which is in err. */
const struct conf *ctl_conf_try(struct ctl *ctl, struct err *err);

/* Redis, reached when first asked for; NULL after a complaint, with the exit code. */
struct store_admin *ctl_admin(struct ctl *ctl, int *code_r);

#endif
