/* See vector.h. Selection by radix: eight bits below the common prefix tell the bucket of the wanted rank, the values of that bucket
 * are kept, and so on. Linear on any input, without a pivot to guess and without a branch to mispredict. */
#include "vector.h"

#define SMALL 24

void
pl_vector_clear (PlVector *vector)
{
  g_free (vector->values);
  *vector = (PlVector){NULL, 0};
}

static guint64
capacity_for (guint64 n)
{
  guint64 capacity = 4;
  while (capacity < n)
    capacity *= 2;
  return capacity;
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
  if (other->n > 0)
    {
      vector->values = g_renew (guint64, vector->values, capacity_for (vector->n + other->n));
      memcpy (vector->values + vector->n, other->values, other->n * sizeof (guint64));
      vector->n += other->n;
    }
  pl_vector_clear (other);
}

void
pl_vector_save (const PlVector *vector, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, vector->n);
  for (guint64 i = 0; i < vector->n; i++)
    pl_buffer_put_u64 (buffer, vector->values[i]);
}

gboolean
pl_vector_load (PlVector *vector, PlCursor *cursor)
{
  guint64 n = pl_cursor_get_u64 (cursor);

  *vector = (PlVector){NULL, 0};
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
