/* The layout of key rows, and reading them; encode.c writes them. */
#include "layout.h"
#include "../base/seed.h"
#include "field.h"

#define FIXED_SEED G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

static guint
narrowest (const PlKeyLayout *layout, PlType type)
{
  const gboolean single = layout->n_fields == 1;
  switch (type.kind)
    {
    case PL_NULL:
      return 0;
    case PL_BOOL:
      return 1;
    case PL_INT:
    case PL_TIMESTAMP:
      return single ? 4 : 1;
    case PL_DATE:
      return 4;
    case PL_FLOAT:
      return 8;
    case PL_DECIMAL:
      return 16;
    default:
      return single ? 8 : 1;
    }
}

/* Bytes for texts of up to @length, their length included. Not every width, so that keys are not written anew too
 * often. */
static guint
text_width (guint32 length, gboolean aligned)
{
  const guint bytes = length + 1;
  if (aligned)
    return bytes <= 8 ? 8 : bytes <= 16 ? 16 : 32;
  const guint step = bytes <= 8 ? 1 : bytes <= 16 ? 2 : 4;
  return (bytes + step - 1) / step * step;
}

static gboolean
is_width (const PlKeyLayout *layout, const PlKeyField *field, guint width, gboolean aligned)
{
  if (width < narrowest (layout, field->type))
    return FALSE;
  switch (field->type.kind)
    {
    case PL_INT:
    case PL_TIMESTAMP:
      return width <= 8 && (width & (width - 1)) == 0 && !aligned;
    case PL_STRING:
      return width <= 32 && width == text_width (width - 1, aligned);
    default:
      return width == narrowest (layout, field->type) && aligned == field->aligned;
    }
}

/* Makes @field, of texts, one that can point to them. */
static void
align_text (PlKeyField *field)
{
  field->aligned = TRUE;
  field->width = (guint8) MAX (text_width (field->width - 1u, TRUE), 16);
}

static void
lay_some (PlKeyLayout *layout, guint *offset, guint width, gboolean aligned, gboolean texts)
{
  for (guint f = 0; f < layout->n_fields; f++)
    {
      PlKeyField *field = &layout->fields[f];
      const gboolean is_text = field->type.kind == PL_STRING && !aligned;
      if (field->aligned != aligned || is_text != texts || (!texts && field->width != width))
        continue;
      field->offset = *offset;
      *offset += field->width;
    }
}

/* Gives fields their places: null bits, then those in words of their own, then texts, then what is no wider than a
 * word. */
static void
lay_fields (PlKeyLayout *layout)
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
    lay_some (layout, &offset, width, TRUE, FALSE);
  lay_some (layout, &offset, 0, FALSE, TRUE);
  for (guint width = 8; width > 0; width /= 2)
    lay_some (layout, &offset, width, FALSE, FALSE);
  layout->n_words = (offset + 7) / 8;
  layout->has_gaps = offset % 8 != 0;
  g_free (layout->text_ends);
  layout->text_ends = g_new0 (guint, MAX (layout->n_words, 1));
  for (guint f = 0; f < layout->n_fields; f++)
    if (layout->fields[f].type.kind == PL_STRING && layout->fields[f].aligned)
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
    {
      const guint8 width = (guint8) narrowest (layout, types[f]);
      const PlTypeKind kind = (PlTypeKind) types[f].kind;
      const gboolean aligned = kind == PL_FLOAT || kind == PL_DECIMAL || (kind == PL_STRING && n_types == 1);
      layout->fields[f]
          = (PlKeyField){.type = types[f], .width = width, .aligned = (guint8) aligned, .plain = kind == PL_STRING};
    }
  lay_fields (layout);
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

static void
fit_texts (PlKeyField *field, const PlColumn *column, gsize n)
{
  guint32 longest = 0;
  gboolean is_long = FALSE;
  for (gsize i = 0; i < n; i++)
    if (column->nulls != NULL && column->nulls[i])
      continue;
    else if (column->texts[i].length > PL_KEY_INLINE)
      is_long = TRUE;
    else
      longest = MAX (longest, column->texts[i].length);
  field->width = MAX (field->width, (guint8) text_width (longest, field->aligned));
  if (is_long)
    align_text (field);
}

