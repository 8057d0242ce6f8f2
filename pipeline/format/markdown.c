/* A table of GitHub Flavored Markdown, aligned in the source as well.
 *
 *   | carrier | flights |
 *   |:--------|--------:|
 *   | UA      |   58665 |
 *
 * Markdown has no table without a header, so `header = false` leaves its cells empty. Pipes are escaped and line
 * ends become <br>, because a cell is one line. */
#include "cells.h"
#include "formats.h"
#include "style.h"

static void
escape_markdown (const char *data, gsize length, PlBuffer *out)
{
  const char *end = data + length;

  while (data < end)
    {
      const char *next = data;

      while (next < end && *next != '|' && *next != '\n' && *next != '\r')
        next++;
      pl_cells_escape (data, (gsize) (next - data), out);
      if (next == end)
        return;
      /* CR LF is one line end. */
      gboolean pair = *next == '\r' && next + 1 < end && next[1] == '\n';
      pl_buffer_append_string (out, *next == '|' ? "\\|" : "<br>");
      data = next + (pair ? 2 : 1);
    }
}

static gboolean
markdown_rows (const PlFormatOptions *options, PlBatch *batch, PlBuffer *out, GError **error G_GNUC_UNUSED)
{
  pl_cells_append (options, batch, escape_markdown, out);
  return TRUE;
}

/* The header's cells are empty without a header. */
static PlCell
header_cell (const PlFormatOptions *options, const PlSchema *schema, guint column, PlBuffer *text)
{
  const char *name = options->header ? schema->fields[column].name : "";

  text->length = 0;
  escape_markdown (name, strlen (name), text);
  return (PlCell){text->data, text->length, pl_cells_width (text->data, text->length)};
}

static void
write_cell (const PlFormatOptions *options, PlBuffer *out, const PlSchema *schema, guint column, const PlCell *cell,
            const gsize *widths)
{
  pl_buffer_append (out, "| ", 2);
  pl_cells_pad (out, cell, widths[column], pl_type_is_numeric (schema->fields[column].type));
  pl_buffer_append_char (out, ' ');
  if (column + 1 < schema->n_fields)
    return;
  pl_buffer_append_char (out, '|');
  pl_cells_end_line (options, out);
}

static void
write_rule (const PlFormatOptions *options, PlBuffer *out, const PlSchema *schema, const gsize *widths)
{
  for (guint i = 0; i < schema->n_fields; i++)
    {
      gboolean right = pl_type_is_numeric (schema->fields[i].type);

      pl_buffer_append_string (out, right ? "|" : "|:");
      memset (pl_buffer_reserve (out, widths[i] + 1), '-', widths[i] + 1);
      out->length += widths[i] + 1;
      if (right)
        pl_buffer_append_char (out, ':');
    }
  pl_buffer_append_char (out, '|');
  pl_cells_end_line (options, out);
}

static gboolean
markdown_layout (const PlFormatOptions *options, const PlSchema *schema, const PlBuffer *rows, PlBuffer *out,
                 GError **error G_GNUC_UNUSED)
{
  guint n = schema->n_fields;
  g_autofree gsize *widths = g_new (gsize, n);
  PlCursor cursor = {.data = (const guint8 *) rows->data, .length = rows->length};
  g_auto (PlBuffer) text = PL_BUFFER_INIT;
  PlCell cell;

  /* Some readers want three characters in the rule. */
  for (guint i = 0; i < n; i++)
    widths[i] = MAX (header_cell (options, schema, i, &text).width, 2);
  pl_cells_measure (rows, n, widths);
  for (guint i = 0; i < n; i++)
    {
      cell = header_cell (options, schema, i, &text);
      write_cell (options, out, schema, i, &cell, widths);
    }
  write_rule (options, out, schema, widths);
  for (guint i = 0; pl_cells_next (&cursor, &cell); i = i + 1 < n ? i + 1 : 0)
    write_cell (options, out, schema, i, &cell, widths);
  return TRUE;
}

const PlFormat pl_format_markdown = {
    .name = "markdown",
    .summary = "A Markdown table",
    .endings = (const char *const[]){".md", ".markdown", NULL},
    .keys = (const char *const[]){PL_CELLS_KEYS},
    .check = pl_style_check,
    .use = pl_cells_use,
    .rows = markdown_rows,
    .layout = markdown_layout,
};
