/*
 * siphash.c - see siphash.h.
 */
#include "base/siphash.h"

static uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void
round_do(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void
word_take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	round_do(v);
	round_do(v);
	v[0] ^= word;
}

/* Up to eight bytes, the first the lowest. */
static uint64_t
word_read(const char *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return word;
}

uint64_t
siphash(const uint64_t secret[2], struct slice s)
{
	uint64_t v[4] = {secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
	    secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
	size_t whole = s.n - s.n % 8;

	for (size_t i = 0; i < whole; i += 8)
		word_take(v, word_read(s.p + i, 8));
	word_take(v, word_read(s.p + whole, s.n - whole) | (uint64_t)s.n << 56);
	v[2] ^= 0xff;
	for (unsigned i = 0; i < 4; i++)
		round_do(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
