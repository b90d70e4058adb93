/*
 * account_show.c - `account show`: one account, where each of its options comes from, and what is
 * wrong with it.
 */
#include "account.h"

#include "account_conf.h"
#include "account_limits.h"
#include "account_write.h"
#include "settings.h"

#define FROM_BYTES 64

struct showing {
	struct account_view view;
	struct account_seen seen;
	const struct account_use *uses;
	size_t nuses;
	struct account_limits limits;
};

/* One option. */
struct shown {
	const struct option *row;
	struct slice value;    /* as it was written, or the default */
	const char *in_force;  /* the same, or what became of it */
	char from[FROM_BYTES]; /* "redis", "milter.conf:12", "built in" */
	bool set;              /* by the account itself */
	bool differs;          /* in force is something else */
};

static void
from_line(char from[FROM_BYTES], const struct ctl *ctl, unsigned line)
{
	const char *slash = strrchr(ctl->conf_path, '/');
	struct buf out;

	buf_init(&out, from, FROM_BYTES);
	buf_add(&out, slice_head(slice_of(slash == NULL ? ctl->conf_path : slash + 1), 40));
	if (line > 0)
		buf_add_format(&out, ":%u", line);
	(void)buf_text(&out);
}

/* Where an option comes from that the account does not set itself. */
static void
from_default(char from[FROM_BYTES], const struct showing *s, const struct option *row)
{
	unsigned line = settings_line(s->view.conf, &account_section, row->name);

	if (line > 0)
		from_line(from, s->view.ctl, line);
	else
		(void)snprintf(from, FROM_BYTES, "built in");
}

/* What the account of Redis has there, in canonical form when it can be read. */
static void
differs_find(struct showing *s, struct shown *o)
{
	struct account trial = *s->view.defaults;
	const char *text = NULL;

	if (o->set && account_field_set(&trial, o->row, o->value, &s->view.arena, NULL) == 0)
		text = account_value(o->row, &trial, &s->view.arena);
	else if (!o->set)
		text = arena_text(&s->view.arena, o->value);
	o->differs = text == NULL || strcmp(text, o->in_force) != 0;
}

static int
option_find_out(struct showing *s, const struct option *row, struct shown *o)
{
	const struct account *base = s->seen.conf != NULL ? s->seen.conf : s->view.defaults;
	const struct slice *field = s->seen.conf != NULL
					? NULL
					: account_field_find(&s->seen.store, row->name);
	const char *value = account_value(row, base, &s->view.arena);
	unsigned line;

	*o = (struct shown){.row = row, .set = field != NULL};
	o->in_force = account_value(row, &s->seen.built, &s->view.arena);
	if (value == NULL || o->in_force == NULL)
		return -1;
	o->value = field != NULL ? *field : slice_of(value);
	from_default(o->from, s, row);
	if (field != NULL)
		(void)snprintf(o->from, FROM_BYTES, "redis");
	if (s->seen.conf != NULL) {
		line = account_conf_option_line(s->view.conf, s->seen.index, row);
		o->set = line > 0 || !option_equal(row, s->seen.conf, s->view.defaults);
		if (o->set)
			from_line(o->from, s->view.ctl, line);
	}
	if (s->seen.conf == NULL)
		differs_find(s, o);
	else
		o->differs = strcmp(value, o->in_force) != 0;
	o->value = account_value_shown(row, o->value);
	o->in_force = account_value_shown(row, slice_of(o->in_force)).p;
	return 0;
}

/* The field `match` is milter.conf's: the keys are shown for themselves. */
static bool
is_shown(const struct option *row)
{
	return strcmp(row->name, ACCOUNT_MARK) != 0;
}

/* --- keys --- */

/* The i-th key, wherever it is, and the accounts that it names; NULL: no more. */
struct key_shown {
	struct slice key;
	const struct account_entry *entry; /* NULL: milter.conf's */
};

static bool
key_at(const struct showing *s, size_t i, struct key_shown *key_r)
{
	size_t n = s->seen.conf == NULL ? 0 : s->seen.conf->match.n;

	if (i < n)
		*key_r = (struct key_shown){slice_of(s->seen.conf->match.v[i]), NULL};
	else if (i - n < s->nuses)
		*key_r = (struct key_shown){s->uses[i - n].entry->key, s->uses[i - n].entry};
	return i < n + s->nuses;
}

/* Appends "agency,shop" when the key is not the account's alone. */
static void
others_add(struct buf *out, const struct key_shown *key)
{
	for (size_t i = 0; key->entry != NULL && key->entry->n > 1 && i < key->entry->n; i++) {
		buf_add_text(out, i > 0 ? "," : "");
		buf_add(out, key->entry->names[i]);
	}
}

/* --- the terminal --- */

