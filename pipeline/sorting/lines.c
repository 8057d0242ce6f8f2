/* Neighbours in the input become one piece, so that a row that passes through whole is one copy. */
#include "lines.h"
#include "../table/print.h"

static const PlText *
texts_of (const PlColumn *column)
{
  return column->type.kind == PL_STRING ? column->texts : column->lexical;
}

/* Whether the column's texts are to be had in their records, side by side with its neighbours'. */
static gboolean
is_raw (const PlColumn *column)
{
  return column->raw != 0 && (column->slices.data != NULL || texts_of (column) != NULL);
}

/* Whether a line says all there is to say of the column's texts. */
static gboolean
are_plain (const PlColumn *column, const PlText *texts, gsize n)
{
  gboolean plain = TRUE;
  for (gsize i = 0; plain && i < n; i++)
    plain = (texts[i].flags & PL_TEXT_PLAIN) != 0 && (texts[i].length == 0) == pl_column_is_null (column, i);
  return plain;
}

PlText *
pl_sort_texts (const PlColumn *column, gsize n, PlArena *arena)
{
  return texts_of (column) != NULL ? (PlText *) texts_of (column) : pl_print_texts (column, NULL, n, arena);
}

static void
bound_piece (PlSortPiece *piece, PlColumn *first, PlColumn *last, PlBatch *batch)
{
  *piece = (PlSortPiece){0};
  if (first->slices.data != NULL && last->slices.data != NULL)
    {
      pl_slices_locate (&first->slices, batch->arena);
      pl_slices_locate (&last->slices, batch->arena);
      piece->from = first->slices;
      piece->to = last->slices;
      return;
    }
  pl_column_settle (first, batch->n_rows, batch->arena);
  pl_column_settle (last, batch->n_rows, batch->arena);
  piece->starts = texts_of (first);
  piece->ends = texts_of (last);
}

gboolean
pl_sort_lines_plan (PlSortLines *lines, const PlSortShape *shape, PlBatch *batch)
{
  const gsize n = batch->n_rows;
  lines->n_pieces = 0;
  lines->pieces = pl_arena_new_array (batch->arena, PlSortPiece, shape->n_fields);
  for (guint f = 0; f < shape->n_fields;)
    {
      PlColumn *first = batch->columns[shape->fields[f++]], *last = first;
      if (!is_raw (first))
        {
          const PlText *texts = pl_sort_texts (first, n, batch->arena);
          if (texts == texts_of (first) && !are_plain (first, texts, n))
            return FALSE;
          lines->pieces[lines->n_pieces++] = (PlSortPiece){.starts = texts, .ends = texts};
          continue;
        }
      for (; f < shape->n_fields && is_raw (last); f++)
        {
          PlColumn *next = batch->columns[shape->fields[f]];
          if (!is_raw (next) || next->raw != last->raw + 1)
            break;
          last = next;
        }
      bound_piece (&lines->pieces[lines->n_pieces++], first, last, batch);
    }
  lines->lengths = pl_arena_new_array (batch->arena, gsize, n);
  for (gsize i = 0; i < n; i++)
    lines->lengths[i] = lines->n_pieces - 1;
  for (guint p = 0; p < lines->n_pieces; p++)
    for (gsize i = 0, length; i < n; i++)
      {
        pl_sort_piece (&lines->pieces[p], i, &length);
        lines->lengths[i] += length;
      }
  return TRUE;
}
