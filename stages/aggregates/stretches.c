/* See stretches.h. */
#include "stretches.h"
#include "number.h"
#include "../../pipeline/exact/short-sum.h"
#include "held.h"

static gboolean
has_minus_zero (const double *floats, gsize n)
{
  guint64 found = 0;
  for (gsize i = 0; i < n; i++)
    {
      guint64 bits;
      memcpy (&bits, &floats[i], sizeof bits);
      found |= bits == (guint64) 1 << 63;
    }
  return found != 0;
}

gboolean
pl_stretch_take_whole (const PlColumn *column, gsize n, gboolean signs, PlStretch *stretch)
{
  if (column->nulls != NULL)
    return FALSE;
  stretch->n = n;
  stretch->scale = 0;
  stretch->scales = NULL;
  if (column->type.kind == PL_FLOAT)
    {
      stretch->values = column->exact;
      stretch->scale = column->exact_scale;
      return column->exact != NULL && column->exact_scales == NULL
             && !(signs && column->floats != NULL && has_minus_zero (column->floats, n));
    }
  stretch->values = column->ints;
  return column->type.kind == PL_INT || column->type.kind == PL_TIMESTAMP;
}

typedef struct
{
  guint32 rows[PL_STRETCH_ROWS], addresses[PL_STRETCH_ROWS];
  gint64 values[PL_STRETCH_ROWS];
  guint8 scales[PL_STRETCH_ROWS];
} Chunk;

static void
take_floats (const PlColumn *column, Chunk *chunk, PlStretch *stretch)
{
  const double *floats = column->floats;
  stretch->scales = column->exact != NULL && (column->exact_scales != NULL || floats != NULL) ? chunk->scales : NULL;
  stretch->scale = column->exact != NULL ? column->exact_scale : PL_SHORT_FULL;
  for (gsize i = 0; i < stretch->n; i++)
    {
      const guint32 row = chunk->rows[i];
      if (column->exact == NULL)
        {
          chunk->values[i] = pl_key_of_float (floats[row]);
          continue;
        }
      chunk->values[i] = column->exact[row];
      chunk->scales[i] = column->exact_scales != NULL ? column->exact_scales[row] : column->exact_scale;
      if (floats != NULL && (chunk->scales[i] >= PL_SCALE_COMPUTED || (chunk->values[i] == 0 && signbit (floats[row]))))
        {
          const gboolean is_decimal
              = chunk->scales[i] == PL_SCALE_INEXACT && isfinite (floats[row]) && floats[row] != 0;
          chunk->values[i] = pl_key_of_float (floats[row]);
          chunk->scales[i] = is_decimal ? PL_SHORT_PRINTED : PL_SHORT_FULL;
        }
    }
}

/* The numbers of @chunk->rows. */
static void
take_rows (const PlColumn *column, Chunk *chunk, PlStretch *stretch)
{
  stretch->values = chunk->values;
  switch (column->type.kind)
    {
    case PL_FLOAT:
      take_floats (column, chunk, stretch);
      break;
    case PL_DECIMAL:
      stretch->scale = PL_SHORT_FULL;
      for (gsize i = 0; i < stretch->n; i++)
        {
          PlNumber term;
          pl_number_read (column, chunk->rows[i], &term);
          pl_number_to_binary (&term);
          chunk->values[i] = pl_key_of_float (term.value);
        }
      break;
    case PL_BOOL:
      for (gsize i = 0; i < stretch->n; i++)
        chunk->values[i] = column->bools[chunk->rows[i]];
      break;
    case PL_DATE:
      for (gsize i = 0; i < stretch->n; i++)
        chunk->values[i] = column->dates[chunk->rows[i]];
      break;
    default:
      for (gsize i = 0; i < stretch->n; i++)
        chunk->values[i] = column->ints[chunk->rows[i]];
      break;
    }
}

void
pl_stretches_take (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
                   const PlColumn *column, gboolean signs, PlStretchFunc take)
{
  PlStretch stretch = {.addresses = addresses};
  Chunk chunk;

  if (column->type.kind == PL_NULL)
    return;
  if (rows == NULL && pl_stretch_take_whole (column, n, signs, &stretch))
    {
      take (call, states, &stretch);
      return;
    }
  stretch.scale = 0;
  stretch.addresses = addresses != NULL ? chunk.addresses : NULL;
  for (gsize i = 0; i < n;)
    {
      const gsize end = MIN (n, i + PL_STRETCH_ROWS);
      for (stretch.n = 0; i < end; i++)
        {
          const guint32 row = rows != NULL ? rows[i] : (guint32) i;
          chunk.rows[stretch.n] = row;
          chunk.addresses[stretch.n] = addresses != NULL ? addresses[i] : 0;
          stretch.n += column->nulls == NULL || !column->nulls[row];
        }
      take_rows (column, &chunk, &stretch);
      take (call, states, &stretch);
    }
}
