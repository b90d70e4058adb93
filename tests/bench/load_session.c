/*
 * load_session.c - see load_session.h.
 */
#include "load_session.h"

#include <stdio.h>
#include <time.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* What Postfix puts into a packet at most. */
#define BODY_CHUNK_BYTES 65535

uint64_t
load_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

/* The macros of a stage. The first n_default go out when the filter asked for none by name, as
 * Postfix's defaults do; when it asked, it may have any of the n. */
static void
macros(struct load_session *s, int list, const struct wire_macro *v, size_t n_default, size_t n)
{
	if (!s->run->options->no_macros)
		wire_macros(&s->wire, v, s->wire.symbols[list] == NULL ? n_default : n);
}

static bool
send_negotiate(struct load_session *s)
{
	return wire_negotiate(&s->wire);
}

static bool
send_connect(struct load_session *s)
{
	const struct wire_macro v[] = {
	    {"j", "mx.insides.example"},
	    {"{daemon_name}", "mx.insides.example"},
	    {"{daemon_addr}", "192.0.2.25"},
	    {"v", "Postfix 3.7.11"},
	    {"{daemon_port}", "25"},
	    {"{client_addr}", s->client.addr},
	    {"{client_name}", s->client.name},
	    {"{client_ptr}", s->client.name},
	};
	const struct wire_client client = {
	    s->client.name, SMFIA_INET, s->client.port, s->client.addr};

	macros(s, 0, v, 4, LENGTH(v));
	return wire_connect(&s->wire, &client);
}

static bool
send_helo(struct load_session *s)
{
	const struct wire_macro v[] = {{"{client_addr}", s->client.addr}};

	macros(s, 1, v, 0, LENGTH(v));
	return wire_helo(&s->wire, s->client.name);
}

static bool
send_mail(struct load_session *s)
{
	const struct load_options *o = s->run->options;
	const char *argv[] = {s->sender.path, "SIZE=2304", "XVERP"};
	const struct wire_macro v[] = {
	    {"{mail_addr}", s->sender.bare},
	    {"{mail_host}", s->sender.domain},
	    {"{mail_mailer}", "smtp"},
	    {"{client_addr}", s->client.addr},
	    {"{auth_authen}", o->login},
	};

	macros(s, 2, v, 3, LENGTH(v) - (o->login == NULL ? 1 : 0));
	s->began_ns = load_now_ns();
	return wire_mail(&s->wire, argv, o->xverp ? 3 : 2);
}

static void
rcpt_make(struct load_session *s, struct load_address *rcpt)
{
	const struct load_options *o = s->run->options;
	uint64_t number = s->tuple * o->rcpts + s->rcpt++;

	if (o->to.n > 0)
		load_address_take(rcpt, o->to.v[number % o->to.n]);
	else
		load_rcpt_make(rcpt, o->seed, number);
}

static bool
send_rcpt(struct load_session *s)
{
	struct load_address rcpt;
	const char *argv[1];
	struct wire_macro v[] = {
	    {"{rcpt_addr}", rcpt.bare},
	    {"{rcpt_host}", NULL},
	    {"{rcpt_mailer}", "local"},
	};

	rcpt_make(s, &rcpt);
	v[1].value = rcpt.domain;
	argv[0] = rcpt.path;
	macros(s, 3, v, LENGTH(v), LENGTH(v));
	s->asked_ns = load_now_ns();
	return wire_rcpt(&s->wire, argv, LENGTH(argv));
}

/* The queue id, which an MTA knows from DATA on. */
static void
macros_queued(struct load_session *s, int list)
{
	macros(s, list, &s->queued, 1, 1);
}

static bool
send_data(struct load_session *s)
{
	macros_queued(s, 4);
	return wire_data(&s->wire);
}

static bool
send_header(struct load_session *s)
{
	const struct load_field *field = &s->run->options->message.fields[s->header++];

	macros_queued(s, 6);
	return wire_header(&s->wire, field->name, field->value);
}

static bool
send_eoh(struct load_session *s)
{
	macros_queued(s, 6);
	return wire_eoh(&s->wire);
}

static bool
send_body(struct load_session *s)
{
	struct slice left = slice_from(s->run->options->message.body, s->body);
	struct slice chunk = slice_head(left, BODY_CHUNK_BYTES);

	s->body += chunk.n;
	macros_queued(s, 5);
	return wire_body(&s->wire, chunk);
}

