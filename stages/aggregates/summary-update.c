/* Summaries: the loops over rows.
 *
 * Numbers of one scale, each for its group, are what large inputs consist of: one loop without a call, compiled for
 * each set of parts. */
#include "summary-update.h"
#include "family.h"
#include "stretches.h"
#include "summary.h"

#define AHEAD 32 /* rows that states are fetched ahead */

/* Adds numbers from @i on, each to its group.
 * Returns: the first that does not fit its group as it is, or @n. There is no call in these loops, which would cost
 * them their registers. */
typedef gsize (*AddEach) (guint8 *states, const guint32 *addresses, const gint64 *values, gsize i, gsize n,
                          guint8 scale);

#define ADD_EACH(name, parts)                                                                                          \
  static __attribute__ ((noinline)) gsize name (guint8 *states, const guint32 *addresses, const gint64 *values,        \
                                                gsize i, gsize n, guint8 scale)                                        \
  {                                                                                                                    \
    _Pragma ("GCC unroll 4") for (; i < n; i++)                                                                        \
    {                                                                                                                  \
      PlSummary *summary = pl_state (PlSummary, i);                                                                    \
      if (G_UNLIKELY (!pl_summary_has_scale (summary, scale)) || !pl_summary_add_fitting (summary, parts, values[i]))  \
        break;                                                                                                         \
    }                                                                                                                  \
    return i;                                                                                                          \
  }

ADD_EACH (add_sums, 1)
ADD_EACH (add_least, 2)
ADD_EACH (add_sums_least, 3)
ADD_EACH (add_greatest, 4)
ADD_EACH (add_sums_greatest, 5)
ADD_EACH (add_extremes, 6)
ADD_EACH (add_everything, 7)

static const AddEach add_each[]
    = {NULL, add_sums, add_least, add_sums_least, add_greatest, add_sums_greatest, add_extremes, add_everything};

static void
add_to_groups (guint8 *states, guint parts, const PlStretch *stretch)
{
  const AddEach add = add_each[parts & PL_SUMMARY_PARTS];
  for (gsize i = 0;
       (i = add (states, stretch->addresses, stretch->values, i, stretch->n, (guint8) stretch->scale)) < stretch->n;
       i++)
    pl_summary_add_slowly (pl_state_at (PlSummary, states, stretch->addresses[i]), parts, stretch->values[i],
                           stretch->scale);
}

/* Smaller scales are lifted to their group's without a call. */
static inline __attribute__ ((always_inline)) void
add_mixed (const guint parts, guint8 *states, const guint all_parts, const PlStretch *stretch)
{
  for (gsize i = 0; i < stretch->n; i++)
    {
      PlSummary *summary = pl_state_at (PlSummary, states, stretch->addresses != NULL ? stretch->addresses[i] : 0);
      const guint scale = stretch->scales != NULL ? stretch->scales[i] : stretch->scale;
      const guint up = pl_summary_scale (summary) - scale;
      gint64 lifted;
      if (G_UNLIKELY (up > 18 || scale > 18)
          || __builtin_mul_overflow (stretch->values[i], pl_short_powers_of_10[up], &lifted)
          || !pl_summary_add_fitting (summary, parts, lifted))
        pl_summary_add_slowly (summary, all_parts, stretch->values[i], scale);
    }
}

/* Numbers of one scale into one state. */
static inline __attribute__ ((always_inline)) void
add_all (const guint parts, PlSummary *summary, const guint all_parts, const PlStretch *stretch)
{
  const gint64 *values = stretch->values;
  PlSummaryTotal total = {0, G_MAXINT64, G_MININT64, stretch->n, stretch->scale};
  for (gsize i = 0; i < stretch->n; i++)
    {
      if (parts & PL_SUMMARY_SUM)
        total.sum += values[i]; /* n × 2^63 fits for any n that there is */
      if (parts & PL_SUMMARY_LEAST)
        total.least = MIN (total.least, values[i]);
      if (parts & PL_SUMMARY_GREATEST)
        total.greatest = MAX (total.greatest, values[i]);
    }
  pl_summary_add_total (summary, all_parts, &total);
}

static inline __attribute__ ((always_inline)) void
add_parts (const guint parts, guint8 *states, const guint all_parts, const PlStretch *stretch)
{
  if (stretch->scales != NULL || ((parts & PL_SUMMARY_SUM) && stretch->scale == PL_SHORT_FULL))
    add_mixed (parts, states, all_parts, stretch);
  else if (stretch->addresses == NULL)
    add_all (parts, (PlSummary *) (gpointer) states, all_parts, stretch);
  else
    add_to_groups (states, all_parts, stretch);
}

