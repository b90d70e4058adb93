/*
 * encode.h - bytes as text: hex, base32, base64 and base64url (RFC 4648).
 *
 * Encoding appends to a buffer; what does not fit sets its `over`. Decoding is strict: it takes what
 * encoding gives and nothing else, so that no two texts mean the same bytes (but for the case of the
 * letters, where it is said). It returns 0, or -1 and the buffer is as before; when the text was good
 * but there was no room, `over` is set.
 */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include "base/buf.h"

/* How much room n bytes need. */
#define ENCODE_HEX_BYTES(n)       ((n)*2)
#define ENCODE_BASE32_BYTES(n)    (((n)*8 + 4) / 5)
#define ENCODE_BASE64_BYTES(n)    (((n) + 2) / 3 * 4)
#define ENCODE_BASE64URL_BYTES(n) (((n)*8 + 5) / 6)

/* Lower case; decoded in either case. */
void encode_hex(struct buf *out, struct slice s);
int decode_hex(struct buf *out, struct slice text);

/* a-z and 2-7, without padding; decoded in either case: it survives whoever folds it, as a local
 * part of an address. */
void encode_base32(struct buf *out, struct slice s);
int decode_base32(struct buf *out, struct slice text);

/* With padding; decoded without white space, and with unused bits 0. */
void encode_base64(struct buf *out, struct slice s);
int decode_base64(struct buf *out, struct slice text);

/* "-" and "_" instead of "+" and "/", without padding. */
void encode_base64url(struct buf *out, struct slice s);
int decode_base64url(struct buf *out, struct slice text);

#endif
