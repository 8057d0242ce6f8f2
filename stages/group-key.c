/* Columns to key rows and back. One pass a column over rows that stay in cache; short texts are loaded with two
 * overlapping reads and no loop. */
#include "group-key.h"
#include "../pipeline/base/seed.h"
#include <math.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN);

#define NULL_SMALL (G_GUINT64_CONSTANT (1) << 40) /* beyond every bool and date */
#define NAN_BITS G_GUINT64_CONSTANT (0x7ff8000000000000)
#define NULL_FLOAT G_GUINT64_CONSTANT (0x7ff8000000000001) /* a NaN that no value is encoded as */
#define NULL_TEXT G_GUINT64_CONSTANT (0xffffffff)          /* a length no text has */
#define SEED G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)
#define FACTOR G_GUINT64_CONSTANT (0xd6e8feb86659fd93)

static guint
words_of (PlType type)
{
  switch (type.kind)
    {
    case PL_NULL:
      return 0;
    case PL_STRING:
    case PL_DECIMAL:
      return 2;
    default:
      return 1;
    }
}

static gboolean
needs_null_bit (PlType type)
{
  return type.kind == PL_INT || type.kind == PL_TIMESTAMP || type.kind == PL_DECIMAL;
}

PlKeyLayout *
pl_key_layout_new (const PlType *types, guint n_types)
{
  PlKeyLayout *layout = g_new0 (PlKeyLayout, 1);
  guint n_bits = 0;
  layout->n_fields = n_types;
  layout->seed = pl_hash_seed;
  layout->fields = g_new0 (PlKeyField, MAX (n_types, 1));
  for (guint i = 0; i < n_types; i++)
    layout->fields[i].null_bit = needs_null_bit (types[i]) ? (gint) n_bits++ : -1;
  layout->n_null_words = layout->n_words = (n_bits + 63) / 64;
  for (guint i = 0; i < n_types; i++)
    {
      layout->fields[i].type = types[i];
      layout->fields[i].word = layout->n_words;
      layout->n_words += words_of (types[i]);
      layout->n_strings += types[i].kind == PL_STRING;
    }
  layout->is_pointer = g_new0 (guint8, MAX (layout->n_words, 1));
  for (guint i = 0; i < n_types; i++)
    if (types[i].kind == PL_STRING)
      layout->is_pointer[layout->fields[i].word + 1] = TRUE;
  return layout;
}

void
pl_key_layout_fix_seed (PlKeyLayout *layout)
{
  layout->seed = SEED;
}

void
pl_key_layout_free (PlKeyLayout *layout)
{
  if (layout == NULL)
    return;
  g_free (layout->fields);
  g_free (layout->is_pointer);
  g_free (layout);
}

static inline guint64
load8 (const char *p)
{
  guint64 value;
  memcpy (&value, p, 8);
  return value;
}

static inline guint64
load4 (const char *p)
{
  guint32 value;
  memcpy (&value, p, 4);
  return value;
}

static inline void
encode_text (const PlText *text, guint64 *words)
{
  const guint64 length = text->length;
  const char *p = text->data;
  if (length > PL_KEY_INLINE)
    {
      words[0] = length | load4 (p) << 32;
      words[1] = (guint64) (guintptr) p;
    }
  else if (length >= 8)
    {
      /* The last four bytes, shifted so that those already read fall out. */
      guint64 head = load8 (p), tail = load4 (p + length - 4) >> (8 * (12 - length));
      words[0] = length | head << 32;
      words[1] = head >> 32 | tail << 32;
    }
  else if (length >= 4)
    {
      words[0] = length | load4 (p) << 32;
      words[1] = load4 (p + length - 4) >> (8 * (8 - length));
    }
  else
    {
      guint64 bytes = 0;
      if (length > 0)
        bytes = (guint64) (guint8) p[0] | (guint64) (guint8) p[length / 2] << (8 * (length / 2))
                | (guint64) (guint8) p[length - 1] << (8 * (length - 1));
      words[0] = length | bytes << 32;
      words[1] = 0;
    }
}

static inline guint64
encode_float (double value)
{
  guint64 bits;
  if (G_UNLIKELY (isnan (value)))
    return NAN_BITS;
  value += 0.0; /* -0.0 + 0.0 is 0.0 */
  memcpy (&bits, &value, sizeof bits);
  return bits;
}

