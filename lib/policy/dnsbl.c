/*
 * dnsbl.c - see dnsbl.h.
 */
#include "policy/dnsbl.h"

#include "policy/dns_name.h"

/* What one zone answered to its questions. */
struct answers {
	const struct dns_answer *v[DNSBL_NAME_KINDS];
	size_t n;
	bool pending;
};

struct dnsbl_check *
dnsbl_check_new(
    struct arena *a, const struct dnsbl_table *table, struct dnsbl_port *port, enum dnsbl_kind kind)
{
	struct dnsbl_check *check = arena_alloc(a, sizeof(*check));
	struct dnsbl_result *results = arena_alloc(a, (table->n + 1) * sizeof(*results));

	if (check == NULL || results == NULL)
		return NULL;
	*check = (struct dnsbl_check){
	    .table = table, .port = port, .kind = kind, .results = results};
	return check;
}

uint64_t
dnsbl_client_key(const struct net_addr *client)
{
	size_t n = client->family == NET_IPV4 ? 3 : 8;
	uint64_t key = 0;

	if (client->family == NET_NONE)
		return 0;
	for (size_t i = 0; i < n; i++)
		key = key << 8 | client->bytes[i];
	/* no /64 in use begins with four zeroes, as these do */
	return client->family == NET_IPV4 ? key | UINT64_C(1) << 24 : key;
}

bool
dnsbl_name_is_askable(struct slice name)
{
	size_t dot = slice_find_last(name, '.');
	bool letters = false;

	if (name.n > DNS_NAME_MAX_BYTES || dot == name.n || dot == 0)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);
		bool letter = c >= 'a' && c <= 'z';

		if (!letter && !ascii_is_digit(c) && memchr("-_.", c, 3) == NULL)
			return false;
		letters = letters || (letter && i > dot);
	}
	return letters; /* of no address the last part has any */
}

/* ---- asking ---- */

static void
ask(struct answers *answers, struct lookup *lookup, struct slice name)
{
	const struct dns_answer *answer = lookup_ask(lookup, name, DNS_A);

	answers->pending = answers->pending || answer->status == DNS_PENDING;
	answers->v[answers->n++] = answer;
}

static void
client_ask(const struct dnsbl_check *check, const struct dnsbl_zone *z, struct lookup *lookup,
    struct answers *answers)
{
	unsigned is = check->client.family == NET_IPV4 ? DNSBL_ASKS_IPV4 : DNSBL_ASKS_IPV6;
	char storage[DNS_NAME_MAX_BYTES];
	struct buf name = BUF_OVER(storage);

	if (z->asks != 0 && (z->asks & is) == 0)
		return;
	if (dns_name_reverse(&check->client, z->zone, &name) == 0)
		ask(answers, lookup, buf_slice(&name));
}

static void
names_ask(const struct dnsbl_check *check, const struct dnsbl_zone *z, struct lookup *lookup,
    struct answers *answers)
{
	for (unsigned kind = 0; kind < DNSBL_NAME_KINDS; kind++) {
		char storage[DNS_NAME_MAX_BYTES];
		struct buf name = BUF_OVER(storage);

		if (z->asks != 0 && (z->asks & (unsigned)DNSBL_ASKS_HELO << kind) == 0)
			continue;
		if (!dnsbl_name_is_askable(check->names[kind]))
			continue;
		buf_add_lower(&name, check->names[kind]);
		buf_add_char(&name, '.');
		buf_add(&name, z->zone);
		if (!name.over)
			ask(answers, lookup, buf_slice(&name));
	}
}

static bool
is_ours(const struct dnsbl_check *check, size_t zone)
{
	return check->table->zones[zone].domains == (check->kind == DNSBL_NAMES);
}

static bool
is_asked(const struct dnsbl_check *check, size_t zone)
{
	return is_ours(check, zone) && check->results[zone].status != DNSBL_SUSPENDED;
}

static struct answers
zone_ask(const struct dnsbl_check *check, size_t zone, struct lookup *lookup)
{
	const struct dnsbl_zone *z = &check->table->zones[zone];
	struct answers answers = {.n = 0};

	if (check->kind == DNSBL_NAMES)
		names_ask(check, z, lookup, &answers);
	else if (check->client.family != NET_NONE && !net_addr_is_loopback(&check->client))
		client_ask(check, z, lookup, &answers);
	return answers;
}

/* ---- judging ---- */

static void
code_show(struct buf *out, const struct slice *rdata)
{
	if (out->n > 0)
		buf_add_char(out, ',');
	for (size_t i = 0; i < rdata->n && i < 4; i++) {
		if (i > 0)
			buf_add_char(out, '.');
		buf_add_u64(out, (unsigned char)rdata->p[i]);
	}
}

/* The codes that are (no) errors, as text; as many as fit. */
static void
codes_show(
    const struct dnsbl_zone *z, const struct answers *answers, bool errors, struct dnsbl_result *r)
{
	static const char more[] = ",...";
	struct buf out;

	buf_init(&out, r->codes, sizeof(r->codes) - sizeof(more));
	for (size_t i = 0; i < answers->n; i++) {
		for (size_t k = 0; k < answers->v[i]->n; k++) {
			const struct slice *rdata = &answers->v[i]->rdata[k];
			size_t before = out.n;

			if (dnsbl_is_error(z, *rdata) != errors)
				continue;
			code_show(&out, rdata);
			if (!out.over)
				continue;
			memcpy(out.p + before, more, sizeof(more));
			return;
		}
	}
	(void)buf_text(&out);
}

