/* See summary.h. Here is a summary by itself; the loops over rows are in summary-update.c. */
#include "summary.h"
#include "../../pipeline/memory/leased.h"
#include "family.h"
#include "held.h"
#include "number.h"

#define MINUS_ZERO_KEY (-1) /* pl_key_of_float (-0.0) */

static gboolean
is_full (const PlSummary *summary)
{
  return pl_summary_scale (summary) == PL_SHORT_FULL;
}

static void
set_scale (PlSummary *summary, guint scale)
{
  summary->tag = (summary->tag & ~(guint64) 0xff) | scale;
}

/* Makes @summary, which owns nothing, the empty one. */
static void
empty_summary (PlSummary *summary, guint parts)
{
  summary->tag = 0;
  if (parts & PL_SUMMARY_SUM)
    summary->words[0] = 0;
  if (parts & PL_SUMMARY_LEAST)
    *pl_summary_least (summary, parts) = G_MAXINT64;
  if (parts & PL_SUMMARY_GREATEST)
    *pl_summary_greatest (summary, parts) = G_MININT64;
}

/* Neither is a float's mantissa, nor one that has been lifted, nor a key. */
static gboolean
is_nothing (gint64 extreme)
{
  return extreme == G_MAXINT64 || extreme == G_MININT64;
}

static double
round_decimal (gint64 value, guint scale)
{
  const PlExactSum exact = {.units = value, .scale = (guint8) scale};
  return pl_exact_sum_round (&exact, 1);
}

static void
raise_extremes (PlSummary *summary, guint parts, gint64 least, gint64 greatest)
{
  if (parts & PL_SUMMARY_LEAST)
    *pl_summary_least (summary, parts) = MIN (*pl_summary_least (summary, parts), least);
  if (parts & PL_SUMMARY_GREATEST)
    *pl_summary_greatest (summary, parts) = MAX (*pl_summary_greatest (summary, parts), greatest);
}

static void
make_full (PlSummary *summary, guint parts)
{
  const guint scale = pl_summary_scale (summary);
  if (is_full (summary))
    return;
  if (parts & PL_SUMMARY_SUM)
    pl_short_sum_full (&summary->sum);
  set_scale (summary, PL_SHORT_FULL);
  if (parts & PL_SUMMARY_ORDINAL)
    return;
  gint64 *least = pl_summary_least (summary, parts), *greatest = pl_summary_greatest (summary, parts);
  if ((parts & PL_SUMMARY_LEAST) && !is_nothing (*least))
    *least = pl_key_of_float (round_decimal (*least, scale));
  if ((parts & PL_SUMMARY_GREATEST) && !is_nothing (*greatest))
    *greatest = pl_key_of_float (round_decimal (*greatest, scale));
  if (summary->tag & PL_SUMMARY_MINUS_ZERO)
    raise_extremes (summary, parts, MINUS_ZERO_KEY, MINUS_ZERO_KEY);
  summary->tag &= ~PL_SUMMARY_MINUS_ZERO;
}

/* Brings all to @scale, which is not below its own. Returns: %FALSE, and nothing has changed, when it does not fit. */
static gboolean
lift (PlSummary *summary, guint parts, guint scale)
{
  const gint64 power = pl_short_powers_of_10[scale - pl_summary_scale (summary)];
  const guint first_extreme = (parts & PL_SUMMARY_SUM) != 0, n = pl_summary_n_words (parts);
  gint64 words[G_N_ELEMENTS (summary->words)];
  for (guint w = 0; w < n && power > 1; w++)
    {
      words[w] = summary->words[w];
      if ((w < first_extreme || !is_nothing (words[w])) && __builtin_mul_overflow (words[w], power, &words[w]))
        return FALSE;
    }
  for (guint w = 0; w < n && power > 1; w++)
    summary->words[w] = words[w];
  set_scale (summary, scale);
  return TRUE;
}

/* A full summary of floats gets a decimal: rounded exactly only where it may be an extreme, because that takes long.
 * Keys of neighbouring doubles are neighbours, and one conversion and one division are off by less than two. */
static void
take_decimal (PlSummary *summary, guint parts, gint64 value, guint scale)
{
  const gint64 about = pl_key_of_float ((double) value / pl_double_powers_of_10[scale]);
  if ((!(parts & PL_SUMMARY_LEAST) || about - 4 > *pl_summary_least (summary, parts))
      && (!(parts & PL_SUMMARY_GREATEST) || about + 4 < *pl_summary_greatest (summary, parts)))
    return;
  const gint64 key = pl_key_of_float (round_decimal (value, scale));
  raise_extremes (summary, parts, key, key);
}

