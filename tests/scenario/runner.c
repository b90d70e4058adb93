/*
 * runner.c - replays mail conversations (*.scn) through the real pipeline, with a fake clock, a
 * fake DNS and a fake store. A bug report becomes a text file.
 *
 *	runner FILE…       TAP: one line for each file
 *
 * A file is read line by line; '#' begins a comment. What there is:
 *
 *	CONFIG [NAME …] … END        milter.conf for what follows; sessions and store begin anew.
 *	                             With names: only the modules whose names begin so take part
 *	CLIENT ADDRESS [NAME [DAEMON]]
 *	                             a client connects ("-" for none), through this {daemon_name}
 *	HELO NAME
 *	MAIL ADDRESS [login=NAME]    addresses as the MTA hands them over: <a@b.example>, <>, a@b
 *	RCPT ADDRESS
 *	RCPTS N                      N recipients r1@many.example … at once
 *	DATA
 *	MESSAGE … END                the message, up to its end; header fields, empty line, body
 *	EXPECT ok | CODE XCODE TEXT  what the last step was answered; also discard, quarantine
 *	EXPECT-LIKE PATTERN          the same, as the shell matches file names
 *	FINAL … END                  what leaves, byte for byte (LF for CRLF)
 *	TIME_PASSES 239s             also 4m, 36d, 1h30m
 *	STORE down | up
 *	LIST optout|allow_networks|allow_senders ENTRY
 *	DNS …                        a line of the fake DNS's table; see fake_dns.h
 *	PROBE score N | dns NAME | error | off
 *	                             what a check of the runner's own finds for each recipient
 *	STAT NAME = N                a counter, over all hours
 *	MEDIAN N                     the median delay, over all hours
 */
#include "fake/fake_clock.h"
#include "fake/fake_dns.h"
#include "fake/fake_store.h"
#include "mail/message.h"
#include "modules.h"
#include "pipeline.h"
#include "settings.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_BYTES  8192
#define BLOCK_BYTES (64 * 1024)
#define WORDS_MAX   16

struct probe {
	int score;
	bool error;
	char name[DNS_NAME_MAX_BYTES + 1];
};

struct world {
	const char *path;
	FILE *file;
	unsigned line;
	bool failed;

	struct fake_clock clock;
	struct fake_dns *dns;
	struct store *store;
	struct store *local;
	struct ports ports;
	struct conf *conf;
	struct pipeline pipeline;
	struct txn txn;
	bool connected;

	char answer[512]; /* of the last step */
	char final[BLOCK_BYTES];
};

static struct probe probe;

static void fail(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
fail(struct world *w, const char *format, ...)
{
	va_list args;

	(void)printf("# %s:%u: ", w->path, w->line);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)printf("\n");
	w->failed = true;
}

/* --- the check of our own: gives the other modules something to look at --- */

static int
probe_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	struct lookup lookup;
	int score = probe.score;
	struct finding *f;

	(void)txn;
	if (probe.error)
		return err_set(err, ERR_TIMEOUT, "the probe was told to fail");
	if (probe.name[0] != '\0') {
		lookup_init(&lookup, env->ports->dns, 0);
		if (lookup_ask(&lookup, slice_of(probe.name), DNS_A)->status == DNS_FOUND)
			score += 10;
		lookup_fini(&lookup);
	}
	if (score != 0 && (f = findings_add(findings, FINDING_SCORE, "probe", "score")) != NULL)
		f->weight = score;
	return 0;
}

static const struct module mod_probe = {
    .name = "probe",
    .section = &grey_section,
    .phases = PHASE_RCPT,
    .check = probe_check,
};

/* The real tables, the probe in front, without what the scenario leaves out. */
static const struct module *inbound[PIPELINE_MODULES_MAX + 2];
static const struct module *outbound[PIPELINE_MODULES_MAX + 2];

static bool
is_chosen(const struct module *module, char **names, size_t n)
{
	bool chosen = n == 0;

	for (size_t i = 0; i < n; i++)
		chosen |= slice_starts(slice_of(module->name), slice_of(names[i]));
	return chosen;
}

static void
table_choose(const struct module **out, const struct module *const *table, char **names, size_t n)
{
	for (; *table != NULL; table++) {
		if (is_chosen(*table, names, n))
			*out++ = *table;
	}
	*out = NULL;
}

/* --- reading --- */

static bool
line_read(struct world *w, char *line)
{
	size_t n;

	if (fgets(line, LINE_BYTES, w->file) == NULL)
		return false;
	w->line++;
	n = strlen(line);
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = '\0';
	return true;
}

