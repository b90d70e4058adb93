/*
 * record.c - see record.h.
 */
#include "record.h"

#include "auth/dkim_verify.h"
#include "auth/spf.h"
#include "dmarc_opinion.h"
#include "dnsbl_conf.h"
#include "modules.h"
#include "policy/rdns.h"
#include "score_conf.h"
#include "settings.h"

#define KEEP_MAX 100000000

static const struct option options[] = {
    OPTION_NUMBER(struct verdicts_conf, keep, "keep", "100000", 0, KEEP_MAX,
	"How many decision records Redis keeps for gatepostctl explain; 0: none is made."),
    OPTION_END,
};

const struct conf_section verdicts_section = {
    .name = "verdicts",
    .help = "Decision records: why each mail got its answer.",
    .options = options,
    .size = sizeof(struct verdicts_conf),
};

const char *
record_action(const struct txn *txn)
{
	bool deferred = false, rejected = false;

	if (txn->answer != ANSWER_CONTINUE)
		return answer_name(txn->answer);
	for (const struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next) {
		deferred |= r->answer == ANSWER_DEFER;
		rejected |= r->answer == ANSWER_REJECT;
	}
	if (txn->naccepted > 0 && (deferred || rejected))
		return "mixed";
	if (deferred || rejected)
		return answer_name(rejected ? ANSWER_REJECT : ANSWER_DEFER);
	return txn->phase == PHASE_EOM ? "accept" : "none";
}

void
record_would(const struct txn *txn, struct buf *out)
{
	if (txn->would != NULL)
		buf_add_format(out, "%s:%s", txn->would, txn->would_check);
}

/* A ';' ends an entry, so none may be in one. */
static void
entry_add(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		buf_add_char(out, (char)(text.p[i] == ';' ? ',' : text.p[i]));
}

static void
rcpts_add(struct record *record, const struct txn *txn)
{
	char storage[RECORD_VALUE_BYTES];
	struct buf out = BUF_OVER(storage);

	for (const struct txn_rcpt *r = txn->rcpts; r != NULL && !out.over; r = r->next) {
		if (out.n > 0)
			buf_add_text(&out, "; ");
		entry_add(&out, r->addr.text);
		buf_add_char(&out, ' ');
		buf_add_text(&out, answer_name(r->answer));
		buf_add_char(&out, ' ');
		buf_add_text(&out, r->reason != NULL ? r->reason : "-");
	}
	record_add(record, "rcpt", buf_slice(&out));
	record_add_number(record, "nrcpt", (int64_t)txn->nrcpts);
}

/* "pass mx.example.net", "mismatch a.example, b.example" */
static void
rdns_add(struct record *record, const struct txn *txn)
{
	const struct rdns *r = txn->facts.rdns;
	char storage[600];
	struct buf out = BUF_OVER(storage);

	if (r == NULL || r->outcome == RDNS_NONE)
		return;
	buf_add_text(&out, rdns_outcome_name(r->outcome));
	if (r->outcome == RDNS_PASS) {
		buf_add_char(&out, ' ');
		buf_add(&out, rdns_name(r));
	}
	for (size_t i = 0; r->outcome != RDNS_PASS && i < r->n; i++) {
		buf_add_text(&out, i == 0 ? " " : ", ");
		buf_add_text(&out, r->names[i].text);
	}
	record_add(record, "rdns", buf_slice(&out));
}

static void
zones_add(struct buf *out, const struct dnsbl_check *check)
{
	for (size_t i = 0; check != NULL && i < check->table->n; i++) {
		const struct dnsbl_result *r = &check->results[i];

		if (r->status == DNSBL_UNASKED || r->status == DNSBL_UNLISTED)
			continue;
		if (out->n > 0)
			buf_add_text(out, ", ");
		buf_add_format(out, "%s %s%s%s", check->table->zones[i].name,
		    dnsbl_status_name(r->status), r->codes[0] != '\0' ? " " : "", r->codes);
	}
}

