/*
 * try.c - `gatepostctl test`: runs the pipeline on a mail that nobody sends, with DNS as it is
 * configured, and says what would have been answered.
 *
 * A mail that is put off at first, and no more when it comes again, is tried twice when its message
 * is there: else nobody would learn what the message itself comes to.
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

/* The file, a copy with other line ends, and for each attempt its fields. */
#define ARENA_BYTES (2 * TRY_MESSAGE_BYTES + (size_t)2 * 1024 * 1024)

#define HOST_BYTES 256

/* The first, and when the client comes back. */
#define ATTEMPTS_MAX 2

/* The store's: it can be set forward. */
struct trial_clock {
	struct clock_port port; /* first: a pointer to it is a pointer to the whole */
	int64_t ahead_s;
};

/* What one attempt came to; the edits lie in its txn. */
struct attempt {
	struct txn txn;
	struct record record;
	struct edits edits;
};

/* All that a trial needs; too large for a stack. */
struct trial {
	struct ctl *ctl;
	struct net_addr client;
	struct trial_clock clock;
	struct ports ports;
	struct pipeline pipeline;
	struct findings findings;
	struct attempt attempts[ATTEMPTS_MAX];
	size_t nattempts;
	struct arena arena;
	struct slice message;
	bool has_message;
	char host[HOST_BYTES];
};

/* --- the clock --- */

static int64_t
ahead_now_s(const struct clock_port *clock)
{
	const struct trial_clock *self = (const struct trial_clock *)(const void *)clock;

	return clock_real.now_s(&clock_real) + self->ahead_s;
}

/* --- the conversation --- */

static void
greet(struct trial *t, struct txn *txn)
{
	const char *const *value = t->ctl->args.value;
	const char *helo = value[ARG_HELO] != NULL ? value[ARG_HELO] : "";
	const char *from = value[ARG_FROM] != NULL ? value[ARG_FROM] : "<>";
	const char *login = value[ARG_LOGIN] != NULL ? value[ARG_LOGIN] : "";
	const struct txn_envelope envelope = {slice_of(from), slice_of(login), false, NULL, 0};

	txn_connect(txn, &t->client, slice_of(NULL));
	txn_set_daemon(txn, slice_of(NULL), slice_of(t->host));
	pipeline_connect(&t->pipeline, txn);
	txn_helo(txn, slice_of(helo));
	pipeline_gather(&t->pipeline, txn);
	pipeline_mail(&t->pipeline, txn, &envelope);
}

static struct verdict
ask(struct trial *t, struct txn *txn, enum phase phase)
{
	txn->phase = phase;
	return pipeline_check(&t->pipeline, txn, &t->findings);
}

static bool
is_accepted(const struct verdict *verdict)
{
	return verdict->answer != ANSWER_DEFER && verdict->answer != ANSWER_REJECT;
}

/* From DATA on, when a recipient was accepted. 0, or -1. */
static int
message_run(struct trial *t, struct attempt *attempt, struct err *err)
{
	struct txn *txn = &attempt->txn;
	struct try_message message;
	struct verdict verdict = ask(t, txn, PHASE_DATA);

	if (!is_accepted(&verdict))
		return 0;
	if (!t->has_message) {
		txn->phase = PHASE_EOM; /* as if nothing at the end spoke against it */
		return 0;
	}
	message = (struct try_message){&t->pipeline, txn, t->message, &t->arena, &attempt->edits};
	if (try_message_send(&message, err) != 0)
		return -1;
	verdict = ask(t, txn, PHASE_EOM);
	if (is_accepted(&verdict) && verdict.answer != ANSWER_DISCARD)
		pipeline_transform(&t->pipeline, txn, &attempt->edits);
	return 0;
}

