/*
 * noop_milter.c - a filter that decides nothing: the floor that any libmilter filter stands on.
 *
 * It negotiates what gatepostd does when it greylists, so that both get the same packets in the
 * same order; the difference between the two is what greylisting itself costs. With -r it is the
 * plain filter that most are: every step is sent to it, and answered.
 */
#include <libmilter/mfapi.h>

#include <stdio.h>
#include <unistd.h>

/* Connections that may wait to be accepted: a run opens its sessions all at once. */
#define BACKLOG 1024

static int answer_all;

static sfsistat
noop_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
    unsigned long *pf0, unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
	unsigned long terms = SMFIP_SKIP | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY |
			      SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL;

	(void)f2;
	(void)f3;
	*pf0 = f0 & SMFIF_ADDHDRS;
	*pf1 = answer_all ? 0 : f1 & terms;
	*pf2 = 0;
	*pf3 = 0;
	if (answer_all || (f0 & SMFIF_SETSYMLIST) == 0)
		return SMFIS_CONTINUE;
	(void)smfi_setsymlist(ctx, SMFIM_CONNECT, "j {daemon_name}");
	(void)smfi_setsymlist(ctx, SMFIM_ENVFROM, "i {auth_authen}");
	(void)smfi_setsymlist(ctx, SMFIM_ENVRCPT, "i");
	(void)smfi_setsymlist(ctx, SMFIM_EOM, "i");
	return SMFIS_CONTINUE;
}

/* libmilter says what the parameters are. NOLINTBEGIN(readability-non-const-parameter) */

static sfsistat
noop_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *addr)
{
	(void)ctx;
	(void)host;
	(void)addr;
	return answer_all ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static sfsistat
noop_helo(SMFICTX *ctx, char *name)
{
	(void)ctx;
	(void)name;
	return answer_all ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static sfsistat
noop_mail(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return answer_all ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static sfsistat
noop_rcpt(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_CONTINUE;
}

static sfsistat
noop_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_CONTINUE;
}

static sfsistat
noop_body(SMFICTX *ctx, unsigned char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return SMFIS_CONTINUE;
}

/* NOLINTEND(readability-non-const-parameter) */

/* DATA, end of headers, end of message, ABORT, close. */
static sfsistat
noop_step(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	struct smfiDesc filter = {
	    .xxfi_name = "noop",
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS | SMFIF_SETSYMLIST,
	    .xxfi_connect = noop_connect,
	    .xxfi_helo = noop_helo,
	    .xxfi_envfrom = noop_mail,
	    .xxfi_envrcpt = noop_rcpt,
	    .xxfi_header = noop_header,
	    .xxfi_eoh = noop_step,
	    .xxfi_body = noop_body,
	    .xxfi_eom = noop_step,
	    .xxfi_abort = noop_step,
	    .xxfi_close = noop_step,
	    .xxfi_data = noop_step,
	    .xxfi_negotiate = noop_negotiate,
	};
	char *where = NULL;
	int c;

	while ((c = getopt(argc, argv, "s:r")) != -1) {
		if (c == 's')
			where = optarg;
		else if (c == 'r')
			answer_all = 1;
	}
	if (where == NULL || optind < argc) {
		fputs("usage: noop_milter [-r] -s unix:PATH|inet:PORT@HOST\n", stderr);
		return 2;
	}
	if (smfi_register(filter) != MI_SUCCESS || smfi_setconn(where) != MI_SUCCESS ||
	    smfi_setbacklog(BACKLOG) != MI_SUCCESS || smfi_opensocket(1) != MI_SUCCESS) {
		fprintf(stderr, "noop_milter: cannot open %s\n", where);
		return 1;
	}
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
