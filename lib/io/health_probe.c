/*
 * health_probe.c - see health_probe.h.
 */
#include "io/health_probe.h"

#include "base/buf.h"
#include "io/http_socket.h"
#include "io/probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SPEC_BYTES 200

/* "HTTP/1.1 200" */
#define STATUS_AT    9
#define ANSWER_BYTES 12

static const char question[] = "GET /health HTTP/1.0\r\n\r\n";

/* "[::1]:8081" as "inet6:8081@::1". */
static void
spec_format(struct slice spec, struct buf *out)
{
	size_t colon = slice_find_last(spec, ':');
	struct slice host = slice_head(spec, colon);
	struct slice port = slice_from(spec, colon + 1);
	bool is_ipv6 = slice_starts(host, slice_of("["));

	if (slice_starts(spec, slice_of("unix:"))) {
		buf_add(out, spec);
		return;
	}
	if (is_ipv6)
		host = slice_make(host.p + 1, host.n - 2);
	if (slice_eq(host, slice_of("*")))
		host = slice_of("127.0.0.1");
	buf_add_text(out, is_ipv6 ? "inet6:" : "inet:");
	buf_add(out, port);
	buf_add_char(out, '@');
	buf_add(out, host);
}

static int
ask(int fd, struct deadline until, struct err *err)
{
	char answer[ANSWER_BYTES];

	if (probe_send(fd, question, sizeof(question) - 1, err) != 0 ||
	    probe_read(fd, answer, sizeof(answer), until, err) != 0)
		return -1;
	if (memcmp(answer, "HTTP/1.", 7) != 0)
		return err_set(err, ERR_INVALID, "what answers there is no gatepost-web");
	if (memcmp(answer + STATUS_AT, "200", 3) != 0)
		return err_set(err, ERR_INVALID, "it answers %.3s", answer + STATUS_AT);
	return 0;
}

int
health_probe(const char *spec, int64_t timeout_ms, struct err *err)
{
	struct deadline until = deadline_in_ms(timeout_ms);
	char storage[SPEC_BYTES];
	struct buf place = BUF_OVER(storage);
	int status;
	int fd;

	if (http_socket_check(slice_of(spec), err) != 0)
		return -1;
	spec_format(slice_of(spec), &place);
	fd = probe_open(buf_text(&place), until, err);
	if (fd < 0)
		return -1;
	status = ask(fd, until, err);
	(void)close(fd);
	return status;
}
