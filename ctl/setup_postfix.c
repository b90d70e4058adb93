/*
 * setup_postfix.c - see setup.h: how Postfix asks gatepostd, and XVERP.
 */
#include "setup_postfix.h"

#include "io/dns.h"
#include "io/redis.h"
#include "outbound_conf.h"
#include "policy/direction.h"
#include "settings.h"

#define ROOM_S            10 /* beyond our own time-outs */
#define TIMEOUT_DEFAULT_S 30 /* of Postfix, and of Sendmail for RCPT here */
#define PROTOCOL          6

int64_t
setup_command_timeout(const struct conf *conf)
{
	const struct redis_conf *redis = settings_of(conf, &redis_section);
	const struct dns_conf *dns = settings_of(conf, &dns_section);
	int64_t seconds = (redis->timeout_ms + dns->timeout_ms) / 1000 + ROOM_S;

	return seconds < TIMEOUT_DEFAULT_S ? TIMEOUT_DEFAULT_S : seconds;
}

struct slice
setup_main_now(const struct setup *s, const char *name)
{
	return s->view == NULL ? slice_make(NULL, 0) : postfix_setting(s->view->settings, name);
}

void
setup_main(struct setup *s, const char *name, const char *value, const char *why)
{
	struct setup_item item = {SETUP_MAIN, name, value, why, SETUP_UNKNOWN, {NULL, 0}};

	if (s->view != NULL) {
		item.now = setup_main_now(s, name);
		item.state = slice_eq(item.now, slice_of(value)) ? SETUP_DONE
			     : item.now.n == 0                   ? SETUP_MISSING
								 : SETUP_OTHER;
	}
	setup_item(s, &item);
}

void
setup_main_list(struct setup *s, const char *name, const char *entry, bool first, const char *why)
{
	struct slice now = setup_main_now(s, name);
	char storage[4096];
	struct buf value = BUF_OVER(storage);

	if (postfix_list_has(now, slice_of(entry))) {
		buf_add(&value, now);
	} else {
		buf_add_text(&value, first ? entry : "");
		if (now.n > 0 && first)
			buf_add_text(&value, ", ");
		buf_add(&value, now);
		if (now.n > 0 && !first)
			buf_add_text(&value, ", ");
		buf_add_text(&value, first ? "" : entry);
	}
	setup_main(s, name, buf_text(&value), why);
}

const char *
setup_path(struct setup *s, const char *name)
{
	struct slice folder = setup_main_now(s, "config_directory");
	char storage[1200];
	struct buf path = BUF_OVER(storage);

	buf_add(&path, folder.n > 0 ? folder : slice_of("/etc/postfix"));
	buf_add_format(&path, "/%s", name);
	return arena_text(&s->arena, buf_slice(&path));
}

/* ---- how we are asked ---- */

/* True when an smtpd, in the chroot or not, finds us in that list. */
static bool
list_names_us(const struct setup *s, struct slice list)
{
	struct postfix_milter milter;

	return postfix_entry_find(s->view, list, false, &milter) ||
	       postfix_entry_find(s->view, list, true, &milter);
}

static void
milters_item(struct setup *s, const char *name, const char *entry, const char *why)
{
	struct slice now = setup_main_now(s, name);
	char storage[4096];
	struct buf value = BUF_OVER(storage);

	if (s->view != NULL && list_names_us(s, now)) {
		buf_add(&value, now);
		setup_main(s, name, buf_text(&value), why);
	} else {
		setup_main_list(s, name, entry, true, why);
	}
}

/* Services with a list of their own, in which we are not. */
static void
services_say(struct setup *s)
{
	struct slice text = s->view->services;
	struct postfix_service service;

	while (postfix_service_next(&text, &service)) {
		if (service.overrides && !list_names_us(s, service.milters))
			setup_comment(s,
			    "Service %.*s has smtpd_milters=%.*s of its own: what comes by it is "
			    "not seen.",
			    SLICE_ARG(service.name), SLICE_ARG(service.milters));
	}
}

