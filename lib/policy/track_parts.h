/*
 * track_parts.h - what the files of track share; nobody else includes it.
 */
#ifndef POLICY_TRACK_PARTS_H
#define POLICY_TRACK_PARTS_H

#include "mail/charset.h"
#include "mail/html.h"
#include "mail/transfer_map.h"
#include "policy/track.h"

/* URLs of the List-Unsubscribe fields that links are compared with; a field has two as a rule. With
 * more of them, any link may be one. */
#define TRACK_UNSUBSCRIBE_MAX 32

/* Each link, a pixel at the top and at the bottom, and a trap. */
#define TRACK_PATCHES_MAX (TRACK_LINKS_MAX + 3)

/* "https://HOST:PORT/c/" and a token. */
#define TRACK_BASE_BYTES 300
#define TRACK_URL_BYTES  (TRACK_BASE_BYTES + TOKEN_TEXT_BYTES)

/* The message that is worked on. */
struct track_work {
	const struct track_facts *facts;
	const struct message *message;
	const struct mime *mime;
	struct edits *edits;
	struct body_edits *body;
	struct track *result;
	struct arena scratch;
	struct slice host, base; /* "t.shop.example:8443", "https://t.shop.example:8443/" */
	struct slice unsubscribe[TRACK_UNSUBSCRIBE_MAX];
	size_t nunsubscribe;
	bool unsubscribe_over; /* there are more */
	bool has_version;      /* it has a MIME-Version */
};

/* Units of a text's view that go, and the ASCII that comes instead. */
struct track_patch {
	size_t offset, n;
	struct slice text;
};

/* Where a token of a view ends; it begins where the one before it does. */
struct track_token {
	uint32_t end; /* behind the BOM; a part has TRACK_PART_BYTES at most */
	unsigned char kind;
	unsigned char state; /* in which the tokenizer read it */
};

/* One HTML part of it. */
struct track_html {
	struct track_work *work;
	struct track_part *report;
	enum charset charset;
	struct transfer_map map;
	struct charset_view view;
	struct track_token *tokens;
	size_t ntokens, room;
	enum html_state end_state;
	bool has_foreign; /* svg or math is in it */
	struct track_patch patches[TRACK_PATCHES_MAX];
	size_t n;
};

/* --- track_link.c --- */

/* The URLs of the List-Unsubscribe fields. */
void track_unsubscribe_read(struct track_work *work);

/* Appends the URL by which we are asked for the target of this href: `raw` is its value as it
 * stands. */
enum track_kept track_link_make(struct track_html *html, struct slice raw, struct buf *url);

/* Does the tag say that its link is not to be tracked? */
bool track_opted_out(const struct html *t, const struct html_token *tag);

/* --- track_place.c: where the tokenizer is, as a browser sees it --- */

#define TRACK_SCOPES_MAX 64
#define TRACK_FORMATS    14
#define TRACK_BARS       10

enum track_role {
	ROLE_NONE,
	ROLE_LINK, /* area; a is ROLE_FORMAT */
	ROLE_FORMAT,
	ROLE_BAR,  /* what is within is shown in some cases only: no pixel */
	ROLE_HIDE, /* … no link either */
	ROLE_FOREIGN,
	ROLE_TABLE,
	ROLE_CELL,
	ROLE_ROW,
	ROLE_HTML,
	ROLE_HEAD, /* head, and what stands in it */
	ROLE_BODY,
	ROLE_FRAMES,
	ROLE_PRE, /* a line end behind it does not count */
};

struct track_name {
	enum track_role role;
	unsigned which; /* of FORMAT, BAR and HIDE */
};

/* A table, or a cell of it with the formatting elements that are open in it. */
struct track_scope {
	bool cell;
	unsigned open;
	unsigned char formats[TRACK_FORMATS];
};

struct track_place {
	struct track_scope scopes[TRACK_SCOPES_MAX];
	size_t depth;
	unsigned bars[TRACK_BARS];
	unsigned barred, hidden, foreign, conditions;
	bool in_body, frames, lost;
	bool cut;         /* the input ends within the last token */
	bool has_foreign; /* svg or math was there */
	bool has_top, has_bottom, has_last;
	size_t top;    /* behind <body> */
	size_t bottom; /* before the last </body>, else </html> */
	bool bottom_is_body;
	bool no_body; /* nothing was there that begins one: the pixel does */
	size_t last;  /* the last place so far where a pixel would change nothing else */
};

void track_place_init(struct track_place *place);

/* One token more; the tokenizer has just read it. What it is goes into *name_r. */
void track_place_see(struct track_place *place, struct html *t, const struct html_token *token,
    struct track_name *name_r);

/* No token follows. */
void track_place_end(struct track_place *place, const struct html *t);

/* --- track_html.c --- */

/* Finds what is to be changed in the view. 0, or -1: no memory. */
int track_html_scan(struct track_html *html);

/* --- track_check.c --- */

/* Is `patched`, a view too, what the patches make of the view, tag for tag? */
bool track_html_same(const struct track_html *html, const struct charset_view *patched);

/* --- track_code.c --- */

/* Makes edits of the patches. */
enum track_reason track_code(struct track_html *html, const struct mime_part *part, size_t index);

#endif
