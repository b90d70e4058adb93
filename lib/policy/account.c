/*
 * account.c - see account.h.
 */
#include "policy/account_parts.h"

#include "base/siphash.h"

int
account_name_check(struct slice name, struct err *err)
{
	bool good = name.n > 0 && name.n <= ACCOUNT_NAME_BYTES;

	for (size_t i = 0; i < name.n && good; i++) {
		char c = name.p[i];

		good = (c >= 'a' && c <= 'z') || ascii_is_digit(c) ||
		       (i > 0 && (c == '.' || c == '_' || c == '-'));
	}
	if (good)
		return 0;
	return err_set(err, ERR_INVALID,
	    "\"%.*s\" is no name of an account: a-z 0-9 . _ - with a letter or digit first, at "
	    "most %d",
	    SLICE_ARG(slice_head(name, 40)), ACCOUNT_NAME_BYTES);
}

uint64_t
account_id(struct slice name)
{
	/* No secret: the same on every host and for ever. */
	static const uint64_t fixed[2] = {0x6761746570677431, 0x6163636f756e7431};
	uint64_t id = siphash(fixed, name) >> (64 - ACCOUNT_ID_BITS);

	return id == 0 ? 1 : id;
}

void
account_problem_add(
    struct account_problems *problems, struct arena *a, struct slice option, const char *text)
{
	const char *name = arena_text(a, slice_head(option, 80));
	const char *words = arena_text(a, slice_of(text));

	if (problems->n == ACCOUNT_PROBLEMS_MAX || name == NULL || words == NULL)
		problems->dropped++;
	else
		problems->v[problems->n++] = (struct account_problem){name, words};
}

/* --- building --- */

struct build {
	struct account *account;
	struct arena *arena;
	struct account_problems *problems;
	uint64_t given; /* bit per row */
};

/* so: "the default holds", "taken as ". */
static void
problem(struct build *b, const char *option, const char *why, const char *so, const char *value)
{
	struct err text;

	(void)err_set(&text, ERR_INVALID, "%s; %s%s", why, so, value);
	account_problem_add(b->problems, b->arena, slice_of(option), text.text);
}

/* A value that cannot be used. */
static int
field_spoilt(struct build *b, const struct option *row, struct slice value, const struct err *why)
{
	const char *fallback = account_field_fallback(row);
	struct err err = *why;

	if (option_is_list(row)) {
		(void)account_list_set(b->account, row, value, b->arena, &err);
		problem(b, row->name, err.text, "that entry is left out", "");
		return 0;
	}
	if (fallback == NULL) {
		problem(b, row->name, why->text, "the default holds", "");
		return 0;
	}
	problem(b, row->name, why->text, "taken as ", fallback[0] == '\0' ? "empty" : fallback);
	return option_set(row, b->account, b->arena, slice_of(fallback), &err);
}

static int
field_build(struct build *b, const struct account_field *field, struct err *err)
{
	const struct option *row = account_row(field->name);
	struct err why = {ERR_NONE, ""};

	if (row == NULL) {
		account_field_unknown(field->name, &why);
		account_problem_add(b->problems, b->arena, field->name, why.text);
		return 0;
	}
	b->given |= 1ULL << (row - account_section.options);
	if (account_field_set(b->account, row, field->value, b->arena, &why) == 0 ||
	    (why.code != ERR_NOMEM && field_spoilt(b, row, field->value, &why) == 0))
		return 0;
	return err_set(err, ERR_NOMEM, "account: no memory left for %s", row->name);
}

static bool
was_given(const struct build *b, const char *name)
{
	return b->given >> (account_row(slice_of(name)) - account_section.options) & 1;
}

