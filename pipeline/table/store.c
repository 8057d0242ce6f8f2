/* Rows as records. Appending makes one pass over a batch to size the records and one pass a column to fill them; both
 * work on a batch's worth of records, which stay in cache. What it does not do: change or drop single rows.
 *
 * A text's length takes one byte, shared with its plain bit: length << 1 | plain. What is longer than that can say has its
 * length in front of the text, as a u32. */
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
  guint length; /* of the text's length byte */
  guint null_bit;
} Slot;

typedef struct
{
  Slot *slots; /* per column */
  guint n_slots;
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

#define LONG_TEXT 127 /* as a length byte's length: a u32 stands before the text */

struct PlStore
{
  PlSchema *schema;
  guint8 *uses;   /* PlUse per column; NULL: all that comes */
  Layout *layout; /* NULL before the first batch */
  const PlRecord **records;
  guint64 *prefixes; /* of the keys; NULL: there are none */
  guint64 n_records;
  guint64 capacity;
  Chunk *chunks; /* the one being filled first */
  Chunk *spare;  /* emptied ones */
  gsize bytes;
};

PlStore *
pl_store_new (PlSchema *schema)
{
  PlStore *store = g_new0 (PlStore, 1);
  store->schema = pl_schema_ref (schema);
  return store;
}

PlStore *
pl_store_new_for (PlSchema *schema, const guint8 *uses)
{
  PlStore *store = pl_store_new (schema);
  store->uses = g_memdup2 (uses, schema->n_fields);
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
pl_store_forget_order (PlStore *store)
{
  g_clear_pointer (&store->records, g_free);
  g_clear_pointer (&store->prefixes, g_free);
  store->capacity = 0;
}

void
pl_store_free (PlStore *store)
{
  if (store == NULL)
    return;
  chunks_free (store->chunks);
  chunks_free (store->spare);
  layout_free (store->layout);
  pl_store_forget_order (store);
  g_free (store->uses);
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
  gsize index = sizeof (PlRecord *) + (store->prefixes != NULL ? sizeof (guint64) : 0);
  return store->bytes + store->capacity * index;
}

/* What is kept of @column when @uses is wanted of it. Values are dropped where their text says all that is asked for. */
static guint8
column_parts (const PlColumn *column, guint8 uses)
{
  if (column == NULL || uses == PL_USE_NONE)
    return 0;
  guint8 parts = PART_PRESENT;
  if (column->type.kind == PL_STRING)
    return parts | PART_TEXT;
  if (column->lexical != NULL && (uses & PL_USE_TEXT))
    parts |= PART_TEXT;
  if (column->exact != NULL && (uses & PL_USE_EXACT))
    parts |= PART_EXACT;
  if (column->values != NULL && pl_type_width (column->type) > 0
      && (!(parts & PART_TEXT) || (uses & (PL_USE_VALUE | PL_USE_EXACT))))
    parts |= PART_VALUES;
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
    }
  layout->bits = sizeof (PlRecord);
  layout->n_bits = (n_present + 7) / 8;
  gsize offset = layout->bits + layout->n_bits;
  for (guint i = 0; i < schema->n_fields; i++)
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
    }
  layout->lengths = offset;
  for (guint i = 0; i < schema->n_fields; i++)
    if (layout->slots[i].parts & PART_TEXT)
      layout->slots[i].length = (guint) offset++;
  layout->key = offset;
  return layout;
}

/* A chunk with room for a record of @size bytes. */
static Chunk *
new_chunk (PlStore *store, gsize size)
{
  gsize wanted = store->chunks == NULL ? CHUNK_MIN : MIN (store->chunks->size * 2, CHUNK_MAX);
  while (wanted < size + CHUNK_HEADER)
    wanted *= 2;
  for (Chunk **link = &store->spare; *link != NULL; link = &(*link)->next)
    if ((*link)->size >= size + CHUNK_HEADER)
      {
        Chunk *chunk = *link;
        *link = chunk->next;
        return chunk;
      }
  Chunk *chunk = aligned_alloc (wanted >= HUGE_PAGE ? HUGE_PAGE : 64, wanted);
  if (chunk == NULL)
    g_error ("out of memory: %" G_GSIZE_FORMAT " bytes for rows", wanted);
  if (wanted >= HUGE_PAGE)
    madvise (chunk, wanted, MADV_HUGEPAGE);
  chunk->size = wanted;
  store->bytes += wanted;
  return chunk;
}

/* Memory for a record of @size bytes, a multiple of 8: its header is read in place. */
static inline guint8 *
take (PlStore *store, gsize size)
{
  Chunk *chunk = store->chunks;
  if (G_UNLIKELY (chunk == NULL || chunk->size - chunk->used < size))
    {
      Chunk *fresh = new_chunk (store, size);
      fresh->next = chunk;
      fresh->used = CHUNK_HEADER;
      store->chunks = chunk = fresh;
    }
  guint8 *record = (guint8 *) chunk + chunk->used;
  chunk->used += size;
  return record;
}

static void
reserve_records (PlStore *store, guint64 n, gboolean keys)
{
  if (keys && store->prefixes == NULL && store->n_records == 0)
    store->prefixes = g_new (guint64, MAX (store->capacity, 1));
  if (store->capacity - store->n_records >= n)
    return;
  store->capacity = MAX (MAX (store->capacity * 2, 1024), store->n_records + n);
  store->records = g_renew (const PlRecord *, store->records, store->capacity);
  if (store->prefixes != NULL)
    store->prefixes = g_renew (guint64, store->prefixes, store->capacity);
}

