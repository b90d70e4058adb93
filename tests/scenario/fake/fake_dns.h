/*
 * fake_dns.h - a DNS that answers from a table.
 *
 * One line a record, names without a dot at their end:
 *
 *	A NAME ADDRESS               also AAAA; several lines make several records
 *	MX NAME PREFERENCE HOST
 *	NS NAME HOST
 *	PTR NAME HOST                NAME may be an address: PTR 192.0.2.1 mail.example
 *	TXT NAME "…" ["…" …]         the strings of one record; no escapes
 *	NODATA NAME                  the name exists, and has nothing
 *	NXDOMAIN NAME                forgets what was said of the name
 *	TEMPERROR NAME TYPE          cannot be found out
 *	UNASKED NAME TYPE            the same, since nobody could be asked
 *	NEVER NAME TYPE              never answers: wait() moves the clock to the deadline
 *
 * A name that no line speaks of, and that no such name lies below, does not exist. Answers are good
 * for 300 s, and none is secure. For threads like the real one, but for the clock.
 */
#ifndef FAKE_DNS_H
#define FAKE_DNS_H

#include "fake_clock.h"

struct fake_dns;

/* An empty table; NULL when there is no memory. */
struct fake_dns *fake_dns_new(struct fake_clock *clock);
void fake_dns_free(struct fake_dns *fake);

struct dns *fake_dns_port(struct fake_dns *fake);

/* Takes a line: 0, or -1 with what is wrong with it. Answers given before stay as they are. */
int fake_dns_line(struct fake_dns *fake, struct slice line, struct err *err);

/* Questions asked so far; the same one in one batch counts once. */
unsigned fake_dns_asked(struct fake_dns *fake);

#endif
