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
 *	MAIL ADDRESS [login=NAME] [ARG …]
 *	                             addresses as the MTA hands them over: <a@b.example>, <>, a@b;
 *	                             ESMTP parameters: XVERP, ENVID=x
 *	RCPT ADDRESS
 *	RCPTS N                      N recipients r1@many.example … at once
 *	DATA
 *	JUNK N                       so many more fields, behind the first of the next message
 *	MESSAGE … END                the message, up to its end; header fields, empty line, body
 *	EXPECT ok | CODE XCODE TEXT  what the last step was answered; also discard, quarantine
 *	EXPECT-LIKE PATTERN          the same, as the shell matches file names
 *	FINAL … END                  what leaves, byte for byte (LF for CRLF)
 *	FINAL-HAS LINE               it has this line; FINAL-LACKS TEXT: nowhere this text
 *	RETURN PATTERN               MAIL FROM and its parameters as they leave; "-": as it came
 *	RETURN-IS LETTER TEXT        the token in it is good, and `gatepostctl token decode` says TEXT
 *	DROPS N                      so many recipients get no copy
 *	ADDS ADDRESS … | -           and these get one, or nobody
 *	LOG PATTERN                  "did" and "skipped", as the log has them, with " | " between
 *	SUPPRESS ACCOUNT|* ADDRESS VALUE…
 *	                             what the store has there; see suppression.h
 *	EVENT TYPE NAME VALUE…       the newest event of that type has this field
 *	EVENTS TYPE N                so many of that type there were
 *	RANDOM N                     further messages get another identifier
 *	ACCOUNTS complete | unread   as if Redis had been read, or not yet
 *	TIME_PASSES 239s             also 4m, 36d, 1h30m
 *	STORE down | up
 *	MEMORY N                     bytes that all sessions may have for a moment; 0: no bound
 *	LIST optout|allow_networks|allow_senders ENTRY
 *	DNS …                        a line of the fake DNS's table; see fake_dns.h
 *	PROBE score N | dns NAME | error | off
 *	                             what a check of the runner's own finds for each recipient
 *	STAT NAME = N                a counter, over all hours
 *	MEDIAN N                     the median delay, over all hours
 *
 * In every line, {return} is the return path of the message that left last, {local} and {domain} its
 * parts, {envid} the identifier, {unsubscribe} the address in List-Unsubscribe.
 */
#include "fake/fake_accounts.h"
#include "fake/fake_clock.h"
#include "fake/fake_dns.h"
#include "fake/fake_store.h"
#include "io/budget.h"
#include "mail/message.h"
#include "modules.h"
#include "outbound.h"
#include "pipeline.h"
#include "settings.h"

#include "auth/key_table.h"
#include "policy/token_explain.h"
#include "sent.h"
#include "unit/keyring_fixture.h"
#include "unit/sign_vectors.h"

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
	struct accounts *accounts;
	struct keyring keyring;
	struct key_table keys;
	struct ports ports;
	struct conf *conf;
	struct pipeline pipeline;
	struct txn txn;
	bool connected;

	char answer[512]; /* of the last step */
	char final[BLOCK_BYTES];
	char returned[1024]; /* MAIL FROM, as it leaves */
	char log[4096];
	size_t drops;
	char adds[512];
	unsigned long junk;

	struct left { /* of the message that left last */
		char path[512], local[512], domain[512], envid[512], unsubscribe[512];
	} left;
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

/* What stands for "{NAME}"; NULL: nothing does. */
static const char *
left_of(const struct world *w, struct slice name)
{
	const struct {
		const char *name, *text;
	} all[] = {{"return", w->left.path}, {"local", w->left.local}, {"domain", w->left.domain},
	    {"envid", w->left.envid}, {"unsubscribe", w->left.unsubscribe}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (slice_eq(name, slice_of(all[i].name)))
			return all[i].text;
	}
	return NULL;
}

static void
line_expand(const struct world *w, struct slice raw, char *line)
{
	struct buf out;

	buf_init(&out, line, LINE_BYTES);
	while (raw.n > 0) {
		size_t at = slice_find(raw, '{');
		struct slice name = slice_from(raw, at + 1);
		const char *text;

		buf_add(&out, slice_head(raw, at));
		name = slice_head(name, slice_find(name, '}'));
		text = at < raw.n ? left_of(w, name) : NULL;
		if (text != NULL)
			buf_add_text(&out, text);
		else
			buf_add(&out, slice_head(slice_from(raw, at), 1));
		raw = slice_from(raw, at + 1 + (text != NULL ? name.n + 1 : 0));
	}
	(void)buf_text(&out);
}

