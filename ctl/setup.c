/*
 * setup.c - `gatepostctl setup postfix`, `gatepostctl setup sendmail`: see setup.h.
 */
#include "setup.h"

#include "io/store_admin.h"
#include "lists.h"
#include "settings.h"

#define ARENA_BYTES ((size_t)128 * 1024 * 1024)
#define NAMES_SHOWN 8

/* The name behind "host of the mail exchanger" when nobody says it. */
#define HOST_UNKNOWN "mx.example.org"

void
setup_senders_open(struct setup *s)
{
	struct err err;

	s->has_senders = senders_open(&s->senders, s->conf, &err) == 0;
	if (!s->has_senders)
		setup_comment(s, "The accounts could not be read: %s", err.text);
	else if (!s->senders.book->complete)
		setup_comment(s,
		    "Redis could not be read: accounts that are there are missing from what "
		    "follows.");
}

const struct sender_domain *
setup_domains(struct setup *s, size_t *n_r)
{
	*n_r = 0;
	return s->has_senders ? senders_domains(s->senders.book, &s->arena, n_r) : NULL;
}

size_t
setup_names(const struct setup *s, bool (*is)(const struct account *account), struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; s->has_senders && i < s->senders.book->n; i++) {
		const struct account *account = s->senders.book->v[i];

		if (!is(account))
			continue;
		if (n < NAMES_SHOWN)
			buf_add_format(out, "%s%s", n > 0 ? ", " : "", account->name);
		n++;
	}
	if (n > NAMES_SHOWN)
		buf_add_format(out, ", and %zu more", n - NAMES_SHOWN);
	return n;
}

void
setup_dns(struct setup *s, const char *host)
{
	size_t n;
	const struct sender_domain *domains = setup_domains(s, &n);

	if (n == 0)
		return;
	setup_part(s, "DNS");
	setup_comment(s,
	    "Bounces come to the bounce domains, and SPF is asked of them: an MX and an SPF "
	    "record for each. Behind -all nothing else may send: add ip4:ADDRESS for a lane that "
	    "has a source address of its own.");
	for (size_t i = 0; i < n; i++) {
		char name[300], mx[300], spf[300];

		(void)snprintf(name, sizeof(name), "%s.", domains[i].domain);
		(void)snprintf(mx, sizeof(mx), "IN MX 10 %s.", host);
		(void)snprintf(spf, sizeof(spf), "IN TXT \"v=spf1 a:%s -all\"", host);
		setup_item(
		    s, &(struct setup_item){SETUP_DNS, name, mx, NULL, SETUP_UNKNOWN, {NULL, 0}});
		setup_item(
		    s, &(struct setup_item){SETUP_DNS, name, spf, NULL, SETUP_UNKNOWN, {NULL, 0}});
	}
}

void
setup_optouts(struct setup *s, const struct sender_domain *domains, size_t n)
{
	struct lists_optouts optouts;
	struct err err;

	if (n == 0)
		return;
	if (s->ctl->admin == NULL && s->senders.book->complete)
		s->ctl->admin = store_admin_new(settings_of(s->conf, &redis_section), &err);
	lists_optouts_open(&optouts, s->conf, s->ctl->admin);
	setup_comment(s,
	    "Bounces are mail that arrives, often from servers without a proper name, and without "
	    "SPF. No check shall judge them, or they may be refused:");
	for (size_t i = 0; i < n; i++) {
		bool is = lists_optouts_has(&optouts, domains[i].domain);

		setup_item(s, &(struct setup_item){SETUP_OWN, "optout", domains[i].domain, NULL,
				  is                 ? SETUP_DONE
				  : optouts.complete ? SETUP_MISSING
						     : SETUP_UNKNOWN,
				  {NULL, 0}});
	}
	lists_optouts_close(&optouts);
}

/* Returns CTL_OK, or an exit code after a complaint. */
static int
begin(struct setup *s, struct ctl *ctl)
{
	*s = (struct setup){.ctl = ctl, .shell = true};
	s->conf = ctl_conf(ctl);
	s->only_diff = ctl->args.value[ARG_DIFF] != NULL;
	arena_init(&s->arena, 16384, ARENA_BYTES);
	return s->conf == NULL ? EX_CONFIG : CTL_OK;
}

static int
end(struct setup *s)
{
	bool whole = s->has_senders && s->senders.book->complete;

	if (s->ctl->out.form == OUT_JSON)
		out_json_end(&s->ctl->out, s->printed == 0);
	if (s->has_senders)
		senders_close(&s->senders);
	arena_fini(&s->arena);
	return whole ? CTL_OK : EX_UNAVAILABLE;
}

static void
postfix_begin_say(struct setup *s, const struct err *err)
{
	setup_comment(s,
	    "Commands for a shell: what Postfix needs for gatepost as %s has it. Read before you "
	    "paste.",
	    s->ctl->conf_path);
	if (s->view != NULL)
		setup_comment(s, "Compared with the Postfix %.*s of %.*s.",
		    SLICE_ARG(postfix_setting(s->view->settings, "mail_version")),
		    SLICE_ARG(postfix_setting(s->view->settings, "config_directory")));
	else
		setup_comment(s, "Compared with nothing: %s.",
		    err->code == ERR_INVALID ? "there is no Postfix on this host" : err->text);
}

