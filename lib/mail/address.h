/*
 * address.h - envelope addresses: the reverse-path and forward-path of RFC 5321 section 4.1.2.
 *
 * What a client may put there is hostile: any byte, any length. address_parse() never fails for
 * that; it says `malformed` and keeps what there is, because refusing odd syntax is the MTA's
 * business, and a filter must be able to name in its log what it saw.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "base/buf.h"
#include "base/slice.h"

/* RFC 5321 section 4.5.3.1: local part 64, domain 255, path 256 octets. Longer ones do arrive;
 * beyond this many bytes the rest is cut off, and the address counts as malformed. */
#define ADDRESS_MAX_BYTES 512

struct address {
	struct slice text;   /* without the brackets and the source route */
	struct slice local;  /* before the last '@'; quotes are kept */
	struct slice domain; /* after it; empty when there is none ("<postmaster>") */
	bool null;           /* "<>", or the empty string that Postfix's own bounces carry */
	bool malformed; /* cut, control characters, bad UTF-8, no local part, odd brackets … */
};

/* Reads what the milter protocol hands over: "<user@example.com>" (Postfix, Sendmail), the same
 * without brackets (sendmail(1) by way of Postfix's non_smtpd_milters), with a source route
 * ("<@a,@b:user@example.com>", RFC 5321 appendix F.2), or "". The slices point into raw. */
struct address address_parse(struct slice raw);

/* Takes the next address off "a@x, b@y", without blanks around it; one may be empty. A comma within a
 * quoted local part does not divide. False: there is none. */
bool address_list_next(struct slice *list, struct slice *address_r);

/* True for the local parts that RFC 5321 section 4.5.1 and RFC 2142 want reachable:
 * postmaster (with or without a domain) and abuse. */
bool address_is_role(const struct address *a);

/* True for a local part that needs no quotes: not empty, no blanks, no control characters, none of
 * ()<>[]:;@\," in it. Dots may stand anywhere, and bytes from 0x80 on are letters. */
bool address_local_is_plain(struct slice local);

/* True for the form of an address literal, "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321 section
 * 4.1.3); whether it is an address is for those who ask for one. */
bool address_domain_is_literal(struct slice domain);

/* Appends the address as the greylist compares it, at most ADDRESS_MAX_BYTES: lower case (ASCII),
 * and without what changes from message to message in a local part without quotes:
 * - BATV's tag, "prvs=TAG=user" or "prvs=user=TAG", and Barracuda's and SparkPost's: "user";
 * - SRS keeps the forwarder, and the domain and user it forwards for: "srs0=domain=user",
 *   "srs1=first-forwarder==domain=user", "mailbox+srs=domain=user";
 * - "user+extension": "user" ("+15551234567" stays);
 * - VERP, which is "bounce-", "bounces-" or "return-" with something behind it, or "user=domain":
 *   there, two decimal digits or more in a row, or a word of eight hexadecimal digits or more,
 *   become '#'; the "user=domain" stays as it is, and so does what comes before the word;
 * - more than 36 bytes of nothing but hexadecimal digits, '-', '.' and '_' become '#'.
 * The null address is "<>". What was appended, parsed and normalised, gives itself. */
void address_normalise(struct buf *out, const struct address *a);

#endif