static bool
line_read(struct world *w, char *line)
{
	char raw[LINE_BYTES];
	size_t n;

	if (fgets(raw, LINE_BYTES, w->file) == NULL)
		return false;
	w->line++;
	n = strlen(raw);
	if (n > 0 && raw[n - 1] == '\n')
		n--;
	line_expand(w, slice_make(raw, n), line);
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

/* --- keys that everybody knows --- */

static struct sign_key *rsa, *ed25519;

/* Three of shop.example; `old` gives way to `rsa` after a day, `bad` cannot be used. */
static struct key_entry entries[] = {
    {"shop.example", "rsa", NULL, NULL, "", NULL, 0},
    {"shop.example", "ed", NULL, NULL, "", NULL, 0},
    {"shop.example", "old", NULL, NULL, "", "rsa", 0},
    {"shop.example", "bad", NULL, "damaged", "", NULL, 0},
};

static bool
keys_make(void)
{
	if (sign_key_parse(slice_of(PEM_RSA), &rsa, NULL) != 0 ||
	    sign_key_parse(slice_of(PEM_ED25519), &ed25519, NULL) != 0)
		return false;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		if (entries[i].reason == NULL)
			entries[i].key = strcmp(entries[i].selector, "rsa") == 0 ? rsa : ed25519;
	}
	return true;
}

/* --- the world --- */

/* Every message's id is the same, until the scenario wants another. */
static uint64_t random_more;

static uint64_t
random_next(const struct random_port *random)
{
	(void)random;
	return UINT64_C(0x0123456789abcdef) + random_more;
}

static const struct random_port random_fake = {random_next};

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
		fake_accounts_free(w->accounts);
		keyring_fini(&w->keyring);
		conf_free(w->conf);
	}
	w->accounts = NULL;
	w->conf = NULL;
	fake_store_free(w->store);
	fake_store_free(w->local);
	fake_dns_free(w->dns);
	w->store = NULL;
	w->local = NULL;
	w->dns = NULL;
	probe = (struct probe){0};
	random_more = 0;
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
	if (w->conf == NULL) {
		fail(w, "%s", err.text);
		return;
	}
	w->accounts = fake_accounts_new(w->conf);
	if (keyring_parse(&w->keyring, slice_of(KEYRING_TEXT), "keyring", &err) != 0)
		fail(w, "%s", err.text);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		entries[i].next_at_s = w->clock.port.now_s(&w->clock.port) + 86400;
	key_table_init(&w->keys, entries, sizeof(entries) / sizeof(entries[0]));
	w->ports.random = &random_fake;
	w->ports.accounts = w->accounts;
	w->ports.keyring = &w->keyring;
	w->ports.keys = &w->keys;
	inbound[0] = &mod_probe;
	table_choose(inbound + 1, pipeline_tables.inbound, names, n);
	table_choose(outbound, pipeline_tables.outbound, names, n);
	if (w->accounts == NULL ||
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
	struct slice args[WORDS_MAX];
	struct txn_envelope envelope = {
	    slice_of(strcmp(words[1], "\"\"") == 0 ? "" : words[1]), slice_of(""), false, args, 0};

	for (size_t i = 2; i < n; i++) {
		struct slice word = slice_of(words[i]);

		if (slice_starts(word, slice_of("login=")))
			envelope.login = slice_from(word, strlen("login="));
		else
			args[envelope.nargs++] = word;
	}
	pipeline_mail(&w->pipeline, &w->txn, &envelope);
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

/* The body with CRLF, as the MTA hands it over; header fields have LF. */
static struct slice
body_crlf(struct arena *a, struct slice body)
{
	char *p = arena_alloc(a, 2 * body.n + 1);
	size_t n = 0;

	for (size_t i = 0; p != NULL && i < body.n; i++) {
		if (body.p[i] == '\n')
			p[n++] = '\r';
		p[n++] = body.p[i];
	}
	return slice_make(p, n);
}

static void
message_hand_over(struct world *w, const struct message *m, struct edits *edits)
{
	for (size_t i = 0; i < m->n; i++) {
		pipeline_header(&w->pipeline, &w->txn, m->v[i].name, m->v[i].value);
		for (; w->junk > 0; w->junk--)
			pipeline_header(&w->pipeline, &w->txn, slice_of("X-Junk"), slice_of(" a"));
	}
	pipeline_eoh(&w->pipeline, &w->txn, edits);
	(void)pipeline_body(&w->pipeline, &w->txn, m->body);
}

static int
final_put(void *to, struct slice bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		if (bytes.p[i] != '\r')
			buf_add_char(to, bytes.p[i]);
	}
	return 0;
}

/* The text between two others, without them; empty when they are not there. */
static void
text_between(const char *text, const char *from, const char *to, char out[512])
{
	const char *begin = strstr(text, from);
	const char *end = begin == NULL ? NULL : strpbrk(begin + strlen(from), to);

	if (begin == NULL)
		return;
	begin += strlen(from);
	(void)snprintf(
	    out, 512, "%.*s", (int)(end == NULL ? strlen(begin) : (size_t)(end - begin)), begin);
}

