/*
 * modules.h - every module there is. Their order is in pipeline.c.
 */
#ifndef MILTER_MODULES_H
#define MILTER_MODULES_H

#include "policy/module.h"

extern const struct module mod_rdns;           /* mod_rdns.c: the client's host name */
extern const struct module mod_dnsbl;          /* mod_dnsbl.c: DNS blocklists and allowlists */
extern const struct module mod_dnsbl_stakes;   /* mod_dnsbl.c: which lists made the difference */
extern const struct module mod_spf;            /* mod_spf.c: may the client send for the domain? */
extern const struct module mod_dkim;           /* mod_dkim.c: signatures */
extern const struct module mod_dmarc;          /* mod_dmarc.c: what From's domain wants */
extern const struct module mod_score;          /* mod_score.c: what all that adds up to */
extern const struct module mod_mark;           /* mod_score.c: X-Gatepost-Score, subject prefix */
extern const struct module mod_authres;        /* mod_authres.c: Authentication-Results */
extern const struct module mod_forged;         /* mod_forged.c: fields of ours that others wrote */
extern const struct module mod_strip;          /* mod_forged.c: takes them out */
extern const struct module mod_grey;           /* mod_grey.c: puts strangers off */
extern const struct module mod_grey_header;    /* mod_grey.c: X-Greylist on what was put off */
extern const struct module mod_correspondents; /* mod_correspondents.c: whom our users write to */

extern const struct module mod_returns;     /* mod_returns.c: recipients to whom mail comes back */
extern const struct module mod_backscatter; /* mod_returns.c: … and who should have none */
extern const struct module mod_returns_record; /* mod_returns_record.c: what is recorded of it */

extern const struct module mod_account;    /* mod_account.c: whose mail it is that leaves */
extern const struct module mod_steer;      /* mod_account.c: takes out what steers us */
extern const struct module mod_presigned;  /* mod_presigned.c: signatures that it came with */
extern const struct module mod_split;      /* mod_verp.c: one recipient at a time */
extern const struct module mod_send;       /* mod_send.c: suppression and limits */
extern const struct module mod_verp;       /* mod_verp.c: MAIL FROM */
extern const struct module mod_headers;    /* mod_headers.c: List-Unsubscribe and such */
extern const struct module mod_fold;       /* mod_fold.c: header lines that no hop breaks */
extern const struct module mod_track;      /* mod_track.c: pixel and links */
extern const struct module mod_sevenbit;   /* mod_sevenbit.c: what no hop rewrites */
extern const struct module mod_sign_begin; /* mod_sign.c: DKIM and DomainKeys, from here … */
extern const struct module mod_sign_late; /* … or, when DNS has to show the keys, from here … */
extern const struct module mod_sign;      /* … to the signatures */

extern const struct conf_section rdns_section;
extern const struct conf_section spf_section;
extern const struct conf_section dkim_section;
extern const struct conf_section dmarc_section;
extern const struct conf_section score_section;
extern const struct conf_section authres_section;
extern const struct conf_section verdicts_section;
extern const struct conf_section grey_section;

#endif
