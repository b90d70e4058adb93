/*
 * dnsbl_findings.c - what DNS lists said, as findings.
 */
#include "dnsbl_conf.h"

/* Blocklists that have a finding of their own: enough to see why, few enough for FINDINGS_MAX. */
#define SINGLE_MAX 5

static const char check_name[] = "dnsbl";

static void
text_set(struct finding *f, const char *words, const char *names)
{
	struct buf out = BUF_OVER(f->text);

	buf_add_text(&out, words);
	buf_add_text(&out, names);
	(void)buf_text(&out);
}

static struct finding *
score_add(struct findings *findings, const char *reason, int weight, const char *names)
{
	struct finding *f = findings_add(findings, FINDING_SCORE, check_name, reason);

	if (f == NULL)
		return NULL;
	f->weight = weight;
	f->xcode = "5.7.1";
	text_set(f, weight > 0 ? "listed by " : "allowed by ", names);
	return f;
}

static void
listed_add(struct findings *findings, const struct dnsbl_zone *z, const struct dnsbl_result *r)
{
	struct finding *f = score_add(findings, "listed", r->weight, z->name);

	if (f != NULL)
		f->detail = r->codes;
}

/* What the loop over all results gathers. */
struct tally {
	struct findings *findings;
	bool blocked;
	unsigned singles;
	int more;    /* weight of the blocklists beyond the singles */
	int allowed; /* below 0 */
	struct buf more_names;
	struct buf allowed_names;
	char more_storage[FINDING_TEXT_BYTES - 20];
	char allowed_storage[FINDING_TEXT_BYTES - 20];
};

static void
name_add(struct buf *names, const char *name)
{
	if (names->n > 0)
		buf_add_text(names, ", ");
	buf_add_text(names, name);
}

static void
block_add(struct tally *t, const struct dnsbl_zone *z, const struct dnsbl_result *r)
{
	struct finding *f = findings_add(t->findings, FINDING_BLOCK, check_name, "block");

	t->blocked = true;
	if (f == NULL)
		return;
	f->xcode = "5.7.1";
	f->detail = r->codes;
	text_set(f,
	    z->domains ? "Sending domain not accepted, listed by "
		       : "Sending address not accepted, listed by ",
	    z->name);
}

static void
result_add(struct tally *t, const struct dnsbl_zone *z, const struct dnsbl_result *r)
{
	if (r->status != DNSBL_LISTED)
		return;
	if (r->block && !t->blocked)
		block_add(t, z, r);
	if (r->weight > 0 && t->singles < SINGLE_MAX) {
		t->singles++;
		listed_add(t->findings, z, r);
	} else if (r->weight > 0) {
		t->more += r->weight;
		name_add(&t->more_names, z->name);
	} else if (r->weight < 0) {
		t->allowed += r->weight;
		name_add(&t->allowed_names, z->name);
	}
}

void
dnsbl_findings(const struct dnsbl_conf *conf, const struct dnsbl_check *client,
    const struct dnsbl_check *names, struct findings *findings)
{
	const struct dnsbl_check *const checks[] = {client, names};
	int floor = (int)conf->allow_floor;
	struct tally t = {.findings = findings};

	buf_init(&t.more_names, t.more_storage, sizeof(t.more_storage));
	buf_init(&t.allowed_names, t.allowed_storage, sizeof(t.allowed_storage));
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; checks[i] != NULL && k < checks[i]->table->n; k++)
			result_add(&t, &checks[i]->table->zones[k], &checks[i]->results[k]);
	}
	if (t.more > 0)
		(void)score_add(findings, "listed", t.more, buf_text(&t.more_names));
	if (t.allowed < 0)
		(void)score_add(findings, "allowed", t.allowed < floor ? floor : t.allowed,
		    buf_text(&t.allowed_names));
}

void
dnsbl_warnings(const struct dnsbl_table *table, void (*say)(void *arg, const char *what), void *arg)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct dnsbl_zone *z = &table->zones[i];
		char storage[400];
		struct buf out = BUF_OVER(storage);

		if (z->known == NULL || z->known->dead == NULL)
			continue;
		buf_add_format(&out, "the DNS list %s is dead (%s)", z->name, z->known->dead);
		say(arg, buf_text(&out));
	}
}