static void
add_printed (PlExactSum *sum, double value)
{
  PlNumber term;
  pl_number_print (&term, value);
  pl_number_add (sum, &term);
}

void
pl_summary_add_slowly (PlSummary *summary, guint parts, gint64 value, guint scale)
{
  const gboolean is_key = scale == PL_SHORT_FULL || scale == PL_SHORT_PRINTED;
  if (summary->tag == 0 && !is_key)
    {
      summary->tag = scale; /* the first one of many groups */
      pl_summary_add_fitting (summary, parts, value);
      return;
    }
  if (!is_full (summary) && is_key && value == MINUS_ZERO_KEY)
    {
      summary->tag = (summary->tag | PL_SUMMARY_MINUS_ZERO) + PL_SHORT_ONE;
      return;
    }
  if (!is_full (summary) && !is_key)
    {
      const guint common = MAX (pl_summary_scale (summary), scale);
      gint64 lifted;
      if (lift (summary, parts, common)
          && !__builtin_mul_overflow (value, pl_short_powers_of_10[common - scale], &lifted)
          && pl_summary_add_fitting (summary, parts, lifted))
        return;
    }
  make_full (summary, parts);
  summary->tag += PL_SHORT_ONE;
  if ((parts & PL_SUMMARY_SUM) && scale == PL_SHORT_PRINTED)
    add_printed (summary->sum.full, pl_float_of_key (value));
  else if ((parts & PL_SUMMARY_SUM) && is_key)
    pl_exact_sum_add_double (summary->sum.full, pl_float_of_key (value));
  else if (parts & PL_SUMMARY_SUM)
    pl_exact_sum_add_mantissa (summary->sum.full, value, scale);
  if (is_key || (parts & PL_SUMMARY_ORDINAL))
    raise_extremes (summary, parts, value, value);
  else if (parts & (PL_SUMMARY_LEAST | PL_SUMMARY_GREATEST))
    take_decimal (summary, parts, value, scale);
}

static void
absorb_sum (PlSummary *summary, guint parts, PlSummary *other)
{
  gint64 total;
  if (!is_full (summary) && !__builtin_add_overflow (summary->sum.units, other->sum.units, &total))
    {
      summary->sum.units = total;
      return;
    }
  make_full (summary, parts);
  make_full (other, parts);
  pl_exact_sum_combine (summary->sum.full, other->sum.full);
  pl_leased_free (other->sum.full);
}

/* @summary takes in @other, which is left empty. */
static void
absorb (PlSummary *summary, guint parts, PlSummary *other)
{
  const guint64 count = pl_summary_count (other);
  if (pl_summary_count (summary) == 0 && !is_full (summary))
    memcpy (summary, other, (1 + pl_summary_n_words (parts)) * sizeof (guint64));
  else if (count > 0)
    {
      const guint own = pl_summary_scale (summary), scale = pl_summary_scale (other);
      if (own != scale
          && (is_full (summary) || is_full (other) || !lift (summary, parts, MAX (own, scale))
              || !lift (other, parts, MAX (own, scale))))
        {
          make_full (summary, parts);
          make_full (other, parts);
        }
      if (parts & PL_SUMMARY_SUM)
        absorb_sum (summary, parts, other);
      raise_extremes (summary, parts, parts & PL_SUMMARY_LEAST ? *pl_summary_least (other, parts) : 0,
                      parts & PL_SUMMARY_GREATEST ? *pl_summary_greatest (other, parts) : 0);
      summary->tag = (summary->tag | (other->tag & PL_SUMMARY_MINUS_ZERO)) + count * PL_SHORT_ONE;
    }
  empty_summary (other, parts);
}

void
pl_summary_add_total (PlSummary *summary, guint parts, const PlSummaryTotal *total)
{
  const gboolean fits = total->sum == (gint64) total->sum;
  PlSummary other;
  empty_summary (&other, parts);
  other.tag = total->count * PL_SHORT_ONE | total->scale;
  if (parts & PL_SUMMARY_SUM)
    other.sum.units = fits ? (gint64) total->sum : 0;
  raise_extremes (&other, parts, total->least, total->greatest);
  absorb (summary, parts, &other);
  if (fits)
    return;
  make_full (summary, parts);
  pl_exact_sum_add_decimal (summary->sum.full, total->sum, total->scale);
}

