/*
 * key_check.c - `gatepostctl key check`: does DNS show the keys that sign mail?
 */
#include "key_select.h"

#include "table.h"

static const struct table_column columns[] = {
    {"state", "state", false, false},
    {"domain", "domain", false, false},
    {"selector", "selector", false, false},
    {"", "what", false, false},
};

static const char handed_over[] = "another selector signs in its stead";
static const char no_sha1_words[] = "this host's OpenSSL, or its crypto policy, does not sign "
				    "SHA-1: mail leaves without DomainKeys, "
				    "with DKIM";

/* What is so with one key. */
struct said {
	const char *state;
	const char *what; /* "" when there is nothing to say */
	bool good;
};

static struct said
verdict_of(
    const struct key_view *view, const struct key_entry *entry, const struct key_shown *shown)
{
	const struct key_entry *signs = key_table_find(
	    view->table, slice_of(entry->domain), slice_of(entry->selector), view->now_s);

	/* its record may be gone, and so may its file */
	if (signs != entry &&
	    (entry->key == NULL || view->now_s >= entry->next_at_s + KEY_LINGER_S))
		return (struct said){"handed-over", handed_over, true};
	if (entry->key != NULL)
		return (struct said){key_record_state_name(shown->state), shown->words,
		    shown->state == KEY_RECORD_OK};
	return (struct said){
	    entry->reason, "its file cannot be used: no mail is signed with it", false};
}

static void
row_add(struct table *t, const struct said *verdict, const char *domain, const char *selector)
{
	table_words(t, verdict->good ? OUT_GOOD : OUT_BAD, verdict->state);
	table_text_or_none(t, domain);
	table_text_or_none(t, selector);
	table_text_or_none(t, verdict->what);
	table_row(t);
}

/* The number of rows about which something is wrong. */
static size_t
rows_add(struct table *t, const struct key_view *view, const struct key_selected *selected)
{
	const struct said no_sha1 = {"no-sha1", no_sha1_words, false};
	bool has_rsa = false, has_sha1 = false;
	size_t wrong = 0;

	for (size_t i = 0; i < selected->n && !out_is_dead(t->out); i++) {
		const struct key_entry *entry = selected->v[i];
		struct said verdict = verdict_of(view, entry, &selected->shown[i]);

		row_add(t, &verdict, entry->domain, entry->selector);
		wrong += !verdict.good;
		if (entry->key != NULL) {
			has_rsa = has_rsa || sign_key_facts(entry->key).kind == SIGN_RSA;
			has_sha1 = has_sha1 || sign_key_facts(entry->key).sha1;
		}
	}
	if (has_rsa && !has_sha1) {
		row_add(t, &no_sha1, "", "");
		wrong++;
	}
	return wrong;
}

static int
check(struct key_view *view, struct key_selected *selected)
{
	struct out *out = &view->ctl->out;
	struct table t;
	size_t wrong;
	int code = key_selected_ask(selected, view->ctl);

	if (code != CTL_OK)
		return code;
	table_begin(&t, out, columns, sizeof(columns) / sizeof(*columns));
	wrong = rows_add(&t, view, selected);
	table_end(&t);
	if (wrong > 0 && selected->n == 1 && selected->v[0]->key != NULL &&
	    out->form == OUT_TERMINAL && selected->shown[0].state != KEY_RECORD_OK) {
		out_print(out, OUT_NORMAL, "\n");
		key_records_print(out, selected->v[0]);
	}
	return wrong == 0 ? CTL_OK : CTL_NOT_FOUND;
}

int
key_check_command(struct ctl *ctl)
{
	struct key_view view;
	struct key_selected selected;
	int code = key_view_init(&view, ctl, true);

	if (code == CTL_OK) {
		code = key_selected_init(&selected, &view);
		if (code == CTL_OK)
			code = check(&view, &selected);
		key_selected_fini(&selected);
	}
	key_view_fini(&view);
	return code;
}
