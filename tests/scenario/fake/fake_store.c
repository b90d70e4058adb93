/*
 * fake_store.c - see fake_store.h.
 */
#include "fake_store.h"

#include "io/store_memory.h"

#include <stdlib.h>

#define CAPACITY    50000
#define ENTRIES_MAX 64
#define ENTRY_BYTES 128
#define HOURS_BACK  (400 * 24) /* as far as scenarios go */

struct kept_event {
	struct event event;
	char account[FAKE_ACCOUNT_BYTES];
};

/* What came back about one recipient. */
struct kept_return {
	char who[FAKE_ACCOUNT_BYTES + SUPPRESSION_KEY_BYTES]; /* "ACCOUNT RCPT" */
	struct suppress_soft soft;
	char seen[2000]; /* " MESSAGE/KIND MESSAGE/KIND" */
};

struct fake_store {
	struct store ops; /* first */
	struct store *memory;
	const struct clock_port *clock;
	bool down;
	char entries[STORE_LISTS][ENTRIES_MAX][ENTRY_BYTES];
	size_t nentries[STORE_LISTS];
	struct record record; /* the last one; n = 0: none */
	size_t nrecords;
	struct kept_event *events[FAKE_EVENTS_MAX];
	size_t nevents;
	struct fake_message *messages[FAKE_EVENTS_MAX];
	size_t nmessages;
	struct kept_return *returns[FAKE_EVENTS_MAX];
	size_t nreturns;
};

static struct fake_store *
fake_of(struct store *store)
{
	return (struct fake_store *)(void *)store;
}

static int
fake_grey_step(struct store *store, const struct grey_request *request, struct grey_step *step_r,
    struct err *err)
{
	struct store *memory = fake_of(store)->memory;

	if (fake_of(store)->down)
		return err_set(err, ERR_UNAVAILABLE, "the scenario says that the store is down");
	return memory->grey_step(memory, request, step_r, err);
}

static bool
fake_has_network(struct store *store, enum store_list list, const struct net_addr *addr)
{
	struct store *memory = fake_of(store)->memory;

	return memory->has_network(memory, list, addr);
}

static bool
fake_has_address(struct store *store, enum store_list list, const struct address *addr)
{
	struct store *memory = fake_of(store)->memory;

	return memory->has_address(memory, list, addr);
}

static bool
fake_has_name(struct store *store, enum store_list list, struct slice name)
{
	struct store *memory = fake_of(store)->memory;

	return memory->has_name(memory, list, name);
}

static void
fake_note_zone(struct store *store, const struct dnsbl_note *note)
{
	struct store *memory = fake_of(store)->memory;

	memory->note_zone(memory, note);
}

static void
fake_met(
    struct store *store, const struct address *local, const struct address *remote, int64_t ttl_s)
{
	struct store *memory = fake_of(store)->memory;

	memory->met(memory, local, remote, ttl_s);
}

static void
fake_count(struct store *store, unsigned stat, int64_t unix_s, int64_t n)
{
	struct store *memory = fake_of(store)->memory;

	memory->count(memory, stat, unix_s, n);
}

static void
fake_record(struct store *store, const struct record *record, int64_t keep)
{
	struct fake_store *fake = fake_of(store);

	if (keep <= 0)
		return;
	record_init(&fake->record);
	for (size_t i = 0; i < record->n; i++)
		record_add(&fake->record, record->v[i].name, record->v[i].value);
	fake->nrecords++;
}

static int
fake_send_step(struct store *store, const struct send_request *request, struct send_step *step_r,
    struct err *err)
{
	struct store *memory = fake_of(store)->memory;

	if (fake_of(store)->down && send_is_question(request))
		return err_set(err, ERR_UNAVAILABLE, "the scenario says that the store is down");
	return memory->send_step(memory, request, step_r, err);
}

/* A record points into itself: a copy must be made anew. */
static void
event_copy(struct event *to, char account[FAKE_ACCOUNT_BYTES], const struct event *from)
{
	struct buf name;

	buf_init(&name, account, FAKE_ACCOUNT_BYTES);
	buf_add_text(&name, from->account);
	to->account = buf_text(&name);
	record_init(&to->fields);
	for (size_t i = 0; i < from->fields.n; i++)
		record_add(&to->fields, from->fields.v[i].name, from->fields.v[i].value);
}

static void
fake_event(struct store *store, const struct event *event, const struct event_terms *terms)
{
	struct fake_store *fake = fake_of(store);
	struct kept_event *kept;

	if (terms->keep <= 0 || terms->retention_s <= 0)
		return;
	if (fake->nevents < FAKE_EVENTS_MAX) {
		kept = calloc(1, sizeof(*kept));
		if (kept == NULL)
			return;
		event_copy(&kept->event, kept->account, event);
		fake->events[fake->nevents] = kept;
	}
	fake->nevents++;
}