static bool
rule_matches(const struct dnsbl_rule *rule, const struct answers *answers)
{
	for (size_t i = 0; i < answers->n; i++) {
		for (size_t k = 0; k < answers->v[i]->n; k++) {
			struct slice rdata = answers->v[i]->rdata[k];

			if (rdata.n == 4 && dnsbl_filter_has(&rule->filter, rdata.p))
				return true;
		}
	}
	return false;
}

/* Is there an error among them; could one question not be answered? */
static enum dnsbl_status
answers_look(const struct dnsbl_zone *z, const struct answers *answers)
{
	enum dnsbl_status status = answers->n == 0 ? DNSBL_UNASKED : DNSBL_UNLISTED;

	for (size_t i = 0; i < answers->n; i++) {
		const struct dns_answer *answer = answers->v[i];

		if (answer->status == DNS_TEMPERROR)
			status = DNSBL_TEMPERROR;
		for (size_t k = 0; k < answer->n; k++) {
			if (dnsbl_is_error(z, answer->rdata[k]))
				return DNSBL_ERROR;
		}
	}
	return status;
}

/* Did a question go to the zone, and no answer come back? */
static bool
answers_have_silence(const struct answers *answers)
{
	for (size_t i = 0; i < answers->n; i++) {
		if (dns_answer_is_silence(answers->v[i]))
			return true;
	}
	return false;
}

static void
zone_judge(const struct dnsbl_zone *z, const struct answers *answers, struct dnsbl_result *r)
{
	r->status = answers_look(z, answers);
	if (r->status == DNSBL_ERROR) {
		codes_show(z, answers, true, r);
		return;
	}
	for (const struct dnsbl_rule *rule = z->rules; rule != NULL; rule = rule->next) {
		if (!rule_matches(rule, answers))
			continue;
		r->status = DNSBL_LISTED;
		r->weight += rule->weight;
		r->block = r->block || rule->block;
	}
	if (r->status == DNSBL_LISTED)
		codes_show(z, answers, false, r);
	r->unasked = r->status == DNSBL_TEMPERROR && !answers_have_silence(answers);
}

/* Is there another zone, block- or allowlist like this one, that lists the client too? Then it is
 * the client that is odd, not the zone. */
static bool
is_alone(const struct dnsbl_check *check, size_t zone)
{
	for (size_t i = 0; i < check->table->n; i++) {
		if (i != zone && check->results[i].status == DNSBL_LISTED &&
		    check->table->zones[i].allows == check->table->zones[zone].allows)
			return false;
	}
	return true;
}

/* Tells the port, but for what says nothing about the zone. */
static void
zone_report(struct dnsbl_check *check, size_t zone)
{
	struct dnsbl_result *r = &check->results[zone];
	struct dnsbl_report report = {.status = r->status,
	    .alone = r->status == DNSBL_LISTED && is_alone(check, zone),
	    .client = dnsbl_client_key(&check->client),
	    .detail = r->codes};

	if (check->port == NULL || r->unasked || r->status == DNSBL_UNASKED ||
	    r->status == DNSBL_SUSPENDED)
		return;
	check->port->report(check->port, zone, &report);
}

/* Then nothing is believed of what was suspended meanwhile, by one of these answers perhaps. */
static void
finish(struct dnsbl_check *check, const struct answers *answers)
{
	size_t n = check->table->n;

	for (size_t i = 0; i < n; i++) {
		if (is_asked(check, i))
			zone_judge(&check->table->zones[i], &answers[i], &check->results[i]);
	}
	for (size_t i = 0; i < n; i++)
		zone_report(check, i);
	for (size_t i = 0; check->port != NULL && i < n; i++) {
		if (check->results[i].status == DNSBL_LISTED &&
		    !check->port->usable(check->port, i))
			check->results[i] = (struct dnsbl_result){.status = DNSBL_SUSPENDED};
	}
	check->finished = true;
}

/* Which zones are left out is settled once, so that none is asked and then forgotten. */
static void
begin(struct dnsbl_check *check)
{
	for (size_t i = 0; check->port != NULL && i < check->table->n; i++) {
		if (is_ours(check, i) && !check->port->usable(check->port, i))
			check->results[i].status = DNSBL_SUSPENDED;
	}
	check->begun = true;
}

void
dnsbl_retry(struct dnsbl_check *check)
{
	bool missing = false;

	for (size_t i = 0; check->finished && i < check->table->n; i++)
		missing |= check->results[i].status == DNSBL_TEMPERROR;
	if (!missing)
		return;
	memset(check->results, 0, check->table->n * sizeof(*check->results));
	check->begun = false;
	check->finished = false;
}

bool
dnsbl_advance(struct dnsbl_check *check, struct lookup *lookup)
{
	struct answers answers[DNSBL_ZONES_MAX]; /* of those zones that are asked */
	bool wait = false;

	if (check->finished)
		return true;
	if (!check->begun)
		begin(check);
	for (size_t i = 0; i < check->table->n; i++) {
		if (!is_asked(check, i))
			continue;
		answers[i] = zone_ask(check, i, lookup);
		wait = answers[i].pending || wait ||
		       (check->kind == DNSBL_NAMES && !check->names_known && !lookup->over);
	}
	if (wait)
		return false;
	finish(check, answers);
	return true;
}

const char *
dnsbl_status_name(enum dnsbl_status status)
{
	static const char *const names[] = {
	    [DNSBL_UNASKED] = "unasked",
	    [DNSBL_UNLISTED] = "unlisted",
	    [DNSBL_LISTED] = "listed",
	    [DNSBL_ERROR] = "error",
	    [DNSBL_TEMPERROR] = "temperror",
	    [DNSBL_SUSPENDED] = "suspended",
	};

	return names[status];
}
