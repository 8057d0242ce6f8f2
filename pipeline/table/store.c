/* Rows as records. Appending makes one pass over a batch to size the records and one pass a column to fill them; both
 * work on a batch's worth of records, which stay in cache. What it does not do: change or drop single rows. */
#include "store.h"
#include <stdlib.h>
#include <sys/mman.h>

/* Which parts of a column the records hold. */
enum
{
  PART_PRESENT = 1,
  PART_VALUES = 2,
  PART_TEXT = 4,
  PART_EXACT = 8
};

typedef struct
{
  guint8 parts;
  guint8 width;
  guint value;  /* offset in the record */
  guint exact;  /* of the mantissa; its scale is the byte behind it */
  guint length; /* of the text's length (u32) */
  guint null_bit, plain_bit;
} Slot;

typedef struct
{
  Slot *slots;
  guint n_slots;
  guint n_texts;
  gsize bits;    /* offset of the bits */
  gsize n_bits;  /* in bytes */
  gsize lengths; /* offset of the text lengths */
  gsize key;     /* offset of the key: the size of the fixed part */
} Layout;

typedef struct Chunk
{
  struct Chunk *next;
  gsize size;
  gsize used;
} Chunk;

#define CHUNK_HEADER 64
#define CHUNK_MIN ((gsize) 64 << 10)
#define CHUNK_MAX ((gsize) 4 << 20)
#define HUGE_PAGE ((gsize) 2 << 20)

struct PlStore
{
  PlSchema *schema;
  Layout *layout; /* NULL before the first batch */
  const PlRecord **records;
  guint64 n_records;
  guint64 capacity;
  Chunk *chunks; /* the one being filled first */
  gsize bytes;
};

PlStore *
pl_store_new (PlSchema *schema)
{
  PlStore *store = g_new0 (PlStore, 1);
  store->schema = pl_schema_ref (schema);
  return store;
}

static void
chunks_free (Chunk *chunks)
{
  while (chunks != NULL)
    {
      Chunk *next = chunks->next;
      free (chunks);
      chunks = next;
    }
}

static void
layout_free (Layout *layout)
{
  if (layout == NULL)
    return;
  g_free (layout->slots);
  g_free (layout);
}

void
pl_store_free (PlStore *store)
{
  if (store == NULL)
    return;
  chunks_free (store->chunks);
  layout_free (store->layout);
  g_free (store->records);
  pl_schema_unref (store->schema);
  g_free (store);
}

guint64
pl_store_n_rows (const PlStore *store)
{
  return store->n_records;
}

gsize
pl_store_bytes (const PlStore *store)
{
  return store->bytes + store->capacity * sizeof (PlRecord *);
}

static guint8
column_parts (const PlColumn *column)
{
  if (column == NULL)
    return 0;
  guint8 parts = PART_PRESENT;
  if (column->type.kind == PL_STRING)
    return parts | PART_TEXT;
  if (column->values != NULL && pl_type_width (column->type) > 0)
    parts |= PART_VALUES;
  if (column->lexical != NULL)
    parts |= PART_TEXT;
  if (column->exact != NULL)
    parts |= PART_EXACT;
  return parts;
}

static Layout *
layout_new (const PlSchema *schema, const guint8 *parts)
{
  Layout *layout = g_new0 (Layout, 1);
  guint n_present = 0;
  layout->n_slots = schema->n_fields;
  layout->slots = g_new0 (Slot, schema->n_fields);
  for (guint i = 0; i < schema->n_fields; i++)
    {
      layout->slots[i].parts = parts[i];
      layout->slots[i].null_bit = n_present;
      n_present += (parts[i] & PART_PRESENT) != 0;
      layout->n_texts += (parts[i] & PART_TEXT) != 0;
    }
  layout->bits = sizeof (PlRecord);
  layout->n_bits = (n_present + layout->n_texts + 7) / 8;
  gsize offset = layout->bits + layout->n_bits;
  for (guint i = 0, text = 0; i < schema->n_fields; i++)
    {
      Slot *slot = &layout->slots[i];
      if (slot->parts & PART_VALUES)
        {
          slot->width = (guint8) pl_type_width (schema->fields[i].type);
          slot->value = (guint) offset;
          offset += slot->width;
        }
      if (slot->parts & PART_EXACT)
        {
          slot->exact = (guint) offset;
          offset += sizeof (gint64) + 1;
        }
      if (slot->parts & PART_TEXT)
        slot->plain_bit = n_present + text++;
    }
  layout->lengths = offset;
  for (guint i = 0; i < schema->n_fields; i++)
    if (layout->slots[i].parts & PART_TEXT)
      {
        layout->slots[i].length = (guint) offset;
        offset += sizeof (guint32);
      }
  layout->key = offset;
  return layout;
}

