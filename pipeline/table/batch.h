/* A batch: up to PL_BATCH_ROWS rows, column by column, on their way through one worker.
 *
 * Every row has a position: a number that grows in input order and is the same for any worker count and mode
 * (its value depends on the block size; its order does not). "First", "last", stable order and the choice
 * of the first error all go by it.
 *
 *   position of row i = position + (offsets ? offsets[i] : i)
 *   a block's first row or record: position = number of the block in the pass << 32; its next one's is one more
 *
 * A batch and its columns live in `arena` until the worker's next batch: who keeps rows copies them. A batch is
 * used by one thread. Map stages change it in place: they replace column pointers, never the values behind
 * them, because another branch of the graph may hold the same column. */
#pragma once
#include "column.h"
#include "schema.h"

G_BEGIN_DECLS

#define PL_BATCH_ROWS 2048

typedef struct PlBatch PlBatch;

/* Turns a row of a batch into words: "flights.csv:17" or "row 3 of [group-by by-route]". */
typedef char *(*PlLocate) (const PlBatch *batch, gsize row, gpointer data);

/* Makes a row of a batch a bad one of its input, by the policy of the source.
 * Returns: %FALSE when that is to fail. Once for a row is enough, twice does no harm. The caller takes the row out of
 * the batch. @reason: one clause, as "value 'x' …". */
typedef gboolean (*PlRefuse) (const PlBatch *batch, gsize row, const char *reason, gpointer data);

/* Says where a row of a batch comes from, for who keeps it: in bytes that the engine understands (csv/reject.h), in the
 * batch's arena. */
typedef PlText (*PlOriginate) (const PlBatch *batch, gsize row, gpointer data);

struct PlBatch
{
  PlSchema *schema; /* (unowned) */
  gsize n_rows;
  PlColumn **columns; /* schema->n_fields pointers; NULL where nobody needs the column */
  guint64 position;
  guint32 *offsets; /* (nullable), ascending */
  guint64 *sources; /* (nullable): of rows that a map stage has made of others: the position of the input's row each
                       comes from, ascending */
  PlArena *arena;   /* (unowned): for what a stage computes */
  PlLocate locate;  /* (nullable) */
  PlRefuse refuse;  /* (nullable): NULL: a bad row is a failure */
  PlOriginate originate; /* (nullable): NULL: nobody wants to know, or a row is no record of an input */
  gpointer locate_data;  /* for all three */
  PlColumn *origins;     /* (nullable): of rows that were kept, set by PlRows.next: what originate() said of each */
  gsize failed_row;      /* set by pl_batch_fail() */
};

static inline guint64
pl_batch_position (const PlBatch *batch, gsize row)
{
  return batch->position + (batch->offsets != NULL ? batch->offsets[row] : row);
}

/** pl_batch_source: Returns: the position of the input's row that row @row comes from: by it failures are in order, and
 * locations found. Rows that a map stage has made of one row share it; their own positions differ. */
static inline guint64
pl_batch_source (const PlBatch *batch, gsize row)
{
  return batch->sources != NULL ? batch->sources[row] : pl_batch_position (batch, row);
}

/** pl_batch_init: an empty batch of @schema with a column array of its own, all NULL. */
void pl_batch_init (PlBatch *batch, PlSchema *schema, PlArena *arena);
/** pl_batch_copy: a shallow copy with a column array of its own. */
void pl_batch_copy (PlBatch *to, const PlBatch *from);
/** pl_batch_select: keeps the rows @rows[0 .. n) (ascending), in place; every column present is gathered. */
void pl_batch_select (PlBatch *batch, const guint32 *rows, gsize n);
/** pl_batch_grow: @to: (out): a batch of @schema in @arena, all columns %NULL, whose row i is made of row @rows[i] of
 * @from (ascending, n of them). The engine gives its rows their positions. */
void pl_batch_grow (PlBatch *to, const PlBatch *from, PlSchema *schema, const guint32 *rows, gsize n, PlArena *arena);
/** pl_batch_settle: pl_column_settle() of all columns. */
void pl_batch_settle (PlBatch *batch);
/** pl_batch_locate: pl_slices_locate() of all columns. */
void pl_batch_locate (PlBatch *batch);
/** pl_batch_slice: keeps rows [first, first + n), in place, without copying values. */
void pl_batch_slice (PlBatch *batch, gsize first, gsize n);

/** pl_batch_fail:
 * Sets @error to "LOCATION: message" and remembers @row. The engine reports the failure with the smallest position
 * of the whole run: a stage that finds several in one batch reports the first row's; it need not look
 * for earlier failures of other stages, because the engine retries the rows before @row.
 * Returns: %FALSE, so that callers can `return pl_batch_fail (…)`. */
gboolean pl_batch_fail (PlBatch *batch, gsize row, GError **error, GQuark domain, int code, const char *format, ...)
    G_GNUC_PRINTF (6, 7);

G_END_DECLS