/* Nulls of the types that have no word to spare for them: their bit is set and the value cleared. */
static void
encode_null_bits (const PlKeyLayout *layout, const PlKeyField *field, const guint8 *nulls, gsize n, guint64 *rows)
{
  guint word = (guint) field->null_bit / 64;
  for (gsize i = 0; i < n; i++)
    if (nulls[i])
      {
        guint64 *row = rows + i * layout->n_words;
        row[word] |= G_GUINT64_CONSTANT (1) << (field->null_bit % 64);
        memset (row + field->word, 0, 8 * words_of (field->type));
      }
}

static void
encode_field (const PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint64 *rows)
{
  const guint stride = layout->n_words;
  const guint8 *nulls = column->nulls;
  guint64 *to = rows + field->word;
  switch (field->type.kind)
    {
    case PL_BOOL:
      for (gsize i = 0; i < n; i++)
        to[i * stride] = nulls != NULL && nulls[i] ? NULL_SMALL : column->bools[i];
      break;
    case PL_DATE:
      for (gsize i = 0; i < n; i++)
        to[i * stride] = nulls != NULL && nulls[i] ? NULL_SMALL : (guint32) column->dates[i];
      break;
    case PL_FLOAT:
      for (gsize i = 0; i < n; i++)
        to[i * stride] = nulls != NULL && nulls[i] ? NULL_FLOAT : encode_float (column->floats[i]);
      break;
    case PL_INT:
    case PL_TIMESTAMP:
      for (gsize i = 0; i < n; i++)
        to[i * stride] = (guint64) column->ints[i];
      break;
    case PL_DECIMAL:
      for (gsize i = 0; i < n; i++)
        memcpy (to + i * stride, &column->decimals[i], sizeof (PlInt128));
      break;
    case PL_STRING:
      if (nulls == NULL)
        for (gsize i = 0; i < n; i++)
          encode_text (&column->texts[i], to + i * stride);
      else
        for (gsize i = 0; i < n; i++)
          if (nulls[i])
            {
              to[i * stride] = NULL_TEXT;
              to[i * stride + 1] = 0;
            }
          else
            encode_text (&column->texts[i], to + i * stride);
      break;
    default:
      break;
    }
  if (field->null_bit >= 0 && nulls != NULL)
    encode_null_bits (layout, field, nulls, n, rows);
}

void
pl_keys_encode (const PlKeyLayout *layout, PlColumn *const *columns, gsize n, guint64 *rows)
{
  for (guint word = 0; word < layout->n_null_words; word++)
    for (gsize i = 0; i < n; i++)
      rows[i * layout->n_words + word] = 0;
  for (guint f = 0; f < layout->n_fields; f++)
    encode_field (layout, &layout->fields[f], columns[f], n, rows);
}

static inline guint64
mix (guint64 a, guint64 b)
{
  PlUint128 product = (PlUint128) a * b;
  return (guint64) product ^ (guint64) (product >> 64);
}

static inline gboolean
is_long (const guint64 *words)
{
  return (guint32) words[0] > PL_KEY_INLINE && words[0] != NULL_TEXT;
}

/* A text beyond those that rows hold: sixteen bytes a step, the last ones overlapping; XXH3 where its set-up pays. */
static inline guint64
hash_text (const char *text, gsize length, guint64 seed)
{
  /* Both factors hide behind the seed: who knows one can make the product 0, whatever the other is. */
  const guint64 other = seed ^ FACTOR;
  guint64 hash = length * SEED ^ seed;
  if (G_UNLIKELY (length > 64))
    return XXH3_64bits_withSeed (text, length, seed);
  for (gsize at = 0; at + 16 < length; at += 16)
    hash = mix (load8 (text + at) ^ hash, load8 (text + at + 8) ^ other);
  if (length >= 16)
    return mix (load8 (text + length - 16) ^ hash, load8 (text + length - 8) ^ other);
  return mix (load8 (text) ^ hash, load8 (text + length - 8) ^ other);
}

/* @n_words and @texts are constants where this is inlined. */
static inline void
hash_rows (const PlKeyLayout *layout, const guint64 *rows, gsize n, guint32 *hashes, guint n_words, gboolean texts)
{
  const guint64 seed = layout->seed;
  for (gsize i = 0; i < n; i++)
    {
      const guint64 *row = rows + i * n_words;
      guint64 hash = seed;
      for (guint word = 0; word < n_words; word++)
        {
          guint64 value = row[word];
          if (texts && layout->is_pointer[word] && G_UNLIKELY (is_long (row + word - 1)))
            value = hash_text ((const char *) (guintptr) value, (guint32) row[word - 1], seed);
          hash = mix (hash ^ value, FACTOR);
        }
      hashes[i] = (guint32) (hash >> 32);
    }
}