/* The lines up to END, each with its LF. */
static void
block_read(struct world *w, char *block)
{
	struct buf out;
	char line[LINE_BYTES];

	buf_init(&out, block, BLOCK_BYTES);
	while (line_read(w, line)) {
		if (strcmp(line, "END") == 0) {
			(void)buf_text(&out);
			return;
		}
		buf_add_text(&out, line);
		buf_add_char(&out, '\n');
	}
	(void)buf_text(&out);
	fail(w, "END is missing");
}

static int64_t
duration_parse(struct world *w, const char *text)
{
	struct {
		int64_t s;
	} value = {0};
	static const struct option row = {
	    .name = "TIME_PASSES", .kind = OPTION_KIND_SECONDS, .max = INT64_MAX};
	struct arena arena;
	struct err err;

	arena_init(&arena, 256, 4096);
	if (option_set(&row, &value, &arena, slice_of(text), &err) != 0)
		fail(w, "%s", err.text);
	arena_fini(&arena);
	return value.s;
}

/* --- the world --- */

static void
world_reset(struct world *w)
{
	if (w->connected) {
		pipeline_end(&w->pipeline, &w->txn);
		txn_fini(&w->txn);
	}
	w->connected = false;
	if (w->conf != NULL) {
		pipeline_fini(&w->pipeline);
		conf_free(w->conf);
	}
	w->conf = NULL;
	fake_store_free(w->store);
	fake_store_free(w->local);
	fake_dns_free(w->dns);
	w->store = NULL;
	w->local = NULL;
	w->dns = NULL;
	probe = (struct probe){0};
}

static void
configure(struct world *w, const char *text, char **names, size_t n)
{
	static const struct pipeline_tables tables = {inbound, outbound};
	struct err err;

	world_reset(w);
	fake_clock_init(&w->clock);
	w->store = fake_store_new(&w->clock.port);
	w->local = fake_store_new(&w->clock.port);
	w->dns = fake_dns_new(&w->clock);
	w->ports = (struct ports){.clock = &w->clock.port,
	    .dns = fake_dns_port(w->dns),
	    .store = w->store,
	    .local = w->local};
	w->conf = settings_parse(slice_of(text), w->path, NULL, &err);
	inbound[0] = &mod_probe;
	table_choose(inbound + 1, pipeline_tables.inbound, names, n);
	table_choose(outbound, pipeline_tables.outbound, names, n);
	if (w->conf == NULL ||
	    pipeline_init_tables(&w->pipeline, &tables, w->conf, &w->ports, &err) != 0)
		fail(w, "%s", err.text);
}

static void
answer_note(struct world *w, const struct verdict *v)
{
	if (v->answer == ANSWER_CONTINUE)
		(void)snprintf(w->answer, sizeof(w->answer), "ok");
	else if (v->answer == ANSWER_DISCARD || v->answer == ANSWER_QUARANTINE)
		(void)snprintf(w->answer, sizeof(w->answer), "%s", answer_name(v->answer));
	else
		(void)snprintf(w->answer, sizeof(w->answer), "%s %s %s", verdict_code(v),
		    v->cause->xcode, v->cause->text);
}

static void
ask(struct world *w)
{
	struct findings findings;
	struct verdict verdict = pipeline_check(&w->pipeline, &w->txn, &findings);

	answer_note(w, &verdict);
}

static void
do_client(struct world *w, char **words, size_t n)
{
	struct net_addr client = {.family = NET_NONE};

	if (w->connected) {
		pipeline_end(&w->pipeline, &w->txn);
		txn_fini(&w->txn);
	}
	txn_init(&w->txn);
	w->connected = true;
	if (strcmp(words[1], "-") != 0 && net_addr_parse(slice_of(words[1]), &client) != 0)
		fail(w, "%s is no address", words[1]);
	txn_connect(&w->txn, &client, slice_of(n > 2 ? words[2] : ""));
	txn_set_daemon(&w->txn, slice_of(n > 3 ? words[3] : ""), slice_of("mx.gatepost.example"));
	pipeline_connect(&w->pipeline, &w->txn);
}

static void
do_helo(struct world *w, char **words, size_t n)
{
	(void)n;
	txn_helo(&w->txn, slice_of(words[1]));
	pipeline_gather(&w->pipeline, &w->txn);
}

static void
do_mail(struct world *w, char **words, size_t n)
{
	struct slice login = slice_of(n > 2 ? words[2] : "");

	if (slice_starts(login, slice_of("login=")))
		login = slice_from(login, strlen("login="));
	pipeline_mail(
	    &w->pipeline, &w->txn, slice_of(strcmp(words[1], "\"\"") == 0 ? "" : words[1]), login);
	(void)snprintf(w->answer, sizeof(w->answer), "ok");
}

