/*
 * account.h - what the commands `account …` share: the configuration's accounts and those of Redis,
 * and one account with all that is known of it.
 */
#ifndef CTL_ACCOUNT_H
#define CTL_ACCOUNT_H

#include "account_keys.h"
#include "ctl.h"
#include "io/store_admin_account.h"
#include "policy/account_field.h"

/* All accounts of a large installation with all their options fit; far more is a mistake. */
#define ACCOUNT_VIEW_BYTES ((size_t)2 * 1024 * 1024 * 1024)

struct account_view {
	struct ctl *ctl;
	const struct conf *conf;
	const struct account *defaults; /* ready */
	struct store_admin *admin;
	struct arena arena;       /* what lives as long as the command */
	struct account_keys keys; /* of Redis, after account_view_keys() */
};

/* Reads the configuration, and reaches Redis. CTL_OK, or the exit code after a complaint;
 * account_view_fini() in both cases. */
int account_view_init(struct account_view *view, struct ctl *ctl);
void account_view_fini(struct account_view *view);

/* Reads Redis's map, again when it was read before. CTL_OK, or the exit code after a complaint. */
int account_view_keys(struct account_view *view);

/* Complains that Redis failed; returns EX_UNAVAILABLE. */
int account_failed(const struct err *err);

/* Complains that there is no memory; returns the exit code. */
int account_no_memory(void);

/* "shop: opens: it needs a track_domain; taken as off", on stderr. */
void account_problems_tell(struct slice name, const struct account_problems *problems);

/* One account, wherever it is. */
struct account_seen {
	struct slice name;
	const struct account *conf; /* milter.conf's, or NULL: it wins */
	size_t index;               /* of it there */
	struct store_account store; /* Redis's; exists: there is one */
	struct account built;       /* as it is in force, of whichever */
	struct account_problems problems;
};

/* Finds the account of that name: CTL_OK also when there is none (neither conf nor store.exists).
 * What is found is in view->arena. Else the exit code after a complaint. */
int account_see(struct account_view *view, struct slice name, struct account_seen *seen_r);

/* The same once the fields are read: builds it. 0, or -1 with the reason; what it points to is in the
 * arena. */
int account_seen_build(
    const struct account_view *view, struct account_seen *seen, struct arena *a, struct err *err);

/* Complains that milter.conf has that account, with its line; returns the exit code. */
int account_conf_fail(const struct account_view *view, size_t index);

/* Checks a name that was typed: CTL_OK, or EX_USAGE after a complaint. */
int account_name_typed(const char *name);

/* The option's value as a field of Redis would hold it, in the arena; NULL: no memory. */
const char *account_value(const struct option *row, const struct account *account, struct arena *a);

/* The same for eyes: a secret is "(hidden)". row may be NULL. */
struct slice account_value_shown(const struct option *row, struct slice value);

/* The value of that field, or NULL. */
const struct slice *account_field_find(const struct store_account *store, const char *option);

/* What is missing for what the account wants, beside what account_build() finds: files, keys of the
 * map. n_keys: how many it has there. Adds to seen->problems. */
void account_advise(struct account_view *view, struct account_seen *seen, size_t n_keys);

/* "1 key", "3 keys". */
void account_count_format(struct buf *out, size_t n, const char *one, const char *many);

#endif