/* What one option needs of another. */
static void
depend(struct build *b)
{
	static const char needs_host[] = "it needs a track_domain";
	struct account *a = b->account;
	bool host = a->track_domain[0] != '\0', bounces = a->bounce_domain[0] != '\0';

	if (a->opens && !host)
		problem(b, "opens", needs_host, "taken as ", "off");
	if (a->clicks && !host)
		problem(b, "clicks", needs_host, "taken as ", "off");
	a->opens = a->opens && host;
	a->clicks = a->clicks && host;
	if (a->list_unsubscribe && !host && !bounces) {
		problem(b, "list_unsubscribe", "it needs a track_domain or a bounce_domain",
		    "taken as ", "off");
		a->list_unsubscribe = false;
	}
	if (a->mail_from == MAIL_FROM_VERP && !bounces) {
		/* verp is what the defaults say: not worth a word unless somebody asked for it */
		if (was_given(b, "mail_from"))
			problem(b, "mail_from", "verp needs a bounce_domain", "taken as ", "keep");
		a->mail_from = MAIL_FROM_KEEP;
	}
	if (a->webhook[0] != '\0' && a->webhook_secret[0] == '\0') {
		problem(b, "webhook",
		    "it needs a webhook_secret (gatepostctl webhooks secret makes one)",
		    "taken as ", "empty");
		a->webhook = "";
	}
	if (a->overflow[0] != '\0' && strcmp(a->overflow, a->lane) == 0) {
		problem(b, "overflow", "it is the lane itself", "taken as ", "empty");
		a->overflow = "";
	}
}

int
account_ready(struct account *account, struct arena *a)
{
	struct account_key *keys = NULL;

	if (account->dkim.n > 0) {
		keys = arena_alloc(a, account->dkim.n * sizeof(*keys));
		if (keys == NULL)
			return -1;
	}
	for (size_t i = 0; i < account->dkim.n; i++) {
		struct slice entry = slice_of(account->dkim.v[i]);
		struct slice selector = slice_head(entry, slice_find(entry, ':'));

		keys[i].selector = arena_text(a, selector);
		keys[i].domain = entry.p + selector.n + 1;
		if (keys[i].selector == NULL)
			return -1;
	}
	account->keys = keys;
	account->nkeys = account->dkim.n;
	account->limit = (struct limit_rate){0, account->burst, account->daily};
	(void)limit_rate_parse(slice_of(account->rate), &account->limit.interval_us, NULL);
	(void)limit_ramp_parse(slice_of(account->warmup), &account->ramp, NULL);
	if (account->name == NULL)
		account->name = "";
	return 0;
}

int
account_build(struct account *account_r, const struct account_source *source, struct arena *a,
    struct account_problems *problems, struct err *err)
{
	struct build b = {account_r, a, problems, 0};

	if (account_name_check(source->name, err) != 0)
		return -1;
	if (source->n > ACCOUNT_FIELDS_MAX)
		return err_set(err, ERR_LIMIT, "account %.*s: %zu fields; at most %d are read",
		    SLICE_ARG(source->name), source->n, ACCOUNT_FIELDS_MAX);
	*account_r = *source->base;
	account_r->name = arena_text(a, source->name);
	account_r->id = account_id(source->name);
	for (size_t i = 0; i < source->n; i++) {
		if (field_build(&b, &source->fields[i], err) != 0)
			return -1;
	}
	depend(&b);
	if (account_r->name == NULL || account_ready(account_r, a) != 0 || a->failed)
		return err_set(
		    err, ERR_NOMEM, "account %.*s: no memory left for it", SLICE_ARG(source->name));
	return 0;
}

/* --- its domains --- */

void
account_bounce_domain(const struct account *account, struct slice lane, struct buf *out)
{
	if (account->bounce_domain[0] == '\0')
		return;
	if (lane.n > 0) {
		buf_add_lower(out, lane);
		buf_add_char(out, '.');
	}
	buf_add_lower(out, slice_of(account->bounce_domain));
}

bool
account_has_domain(const struct account *account, struct slice domain)
{
	static const struct slice anybody = SLICE_LIT("postmaster");
	struct address address = {.local = anybody, .domain = domain};

	if (domain.n == 0)
		return false;
	for (size_t i = 0; i < account->nkeys; i++) {
		if (slice_eq_nocase(slice_of(account->keys[i].domain), domain))
			return true;
	}
	return address_set_has(&account->from, &address);
}
