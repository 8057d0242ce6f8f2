/* What the two halves of key rows share: how values that are no plain numbers are written. Private to group-key.c and group-encode.c. */
#pragma once
#include "group-key.h"

G_BEGIN_DECLS

#define PL_KEY_NULL_BOOL 2
#define PL_KEY_NULL_FLOAT G_GUINT64_CONSTANT (0x7ff8000000000001) /* a NaN that no value is encoded as */

/* Whether an int can stand in 4 bytes, of which one value means null. */
static inline gboolean
pl_key_fits_narrow (gint64 value)
{
  return value == (gint32) value && value != G_MININT32;
}

static inline void
pl_key_set_long (const PlKeyField *field, guint64 *row, const char *data)
{
  /* Addresses of processes have at most 56 bits. */
  row[(field->offset + field->width) / 8 - 1] = (guint64) (guintptr) data | (guint64) PL_KEY_LONG_TEXT << 56;
}

G_END_DECLS