static void
do_rcpt(struct world *w, char **words, size_t n)
{
	(void)n;
	txn_rcpt(&w->txn, slice_of(words[1]));
	ask(w);
}

static void
do_rcpts(struct world *w, char **words, size_t n)
{
	long count = strtol(words[1], NULL, 10);

	(void)n;
	for (long i = 1; i <= count; i++) {
		char rcpt[64];

		(void)snprintf(rcpt, sizeof(rcpt), "<r%ld@many.example>", i);
		txn_rcpt(&w->txn, slice_of(rcpt));
		ask(w);
	}
}

static void
do_data(struct world *w, char **words, size_t n)
{
	(void)words;
	(void)n;
	w->txn.phase = PHASE_DATA;
	ask(w);
}

static void
message_hand_over(struct world *w, const struct message *m)
{
	for (size_t i = 0; i < m->n; i++)
		pipeline_header(&w->pipeline, &w->txn, m->v[i].name, m->v[i].value);
	pipeline_eoh(&w->pipeline, &w->txn);
	(void)pipeline_body(&w->pipeline, &w->txn, m->body);
}

/* The message with CRLF, as the MTA hands its body over; its header fields have LF. */
static void
do_message(struct world *w, char **words, size_t n)
{
	static char text[BLOCK_BYTES];
	struct edits edits = {.n = 0};
	struct message message;
	struct arena arena;
	struct buf out;

	(void)words;
	(void)n;
	block_read(w, text);
	arena_init(&arena, BLOCK_BYTES, (size_t)16 * BLOCK_BYTES);
	buf_init(&out, w->final, sizeof(w->final));
	if (message_parse(&arena, slice_of(text), &message) != 0)
		fail(w, "no memory");
	message_hand_over(w, &message);
	w->txn.phase = PHASE_EOM;
	ask(w);
	if (strcmp(w->answer, "ok") == 0 || strcmp(w->answer, "quarantine") == 0)
		pipeline_transform(&w->pipeline, &w->txn, &edits);
	if (message_apply(&arena, &message, &edits) != 0)
		fail(w, "no memory");
	message_format(&message, &out);
	(void)buf_text(&out);
	pipeline_end(&w->pipeline, &w->txn);
	arena_fini(&arena);
}

static void
do_final(struct world *w, char **words, size_t n)
{
	static char want[BLOCK_BYTES];

	(void)words;
	(void)n;
	block_read(w, want);
	if (strcmp(want, w->final) != 0)
		fail(w, "what leaves is\n%s# and not\n%s", w->final, want);
}

static void
do_time(struct world *w, char **words, size_t n)
{
	(void)n;
	fake_clock_pass(&w->clock, duration_parse(w, words[1]) * 1000);
}

static void
do_store(struct world *w, char **words, size_t n)
{
	(void)n;
	fake_store_set_down(w->store, strcmp(words[1], "down") == 0);
}

static void
do_list(struct world *w, char **words, size_t n)
{
	static const char *const names[STORE_LISTS] = {
	    [STORE_OPTOUT] = "optout",
	    [STORE_ALLOW_NETWORKS] = "allow_networks",
	    [STORE_ALLOW_SENDERS] = "allow_senders",
	    [STORE_OPTOUT_ALL] = "optout_all",
	    [STORE_ALLOW_CLIENTS] = "allow_clients",
	};

	for (int list = 0; n > 2 && list < STORE_LISTS; list++) {
		if (strcmp(names[list], words[1]) != 0)
			continue;
		if (fake_store_list_add(w->store, (enum store_list)list, words[2]) != 0)
			fail(w, "%s is no entry for %s", words[2], words[1]);
		return;
	}
	fail(w, "no such list");
}

static void
do_probe(struct world *w, char **words, size_t n)
{
	probe = (struct probe){0};
	if (strcmp(words[1], "error") == 0)
		probe.error = true;
	else if (strcmp(words[1], "score") == 0 && n > 2)
		probe.score = (int)strtol(words[2], NULL, 10);
	else if (strcmp(words[1], "dns") == 0 && n > 2)
		(void)snprintf(probe.name, sizeof(probe.name), "%s", words[2]);
	else if (strcmp(words[1], "off") != 0)
		fail(w, "PROBE score N | dns NAME | error | off");
}

