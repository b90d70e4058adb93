/*
 * grey.c - see grey.h: what the commands `grey …` share.
 */
#include "grey.h"

#include "io/store_admin_server.h"
#include "modules.h"
#include "settings.h"

#define LIMIT_ON_TERMINAL 50

int
grey_failed(const struct err *err)
{
	return ctl_fail(EX_UNAVAILABLE, "%s", err->text);
}

int
grey_view_init(struct grey_view *view, struct ctl *ctl)
{
	const struct conf *conf = ctl_conf(ctl);
	int64_t ahead_ms;
	struct err err;
	int code;

	*view = (struct grey_view){.ctl = ctl};
	if (conf == NULL)
		return EX_CONFIG;
	view->conf = settings_of(conf, &grey_section);
	view->admin = ctl_admin(ctl, &code);
	if (view->admin == NULL)
		return code;
	if (store_admin_time(view->admin, &view->now_s, &ahead_ms, &err) != 0)
		return grey_failed(&err);
	return CTL_OK;
}

int
grey_selector(const struct ctl *ctl, struct selector *selector_r)
{
	const char *const *value = ctl->args.value;
	struct err err;

	selector_init(selector_r);
	if (value[ARG_IDENTITY] != NULL)
		select_identity(&selector_r->identity, value[ARG_IDENTITY]);
	if (value[ARG_SENDER] != NULL)
		select_mail_address(&selector_r->sender, value[ARG_SENDER]);
	if (value[ARG_RCPT] != NULL)
		select_mail_address(&selector_r->rcpt, value[ARG_RCPT]);
	if (select_state(selector_r, value[ARG_STATE], &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	return CTL_OK;
}

int
grey_list_init(
    struct grey_view *view, struct ctl *ctl, struct selector *selector_r, int64_t *limit_r)
{
	struct err err;
	int code;

	*limit_r = ctl->out.form == OUT_TERMINAL ? LIMIT_ON_TERMINAL : 0;
	if (args_number(&ctl->args, ARG_LIMIT, GREY_LIMIT_MAX, limit_r, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	code = grey_selector(ctl, selector_r);
	return code != CTL_OK ? code : grey_view_init(view, ctl);
}

int
grey_each(struct grey_view *view, const struct selector *selector, grey_row_do *row_do, void *arg)
{
	struct store_grey_row row;
	struct err err;
	struct store_scan *scan = store_admin_grey_scan(view->admin, &err);
	int status = scan == NULL ? -1 : 1;

	while (status > 0) {
		status = store_scan_grey(scan, &row, &err);
		if (status > 0 && selector_has(selector, &row) && !row_do(arg, &row))
			break;
	}
	store_scan_free(scan);
	return status < 0 ? grey_failed(&err) : CTL_OK;
}

/* The identity of a client's address, or the identity itself. */
static void
identity_make(const struct grey_conf *conf, const char *text, struct identity *identity_r)
{
	struct buf out = BUF_OVER(identity_r->text);
	struct net_addr addr;
	struct net_cidr cidr;
	struct err err;

	if (net_addr_parse(slice_of(text), &addr) == 0) {
		*identity_r = identity_of_network(
		    &addr, (unsigned)conf->network4_bits, (unsigned)conf->network6_bits);
		return;
	}
	if (net_cidr_parse(slice_of(text), &cidr, &err) == 0)
		net_cidr_format(&out, &cidr);
	else
		buf_add_lower(&out, slice_of(text));
	(void)buf_text(&out);
}

int
grey_row_of(struct grey_view *view, struct store_grey_storage *storage, struct store_grey_row *row)
{
	char **operand = view->ctl->operand;
	struct address sender = address_parse(slice_of(operand[1]));
	struct address rcpt = address_parse(slice_of(operand[2]));
	struct identity identity = {.kind = IDENTITY_NETWORK};
	struct grey_key key;
	struct err err;
	int status;

	identity_make(view->conf, operand[0], &identity);
	grey_key_make(&key, &identity, &sender, &rcpt);
	status = store_admin_grey_get(view->admin, &key, storage, row, &err);
	if (status < 0)
		(void)grey_failed(&err);
	return status;
}
