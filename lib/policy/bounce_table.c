/*
 * bounce_table.c - the rules of bounce_class.h, read from text.
 */
#include "policy/bounce_parts.h"

static const char *const class_names[BOUNCE_CLASSES] = {
    [BOUNCE_UNKNOWN] = "unknown",
    [BOUNCE_RECIPIENT] = "recipient",
    [BOUNCE_MAILBOX_FULL] = "mailbox-full",
    [BOUNCE_POLICY] = "policy",
    [BOUNCE_REPUTATION] = "reputation",
    [BOUNCE_CONTENT] = "content",
    [BOUNCE_INFRASTRUCTURE] = "infrastructure",
    [BOUNCE_CONFIGURATION] = "configuration",
    [BOUNCE_AUTO_REPLY] = "auto-reply",
    [BOUNCE_COMPLAINT] = "complaint",
};

const char *bounce_class_name(enum bounce_class class)
{
	return class < BOUNCE_CLASSES ? class_names[class] : "";
}

enum bounce_class
bounce_class_of(struct slice name)
{
	enum bounce_class class = 0;

	while (class < BOUNCE_CLASSES && !slice_eq(name, slice_of(class_names[class])))
		class ++;
	return class;
}

static bool
is_rule(struct slice line)
{
	line = slice_trim(line);
	return line.n > 0 && line.p[0] != '#';
}

static size_t
rules_count(const struct bounce_source *sources, size_t nsources)
{
	size_t n = 0;

	for (size_t i = 0; i < nsources; i++)
		for (struct slice text = sources[i].text; text.n > 0;) {
			struct slice line = slice_head(text, slice_find(text, '\n'));

			n += is_rule(line);
			text = slice_from(text, line.n + 1);
		}
	return n;
}

static int
source_load(const struct bounce_source *source, struct bounce_table *table, struct err *err)
{
	struct slice text = source->text;

	for (unsigned number = 1; text.n > 0; number++) {
		struct slice line = slice_head(text, slice_find(text, '\n'));
		struct bounce_rule *rule = &table->rules[table->n];
		struct err why;

		text = slice_from(text, line.n + 1);
		if (!is_rule(line))
			continue;
		if (line.n > BOUNCE_RULE_MAX_BYTES)
			return err_set(err, ERR_LIMIT, "%s:%u: more than %d bytes", source->name,
			    number, BOUNCE_RULE_MAX_BYTES);
		if (bounce_rule_parse(line, rule, &why) != 0)
			return err_set(err, why.code, "%s:%u: %s", source->name, number, why.text);
		rule->source = source->name;
		rule->line = number;
		table->n++;
	}
	return 0;
}

/* From the last to the first, so that each bucket has its rules in their order. */
static void
rules_index(struct bounce_table *table, size_t *bucket)
{
	for (size_t i = table->n; i-- > 0;) {
		struct bounce_rule *rule = &table->rules[i];
		size_t *first;

		if (rule->npieces == 0)
			continue;
		first = &bucket[bounce_bucket(rule->piece[0].p)];
		rule->next = *first;
		*first = i + 1;
	}
	table->bucket = bucket;
}

int
bounce_table_load(struct arena *a, const struct bounce_source *sources, size_t nsources,
    struct bounce_table *table_r, struct err *err)
{
	size_t n = rules_count(sources, nsources);
	size_t *bucket = arena_alloc(a, BOUNCE_BUCKETS * sizeof(*bucket));

	*table_r = (struct bounce_table){.n = 0};
	if (n > BOUNCE_RULES_MAX)
		return err_set(
		    err, ERR_LIMIT, "%zu rules for bounces; %d are allowed", n, BOUNCE_RULES_MAX);
	table_r->rules = arena_alloc(a, (n + 1) * sizeof(*table_r->rules));
	if (bucket == NULL || table_r->rules == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the rules for bounces");
	for (size_t i = 0; i < nsources; i++)
		if (source_load(&sources[i], table_r, err) != 0)
			return -1;
	rules_index(table_r, bucket);
	return 0;
}
