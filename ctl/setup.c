/*
 * setup.c - what both kinds of `gatepostctl setup` share, and the order of `setup postfix`: see setup.h.
 */
#include "setup.h"

#include "io/store_admin.h"
#include "lists.h"
#include "returns_conf.h"
#include "settings.h"

#define ARENA_BYTES ((size_t)128 * 1024 * 1024)
#define NAMES_SHOWN 8

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

bool
setup_knows_all(const struct setup *s)
{
	return s->has_senders && s->senders.book->complete;
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

bool
setup_reads_returns(const struct conf *conf)
{
	const struct returns_conf *returns = settings_of(conf, &returns_section);

	return returns->enabled;
}

void
setup_optouts(struct setup *s, const struct sender_domain *domains, size_t n)
{
	struct lists_optouts optouts;
	struct err err;

	if (n == 0 || setup_reads_returns(s->conf))
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

int
setup_begin(struct setup *s, struct ctl *ctl)
{
	*s = (struct setup){.ctl = ctl, .shell = true};
	s->conf = ctl_conf(ctl);
	s->only_diff = ctl->args.value[ARG_DIFF] != NULL;
	arena_init(&s->arena, 16384, ARENA_BYTES);
	return s->conf == NULL ? EX_CONFIG : CTL_OK;
}

int
setup_end(struct setup *s)
{
	bool whole = setup_knows_all(s);

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
		if (setup_knows_all(s))
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
	char host[256] = SETUP_HOST_UNKNOWN;
	int code = setup_begin(&s, ctl);

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
	return setup_end(&s);
}
