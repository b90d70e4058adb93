/*
 * key_print.c - see key.h: the records of a key.
 */
#include "key.h"

/* The texts of one key's records. */
struct texts {
	char name[DNS_NAME_MAX_BYTES + 1];
	char record[KEY_RECORD_MAX_BYTES];
	char zone[KEY_RECORD_ZONE_BYTES];
	char policy_name[DNS_NAME_MAX_BYTES + 1]; /* "": a key that DomainKeys does not know */
	char policy_zone[DNS_NAME_MAX_BYTES + 40];
};

static void
texts_make(struct texts *t, const struct key_entry *entry, bool lines)
{
	struct slice domain = slice_of(entry->domain);
	enum sign_kind kind = sign_key_facts(entry->key).kind;
	struct buf name = BUF_OVER(t->name), record = BUF_OVER(t->record);
	struct buf zone = BUF_OVER(t->zone), policy = BUF_OVER(t->policy_name);
	struct buf policy_zone = BUF_OVER(t->policy_zone);

	(void)key_record_name(domain, slice_of(entry->selector), &name);
	key_record_format(kind, entry->public_key, &record);
	key_record_zone(buf_slice(&name), buf_slice(&record), lines, &zone);
	if (kind == SIGN_RSA) {
		key_policy_name(domain, &policy);
		key_record_zone(buf_slice(&policy), slice_of(KEY_POLICY_TEXT), false, &policy_zone);
	}
	(void)buf_text(&name);
	(void)buf_text(&record);
	(void)buf_text(&zone);
	(void)buf_text(&policy);
	(void)buf_text(&policy_zone);
}

static void
terminal_print(struct out *out, const struct texts *t)
{
	out_print(out, OUT_BOLD, "to publish, in a zone file:\n\n");
	out_print(out, OUT_NORMAL, "%s\n\n", t->zone);
	out_print(out, OUT_BOLD, "or in a form, name and text of a TXT record:\n\n");
	out_print(out, OUT_NORMAL, "%s\n\n%s\n\n", t->name, t->record);
	if (t->policy_name[0] == '\0')
		return;
	out_print(out, OUT_BOLD, "for DomainKeys, once for the domain, if you like:\n\n");
	out_print(out, OUT_NORMAL,
	    "%s\n\nIt says: some mail is signed, some is not, as is taken for granted without it. "
	    "o=-\nsays that all is, and is for domains of which no other mail leaves.\n\n",
	    t->policy_zone);
}

static void
pipe_print(struct out *out, const struct texts *t)
{
	out_print(out, OUT_NORMAL, "name\t%s\nrecord\t%s\nzone\t%s\n", t->name, t->record, t->zone);
	if (t->policy_name[0] != '\0')
		out_print(out, OUT_NORMAL, "policy_name\t%s\npolicy\t%s\n", t->policy_name,
		    KEY_POLICY_TEXT);
}

void
key_records_print(struct out *out, const struct key_entry *entry)
{
	struct texts t;

	texts_make(&t, entry, out->form == OUT_TERMINAL);
	if (out->form == OUT_TERMINAL)
		terminal_print(out, &t);
	else
		pipe_print(out, &t);
}

void
key_records_json(json_t *object, const struct key_entry *entry)
{
	struct texts t;

	texts_make(&t, entry, false);
	(void)json_object_set_new(object, "name", json_string(t.name));
	(void)json_object_set_new(object, "record", json_string(t.record));
	(void)json_object_set_new(object, "zone", json_string(t.zone));
	(void)json_object_set_new(object, "policy_name",
	    t.policy_name[0] == '\0' ? json_null() : json_string(t.policy_name));
	(void)json_object_set_new(object, "policy",
	    t.policy_name[0] == '\0' ? json_null() : json_string(KEY_POLICY_TEXT));
}