static void
action_item(struct setup *s)
{
	struct slice now = setup_main_now(s, "milter_default_action");

	setup_main(s, "milter_default_action",
	    slice_eq(now, slice_of("accept")) ? "accept" : "tempfail",
	    "While gatepostd is down, mail is put off (tempfail), or passes unseen and unsigned "
	    "(accept).");
}

static void
timeout_item(struct setup *s)
{
	int64_t wanted = setup_command_timeout(s->conf);
	int64_t now = postfix_seconds(setup_main_now(s, "milter_command_timeout"));
	char value[32];

	(void)snprintf(value, sizeof(value), "%llds", (long long)(now > wanted ? now : wanted));
	setup_main(s, "milter_command_timeout", value,
	    "Longer than dns.timeout and redis.timeout together.");
	now = postfix_seconds(setup_main_now(s, "milter_protocol"));
	if (s->view == NULL || now < PROTOCOL)
		setup_main(s, "milter_protocol", "6", "The default since Postfix 2.6.");
}

void
setup_postfix_attach(struct setup *s)
{
	const struct daemon_conf *daemon = settings_of(s->conf, &daemon_section);
	struct postfix_view none = {.place = {.listen = daemon->listen}};
	char entry_storage[1200], listen_storage[1200];
	struct buf entry = BUF_OVER(entry_storage);
	struct buf listen = BUF_OVER(listen_storage);

	setup_part(s, "every message by gatepost");
	postfix_entry_suggest(s->view != NULL ? s->view : &none, &entry, &listen);
	if (listen.n > 0)
		setup_item(
		    s, &(struct setup_item){SETUP_CONF, "milter.listen", buf_text(&listen),
			   "smtpd runs in a chroot, and sees the socket below the queue directory "
			   "only. In milter.conf, and restart gatepostd:",
			   SETUP_OTHER, slice_of(daemon->listen)});
	milters_item(s, "smtpd_milters", buf_text(&entry),
	    "First of all filters, so that it sees messages as they were sent. What another filter "
	    "writes behind it breaks signatures: a filter that writes belongs in front.");
	milters_item(s, "non_smtpd_milters", buf_text(&entry),
	    "Mail that programs here hand to sendmail(1).");
	if (s->view != NULL)
		services_say(s);
	action_item(s);
	timeout_item(s);
	setup_comment(
	    s, "gatepostd asks for the macros that it needs: leave milter_*_macros alone.");
}

/* ---- XVERP ---- */

static const char filter_text[] =
    "# smtpd_command_filter: MAIL FROM gets XVERP, once, and never that of the null sender.\n"
    "if !/[[:space:]]XVERP([[:space:]]|=|$)/\n"
    "/^(MAIL FROM:[[:space:]]*<[^>]+>.*)$/ $1 XVERP\n"
    "endif\n";

bool
postfix_is_submission(
    const struct postfix_view *view, const struct conf *conf, const struct postfix_service *service)
{
	static const char *const names[] = {"submission", "submissions", "smtps", "587", "465"};
	const struct direction_conf *direction = settings_of(conf, &direction_section);
	struct slice daemon = postfix_service_setting(view, service, "milter_macro_daemon_name");
	size_t colon = slice_find_last(service->name, ':');
	struct slice port = colon < service->name.n ? slice_from(service->name, colon + 1)
						    : service->name;

	for (size_t i = 0; i < direction->submit_daemons.n; i++) {
		if (slice_eq_nocase(daemon, slice_of(direction->submit_daemons.v[i])))
			return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (slice_eq(port, slice_of(names[i])))
			return true;
	}
	return false;
}

bool
postfix_gives_xverp(const struct postfix_view *view, const struct postfix_service *service)
{
	struct slice table = postfix_service_setting(view, service, "smtpd_command_filter");
	char storage[1024];
	struct buf said = BUF_OVER(storage);
	struct err err;

	return table.n > 0 &&
	       postfix_table_ask(view, table, "MAIL FROM:<ann@gatepost.example>", &said, &err) ==
		   0 &&
	       strstr(buf_text(&said), " XVERP") != NULL;
}

