/*
 * track_link.c - a link's target, and the URL that stands for it. See track_parts.h.
 *
 * The target is what a browser would make of the href, with as little of it changed as can be: its
 * references decoded, white space around it and line ends within it gone, and what is neither ASCII
 * nor printable percent-encoded, in UTF-8. A host beyond ASCII is written in ASCII. Where browsers do
 * more than that (a backslash for a slash, a scheme without slashes), or not all the same, the link
 * stays.
 */
#include "auth/domain.h"
#include "mail/html_reference.h"
#include "policy/track_parts.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* An href of more bytes is too long in any case: percent-encoded it is no shorter, and a reference
 * has at most 32 bytes for one. */
#define HREF_BYTES 8192

/* Attributes by which senders tell others that a link, or all below, is not to be tracked. */
static const struct {
	const char *name;
	const char *value; /* the one that says so; NULL: any but "false" */
} optouts[] = {
    {"ses:no-track", NULL},
    {"clicktracking", "off"},
    {"disable-tracking", NULL},
    {"data-disable-tracking", NULL},
    {"mautic:disable-tracking", NULL},
    {"data-pm-no-track", NULL},
    {"data-msys-clicktrack", "0"},
    {"data-no-track", NULL},
};

static bool
says_no(struct slice value, const char *wanted)
{
	value = slice_trim(value);
	return wanted != NULL ? slice_eq_nocase(value, slice_of(wanted))
			      : !slice_eq_nocase(value, slice_of("false"));
}

bool
track_opted_out(const struct html *t, const struct html_token *tag)
{
	for (size_t i = 0; i < COUNT(optouts) && tag->nattrs > 1; i++) {
		const struct html_attr *attr = html_attr_find(t, tag, optouts[i].name);

		if (attr != NULL && says_no(html_slice(t, attr->value), optouts[i].value))
			return true;
	}
	return false;
}

/* Each of the URLs between < and >. */
static void
urls_read(struct track_work *work, struct slice value)
{
	for (;;) {
		struct slice url = slice_from(value, slice_find(value, '<') + 1);
		size_t end = slice_find(url, '>');

		if (end >= url.n)
			return;
		if (work->nunsubscribe == TRACK_UNSUBSCRIBE_MAX) {
			work->unsubscribe_over = true;
			return;
		}
		work->unsubscribe[work->nunsubscribe++] = slice_head(url, end);
		value = slice_from(url, end + 1);
	}
}

void
track_unsubscribe_read(struct track_work *work)
{
	for (size_t i = 0; i < work->message->n; i++)
		if (slice_eq_nocase(work->message->v[i].name, slice_of("List-Unsubscribe")))
			urls_read(work, work->message->v[i].value);
}

static bool
is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* Bytes of the UTF-8 sequence that begins with c, which is not ASCII; 0: none does. */
static size_t
utf8_bytes(unsigned char c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

static bool
is_utf8(struct slice s)
{
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = c < 0x80 ? 1 : utf8_bytes(c);

		if (n == 0 || n > s.n - i)
			return false;
		for (size_t k = 1; k < n; k++)
			if (((unsigned char)s.p[i + k] & 0xc0) != 0x80)
				return false;
		i += n;
	}
	return true;
}

/* As a browser reads an address (WHATWG URL 4.4): without blanks and controls around it, and without
 * tabs and line ends anywhere. In place. */
static struct slice
url_strip(char *p, size_t n)
{
	size_t from = 0, kept = 0;

	while (n > 0 && (unsigned char)p[n - 1] <= ' ')
		n--;
	while (from < n && (unsigned char)p[from] <= ' ')
		from++;
	for (size_t i = from; i < n; i++)
		if (p[i] != '\t' && p[i] != '\n' && p[i] != '\r')
			p[kept++] = p[i];
	return slice_make(p, kept);
}

static bool
is_host_byte(char c)
{
	return ascii_is_digit(c) || utf8_is_letter(c) || (c != '\0' && strchr(".-_:[]", c) != NULL);
}

/* Behind the scheme: the host and port of `rest`, and what follows. */
static enum track_kept
host_take(struct slice *rest, struct slice *host_r)
{
	size_t n = 0;

	while (n < rest->n && strchr("/?#\\", rest->p[n]) == NULL && rest->p[n] != '\0')
		n++;
	*host_r = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	if (slice_find(*host_r, '@') < host_r->n)
		return TRACK_KEPT_USER;
	for (size_t i = 0; i < n; i++)
		if (!is_host_byte(host_r->p[i]))
			return TRACK_KEPT_ODD;
	if (n == 0 || host_r->p[0] == ':' || slice_starts(*rest, slice_of("\\")))
		return TRACK_KEPT_ODD;
	return TRACK_KEPT_NOT;
}

/* A host beyond ASCII, as it stands in DNS. */
static int
host_put(struct buf *out, struct slice host)
{
	char storage[DNS_NAME_MAX_BYTES];
	struct buf name = BUF_OVER(storage);
	size_t port = slice_find(host, ':');

	if (is_ascii(host)) {
		buf_add(out, host);
		return 0;
	}
	if (domain_normalise(slice_head(host, port), &name) != 0 || name.over)
		return -1;
	buf_add(out, buf_slice(&name));
	buf_add(out, slice_from(host, port));
	return 0;
}

