/*
 * bounce.c - `gatepostctl bounce`: what a message that came back says of whom.
 */
#include "ctl.h"
#include "message_in.h"

#include "io/bounce_rules.h"
#include "policy/dsn.h"

/* The message while it is read, twice; what it is taken apart into. */
#define ARENA_BYTES (4 * MESSAGE_IN_BYTES)
#define RULES_BYTES ((size_t)32 * 1024 * 1024)

/* The word of the second column. */
static const char *
class_word(const struct dsn *dsn, const struct dsn_recipient *r)
{
	if (dsn->kind == DSN_COMPLAINT)
		return "complaint";
	if (dsn->kind == DSN_AUTO_REPLY || dsn->kind == DSN_CHALLENGE || dsn->kind == DSN_RECEIPT)
		return "autoreply";
	if (r->action == DSN_DELIVERED || r->action == DSN_RELAYED || r->action == DSN_EXPANDED)
		return "delivered";
	return r->verdict.permanent ? "perm" : "temp";
}

static enum out_style
style_of(const struct dsn_recipient *r)
{
	return bounce_gives_up(&r->verdict) ? OUT_BAD
	       : r->verdict.permanent       ? OUT_WARNING
					    : OUT_NORMAL;
}

static void
line_print(struct out *out, const struct dsn *dsn, const struct dsn_recipient *r)
{
	out_slice(out, OUT_NORMAL, r->address);
	out_print(out, OUT_NORMAL, "\t");
	out_print(out, style_of(r), "%s", class_word(dsn, r));
	out_print(out, OUT_NORMAL, "\t");
	out_slice(out, OUT_NORMAL, r->status);
	out_print(out, OUT_NORMAL, "\t");
	out_slice(out, OUT_NORMAL, r->verdict.category);
	out_print(out, OUT_NORMAL, "\n");
}

/* Text that may not be there. */
static void
text_set(json_t *object, const char *name, struct slice text)
{
	(void)json_object_set_new(object, name, text.n == 0 ? json_null() : out_json_text(text));
}

static json_t *
rule_json(const struct bounce_verdict *verdict)
{
	return verdict->source == NULL ? json_null()
				       : json_sprintf("%s:%u", verdict->source, verdict->line);
}

static json_t *
recipient_json(const struct dsn *dsn, const struct dsn_recipient *r)
{
	json_t *object = json_object();

	text_set(object, "recipient", r->address);
	(void)json_object_set_new(object, "class", json_string(class_word(dsn, r)));
	text_set(object, "status", r->status);
	text_set(object, "category", r->verdict.category);
	(void)json_object_set_new(object, "why", json_string(bounce_class_name(r->verdict.class)));
	(void)json_object_set_new(object, "gives_up", json_boolean(bounce_gives_up(&r->verdict)));
	(void)json_object_set_new(object, "action", json_string(dsn_action_name(r->action)));
	(void)json_object_set_new(
	    object, "reply", r->reply == 0 ? json_null() : json_integer(r->reply));
	text_set(object, "original", r->original);
	text_set(object, "final", r->final);
	text_set(object, "diagnostic", r->diagnostic);
	(void)json_object_set_new(object, "rule", rule_json(&r->verdict));
	(void)json_object_set_new(object, "kind", json_string(dsn_kind_name(dsn->kind)));
	text_set(object, "envid", dsn->envid);
	text_set(object, "message_id", dsn->message_id);
	text_set(object, "id_header", dsn->id_header);
	return object;
}

static void
dsn_print(struct out *out, const struct dsn *dsn)
{
	bool none = dsn->kind == DSN_NONE || dsn->n == 0;

	for (size_t i = 0; !none && i < dsn->n; i++) {
		if (out->form == OUT_JSON)
			out_json(out, recipient_json(dsn, &dsn->v[i]), i == 0);
		else
			line_print(out, dsn, &dsn->v[i]);
	}
	if (out->form == OUT_JSON)
		out_json_end(out, none);
}

static int
code_of(const struct err *err)
{
	return err->code == ERR_NOMEM   ? EX_UNAVAILABLE
	       : err->code == ERR_LIMIT ? EX_DATAERR
					: EX_NOINPUT;
}

static int
bounce_run(struct ctl *ctl, const struct bounce_table *table, struct arena *a)
{
	struct message message;
	struct dsn dsn;
	struct err err;

	if (message_in_read(a, &message, &err) != 0)
		return ctl_fail(code_of(&err), "%s", err.text);
	if (dsn_read(a, table, &message, dsn_path_noted(&message), &dsn) != 0)
		return ctl_fail(EX_UNAVAILABLE, "no memory for what is in the message");
	dsn_print(&ctl->out, &dsn);
	if (dsn.over)
		(void)ctl_fail(0, "there is more in the message than is read");
	return dsn.kind == DSN_NONE ? CTL_NOT_FOUND : CTL_OK;
}

int
bounce_command(struct ctl *ctl)
{
	const char *path = ctl->operands > 0 ? ctl->operand[0] : NULL;
	struct bounce_table table;
	struct arena rules, a;
	struct err err;
	int code;

	arena_init(&rules, 65536, RULES_BYTES);
	arena_init(&a, 65536, ARENA_BYTES);
	if (bounce_rules_load(path, &rules, &table, &err) != 0)
		code = ctl_fail(EX_CONFIG, "%s", err.text);
	else
		code = bounce_run(ctl, &table, &a);
	arena_fini(&a);
	arena_fini(&rules);
	return code;
}