static void
terminal_option(struct showing *s, const struct shown *o)
{
	struct out *out = &s->view.ctl->out;
	enum out_style style = o->differs ? OUT_WARNING : o->set ? OUT_BOLD : OUT_NORMAL;

	out_print(out, o->set ? OUT_BOLD : OUT_NORMAL, "  %-16s ", o->row->name);
	if (o->value.n == 0)
		out_print(out, OUT_DIM, "-");
	else
		out_slice(out, style, o->value);
	if (o->differs) {
		out_print(out, OUT_WARNING, "  in force: ");
		out_slice(out, OUT_WARNING, slice_of(o->in_force[0] == '\0' ? "-" : o->in_force));
	}
	out_print(out, OUT_DIM, "  (%s)\n", o->from);
}

static void
terminal_keys(struct showing *s)
{
	struct out *out = &s->view.ctl->out;
	struct key_shown key;

	for (size_t i = 0; key_at(s, i, &key); i++) {
		char storage[ACCOUNT_CHOICE_BYTES + 8];
		struct buf others = BUF_OVER(storage);

		out_print(out, OUT_NORMAL, "%s", i == 0 ? "\nkeys\n  " : "  ");
		out_slice(out, OUT_BOLD, key.key);
		others_add(&others, &key);
		if (others.n > 0)
			out_print(out, OUT_DIM, "  of %s", buf_text(&others));
		out_print(out, OUT_NORMAL, "\n");
	}
}

static void
terminal_problems(struct showing *s)
{
	const struct account_problems *problems = &s->seen.problems;
	struct out *out = &s->view.ctl->out;

	for (size_t i = 0; i < problems->n; i++) {
		out_print(out, OUT_NORMAL, "%s", i == 0 ? "\nproblems\n" : "");
		out_print(out, OUT_NORMAL, "  ");
		out_slice(out, OUT_WARNING, slice_of(problems->v[i].option));
		out_print(out, OUT_NORMAL, ": ");
		out_slice(out, OUT_NORMAL, slice_of(problems->v[i].text));
		out_print(out, OUT_NORMAL, "\n");
	}
	if (problems->dropped > 0)
		out_print(out, OUT_NORMAL, "  and %zu more\n", problems->dropped);
}

static void
place_format(struct buf *out, const struct showing *s)
{
	char from[FROM_BYTES] = "redis";

	if (s->seen.conf != NULL)
		from_line(from, s->view.ctl, account_conf_line(s->view.conf, s->seen.index));
	buf_add_text(out, from);
}

static int
terminal_show(struct showing *s)
{
	struct out *out = &s->view.ctl->out;
	char storage[FROM_BYTES + 8];
	struct buf place = BUF_OVER(storage);

	place_format(&place, s);
	out_slice(out, OUT_BOLD, s->seen.name);
	out_print(out, OUT_DIM, "  (%s)\n", buf_text(&place));
	for (const struct option *row = account_section.options; row->name != NULL; row++) {
		struct shown o;

		if (option_find_out(s, row, &o) != 0)
			return account_no_memory();
		if (is_shown(row))
			terminal_option(s, &o);
	}
	terminal_keys(s);
	account_limits_tell(&s->limits, out);
	terminal_problems(s);
	return CTL_OK;
}

/* --- a pipe --- */

static void
pipe_line(struct out *out, const char *kind, struct slice a, struct slice b, struct slice c)
{
	const struct slice cells[] = {a, b, c};

	out_print(out, OUT_NORMAL, "%s", kind);
	for (size_t i = 0; i < 3; i++) {
		out_print(out, OUT_NORMAL, "\t");
		out_slice(out, OUT_NORMAL, cells[i].n > 0 ? cells[i] : slice_of("-"));
	}
	out_print(out, OUT_NORMAL, "\n");
}

static int
pipe_show(struct showing *s)
{
	static const struct slice none = {NULL, 0};
	struct out *out = &s->view.ctl->out;
	char storage[FROM_BYTES + 8];
	struct buf place = BUF_OVER(storage);
	struct key_shown key;

	place_format(&place, s);
	pipe_line(out, "account", s->seen.name, buf_slice(&place), none);
	for (const struct option *row = account_section.options; row->name != NULL; row++) {
		struct shown o;

		if (option_find_out(s, row, &o) != 0)
			return account_no_memory();
		if (!is_shown(row))
			continue;
		out_print(out, OUT_NORMAL, "option\t%s", row->name);
		pipe_line(out, "", o.value, slice_of(o.in_force), slice_of(o.from));
	}
	for (size_t i = 0; key_at(s, i, &key); i++) {
		char others_storage[ACCOUNT_CHOICE_BYTES + 8];
		struct buf others = BUF_OVER(others_storage);

		others_add(&others, &key);
		pipe_line(out, "match", key.key, buf_slice(&others),
		    slice_of(key.entry == NULL ? "milter.conf" : "redis"));
	}
	account_limits_pipe(&s->limits, out);
	for (size_t i = 0; i < s->seen.problems.n; i++)
		pipe_line(out, "problem", slice_of(s->seen.problems.v[i].option),
		    slice_of(s->seen.problems.v[i].text), none);
	return CTL_OK;
}

