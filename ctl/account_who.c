/*
 * account_who.c - `account match`: whose mail would that be, and why? As the daemon finds it: by the
 * accounts of milter.conf and of Redis together, and by its precedence.
 */
#include "account.h"

#include "account_conf.h"
#include "outbound_conf.h"
#include "policy/account_match.h"
#include "policy/accounts.h"
#include "policy/direction.h"
#include "settings.h"

#include <stdlib.h>

#define WORDS_BYTES 2048

struct who {
	struct account_view view;
	const struct outbound_conf *outbound;
	struct account_map map;
	struct account_problems odd; /* pairs of the map */
	struct account_precedence precedence;
	struct net_addr client;
	struct address from[ACCOUNT_FROMS_MAX];
	struct account_facts facts;
	struct account_match match;
	struct account_seen seen; /* the account */
	struct direction_result direction;
	bool there, may_write;
	char words[WORDS_BYTES];  /* why that account */
	char reason[WORDS_BYTES]; /* why not that From */
};

/* --- what is asked --- */

static int
from_read(struct who *w, const char *text)
{
	struct address *from = &w->from[w->facts.nfrom];

	*from = address_parse(slice_of(text));
	if (from->null || from->malformed || from->domain.n == 0)
		return ctl_fail(EX_USAGE, "--from %s: write an address, user@example.com", text);
	w->facts.nfrom++;
	return CTL_OK;
}

static int
facts_read(struct who *w)
{
	const struct args *args = &w->view.ctl->args;
	const char *const *value = args->value;
	struct err err;
	int code = CTL_OK;

	if (value[ARG_IP] == NULL && value[ARG_LOGIN] == NULL && args->froms.n == 0)
		return ctl_fail(EX_USAGE, "account match wants --ip, --login or --from");
	if (value[ARG_IP] != NULL && net_addr_parse(slice_of(value[ARG_IP]), &w->client) != 0) {
		(void)err_set(
		    &err, ERR_INVALID, "--ip %.60s: write an IPv4 or IPv6 address", value[ARG_IP]);
		return ctl_fail(EX_USAGE, "%s", err.text);
	}
	if (args->froms.n > ACCOUNT_FROMS_MAX)
		return ctl_fail(EX_USAGE,
		    "more than %d --from: such a From is none that an "
		    "account may use",
		    ACCOUNT_FROMS_MAX);
	w->facts.client = &w->client;
	w->facts.login = slice_of(value[ARG_LOGIN]);
	w->facts.header = slice_of(value[ARG_HEADER]);
	w->facts.from = w->from;
	for (size_t i = 0; i < args->froms.n && code == CTL_OK; i++)
		code = from_read(w, args->froms.v[i]);
	return code;
}

/* --- what there is --- */

/* milter.conf's accounts, in its order. */
static const struct account **
conf_accounts(struct who *w, size_t *n_r)
{
	size_t n = account_conf_count(w->view.conf);
	const struct account **v = arena_alloc(&w->view.arena, (n + 1) * sizeof(void *));

	for (size_t i = 0; v != NULL && i < n; i++)
		v[i] = account_conf_at(w->view.conf, i);
	*n_r = n;
	return v;
}

static int
map_make(struct who *w)
{
	struct account_pairs_source source = {.nconf = 0};
	struct account_pair *redis, *pairs;
	struct err err;
	size_t n;

	if (store_admin_account_map(w->view.admin, &w->view.arena, &redis, &source.nredis, &err) !=
	    0)
		return account_failed(&err);
	source.redis = redis;
	source.conf = conf_accounts(w, &source.nconf);
	if (source.conf == NULL || account_book_pairs(&source, &w->view.arena, &pairs, &n) != 0 ||
	    account_map_build(&w->map, pairs, n, &w->view.arena, &w->odd) != 0)
		return account_no_memory();
	return CTL_OK;
}

/* --- the answer --- */

static int
answer_find(struct who *w)
{
	const struct account_choice *network = account_map_network(&w->map, &w->client);
	struct direction_facts facts = {
	    .client = &w->client, .login = w->facts.login, .account = network != NULL};
	struct buf words = BUF_OVER(w->words);
	struct err err;

	if (account_precedence_parse(&w->outbound->precedence, &w->precedence, &err) != 0)
		return ctl_fail(EX_CONFIG, "outbound.precedence: %s", err.text);
	w->direction = direction_of(settings_of(w->view.conf, &direction_section), &facts);
	w->match = account_match(&w->map, &w->precedence, &w->facts, w->outbound->default_account);
	account_match_words(&w->match, &words);
	(void)buf_text(&words);
	return CTL_OK;
}

/* The account itself, and whether it may write that. */
static int
account_look(struct who *w)
{
	const struct address *wrong = NULL;
	struct buf reason = BUF_OVER(w->reason);
	int code;

	if (w->match.account == NULL)
		return CTL_OK;
	code = account_see(&w->view, slice_of(w->match.account), &w->seen);
	if (code != CTL_OK)
		return code;
	w->there = w->seen.conf != NULL || w->seen.store.exists;
	if (!w->there)
		return CTL_OK;
	w->may_write = account_may_write(&w->seen.built, &w->map, &w->facts, &wrong);
	if (!w->may_write)
		account_wrong_from_words(&w->seen.built, wrong, &reason);
	(void)buf_text(&reason);
	return CTL_OK;
}

