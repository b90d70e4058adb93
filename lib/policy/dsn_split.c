/*
 * dsn_split.c - where, in a text, what is said ends and the copy of what was sent begins.
 */
#include "policy/dsn_parts.h"

/* A line that announces a copy is not longer. */
#define LINE_MAX_BYTES 120

/* Fields of a header that stand in the first lines of a copy, at the beginning of a line. */
static bool
is_trace(struct slice line)
{
	static const char *const names[] = {"Received:", "Return-Path:", "Message-ID:",
	    "DKIM-Signature:", "MIME-Version:", "X-Originating-IP:", "Delivered-To:",
	    "Authentication-Results:", "X-Received:", "DomainKey-Signature:"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_starts_nocase(line, slice_of(names[i])))
			return true;
	return false;
}

/* "--- Below this line is a copy of the message.": says so, and is decorated, ends so, or stands
 * alone with few words. What follows "a transcript of the attempts to send the message" is none. */
static bool
is_copy_line(struct slice line)
{
	char storage[LINE_MAX_BYTES];
	struct slice text = slice_trim(line);
	struct buf words = BUF_OVER(storage);
	bool marked;

	if (text.n < 8 || text.n > LINE_MAX_BYTES)
		return false;
	bounce_words(&words, text);
	marked = memchr("-=*|_#>", text.p[0], 7) != NULL || text.p[text.n - 1] == ':' ||
		 bounce_phrase_in(buf_slice(&words), slice_of("follow~"));
	return marked && dsn_form_in(DSN_FORM_COPY, buf_slice(&words)) &&
	       !bounce_phrase_in(buf_slice(&words), slice_of("transcript"));
}

void
dsn_copy_split(struct dsn_scan *s)
{
	struct slice rest = s->report;

	while (rest.n > 0) {
		struct slice at = rest, line = dsn_line_next(&rest);
		bool trace = is_trace(line);

		if (!trace && !is_copy_line(line))
			continue;
		s->report = slice_head(s->report, s->report.n - at.n);
		s->copy.found = true;
		if (s->copy.text.n == 0)
			s->copy.text = slice_head(trace ? at : rest, DSN_COPY_MAX_BYTES);
		return;
	}
}
