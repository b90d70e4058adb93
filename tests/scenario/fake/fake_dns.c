/*
 * fake_dns.c - see fake_dns.h.
 */
#include "fake_dns.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define TTL_S       300
#define RDATA_BYTES 4096
#define WORDS_MAX   12

/* What is said of a name, in the order of the lines. status FOUND: a record; NODATA: the name is
 * there; TEMPERROR and PENDING: of that type. */
struct entry {
	struct entry *next;
	enum dns_status status;
	enum dns_type type;
	bool unasked;
	char name[DNS_NAME_MAX_BYTES + 1];
	size_t n;
	char rdata[];
};

struct fake_dns {
	struct dns port; /* first: a pointer to it is a pointer to the whole */
	struct fake_clock *clock;
	pthread_mutex_t lock;
	struct entry *entries;
	unsigned asked;
};

struct question {
	char name[DNS_NAME_MAX_BYTES + 1];
	enum dns_type type;
	struct dns_answer answer; /* as it was when it was asked */
};

struct dns_batch {
	size_t n;
	struct question questions[DNS_BATCH_MAX];
};

static const struct {
	const char *name;
	enum dns_type type;
} types[] = {
    {"A", DNS_A},
    {"AAAA", DNS_AAAA},
    {"MX", DNS_MX},
    {"NS", DNS_NS},
    {"PTR", DNS_PTR},
    {"TXT", DNS_TXT},
    {"SOA", DNS_SOA},
};

/* The lines that speak of no record. */
static const struct {
	const char *word;
	enum dns_status status;
	bool unasked;
} troubles[] = {
    {"TEMPERROR", DNS_TEMPERROR, false},
    {"UNASKED", DNS_TEMPERROR, true},
    {"NEVER", DNS_PENDING, false},
};

static struct fake_dns *
fake_of(struct dns *dns)
{
	return (struct fake_dns *)(void *)dns;
}

/* ---- the table ---- */

static int
type_parse(struct slice word, enum dns_type *type_r)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (slice_eq(word, slice_of(types[i].name))) {
			*type_r = types[i].type;
			return 0;
		}
	}
	return -1;
}

/* The next word, or what stands between quotes; false at the end of the line. */
static bool
word_next(struct slice *rest, struct slice *word_r)
{
	size_t n = 0;

	*rest = slice_trim(*rest);
	if (rest->n == 0)
		return false;
	if (rest->p[0] == '"') {
		*word_r = slice_head(slice_from(*rest, 1), slice_find(slice_from(*rest, 1), '"'));
		*rest = slice_from(*rest, word_r->n + 2);
		return true;
	}
	while (n < rest->n && !ascii_is_space(rest->p[n]))
		n++;
	*word_r = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return true;
}

static int
address_rdata(struct slice word, enum dns_type type, struct buf *out)
{
	struct net_addr addr;
	enum net_family wanted = type == DNS_A ? NET_IPV4 : NET_IPV6;

	if (net_addr_parse(word, &addr) != 0 || addr.family != wanted)
		return -1;
	buf_add(out, slice_make((const char *)addr.bytes, net_family_bits(wanted) / 8));
	return 0;
}

static int
mx_rdata(struct slice preference, struct slice host, struct buf *out)
{
	unsigned value = 0;

	for (size_t i = 0; i < preference.n; i++) {
		if (!ascii_is_digit(preference.p[i]) || value > 6553)
			return -1;
		value = value * 10 + (unsigned)(preference.p[i] - '0');
	}
	buf_add_char(out, (char)(value >> 8 & 0xff));
	buf_add_char(out, (char)(value & 0xff));
	return dns_name_to_wire(host, out);
}

static int
txt_rdata(const struct slice *words, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].n > 255)
			return -1;
		buf_add_char(out, (char)words[i].n);
		buf_add(out, words[i]);
	}
	return out->over ? -1 : 0;
}

static int
record_rdata(enum dns_type type, const struct slice *words, size_t n, struct buf *out)
{
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		return n == 1 ? address_rdata(words[0], type, out) : -1;
	case DNS_MX:
		return n == 2 ? mx_rdata(words[0], words[1], out) : -1;
	case DNS_NS:
	case DNS_PTR:
		return n == 1 ? dns_name_to_wire(words[0], out) : -1;
	case DNS_TXT:
		return n > 0 ? txt_rdata(words, n, out) : -1;
	case DNS_SOA:
		break;
	}
	return -1;
}

