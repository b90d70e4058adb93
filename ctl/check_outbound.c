/*
 * check_outbound.c - mail that leaves: keyring, keys, accounts, spool, bounce domains. What Postfix
 * does with it: check_verp.c.
 */
#include "check_outbound.h"

#include "io/access.h"
#include "io/clock.h"
#include "io/dns.h"
#include "io/files.h"
#include "io/keys.h"
#include "lists.h"
#include "outbound_conf.h"
#include "policy/lookup.h"
#include "settings.h"
#include "setup.h"

#include <stdlib.h>

#define LINES_MAX     20  /* of one kind; more are only counted */
#define DOMAINS_MAX   100 /* that are asked for */
#define TODO_BYTES    400
#define DOMAINS_BYTES ((size_t)64 * 1024 * 1024)
#define PATH_BYTES    1400

/* Of a file that the daemon may not read, or not reach. */
static const char readable_todo[] =
    "chgrp it, and its directories, to the group of milter.user: chmod 0640, its directories 0750";

/* What the parts share. */
struct outbound_check {
	struct check *check;
	const struct outbound_conf *conf;
	const struct account_book *book;
	const char *user; /* "": whoever starts the daemon */
};

static void
rest_say(struct check *check, enum check_state state, size_t n, const char *what)
{
	if (n > LINES_MAX)
		check_say(check, state, "outbound", NULL, "%zu more %s", n - LINES_MAX, what);
}

/* May milter.user use it? */
static bool
user_may(struct outbound_check *o, const char *path, enum access_right right, const char *todo)
{
	struct err err;

	if (o->user[0] == '\0' || access_check(path, o->user, right, &err) == 0 ||
	    err.code != ERR_DENIED)
		return true;
	check_say(o->check, CHECK_FAULT, "outbound", todo, "%s", err.text);
	return false;
}

/* ---- the keyring ---- */

static bool
any_account(const struct outbound_check *o, bool (*is)(const struct account *account))
{
	for (size_t i = 0; i < o->book->n; i++) {
		if (is(o->book->v[i]))
			return true;
	}
	return false;
}

static bool
needs_tokens(const struct account *account)
{
	return sender_has_verp(account) || account->opens || account->clicks ||
	       account->list_unsubscribe || strcmp(account->id_header, "off") != 0;
}

static void
keyring_check(struct outbound_check *o)
{
	const char *path = o->conf->keyring;
	struct keyring keyring;
	struct err err;

	if (keys_load_keyring(path, &keyring, &err) == 0) {
		if (user_may(o, path, ACCESS_READ, readable_todo))
			check_say(o->check, CHECK_OK, "outbound", NULL, "%s: key %u signs tokens",
			    path, keyring_current(&keyring)->id);
		keyring_fini(&keyring);
		return;
	}
	if (err.code == ERR_DENIED)
		check_say(o->check, CHECK_WARNING, "outbound", "run this as root", "%s", err.text);
	else if (any_account(o, needs_tokens))
		check_say(o->check, CHECK_FAULT, "outbound", NULL,
		    "%s; without it no return path and no identifier is made", err.text);
	else if (err.code != ERR_UNAVAILABLE)
		check_say(o->check, CHECK_WARNING, "outbound", NULL, "%s", err.text);
}

/* ---- the keys ---- */

/* A key that accounts name, and the first of them. */
struct wanted_key {
	const char *selector, *domain, *account;
	bool domainkeys;
};

static int
wanted_order(const void *a, const void *b)
{
	const struct wanted_key *left = a, *right = b;
	int order = strcmp(left->domain, right->domain);

	return order != 0 ? order : strcmp(left->selector, right->selector);
}

/* All of them, each once, from malloc(); NULL without memory. */
static struct wanted_key *
wanted_collect(const struct account_book *book, size_t *n_r)
{
	struct wanted_key *v;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < book->n; i++)
		n += book->v[i]->nkeys;
	v = calloc(n + 1, sizeof(*v));
	*n_r = 0;
	n = 0;
	for (size_t i = 0; v != NULL && i < book->n; i++) {
		const struct account *account = book->v[i];

		for (size_t k = 0; k < account->nkeys; k++)
			v[n++] = (struct wanted_key){account->keys[k].selector,
			    account->keys[k].domain, account->name, account->domainkeys};
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), wanted_order);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && wanted_order(&v[kept - 1], &v[i]) == 0)
			v[kept - 1].domainkeys |= v[i].domainkeys;
		else
			v[kept++] = v[i];
	}
	*n_r = kept;
	return v;
}

