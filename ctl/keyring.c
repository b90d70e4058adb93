/*
 * keyring.c - `gatepostctl keyring`: the keys that sign tokens, in the file outbound.keyring.
 */
#include "key.h"

#include "io/clock.h"
#include "io/entropy.h"
#include "io/keys_file.h"
#include "policy/keyring.h"
#include "settings.h"
#include "table.h"

#define KEEP_USUAL 2

static const struct table_column columns[] = {
    {"key", "key", true, false},
    {"state", "state", false, false},
    {"made", "created", false, false},
};

/* The path, or NULL after a complaint. */
static const char *
path_of(struct ctl *ctl)
{
	const struct conf *conf = ctl_conf(ctl);
	const struct outbound_conf *outbound;

	if (conf == NULL)
		return NULL;
	outbound = settings_of(conf, &outbound_section);
	return outbound->keyring;
}

static void
made_print(struct out *out, const char *path, const struct keyring_key *key)
{
	json_t *object;

	if (out->form == OUT_JSON) {
		object = json_object();
		(void)json_object_set_new(object, "file", out_json_text(slice_of(path)));
		(void)json_object_set_new(object, "key", json_integer(key->id));
		out_json(out, object, true);
		out_json_end(out, false);
	} else if (out->form == OUT_PIPE) {
		out_print(out, OUT_NORMAL, "file\t");
		out_slice(out, OUT_NORMAL, slice_of(path));
		out_print(out, OUT_NORMAL, "\nkey\t%u\n", key->id);
	} else {
		out_print(out, OUT_GOOD, "key %u", key->id);
		out_print(out, OUT_NORMAL, " signs from now on, in ");
		out_slice(out, OUT_NORMAL, slice_of(path));
		out_print(out, OUT_NORMAL,
		    ".\nCopy the file to all hosts that send or receive for this installation, "
		    "and then on each:\n  systemctl reload gatepostd\n"
		    "A host without it refuses what the new key signed.\n");
	}
}

/* Adds a key, and writes the file: anew, or over what was there. */
static int
key_add(struct ctl *ctl, const char *path, struct keyring *ring, size_t keep)
{
	static char storage[KEYRING_FILE_BYTES];
	uint8_t random[KEYRING_KEY_BYTES];
	struct buf text = BUF_OVER(storage);
	bool is_new = ring->n == 0;
	struct key_owner owner;
	struct err err;
	int status;

	if (key_owner_of(ctl, &owner, &err) != 0)
		return ctl_fail(EX_CONFIG, "%s", err.text);
	if (entropy_read(random, sizeof(random), &err) != 0 ||
	    keyring_rotate(ring, random, clock_real.now_s(&clock_real), keep, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s: %s", path, err.text);
	keyring_format(ring, &text);
	keys_text_wipe(slice_make((const char *)random, sizeof(random)));
	status = is_new ? key_file_create(path, buf_slice(&text), &owner, &err)
			: key_file_replace(path, buf_slice(&text), &owner, &err);
	keys_text_wipe(slice_make(storage, sizeof(storage)));
	if (status > 0)
		return ctl_fail(CTL_NOT_FOUND, "%s is there already", path);
	if (status < 0)
		return ctl_fail(CTL_NOT_WRITTEN, "%s", err.text);
	key_owner_tell(&owner, path);
	made_print(&ctl->out, path, keyring_current(ring));
	return CTL_OK;
}

/* The directory that the file is in must be there. */
static int
directory_make(struct ctl *ctl, const char *path)
{
	char folder[KEY_PATH_BYTES];
	struct key_owner owner;
	struct err err;

	(void)snprintf(
	    folder, sizeof(folder), "%.*s", (int)slice_find_last(slice_of(path), '/'), path);
	if (key_owner_of(ctl, &owner, &err) != 0)
		return ctl_fail(EX_CONFIG, "%s", err.text);
	if (key_directory_make(folder, &owner, &err) != 0)
		return ctl_fail(CTL_NOT_WRITTEN, "%s", err.text);
	return CTL_OK;
}

int
keyring_new_command(struct ctl *ctl)
{
	const char *path = path_of(ctl);
	struct keyring ring = {.n = 0};
	int code;

	if (path == NULL)
		return EX_CONFIG;
	if (files_identify(path).ino != 0)
		return ctl_fail(CTL_NOT_FOUND,
		    "%s is there already; a new one would make void all that it signed; "
		    "`gatepostctl keyring rotate` adds a key",
		    path);
	code = directory_make(ctl, path);
	if (code == CTL_OK)
		code = key_add(ctl, path, &ring, 0);
	keyring_fini(&ring);
	return code;
}

/* Reads the file: CTL_OK, or the exit code after a complaint. */
static int
ring_read(struct ctl *ctl, const char **path_r, struct keyring *ring_r)
{
	struct err err;

	*path_r = path_of(ctl);
	if (*path_r == NULL)
		return EX_CONFIG;
	if (keys_load_keyring(*path_r, ring_r, &err) != 0)
		return ctl_fail(EX_CONFIG, "%s", err.text);
	return CTL_OK;
}

int
keyring_rotate_command(struct ctl *ctl)
{
	int64_t keep = KEEP_USUAL;
	struct keyring ring;
	const char *path;
	struct err err;
	int code;

	if (args_number(&ctl->args, ARG_KEEP, KEYRING_KEYS_MAX, &keep, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	code = ring_read(ctl, &path, &ring);
	if (code != CTL_OK)
		return code;
	code = key_add(ctl, path, &ring, (size_t)keep);
	keyring_fini(&ring);
	return code;
}

int
keyring_list_command(struct ctl *ctl)
{
	int64_t now_s = clock_real.now_s(&clock_real);
	struct keyring ring;
	struct table t;
	const char *path;
	int code = ring_read(ctl, &path, &ring);

	if (code != CTL_OK)
		return code;
	table_begin(&t, &ctl->out, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < ring.n; i++) {
		const struct keyring_key *key = &ring.v[i];

		table_number(&t, OUT_NORMAL, key->id);
		table_words(&t, key->state == KEYRING_CURRENT ? OUT_GOOD : OUT_NORMAL,
		    keyring_state_name(key->state));
		table_time(&t, OUT_NORMAL, key->created_s, now_s);
		table_row(&t);
	}
	table_end(&t);
	keyring_fini(&ring);
	return CTL_OK;
}