static void
option_item(struct setup *s, const struct postfix_service *service, const char *name,
    const char *value, const char *why)
{
	char storage[512];
	struct buf path = BUF_OVER(storage);
	struct setup_item item = {SETUP_OPTION, NULL, value, why, SETUP_MISSING, {NULL, 0}};

	buf_add(&path, service->name);
	buf_add_format(&path, "/%.*s/%s", SLICE_ARG(service->type), name);
	item.name = buf_text(&path);
	item.now = postfix_service_setting(s->view, service, name);
	if (slice_eq(item.now, slice_of(value)))
		item.state = SETUP_DONE;
	else if (item.now.n > 0)
		item.state = SETUP_OTHER;
	setup_item(s, &item);
}

static void
filter_item(struct setup *s, const struct postfix_service *service, const char *path)
{
	struct slice now = postfix_service_setting(s->view, service, "smtpd_command_filter");
	char value[1300];

	(void)snprintf(value, sizeof(value), "regexp:%s", path);
	if (postfix_gives_xverp(s->view, service))
		(void)snprintf(value, sizeof(value), "%.*s", SLICE_ARG(now));
	option_item(s, service, "smtpd_command_filter", value,
	    now.n > 0 && !slice_eq(now, slice_of(value))
		? "It has another filter: put the lines of that file into it instead."
		: NULL);
	option_item(s, service, "smtpd_authorized_verp_clients", "static:all",
	    "Whoever is not authorized hears 555 to MAIL FROM. Whoever submits is known by login "
	    "or "
	    "network; others are refused at RCPT.");
}

/* Returns how many services there are for submitters only. */
static size_t
submissions_items(struct setup *s, const char *path)
{
	struct slice text = s->view == NULL ? slice_make(NULL, 0) : s->view->services;
	struct postfix_service service;
	size_t n = 0;

	while (postfix_service_next(&text, &service)) {
		if (!postfix_is_submission(s->view, s->conf, &service))
			continue;
		filter_item(s, &service, path);
		n++;
	}
	if (n > 0 || s->view == NULL)
		return n;
	setup_comment(s,
	    "master.cf has no service for submitters only (submission, or with -o "
	    "milter_macro_daemon_name=ORIGINATING): make one, and run this again. Never give this "
	    "filter to the service that strangers use.");
	return 0;
}

static void
delimiters_items(struct setup *s)
{
	const struct outbound_conf *outbound = settings_of(s->conf, &outbound_section);
	struct slice allowed = setup_main_now(s, "verp_delimiter_filter");

	setup_main(s, "default_verp_delimiters", outbound->xverp_delimiters,
	    "As outbound.xverp_delimiters: by these gatepost reads what comes back.");
	if (s->view == NULL || slice_find(allowed, outbound->xverp_delimiters[0]) == allowed.n ||
	    slice_find(allowed, outbound->xverp_delimiters[1]) == allowed.n)
		setup_main(s, "verp_delimiter_filter", "-=+", NULL);
}

static bool
keeps(const struct account *account)
{
	return !sender_has_verp(account);
}

void
setup_postfix_verp(struct setup *s)
{
	char storage[512];
	struct buf names = BUF_OVER(storage);
	const char *path = setup_path(s, "gatepost-commands");

	if (!s->has_senders || path == NULL)
		return;
	setup_part(s, "a return path for each recipient (XVERP)");
	if (setup_names(s, sender_expands, &names) == 0) {
		if (setup_knows_all(s))
			setup_comment(s,
			    "No account has recipients = expand and a bounce_domain: not needed.");
		else
			setup_comment(s, "Whether an account needs it cannot be told.");
		return;
	}
	setup_comment(s, "Wanted by: %s.", buf_text(&names));
	buf_reset(&names);
	if (setup_names(s, keeps, &names) > 0)
		setup_comment(s,
		    "XVERP makes of every sender one for each recipient: also of those whose MAIL "
		    "FROM gatepost keeps (%s), and of mail without account. Have them submit by "
		    "another service.",
		    buf_text(&names));
	setup_file(s, path, filter_text, NULL);
	if (s->view == NULL)
		setup_comment(s,
		    "In master.cf, for services that only submitters use: -o "
		    "smtpd_command_filter=regexp:%s -o smtpd_authorized_verp_clients=static:all",
		    path);
	(void)submissions_items(s, path);
	delimiters_items(s);
}
