/* See vector.h. Selection by radix: eight bits below the common prefix tell the bucket of the wanted rank, the values of that bucket
 * are kept, and so on. Linear on any input, without a pivot to guess and without a branch to mispredict. */
#include "vector.h"

#define SMALL 24

static guint64
n_last (const PlVector *vector)
{
  return vector->n == 0 ? 0 : (vector->n - 1) % PL_VECTOR_LAST + 1;
}

static guint64
capacity_for (guint64 n)
{
  guint64 capacity = n > 0 ? PL_VECTOR_LAST : 0;
  while (capacity < n)
    capacity *= 2;
  return capacity;
}

/* Room for @n values, where there is room for @held. */
static void
reserve (PlVector *vector, guint64 held, guint64 n)
{
  if (capacity_for (n) > capacity_for (held))
    vector->values = g_renew (guint64, vector->values, capacity_for (n));
}

void
pl_vector_flush (PlVector *vector)
{
  const guint64 held = vector->n - PL_VECTOR_LAST;
  /* Its capacity is a power of two: only then it can be full. */
  if ((held & (held - 1)) == 0)
    reserve (vector, held, vector->n);
  memcpy (vector->values + held, vector->last, sizeof vector->last);
}

void
pl_vector_clear (PlVector *vector)
{
  g_free (vector->values);
  memset (vector, 0, sizeof *vector);
}

guint64 *
pl_vector_values (PlVector *vector)
{
  const guint64 n = n_last (vector), held = vector->n - n;
  if (held == 0)
    return vector->last;
  /* The array keeps the capacity that what it holds tells: it is cut to it by nobody, and a greater one is not relied on. */
  reserve (vector, held, vector->n);
  memcpy (vector->values + held, vector->last, n * sizeof *vector->values);
  return vector->values;
}

void
pl_vector_combine (PlVector *vector, PlVector *other)
{
  if (vector->n < other->n)
    {
      PlVector swap = *vector;
      *vector = *other;
      *other = swap;
    }
  if (other->n <= PL_VECTOR_LAST)
    for (guint64 i = 0; i < other->n; i++)
      pl_vector_append (vector, other->last[i]);
  else
    {
      const guint64 own = vector->n, all = own + other->n;
      const guint64 *values = pl_vector_values (other);
      pl_vector_values (vector);
      vector->values = g_renew (guint64, vector->values, capacity_for (all));
      memcpy (vector->values + own, values, other->n * sizeof *values);
      vector->n = all;
      memcpy (vector->last, vector->values + all - n_last (vector), n_last (vector) * sizeof *values);
    }
  pl_vector_clear (other);
}

void
pl_vector_save (const PlVector *vector, PlBuffer *buffer)
{
  const guint64 held = vector->n - n_last (vector);
  pl_buffer_put_u64 (buffer, vector->n);
  pl_buffer_append (buffer, vector->values, held * sizeof (guint64));
  pl_buffer_append (buffer, vector->last, n_last (vector) * sizeof (guint64));
}

gboolean
pl_vector_load (PlVector *vector, PlCursor *cursor)
{
  guint64 n = pl_cursor_get_u64 (cursor);

  memset (vector, 0, sizeof *vector);
  if (cursor->failed || n > (cursor->length - cursor->offset) / sizeof (guint64))
    {
      cursor->failed = TRUE;
      return FALSE;
    }
  for (guint64 i = 0; i < n; i++)
    pl_vector_append (vector, pl_cursor_get_u64 (cursor));
  return TRUE;
}

static guint64
select_small (guint64 *values, guint64 n, guint64 k, guint64 above, guint64 *next)
{
  for (guint64 i = 1; i < n; i++)
    {
      guint64 value = values[i], j = i;
      for (; j > 0 && values[j - 1] > value; j--)
        values[j] = values[j - 1];
      values[j] = value;
    }
  *next = k + 1 < n ? values[k + 1] : above;
  return values[k];
}

guint64
pl_vector_select (const guint64 *values, guint64 n, guint64 k, guint64 *scratch, guint64 *next)
{
  const guint64 *current = values;
  guint64 above = G_MAXUINT64; /* the least value beyond those that are left */
  gboolean last = k + 1 == n;

  while (n > SMALL)
    {
      guint64 least = current[0], most = current[0], count[256] = {0}, kept = 0;
      for (guint64 i = 1; i < n; i++)
        {
          least = MIN (least, current[i]);
          most = MAX (most, current[i]);
        }
      if (least == most)
        {
          *next = k + 1 < n || last ? least : above;
          return least;
        }
      gint shift = MAX (0, 64 - __builtin_clzll (least ^ most) - 8);
      for (guint64 i = 0; i < n; i++)
        count[current[i] >> shift & 255]++;
      guint64 bucket = 0;
      for (; k >= count[bucket]; bucket++)
        k -= count[bucket];
      for (guint64 i = 0; i < n; i++)
        {
          guint64 value = current[i], own = value >> shift & 255;
          scratch[kept] = value;
          kept += own == bucket;
          value = own > bucket ? value : G_MAXUINT64;
          above = MIN (above, value);
        }
      current = scratch;
      n = kept;
    }
  if (current == values)
    memcpy (scratch, values, n * sizeof (guint64));
  guint64 value = select_small (scratch, n, k, above, next);
  if (last)
    *next = value;
  return value;
}
