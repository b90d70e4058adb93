/*
 * log.c - `gatepostctl log`: what happened to mail of the accounts.
 */
#include "account_there.h"
#include "io/store_admin_server.h"
#include "log_print.h"
#include "newest.h"
#include "policy/record_parts.h"
#include "select.h"
#include "words.h"

#include <stdlib.h>

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     100000

/* Of one message, to a list that many read again and again. */
#define MESSAGE_EVENTS_MAX 1000

/* An event is kept when its message ends, or later, after an outage of Redis; and clocks differ. */
#define KEPT_BEFORE_S 300

/* Events of one account in one millisecond whose order is kept. */
#define PLACES 1000

/* What an event must be. */
struct log_filter {
	int64_t since_s, until_s;
	struct slice types; /* with commas; empty: all */
	struct slice msg;   /* what became of that message; empty: of all */
	struct select_field rcpt;
};

struct log_search {
	struct ctl *ctl;
	struct store_admin *admin;
	struct log_filter filter;
	struct newest newest;
	struct table table;
	int64_t now_s;
	int64_t limit; /* 0: all, account after account */
	int64_t found;
	int64_t last_ms; /* when the one before was kept, and how many of the account were then */
	int64_t same;
};

/* Takes the next entry off a list with commas; blanks are not part of it. */
static bool
entry_next(struct slice *list, struct slice *entry_r)
{
	if (list->n == 0)
		return false;
	*entry_r = slice_head(*list, slice_find(*list, ','));
	*list = slice_from(*list, entry_r->n + 1);
	*entry_r = slice_trim(*entry_r);
	return true;
}

static bool
list_has(struct slice list, struct slice word)
{
	struct slice entry;

	while (entry_next(&list, &entry)) {
		if (slice_eq_nocase(entry, word))
			return true;
	}
	return false;
}

/* Of a message to very many, the event has only the first recipients; its record has all. -1: Redis
 * does not say. */
static int
record_has_rcpt(struct log_search *s, const char *account, const struct record *event)
{
	struct store_message *message = NULL;
	struct err err;
	bool found = false;
	int status = store_admin_message_get(
	    s->admin, account, record_get(event, "msg"), &message, &err);

	if (status <= 0)
		return status;
	for (size_t i = 0; i < message->nrcpts && !found; i++)
		found = select_field_has(&s->filter.rcpt, message->rcpts[i].address);
	store_message_free(message);
	return found;
}

static bool
rcpt_is_wanted(struct log_search *s, const char *account, const struct record *event)
{
	struct slice to = record_get(event, "to");
	struct slice all = to;
	struct slice entry;

	if (s->filter.rcpt.kind == SELECT_ANY ||
	    select_field_has(&s->filter.rcpt, record_get(event, "rcpt")))
		return true;
	while (address_list_next(&to, &entry)) {
		if (select_field_has(&s->filter.rcpt, entry))
			return true;
	}
	return slice_ends(all, slice_of("...")) && record_has_rcpt(s, account, event) > 0;
}

static bool
is_wanted(struct log_search *s, const char *account, const struct record *event)
{
	const struct log_filter *filter = &s->filter;
	int64_t time_s = record_number(record_get(event, "time"));

	if (time_s < filter->since_s || time_s > filter->until_s)
		return false;
	if (filter->types.n > 0 && !list_has(filter->types, record_get(event, "type")))
		return false;
	if (filter->msg.n > 0 && (!slice_eq(record_get(event, "msg"), filter->msg) ||
				     slice_eq(record_get(event, "type"), slice_of("sent"))))
		return false;
	return rcpt_is_wanted(s, account, event);
}

/* Where it belongs among the others: those of one millisecond stay in the account's order, which is
 * newest first here. */
static int64_t
place_of(struct log_search *s, int64_t kept_ms)
{
	s->same = kept_ms == s->last_ms && s->same < PLACES - 1 ? s->same + 1 : 0;
	s->last_ms = kept_ms;
	return kept_ms * PLACES + PLACES - 1 - s->same;
}

