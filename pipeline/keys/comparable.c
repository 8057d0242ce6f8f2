/* One pass a column sizes the keys, one pass a column writes them.
 *
 *   bool        01 | 02
 *   int …       tag, then the significant bytes: small numbers are short, and the tag orders by sign and length
 *   float       8 bytes: the bits, with the order of the numbers; NaN and null take two of the codes that are left over
 *   text        01, the bytes (00 and 01 escaped), 00
 *   null        FF alone (00 where nulls come first); eight of them for float
 *
 * Descending inverts the bytes of values only. */
#include "comparable.h"
#include "prefix.h"
#include <math.h>

#define NULL_LAST 0xff
#define NULL_FIRST 0x00
#define TAG_ZERO 0x80

static gsize
text_size (const PlText *text)
{
  gsize size = text->length + 2;
  for (guint32 i = 0; i < text->length; i++)
    size += (guint8) text->data[i] <= 1;
  return size;
}

static gsize
fixed_size (PlType type)
{
  switch (type.kind)
    {
    case PL_BOOL:
    case PL_NULL:
      return 1;
    case PL_DATE:
      return 5;
    case PL_FLOAT:
      return 8;
    case PL_DECIMAL:
      return 17;
    default:
      return 9;
    }
}

gboolean
pl_sort_key_is_short (PlType type)
{
  return type.kind != PL_STRING && fixed_size (type) <= 8;
}

static guint8 *
put_magnitude (guint8 *to, PlUint128 magnitude, gboolean negative, guint8 flip)
{
  guint length = 0;
  for (PlUint128 rest = magnitude; rest != 0; rest >>= 8)
    length++;
  *to++ = (guint8) (negative ? TAG_ZERO - length : TAG_ZERO + length) ^ flip;
  for (guint i = length; i-- > 0;)
    *to++ = (guint8) (magnitude >> (8 * i)) ^ (negative ? 0xff : 0) ^ flip;
  return to;
}

static guint8 *
put_int (guint8 *to, gint64 value, guint8 flip)
{
  guint64 magnitude = value < 0 ? -(guint64) value : (guint64) value;
  guint length = magnitude == 0 ? 0 : (guint) (71 - __builtin_clzll (magnitude)) / 8;
  gboolean negative = value < 0;
  *to++ = (guint8) (negative ? TAG_ZERO - length : TAG_ZERO + length) ^ flip;
  if (length == 0)
    return to;
  guint64 bytes = (negative ? ~magnitude : magnitude) << (8 * (8 - length));
  bytes = GUINT64_TO_BE (flip ? ~bytes : bytes);
  memcpy (to, &bytes, length);
  return to + length;
}

static inline guint64
float_bits (double value, guint64 flip)
{
  guint64 bits;
  value += 0.0; /* -0.0 is 0.0 */
  memcpy (&bits, &value, sizeof bits);
  if (G_UNLIKELY (isnan (value)))
    return ~(guint64) 1;
  /* All bits of negative numbers are inverted, the sign alone of others. */
  return bits ^ ((guint64) ((gint64) bits >> 63) | (guint64) 1 << 63) ^ flip;
}

static guint8 *
put_float (guint8 *to, double value, guint8 flip)
{
  guint64 bits = GUINT64_TO_BE (float_bits (value, flip ? ~(guint64) 0 : 0));
  memcpy (to, &bits, sizeof bits);
  return to + sizeof bits;
}

static guint8 *
put_text (guint8 *to, const PlText *text, guint8 flip)
{
  *to++ = 1 ^ flip;
  for (guint32 i = 0; i < text->length; i++)
    {
      guint8 byte = (guint8) text->data[i];
      if (G_UNLIKELY (byte <= 1))
        {
          *to++ = 1 ^ flip;
          byte = byte + 1;
        }
      *to++ = byte ^ flip;
    }
  *to++ = 0 ^ flip;
  return to;
}

