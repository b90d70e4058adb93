/*
 * track_code_parts.h - what track_code.c shares with its check; nobody else includes it.
 */
#ifndef POLICY_TRACK_CODE_PARTS_H
#define POLICY_TRACK_CODE_PARTS_H

#include "policy/track_parts.h"

/* Bytes of raw that go, and those that come instead. */
struct code_edit {
	size_t offset, n;
	struct slice text;
	struct slice says;  /* with by_lines: that part of the patched text */
	size_t from, until; /* … and which of the text before the patches it stands for */
};

struct code {
	struct track_html *html;
	const struct mime_part *part;
	size_t index;
	struct arena *scratch;
	struct slice raw;            /* its content, as it stands */
	struct track_patch *patches; /* of the decoded text, in bytes */
	struct slice patched;        /* the decoded text after them */
	enum transfer_encoding to;
	struct code_edit *edits;
	size_t n;
	bool by_lines; /* each edit begins where a line of raw does, and ends so, or is the last */
};

/* Do the edits of raw say, decoded, what the patched text is, byte for byte, in short lines of ASCII? */
bool track_code_is_right(const struct code *c);

#endif