/* Keeps it for the end, or, when all are wanted, prints it. -1: no memory. */
static int
event_take(struct log_search *s, const struct record *record, int64_t place)
{
	struct log_event *event = log_event_copy(record);

	if (event == NULL)
		return -1;
	if (s->limit > 0)
		return newest_put(&s->newest, place, event);
	log_table_row(&s->table, event, s->now_s);
	free(event);
	return 0;
}

/* One account's events. With a limit the newest come first, and the search ends where no more can be
 * kept. */
static int
account_search(struct log_search *s, const char *account, struct err *err)
{
	struct store_events_range range = {
	    .from_ms = 0, .until_ms = INT64_MAX, .newest_first = s->limit > 0};
	struct store_events *events;
	struct record record;
	int64_t kept_ms = 0;
	int status = 1;

	if (s->filter.since_s > KEPT_BEFORE_S)
		range.from_ms = (s->filter.since_s - KEPT_BEFORE_S) * 1000;
	events = store_admin_events(s->admin, account, &range, err);
	if (events == NULL)
		return -1;
	s->last_ms = -1;
	while (!out_is_dead(&s->ctl->out)) {
		int64_t place;

		status = store_events_next(events, &record, &kept_ms, err);
		place = place_of(s, kept_ms);
		if (status <= 0 || (s->limit > 0 && !newest_wants(&s->newest, place)))
			break;
		if (!is_wanted(s, account, &record))
			continue;
		s->found++;
		if (event_take(s, &record, place) != 0) {
			status = err_set(err, ERR_NOMEM, "no memory");
			break;
		}
	}
	store_events_free(events);
	return status < 0 ? -1 : 0;
}

/* --account, or all that have events: calls visit for each until it returns other than 0. */
static int
accounts_visit(struct log_search *s, struct err *err,
    int (*visit)(struct log_search *s, const char *account, struct err *err))
{
	const char *only = s->ctl->args.value[ARG_ACCOUNT];
	struct store_event_accounts accounts = {.n = 0};
	int status = 0;

	if (only != NULL)
		return visit(s, only, err);
	if (store_admin_event_accounts(s->admin, &accounts, err) != 0)
		return -1;
	for (size_t i = 0; status == 0 && i < accounts.n; i++)
		status = visit(s, accounts.v[i], err);
	store_event_accounts_free(&accounts);
	return status;
}

