/* The body of every scan kernel; included by scan-*.c behind their primitives:
 *
 *   SCAN_TARGET            function attribute that enables the instruction set
 *   ScanSet                the bytes looked for, spread over vectors
 *   scan_set()             delimiter, quote → ScanSet
 *   scan_word()            one word: masks of separators and LFs; whether there is a quote or CR; specials accumulated
 *   ScanSpecial, SCAN_NO_SPECIAL, scan_any_special()
 *   ScanTally, SCAN_NO_TALLY, scan_tally()       SCAN_TALLY_STEP bytes: LFs counted and CRs noticed, unless there is a
 *                                                quote, which is said
 *   scan_tally_lines(), scan_any_return()        how many LFs since the last call, after SCAN_TALLY_MOST bytes at most
 *   scan_equal()           mask of one byte value (the less frequent questions)
 *   scan_special_mask()    mask of NULs and bytes >= 0x80
 *   scan_prefix_xor()      bit i of the result: XOR of bits 0 … i
 *   scan_flatten()         writes the offsets of the set bits, which are hardly ever more than expected
 *   scan_deposit()         bit i of one mask at the place of the i-th set bit of another; defined with SCAN_SELECTS
 *                          only
 *   SCAN_NAME              name of the exported kernel
 *
 * Quotes follow simdjson (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019): the prefix XOR of the
 * quote bits is 1 from an opening quote up to before its closing one. In words without quotes nothing of this is
 * computed. */
#include "scan.h"

static inline SCAN_TARGET guint64
scan_valid_mask (gsize remaining)
{
  return remaining >= 64 ? ~G_GUINT64_CONSTANT (0) : (G_GUINT64_CONSTANT (1) << remaining) - 1;
}

static inline gboolean
scan_may_precede_quote (gint byte, char delimiter, char quote)
{
  return byte == -1 || byte == (guint8) delimiter || byte == '\n' || byte == '\r' || byte == (guint8) quote;
}

/* Quotes, over words in turn. A quote in front of which no field can start, and one behind which none can end, are
 * found whatever they are; whether they open or close, that is, whether they are bad, depends on the parity of all
 * quotes before. */
typedef struct
{
  guint64 inside; /* all bits: an odd number of quotes so far */
  guint64 closed; /* 1: the last byte was a quote */
  guint64 edge;   /* 1: a quote may open here */
} ScanQuotes;

/* Returns: bytes at which an odd number of quotes lies behind (a quote's own byte counts as behind it).
 * @edges: separators, CRs and quotes; @no_start, @no_end: quotes no field starts with; bytes behind quotes that no
 * field ends with */
static inline SCAN_TARGET __attribute__ ((always_inline)) guint64
scan_quotes (ScanQuotes *state, guint64 quotes, guint64 edges, guint64 *no_start, guint64 *no_end)
{
  guint64 within = scan_prefix_xor (quotes) ^ state->inside;
  *no_start = quotes & ~(edges << 1 | state->edge);
  *no_end = (quotes << 1 | state->closed) & ~edges;
  state->inside = (guint64) 0 - (within >> 63);
  state->closed = quotes >> 63;
  state->edge = edges >> 63;
  return within;
}

/* What a survey has found out so far. */
typedef struct
{
  ScanQuotes quotes;
  guint64 lines;  /* LFs */
  guint64 bad[2]; /* not 0: some quote does not open or close where it may, by parity at the start */
  guint64 any_return;
} ScanSurvey;

/* Returns: the quotes of the word. */
static inline SCAN_TARGET __attribute__ ((always_inline)) guint64
scan_survey_word (ScanSurvey *found, const char *word, guint64 valid, char delimiter, char quote)
{
  guint64 quotes = quote != 0 ? scan_equal (word, quote) & valid : 0;
  guint64 feeds = scan_equal (word, '\n') & valid, returns = scan_equal (word, '\r') & valid;
  guint64 edges = (scan_equal (word, delimiter) & valid) | feeds | returns | quotes;
  guint64 no_start, no_end, within = scan_quotes (&found->quotes, quotes, edges, &no_start, &no_end);
  no_end &= valid;
  found->bad[0] |= (no_start & within) | (no_end & ~within);
  found->bad[1] |= (no_start & ~within) | (no_end & within);
  found->any_return |= returns;
  found->lines += (guint64) __builtin_popcountll (feeds);
  return quotes;
}

