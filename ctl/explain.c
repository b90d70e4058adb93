/*
 * explain.c - `gatepostctl explain`: the decision records of a code, a queue id, a client, a sender or
 * a recipient.
 */
#include "ctl.h"
#include "explain_print.h"
#include "io/store_admin_server.h"
#include "io/store_admin_verdicts.h"
#include "policy/record_parts.h"
#include "policy/verdict_code.h"
#include "words.h"

#define LAST_DEFAULT 5
#define LAST_MAX     100

/* A code has the time of MAIL, by the clock of the mail host; the record is kept when the transaction
 * ends. Where to look before looking everywhere. */
#define CODE_BEFORE_MS 5000
#define CODE_AFTER_MS  600000

struct search {
	struct ctl *ctl;
	struct store_admin *admin;
	struct slice text;
	struct record_match match;
	int64_t now_s; /* by Redis's clock */
	int64_t last;  /* how many are wanted */
	int64_t found;
	int64_t seen;
	int64_t oldest_ms;
	bool is_code;                             /* the text may be a code */
	char codes[LAST_MAX][VERDICT_CODE_BYTES]; /* of those shown */
};

/* True when it was shown before: what a broken connection left in doubt is in the stream twice. */
static bool
was_shown(struct search *s, struct slice code)
{
	struct buf copy;

	for (int64_t i = 0; code.n > 0 && i < s->found; i++) {
		if (slice_eq(slice_of(s->codes[i]), code))
			return true;
	}
	buf_init(&copy, s->codes[s->found], VERDICT_CODE_BYTES);
	buf_add(&copy, code);
	(void)buf_text(&copy);
	return false;
}

static void
record_show(struct search *s, const struct record *record)
{
	struct out *out = &s->ctl->out;

	if (was_shown(s, record_get(record, "code")))
		return;
	if (out->form == OUT_JSON) {
		out_json(out, explain_json(record), s->found == 0);
	} else {
		if (s->found > 0)
			out_print(out, OUT_NORMAL, "\n");
		if (out->form == OUT_TERMINAL)
			explain_tell(out, record, s->now_s);
		else
			explain_rows(out, record);
	}
	s->found++;
}

/* Looks for the code where its time says that it should be. 0, or -1. */
static int
code_search(struct search *s, int64_t code_ms, struct err *err)
{
	struct store_verdicts *v = store_admin_verdicts_from(
	    s->admin, code_ms - CODE_BEFORE_MS, err);
	int status = v == NULL ? -1 : 1;
	struct record record;
	int64_t kept_ms;

	while (status > 0 && s->found == 0) {
		status = store_verdicts_next(v, &record, &kept_ms, err);
		if (status > 0 && kept_ms > code_ms + CODE_AFTER_MS)
			break;
		if (status > 0 && record_has_code(&record, s->text))
			record_show(s, &record);
	}
	store_verdicts_free(v);
	return status < 0 ? -1 : 0;
}

/* Looks at all records, the newest first. 0, or -1. */
static int
search_all(struct search *s, struct err *err)
{
	struct store_verdicts *v = store_admin_verdicts(s->admin, err);
	int status = v == NULL ? -1 : 1;
	struct record record;

	while (status > 0 && s->found < s->last && !out_is_dead(&s->ctl->out)) {
		status = store_verdicts_next(v, &record, &s->oldest_ms, err);
		if (status <= 0)
			break;
		s->seen++;
		if (!record_match_has(&s->match, &record))
			continue;
		record_show(s, &record);
		if (record_has_code(&record, s->text))
			break; /* there is no other */
	}
	store_verdicts_free(v);
	return status < 0 ? -1 : 0;
}

/* Mail that leaves has no decision records, even where its reply has a code. */
#define LEAVES "of mail that leaves see `gatepostctl log`"

static int
none_found(const struct search *s)
{
	char storage[128];
	struct buf since = BUF_OVER(storage);

	if (s->seen == 0)
		return ctl_fail(CTL_NOT_FOUND,
		    "there are no decision records in this Redis: either gatepostd keeps none "
		    "(verdicts.keep), or it keeps them elsewhere (redis.server, redis.database, "
		    "redis.prefix); `gatepostctl config` shows these options; " LEAVES);
	words_when(&since, s->oldest_ms / 1000, s->now_s);
	return ctl_fail(CTL_NOT_FOUND,
	    "no decision record of %.*s among the %lld that are kept, the oldest from %s; "
	    "verdicts.keep says how many are kept%s; the log has all mail%s; " LEAVES,
	    SLICE_ARG(slice_head(s->text, 200)), (long long)s->seen, buf_text(&since),
	    s->is_code ? ", and while Redis is away there is none" : "",
	    s->is_code ? ", also of then" : "");
}

static int
search_run(struct search *s)
{
	int64_t code_ms;
	struct err err;
	int status = 0;

	s->is_code = verdict_code_parse(s->text, s->now_s * 1000, &code_ms) == 0;
	if (s->is_code)
		status = code_search(s, code_ms, &err);
	if (status == 0 && s->found == 0)
		status = search_all(s, &err);
	if (s->ctl->out.form == OUT_JSON)
		out_json_end(&s->ctl->out, s->found == 0);
	if (status != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	return s->found > 0 ? CTL_OK : none_found(s);
}

int
explain_command(struct ctl *ctl)
{
	struct search s = {.ctl = ctl, .text = slice_of(ctl->operand[0]), .last = LAST_DEFAULT};
	int64_t ahead_ms;
	struct err err;
	int code;

	if (args_number(&ctl->args, ARG_LAST, LAST_MAX, &s.last, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	if (s.last == 0)
		return ctl_fail(EX_USAGE, "--last wants at least 1");
	if (slice_trim(s.text).n == 0)
		return ctl_fail(
		    EX_USAGE, "explain what? a code, a queue id, an IP address, a recipient");
	s.text = slice_trim(s.text);
	record_match_init(&s.match, s.text);
	s.admin = ctl_admin(ctl, &code);
	if (s.admin == NULL)
		return code;
	if (store_admin_time(s.admin, &s.now_s, &ahead_ms, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	return search_run(&s);
}
