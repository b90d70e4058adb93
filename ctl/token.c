/*
 * token.c - `gatepostctl token decode`: what a link, a return path or an id header says.
 */
#include "account_conf.h"
#include "key.h"

#include "io/clock.h"
#include "io/store_admin.h"
#include "io/store_admin_account.h"
#include "policy/token_explain.h"
#include "settings.h"

#include <stdlib.h>

#define DAY_S 86400

/* A token's target, and a dozen lines around it. */
#define TEXT_BYTES 4096

/* Names of accounts: of milter.conf, and of Redis. */
#define NAMES_MAX   100000
#define ARENA_BYTES ((size_t)32 * 1024 * 1024)

static int
named_compare(const void *a, const void *b)
{
	const struct account_named *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

/* The accounts of Redis, if it can be reached: else their tokens show their ids. */
static size_t
redis_names(struct ctl *ctl, struct arena *arena, struct slice **names_r)
{
	const struct redis_conf *redis = settings_of(ctl->conf, &redis_section);
	struct err err;
	size_t n = 0;

	if (ctl->admin == NULL)
		ctl->admin = store_admin_new(redis, &err);
	if (ctl->admin == NULL ||
	    store_admin_account_names(ctl->admin, arena, NAMES_MAX, names_r, &n, &err) != 0) {
		(void)ctl_fail(0, "names of accounts in Redis are not known: %s", err.text);
		return 0;
	}
	return n;
}

/* A map that has names only. */
static void
names_fill(struct ctl *ctl, struct account_map *map, struct arena *arena)
{
	struct slice *names = NULL;
	size_t nconf = account_conf_count(ctl->conf);
	size_t n = redis_names(ctl, arena, &names);

	map->accounts = arena_alloc(arena, (n + nconf + 1) * sizeof(*map->accounts));
	if (map->accounts == NULL)
		return;
	for (size_t i = 0; i < n + nconf; i++) {
		const char *name = i < nconf ? account_conf_at(ctl->conf, i)->name
					     : arena_text(arena, names[i - nconf]);

		if (name != NULL)
			map->accounts[map->naccounts++] = (struct account_named){
			    account_id(slice_of(name)), name};
	}
	qsort(map->accounts, map->naccounts, sizeof(*map->accounts), named_compare);
}

static void
json_print(struct out *out, struct slice lines, bool good)
{
	json_t *object = json_object();

	(void)json_object_set_new(object, "good", json_boolean(good));
	while (lines.n > 0) {
		struct slice line = slice_head(lines, slice_find(lines, '\n'));
		struct slice name = slice_head(line, slice_find(line, ':'));
		char key[64];
		bool verdict = slice_eq(name, slice_of("good")) ||
			       slice_eq(name, slice_of("refused"));

		(void)snprintf(key, sizeof(key), "%.*s", SLICE_ARG(slice_head(name, 63)));
		(void)json_object_set_new(object, verdict ? "reason" : key,
		    out_json_text(slice_trim(slice_from(line, name.n + 1))));
		lines = slice_from(lines, line.n + 1);
	}
	out_json(out, object, true);
	out_json_end(out, false);
}

static void
lines_print(struct out *out, struct slice lines)
{
	while (lines.n > 0) {
		struct slice line = slice_head(lines, slice_find(lines, '\n'));
		struct slice name = slice_head(line, slice_find(line, ':'));

		out_print(out, OUT_DIM, out->form == OUT_TERMINAL ? "%-12.*s " : "%.*s\t",
		    SLICE_ARG(name));
		out_slice(out, OUT_NORMAL, slice_trim(slice_from(line, name.n + 1)));
		out_print(out, OUT_NORMAL, "\n");
		lines = slice_from(lines, line.n + 1);
	}
}

static int
decode(struct ctl *ctl, const struct outbound_conf *outbound, const struct keyring *ring)
{
	static char storage[TEXT_BYTES];
	struct buf text = BUF_OVER(storage);
	struct account_map map = {.naccounts = 0};
	struct token_reader reader = {.keyring = ring,
	    .delimiters = outbound->xverp_delimiters,
	    .today = (unsigned)(clock_real.now_s(&clock_real) / DAY_S)};
	struct arena arena;
	bool good;

	arena_init(&arena, 16384, ARENA_BYTES);
	good = token_explain(&reader, slice_of(ctl->operand[0]), &text);
	if (good) { /* only now there is an account to be named */
		names_fill(ctl, &map, &arena);
		reader.map = &map;
		buf_reset(&text);
		(void)token_explain(&reader, slice_of(ctl->operand[0]), &text);
	}
	if (ctl->out.form == OUT_JSON)
		json_print(&ctl->out, buf_slice(&text), good);
	else
		lines_print(&ctl->out, buf_slice(&text));
	arena_fini(&arena);
	return good ? CTL_OK : CTL_NOT_FOUND;
}

int
token_decode_command(struct ctl *ctl)
{
	const struct conf *conf = ctl_conf(ctl);
	const struct outbound_conf *outbound;
	struct keyring ring;
	struct err err;
	int code;

	if (conf == NULL)
		return EX_CONFIG;
	outbound = settings_of(conf, &outbound_section);
	if (keys_load_keyring(outbound->keyring, &ring, &err) != 0)
		return ctl_fail(EX_CONFIG, "%s", err.text);
	code = decode(ctl, outbound, &ring);
	keyring_fini(&ring);
	return code;
}
