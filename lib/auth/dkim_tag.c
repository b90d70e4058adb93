/*
 * dkim_tag.c - see dkim_tag.h.
 */
#include "auth/dkim_tag.h"

/* tag-name = ALPHA *ALNUMPUNC */
static bool
name_is_good(struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);

		if (c >= 'a' && c <= 'z')
			continue;
		if (i == 0 || (!ascii_is_digit(c) && c != '_'))
			return false;
	}
	return name.n > 0;
}

bool
dkim_tag_next(struct slice *list, struct dkim_tag *tag_r)
{
	size_t end = slice_find(*list, ';'), equals;
	struct slice part = slice_head(*list, end), name;

	*tag_r = (struct dkim_tag){.spaced = false};
	/* a ";" at the end is no empty tag */
	if (list->n == 0 || (end == list->n && slice_trim(part).n == 0))
		return false;
	*list = slice_from(*list, end + 1);
	equals = slice_find(part, '=');
	name = slice_trim(slice_head(part, equals));
	if (equals == part.n || !name_is_good(name))
		return true;
	tag_r->name = name;
	tag_r->value = slice_trim(slice_from(part, equals + 1));
	tag_r->spaced = ascii_is_space(part.p[equals - 1]);
	return true;
}

bool
dkim_tag_find(struct slice list, const char *name, struct slice *value_r)
{
	struct slice wanted = slice_of(name);
	struct dkim_tag tag;

	while (dkim_tag_next(&list, &tag))
		if (slice_eq(tag.name, wanted)) {
			*value_r = tag.value;
			return true;
		}
	*value_r = slice_make("", 0);
	return false;
}

struct slice
dkim_tag_collapse(struct arena *arena, struct slice s, size_t max, bool lower)
{
	char *text = arena_alloc(arena, (s.n < max ? s.n : max) + 1);
	size_t n = 0;

	if (text == NULL)
		return slice_make("", 0);
	for (size_t i = 0; i < s.n && n < max; i++)
		if (!ascii_is_space(s.p[i]))
			text[n++] = s.p[i];
	for (size_t i = 0; lower && i < n; i++)
		text[i] = ascii_lower(text[i]);
	text[n] = '\0';
	return slice_make(text, n);
}

bool
dkim_tag_has_word(struct slice list, const char *word)
{
	struct slice wanted = slice_of(word);

	while (list.n > 0) {
		size_t end = slice_find(list, ':');

		if (slice_eq_nocase(slice_trim(slice_head(list, end)), wanted))
			return true;
		list = slice_from(list, end + 1);
	}
	return false;
}
