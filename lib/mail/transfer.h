/*
 * transfer.h - content transfer encodings (RFC 2045 section 6): quoted-printable and base64, read
 * as mail programs read them, and written as the RFC wants it.
 *
 * Coders are fed in pieces of any size and keep a fixed amount of state. A decoder reads whatever
 * comes, and notes in `defects` what no encoder should have made: two programs may read such text
 * in two ways. What an encoder writes is ASCII in lines of at most 76 characters, ended by CRLF; no
 * line begins with "--", "." or "From ", so that none can be taken for a delimiter, for the end of
 * the mail, or for the beginning of another.
 *
 * Functions return 0, or -1 when the sink wanted no more.
 */
#ifndef MAIL_TRANSFER_H
#define MAIL_TRANSFER_H

#include "base/sink.h"

#include <stdint.h>

/* RFC 2045 sections 6.7 (5) and 6.8. */
#define TRANSFER_LINE_MAX 76

/* What a coder may hold back until it has seen what follows: more than the blanks at the end of a
 * line of legal length. */
#define TRANSFER_HELD_BYTES 256

enum transfer_encoding {
	TRANSFER_7BIT, /* also when there is no field */
	TRANSFER_8BIT,
	TRANSFER_BINARY,
	TRANSFER_QP,
	TRANSFER_BASE64,
	TRANSFER_OTHER, /* uuencode, a misspelling: nobody knows */
};

enum transfer_defect {
	TRANSFER_RAW_8BIT = 1,   /* quoted-printable: bytes beyond ASCII as they are */
	TRANSFER_BAD_ESCAPE = 2, /* quoted-printable: "=" and no hex digits: taken as it is */
	TRANSFER_TRAILING_BLANKS =
	    4,                   /* quoted-printable: dropped at the end of a line, as they must */
	TRANSFER_JUNK = 8,       /* base64: bytes that it has not; skipped */
	TRANSFER_AFTER_END = 16, /* base64: more behind the padding; read on */
	TRANSFER_CUT = 32,       /* base64: ends within a group */
};

struct transfer_decoder {
	enum transfer_encoding from;
	struct sink out;
	unsigned defects;
	uint32_t bits; /* base64: of the group so far */
	unsigned digits;
	bool padded;
	size_t n;
	size_t nheld;
	char bytes[1024]; /* decoded, and not yet put */
	char held[TRANSFER_HELD_BYTES];
};

struct transfer_encoder {
	enum transfer_encoding to;
	struct sink out;
	size_t column;
	size_t n;
	size_t nheld;
	char bytes[1024];
	char held[TRANSFER_HELD_BYTES];
};

/* From the value of a Content-Transfer-Encoding field, comments aside. */
enum transfer_encoding transfer_parse(struct slice value);

/* As it is written in the field; NULL for TRANSFER_OTHER. */
const char *transfer_name(enum transfer_encoding encoding);

/* Decoding what is not encoded gives it as it is. */
void transfer_decoder_init(
    struct transfer_decoder *d, enum transfer_encoding from, struct sink out);
int transfer_decode(struct transfer_decoder *d, struct slice in);
int transfer_decode_end(struct transfer_decoder *d);

/* Line ends are CRLF; a CR or LF alone is a byte like others. `to` is QP or BASE64, others write
 * what they are fed. */
void transfer_encoder_init(struct transfer_encoder *e, enum transfer_encoding to, struct sink out);
int transfer_encode(struct transfer_encoder *e, struct slice in);
int transfer_encode_end(struct transfer_encoder *e);

/* What `in` says, in another encoding. */
int transfer_recode(
    enum transfer_encoding from, enum transfer_encoding to, struct slice in, struct sink out);

/* Would transfer_recode() do no harm? True when the result says the same as `in`, byte for byte, all
 * programs read `in` alike, and the result is what the top of this file promises. */
bool transfer_recode_is_safe(
    enum transfer_encoding from, enum transfer_encoding to, struct slice in);

#endif