/* "zen.example listed 127.0.0.2, dead.example suspended"; "not listed" when that is all. */
static void
dnsbl_add(struct record *record, const struct txn *txn)
{
	char storage[1500];
	struct buf out = BUF_OVER(storage);

	if (txn->facts.dnsbl_client == NULL)
		return;
	zones_add(&out, txn->facts.dnsbl_client);
	zones_add(&out, txn->facts.dnsbl_names);
	record_add(record, "dnsbl", out.n > 0 ? buf_slice(&out) : slice_of("not listed"));
}

static void
part_add(struct buf *out, const char *word, struct slice value)
{
	if (value.n == 0)
		return;
	buf_add_text(out, word);
	buf_add(out, value);
}

/* Without the name of the record in front, "bad.example: …", which stands there already. */
static struct slice
spf_problem(const struct spf_result *r)
{
	struct slice rest = slice_from(r->problem, r->record.n);

	if (r->record.n > 0 && slice_starts_nocase(r->problem, r->record) &&
	    slice_starts(rest, slice_of(": ")))
		return slice_from(rest, 2);
	return r->problem;
}

static void
spf_add(struct record *record, const struct txn *txn)
{
	const struct spf_result *r = txn->facts.spf == NULL ? NULL : spf_result(txn->facts.spf);
	char storage[900];
	struct buf out = BUF_OVER(storage);

	if (r == NULL)
		return;
	buf_add_text(&out, spf_code_name(r->code));
	part_add(&out, r->identity == SPF_HELO ? " for HELO " : " for ", r->domain);
	part_add(&out, " by ", r->mechanism);
	if (!slice_eq_nocase(r->record, r->domain))
		part_add(&out, " of ", r->record);
	part_add(&out, ": ", spf_problem(r));
	if (r->open)
		buf_add_text(&out, " (the record lets everybody pass: counted as none)");
	buf_add_text(&out, " (");
	buf_add_u64(&out, r->lookups);
	buf_add_text(&out, " lookups)");
	record_add(record, "spf", buf_slice(&out));
}

static void
dkim_add(struct record *record, const struct txn *txn)
{
	const struct dkim_result *results;
	char storage[1500];
	struct buf out = BUF_OVER(storage);
	size_t n;

	if (txn->facts.dkim == NULL)
		return;
	results = dkim_verify_results(txn->facts.dkim, &n);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_text(&out, ", ");
		buf_add_text(&out, dkim_verdict_name(results[i].verdict));
		part_add(&out, " d=", results[i].domain);
		part_add(&out, " s=", results[i].selector);
		part_add(&out, ": ", slice_of(results[i].reason));
	}
	if (dkim_verify_skipped(txn->facts.dkim) > 0)
		buf_add_format(
		    &out, ", and %zu not looked at", dkim_verify_skipped(txn->facts.dkim));
	record_add(record, "dkim", n > 0 ? buf_slice(&out) : slice_of("none"));
}

static void
dmarc_add(struct record *record, const struct txn *txn)
{
	const struct dmarc_opinion *o = txn->facts.dmarc;
	const struct dmarc_author *author = o == NULL ? NULL : dmarc_decisive(&o->dmarc);
	char storage[900];
	struct buf out = BUF_OVER(storage);

	if (o == NULL || !o->judged)
		return;
	if (author == NULL) {
		record_add(record, "dmarc", slice_of("no author"));
		return;
	}
	buf_add_format(&out, "%s for %s", dmarc_result_name(author->result), author->name);
	if (author->published != DMARC_POLICY_ABSENT)
		buf_add_format(&out, ", %s=%s at %.*s", dmarc_tag_name(author->tag),
		    dmarc_policy_name(author->published), SLICE_ARG(author->record_domain));
	if (author->reason != NULL)
		buf_add_format(&out, " (%s)", author->reason);
	buf_add_format(&out, ", done: %s", dmarc_action_name(dmarc_action_applied(o, txn)));
	if (o->override != NULL)
		buf_add_format(&out, " (%s)", o->override);
	if (o->shadow && o->action != DMARC_ACTION_NONE)
		buf_add_format(&out, " (shadow mode; else: %s)", dmarc_action_name(o->action));
	record_add(record, "dmarc", buf_slice(&out));
}

