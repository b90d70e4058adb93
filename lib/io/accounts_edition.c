/*
 * accounts_edition.c - editions of the book: made, put in force, held, and freed.
 */
#include "io/accounts_parts.h"

#include <stdlib.h>

static struct accounts_edition *
edition_of(const struct account_book *book)
{
	return ((const struct accounts_edition *)(const void *)book)->self;
}

static void
edition_free(struct accounts_edition *edition)
{
	for (size_t i = 0; i < edition->nentries; i++)
		account_entry_unref(edition->entries[i]);
	accounts_index_unref(edition->index);
	free(edition->entries);
	free(edition->v);
	free(edition->domains);
	free(edition->feedbacks);
	free(edition);
}

/* With room for n accounts of Redis. */
static struct accounts_edition *
edition_new(size_t nconf, size_t n)
{
	struct accounts_edition *edition = calloc(1, sizeof(*edition));

	if (edition == NULL)
		return NULL;
	edition->entries = calloc(n + 1, sizeof(struct account_entry *));
	edition->v = calloc(nconf + n + 1, sizeof(struct account *));
	edition->domains = calloc(nconf + n + 1, sizeof(char *));
	edition->feedbacks = calloc(nconf + n + 1, sizeof(char *));
	if (edition->entries != NULL && edition->v != NULL && edition->domains != NULL &&
	    edition->feedbacks != NULL)
		return edition;
	edition_free(edition);
	return NULL;
}

/* Fills in those of milter.conf and those of the slots, in the order of their names. */
static void
edition_fill(struct accounts_edition *edition, const struct accounts_port *p)
{
	size_t c = 0, n = 0;

	for (size_t i = 0; i < p->nslots; i++) {
		struct account_entry *entry = p->slots[i].entry;

		if (entry == NULL)
			continue;
		while (
		    c < p->setup.conf.n && strcmp(p->conf_sorted[c]->name, entry->account.name) < 0)
			edition->v[n++] = p->conf_sorted[c++];
		entry->refs++;
		edition->entries[edition->nentries++] = entry;
		edition->v[n++] = &entry->account;
	}
	while (c < p->setup.conf.n)
		edition->v[n++] = p->conf_sorted[c++];
	edition->index = p->index;
	edition->index->refs++;
	edition->book = (struct account_book){.defaults = &p->defaults,
	    .map = &p->index->map,
	    .v = edition->v,
	    .n = n,
	    .complete = p->complete};
	account_domains_fill(&edition->book.domains, edition->domains, edition->v, n);
	account_feedbacks_fill(&edition->book.feedbacks, edition->feedbacks, edition->v, n);
}

int
accounts_publish(struct accounts_port *p, struct err *err)
{
	struct accounts_edition *edition = edition_new(p->setup.conf.n, p->nslots), *old;

	if (edition == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the accounts");
	edition_fill(edition, p);
	edition->self = edition;
	atomic_init(&edition->holders, 0);
	(void)pthread_mutex_lock(&p->lock);
	old = p->current;
	p->current = edition;
	(void)pthread_mutex_unlock(&p->lock);
	if (old != NULL) {
		old->next = p->old;
		p->old = old;
	}
	p->changed = false;
	return 0;
}

void
accounts_reap(struct accounts_port *p)
{
	struct accounts_edition **at = &p->old;

	while (*at != NULL) {
		struct accounts_edition *edition = *at;

		/* it is in force no more, so nobody can take hold of it anew */
		if (atomic_load_explicit(&edition->holders, memory_order_acquire) > 0) {
			at = &edition->next;
			continue;
		}
		*at = edition->next;
		edition_free(edition);
	}
}

const struct account_book *
accounts_hold(struct accounts *accounts)
{
	struct accounts_port *p = accounts_port_of(accounts);
	struct accounts_edition *edition;

	(void)pthread_mutex_lock(&p->lock);
	edition = p->current;
	(void)atomic_fetch_add_explicit(&edition->holders, 1, memory_order_relaxed);
	(void)pthread_mutex_unlock(&p->lock);
	return &edition->book;
}

void
accounts_release(struct accounts *accounts, const struct account_book *book)
{
	(void)accounts;
	(void)atomic_fetch_sub_explicit(&edition_of(book)->holders, 1, memory_order_release);
}

/* --- from one configuration to the next --- */

static bool
same_redis(const struct redis_conf *a, const struct redis_conf *b)
{
	return strcmp(a->server, b->server) == 0 && a->database == b->database &&
	       strcmp(a->prefix, b->prefix) == 0;
}

static int
name_compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Slots without an account, for which the other port had none either: it said so. */
static void
missing_inherit(struct accounts_port *p, const struct accounts_edition *from)
{
	for (size_t i = 0; i < p->nslots; i++) {
		struct accounts_slot *slot = &p->slots[i];

		if (slot->entry == NULL && slot->fault == 0 && from->book.complete &&
		    bsearch(&slot->name, from->index->names, from->index->n,
			sizeof(*from->index->names), name_compare) != NULL)
			accounts_tell_missing(p, slot, true);
	}
}

static int
edition_inherit(struct accounts_port *p, const struct accounts_edition *from, struct err *err)
{
	struct accounts_pairs *pairs = from->index->pairs;

	(void)atomic_fetch_add(&pairs->refs, 1);
	p->map_problems = from->index->problems;
	if (accounts_index_set(p, pairs, err) != 0)
		return -1;
	for (size_t i = 0; i < from->nentries; i++) {
		const struct account_entry *entry = from->entries[i];
		struct accounts_slot *slot = accounts_slot_find(p, slice_of(entry->account.name));

		if (slot != NULL && accounts_slot_inherit(p, slot, entry, err) != 0)
			return -1;
	}
	missing_inherit(p, from);
	return 0;
}

int
accounts_inherit(struct accounts_port *p, struct accounts_port *before, struct err *err)
{
	const struct account_book *book = accounts_hold(&before->port);
	int status = edition_inherit(p, edition_of(book), err);

	p->complete = book->complete && same_redis(&p->link.target.conf, &before->link.target.conf);
	accounts_release(&before->port, book);
	return status;
}
