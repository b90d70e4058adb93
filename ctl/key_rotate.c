/*
 * key_rotate.c - `gatepostctl key rotate`: one selector takes over from another, at a time that
 * leaves DNS the time to show its record; accounts need not change.
 */
#include "key.h"

#include "conf/option.h"
#include "policy/keyring_time.h"
#include "words.h"

#include <errno.h>
#include <unistd.h>

#define DAY_S INT64_C(86400)

/* Until the new key signs, unless --at says otherwise: whoever asked DNS before, and was told that
 * there is no such record, has forgotten that by then. */
#define WAIT_S (2 * DAY_S)

#define AT_MAX_S (366 * DAY_S)

struct rotation {
	struct key_view view;
	struct key_typed old, new;
	int64_t at_s;
	bool made; /* the new key was not there */
};

/* "now", "+3d", "+1h30m", or a time; --at. */
static int
at_parse(const char *text, int64_t now_s, int64_t *at_r)
{
	struct {
		int64_t s;
	} ahead;
	const struct option row = {
	    .name = "at", .kind = OPTION_KIND_SECONDS, .offset = 0, .min = 0, .max = AT_MAX_S};
	struct err err;

	if (strcmp(text, "now") == 0) {
		*at_r = now_s;
		return CTL_OK;
	}
	if (text[0] == '+') {
		if (option_set(&row, &ahead, NULL, slice_of(text + 1), &err) != 0)
			return ctl_fail(EX_USAGE, "--at +%s", err.text);
		*at_r = now_s + ahead.s;
		return CTL_OK;
	}
	if (keyring_time_parse(slice_of(text), at_r) != 0)
		return ctl_fail(EX_USAGE,
		    "--at %s: write now, +3d, or a time as in 2026-12-01T00:00:00Z", text);
	if (*at_r < now_s || *at_r > now_s + AT_MAX_S)
		return ctl_fail(EX_USAGE, "--at %s: write a time within a year from now", text);
	return CTL_OK;
}

static const struct key_entry *
entry_of(const struct rotation *r, const struct key_typed *typed)
{
	return key_table_at(r->view.table, slice_of(typed->domain), slice_of(typed->selector));
}

/* Why the one cannot take over from the other, said; or CTL_OK. */
static int
pair_check(const struct rotation *r)
{
	const struct key_entry *old = entry_of(r, &r->old), *new = entry_of(r, &r->new);

	if (strcmp(r->old.selector, r->new.selector) == 0)
		return ctl_fail(
		    EX_USAGE, "a selector cannot take over from itself: name a new one");
	if (old == NULL)
		return ctl_fail(CTL_NOT_FOUND, "%s: there is no key of %s with the selector %s",
		    r->view.directory, r->old.domain, r->old.selector);
	if (old->next != NULL && strcmp(old->next, r->new.selector) != 0)
		return ctl_fail(EX_USAGE,
		    "%s hands over to %s already; `gatepostctl key rotate --cancel %s %s` takes "
		    "that back, or rotate %s",
		    old->selector, old->next, old->domain, old->selector, old->next);
	if (new != NULL &&new->next != NULL)
		return ctl_fail(EX_USAGE, "%s hands over to %s itself: name another selector",
		    new->selector, new->next);
	if (new != NULL &&new->key == NULL)
		return ctl_fail(EX_USAGE, "the key of %s cannot be used: %s; name another selector",
		    new->selector, new->reason);
	return CTL_OK;
}

/* Makes the new key if it is not there: of the old one's kind, unless told otherwise. */
static int
successor_make(struct rotation *r)
{
	const struct args *args = &r->view.ctl->args;
	const struct key_entry *old = entry_of(r, &r->old);
	struct key_kind kind = {SIGN_RSA, 2048};
	int code;

	if (old->key != NULL && sign_key_facts(old->key).kind == SIGN_ED25519)
		kind.kind = SIGN_ED25519;
	else if (old->key != NULL && sign_key_facts(old->key).bits > kind.bits)
		kind.bits = sign_key_facts(old->key).bits;
	if (entry_of(r, &r->new) != NULL) {
		if (args->value[ARG_TYPE] == NULL && args->value[ARG_BITS] == NULL)
			return CTL_OK;
		return ctl_fail(
		    EX_USAGE, "%s is there already: leave --type and --bits out", r->new.selector);
	}
	code = key_kind_given(args, &kind);
	if (code == CTL_OK)
		code = key_make(&r->view, &r->new, &kind);
	r->made = code == CTL_OK;
	return code == CTL_OK ? key_view_renew(&r->view) : code;
}

static int
next_write(struct rotation *r)
{
	char storage[KEY_NEXT_MAX_BYTES], path[KEY_PATH_BYTES];
	struct buf text = BUF_OVER(storage);
	const struct key_next next = {slice_of(r->new.selector), r->at_s};
	struct key_owner owner;
	struct err err;

	key_next_format(&next, &text);
	(void)key_path(&r->view, r->old.domain, r->old.selector, ".next", path);
	if (key_owner_of(r->view.ctl, &owner, &err) != 0)
		return ctl_fail(EX_CONFIG, "%s", err.text);
	if (key_file_replace(path, buf_slice(&text), &owner, &err) != 0)
		return ctl_fail(CTL_NOT_WRITTEN, "%s", err.text);
	key_owner_tell(&owner, path);
	return CTL_OK;
}

static void
time_words(struct buf *out, int64_t at_s, int64_t now_s)
{
	words_clock(out, at_s);
	buf_add_text(out, " (");
	words_when(out, at_s, now_s);
	buf_add_text(out, ")");
}

