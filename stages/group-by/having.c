/* Groups that meet a condition are finalised for it, before their number can be known. */
#include "having.h"
#include "rows.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/store.h"
#include "../../pipeline/expression/evaluate.h"
#include "../../pipeline/rows/gather.h"

typedef struct
{
  PlGroupRows *rows;
  guint64 n_parts;
  guint8 *uses; /* of the output: values, which is all that groups have */
  PlStore **stores;
  GError **errors;
} Having;

static guint64
having_start (const Having *having, guint64 part)
{
  guint64 n_batches = (having->rows->rows.n_rows + PL_BATCH_ROWS - 1) / PL_BATCH_ROWS;
  return MIN (n_batches * part / having->n_parts * PL_BATCH_ROWS, having->rows->rows.n_rows);
}

static void
having_task (guint part, gpointer data)
{
  Having *having = data;
  PlGroupRows *rows = having->rows;
  const PlGroupConfig *config = rows->config;
  guint64 end = having_start (having, part + 1);
  having->stores[part] = pl_store_new (config->output, having->uses);
  g_autoptr (PlArena) arena = pl_arena_new ();
  for (guint64 first = having_start (having, part); first < end; first += PL_BATCH_ROWS)
    {
      gsize n = MIN (end - first, PL_BATCH_ROWS), n_kept = 0;
      PlBatch batch;
      pl_arena_reset (arena);
      pl_batch_init (&batch, config->shown, arena);
      batch.position = first;
      guint32 *kept = pl_arena_new_array (arena, guint32, n);
      if (!pl_group_rows_read (rows, pl_group_rows_ids (rows, first, n, arena), n, TRUE, &batch, &having->errors[part])
          || !pl_expression_select (config->having, &batch, kept, &n_kept, &having->errors[part]))
        return;
      batch.schema = config->output;
      pl_store_append (having->stores[part], &batch, kept, n_kept, NULL);
    }
}

PlRows *
pl_group_rows_having (PlGroupRows *rows, PlParallel *parallel, GError **error)
{
  Having having = {.rows = rows, .n_parts = parallel->n_workers * 4};
  having.uses = g_new (guint8, rows->config->output->n_fields + 1);
  memset (having.uses, PL_USE_VALUE, rows->config->output->n_fields);
  having.stores = g_new0 (PlStore *, having.n_parts);
  having.errors = g_new0 (GError *, having.n_parts);
  parallel->run (parallel, (guint) having.n_parts, having_task, &having);
  guint64 n = 0;
  GError *first = NULL;
  for (guint p = 0; p < having.n_parts; p++)
    {
      n += pl_store_n_rows (having.stores[p]);
      if (first == NULL)
        first = having.errors[p];
      else
        g_clear_error (&having.errors[p]);
    }
  const PlRecord **records = pl_leased ((gpointer) g_new (const PlRecord *, MAX (n, 1)));
  n = 0;
  for (guint p = 0; p < having.n_parts; p++)
    for (guint64 row = 0; row < pl_store_n_rows (having.stores[p]); row++)
      records[n++] = pl_store_record (having.stores[p], row);
  PlRows *kept = pl_store_rows (rows->config->output, having.stores, (guint) having.n_parts, records, n);
  g_free (having.uses);
  g_free (having.errors);
  pl_rows_free (&rows->rows);
  if (first == NULL)
    return kept;
  pl_rows_free (kept);
  g_propagate_error (error, first);
  return NULL;
}