static void
take_stretch (const PlAggregateCall *call, guint8 *states, const PlStretch *stretch)
{
  switch (call->parts & PL_SUMMARY_PARTS)
    {
#define PARTS(p)                                                                                                       \
  case p:                                                                                                              \
    add_parts (p, states, call->parts, stretch);                                                                       \
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

/* ---- sums of several columns ---- */

/* Sums of @n_sums columns, whose states stand side by side.
 * Returns: the first row that does not fit its group as it is, all but the first @n_fitting of its numbers, or @n. */
static inline __attribute__ ((always_inline)) gsize
add_side_by_side (guint8 *states, const guint32 *addresses, const PlStretch *stretches, gsize i, gsize n,
                  guint *n_fitting, const guint n_sums, const gboolean are_cold)
{
  const gint64 *values[PL_JOINED_MAX];
  guint8 scales[PL_JOINED_MAX];
  for (guint c = 0; c < n_sums; c++)
    {
      values[c] = stretches[c].values;
      scales[c] = (guint8) stretches[c].scale;
    }
  for (; i < n; i++)
    {
      guint8 *state = states + (gsize) addresses[i] * PL_WORD;
      if (are_cold)
        {
          const guint8 *ahead = states + (gsize) addresses[MIN (i + AHEAD, n - 1)] * PL_WORD;
          __builtin_prefetch (ahead);
          __builtin_prefetch (ahead + n_sums * sizeof (PlShortSum) - 1);
        }
      for (guint c = 0; c < n_sums; c++)
        {
          PlSummary *summary = pl_state_at (PlSummary, state + c * sizeof (PlShortSum), 0);
          if (G_LIKELY (pl_summary_has_scale (summary, scales[c]))
              && pl_summary_add_fitting (summary, PL_SUMMARY_SUM, values[c][i]))
            continue;
          *n_fitting = c;
          return i;
        }
    }
  return n;
}

typedef gsize (*AddJoined) (guint8 *states, const guint32 *addresses, const PlStretch *stretches, gsize i, gsize n,
                            guint *n_fitting);

#define ADD_JOINED(name, n_sums, are_cold)                                                                             \
  static __attribute__ ((noinline)) gsize name (guint8 *states, const guint32 *addresses, const PlStretch *stretches,  \
                                                gsize i, gsize n, guint *n_fitting)                                    \
  {                                                                                                                    \
    return add_side_by_side (states, addresses, stretches, i, n, n_fitting, n_sums, are_cold);                         \
  }

ADD_JOINED (add_two, 2, FALSE)
ADD_JOINED (add_three, 3, FALSE)
ADD_JOINED (add_four, 4, FALSE)
ADD_JOINED (add_two_cold, 2, TRUE)
ADD_JOINED (add_three_cold, 3, TRUE)
ADD_JOINED (add_four_cold, 4, TRUE)

gboolean
pl_summary_joins (const PlAggregateCall *before, const PlAggregateCall *call)
{
  return ((before->parts | call->parts) & PL_SUMMARY_PARTS) == PL_SUMMARY_SUM;
}

gboolean
pl_summary_update_joined (const PlAggregateCall *const *calls, guint n_calls, guint8 *states, const guint32 *addresses,
                          gsize n, PlColumn *const *args, gboolean are_cold)
{
  static const AddJoined add_joined[2][PL_JOINED_MAX + 1]
      = {{NULL, NULL, add_two, add_three, add_four}, {NULL, NULL, add_two_cold, add_three_cold, add_four_cold}};
  const AddJoined add = add_joined[are_cold ? 1 : 0][n_calls];
  PlStretch stretches[PL_JOINED_MAX];
  for (guint c = 0; c < n_calls; c++)
    if (!pl_stretch_take_whole (args[c], n, FALSE, &stretches[c]))
      return FALSE;
  guint n_fitting = 0;
  for (gsize i = 0; (i = add (states, addresses, stretches, i, n, &n_fitting)) < n; i++)
    for (guint c = n_fitting; c < n_calls; c++)
      pl_summary_add_slowly (pl_state_at (PlSummary, states + c * sizeof (PlShortSum), addresses[i]), calls[c]->parts,
                             stretches[c].values[i], stretches[c].scale);
  return TRUE;
}

/* ---- columns by themselves ---- */

void
pl_summary_update (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
                   PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  const gboolean extremes = (call->parts & (PL_SUMMARY_LEAST | PL_SUMMARY_GREATEST)) != 0;
  pl_stretches_take (call, states, addresses, rows, n, args[0], extremes, take_stretch);
}
