/* The account of rows: what every step was given, and what became of it. A run whose account does not balance has lost
 * rows or counted some twice, and fails; that is never the user's fault.
 *
 *   records of the source = rows given on + rejected         counted with the blocks, each of which is written once
 *   rows given on         = rows of the input                counted with the states, which workers hand over, lose,
 *                         and gather again
 *   rows out of a step    = rows into each step behind it
 *   rows in - rows out    fits what the stage says it does with rows (PlRowsFate)
 *
 * The first two figures of the second line come by different ways, so that a state that got lost with its worker, or
 * was handed over twice, is found; one block twice and another one not, too. Counting is per batch; checking once a
 * segment. */
#pragma once
#include "../flow/worker.h"

G_BEGIN_DECLS

/* What is known of a segment's input besides what its workers counted. */
typedef struct
{
  guint64 records, rejected;   /* of a source */
  guint64 rows;                /* of all blocks, or of the reduce stage that is read */
  guint64 trace, worker_trace; /* pl_block_trace() of all blocks, as they were written, and as they are in the states */
} PlLedgerInput;

/** pl_ledger_check: @counts: of all workers together: per step, then the input's.
 * Returns: %FALSE with PL_WORKER_ERROR_INTERNAL. */
gboolean pl_ledger_check (const PlSegment *segment, const PlStepCount *counts, const PlLedgerInput *given,
                          GError **error);
/** pl_ledger_check_end: of a reduce @step that has taken @rows_in and given @rows_out. */
gboolean pl_ledger_check_end (const PlStep *step, guint64 rows_in, guint64 rows_out, GError **error);
/** pl_ledger_word: Returns: (nullable): what the rows that are missing behind a stage are called: "filtered". */
const char *pl_ledger_word (PlRowsFate fate);

G_END_DECLS
