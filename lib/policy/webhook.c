/*
 * webhook.c - see webhook.h: options, ids, when to try again.
 */
#include "policy/webhook.h"

#include "base/encode.h"
#include "policy/webhook_parts.h"

#include <inttypes.h>

static const char *const types[] = {"all", "sent", "refused", "suppressed", "deferred", "bounced",
    "complained", "unsubscribed", "delivered", "relayed", "replied", "feedback", "returned",
    "opened", "clicked", NULL};

/* --- options --- */

/* Takes the scheme off: false when it is none of ours. */
static bool
scheme_take(struct slice *url)
{
	static const struct slice schemes[] = {SLICE_LIT("https://"), SLICE_LIT("http://")};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (slice_starts(*url, schemes[i])) {
			*url = slice_from(*url, schemes[i].n);
			return true;
		}
	}
	return false;
}

int
webhook_url_check(const char *url, struct err *err)
{
	struct slice rest = slice_of(url);
	bool good = rest.n == 0 || scheme_take(&rest);
	struct slice host = slice_head(rest, slice_find(rest, '/'));

	host = slice_head(host, slice_find(host, '?'));
	good = good && (host.n > 0 || url[0] == '\0');
	for (size_t i = 0; i < rest.n; i++)
		good = good && rest.p[i] > ' ' && rest.p[i] <= '~' && rest.p[i] != '\\' &&
		       rest.p[i] != '#';
	if (!good)
		return err_set(err, ERR_INVALID,
		    "write an http or https URL, as in https://shop.example/hooks");
	/* it would stand in every list of accounts; the signature says who we are */
	if (slice_find(host, '@') < host.n)
		return err_set(err, ERR_INVALID, "no user or password in it");
	return 0;
}

bool
webhook_secret_next(struct slice *rest, struct slice *secret_r)
{
	size_t from = 0, n = 0;

	while (from < rest->n && (ascii_is_space(rest->p[from]) || rest->p[from] == ','))
		from++;
	*rest = slice_from(*rest, from);
	while (n < rest->n && !ascii_is_space(rest->p[n]) && rest->p[n] != ',')
		n++;
	*secret_r = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return n > 0;
}

bool
webhook_secret_read(struct slice secret, struct buf *bytes)
{
	struct slice prefix = slice_of(WEBHOOK_SECRET_PREFIX);

	return slice_starts(secret, prefix) &&
	       decode_base64(bytes, slice_from(secret, prefix.n)) == 0 && !bytes->over &&
	       bytes->n >= WEBHOOK_SECRET_MIN;
}

int
webhook_secrets_check(const char *secrets, struct err *err)
{
	struct slice rest = slice_of(secrets), secret;

	for (size_t n = 0; webhook_secret_next(&rest, &secret); n++) {
		char storage[WEBHOOK_SECRET_MAX];
		struct buf bytes = BUF_OVER(storage);

		if (n == WEBHOOK_SECRETS_MAX)
			return err_set(err, ERR_INVALID, "at most %d secrets, the newer one first",
			    WEBHOOK_SECRETS_MAX);
		if (!webhook_secret_read(secret, &bytes))
			return err_set(err, ERR_INVALID,
			    "write whsec_ and base64 of %d to %d bytes, as `gatepostctl webhooks "
			    "secret` makes them",
			    WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX);
	}
	return 0;
}

void
webhook_secret_format(struct buf *out, struct slice bytes)
{
	buf_add_text(out, WEBHOOK_SECRET_PREFIX);
	encode_base64(out, bytes);
}

int
webhook_type_check(struct slice entry, struct err *err)
{
	for (const char *const *type = types; *type != NULL; type++) {
		if (slice_eq(entry, slice_of(*type)))
			return 0;
	}
	return err_set(err, ERR_INVALID,
	    "write all, or types of events: sent, refused, suppressed, deferred, bounced, "
	    "complained, "
	    "unsubscribed, delivered, relayed, replied, feedback, returned, opened, clicked");
}

bool
webhook_wants(const struct option_words *events, struct slice type)
{
	for (size_t i = 0; i < events->n; i++) {
		struct slice entry = slice_of(events->v[i]);

		if (slice_eq(entry, type) || slice_eq(entry, slice_of(types[0])))
			return true;
	}
	return false;
}

/* --- ids --- */

void
webhook_id_format(struct buf *out, uint64_t account, struct slice entry)
{
	buf_add_text(out, "ev_");
	buf_add(out, entry);
	buf_add_format(out, "_%012" PRIx64, account);
}

/* --- when --- */

int64_t
webhook_delay_ms(const struct webhook_retry *retry, int64_t tries, uint64_t random)
{
	int64_t delay = retry->first_ms;

	for (; tries > 1 && delay < retry->longest_ms; tries--)
		delay *= 2;
	if (delay > retry->longest_ms)
		delay = retry->longest_ms;
	/* who failed together does not come back together */
	return delay - delay / 4 + (int64_t)(random % (uint64_t)(delay / 2 + 1));
}
