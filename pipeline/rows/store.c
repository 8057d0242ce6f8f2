/* Rows to records, and where they are kept. Appending makes one pass over a batch to size the records and one pass a
 * column to fill them; both work on a batch's worth of records, which stay in cache. gather.c reads them back. What it
 * does not do: change or drop single rows. */
#include "store.h"
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../base/copy.h"
#include "../base/memory.h"
#include "../keys/prefix.h"
#include "../memory/leased.h"
#include "../table/print.h"
#include "store-private.h"

#define AHEAD 12 /* rows that are fetched ahead */

void
pl_store_forget_order (PlStore *store)
{
  pl_leased_free ((gpointer) g_steal_pointer (&store->records));
  pl_leased_free (g_steal_pointer (&store->prefixes));
  store->capacity = 0;
}

void
pl_store_free (PlStore *store)
{
  if (store == NULL)
    return;
  pl_chunks_free (&store->chunks);
  pl_chunks_free (&store->spare);
  g_free (store->layout->slots);
  g_free (store->layout);
  pl_store_forget_order (store);
  pl_schema_unref (store->schema);
  g_free (store);
}

gsize
pl_store_bytes (const PlStore *store)
{
  return pl_chunks_bytes (store->chunks) + pl_chunks_bytes (store->spare)
         + (gsize) store->capacity * (sizeof *store->records + (store->prefixes != NULL ? sizeof *store->prefixes : 0));
}

guint64
pl_store_n_rows (const PlStore *store)
{
  return store->n_records;
}

/* What is kept of a column of @type when @uses is wanted of it. Values are left out where text and decimal say all that
 * is asked for. */
static guint8
parts_for (PlType type, guint8 uses)
{
  guint8 parts = PL_STORE_PRESENT;
  if (uses == PL_USE_NONE)
    return 0;
  if (type.kind == PL_NULL)
    return parts;
  if (type.kind == PL_STRING)
    return parts | PL_STORE_TEXT;
  if (uses & PL_USE_TEXT)
    parts |= PL_STORE_TEXT;
  if (type.kind == PL_FLOAT && (uses & PL_USE_EXACT))
    parts |= PL_STORE_EXACT;
  const gboolean counts = type.kind != PL_FLOAT && (uses & PL_USE_EXACT);
  if ((uses & PL_USE_VALUE) || counts)
    parts |= PL_STORE_VALUES;
  return parts;
}

static void
place_slots (PlStoreLayout *layout, const PlSchema *schema)
{
  gsize offset = layout->bits + layout->n_bits;
  for (guint i = 0; i < layout->n_slots; i++)
    {
      PlStoreSlot *slot = &layout->slots[i];
      if (slot->parts & PL_STORE_VALUES)
        {
          slot->width = (guint8) pl_type_width (schema->fields[i].type);
          slot->value = (guint) offset;
          offset += slot->width;
        }
      if (slot->parts & PL_STORE_EXACT)
        {
          slot->exact = (guint) offset;
          offset += sizeof (gint64) + 1;
        }
    }
  layout->lengths = offset;
  for (guint i = 0; i < layout->n_slots; i++)
    if (layout->slots[i].parts & PL_STORE_TEXT)
      layout->slots[i].length = (guint) offset++;
  layout->key = offset;
}

static PlStoreLayout *
layout_new (const PlSchema *schema, const guint8 *uses)
{
  PlStoreLayout *layout = g_new0 (PlStoreLayout, 1);
  guint n_present = 0;
  layout->n_slots = schema->n_fields;
  layout->slots = g_new0 (PlStoreSlot, schema->n_fields);
  for (guint i = 0; i < schema->n_fields; i++)
    {
      PlStoreSlot *slot = &layout->slots[i];
      slot->parts = parts_for (schema->fields[i].type, uses[i]);
      slot->is_string = schema->fields[i].type.kind == PL_STRING;
      slot->null_bit = n_present;
      n_present += (slot->parts & PL_STORE_PRESENT) != 0;
    }
  layout->bits = sizeof (PlRecord);
  layout->n_bits = (n_present + 7) / 8;
  place_slots (layout, schema);
  return layout;
}

