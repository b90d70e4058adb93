/*
 * key_select.c - see key_select.h.
 */
#include "key_select.h"

/* Pointers to KEYS_MAX entries, twice, what DNS has of them, and a sentence for each. */
#define ARENA_BYTES ((size_t)32 * 1024 * 1024)

static bool
is_selected(const struct ctl *ctl, const struct key_typed *typed, const struct key_entry *entry)
{
	return (ctl->operands < 1 || strcmp(entry->domain, typed->domain) == 0) &&
	       (ctl->operands < 2 || strcmp(entry->selector, typed->selector) == 0);
}

int
key_selected_init(struct key_selected *selected, const struct key_view *view)
{
	const struct ctl *ctl = view->ctl;
	struct key_typed typed = {.domain = ""};
	int code = CTL_OK;

	*selected = (struct key_selected){.n = 0};
	arena_init(&selected->arena, 16384, ARENA_BYTES);
	if (ctl->operands > 0)
		code = key_domain_typed(ctl->operand[0], &typed);
	if (code == CTL_OK && ctl->operands > 1)
		code = key_selector_typed(ctl->operand[1], &typed);
	if (code != CTL_OK)
		return code;
	selected->v = arena_alloc(
	    &selected->arena, (view->table->n + 1) * sizeof(const struct key_entry *));
	if (selected->v == NULL)
		return ctl_fail(EX_UNAVAILABLE, "no memory");
	for (size_t i = 0; i < view->table->n; i++) {
		if (is_selected(ctl, &typed, &view->table->v[i]))
			selected->v[selected->n++] = &view->table->v[i];
	}
	if (selected->n > 0 || ctl->operands == 0)
		return CTL_OK;
	return ctl_fail(CTL_NOT_FOUND, "%s: there is no key of %s%s%s", view->directory,
	    typed.domain, ctl->operands > 1 ? " with the selector " : "",
	    ctl->operands > 1 ? typed.selector : "");
}

void
key_selected_fini(struct key_selected *selected)
{
	arena_fini(&selected->arena);
}

int
key_selected_ask(struct key_selected *selected, struct ctl *ctl)
{
	size_t n = selected->n, asked = 0, at = 0;
	const struct key_entry **entries;
	struct key_shown *shown;
	int code;

	entries = arena_alloc(&selected->arena, (n + 1) * sizeof(const struct key_entry *));
	shown = arena_alloc(&selected->arena, (n + 1) * sizeof(*shown));
	selected->shown = arena_alloc(&selected->arena, (n + 1) * sizeof(*shown));
	if (entries == NULL || shown == NULL || selected->shown == NULL)
		return ctl_fail(EX_UNAVAILABLE, "no memory");
	for (size_t i = 0; i < n; i++) {
		if (selected->v[i]->key != NULL)
			entries[asked++] = selected->v[i];
	}
	if (asked == 0)
		return CTL_OK;
	code = key_ask(ctl, entries, shown, asked, &selected->arena);
	for (size_t i = 0; i < n && code == CTL_OK; i++) {
		if (selected->v[i]->key != NULL)
			selected->shown[i] = shown[at++];
	}
	return code;
}
