/* Cells for aligned layouts: escaped, measured, padded. */
#include "cells.h"

#include "../base/show.h"
#include "style.h"
#include "../table/print.h"

void
pl_cells_escape (const char *data, gsize length, PlBuffer *out)
{
  pl_show_append (out, data, length, PL_SHOW_CELL);
}

gsize
pl_cells_width (const char *data, gsize length)
{
  gsize width = 0;

  for (gsize i = 0; i < length; i += (gsize) g_utf8_skip[(guint8) data[i]])
    {
      gunichar c = g_utf8_get_char (data + i);

      if (c < 0x300)
        width++;
      else if (!g_unichar_iszerowidth (c))
        width += g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

static void
append_cell (PlBuffer *out, const PlBuffer *text)
{
  pl_buffer_put_u64 (out, pl_cells_width (text->data, text->length));
  pl_buffer_put_bytes (out, text->data != NULL ? text->data : "", text->length);
}

/* The text of one value: as it stood, unless there is a format. */
static void
value_text (const PlFormatOptions *options, const PlColumn *column, gsize row, PlBuffer *out)
{
  if (pl_style_applies (options, column->type))
    pl_style_append (options, column, row, out);
  else if (column->type.kind == PL_FLOAT && column->floats != NULL && options->float_format != NULL)
    {
      gsize size = 512 + strlen (options->float_format);
      char *room = pl_buffer_reserve (out, size);
      out->length += pl_print_float_format (room, size, column->floats[row], options->float_format);
    }
  else
    pl_print_value (out, column, row);
}

void
pl_cells_append (const PlFormatOptions *options, const PlBatch *batch, PlCellEscape escape, PlBuffer *out)
{
  g_auto (PlBuffer) raw = PL_BUFFER_INIT;
  g_auto (PlBuffer) text = PL_BUFFER_INIT;

  for (gsize row = 0; row < batch->n_rows; row++)
    for (guint i = 0; i < batch->schema->n_fields; i++)
      {
        raw.length = text.length = 0;
        if (!pl_column_is_null (batch->columns[i], row))
          value_text (options, batch->columns[i], row, &raw);
        else if (options->null_text != NULL)
          pl_buffer_append_string (&raw, options->null_text);
        if (raw.length > 0)
          escape (raw.data, raw.length, &text);
        append_cell (out, &text);
      }
}

gboolean
pl_cells_next (PlCursor *cursor, PlCell *cell)
{
  if (cursor->offset == cursor->length)
    return FALSE;
  cell->width = (gsize) pl_cursor_get_u64 (cursor);
  cell->data = pl_cursor_get_bytes (cursor, &cell->length);
  g_assert (!cursor->failed);
  return TRUE;
}

void
pl_cells_measure (const PlBuffer *rows, guint n, gsize *widths)
{
  PlCursor cursor = {.data = (const guint8 *) rows->data, .length = rows->length};
  PlCell cell;

  for (guint i = 0; pl_cells_next (&cursor, &cell); i = i + 1 < n ? i + 1 : 0)
    widths[i] = MAX (widths[i], cell.width);
}

void
pl_cells_end_line (const PlFormatOptions *options, PlBuffer *out)
{
  pl_buffer_append_string (out, options->crlf ? "\r\n" : "\n");
}

void
pl_cells_pad (PlBuffer *out, const PlCell *cell, gsize width, gboolean to_the_right)
{
  gsize gap = width > cell->width ? width - cell->width : 0;
  /* Nothing may have been written yet: then there is no place for nothing, either. */
  if (gap + cell->length == 0)
    return;
  char *next = pl_buffer_reserve (out, gap + cell->length);
  if (to_the_right)
    {
      memset (next, ' ', gap);
      next += gap;
    }
  if (cell->length > 0)
    memcpy (next, cell->data, cell->length);
  if (!to_the_right)
    memset (next + cell->length, ' ', gap);
  out->length += gap + cell->length;
}

PlUse
pl_cells_use (const PlFormatOptions *options, PlType type)
{
  if (pl_style_applies (options, type))
    return pl_style_use (options, type);
  /* Numbers stand to the right: their value is asked for so that a guessed type is made sure of. */
  if (type.kind == PL_FLOAT && options->float_format != NULL)
    return PL_USE_VALUE;
  return pl_type_is_numeric (type) ? PL_USE_TEXT | PL_USE_VALUE : PL_USE_TEXT;
}