/* The problems that the loader tells stand in its words. */
struct key_problems {
	struct check *check;
	size_t n;
};

static void
key_problem_say(void *arg, const char *text)
{
	struct key_problems *problems = arg;

	if (problems->n++ < LINES_MAX)
		check_say(problems->check, CHECK_WARNING, "outbound", NULL, "%s", text);
}

/* What was found of the keys that are wanted. */
struct keys_found {
	size_t faults;
	size_t unseen; /* this user may not look: that tells nothing about gatepostd */
	char unseen_path[PATH_BYTES];
	bool no_sha1; /* one is RSA for DomainKeys, and this platform refuses SHA-1 */
};

/* True when it is there, and may be used. */
static bool
key_is_good(struct outbound_check *o, const struct key_table *table,
    const struct wanted_key *wanted, const char *path, struct keys_found *found)
{
	const struct key_entry *entry = key_table_find(table, slice_of(wanted->domain),
	    slice_of(wanted->selector), clock_real.now_s(&clock_real));
	char todo[TODO_BYTES];
	struct sign_facts facts;

	if (entry == NULL || entry->key == NULL) {
		(void)snprintf(todo, sizeof(todo), "gatepostctl key new %.200s %.80s",
		    wanted->domain, wanted->selector);
		if (found->faults < LINES_MAX)
			check_say(o->check, CHECK_FAULT, "outbound",
			    entry == NULL ? todo : "mend the file, or make another key",
			    "account %s: key %s:%s is %s: mail leaves without that signature",
			    wanted->account, wanted->selector, wanted->domain,
			    entry == NULL ? "not there" : entry->reason);
		return false;
	}
	facts = sign_key_facts(entry->key);
	found->no_sha1 |= wanted->domainkeys && facts.kind == SIGN_RSA && !facts.sha1;
	return user_may(o, path, ACCESS_READ, readable_todo);
}

static void
key_check(struct outbound_check *o, const struct key_table *table, const struct wanted_key *wanted,
    struct keys_found *found)
{
	char storage[PATH_BYTES];
	struct buf path = BUF_OVER(storage);

	buf_add_format(&path, "%s/", o->conf->keys);
	buf_add_lower(&path, slice_of(wanted->domain));
	buf_add_char(&path, '/');
	buf_add_lower(&path, slice_of(wanted->selector));
	buf_add_text(&path, ".key");
	if (!access_is_denied(buf_text(&path), ACCESS_READ))
		found->faults += !key_is_good(o, table, wanted, buf_text(&path), found);
	else if (found->unseen++ == 0)
		(void)snprintf(found->unseen_path, PATH_BYTES, "%s", buf_text(&path));
}

static void
unseen_say(struct check *check, const struct keys_found *found)
{
	char todo[CTL_TODO_BYTES];
	struct err err;

	(void)access_denied(found->unseen_path, ACCESS_READ, &err);
	check_say(check, CHECK_WARNING, "outbound",
	    ctl_denied_todo(found->unseen_path, ACCESS_READ, todo), "%s; %zu key%s not checked",
	    err.text, found->unseen, found->unseen == 1 ? "" : "s");
}