/* Line ends where there are CRs: every CR counts where it stands, the LF behind it does not. A leading LF counts. */
static SCAN_TARGET guint64
scan_count_lines (const char *data, gsize length)
{
  guint64 lines = 0, behind_return = 0;
  for (gsize p = 0; p < length; p += 64)
    {
      guint64 valid = scan_valid_mask (length - p), returns = scan_equal (data + p, '\r') & valid;
      guint64 feeds = scan_equal (data + p, '\n') & valid;
      lines += (guint64) __builtin_popcountll (feeds & ~(returns << 1 | behind_return));
      lines += (guint64) __builtin_popcountll (returns);
      behind_return = returns >> 63;
    }
  return lines;
}

static SCAN_TARGET void
scan_survey (char delimiter, char quote, const char *data, gsize length, gint before, PlSurvey *survey)
{
  ScanSet set = scan_set (delimiter, quote);
  ScanTally tally = SCAN_NO_TALLY;
  ScanSurvey found = {.quotes = {.closed = quote != 0 && before == (guint8) quote}};

  for (gsize p = 0; p < length;)
    {
      /* Most bytes by far: nothing but their line ends is of interest. */
      gboolean stop = found.quotes.closed != 0;
      while (!stop && length - p >= SCAN_TALLY_STEP)
        {
          gsize steps = MIN (length - p, SCAN_TALLY_MOST) / SCAN_TALLY_STEP;
          for (; steps > 0 && !(stop = scan_tally (data + p, &set, &tally)); steps--)
            p += SCAN_TALLY_STEP;
          found.lines += scan_tally_lines (&tally);
        }
      if (p >= length)
        break;
      gint previous = p == 0 ? before : (guint8) data[p - 1];
      guint64 quotes = 1;
      found.quotes.edge = scan_may_precede_quote (previous, delimiter, quote);
      for (; quotes != 0 && length - p >= 64; p += 64)
        quotes = scan_survey_word (&found, data + p, ~G_GUINT64_CONSTANT (0), delimiter, quote);
      if (quotes != 0 && p < length)
        {
          scan_survey_word (&found, data + p, scan_valid_mask (length - p), delimiter, quote);
          break;
        }
    }

  gboolean any_return = found.any_return != 0 || scan_any_return (&tally);
  *survey = (PlSurvey){
      .regular = {found.bad[0] == 0, found.bad[1] == 0},
      .parity = found.quotes.inside & 1,
      .lines = any_return ? scan_count_lines (data, length) : found.lines,
      .leading_lf = length > 0 && data[0] == '\n',
      .before = before,
      .last = length > 0 ? (guint8) data[length - 1] : -1,
  };
}

/* What a scan writes. */
typedef enum
{
  SCAN_ALL,    /* the end of every field */
  SCAN_WANTED, /* the wanted ends */
  SCAN_COUNT,  /* nothing: records are counted */
} ScanMode;

/* What goes on from word to word while fields are found. */
typedef struct
{
  ScanQuotes quotes;
  ScanSpecial special;
  guint64 attention; /* of the last slow word: its quotes, and CRs without LFs */
  guint64 any_quote, any_return, special_tail;
  guint64 lines;    /* where all fields are found */
  guint64 n_fields; /* where records are counted */
  gsize phase;
  gsize line_end; /* where records are counted: behind the last of them */
  guint32 *out;
  guint expected; /* entries of a word */
} ScanState;

/* Takes one word in. Returns: %FALSE when a record has the wrong number of fields. */
static inline SCAN_TARGET __attribute__ ((always_inline)) gboolean
scan_take (ScanState *state, guint64 separators, guint64 lines, gsize p, gsize base, const PlScanSelection *selection,
           ScanMode mode)
{
#ifdef SCAN_SELECTS
  if (mode != SCAN_ALL)
    {
      const guint64 wanted = selection->wanted[state->phase];
      const guint n_separators = (guint) __builtin_popcountll (separators);
      if (G_UNLIKELY (scan_deposit (selection->ends[state->phase], separators) != lines))
        return FALSE;
      state->phase = selection->behind[state->phase + n_separators];
      if (mode == SCAN_COUNT)
        {
          state->n_fields += n_separators;
          return TRUE;
        }
      separators = scan_deposit (wanted, separators);
    }
#else
  (void) selection;
#endif
  if (mode == SCAN_ALL)
    state->lines += (guint64) __builtin_popcountll (lines);
  state->out = scan_flatten (state->out, separators, (guint32) (p - base), state->expected);
  return TRUE;
}