PlStore *
pl_store_new (PlSchema *schema, const guint8 *uses)
{
  PlStore *store = g_new0 (PlStore, 1);
  store->schema = pl_schema_ref (schema);
  store->layout = layout_new (schema, uses);
  return store;
}

/* A chunk with room for a record of @size bytes: an emptied one, if there is one. */
static PlChunk *
find_chunk (PlStore *store, gsize size)
{
  for (PlChunk **link = &store->spare; *link != NULL; link = &(*link)->next)
    if ((*link)->size >= size + PL_CHUNK_HEADER)
      {
        PlChunk *chunk = *link;
        *link = chunk->next;
        return chunk;
      }
  return pl_chunk_new (store->chunks, size);
}

/* Memory for a record of @size bytes, a multiple of 8: its header is read in place. */
static inline guint8 *
take (PlStore *store, gsize size)
{
  if (G_UNLIKELY (!pl_chunk_has (store->chunks, size)))
    pl_chunks_push (&store->chunks, find_chunk (store, size));
  return pl_chunks_cut (&store->chunks, size);
}

static void
reserve_records (PlStore *store, guint64 n, gboolean keys)
{
  if (keys && store->prefixes == NULL && store->n_records == 0)
    store->prefixes = pl_leased_resize (NULL, MAX (store->capacity, 1) * sizeof *store->prefixes);
  if (store->capacity - store->n_records >= n)
    return;
  store->capacity = pl_leased_more (store->capacity, MAX (1024, store->n_records + n), sizeof *store->records);
  store->records = pl_leased_resize ((gpointer) store->records, store->capacity * sizeof *store->records);
  if (store->prefixes != NULL)
    store->prefixes = pl_leased_resize (store->prefixes, store->capacity * sizeof *store->prefixes);
}

static inline void
add_record (PlStore *store, const PlRecord *record)
{
  if (store->prefixes != NULL)
    store->prefixes[store->n_records]
        = pl_key_prefix ((const guint8 *) record + store->layout->key, record->key_length);
  store->records[store->n_records++] = record;
}

#define ROW(i) (rows != NULL ? rows[i] : (i))

static inline void
set_bit (guint8 *bits, guint bit)
{
  bits[bit >> 3] |= (guint8) (1u << (bit & 7));
}

static void
put_values (guint8 **records, const PlStoreSlot *slot, const PlColumn *column, const guint32 *rows, gsize n)
{
  const guint8 *values = column->values;
  switch (slot->width)
    {
#define PUT(w)                                                                                                         \
  case w:                                                                                                              \
    for (gsize i = 0; i < n; i++)                                                                                      \
      memcpy (records[i] + slot->value, values + (gsize) ROW (i) * w, w);                                              \
    break
      PUT (1);
      PUT (4);
      PUT (8);
      PUT (16);
#undef PUT
    default:
      g_assert_not_reached ();
    }
}

/* Where the decimal does not say all, or there is none, the double stands in its place. */
static void
put_exact (guint8 **records, const PlStoreSlot *slot, const PlColumn *column, const guint32 *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const gsize row = ROW (i);
      const guint8 scale = column->exact == NULL          ? PL_SCALE_COMPUTED
                           : column->exact_scales != NULL ? column->exact_scales[row]
                                                          : column->exact_scale;
      const gboolean inexact
          = column->floats != NULL
            && (scale >= PL_SCALE_COMPUTED || (column->exact[row] == 0 && signbit (column->floats[row])));
      const void *word = inexact ? (const void *) &column->floats[row] : &column->exact[row];
      memcpy (records[i] + slot->exact, word, sizeof (gint64));
      records[i][slot->exact + sizeof (gint64)] = inexact && scale != PL_SCALE_COMPUTED ? PL_SCALE_INEXACT : scale;
    }
}

/* What is kept as the text of rows; @texts: NULL: nothing. */
typedef struct
{
  const PlText *texts;
  const guint32 *rows; /* of the texts; NULL: one after the other */
} Written;

