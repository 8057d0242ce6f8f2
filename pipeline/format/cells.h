/* Cells on their way to an aligned layout: what table and markdown share. Private to format/.
 *
 * rows() cannot know how wide a column becomes, so it writes each cell as width, length, bytes; layout() reads that
 * twice: for the widths, and to write. */
#pragma once
#include "format.h"
#include "../table/schema.h"

G_BEGIN_DECLS

typedef struct
{
  const char *data;
  gsize length;
  gsize width; /* terminal columns */
} PlCell;

/* Rewrites one text for display, appending to @out; must leave no control characters. */
typedef void (*PlCellEscape) (const char *data, gsize length, PlBuffer *out);

/** pl_cells_escape: pl_show_append() of a cell. A PlCellEscape. */
void pl_cells_escape (const char *data, gsize length, PlBuffer *out);
/** pl_cells_width: Returns: the terminal columns of UTF-8 text. */
gsize pl_cells_width (const char *data, gsize length);
/** pl_cells_append: the rows of @batch in the private form. */
void pl_cells_append (const PlFormatOptions *options, const PlBatch *batch, PlCellEscape escape, PlBuffer *out);
/** pl_cells_next: reads one cell. Returns: %FALSE at the end. */
gboolean pl_cells_next (PlCursor *cursor, PlCell *cell);
/** pl_cells_measure: the widest cell of each of @n columns into @widths, which come with a minimum. */
void pl_cells_measure (const PlBuffer *rows, guint n, gsize *widths);
/** pl_cells_pad: appends @cell, filled with spaces to @width. */
void pl_cells_pad (PlBuffer *out, const PlCell *cell, gsize width, gboolean to_the_right);
/** pl_cells_end_line: appends what ends a line. */
void pl_cells_end_line (const PlFormatOptions *options, PlBuffer *out);
/** pl_cells_use: the use() of these formats. */
PlUse pl_cells_use (const PlFormatOptions *options, PlType type);

/* The keys of [sink] that these formats have. */
#define PL_CELLS_KEYS                                                                                                  \
  "header", "null", "float-format", "decimal-comma", "date-format", "line-end", "byte-order-mark", NULL

G_END_DECLS
