/* Pieces of rows: see rows.h. */
#include "rows.h"

gboolean
pl_piece_open (PlRows *rows, guint64 index, PlPiece *piece, GError **error)
{
  *piece = (PlPiece){.index = index};
  return rows->open == NULL || rows->open (rows, piece, error);
}

gboolean
pl_piece_next (PlRows *rows, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  const PlPiece before = *piece;
  if (rows->next (rows, piece, n, batch, error))
    return TRUE;
  piece->next = before.next;
  piece->ended = FALSE;
  return FALSE;
}

void
pl_piece_close (PlRows *rows, PlPiece *piece)
{
  if (rows->close != NULL)
    rows->close (rows, piece);
}

gsize
pl_piece_advance (PlPiece *piece, guint64 n_rows, gsize n, guint64 *first)
{
  const guint64 start = piece->index * PL_PIECE_ROWS, length = MIN (n_rows - start, PL_PIECE_ROWS);
  *first = start + piece->next;
  n = MIN (n, length - piece->next);
  piece->next += n;
  piece->ended = piece->next == length;
  return n;
}

/* Returns: the rows of piece @index, or of its part before a row that cannot be read. */
static guint64
count_piece (PlRows *rows, guint64 index, PlArena *arena)
{
  PlPiece piece;
  guint64 n = 0;
  if (!pl_piece_open (rows, index, &piece, NULL))
    return 0;
  for (gboolean ok = TRUE; ok && !piece.ended;)
    {
      PlBatch batch;
      pl_arena_reset (arena);
      pl_batch_init (&batch, rows->schema, arena);
      ok = pl_piece_next (rows, &piece, PL_BATCH_ROWS, &batch, NULL);
      n += ok ? batch.n_rows : 0;
    }
  pl_piece_close (rows, &piece);
  return n;
}

guint64
pl_rows_before (PlRows *rows, guint64 index)
{
  guint64 n = 0;
  if (rows->n_rows != PL_ROWS_UNKNOWN && !rows->pieces_vary)
    return index * PL_PIECE_ROWS;
  g_autoptr (PlArena) arena = pl_arena_new ();
  for (guint64 before = 0; before < index; before++)
    n += count_piece (rows, before, arena);
  return n;
}