/* Keeps what the message is known by when something about it comes back. */
static void
left_note(struct world *w)
{
	const char *at = strchr(w->returned, '@');

	if (strncmp(w->returned, "<b-", 3) == 0) {
		text_between(w->returned, "<", ">", w->left.path);
		text_between(w->left.path, "", "@", w->left.local);
		(void)snprintf(w->left.domain, sizeof(w->left.domain), "%s", at + 1);
		w->left.domain[strcspn(w->left.domain, ">")] = '\0';
	}
	text_between(w->returned, "ENVID=", " ", w->left.envid);
	text_between(w->final, "<mailto:", "?>", w->left.unsubscribe);
}

static void
adds_note(struct world *w, const struct edits *edits)
{
	struct buf adds = BUF_OVER(w->adds);

	for (size_t i = 0; i < edits->nadds; i++)
		buf_add_format(&adds, "%s%s", i > 0 ? " " : "", edits->adds[i]);
	if (edits->nadds == 0)
		buf_add_char(&adds, '-');
	(void)buf_text(&adds);
}

static void
outcome_note(struct world *w, const struct edits *edits)
{
	char did_storage[1024], skipped_storage[1024];
	struct buf did = BUF_OVER(did_storage), skipped = BUF_OVER(skipped_storage);
	struct buf log = BUF_OVER(w->log);

	(void)snprintf(w->returned, sizeof(w->returned), "%s%s%s",
	    edits->sender != NULL ? edits->sender : "-", edits->sender_args != NULL ? " " : "",
	    edits->sender_args != NULL ? edits->sender_args : "");
	w->drops = edits->ndrops;
	adds_note(w, edits);
	if (w->txn.outbound != NULL)
		outbound_did(&w->txn, &did, &skipped);
	buf_add(&log, buf_slice(&did));
	buf_add_text(&log, " | ");
	buf_add(&log, buf_slice(&skipped));
	(void)buf_text(&log);
}

