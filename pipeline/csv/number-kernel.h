/* The loops over ints and floats, compiled once for each instruction set; only convert-numbers.c includes it.
 *
 *   KERNEL_TARGET     function attributes
 *   KERNEL_NAME(x)    the name of x in this set
 *   KERNEL_QUADS      defined where four numbers are read at a time (number-avx2.h)
 *
 * Four rows that cannot be read at once are read one by one. */

#ifdef KERNEL_QUADS
/* Whether the row's fields start where the entry before theirs says, and no text is more than its length; and entries
 * are signed numbers, so that the one before the first byte is -1. */
static inline gboolean
KERNEL_NAME (cells_are_bare) (const PlCells *cells)
{
  const PlFieldView *view = &cells->view;
  return cells->slow_lengths == 0 && view->skip == 1 && cells->n > 0
         && view->ends[(cells->n - 1) * view->n] <= G_MAXINT32;
}

/* The texts of rows @row to @row + 3 of bare cells. @inset: all four are quoted; %FALSE is returned when they are not.
 * Else a quoted one is taken with its quotes, and is no number. */
static inline KERNEL_TARGET __attribute__ ((always_inline)) gboolean
KERNEL_NAME (take_bare_quad) (const PlFieldView *view, gsize row, gboolean inset, char quote, PlQuad *quad)
{
  const guint32 *starts = view->starts + row * view->n;
  gsize n = view->n;
  for (guint i = 0; i < 4; i++)
    quad->data[i] = view->data + 1 + (gint32) starts[i * n];
  /* A row's start and end side by side in each lane. */
  __m128i a = _mm_loadl_epi64 ((const __m128i_u *) starts), b = _mm_loadl_epi64 ((const __m128i_u *) (starts + n));
  __m128i c = _mm_loadl_epi64 ((const __m128i_u *) (starts + 2 * n)),
          d = _mm_loadl_epi64 ((const __m128i_u *) (starts + 3 * n));
  __m256i edges
      = _mm256_inserti128_si256 (_mm256_castsi128_si256 (_mm_unpacklo_epi64 (a, b)), _mm_unpacklo_epi64 (c, d), 1);
  __m256i lengths = _mm256_sub_epi32 (_mm256_srli_epi64 (edges, 32), edges);
  lengths = _mm256_add_epi32 (lengths, _mm256_set1_epi32 (inset ? -3 : -1));
  quad->lengths = _mm256_and_si256 (lengths, _mm256_set1_epi64x (G_MAXUINT32));
  if (!inset)
    return TRUE;
  gint others = 0;
  for (guint i = 0; i < 4; i++)
    others |= *quad->data[i]++ ^ quote;
  if (G_UNLIKELY (others != 0))
    return FALSE;
  /* A field that is one quote opens and closes with it, but its length is none. */
  for (guint i = 0; i < 4; i++)
    others |= view->data[(gsize) starts[i * n + 1] - 1] ^ quote;
  return others == 0;
}

/* The texts of rows @row to @row + 3, however they stand there. Returns: %FALSE when one may be more than a number. */
static inline KERNEL_TARGET __attribute__ ((always_inline)) gboolean
KERNEL_NAME (take_quad) (const PlFieldView *view, gsize row, gboolean may_quote, char quote, guint64 slow, PlQuad *quad)
{
  gsize lengths[4];
  guint64 is_slow = 0;
  for (guint i = 0; i < 4; i++)
    {
      quad->data[i] = pl_cells_quick (view, row + i, may_quote, quote, &lengths[i]);
      is_slow |= slow >> MIN (lengths[i], 63);
    }
  quad->lengths
      = _mm256_set_epi64x ((gint64) lengths[3], (gint64) lengths[2], (gint64) lengths[1], (gint64) lengths[0]);
  return (is_slow & 1) == 0;
}
#endif

#ifdef KERNEL_QUADS
/* Bare rows from @row on, as long as four can be read at once.
 * Returns: the first that is left. There is nothing else in this loop, which leaves the constants of pl_quad_ints() in
 * registers. */
static KERNEL_TARGET __attribute__ ((noinline)) gsize
KERNEL_NAME (int_quads) (const PlCells *cells, gsize row, gboolean inset, gint64 *values)
{
  const PlFieldView view = cells->view;
  const char quote = cells->converter->dialect->quote;
  for (const gsize n = cells->n; n - row >= 4; row += 4)
    {
      PlQuad quad;
      __m256i numbers;
      if (!KERNEL_NAME (take_bare_quad) (&view, row, inset, quote, &quad) || !pl_quad_ints (&quad, &numbers))
        break;
      _mm256_storeu_si256 ((__m256i_u *) (values + row), numbers);
    }
  return row;
}
#endif

