/*
 * pipeline_gather.c - see pipeline.h: what is told of a transaction, and finding out about it.
 */
#include "pipeline_parts.h"

/* Is anything looked up for this mail? Who is allowed is so where mail arrives. */
static bool
asks(const struct pipeline *p, const struct txn *txn)
{
	return pipeline_chain_of(p, txn)->gathers &&
	       (txn->allowed == NULL || txn->direction.direction == DIRECTION_OUTBOUND);
}

/* True when every module knows what it wants to know. */
static bool
gather_all(const struct pipeline *p, struct txn *txn)
{
	const struct pipeline_chain *chain = pipeline_chain_of(p, txn);
	bool finished = true;

	if (!asks(p, txn))
		return true;
	for (size_t i = 0; i < chain->n; i++) {
		const struct module *m = chain->v[i].module;

		if (m->gather != NULL && txn->phase >= m->gather_from)
			finished &= m->gather(&chain->v[i].env, txn);
	}
	return finished;
}

void
pipeline_gather(const struct pipeline *p, struct txn *txn)
{
	(void)gather_all(p, txn);
}

void
pipeline_gather_wait(const struct pipeline *p, struct txn *txn)
{
	const struct clock_port *clock = p->ports->clock;

	if (gather_all(p, txn))
		return;
	lookup_extend(&txn->lookup, clock->mono_ms(clock) + p->dns_timeout_ms);
	do
		lookup_wait(&txn->lookup);
	while (!gather_all(p, txn) && !txn->lookup.over);
	(void)gather_all(p, txn); /* what is still open is a temporary error now */
}

/* What was asked for before is forgotten; facts that are finished stay. */
static void
lookup_begin(const struct pipeline *p, struct txn *txn)
{
	const struct clock_port *clock = p->ports->clock;

	lookup_fini(&txn->lookup);
	if (!asks(p, txn))
		return;
	lookup_init(&txn->lookup, p->ports->dns, clock->mono_ms(clock) + p->dns_timeout_ms);
	(void)gather_all(p, txn);
}

/* Why no check judges this client, or NULL. */
static const char *
allowed_reason(const struct pipeline *p, const struct txn *txn)
{
	struct store *store = p->ports->store;

	if (txn_is_local(txn))
		return "local"; /* nobody who could try again */
	if (net_set_has(&p->direction->allow_networks, &txn->client) ||
	    store->has_network(store, STORE_ALLOW_CLIENTS, &txn->client))
		return "allowed_client";
	return NULL;
}

/* Has this client's network an account? Then its mail leaves. */
static bool
has_account(const struct pipeline *p, const struct net_addr *client)
{
	struct accounts *accounts = p->ports->accounts;
	const struct account_book *book;
	bool has;

	if (accounts == NULL)
		return false;
	book = accounts->hold(accounts);
	has = account_map_network(book->map, client) != NULL;
	accounts->release(accounts, book);
	return has;
}

static void
enter(const struct pipeline *p, struct txn *txn)
{
	const struct pipeline_chain *chain = pipeline_chain_of(p, txn);

	for (size_t i = 0; i < chain->n; i++) {
		if (chain->v[i].module->enter != NULL)
			chain->v[i].module->enter(&chain->v[i].env, txn);
	}
}

void
pipeline_connect(const struct pipeline *p, struct txn *txn)
{
	struct direction_facts facts = {&txn->client, slice_of(NULL), txn->daemon, false};

	txn->has_account = facts.account = has_account(p, &txn->client);
	txn->direction = direction_of(p->direction, &facts);
	txn->allowed = allowed_reason(p, txn);
	lookup_begin(p, txn);
}

void
pipeline_end(const struct pipeline *p, struct txn *txn)
{
	const struct pipeline_chain *chain = pipeline_chain_of(p, txn);

	for (size_t i = 0; i < chain->n; i++) {
		if (chain->v[i].module->end != NULL)
			chain->v[i].module->end(txn);
	}
	txn_end(txn);
}

void
pipeline_mail(const struct pipeline *p, struct txn *txn, const struct txn_envelope *envelope)
{
	const struct clock_port *clock = p->ports->clock;

	pipeline_end(p, txn);
	txn_mail(txn, p->direction, envelope);
	txn->began_s = clock->now_s(clock);
	/* the address tells apart sessions of one moment, the count transactions of one session */
	if (p->records_keep > 0 && txn->direction.direction == DIRECTION_INBOUND)
		verdict_code_make(txn->code, txn->began_s * 1000 + clock->mono_ms(clock) % 1000,
		    (unsigned)((uintptr_t)txn >> 6) + txn->transactions);
	enter(p, txn);
	if (txn->transactions > 1 || txn->direction.direction == DIRECTION_OUTBOUND)
		lookup_begin(p, txn);
	else
		(void)gather_all(p, txn);
}

void
pipeline_header(const struct pipeline *p, struct txn *txn, struct slice name, struct slice value)
{
	const struct pipeline_chain *chain = pipeline_chain_of(p, txn);

	name = slice_trim(name); /* "From : x" is a From field to whoever reads it */
	txn_header(txn, name, value);
	for (size_t i = 0; i < chain->n; i++) {
		if (chain->v[i].module->header != NULL)
			chain->v[i].module->header(&chain->v[i].env, txn, name, value);
	}
}

/* Recipients who get no copy, or another in their place. */
static void
recipients_edit(struct txn *txn, struct edits *edits)
{
	size_t room = txn->ndropped + txn->nreplaced;
	const char **drops, **adds;

	if (room == 0)
		return;
	/* without memory the transaction has failed, and is put off */
	drops = arena_alloc(&txn->transaction, 2 * room * sizeof(const char *));
	if (drops == NULL)
		return;
	adds = drops + room;
	for (const struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next) {
		if (r->instead != NULL)
			adds[edits->nadds++] = r->instead;
		if (r->dropped || r->instead != NULL)
			drops[edits->ndrops++] = arena_text(&txn->transaction, r->text);
	}
	edits->drops = drops;
	edits->adds = adds;
}

void
pipeline_eoh(const struct pipeline *p, struct txn *txn, struct edits *edits_r)
{
	/* When nobody waited, since all recipients are exempt, facts may still lean on answers of
	 * before, and those must stay. */
	bool finished = gather_all(p, txn);

	edits_init(edits_r);
	txn->phase = PHASE_EOH;
	enter(p, txn);
	if (finished)
		lookup_begin(p, txn);
	else
		(void)gather_all(p, txn);
	recipients_edit(txn, edits_r);
	pipeline_transforms_run(p, txn, PHASE_EOH, edits_r);
}

bool
pipeline_body(const struct pipeline *p, struct txn *txn, struct slice bytes)
{
	const struct pipeline_chain *chain = pipeline_chain_of(p, txn);
	bool more = false;

	for (size_t i = 0; i < chain->n; i++) {
		if (chain->v[i].module->body != NULL)
			more |= chain->v[i].module->body(&chain->v[i].env, txn, bytes);
	}
	return more;
}
