/* The body of every scan kernel; included by scan-*.c behind their primitives:
 *
 *   SCAN_TARGET            function attribute that enables the instruction set
 *   ScanSet                the bytes looked for, spread over vectors
 *   scan_set()             delimiter, quote → ScanSet
 *   scan_word()            one word: masks of separators and LFs; whether there is a quote or CR; specials accumulated
 *   ScanSpecial, SCAN_NO_SPECIAL, scan_any_special()
 *   scan_equal()           mask of one byte value (the less frequent questions)
 *   scan_special_mask()    mask of NULs and bytes >= 0x80
 *   scan_prefix_xor()      bit i of the result: XOR of bits 0 … i
 *   scan_flatten()         writes the offsets of the set bits, few of them where they are called sparse
 *   scan_deposit()         bit i of one mask at the place of the i-th set bit of another; defined with SCAN_SELECTS only
 *   SCAN_NAME              name of the exported kernel
 *
 * Quotes follow simdjson (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019): the prefix XOR of the quote bits
 * is 1 from an opening quote up to before its closing one. In words without quotes nothing of this is computed. */
#include "scan.h"

static inline SCAN_TARGET guint64
scan_valid_mask (gsize remaining)
{
  return remaining >= 64 ? ~G_GUINT64_CONSTANT (0) : (G_GUINT64_CONSTANT (1) << remaining) - 1;
}

/* The masks of a word with quotes, CRs, or less than 64 bytes. */
typedef struct
{
  guint64 quotes, delimiters, lines;
  guint64 returns;
} ScanMasks;

static inline SCAN_TARGET ScanMasks
scan_masks (const char *data, gsize p, gsize length, char delimiter, char quote)
{
  guint64 valid = scan_valid_mask (length - p);
  guint64 feeds = scan_equal (data + p, '\n') & valid;
  guint64 returns = scan_equal (data + p, '\r') & valid;
  guint64 next_feed = length - p > 64 && data[p + 64] == '\n';
  return (ScanMasks){
      .quotes = quote != 0 ? scan_equal (data + p, quote) & valid : 0,
      .delimiters = scan_equal (data + p, delimiter) & valid,
      .lines = feeds | (returns & ~(feeds >> 1 | next_feed << 63)),
      .returns = returns,
  };
}

static inline gboolean
scan_may_precede_quote (gint byte, char delimiter, char quote)
{
  return byte == -1 || byte == (guint8) delimiter || byte == '\n' || byte == '\r' || byte == (guint8) quote;
}

static SCAN_TARGET void
scan_survey (char delimiter, char quote, const char *data, gsize length, gint before, PlSurvey *survey)
{
  ScanSet set = scan_set (delimiter, quote);
  ScanSpecial special = SCAN_NO_SPECIAL;
  guint64 special_tail = 0, lines = 0, any_return = 0, bad[2] = {0, 0};
  guint64 inside = 0, behind_quote = quote != 0 && before == (guint8) quote, behind_return = 0;
  /* For the block's first word the quote before the block closes a field if we start outside quotes, and opens one if inside. */
  guint64 closed_outside = behind_quote, closed_inside = 0;

  const gsize whole = length >= 64 ? length - 63 : 0; /* words that begin before are whole */
  for (gsize p = 0; p < length; p += 64)
    {
      guint64 separators, feeds, attention = 0;
      if ((closed_outside | closed_inside | behind_return) == 0)
        for (; p < whole; p += 64)
          {
            scan_word (data + p, &set, &separators, &feeds, &attention, &special);
            if (G_UNLIKELY (attention != 0))
              break;
            lines += (guint64) __builtin_popcountll (feeds);
          }
      if (p >= length)
        break;
      if (attention == 0)
        special_tail |= scan_special_mask (data + p) & scan_valid_mask (length - p);

      guint64 valid = scan_valid_mask (length - p);
      ScanMasks masks = scan_masks (data, p, length, delimiter, quote);
      feeds = scan_equal (data + p, '\n') & valid;
      any_return |= masks.returns;
      /* Every CR counts where it stands, the LF behind it does not. */
      lines += (guint64) __builtin_popcountll (feeds & ~(masks.returns << 1 | behind_return));
      lines += (guint64) __builtin_popcountll (masks.returns);
      behind_return = masks.returns >> 63;

      if (masks.quotes == 0 && (closed_outside | closed_inside) == 0)
        continue;
      guint64 within = scan_prefix_xor (masks.quotes) ^ inside;
      guint64 odd = masks.quotes & within, even = masks.quotes & ~within;
      guint64 edges = masks.delimiters | feeds | masks.returns | masks.quotes;
      gint previous = p == 0 ? before : (guint8) data[p - 1];
      guint64 may_open = edges << 1 | (guint64) scan_may_precede_quote (previous, delimiter, quote);
      bad[0] |= (odd & ~may_open) | ((even << 1 | closed_outside) & ~edges & valid);
      bad[1] |= (even & ~may_open) | ((odd << 1 | closed_inside) & ~edges & valid);
      closed_outside = even >> 63;
      closed_inside = odd >> 63;
      inside = (guint64) 0 - (within >> 63);
    }

  *survey = (PlSurvey){
      .regular = {bad[0] == 0, bad[1] == 0},
      .parity = inside & 1,
      .lines = lines,
      .leading_lf = length > 0 && data[0] == '\n',
      .has_cr = any_return != 0,
      .has_special = special_tail != 0 || scan_any_special (&special),
      .before = before,
      .last = length > 0 ? (guint8) data[length - 1] : -1,
  };
}

