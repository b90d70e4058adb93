/*
 * key_show.c - `gatepostctl key show`: the records of a key that is there, to publish them.
 */
#include "key_select.h"

static int
show(struct out *out, const struct key_entry *entry)
{
	json_t *object;

	if (entry->key == NULL)
		return ctl_fail(CTL_NOT_FOUND, "its file cannot be used: %s", entry->reason);
	if (out->form != OUT_JSON) {
		key_records_print(out, entry);
		return CTL_OK;
	}
	object = json_object();
	key_records_json(object, entry);
	out_json(out, object, true);
	out_json_end(out, false);
	return CTL_OK;
}

int
key_show_command(struct ctl *ctl)
{
	struct key_view view;
	struct key_selected selected;
	int code = key_view_init(&view, ctl, false);

	if (code == CTL_OK) {
		code = key_selected_init(&selected, &view);
		if (code == CTL_OK)
			code = show(&ctl->out, selected.v[0]);
		key_selected_fini(&selected);
	}
	key_view_fini(&view);
	return code;
}