static inline KERNEL_TARGET __attribute__ ((always_inline)) void
KERNEL_NAME (ints_loop) (PlCells *cells, gint64 *values, gboolean may_quote)
{
  PlFieldView view = cells->view;
  guint64 slow = cells->slow_lengths;
  char quote = cells->converter->dialect->quote;
  gsize n = cells->n;
#ifdef KERNEL_QUADS
  gboolean bare = KERNEL_NAME (cells_are_bare) (cells), inset = FALSE;
  gsize singles = 0; /* rows up to here are read one by one */
#endif
  for (gsize row = 0; row < n; row++)
    {
#ifdef KERNEL_QUADS
      if (row >= singles && n - row >= 4)
        {
          PlQuad quad;
          __m256i numbers;
          gsize next = row;
          if (bare)
            {
              next = KERNEL_NAME (int_quads) (cells, row, inset, values);
              if (may_quote && next == row)
                {
                  next = KERNEL_NAME (int_quads) (cells, row, !inset, values);
                  inset ^= next > row;
                }
            }
          else if (KERNEL_NAME (take_quad) (&view, row, may_quote, quote, slow, &quad)
                   && pl_quad_ints (&quad, &numbers))
            {
              _mm256_storeu_si256 ((__m256i_u *) (values + row), numbers);
              next = row + 4;
            }
          if (next == row || (bare && !may_quote))
            singles = next + 4;
          if (next > row)
            {
              row = next - 1;
              continue;
            }
        }
#endif
      gsize length;
      const char *data = pl_cells_quick (&view, row, may_quote, quote, &length);
      if (G_LIKELY (!pl_cells_is_slow (slow, length) && pl_short_int (data, length, &values[row])))
        continue;
      PlCellValue value;
      if (!pl_cells_take (cells, row, &value))
        return;
      values[row] = value.integer;
    }
}

#ifdef KERNEL_QUADS
/* Rows @row to @row + 3 into @floats. Returns: %FALSE when they must be read one by one. */
static inline KERNEL_TARGET __attribute__ ((always_inline)) gboolean
KERNEL_NAME (floats_quad) (const PlQuad *quad, gsize row, Floats *floats, gboolean numbers, gboolean exact,
                           __m256i *magnitudes)
{
  __m256i mantissas, scales;
  if (G_UNLIKELY (!pl_quad_decimals (quad, &mantissas, &scales)))
    return FALSE;
  if (numbers)
    {
      __m256d doubles;
      if (G_UNLIKELY (!pl_quad_doubles (mantissas, scales, pl_double_powers_of_10, &doubles)))
        return FALSE;
      _mm256_storeu_pd (floats->numbers + row, doubles);
    }
  if (exact)
    {
      guint32 bytes = pl_quad_bytes (scales);
      memcpy (floats->scales + row, &bytes, sizeof bytes);
      _mm256_storeu_si256 ((__m256i_u *) (floats->mantissas + row), mantissas);
      __m256i sign = _mm256_cmpgt_epi64 (_mm256_setzero_si256 (), mantissas);
      *magnitudes = _mm256_or_si256 (*magnitudes, _mm256_xor_si256 (mantissas, sign));
    }
  return TRUE;
}
#endif

#ifdef KERNEL_QUADS
/* What int_quads() is, for floats. */
static KERNEL_TARGET __attribute__ ((noinline)) gsize
KERNEL_NAME (float_quads) (const PlCells *cells, gsize row, gboolean inset, Floats *floats)
{
  const PlFieldView view = cells->view;
  const char quote = cells->converter->dialect->quote;
  Floats own = *floats;
  __m256i magnitudes = _mm256_setzero_si256 ();
  for (const gsize n = cells->n; n - row >= 4; row += 4)
    {
      PlQuad quad;
      if (!KERNEL_NAME (take_bare_quad) (&view, row, inset, quote, &quad)
          || !KERNEL_NAME (floats_quad) (&quad, row, &own, own.numbers != NULL, own.mantissas != NULL, &magnitudes))
        break;
    }
  for (guint i = 0; i < 4; i++)
    floats->unseen |= ((const guint64 *) &magnitudes)[i];
  return row;
}
#endif