/* A word with quotes, CRs, or (not @whole) less than 64 bytes. Returns: %FALSE when its quotes are not regular. */
static inline SCAN_TARGET __attribute__ ((always_inline)) gboolean
scan_slow_word (const PlScan *scan, gsize p, const ScanSet *set, gboolean whole, ScanState *state, guint64 *separators,
                guint64 *line_ends)
{
  const char *word = scan->data + p;
  gsize remaining = scan->length - p;
  guint64 valid = whole ? ~G_GUINT64_CONSTANT (0) : scan_valid_mask (remaining);
  guint64 quotes = scan->quote != 0 ? scan_equal (word, scan->quote) & valid : 0;
  guint64 returns = scan_equal (word, '\r') & valid, alone = 0, all, lines, any, no_start, no_end;
  if (whole)
    scan_word (word, set, &all, &lines, &any, &state->special);
  else
    {
      lines = scan_equal (word, '\n') & valid;
      all = lines | (scan_equal (word, scan->delimiter) & valid);
      state->special_tail |= scan_special_mask (word) & valid;
    }
  if (returns != 0)
    {
      guint64 next_feed = remaining > 64 && word[64] == '\n';
      alone = returns & ~(lines >> 1 | next_feed << 63);
      lines |= alone;
      all |= alone;
    }
  guint64 within = scan_quotes (&state->quotes, quotes, all | returns | quotes, &no_start, &no_end);
  if (G_UNLIKELY (((no_start & within) | (no_end & ~within & valid)) != 0))
    return FALSE;
  *line_ends = lines & ~within;
  *separators = all & ~within;
  state->attention = quotes | alone;
  state->any_quote |= quotes;
  state->any_return |= returns;
  return TRUE;
}

/* The masks of words without quotes whose CRs, if any, stand before LFs. Finding them some words ahead shortens the way
 * from a word's bytes to its entries, of which a processor has no more than some hundred instructions on their way at
 * once. */
#define SCAN_AHEAD 16
typedef struct
{
  guint64 separators[SCAN_AHEAD], lines[SCAN_AHEAD];
} ScanMasks;

/* Whether a word with a quote or CR has nothing but line ends of CR LF; they are what their LFs are. */
static inline SCAN_TARGET gboolean
scan_has_crlf_only (const PlScan *scan, gsize p, guint64 lines)
{
  const char *word = scan->data + p;
  guint64 quotes = scan->quote != 0 ? scan_equal (word, scan->quote) : 0;
  guint64 next_feed = scan->length - p > 64 && word[64] == '\n';
  return (quotes | (scan_equal (word, '\r') & ~(lines >> 1 | next_feed << 63))) == 0;
}

/* Returns: of how many words; less than @most when the next one is another. */
static inline SCAN_TARGET __attribute__ ((always_inline)) gsize
scan_masks (const PlScan *scan, gsize p, gsize most, const ScanSet *set, ScanMasks *masks, ScanState *state)
{
  gsize n = 0;
  for (guint64 attention = 0; n < most; n++, p += 64)
    {
      scan_word (scan->data + p, set, &masks->separators[n], &masks->lines[n], &attention, &state->special);
      if (attention == 0)
        continue;
      if (!scan_has_crlf_only (scan, p, masks->lines[n]))
        break;
      state->any_return = 1;
    }
  return n;
}

/* Returns: behind the last LF of words in data[from .. to), or @line_end when there is none. */
static SCAN_TARGET gsize
scan_last_line (const char *data, gsize from, gsize to, gsize line_end)
{
  guint64 lines = 0;
  for (; to > from && lines == 0; to -= 64)
    lines = scan_equal (data + to - 64, '\n');
  return lines != 0 ? to + 64 - (gsize) __builtin_clzll (lines) : line_end;
}

