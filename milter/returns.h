/*
 * returns.h - what the files of mod_returns share: a message that may be one that comes back.
 */
#ifndef MILTER_RETURNS_H
#define MILTER_RETURNS_H

#include "io/body_spool.h"
#include "mail/message.h"
#include "outbound_conf.h"
#include "policy/returns.h"
#include "returns_conf.h"

/* Why no check judges such a recipient: for the log. */
extern const char returns_claim[];

/* The header that is read; what is longer is not. */
#define RETURNS_HEADER_BYTES ((size_t)512 * 1024)

/* The active() of these modules. */
bool returns_active(const void *conf);

/* A message that is kept until its end. */
struct returns {
	struct arena arena; /* the header */
	struct message message;
	struct body_spool spool;
};

/* Who reads the address of a recipient, or an identifier, as of that moment. */
struct returns_reader {
	const struct env *env;
	const struct account_book *book;
	const char *delimiters;
	unsigned today;
};

void returns_reader_begin(struct returns_reader *reader, const struct env *env);
void returns_reader_end(struct returns_reader *reader);

/* Reads an address ("b-TOKEN@DOMAIN"), or with an empty domain an identifier ("i-TOKEN"). */
enum token_result returns_open(const struct returns_reader *reader, struct slice local,
    struct slice domain, struct envelope_id *id_r);

/* Does this recipient get complaints: about mail of all accounts, or of one? */
bool returns_is_feedback(const struct returns_reader *reader, const struct address *rcpt);

/* Whose it is; NULL: nobody's any more. */
const struct account *returns_account(const struct returns_reader *reader, uint64_t id);

/* 550 5.1.1 with these words; reason: static, for the log. */
void returns_refuse(struct findings *findings, const char *reason, const char *words);

#endif
