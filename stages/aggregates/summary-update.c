/* Summaries: the loops over a batch's rows.
 *
 * Numbers of one scale that lie in a row, each for its group, are what large inputs consist of: one loop without a call, compiled for each set of parts.
 * All else (nulls, filters, scales that differ, rows without a decimal, bools and dates) is brought into that form first, a chunk of rows at a
 * time, on the stack. */
#include "family.h"
#include "summary.h"

#define CHUNK 512

/* Some numbers in a row, and where they go. */
typedef struct
{
  const gint64 *values;
  const guint8 *scales;  /* (nullable): NULL: all have @scale */
  const guint32 *places; /* (nullable): NULL: all go into the first state */
  gsize n;
  guint scale;
  guint parts; /* all that is known of the states; the loops get those that matter as a constant */
} Numbers;

/* ---- numbers into states ---- */

static inline __attribute__ ((always_inline)) void
add_each (const guint parts, guint8 *states, const Numbers *numbers)
{
  const gint64 *values = numbers->values;
  const guint32 *places = numbers->places;
  const guint8 scale = (guint8) numbers->scale;
  const gsize n = numbers->n;
#pragma GCC unroll 4
  for (gsize i = 0; i < n; i++)
    {
      PlSummary *summary = pl_state (PlSummary, i);
      if (G_UNLIKELY ((guint8) summary->tag != scale) || !pl_summary_add_fitting (summary, parts, values[i]))
        pl_summary_add_slowly (summary, numbers->parts, values[i], scale);
    }
}

/* Smaller scales are lifted to their group's without a call. */
static inline __attribute__ ((always_inline)) void
add_mixed (const guint parts, guint8 *states, const Numbers *numbers)
{
  for (gsize i = 0; i < numbers->n; i++)
    {
      PlSummary *summary = pl_state_at (PlSummary, states, numbers->places != NULL ? numbers->places[i] : 0);
      const guint scale = numbers->scales != NULL ? numbers->scales[i] : numbers->scale;
      const guint up = pl_summary_scale (summary) - scale;
      gint64 lifted;
      if (G_UNLIKELY (up > 18 || scale > 18)
          || __builtin_mul_overflow (numbers->values[i], pl_short_powers_of_10[up], &lifted)
          || !pl_summary_add_fitting (summary, parts, lifted))
        pl_summary_add_slowly (summary, numbers->parts, numbers->values[i], scale);
    }
}

/* Numbers of one scale into one state. */
static inline __attribute__ ((always_inline)) void
add_all (const guint parts, PlSummary *summary, const Numbers *numbers)
{
  const gint64 *values = numbers->values;
  PlSummaryTotal total = {0, G_MAXINT64, G_MININT64, numbers->n, numbers->scale};
  for (gsize i = 0; i < numbers->n; i++)
    {
      if (parts & PL_SUMMARY_SUM)
        total.sum += values[i]; /* n × 2^63 fits for any n that there is */
      if (parts & PL_SUMMARY_LEAST)
        total.least = MIN (total.least, values[i]);
      if (parts & PL_SUMMARY_GREATEST)
        total.greatest = MAX (total.greatest, values[i]);
    }
  pl_summary_add_total (summary, numbers->parts, &total);
}

static inline __attribute__ ((always_inline)) void
add_parts (const guint parts, guint8 *states, const Numbers *numbers)
{
  if (numbers->scales != NULL || ((parts & PL_SUMMARY_SUM) && numbers->scale == PL_SHORT_FULL))
    add_mixed (parts, states, numbers);
  else if (numbers->places == NULL)
    add_all (parts, (PlSummary *) (gpointer) states, numbers);
  else
    add_each (parts, states, numbers);
}

static void
add (guint8 *states, const Numbers *numbers)
{
  switch (numbers->parts & PL_SUMMARY_PARTS)
    {
#define PARTS(p)                                                                                                       \
  case p:                                                                                                              \
    add_parts (p, states, numbers);                                                                                    \
    break
      PARTS (1);
      PARTS (2);
      PARTS (3);
      PARTS (4);
      PARTS (5);
      PARTS (6);
      PARTS (7);
#undef PARTS
    default:
      g_assert_not_reached ();
    }
}