/* One connection. 0, or -1. */
static int
attempt_run(struct trial *t, struct attempt *attempt, struct err *err)
{
	const struct args *args = &t->ctl->args;
	int status = 0;

	txn_init(&attempt->txn);
	greet(t, &attempt->txn);
	for (size_t i = 0; i < args->nrcpts; i++) {
		txn_rcpt(&attempt->txn, slice_of(args->rcpts[i]));
		(void)ask(t, &attempt->txn, PHASE_RCPT);
	}
	if (attempt->txn.naccepted > 0)
		status = message_run(t, attempt, err);
	record_of_txn(&attempt->record, &t->pipeline, &attempt->txn);
	return status;
}

/* 0, or -1. */
static int
converse(struct trial *t, struct err *err)
{
	const struct txn *txn;

	do {
		txn = &t->attempts[t->nattempts].txn;
		if (attempt_run(t, &t->attempts[t->nattempts++], err) != 0)
			return -1;
		t->clock.ahead_s += txn->wait_s;
	} while (t->has_message && txn->wait_s > 0 && t->nattempts < ATTEMPTS_MAX);
	return 0;
}

static void
attempts_end(struct trial *t)
{
	for (size_t i = 0; i < t->nattempts; i++) {
		pipeline_end(&t->pipeline, &t->attempts[i].txn);
		txn_fini(&t->attempts[i].txn);
	}
}

/* --- what is printed --- */

static void
trial_tell(struct trial *t)
{
	struct out *out = &t->ctl->out;
	bool again = t->nattempts > 1;

	out_print(out, OUT_DIM,
	    "A trial: DNS was asked, no mail was sent, and Redis was neither read nor written.\n"
	    "Greylisting answers as to a first try%s, and knows no list that is kept in "
	    "Redis.\n%s\n",
	    again ? ", then to a retry" : "",
	    t->has_message
		? ""
		: "Without --message, what is decided at the end of a message is left out.\n");
	for (size_t i = 0; i < t->nattempts; i++) {
		if (i > 0)
			out_print(out, OUT_BOLD,
			    "\nAs if the client had come back after %lld seconds\n\n",
			    (long long)t->attempts[i - 1].txn.wait_s);
		explain_tell(out, &t->attempts[i].record, t->ports.clock->now_s(t->ports.clock));
		edits_tell(out, &t->attempts[i].edits);
	}
}

static void
trial_rows(struct trial *t)
{
	struct out *out = &t->ctl->out;

	for (size_t i = 0; i < t->nattempts; i++) {
		if (i > 0)
			out_print(out, OUT_NORMAL, "\nretry\t%lld\n",
			    (long long)t->attempts[i - 1].txn.wait_s);
		explain_rows(out, &t->attempts[i].record);
		edits_rows(out, &t->attempts[i].edits);
	}
}

static void
trial_json(struct trial *t)
{
	struct out *out = &t->ctl->out;

	for (size_t i = 0; i < t->nattempts; i++) {
		json_t *object = explain_json(&t->attempts[i].record);

		(void)json_object_set_new(object, "retry",
		    i > 0 ? json_integer(t->attempts[i - 1].txn.wait_s) : json_null());
		(void)json_object_set_new(object, "edits", edits_json(&t->attempts[i].edits));
		out_json(out, object, i == 0);
	}
	out_json_end(out, false);
}

static void
trial_print(struct trial *t)
{
	static void (*const print[])(struct trial *) = {
	    [OUT_TERMINAL] = trial_tell,
	    [OUT_PIPE] = trial_rows,
	    [OUT_JSON] = trial_json,
	};

	print[t->ctl->out.form](t);
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
	if (converse(t, &err) == 0)
		trial_print(t);
	else
		code = ctl_fail(EX_SOFTWARE, "%s", err.text);
	attempts_end(t);
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
	t->clock.port = (struct clock_port){ahead_now_s, clock_real.mono_ms};
	t->ports.clock = &clock_real;
	t->ports.dns = dns_unbound_new(settings_of(conf, &dns_section), NULL, &err);
	t->ports.store = t->ports.dns == NULL
			     ? NULL
			     : store_memory_new(STORE_RECORDS, &t->clock.port, &err);
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
