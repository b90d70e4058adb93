/*
 * accounts_parts.h - what the files of the account book share; nobody else includes it.
 *
 * Only the thread changes anything (before it runs, who makes the port; after, who frees it), but
 * for what stands under the lock. It makes editions of the book, one after the other; an edition
 * that nobody holds any more is freed by the thread, so that no session ever has to.
 *
 *	raw, pairs   bytes of Redis, as they were read; shared with the port of the next configuration
 *	entry        an account built from a raw, under this configuration's defaults
 *	index        the map built from pairs, and the names of accounts that are to be read
 *	slot         a name of the index, what is known of it, and whether it must be read
 *	edition      a book that somebody may hold: the index and the entries of one moment
 */
#ifndef IO_ACCOUNTS_PARTS_H
#define IO_ACCOUNTS_PARTS_H

#include "io/accounts.h"
#include "io/deadline.h"
#include "io/redis_conn.h"

#include <pthread.h>
#include <stdatomic.h>

/* The map, as it was read or built; 500,000 entries take about 70 MB. */
#define ACCOUNTS_MAP_BYTES ((size_t)256 * 1024 * 1024)

/* Names in a command that reads accounts; answers that are waited for together. */
#define ACCOUNTS_BATCH 200

/* Problems that are told in one round; of more, only their number. */
#define ACCOUNTS_TOLD_MAX 200

/* What there may be a warning about. */
enum accounts_warning {
	ACCOUNTS_WARN_TRACKING, /* Redis does not tell what changes */
	ACCOUNTS_WARN_REFUSED,  /* a command is refused */
	ACCOUNTS_WARN_MAP,
	ACCOUNTS_WARN_MANY,
	ACCOUNTS_WARNINGS,
};

struct account_raw {
	atomic_uint refs;
	size_t bytes;
	size_t n;
	struct account_field fields[]; /* sorted by name; their bytes are behind them */
};

struct accounts_pairs {
	atomic_uint refs;
	struct arena arena;
	struct account_pair *v; /* sorted by key, each key once */
	size_t n, cap;
};

struct account_entry {
	size_t refs;
	struct account_raw *raw;
	struct arena arena;
	uint64_t problems; /* a digest of those that were told; 0: none */
	struct account account;
};

struct accounts_index {
	size_t refs;
	struct arena arena;
	struct accounts_pairs *pairs;
	uint64_t problems;
	struct account_map map;
	const char **names; /* of Redis's accounts, sorted */
	size_t n;
};

struct accounts_slot {
	const char *name;            /* the index's */
	struct account_entry *entry; /* NULL: not in the book */
	uint64_t fault; /* a digest of what was told of the hash as a whole; 0: nothing */
	bool wanted;    /* is to be read */
	bool missing;   /* there is no such hash, which was not told yet */
	bool too_long;  /* is not read again before it changes */
};

struct accounts_edition {
	struct account_book book;      /* first: a pointer to it is a pointer to the whole … */
	struct accounts_edition *self; /* … and this one, that it may be changed */
	atomic_size_t holders;
	struct accounts_index *index;
	struct account_entry **entries;
	size_t nentries;
	const struct account **v; /* the book's */
	const char **domains, **feedbacks;
	struct accounts_edition *next; /* among those that are to be freed */
};

/* Both connections, and what Redis tells over the second. */
struct accounts_link {
	struct redis_target target;
	struct redis_conn data;
	struct redis_conn track;
	bool tracking; /* Redis tells what changes */
	bool failed;   /* the last attempt to connect: the server's name is to be resolved anew */
	int lost;      /* how often in a row the connection was lost while tracking was asked for */
	int64_t open_ms;
	size_t unread_bytes; /* of a message that is not complete */
	struct deadline ping_at;
	struct deadline pong_until; /* at_us 0: none is awaited */
};

/* When what is to be done. */
struct accounts_times {
	struct deadline refresh_at;
	struct deadline settle_at;  /* what changed is read then; at_us 0: nothing did */
	struct deadline missing_at; /* … what is missing is told then */
	struct deadline round_end;
	int64_t round_us; /* how long the last one took */
	int64_t pause_ms;
};

