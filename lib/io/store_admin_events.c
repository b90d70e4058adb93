/*
 * store_admin_events.c - see store_admin_events.h: events, and whose there are.
 */
#include "io/store_admin_events.h"

#include "io/store_admin_stream.h"
#include "io/store_admin_sweep.h"

#include <stdlib.h>

/* How many names there is room for at first. */
#define NAMES_MIN 64

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

/* Names as they come, some more than once. */
struct names {
	struct store_event_accounts *accounts;
	size_t room;
	const char *prefix;
	bool counted; /* also of whom something is only counted */
};

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

/* Makes room for one more; days by the thousand have the same name. */
static int
names_grow(struct names *names, struct err *err)
{
	struct store_event_accounts *accounts = names->accounts;
	size_t room = names->room == 0 ? NAMES_MIN : 2 * names->room;
	void *more;

	names_sort(accounts);
	if (accounts->n < names->room / 2)
		return 0;
	more = realloc(accounts->v, room * sizeof(*accounts->v));
	if (more == NULL)
		return err_set(err, ERR_NOMEM, "no memory");
	accounts->v = more;
	names->room = room;
	return 0;
}

static int
name_add(struct names *names, struct slice key, struct err *err)
{
	struct store_event_accounts *accounts = names->accounts;
	struct slice name;
	bool ours = redis_key_events_parse(key, names->prefix, &name) == 0 ||
		    (names->counted && redis_key_hits_parse(key, names->prefix, &name) == 0);

	if (!ours || account_name_check(name, NULL) != 0)
		return 0;
	if (accounts->n == names->room && names_grow(names, err) != 0)
		return -1;
	memset(accounts->v[accounts->n], 0, sizeof(*accounts->v));
	memcpy(accounts->v[accounts->n++], name.p, name.n);
	return 0;
}

static int
names_add(void *arg, const struct slice *keys, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (name_add(arg, keys[i], err) != 0)
			return -1;
	}
	return 0;
}

static int
names_find(struct store_admin *admin, const char *pattern, struct names *names, struct err *err)
{
	*names->accounts = (struct store_event_accounts){.v = NULL};
	if (store_admin_sweep(admin, pattern, names_add, names, err) != 0) {
		store_event_accounts_free(names->accounts);
		return -1;
	}
	names_sort(names->accounts);
	return 0;
}

int
store_admin_event_accounts(
    struct store_admin *admin, struct store_event_accounts *accounts_r, struct err *err)
{
	struct names names = {accounts_r, 0, admin->target.conf.prefix, false};

	return names_find(admin, "ev:{*}", &names, err);
}

int
store_admin_report_accounts(
    struct store_admin *admin, struct store_event_accounts *accounts_r, struct err *err)
{
	struct names names = {accounts_r, 0, admin->target.conf.prefix, true};

	/* "ev:{…}" and "hits:{…}:…", and what else comes in one pass */
	return names_find(admin, "[eh]*:{*}*", &names, err);
}

void
store_event_accounts_free(struct store_event_accounts *accounts)
{
	free(accounts->v);
	*accounts = (struct store_event_accounts){.v = NULL};
}