static void
do_stat(struct world *w, char **words, size_t n)
{
	unsigned stat = stat_find(slice_of(words[1]));
	int64_t want = n > 3 ? strtoll(words[3], NULL, 10) : -1;
	int64_t got = stat < STAT_COUNT ? fake_store_stat(w->store, stat) : -2;

	if (got != want)
		fail(w, "%s is %lld and not %lld", words[1], (long long)got, (long long)want);
}

static void
do_median(struct world *w, char **words, size_t n)
{
	int64_t counts[STAT_COUNT];
	int64_t want = strtoll(words[1], NULL, 10);

	(void)n;
	for (unsigned i = 0; i < STAT_COUNT; i++)
		counts[i] = fake_store_stat(w->store, i);
	if (stat_median_s(counts) != want)
		fail(w, "the median is %lld and not %lld", (long long)stat_median_s(counts),
		    (long long)want);
}

/* --- the steps --- */

struct step {
	const char *word;
	size_t words_min; /* with the step's own */
	void (*run)(struct world *w, char **words, size_t n);
};

static const struct step steps[] = {
    {"CLIENT", 2, do_client},
    {"HELO", 2, do_helo},
    {"MAIL", 2, do_mail},
    {"RCPT", 2, do_rcpt},
    {"RCPTS", 2, do_rcpts},
    {"DATA", 1, do_data},
    {"MESSAGE", 1, do_message},
    {"FINAL", 1, do_final},
    {"TIME_PASSES", 2, do_time},
    {"STORE", 2, do_store},
    {"LIST", 3, do_list},
    {"PROBE", 2, do_probe},
    {"STAT", 4, do_stat},
    {"MEDIAN", 2, do_median},
};

static size_t
words_split(char *line, char **words)
{
	size_t n = 0;

	for (char *p = line; *p != '\0' && n < WORDS_MAX;) {
		while (*p == ' ' || *p == '\t')
			*p++ = '\0';
		if (*p == '\0')
			break;
		words[n++] = p;
		if (*p == '<' && strrchr(p, '>') != NULL)
			p = strrchr(p, '>'); /* blanks within an address are part of it */
		while (*p != '\0' && *p != ' ' && *p != '\t')
			p++;
	}
	return n;
}

/* The steps that want the line as it is. True when it was one. */
static bool
whole_line(struct world *w, const char *line)
{
	struct err err;

	if (strncmp(line, "EXPECT ", 7) == 0) {
		if (strcmp(w->answer, line + 7) != 0)
			fail(w, "the answer is \"%s\" and not \"%s\"", w->answer, line + 7);
	} else if (strncmp(line, "EXPECT-LIKE ", 12) == 0) {
		if (fnmatch(line + 12, w->answer, 0) != 0)
			fail(w, "the answer is \"%s\" and not like \"%s\"", w->answer, line + 12);
	} else if (strncmp(line, "DNS ", 4) == 0) {
		if (fake_dns_line(w->dns, slice_of(line + 4), &err) != 0)
			fail(w, "%s", err.text);
	} else {
		return false;
	}
	return true;
}

static void
do_config(struct world *w, char **names, size_t n)
{
	static char block[BLOCK_BYTES];

	block_read(w, block);
	configure(w, block, names, n);
}

static void
step_run(struct world *w, char *line)
{
	char *words[WORDS_MAX];
	size_t n;

	if (line[0] == '\0' || line[0] == '#' || whole_line(w, line))
		return;
	n = words_split(line, words);
	if (n > 0 && strcmp(words[0], "CONFIG") == 0) {
		do_config(w, words + 1, n - 1);
		return;
	}
	if (w->conf == NULL) {
		fail(w, "CONFIG must come first");
		return;
	}
	for (size_t i = 0; n > 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].word, words[0]) != 0)
			continue;
		if (n < steps[i].words_min)
			fail(w, "%s wants more words", words[0]);
		else
			steps[i].run(w, words, n);
		return;
	}
	fail(w, "no such step: %s", line);
}

static bool
scenario_run(const char *path)
{
	static struct world world;
	struct world *w = &world;
	char line[LINE_BYTES];

	*w = (struct world){.path = path, .file = fopen(path, "r")};
	if (w->file == NULL) {
		fail(w, "cannot be opened");
		return false;
	}
	while (!w->failed && line_read(w, line))
		step_run(w, line);
	(void)fclose(w->file);
	world_reset(w);
	return !w->failed;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	(void)printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		bool good = scenario_run(argv[i]);
		const char *name = strrchr(argv[i], '/');

		failed += good ? 0 : 1;
		(void)printf("%s %d - scenario %s\n", good ? "ok" : "not ok", i,
		    name == NULL ? argv[i] : name + 1);
	}
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