static void
fake_message(struct store *store, const struct event *sent, const struct address *const *rcpts,
    size_t nrcpts, int64_t ttl_s)
{
	struct fake_store *fake = fake_of(store);
	struct fake_message *kept;
	struct buf text;

	if (fake->nmessages < FAKE_EVENTS_MAX) {
		kept = calloc(1, sizeof(*kept));
		if (kept == NULL)
			return;
		event_copy(&kept->sent, kept->account, sent);
		buf_init(&text, kept->rcpts, sizeof(kept->rcpts));
		for (size_t i = 0; i < nrcpts; i++) {
			buf_add_text(&text, i > 0 ? " " : "");
			buf_add(&text, rcpts[i]->text);
		}
		(void)buf_text(&text);
		kept->nrcpts = nrcpts;
		kept->ttl_s = ttl_s;
		fake->messages[fake->nmessages] = kept;
	}
	fake->nmessages++;
}

static const struct fake_message *
message_find(const struct fake_store *fake, const char *account, struct slice id)
{
	for (size_t i = 0; i < fake->nmessages && i < FAKE_EVENTS_MAX; i++) {
		const struct fake_message *m = fake->messages[i];

		if (strcmp(m->account, account) == 0 &&
		    slice_eq(record_get(&m->sent.fields, "msg"), id))
			return m;
	}
	return NULL;
}

/* Is it among "a@x b@y"? */
static bool
is_named(struct slice names, struct slice name)
{
	while (names.n > 0) {
		struct slice one = slice_head(names, slice_find(names, ' '));

		if (slice_eq_nocase(one, name))
			return true;
		names = slice_from(names, one.n + 1);
	}
	return false;
}

static int
fake_sent(struct store *store, const struct sent_question *question, struct sent_message *message_r,
    struct err *err)
{
	const struct fake_message *m = message_find(
	    fake_of(store), question->account, question->id);
	struct slice names = slice_of(m == NULL ? "" : m->rcpts);

	*message_r = (struct sent_message){.known = m != NULL};
	if (fake_of(store)->down)
		return err_set(err, ERR_UNAVAILABLE, "the scenario says that the store is down");
	for (size_t i = 0; i < question->nrcpts; i++)
		question->had_r[i] = is_named(names, question->rcpts[i].text);
	if (m == NULL)
		return 0;
	message_r->nrcpts = (int64_t)m->nrcpts;
	if (m->nrcpts == 1) {
		message_r->only_n = names.n;
		memcpy(message_r->only, names.p, names.n);
	}
	return 0;
}

static struct kept_return *
return_find(struct fake_store *fake, const char *who)
{
	for (size_t i = 0; i < fake->nreturns; i++) {
		if (strcmp(fake->returns[i]->who, who) == 0)
			return fake->returns[i];
	}
	if (fake->nreturns == FAKE_EVENTS_MAX)
		return NULL;
	fake->returns[fake->nreturns] = calloc(1, sizeof(struct kept_return));
	if (fake->returns[fake->nreturns] == NULL)
		return NULL;
	memcpy(fake->returns[fake->nreturns]->who, who, strlen(who) + 1);
	return fake->returns[fake->nreturns++];
}

/* By the rule itself, as Redis does it. */
static void
return_rule(struct fake_store *fake, const struct suppress_request *request,
    struct kept_return *kept, struct suppress_step *step)
{
	const struct send_request asked = {
	    .account = request->account, .rcpts = &request->rcpt, .nrcpts = 1, .count = 1};
	struct send_step known;
	struct suppress_ruling ruling;

	if (fake->memory->send_step(fake->memory, &asked, &known, NULL) == 0 && !known.for_all)
		step->state.entry = known.suppressed;
	step->state.soft = kept->soft;
	ruling = suppress_rule(&step->state, request->what, &request->terms, step->now_s);
	step->outcome = ruling.outcome;
	kept->soft = step->state.soft;
	if (ruling.entry_changed)
		(void)store_memory_suppress(
		    fake->memory, request->account, request->rcpt, &step->state.entry, NULL);
}

static int
fake_returned(struct store *store, const struct suppress_request *request,
    struct suppress_step *step_r, struct err *err)
{
	struct fake_store *fake = fake_of(store);
	char who_storage[FAKE_ACCOUNT_BYTES + SUPPRESSION_KEY_BYTES], mark_storage[200];
	struct buf who = BUF_OVER(who_storage), mark = BUF_OVER(mark_storage), seen;
	struct kept_return *kept;

	*step_r = (struct suppress_step){.now_s = fake->clock->now_s(fake->clock)};
	if (fake->down)
		return err_set(err, ERR_UNAVAILABLE, "the scenario says that the store is down");
	buf_add_format(&who, "%s ", request->account);
	suppression_key(request->rcpt, &who);
	buf_add_format(
	    &mark, " %.*s/%s", SLICE_ARG(request->id), suppress_return_name(request->what));
	kept = return_find(fake, buf_text(&who));
	if (kept == NULL)
		return err_set(err, ERR_LIMIT, "the fake store is full");
	step_r->seen = strstr(kept->seen, buf_text(&mark)) != NULL;
	if (step_r->seen)
		return 0;
	buf_init(&seen, kept->seen, sizeof(kept->seen));
	seen.n = strlen(kept->seen);
	buf_add(&seen, buf_slice(&mark));
	(void)buf_text(&seen);
	return_rule(fake, request, kept, step_r);
	if (request->event != NULL)
		fake_event(store, request->event, &request->event_terms);
	return 0;
}

