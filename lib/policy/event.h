/*
 * event.h - what happened to mail of an account: the stream PREFIXev:{ACCOUNT}, newest last, of one
 * schema, and the hash PREFIXmsg:{ACCOUNT}:ID of each message that left.
 *
 * An event is a record (record.h) of these fields, each at most once; all but type, time and
 * account may be missing:
 *
 *	type      sent, refused, suppressed; what came back (returns.h): deferred, bounced,
 *	          complained, unsubscribed, delivered, relayed, replied, feedback, returned; opened,
 *	          clicked
 *	time      Unix seconds
 *	account
 *	msg       the message's id, 13 characters of base32 (token_message_format())
 *	rcpt      the one recipient that it is about
 *	to        sent: all of them, "a@x, b@y", perhaps cut
 *	nrcpt     how many
 *	id, host  the MTA's queue id and name
 *	from      MAIL FROM, as the client gave it
 *	return    MAIL FROM as it left
 *	subject, tag, msgid
 *	bytes     of the message as it came
 *	client, login
 *	by        how the account was found: "login:ann", "ip:192.0.2.0/24"; what came back by:
 *	          "return", "envid", "id", "feedback"
 *	did       what was applied: "verp=expand dkim=s2026:shop.example domainkeys=s2026:shop.example"
 *	skipped   what was not, and why: "list_unsubscribe=present dkim=ed:shop.example:no-key"
 *	reason    in words, of refused and suppressed; what the other side said
 *	class     bounced, deferred: recipient, mailbox-full, policy … (bounce_class.h)
 *	category  its finer word, "userunknown"; of replied "auto-reply", "challenge", "receipt"; of
 *	          complained and feedback the report's own word, "abuse"
 *	strength  bounced: hard or soft
 *	status    "5.1.1"
 *	mta       who said so
 *
 * Of opened, clicked and unsubscribed (hit.h has what is kept in which mode):
 *
 *	nth       which recipient of the message, from 1; rcpt, where it was looked up
 *	person    in the place of msg and nth: the same for one copy of one message
 *	link      clicked: the how-manieth link of the message; url: where it leads
 *	who       human, proxy, bot, unknown
 *	why       reasons, with blanks between: "soon burst:5", "one-click"
 *	client, agent   who asked: address, User-Agent
 *
 * The hash of a message has the fields of its event `sent`, and for each recipient one by the name
 * "rcpt:ADDRESS" whose value is what became of him: "sent" at first. There and in the hash's `to` addresses
 * are as suppression_key() writes them.
 */
#ifndef POLICY_EVENT_H
#define POLICY_EVENT_H

#include "policy/record.h"

struct event {
	const char *account;
	struct record fields;
};

/* About how long, and how many of one account, are kept; nothing is when either is 0. */
struct event_terms {
	int64_t retention_s;
	int64_t keep;
};

#endif
