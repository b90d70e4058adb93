/*
 * account_json.c - see account_json.h.
 */
#include "account_json.h"

#include "base/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define READ_BYTES 65536

/* --- the file --- */

/* All of the stream, for free(); NULL with the reason. */
static char *
stream_read(FILE *from, const char *name, size_t *n_r, struct err *err)
{
	size_t room = READ_BYTES, n = 0, got;
	char *text = malloc(room);

	while (text != NULL && (got = fread(text + n, 1, room - n, from)) > 0) {
		char *more;

		n += got;
		if (n > ACCOUNT_FILE_BYTES)
			break;
		if (n < room)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (more == NULL)
			free(text);
		text = more;
	}
	if (text == NULL) {
		(void)err_set(err, ERR_NOMEM, "%s: there is no memory for it", name);
	} else if (ferror(from) != 0 || n > ACCOUNT_FILE_BYTES) {
		if (ferror(from) != 0)
			(void)err_set(err, ERR_IO, "%s: %s", name, strerror(errno));
		else
			(void)err_set(err, ERR_LIMIT, "%s: larger than %zu MB", name,
			    ACCOUNT_FILE_BYTES / 1024 / 1024);
		free(text);
		text = NULL;
	}
	*n_r = n;
	return text;
}

static json_t *
text_parse(const char *text, size_t n, const char *name, struct err *err)
{
	json_error_t where;
	json_t *file = json_loadb(text, n, JSON_REJECT_DUPLICATES, &where);

	if (file == NULL)
		(void)err_set(err, ERR_INVALID, "%s:%d: %s", name, where.line, where.text);
	return file;
}

json_t *
account_json_load(const char *path, struct err *err)
{
	bool is_stdin = path == NULL || strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;
	FILE *from = is_stdin ? stdin : fopen(path, "rb");
	json_t *file = NULL;
	char *text;
	size_t n;

	if (from == NULL) {
		(void)err_set(err, ERR_IO, "%s: %s", name, strerror(errno));
		return NULL;
	}
	text = stream_read(from, name, &n, err);
	if (!is_stdin)
		(void)fclose(from);
	if (text != NULL)
		file = text_parse(text, n, name, err);
	free(text);
	return file;
}

/* --- names of members --- */

static int
unknown_member(const char *name, const char *const *known, struct err *err)
{
	const char *best = NULL;
	unsigned least = NEAREST_FAR;

	for (; *known != NULL; known++) {
		unsigned cost = nearest_cost(slice_of(name), slice_of(*known));

		if (cost < least) {
			least = cost;
			best = *known;
		}
	}
	if (best == NULL)
		return err_set(err, ERR_INVALID, "\"%.40s\": there is no such member", name);
	return err_set(err, ERR_INVALID, "\"%.40s\": there is no such member; did you mean \"%s\"?",
	    name, best);
}

/* Only those members. */
static int
members_check(json_t *object, const char *const *known, struct err *err)
{
	for (void *at = json_object_iter(object); at != NULL;
	     at = json_object_iter_next(object, at)) {
		const char *name = json_object_iter_key(at);
		size_t i = 0;

		while (known[i] != NULL && strcmp(known[i], name) != 0)
			i++;
		if (known[i] == NULL)
			return unknown_member(name, known, err);
	}
	return 0;
}

static bool
is_array_of_strings(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (!json_is_string(json_array_get(value, i)))
			return false;
	}
	return json_is_array(value);
}

int
account_json_check(json_t *file, struct err *err)
{
	static const char *const known[] = {"accounts", "shared", NULL};
	json_t *shared = json_object_get(file, "shared");

	if (!json_is_object(file) || !json_is_array(json_object_get(file, "accounts")))
		return err_set(
		    err, ERR_INVALID, "write {\"accounts\": [...]}, as `account export` does");
	if (members_check(file, known, err) != 0)
		return -1;
	if (shared != NULL && !json_is_object(shared))
		return err_set(err, ERR_INVALID, "shared: write {\"KEY\": [\"NAME\", ...], ...}");
	for (void *at = json_object_iter(shared); at != NULL;
	     at = json_object_iter_next(shared, at)) {
		if (!is_array_of_strings(json_object_iter_value(at)))
			return err_set(err, ERR_INVALID,
			    "shared: \"%.80s\": write an array of names", json_object_iter_key(at));
	}
	return 0;
}

/* --- one account --- */

struct reading {
	const json_t *object;
	struct account_edit *edit;
	const struct account_complaints *complaints;
	struct account_given *given;
	size_t wrong;
};

static void
complain(struct reading *r, const char *text)
{
	r->complaints->say(r->complaints->arg, r->given, text);
	r->wrong++;
}

/* "a,b" of ["a", "b"]. */
static int
array_join(const json_t *value, struct arena *a, struct slice *text_r)
{
	size_t bytes = 1;
	struct buf out;
	char *storage;

	for (size_t i = 0; i < json_array_size(value); i++)
		bytes += json_string_length(json_array_get(value, i)) + 1;
	storage = arena_alloc(a, bytes);
	if (storage == NULL)
		return -1;
	buf_init(&out, storage, bytes);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *entry = json_array_get(value, i);

		buf_add_text(&out, i > 0 ? "," : "");
		buf_add(&out, slice_make(json_string_value(entry), json_string_length(entry)));
	}
	*text_r = buf_slice(&out);
	return 0;
}

static int
number_print(const json_t *value, struct arena *a, struct slice *text_r)
{
	char storage[24];
	struct buf out = BUF_OVER(storage);

	buf_add_i64(&out, json_integer_value(value));
	*text_r = arena_copy(a, buf_slice(&out));
	return text_r->p == NULL ? -1 : 0;
}

