/* The values of one group, kept: the last few in the state, which is at hand, and those before in an array, which is somewhere in the memory
 * and is gone to once in eight values. Groups of no more than eight have no array.
 *
 *   n        of all values; last holds (n - 1) % 8 + 1 of them, values the others
 *   values   an array that doubles: its capacity is the power of two at or above what it holds (at least 8) */
#pragma once
#include "aggregate.h"

G_BEGIN_DECLS

#define PL_VECTOR_LAST 8

typedef struct
{
  guint64 *values; /* (owned) */
  guint64 n;
  guint64 last[PL_VECTOR_LAST];
} PlVector;

/** pl_vector_flush: moves the full `last` to the array. */
void pl_vector_flush (PlVector *vector);

static inline void
pl_vector_append (PlVector *vector, guint64 value)
{
  const guint64 at = vector->n % PL_VECTOR_LAST;
  if (G_UNLIKELY (at == 0 && vector->n > 0))
    pl_vector_flush (vector);
  vector->last[at] = value;
  vector->n++;
}

/** pl_vector_values: Returns: (transfer none): all values, in one array, until the next call. */
guint64 *pl_vector_values (PlVector *vector);
void pl_vector_clear (PlVector *vector);
/** pl_vector_combine: @vector takes in @other, which is left empty. */
void pl_vector_combine (PlVector *vector, PlVector *other);
void pl_vector_save (const PlVector *vector, PlBuffer *buffer);
/** pl_vector_load: @vector is empty. */
gboolean pl_vector_load (PlVector *vector, PlCursor *cursor);
/** pl_vector_select:
 * @scratch: room for @n values
 * @next: (out): the value of rank @k + 1, or the same value when there is none
 *
 * Returns: the value of rank @k (from 0) of @values, which stay as they are. */
guint64 pl_vector_select (const guint64 *values, guint64 n, guint64 k, guint64 *scratch, guint64 *next);

G_END_DECLS