/* From where the answer would be given, if it was. */
static const char *
not_asked(const struct who *w)
{
	if (!w->outbound->enabled)
		return "outbound.enabled = no: gatepostd does not ask for accounts";
	if (w->direction.direction == DIRECTION_INBOUND)
		return "this mail arrives, unless a submit_daemon takes it: neither the login nor "
		       "the network makes it leave, and no account is asked for";
	return NULL;
}

/* --- telling --- */

static const char *
source_name(const struct who *w)
{
	return !w->there ? NULL : w->seen.conf != NULL ? "milter.conf" : "redis";
}

static json_t *
text_or_null(const char *text)
{
	return text == NULL || text[0] == '\0' ? json_null() : out_json_text(slice_of(text));
}

static json_t *
json_candidates(const struct who *w)
{
	json_t *array = json_array();

	for (size_t i = 0; i < w->precedence.n; i++) {
		enum account_by by = w->precedence.v[i];
		json_t *object;

		if (w->match.candidates[by] == NULL)
			continue;
		object = json_object();
		(void)json_object_set_new(object, "by", json_string(account_by_name(by)));
		(void)json_object_set_new(object, "key", text_or_null(w->match.keys[by]));
		(void)json_object_set_new(object, "account", text_or_null(w->match.candidates[by]));
		(void)json_array_append_new(array, object);
	}
	return array;
}

static void
json_tell(const struct who *w)
{
	json_t *object = json_object();
	struct out *out = &w->view.ctl->out;

	(void)json_object_set_new(object, "account", text_or_null(w->match.account));
	(void)json_object_set_new(object, "by", json_string(account_by_name(w->match.by)));
	(void)json_object_set_new(object, "key", text_or_null(w->match.key));
	(void)json_object_set_new(object, "why", text_or_null(w->words));
	(void)json_object_set_new(object, "candidates", json_candidates(w));
	(void)json_object_set_new(object, "header_refused", json_boolean(w->match.header_refused));
	(void)json_object_set_new(object, "exists", json_boolean(w->there));
	(void)json_object_set_new(object, "source", text_or_null(source_name(w)));
	(void)json_object_set_new(object, "may_write",
	    w->there && w->facts.nfrom > 0 ? json_boolean(w->may_write) : json_null());
	(void)json_object_set_new(object, "answer", text_or_null(w->reason));
	(void)json_object_set_new(object, "direction",
	    json_string(w->direction.direction == DIRECTION_INBOUND ? "inbound" : "outbound"));
	(void)json_object_set_new(object, "not_asked", text_or_null(not_asked(w)));
	out_json(out, object, true);
	out_json_end(out, false);
}

static void
line(struct out *out, enum out_style style, const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	if (out->form == OUT_TERMINAL)
		out_print(out, OUT_DIM, "%-10s ", name);
	else
		out_print(out, OUT_NORMAL, "%s\t", name);
	out_slice(out, style, slice_of(text));
	out_print(out, OUT_NORMAL, "\n");
}

static void
candidates_tell(const struct who *w, struct out *out)
{
	for (size_t i = 0; i < w->precedence.n; i++) {
		enum account_by by = w->precedence.v[i];
		char storage[WORDS_BYTES];
		struct buf text = BUF_OVER(storage);

		if (w->match.candidates[by] == NULL)
			continue;
		buf_add_format(&text, "%s (%s)", w->match.candidates[by], w->match.keys[by]);
		line(out, OUT_NORMAL, account_by_name(by), buf_text(&text));
	}
}

/* May it write that From? */
static const char *
from_words(const struct who *w)
{
	if (w->facts.nfrom == 0)
		return w->seen.built.check_from
			   ? "the account has check_from = yes; say --from to know about one"
			   : NULL;
	if (!w->may_write)
		return w->reason;
	return w->seen.built.check_from ? "it may" : "it may: check_from is no";
}

static void
text_tell(const struct who *w)
{
	struct out *out = &w->view.ctl->out;
	bool none = w->match.account == NULL;

	line(out, none ? OUT_WARNING : OUT_BOLD, "account", none ? "-" : w->match.account);
	line(out, OUT_NORMAL, "why", w->words);
	candidates_tell(w, out);
	if (!none && !w->there)
		line(out, OUT_BAD, "problem", "there is no such account");
	line(out, OUT_NORMAL, "source", source_name(w));
	if (w->there)
		line(out, w->may_write || w->facts.nfrom == 0 ? OUT_NORMAL : OUT_BAD, "may_write",
		    from_words(w));
	line(out, OUT_WARNING, "not_asked", not_asked(w));
}

static int
answer(struct who *w)
{
	int code = map_make(w);

	w->outbound = settings_of(w->view.conf, &outbound_section);
	if (code == CTL_OK)
		code = answer_find(w);
	if (code == CTL_OK)
		code = account_look(w);
	if (code != CTL_OK)
		return code;
	if (w->view.ctl->out.form == OUT_JSON)
		json_tell(w);
	else
		text_tell(w);
	return w->there ? CTL_OK : CTL_NOT_FOUND;
}

int
account_match_command(struct ctl *ctl)
{
	struct who *w = calloc(1, sizeof(*w));
	int code;

	if (w == NULL)
		return account_no_memory();
	w->view.ctl = ctl;
	code = facts_read(w);
	if (code == CTL_OK) {
		code = account_view_init(&w->view, ctl);
		if (code == CTL_OK)
			code = answer(w);
		account_view_fini(&w->view);
	}
	free(w);
	return code;
}