/* As an event, where the account's privacy lets it be one. */
static void
fake_hit(struct store *store, const struct hit_note *note)
{
	const struct hit_terms terms = {HIT_IN(note->privacy), note->account, note->keyring};
	const struct event_terms keep = {note->retention_s, note->keep};
	struct event event = {.account = note->account};
	struct hit_fields fields;

	if (note->privacy > PRIVACY_PSEUDONYMOUS)
		return;
	hit_fields_make(&fields, note->hit, note->verdict, &terms);
	record_init(&event.fields);
	for (size_t i = 0; i < fields.record.n; i++)
		record_add(&event.fields, fields.record.v[i].name, fields.record.v[i].value);
	fake_event(store, &event, &keep);
}

struct store *
fake_store_new(const struct clock_port *clock)
{
	struct fake_store *fake = calloc(1, sizeof(*fake));
	struct err err;

	if (fake == NULL)
		return NULL;
	fake->ops = (struct store){.grey_step = fake_grey_step,
	    .has_network = fake_has_network,
	    .has_address = fake_has_address,
	    .has_name = fake_has_name,
	    .met = fake_met,
	    .count = fake_count,
	    .note_zone = fake_note_zone,
	    .record = fake_record,
	    .send_step = fake_send_step,
	    .event = fake_event,
	    .message = fake_message,
	    .sent = fake_sent,
	    .returned = fake_returned,
	    .hit = fake_hit};
	fake->clock = clock;
	fake->memory = store_memory_new(CAPACITY, clock, &err);
	if (fake->memory == NULL) {
		free(fake);
		return NULL;
	}
	return &fake->ops;
}

void
fake_store_free(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < FAKE_EVENTS_MAX; i++) {
		free(fake_of(store)->events[i]);
		free(fake_of(store)->messages[i]);
		free(fake_of(store)->returns[i]);
	}
	store_memory_free(fake_of(store)->memory);
	free(fake_of(store));
}

void
fake_store_set_down(struct store *store, bool down)
{
	fake_of(store)->down = down;
}

int
fake_store_list_add(struct store *store, enum store_list list, const char *entry)
{
	struct fake_store *fake = fake_of(store);
	struct slice members[ENTRIES_MAX];
	size_t n = fake->nentries[list];
	struct err err;

	if (n == ENTRIES_MAX || strlen(entry) >= ENTRY_BYTES)
		return -1;
	memcpy(fake->entries[list][n], entry, strlen(entry) + 1);
	fake->nentries[list] = ++n;
	for (size_t i = 0; i < n; i++)
		members[i] = slice_of(fake->entries[list][i]);
	return store_memory_set_list(fake->memory, list, members, n, &err) == 0 ? 0 : -1;
}

int64_t
fake_store_stat(struct store *store, unsigned stat)
{
	struct fake_store *fake = fake_of(store);
	int64_t now = fake->clock->now_s(fake->clock);
	int64_t sum = 0;

	for (int64_t hour = 0; hour < HOURS_BACK; hour++) {
		int64_t counts[STAT_COUNT];

		store_memory_counts(fake->memory, now - hour * 3600, counts);
		sum += counts[stat];
	}
	return sum;
}

const struct record *
fake_store_record(struct store *store)
{
	return fake_of(store)->record.n > 0 ? &fake_of(store)->record : NULL;
}

size_t
fake_store_records(struct store *store)
{
	return fake_of(store)->nrecords;
}

size_t
fake_store_events(struct store *store)
{
	return fake_of(store)->nevents;
}

const struct event *
fake_store_event(struct store *store, size_t i)
{
	struct fake_store *fake = fake_of(store);

	return i < FAKE_EVENTS_MAX && i < fake->nevents ? &fake->events[i]->event : NULL;
}

size_t
fake_store_messages(struct store *store)
{
	return fake_of(store)->nmessages;
}

const struct fake_message *
fake_store_message(struct store *store, size_t i)
{
	return i < FAKE_EVENTS_MAX ? fake_of(store)->messages[i] : NULL;
}

int
fake_store_suppress(struct store *store, const char *account, const char *rcpt, const char *entry)
{
	struct address to = address_parse(slice_of(rcpt));
	struct suppression suppression = {.reason = SUPPRESSED_NOT};

	if (entry[0] != '\0' && suppression_parse(slice_of(entry), &suppression, NULL) != 0)
		return -1;
	return store_memory_suppress(fake_of(store)->memory, account, &to, &suppression, NULL);
}
