/* Aligned columns for people: a header, a rule, numbers to the right, no boxes.
 *
 *   carrier  flights  mean_delay
 *   -------  -------  ----------
 *   UA         58665         3.5
 *   B6         54635
 *
 * Widths are terminal columns (wide and zero-width characters counted); nulls are blank, control characters are shown
 * escaped. No column is cut: what does not fit the terminal wraps. */
#include "cells.h"
#include "formats.h"
#include "style.h"

static gboolean
table_rows (const PlFormatOptions *options, PlBatch *batch, PlBuffer *out, GError **error G_GNUC_UNUSED)
{
  pl_cells_append (options, batch, pl_cells_escape, out);
  return TRUE;
}

/* Spaces at a line's end are no use to anyone. */
static void
end_line (const PlFormatOptions *options, PlBuffer *out)
{
  while (out->length > 0 && out->data[out->length - 1] == ' ')
    out->length--;
  pl_cells_end_line (options, out);
}

static void
write_cell (const PlFormatOptions *options, PlBuffer *out, const PlSchema *schema, guint column, const PlCell *cell,
            const gsize *widths)
{
  if (column > 0)
    pl_buffer_append (out, "  ", 2);
  pl_cells_pad (out, cell, widths[column], pl_type_is_numeric (schema->fields[column].type));
  if (column + 1 == schema->n_fields)
    end_line (options, out);
}

static PlCell
header_cell (const PlSchema *schema, guint column, PlBuffer *text)
{
  const char *name = schema->fields[column].name;

  text->length = 0;
  pl_cells_escape (name, strlen (name), text);
  return (PlCell){text->data, text->length, pl_cells_width (text->data, text->length)};
}

static void
write_header (const PlFormatOptions *options, PlBuffer *out, const PlSchema *schema, const gsize *widths,
              PlBuffer *text)
{
  for (guint i = 0; i < schema->n_fields; i++)
    {
      PlCell cell = header_cell (schema, i, text);
      write_cell (options, out, schema, i, &cell, widths);
    }
  for (guint i = 0; i < schema->n_fields; i++)
    {
      if (i > 0)
        pl_buffer_append (out, "  ", 2);
      memset (pl_buffer_reserve (out, widths[i] + 1), '-', widths[i]);
      out->length += widths[i];
    }
  end_line (options, out);
}

static gboolean
table_layout (const PlFormatOptions *options, const PlSchema *schema, const PlBuffer *rows, PlBuffer *out,
              GError **error G_GNUC_UNUSED)
{
  guint n = schema->n_fields;
  g_autofree gsize *widths = g_new0 (gsize, n);
  PlCursor cursor = {.data = (const guint8 *) rows->data, .length = rows->length};
  g_auto (PlBuffer) text = PL_BUFFER_INIT;
  PlCell cell;

  for (guint i = 0; options->header && i < n; i++)
    widths[i] = header_cell (schema, i, &text).width;
  pl_cells_measure (rows, n, widths);
  if (options->header && n > 0)
    write_header (options, out, schema, widths, &text);
  for (guint i = 0; pl_cells_next (&cursor, &cell); i = i + 1 < n ? i + 1 : 0)
    write_cell (options, out, schema, i, &cell, widths);
  return TRUE;
}

const PlFormat pl_format_table = {
    .name = "table",
    .summary = "Aligned columns to read on a terminal",
    .endings = (const char *const[]){".txt", NULL},
    .keys = (const char *const[]){PL_CELLS_KEYS},
    .check = pl_style_check,
    .use = pl_cells_use,
    .rows = table_rows,
    .layout = table_layout,
};
