/*
 * account_list.c - `account list`: every account in a line, sorted by name. Those of Redis are read
 * in batches, so that memory does not grow with what they hold.
 */
#include "account.h"

#include "account_conf.h"
#include "io/accounts.h"
#include "table.h"

#include <stdlib.h>

/* Keys that a terminal is shown of one account. */
#define KEYS_ON_TERMINAL 2

/* All values of one account, or of a batch of them. */
#define BATCH_BYTES ((size_t)256 * 1024 * 1024)

static const struct table_column columns[] = {
    {.title = "ACCOUNT", .key = "name"},
    {.title = "LANE", .key = "lane"},
    {.title = "TRACKING", .key = "tracking"},
    {.title = "DKIM", .key = "dkim"},
    {.title = "KEYS", .key = "match"},
    {.title = "FROM", .key = "source"},
    {.title = "PROBLEMS", .key = "problems", .right = true},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct conf_account {
	const char *name;
	size_t index;
};

struct listing {
	struct account_view view;
	struct slice *names; /* of Redis, sorted */
	size_t n;
	struct conf_account *conf; /* milter.conf's, sorted by name */
	size_t nconf;
	struct table table;
	struct arena arena; /* of one batch */
	size_t shown;
};

/* --- what is in a line --- */

struct keys_of {
	const struct account *conf; /* NULL: only Redis's */
	const struct account_use *uses;
	size_t nuses;
};

static size_t
keys_count(const struct keys_of *keys)
{
	return (keys->conf == NULL ? 0 : keys->conf->match.n) + keys->nuses;
}

static struct slice
keys_at(const struct keys_of *keys, size_t i)
{
	size_t n = keys->conf == NULL ? 0 : keys->conf->match.n;

	return i < n ? slice_of(keys->conf->match.v[i]) : keys->uses[i - n].entry->key;
}

static struct keys_of
keys_find(const struct listing *l, const struct account_seen *seen)
{
	struct keys_of keys = {.conf = seen->conf};

	keys.uses = account_keys_of(&l->view.keys, seen->name, &keys.nuses);
	return keys;
}

static const char *
tracking_word(const struct account *account)
{
	if (account->opens && account->clicks)
		return "opens,clicks";
	return account->opens ? "opens" : account->clicks ? "clicks" : "";
}

/* The keys with commas, as many as there is room for to be read. */
static const char *
keys_text(const struct listing *l, const struct keys_of *keys, struct arena *a)
{
	size_t n = keys_count(keys);
	size_t shown = l->table.out->form == OUT_TERMINAL && n > KEYS_ON_TERMINAL + 1
			   ? KEYS_ON_TERMINAL
			   : n;
	size_t room = shown * (ACCOUNT_KEY_BYTES + NET_CIDR_TEXT_BYTES) + 64;
	char *storage = arena_alloc(a, room);
	struct buf out;

	if (storage == NULL)
		return "";
	buf_init(&out, storage, room);
	for (size_t i = 0; i < shown; i++) {
		buf_add_text(&out, i > 0 ? "," : "");
		buf_add(&out, keys_at(keys, i));
	}
	if (shown < n)
		buf_add_format(&out, " and %zu more", n - shown);
	return buf_text(&out);
}

static json_t *
json_words(const struct option_words *words)
{
	json_t *array = json_array();

	for (size_t i = 0; i < words->n; i++)
		(void)json_array_append_new(array, out_json_text(slice_of(words->v[i])));
	return array;
}

static json_t *
json_text_or_null(const char *text)
{
	return text[0] == '\0' ? json_null() : out_json_text(slice_of(text));
}

static void
json_line(struct listing *l, const struct account_seen *seen, const struct keys_of *keys)
{
	json_t *object = json_object(), *match = json_array();
	const struct account *account = &seen->built;

	for (size_t i = 0; i < keys_count(keys); i++)
		(void)json_array_append_new(match, out_json_text(keys_at(keys, i)));
	(void)json_object_set_new(object, "name", out_json_text(seen->name));
	(void)json_object_set_new(object, "lane", json_text_or_null(account->lane));
	(void)json_object_set_new(object, "opens", json_boolean(account->opens));
	(void)json_object_set_new(object, "clicks", json_boolean(account->clicks));
	(void)json_object_set_new(object, "dkim", json_words(&account->dkim));
	(void)json_object_set_new(object, "match", match);
	(void)json_object_set_new(
	    object, "source", json_string(seen->conf == NULL ? "redis" : "milter.conf"));
	(void)json_object_set_new(object, "problems",
	    json_integer((json_int_t)seen->problems.n + (json_int_t)seen->problems.dropped));
	out_json(&l->view.ctl->out, object, l->shown == 0);
}

static void
table_line(struct listing *l, const struct account_seen *seen, const struct keys_of *keys)
{
	size_t problems = seen->problems.n + seen->problems.dropped;
	const struct option *dkim = account_row(slice_of("dkim"));
	const char *selectors = account_value(dkim, &seen->built, &l->arena);

	table_text(&l->table, OUT_BOLD, seen->name);
	table_text_or_none(&l->table, seen->built.lane);
	table_text_or_none(&l->table, tracking_word(&seen->built));
	table_text_or_none(&l->table, selectors == NULL ? "" : selectors);
	table_text_or_none(&l->table, keys_text(l, keys, &l->arena));
	table_words(&l->table, OUT_NORMAL, seen->conf == NULL ? "redis" : "milter.conf");
	table_number(&l->table, problems > 0 ? OUT_WARNING : OUT_DIM, (int64_t)problems);
	table_row(&l->table);
}

/* A name that is none, and a hash that cannot be read, have a line as well. */
static void
line_show(struct listing *l, struct account_seen *seen)
{
	struct keys_of keys = keys_find(l, seen);
	struct err err;

	if (account_seen_build(&l->view, seen, &l->arena, &err) != 0) {
		seen->built = *l->view.defaults;
		account_problem_add(&seen->problems, &l->arena, slice_of("account"), err.text);
	}
	if (l->view.ctl->out.form == OUT_JSON)
		json_line(l, seen, &keys);
	else
		table_line(l, seen, &keys);
	l->shown++;
}

/* --- all of them --- */

static int
conf_order(const void *left, const void *right)
{
	const struct conf_account *a = left;
	const struct conf_account *b = right;

	return strcmp(a->name, b->name);
}

static int
conf_sort(struct listing *l)
{
	l->nconf = account_conf_count(l->view.conf);
	l->conf = arena_alloc(&l->view.arena, (l->nconf + 1) * sizeof(*l->conf));
	if (l->conf == NULL)
		return -1;
	for (size_t i = 0; i < l->nconf; i++)
		l->conf[i] = (struct conf_account){account_conf_at(l->view.conf, i)->name, i};
	if (l->nconf > 1)
		qsort(l->conf, l->nconf, sizeof(*l->conf), conf_order);
	return 0;
}

/* Those of milter.conf that come before that name; one of that very name hides Redis's. */
static bool
conf_show(struct listing *l, size_t *next, const struct slice *before)
{
	int order = -1;

	while (*next < l->nconf) {
		size_t index = l->conf[*next].index;
		struct account_seen seen = {
		    .conf = account_conf_at(l->view.conf, index), .index = index};

		seen.name = slice_of(seen.conf->name);
		order = before == NULL ? -1 : slice_compare(seen.name, *before);
		if (order > 0)
			return false;
		line_show(l, &seen);
		++*next;
		if (order == 0)
			return true;
	}
	return false;
}

static int
batch_show(struct listing *l, size_t from, size_t n, size_t *next_conf, struct err *err)
{
	struct store_account *v = arena_alloc(&l->arena, n * sizeof(*v));

	if (v == NULL)
		return err_set(err, ERR_NOMEM, "there is no memory left");
	for (size_t i = 0; i < n; i++)
		v[i].name = l->names[from + i];
	if (store_admin_accounts(l->view.admin, v, n, &l->arena, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct account_seen seen = {.name = v[i].name, .store = v[i]};

		if (!conf_show(l, next_conf, &v[i].name) && v[i].exists)
			line_show(l, &seen);
	}
	return 0;
}

static int
list(struct listing *l)
{
	size_t next_conf = 0;
	struct err err;

	if (store_admin_account_names(
		l->view.admin, &l->view.arena, ACCOUNTS_MAX, &l->names, &l->n, &err) != 0)
		return account_failed(&err);
	if (conf_sort(l) != 0)
		return account_no_memory();
	table_begin(&l->table, &l->view.ctl->out, columns, COLUMNS);
	for (size_t i = 0; i < l->n && !out_is_dead(&l->view.ctl->out); i += STORE_ACCOUNTS_BATCH) {
		size_t n = l->n - i < STORE_ACCOUNTS_BATCH ? l->n - i : STORE_ACCOUNTS_BATCH;

		arena_reset(&l->arena);
		if (batch_show(l, i, n, &next_conf, &err) != 0)
			return account_failed(&err);
	}
	arena_reset(&l->arena);
	(void)conf_show(l, &next_conf, NULL);
	return CTL_OK;
}

static void
closing_show(struct listing *l)
{
	struct out *out = &l->view.ctl->out;
	char storage[64];
	struct buf count = BUF_OVER(storage);

	if (out->form == OUT_JSON) {
		out_json_end(out, l->shown == 0);
		return;
	}
	table_end(&l->table);
	if (out->form != OUT_TERMINAL)
		return;
	account_count_format(&count, l->shown, "account", "accounts");
	out_print(out, OUT_DIM, "%s%s\n", l->shown > 0 ? "\n" : "", buf_text(&count));
}

static int
name_order(const void *left, const void *right)
{
	return slice_compare(*(const struct slice *)left, *(const struct slice *)right);
}

/* Keys whose mail would be of an account that there is not, and pairs that are none. */
static void
dangling_tell(struct listing *l)
{
	const struct account_keys *keys = &l->view.keys;
	size_t n = 0, index;

	for (size_t i = 0; i < keys->nuses; i++) {
		struct slice name = keys->uses[i].account;

		if (bsearch(&name, l->names, l->n, sizeof(name), name_order) != NULL ||
		    account_conf_find(l->view.conf, name, &index) != NULL)
			continue;
		if (n++ < 5)
			(void)ctl_fail(0, "%.*s is the key of account %.*s, which there is not",
			    SLICE_ARG(keys->uses[i].entry->key), SLICE_ARG(name));
	}
	if (n > 5)
		(void)ctl_fail(0, "and so are %zu more", n - 5);
	for (size_t i = 0; i < keys->nodd && i < 5; i++)
		(void)ctl_fail(0, "the map of accounts: %s; it is not in force", keys->odd[i].why);
	if (l->n > ACCOUNTS_MAX)
		(void)ctl_fail(
		    0, "there are more than %d accounts; gatepostd reads no more", ACCOUNTS_MAX);
}

int
account_list_command(struct ctl *ctl)
{
	struct listing l = {.shown = 0};
	int code = account_view_init(&l.view, ctl);

	arena_init(&l.arena, 65536, BATCH_BYTES);
	if (code == CTL_OK)
		code = account_view_keys(&l.view);
	if (code == CTL_OK) {
		code = list(&l);
		closing_show(&l);
	}
	if (code == CTL_OK)
		dangling_tell(&l);
	arena_fini(&l.arena);
	account_view_fini(&l.view);
	return code;
}
