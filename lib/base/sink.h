/*
 * sink.h - where a producer of bytes puts them, piece by piece, so that nobody holds the whole.
 */
#ifndef BASE_SINK_H
#define BASE_SINK_H

#include "base/slice.h"

struct sink {
	/* Takes the bytes, which are valid during the call only. 0, or -1: no more is wanted. */
	int (*put)(void *to, struct slice bytes);
	void *to;
};

/* Nothing is put when there is nothing. */
static inline int
sink_put(const struct sink *sink, struct slice bytes)
{
	return bytes.n == 0 ? 0 : sink->put(sink->to, bytes);
}

#endif
