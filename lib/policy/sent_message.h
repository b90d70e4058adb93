/*
 * sent_message.h - what is asked of the store about a message that left: was it sent to these?
 */
#ifndef POLICY_SENT_MESSAGE_H
#define POLICY_SENT_MESSAGE_H

#include "mail/address.h"

#include <stdint.h>

/* Addresses that one question may name. */
#define SENT_RCPTS_MAX 500

struct sent_question {
	const char *account;
	struct slice id;             /* 13 characters of base32: token_message_format() */
	const struct address *rcpts; /* none of them "<>" */
	size_t nrcpts;
	bool fresh;  /* it left lately: what is to be kept of it may be on its way still */
	bool *had_r; /* for each: it was sent to him */
};

struct sent_message {
	bool known;     /* it is kept; else all is empty, and nothing may be concluded */
	int64_t nrcpts; /* to so many it was sent */
	size_t only_n;  /* if to one: who he is */
	char only[ADDRESS_MAX_BYTES];
};

#endif
