/*
 * milter_probe.c - see milter_probe.h.
 */
#include "io/milter_probe.h"

#include "io/listener.h"
#include "io/probe.h"

#include <unistd.h>

/* What an MTA says first: a length, 'O', and that it speaks version 6 and can do everything, so that
 * no milter has a reason to refuse. */
static const unsigned char hello[] = {
    0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 0x01, 0xff, 0, 0x1f, 0xff, 0xff};
static const unsigned char bye[] = {0, 0, 0, 1, 'Q'};

/* The answer begins with a length of 13, or more when it asks for macros, and 'O'. */
#define ANSWER_BYTES 5

static int
negotiate(int fd, struct deadline until, struct err *err)
{
	unsigned char answer[ANSWER_BYTES] = {0};

	if (probe_send(fd, hello, sizeof(hello), err) != 0 ||
	    probe_read(fd, answer, sizeof(answer), until, err) != 0)
		return -1;
	if (answer[0] != 0 || answer[1] != 0 || answer[4] != 'O')
		return err_set(err, ERR_INVALID, "what answers there is no milter");
	(void)probe_send(fd, bye, sizeof(bye), NULL);
	return 0;
}

int
milter_probe(const char *spec, int64_t timeout_ms, struct err *err)
{
	struct deadline until = deadline_in_ms(timeout_ms);
	int status;
	int fd;

	if (listener_spec_check(spec, err) != 0)
		return -1;
	fd = probe_open(spec, until, err);
	if (fd < 0)
		return -1;
	status = negotiate(fd, until, err);
	(void)close(fd);
	return status;
}