static int
entry_add(struct fake_dns *fake, const struct entry *head, struct slice rdata)
{
	struct entry *entry = malloc(sizeof(*entry) + rdata.n);
	struct entry **last = &fake->entries;

	if (entry == NULL)
		return -1;
	*entry = *head;
	entry->next = NULL;
	entry->n = rdata.n;
	if (rdata.n > 0)
		memcpy(entry->rdata, rdata.p, rdata.n);
	while (*last != NULL)
		last = &(*last)->next;
	*last = entry;
	return 0;
}

static void
name_forget(struct fake_dns *fake, const char *name)
{
	struct entry **at = &fake->entries;

	while (*at != NULL) {
		struct entry *entry = *at;

		if (strcmp(entry->name, name) == 0) {
			*at = entry->next;
			free(entry);
		} else {
			at = &entry->next;
		}
	}
}

/* The second word of a line, normalised; an address stands for its reverse name in a PTR line. */
static int
owner_parse(struct slice word, bool ptr, char *name_r)
{
	struct buf name;
	struct net_addr addr;

	buf_init(&name, name_r, DNS_NAME_MAX_BYTES + 1);
	if (ptr && net_addr_parse(word, &addr) == 0) {
		if (dns_name_reverse(&addr, slice_of(NULL), &name) != 0)
			return -1;
	} else if (dns_name_question(word, &name) != 0) {
		return -1;
	}
	(void)buf_text(&name);
	return 0;
}

static int
words_take(struct fake_dns *fake, const struct slice *words, size_t n)
{
	static char storage[RDATA_BYTES]; /* under the lock */
	struct buf rdata = BUF_OVER(storage);
	struct entry entry = {.status = DNS_FOUND};

	if (n < 2 || owner_parse(words[1], slice_eq(words[0], slice_of("PTR")), entry.name) != 0)
		return -1;
	if (slice_eq(words[0], slice_of("NXDOMAIN")) && n == 2) {
		name_forget(fake, entry.name);
		return 0;
	}
	if (slice_eq(words[0], slice_of("NODATA")) && n == 2)
		entry.status = DNS_NODATA;
	for (size_t i = 0; n == 3 && i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		if (!slice_eq(words[0], slice_of(troubles[i].word)))
			continue;
		entry.status = troubles[i].status;
		entry.unasked = troubles[i].unasked;
	}
	if (entry.status == DNS_FOUND) {
		if (type_parse(words[0], &entry.type) != 0 ||
		    record_rdata(entry.type, words + 2, n - 2, &rdata) != 0)
			return -1;
	} else if (entry.status != DNS_NODATA && type_parse(words[2], &entry.type) != 0) {
		return -1;
	}
	return entry_add(fake, &entry, buf_slice(&rdata));
}

int
fake_dns_line(struct fake_dns *fake, struct slice line, struct err *err)
{
	struct slice words[WORDS_MAX] = {{NULL, 0}};
	struct slice rest = line;
	size_t n = 0;
	int status;

	while (n < WORDS_MAX && word_next(&rest, &words[n]))
		n++;
	(void)pthread_mutex_lock(&fake->lock);
	status = rest.n > 0 ? -1 : words_take(fake, words, n);
	(void)pthread_mutex_unlock(&fake->lock);
	if (status != 0)
		return err_set(err, ERR_INVALID, "\"%.*s\": no line of fake_dns.h",
		    SLICE_ARG(slice_head(line, 120)));
	return 0;
}

/* ---- the port ---- */

static bool
is_below(const char *name, const char *parent)
{
	size_t n = strlen(name);
	size_t parent_n = strlen(parent);

	return n > parent_n + 1 && name[n - parent_n - 1] == '.' &&
	       strcmp(name + n - parent_n, parent) == 0;
}

static bool
is_record_of(const struct entry *e, const struct question *question)
{
	return e->status == DNS_FOUND && e->type == question->type &&
	       strcmp(e->name, question->name) == 0;
}