static bool
send_eom(struct load_session *s)
{
	macros_queued(s, 5);
	return wire_eom(&s->wire);
}

static bool
send_abort(struct load_session *s)
{
	return wire_abort(&s->wire);
}

static const struct stage {
	const char *name;
	bool (*send)(struct load_session *s); /* true: an answer will come */
} stages[LOAD_STAGES] = {
    {"negotiate", send_negotiate},
    {"connect", send_connect},
    {"helo", send_helo},
    {"mail", send_mail},
    {"rcpt", send_rcpt},
    {"data", send_data},
    {"header", send_header},
    {"eoh", send_eoh},
    {"body", send_body},
    {"eom", send_eom},
    {"abort", send_abort},
};

enum load_stage
load_stage_find(const char *name)
{
	size_t i;

	for (i = 0; i < LOAD_STAGES; i++)
		if (strcmp(stages[i].name, name) == 0)
			break;
	return (enum load_stage)i;
}

void
load_session_close(struct load_session *s)
{
	if (s->open)
		wire_close(&s->wire);
	s->open = false;
}

/* Takes one transaction off what is left; false when there is none. */
static bool
pay(struct load_session *s)
{
	if (!s->paid && s->run->left == 0)
		return false;
	if (!s->paid)
		s->run->left--;
	s->paid = true;
	return true;
}

static enum load_state
hang_up(struct load_session *s)
{
	s->paid = false;
	load_session_close(s);
	return LOAD_CLOSED;
}

static enum load_state
fail(struct load_session *s, const struct err *err)
{
	load_stats_error(&s->run->stats, err);
	(void)pay(s);
	return hang_up(s);
}

static enum load_state
quit(struct load_session *s)
{
	struct err err;

	(void)wire_abort(&s->wire);
	(void)wire_quit(&s->wire);
	(void)wire_flush(&s->wire, &err);
	return hang_up(s);
}

static enum load_state
flush(struct load_session *s)
{
	struct err err;
	int rc = wire_flush(&s->wire, &err);

	s->full_socket = rc == 1;
	return rc < 0 ? fail(s, &err) : LOAD_WAITS;
}

/* The stage after one that let the mail go on; LOAD_STAGES at the end of the transaction. Postfix
 * says ABORT at the end of each, also when the message was taken, and once more before QUIT. */
static enum load_stage
stage_next(const struct load_session *s)
{
	const struct load_options *o = s->run->options;

	switch (s->stage) {
	case LOAD_RCPT:
		if (s->rcpt < o->rcpts)
			return LOAD_RCPT;
		return o->full && s->rcpt_good > 0 ? LOAD_DATA : LOAD_ABORT;
	case LOAD_HEADER:
		return s->header < o->message.nfields ? LOAD_HEADER : LOAD_EOH;
	case LOAD_EOH:
		return o->message.body.n > 0 ? LOAD_BODY : LOAD_EOM;
	case LOAD_BODY:
		return s->body < o->message.body.n && s->wire.skipped != SMFIC_BODY ? LOAD_BODY
										    : LOAD_EOM;
	case LOAD_ABORT:
		return LOAD_STAGES;
	default:
		return (enum load_stage)(s->stage + 1);
	}
}

/* Sends steps from s->stage on until one has an answer, or a transaction ends. */
static enum load_state
go_on(struct load_session *s)
{
	const struct load_options *o = s->run->options;
	bool answer;

	for (;;) {
		if (s->stage == LOAD_MAIL && s->sender.path[0] == '\0')
			return LOAD_READY;
		if (s->stage == LOAD_STAGES && o->one_shot)
			return quit(s);
		if (s->stage == LOAD_STAGES) {
			s->paid = false;
			s->sender.path[0] = '\0';
			s->stage = LOAD_MAIL;
			continue;
		}
		answer = stages[s->stage].send(s);
		if (s->stage == o->vanish) {
			s->run->stats.vanished++;
			(void)flush(s);
			return s->open ? hang_up(s) : LOAD_CLOSED;
		}
		if (answer)
			return flush(s);
		if (s->stage == LOAD_RCPT)
			s->rcpt_good++; /* who does not answer does not mind */
		s->stage = stage_next(s);
	}
}