static void
path_put(struct buf *out, struct slice path)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (c > ' ' && c <= '~') {
			buf_add_char(out, (char)c);
			continue;
		}
		buf_add_char(out, '%');
		buf_add_char(out, digits[c >> 4]);
		buf_add_char(out, digits[c & 15]);
	}
}

/* Without port and the dot of the root: what is left says whose it is. */
static struct slice
host_bare(struct slice host)
{
	host = slice_head(host, slice_find(host, ':'));
	return host.n > 0 && host.p[host.n - 1] == '.' ? slice_head(host, host.n - 1) : host;
}

/* The href, decoded and stripped, as it goes into a token. */
static enum track_kept
target_make(const struct track_work *work, struct slice href, struct buf *out)
{
	bool https = slice_starts_nocase(href, slice_of("https://"));
	size_t scheme = strlen(https ? "https://" : "http://");
	struct slice rest = slice_from(href, scheme), host;
	enum track_kept kept;

	if (!https && !slice_starts_nocase(href, slice_of("http://")))
		return TRACK_KEPT_OTHER;
	kept = host_take(&rest, &host);
	if (kept != TRACK_KEPT_NOT)
		return kept;
	if (slice_eq_nocase(host_bare(host), host_bare(work->host)))
		return TRACK_KEPT_OWN;
	if (!is_utf8(href))
		return TRACK_KEPT_ODD;
	buf_add(out, slice_head(href, scheme));
	if (host_put(out, host) != 0)
		return TRACK_KEPT_ODD;
	path_put(out, rest);
	return out->over ? TRACK_KEPT_LONG : TRACK_KEPT_NOT;
}

/* Bytes of scheme and host, in which case does not matter. */
static size_t
origin_bytes(struct slice url)
{
	size_t n = slice_find(url, ':') + strlen("://");

	while (n < url.n && strchr("/?#", url.p[n]) == NULL)
		n++;
	return n;
}

/* Is that what stands between < and >? There it may be folded, and blanks say nothing (RFC 2369
 * section 2). */
static bool
is_listed(struct slice listed, struct slice url)
{
	size_t origin = origin_bytes(url), n = 0;

	for (size_t i = 0; i < listed.n; i++) {
		char c = listed.p[i];

		if (ascii_is_space(c))
			continue;
		if (n == url.n ||
		    (n < origin ? ascii_lower(c) != ascii_lower(url.p[n]) : c != url.p[n]))
			return false;
		n++;
	}
	return n == url.n;
}

static bool
is_unsubscribe(const struct track_work *work, struct slice href, struct slice target)
{
	for (size_t i = 0; i < work->nunsubscribe; i++)
		if (is_listed(work->unsubscribe[i], href) ||
		    is_listed(work->unsubscribe[i], target))
			return true;
	return work->unsubscribe_over;
}

/* Is it clear what the letters beyond ASCII are? `raw` as it stands, `decoded` without references. In
 * a charset that is not Unicode, a query is encoded in it (WHATWG URL 4.3), and a path is not. */
static bool
letters_are_clear(enum charset charset, struct slice raw, struct slice decoded)
{
	if (charset == CHARSET_UTF8 || is_ascii(decoded))
		return true;
	return charset >= CHARSET_UTF16 && is_ascii(raw);
}

enum track_kept
track_link_make(struct track_html *html, struct slice raw, struct buf *url)
{
	struct track_work *work = html->work;
	size_t links = work->result->links + html->report->links;
	char decoded[HREF_BYTES + HREF_BYTES / 4], bytes[TOKEN_TARGET_BYTES];
	struct buf text = BUF_OVER(decoded), target = BUF_OVER(bytes);
	struct token token = {.kind = TOKEN_CLICK, .ids = work->facts->ids};
	struct slice href;
	enum track_kept kept;
	struct err err;

	if (raw.n > HREF_BYTES)
		return TRACK_KEPT_LONG;
	html_decode(&text, raw, HTML_IN_VALUE);
	href = url_strip(text.p, text.n);
	kept = target_make(work, href, &target);
	if (kept == TRACK_KEPT_OTHER || kept == TRACK_KEPT_OWN)
		return kept;
	if (!letters_are_clear(html->charset, raw, slice_make(text.p, text.n)))
		return TRACK_KEPT_CHARSET;
	if (kept == TRACK_KEPT_NOT && is_unsubscribe(work, href, buf_slice(&target)))
		return TRACK_KEPT_UNSUBSCRIBE;
	if (kept != TRACK_KEPT_NOT)
		return kept;
	if (links >= TRACK_LINKS_MAX)
		return TRACK_KEPT_LIMIT;
	token.link = (unsigned)links + 1;
	token.target = buf_slice(&target);
	buf_add(url, work->base);
	buf_add_text(url, "c/");
	return token_make(work->facts->keyring, &token, url, &err) == 0 ? TRACK_KEPT_NOT
									: TRACK_KEPT_ODD;
}
