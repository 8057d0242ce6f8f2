/* The rows a sort keeps, on one worker: runs of rows that stood side by side in the input, each in the order of its
 * keys.
 *
 * A row is sixteen bytes (PlSortItem) and what they point to. Where all that is wanted of a row is texts without
 * special characters, as of most rows that only pass through, that is a line: its fields, commas between them, which is
 * what a CSV sink writes; of keys it takes no more room than the first eight bytes, as long as what follows in the
 * order are texts of the line. Other rows are records of a PlStore.
 *
 *   line      [what the prefix leaves of the key | its length] id099,80,3.5 LF
 *
 * Rows are compared by prefix, then by what follows: the rest of the key, the texts, in the end the order of the
 * input. */
#pragma once
#include "items.h"
#include "../keys/comparable.h"

G_BEGIN_DECLS

/* What is known before the first row. */
typedef struct
{
  PlSchema *schema;          /* (unowned) */
  const PlSortOrder *orders; /* a term */
  const guint8 *uses;        /* a column: what is kept of it */
  guint n_terms;
  guint n_head;   /* terms whose keys are kept; the others are columns of strings that lines have */
  gboolean rests; /* whether keys of the head can be longer than a prefix */
  gboolean lines; /* whether rows can be lines */
  guint n_fields; /* of a line */
  guint *fields;  /* columns of the schema */
  guint *tail;    /* a term behind the head: its field */
} PlSortShape;

typedef struct
{
  guint64 position; /* of its first row: rows of different runs never lie between each other's */
  PlSortItem *items;
  guint32 n;
  gboolean are_lines;
  const char *start; /* of lines: they stand side by side, in the order of the input, with what is before the first */
} PlSortRun;

typedef struct PlSortRuns PlSortRuns;

#define PL_SORT_IS_RECORD ((guint64) 1 << 63)
#define PL_SORT_LENGTH_SHIFT 48
#define PL_SORT_LONG_LINE G_GUINT64_CONSTANT (0x7fff) /* as a length: it ends at its line feed */
#define PL_SORT_ADDRESS ((G_GUINT64_CONSTANT (1) << PL_SORT_LENGTH_SHIFT) - 1)

/** pl_sort_line_address: Returns: the address of a line that begins at @line. */
static inline guint64
pl_sort_line_address (const char *line, gsize length)
{
  return (guint64) (guintptr) line | MIN (length, PL_SORT_LONG_LINE) << PL_SORT_LENGTH_SHIFT;
}

static inline const char *
pl_sort_line (guint64 address, gsize *length)
{
  const char *line = (const char *) (guintptr) (address & PL_SORT_ADDRESS);
  *length = (gsize) (address >> PL_SORT_LENGTH_SHIFT);
  if (G_UNLIKELY (*length == PL_SORT_LONG_LINE))
    *length = (gsize) ((const char *) rawmemchr (line, '\n') - line);
  return line;
}

static inline const PlRecord *
pl_sort_record (guint64 address)
{
  return (const PlRecord *) (guintptr) (address & PL_SORT_ADDRESS);
}

PlSortRuns *pl_sort_runs_new (const PlSortShape *shape);
void pl_sort_runs_free (PlSortRuns *runs);
/** pl_sort_runs_add:
 * @columns: one a term, as evaluated for @batch */
void pl_sort_runs_add (PlSortRuns *runs, PlBatch *batch, PlColumn *const *columns);
/** pl_sort_runs_merge: @into gets the rows of @from, which is empty then. */
void pl_sort_runs_merge (PlSortRuns *into, PlSortRuns *from);
/** pl_sort_runs_close: puts the last run in order.
 * Returns: (transfer none) (element-type PlSortRun): all runs, by position. */
const GArray *pl_sort_runs_close (PlSortRuns *runs);
/** pl_sort_runs_store: Returns: (transfer none) (nullable): the records' store. */
const PlStore *pl_sort_runs_store (const PlSortRuns *runs);
/** pl_sort_runs_has_rests: Returns: whether any line has more of a key than its prefix. */
gboolean pl_sort_runs_has_rests (const PlSortRuns *runs);
/** pl_sort_runs_empty: forgets all rows. */
void pl_sort_runs_empty (PlSortRuns *runs);
/** pl_sort_runs_bytes: Returns: how much memory its rows take. */
gsize pl_sort_runs_bytes (const PlSortRuns *runs);
/** pl_sort_runs_forget: gives the memory of items back; what they point to stays. */
void pl_sort_runs_forget (PlSortRuns *runs);
/** pl_sort_rest: Returns: (transfer none): what of the key stands before a line. */
const guint8 *pl_sort_rest (const char *line, gsize *length);

G_END_DECLS