static inline KERNEL_TARGET __attribute__ ((always_inline)) void
KERNEL_NAME (floats_loop) (PlCells *cells, Floats *floats, gboolean may_quote, gboolean numbers, gboolean exact)
{
  PlFieldView view = cells->view;
  guint64 slow = cells->slow_lengths, magnitudes = 0;
  char quote = cells->converter->dialect->quote;
  double *values = floats->numbers;
  gint64 *mantissas = floats->mantissas;
  guint8 *scales = floats->scales;
  gsize row = 0, n = cells->n;
#ifdef KERNEL_QUADS
  gboolean bare = KERNEL_NAME (cells_are_bare) (cells), inset = FALSE;
  gsize singles = 0;
  __m256i lanes = _mm256_setzero_si256 ();
#endif
  for (; row < n; row++)
    {
#ifdef KERNEL_QUADS
      if (row >= singles && n - row >= 4)
        {
          PlQuad quad;
          gsize next = row;
          if (bare)
            {
              next = KERNEL_NAME (float_quads) (cells, row, inset, floats);
              if (may_quote && next == row)
                {
                  next = KERNEL_NAME (float_quads) (cells, row, !inset, floats);
                  inset ^= next > row;
                }
            }
          else if (KERNEL_NAME (take_quad) (&view, row, may_quote, quote, slow, &quad)
                   && KERNEL_NAME (floats_quad) (&quad, row, floats, numbers, exact, &lanes))
            next = row + 4;
          if (next == row || (bare && !may_quote))
            singles = next + 4;
          if (next > row)
            {
              row = next - 1;
              continue;
            }
        }
#endif
      gsize length;
      gint64 mantissa;
      guint8 scale;
      const char *data = pl_cells_quick (&view, row, may_quote, quote, &length);
      if (G_LIKELY (!pl_cells_is_slow (slow, length) && pl_short_decimal (data, length, &mantissa, &scale))
          && G_LIKELY (ABS (mantissa) <= MAX_SHORT))
        {
          if (numbers)
            values[row] = (double) mantissa / pl_double_powers_of_10[scale];
        }
      else
        {
          PlCellValue value;
          if (!pl_cells_take (cells, row, &value))
            break;
          if (numbers)
            values[row] = value.number;
          else
            keep_double (cells, floats, row, &value);
          mantissa = value.mantissa;
          scale = value.scale;
        }
      if (exact)
        {
          mantissas[row] = mantissa;
          scales[row] = scale;
          magnitudes |= (guint64) (mantissa ^ (mantissa >> 63));
        }
    }
#ifdef KERNEL_QUADS
  for (guint i = 0; i < 4; i++)
    floats->unseen |= ((const guint64 *) &lanes)[i];
  if (exact && !numbers && G_UNLIKELY (floats->unseen >= (guint64) MAX_SHORT))
    look_again (cells, floats, row);
  magnitudes |= floats->unseen;
#endif
  floats->magnitudes |= magnitudes;
  /* Rows behind a misfit that ends the loop are not given to anybody, but scales are united over all. */
  if (exact && row < n)
    {
      memset (mantissas + row, 0, (n - row) * sizeof *mantissas);
      memset (scales + row, 0, n - row);
    }
}

static KERNEL_TARGET void
KERNEL_NAME (run_ints) (PlCells *cells, gint64 *values)
{
  if (cells->converter->records->has_quote)
    KERNEL_NAME (ints_loop) (cells, values, TRUE);
  else
    KERNEL_NAME (ints_loop) (cells, values, FALSE);
}

static KERNEL_TARGET void
KERNEL_NAME (run_floats) (PlCells *cells, Floats *floats)
{
  gboolean numbers = floats->numbers != NULL, exact = floats->mantissas != NULL;
  if (cells->converter->records->has_quote)
    KERNEL_NAME (floats_loop) (cells, floats, TRUE, numbers, exact);
  else if (numbers && exact)
    KERNEL_NAME (floats_loop) (cells, floats, FALSE, TRUE, TRUE);
  else if (exact)
    KERNEL_NAME (floats_loop) (cells, floats, FALSE, FALSE, TRUE);
  else
    KERNEL_NAME (floats_loop) (cells, floats, FALSE, TRUE, FALSE);
}

#undef KERNEL_TARGET
#undef KERNEL_NAME
#undef KERNEL_QUADS
