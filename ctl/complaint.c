/*
 * complaint.c - `gatepostctl complaint`: what a feedback report says.
 */
#include "ctl.h"
#include "message_in.h"

#include "policy/arf.h"

#define ARENA_BYTES (4 * MESSAGE_IN_BYTES)

static void
line_print(struct out *out, const struct arf *arf, struct slice rcpt)
{
	const struct slice cells[] = {
	    arf->feedback_type, arf->source_ip, arf->original_mail_from, rcpt, arf->message_id};

	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		out_print(out, OUT_NORMAL, i > 0 ? "\t" : "");
		out_slice(out, OUT_NORMAL, cells[i]);
	}
	out_print(out, OUT_NORMAL, "\n");
}

static json_t *
complaint_json(const struct arf *arf, struct slice rcpt)
{
	const struct {
		const char *name;
		struct slice text;
	} members[] = {
	    {"feedback_type", arf->feedback_type},
	    {"source_ip", arf->source_ip},
	    {"original_mail_from", arf->original_mail_from},
	    {"original_rcpt_to", rcpt},
	    {"message_id", arf->message_id},
	    {"id_header", arf->id_header},
	    {"envid", arf->envid},
	    {"user_agent", arf->user_agent},
	    {"arrival_date", arf->arrival_date},
	    {"reported_domain", arf->reported_domain},
	    {"auth_failure", arf->auth_failure},
	};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		(void)json_object_set_new(object, members[i].name,
		    members[i].text.n == 0 ? json_null() : out_json_text(members[i].text));
	(void)json_object_set_new(object, "incidents", json_integer(arf->incidents));
	(void)json_object_set_new(object, "complaint", json_boolean(arf_is_complaint(arf)));
	return object;
}

/* A line for each recipient whom the report is about; one if it names none. */
static void
arf_print(struct out *out, const struct arf *arf)
{
	for (size_t i = 0; arf->found && (i == 0 || i < arf->nrcpt); i++) {
		struct slice rcpt = i < arf->nrcpt ? arf->rcpt[i] : slice_of(NULL);

		if (out->form == OUT_JSON)
			out_json(out, complaint_json(arf, rcpt), i == 0);
		else
			line_print(out, arf, rcpt);
	}
	if (out->form == OUT_JSON)
		out_json_end(out, !arf->found);
}

int
complaint_command(struct ctl *ctl)
{
	struct message message;
	struct arena a;
	struct arf arf;
	struct err err;
	int code = CTL_OK;

	arena_init(&a, 65536, ARENA_BYTES);
	if (message_in_read(&a, &message, &err) != 0) {
		code = ctl_fail(err.code == ERR_LIMIT ? EX_DATAERR : EX_NOINPUT, "%s", err.text);
	} else if (arf_read(&a, &message, &arf) != 0) {
		code = ctl_fail(EX_UNAVAILABLE, "no memory for what is in the message");
	} else {
		arf_print(&ctl->out, &arf);
		code = arf.found ? CTL_OK : CTL_NOT_FOUND;
	}
	arena_fini(&a);
	return code;
}
