/* The two conversions that the C library has no locale-independent, shortest or fast form of, from C++'s <charconv>. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PL_FLOAT_READ,
  PL_FLOAT_OUT_OF_RANGE, /* rounds to zero or to infinity */
  PL_FLOAT_MALFORMED,
} PlFloatStatus;

/* Reads the whole of an unsigned decimal, correctly rounded. */
PlFloatStatus pl_float_from_chars (const char *data, gsize length, double *value);
/* Writes the fewest digits that read back as @value (finite, positive), as d[.ddd]e±dd; at most 24 bytes.
 * Returns: their number. */
gsize pl_float_to_chars (char *out, double value);

G_END_DECLS
