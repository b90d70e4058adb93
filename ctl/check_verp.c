/*
 * check_verp.c - see check_outbound.h.
 */
#include "check_outbound.h"

#include "outbound_conf.h"
#include "settings.h"
#include "setup_postfix.h"

#define TOPIC "postfix"

static const char setup_todo[] = "`gatepostctl setup postfix` prints what is needed";

struct verp_check {
	struct check *check;
	struct postfix_view *view;
	const struct account *expands; /* the first account that wants it, or NULL */
	const struct account *keeps;   /* the first whose MAIL FROM stays */
	const struct account *returns; /* the first whose bounces come to us */
	size_t services;               /* that add XVERP */
};

static void
service_check(struct verp_check *v, const struct postfix_service *service)
{
	struct slice clients = postfix_service_setting(
	    v->view, service, "smtpd_authorized_verp_clients");

	if (!postfix_gives_xverp(v->view, service))
		return;
	v->services++;
	if (clients.n == 0)
		check_say(v->check, CHECK_FAULT, TOPIC, setup_todo,
		    "service %.*s adds XVERP to MAIL FROM, and smtpd_authorized_verp_clients names "
		    "nobody: all its mail is refused (555)",
		    SLICE_ARG(service->name));
	else if (!postfix_is_submission(v->view, v->check->conf, service))
		check_say(v->check, CHECK_WARNING, TOPIC,
		    "set smtpd_command_filter for services that only submitters use, in master.cf",
		    "service %.*s adds XVERP to MAIL FROM, and is not for submitters only: others "
		    "are refused (555), or their senders are changed",
		    SLICE_ARG(service->name));
	else if (v->keeps != NULL)
		check_say(v->check, CHECK_WARNING, TOPIC,
		    "have such accounts submit by a service without that filter",
		    "service %.*s adds XVERP: it also changes the MAIL FROM of account %s, which "
		    "gatepost keeps",
		    SLICE_ARG(service->name), v->keeps->name);
}

static void
delimiters_check(struct verp_check *v)
{
	const struct outbound_conf *conf = settings_of(v->check->conf, &outbound_section);
	struct slice now = postfix_setting(v->view->settings, "default_verp_delimiters");

	if (!slice_eq(now, slice_of(conf->xverp_delimiters)))
		check_say(v->check, CHECK_FAULT, TOPIC,
		    "let both be the same: `gatepostctl setup postfix` prints it",
		    "default_verp_delimiters = %.*s, and outbound.xverp_delimiters = %s: return "
		    "paths cannot be read when they come back",
		    SLICE_ARG(now), conf->xverp_delimiters);
}

static void
services_check(struct verp_check *v)
{
	struct slice text = v->view->services;
	struct postfix_service service;

	while (postfix_service_next(&text, &service))
		service_check(v, &service);
	if (v->services > 0)
		delimiters_check(v);
	if (v->expands != NULL && v->services == 0)
		check_say(v->check, CHECK_WARNING, TOPIC, setup_todo,
		    "account %s has recipients = expand, and no service adds XVERP: several "
		    "recipients get one return path",
		    v->expands->name);
	else if (v->expands != NULL)
		check_say(v->check, CHECK_OK, TOPIC, NULL,
		    "%zu service%s: each recipient gets a return path (XVERP)", v->services,
		    v->services == 1 ? "" : "s");
}

/* Postfix's own bounces: they come by no smtpd. */
static void
bounces_check(struct verp_check *v)
{
	struct slice classes = postfix_setting(v->view->settings, "internal_mail_filter_classes");
	struct slice milters = postfix_setting(v->view->settings, "non_smtpd_milters");
	struct postfix_milter milter;
	bool shown = postfix_list_has(classes, slice_of("bounce"));

	if (v->returns == NULL || !setup_reads_returns(v->check->conf))
		return;
	if (shown && postfix_entry_find(v->view, milters, false, &milter))
		check_say(v->check, CHECK_OK, TOPIC, NULL,
		    "internal_mail_filter_classes: Postfix's own bounces pass gatepostd");
	else
		check_say(v->check, CHECK_WARNING, TOPIC, setup_todo,
		    "%s: Postfix's own bounces do not pass gatepostd: recipients whom a far end "
		    "refuses are not suppressed",
		    shown ? "non_smtpd_milters does not name us"
			  : "internal_mail_filter_classes does not name bounce");
}

void
check_verp(struct check *check, const struct account_book *book)
{
	static struct postfix_view view; /* most of a megabyte: no place on the stack */
	struct verp_check v = {.check = check, .view = &view};
	struct err err;

	for (size_t i = 0; i < book->n; i++) {
		const struct account *account = book->v[i];

		if (v.expands == NULL && sender_expands(account))
			v.expands = account;
		if (v.keeps == NULL && !sender_has_verp(account))
			v.keeps = account;
		if (v.returns == NULL && sender_has_verp(account))
			v.returns = account;
	}
	view = (struct postfix_view){.check = check, .folder = check->ctl->args.value[ARG_POSTFIX]};
	view.place.listen =
	    ((const struct daemon_conf *)settings_of(check->conf, &daemon_section))->listen;
	if (postfix_view_read(&view, &err) != 0)
		return; /* there is none, or check_postfix() says what is wrong with it */
	services_check(&v);
	bounces_check(&v);
}