void
pl_keys_hash (const PlKeyLayout *layout, const guint64 *rows, gsize n, guint32 *hashes)
{
  const guint n_words = layout->n_words;
  if (n_words == 1)
    hash_rows (layout, rows, n, hashes, 1, FALSE);
  else if (n_words == 2 && layout->n_strings == 0)
    hash_rows (layout, rows, n, hashes, 2, FALSE);
  else if (n_words == 2)
    hash_rows (layout, rows, n, hashes, 2, TRUE);
  else if (n_words == 4 && layout->n_strings == 2)
    hash_rows (layout, rows, n, hashes, 4, TRUE);
  else
    hash_rows (layout, rows, n, hashes, n_words, layout->n_strings > 0);
}

int
pl_key_order (const PlKeyLayout *layout, const guint64 *a, const guint64 *b)
{
  for (guint word = 0; word < layout->n_words; word++)
    if (a[word] != b[word])
      {
        /* The words before are equal, and so are the lengths. */
        if (!layout->is_pointer[word] || !is_long (a + word - 1))
          return a[word] < b[word] ? -1 : 1;
        int order
            = memcmp ((const void *) (guintptr) a[word], (const void *) (guintptr) b[word], (guint32) a[word - 1]);
        if (order != 0)
          return order;
      }
  return 0;
}

gboolean
pl_key_equal_slow (const PlKeyLayout *layout, const guint64 *a, const guint64 *b)
{
  return pl_key_order (layout, a, b) == 0;
}

static gboolean
field_is_null (const PlKeyField *field, const guint64 *row)
{
  if (field->null_bit >= 0)
    return (row[field->null_bit / 64] >> (field->null_bit % 64)) & 1;
  switch (field->type.kind)
    {
    case PL_BOOL:
    case PL_DATE:
      return row[field->word] == NULL_SMALL;
    case PL_FLOAT:
      return row[field->word] == NULL_FLOAT;
    case PL_STRING:
      return row[field->word] == NULL_TEXT;
    default:
      return TRUE;
    }
}

static void
decode_value (const PlKeyField *field, const guint64 *row, PlColumn *column, gsize i)
{
  const guint64 *words = row + field->word;
  switch (field->type.kind)
    {
    case PL_BOOL:
      column->bools[i] = (guint8) words[0];
      break;
    case PL_DATE:
      column->dates[i] = (gint32) words[0];
      break;
    case PL_FLOAT:
      memcpy (&column->floats[i], words, 8);
      break;
    case PL_INT:
    case PL_TIMESTAMP:
      column->ints[i] = (gint64) words[0];
      break;
    case PL_DECIMAL:
      memcpy (&column->decimals[i], words, sizeof (PlInt128));
      break;
    case PL_STRING:
      column->texts[i] = (PlText){pl_key_text_data (words), pl_key_text_length (words), 0};
      break;
    default:
      break;
    }
}

PlColumn *
pl_keys_decode (const PlKeyLayout *layout, guint index, const guint64 *const *rows, gsize n, PlArena *arena)
{
  const PlKeyField *field = &layout->fields[index];
  if (field->type.kind == PL_NULL)
    return pl_column_null (arena, field->type, n);
  PlColumn *column = pl_column_new (arena, field->type, n);
  for (gsize i = 0; i < n; i++)
    if (G_UNLIKELY (field_is_null (field, rows[i])))
      {
        pl_column_add_nulls (column, arena, n);
        column->nulls[i] = 1;
        memset ((guint8 *) column->values + i * pl_type_width (field->type), 0, pl_type_width (field->type));
        if (field->type.kind == PL_STRING)
          column->texts[i].data = "";
      }
    else
      decode_value (field, rows[i], column, i);
  return column;
}

void
pl_key_save (const PlKeyLayout *layout, const guint64 *row, PlBuffer *buffer)
{
  for (guint word = 0; word < layout->n_words; word++)
    if (layout->is_pointer[word] && is_long (row + word - 1))
      pl_buffer_append (buffer, (const void *) (guintptr) row[word], (guint32) row[word - 1]);
    else
      pl_buffer_put_u64 (buffer, row[word]);
}

gboolean
pl_key_load (const PlKeyLayout *layout, guint64 *row, PlArena *heap, PlCursor *cursor)
{
  for (guint word = 0; word < layout->n_words; word++)
    if (layout->is_pointer[word] && is_long (row + word - 1))
      {
        guint32 length = (guint32) row[word - 1];
        const char *data = pl_cursor_get_raw (cursor, length);
        if (data == NULL)
          return FALSE;
        row[word] = (guint64) (guintptr) pl_arena_copy (heap, data, length);
      }
    else
      row[word] = pl_cursor_get_u64 (cursor);
  return !cursor->failed;
}
