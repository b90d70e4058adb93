/*
 * mime_part.c - what a part is, from the fields of its header. See mime.h.
 */
#include "mail/mime_parts.h"

bool
mime_is(const struct mime_part *part, const char *type, const char *subtype)
{
	return slice_eq_nocase(part->type, slice_of(type)) &&
	       (subtype == NULL || slice_eq_nocase(part->subtype, slice_of(subtype)));
}

/* What lies in a part of this kind lies under … */
static unsigned
under_of(const struct mime_part *part)
{
	static const struct {
		const char *type, *subtype;
		unsigned under;
	} rows[] = {
	    {"multipart", "signed", MIME_UNDER_SIGNED},
	    {"multipart", "encrypted", MIME_UNDER_ENCRYPTED},
	    {"multipart", "report", MIME_UNDER_REPORT},
	    {"message", NULL, MIME_UNDER_MESSAGE},
	};
	unsigned under = part->under;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (mime_is(part, rows[i].type, rows[i].subtype))
			under |= rows[i].under;
	if (part->encoding > TRANSFER_BINARY)
		under |= MIME_UNDER_ENCODED;
	if (part->flaws & MIME_FLAW_PARAM)
		under |= MIME_UNDER_UNCLEAR;
	return under;
}

/* Other messages/… are lists of fields, or pieces. */
static enum mime_kind
kind_of(const struct mime_part *part)
{
	static const char *const messages[] = {"rfc822", "global", "news", "external-body"};

	if (mime_is(part, "multipart", NULL))
		return MIME_MULTIPART;
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
		if (mime_is(part, "message", messages[i]))
			return MIME_MESSAGE;
	return MIME_LEAF;
}

static void
part_set_type(struct arena *a, struct mime_part *part, const struct mime_part *parent,
    const struct mime_fields *f)
{
	bool digest = parent != part && mime_is(parent, "multipart", "digest");

	part->type = slice_of("text");
	part->subtype = slice_of("plain");
	if (!f->has_type && digest) { /* RFC 2046 section 5.1.5 */
		part->type = slice_of("message");
		part->subtype = slice_of("rfc822");
	}
	if (f->has_type && !mime_type_parse(f->type, &part->type, &part->subtype))
		part->flaws |= MIME_FLAW_TYPE;
	part->charset = mime_param(a, f->type, "charset");
	part->name = mime_param(a, f->disposition, "filename");
	if (part->name.p == NULL)
		part->name = mime_param(a, f->type, "name");
}

void
mime_part_describe(
    struct arena *a, const struct mime *mime, size_t index, const struct mime_fields *fields)
{
	struct mime_part *part = &mime->v[index];
	const struct mime_part *parent = &mime->v[part->parent];

	part_set_type(a, part, parent, fields);
	part->has_encoding = fields->has_encoding;
	part->encoding = transfer_parse(fields->encoding);
	part->disposition = mime_disposition_parse(fields->disposition);
	part->flaws |= fields->twice ? MIME_FLAW_TWICE : 0;
	part->under = parent == part ? 0 : under_of(parent);
	part->kind = kind_of(part);
	part->has_md5 = fields->has_md5;
	if (mime_param_twice(fields->type, part->kind == MIME_MULTIPART ? "boundary" : "charset"))
		part->flaws |= MIME_FLAW_PARAM;
	if (part->kind != MIME_MULTIPART)
		return;
	part->boundary = mime_param(a, fields->type, "boundary");
	part->flaws |= MIME_FLAW_BOUNDARY | MIME_FLAW_UNCLOSED; /* until it is found */
}
