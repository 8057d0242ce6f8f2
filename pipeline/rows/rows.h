/* The rows a reduce stage gives: in pieces, which any workers read, at once and in any order.
 *
 *   pl_piece_open ─► pl_piece_next, until piece.ended ─► pl_piece_close
 *
 * A piece is the work of one block. Its rows come one batch behind the other, so who makes them need not be able to
 * begin anywhere; and how many there are need not be known before they have been read (a condition on groups, runs that
 * are merged as they are read). A row's position is that of its piece's block and its number in the piece. */
#pragma once
#include "../table/batch.h"
#include "../table/schema.h"

G_BEGIN_DECLS

/* The rows of each piece but the last one, where their number is known: some batches, so that handing over costs
 * nothing beside them. */
#define PL_PIECE_ROWS (4 * PL_BATCH_ROWS)
#define PL_ROWS_UNKNOWN G_MAXUINT64

typedef struct PlRows PlRows;

/* A piece that one worker reads. */
typedef struct
{
  guint64 index;
  guint64 next; /* where it goes on: what that counts is its result's to say */
  gboolean ended;
  gpointer data; /* (nullable): the result's */
} PlPiece;

struct PlRows
{
  PlSchema *schema; /* (owned) */
  guint64 n_rows;   /* PL_ROWS_UNKNOWN: as many as come */
  guint64 n_pieces;
  gboolean pieces_vary; /* pieces have other numbers of rows than PL_PIECE_ROWS, though n_rows is known */
  /* May be NULL. Readies @piece, of which index is set. */
  gboolean (*open) (PlRows *self, PlPiece *piece, GError **error);
  /* Fills @batch, initialised by the caller with schema and arena, with what follows in @piece: at most @n rows are
   * looked at, 0 < n <= PL_BATCH_ROWS, of which none may be left. Sets piece->ended once nothing follows. Positions are
   * the caller's to set. Only columns with a PlUse at configure time need be present.
   * Returns: %FALSE with batch->failed_row: so many rows before the failing one can still be had, by looking at no
   * more; @piece has not moved. */
  gboolean (*next) (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error);
  /* May be NULL. */
  void (*close) (PlRows *self, PlPiece *piece);
  void (*free) (PlRows *self);
};

static inline void
pl_rows_free (PlRows *rows)
{
  if (rows != NULL)
    rows->free (rows);
}

/** pl_rows_pieces: Returns: how many pieces @n_rows rows are that each have a number. */
static inline guint64
pl_rows_pieces (guint64 n_rows)
{
  return n_rows / PL_PIECE_ROWS + (n_rows % PL_PIECE_ROWS != 0);
}

/** pl_piece_open: @piece: (out): to be closed, unless this fails. */
gboolean pl_piece_open (PlRows *rows, guint64 index, PlPiece *piece, GError **error);
/** pl_piece_next: as PlRows.next; no more rows than @n. */
gboolean pl_piece_next (PlRows *rows, PlPiece *piece, gsize n, PlBatch *batch, GError **error);
void pl_piece_close (PlRows *rows, PlPiece *piece);
/** pl_piece_advance: for results whose rows each have a number: of @n_rows rows that are looked at the next @n, or as
 * many as are left of @piece. @first: (out): number of the first one.
 * Returns: how many there are; @piece stands behind them. */
gsize pl_piece_advance (PlPiece *piece, guint64 n_rows, gsize n, guint64 *first);
/** pl_rows_before: Returns: how many rows the pieces before @index have. Where nobody knows they are counted, by
 * reading: for messages. */
guint64 pl_rows_before (PlRows *rows, guint64 index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlRows, pl_rows_free)

G_END_DECLS