struct accounts_port {
	struct accounts port; /* first: a pointer to it is a pointer to the whole */
	struct accounts_setup setup;
	struct arena arena; /* what milter.conf has, made ready */
	struct account defaults;
	const struct account **conf; /* in the order of milter.conf */
	const struct account **conf_sorted;
	struct accounts_port *before; /* until it is started */

	pthread_mutex_t lock;
	pthread_cond_t read;
	struct accounts_edition *current; /* under the lock */
	bool was_read;                    /* under the lock */

	pthread_t thread;
	bool started;
	int stop_pipe[2]; /* the far end is closed when the thread is to end */
	atomic_bool stopping;
	atomic_bool quiet; /* another port tells of problems now */

	/* the thread's */
	struct accounts_link link;
	struct accounts_times times;
	struct accounts_edition *old; /* that may be held still */
	struct accounts_index *index;
	uint64_t map_problems;       /* a digest of those that were told */
	struct accounts_slot *slots; /* one for each name of the index, in its order */
	size_t nslots;
	size_t nwanted;
	size_t bytes; /* of all raws and what was built of them */
	bool want_map, want_all;
	bool map_kept;     /* the last time it was read, it could not be used … */
	bool map_too_long; /* … and is not read again before it changes */
	size_t retried;    /* the last slot that was too long and is tried again */
	bool changed;      /* since the last edition */
	bool complete;
	uint64_t
	    warnings[ACCOUNTS_WARNINGS]; /* digests of those that hold and were told; 0: none */
	size_t told, untold;             /* problems, in this round */
};

static inline struct accounts_port *
accounts_port_of(struct accounts *accounts)
{
	return (struct accounts_port *)(void *)accounts;
}

static inline bool
accounts_is_stopping(struct accounts_port *p)
{
	return atomic_load_explicit(&p->stopping, memory_order_acquire);
}

/* --- accounts_raw.c --- */

/* Fields of a hash, or NULL: no memory. answer: an array of ACCOUNT_FIELDS_MAX pairs at most. */
struct account_raw *account_raw_new(const redisReply *answer);
void account_raw_unref(struct account_raw *raw);
bool account_raw_same(const struct account_raw *a, const struct account_raw *b);

/* An empty map; then what HSCAN answered is added; then it is made ready. -1: no memory. Nothing is
 * added beyond max entries, which *over_r tells. */
struct accounts_pairs *accounts_pairs_new(void);
int accounts_pairs_add(
    struct accounts_pairs *pairs, const redisReply *answer, size_t max, bool *over_r);
void accounts_pairs_ready(struct accounts_pairs *pairs);
void accounts_pairs_unref(struct accounts_pairs *pairs);
bool accounts_pairs_same(const struct accounts_pairs *a, const struct accounts_pairs *b);

/* --- accounts_tell.c --- */

/* Tells what is wrong with something of that name, unless the same was told before of the same
 * thing; `before` is what this returned then, or 0. */
uint64_t accounts_tell(struct accounts_port *p, const char *account,
    const struct account_problems *problems, uint64_t before);

/* The same of an account as a whole. */
void accounts_tell_fault(struct accounts_port *p, struct accounts_slot *slot, const char *text);

/* There is no such hash: told, or as if it had been. */
void accounts_tell_missing(struct accounts_port *p, struct accounts_slot *slot, bool known);

