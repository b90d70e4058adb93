/*
 * try.c - `gatepostctl test`: runs the pipeline on a mail that nobody sends, with DNS as it is
 * configured, and says what would have been answered.
 */
#include "ctl.h"
#include "edits_print.h"
#include "explain_print.h"
#include "io/clock.h"
#include "io/dns.h"
#include "io/store_memory.h"
#include "record.h"
#include "settings.h"
#include "try_message.h"

#include <stdlib.h>
#include <unistd.h>

/* In the store of this process: the tuples of one mail. */
#define STORE_RECORDS 1000

/* The file, a copy with other line ends, and its fields. */
#define ARENA_BYTES (2 * TRY_MESSAGE_BYTES + (size_t)1024 * 1024)

#define HOST_BYTES 256

/* All that a trial needs; too large for a stack. */
struct trial {
	struct ctl *ctl;
	struct net_addr client;
	struct ports ports;
	struct pipeline pipeline;
	struct txn txn;
	struct findings findings;
	struct edits edits;
	struct record record;
	struct arena arena;
	struct slice message;
	bool has_message;
	char host[HOST_BYTES];
};

/* --- the conversation --- */

static void
greet(struct trial *t)
{
	const char *const *value = t->ctl->args.value;
	const char *helo = value[ARG_HELO] != NULL ? value[ARG_HELO] : "";
	const char *from = value[ARG_FROM] != NULL ? value[ARG_FROM] : "<>";
	const char *login = value[ARG_LOGIN] != NULL ? value[ARG_LOGIN] : "";

	txn_connect(&t->txn, &t->client, slice_of(NULL));
	txn_set_daemon(&t->txn, slice_of(NULL), slice_of(t->host));
	pipeline_connect(&t->pipeline, &t->txn);
	txn_helo(&t->txn, slice_of(helo));
	pipeline_gather(&t->pipeline, &t->txn);
	pipeline_mail(&t->pipeline, &t->txn, slice_of(from), slice_of(login));
}

static struct verdict
ask(struct trial *t, enum phase phase)
{
	t->txn.phase = phase;
	return pipeline_check(&t->pipeline, &t->txn, &t->findings);
}

static bool
is_accepted(const struct verdict *verdict)
{
	return verdict->answer != ANSWER_DEFER && verdict->answer != ANSWER_REJECT;
}

/* From DATA on, when a recipient was accepted. 0, or -1. */
static int
message_run(struct trial *t, struct err *err)
{
	struct verdict verdict = ask(t, PHASE_DATA);

	if (!is_accepted(&verdict))
		return 0;
	if (!t->has_message) {
		t->txn.phase = PHASE_EOM; /* as if nothing at the end spoke against it */
		return 0;
	}
	if (try_message_send(&t->pipeline, &t->txn, t->message, &t->arena, err) != 0)
		return -1;
	verdict = ask(t, PHASE_EOM);
	if (is_accepted(&verdict) && verdict.answer != ANSWER_DISCARD)
		pipeline_transform(&t->pipeline, &t->txn, &t->edits);
	return 0;
}

static int
converse(struct trial *t, struct err *err)
{
	const struct args *args = &t->ctl->args;
	int status = 0;

	greet(t);
	for (size_t i = 0; i < args->nrcpts; i++) {
		txn_rcpt(&t->txn, slice_of(args->rcpts[i]));
		(void)ask(t, PHASE_RCPT);
	}
	if (t->txn.naccepted > 0)
		status = message_run(t, err);
	if (status == 0)
		record_of_txn(&t->record, &t->pipeline, &t->txn);
	return status;
}

/* --- what is printed --- */

static void
trial_tell(struct trial *t)
{
	struct out *out = &t->ctl->out;

	out_print(out, OUT_DIM,
	    "A trial: DNS was asked, no mail was sent, and Redis was neither read nor written.\n"
	    "Greylisting answers as to a first try, and knows no list that is kept in Redis.\n%s\n",
	    t->has_message
		? ""
		: "Without --message, what is decided at the end of a message is left out.\n");
	explain_tell(out, &t->record, t->ports.clock->now_s(t->ports.clock));
	edits_tell(out, &t->edits);
}

static void
trial_print(struct trial *t)
{
	struct out *out = &t->ctl->out;
	json_t *object;

	if (out->form == OUT_TERMINAL) {
		trial_tell(t);
	} else if (out->form == OUT_PIPE) {
		explain_rows(out, &t->record);
		edits_rows(out, &t->edits);
	} else {
		object = explain_json(&t->record);
		(void)json_object_set_new(object, "edits", edits_json(&t->edits));
		out_json(out, object, true);
		out_json_end(out, false);
	}
}

/* --- from the options to the end --- */

/* With the ports open. CTL_OK, or the exit code after a complaint. */
static int
pipeline_run(struct trial *t, const struct conf *conf)
{
	struct err err;
	int code = CTL_OK;

	if (pipeline_init(&t->pipeline, conf, &t->ports, &err) != 0) {
		pipeline_fini(&t->pipeline);
		return ctl_fail(EX_CONFIG, "%s", err.text);
	}
	txn_init(&t->txn);
	if (converse(t, &err) == 0)
		trial_print(t);
	else
		code = ctl_fail(EX_SOFTWARE, "%s", err.text);
	pipeline_end(&t->pipeline, &t->txn);
	txn_fini(&t->txn);
	pipeline_fini(&t->pipeline);
	return code;
}

static int
trial_run(struct trial *t, const struct conf *conf)
{
	const char *path = t->ctl->args.value[ARG_MESSAGE];
	struct err err;
	int code;

	if (path != NULL && try_message_read(path, &t->arena, &t->message, &err) != 0)
		return ctl_fail(EX_NOINPUT, "%s", err.text);
	t->has_message = path != NULL;
	if (gethostname(t->host, sizeof(t->host) - 1) != 0)
		t->host[0] = '\0';
	t->ports.clock = &clock_real;
	t->ports.dns = dns_unbound_new(settings_of(conf, &dns_section), NULL, &err);
	t->ports.store = t->ports.dns == NULL ? NULL
					      : store_memory_new(STORE_RECORDS, &clock_real, &err);
	t->ports.local = t->ports.store;
	code = t->ports.store == NULL ? ctl_fail(EX_UNAVAILABLE, "%s", err.text)
				      : pipeline_run(t, conf);
	store_memory_free(t->ports.store);
	dns_unbound_free(t->ports.dns);
	return code;
}

/* CTL_OK, or EX_USAGE after a complaint. */
static int
options_read(struct trial *t)
{
	const struct args *args = &t->ctl->args;

	if (args->value[ARG_IP] == NULL || args->nrcpts == 0)
		return ctl_fail(EX_USAGE, "test wants --ip IP and --rcpt ADDR; "
					  "`gatepostctl help test` tells the rest");
	if (net_addr_parse(slice_of(args->value[ARG_IP]), &t->client) != 0)
		return ctl_fail(EX_USAGE, "--ip %s: that is no IP address", args->value[ARG_IP]);
	return CTL_OK;
}

int
test_command(struct ctl *ctl)
{
	const struct conf *conf = ctl_conf(ctl);
	struct trial *t;
	int code;

	if (conf == NULL)
		return EX_CONFIG;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return ctl_fail(EX_OSERR, "no memory");
	t->ctl = ctl;
	arena_init(&t->arena, 65536, ARENA_BYTES);
	code = options_read(t);
	if (code == CTL_OK)
		code = trial_run(t, conf);
	arena_fini(&t->arena);
	free(t);
	return code;
}