/* The records of that question into the answer's own memory. */
static int
records_copy(
    const struct fake_dns *fake, const struct question *question, struct dns_answer *answer)
{
	size_t bytes = DNS_RECORDS_MAX * sizeof(struct slice);
	struct slice *records;
	char *at;

	for (const struct entry *e = fake->entries; e != NULL; e = e->next)
		bytes += is_record_of(e, question) ? e->n : 0;
	records = malloc(bytes);
	if (records == NULL)
		return -1;
	at = (char *)(records + DNS_RECORDS_MAX);
	for (const struct entry *e = fake->entries; e != NULL; e = e->next) {
		if (!is_record_of(e, question) || answer->n == DNS_RECORDS_MAX)
			continue;
		memcpy(at, e->rdata, e->n);
		records[answer->n++] = slice_make(at, e->n);
		at += e->n;
	}
	answer->rdata = records;
	return 0;
}

static struct dns_answer
question_status(const struct fake_dns *fake, const struct question *question)
{
	struct dns_answer answer = {.status = DNS_NXDOMAIN};

	for (const struct entry *e = fake->entries; e != NULL; e = e->next) {
		bool same = strcmp(e->name, question->name) == 0;

		if (same && e->type == question->type && e->status != DNS_NODATA)
			return (struct dns_answer){.status = e->status, .unasked = e->unasked};
		if (same || is_below(e->name, question->name))
			answer.status = DNS_NODATA;
	}
	return answer;
}

static void
question_answer(struct fake_dns *fake, struct question *question)
{
	question->answer = question_status(fake, question);
	if (question->answer.status != DNS_TEMPERROR && question->answer.status != DNS_PENDING)
		question->answer.ttl_s = TTL_S;
	if (question->answer.status == DNS_FOUND &&
	    records_copy(fake, question, &question->answer) != 0)
		question->answer = (struct dns_answer){.status = DNS_TEMPERROR, .unasked = true};
}

static struct dns_batch *
fake_begin(struct dns *dns)
{
	(void)dns;
	return calloc(1, sizeof(struct dns_batch));
}

static int
fake_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	struct fake_dns *fake = fake_of(dns);
	struct question question = {.type = type};

	if (owner_parse(name, false, question.name) != 0)
		return DNS_ASK_NO_NAME;
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->questions[i].type == type &&
		    strcmp(batch->questions[i].name, question.name) == 0)
			return (int)i;
	}
	if (batch->n == DNS_BATCH_MAX)
		return DNS_ASK_FULL;
	(void)pthread_mutex_lock(&fake->lock);
	fake->asked++;
	question_answer(fake, &question);
	(void)pthread_mutex_unlock(&fake->lock);
	batch->questions[batch->n] = question;
	return (int)batch->n++;
}

static bool
fake_wait(struct dns *dns, struct dns_batch *batch, int64_t until_ms)
{
	struct fake_clock *clock = fake_of(dns)->clock;
	bool pending = false;

	for (size_t i = 0; i < batch->n; i++)
		pending = pending || batch->questions[i].answer.status == DNS_PENDING;
	if (pending && clock->now_ms < until_ms)
		fake_clock_pass(clock, until_ms - clock->now_ms);
	return false; /* what has an answer at all had it when it was asked */
}

static const struct dns_answer *
fake_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	(void)dns;
	assert(index >= 0 && (size_t)index < batch->n);
	return &batch->questions[index].answer;
}

static void
fake_end(struct dns *dns, struct dns_batch *batch)
{
	(void)dns;
	if (batch == NULL)
		return;
	for (size_t i = 0; i < batch->n; i++)
		free((void *)batch->questions[i].answer.rdata);
	free(batch);
}

struct fake_dns *
fake_dns_new(struct fake_clock *clock)
{
	struct fake_dns *fake = calloc(1, sizeof(*fake));

	if (fake == NULL)
		return NULL;
	fake->port = (struct dns){fake_begin, fake_ask, fake_wait, fake_answer, fake_end};
	fake->clock = clock;
	(void)pthread_mutex_init(&fake->lock, NULL);
	return fake;
}

void
fake_dns_free(struct fake_dns *fake)
{
	if (fake == NULL)
		return;
	while (fake->entries != NULL) {
		struct entry *next = fake->entries->next;

		free(fake->entries);
		fake->entries = next;
	}
	(void)pthread_mutex_destroy(&fake->lock);
	free(fake);
}

struct dns *
fake_dns_port(struct fake_dns *fake)
{
	return &fake->port;
}

unsigned
fake_dns_asked(struct fake_dns *fake)
{
	unsigned asked;

	(void)pthread_mutex_lock(&fake->lock);
	asked = fake->asked;
	(void)pthread_mutex_unlock(&fake->lock);
	return asked;
}