static void
keys_check(struct outbound_check *o)
{
	struct key_problems problems = {o->check, 0};
	struct keys_notify notify = {&problems, key_problem_say};
	struct err err;
	struct keys *keys = keys_load(o->conf->keys, NULL, &notify, &err);
	struct keys_found found = {.faults = 0};
	size_t n;
	struct wanted_key *wanted = wanted_collect(o->book, &n);

	if (keys == NULL)
		check_say(o->check, CHECK_FAULT, "outbound", NULL, "%s", err.text);
	rest_say(o->check, CHECK_WARNING, problems.n, "such files");
	for (size_t i = 0; keys != NULL && wanted != NULL && i < n; i++)
		key_check(o, keys_table(keys), &wanted[i], &found);
	rest_say(o->check, CHECK_FAULT, found.faults, "keys that are not there");
	if (found.unseen > 0)
		unseen_say(o->check, &found);
	if (keys != NULL && n > 0 && found.faults + found.unseen == 0)
		check_say(o->check, CHECK_OK, "outbound", NULL,
		    "%zu key%s of the accounts can be used; `gatepostctl key check` asks DNS", n,
		    n == 1 ? "" : "s");
	if (found.no_sha1)
		check_say(o->check, CHECK_WARNING, "outbound",
		    "set account { domainkeys = no }, or have the platform allow SHA-1 signatures",
		    "this platform's policy forbids SHA-1: mail leaves without DomainKeys, signed "
		    "by DKIM alone");
	free(wanted);
	keys_free(keys);
}

/* ---- the accounts ---- */

static void
accounts_check(struct outbound_check *o, const struct senders *senders)
{
	size_t shown = senders->nproblems < SENDERS_PROBLEMS_MAX ? senders->nproblems
								 : SENDERS_PROBLEMS_MAX;

	for (size_t i = 0; i < shown && i < LINES_MAX; i++) {
		const struct sender_problem *problem = &senders->v[i];

		if (problem->account == NULL || problem->option == NULL || problem->text == NULL)
			continue;
		check_say(o->check, CHECK_FAULT, "outbound",
		    problem->account[0] == '\0' ? NULL : "gatepostctl account set", "%s%s%s%s%s%s",
		    problem->account[0] == '\0' ? "" : "account ", problem->account,
		    problem->account[0] == '\0' ? "" : ": ", problem->option,
		    problem->option[0] == '\0' ? "" : ": ", problem->text);
	}
	rest_say(o->check, CHECK_FAULT, senders->nproblems, "problems with accounts");
	if (!o->book->complete)
		check_say(o->check, CHECK_WARNING, "outbound", NULL,
		    "Redis could not be read: accounts that are there are not checked");
	if (senders->nproblems == 0)
		check_say(o->check, CHECK_OK, "outbound", NULL, "%zu account%s, all right",
		    o->book->n, o->book->n == 1 ? "" : "s");
	if (o->conf->default_account[0] != '\0' && o->book->complete &&
	    account_book_find(o->book, o->conf->default_account) == NULL)
		check_say(o->check, CHECK_FAULT, "outbound",
		    "gatepostctl account add, or another outbound.default_account",
		    "outbound.default_account = %s: there is no such account",
		    o->conf->default_account);
}

static void
spool_check(struct outbound_check *o)
{
	const char *path = o->conf->spool;
	bool good = o->user[0] == '\0' ? !access_is_denied(path, ACCESS_WRITE)
				       : user_may(o, path, ACCESS_WRITE,
					     "let milter.user write there, or set outbound.spool");

	if (files_identify(path).ino == 0)
		check_say(o->check, CHECK_FAULT, "outbound", "make it, or set outbound.spool",
		    "outbound.spool = %s is not there: mail above 1 MB cannot be changed", path);
	else if (o->user[0] == '\0' && !good)
		check_say(o->check, CHECK_WARNING, "outbound",
		    "let the daemon's user write there, or set outbound.spool",
		    "outbound.spool = %s: this user may not write there", path);
}

/* ---- the bounce domains ---- */

static bool
all_answered(struct lookup *lookup, const struct sender_domain *v, size_t n)
{
	bool all = true;

	for (size_t i = 0; i < n; i++)
		all &= lookup_ask(lookup, slice_of(v[i].domain), DNS_MX)->status != DNS_PENDING;
	return all;
}

