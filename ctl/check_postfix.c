/*
 * check_postfix.c - does Postfix, if it is on this host, ask gatepostd, and how?
 */
#include "check.h"

#include "io/access.h"
#include "io/dns.h"
#include "io/redis.h"
#include "postfix_view.h"
#include "settings.h"

#include <inttypes.h>

#define TODO_BYTES 128

/* Postfix's milter_command_timeout, and what it should have beyond our own time-outs. */
#define TIMEOUT_DEFAULT_S 30
#define ROOM_S            10

#define MILTER_VERSION 6 /* of the protocol: the first that can do without an answer */

static void
attach_suggest(const struct postfix_view *view, struct buf *out)
{
	char entry_storage[1100], listen_storage[1100];
	struct buf entry = BUF_OVER(entry_storage);
	struct buf listen = BUF_OVER(listen_storage);

	postfix_entry_suggest(view, &entry, &listen);
	if (listen.n > 0)
		buf_add_format(out,
		    "smtpd runs in the chroot %.*s: set milter.listen = %s, restart gatepostd, "
		    "and ",
		    SLICE_ARG(view->place.queue_directory), buf_text(&listen));
	buf_add_format(out, "postconf -e 'smtpd_milters = %s' && postfix reload", buf_text(&entry));
}

/* An entry that would be ours, were it not for the chroot. */
static void
chroot_say(struct postfix_view *view, const struct postfix_service *service)
{
	struct slice folder = view->place.queue_directory;

	if (service->chroot)
		check_say(view->check, CHECK_FAULT, "postfix",
		    "listen below the queue directory and name the socket relative to it "
		    "(unix:gatepost/gatepostd.sock), or set chroot to n in master.cf",
		    "service %.*s runs in the chroot %.*s, where %s is not to be seen",
		    SLICE_ARG(service->name), SLICE_ARG(folder),
		    strchr(view->place.listen, ':') + 1);
	else
		check_say(view->check, CHECK_FAULT, "postfix",
		    "name the socket relative to the queue directory, without the leading /",
		    "service %.*s does not run in the chroot %.*s, and looks for the socket "
		    "elsewhere",
		    SLICE_ARG(service->name), SLICE_ARG(folder));
}

static void
list_add(struct buf *out, struct slice name)
{
	if (out->n > 0)
		buf_add_text(out, ", ");
	buf_add(out, slice_head(name, 40));
}

/* Who asks us, of the services that run smtpd. True when somebody does. */
static bool
services_check(struct postfix_view *view)
{
	char with_storage[400], without_storage[400];
	struct buf with = BUF_OVER(with_storage);
	struct buf without = BUF_OVER(without_storage);
	struct slice everywhere = postfix_setting(view->settings, "smtpd_milters");
	struct slice text = view->services;
	struct postfix_service service;
	struct postfix_milter milter;

	while (postfix_service_next(&text, &service)) {
		struct slice list = service.overrides ? service.milters : everywhere;

		if (postfix_entry_find(view, list, service.chroot, &milter)) {
			view->milter = milter;
			list_add(&with, service.name);
		} else if (postfix_entry_find(view, list, !service.chroot, &milter)) {
			chroot_say(view, &service);
		} else {
			list_add(&without, service.name);
		}
	}
	if (with.n > 0)
		check_say(view->check, CHECK_OK, "postfix", NULL,
		    "smtpd_milters: mail that comes by %s is asked about%s%s", buf_text(&with),
		    without.n > 0 ? ", not by " : "", buf_text(&without));
	return with.n > 0 || without.n == 0;
}

static void
nobody_say(struct postfix_view *view)
{
	char storage[1024];
	struct buf todo = BUF_OVER(storage);

	attach_suggest(view, &todo);
	check_say(view->check, CHECK_WARNING, "postfix", buf_text(&todo),
	    "smtpd_milters does not name %s: no mail is asked about", view->place.listen);
}

static void
action_check(struct postfix_view *view)
{
	struct slice action = postfix_entry_setting(
	    view, "default_action", "milter_default_action");

	if (slice_eq(action, slice_of("accept")))
		check_say(view->check, CHECK_OK, "postfix", NULL,
		    "milter_default_action = accept: while gatepostd is down, mail passes unseen");
	else if (slice_eq(action, slice_of("tempfail")))
		check_say(view->check, CHECK_OK, "postfix", NULL,
		    "milter_default_action = tempfail: while gatepostd is down, mail is put off");
	else
		check_say(view->check, CHECK_WARNING, "postfix",
		    "postconf -e milter_default_action=accept (or tempfail)",
		    "milter_default_action = %.*s: what happens while gatepostd is down",
		    SLICE_ARG(action));
}

static void
protocol_check(struct postfix_view *view)
{
	struct slice text = postfix_entry_setting(view, "protocol", "milter_protocol");
	int64_t version = postfix_seconds(slice_head(text, slice_find(text, ' ')));

	if (version >= 0 && version < MILTER_VERSION)
		check_say(view->check, CHECK_WARNING, "postfix", "postconf -e milter_protocol=6",
		    "milter_protocol = %.*s is too old for some of what gatepostd asks for",
		    SLICE_ARG(text));
}