static void
rcpt_answered(struct load_session *s, const struct wire_reply *reply, enum load_answer answer)
{
	struct load_stats *stats = &s->run->stats;

	stats->rcpt[answer]++;
	load_latency_add(&stats->rcpt_latency, load_now_ns() - s->asked_ns);
	if (answer == LOAD_CONTINUE)
		s->rcpt_good++;
	if (answer == LOAD_TEMPFAIL && stats->first_delay[0] == '\0')
		(void)snprintf(
		    stats->first_delay, sizeof(stats->first_delay), "%.*s", SLICE_ARG(reply->data));
}

/* Sets the stage that follows the answer; false when there is no mail to go on with. */
static bool
answered(struct load_session *s, const struct wire_reply *reply)
{
	enum load_answer answer = load_answer_of(reply->kind, reply->data);
	struct load_stats *stats = &s->run->stats;
	bool going = answer == LOAD_CONTINUE || reply->kind == SMFIR_SKIP;

	if (s->stage == LOAD_RCPT) {
		rcpt_answered(s, reply, answer);
		going = answer != LOAD_ACCEPT && answer != LOAD_DISCARD;
	} else if (s->stage == LOAD_EOM) {
		stats->final[answer]++;
		load_latency_add(&stats->message_latency, load_now_ns() - s->began_ns);
		going = true;
	} else if (s->stage != LOAD_NEGOTIATE && !going) {
		stats->refused++;
	}
	if (s->stage == LOAD_NEGOTIATE)
		going = true;
	if (!going && s->stage < LOAD_MAIL)
		return false;
	s->stage = going ? stage_next(s) : LOAD_ABORT;
	return true;
}

/* A filter without answers to RCPT gives nothing to measure, and nothing to wait for. */
static int
options_check(struct load_session *s, struct err *err)
{
	struct load_stats *stats = &s->run->stats;

	stats->version = s->wire.version;
	stats->protocol = s->wire.protocol;
	stats->actions = s->wire.actions;
	if ((s->wire.protocol & (SMFIP_NORCPT | SMFIP_NR_RCPT)) == 0 || s->run->options->full)
		return 0;
	return err_set(err, ERR_INVALID, "the filter does not answer RCPT: use --full");
}

enum load_state
load_session_input(struct load_session *s)
{
	enum load_state state = LOAD_WAITS;
	struct wire_reply reply;
	struct err err;
	int rc;

	if (s->full_socket)
		state = flush(s);
	while (state == LOAD_WAITS) {
		rc = wire_read(&s->wire, &reply, &err);
		if (rc == 0)
			return LOAD_WAITS;
		if (rc < 0 || (reply.kind == SMFIC_OPTNEG && options_check(s, &err) != 0))
			return fail(s, &err);
		if (wire_reply_is_edit(&reply)) {
			s->run->stats.edits++;
			continue;
		}
		if (!answered(s, &reply)) {
			(void)pay(s);
			return quit(s);
		}
		return go_on(s);
	}
	return state;
}

enum load_state
load_session_open(struct load_session *s)
{
	const struct load_options *o = s->run->options;
	struct err err;

	if (o->one_shot && !pay(s))
		return LOAD_CLOSED;
	if (wire_open(&s->wire, o->where, &err) != 0)
		return fail(s, &err);
	s->open = true;
	s->run->stats.sessions++;
	s->stage = LOAD_NEGOTIATE;
	s->sender.path[0] = '\0';
	/* A known tuple must come from its client again; else clients change. */
	load_client_make(&s->client, o->known ? s->id : s->run->clients_next++);
	return go_on(s);
}

enum load_state
load_session_begin(struct load_session *s)
{
	const struct load_options *o = s->run->options;
	uint64_t share = o->set / o->sessions;

	if ((o->warm && s->turn == share) || !pay(s))
		return quit(s);
	s->tuple = o->known ? s->id * share + s->turn % share : s->run->tuple_next++;
	s->turn++;
	(void)snprintf(
	    s->queue_id, sizeof(s->queue_id), "4Q%X%08llX", s->id, (unsigned long long)s->turn);
	s->queued = (struct wire_macro){"i", s->queue_id};
	s->rcpt = s->rcpt_good = s->header = 0;
	s->body = 0;
	s->run->stats.transactions++;
	if (o->null)
		load_null_make(&s->sender);
	else
		load_sender_make(&s->sender, o->seed, s->tuple);
	return go_on(s);
}
