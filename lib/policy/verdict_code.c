/*
 * verdict_code.c - see verdict_code.h.
 */
#include "policy/verdict_code.h"

#define CHARS     (VERDICT_CODE_BYTES - 1)
#define CHAR_BITS 5
#define SALT_BITS 9
#define SALT_MASK ((UINT64_C(1) << SALT_BITS) - 1)
#define TIME_BITS 41
#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)

_Static_assert(CHARS *CHAR_BITS == TIME_BITS + SALT_BITS, "every bit has a place");

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
verdict_code_make(char out[VERDICT_CODE_BYTES], int64_t unix_ms, unsigned salt)
{
	uint64_t bits = ((uint64_t)unix_ms & TIME_MASK) << SALT_BITS | (salt & SALT_MASK);

	for (size_t i = CHARS; i-- > 0; bits >>= CHAR_BITS)
		out[i] = alphabet[bits & 31];
	out[CHARS] = '\0';
}

/* 0 to 31, or -1. */
static int
char_value(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	at = memchr(alphabet, c, sizeof(alphabet) - 1);
	return at == NULL ? -1 : (int)(at - alphabet);
}

/* The time with these low bits that is nearest. */
static int64_t
time_near(uint64_t low, int64_t near)
{
	int64_t ahead = (int64_t)((low - (uint64_t)near) & TIME_MASK);

	if (ahead > (int64_t)(TIME_MASK / 2))
		ahead -= (int64_t)TIME_MASK + 1;
	/* unsigned, since near may be anything */
	return (int64_t)((uint64_t)near + (uint64_t)ahead);
}

int
verdict_code_parse(struct slice text, int64_t near_unix_ms, int64_t *unix_ms_r)
{
	uint64_t bits = 0;

	if (text.n != CHARS)
		return -1;
	for (size_t i = 0; i < CHARS; i++) {
		int value = char_value(text.p[i]);

		if (value < 0)
			return -1;
		bits = bits << CHAR_BITS | (uint64_t)value;
	}
	*unix_ms_r = time_near(bits >> SALT_BITS, near_unix_ms);
	return 0;
}
