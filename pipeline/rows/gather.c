/* Records back to rows: a batch's worth of records in any order becomes columns, one pass a column. What it does not
 * do: write records, or know where they are kept, which is store.c. */
#include "gather.h"
#include "../table/print.h"
#include "../memory/leased.h"
#include "store-private.h"

static void
get_nulls (const PlRecord *const *records, const PlStoreLayout *layout, const PlStoreSlot *slot, PlColumn *column,
           gsize n, PlArena *arena)
{
  const gsize byte = layout->bits + (slot->null_bit >> 3);
  const guint shift = slot->null_bit & 7;
  guint8 *nulls = pl_arena_alloc (arena, n);
  guint8 any = 0;
  for (gsize i = 0; i < n; i++)
    any |= nulls[i] = (((const guint8 *) records[i])[byte] >> shift) & 1;
  column->nulls = any ? nulls : NULL;
}

static void
get_values (const PlRecord *const *records, const PlStoreSlot *slot, PlColumn *column, gsize n)
{
  guint8 *values = column->values;
  switch (slot->width)
    {
#define GET(w)                                                                                                         \
  case w:                                                                                                              \
    for (gsize i = 0; i < n; i++)                                                                                      \
      memcpy (values + i * w, (const guint8 *) records[i] + slot->value, w);                                           \
    break
      GET (1);
      GET (4);
      GET (8);
      GET (16);
#undef GET
    default:
      g_assert_not_reached ();
    }
}

/* Where all rows were computed the column is one of doubles, as theirs was. */
static void
get_exact (const PlRecord *const *records, const PlStoreSlot *slot, PlColumn *column, gsize n, PlArena *arena)
{
  gsize n_same = 0;
  column->exact = pl_arena_new_array (arena, gint64, n);
  guint8 *scales = pl_arena_alloc (arena, n);
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *exact = (const guint8 *) records[i] + slot->exact;
      memcpy (&column->exact[i], exact, sizeof (gint64));
      scales[i] = exact[sizeof (gint64)];
      n_same += scales[i] == scales[0];
      if (G_UNLIKELY (scales[i] >= PL_SCALE_COMPUTED))
        {
          if (column->floats == NULL)
            column->floats = pl_arena_alloc0 (arena, n * sizeof (double));
          memcpy (&column->floats[i], exact, sizeof (double));
          column->exact[i] = 0;
        }
    }
  if (n_same == n && scales[0] == PL_SCALE_COMPUTED)
    column->exact = NULL;
  else if (n_same < n || scales[0] == PL_SCALE_INEXACT)
    column->exact_scales = scales;
  else
    column->exact_scale = scales[0];
}

/* Returns: (nullable): %NULL where no row that is not null has a text. Rows without one get that of their value where
 * others have theirs. */
static PlText *
get_texts (const PlRecord *const *records, const guint8 **ends, const PlStoreSlot *slot, const PlColumn *column,
           gsize n, PlArena *arena)
{
  PlText *texts = pl_arena_new_array (arena, PlText, n);
  gsize n_without = 0, n_with = 0;
  for (gsize i = 0; i < n; i++)
    {
      guint8 code = ((const guint8 *) records[i])[slot->length];
      guint32 length = code >> 1;
      if (G_UNLIKELY (length == PL_STORE_NO_TEXT))
        {
          n_without += !pl_column_is_null (column, i);
          texts[i] = (PlText){.data = "", .flags = PL_TEXT_PLAIN};
          continue;
        }
      n_with += !pl_column_is_null (column, i);
      if (G_UNLIKELY (length == PL_STORE_LONG_TEXT))
        {
          memcpy (&length, ends[i], sizeof length);
          ends[i] += sizeof length;
        }
      texts[i] = (PlText){(const char *) ends[i], length, code & PL_TEXT_PLAIN};
      ends[i] += length;
    }
  if (n_without == 0)
    return texts;
  if (n_with == 0)
    return NULL;
  const PlText *printed = pl_print_texts (column, NULL, n, arena);
  for (gsize i = 0; i < n; i++)
    if (((const guint8 *) records[i])[slot->length] >> 1 == PL_STORE_NO_TEXT)
      texts[i] = printed[i];
  return texts;
}

static PlColumn *
gather_column (const PlStore *store, guint field, const PlRecord *const *records, const guint8 **ends, gsize n,
               PlArena *arena)
{
  const PlStoreSlot *slot = &store->layout->slots[field];
  PlColumn *column = pl_arena_alloc0 (arena, sizeof (PlColumn));
  column->type = store->schema->fields[field].type;
  get_nulls (records, store->layout, slot, column, n, arena);
  if (slot->parts & PL_STORE_VALUES)
    {
      column->values = pl_arena_alloc (arena, n * slot->width);
      get_values (records, slot, column, n);
    }
  if (slot->parts & PL_STORE_EXACT)
    get_exact (records, slot, column, n, arena);
  if (slot->is_string)
    column->texts = get_texts (records, ends, slot, column, n, arena);
  else if (slot->parts & PL_STORE_TEXT)
    column->lexical = get_texts (records, ends, slot, column, n, arena);
  return column;
}

void
pl_store_gather (const PlStore *store, const PlRecord *const *records, gsize n, PlBatch *batch)
{
  batch->n_rows = n;
  if (n == 0)
    return;
  const PlStoreLayout *layout = store->layout;
  const guint8 **ends = pl_arena_new_array (batch->arena, const guint8 *, n);
  for (gsize i = 0; i < n; i++)
    for (gsize line = 0; line < 192; line += 64)
      __builtin_prefetch ((const guint8 *) records[i] + line);
  for (gsize i = 0; i < n; i++)
    ends[i] = (const guint8 *) records[i] + layout->key + records[i]->key_length;
  for (guint c = 0; c < layout->n_slots; c++)
    if (layout->slots[c].parts & PL_STORE_PRESENT)
      batch->columns[c] = gather_column (store, c, records, ends, n, batch->arena);
}

typedef struct
{
  PlRows rows;
  PlStore **stores;
  guint n_stores;
  const PlRecord **records;
  const PlStore *layout; /* one of the stores: it knows the parts */
} StoreRows;

static gboolean
store_rows_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  StoreRows *rows = (StoreRows *) self;
  guint64 first;
  n = pl_piece_advance (piece, self->n_rows, n, &first);
  pl_store_gather (rows->layout, rows->records + first, n, batch);
  return TRUE;
}

static void
store_rows_free (PlRows *self)
{
  StoreRows *rows = (StoreRows *) self;
  for (guint i = 0; i < rows->n_stores; i++)
    pl_store_free (rows->stores[i]);
  g_free (rows->stores);
  pl_leased_free (rows->records);
  pl_schema_unref (self->schema);
  g_free (rows);
}

PlRows *
pl_store_rows (PlSchema *schema, PlStore **stores, guint n_stores, const PlRecord **records, guint64 n_records)
{
  StoreRows *rows = g_new0 (StoreRows, 1);
  rows->rows = (PlRows){
      .schema = pl_schema_ref (schema),
      .n_rows = n_records,
      .n_pieces = pl_rows_pieces (n_records),
      .next = store_rows_next,
      .free = store_rows_free,
  };
  rows->stores = stores;
  rows->n_stores = n_stores;
  rows->records = records;
  for (guint i = 0; i < n_stores && rows->layout == NULL; i++)
    rows->layout = stores[i];
  return &rows->rows;
}
