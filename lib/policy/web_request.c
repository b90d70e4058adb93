/*
 * web_request.c - see web_request.h.
 */
#include "policy/web_request.h"

/* Entries of Accept-Language that are looked at; browsers send a handful. */
#define LANGUAGES_MAX 32

/* Hops of X-Forwarded-For that are looked at. */
#define HOPS_MAX 32

/* --- the target --- */

static bool
is_token_letter(char c)
{
	char lower = ascii_lower(c);

	return ascii_is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '-' || c == '_';
}

/* "http://HOST/…": the host; what is left begins with its '/'. */
static struct slice
absolute_take(struct slice *uri)
{
	static const struct slice schemes[] = {SLICE_LIT("http://"), SLICE_LIT("https://")};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct slice rest, host;

		if (!slice_starts_nocase(*uri, schemes[i]))
			continue;
		rest = slice_from(*uri, schemes[i].n);
		host = slice_head(rest, slice_find(rest, '/'));
		*uri = slice_from(rest, host.n);
		return host;
	}
	return slice_make(NULL, 0);
}

static struct slice
token_read(struct slice text)
{
	size_t n = 0;

	text = slice_head(text, slice_find(text, '?'));
	while (n < text.n && is_token_letter(text.p[n]))
		n++;
	return n == text.n ? text : slice_make(NULL, 0);
}

struct web_target
web_request_target(struct slice uri)
{
	static const struct {
		struct slice prefix;
		enum web_path path;
	} paths[] = {{SLICE_LIT("/o/"), WEB_PATH_OPEN}, {SLICE_LIT("/c/"), WEB_PATH_CLICK},
	    {SLICE_LIT("/u/"), WEB_PATH_UNSUBSCRIBE}};
	struct web_target target = {.path = WEB_PATH_NONE};

	target.host = absolute_take(&uri);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (!slice_starts(uri, paths[i].prefix))
			continue;
		target.token = token_read(slice_from(uri, paths[i].prefix.n));
		target.path = target.token.n > 0 ? paths[i].path : WEB_PATH_NONE;
		return target;
	}
	if (slice_eq(uri, slice_of("/robots.txt")))
		target.path = WEB_PATH_ROBOTS;
	return target;
}

/* --- where a click leads --- */

static bool
is_visible(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '\\')
			return false;
	}
	return true;
}

/* A name, an IPv4 address, or an IPv6 one in brackets; and a port, perhaps. */
static bool
is_authority(struct slice authority)
{
	struct slice port = slice_from(authority, slice_find_last(authority, ':') + 1);
	bool literal = authority.n > 0 && authority.p[0] == '[';
	size_t end = literal ? slice_find(authority, ']') + 1 : slice_find(authority, ':');

	if (end == 0 || end > authority.n || slice_find(authority, '@') < authority.n)
		return false;
	if (literal && end == 2)
		return false;
	if (end == authority.n)
		return true;
	for (size_t i = 0; i < port.n; i++) {
		if (!ascii_is_digit(port.p[i]))
			return false;
	}
	return authority.p[end] == ':' && end + 1 + port.n == authority.n;
}

bool
web_request_may_redirect(struct slice url)
{
	struct slice rest, authority;
	size_t n = 0;

	if (!is_visible(url))
		return false;
	rest = slice_from(url, slice_find(url, ':') + 1);
	if (!slice_starts_nocase(url, slice_of("https://")) &&
	    !slice_starts_nocase(url, slice_of("http://")))
		return false;
	authority = slice_from(rest, 2);
	while (n < authority.n && authority.p[n] != '/' && authority.p[n] != '?' &&
	       authority.p[n] != '#')
		n++;
	return is_authority(slice_head(authority, n));
}

struct slice
web_request_host(struct slice field)
{
	size_t colon = slice_find_last(field, ':');

	/* "[2001:db8::1]" has colons, and none of them begins a port */
	if (colon < field.n && slice_find(slice_from(field, colon), ']') == field.n - colon)
		return slice_head(field, colon);
	return field;
}

/* --- who asks --- */

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711". */
static int
hop_parse(struct slice hop, struct net_addr *addr_r)
{
	size_t colon = slice_find(hop, ':');

	if (hop.n > 0 && hop.p[0] == '[') {
		size_t end = slice_find(hop, ']');

		return end < hop.n ? net_addr_parse(slice_make(hop.p + 1, end - 1), addr_r) : -1;
	}
	if (colon < hop.n && slice_find(slice_from(hop, colon + 1), ':') == hop.n - colon - 1)
		hop = slice_head(hop, colon);
	return net_addr_parse(hop, addr_r);
}

struct net_addr
web_request_client(
    const struct net_addr *peer, const struct net_set *proxies, struct slice forwarded)
{
	struct net_addr client = {.family = NET_NONE};

	if (peer != NULL)
		client = *peer;
	/* one hop after the other, from the nearest on, as long as it is to be believed */
	for (int hops = 0; hops < HOPS_MAX && forwarded.n > 0; hops++) {
		size_t comma = slice_find_last(forwarded, ',');
		struct slice hop = forwarded;
		struct net_addr addr;

		if ((hops > 0 || peer != NULL) && !net_set_has(proxies, &client))
			break;
		if (comma < forwarded.n)
			hop = slice_from(forwarded, comma + 1);
		if (hop_parse(slice_trim(hop), &addr) != 0)
			break;
		client = addr;
		forwarded = slice_head(forwarded, comma < forwarded.n ? comma : 0);
	}
	return client;
}

/* --- in which language --- */

/* ";q=0.8" in thousandths; 1000 when there is none, 0 when it is no number. */
static unsigned
quality_read(struct slice parameters)
{
	size_t at = slice_find(parameters, '=');
	unsigned value = 0, step = 1000;
	struct slice digits;

	if (at == parameters.n)
		return 1000;
	digits = slice_trim(slice_from(parameters, at + 1));
	for (size_t i = 0; i < digits.n && step > 0; i++) {
		if (digits.p[i] == '.' && i == 1)
			continue;
		if (!ascii_is_digit(digits.p[i]))
			return 0;
		value += (unsigned)(digits.p[i] - '0') * step;
		step /= 10;
	}
	return value < 1000 ? value : 1000;
}

/* The language of that name, also of "de-AT"; n when we have none. */
static size_t
language_find(struct slice tag, const char *const *languages, size_t n)
{
	struct slice primary = slice_head(tag, slice_find(tag, '-'));
	size_t i = 0;

	while (i < n && !slice_eq_nocase(primary, slice_of(languages[i])))
		i++;
	return i;
}

size_t
web_request_language(struct slice accept, const char *const *languages, size_t n)
{
	unsigned best = 0;
	size_t wanted = 0;

	for (int seen = 0; seen < LANGUAGES_MAX && accept.n > 0; seen++) {
		struct slice entry = slice_head(accept, slice_find(accept, ','));
		struct slice tag = slice_head(entry, slice_find(entry, ';'));
		size_t which = language_find(slice_trim(tag), languages, n);
		unsigned quality = quality_read(slice_from(entry, tag.n));

		accept = slice_from(accept, entry.n + 1);
		if (which == n || quality <= best)
			continue;
		best = quality;
		wanted = which;
	}
	return wanted;
}