/* Memory for a record of @size bytes, a multiple of 8: its header is read in place. */
static guint8 *
take (PlStore *store, gsize size)
{
  Chunk *chunk = store->chunks;
  if (G_UNLIKELY (chunk == NULL || chunk->size - chunk->used < size))
    {
      gsize wanted = chunk == NULL ? CHUNK_MIN : MIN (chunk->size * 2, CHUNK_MAX);
      while (wanted < size + CHUNK_HEADER)
        wanted *= 2;
      gsize alignment = wanted >= HUGE_PAGE ? HUGE_PAGE : 64;
      Chunk *fresh = aligned_alloc (alignment, wanted);
      if (fresh == NULL)
        g_error ("out of memory: %" G_GSIZE_FORMAT " bytes for rows", wanted);
      if (wanted >= HUGE_PAGE)
        madvise (fresh, wanted, MADV_HUGEPAGE);
      fresh->next = chunk;
      fresh->size = wanted;
      fresh->used = CHUNK_HEADER;
      store->chunks = chunk = fresh;
      store->bytes += wanted;
    }
  guint8 *record = (guint8 *) chunk + chunk->used;
  chunk->used += size;
  return record;
}

static void
reserve_records (PlStore *store, guint64 n)
{
  if (store->capacity - store->n_records >= n)
    return;
  store->capacity = MAX (MAX (store->capacity * 2, 1024), store->n_records + n);
  store->records = g_renew (const PlRecord *, store->records, store->capacity);
}

static inline gsize
record_size (const PlRecord *record)
{
  return (gsize) record->n_words * 8;
}

static const PlText *
column_texts (const PlColumn *column)
{
  return column->type.kind == PL_STRING ? column->texts : column->lexical;
}

#define ROW(i) (rows != NULL ? rows[i] : (i))

static inline void
set_bit (guint8 *bits, guint bit)
{
  bits[bit >> 3] |= (guint8) (1u << (bit & 7));
}

static inline gboolean
get_bit (const guint8 *bits, guint bit)
{
  return (bits[bit >> 3] >> (bit & 7)) & 1;
}

static void
put_values (guint8 **records, const Slot *slot, const PlColumn *column, const guint32 *rows, gsize n)
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

static void
put_exact (guint8 **records, const Slot *slot, const PlColumn *column, const guint32 *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      gsize row = ROW (i);
      memcpy (records[i] + slot->exact, &column->exact[row], sizeof (gint64));
      records[i][slot->exact + sizeof (gint64)]
          = column->exact_scales != NULL ? column->exact_scales[row] : column->exact_scale;
    }
}

/* Appends each row's text at @ends[i], which moves on. */
static void
put_texts (guint8 **records, guint8 **ends, const Layout *layout, const Slot *slot, const PlText *texts,
           const guint32 *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const PlText *text = &texts[ROW (i)];
      guint32 length = text->length;
      memcpy (records[i] + slot->length, &length, sizeof length);
      if (text->flags & PL_TEXT_PLAIN)
        set_bit (records[i] + layout->bits, slot->plain_bit);
      if (length > 0)
        memcpy (ends[i], text->data, length);
      ends[i] += length;
    }
}

/* Sizes and takes the records of a batch, and writes their headers and keys. */
static void
start_records (PlStore *store, const PlBatch *batch, const guint32 *rows, gsize n, const PlText *keys, guint8 **records,
               guint8 **ends)
{
  const Layout *layout = store->layout;
  gsize *sizes = pl_arena_new_array (batch->arena, gsize, n);
  for (gsize i = 0; i < n; i++)
    sizes[i] = layout->key + (keys != NULL ? keys[i].length : 0);
  for (guint c = 0; c < layout->n_slots; c++)
    if (layout->slots[c].parts & PART_TEXT)
      {
        const PlText *texts = column_texts (batch->columns[c]);
        for (gsize i = 0; i < n; i++)
          sizes[i] += texts[ROW (i)].length;
      }
  reserve_records (store, n);
  for (gsize i = 0; i < n; i++)
    {
      gsize size = (sizes[i] + 7) & ~(gsize) 7;
      if (G_UNLIKELY (size / 8 > G_MAXUINT32))
        g_error ("out of memory: a row of %" G_GSIZE_FORMAT " bytes", size);
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
      store->records[store->n_records++] = record;
    }
}

