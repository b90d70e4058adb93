/*
 * redis_key.c - see redis_key.h.
 */
#include "io/redis_key.h"

static const struct slice grey_word = SLICE_LIT("grey:{");
static const struct slice known_word = SLICE_LIT("known:{");
static const struct slice events_word = SLICE_LIT("ev:{");
static const struct slice hits_word = SLICE_LIT("hits:{");
static const struct slice consent_word = SLICE_LIT("consent:{");

void
redis_key_grey(struct buf *out, const char *prefix, const struct grey_key *key)
{
	buf_add_text(out, prefix);
	buf_add(out, grey_word);
	buf_add_text(out, key->identity.text);
	buf_add_text(out, "}:");
	buf_add_text(out, key->sender);
	buf_add_char(out, ':');
	buf_add_text(out, key->rcpt);
}

void
redis_key_known(struct buf *out, const char *prefix, const struct grey_key *key)
{
	buf_add_text(out, prefix);
	buf_add(out, known_word);
	buf_add_text(out, key->identity.text);
	buf_add_char(out, '}');
}

void
redis_key_met(
    struct buf *out, const char *prefix, const struct address *local, const struct address *remote)
{
	char text[GREY_ADDRESS_BYTES + 1];

	buf_add_text(out, prefix);
	buf_add_text(out, "met:{");
	grey_address_format(text, local);
	buf_add_text(out, text);
	buf_add_text(out, "}:");
	grey_address_format(text, remote);
	buf_add_text(out, text);
}

void
redis_key_stat(struct buf *out, const char *prefix, int64_t unix_s)
{
	char hour[STAT_HOUR_BYTES];

	stat_hour(hour, unix_s);
	buf_add_text(out, prefix);
	buf_add_text(out, "stat:");
	buf_add_text(out, hour);
}

void
redis_key_list(struct buf *out, const char *prefix, enum store_list list)
{
	static const char *const names[STORE_LISTS] = {
	    [STORE_OPTOUT] = "optout:grey",
	    [STORE_ALLOW_NETWORKS] = "allow:networks",
	    [STORE_ALLOW_SENDERS] = "allow:senders",
	    [STORE_DNSBL_OFF] = "off:dnsbl",
	    [STORE_OPTOUT_ALL] = "optout:all",
	    [STORE_ALLOW_CLIENTS] = "allow:clients",
	};

	buf_add_text(out, prefix);
	buf_add_text(out, names[list]);
}

void
redis_key_verdicts(struct buf *out, const char *prefix)
{
	buf_add_text(out, prefix);
	buf_add_text(out, "verdicts");
}

void
redis_key_dnsbl(struct buf *out, const char *prefix, struct slice name)
{
	buf_add_text(out, prefix);
	buf_add_text(out, "dnsbl:");
	buf_add(out, name);
}

/* PREFIXKIND{NAME} */
static void
tagged_add(struct buf *out, const char *prefix, const char *kind, const char *name)
{
	buf_add_text(out, prefix);
	buf_add_text(out, kind);
	buf_add_text(out, name);
	buf_add_char(out, '}');
}

void
redis_key_supp(struct buf *out, const char *prefix, const char *account)
{
	tagged_add(out, prefix, "supp:{", account);
}

void
redis_key_rate(struct buf *out, const char *prefix, const char *account)
{
	tagged_add(out, prefix, "rate:{", account);
}

void
redis_key_warm(struct buf *out, const char *prefix, const char *lane)
{
	tagged_add(out, prefix, "warm:{", lane);
}

void
redis_key_events(struct buf *out, const char *prefix, const char *account)
{
	tagged_add(out, prefix, events_word.p, account);
}

void
redis_key_hook(struct buf *out, const char *prefix, const char *account, const char *part)
{
	tagged_add(out, prefix, "hook:{", account);
	if (part != NULL) {
		buf_add_char(out, ':');
		buf_add_text(out, part);
	}
}

void
redis_key_consent(struct buf *out, const char *prefix, const char *account)
{
	tagged_add(out, prefix, consent_word.p, account);
}

void
redis_key_event_copies(struct buf *out, const char *prefix, const char *account)
{
	tagged_add(out, prefix, "copies:{", account);
}

void
redis_key_hits(struct buf *out, const char *prefix, const char *account, int64_t unix_s)
{
	char hour[STAT_HOUR_BYTES];

	stat_hour(hour, unix_s);
	tagged_add(out, prefix, hits_word.p, account);
	buf_add_char(out, ':');
	buf_add(out, slice_make(hour, 8)); /* its day */
}

void
redis_key_message(struct buf *out, const char *prefix, const char *account, struct slice id)
{
	tagged_add(out, prefix, "msg:{", account);
	buf_add_char(out, ':');
	buf_add(out, id);
}

void
redis_key_message_rcpt(struct buf *out, const struct address *rcpt)
{
	buf_add_text(out, "rcpt:");
	suppression_key(rcpt, out);
}

/* What is between PREFIXword and a '}' at the end. */
static int
tagged_parse(struct slice key, const char *prefix, struct slice word, struct slice *name_r)
{
	struct slice rest = slice_from(key, strlen(prefix));

	if (!slice_starts(key, slice_of(prefix)) || !slice_starts(rest, word))
		return -1;
	rest = slice_from(rest, word.n);
	if (rest.n < 2 || rest.p[rest.n - 1] != '}')
		return -1;
	*name_r = slice_head(rest, rest.n - 1);
	return 0;
}

int
redis_key_events_parse(struct slice key, const char *prefix, struct slice *account_r)
{
	return tagged_parse(key, prefix, events_word, account_r);
}

int
redis_key_hits_parse(struct slice key, const char *prefix, struct slice *account_r)
{
	size_t colon = slice_find_last(key, ':');

	/* its day has no braces */
	return tagged_parse(slice_head(key, colon), prefix, hits_word, account_r);
}

int
redis_key_consent_parse(struct slice key, const char *prefix, struct slice *account_r)
{
	return tagged_parse(key, prefix, consent_word, account_r);
}

int
redis_key_grey_parse(struct slice key, const char *prefix, struct redis_grey_name *name_r)
{
	struct slice rest = slice_from(key, strlen(prefix));
	size_t end, colon;

	if (!slice_starts(key, slice_of(prefix)) || !slice_starts(rest, grey_word))
		return -1;
	rest = slice_from(rest, grey_word.n);
	end = slice_find(rest, '}');
	name_r->identity = slice_head(rest, end);
	rest = slice_from(rest, end + 1);
	if (rest.n == 0 || rest.p[0] != ':')
		return -1;
	rest = slice_from(rest, 1);
	colon = slice_find(rest, ':');
	name_r->sender = slice_head(rest, colon);
	name_r->rcpt = slice_from(rest, colon + 1);
	return name_r->rcpt.n > 0 ? 0 : -1;
}

int
redis_key_known_parse(struct slice key, const char *prefix, struct slice *identity_r)
{
	return tagged_parse(key, prefix, known_word, identity_r);
}

static const struct slice account_word = SLICE_LIT("acct:{");

void
redis_key_account(struct buf *out, const char *prefix, struct slice name)
{
	buf_add_text(out, prefix);
	buf_add(out, account_word);
	buf_add(out, name);
	buf_add_char(out, '}');
}

int
redis_key_account_parse(struct slice key, const char *prefix, struct slice *name_r)
{
	return tagged_parse(key, prefix, account_word, name_r);
}

void
redis_key_account_map(struct buf *out, const char *prefix)
{
	buf_add_text(out, prefix);
	buf_add_text(out, "acctmap");
}
