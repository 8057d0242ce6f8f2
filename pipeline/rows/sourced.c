/* See sourced.h. */
#include "sourced.h"

void
pl_sourced_init (PlSourced *sourced, PlSchema *schema)
{
  sourced->schema = pl_schema_ref (schema);
  sourced->stored = pl_schema_new ();
  for (guint i = 0; i < schema->n_fields; i++)
    pl_schema_add (sourced->stored, schema->fields[i].name, schema->fields[i].type);
  pl_schema_add (sourced->stored, "", PL_TYPE (PL_STRING));
  sourced->uses = g_new0 (guint8, sourced->stored->n_fields);
  sourced->uses[schema->n_fields] = PL_USE_VALUE;
}

void
pl_sourced_clear (PlSourced *sourced)
{
  pl_schema_unref (sourced->schema);
  pl_schema_unref (sourced->stored);
  g_free (sourced->uses);
}

void
pl_sourced_require (PlSourced *sourced, const guint8 *output_uses, guint8 *input_uses)
{
  for (guint i = 0; i < sourced->schema->n_fields; i++)
    {
      sourced->uses[i] = output_uses[i];
      input_uses[i] |= output_uses[i];
    }
}

PlStore *
pl_sourced_store (const PlSourced *sourced)
{
  return pl_store_new (sourced->stored, sourced->uses);
}

static PlColumn *
origins_of (const PlBatch *batch)
{
  if (batch->originate == NULL)
    return pl_column_new (batch->arena, PL_TYPE (PL_NULL), batch->n_rows);
  PlColumn *origins = pl_column_new (batch->arena, PL_TYPE (PL_STRING), batch->n_rows);
  for (gsize row = 0; row < batch->n_rows; row++)
    origins->texts[row] = batch->originate (batch, row, batch->locate_data);
  return origins;
}

void
pl_sourced_append (const PlSourced *sourced, PlStore *store, const PlBatch *batch, gsize first, gsize n)
{
  PlBatch kept;
  const guint n_fields = sourced->schema->n_fields;
  if (n == 0)
    return;
  pl_batch_copy (&kept, batch);
  pl_batch_slice (&kept, first, n);
  pl_batch_settle (&kept);
  PlColumn **columns = pl_arena_alloc0 (batch->arena, sizeof (PlColumn *) * sourced->stored->n_fields);
  memcpy (columns, kept.columns, sizeof (PlColumn *) * n_fields);
  columns[n_fields] = origins_of (&kept);
  kept.columns = columns;
  kept.schema = sourced->stored;
  pl_store_append (store, &kept, NULL, n, NULL);
}

void
pl_sourced_split (const PlBatch *wide, PlBatch *batch)
{
  const guint n_fields = wide->schema->n_fields - 1;
  batch->n_rows = wide->n_rows;
  memcpy (batch->columns, wide->columns, n_fields * sizeof *wide->columns);
  PlColumn *origins = wide->columns[n_fields];
  batch->origins = wide->n_rows > 0 && !pl_column_is_null (origins, 0) ? origins : NULL;
}

typedef struct
{
  PlRows rows;
  PlRows *kept;
} SourcedRows;

static gboolean
sourced_rows_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  PlRows *kept = ((SourcedRows *) self)->kept;
  PlBatch wide;
  pl_batch_init (&wide, kept->schema, batch->arena);
  if (!kept->next (kept, piece, n, &wide, error))
    {
      batch->failed_row = wide.failed_row;
      return FALSE;
    }
  pl_sourced_split (&wide, batch);
  return TRUE;
}

static gboolean
sourced_rows_open (PlRows *self, PlPiece *piece, GError **error)
{
  PlRows *kept = ((SourcedRows *) self)->kept;
  return kept->open == NULL || kept->open (kept, piece, error);
}

static void
sourced_rows_close (PlRows *self, PlPiece *piece)
{
  pl_piece_close (((SourcedRows *) self)->kept, piece);
}

static void
sourced_rows_free (PlRows *self)
{
  pl_rows_free (((SourcedRows *) self)->kept);
  pl_schema_unref (self->schema);
  g_free (self);
}

PlRows *
pl_sourced_rows (const PlSourced *sourced, PlRows *kept)
{
  SourcedRows *rows = g_new0 (SourcedRows, 1);
  rows->rows = (PlRows){
      .schema = pl_schema_ref (sourced->schema),
      .n_rows = kept->n_rows,
      .pieces_vary = kept->pieces_vary,
      .n_pieces = kept->n_pieces,
      .open = sourced_rows_open,
      .next = sourced_rows_next,
      .close = sourced_rows_close,
      .free = sourced_rows_free,
  };
  rows->kept = kept;
  return &rows->rows;
}
