/*
 * bounce_rules.c - see bounce_rules.h.
 */
#include "io/bounce_rules.h"

#include "io/bounce_patterns.h"
#include "io/files.h"

int
bounce_rules_load(const char *path, struct arena *a, struct bounce_table *table_r, struct err *err)
{
	struct bounce_source sources[2] = {{.name = path}};
	size_t n = 0;

	if (path != NULL &&
	    files_read(path, BOUNCE_RULES_FILE_BYTES, a, &sources[n++].text, err) != 0)
		return -1;
	sources[n].name = "bounce_patterns.txt";
	sources[n++].text = slice_make(bounce_patterns, sizeof(bounce_patterns) - 1);
	return bounce_table_load(a, sources, n, table_r, err);
}
