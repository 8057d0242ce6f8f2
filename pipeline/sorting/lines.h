/* Rows as lines of plain texts: which parts of a batch's records they are, and copying them. */
#pragma once
#include "../base/copy.h"
#include "runs.h"

G_BEGIN_DECLS

/* Fields that stand side by side in every record, commas and all: from the first one's text to the last one's. */
typedef struct
{
  PlSlices from, to;           /* where the texts are slices still */
  const PlText *starts, *ends; /* else */
} PlSortPiece;

typedef struct
{
  PlSortPiece *pieces;
  guint n_pieces;
  gsize *lengths; /* a row */
} PlSortLines;

/** pl_sort_lines_plan: Returns: whether every row of @batch can be a line: its texts are plain, and null exactly where
 * they are empty. */
gboolean pl_sort_lines_plan (PlSortLines *lines, const PlSortShape *shape, PlBatch *batch);

/** pl_sort_texts: Returns: (transfer none): what is written of each row of @column: the texts it has, or its values,
 * printed. */
PlText *pl_sort_texts (const PlColumn *column, gsize n, PlArena *arena);

static inline const char *
pl_sort_piece (const PlSortPiece *piece, gsize row, gsize *length)
{
  if (G_LIKELY (piece->starts == NULL))
    {
      guint32 start = piece->from.edges[row * piece->from.stride] + 1;
      *length = piece->to.edges[row * piece->to.stride + 1] - start;
      return piece->from.data + start;
    }
  *length = (gsize) (piece->ends[row].data - piece->starts[row].data) + piece->ends[row].length;
  return piece->starts[row].data;
}

/* Returns: behind the row's line. */
static inline char *
pl_sort_lines_put (const PlSortLines *lines, gsize row, char *out)
{
  for (guint i = 0; i < lines->n_pieces; i++)
    {
      gsize length;
      const char *data = pl_sort_piece (&lines->pieces[i], row, &length);
      out = pl_copy_short (out, data, length);
      *out++ = ',';
    }
  out[-1] = '\n';
  return out;
}

G_END_DECLS
