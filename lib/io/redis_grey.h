/*
 * redis_grey.h - the greylist step over a connection: grey.lua by its digest.
 */
#ifndef IO_REDIS_GREY_H
#define IO_REDIS_GREY_H

#include "io/redis_conn.h"
#include "policy/grey.h"

/* One step, as the words of the script. */
struct redis_grey {
	struct slice tuple_key;
	struct slice known_key;
	struct slice met_key; /* n = 0: do not ask */
	const struct grey_windows *windows;
};

/* Sends the step, with the question for met_key before it in the same write, and reads the answer.
 * When the server does not know the script (restarted, or SCRIPT FLUSH), sends the whole of it.
 * 0, or -1 as in redis_conn.h. */
int redis_grey_step(struct redis_conn *conn, const struct redis_grey *grey,
    struct grey_step *step_r, struct deadline until, struct err *err);

#endif
