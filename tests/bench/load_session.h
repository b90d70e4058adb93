/*
 * load_session.h - one connection to the filter, as a state machine over the steps of SMTP.
 *
 * A session never waits itself: it says what it waits for, and its owner calls again. Each
 * transaction costs one of run->left, whether or not it comes to its end; so every run ends.
 */
#ifndef BENCH_LOAD_SESSION_H
#define BENCH_LOAD_SESSION_H

#include "load_message.h"
#include "load_stats.h"
#include "load_tuple.h"
#include "milter_wire.h"

enum load_stage {
	LOAD_NEGOTIATE,
	LOAD_CONNECT,
	LOAD_HELO,
	LOAD_MAIL,
	LOAD_RCPT,
	LOAD_DATA,
	LOAD_HEADER,
	LOAD_EOH,
	LOAD_BODY,
	LOAD_EOM,
	LOAD_ABORT,
	LOAD_STAGES,
};

struct load_options {
	const char *where;    /* as for wire_open() */
	uint64_t decisions;   /* recipients to ask for */
	uint64_t seed;        /* of the addresses */
	uint64_t set;         /* known: how many tuples there are */
	unsigned sessions;    /* held open at once */
	unsigned threads;     /* that share them */
	unsigned rcpts;       /* per transaction */
	unsigned slow_ms;     /* pause of a session before each transaction */
	unsigned timeout_s;   /* nothing at all came for so long: give up */
	const char *login;    /* the client's, or NULL */
	struct load_lines to; /* recipients, in turn; none: they are made */
	struct load_message message;
	enum load_stage vanish; /* close the socket after this step; LOAD_STAGES: never */
	bool known;             /* tuples of the set, else each is new */
	bool warm;              /* known: each tuple of the set once, and stop */
	bool full;              /* messages to their end, else ABORT after the recipients */
	bool xverp;             /* MAIL FROM asks for it */
	bool null;              /* … is the null sender */
	bool one_shot;          /* a connection for each transaction */
	bool no_macros;
};

/* What the sessions of one thread share. */
struct load_run {
	const struct load_options *options;
	struct load_stats stats;
	uint64_t left;         /* transactions that may still begin */
	uint64_t tuple_next;   /* new: the number of the next */
	uint64_t clients_next; /* the number of the next connection's client */
};

struct load_session {
	struct load_run *run;
	unsigned id; /* over all threads */
	struct wire wire;
	enum load_stage stage;
	bool open;
	bool paid;           /* the transaction has been taken off run->left */
	bool full_socket;    /* tell me when the socket is writable */
	bool watches_socket; /* the worker does */
	uint64_t turn;       /* transactions begun */
	uint64_t tuple;      /* number of this transaction's */
	unsigned rcpt, rcpt_good, header;
	size_t body;       /* bytes of it that were sent */
	uint64_t began_ns; /* the transaction */
	uint64_t asked_ns; /* about the recipient */
	struct load_client client;
	struct load_address sender;
	char queue_id[32];
	struct wire_macro queued; /* says so */
};

enum load_state {
	LOAD_WAITS,  /* for the filter */
	LOAD_READY,  /* to begin a transaction */
	LOAD_CLOSED, /* the connection is gone: open another, or be done */
};

/* "negotiate", "connect" … ; the stage of that name, or LOAD_STAGES. */
enum load_stage load_stage_find(const char *name);

/* Monotonic. */
uint64_t load_now_ns(void);

/* Connects and negotiates. Waits only for the filter's listen queue. */
enum load_state load_session_open(struct load_session *s);

/* The socket is readable (or writable). */
enum load_state load_session_input(struct load_session *s);

/* Begins a transaction; when none is left, says QUIT and closes. */
enum load_state load_session_begin(struct load_session *s);

void load_session_close(struct load_session *s);

#endif
