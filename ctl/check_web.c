/*
 * check_web.c - is gatepost-web there for the accounts whose links, pixels and unsubscriptions lead to
 * it?
 */
#include "check_outbound.h"

#include "io/health_probe.h"
#include "settings.h"
#include "web_conf.h"

#define TOPIC    "web"
#define PROBE_MS 3000

/* How many accounts, and the first of them. */
struct some {
	size_t n;
	const char *first;
};

static void
some_add(struct some *some, const struct account *account)
{
	if (some->n++ == 0)
		some->first = account->name;
}

static bool
leads_to_web(const struct account *account)
{
	return account->track_domain[0] != '\0' &&
	       (account->opens || account->clicks || account->list_unsubscribe);
}

/* Mail programs offer one click for https alone (RFC 8058). */
static bool
is_without_one_click(const struct account *account)
{
	return account->track_domain[0] != '\0' && account->list_unsubscribe &&
	       account->track_scheme == SCHEME_HTTP;
}

static void
health_check(struct check *check, const struct some *users)
{
	const struct web_conf *web = settings_of(check->conf, &web_section);
	struct err err;

	if (web->status[0] == '\0')
		return; /* then it cannot be asked */
	if (health_probe(web->status, PROBE_MS, &err) == 0)
		check_say(check, CHECK_OK, TOPIC, NULL, "gatepost-web answers at %s", web->status);
	else
		check_say(check, CHECK_WARNING, TOPIC,
		    "systemctl enable --now gatepost-web, unless it runs on another host",
		    "gatepost-web at %s: %s: links, pixels and unsubscriptions of %zu account%s, "
		    "%s's first, lead nowhere",
		    web->status, err.text, users->n, users->n == 1 ? "" : "s", users->first);
}

void
check_web(struct check *check, const struct account_book *book)
{
	struct some users = {.n = 0}, clickless = {.n = 0};

	for (size_t i = 0; i < book->n; i++) {
		if (leads_to_web(book->v[i]))
			some_add(&users, book->v[i]);
		if (is_without_one_click(book->v[i]))
			some_add(&clickless, book->v[i]);
	}
	if (users.n > 0)
		health_check(check, &users);
	if (clickless.n > 0)
		check_say(check, CHECK_WARNING, TOPIC,
		    "gatepostctl account set NAME track_scheme=https, with TLS at gatepost-web or "
		    "a "
		    "proxy before it",
		    "%zu account%s, %s first: list_unsubscribe by http (track_scheme) has no one "
		    "click, which large providers ask of bulk mail",
		    clickless.n, clickless.n == 1 ? "" : "s", clickless.first);
}
