/*
 * spf.c - see spf.h: the iterator over an engine, and what it makes of what the engine found.
 */
#include "auth/spf_parts.h"

/* The one place that knows which engine was configured. */
#ifdef WITH_LIBSPF2
#define ENGINE spf_engine_libspf2
#else
#define ENGINE spf_engine_own
#endif

const struct spf_limits spf_limits_default = {
    .lookups = 10,
    .voids = 2,
    .names = 10,
    .questions = 100,
    .record_bytes = 8192,
    .canaries =
	{
	    {NET_IPV4, {198, 18, 0, 1}},
	    {NET_IPV6, {0x20, 1, 0, 2, [15] = 1}},
	},
};

const char *
spf_code_name(enum spf_code code)
{
	static const char *const names[] = {
	    "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};

	return names[code];
}

/* Nothing to ask: why, and the result. */
static void
finish(struct spf *spf, enum spf_code code, const char *problem)
{
	spf->done = true;
	spf->result.code = code;
	spf->result.problem = slice_of(problem);
}

/* The domain in question, RFC 7208 section 4.3. */
static void
domain_set(struct spf *spf, struct slice name)
{
	char text[SPF_NAME_ROOM];
	struct buf domain = BUF_OVER(text);

	if (spf->client.family == NET_NONE) {
		finish(spf, SPF_NONE, "the client has no address");
	} else if (spf_name_make(name, &domain) != 0 || slice_find(name, ' ') < name.n) {
		finish(spf, SPF_NONE,
		    spf->result.identity == SPF_HELO ? "the HELO name is no domain name"
						     : "the sender's domain is no domain name");
	} else {
		spf->domain = spf->result.domain = arena_copy(spf->arena, buf_slice(&domain));
		if (spf->domain.n == 0)
			finish(spf, SPF_TEMPERROR, "no memory");
	}
}

struct spf *
spf_new_with(const struct spf_engine *engine, struct arena *a, const struct spf_request *request,
    const struct spf_limits *limits)
{
	static const struct slice postmaster = SLICE_LIT("postmaster");
	const struct address *sender = request->sender;
	bool mailfrom = sender != NULL && sender->domain.n > 0;
	struct spf *spf = arena_alloc(a, sizeof(*spf));

	if (spf == NULL)
		return NULL;
	spf->engine = engine;
	spf->arena = a;
	spf->limits = limits == NULL ? spf_limits_default : *limits;
	spf->client = *request->client;
	spf->helo = request->helo;
	spf->local = mailfrom && sender->local.n > 0 ? sender->local : postmaster;
	spf->sender_domain = mailfrom ? sender->domain : request->helo;
	spf->receiver = request->receiver;
	spf->now_s = request->now_s;
	spf->result.identity = mailfrom ? SPF_MAILFROM : SPF_HELO;
	finish(spf, SPF_TEMPERROR, "not finished");
	spf->done = false;
	domain_set(spf, spf->sender_domain);
	return spf;
}

struct spf *
spf_new(struct arena *a, const struct spf_request *request, const struct spf_limits *limits)
{
	return spf_new_with(&ENGINE, a, request, limits);
}

/* A pass that anybody gets: the canary gets it too, by the same answers. */
static bool
is_open(struct spf *spf)
{
	struct spf_found found;

	for (size_t i = 0; i < sizeof(spf->limits.canaries) / sizeof(spf->limits.canaries[0]);
	     i++) {
		const struct net_addr *canary = &spf->limits.canaries[i];

		if (canary->family == spf->client.family && !net_addr_eq(canary, &spf->client) &&
		    spf->engine->evaluate(spf, canary, true, &found) && found.code == SPF_PASS)
			return true;
	}
	return false;
}

static struct slice
kept(struct spf *spf, struct slice s)
{
	return s.n == 0 ? slice_of(NULL) : arena_copy(spf->arena, s);
}

static void
result_set(struct spf *spf, const struct spf_found *found)
{
	struct spf_result *r = &spf->result;

	spf->done = true;
	r->code = found->code;
	r->lookups = found->lookups;
	r->voids = found->voids;
	r->problem = r->explanation = slice_of(NULL);
	if (found->code == SPF_NONE || found->code >= SPF_TEMPERROR) {
		r->problem = kept(spf, slice_of(found->problem.text));
		r->record = kept(spf, found->record);
		return;
	}
	r->mechanism = kept(spf, found->mechanism);
	r->record = kept(spf, found->record);
	if (found->code == SPF_FAIL)
		r->explanation = kept(spf, slice_make(found->explanation, found->explanation_n));
	r->open = found->code == SPF_PASS && is_open(spf);
}

/* Evaluates when there is something new. */
static void
evaluate(struct spf *spf)
{
	struct spf_found found;

	if (spf->done || (spf->wanted != NULL && spf->wanted->answer == NULL))
		return;
	spf->run++;
	spf->wanted = NULL;
	if (spf->engine->evaluate(spf, &spf->client, false, &found))
		result_set(spf, &found);
	else if (spf->wanted == NULL)
		finish(spf, SPF_TEMPERROR, "no memory");
}

bool
spf_next(struct spf *spf, struct spf_question *question_r)
{
	evaluate(spf);
	if (!spf->done)
		*question_r = (struct spf_question){spf->wanted->name, spf->wanted->type};
	return !spf->done;
}

void
spf_feed(struct spf *spf, const struct dns_answer *answer)
{
	static const struct dns_answer failed = {.status = DNS_TEMPERROR};

	if (spf->wanted != NULL)
		spf->wanted->answer = answer->status == DNS_PENDING ? &failed : answer;
}

bool
spf_advance(struct spf *spf, struct lookup *lookup)
{
	for (;;) {
		evaluate(spf);
		if (spf->done)
			return true;
		for (struct spf_entry *e = spf->entries; e != NULL; e = e->next) {
			const struct dns_answer *answer = NULL;

			if (e->answer == NULL)
				answer = lookup_ask(lookup, e->name, e->type);
			if (answer != NULL && answer->status != DNS_PENDING)
				e->answer = answer;
		}
		if (spf->wanted->answer == NULL)
			return false;
	}
}

const struct spf_result *
spf_result(const struct spf *spf)
{
	return &spf->result;
}