void
pl_store_append (PlStore *store, const PlBatch *batch, const guint32 *rows, gsize n, const PlText *keys)
{
  if (n == 0)
    return;
  if (store->layout == NULL)
    {
      g_autofree guint8 *parts = g_new0 (guint8, store->schema->n_fields + 1);
      for (guint c = 0; c < store->schema->n_fields; c++)
        parts[c] = column_parts (batch->columns[c]);
      store->layout = layout_new (store->schema, parts);
    }
  const Layout *layout = store->layout;
  guint8 **records = pl_arena_new_array (batch->arena, guint8 *, n);
  guint8 **ends = pl_arena_new_array (batch->arena, guint8 *, n);
  start_records (store, batch, rows, n, keys, records, ends);
  for (guint c = 0; c < layout->n_slots; c++)
    {
      const Slot *slot = &layout->slots[c];
      const PlColumn *column = batch->columns[c];
      if (!(slot->parts & PART_PRESENT))
        continue;
      if (column->nulls != NULL)
        for (gsize i = 0; i < n; i++)
          if (column->nulls[ROW (i)])
            set_bit (records[i] + layout->bits, slot->null_bit);
      if (slot->parts & PART_VALUES)
        put_values (records, slot, column, rows, n);
      if (slot->parts & PART_EXACT)
        put_exact (records, slot, column, rows, n);
      if (slot->parts & PART_TEXT)
        put_texts (records, ends, layout, slot, column_texts (column), rows, n);
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
  return store->layout != NULL ? store->layout->key : 0;
}

const guint8 *
pl_store_key (const PlStore *store, const PlRecord *record)
{
  return (const guint8 *) record + store->layout->key;
}

void
pl_store_retain (PlStore *store, const guint64 *rows, guint64 n)
{
  Chunk *old = g_steal_pointer (&store->chunks);
  const PlRecord **records = g_new (const PlRecord *, MAX (n, 1));
  store->bytes = 0;
  for (guint64 i = 0; i < n; i++)
    {
      const PlRecord *record = store->records[rows[i]];
      records[i] = memcpy (take (store, record_size (record)), record, record_size (record));
    }
  chunks_free (old);
  g_free (store->records);
  store->records = records;
  store->n_records = n;
  store->capacity = MAX (n, 1);
}

static void
get_nulls (const PlRecord *const *records, const Layout *layout, const Slot *slot, PlColumn *column, gsize n,
           PlArena *arena)
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
get_values (const PlRecord *const *records, const Slot *slot, PlColumn *column, gsize n)
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

static void
get_exact (const PlRecord *const *records, const Slot *slot, PlColumn *column, gsize n, PlArena *arena)
{
  gboolean same = TRUE;
  column->exact = pl_arena_new_array (arena, gint64, n);
  guint8 *scales = pl_arena_alloc (arena, n);
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *exact = (const guint8 *) records[i] + slot->exact;
      memcpy (&column->exact[i], exact, sizeof (gint64));
      scales[i] = exact[sizeof (gint64)];
      same &= scales[i] == scales[0];
    }
  column->exact_scale = scales[0];
  column->exact_scales = same && scales[0] != PL_SCALE_INEXACT ? NULL : scales;
}

static PlText *
get_texts (const PlRecord *const *records, const guint8 **ends, const Layout *layout, const Slot *slot, gsize n,
           PlArena *arena)
{
  PlText *texts = pl_arena_new_array (arena, PlText, n);
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *record = (const guint8 *) records[i];
      memcpy (&texts[i].length, record + slot->length, sizeof (guint32));
      texts[i].data = (const char *) ends[i];
      texts[i].flags = get_bit (record + layout->bits, slot->plain_bit) ? PL_TEXT_PLAIN : 0;
      ends[i] += texts[i].length;
    }
  return texts;
}

void
pl_store_gather (const PlStore *store, const PlRecord *const *records, gsize n, PlBatch *batch)
{
  batch->n_rows = n;
  if (n == 0)
    return;
  const Layout *layout = store->layout;
  const guint8 **ends = pl_arena_new_array (batch->arena, const guint8 *, n);
  for (gsize i = 0; i < n; i++)
    for (gsize line = 0; line < 192; line += 64)
      __builtin_prefetch ((const guint8 *) records[i] + line);
  for (gsize i = 0; i < n; i++)
    ends[i] = (const guint8 *) records[i] + layout->key + records[i]->key_length;
  for (guint c = 0; c < layout->n_slots; c++)
    {
      const Slot *slot = &layout->slots[c];
      if (!(slot->parts & PART_PRESENT))
        continue;
      PlColumn *column = pl_arena_alloc0 (batch->arena, sizeof (PlColumn));
      column->type = store->schema->fields[c].type;
      get_nulls (records, layout, slot, column, n, batch->arena);
      if (slot->parts & PART_VALUES)
        {
          column->values = pl_arena_alloc (batch->arena, n * slot->width);
          get_values (records, slot, column, n);
        }
      if (slot->parts & PART_EXACT)
        get_exact (records, slot, column, n, batch->arena);
      if (slot->parts & PART_TEXT)
        {
          PlText *texts = get_texts (records, ends, layout, slot, n, batch->arena);
          if (column->type.kind == PL_STRING)
            column->texts = texts;
          else
            column->lexical = texts;
        }
      batch->columns[c] = column;
    }
}

