/* Checks of the account of rows: see account.h. */
#include "account.h"
#include "../base/error.h"

#define N G_GUINT64_FORMAT

static gboolean set_imbalance (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
set_imbalance (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL,
               "the account of rows does not balance: %s; nothing has been written; "
               "this is a fault of the program, please report it",
               what);
  return FALSE;
}

const char *
pl_ledger_word (PlRowsFate fate)
{
  switch (fate)
    {
    case PL_ROWS_FILTERED:
      return "filtered";
    case PL_ROWS_DEDUPLICATED:
      return "deduplicated";
    case PL_ROWS_LIMITED:
      return "limited";
    case PL_ROWS_AGGREGATED:
      return "aggregated";
    case PL_ROWS_REJECTED:
      return "rejected";
    case PL_ROWS_KEPT:
    case PL_ROWS_MULTIPLIED:
    case PL_ROWS_ASKED:
    case PL_ROWS_ANY:
    default:
      return NULL;
    }
}

/* Whether a stage may make @rows_out rows of @rows_in. */
static gboolean
is_possible (PlRowsFate fate, guint64 rows_in, guint64 rows_out)
{
  switch (fate)
    {
    case PL_ROWS_KEPT:
      return rows_out == rows_in;
    case PL_ROWS_AGGREGATED:
      /* Without keys there is a row over nothing, too. */
      return rows_out <= MAX (rows_in, 1);
    case PL_ROWS_FILTERED:
    case PL_ROWS_DEDUPLICATED:
    case PL_ROWS_LIMITED:
    case PL_ROWS_REJECTED:
    case PL_ROWS_ASKED:
      return rows_out <= rows_in;
    case PL_ROWS_MULTIPLIED:
      return rows_in > 0 || rows_out == 0;
    case PL_ROWS_ANY:
    default:
      return TRUE;
    }
}

gboolean
pl_ledger_check_end (const PlStep *step, guint64 rows_in, guint64 rows_out, GError **error)
{
  return is_possible (step->stage->rows, rows_in, rows_out)
         || set_imbalance (error, "[%s] made %" N " rows of %" N, step->label, rows_out, rows_in);
}

static gboolean
check_step (const PlStep *step, const PlStepCount *counts, GError **error)
{
  const PlStepCount *count = &counts[step->index];
  for (guint i = 0; i < step->n_children; i++)
    {
      const PlStep *child = step->children[i];
      if (counts[child->index].rows_in != count->rows_out)
        return set_imbalance (error, "[%s] took %" N " rows, but [%s] gave %" N, child->label,
                              counts[child->index].rows_in, step->label, count->rows_out);
    }
  return step->stage == NULL || step->stage->map == NULL
         || pl_ledger_check_end (step, count->rows_in, count->rows_out, error);
}

/* Stages behind the reader may reject rows of the source as well. */
static gboolean
rejects_rows (const PlSegment *segment)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && (step->stage->rows == PL_ROWS_REJECTED || step->stage->rows == PL_ROWS_ANY))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_source (const PlSegment *segment, const PlLedgerInput *given, GError **error)
{
  guint64 all = given->rows + given->rejected;
  gboolean ok = rejects_rows (segment) ? given->rows <= given->records && given->records <= all : given->records == all;
  return ok
         || set_imbalance (error, "[%s] has %" N " records, but %" N " were given on or rejected", segment->label,
                           given->records, all);
}

gboolean
pl_ledger_check (const PlSegment *segment, const PlStepCount *counts, const PlLedgerInput *given, GError **error)
{
  const PlStepCount *input = &counts[segment->steps->len];
  /* How much of an input is read that nobody needs to its end is luck. */
  if (!segment->satisfiable)
    {
      if (segment->source != NULL && !check_source (segment, given, error))
        return FALSE;
      if (input->rows_out != given->rows)
        return set_imbalance (error, "[%s] gave %" N " rows, but workers counted %" N, segment->label, given->rows,
                              input->rows_out);
      if (given->trace != given->worker_trace)
        return set_imbalance (error, "[%s] gave %" N " rows, and workers counted as many, but not the same ones",
                              segment->label, given->rows);
    }
  for (guint i = 0; i < segment->n_roots; i++)
    {
      guint64 rows = counts[segment->roots[i]->index].rows_in;
      if (rows != input->rows_out)
        return set_imbalance (error, "[%s] took %" N " rows, but [%s] gave %" N, segment->roots[i]->label, rows,
                              segment->label, input->rows_out);
    }
  for (guint i = 0; i < segment->steps->len; i++)
    if (!check_step (g_ptr_array_index (segment->steps, i), counts, error))
      return FALSE;
  return TRUE;
}
