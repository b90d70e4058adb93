/*
 * account_advice.c - what is missing for what an account wants: see account_advise().
 */
#include "account.h"

#include "account_conf.h"
#include "io/keys_file.h"
#include "outbound_conf.h"
#include "settings.h"

#include <errno.h>
#include <sys/stat.h>

#define TEXT_BYTES 1400 /* a path, and words */

struct advice {
	const struct account_view *view;
	struct account_seen *seen;
	struct arena *arena;
	char storage[TEXT_BYTES];
};

/* Begins a text. */
static struct buf
begin(struct advice *a)
{
	struct buf text;

	buf_init(&text, a->storage, sizeof(a->storage));
	return text;
}

static void
say(struct advice *a, const char *option, const char *text)
{
	account_problem_add(&a->seen->problems, a->arena, slice_of(option), text);
}

/* True when there is no such file; when it cannot be told, that is not our business here. */
static bool
is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* Somebody set the option, to another value than `off`. */
static bool
was_asked(const struct advice *a, const char *option, const char *off)
{
	const struct slice *value = account_field_find(&a->seen->store, option);

	return value != NULL && !slice_eq(slice_trim(*value), slice_of(off));
}

/* Appends what is wrong with a key's file, and what to do; nothing when it can be used, as far as can be
 * told without reading it. */
static void
key_file_advise(
    const struct advice *a, const struct account_key *key, const char *path, struct buf *out)
{
	const struct daemon_conf *daemon = settings_of(a->view->conf, &daemon_section);
	const char *reason;
	struct err err;

	if (is_missing(path))
		buf_add_format(out,
		    "there is no file %s on this host; no such signature until `gatepostctl key "
		    "new %s %s` made it",
		    path, key->domain, key->selector);
	else if (keys_file_mode_check(path, &reason, &err) != 0)
		buf_add_text(out, err.text);
	else if (daemon->user[0] != '\0' &&
		 access_check(path, daemon->user, ACCESS_READ, &err) != 0 && err.code == ERR_DENIED)
		buf_add_format(out, "%s; chgrp, and chmod 0640, its directories 0750", err.text);
}

static void
key_advise(struct advice *a, const struct account_key *key, const char *directory)
{
	struct buf text = begin(a);
	char path_storage[TEXT_BYTES / 2];
	struct buf path = BUF_OVER(path_storage);
	size_t before;

	buf_add_format(&path, "%s/", directory);
	buf_add_lower(&path, slice_of(key->domain));
	buf_add_char(&path, '/');
	buf_add_lower(&path, slice_of(key->selector));
	buf_add_text(&path, ".key");
	if (path.over)
		return;
	buf_add_format(&text, "%s:%s: ", key->selector, key->domain);
	before = text.n;
	key_file_advise(a, key, buf_text(&path), &text);
	if (text.n > before)
		say(a, "dkim", buf_text(&text));
}

static void
keys_advise(struct advice *a, const struct outbound_conf *conf)
{
	const struct account *account = &a->seen->built;

	for (size_t i = 0; i < account->nkeys; i++)
		key_advise(a, &account->keys[i], conf->keys);
	if (account->nkeys == 0 && account->domainkeys && was_asked(a, "domainkeys", "no"))
		say(a, "domainkeys", "it signs with a key of dkim, and there is none");
}

static void
keyring_advise(struct advice *a, const struct outbound_conf *conf)
{
	const struct account *account = &a->seen->built;
	const char *option = account->mail_from == MAIL_FROM_VERP ? "mail_from"
			     : account->opens                     ? "opens"
			     : account->clicks                    ? "clicks"
			     : account->list_unsubscribe          ? "list_unsubscribe"
								  : NULL;
	struct buf text = begin(a);

	if (option == NULL || !is_missing(conf->keyring))
		return;
	buf_add_format(&text,
	    "there is no keyring %s on this host, and so no token; make one: gatepostctl keyring "
	    "new",
	    conf->keyring);
	say(a, option, buf_text(&text));
}

static void
lane_advise(struct advice *a)
{
	const struct account *account = &a->seen->built;

	if (account->lane[0] != '\0' && account->mail_from != MAIL_FROM_VERP)
		say(a, "lane",
		    "the MTA sees it in the MAIL FROM, which this account keeps as it is: it needs "
		    "a "
		    "bounce_domain");
	if (account->ramp.nparts > 0 && account->mail_from != MAIL_FROM_VERP)
		say(a, "warmup", "a lane gets warm, and this account has none");
}

static bool
has_from_key(const struct account_view *view, const struct account_seen *seen)
{
	size_t n;
	const struct account_use *uses = account_keys_of(&view->keys, seen->name, &n);

	for (size_t i = 0; i < n; i++) {
		if (slice_starts(uses[i].entry->key, slice_of("from:")))
			return true;
	}
	for (size_t i = 0; seen->conf != NULL && i < seen->conf->match.n; i++) {
		if (slice_starts_nocase(slice_of(seen->conf->match.v[i]), slice_of("from:")))
			return true;
	}
	return false;
}

/* Keys of Redis that milter.conf has, too. */
static void
hidden_advise(struct advice *a)
{
	size_t n;
	const struct account_use *uses = account_keys_of(&a->view->keys, a->seen->name, &n);

	for (size_t i = 0; i < n; i++) {
		const struct account *conf = account_conf_by_key(a->view->conf, uses[i].entry->key);
		struct buf text = begin(a);

		if (conf == NULL)
			continue;
		buf_add_format(&text, "it is %s's in milter.conf: that is in force", conf->name);
		account_problem_add(
		    &a->seen->problems, a->arena, uses[i].entry->key, buf_text(&text));
	}
}

void
account_advise(struct account_view *view, struct account_seen *seen, size_t n_keys)
{
	struct advice a = {.view = view, .seen = seen, .arena = &view->arena};
	const struct outbound_conf *conf = settings_of(view->conf, &outbound_section);
	const struct slice *match = account_field_find(&seen->store, ACCOUNT_MARK);

	keys_advise(&a, conf);
	keyring_advise(&a, conf);
	lane_advise(&a);
	hidden_advise(&a);
	if (seen->built.check_from && seen->built.from.n == 0 && !has_from_key(view, seen))
		say(&a, "check_from",
		    "every message would be refused: from is empty, and no key of from:@DOMAIN or "
		    "from:ADDRESS is its own");
	if (seen->conf == NULL && match != NULL)
		say(&a, ACCOUNT_MARK, "it is not read there; its keys are in the map: --match");
	if (n_keys == 0 && !slice_eq(seen->name, slice_of(conf->default_account)))
		say(&a, "match", "no key is its own, and so no mail: --match KEY");
}