/* What leaves room for us; never less than Postfix's own default. */
static void
timeout_suggest(const struct postfix_view *view, int64_t ours_ms, char todo[TODO_BYTES])
{
	bool own = postfix_milter_setting(&view->milter, "command_timeout").n > 0;
	int64_t seconds = ours_ms / 1000 + ROOM_S;

	if (seconds < TIMEOUT_DEFAULT_S)
		seconds = TIMEOUT_DEFAULT_S;
	(void)snprintf(todo, TODO_BYTES,
	    own ? "lower dns.timeout or redis.timeout, or write command_timeout=%" PRId64
		  "s into that entry of smtpd_milters"
		: "lower dns.timeout or redis.timeout, or postconf -e "
		  "milter_command_timeout=%" PRId64 "s",
	    seconds);
}

static void
timeouts_check(struct postfix_view *view)
{
	const struct redis_conf *redis = settings_of(view->check->conf, &redis_section);
	const struct dns_conf *dns = settings_of(view->check->conf, &dns_section);
	int64_t ours_ms = redis->timeout_ms + dns->timeout_ms; /* one step may wait for both */
	struct slice text = postfix_entry_setting(
	    view, "command_timeout", "milter_command_timeout");
	int64_t seconds = postfix_seconds(text);
	char todo[TODO_BYTES];

	timeout_suggest(view, ours_ms, todo);
	if (seconds >= 0 && seconds * 1000 <= ours_ms)
		check_say(view->check, CHECK_FAULT, "postfix", todo,
		    "milter_command_timeout = %.*s is over before dns.timeout and redis.timeout "
		    "(%" PRId64 " ms together)",
		    SLICE_ARG(text), ours_ms);
	else if (seconds >= 0)
		check_say(view->check, CHECK_OK, "postfix", NULL,
		    "milter_command_timeout = %.*s leaves room for dns.timeout and redis.timeout "
		    "(%" PRId64 " ms together)",
		    SLICE_ARG(text), ours_ms);
	text = postfix_entry_setting(view, "connect_timeout", "milter_connect_timeout");
	if (postfix_seconds(text) >= 0 && postfix_seconds(text) < 1)
		check_say(view->check, CHECK_WARNING, "postfix",
		    "postconf -e milter_connect_timeout=30s", "milter_connect_timeout = %.*s",
		    SLICE_ARG(text));
}

static void
local_mail_check(struct postfix_view *view)
{
	struct postfix_milter milter;

	if (postfix_entry_find(
		view, postfix_setting(view->settings, "non_smtpd_milters"), false, &milter))
		check_say(view->check, CHECK_OK, "postfix", NULL,
		    "non_smtpd_milters: local mail passes gatepostd; greylisting never puts it "
		    "off");
}

static void
connect_check(struct postfix_view *view)
{
	struct slice owner = postfix_setting(view->settings, "mail_owner");
	const char *path = strchr(view->place.listen, ':') + 1;
	char user[64];
	struct err err;

	if (view->place.listen[0] == 'i' || owner.n == 0)
		return;
	(void)snprintf(user, sizeof(user), "%.*s", SLICE_ARG(owner));
	if (access_check(path, user, ACCESS_WRITE, &err) == 0)
		check_say(view->check, CHECK_OK, "postfix", NULL, "user %s may connect to %s", user,
		    path);
	else if (err.code == ERR_DENIED)
		check_say(view->check, CHECK_FAULT, "postfix",
		    "set milter.socket_group to a group of that user, and let it enter the "
		    "directories above",
		    "%s", err.text);
	else if (err.code == ERR_INVALID)
		check_say(view->check, CHECK_WARNING, "postfix", "see mail_owner in main.cf", "%s",
		    err.text);
	/* else there is no socket, which was said before */
}

static void
view_check(struct postfix_view *view)
{
	if (!services_check(view)) {
		nobody_say(view);
		return;
	}
	connect_check(view);
	if (view->milter.endpoint.n == 0)
		return;
	action_check(view);
	protocol_check(view);
	timeouts_check(view);
	local_mail_check(view);
}

bool
check_postfix(struct check *check)
{
	static struct postfix_view view; /* half a megabyte: no place on the stack */
	struct err err;

	view = (struct postfix_view){.check = check, .folder = check->ctl->args.value[ARG_POSTFIX]};
	view.place.listen =
	    ((const struct daemon_conf *)settings_of(check->conf, &daemon_section))->listen;
	if (postfix_view_read(&view, &err) == 0) {
		view_check(&view);
		return true;
	}
	if (err.code == ERR_INVALID)
		return false; /* no postconf */
	check_say(check, CHECK_WARNING, "postfix", NULL, "%s", err.text);
	return true;
}