/* ---- columns into numbers ---- */

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

/* Takes @numbers from @column where it has them in a row already. */
static gboolean
take_whole (const PlColumn *column, gsize n, Numbers *numbers)
{
  const gboolean extremes = (numbers->parts & (PL_SUMMARY_LEAST | PL_SUMMARY_GREATEST)) != 0;
  if (column->nulls != NULL)
    return FALSE;
  numbers->n = n;
  if (column->type.kind == PL_FLOAT)
    {
      numbers->values = column->exact;
      numbers->scale = column->exact_scale;
      return column->exact != NULL && column->exact_scales == NULL
             && !(extremes && column->floats != NULL && has_minus_zero (column->floats, n));
    }
  numbers->values = column->ints;
  return column->type.kind == PL_INT || column->type.kind == PL_TIMESTAMP;
}

typedef struct
{
  guint32 rows[CHUNK], places[CHUNK];
  gint64 values[CHUNK];
  guint8 scales[CHUNK];
} Chunk;

static void
take_floats (const PlColumn *column, Chunk *chunk, Numbers *numbers)
{
  const double *floats = column->floats;
  numbers->scales = column->exact != NULL && (column->exact_scales != NULL || floats != NULL) ? chunk->scales : NULL;
  numbers->scale = column->exact != NULL ? column->exact_scale : PL_SHORT_FULL;
  for (gsize i = 0; i < numbers->n; i++)
    {
      const guint32 row = chunk->rows[i];
      if (column->exact == NULL)
        {
          chunk->values[i] = pl_key_of_float (floats[row]);
          continue;
        }
      chunk->values[i] = column->exact[row];
      chunk->scales[i] = column->exact_scales != NULL ? column->exact_scales[row] : column->exact_scale;
      if (floats != NULL && (chunk->scales[i] == PL_SCALE_INEXACT || (chunk->values[i] == 0 && signbit (floats[row]))))
        {
          chunk->values[i] = pl_key_of_float (floats[row]);
          chunk->scales[i] = PL_SHORT_FULL;
        }
    }
}

/* The numbers of @chunk->rows. */
static void
take_rows (const PlColumn *column, Chunk *chunk, Numbers *numbers)
{
  numbers->values = chunk->values;
  switch (column->type.kind)
    {
    case PL_FLOAT:
      take_floats (column, chunk, numbers);
      break;
    case PL_BOOL:
      for (gsize i = 0; i < numbers->n; i++)
        chunk->values[i] = column->bools[chunk->rows[i]];
      break;
    case PL_DATE:
      for (gsize i = 0; i < numbers->n; i++)
        chunk->values[i] = column->dates[chunk->rows[i]];
      break;
    default:
      for (gsize i = 0; i < numbers->n; i++)
        chunk->values[i] = column->ints[chunk->rows[i]];
      break;
    }
}

gboolean
pl_summary_update (const PlAggregateCall *call, guint8 *states, const guint32 *places, const guint32 *rows, gsize n,
                   PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions, G_GNUC_UNUSED GError **error)
{
  const PlColumn *column = args[0];
  Numbers numbers = {.places = places, .parts = call->parts};
  Chunk chunk;

  if (pl_nothing_but_nulls (column))
    return TRUE;
  if (rows == NULL && take_whole (column, n, &numbers))
    {
      add (states, &numbers);
      return TRUE;
    }
  numbers.places = places != NULL ? chunk.places : NULL;
  for (gsize i = 0; i < n;)
    {
      const gsize end = MIN (n, i + CHUNK);
      for (numbers.n = 0; i < end; i++)
        {
          const guint32 row = rows != NULL ? rows[i] : (guint32) i;
          chunk.rows[numbers.n] = row;
          chunk.places[numbers.n] = places != NULL ? places[i] : 0;
          numbers.n += column->nulls == NULL || !column->nulls[row];
        }
      take_rows (column, &chunk, &numbers);
      add (states, &numbers);
    }
  return TRUE;
}