/* The first eight bytes of a key as a number, zeros behind its end. */
static inline guint64
key_prefix (const guint8 *key, gsize length)
{
  guint64 prefix = 0;
  if (G_LIKELY (length >= 8))
    memcpy (&prefix, key, 8);
  else if (length > 0)
    memcpy (&prefix, key, length);
  return GUINT64_FROM_BE (prefix);
}

static inline void
add_record (PlStore *store, const PlRecord *record)
{
  if (store->prefixes != NULL)
    store->prefixes[store->n_records] = key_prefix ((const guint8 *) record + store->layout->key, record->key_length);
  store->records[store->n_records++] = record;
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

static inline gsize
text_size (gsize length)
{
  return length + (length >= LONG_TEXT ? sizeof (guint32) : 0);
}

/* Copies a text with no call when it is short, as most are: two overlapping copies, never outside either side. */
static inline void
copy_text (guint8 *to, const char *from, gsize length)
{
  if (length > 32)
    memcpy (to, from, length);
  else if (length >= 16)
    {
      memcpy (to, from, 16);
      memcpy (to + length - 16, from + length - 16, 16);
    }
  else if (length >= 8)
    {
      memcpy (to, from, 8);
      memcpy (to + length - 8, from + length - 8, 8);
    }
  else if (length >= 4)
    {
      memcpy (to, from, 4);
      memcpy (to + length - 4, from + length - 4, 4);
    }
  else
    for (gsize i = 0; i < length; i++)
      to[i] = (guint8) from[i];
}

/* Appends each row's text at @ends[i], which moves on. */
static void
put_texts (guint8 **records, guint8 **ends, const Slot *slot, const PlText *texts, const guint32 *rows, gsize n)
{
  G_STATIC_ASSERT (PL_TEXT_PLAIN == 1);
  for (gsize i = 0; i < n; i++)
    {
      const PlText *text = &texts[ROW (i)];
      guint32 length = text->length;
      records[i][slot->length] = (guint8) (MIN (length, LONG_TEXT) << 1 | (text->flags & PL_TEXT_PLAIN));
      if (G_UNLIKELY (length >= LONG_TEXT))
        {
          memcpy (ends[i], &length, sizeof length);
          ends[i] += sizeof length;
        }
      copy_text (ends[i], text->data, length);
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
          sizes[i] += text_size (texts[ROW (i)].length);
      }
  reserve_records (store, n, keys != NULL);
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
      add_record (store, record);
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
        parts[c] = column_parts (batch->columns[c],
                                 store->uses != NULL ? store->uses[c] : PL_USE_TEXT | PL_USE_VALUE | PL_USE_EXACT);
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
        put_texts (records, ends, slot, column_texts (column), rows, n);
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

const guint64 *
pl_store_prefixes (const PlStore *store)
{
  return store->prefixes;
}

/* What was emptied takes the next rows, as memory that is there is cheaper than fresh memory; but no more is held than rows
 * take now. */
static void
recycle (PlStore *store, Chunk *chunks)
{
  gsize used = 0, spare = 0;
  for (const Chunk *chunk = store->chunks; chunk != NULL; chunk = chunk->next)
    used += chunk->size;
  for (const Chunk *chunk = store->spare; chunk != NULL; chunk = chunk->next)
    spare += chunk->size;
  while (chunks != NULL)
    {
      Chunk *chunk = chunks;
      chunks = chunk->next;
      if (spare + chunk->size <= used)
        {
          spare += chunk->size;
          chunk->next = store->spare;
          store->spare = chunk;
          continue;
        }
      store->bytes -= chunk->size;
      free (chunk);
    }
}

void
pl_store_retain (PlStore *store, const guint64 *rows, guint64 n)
{
  Chunk *old = g_steal_pointer (&store->chunks);
  g_autofree const PlRecord **records = g_steal_pointer (&store->records);
  guint64 *prefixes = g_steal_pointer (&store->prefixes);
  store->n_records = store->capacity = 0;
  reserve_records (store, n, prefixes != NULL);
  for (guint64 i = 0; i < n; i++)
    {
      const PlRecord *record = records[rows[i]];
      add_record (store, memcpy (take (store, record_size (record)), record, record_size (record)));
    }
  g_free (prefixes);
  recycle (store, old);
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
get_texts (const PlRecord *const *records, const guint8 **ends, const Slot *slot, gsize n, PlArena *arena)
{
  PlText *texts = pl_arena_new_array (arena, PlText, n);
  for (gsize i = 0; i < n; i++)
    {
      guint8 code = ((const guint8 *) records[i])[slot->length];
      guint32 length = code >> 1;
      if (G_UNLIKELY (length == LONG_TEXT))
        {
          memcpy (&length, ends[i], sizeof length);
          ends[i] += sizeof length;
        }
      texts[i] = (PlText){(const char *) ends[i], length, code & PL_TEXT_PLAIN};
      ends[i] += length;
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
          PlText *texts = get_texts (records, ends, slot, n, batch->arena);
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
  for (gsize offset = layout->lengths; offset < layout->key; offset++)
    {
      guint32 text = bytes[offset] >> 1;
      if (text == LONG_TEXT)
        {
          if (length < sum || length - sum < sizeof text)
            return FALSE;
          memcpy (&text, bytes + sum, sizeof text);
          sum += sizeof text;
        }
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
  reserve_records (store, n, TRUE);
  for (guint64 i = 0; i < n; i++)
    {
      gsize length = 0;
      const guint8 *bytes = pl_cursor_get_bytes (cursor, &length);
      if (bytes == NULL || !record_is_whole (store->layout, bytes, length))
        {
          cursor->failed = TRUE;
          return FALSE;
        }
      add_record (store, memcpy (take (store, length), bytes, length));
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
