/* What the simple aggregates of one column of numbers, dates or bools keep, in one state for all of them: how many
 * values there are, their exact sum, the least and the greatest.
 *
 *   tag        count << 16 | flags << 8 | scale                        always
 *   sum        units: the sum is units × 10^-scale                     PL_SUMMARY_SUM, then the state starts with a
 *              PlShortSum
 *   least      } × 10^-scale; of nothing                               PL_SUMMARY_LEAST
 *   greatest   } the number that every other one beats                 PL_SUMMARY_GREATEST
 *
 * A number comes as (value, scale): value × 10^-scale, or, with scale PL_SHORT_FULL, the double of which value is the
 * key (held.h), or, with PL_SHORT_PRINTED, the decimal as which that is printed. All of a state is at one scale, which
 * rises as needed. What 64 bits do not hold moves the sum into a PlExactSum and, of floats, the extremes into keys:
 * scale PL_SHORT_FULL. Rounding keeps order, so results are those of comparing doubles. A decimal of zero has no sign:
 * that there was a -0.0 is a flag. Types that are ordered by their integer (PL_SUMMARY_ORDINAL) have scale 0, and their
 * extremes stay integers. */
#pragma once
#include "../../pipeline/exact/short-sum.h"
#include "../../pipeline/table/batch.h"
#include "aggregate.h"

G_BEGIN_DECLS

/* PlAggregateCall.parts of calls that are computed from a summary. */
enum
{
  PL_SUMMARY_SUM = 1 << 0,
  PL_SUMMARY_LEAST = 1 << 1,
  PL_SUMMARY_GREATEST = 1 << 2,
  PL_SUMMARY_PARTS = 7,
  PL_SUMMARY_ORDINAL = 1 << 3,
  PL_SUMMARY = 1 << 7 /* set in all of them */
};

#define PL_SUMMARY_MINUS_ZERO ((guint64) 1 << 8)

typedef union
{
  PlShortSum sum;
  struct
  {
    guint64 tag;
    gint64 words[3]; /* as many as there are parts */
  };
} PlSummary;

static inline guint
pl_summary_n_words (guint parts)
{
  return (guint) __builtin_popcount (parts & PL_SUMMARY_PARTS);
}

static inline gint64 *
pl_summary_least (PlSummary *summary, guint parts)
{
  return &summary->words[(parts & PL_SUMMARY_SUM) != 0];
}

static inline gint64 *
pl_summary_greatest (PlSummary *summary, guint parts)
{
  return &summary->words[((parts & PL_SUMMARY_SUM) != 0) + ((parts & PL_SUMMARY_LEAST) != 0)];
}

static inline guint
pl_summary_scale (const PlSummary *summary)
{
  return (guint8) summary->tag;
}

/** pl_summary_has_scale: by the byte in the memory: who adds to the tag there next has no use for it in a register. */
static inline gboolean
pl_summary_has_scale (const PlSummary *summary, guint8 scale)
{
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  return *(const guint8 *) summary == scale;
#else
  return (guint8) summary->tag == scale;
#endif
}

static inline guint64
pl_summary_count (const PlSummary *summary)
{
  return summary->tag >> 16;
}

/** pl_summary_bind: makes @call, whose arguments have been taken, one that is computed from @parts. */
void pl_summary_bind (PlAggregateCall *call, guint parts);
/** pl_summary_share: PlAggregate.share() of calls that are computed from summaries. */
gboolean pl_summary_share (PlAggregateCall *owner, const PlAggregateCall *call);

/** pl_summary_add_fitting: counts and adds a number of @summary's scale; not where there is a sum that is full.
 * Returns: %FALSE, and nothing has changed, when the sum does not fit any more. */
static inline __attribute__ ((always_inline)) gboolean
pl_summary_add_fitting (PlSummary *summary, const guint parts, gint64 value)
{
  if (parts & PL_SUMMARY_SUM)
    {
      gint64 total;
      if (G_UNLIKELY (__builtin_add_overflow (summary->words[0], value, &total)))
        return FALSE;
      summary->words[0] = total;
    }
  summary->tag += PL_SHORT_ONE;
  /* Branches: once a group has some rows, they are hardly ever taken. */
  if ((parts & PL_SUMMARY_LEAST) && value < *pl_summary_least (summary, parts))
    *pl_summary_least (summary, parts) = value;
  if ((parts & PL_SUMMARY_GREATEST) && value > *pl_summary_greatest (summary, parts))
    *pl_summary_greatest (summary, parts) = value;
  return TRUE;
}

/** pl_summary_add_slowly: counts and adds any number. */
void pl_summary_add_slowly (PlSummary *summary, guint parts, gint64 value, guint scale);

/* Of some numbers at one scale. */
typedef struct
{
  PlInt128 sum; /* 0 when it is not wanted */
  gint64 least, greatest;
  guint64 count;
  guint scale;
} PlSummaryTotal;

/** pl_summary_add_total: the same for many numbers at once; @total->scale is PL_SHORT_FULL only where there is no
 * sum. */
void pl_summary_add_total (PlSummary *summary, guint parts, const PlSummaryTotal *total);
/** pl_summary_put_extreme: the result of min or max, as row @row of @out. */
void pl_summary_put_extreme (const PlSummary *summary, guint parts, gboolean greatest, PlColumn *out, gsize row);

/* Callbacks of PlAggregate for calls that are computed from summaries. */
void pl_summary_init (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n);
void pl_summary_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
                         const guint32 *from, gsize n);
void pl_summary_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer);
gboolean pl_summary_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor);
void pl_summary_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n);

G_END_DECLS
