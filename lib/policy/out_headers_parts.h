/*
 * out_headers_parts.h - what out_fields.c and out_headers.c share.
 */
#ifndef POLICY_OUT_HEADERS_PARTS_H
#define POLICY_OUT_HEADERS_PARTS_H

#include "policy/out_headers.h"

extern const char *const out_names[OUT_NAMES];

#endif
