/*
 * spf_suite.c - see spf_suite.h.
 */
#include "spf_suite.h"

#include <stdlib.h>

#define HOPS_MAX    12
#define RDATA_BYTES 8192

static const struct {
	const char *name;
	enum dns_type type;
} types[] = {{"A", DNS_A}, {"AAAA", DNS_AAAA}, {"MX", DNS_MX}, {"PTR", DNS_PTR}, {"TXT", DNS_TXT}};

int
spf_suite_open(struct spf_suite *suite, const char *path)
{
	json_error_t error;

	suite->groups = json_load_file(path, JSON_ALLOW_NUL, &error);
	arena_init(&suite->arena, 65536, (size_t)1024 * 1024);
	if (json_is_array(suite->groups))
		return 0;
	(void)fprintf(stderr, "%s: %s\n", path, error.text);
	spf_suite_close(suite);
	return -1;
}

void
spf_suite_close(struct spf_suite *suite)
{
	json_decref(suite->groups);
	arena_fini(&suite->arena);
}

static struct slice
json_slice(const json_t *text)
{
	return json_is_string(text) ? slice_make(json_string_value(text), json_string_length(text))
				    : slice_of(NULL);
}

/* ---- the zone ---- */

static struct slice
without_dot(struct slice name)
{
	return name.n > 0 && name.p[name.n - 1] == '.' ? slice_head(name, name.n - 1) : name;
}

static const json_t *
records_of(const json_t *zone, struct slice name)
{
	const char *key;
	json_t *records;

	json_object_foreach((json_t *)(uintptr_t)zone, key, records)
	{
		if (slice_eq_nocase(without_dot(slice_of(key)), without_dot(name)))
			return records;
	}
	return NULL;
}

static bool
is_above(const json_t *zone, struct slice name)
{
	const char *key;
	json_t *records;

	json_object_foreach((json_t *)(uintptr_t)zone, key, records)
	{
		struct slice k = without_dot(slice_of(key));

		if (k.n > name.n + 1 && k.p[k.n - name.n - 1] == '.' &&
		    slice_eq_nocase(slice_from(k, k.n - name.n), name))
			return true;
	}
	return false;
}

/* The first record of that type from the index on, which moves behind it; NULL: none. */
static const json_t *
record_next(const json_t *records, const char *type, size_t *at)
{
	while (*at < json_array_size(records)) {
		const json_t *record = json_array_get(records, (*at)++);

		if (strcmp(json_string_value(json_array_get(record, 0)), type) == 0)
			return json_array_get(record, 1);
	}
	return NULL;
}

/* The bytes that the suite means: its characters up to U+00FF are bytes. */
static void
latin1_add(struct buf *out, struct slice utf8)
{
	for (size_t i = 0; i < utf8.n; i++) {
		unsigned char c = (unsigned char)utf8.p[i];

		if (c < 0x80)
			buf_add_char(out, (char)c);
		else if (c >= 0xc2 && c <= 0xc3 && i + 1 < utf8.n)
			buf_add_char(out, (char)((c & 3) << 6 | (utf8.p[++i] & 0x3f)));
	}
}

static void
txt_add(struct buf *out, const json_t *strings)
{
	for (size_t i = 0; i < json_array_size(strings); i++) {
		char bytes[RDATA_BYTES];
		struct buf string = BUF_OVER(bytes);
		struct slice rest;

		latin1_add(&string, json_slice(json_array_get(strings, i)));
		for (rest = buf_slice(&string); rest.n > 0; rest = slice_from(rest, 255)) {
			buf_add_char(out, (char)(rest.n < 255 ? rest.n : 255));
			buf_add(out, slice_head(rest, 255));
		}
	}
}

/* 0, or -1 when no server could send that. */
static int
rdata_add(struct buf *out, enum dns_type type, const json_t *value)
{
	struct net_addr addr;

	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		if (net_addr_parse(json_slice(value), &addr) != 0)
			return -1;
		buf_add(out, slice_make((const char *)addr.bytes, type == DNS_A ? 4 : 16));
		return 0;
	case DNS_MX:
		buf_add_char(out, '\0');
		buf_add_char(out, (char)json_integer_value(json_array_get(value, 0)));
		value = json_array_get(value, 1);
		break;
	case DNS_PTR:
		break;
	default:
		txt_add(out, value);
		return 0;
	}
	if (json_slice(value).n > 0)
		return dns_name_to_wire(json_slice(value), out);
	buf_add_char(out, '\0');
	return 0;
}

static void
records_add(struct arena *a, struct dns_answer *answer, const json_t *records, const char *type,
    enum dns_type number)
{
	struct slice *rdata = arena_alloc(a, DNS_RECORDS_MAX * sizeof(*rdata));
	const json_t *value;
	size_t at = 0;

	answer->rdata = rdata;
	while (rdata != NULL && answer->n < DNS_RECORDS_MAX &&
	       (value = record_next(records, type, &at)) != NULL) {
		char bytes[RDATA_BYTES];
		struct buf out = BUF_OVER(bytes);

		if (rdata_add(&out, number, value) == 0)
			rdata[answer->n++] = arena_copy(a, buf_slice(&out));
	}
	if (answer->n > 0)
		answer->status = DNS_FOUND;
}

const struct dns_answer *
spf_suite_answer(struct arena *a, const json_t *zone, struct slice name, enum dns_type type)
{
	struct dns_answer *answer = arena_alloc(a, sizeof(*answer));
	const json_t *records = records_of(zone, name);
	const json_t *cname;
	const char *word = "";
	size_t at = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		word = types[i].type == type ? types[i].name : word;
	for (int hops = 0; hops < HOPS_MAX; hops++, at = 0) {
		cname = record_next(records, "CNAME", &at);
		if (cname == NULL)
			break;
		name = without_dot(json_slice(cname));
		records = records_of(zone, name);
	}
	answer->status = records != NULL || is_above(zone, name) ? DNS_NODATA : DNS_NXDOMAIN;
	records_add(a, answer, records, word, type);
	at = 0;
	if (answer->n == 0 && record_next(records, "TIMEOUT", &at) != NULL)
		answer->status = DNS_TEMPERROR;
	return answer;
}

/* ---- the tests ---- */

const struct spf_result *
spf_suite_run(struct spf_suite *suite, const struct spf_engine *engine, const json_t *group,
    const json_t *test)
{
	struct address sender = address_parse(json_slice(json_object_get(test, "mailfrom")));
	struct net_addr client;
	struct spf_request request = {
	    .client = &client,
	    .helo = json_slice(json_object_get(test, "helo")),
	    .sender = &sender,
	    .receiver = slice_of("receiver.example"),
	};
	struct spf_question question;
	struct spf *spf;

	arena_reset(&suite->arena);
	if (net_addr_parse(json_slice(json_object_get(test, "host")), &client) != 0)
		client.family = NET_NONE;
	spf = spf_new_with(engine, &suite->arena, &request, NULL);
	if (spf == NULL)
		abort();
	while (spf_next(spf, &question))
		spf_feed(spf, spf_suite_answer(&suite->arena, json_object_get(group, "zone"),
				  question.name, question.type));
	return spf_result(spf);
}

bool
spf_suite_allows(const json_t *test, enum spf_code code)
{
	const json_t *allowed = json_object_get(test, "result");

	for (size_t i = 0; i < json_array_size(allowed); i++) {
		const char *word = json_string_value(json_array_get(allowed, i));

		if (word != NULL && strcmp(word, spf_code_name(code)) == 0)
			return true;
	}
	return false;
}
