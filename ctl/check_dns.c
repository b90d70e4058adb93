/*
 * check_dns.c - does the resolver answer?
 */
#include "check.h"

#include "io/dns.h"
#include "settings.h"

void
check_dns(struct check *check)
{
	char storage[ERR_TEXT_BYTES];
	struct buf said = BUF_OVER(storage);
	struct err err;

	/* a warning only: greylisting does not ask DNS */
	if (dns_check(settings_of(check->conf, &dns_section), &said, &err) != 0)
		check_say(check, CHECK_WARNING, "dns",
		    "mend the resolver; greylisting does without, what else there is may not", "%s",
		    err.text);
	else
		check_say(check, CHECK_OK, "dns", NULL, "%s", buf_text(&said));
}