static void
fit_field (PlKeyField *field, const PlColumn *column, gsize n)
{
  const gboolean is_int = field->type.kind == PL_INT || field->type.kind == PL_TIMESTAMP;
  guint width = field->width;
  gboolean nulls = FALSE;
  if (field->type.kind == PL_STRING)
    {
      fit_texts (field, column, n);
      return;
    }
  for (gsize i = 0; i < n; i++)
    if (column->nulls != NULL && column->nulls[i])
      nulls = TRUE;
    else
      while (is_int && width < 8 && !pl_key_fits_narrow (column->ints[i], width))
        width *= 2;
  field->width = (guint8) width;
  /* Others have a value to spare for null. */
  if (nulls && (is_int || field->type.kind == PL_DECIMAL))
    field->nullable = TRUE;
}

void
pl_key_layout_fit (PlKeyLayout *layout, PlColumn *const *columns, gsize n)
{
  for (guint f = 0; f < layout->n_fields; f++)
    if (layout->fields[f].type.kind != PL_NULL)
      fit_field (&layout->fields[f], columns[f], n);
  lay_fields (layout);
}

/* Whether @field can hold a text of so many bytes. */
static inline gboolean
holds_text (const PlKeyField *field, guint32 length)
{
  return length < field->width || (field->aligned && field->width >= 16 && length > PL_KEY_INLINE);
}

static void
hold_field (const PlKeyField *field, const PlColumn *column, gsize n, guint8 *held)
{
  const gboolean is_int = field->type.kind == PL_INT || field->type.kind == PL_TIMESTAMP;
  const gboolean needs_bit = (is_int && field->width == 8) || field->type.kind == PL_DECIMAL;
  for (gsize i = 0; i < n; i++)
    if (pl_column_is_null (column, i))
      held[i] &= (guint8) (!needs_bit || field->null_bit >= 0);
    else if (field->type.kind == PL_STRING)
      held[i] &= (guint8) holds_text (field, column->texts[i].length);
    else if (is_int && field->width < 8)
      held[i] &= (guint8) pl_key_fits_narrow (column->ints[i], field->width);
}

void
pl_key_layout_hold (const PlKeyLayout *layout, PlColumn *const *columns, gsize n, guint8 *held)
{
  for (guint f = 0; f < layout->n_fields; f++)
    if (layout->fields[f].type.kind != PL_NULL)
      hold_field (&layout->fields[f], columns[f], n, held);
}

void
pl_key_layout_join (PlKeyLayout *layout, const PlKeyLayout *other)
{
  for (guint f = 0; f < layout->n_fields; f++)
    {
      PlKeyField *field = &layout->fields[f];
      const gboolean aligned = field->aligned || other->fields[f].aligned;
      field->width = MAX (field->width, other->fields[f].width);
      field->nullable |= other->fields[f].nullable;
      field->plain &= other->fields[f].plain;
      if (aligned && field->type.kind == PL_STRING && layout->n_fields > 1)
        align_text (field);
    }
  layout->has_long |= other->has_long;
  lay_fields (layout);
}

gboolean
pl_key_layout_equal (const PlKeyLayout *a, const PlKeyLayout *b)
{
  for (guint f = 0; f < a->n_fields; f++)
    if (a->fields[f].width != b->fields[f].width || a->fields[f].aligned != b->fields[f].aligned
        || (a->fields[f].null_bit < 0) != (b->fields[f].null_bit < 0))
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
      pl_buffer_put_u8 (buffer, layout->fields[f].aligned);
      pl_buffer_put_u8 (buffer, layout->fields[f].plain);
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
      const guint aligned = pl_cursor_get_u8 (cursor), plain = pl_cursor_get_u8 (cursor);
      if (nullable > 1 || aligned > 1 || plain > 1 || aligned < field->aligned
          || !is_width (layout, field, width, aligned != 0))
        cursor->failed = TRUE;
      if (cursor->failed)
        return FALSE;
      field->width = (guint8) width;
      field->nullable = (guint8) nullable;
      field->aligned = (guint8) aligned;
      field->plain = (guint8) plain;
    }
  layout->has_long = pl_cursor_get_u8 (cursor) != 0;
  lay_fields (layout);
  return !cursor->failed;
}