/* Tells a warning, unless that one holds already; and that it does not hold any more. */
void accounts_warn(struct accounts_port *p, enum accounts_warning which, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void accounts_warn_over(struct accounts_port *p, enum accounts_warning which);

/* The round is over: says how many problems were not told. */
void accounts_told(struct accounts_port *p);

/* --- accounts_conf.c --- */

/* What milter.conf has, made ready. 0, or -1 (ERR_INVALID, ERR_NOMEM). */
int accounts_conf_init(struct accounts_port *p, struct err *err);

bool accounts_conf_has(const struct accounts_port *p, const char *name);

/* Entries that the map may take from Redis, beside those of milter.conf. */
size_t accounts_map_room(const struct accounts_port *p);

/* --- accounts_book.c --- */

/* Another map: makes the slots anew; those whose names stay keep what they have, new ones are
 * wanted. Takes over pairs. 0, or -1 (ERR_NOMEM) with all as it was. */
int accounts_index_set(struct accounts_port *p, struct accounts_pairs *pairs, struct err *err);

/* Another hash for a slot; takes over raw. 0, or -1 (ERR_NOMEM). */
int accounts_slot_set(
    struct accounts_port *p, struct accounts_slot *slot, struct account_raw *raw, struct err *err);

/* Lets it begin with a hash that the port before this one had, which told those problems. As above. */
int accounts_slot_inherit(struct accounts_port *p, struct accounts_slot *slot,
    const struct account_entry *from, struct err *err);

void account_entry_unref(struct account_entry *entry);
void accounts_index_unref(struct accounts_index *index);

/* There is no such hash. */
void accounts_slot_clear(struct accounts_port *p, struct accounts_slot *slot);

struct accounts_slot *accounts_slot_find(struct accounts_port *p, struct slice name);

/* All of it, when nobody uses it any more. */
void accounts_slots_free(struct accounts_port *p);

/* --- accounts_edition.c --- */

/* Puts an edition of the slots as they are in force. 0, or -1 (ERR_NOMEM): the old one is. */
int accounts_publish(struct accounts_port *p, struct err *err);

/* Frees old editions that nobody holds. */
void accounts_reap(struct accounts_port *p);

/* Begins with what another port has. 0, or -1 (ERR_NOMEM). */
int accounts_inherit(struct accounts_port *p, struct accounts_port *before, struct err *err);

const struct account_book *accounts_hold(struct accounts *accounts);
void accounts_release(struct accounts *accounts, const struct account_book *book);

/* --- accounts_link.c --- */

/* Connects, and has Redis tell what changes, if it does. 0, or -1. */
int accounts_link_open(struct accounts_port *p, struct err *err);
void accounts_link_close(struct accounts_port *p);

int accounts_conn_open(struct accounts_port *p, struct redis_conn *conn, struct err *err);

/* The next answer, at most about max_bytes long: 0, or -1 with the connection closed (ERR_LIMIT: it
 * is longer; ERR_TIMEOUT, ERR_IO; ERR_UNAVAILABLE: the thread is to end). */
int accounts_receive(struct accounts_port *p, struct redis_conn *conn, size_t max_bytes,
    redisReply **reply_r, struct err *err);

/* One command, one answer, be it an error; NULL with the connection closed. */
redisReply *accounts_ask(struct accounts_port *p, struct redis_conn *conn, size_t max_bytes,
    const char *const *words, struct err *err);

/* Reads what there is to read: the number of bytes, or -1 with the connection closed. */
long accounts_more(struct redis_conn *conn, struct err *err);

/* The next answer out of what was read, or NULL: 0, or -1 with the connection closed. */
int accounts_next(struct redis_conn *conn, redisReply **reply_r, struct err *err);

/* --- accounts_track.c --- */

/* Has Redis tell what changes. 0: it does, or it does not, about which there was a warning; -1: a
 * connection was lost. */
int accounts_track(struct accounts_port *p, struct err *err);
void accounts_track_close(struct accounts_port *p);

/* Notes what changed, out of all that came. 0, or -1 when the connection is lost. */
int accounts_track_take(struct accounts_port *p, struct err *err);

/* Says PING on both, when it is time. 0, or -1. */
int accounts_ping(struct accounts_port *p, struct err *err);

/* --- accounts_read.c --- */

/* Reads all that is wanted. 0, or -1. */
int accounts_read(struct accounts_port *p, struct err *err);

/* --- accounts_thread.c --- */

/* Notes that it is to be read, soon. */
void accounts_changed_all(struct accounts_port *p);
void accounts_changed_map(struct accounts_port *p);
void accounts_changed_one(struct accounts_port *p, struct slice name);

void *accounts_main(void *arg);

#endif