void
pl_summary_put_extreme (const PlSummary *summary, guint parts, gboolean greatest, PlColumn *out, gsize row)
{
  const gint64 extreme = greatest ? *pl_summary_greatest ((PlSummary *) summary, parts)
                                  : *pl_summary_least ((PlSummary *) summary, parts);
  const guint scale = pl_summary_scale (summary);
  out->nulls[row] = pl_summary_count (summary) == 0;
  if (out->nulls[row])
    pl_held_put_nothing (out, row);
  else if ((parts & PL_SUMMARY_ORDINAL) || scale == PL_SHORT_FULL)
    pl_key_put (extreme, out, row);
  else if ((summary->tag & PL_SUMMARY_MINUS_ZERO) && (greatest ? extreme < 0 : extreme >= 0))
    out->floats[row] = -0.0;
  else
    out->floats[row] = round_decimal (extreme, scale);
}

/* ---- callbacks ---- */

static void
set_size (PlAggregateCall *call)
{
  call->state_size = (1 + pl_summary_n_words (call->parts)) * sizeof (guint64);
}

void
pl_summary_bind (PlAggregateCall *call, guint parts)
{
  call->parts = PL_SUMMARY | parts | (call->arg_types[0].kind != PL_FLOAT ? PL_SUMMARY_ORDINAL : 0);
  set_size (call);
}

gboolean
pl_summary_share (PlAggregateCall *owner, const PlAggregateCall *call)
{
  if (!(owner->parts & call->parts & PL_SUMMARY))
    return FALSE;
  owner->parts |= call->parts;
  set_size (owner);
  return TRUE;
}

void
pl_summary_init (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  const guint parts = call->parts;
  for (gsize i = 0; i < n && (parts & (PL_SUMMARY_LEAST | PL_SUMMARY_GREATEST)) != 0; i++)
    empty_summary (pl_state (PlSummary, i), parts);
}

void
pl_summary_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
                    const guint32 *from, gsize n)
{
  PL_EACH_PAIR (PlSummary, absorb (state, call->parts, taken))
}

void
pl_summary_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  const PlSummary *summary = (const PlSummary *) (gconstpointer) state;
  const gboolean sum_is_full = is_full (summary) && (call->parts & PL_SUMMARY_SUM) != 0;
  const guint n_words = pl_summary_n_words (call->parts);
  G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN);
  pl_buffer_put_u64 (buffer, summary->tag);
  pl_buffer_append (buffer, summary->words + sum_is_full, (n_words - sum_is_full) * sizeof *summary->words);
  if (sum_is_full)
    pl_exact_sum_save (summary->sum.full, buffer);
}

gboolean
pl_summary_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  PlSummary *summary = (PlSummary *) (gpointer) state;
  const guint64 tag = pl_cursor_get_u64 (cursor);
  const guint scale = (guint8) tag, highest = call->parts & PL_SUMMARY_ORDINAL ? 0 : 18;
  const gboolean sum_is_full = scale == PL_SHORT_FULL && (call->parts & PL_SUMMARY_SUM) != 0;
  PlExactSum full = {0};

  const gsize n_words = pl_summary_n_words (call->parts) - sum_is_full, bytes = n_words * sizeof *summary->words;
  const void *words = pl_cursor_get_raw (cursor, bytes);
  if (words != NULL)
    memcpy (summary->words + sum_is_full, words, bytes);
  cursor->failed
      = cursor->failed || (scale > highest && scale != PL_SHORT_FULL) || (tag & (0xfe * PL_SUMMARY_MINUS_ZERO)) != 0;
  if (!cursor->failed && sum_is_full && pl_exact_sum_load (&full, cursor))
    {
      summary->sum.full = pl_short_sum_new_full ();
      *summary->sum.full = full;
    }
  if (cursor->failed)
    empty_summary (summary, call->parts);
  else
    summary->tag = tag;
  return !cursor->failed;
}

void
pl_summary_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  if ((call->parts & PL_SUMMARY_SUM) == 0 || pl_short_sums_own_nothing ())
    return;
  for (gsize i = 0; i < n; i++)
    if (is_full (pl_state (PlSummary, i)))
      pl_short_sum_clear (&pl_state (PlSummary, i)->sum);
}