static const char *
kind_name(enum finding_kind kind)
{
	static const char *const names[] = {
	    [FINDING_NOTE] = "note",
	    [FINDING_DROP] = "drop",
	    [FINDING_SCORE] = "score",
	    [FINDING_DEFER] = "defer",
	    [FINDING_BLOCK] = "block",
	    [FINDING_QUARANTINE] = "quarantine",
	    [FINDING_DISCARD] = "discard",
	};

	return names[kind];
}

static void
word_add(struct buf *out, const char *word)
{
	buf_add_text(out, word);
	buf_add_char(out, ' ');
}

static void
findings_add_all(struct record *record, const struct txn *txn)
{
	char storage[RECORD_VALUE_BYTES];
	struct buf out = BUF_OVER(storage);

	for (size_t i = 0; txn->found != NULL && i < txn->found->n; i++) {
		const struct txn_finding *f = &txn->found->v[i];

		buf_add_text(&out, i > 0 ? "; " : "");
		word_add(&out, f->check);
		word_add(&out, f->reason);
		word_add(&out, f->shadow ? "shadow" : kind_name(f->kind));
		buf_add_i64(&out, f->weight);
		buf_add_char(&out, ' ');
		entry_add(&out, slice_of(f->text));
	}
	record_add(record, "findings", buf_slice(&out));
}

static void
limit_add(struct buf *out, const char *name, int64_t limit)
{
	buf_add_text(out, name);
	buf_add_i64(out, limit);
}

static void
score_add(struct record *record, const struct pipeline *p, const struct txn *txn)
{
	const struct score_conf *c = pipeline_conf(p, &mod_score);
	char storage[120];
	struct buf out = BUF_OVER(storage);

	if (txn->found == NULL || c == NULL)
		return;
	record_add_number(record, "score", txn->score);
	limit_add(&out, "block=", c->limits.block);
	limit_add(&out, " low=", c->limits.low);
	limit_add(&out, " medium=", c->limits.medium);
	limit_add(&out, " high=", c->limits.high);
	record_add(record, "limits", buf_slice(&out));
}

static void
client_add(struct record *record, const struct txn *txn)
{
	char storage[NET_ADDR_TEXT_BYTES];
	struct buf client = BUF_OVER(storage);

	net_addr_format(&client, &txn->client);
	record_add(record, "client", buf_slice(&client));
	record_add(record, "name", txn->client_name);
	record_add(record, "helo", txn->helo);
	record_add(record, "from", txn->sender.null ? slice_of("<>") : txn->sender.text);
}

static void
would_add(struct record *record, const struct txn *txn)
{
	char storage[80];
	struct buf out = BUF_OVER(storage);

	record_would(txn, &out);
	if (out.n > 0)
		record_add(record, "would", buf_slice(&out));
}

void
record_of_txn(struct record *record, const struct pipeline *p, const struct txn *txn)
{
	record_init(record);
	record_add(record, "code", slice_of(txn->code));
	record_add_number(record, "time", txn->began_s);
	record_add(record, "host", txn->mta);
	record_add(record, "id", txn->queue_id);
	record_add(record, "action", slice_of(record_action(txn)));
	client_add(record, txn);
	rcpts_add(record, txn);
	rdns_add(record, txn);
	dnsbl_add(record, txn);
	spf_add(record, txn);
	dkim_add(record, txn);
	dmarc_add(record, txn);
	score_add(record, p, txn);
	findings_add_all(record, txn);
	record_add(record, "reply", slice_of(txn->reply));
	would_add(record, txn);
	if (txn->on_error[0] != '\0')
		record_add(record, "on_error", slice_of(txn->on_error));
}
