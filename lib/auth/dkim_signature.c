/*
 * dkim_signature.c - see dkim_signature.h.
 */
#include "auth/dkim_signature.h"

#include "auth/dkim_tag.h"

/* The name of an algorithm; the longest there is has 14 bytes. */
#define ALGORITHM_MAX_BYTES 32

/* The tags that are looked at here. */
enum {
	TAG_V,
	TAG_A,
	TAG_B,
	TAG_BH,
	TAG_D,
	TAG_H,
	TAG_S,
	TAG_REQUIRED, /* those before it */
	TAG_I = TAG_REQUIRED,
	TAG_L,
	TAG_Q,
	TAG_COUNT
};

static const char *const tag_names[] = {"v", "a", "b", "bh", "d", "h", "s", "i", "l", "q"};

static const char *const tag_missing[] = {"no version (v=)", "no algorithm (a=)",
    "no signature (b=)", "no body hash (bh=)", "no domain (d=)", "no list of fields (h=)",
    "no selector (s=)"};

/* The first DKIM_TAGS_MAX tags of a field. */
struct tags {
	struct dkim_tag v[DKIM_TAGS_MAX];
	size_t n;
	struct slice known[TAG_COUNT]; /* p NULL where there is none */
};

/* VCHAR and folding white space, nothing else (RFC 6376 section 3.2). */
static bool
bytes_are_good(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_space(s.p[i]) && (s.p[i] < '!' || s.p[i] > '~'))
			return false;
	return true;
}

static bool
tag_is_repeated(const struct tags *tags, struct slice name)
{
	for (size_t i = 0; i < tags->n; i++)
		if (slice_eq_nocase(tags->v[i].name, name))
			return true;
	return false;
}

/* libopendkim leaves out what stands behind any "b=", and only that, from the header's hash. */
static bool
tag_misleads(const struct dkim_tag *tag)
{
	bool is_b = slice_eq(tag->name, slice_of("b"));
	bool ends_in_b = tag->name.p[tag->name.n - 1] == 'b';

	return is_b ? tag->spaced : ends_in_b && !tag->spaced;
}

/* NULL, or what is wrong. */
static const char *
tags_read(struct slice list, struct tags *tags)
{
	struct dkim_tag tag;

	while (dkim_tag_next(&list, &tag)) {
		if (tag.name.n == 0)
			return "not a list of tag=value";
		if (tags->n == DKIM_TAGS_MAX)
			return "too many tags";
		if (tag_is_repeated(tags, tag.name))
			return "a tag occurs twice";
		if (tag_misleads(&tag))
			return "the tag b= cannot be told apart";
		tags->v[tags->n++] = tag;
		for (size_t i = 0; i < TAG_COUNT; i++)
			if (slice_eq(tag.name, slice_of(tag_names[i])))
				tags->known[i] = tag.value;
	}
	return NULL;
}

static const char *
tags_missing(const struct tags *tags)
{
	for (size_t i = 0; i < TAG_REQUIRED; i++)
		if (tags->known[i].n == 0)
			return tag_missing[i];
	return NULL;
}

/* d= or s=: such a name can be asked for, and has no dot at its end. */
static bool
name_is_good(struct slice name)
{
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf out = BUF_OVER(storage);

	return name.n > 0 && name.p[name.n - 1] != '.' && dns_name_normalise(name, &out) == 0;
}

/* dkim-quoted-printable: each "=" has its two digits. Of which domain it is, libopendkim sees. */
static bool
identity_is_good(struct slice s)
{
	for (size_t i = slice_find(s, '='); i < s.n; i++)
		if (s.p[i] == '=' &&
		    (s.n - i < 3 || !ascii_is_hex(s.p[i + 1]) || !ascii_is_hex(s.p[i + 2])))
			return false;
	return s.n < DKIM_IDENTITY_MAX_BYTES;
}