static void
answers_say(struct check *check, struct lookup *lookup, const struct sender_domain *v, size_t n)
{
	size_t good = 0, bad = 0, silent = 0;

	for (size_t i = 0; i < n; i++) {
		enum dns_status status = lookup_ask(lookup, slice_of(v[i].domain), DNS_MX)->status;

		good += status == DNS_FOUND;
		silent += status == DNS_TEMPERROR || status == DNS_PENDING;
		if (status != DNS_NODATA && status != DNS_NXDOMAIN)
			continue;
		if (bad++ < LINES_MAX)
			check_say(check, CHECK_WARNING, "outbound",
			    "`gatepostctl setup postfix` prints the records that are needed",
			    "%s has no MX: bounces do not come back", v[i].domain);
	}
	rest_say(check, CHECK_WARNING, bad, "bounce domains without MX");
	if (silent > 0)
		check_say(check, CHECK_WARNING, "outbound", NULL,
		    "%zu bounce domain%s: DNS did not say whether there is an MX", silent,
		    silent == 1 ? "" : "s");
	if (bad == 0 && silent == 0)
		check_say(check, CHECK_OK, "outbound", NULL, "%zu bounce domain%s with an MX", good,
		    good == 1 ? "" : "s");
}

static void
mx_check(struct outbound_check *o, const struct sender_domain *v, size_t n)
{
	const struct dns_conf *conf = settings_of(o->check->conf, &dns_section);
	struct lookup lookup;
	struct err err;
	struct dns *dns = n == 0 ? NULL : dns_unbound_new(conf, NULL, &err);

	if (dns != NULL) {
		lookup_init(&lookup, dns, clock_real.mono_ms(&clock_real) + conf->timeout_ms);
		while (!all_answered(&lookup, v, n))
			lookup_wait(&lookup);
		answers_say(o->check, &lookup, v, n);
		lookup_fini(&lookup);
	}
	dns_unbound_free(dns);
}

/* Bounces that we do not read are mail that arrives: is it judged? */
static void
optouts_check(struct outbound_check *o, const struct sender_domain *v, size_t n)
{
	struct lists_optouts optouts;
	size_t judged = 0;

	lists_optouts_open(&optouts, o->check->conf, o->check->ctl->admin);
	for (size_t i = 0; optouts.complete && i < n; i++) {
		char todo[TODO_BYTES];

		if (lists_optouts_has(&optouts, v[i].domain) || judged++ >= LINES_MAX)
			continue;
		(void)snprintf(todo, sizeof(todo), "gatepostctl optout %s", v[i].domain);
		check_say(o->check, CHECK_WARNING, "outbound", todo,
		    "bounces to %s are judged like all mail that arrives, and may be refused",
		    v[i].domain);
	}
	rest_say(o->check, CHECK_WARNING, judged, "bounce domains whose bounces are judged");
	lists_optouts_close(&optouts);
}

static void
domains_check(struct outbound_check *o)
{
	const struct sender_domain *v;
	struct arena arena;
	size_t n;

	arena_init(&arena, 4096, DOMAINS_BYTES);
	v = senders_domains(o->book, &arena, &n);
	mx_check(o, v, n < DOMAINS_MAX ? n : DOMAINS_MAX);
	if (n > 0 && !setup_reads_returns(o->check->conf))
		optouts_check(o, v, n);
	arena_fini(&arena);
}

void
check_outbound(struct check *check)
{
	static struct senders senders; /* some kilobytes */
	const struct daemon_conf *daemon = settings_of(check->conf, &daemon_section);
	struct outbound_check o = {
	    .check = check,
	    .conf = settings_of(check->conf, &outbound_section),
	    .user = daemon->user,
	};
	struct err err;

	if (!o.conf->enabled)
		return;
	if (senders_open(&senders, check->conf, &err) != 0) {
		check_say(check, CHECK_FAULT, "outbound", NULL, "%s", err.text);
		return;
	}
	o.book = senders.book;
	if (o.book->n == 0 && senders.nproblems == 0) {
		check_say(check, CHECK_OK, "outbound", NULL, "%s",
		    o.book->complete ? "no accounts: mail that leaves stays as it is"
				     : "no accounts in milter.conf, and Redis could not be read");
	} else {
		accounts_check(&o, &senders);
		keyring_check(&o);
		keys_check(&o);
		spool_check(&o);
		domains_check(&o);
		check_verp(check, senders.book);
		check_returns_age(check, senders.book);
		check_webhooks(check, senders.book);
		check_web(check, senders.book);
	}
	senders_close(&senders);
}
