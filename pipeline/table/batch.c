/* Batches: set up, cut, narrowed, and failed with a location.
 *
 * Columns are never changed in place (another branch of the graph may hold them), but for being settled: selecting
 * gathers new ones, slicing makes new heads over the same values. */
#include "batch.h"

#include <stdarg.h>
#include <string.h>

void
pl_batch_init (PlBatch *batch, PlSchema *schema, PlArena *arena)
{
  *batch = (PlBatch){.schema = schema, .arena = arena};
  batch->columns = pl_arena_alloc0 (arena, sizeof (PlColumn *) * (gsize) schema->n_fields);
}

void
pl_batch_copy (PlBatch *to, const PlBatch *from)
{
  gsize n = from->schema->n_fields;
  *to = *from;
  to->columns = pl_arena_new_array (from->arena, PlColumn *, n);
  if (n > 0)
    memcpy (to->columns, from->columns, n * sizeof (PlColumn *));
}

void
pl_batch_select (PlBatch *batch, const guint32 *rows, gsize n)
{
  /* Ascending and as many as there are: all of them. */
  if (n == batch->n_rows)
    return;
  for (guint i = 0; i < batch->schema->n_fields; i++)
    if (batch->columns[i] != NULL)
      {
        guint32 raw = batch->columns[i]->raw;
        batch->columns[i] = pl_column_gather (batch->columns[i], rows, n, batch->arena);
        /* Only here, where all columns keep the same rows. */
        batch->columns[i]->raw = raw;
      }
  guint32 *offsets = pl_arena_new_array (batch->arena, guint32, n);
  for (gsize i = 0; i < n; i++)
    offsets[i] = batch->offsets != NULL ? batch->offsets[rows[i]] : rows[i];
  batch->offsets = offsets;
  if (batch->sources != NULL)
    {
      guint64 *sources = pl_arena_new_array (batch->arena, guint64, n);
      for (gsize i = 0; i < n; i++)
        sources[i] = batch->sources[rows[i]];
      batch->sources = sources;
    }
  batch->n_rows = n;
}

void
pl_batch_grow (PlBatch *to, const PlBatch *from, PlSchema *schema, const guint32 *rows, gsize n, PlArena *arena)
{
  *to = *from;
  to->schema = schema;
  to->n_rows = n;
  to->offsets = NULL;
  to->arena = arena;
  to->columns = pl_arena_alloc0 (arena, sizeof (PlColumn *) * (gsize) schema->n_fields);
  to->sources = pl_arena_new_array (arena, guint64, n);
  for (gsize i = 0; i < n; i++)
    to->sources[i] = pl_batch_source (from, rows[i]);
}

void
pl_batch_settle (PlBatch *batch)
{
  for (guint i = 0; i < batch->schema->n_fields; i++)
    if (batch->columns[i] != NULL)
      pl_column_settle (batch->columns[i], batch->n_rows, batch->arena);
}

static PlColumn *
slice_column (const PlColumn *column, gsize first, PlArena *arena)
{
  PlColumn *slice = pl_arena_new_array (arena, PlColumn, 1);
  *slice = *column;
  if (column->values != NULL)
    slice->values = (guint8 *) column->values + first * pl_type_width (column->type);
  if (column->nulls != NULL)
    slice->nulls += first;
  if (column->lexical != NULL)
    slice->lexical += first;
  if (column->slices.data != NULL)
    {
      pl_slices_locate (&slice->slices, arena);
      slice->slices.edges += first * slice->slices.stride;
      slice->slices.lines = NULL;
    }
  if (column->exact != NULL)
    slice->exact += first;
  if (column->exact_scales != NULL)
    slice->exact_scales += first;
  return slice;
}

void
pl_batch_locate (PlBatch *batch)
{
  for (guint i = 0; i < batch->schema->n_fields; i++)
    if (batch->columns[i] != NULL)
      pl_slices_locate (&batch->columns[i]->slices, batch->arena);
}

void
pl_batch_slice (PlBatch *batch, gsize first, gsize n)
{
  g_assert (first <= batch->n_rows && n <= batch->n_rows - first);
  /* Who settles a column of fewer rows must not settle that of others, who have all of them. */
  for (guint i = 0; i < batch->schema->n_fields && n < batch->n_rows; i++)
    if (batch->columns[i] != NULL && (first > 0 || batch->columns[i]->slices.data != NULL))
      batch->columns[i] = slice_column (batch->columns[i], first, batch->arena);
  if (batch->offsets != NULL)
    batch->offsets += first;
  else
    batch->position += first;
  if (batch->sources != NULL)
    batch->sources += first;
  batch->n_rows = n;
}

gboolean
pl_batch_fail (PlBatch *batch, gsize row, GError **error, GQuark domain, int code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *location = batch->locate != NULL ? batch->locate (batch, row, batch->locate_data) : NULL;
  batch->failed_row = row;
  if (location != NULL)
    g_set_error (error, domain, code, "%s: %s", location, message);
  else
    g_set_error_literal (error, domain, code, message);
  return FALSE;
}