static Written
written_of (const PlStoreSlot *slot, const PlColumn *column, const guint32 *rows, gsize n, PlArena *arena)
{
  const PlText *texts = slot->is_string ? column->texts : column->lexical;
  if (texts != NULL || (slot->parts & PL_STORE_VALUES))
    return (Written){texts, rows};
  return (Written){pl_print_texts (column, rows, n, arena), NULL};
}

static inline gsize
text_size (gsize length)
{
  return length + (length >= PL_STORE_LONG_TEXT ? sizeof (guint32) : 0);
}

/* Appends each row's text at @ends[i], which moves on. */
static void
put_texts (guint8 **records, guint8 **ends, const PlStoreSlot *slot, const Written *written, gsize n)
{
  G_STATIC_ASSERT (PL_TEXT_PLAIN == 1);
  const guint32 *rows = written->rows;
  for (gsize i = 0; written->texts == NULL && i < n; i++)
    records[i][slot->length] = PL_STORE_NO_TEXT << 1;
  for (gsize i = 0; written->texts != NULL && i < n; i++)
    {
      const PlText *text = &written->texts[ROW (i)];
      guint32 length = text->length;
      records[i][slot->length] = (guint8) (MIN (length, PL_STORE_LONG_TEXT) << 1 | (text->flags & PL_TEXT_PLAIN));
      if (G_UNLIKELY (length >= PL_STORE_LONG_TEXT))
        {
          memcpy (ends[i], &length, sizeof length);
          ends[i] += sizeof length;
        }
      ends[i] = (guint8 *) pl_copy_short (ends[i], text->data, length);
    }
}

/* Bytes of each row's record, not rounded up. */
static gsize *
measure (const PlStoreLayout *layout, const Written *written, gsize n, const PlText *keys, PlArena *arena)
{
  gsize *sizes = pl_arena_new_array (arena, gsize, n);
  for (gsize i = 0; i < n; i++)
    sizes[i] = layout->key + (keys != NULL ? keys[i].length : 0);
  for (guint c = 0; c < layout->n_slots; c++)
    {
      const guint32 *rows = written[c].rows;
      for (gsize i = 0; written[c].texts != NULL && i < n; i++)
        sizes[i] += text_size (written[c].texts[ROW (i)].length);
    }
  return sizes;
}

/* Takes the records of a batch, and writes their headers and keys. */
static void
start_records (PlStore *store, const PlBatch *batch, const guint32 *rows, gsize n, const PlText *keys,
               const gsize *sizes, guint8 **records, guint8 **ends)
{
  const PlStoreLayout *layout = store->layout;
  reserve_records (store, n, keys != NULL);
  for (gsize i = 0; i < n; i++)
    {
      gsize size = (sizes[i] + 7) & ~(gsize) 7;
      if (G_UNLIKELY (size / 8 > G_MAXUINT32))
        pl_no_memory (size);
      records[i] = take (store, size);
      /* What rounding added is written too: records are saved whole. */
      memset (records[i] + size - 8, 0, 8);
      PlRecord *record = (PlRecord *) records[i];
      record->position = pl_batch_position (batch, ROW (i));
      record->key_length = keys != NULL ? keys[i].length : 0;
      record->n_words = (guint32) (size / 8);
      memset (records[i] + layout->bits, 0, layout->n_bits);
      ends[i] = records[i] + layout->key;
      if (record->key_length > 0)
        memcpy (ends[i], keys[i].data, record->key_length);
      ends[i] += record->key_length;
      add_record (store, record);
    }
}

