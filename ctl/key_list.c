/*
 * key_list.c - `gatepostctl key list`: the keys that sign mail.
 */
#include "key_select.h"

#include "base/encode.h"
#include "crypto/hash.h"
#include "io/files.h"
#include "table.h"

/* With --check the last column is shown, too. */
static const struct table_column columns[] = {
    {"domain", "domain", false, false},
    {"selector", "selector", false, false},
    {"type", "type", false, false},
    {"bits", "bits", true, false},
    {"modified", "modified", false, false},
    {"state", "state", false, false},
    {"next", "next", false, false},
    {"from", "next_at", false, false},
    {"fingerprint", "fingerprint", false, false},
    {"DNS", "dns", false, false},
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

/* Of the digest, on a terminal. */
#define FINGERPRINT_SHORT 16

/* SHA-256 of the public key, as openssl pkey -pubout -outform DER | sha256sum has it for RSA. */
static void
fingerprint_cell(struct table *t, const char *public_key)
{
	char raw[SIGN_PUBLIC_MAX_BYTES], hex[2 * HASH_SHA256_BYTES];
	struct buf bytes = BUF_OVER(raw), text = BUF_OVER(hex);
	struct hash *hash = hash_new(HASH_SHA256);
	uint8_t digest[HASH_MAX_BYTES];
	size_t n = 0;

	if (hash != NULL && decode_base64(&bytes, slice_of(public_key)) == 0) {
		hash_add(hash, buf_slice(&bytes));
		n = hash_finish(hash, digest);
	}
	hash_free(hash);
	encode_hex(&text, slice_make((const char *)digest, n));
	if (n == 0)
		table_none(t);
	else
		table_text(t, OUT_DIM,
		    slice_head(buf_slice(&text),
			t->out->form == OUT_TERMINAL ? FINGERPRINT_SHORT : text.n));
}

static void
kind_cells(struct table *t, const struct key_entry *entry)
{
	struct sign_facts facts;

	if (entry->key == NULL) {
		table_none(t);
		table_none(t);
		return;
	}
	facts = sign_key_facts(entry->key);
	table_words(t, OUT_NORMAL, key_kind_name(facts.kind));
	table_number(t, OUT_NORMAL, facts.bits);
}

static void
state_cell(struct table *t, const struct key_view *view, const struct key_entry *entry)
{
	const struct key_entry *signs = key_table_find(
	    view->table, slice_of(entry->domain), slice_of(entry->selector), view->now_s);

	if (signs != entry)
		table_words(t, OUT_DIM, "handed-over");
	else if (entry->key == NULL)
		table_words(t, OUT_BAD, entry->reason);
	else
		table_words(t, OUT_GOOD, "ok");
}

static void
entry_row(struct table *t, const struct key_view *view, const struct key_entry *entry,
    const struct key_shown *shown)
{
	char path[KEY_PATH_BYTES];
	struct files_identity file = files_identify(
	    key_path(view, entry->domain, entry->selector, ".key", path));

	table_words(t, OUT_NORMAL, entry->domain);
	table_words(t, OUT_NORMAL, entry->selector);
	kind_cells(t, entry);
	if (file.ino == 0)
		table_none(t);
	else
		table_time(t, OUT_NORMAL, file.modified.tv_sec, view->now_s);
	state_cell(t, view, entry);
	table_text_or_none(t, entry->next == NULL ? "" : entry->next);
	if (entry->next == NULL)
		table_none(t);
	else
		table_time(t, OUT_NORMAL, entry->next_at_s, view->now_s);
	if (entry->key == NULL)
		table_none(t);
	else
		fingerprint_cell(t, entry->public_key);
	if (shown != NULL && entry->key != NULL)
		table_words(t, shown->state == KEY_RECORD_OK ? OUT_GOOD : OUT_BAD,
		    key_record_state_name(shown->state));
	else if (shown != NULL)
		table_none(t);
	table_row(t);
}

static int
list(struct key_view *view, struct key_selected *selected)
{
	struct ctl *ctl = view->ctl;
	bool check = ctl->args.value[ARG_CHECK] != NULL;
	struct table t;
	int code = check ? key_selected_ask(selected, ctl) : CTL_OK;

	if (code != CTL_OK)
		return code;
	table_begin(&t, &ctl->out, columns, check ? COLUMNS : COLUMNS - 1);
	for (size_t i = 0; i < selected->n && !out_is_dead(&ctl->out); i++)
		entry_row(&t, view, selected->v[i], check ? &selected->shown[i] : NULL);
	table_end(&t);
	return CTL_OK;
}

int
key_list_command(struct ctl *ctl)
{
	struct key_view view;
	struct key_selected selected;
	int code = key_view_init(&view, ctl, true);

	if (code == CTL_OK) {
		code = key_selected_init(&selected, &view);
		if (code == CTL_OK)
			code = list(&view, &selected);
		key_selected_fini(&selected);
	}
	key_view_fini(&view);
	return code;
}