static void
do_message(struct world *w, char **words, size_t n)
{
	static char text[BLOCK_BYTES];
	static struct edits edits;
	struct message message;
	struct arena arena;
	struct buf out;
	const struct sink sink = {final_put, &out};

	(void)words;
	(void)n;
	block_read(w, text);
	arena_init(&arena, BLOCK_BYTES, (size_t)16 * BLOCK_BYTES);
	buf_init(&out, w->final, sizeof(w->final));
	if (message_parse(&arena, slice_of(text), &message) != 0)
		fail(w, "no memory");
	message.body = body_crlf(&arena, message.body);
	message_hand_over(w, &message, &edits);
	w->txn.phase = PHASE_EOM;
	ask(w);
	if (strcmp(w->answer, "ok") == 0 || strcmp(w->answer, "quarantine") == 0) {
		pipeline_transform(&w->pipeline, &w->txn, &edits);
		sent_note(&w->pipeline, &w->txn, &edits);
	} else {
		edits_init(&edits);
	}
	outcome_note(w, &edits);
	if (message_put_edited(&arena, &message, &edits, &sink) != 0)
		fail(w, "no memory");
	(void)buf_text(&out);
	left_note(w);
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
do_return_is(struct world *w, char **words, size_t n)
{
	char storage[4096];
	struct buf out = BUF_OVER(storage);
	struct token_reader reader = {&w->keyring, NULL, NULL, 0};
	char *end = strchr(w->returned, ' ');
	struct slice text = slice_of(w->returned);
	bool good;

	if (end != NULL)
		text.n = (size_t)(end - w->returned);
	if (words[1][0] == 'i') /* the parameter ENVID */
		text = end == NULL ? slice_of("") : slice_of(end + 1);
	reader.today = (unsigned)(w->clock.port.now_s(&w->clock.port) / 86400);
	good = token_explain(&reader, text, &out);
	for (size_t i = 2; i < n; i++) {
		if (!good || strstr(buf_text(&out), words[i]) == NULL)
			fail(w, "the token says\n%s# and not %s", buf_text(&out), words[i]);
	}
}

static void
do_junk(struct world *w, char **words, size_t n)
{
	(void)n;
	w->junk = strtoul(words[1], NULL, 10);
}

static void
do_drops(struct world *w, char **words, size_t n)
{
	(void)n;
	if (w->drops != strtoul(words[1], NULL, 10))
		fail(w, "%zu get no copy, and not %s", w->drops, words[1]);
}

/* The words from `from` on, with blanks between. */
static void
words_join(struct buf *out, char **words, size_t n, size_t from)
{
	for (size_t i = from; i < n; i++) {
		buf_add_text(out, i > from ? " " : "");
		buf_add_text(out, words[i]);
	}
	(void)buf_text(out);
}

static void
do_adds(struct world *w, char **words, size_t n)
{
	char storage[sizeof(w->adds)];
	struct buf want = BUF_OVER(storage);

	words_join(&want, words, n, 1);
	if (strcmp(w->adds, buf_text(&want)) != 0)
		fail(w, "%s gets a copy, and not %s", w->adds, buf_text(&want));
}

static void
do_suppress(struct world *w, char **words, size_t n)
{
	char storage[SUPPRESSION_TEXT_BYTES];
	struct buf value = BUF_OVER(storage);

	words_join(&value, words, n, 3);
	if (fake_store_suppress(w->store, words[1], words[2], storage) != 0)
		fail(w, "that is no entry: %s", storage);
}

static void
do_event(struct world *w, char **words, size_t n)
{
	char storage[1024];
	struct buf want = BUF_OVER(storage);
	struct slice got = slice_of("(none)");
	const struct event *event;

	words_join(&want, words, n, 3);
	for (size_t i = 0; (event = fake_store_event(w->store, i)) != NULL; i++) {
		if (slice_eq(record_get(&event->fields, "type"), slice_of(words[1])))
			got = record_get(&event->fields, words[2]); /* of the newest, in the end */
	}
	if (!slice_eq(got, slice_of(storage)))
		fail(w, "%s of %s is \"%.*s\" and not \"%s\"", words[2], words[1], SLICE_ARG(got),
		    storage);
}

static void
do_events(struct world *w, char **words, size_t n)
{
	const struct event *event;
	unsigned long got = 0;

	(void)n;
	for (size_t i = 0; (event = fake_store_event(w->store, i)) != NULL; i++)
		got += slice_eq(record_get(&event->fields, "type"), slice_of(words[1]));
	if (got != strtoul(words[2], NULL, 10))
		fail(w, "there are %lu events %s and not %s", got, words[1], words[2]);
}

static void
do_random(struct world *w, char **words, size_t n)
{
	(void)w;
	(void)n;
	random_more = strtoul(words[1], NULL, 10);
}

static void
do_accounts(struct world *w, char **words, size_t n)
{
	(void)n;
	fake_accounts_set_complete(w->accounts, strcmp(words[1], "complete") == 0);
}

static void
do_time(struct world *w, char **words, size_t n)
{
	(void)n;
	fake_clock_pass(&w->clock, duration_parse(w, words[1]) * 1000);
}

static void
do_memory(struct world *w, char **words, size_t n)
{
	size_t bytes = strtoul(words[1], NULL, 10);

	(void)n;
	budget_free(w->ports.memory);
	w->ports.memory = bytes == 0 ? NULL : budget_new(bytes);
	w->ports.returns_memory = w->ports.memory;
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
    {"MEMORY", 2, do_memory},
    {"TIME_PASSES", 2, do_time},
    {"STORE", 2, do_store},
    {"LIST", 3, do_list},
    {"PROBE", 2, do_probe},
    {"STAT", 4, do_stat},
    {"MEDIAN", 2, do_median},
    {"RETURN-IS", 3, do_return_is},
    {"DROPS", 2, do_drops},
    {"ADDS", 2, do_adds},
    {"JUNK", 2, do_junk},
    {"SUPPRESS", 4, do_suppress},
    {"EVENT", 4, do_event},
    {"EVENTS", 3, do_events},
    {"RANDOM", 2, do_random},
    {"ACCOUNTS", 2, do_accounts},
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
	} else if (strncmp(line, "RETURN ", 7) == 0) {
		if (fnmatch(line + 7, w->returned, 0) != 0)
			fail(w, "MAIL FROM is \"%s\" and not like \"%s\"", w->returned, line + 7);
	} else if (strncmp(line, "LOG ", 4) == 0) {
		if (fnmatch(line + 4, w->log, 0) != 0)
			fail(w, "the log has \"%s\" and not like \"%s\"", w->log, line + 4);
	} else if (strncmp(line, "FINAL-HAS ", 10) == 0) {
		if (strstr(w->final, line + 10) == NULL)
			fail(w, "what leaves is\n%s# without %s", w->final, line + 10);
	} else if (strncmp(line, "FINAL-LACKS ", 12) == 0) {
		if (strstr(w->final, line + 12) != NULL)
			fail(w, "what leaves is\n%s# with %s", w->final, line + 12);
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

	if (!keys_make())
		return EXIT_FAILURE;
	(void)printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		bool good = scenario_run(argv[i]);
		const char *name = strrchr(argv[i], '/');

		failed += good ? 0 : 1;
		(void)printf("%s %d - scenario %s\n", good ? "ok" : "not ok", i,
		    name == NULL ? argv[i] : name + 1);
	}
	sign_key_free(rsa);
	sign_key_free(ed25519);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