void
pl_store_append (PlStore *store, const PlBatch *batch, const guint32 *rows, gsize n, const PlText *keys)
{
  if (n == 0)
    return;
  const PlStoreLayout *layout = store->layout;
  guint8 **records = pl_arena_new_array (batch->arena, guint8 *, n);
  guint8 **ends = pl_arena_new_array (batch->arena, guint8 *, n);
  Written *written = pl_arena_alloc0 (batch->arena, sizeof (Written) * layout->n_slots);
  for (guint c = 0; c < layout->n_slots; c++)
    if (layout->slots[c].parts & PL_STORE_TEXT)
      written[c] = written_of (&layout->slots[c], batch->columns[c], rows, n, batch->arena);
  const gsize *sizes = measure (layout, written, n, keys, batch->arena);
  start_records (store, batch, rows, n, keys, sizes, records, ends);
  for (guint c = 0; c < layout->n_slots; c++)
    {
      const PlStoreSlot *slot = &layout->slots[c];
      const PlColumn *column = batch->columns[c];
      if (!(slot->parts & PL_STORE_PRESENT))
        continue;
      for (gsize i = 0; (column->nulls != NULL || column->type.kind == PL_NULL) && i < n; i++)
        if (pl_column_is_null (column, ROW (i)))
          set_bit (records[i] + layout->bits, slot->null_bit);
      if (slot->parts & PL_STORE_VALUES)
        put_values (records, slot, column, rows, n);
      if (slot->parts & PL_STORE_EXACT)
        put_exact (records, slot, column, rows, n);
      if (slot->parts & PL_STORE_TEXT)
        put_texts (records, ends, slot, &written[c], n);
    }
}

const PlRecord *
pl_store_record (const PlStore *store, guint64 row)
{
  return store->records[row];
}

gsize
pl_store_key_offset (const PlStore *store)
{
  return store->layout->key;
}

const guint8 *
pl_store_key (const PlStore *store, const PlRecord *record)
{
  return (const guint8 *) record + store->layout->key;
}

const guint64 *
pl_store_prefixes (const PlStore *store)
{
  return store->prefixes;
}

/* What was emptied takes the next rows, as memory that is there is cheaper than fresh memory; but no more is held than
 * rows take now. */
static void
recycle (PlStore *store, PlChunk *chunks)
{
  gsize used = 0, spare = 0;
  for (const PlChunk *chunk = store->chunks; chunk != NULL; chunk = chunk->next)
    used += chunk->size;
  for (const PlChunk *chunk = store->spare; chunk != NULL; chunk = chunk->next)
    spare += chunk->size;
  while (chunks != NULL)
    {
      PlChunk *chunk = chunks;
      chunks = chunk->next;
      if (spare + chunk->size <= used)
        {
          spare += chunk->size;
          chunk->next = store->spare;
          store->spare = chunk;
          continue;
        }
      pl_chunk_free (chunk);
    }
}

void
pl_store_retain (PlStore *store, const guint64 *rows, guint64 n)
{
  PlChunk *old = g_steal_pointer (&store->chunks);
  const PlRecord **records = g_steal_pointer (&store->records);
  guint64 *prefixes = g_steal_pointer (&store->prefixes);
  store->n_records = store->capacity = 0;
  reserve_records (store, n, prefixes != NULL);
  for (guint64 i = 0; i < n; i++)
    {
      const PlRecord *record = records[rows[i]];
      /* Rows come from all over the memory, and so does where they are. */
      __builtin_prefetch (&records[rows[MIN (i + 2 * AHEAD, n - 1)]]);
      __builtin_prefetch (records[rows[MIN (i + AHEAD, n - 1)]]);
      add_record (store, memcpy (take (store, pl_store_record_size (record)), record, pl_store_record_size (record)));
    }
  pl_leased_free (prefixes);
  pl_leased_free ((gpointer) records);
  recycle (store, old);
}

void
pl_store_reserve (PlStore *store, guint64 n, gboolean has_keys)
{
  reserve_records (store, n, has_keys);
}

void
pl_store_copy_record (PlStore *store, gconstpointer record, gsize size)
{
  add_record (store, memcpy (take (store, size), record, size));
}

void
pl_store_add (PlStore *store, const PlStore *other)
{
  reserve_records (store, other->n_records, other->prefixes != NULL);
  for (guint64 i = 0; i < other->n_records; i++)
    pl_store_copy_record (store, other->records[i], pl_store_record_size (other->records[i]));
}
