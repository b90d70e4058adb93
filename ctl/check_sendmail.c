/*
 * check_sendmail.c - does Sendmail, if it is on this host, ask gatepostd? Read from sendmail.cf:
 *
 *	O InputMailFilters=gatepost
 *	Xgatepost, S=local:/run/gatepost/gatepostd.sock, F=T, T=S:30s;R:30s
 */
#include "check.h"

#include "io/files.h"
#include "settings.h"

#define SENDMAIL_CF  "/etc/mail/sendmail.cf"
#define CF_MAX_BYTES ((size_t)1024 * 1024)

/* A filter's line, taken apart. */
struct filter {
	struct slice name;
	struct slice socket; /* "local:/…", "inet:port@host" */
	struct slice flags;  /* what when it is down: T (tempfail), R (reject), empty (accept) */
};

/* Cuts the part before the next `mark` off, without blanks around it. */
static struct slice
part_next(struct slice *text, char mark)
{
	struct slice part = slice_head(*text, slice_find(*text, mark));

	*text = slice_from(*text, part.n + 1);
	return slice_trim(part);
}

/* True when both name the same place: "unix:" and "local:" are one. */
static bool
socket_is(struct slice socket, const char *listen)
{
	struct slice ours = slice_of(listen);
	struct slice kind = slice_head(socket, slice_find(socket, ':'));
	bool local = slice_eq(kind, slice_of("unix")) || slice_eq(kind, slice_of("local"));

	if (local != (listen[0] != 'i'))
		return false;
	return slice_eq(
	    slice_from(socket, slice_find(socket, ':')), slice_from(ours, slice_find(ours, ':')));
}

/* "Xgatepost, S=…, F=…, T=…" */
static bool
filter_parse(struct slice line, struct filter *filter_r)
{
	if (line.n == 0 || line.p[0] != 'X')
		return false;
	line = slice_from(line, 1);
	*filter_r = (struct filter){.name = part_next(&line, ',')};
	while (line.n > 0) {
		struct slice part = part_next(&line, ',');

		if (slice_starts(part, slice_of("S=")))
			filter_r->socket = slice_trim(slice_from(part, 2));
		else if (slice_starts(part, slice_of("F=")))
			filter_r->flags = slice_trim(slice_from(part, 2));
	}
	return filter_r->socket.n > 0;
}

/* The filter with our socket; false when there is none. */
static bool
filter_find(struct slice text, const char *listen, struct filter *filter_r)
{
	while (text.n > 0) {
		struct slice line = part_next(&text, '\n');

		if (filter_parse(line, filter_r) && socket_is(filter_r->socket, listen))
			return true;
	}
	return false;
}

/* True when the option InputMailFilters has that name. */
static bool
filter_is_used(struct slice text, struct slice name)
{
	static const struct slice option = SLICE_LIT("O InputMailFilters=");

	while (text.n > 0) {
		struct slice line = part_next(&text, '\n');
		struct slice names = slice_from(line, option.n);

		while (slice_starts(line, option) && names.n > 0) {
			if (slice_eq(part_next(&names, ','), name))
				return true;
		}
	}
	return false;
}

static void
flags_say(struct check *check, const struct filter *filter)
{
	if (filter->flags.n == 0)
		check_say(check, CHECK_OK, "sendmail", NULL,
		    "no F= there: while gatepostd is down, mail passes unseen");
	else if (filter->flags.p[0] == 'T' || filter->flags.p[0] == '4')
		check_say(check, CHECK_OK, "sendmail", NULL,
		    "F=%.*s: while gatepostd is down, mail is put off", SLICE_ARG(filter->flags));
	else
		check_say(check, CHECK_WARNING, "sendmail", "write F=T, or no F= at all",
		    "F=%.*s: while gatepostd is down, mail is refused", SLICE_ARG(filter->flags));
}

static void
text_check(struct check *check, const char *path, struct slice text)
{
	const struct daemon_conf *daemon = settings_of(check->conf, &daemon_section);
	struct filter filter;
	char storage[1200];
	struct buf todo = BUF_OVER(storage);

	if (!filter_find(text, daemon->listen, &filter)) {
		buf_add_format(&todo,
		    "INPUT_MAIL_FILTER(`gatepost', `S=%s, T=S:30s;R:30s') in sendmail.mc",
		    daemon->listen);
		check_say(check, CHECK_WARNING, "sendmail", buf_text(&todo),
		    "%s has no filter at %s: no mail is asked about", path, daemon->listen);
		return;
	}
	if (!filter_is_used(text, filter.name)) {
		check_say(check, CHECK_WARNING, "sendmail",
		    "INPUT_MAIL_FILTER in sendmail.mc adds it; MAIL_FILTER alone does not",
		    "%s knows the filter %.*s, but InputMailFilters does not name it", path,
		    SLICE_ARG(filter.name));
		return;
	}
	check_say(check, CHECK_OK, "sendmail", NULL, "%s asks the filter %.*s at %s", path,
	    SLICE_ARG(filter.name), daemon->listen);
	flags_say(check, &filter);
}

bool
check_sendmail(struct check *check)
{
	const char *given = check->ctl->args.value[ARG_SENDMAIL];
	const char *path = given != NULL ? given : SENDMAIL_CF;
	struct arena arena;
	struct slice text;
	struct err err;
	bool found;

	arena_init(&arena, 16384, CF_MAX_BYTES + 4096);
	found = files_read(path, CF_MAX_BYTES, &arena, &text, &err) == 0;
	if (found)
		text_check(check, path, text);
	else if (given != NULL)
		check_say(check, CHECK_WARNING, "sendmail", NULL, "%s", err.text);
	arena_fini(&arena);
	return found || given != NULL;
}
