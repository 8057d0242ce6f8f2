/* The layout of key rows, and reading them; group-encode.c writes them. */
#include "group-key.h"
#include "../pipeline/base/seed.h"
#include "group-encode.h"

#define FIXED_SEED G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

static guint
narrowest (PlType type)
{
  switch (type.kind)
    {
    case PL_NULL:
      return 0;
    case PL_BOOL:
      return 1;
    case PL_INT:
    case PL_TIMESTAMP:
    case PL_DATE:
      return 4;
    case PL_DECIMAL:
      return 16;
    default:
      return 8;
    }
}

static guint
widest (PlType type)
{
  switch (type.kind)
    {
    case PL_INT:
    case PL_TIMESTAMP:
      return 8;
    case PL_STRING:
      return 32;
    default:
      return narrowest (type);
    }
}

/* Gives fields their places: null bits, then wide fields, then narrow ones, so that each is aligned. */
static void
place_fields (PlKeyLayout *layout)
{
  guint n_bits = 0;
  for (guint f = 0; f < layout->n_fields; f++)
    {
      PlKeyField *field = &layout->fields[f];
      field->null_bit = field->nullable && field->width >= 8 ? (gint) n_bits++ : -1;
    }
  layout->n_null_words = (n_bits + 63) / 64;
  guint offset = layout->n_null_words * 8;
  for (guint width = 32; width > 0; width /= 2)
    for (guint f = 0; f < layout->n_fields; f++)
      if (layout->fields[f].width == width)
        {
          layout->fields[f].offset = offset;
          offset += width;
        }
  layout->n_words = (offset + 7) / 8;
  layout->has_gaps = offset % 8 != 0;
  g_free (layout->text_ends);
  layout->text_ends = g_new0 (guint, MAX (layout->n_words, 1));
  for (guint f = 0; f < layout->n_fields; f++)
    if (layout->fields[f].type.kind == PL_STRING)
      layout->text_ends[(layout->fields[f].offset + layout->fields[f].width) / 8 - 1] = f + 1;
}

