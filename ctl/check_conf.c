/*
 * check_conf.c - settings that are allowed, and hardly meant.
 */
#include "check.h"

#include "dnsbl_conf.h"
#include "grey_conf.h"
#include "lists.h"
#include "modules.h"
#include "pipeline.h"
#include "policy/direction.h"
#include "record.h"
#include "score_conf.h"
#include "settings.h"

#include <limits.h>
#include <stdarg.h>

#define WHAT_BYTES        512
#define DNSBL_TABLE_BYTES ((size_t)256 * 1024)

/* A warning about one option: "/etc/gatepost/milter.conf:12: greylist.learning = yes: …"; the
 * values of a list are left out, and the place of a default. */
static void option_warn(struct check *check, const struct conf_section *section, const char *name,
    const char *todo, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void
option_warn(struct check *check, const struct conf_section *section, const char *name,
    const char *todo, const char *format, ...)
{
	const struct option *row = option_find(section->options, slice_of(name));
	unsigned line = settings_line(check->conf, section, name);
	char storage[256];
	struct buf option = BUF_OVER(storage);
	char what[WHAT_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	buf_add_format(&option, "%s.%s", section->name, name);
	if (!option_is_list(row)) {
		buf_add_text(&option, " = ");
		option_format(row, settings_of(check->conf, section), &option);
	}
	if (line > 0)
		check_say(check, CHECK_WARNING, "config", todo, "%s:%u: %s: %s",
		    check->ctl->conf_path, line, buf_text(&option), what);
	else
		check_say(check, CHECK_WARNING, "config", todo, "%s: %s", buf_text(&option), what);
}

/* ---- what is on ---- */

bool
check_is_active(const struct check *check, const struct module *module)
{
	return module->active == NULL || module->active(settings_of(check->conf, module->section));
}

static bool
is_shadow(const struct check *check, const struct conf_section *section)
{
	return ((const struct module_conf *)settings_of(check->conf, section))->shadow;
}

/* Does one of the modules, up to a NULL, add to the score? */
static bool
scores(const struct check *check, const struct module *const *modules)
{
	for (; *modules != NULL; modules++) {
		if (check_is_active(check, *modules) && !is_shadow(check, (*modules)->section))
			return true;
	}
	return false;
}

/* Those that have scored when greylisting decides; and all of them. */
static const struct module *const scoring_at_rcpt[] = {&mod_rdns, &mod_dnsbl, &mod_spf, NULL};
static const struct module *const scoring[] = {
    &mod_rdns, &mod_dnsbl, &mod_spf, &mod_dkim, &mod_dmarc, NULL};

/* ---- the warnings ---- */

/* Does mail that arrives come by a module with these settings? */
static bool
section_is_active(const struct check *check, const struct conf_section *section)
{
	for (const struct module *const *m = pipeline_tables.inbound; *m != NULL; m++) {
		if ((*m)->section == section && check_is_active(check, *m))
			return true;
	}
	return false;
}

/* Is the option, by its name, set to that word? */
static bool
option_is(const struct check *check, const struct conf_section *section, const char *name,
    const char *word)
{
	const struct option *row = option_find(section->options, slice_of(name));
	char storage[64];
	struct buf value = BUF_OVER(storage);

	option_format(row, settings_of(check->conf, section), &value);
	return strcmp(buf_text(&value), word) == 0;
}

static bool
dnsbl_blocks(const struct check *check)
{
	const void *prepared;
	bool blocks = false;
	struct arena arena;
	struct err err;

	arena_init(&arena, 16384, DNSBL_TABLE_BYTES);
	if (dnsbl_prepare(settings_of(check->conf, &dnsbl_section), &arena, &prepared, &err) == 0) {
		const struct dnsbl_table *table = prepared;

		for (size_t i = 0; i < table->n; i++) {
			for (const struct dnsbl_rule *r = table->zones[i].rules; r != NULL;
			     r = r->next)
				blocks |= r->block;
		}
	}
	arena_fini(&arena);
	return blocks;
}

static bool
dmarc_refuses(const struct check *check)
{
	static const struct list_row enforce = {.section = &dmarc_section, .option = "enforce"};

	return option_is(check, &dmarc_section, "on_reject", "reject") ||
	       option_is(check, &dmarc_section, "on_quarantine", "reject") ||
	       lists_addresses(check->conf, &enforce)->n > 0;
}

static bool
spf_refuses(const struct check *check)
{
	return option_is(check, &spf_section, "block", "yes");
}

static bool
rdns_refuses(const struct check *check)
{
	return option_is(check, &rdns_section, "block", "yes");
}

/* What refuses by itself, whatever the score and its shadow. */
static void
refusals_add(const struct check *check, struct buf *out)
{
	static const struct {
		const struct module *module;
		const char *name;
		bool (*refuses)(const struct check *check);
	} rows[] = {
	    {&mod_rdns, "reverse_dns.block", rdns_refuses},
	    {&mod_dnsbl, "dnsbl (block)", dnsbl_blocks},
	    {&mod_spf, "spf.block", spf_refuses},
	    {&mod_dmarc, "dmarc", dmarc_refuses},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct module *m = rows[i].module;

		if (!check_is_active(check, m) || is_shadow(check, m->section) ||
		    !rows[i].refuses(check))
			continue;
		buf_add_text(out, out->n > 0 ? ", " : "");
		buf_add_text(out, rows[i].name);
	}
}

/* The score's shadow is its own: nobody must believe that no mail is refused then. */
static void
warn_score_shadow(struct check *check)
{
	char storage[120];
	struct buf still = BUF_OVER(storage);

	refusals_add(check, &still);
	if (still.n == 0)
		option_warn(check, &score_section, "shadow",
		    "with shadow = no, when the log shows what you want, it is enforced",
		    "nobody is refused for the score, who would be is only logged and counted");
	else
		option_warn(check, &score_section, "shadow",
		    "to refuse nobody, set shadow = yes in those sections, too",
		    "nobody is refused for the score, who would be is only logged and counted; "
		    "these still refuse: %s",
		    buf_text(&still));
}

static void
warn_shadow(struct check *check)
{
	for (size_t i = 0; i < settings_count; i++) {
		const struct conf_section *section = settings_sections[i];

		if (option_find(section->options, slice_of("shadow")) == NULL ||
		    !section_is_active(check, section) || !is_shadow(check, section))
			continue;
		if (section == &score_section)
			warn_score_shadow(check);
		else
			option_warn(check, section, "shadow",
			    "with shadow = no, when the log shows what you want, it is enforced",
			    "nothing is enforced by %s, what would be is only logged and counted",
			    section->name);
	}
}

static void
warn_grey(struct check *check)
{
	const struct grey_conf *grey = settings_of(check->conf, &grey_section);

	if (grey->mode == GREY_MODE_SUSPICIOUS && !scores(check, scoring_at_rcpt))
		option_warn(check, &grey_section, "mode",
		    "turn one of them on, or set greylist { mode = all }",
		    "nobody is put off: reverse_dns, dnsbl and spf are all off, or in shadow mode, "
		    "so that the score is always 0");
	if (grey->mode != GREY_MODE_OFF && grey->learning)
		option_warn(check, &grey_section, "learning",
		    "set it to no when the usual senders had some days to write",
		    "nothing is enforced by greylist, and every sender counts as one that passed");
}

/* A score that nothing comes of, however high. */
static void
warn_score(struct check *check)
{
	const struct score_conf *score = settings_of(check->conf, &score_section);

	if (score->limits.block != 0 || !scores(check, scoring) ||
	    score_judge(&score->limits, INT_MAX).action != SCORE_ACTION_NONE)
		return;
	option_warn(check, &score_section, "smtp_block",
	    "set smtp_block, or an action: header only tells, and harms nobody",
	    "nothing comes of the highest scores: they are not refused, and %s",
	    score->limits.high > 0 ? "high_action = none" : "no action is left for them");
}

/* Is all mail that the pattern is about among what the set has? */
static bool
set_covers(const struct address_set *set, struct slice pattern)
{
	char storage[ADDRESS_PATTERN_MAX_BYTES + 1];
	struct buf below = BUF_OVER(storage);
	struct address author = {.domain = slice_from(pattern, 1)};

	if (pattern.p[0] == '.') {
		buf_add_char(&below, 'x'); /* any domain below it */
		buf_add(&below, pattern);
		author.domain = buf_slice(&below);
	} else if (pattern.p[0] != '@') {
		return false;
	}
	return address_set_has(set, &author);
}

static void
warn_dmarc(struct check *check)
{
	static const struct list_row accept = {.section = &dmarc_section, .option = "accept"};
	static const struct list_row enforce = {.section = &dmarc_section, .option = "enforce"};
	const struct address_set *accepted = lists_addresses(check->conf, &accept);
	const struct address_set *enforced = lists_addresses(check->conf, &enforce);

	if (!check_is_active(check, &mod_dmarc))
		return;
	for (size_t i = 0; i < enforced->n; i++) {
		if (set_covers(accepted, enforced->v[i]))
			option_warn(check, &dmarc_section, enforce.option,
			    "take it out of one of the two",
			    "%.*s is in dmarc.accept, too, which counts: its mail is accepted "
			    "when it fails",
			    SLICE_ARG(slice_from(enforced->v[i], enforced->v[i].p[0] == '@')));
	}
}

static void
warn_vast(struct check *check)
{
	static const struct {
		struct list_row row;
		const char *consequence;
	} lists[] = {
	    {{.section = &direction_section, .option = "allow_networks"},
		"no check judges mail from there"},
	    {{.section = &direction_section, .option = "submit_networks"},
		"all mail from there counts as outbound, and is not checked"},
	    {{.section = &grey_section, .option = "allow_networks"}, "nobody there is put off"},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct net_set *set = lists_networks(check->conf, &lists[i].row);

		for (size_t k = 0; k < set->n; k++) {
			char storage[NET_CIDR_TEXT_BYTES];
			struct buf network = BUF_OVER(storage);

			if (!lists_is_vast(&set->v[k]))
				continue;
			net_cidr_format(&network, &set->v[k]);
			option_warn(check, lists[i].row.section, lists[i].row.option,
			    "name the networks that are meant",
			    "%s is very much of the internet, and %s", buf_text(&network),
			    lists[i].consequence);
		}
	}
}

static void
warn_verdicts(struct check *check)
{
	const struct verdicts_conf *verdicts = settings_of(check->conf, &verdicts_section);

	if (verdicts->keep == 0)
		option_warn(check, &verdicts_section, "keep",
		    "set it to how many mails back you want to be able to explain",
		    "no decision is kept, and `gatepostctl explain` will find nothing");
}

void
check_conf(struct check *check)
{
	warn_vast(check);
	warn_shadow(check);
	warn_grey(check);
	warn_dmarc(check);
	warn_score(check);
	warn_verdicts(check);
}
