/*
 * html_comment.h - conditional comments: what Outlook on Windows takes for markup and others for a
 * comment, or the other way round.
 */
#ifndef MAIL_HTML_COMMENT_H
#define MAIL_HTML_COMMENT_H

#include "mail/html.h"

enum html_comment {
	HTML_COMMENT_PLAIN,
	HTML_COMMENT_HIDDEN,   /* <!--[if mso]>…<![endif]-->: only Outlook sees what is in it */
	HTML_COMMENT_REVEALED, /* <![if !mso]>, <!--[if !mso]><!-->: what follows is for others */
	HTML_COMMENT_ENDIF, /* <![endif]>, <!--<![endif]-->, <!-- <![endif]-->: the end of that */
	HTML_COMMENT_CDATA, /* <![CDATA[…]]>, which is a comment outside of svg and math */
};

/* What kind of comment the token is, which is an HTML_COMMENT. Of a hidden one, inside_r is what
 * stands between its condition and its end, or the comment's when it has none; otherwise it is empty.
 * What is inside can be read by a tokenizer of its own. */
enum html_comment html_comment_kind(
    const struct html *t, const struct html_token *token, struct html_span *inside_r);

#endif
