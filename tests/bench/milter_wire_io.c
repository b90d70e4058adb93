/*
 * milter_wire_io.c - see milter_wire.h: the socket, and what the filter answers.
 */
#include "milter_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Asked of the socket at a time: most answers are five bytes. */
#define READ_BYTES 4096

static int
open_unix(const char *path, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	int fd;

	if (n >= sizeof(sun.sun_path))
		return err_set(err, ERR_INVALID, "%s: too long for a socket", path);
	memcpy(sun.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return err_set(err, ERR_IO, "socket: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	(void)err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	(void)close(fd);
	return -1;
}

static int
open_tcp(const char *host, const char *port, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL, *ai;
	int rc = getaddrinfo(host, port, &hints, &list);
	int fd = -1, on = 1, saved = 0;

	if (rc != 0)
		return err_set(err, ERR_IO, "%s port %s: %s", host, port, gai_strerror(rc));
	for (ai = list; ai != NULL && fd < 0; ai = ai->ai_next) {
		fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
		if (fd < 0 || connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
			continue;
		saved = errno;
		(void)close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		return err_set(err, ERR_IO, "%s port %s: %s", host, port, strerror(saved));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* "PORT@HOST" as libmilter writes it, or "HOST:PORT" as Postfix does. */
static int
open_inet(const char *where, struct err *err)
{
	char text[256];
	char *at, *colon;

	if (strlen(where) >= sizeof(text))
		return err_set(err, ERR_INVALID, "inet:%s: too long", where);
	memcpy(text, where, strlen(where) + 1);
	at = strchr(text, '@');
	if (at != NULL) {
		*at = '\0';
		return open_tcp(at + 1, text, err);
	}
	colon = strrchr(text, ':');
	if (colon == NULL)
		return err_set(err, ERR_INVALID, "inet:%s: neither PORT@HOST nor HOST:PORT", where);
	*colon = '\0';
	return open_tcp(text, colon + 1, err);
}

int
wire_open(struct wire *w, const char *where, struct err *err)
{
	int fd;

	*w = (struct wire){.fd = -1};
	if (strncmp(where, "unix:", 5) == 0)
		fd = open_unix(where + 5, err);
	else if (strncmp(where, "local:", 6) == 0)
		fd = open_unix(where + 6, err);
	else if (strncmp(where, "inet:", 5) == 0)
		fd = open_inet(where + 5, err);
	else
		return err_set(err, ERR_INVALID, "%s: begins with neither unix: nor inet:", where);
	if (fd < 0)
		return -1;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		(void)err_set(err, ERR_IO, "%s: %s", where, strerror(errno));
		(void)close(fd);
		return -1;
	}
	w->fd = fd;
	return 0;
}

void
wire_close(struct wire *w)
{
	size_t i;

	if (w->fd >= 0)
		(void)close(w->fd);
	for (i = 0; i < WIRE_SYMBOL_LISTS; i++)
		free(w->symbols[i]);
	free(w->out.p);
	free(w->in.p);
	*w = (struct wire){.fd = -1};
}

int
wire_flush(struct wire *w, struct err *err)
{
	struct wire_bytes *b = &w->out;
	ssize_t n;

	if (w->failed)
		return err_set(err, ERR_NOMEM, "no memory for what is to be sent");
	while (b->done < b->n) {
		n = send(w->fd, b->p + b->done, b->n - b->done, MSG_NOSIGNAL);
		if (n >= 0)
			b->done += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 1;
		else if (errno != EINTR)
			return err_set(err, ERR_IO, "writing: %s", strerror(errno));
	}
	b->n = b->done = 0;
	return 0;
}

static uint32_t
get_u32(const char *p)
{
	uint32_t net;

	memcpy(&net, p, sizeof(net));
	return ntohl(net);
}

/* The text up to the NUL, which is taken too; -1 when there is none. */
static int
take_text(struct slice *data, struct slice *text_r)
{
	size_t n = slice_find(*data, '\0');

	if (n == data->n)
		return -1;
	*text_r = slice_head(*data, n);
	*data = slice_from(*data, n + 1);
	return 0;
}

/* The macro lists behind the options: number, names, NUL, and again. */
static int
read_symbols(struct wire *w, struct slice data, struct err *err)
{
	struct slice names;
	uint32_t list;

	while (data.n > 0) {
		if (data.n < 4)
			return err_set(err, ERR_INVALID, "options: a macro list is cut short");
		list = get_u32(data.p);
		data = slice_from(data, 4);
		if (take_text(&data, &names) != 0)
			return err_set(err, ERR_INVALID, "options: a macro list without end");
		/* An empty list asks for what the MTA sends anyway. */
		if (list >= WIRE_SYMBOL_LISTS || names.n == 0 || w->symbols[list] != NULL)
			continue;
		w->symbols[list] = calloc(1, names.n + 1);
		if (w->symbols[list] == NULL)
			return err_set(err, ERR_NOMEM, "no memory for a macro list");
		memcpy(w->symbols[list], names.p, names.n);
	}
	return 0;
}

static int
read_options(struct wire *w, struct slice data, struct err *err)
{
	if (data.n < MILTER_OPTLEN)
		return err_set(err, ERR_INVALID, "options of %zu bytes", data.n);
	w->version = get_u32(data.p);
	w->actions = get_u32(data.p + 4);
	w->protocol = get_u32(data.p + 8);
	if (w->version < 2 || w->version > SMFI_PROT_VERSION)
		return err_set(err, ERR_INVALID, "protocol version %u", (unsigned)w->version);
	if ((w->actions & ~(uint32_t)SMFI_CURR_ACTS) != 0)
		return err_set(err, ERR_INVALID, "actions 0x%x: not offered", (unsigned)w->actions);
	if ((w->protocol & ~(uint32_t)SMFI_CURR_PROT) != 0)
		return err_set(err, ERR_INVALID, "steps 0x%x: not offered", (unsigned)w->protocol);
	return read_symbols(w, slice_from(data, MILTER_OPTLEN), err);
}

/* A whole packet from the buffer. 1: taken; 0: not all there yet. */
static int
take_packet(struct wire *w, struct wire_reply *reply_r, struct err *err)
{
	struct wire_bytes *b = &w->in;
	size_t have = b->n - b->done;
	uint32_t n;

	if (have < 4)
		return 0;
	n = get_u32(b->p + b->done);
	if (n < 1 || n > WIRE_PACKET_MAX_BYTES)
		return err_set(err, ERR_INVALID, "an answer of %u bytes", (unsigned)n);
	if (have - 4 < n)
		return 0;
	reply_r->kind = b->p[b->done + 4];
	reply_r->data = slice_make(b->p + b->done + 5, n - 1);
	b->done += 4 + (size_t)n;
	return 1;
}

/* 1: some bytes came; 0: none yet. What was handed out before is gone. */
static int
fill(struct wire *w, struct err *err)
{
	struct wire_bytes *b = &w->in;
	ssize_t n;

	if (b->done > 0) {
		memmove(b->p, b->p + b->done, b->n - b->done);
		b->n -= b->done;
		b->done = 0;
	}
	if (!wire_reserve(w, b, READ_BYTES))
		return err_set(err, ERR_NOMEM, "no memory for an answer");
	do
		n = recv(w->fd, b->p + b->n, b->cap - b->n, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n < 0)
		return err_set(err, ERR_IO, "reading: %s", strerror(errno));
	if (n == 0)
		return err_set(err, ERR_IO, "the filter closed the connection");
	b->n += (size_t)n;
	return 1;
}

static int
reply_check(struct wire *w, const struct wire_reply *reply, struct err *err)
{
	if ((reply->kind == SMFIC_OPTNEG) != (w->step == SMFIC_OPTNEG))
		return err_set(err, ERR_INVALID, "answer '%c' to step '%c'", reply->kind, w->step);
	if (wire_reply_is_edit(reply) && w->step != SMFIC_BODYEOB)
		return err_set(err, ERR_INVALID, "edit '%c' before end of message", reply->kind);
	if (reply->kind == SMFIC_OPTNEG)
		return read_options(w, reply->data, err);
	if (reply->kind == SMFIR_SKIP)
		w->skipped = w->step;
	return 0;
}

int
wire_read(struct wire *w, struct wire_reply *reply_r, struct err *err)
{
	int rc;

	for (;;) {
		rc = take_packet(w, reply_r, err);
		if (rc == 1 && reply_r->kind == SMFIR_PROGRESS)
			continue;
		if (rc == 1 && reply_check(w, reply_r, err) != 0)
			return -1;
		if (rc != 0)
			return rc;
		rc = fill(w, err);
		if (rc <= 0)
			return rc;
	}
}

int
wire_await(struct wire *w, int timeout_ms, struct wire_reply *reply_r, struct err *err)
{
	struct pollfd pfd = {.fd = w->fd};
	int full, rc;

	for (;;) {
		full = wire_flush(w, err);
		if (full < 0)
			return -1;
		rc = wire_read(w, reply_r, err);
		if (rc != 0)
			return rc == 1 ? 0 : -1;
		pfd.events = (short)(full == 1 ? POLLIN | POLLOUT : POLLIN);
		rc = poll(&pfd, 1, timeout_ms);
		if (rc == 0)
			return err_set(err, ERR_TIMEOUT, "no answer in %d ms", timeout_ms);
		if (rc < 0 && errno != EINTR)
			return err_set(err, ERR_IO, "poll: %s", strerror(errno));
	}
}

bool
wire_reply_is_edit(const struct wire_reply *reply)
{
	/* The NUL must not be found. */
	return reply->kind != '\0' && strchr("hime+2-bq", reply->kind) != NULL;
}

int
wire_edit_parse(const struct wire_reply *reply, struct wire_edit *edit_r)
{
	struct slice data = reply->data;

	*edit_r = (struct wire_edit){.kind = reply->kind};
	if (!wire_reply_is_edit(reply))
		return -1;
	if (reply->kind == SMFIR_REPLBODY) {
		edit_r->value = data;
		return 0;
	}
	if (reply->kind == SMFIR_INSHEADER || reply->kind == SMFIR_CHGHEADER) {
		if (data.n < 4)
			return -1;
		edit_r->index = get_u32(data.p);
		data = slice_from(data, 4);
	}
	if (take_text(&data, &edit_r->name) != 0)
		return -1;
	/* Only headers must have a value; ESMTP arguments may be missing. */
	if (data.n == 0)
		return strchr("him", reply->kind) == NULL ? 0 : -1;
	return take_text(&data, &edit_r->value) == 0 && data.n == 0 ? 0 : -1;
}
