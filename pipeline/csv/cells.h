/* The cells of one column while it is converted: what the loops of convert*.c share. */
#pragma once
#include "converter.h"

G_BEGIN_DECLS

typedef struct
{
  const PlConverter *converter;
  PlFieldView view;
  PlType type;
  const PlReading *reading;
  gsize n;
  gboolean all;
  gboolean is_verified; /* every value is looked at */
  GArray *misfits;
  PlArena *arena;
  guint8 *nulls; /* (nullable): made at the first null */
  /* Lengths of a text that the loops must not decide alone, as PlNullTexts.lengths has them. */
  guint64 slow_lengths;
} PlCells;

/** pl_cells_text: the text of one row; null, or a misfit, where the column is none of texts and it is quoted and
 * empty. */
void pl_cells_text (PlCells *cells, gsize row, PlText *text);
/** pl_cells_take: the value of one row the general way; 0 where it is null or a misfit.
 * Returns: %FALSE to go no further. */
gboolean pl_cells_take (PlCells *cells, gsize row, PlCellValue *value);

/* The text of a cell, where it can be told without looking through it: a doubled quote is still in it, blanks are. */
static inline __attribute__ ((always_inline)) const char *
pl_cells_quick (const PlFieldView *view, gsize row, gboolean may_quote, char quote, gsize *length)
{
  const char *data = pl_field_raw (view, row, length);
  if (may_quote && *length >= 2 && *data == quote && data[*length - 1] == quote)
    {
      data++;
      *length -= 2;
    }
  return data;
}

static inline gboolean
pl_cells_is_slow (guint64 slow_lengths, gsize length)
{
  return (slow_lengths >> MIN (length, 63) & 1) != 0;
}

G_END_DECLS
