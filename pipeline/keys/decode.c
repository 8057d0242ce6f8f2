/* Keys back to columns, a field at a time. */
#include "decode.h"
#include "field.h"

static inline gint64
load_int (const guint8 *at, guint width)
{
  gint8 byte;
  gint16 half;
  gint32 narrow;
  gint64 wide;
  switch (width)
    {
    case 1:
      memcpy (&byte, at, sizeof byte);
      return byte;
    case 2:
      memcpy (&half, at, sizeof half);
      return half;
    case 4:
      memcpy (&narrow, at, sizeof narrow);
      return narrow;
    default:
      memcpy (&wide, at, sizeof wide);
      return wide;
    }
}

static gboolean
field_is_null (const PlKeyField *field, const guint64 *row)
{
  const guint8 *at = (const guint8 *) row + field->offset;
  guint64 bits;
  switch (field->type.kind)
    {
    case PL_BOOL:
      return *at == PL_KEY_NULL_BOOL;
    case PL_STRING:
      return at[field->width - 1] == PL_KEY_NULL_TEXT;
    case PL_FLOAT:
      memcpy (&bits, at, sizeof bits);
      return bits == PL_KEY_NULL_FLOAT;
    default:
      if (field->width < 8)
        return load_int (at, field->width) == pl_key_narrow_null (field->width);
      return field->null_bit >= 0 && ((row[field->null_bit / 64] >> (field->null_bit % 64)) & 1);
    }
}

static void
decode_value (const PlKeyField *field, const guint64 *row, PlColumn *column, gsize i)
{
  const guint8 *at = (const guint8 *) row + field->offset;
  const guint32 flags = field->plain ? PL_TEXT_PLAIN : 0;
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
      column->ints[i] = load_int (at, field->width);
      break;
    case PL_DECIMAL:
      memcpy (&column->decimals[i], at, sizeof (PlInt128));
      break;
    case PL_STRING:
      if (G_UNLIKELY (at[field->width - 1] == PL_KEY_LONG_TEXT))
        column->texts[i] = (PlText){pl_key_long_data (field, row), pl_key_long_length (field, row), flags};
      else
        column->texts[i] = (PlText){(const char *) at, at[field->width - 1], flags};
      break;
    default:
      break;
    }
}

static void
set_null (PlColumn *column, gsize i, gsize n, PlArena *arena)
{
  const gsize width = pl_type_width (column->type);
  pl_column_add_nulls (column, arena, n);
  column->nulls[i] = 1;
  memset ((guint8 *) column->values + i * width, 0, width);
  if (column->type.kind == PL_STRING)
    column->texts[i].data = "";
}

/* Ints and texts are what keys mostly are: loops of their own. @width is a constant where this is inlined. */
static inline __attribute__ ((always_inline)) void
decode_ints (const PlKeyField *field, const guint64 *const *rows, gsize n, PlColumn *column, PlArena *arena,
             const guint width)
{
  const gint64 null = pl_key_narrow_null (width);
  const guint offset = field->offset;
  for (gsize i = 0; i < n; i++)
    {
      const gint64 value = column->ints[i] = load_int ((const guint8 *) rows[i] + offset, width);
      if (G_UNLIKELY (value == null))
        set_null (column, i, n, arena);
    }
}

static void
decode_texts (const PlKeyField *field, const guint64 *const *rows, gsize n, PlColumn *column, PlArena *arena)
{
  const guint offset = field->offset, last = field->width - 1u;
  const guint32 flags = field->plain ? PL_TEXT_PLAIN : 0;
  PlText *texts = column->texts;
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *at = (const guint8 *) rows[i] + offset;
      texts[i] = (PlText){(const char *) at, at[last], flags};
      if (G_UNLIKELY (at[last] >= PL_KEY_NULL_TEXT))
        {
          if (at[last] == PL_KEY_NULL_TEXT)
            set_null (column, i, n, arena);
          else
            decode_value (field, rows[i], column, i);
        }
    }
}

static void
decode_others (const PlKeyField *field, const guint64 *const *rows, gsize n, PlColumn *column, PlArena *arena)
{
  for (gsize i = 0; i < n; i++)
    if (G_UNLIKELY (field_is_null (field, rows[i])))
      set_null (column, i, n, arena);
    else
      decode_value (field, rows[i], column, i);
}

PlColumn *
pl_keys_decode (const PlKeyLayout *layout, guint index, const guint64 *const *rows, gsize n, PlArena *arena)
{
  const PlKeyField *field = &layout->fields[index];
  const PlTypeKind kind = (PlTypeKind) field->type.kind;
  if (kind == PL_NULL)
    return pl_column_null (arena, field->type, n);
  PlColumn *column = pl_column_new (arena, field->type, n);
  if (kind == PL_STRING)
    decode_texts (field, rows, n, column, arena);
  else if (field->width == 8 || (kind != PL_INT && kind != PL_TIMESTAMP))
    decode_others (field, rows, n, column, arena);
  else if (field->width == 1)
    decode_ints (field, rows, n, column, arena, 1);
  else if (field->width == 2)
    decode_ints (field, rows, n, column, arena, 2);
  else
    decode_ints (field, rows, n, column, arena, 4);
  return column;
}
