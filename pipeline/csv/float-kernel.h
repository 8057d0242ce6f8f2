/* The loop over floats, compiled once for each way of reading a short decimal; only convert-numbers.c includes it.
 *
 *   FLOAT_TARGET   function attributes
 *   FLOAT_PARSE    pl_short_decimal() or its like
 *   FLOAT_LOOP     name of the loop
 *   FLOAT_RUN      name of what picks the loop's form
 */
static inline FLOAT_TARGET __attribute__ ((always_inline)) void
FLOAT_LOOP (PlCells *cells, Floats *floats, gboolean may_quote, gboolean numbers, gboolean exact)
{
  PlFieldView view = cells->view;
  guint64 slow = cells->slow_lengths, magnitudes = 0;
  char quote = cells->converter->dialect->quote;
  double *values = floats->numbers;
  gint64 *mantissas = floats->mantissas;
  guint8 *scales = floats->scales;
  gsize row = 0;
  for (; row < cells->n; row++)
    {
      gsize length;
      gint64 mantissa;
      guint8 scale;
      const char *data = pl_cells_quick (&view, row, may_quote, quote, &length);
      if (G_LIKELY (!pl_cells_is_slow (slow, length) && FLOAT_PARSE (data, length, &mantissa, &scale))
          && (!numbers || G_LIKELY (ABS (mantissa) <= MAX_WHOLE)))
        {
          if (numbers)
            values[row] = (double) mantissa / pl_float_powers_of_ten[scale];
        }
      else
        {
          PlCellValue value;
          if (!pl_cells_take (cells, row, &value))
            break;
          if (numbers)
            values[row] = value.number;
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
  floats->magnitudes = magnitudes;
  /* Rows behind a misfit that ends the loop are not given to anybody, but scales are settled over all. */
  if (exact && row < cells->n)
    {
      memset (mantissas + row, 0, (cells->n - row) * sizeof *mantissas);
      memset (scales + row, 0, cells->n - row);
    }
}

static FLOAT_TARGET void
FLOAT_RUN (PlCells *cells, Floats *floats)
{
  gboolean numbers = floats->numbers != NULL, exact = floats->mantissas != NULL;
  if (cells->converter->records->has_quote)
    FLOAT_LOOP (cells, floats, TRUE, numbers, exact);
  else if (numbers && exact)
    FLOAT_LOOP (cells, floats, FALSE, TRUE, TRUE);
  else if (exact)
    FLOAT_LOOP (cells, floats, FALSE, FALSE, TRUE);
  else
    FLOAT_LOOP (cells, floats, FALSE, TRUE, FALSE);
}

#undef FLOAT_TARGET
#undef FLOAT_PARSE
#undef FLOAT_LOOP
#undef FLOAT_RUN