/* The entries of one word: all, or with @selection the wanted ones. Returns: %FALSE when a record has the wrong number of fields. */
static inline SCAN_TARGET __attribute__ ((always_inline)) gboolean
scan_write (guint32 **out, guint64 separators, guint64 lines, guint32 offset, const PlScanSelection *selection,
            gboolean sparse, gsize *phase)
{
#ifdef SCAN_SELECTS
  if (selection != NULL)
    {
      PlScanPattern pattern = selection->patterns[*phase];
      if (G_UNLIKELY (scan_deposit (pattern.ends, separators) != lines))
        return FALSE;
      *phase = selection->behind[*phase + (gsize) __builtin_popcountll (separators)];
      separators = scan_deposit (pattern.wanted, separators);
    }
#else
  (void) lines;
  (void) selection;
  (void) phase;
#endif
  *out = scan_flatten (*out, separators, offset, sparse);
  return TRUE;
}

/* What goes on from word to word while fields are found. */
typedef struct
{
  guint64 inside; /* all bits: the next word begins inside quotes */
  guint64 closed; /* 1: with what may be the second half of "" */
  guint64 any_quote, any_return, special;
} ScanState;

/* A word with quotes, CRs, or less than 64 bytes. Returns: %FALSE when its quotes are not regular. */
static inline SCAN_TARGET __attribute__ ((always_inline)) gboolean
scan_slow_word (const PlScan *scan, gsize p, ScanState *state, guint64 *separators, guint64 *line_ends)
{
  const char *data = scan->data;
  gsize length = scan->length;
  guint64 valid = scan_valid_mask (length - p);
  ScanMasks masks = scan_masks (data, p, length, scan->delimiter, scan->quote);
  guint64 within = state->inside;
  if ((masks.quotes | state->closed) != 0)
    {
      within ^= scan_prefix_xor (masks.quotes);
      /* Where a scan begins, a record does. */
      gint previous = p == scan->position ? -1 : (guint8) data[p - 1];
      guint64 edges = masks.delimiters | masks.lines | masks.returns | masks.quotes;
      guint64 may_open = edges << 1 | (guint64) scan_may_precede_quote (previous, scan->delimiter, scan->quote);
      guint64 closings = masks.quotes & ~within;
      guint64 bad = (masks.quotes & within & ~may_open) | ((closings << 1 | state->closed) & ~edges & valid);
      if (G_UNLIKELY (bad != 0))
        return FALSE;
      state->closed = closings >> 63;
    }
  *line_ends = masks.lines & ~within;
  *separators = (masks.delimiters & ~within) | *line_ends;
  state->any_quote |= masks.quotes;
  state->any_return |= masks.returns;
  state->special |= scan_special_mask (data + p) & valid;
  state->inside = (guint64) 0 - (within >> 63);
  return TRUE;
}

static inline SCAN_TARGET __attribute__ ((always_inline)) void
scan_entries (PlScan *scan, const PlScanSelection *selection, gboolean sparse)
{
  const char *data = scan->data;
  gsize length = scan->length, base = scan->base, p = scan->position;
  gsize reach = length - base > PL_SCAN_REACH ? base + PL_SCAN_REACH : length;
  ScanSet set = scan_set (scan->delimiter, scan->quote);
  ScanSpecial special = SCAN_NO_SPECIAL;
  ScanState state = {0};
  guint32 *out = scan->entries + scan->n_entries, *target = scan->entries + scan->target;
  const gsize whole = MIN (reach, length >= 64 ? length - 63 : 0); /* words that begin before are whole */
  guint64 lines = 0;
  gsize phase = 0;
  gboolean regular = TRUE;

  while (regular && p < reach && out < target)
    {
      guint64 separators, line_ends, attention = 1;
      /* Most words by far: nothing but their separators is of interest. */
      for (; regular && p < whole && out < target && (state.inside | state.closed) == 0; p += 64)
        {
          scan_word (data + p, &set, &separators, &line_ends, &attention, &special);
          if (G_UNLIKELY (attention != 0))
            break;
          regular = scan_write (&out, separators, line_ends, (guint32) (p - base), selection, sparse, &phase);
          if (G_UNLIKELY (!regular))
            break;
          if (selection == NULL)
            lines += (guint64) __builtin_popcountll (line_ends);
        }
      if (!regular || p >= reach || out >= target)
        break;
      regular = scan_slow_word (scan, p, &state, &separators, &line_ends)
                && scan_write (&out, separators, line_ends, (guint32) (p - base), selection, sparse, &phase);
      if (!regular)
        break;
      if (selection == NULL)
        lines += (guint64) __builtin_popcountll (line_ends);
      p += 64;
    }

  scan->irregular = !regular;
  scan->position = MIN (p, length);
  scan->n_entries = (gsize) (out - scan->entries);
  scan->lines += selection == NULL ? lines : scan->n_entries / selection->n_wanted;
  scan->has_quote |= state.any_quote != 0;
  scan->has_cr |= state.any_return != 0;
  scan->has_special |= state.special != 0 || scan_any_special (&special);
}

static SCAN_TARGET void
scan_index (PlScan *scan)
{
  scan_entries (scan, NULL, FALSE);
}

#ifdef SCAN_SELECTS
static SCAN_TARGET __attribute__ ((nonnull)) void
scan_select (PlScan *scan, const PlScanSelection *selection)
{
  if (selection->is_sparse)
    scan_entries (scan, selection, TRUE);
  else
    scan_entries (scan, selection, FALSE);
}
#else
#define scan_select NULL
#endif

const PlScanKernel SCAN_KERNEL = {SCAN_NAME, scan_survey, scan_index, scan_select};