static guint8 *
put_null (guint8 *to, PlType type, gboolean first)
{
  gsize n = type.kind == PL_FLOAT ? 8 : 1;
  memset (to, first ? NULL_FIRST : NULL_LAST, n);
  return to + n;
}

static guint8 *
put_value (guint8 *to, const PlColumn *column, gsize row, guint8 flip)
{
  switch (column->type.kind)
    {
    case PL_BOOL:
      *to = (guint8) (1 + column->bools[row]) ^ flip;
      return to + 1;
    case PL_DATE:
      return put_int (to, column->dates[row], flip);
    case PL_INT:
    case PL_TIMESTAMP:
      return put_int (to, column->ints[row], flip);
    case PL_FLOAT:
      return put_float (to, column->floats[row], flip);
    case PL_DECIMAL:
      {
        PlInt128 value = column->decimals[row];
        return put_magnitude (to, value < 0 ? -(PlUint128) value : (PlUint128) value, value < 0, flip);
      }
    default:
      return put_text (to, &column->texts[row], flip);
    }
}

#define ROW(i) (rows != NULL ? rows[i] : (i))

PlText *
pl_sort_keys (PlColumn *const *columns, const PlSortOrder *orders, guint n_columns, const guint32 *rows, gsize n,
              gsize head, PlArena *arena)
{
  PlText *keys = pl_arena_new_array (arena, PlText, n);
  guint8 **ends = pl_arena_new_array (arena, guint8 *, n);
  gsize *sizes = pl_arena_new_array (arena, gsize, n), fixed = head, sum = 0;
  for (guint c = 0; c < n_columns; c++)
    fixed += columns[c]->type.kind == PL_STRING ? 0 : fixed_size (columns[c]->type);
  for (gsize i = 0; i < n; i++)
    sizes[i] = fixed;
  for (guint c = 0; c < n_columns; c++)
    if (columns[c]->type.kind == PL_STRING)
      for (gsize i = 0; i < n; i++)
        sizes[i] += text_size (&columns[c]->texts[ROW (i)]);
  for (gsize i = 0; i < n; i++)
    sum += sizes[i];
  guint8 *space = pl_arena_alloc (arena, sum);
  for (gsize i = 0; i < n; i++)
    {
      keys[i].data = (const char *) space;
      keys[i].flags = 0;
      memset (space, 0, head);
      ends[i] = space + head;
      space += sizes[i];
    }
  for (guint c = 0; c < n_columns; c++)
    {
      const guint8 flip = orders != NULL && orders[c].descending ? 0xff : 0;
      const gboolean nulls_first = orders != NULL && orders[c].nulls_first;
      for (gsize i = 0; i < n; i++)
        ends[i] = pl_column_is_null (columns[c], ROW (i)) ? put_null (ends[i], columns[c]->type, nulls_first)
                                                          : put_value (ends[i], columns[c], ROW (i), flip);
    }
  for (gsize i = 0; i < n; i++)
    keys[i].length = (guint32) (ends[i] - (guint8 *) keys[i].data);
  return keys;
}

gboolean
pl_sort_key_prefixes (const PlColumn *column, const PlSortOrder *order, gsize n, guint64 *prefixes, PlArena *arena)
{
  if (column->type.kind == PL_FLOAT)
    {
      const guint64 flip = order->descending ? ~(guint64) 0 : 0;
      for (gsize i = 0; i < n; i++)
        prefixes[i] = float_bits (column->floats[i], flip);
      if (column->nulls != NULL)
        for (gsize i = 0; i < n; i++)
          if (column->nulls[i])
            prefixes[i] = order->nulls_first ? 0 : G_MAXUINT64;
      return TRUE;
    }
  PlColumn *columns[1] = {(PlColumn *) column};
  const PlText *keys = pl_sort_keys (columns, order, 1, NULL, n, 0, arena);
  guint32 longest = 0;
  for (gsize i = 0; i < n; i++)
    {
      prefixes[i] = pl_key_prefix (keys[i].data, keys[i].length);
      longest = MAX (longest, keys[i].length);
    }
  return longest <= 8;
}