static void
terminal_print(const struct rotation *r, const struct key_entry *new)
{
	struct out *out = &r->view.ctl->out;
	char at_storage[80], end_storage[80];
	struct buf at = BUF_OVER(at_storage), end = BUF_OVER(end_storage);
	const struct key_entry *old = entry_of(r, &r->old);

	time_words(&at, r->at_s, r->view.now_s);
	time_words(&end, r->at_s + KEY_LINGER_S, r->view.now_s);
	if (r->made)
		out_print(out, OUT_GOOD, "made the key of %s\n\n", r->new.selector);
	key_records_print(out, new);
	out_print(out, OUT_BOLD, "then:\n\n");
	out_print(out, OUT_NORMAL,
	    "  gatepostctl key check %s %s    before that time: until DNS shows it\n"
	    "  systemctl reload gatepostd    before that time, so that it is known\n\n"
	    "From %s on, accounts that sign with\n%s:%s sign with %s; they need not be changed.\n"
	    "The record of %s may be removed on %s:\nmail that it signed may be on its way till "
	    "then. Keep %s.next.\n",
	    r->new.domain, r->new.selector, buf_text(&at), r->old.selector, r->old.domain,
	    r->new.selector, r->old.selector, buf_text(&end), r->old.selector);
	if (old != NULL && old->key != NULL &&
	    sign_key_facts(old->key).kind != sign_key_facts(new->key).kind)
		out_print(out, OUT_WARNING,
		    "\nThe new key is of another type: DomainKeys is signed with RSA only, and "
		    "not all\nwho verify know Ed25519.\n");
}

static void
rotation_print(const struct rotation *r)
{
	struct out *out = &r->view.ctl->out;
	const struct key_entry *new = entry_of(r, &r->new);
	int64_t remove_at_s = r->at_s + KEY_LINGER_S;
	json_t *object;

	if (out->form == OUT_TERMINAL) {
		terminal_print(r, new);
	} else if (out->form == OUT_PIPE) {
		out_print(out, OUT_NORMAL, "made\t%s\nat\t%lld\nremove_at\t%lld\n",
		    r->made ? "yes" : "no", (long long)r->at_s, (long long)remove_at_s);
		key_records_print(out, new);
	} else {
		object = json_object();
		(void)json_object_set_new(object, "domain", json_string(r->old.domain));
		(void)json_object_set_new(object, "old", json_string(r->old.selector));
		(void)json_object_set_new(object, "new", json_string(r->new.selector));
		(void)json_object_set_new(object, "made", json_boolean(r->made));
		(void)json_object_set_new(object, "at", json_integer(r->at_s));
		(void)json_object_set_new(object, "remove_at", json_integer(remove_at_s));
		key_records_json(object, new);
		out_json(out, object, true);
		out_json_end(out, false);
	}
}

static int
rotate(struct rotation *r)
{
	const struct args *args = &r->view.ctl->args;
	int code = CTL_OK;

	r->at_s = r->view.now_s + WAIT_S;
	if (args->value[ARG_AT] != NULL)
		code = at_parse(args->value[ARG_AT], r->view.now_s, &r->at_s);
	if (code == CTL_OK)
		code = pair_check(r);
	if (code == CTL_OK)
		code = successor_make(r);
	if (code == CTL_OK)
		code = next_write(r);
	if (code == CTL_OK)
		rotation_print(r);
	return code;
}

static int
cancel(struct rotation *r)
{
	const struct key_entry *old = entry_of(r, &r->old);
	struct out *out = &r->view.ctl->out;
	char path[KEY_PATH_BYTES];

	(void)key_path(&r->view, r->old.domain, r->old.selector, ".next", path);
	if (old != NULL && old->key == NULL && old->next != NULL)
		return ctl_fail(EX_USAGE,
		    "%s cannot sign itself (%s): without the rotation, nobody would", old->selector,
		    old->reason);
	if (unlink(path) != 0)
		return errno == ENOENT ? ctl_fail(CTL_NOT_FOUND, "%s of %s hands over to nobody",
					     r->old.selector, r->old.domain)
				       : ctl_fail(CTL_NOT_WRITTEN, "%s: %s", path, strerror(errno));
	if (out->form == OUT_TERMINAL)
		out_print(out, OUT_NORMAL, "%s signs itself, after: systemctl reload gatepostd\n",
		    r->old.selector);
	return CTL_OK;
}

int
key_rotate_command(struct ctl *ctl)
{
	bool cancels = ctl->args.value[ARG_CANCEL] != NULL;
	struct rotation r = {.made = false};
	int code;

	if (ctl->operands != (cancels ? 2 : 3))
		return ctl_fail(EX_USAGE, "usage: gatepostctl key rotate %s",
		    cancels ? "--cancel DOMAIN OLD" : "DOMAIN OLD NEW");
	if (cancels && (ctl->args.value[ARG_AT] != NULL || ctl->args.value[ARG_TYPE] != NULL ||
			   ctl->args.value[ARG_BITS] != NULL))
		return ctl_fail(EX_USAGE, "--cancel goes alone");
	code = key_domain_typed(ctl->operand[0], &r.old);
	r.new = r.old;
	if (code == CTL_OK)
		code = key_selector_typed(ctl->operand[1], &r.old);
	if (code == CTL_OK && !cancels)
		code = key_selector_typed(ctl->operand[2], &r.new);
	if (code != CTL_OK)
		return code;
	code = key_view_init(&r.view, ctl, false);
	if (code == CTL_OK)
		code = cancels ? cancel(&r) : rotate(&r);
	key_view_fini(&r.view);
	return code;
}
