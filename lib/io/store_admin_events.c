/*
 * store_admin_events.c - see store_admin_events.h: events, and whose there are.
 */
#include "io/store_admin_events.h"

#include "io/redis_command.h"
#include "io/store_admin_stream.h"

#include <stdlib.h>

/* Roughly how many keys one SCAN looks at; how many names there is room for at first. */
#define SCAN_COUNT "1000"
#define NAMES_MIN  64

struct store_events {
	struct store_stream stream;
};

struct store_events *
store_admin_events(struct store_admin *admin, const char *account,
    const struct store_events_range *range, struct err *err)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	struct store_events *events;

	if (account_name_check(slice_of(account), err) != 0)
		return NULL;
	events = calloc(1, sizeof(*events));
	if (events == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	redis_key_events(&key, admin->target.conf.prefix, account);
	store_stream_init(&events->stream, admin, buf_slice(&key));
	store_stream_range(&events->stream, range->from_ms, range->until_ms, !range->newest_first);
	return events;
}

int
store_events_next(
    struct store_events *events, struct record *record_r, int64_t *kept_ms_r, struct err *err)
{
	return store_stream_next(&events->stream, record_r, kept_ms_r, err);
}

void
store_events_free(struct store_events *events)
{
	if (events == NULL)
		return;
	store_stream_fini(&events->stream);
	free(events);
}

/* --- whose --- */

/* Names as they come, some perhaps twice. */
struct names {
	struct store_event_accounts *accounts;
	size_t room;
	const char *prefix;
};

static int
name_add(struct names *names, struct slice key, struct err *err)
{
	struct store_event_accounts *accounts = names->accounts;
	struct slice name;

	if (redis_key_events_parse(key, names->prefix, &name) != 0 ||
	    account_name_check(name, NULL) != 0)
		return 0;
	if (accounts->n == names->room) {
		size_t room = names->room == 0 ? NAMES_MIN : 2 * names->room;
		void *more = realloc(accounts->v, room * sizeof(*accounts->v));

		if (more == NULL)
			return err_set(err, ERR_NOMEM, "no memory");
		accounts->v = more;
		names->room = room;
	}
	memset(accounts->v[accounts->n], 0, sizeof(*accounts->v));
	memcpy(accounts->v[accounts->n++], name.p, name.n);
	return 0;
}

/* One page of SCAN; takes over the cursor for the next. */
static int
page_take(struct names *names, const redisReply *page, char cursor[24], struct err *err)
{
	bool whole = page->elements == 2 && page->element[1]->type == REDIS_REPLY_ARRAY;
	struct slice next = whole ? redis_reply_text(page->element[0]) : slice_make(NULL, 0);

	if (next.n == 0 || next.n >= 24)
		return err_set(err, ERR_IO, "Redis: an odd answer to SCAN");
	memcpy(cursor, next.p, next.n);
	cursor[next.n] = '\0';
	for (size_t i = 0; i < page->element[1]->elements; i++) {
		if (name_add(names, redis_reply_text(page->element[1]->element[i]), err) != 0)
			return -1;
	}
	return 0;
}

static int
name_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
names_sort(struct store_event_accounts *accounts)
{
	size_t n = 0;

	if (accounts->n > 0)
		qsort(accounts->v, accounts->n, sizeof(*accounts->v), name_compare);
	for (size_t i = 0; i < accounts->n; i++) {
		if (n > 0 && strcmp(accounts->v[n - 1], accounts->v[i]) == 0)
			continue;
		memmove(accounts->v[n++], accounts->v[i], sizeof(*accounts->v));
	}
	accounts->n = n;
}

static int
page_ask(struct store_admin *admin, struct names *names, char cursor[24], struct err *err)
{
	char pattern_storage[REDIS_PREFIX_BYTES + 16], storage[REDIS_PREFIX_BYTES + 160];
	struct buf pattern = BUF_OVER(pattern_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *page;
	int status;

	redis_key_events(&pattern, names->prefix, "*");
	redis_command_add(&out, (const char *const[]){"SCAN", cursor, "MATCH", buf_text(&pattern),
				    "COUNT", SCAN_COUNT, NULL});
	page = store_admin_ask(admin, buf_slice(&out), err);
	if (page == NULL)
		return -1;
	status = page_take(names, page, cursor, err);
	freeReplyObject(page);
	return status;
}

int
store_admin_event_accounts(
    struct store_admin *admin, struct store_event_accounts *accounts_r, struct err *err)
{
	struct names names = {accounts_r, 0, admin->target.conf.prefix};
	char cursor[24] = "0";

	*accounts_r = (struct store_event_accounts){.v = NULL};
	do {
		if (page_ask(admin, &names, cursor, err) != 0) {
			store_event_accounts_free(accounts_r);
			return -1;
		}
	} while (strcmp(cursor, "0") != 0);
	names_sort(accounts_r);
	return 0;
}

void
store_event_accounts_free(struct store_event_accounts *accounts)
{
	free(accounts->v);
	*accounts = (struct store_event_accounts){.v = NULL};
}