/* Numbers that nobody knows who does not know the seed: by them, who writes the keys cannot make their hashes meet. */
static void
set_seed (PlKeyLayout *layout, guint64 seed)
{
  layout->seed = seed;
  for (guint i = 0; i < PL_KEY_SECRETS; i++)
    {
      /* Steele, Lea, Flood (2014): SplitMix. */
      guint64 z = seed += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      z = (z ^ z >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
      z = (z ^ z >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
      layout->secrets[i] = z ^ z >> 31;
    }
}

void
pl_key_layout_fix_seed (PlKeyLayout *layout)
{
  set_seed (layout, FIXED_SEED);
}

PlKeyLayout *
pl_key_layout_new (const PlType *types, guint n_types)
{
  PlKeyLayout *layout = g_new0 (PlKeyLayout, 1);
  layout->n_fields = n_types;
  set_seed (layout, pl_hash_seed);
  layout->fields = g_new0 (PlKeyField, MAX (n_types, 1));
  for (guint f = 0; f < n_types; f++)
    layout->fields[f] = (PlKeyField){.type = types[f], .width = (guint8) narrowest (types[f])};
  place_fields (layout);
  return layout;
}

PlKeyLayout *
pl_key_layout_copy (const PlKeyLayout *layout)
{
  PlKeyLayout *copy = g_memdup2 (layout, sizeof *layout);
  copy->fields = g_memdup2 (layout->fields, MAX (layout->n_fields, 1) * sizeof *layout->fields);
  copy->text_ends = g_memdup2 (layout->text_ends, MAX (layout->n_words, 1) * sizeof *layout->text_ends);
  return copy;
}

void
pl_key_layout_free (PlKeyLayout *layout)
{
  if (layout == NULL)
    return;
  g_free (layout->fields);
  g_free (layout->text_ends);
  g_free (layout);
}

/* What a text of @length bytes needs; a long one's length and pointer take two words. */
static guint
text_width (guint32 length)
{
  return length <= 7 ? 8 : length <= 15 || length > PL_KEY_INLINE ? 16 : 32;
}

static void
fit_field (PlKeyField *field, const PlColumn *column, gsize n)
{
  guint width = field->width;
  gboolean nulls = FALSE;
  for (gsize i = 0; i < n; i++)
    if (column->nulls != NULL && column->nulls[i])
      nulls = TRUE;
    else if (field->type.kind == PL_STRING)
      width = MAX (width, text_width (column->texts[i].length));
    else if (width == 4 && field->type.kind != PL_DATE && !pl_key_fits_narrow (column->ints[i]))
      width = 8;
  field->width = (guint8) width;
  /* Others have a value to spare for null. */
  if (nulls && (field->type.kind == PL_INT || field->type.kind == PL_TIMESTAMP || field->type.kind == PL_DECIMAL))
    field->nullable = TRUE;
}

void
pl_key_layout_fit (PlKeyLayout *layout, PlColumn *const *columns, gsize n)
{
  for (guint f = 0; f < layout->n_fields; f++)
    if (layout->fields[f].type.kind != PL_NULL)
      fit_field (&layout->fields[f], columns[f], n);
  place_fields (layout);
}

void
pl_key_layout_join (PlKeyLayout *layout, const PlKeyLayout *other)
{
  for (guint f = 0; f < layout->n_fields; f++)
    {
      PlKeyField *field = &layout->fields[f];
      field->width = MAX (field->width, other->fields[f].width);
      field->nullable |= other->fields[f].nullable;
    }
  layout->has_long |= other->has_long;
  place_fields (layout);
}

gboolean
pl_key_layout_equal (const PlKeyLayout *a, const PlKeyLayout *b)
{
  for (guint f = 0; f < a->n_fields; f++)
    if (a->fields[f].width != b->fields[f].width || (a->fields[f].null_bit < 0) != (b->fields[f].null_bit < 0))
      return FALSE;
  return TRUE;
}

void
pl_key_layout_save (const PlKeyLayout *layout, PlBuffer *buffer)
{
  for (guint f = 0; f < layout->n_fields; f++)
    {
      pl_buffer_put_u8 (buffer, layout->fields[f].width);
      pl_buffer_put_u8 (buffer, layout->fields[f].nullable);
    }
  pl_buffer_put_u8 (buffer, (guint8) layout->has_long);
}

gboolean
pl_key_layout_load (PlKeyLayout *layout, PlCursor *cursor)
{
  for (guint f = 0; f < layout->n_fields; f++)
    {
      PlKeyField *field = &layout->fields[f];
      const guint width = pl_cursor_get_u8 (cursor), nullable = pl_cursor_get_u8 (cursor);
      const gboolean is_power = (width & (width - 1)) == 0;
      if (width < narrowest (field->type) || width > widest (field->type) || !is_power || nullable > 1)
        cursor->failed = TRUE;
      if (cursor->failed)
        return FALSE;
      field->width = (guint8) width;
      field->nullable = (guint8) nullable;
    }
  layout->has_long = pl_cursor_get_u8 (cursor) != 0;
  place_fields (layout);
  return !cursor->failed;
}

/* ---- rows ---- */

int
pl_key_order (const PlKeyLayout *layout, const guint64 *a, const guint64 *b)
{
  for (guint word = 0; word < layout->n_words; word++)
    if (a[word] != b[word])
      {
        const guint text = layout->has_long ? layout->text_ends[word] : 0;
        const PlKeyField *field = text > 0 ? &layout->fields[text - 1] : NULL;
        if (field == NULL || !pl_key_is_long (field, a) || !pl_key_is_long (field, b))
          return a[word] < b[word] ? -1 : 1;
        /* The words before are equal, and so are the lengths. */
        int order = memcmp (pl_key_long_data (field, a), pl_key_long_data (field, b), pl_key_long_length (field, a));
        if (order != 0)
          return order;
      }
  return 0;
}

gboolean
pl_key_equal_slow (const PlKeyLayout *layout, const guint64 *a, const guint64 *b)
{
  return layout->has_long && pl_key_order (layout, a, b) == 0;
}

void
pl_key_keep (const PlKeyLayout *layout, guint64 *row, PlArena *heap)
{
  for (guint f = 0; f < layout->n_fields; f++)
    {
      const PlKeyField *field = &layout->fields[f];
      if (pl_key_is_long (field, row))
        pl_key_set_long (field, row,
                         pl_arena_copy (heap, pl_key_long_data (field, row), pl_key_long_length (field, row)));
    }
}

static gboolean
field_is_null (const PlKeyField *field, const guint64 *row)
{
  const guint8 *at = (const guint8 *) row + field->offset;
  gint32 narrow;
  guint64 wide;
  if (field->null_bit >= 0 && (row[field->null_bit / 64] >> (field->null_bit % 64)) & 1)
    return TRUE;
  switch (field->width)
    {
    case 1:
      return *at == PL_KEY_NULL_BOOL;
    case 4:
      memcpy (&narrow, at, sizeof narrow);
      return narrow == G_MININT32;
    default:
      if (field->type.kind == PL_STRING)
        return at[field->width - 1] == PL_KEY_NULL_TEXT;
      memcpy (&wide, at, sizeof wide);
      return field->type.kind == PL_FLOAT && wide == PL_KEY_NULL_FLOAT;
    }
}

static void
decode_value (const PlKeyField *field, const guint64 *row, PlColumn *column, gsize i)
{
  const guint8 *at = (const guint8 *) row + field->offset;
  gint32 narrow;
  switch (field->type.kind)
    {
    case PL_BOOL:
      column->bools[i] = *at;
      break;
    case PL_DATE:
      memcpy (&column->dates[i], at, 4);
      break;
    case PL_FLOAT:
      memcpy (&column->floats[i], at, 8);
      break;
    case PL_INT:
    case PL_TIMESTAMP:
      memcpy (&narrow, at, 4);
      if (field->width == 4)
        column->ints[i] = narrow;
      else
        memcpy (&column->ints[i], at, 8);
      break;
    case PL_DECIMAL:
      memcpy (&column->decimals[i], at, sizeof (PlInt128));
      break;
    case PL_STRING:
      if (G_UNLIKELY (at[field->width - 1] == PL_KEY_LONG_TEXT))
        column->texts[i] = (PlText){pl_key_long_data (field, row), pl_key_long_length (field, row), 0};
      else
        column->texts[i] = (PlText){(const char *) at, at[field->width - 1], 0};
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

/* ---- the wire ---- */

void
pl_key_save (const PlKeyLayout *layout, const guint64 *row, PlBuffer *buffer)
{
  pl_buffer_append (buffer, row, layout->n_words * sizeof *row);
  for (guint f = 0; f < layout->n_fields && layout->has_long; f++)
    if (pl_key_is_long (&layout->fields[f], row))
      pl_buffer_append (buffer, pl_key_long_data (&layout->fields[f], row),
                        pl_key_long_length (&layout->fields[f], row));
}

/* A text's length must be one that its field can have. */
static gboolean
text_is_whole (const PlKeyLayout *layout, const PlKeyField *field, const guint64 *row)
{
  const guint8 length = ((const guint8 *) row)[field->offset + field->width - 1];
  return length < field->width || length == PL_KEY_NULL_TEXT
         || (length == PL_KEY_LONG_TEXT && layout->has_long && field->width >= 16
             && pl_key_long_length (field, row) > PL_KEY_INLINE);
}

gboolean
pl_key_load (const PlKeyLayout *layout, guint64 *row, PlArena *heap, PlCursor *cursor)
{
  const gsize bytes = layout->n_words * sizeof *row;
  const void *words = bytes > 0 ? pl_cursor_get_raw (cursor, bytes) : NULL;
  if (words == NULL)
    return bytes == 0;
  memcpy (row, words, bytes);
  for (guint f = 0; f < layout->n_fields; f++)
    {
      const PlKeyField *field = &layout->fields[f];
      if (field->type.kind != PL_STRING)
        continue;
      if (!text_is_whole (layout, field, row))
        cursor->failed = TRUE;
      else if (pl_key_is_long (field, row))
        {
          const guint32 length = pl_key_long_length (field, row);
          const char *data = pl_cursor_get_raw (cursor, length);
          if (data != NULL)
            pl_key_set_long (field, row, pl_arena_copy (heap, data, length));
        }
      if (cursor->failed)
        return FALSE;
    }
  return TRUE;
}
