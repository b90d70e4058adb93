/*
 * hit_fields.c - see hit.h: what is kept of a hit.
 */
#include "policy/hit.h"

#include "crypto/hash.h"

/* Of the digest; 80 bits are enough that no two copies of messages share one. */
#define PERSON_BYTES 10

#define BOTH (HIT_IDENTIFIED | HIT_PSEUDONYMOUS)

/* --- the page of a link --- */

/* Up to the first of these bytes. */
static struct slice
head_until(struct slice s, const char *ends)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == '\0' || strchr(ends, s.p[n]) == NULL))
		n++;
	return slice_head(s, n);
}

/* Is there something on both sides of an '@'? One alone stands in front of a name that many share. */
static bool
has_address(struct slice part)
{
	for (size_t i = 1; i < part.n; i++) {
		struct slice rest = slice_from(part, i);

		if (rest.n > 1 && rest.p[0] == '@')
			return true;
		/* encoded once, or more often: "%40", "%2540" */
		if (rest.p[0] != '%')
			continue;
		rest = slice_from(rest, 1);
		while (rest.n > 2 && slice_starts(rest, slice_of("25")))
			rest = slice_from(rest, 2);
		if (rest.n > 2 && slice_starts(rest, slice_of("40")))
			return true;
	}
	return false;
}

/* "https://" and the host. */
static struct slice
origin_add(struct buf *out, struct slice url)
{
	struct slice scheme = slice_head(url, slice_find(url, ':'));
	struct slice host;

	if (!slice_starts(slice_from(url, scheme.n), slice_of("://")))
		return url;
	buf_add(out, slice_head(url, scheme.n + 3));
	url = slice_from(url, scheme.n + 3);
	host = head_until(url, "/?#");
	url = slice_from(url, host.n);
	if (slice_find_last(host, '@') < host.n)
		host = slice_from(host, slice_find_last(host, '@') + 1);
	buf_add(out, host);
	return url;
}

void
hit_page(struct slice url, struct buf *out)
{
	struct slice path = head_until(origin_add(out, url), "?#");

	while (path.n > 0) {
		struct slice part = head_until(path, "/;,&");

		if (has_address(part))
			buf_add_char(out, '*');
		else
			buf_add(out, part);
		buf_add(out, slice_head(slice_from(path, part.n), 1));
		path = slice_from(path, part.n + 1);
	}
}

/* --- fields --- */

static void
add(struct hit_fields *fields, unsigned modes, const char *name, struct slice value)
{
	size_t before = fields->record.n;

	if ((modes & fields->wanted) == 0)
		return;
	record_add(&fields->record, name, value);
	if (fields->record.n > before)
		fields->modes[fields->n++] = modes;
}

static void
add_number(struct hit_fields *fields, unsigned modes, const char *name, int64_t value)
{
	char storage[24];
	struct buf digits = BUF_OVER(storage);

	buf_add_i64(&digits, value);
	add(fields, modes, name, buf_slice(&digits));
}

/* The same for all hits of one copy of a message, by the key that signed its tokens. */
static void
add_person(struct hit_fields *fields, const struct hit *hit, const struct keyring *keyring)
{
	static const struct slice purpose = SLICE_LIT("gatepost person");
	const struct keyring_key *key = keyring_find(keyring, hit->key);
	char ids_storage[64], storage[ENCODE_BASE32_BYTES(PERSON_BYTES)];
	struct buf ids = BUF_OVER(ids_storage), out = BUF_OVER(storage);
	struct slice parts[2] = {purpose};
	uint8_t mac[HMAC_BYTES];

	/* who unsubscribed stands in the list of those who did, with the time */
	if ((fields->wanted & HIT_PSEUDONYMOUS) == 0 || hit->kind == HIT_UNSUBSCRIBED)
		return;
	buf_add_u64(&ids, hit->ids.account);
	buf_add_char(&ids, ' ');
	buf_add_u64(&ids, hit->ids.message);
	buf_add_char(&ids, ' ');
	buf_add_u64(&ids, hit->ids.rcpt);
	parts[1] = buf_slice(&ids);
	if (key == NULL || key->hmac == NULL || !hmac(key->hmac, parts, 2, mac))
		return;
	encode_base32(&out, slice_make((const char *)mac, PERSON_BYTES));
	add(fields, HIT_PSEUDONYMOUS, "person", buf_slice(&out));
}

static void
add_message(struct hit_fields *fields, const struct hit *hit)
{
	char storage[TOKEN_MESSAGE_BYTES];
	struct buf id = BUF_OVER(storage);

	token_message_format(hit->ids.message, &id);
	add(fields, HIT_IDENTIFIED, "msg", buf_slice(&id));
	if (hit->ids.rcpt > 0)
		add_number(fields, HIT_IDENTIFIED, "nth", (int64_t)hit->ids.rcpt);
	if (hit->kind == HIT_UNSUBSCRIBED)
		add(fields, HIT_IDENTIFIED, "rcpt", hit->target);
}

static void
add_link(struct hit_fields *fields, const struct hit *hit)
{
	char storage[TOKEN_TARGET_BYTES];
	struct buf page = BUF_OVER(storage);

	if (hit->kind != HIT_CLICKED)
		return;
	hit_page(hit->target, &page);
	add_number(fields, BOTH, "link", (int64_t)hit->link);
	add(fields, HIT_IDENTIFIED, "url", hit->target);
	add(fields, HIT_PSEUDONYMOUS, "url", buf_slice(&page));
}

void
hit_fields_make(struct hit_fields *fields, const struct hit *hit, const struct hit_verdict *verdict,
    const struct hit_terms *terms)
{
	char storage[NET_ADDR_TEXT_BYTES];
	struct buf client = BUF_OVER(storage);

	fields->wanted = terms->modes;
	fields->n = 0;
	record_init(&fields->record);
	add(fields, BOTH, "type", slice_of(hit_kind_name(hit->kind)));
	add_number(fields, BOTH, "time", hit->time_s);
	add(fields, BOTH, "account", slice_of(terms->account));
	add_message(fields, hit);
	add_person(fields, hit, terms->keyring);
	add_link(fields, hit);
	add(fields, BOTH, "who", slice_of(hit_who_name(verdict->who)));
	add(fields, BOTH, "why", slice_of(verdict->why));
	net_addr_format(&client, &hit->client);
	add(fields, HIT_IDENTIFIED, "client", buf_slice(&client));
	add(fields, HIT_IDENTIFIED, "agent", slice_head(hit->agent, HIT_AGENT_BYTES));
}
