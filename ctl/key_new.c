/*
 * key_new.c - `gatepostctl key new`: a new key, and what is to be published of it.
 */
#include "key.h"

#define BITS_USUAL 2048

static void
steps_print(struct out *out, const struct key_entry *entry)
{
	out_print(out, OUT_BOLD, "then:\n\n");
	out_print(out, OUT_NORMAL,
	    "  gatepostctl key check %s %s    until DNS shows it\n"
	    "  systemctl reload gatepostd    so that the key is read\n"
	    "  gatepostctl account set NAME dkim=%s:%s\n\n"
	    "dkim= is a list, with commas: name there what is to go on signing as well.\n",
	    entry->domain, entry->selector, entry->selector, entry->domain);
}

static void
made_print(struct ctl *ctl, const char *path, const struct key_entry *entry)
{
	struct sign_facts facts = sign_key_facts(entry->key);
	struct out *out = &ctl->out;
	json_t *object;

	if (out->form == OUT_JSON) {
		object = json_object();
		(void)json_object_set_new(object, "domain", json_string(entry->domain));
		(void)json_object_set_new(object, "selector", json_string(entry->selector));
		(void)json_object_set_new(object, "file", out_json_text(slice_of(path)));
		(void)json_object_set_new(object, "type", json_string(key_kind_name(facts.kind)));
		(void)json_object_set_new(object, "bits", json_integer(facts.bits));
		key_records_json(object, entry);
		out_json(out, object, true);
		out_json_end(out, false);
	} else if (out->form == OUT_PIPE) {
		out_print(out, OUT_NORMAL, "file\t");
		out_slice(out, OUT_NORMAL, slice_of(path));
		out_print(out, OUT_NORMAL, "\ntype\t%s\nbits\t%u\n", key_kind_name(facts.kind),
		    facts.bits);
		key_records_print(out, entry);
	} else {
		out_print(out, OUT_GOOD, "made ");
		out_slice(out, OUT_NORMAL, slice_of(path));
		out_print(
		    out, OUT_DIM, " (%s, %u bits)\n\n", key_kind_name(facts.kind), facts.bits);
		key_records_print(out, entry);
		steps_print(out, entry);
	}
}

static int
make(struct key_view *view, const struct key_typed *typed, const struct key_kind *kind)
{
	const struct key_entry *entry;
	char path[KEY_PATH_BYTES];
	int code = key_make(view, typed, kind);

	if (code == CTL_OK)
		code = key_view_renew(view);
	if (code != CTL_OK)
		return code;
	(void)key_path(view, typed->domain, typed->selector, ".key", path);
	entry = key_table_at(view->table, slice_of(typed->domain), slice_of(typed->selector));
	if (entry == NULL || entry->key == NULL)
		return ctl_fail(EX_UNAVAILABLE, "%s is written, and cannot be read: %s", path,
		    entry == NULL ? "missing" : entry->reason);
	made_print(view->ctl, path, entry);
	return CTL_OK;
}

int
key_new_command(struct ctl *ctl)
{
	struct key_kind kind = {SIGN_RSA, BITS_USUAL};
	struct key_typed typed;
	struct key_view view;
	int code = key_domain_typed(ctl->operand[0], &typed);

	if (code == CTL_OK)
		code = key_selector_typed(ctl->operand[1], &typed);
	if (code == CTL_OK)
		code = key_kind_given(&ctl->args, &kind);
	if (code != CTL_OK)
		return code;
	code = key_view_init(&view, ctl, false);
	if (code == CTL_OK)
		code = make(&view, &typed, &kind);
	key_view_fini(&view);
	return code;
}
