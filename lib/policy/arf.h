/*
 * arf.h - complaints: feedback reports as RFC 5965 has them, with the fields of RFC 6591
 * (authentication failures) and RFC 6692, in whatever container; also those of which the provider
 * removed everything that names somebody.
 *
 * Whose complaint it is: by `id_header`, `original_mail_from` (our return path), `envid`, as far as
 * they are there; addresses in it may be hidden or hashed. Whether to believe a report is the
 * caller's affair.
 */
#ifndef POLICY_ARF_H
#define POLICY_ARF_H

#include "base/net.h"
#include "mail/message.h"

/* Original-Rcpt-To may be there several times: one for each recipient. */
#define ARF_RCPTS_MAX 1000

/* What is read of the report itself. */
#define ARF_REPORT_MAX_BYTES ((size_t)1024 * 1024)

struct arf {
	bool found;                 /* it is a feedback report */
	struct slice feedback_type; /* "abuse", "fraud", "opt-out", "auth-failure", "not-spam" … */
	struct slice user_agent, version;
	struct net_addr source; /* NET_NONE: not there, or no address */
	struct slice source_ip; /* as it stands there, without comments */
	struct slice original_mail_from;
	struct slice *rcpt; /* Original-Rcpt-To, or else Removal-Recipient */
	size_t nrcpt;
	struct slice envid, arrival_date, reported_domain, reporting_mta, auth_failure;
	unsigned incidents; /* 1, unless it says more */
	/* of the header that came with it, if any */
	struct slice message_id; /* without brackets */
	struct slice id_header;  /* our identifier, or what looks like it */
	struct slice returned_from, returned_to, returned_path;
};

/* Reads the message. 0, or -1 when the arena is full; what is no report leaves `found` unset. The
 * slices point into the message or the arena. */
int arf_read(struct arena *a, const struct message *message, struct arf *arf_r);

/* Somebody said of our mail that he does not want it: "abuse", and what means the same or worse;
 * not "not-spam", nor reports about authentication, which are about no recipient's wish. */
bool arf_is_complaint(const struct arf *arf);

#endif