/* --- JSON --- */

static json_t *
json_options(struct showing *s)
{
	json_t *options = json_object();

	for (const struct option *row = account_section.options; row->name != NULL; row++) {
		struct shown o;
		json_t *object;

		if (!is_shown(row) || option_find_out(s, row, &o) != 0)
			continue;
		object = json_object();
		(void)json_object_set_new(object, "value", out_json_text(o.value));
		(void)json_object_set_new(object, "in_force", out_json_text(slice_of(o.in_force)));
		(void)json_object_set_new(object, "from", out_json_text(slice_of(o.from)));
		(void)json_object_set_new(object, "set", json_boolean(o.set));
		(void)json_object_set_new(options, row->name, object);
	}
	return options;
}

static json_t *
json_keys(const struct showing *s)
{
	json_t *keys = json_array();
	struct key_shown key;

	for (size_t i = 0; key_at(s, i, &key); i++) {
		json_t *object = json_object(), *accounts = json_array();

		for (size_t j = 0; key.entry != NULL && j < key.entry->n; j++)
			(void)json_array_append_new(accounts, out_json_text(key.entry->names[j]));
		if (key.entry == NULL)
			(void)json_array_append_new(accounts, out_json_text(s->seen.name));
		(void)json_object_set_new(object, "key", out_json_text(key.key));
		(void)json_object_set_new(object, "accounts", accounts);
		(void)json_object_set_new(
		    object, "source", json_string(key.entry == NULL ? "milter.conf" : "redis"));
		(void)json_array_append_new(keys, object);
	}
	return keys;
}

static json_t *
json_problems(const struct account_problems *problems)
{
	json_t *array = json_array();

	for (size_t i = 0; i < problems->n; i++) {
		json_t *object = json_object();

		(void)json_object_set_new(
		    object, "option", out_json_text(slice_of(problems->v[i].option)));
		(void)json_object_set_new(
		    object, "problem", out_json_text(slice_of(problems->v[i].text)));
		(void)json_array_append_new(array, object);
	}
	return array;
}

static int
json_show(struct showing *s)
{
	json_t *object = json_object();
	unsigned line = s->seen.conf == NULL ? 0 : account_conf_line(s->view.conf, s->seen.index);

	(void)json_object_set_new(object, "name", out_json_text(s->seen.name));
	(void)json_object_set_new(
	    object, "source", json_string(s->seen.conf == NULL ? "redis" : "milter.conf"));
	(void)json_object_set_new(
	    object, "line", line > 0 ? json_integer((json_int_t)line) : json_null());
	(void)json_object_set_new(object, "options", json_options(s));
	(void)json_object_set_new(object, "match", json_keys(s));
	(void)json_object_set_new(object, "limits", account_limits_json(&s->limits));
	(void)json_object_set_new(object, "problems", json_problems(&s->seen.problems));
	out_json(&s->view.ctl->out, object, true);
	out_json_end(&s->view.ctl->out, false);
	return CTL_OK;
}

/* --- the command --- */

static int
show(struct showing *s)
{
	size_t conf_keys = s->seen.conf == NULL ? 0 : s->seen.conf->match.n;

	s->uses = account_keys_of(&s->view.keys, s->seen.name, &s->nuses);
	if (s->seen.conf != NULL && s->seen.store.exists)
		account_problem_add(&s->seen.problems, &s->view.arena, slice_of("account"),
		    "Redis has one of that name, too; this one is in force");
	account_advise(&s->view, &s->seen, s->nuses + conf_keys);
	account_limits_read(&s->limits, s->view.admin, &s->seen.built);
	switch (s->view.ctl->out.form) {
	case OUT_JSON:
		return json_show(s);
	case OUT_PIPE:
		return pipe_show(s);
	default:
		return terminal_show(s);
	}
}

int
account_show_command(struct ctl *ctl)
{
	struct showing s = {.nuses = 0};
	int code = account_view_init(&s.view, ctl);

	if (code == CTL_OK)
		code = account_see(&s.view, slice_of(ctl->operand[0]), &s.seen);
	if (code == CTL_OK && s.seen.conf == NULL && !s.seen.store.exists)
		code = account_missing(&s.view, ctl->operand[0]);
	if (code == CTL_OK)
		code = account_view_keys(&s.view);
	if (code == CTL_OK)
		code = show(&s);
	account_view_fini(&s.view);
	return code;
}