/* 0, or -1: it is no value of an option, or there is no memory. */
static int
value_read(const json_t *value, struct arena *a, struct slice *text_r)
{
	if (json_is_string(value)) {
		*text_r = slice_make(json_string_value(value), json_string_length(value));
		return 0;
	}
	if (json_is_boolean(value)) {
		*text_r = slice_of(json_is_true(value) ? "yes" : "no");
		return 0;
	}
	if (json_is_integer(value))
		return number_print(value, a, text_r);
	return is_array_of_strings(value) ? array_join(value, a, text_r) : -1;
}

static void
option_read(struct reading *r, const char *name, const json_t *value)
{
	struct slice text;
	struct err err;

	if (value_read(value, r->edit->arena, &text) != 0)
		(void)err_set(&err, ERR_INVALID,
		    "\"%.40s\": write a string, a number, true, false or an array of strings",
		    name);
	else if (account_edit_set(r->edit, slice_of(name), text, &err) == 0)
		return;
	complain(r, err.text);
}

static int
field_order(const void *left, const void *right)
{
	const struct account_field *a = left;
	const struct account_field *b = right;

	return slice_compare(a->name, b->name);
}

static void
options_read(struct reading *r)
{
	json_t *options = json_object_get(r->object, "options");
	struct store_account none = {.n = 0};

	if (options != NULL && !json_is_object(options)) {
		complain(r, "options: write {\"OPTION\": \"VALUE\", ...}");
		return;
	}
	if (account_edit_begin(r->edit, &none, json_object_size(options)) != 0) {
		complain(r, "there is no memory left");
		return;
	}
	for (void *at = json_object_iter(options); at != NULL;
	     at = json_object_iter_next(options, at))
		option_read(r, json_object_iter_key(at), json_object_iter_value(at));
	r->given->fields = r->edit->v;
	r->given->n = r->edit->n;
	if (r->given->n > 1)
		qsort(r->given->fields, r->given->n, sizeof(*r->given->fields), field_order);
}

static int
slice_order(const void *left, const void *right)
{
	return slice_compare(*(const struct slice *)left, *(const struct slice *)right);
}

static void
keys_read(struct reading *r)
{
	const json_t *match = json_object_get(r->object, "match");
	struct account_given *given = r->given;
	size_t n = json_array_size(match), kept = 0;
	struct err err;

	if (match != NULL && !is_array_of_strings(match)) {
		complain(r, "match: write an array of keys");
		return;
	}
	given->keys = arena_alloc(r->edit->arena, (n + 1) * sizeof(*given->keys));
	if (given->keys == NULL) {
		complain(r, "there is no memory left");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *key = json_array_get(match, i);
		struct slice text = {json_string_value(key), json_string_length(key)};

		if (account_key_canon(text, r->edit->arena, &given->keys[given->nkeys], &err) == 0)
			given->nkeys++;
		else
			complain(r, err.text);
	}
	if (given->nkeys > 1)
		qsort(given->keys, given->nkeys, sizeof(*given->keys), slice_order);
	for (size_t i = 0; i < given->nkeys; i++) {
		if (kept == 0 || !slice_eq(given->keys[kept - 1], given->keys[i]))
			given->keys[kept++] = given->keys[i];
	}
	given->nkeys = kept;
}

int
account_json_read(const json_t *file, size_t place, struct account_edit *edit,
    const struct account_complaints *complaints, struct account_given *given_r)
{
	static const char *const known[] = {"name", "options", "match", NULL};
	json_t *object = json_array_get(json_object_get(file, "accounts"), place);
	const json_t *name = json_object_get(object, "name");
	struct reading r = {object, edit, complaints, given_r, 0};
	struct err err;

	*given_r = (struct account_given){.place = place};
	if (!json_is_object(object) || !json_is_string(name)) {
		complain(&r, "write {\"name\": \"NAME\", \"options\": {...}, \"match\": [...]}");
		return -1;
	}
	given_r->name = slice_make(json_string_value(name), json_string_length(name));
	if (account_name_check(given_r->name, &err) != 0)
		complain(&r, err.text);
	if (members_check(object, known, &err) != 0)
		complain(&r, err.text);
	options_read(&r);
	keys_read(&r);
	return r.wrong > 0 ? -1 : 0;
}

/* --- writing --- */

/* The bytes as they are: what is written is read again as the same. */
static json_t *
text_make(struct slice text)
{
	return json_stringn(text.n == 0 ? "" : text.p, text.n);
}

json_t *
account_json_make(const struct store_account *account, const struct account_use *uses, size_t nuses)
{
	json_t *object = json_object(), *options = json_object(), *match = json_array();
	int status = 0;

	for (size_t i = 0; i < account->n; i++) {
		struct slice name = account->fields[i].name;
		char storage[128];
		struct buf option = BUF_OVER(storage);

		buf_add(&option, name);
		status |= json_object_set_new(
		    options, buf_text(&option), text_make(account->fields[i].value));
		status |= option.over || slice_find(name, '\0') < name.n ? -1 : 0;
	}
	for (size_t i = 0; i < nuses; i++)
		status |= json_array_append_new(match, text_make(uses[i].entry->key));
	status |= json_object_set_new(object, "name", text_make(account->name));
	status |= json_object_set_new(object, "options", options);
	status |= json_object_set_new(object, "match", match);
	if (status == 0)
		return object;
	json_decref(object);
	return NULL;
}