/* A saved store: rows, then which parts each column has, then the records; positions and keys are part of them. */
void
pl_store_save (const PlStore *store, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, store->n_records);
  if (store->n_records == 0)
    return;
  for (guint c = 0; c < store->layout->n_slots; c++)
    pl_buffer_put_u8 (buffer, store->layout->slots[c].parts);
  for (guint64 i = 0; i < store->n_records; i++)
    pl_buffer_put_bytes (buffer, store->records[i], record_size (store->records[i]));
}

/* Whether the lengths inside a record add up to its size. */
static gboolean
record_is_whole (const Layout *layout, const guint8 *bytes, gsize length)
{
  PlRecord record;
  if (length < layout->key)
    return FALSE;
  memcpy (&record, bytes, sizeof record);
  gsize sum = layout->key + record.key_length;
  for (gsize offset = layout->lengths; offset < layout->key; offset += sizeof (guint32))
    {
      guint32 text;
      memcpy (&text, bytes + offset, sizeof text);
      sum += text;
    }
  return (sum + 7) / 8 * 8 == length && record_size (&record) == length;
}

static gboolean
load_layout (PlStore *store, PlCursor *cursor)
{
  g_autofree guint8 *parts = g_new0 (guint8, store->schema->n_fields + 1);
  for (guint c = 0; c < store->schema->n_fields; c++)
    {
      PlType type = store->schema->fields[c].type;
      parts[c] = pl_cursor_get_u8 (cursor);
      gboolean valid = parts[c] == 0 || (parts[c] & PART_PRESENT);
      valid &= (parts[c] & ~(PART_PRESENT | PART_VALUES | PART_TEXT | PART_EXACT)) == 0;
      valid &= !(parts[c] & PART_VALUES) || (type.kind != PL_STRING && type.kind != PL_NULL);
      valid &= parts[c] == 0 || type.kind != PL_STRING || (parts[c] & PART_TEXT);
      valid &= store->layout == NULL || store->layout->slots[c].parts == parts[c];
      if (cursor->failed || !valid)
        return FALSE;
    }
  if (store->layout == NULL)
    store->layout = layout_new (store->schema, parts);
  return TRUE;
}

gboolean
pl_store_load (PlStore *store, PlCursor *cursor)
{
  guint64 n = pl_cursor_get_u64 (cursor);
  if (n == 0 || cursor->failed)
    return !cursor->failed;
  /* A record takes more than its header on the wire, which bounds n before memory is asked for. */
  if (n > cursor->length / sizeof (PlRecord) || !load_layout (store, cursor))
    {
      cursor->failed = TRUE;
      return FALSE;
    }
  reserve_records (store, n);
  for (guint64 i = 0; i < n; i++)
    {
      gsize length = 0;
      const guint8 *bytes = pl_cursor_get_bytes (cursor, &length);
      if (bytes == NULL || !record_is_whole (store->layout, bytes, length))
        {
          cursor->failed = TRUE;
          return FALSE;
        }
      store->records[store->n_records++] = memcpy (take (store, length), bytes, length);
    }
  return TRUE;
}

typedef struct
{
  PlRows rows;
  PlStore **stores;
  guint n_stores;
  const PlRecord **records;
  const PlStore *layout; /* the first store with rows: it knows the parts */
} StoreRows;

static gboolean
store_rows_read (PlRows *self, guint64 first, gsize n, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  StoreRows *rows = (StoreRows *) self;
  batch->position = first;
  batch->offsets = NULL;
  batch->n_rows = n;
  if (n > 0)
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
  g_free (rows->records);
  pl_schema_unref (self->schema);
  g_free (rows);
}

PlRows *
pl_store_rows (PlSchema *schema, PlStore **stores, guint n_stores, const PlRecord **records, guint64 n_records)
{
  StoreRows *rows = g_new0 (StoreRows, 1);
  rows->rows.schema = pl_schema_ref (schema);
  rows->rows.n_rows = n_records;
  rows->rows.read = store_rows_read;
  rows->rows.free = store_rows_free;
  rows->stores = stores;
  rows->n_stores = n_stores;
  rows->records = records;
  for (guint i = 0; i < n_stores && rows->layout == NULL; i++)
    if (stores[i] != NULL && pl_store_n_rows (stores[i]) > 0)
      rows->layout = stores[i];
  return &rows->rows;
}
