/*
 * setup_print.c - see setup.h: the lines.
 */
#include "setup.h"

#include <stdarg.h>

#define LINE_WIDTH    78
#define COMMENT_BYTES 1024

static const char *const where_names[] = {
    [SETUP_CONF] = "milter.conf",
    [SETUP_MAIN] = "main.cf",
    [SETUP_SERVICE] = "master.cf",
    [SETUP_OPTION] = "master.cf option",
    [SETUP_FILE] = "file",
    [SETUP_MC] = "sendmail.mc",
    [SETUP_DNS] = "dns",
    [SETUP_OWN] = "gatepostctl",
};

static const char *const state_names[] = {
    [SETUP_UNKNOWN] = "unknown",
    [SETUP_DONE] = "done",
    [SETUP_MISSING] = "missing",
    [SETUP_OTHER] = "other",
};

/* Words, in lines that begin with the mark. */
static void
wrapped_print(struct setup *s, struct slice text)
{
	const char *mark = s->shell ? "#" : "dnl";
	struct out *out = &s->ctl->out;
	size_t width = 0;

	while (text.n > 0) {
		struct slice word = slice_head(text, slice_find(text, ' '));

		if (width > 0 && width + 1 + word.n > LINE_WIDTH) {
			out_print(out, OUT_DIM, "\n");
			width = 0;
		}
		if (width == 0) {
			out_print(out, OUT_DIM, "%s", mark);
			width = strlen(mark);
		}
		out_print(out, OUT_DIM, " ");
		out_slice(out, OUT_DIM, word);
		width += 1 + word.n;
		text = slice_from(text, word.n + 1);
	}
	out_print(out, OUT_DIM, "\n");
}

void
setup_comment(struct setup *s, const char *format, ...)
{
	char text[COMMENT_BYTES];
	va_list args;

	if (s->ctl->out.form == OUT_JSON)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	wrapped_print(s, slice_of(text));
}

void
setup_part(struct setup *s, const char *title)
{
	if (s->ctl->out.form == OUT_JSON)
		return;
	out_print(&s->ctl->out, OUT_NORMAL, "\n");
	out_print(&s->ctl->out, OUT_BOLD, "%s ---- %s\n", s->shell ? "#" : "dnl", title);
}

static void
item_json(struct setup *s, const struct setup_item *item)
{
	json_t *object = json_object();

	(void)json_object_set_new(object, "where", json_string(where_names[item->where]));
	(void)json_object_set_new(object, "name", out_json_text(slice_of(item->name)));
	(void)json_object_set_new(object, "value", json_string(item->value));
	(void)json_object_set_new(object, "state", json_string(state_names[item->state]));
	(void)json_object_set_new(
	    object, "now", item->state == SETUP_OTHER ? out_json_text(item->now) : json_null());
	(void)json_object_set_new(
	    object, "why", item->why != NULL ? out_json_text(slice_of(item->why)) : json_null());
	out_json(&s->ctl->out, object, s->printed == 0);
}

/* Within single quotes of a shell. */
static void
quoted_print(struct out *out, const char *text)
{
	out_print(out, OUT_NORMAL, "'");
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\'')
			out_print(out, OUT_NORMAL, "'\\''");
		else
			out_slice(out, OUT_NORMAL, slice_make(c, 1));
	}
	out_print(out, OUT_NORMAL, "'");
}

void
setup_program(struct setup *s, const char *name)
{
	out_print(&s->ctl->out, OUT_NORMAL, "%s ", name);
	if (s->view == NULL || s->view->folder == NULL)
		return;
	out_print(&s->ctl->out, OUT_NORMAL, "-c ");
	quoted_print(&s->ctl->out, s->view->folder);
	out_print(&s->ctl->out, OUT_NORMAL, " ");
}

/* The lines of a file, which are ours: nothing in them ends the here-document. */
static void
file_print(struct out *out, const struct setup_item *item)
{
	out_print(out, OUT_NORMAL, "cat > ");
	quoted_print(out, item->name);
	out_print(out, OUT_NORMAL, " <<'END-OF-GATEPOST'\n%sEND-OF-GATEPOST\n", item->value);
}

static void
command_print(struct setup *s, const struct setup_item *item)
{
	static const char *const verbs[] = {
	    [SETUP_MAIN] = "-e ",
	    [SETUP_SERVICE] = "-Me ",
	    [SETUP_OPTION] = "-Pe ",
	};
	struct out *out = &s->ctl->out;
	char storage[8192];
	struct buf setting = BUF_OVER(storage);

	buf_add_format(&setting, "%s = ", item->name);
	buf_add_text(&setting, item->value);
	setup_program(s, "postconf");
	out_print(out, OUT_NORMAL, "%s", verbs[item->where]);
	quoted_print(out, buf_text(&setting));
	out_print(out, OUT_NORMAL, "\n");
}

static void
own_print(struct setup *s, const struct setup_item *item)
{
	const char *conf = s->ctl->args.value[ARG_CONF];
	struct out *out = &s->ctl->out;

	out_print(out, OUT_NORMAL, "%sgatepostctl ", s->shell ? "" : "dnl  ");
	if (conf != NULL) {
		out_print(out, OUT_NORMAL, "-c ");
		quoted_print(out, conf);
		out_print(out, OUT_NORMAL, " ");
	}
	out_print(out, OUT_NORMAL, "%s %s\n", item->name, item->value);
}

static void
live_print(struct setup *s, const struct setup_item *item)
{
	struct out *out = &s->ctl->out;

	switch (item->where) {
	case SETUP_MAIN:
	case SETUP_SERVICE:
	case SETUP_OPTION:
		command_print(s, item);
		break;
	case SETUP_FILE:
		file_print(out, item);
		break;
	case SETUP_MC:
		out_print(out, OUT_NORMAL, "%s\n", item->value);
		break;
	case SETUP_OWN:
		own_print(s, item);
		break;
	case SETUP_CONF:
	case SETUP_DNS:
		out_print(out, OUT_NORMAL, "%s  %s  %s\n", s->shell ? "#" : "dnl", item->name,
		    item->value);
		break;
	}
}

static void
text_print(struct setup *s, const struct setup_item *item)
{
	struct out *out = &s->ctl->out;

	if (item->why != NULL)
		setup_comment(s, "%s", item->why);
	if (item->state == SETUP_DONE) {
		out_print(out, OUT_GOOD, "%s is so: %s%s%.60s\n", s->shell ? "#" : "dnl",
		    item->name,
		    item->where == SETUP_FILE  ? ""
		    : item->where == SETUP_OWN ? " "
					       : " = ",
		    item->where == SETUP_FILE ? "" : item->value);
		return;
	}
	if (item->state == SETUP_OTHER) {
		out_print(out, OUT_WARNING, "# is now: ");
		out_slice(out, OUT_WARNING, item->now.n > 0 ? item->now : slice_of("(empty)"));
		out_print(out, OUT_WARNING, "\n");
	}
	live_print(s, item);
}

void
setup_item(struct setup *s, const struct setup_item *item)
{
	if (item->state == SETUP_MISSING || item->state == SETUP_OTHER)
		s->missing++;
	if (item->state == SETUP_DONE && s->only_diff)
		return;
	if (s->ctl->out.form == OUT_JSON)
		item_json(s, item);
	else
		text_print(s, item);
	s->printed++;
}
