#!/bin/sh
# embed.sh NAME FILE - writes a C header to standard output that holds the text of FILE, which must
# be plain ASCII, as the string NAME.
set -eu
name=$1
file=$2
if LC_ALL=C grep -q '[^ -~	]' "$file"; then
	echo "embed.sh: $file: only printable ASCII, blanks and tabs, please" >&2
	exit 1
fi
cat <<HEAD
/* Made by embed.sh from $(basename "$file"): change that, not this. */
static const char ${name}[] = {
HEAD
od -An -v -t u1 "$file" | awk '{
	line = "    "
	for (i = 1; i <= NF; i++)
		line = line $i ", "
	sub(/ $/, "", line)
	print line
}'
cat <<TAIL
    0,
};
TAIL
