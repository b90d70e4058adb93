/*
 * keyring_fixture.h - a keyring with a key of every kind, for tests that sign.
 */
#ifndef UNIT_KEYRING_FIXTURE_H
#define UNIT_KEYRING_FIXTURE_H

#include "policy/keyring.h"

#define KEYRING_OLD     "1 2024-01-01T00:00:00Z "
#define KEYRING_BEFORE  "2 2025-01-01T00:00:00Z "
#define KEYRING_NOW     "3 2026-01-01T00:00:00Z "
#define KEYRING_BYTES_1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define KEYRING_BYTES_2 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define KEYRING_BYTES_3 "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="

/* Key 3 signs, 2 verifies, 1 is retired. */
#define KEYRING_TEXT                                                                               \
	"# keys\n" KEYRING_OLD "retired " KEYRING_BYTES_1 "\n" KEYRING_BEFORE                      \
	"previous " KEYRING_BYTES_2 "\n" KEYRING_NOW "current " KEYRING_BYTES_3 "\n"

/* The same while key 1, or 2, signed. */
#define KEYRING_TEXT_1 KEYRING_OLD "current " KEYRING_BYTES_1 "\n"
#define KEYRING_TEXT_2                                                                             \
	KEYRING_OLD "retired " KEYRING_BYTES_1 "\n" KEYRING_BEFORE "current " KEYRING_BYTES_2 "\n"

/* Key 3 with other bytes: another installation's. */
#define KEYRING_TEXT_OTHER KEYRING_NOW "current " KEYRING_BYTES_1 "\n"

#endif
