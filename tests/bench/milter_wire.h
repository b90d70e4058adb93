/*
 * milter_wire.h - the MTA's side of the milter protocol, version 6, as Postfix speaks it.
 *
 * A client is a few calls in the order of an SMTP session:
 *
 *	wire_open(&w, "unix:/run/gatepost.sock", &err);
 *	wire_negotiate(&w);
 *	wire_await(&w, 5000, &reply, &err);            (the filter's options, kind SMFIC_OPTNEG)
 *	if (wire_connect(&w, &client))
 *		wire_await(&w, 5000, &reply, &err);
 *	...
 *
 * A step only adds to what is to be written, and says whether the filter will answer it: false
 * when the filter negotiated not to get it, not to answer it, or asked to skip the rest of its
 * kind. So, as with Postfix, steps without an answer travel together with the next one that has
 * one. One answer is awaited at a time; at end of message any number of edits come before it.
 *
 * Functions return 0, or -1 with the reason in err, unless they say otherwise. Memory: the wire
 * owns its buffers; slices in replies are valid until the next wire_read() or wire_await().
 * When memory runs out, the next wire_flush() fails.
 */
#ifndef BENCH_MILTER_WIRE_H
#define BENCH_MILTER_WIRE_H

#include "base/err.h"
#include "base/slice.h"

#include <libmilter/mfdef.h>
#include <stdint.h>

/* No honest packet is longer: libmilter cuts bodies into 64 KB. */
#define WIRE_PACKET_MAX_BYTES (1024u * 1024)

/* Stages that have a macro list, by the protocol's numbers: C H M R T E N. */
#define WIRE_SYMBOL_LISTS 7

struct wire_macro {
	const char *name; /* as the MTA writes it: "i", "{rcpt_addr}" */
	const char *value;
};

struct wire_client {
	const char *name; /* of the host, or its address in brackets */
	char family;      /* SMFIA_INET, _INET6, _UNIX, _UNKNOWN */
	uint16_t port;
	const char *addr;
};

struct wire_bytes {
	char *p;
	size_t n, cap;
	size_t done; /* of n: already written, or already taken */
};

struct wire {
	int fd;
	bool failed;      /* out of memory; sticky until wire_close() */
	uint32_t version; /* the following three: what the filter answered */
	uint32_t actions;
	uint32_t protocol;
	char *symbols[WIRE_SYMBOL_LISTS]; /* macros that the filter asked for, or NULL */
	const struct wire_macro *macros;  /* of the next step; the caller's */
	size_t macros_n;
	char step;    /* the last command whose answer is awaited */
	char skipped; /* the command of which the filter wants no more, or 0 */
	struct wire_bytes out, in;
};

struct wire_reply {
	char kind; /* SMFIR_*, or SMFIC_OPTNEG */
	struct slice data;
};

/* An edit at end of message, taken apart; what a kind does not have is empty or 0. */
struct wire_edit {
	char kind; /* SMFIR_ADDHEADER, _INSHEADER, _CHGHEADER, _CHGFROM, _ADDRCPT, … */
	uint32_t index;
	struct slice name;  /* of a header; the address; the reason of a quarantine */
	struct slice value; /* of a header; ESMTP arguments; a chunk of body */
};

/* Connects to "unix:PATH" ("local:PATH"), "inet:PORT@HOST" or "inet:HOST:PORT" and leaves the
 * socket non-blocking. After -1 nothing needs closing. */
int wire_open(struct wire *w, const char *where, struct err *err);

/* Closes without a word, as a client that vanishes, and gives memory back. */
void wire_close(struct wire *w);

/* The macros n at v (the caller's, valid until the step) go with the next step: those of them
 * that the filter asked for at that stage, or all when it asked for none. */
void wire_macros(struct wire *w, const struct wire_macro *v, size_t n);

/* The steps; true: await an answer. Arguments of MAIL and RCPT: the address with <>, then ESMTP
 * parameters, n in all. value: as in the message, with the space that follows the colon. */
bool wire_negotiate(struct wire *w);
bool wire_connect(struct wire *w, const struct wire_client *client);
bool wire_helo(struct wire *w, const char *name);
bool wire_mail(struct wire *w, const char *const *argv, size_t n);
bool wire_rcpt(struct wire *w, const char *const *argv, size_t n);
bool wire_data(struct wire *w);
bool wire_header(struct wire *w, const char *name, const char *value);
bool wire_eoh(struct wire *w);
bool wire_body(struct wire *w, struct slice chunk); /* at most MILTER_CHUNK_SIZE bytes */
bool wire_eom(struct wire *w);
bool wire_unknown(struct wire *w, const char *command);
bool wire_abort(struct wire *w);
bool wire_quit_nc(struct wire *w); /* wire_connect() of the next client follows */
bool wire_quit(struct wire *w);

/* A packet of any command and content, for tests of what the protocol does not allow. */
void wire_raw(struct wire *w, char command, struct slice data);

/* Writes what steps have added. 0: all of it; 1: the socket is full, again when writable. */
int wire_flush(struct wire *w, struct err *err);

/* Takes one answer. 1: there is one; 0: nothing yet, again when readable. "Still at work"
 * (SMFIR_PROGRESS) is swallowed; the options are kept in w before they are handed out. */
int wire_read(struct wire *w, struct wire_reply *reply_r, struct err *err);

/* Room for n more bytes in one of w's buffers; false when there is no memory. For the files of
 * this module. */
bool wire_reserve(struct wire *w, struct wire_bytes *b, size_t n);

/* Flushes and waits for one answer, timeout_ms at most for each piece of it. */
int wire_await(struct wire *w, int timeout_ms, struct wire_reply *reply_r, struct err *err);

/* True when more answers follow this one: an edit at end of message. */
bool wire_reply_is_edit(const struct wire_reply *reply);

/* -1 (and no reason): the data is not that of an edit of its kind. */
int wire_edit_parse(const struct wire_reply *reply, struct wire_edit *edit_r);

#endif
