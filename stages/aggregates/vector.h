/* The values of one group, kept: 16 bytes of state and an array that doubles. Its capacity is the power of two
 * at or above n (at least 4), so that it need not be stored. */
#pragma once
#include "aggregate.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 *values; /* (owned) */
  guint64 n;
} PlVector;

static inline void
pl_vector_append (PlVector *vector, guint64 value)
{
  if (G_UNLIKELY ((vector->n & (vector->n - 1)) == 0 && (vector->n >= 4 || vector->n == 0)))
    vector->values = g_renew (guint64, vector->values, vector->n == 0 ? 4 : 2 * vector->n);
  vector->values[vector->n++] = value;
}

/** pl_vector_prefetch: fetches the place that the next value goes to. */
static inline void
pl_vector_prefetch (const PlVector *vector)
{
  __builtin_prefetch (vector->values + vector->n, 1);
}

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
