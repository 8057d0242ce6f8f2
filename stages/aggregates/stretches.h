/* The rows of an update() as stretches of numbers, whatever column they come from.
 *
 * A number is (value, scale): value × 10^-scale, or, with scale PL_SHORT_FULL, the double of which value is the key
 * (held.h): so are computed floats, and -0.0, whose decimal has no sign; or, with scale PL_SHORT_PRINTED, such a key,
 * and the number is the decimal that its double is printed as: floats that were read and are too long. Bools, dates and
 * ints have scale 0; decimals, which are wider than 64 bits, come as their doubles.
 *
 * Numbers that lie in a row in the column already are given as they lie. All else (nulls, filters, scales that differ)
 * is copied a chunk at a time. */
#pragma once
#include "../../pipeline/table/batch.h"
#include "aggregate.h"
#include <glib.h>

G_BEGIN_DECLS

#define PL_STRETCH_ROWS 512 /* that are copied at a time */

typedef struct
{
  const gint64 *values;
  const guint8 *scales;     /* (nullable): NULL: all have @scale */
  const guint32 *addresses; /* (nullable): where they go; NULL: all into the first state */
  gsize n;
  guint scale;
} PlStretch;

typedef void (*PlStretchFunc) (const PlAggregateCall *call, guint8 *states, const PlStretch *stretch);

/** pl_stretch_take_whole: Returns: %FALSE unless @stretch can be all @n rows of @column where they lie; @addresses is
 * left as it is. */
gboolean pl_stretch_take_whole (const PlColumn *column, gsize n, gboolean signs, PlStretch *stretch);
/** pl_stretches_take: calls @take for all rows of an update() that are not null in @column. @signs: whether -0.0 is to
 * be told from 0. */
void pl_stretches_take (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows,
                        gsize n, const PlColumn *column, gboolean signs, PlStretchFunc take);

G_END_DECLS
