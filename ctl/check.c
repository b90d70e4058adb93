/*
 * check.c - `gatepostctl check`: from the configuration to the MTA, in the order in which one thing
 * needs the other.
 */
#include "check.h"

#include "io/files.h"
#include "io/redis.h"
#include "settings.h"

#include <stdarg.h>

#define TEXT_BYTES 1024

/* Where on a terminal the sentences begin: behind the state and the topic. */
#define WHAT_PLACE 19

static const char *const state_names[] = {
    [CHECK_OK] = "ok",
    [CHECK_WARNING] = "warning",
    [CHECK_FAULT] = "fault",
};

static void
terminal_say(
    struct out *out, enum check_state state, const char *topic, const char *what, const char *todo)
{
	static const enum out_style styles[] = {
	    [CHECK_OK] = OUT_GOOD,
	    [CHECK_WARNING] = OUT_WARNING,
	    [CHECK_FAULT] = OUT_BAD,
	};

	out_print(out, styles[state], "%-7s", state_names[state]);
	out_print(out, OUT_NORMAL, "  %-8s  ", topic);
	out_wrapped(out, slice_of(what), WHAT_PLACE);
	if (todo == NULL)
		return;
	out_print(out, OUT_NORMAL, "%*s", WHAT_PLACE, "");
	out_print(out, OUT_BOLD, "-> ");
	out_wrapped(out, slice_of(todo), WHAT_PLACE + 3);
}

static void
pipe_say(
    struct out *out, enum check_state state, const char *topic, const char *what, const char *todo)
{
	out_print(out, OUT_NORMAL, "%s\t%s\t", state_names[state], topic);
	out_slice(out, OUT_NORMAL, slice_of(what));
	out_print(out, OUT_NORMAL, "\t");
	out_slice(out, OUT_NORMAL, slice_of(todo == NULL ? "-" : todo));
	out_print(out, OUT_NORMAL, "\n");
}

static void
json_say(struct check *check, enum check_state state, const char *topic, const char *what,
    const char *todo)
{
	size_t before = check->count[0] + check->count[1] + check->count[2];
	json_t *object = json_object();

	(void)json_object_set_new(object, "state", json_string(state_names[state]));
	(void)json_object_set_new(object, "topic", json_string(topic));
	(void)json_object_set_new(object, "what", out_json_text(slice_of(what)));
	(void)json_object_set_new(
	    object, "todo", todo == NULL ? json_null() : out_json_text(slice_of(todo)));
	out_json(&check->ctl->out, object, before == 0);
}

void
check_say(struct check *check, enum check_state state, const char *topic, const char *todo,
    const char *format, ...)
{
	struct out *out = &check->ctl->out;
	char what[TEXT_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (out->form == OUT_JSON)
		json_say(check, state, topic, what, todo);
	else if (out->form == OUT_PIPE)
		pipe_say(out, state, topic, what, todo);
	else
		terminal_say(out, state, topic, what, todo);
	(void)fflush(out->to); /* what comes next may take a while */
	check->count[state]++;
}

static void
reload_denied_say(void *arg, const char *why)
{
	check_say(arg, CHECK_WARNING, "config",
	    "chgrp it to the group of milter.user, and chmod g+r (a directory: g+x)",
	    "%s: gatepostd starts, but a reload is refused", why);
}

/* False when there is none, and no more to check. */
static bool
check_configuration(struct check *check)
{
	const struct redis_conf *redis;
	char todo[CTL_TODO_BYTES];
	struct err err;

	check->conf = ctl_conf_try(check->ctl, &err);
	if (check->conf == NULL) {
		check_say(check, CHECK_FAULT, "config",
		    err.code == ERR_DENIED
			? ctl_denied_todo(check->ctl->conf_path, ACCESS_READ, todo)
			: "mend it; `gatepostd -t` and this command say when it is right",
		    "%s", err.text);
		return false;
	}
	check_say(check, CHECK_OK, "config", NULL, "%s is right", check->ctl->conf_path);
	redis = settings_of(check->conf, &redis_section);
	if (redis->password[0] != '\0' && files_world_readable(check->ctl->conf_path))
		check_say(check, CHECK_WARNING, "config",
		    "chmod 0640, and chgrp to the group of the daemon's user",
		    "%s holds a password, and everybody may read it", check->ctl->conf_path);
	settings_trial(check->conf, check->ctl->conf_path, reload_denied_say, check);
	return true;
}

static void
check_mta(struct check *check)
{
	bool postfix = check_postfix(check);

	if (!check_sendmail(check) && !postfix)
		check_say(check, CHECK_OK, "mta", NULL,
		    "neither Postfix nor Sendmail on this host; run this where the MTA is, too");
}

static void
closing_say(const struct check *check)
{
	struct out *out = &check->ctl->out;
	size_t faults = check->count[CHECK_FAULT];
	size_t warnings = check->count[CHECK_WARNING];

	if (out->form == OUT_JSON)
		out_json_end(out, false);
	if (out->form != OUT_TERMINAL)
		return;
	out_print(out, OUT_NORMAL, "\n");
	if (faults == 0 && warnings == 0) {
		out_print(out, OUT_GOOD, "all is well\n");
		return;
	}
	out_print(
	    out, faults > 0 ? OUT_BAD : OUT_NORMAL, "%zu fault%s", faults, faults == 1 ? "" : "s");
	out_print(out, OUT_NORMAL, ", ");
	out_print(out, warnings > 0 ? OUT_WARNING : OUT_NORMAL, "%zu warning%s\n", warnings,
	    warnings == 1 ? "" : "s");
}

int
check_command(struct ctl *ctl)
{
	struct check check = {.ctl = ctl};
	bool readable = check_configuration(&check);

	if (readable) {
		check_conf(&check);
		check_redis(&check);
		check_dns(&check);
		check_dnsbl(&check);
		check_public(&check);
		check_socket(&check);
		check_bounces(&check);
		check_outbound(&check);
		check_mta(&check);
	}
	closing_say(&check);
	if (!readable)
		return EX_CONFIG;
	return check.count[CHECK_FAULT] > 0 ? CTL_NOT_FOUND : CTL_OK;
}