/* Domain and selector are known to be good. */
static struct slice
identity_default(struct arena *arena, struct slice domain)
{
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf text = BUF_OVER(storage);

	buf_add_char(&text, '@');
	buf_add(&text, domain);
	return arena_copy(arena, buf_slice(&text));
}

static void
texts_read(const struct tags *tags, struct arena *arena, struct dkim_result *r)
{
	const struct slice *known = tags->known;

	r->domain = dkim_tag_collapse(arena, known[TAG_D], DNS_NAME_MAX_BYTES + 1, true);
	r->selector = dkim_tag_collapse(arena, known[TAG_S], DNS_NAME_MAX_BYTES + 1, true);
	r->algorithm = dkim_tag_collapse(arena, known[TAG_A], ALGORITHM_MAX_BYTES, true);
	r->b = dkim_tag_collapse(arena, known[TAG_B], DKIM_B_BYTES, false);
	if (known[TAG_I].p != NULL)
		r->identity = dkim_tag_collapse(
		    arena, known[TAG_I], DKIM_IDENTITY_MAX_BYTES, false);
	else if (r->domain.n > 0 && r->domain.n < DNS_NAME_MAX_BYTES)
		r->identity = identity_default(arena, r->domain);
}

/* What makes no sense, or is not known. NULL: nothing. */
static const char *
fault_of(const struct tags *tags, const struct dkim_result *r)
{
	static const char *const algorithms[] = {"rsa-sha256", "ed25519-sha256", "rsa-sha1"};
	const char *missing = tags_missing(tags);
	bool known = false;

	if (missing != NULL)
		return missing;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		known = known || slice_eq(r->algorithm, slice_of(algorithms[i]));
	if (!slice_eq(tags->known[TAG_V], slice_of("1")))
		return "unknown version (v=)";
	if (!known)
		return "unknown algorithm (a=)";
	if (!name_is_good(r->domain) || !name_is_good(r->selector))
		return "domain or selector is no name (d=, s=)";
	if (!identity_is_good(r->identity))
		return "malformed identity (i=)";
	if (tags->known[TAG_Q].p != NULL && !dkim_tag_has_word(tags->known[TAG_Q], "dns/txt"))
		return "key is not in DNS (q=)";
	return NULL;
}

/* What we do not accept, though it may be right. NULL: nothing. */
static const char *
refusal_of(const struct tags *tags, const struct dkim_result *r, const struct dkim_limits *limits)
{
	if (!limits->honour_length && tags->known[TAG_L].p != NULL)
		return "only a part of the body is signed (l=)";
	if (!limits->accept_sha1 && slice_eq(r->algorithm, slice_of("rsa-sha1")))
		return "rsa-sha1 is no longer accepted (RFC 8301)";
	return NULL;
}

static void
decide(struct dkim_result *r, enum dkim_verdict verdict, const char *reason)
{
	if (r->verdict != DKIM_VERDICT_NONE || reason == NULL)
		return;
	r->verdict = verdict;
	r->reason = reason;
}

void
dkim_signature_read(struct slice value, const struct dkim_limits *limits, struct arena *arena,
    struct dkim_result *result_r)
{
	struct tags tags = {.n = 0};

	*result_r = (struct dkim_result){.verdict = DKIM_VERDICT_NONE, .reason = ""};
	if (value.n > DKIM_SIGNATURE_MAX_BYTES)
		decide(result_r, DKIM_VERDICT_POLICY, "signature field too long");
	else if (!bytes_are_good(value))
		decide(result_r, DKIM_VERDICT_NEUTRAL, "not plain ASCII");
	else
		decide(result_r, DKIM_VERDICT_NEUTRAL, tags_read(value, &tags));
	texts_read(&tags, arena, result_r);
	decide(result_r, DKIM_VERDICT_NEUTRAL, fault_of(&tags, result_r));
	decide(result_r, DKIM_VERDICT_POLICY, refusal_of(&tags, result_r, limits));
	if (arena->failed)
		*result_r = (struct dkim_result){DKIM_VERDICT_TEMPERROR, .reason = "no memory"};
}