static inline SCAN_TARGET __attribute__ ((always_inline)) void
scan_entries (PlScan *scan, const PlScanSelection *choice, ScanMode mode)
{
  /* Of its own, so that nothing that is written can be taken for it. */
  const PlScanSelection own = choice != NULL ? *choice : (PlScanSelection){0}, *selection = &own;
  const char *data = scan->data;
  gsize length = scan->length, base = scan->base, p = scan->position;
  gsize reach = length - base > PL_SCAN_REACH ? base + PL_SCAN_REACH : length;
  ScanSet set = scan_set (scan->delimiter, scan->quote);
  ScanState state = {
      .special = SCAN_NO_SPECIAL,
      .out = scan->entries + scan->n_entries,
      .expected = mode == SCAN_WANTED ? selection->expected : 12,
  };
  const guint32 *target = scan->entries + scan->target;
  const gsize whole = MIN (reach, length >= 64 ? length - 63 : 0); /* words that begin before are whole */
  gboolean regular = TRUE;
#define SCAN_HAS_ROOM (mode == SCAN_COUNT || state.out < target)

  while (regular && p < reach && SCAN_HAS_ROOM)
    {
      guint64 separators = 0, line_ends = 0;
      gboolean plain = (state.quotes.inside | state.quotes.closed) == 0;
      const gsize from = p;
      /* Most words by far: nothing but their separators is of interest. */
      while (plain && regular && p < whole && SCAN_HAS_ROOM)
        {
          ScanMasks masks;
          /* No more than there is room for; counting is short as it is. */
          const gsize room = (gsize) (target - state.out) / 64 + 1, left = (whole - p + 63) / 64;
          const gsize most = mode == SCAN_COUNT ? 1 : MIN (MIN (room, left), SCAN_AHEAD);
          const gsize n = scan_masks (scan, p, most, &set, &masks, &state);
          plain = n == most;
          for (gsize i = 0; i < n; i++, p += 64)
            if (G_UNLIKELY (!scan_take (&state, masks.separators[i], masks.lines[i], p, base, selection, mode)))
              {
                regular = FALSE;
                break;
              }
        }
      if (mode == SCAN_COUNT)
        state.line_end = scan_last_line (data, from, p, state.line_end);
      if (!regular || p >= reach || !SCAN_HAS_ROOM || (scan->plain && p < whole))
        break;
      /* Where a scan begins, a record does. */
      state.quotes.edge
          = p == scan->position || scan_may_precede_quote ((guint8) data[p - 1], scan->delimiter, scan->quote);
      do
        {
          regular = p < whole ? scan_slow_word (scan, p, &set, TRUE, &state, &separators, &line_ends)
                              : scan_slow_word (scan, p, &set, FALSE, &state, &separators, &line_ends);
          if (scan->plain && state.attention != 0)
            break;
          regular = regular && scan_take (&state, separators, line_ends, p, base, selection, mode);
          if (regular && mode == SCAN_COUNT && line_ends != 0)
            state.line_end = p + 64 - (gsize) __builtin_clzll (line_ends);
          p += regular ? 64 : 0;
        }
      while (regular && state.attention != 0 && p < reach && SCAN_HAS_ROOM);
      if (scan->plain)
        break;
    }
#undef SCAN_HAS_ROOM

  scan->irregular = !regular;
  scan->position = MIN (p, length);
  scan->n_entries = (gsize) (state.out - scan->entries);
  if (mode == SCAN_ALL)
    scan->lines += state.lines;
  else
    scan->lines += mode == SCAN_COUNT ? state.n_fields / selection->n_fields : scan->n_entries / selection->n_wanted;
  if (mode == SCAN_COUNT)
    scan->line_end = state.line_end;
  scan->has_quote |= state.any_quote != 0;
  scan->has_cr |= state.any_return != 0;
  scan->has_special |= state.special_tail != 0 || scan_any_special (&state.special);
}

static SCAN_TARGET void
scan_index (PlScan *scan)
{
  scan_entries (scan, NULL, SCAN_ALL);
}

#ifdef SCAN_SELECTS
static SCAN_TARGET __attribute__ ((nonnull)) void
scan_select (PlScan *scan, const PlScanSelection *selection)
{
  if (selection->counts)
    scan_entries (scan, selection, SCAN_COUNT);
  else
    scan_entries (scan, selection, SCAN_WANTED);
}
#else
#define scan_select NULL
#endif

const PlScanKernel SCAN_KERNEL = {SCAN_NAME, scan_survey, scan_index, scan_select};
