/*
 * transfer_parts.h - what the files of transfer share; nobody else includes it.
 */
#ifndef MAIL_TRANSFER_PARTS_H
#define MAIL_TRANSFER_PARTS_H

#include "mail/transfer.h"

/* Decodes (encodes) the beginning of `in`; how much of it, in *used_r: what is left depends on what
 * follows, and is less than TRANSFER_HELD_BYTES. `last`: nothing follows, and nothing is left. */
int transfer_qp_decode(struct transfer_decoder *d, struct slice in, bool last, size_t *used_r);
int transfer_qp_encode(struct transfer_encoder *e, struct slice in, bool last, size_t *used_r);
int transfer_base64_decode(struct transfer_decoder *d, struct slice in, bool last, size_t *used_r);
int transfer_base64_encode(struct transfer_encoder *e, struct slice in, bool last, size_t *used_r);

/* How many bytes it is at most in quoted-printable. */
size_t transfer_qp_bytes(struct slice text);

/* Decodes groups of four digits, so many at most, as long as there is nothing else: how many it were. */
size_t transfer_base64_groups(char *to, struct slice in, size_t groups);

/* The digits of the bytes, with padding, and nothing else: ENCODE_BASE64_BYTES of them. */
void transfer_base64_put(char *to, struct slice bytes);

/* To the coder's bytes, which are put when they are full. */
int transfer_decoder_add(struct transfer_decoder *d, struct slice s);
int transfer_encoder_add(struct transfer_encoder *e, struct slice s);

/* Puts what is decoded so far. */
int transfer_decoder_flush(struct transfer_decoder *d);

/* transfer_recode() with the caller's decoder, which then has the defects. */
int transfer_recode_by(struct transfer_decoder *d, enum transfer_encoding from,
    enum transfer_encoding to, struct slice in, struct sink out);

#endif