static int
events_print(struct log_search *s)
{
	struct err err;
	int status;

	if (s->limit > 0)
		newest_init(&s->newest, (size_t)s->limit);
	log_table_begin(&s->table, &s->ctl->out);
	status = accounts_visit(s, &err, account_search);
	if (s->limit > 0) {
		newest_sort(&s->newest);
		for (size_t i = s->newest.n; i > 0; i--)
			log_table_row(&s->table, s->newest.v[i - 1].thing, s->now_s);
		newest_fini(&s->newest);
	}
	table_end(&s->table);
	if (status != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	return CTL_OK;
}

/* --- one message --- */

/* What became of it, into newest. */
static int
message_events_search(
    struct log_search *s, const char *account, const struct store_message *message, struct err *err)
{
	int64_t time_s = record_number(record_get(&message->fields, "time"));

	s->filter = (struct log_filter){.since_s = time_s - KEPT_BEFORE_S, /* clocks differ */
	    .until_s = INT64_MAX,
	    .msg = record_get(&message->fields, "msg")};
	s->limit = MESSAGE_EVENTS_MAX;
	newest_init(&s->newest, (size_t)s->limit);
	if (account_search(s, account, err) != 0)
		return -1;
	newest_sort(&s->newest);
	return 0;
}

/* 1: there it is, and printed. */
static int
message_search(struct log_search *s, const char *account, struct err *err)
{
	struct store_message *message = NULL;
	int status = store_admin_message_get(
	    s->admin, account, slice_of(s->ctl->args.value[ARG_MSG]), &message, err);

	if (status == 1) {
		if (message_events_search(s, account, message, err) == 0)
			log_message_print(&s->ctl->out, message, &s->newest, s->now_s);
		else
			status = -1;
		newest_fini(&s->newest);
	}
	store_message_free(message);
	return status;
}

static int
message_print(struct log_search *s)
{
	const char *id = s->ctl->args.value[ARG_MSG];
	struct err err;
	int status = accounts_visit(s, &err, message_search);

	if (status < 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	if (status == 1)
		return CTL_OK;
	if (s->ctl->out.form == OUT_JSON)
		out_json_end(&s->ctl->out, true);
	return ctl_fail(CTL_NOT_FOUND,
	    "%.40s: there is no message by that id, or it is forgotten (the account's retention)",
	    id);
}

/* --- what is wanted --- */

static int
types_check(struct slice list, struct err *err)
{
	static const struct slice known = SLICE_LIT("sent,refused,suppressed,deferred,bounced,"
						    "complained,delivered,relayed,replied,feedback,"
						    "returned,opened,clicked,unsubscribed");
	struct slice entry;

	while (entry_next(&list, &entry)) {
		if (entry.n == 0 || !list_has(known, entry))
			return err_set(err, ERR_INVALID, "--type %.*s: write some of %s",
			    SLICE_ARG(slice_head(entry, 40)), known.p);
	}
	return 0;
}

static int
filter_read(struct log_search *s, struct err *err)
{
	const struct args *args = &s->ctl->args;
	struct log_filter *filter = &s->filter;

	filter->until_s = INT64_MAX;
	filter->types = slice_of(args->value[ARG_TYPE]);
	if (args->value[ARG_SINCE] != NULL &&
	    words_time_parse(args->value[ARG_SINCE], s->now_s, &filter->since_s) != 0)
		return err_set(err, ERR_INVALID, "--since %.40s: write " WORDS_TIME_FORMS,
		    args->value[ARG_SINCE]);
	if (args->value[ARG_UNTIL] != NULL &&
	    words_time_parse(args->value[ARG_UNTIL], s->now_s, &filter->until_s) != 0)
		return err_set(err, ERR_INVALID, "--until %.40s: write " WORDS_TIME_FORMS,
		    args->value[ARG_UNTIL]);
	if (args->value[ARG_RCPT] != NULL)
		select_mail_address(&filter->rcpt, args->value[ARG_RCPT]);
	return types_check(filter->types, err);
}

static int
account_name_given_check(const struct args *args, struct err *err)
{
	struct err why;

	if (args->value[ARG_ACCOUNT] == NULL ||
	    account_name_check(slice_of(args->value[ARG_ACCOUNT]), &why) == 0)
		return 0;
	return err_set(err, ERR_INVALID, "--account %.40s: %s", args->value[ARG_ACCOUNT], why.text);
}

int
log_command(struct ctl *ctl)
{
	struct log_search s = {.ctl = ctl, .limit = LIMIT_DEFAULT};
	int64_t ahead_ms;
	struct err err;
	int code;

	if (ctl->args.nrcpts > 1)
		return ctl_fail(EX_USAGE, "--rcpt: one at a time");
	if (args_number(&ctl->args, ARG_LIMIT, LIMIT_MAX, &s.limit, &err) != 0 ||
	    account_name_given_check(&ctl->args, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	s.admin = ctl_admin(ctl, &code);
	if (s.admin == NULL)
		return code;
	if (store_admin_time(s.admin, &s.now_s, &ahead_ms, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	if (filter_read(&s, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	if (ctl->args.value[ARG_ACCOUNT] != NULL) {
		code = account_must_be_or_was(
		    ctl, ctl->args.value[ARG_ACCOUNT], store_admin_event_accounts);
		if (code != CTL_OK)
			return code;
	}
	return ctl->args.value[ARG_MSG] != NULL ? message_print(&s) : events_print(&s);
}