static void
postfix_end_say(struct setup *s)
{
	if (s->ctl->out.form == OUT_JSON)
		return;
	out_print(&s->ctl->out, OUT_NORMAL, "\n");
	if (s->view != NULL && s->missing == 0) {
		setup_comment(s, "Postfix has all of it.");
		return;
	}
	setup_program(s, "postfix");
	out_print(&s->ctl->out, OUT_NORMAL, "reload\n");
}

int
setup_postfix_command(struct ctl *ctl)
{
	static struct postfix_view view; /* most of a megabyte: no place on the stack */
	struct setup s;
	struct err err = {ERR_NONE, ""};
	char host[256] = HOST_UNKNOWN;
	int code = begin(&s, ctl);

	if (code != CTL_OK)
		return code;
	view = (struct postfix_view){.folder = ctl->args.value[ARG_POSTFIX]};
	view.place.listen =
	    ((const struct daemon_conf *)settings_of(s.conf, &daemon_section))->listen;
	if (postfix_view_read(&view, &err) == 0)
		s.view = &view;
	else if (err.code != ERR_INVALID && view.folder != NULL)
		(void)ctl_fail(CTL_OK, "%s", err.text);
	postfix_begin_say(&s, &err);
	setup_senders_open(&s);
	setup_postfix_attach(&s);
	setup_postfix_verp(&s);
	setup_postfix_lanes(&s);
	setup_postfix_bounces(&s);
	if (s.view != NULL)
		(void)snprintf(host, sizeof(host), "%.*s",
		    SLICE_ARG(postfix_setting(view.settings, "myhostname")));
	setup_dns(&s, host);
	postfix_end_say(&s);
	return end(&s);
}

/* ---- Sendmail ---- */

static void
mc_print(struct setup *s, const char *value, const char *why)
{
	setup_item(
	    s, &(struct setup_item){SETUP_MC, "sendmail.mc", value, why, SETUP_UNKNOWN, {NULL, 0}});
}

static void
sendmail_bounces(struct setup *s)
{
	size_t n;
	const struct sender_domain *domains = setup_domains(s, &n);

	if (n == 0)
		return;
	mc_print(s, "FEATURE(`virtusertable')dnl",
	    "Bounces to these domains must not be refused. In /etc/mail/virtusertable (then "
	    "makemap hash virtusertable < virtusertable), with a mailbox of yours instead of "
	    "postmaster:");
	for (size_t i = 0; i < n; i++)
		setup_comment(s, "@%s postmaster", domains[i].domain);
	for (size_t i = 0; i < n; i++) {
		char line[300];

		(void)snprintf(line, sizeof(line), "VIRTUSER_DOMAIN(`%s')dnl", domains[i].domain);
		mc_print(s, line, NULL);
	}
	setup_optouts(s, domains, n);
}

static void
sendmail_limits_say(struct setup *s)
{
	char storage[512];
	struct buf names = BUF_OVER(storage);

	setup_part(s, "what Sendmail cannot");
	setup_comment(
	    s, "Choose the way out by the sender: lanes give the bounce domain, and nothing else.");
	setup_comment(s,
	    "Leave addresses as they were signed: it makes \"a@x.example,b@y.example\" in To and "
	    "Cc \"a@x.example, b@y.example\" afterwards, and DKIM fails. Have programs write a "
	    "blank behind the comma.");
	setup_comment(s,
	    "Give each recipient of a message a return path of its own (XVERP): with recipients = "
	    "expand all of them have the same one, as with message. Set recipients = one for a "
	    "return path each; clients must then send one recipient at a time.");
	if (setup_names(s, sender_expands, &names) > 0)
		setup_comment(s, "Accounts with recipients = expand: %s.", buf_text(&names));
}

int
setup_sendmail_command(struct ctl *ctl)
{
	const struct daemon_conf *daemon;
	char line[1400];
	struct setup s;
	int code = begin(&s, ctl);

	if (code != CTL_OK)
		return code;
	s.shell = false;
	daemon = settings_of(s.conf, &daemon_section);
	setup_comment(&s,
	    "For sendmail.mc, before the MAILER lines; then make sendmail.cf of it, and restart "
	    "Sendmail. `gatepostctl check` says whether it works.");
	setup_senders_open(&s);
	setup_part(&s, "every message by gatepost");
	(void)snprintf(line, sizeof(line),
	    "INPUT_MAIL_FILTER(`gatepost', `S=%s, F=T, T=C:30s;S:30s;R:%llds;E:5m')dnl",
	    daemon->listen, (long long)setup_command_timeout(s.conf));
	mc_print(&s, line,
	    "F=T: while gatepostd is away, mail is put off; leave it out, and it passes unseen. R: "
	    "longer than dns.timeout and redis.timeout together. First of the filters, so that it "
	    "sees messages as they were sent; last, when it signs and another filter writes. "
	    "gatepostd asks for the macros that it needs: no confMILTER_MACROS lines.");
	if (s.has_senders && s.senders.book->n > 0) {
		setup_part(&s, "what comes back");
		sendmail_bounces(&s);
		sendmail_limits_say(&s);
		s.shell = false;
		setup_dns(&s, HOST_UNKNOWN);
	}
	return end(&s);
}
