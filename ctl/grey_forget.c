/*
 * grey_forget.c - `grey forget`: tuples that start anew, identities that are known no more.
 */
#include "grey.h"

struct forgetting {
	struct grey_view *view;
	int64_t found;
	int64_t forgotten;
	bool only_count;
	struct err err;
	int status; /* of the last deletion */
	/* the last one found, for when it is the only one */
	struct store_grey_storage storage;
	size_t key_n;
};

static void
key_note(struct forgetting *f, struct slice key)
{
	f->found++;
	f->key_n = 0;
	if (key.n > sizeof(f->storage.key))
		return;
	memcpy(f->storage.key, key.p, key.n);
	f->key_n = key.n;
}

static bool
tuple_do(void *arg, const struct store_grey_row *row)
{
	struct forgetting *f = arg;

	key_note(f, row->key);
	if (f->only_count)
		return true;
	f->status = store_admin_grey_forget(f->view->admin, row->key, &f->err);
	f->forgotten += f->status > 0;
	return f->status >= 0;
}

/* The same for identities. */
static int
known_each(struct forgetting *f, const struct selector *selector)
{
	struct store_scan *scan = store_admin_known_scan(f->view->admin, &f->err);
	struct store_known_row row;
	int status = scan == NULL ? -1 : 1;

	while (status > 0) {
		status = store_scan_known(scan, &row, &f->err);
		if (status <= 0 || !select_field_has(&selector->identity, row.identity))
			continue;
		key_note(f, row.key);
		if (f->only_count)
			continue;
		f->status = store_admin_known_forget(f->view->admin, row.key, &f->err);
		f->forgotten += f->status > 0;
		status = f->status < 0 ? -1 : 1;
	}
	store_scan_free(scan);
	return status < 0 ? grey_failed(&f->err) : CTL_OK;
}

static int
each(struct forgetting *f, const struct selector *selector, bool known)
{
	int code;

	if (known)
		return known_each(f, selector);
	code = grey_each(f->view, selector, tuple_do, f);
	return f->status < 0 ? grey_failed(&f->err) : code;
}

static int
only_one(struct forgetting *f, bool known)
{
	struct slice key = slice_make(f->storage.key, f->key_n);

	if (known)
		f->status = store_admin_known_forget(f->view->admin, key, &f->err);
	else
		f->status = store_admin_grey_forget(f->view->admin, key, &f->err);
	if (f->status < 0)
		return grey_failed(&f->err);
	f->forgotten = f->status;
	return CTL_OK;
}

static int
report(const struct forgetting *f, bool known)
{
	char storage[100];
	struct buf sentence = BUF_OVER(storage);

	buf_add_text(&sentence, "forgot ");
	grey_count_format(
	    &sentence, f->forgotten, known ? "identity" : "tuple", known ? "identities" : "tuples");
	grey_report(f->view->ctl, "forgotten", f->forgotten, buf_text(&sentence));
	return f->forgotten > 0 ? CTL_OK : CTL_NOT_FOUND;
}

static int
forget(struct grey_view *view, const struct selector *selector)
{
	bool yes = view->ctl->args.value[ARG_YES] != NULL;
	bool known = view->ctl->args.value[ARG_KNOWN] != NULL;
	struct forgetting f = {.view = view, .only_count = !yes};
	int code = each(&f, selector, known);

	if (code == CTL_OK && !yes && f.found > 1)
		return ctl_fail(EX_USAGE, "that is %lld %s; add --yes to forget them all",
		    (long long)f.found, known ? "identities" : "tuples");
	if (code == CTL_OK && !yes && f.found == 1)
		code = only_one(&f, known);
	return code != CTL_OK ? code : report(&f, known);
}

/* IDENTITY SENDER RCPT */
static int
forget_named(struct grey_view *view)
{
	struct forgetting f = {.view = view};
	struct store_grey_row row;
	int status = grey_row_of(view, &f.storage, &row);

	if (status < 0)
		return EX_UNAVAILABLE;
	f.key_n = row.key.n;
	if (status == 1 && only_one(&f, false) != CTL_OK)
		return EX_UNAVAILABLE;
	return report(&f, false);
}

/* Everything is what nobody should forget by leaving something out. */
static bool
is_everything(const struct selector *s)
{
	return s->identity.kind == SELECT_ANY && s->sender.kind == SELECT_ANY &&
	       s->rcpt.kind == SELECT_ANY && s->either.kind == SELECT_ANY && s->waiting &&
	       s->passed;
}

static int
selector_make(const struct ctl *ctl, struct selector *selector_r)
{
	const char *const *value = ctl->args.value;
	bool others = value[ARG_SENDER] != NULL || value[ARG_RCPT] != NULL ||
		      value[ARG_STATE] != NULL;
	int code = grey_selector(ctl, selector_r);

	if (code != CTL_OK)
		return code;
	if (ctl->operands > 0 && !is_everything(selector_r))
		return ctl_fail(EX_USAGE, "grey forget wants operands or options, not both");
	if (ctl->operands == 1)
		select_operand(selector_r, ctl->operand[0]);
	if (value[ARG_KNOWN] != NULL && (others || selector_r->identity.kind == SELECT_ANY))
		return ctl_fail(EX_USAGE, "--known wants an identity, and nothing else; all of "
					  "them: --identity '*'");
	if (ctl->operands != 3 && is_everything(selector_r))
		return ctl_fail(EX_USAGE, "forget what? All tuples: --identity '*' --yes");
	return CTL_OK;
}

int
grey_forget_command(struct ctl *ctl)
{
	struct selector selector;
	struct grey_view view;
	int code;

	if (ctl->operands == 2 || (ctl->operands == 3 && ctl->args.value[ARG_KNOWN] != NULL))
		return ctl_fail(EX_USAGE, "grey forget wants one address, or IDENTITY SENDER RCPT");
	code = selector_make(ctl, &selector);
	if (code == CTL_OK)
		code = grey_view_init(&view, ctl);
	if (code != CTL_OK)
		return code;
	return ctl->operands == 3 ? forget_named(&view) : forget(&view, &selector);
}
