/*
 * check_bounces.c - can the operator's own rules for bounces be read, by gatepostd as well? And is
 * what bounces still known?
 */
#include "check_outbound.h"

#include "io/access.h"
#include "io/bounce_rules.h"
#include "returns_conf.h"
#include "settings.h"

#define TOPIC "bounces"

/* Rules of both files, and both texts. */
#define RULES_BYTES ((size_t)8 * 1024 * 1024)

/* A reload reads the file as the daemon's user. */
static void
rights_check(struct check *check, const char *path)
{
	const struct daemon_conf *daemon = settings_of(check->conf, &daemon_section);
	struct err err;

	if (daemon->user[0] != '\0' && access_check(path, daemon->user, ACCESS_READ, &err) != 0)
		check_say(check, CHECK_WARNING, TOPIC,
		    "chgrp it to the group of milter.user, and chmod g+r (a directory: g+x)",
		    "%s: gatepostd starts, but a reload is refused", err.text);
}

void
check_bounces(struct check *check)
{
	const struct returns_conf *conf = settings_of(check->conf, &returns_section);
	struct bounce_table table;
	struct arena arena;
	struct err err;

	if (!conf->enabled || conf->patterns[0] == '\0')
		return;
	arena_init(&arena, 65536, RULES_BYTES);
	if (bounce_rules_load(conf->patterns, &arena, &table, &err) != 0) {
		check_say(check, CHECK_FAULT, TOPIC,
		    "gatepost-bounces(5) has the language; `gatepostctl bounce FILE` tries a file",
		    "%s", err.text);
	} else {
		check_say(check, CHECK_OK, TOPIC, NULL,
		    "%s is right: its rules are asked before those that are built in",
		    conf->patterns);
		rights_check(check, conf->patterns);
	}
	arena_fini(&arena);
}

void
check_returns_age(struct check *check, const struct account_book *book)
{
	const struct returns_conf *conf = settings_of(check->conf, &returns_section);
	const struct account *first = NULL;
	size_t n = 0;

	for (size_t i = 0; conf->enabled && i < book->n; i++) {
		const struct account *account = book->v[i];

		if (account->retention_s >= conf->max_age_s ||
		    (!conf->by_id && !sender_has_verp(account)))
			continue;
		first = n++ == 0 ? account : first;
	}
	if (n > 0)
		check_say(check, CHECK_WARNING, TOPIC,
		    "a longer retention for them, or a shorter returns.max_age",
		    "returns.max_age is longer than the retention of %zu account%s, %s's first: "
		    "later bounces are taken and lost, since their messages are forgotten",
		    n, n == 1 ? "" : "s", first->name);
}
