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
#define SHORT_TEXT 64

/* Bytes that a text may take: short ones are not looked at. */
static inline gsize
text_size (const PlText *text)
{
  gsize size = text->length + 2;
  if (text->length <= SHORT_TEXT)
    return size + text->length;
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

/* @whole: eight bytes may be written behind the tag. */
static inline __attribute__ ((always_inline)) guint8 *
put_int (guint8 *to, gint64 value, guint8 flip, const gboolean whole)
{
  guint64 magnitude = value < 0 ? -(guint64) value : (guint64) value;
  guint length = magnitude == 0 ? 0 : (guint) (71 - __builtin_clzll (magnitude)) / 8;
  gboolean negative = value < 0;
  *to++ = (guint8) (negative ? TAG_ZERO - length : TAG_ZERO + length) ^ flip;
  if (length == 0)
    return to;
  guint64 bytes = (negative ? ~magnitude : magnitude) << (8 * (8 - length));
  bytes = GUINT64_TO_BE (flip ? ~bytes : bytes);
  memcpy (to, &bytes, whole ? sizeof bytes : length);
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
put_bytes (guint8 *to, const char *bytes, guint32 n, guint8 flip)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint8 byte = (guint8) bytes[i];
      if (G_UNLIKELY (byte <= 1))
        {
          *to++ = 1 ^ flip;
          byte = byte + 1;
        }
      *to++ = byte ^ flip;
    }
  return to;
}

/* Eight and four bytes at a time, where none of them is to be escaped: the highest bit of a byte less than 2, less 2,
 * is set, and that of the byte is not. */
static inline guint8 *
put_text (guint8 *to, const PlText *text, guint8 flip)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101), flips = ones * flip;
  const char *bytes = text->data;
  guint32 left = text->length, half;
  guint64 word;
  *to++ = 1 ^ flip;
  for (; left >= sizeof word; left -= (guint32) sizeof word, bytes += sizeof word)
    {
      memcpy (&word, bytes, sizeof word);
      if (G_UNLIKELY (((word - 2 * ones) & ~word & 128 * ones) != 0))
        {
          to = put_bytes (to, bytes, sizeof word, flip);
          continue;
        }
      word ^= flips;
      memcpy (to, &word, sizeof word);
      to += sizeof word;
    }
  if (left >= sizeof half)
    {
      memcpy (&half, bytes, sizeof half);
      if (G_LIKELY (((half - 2 * (guint32) ones) & ~half & 128 * (guint32) ones) == 0))
        {
          half ^= (guint32) flips;
          memcpy (to, &half, sizeof half);
          to += sizeof half;
          bytes += sizeof half;
          left -= (guint32) sizeof half;
        }
    }
  to = put_bytes (to, bytes, left, flip);
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
put_decimal (guint8 *to, PlInt128 value, guint8 flip)
{
  return put_magnitude (to, value < 0 ? -(PlUint128) value : (PlUint128) value, value < 0, flip);
}

#define ROW(i) (rows != NULL ? rows[i] : (i))

#define PUT_EACH(put)                                                                                                  \
  for (gsize i = 0; i < n; i++)                                                                                        \
    {                                                                                                                  \
      const gsize row = ROW (i);                                                                                       \
      guint8 *to = ends[i];                                                                                            \
      if (column->nulls != NULL && column->nulls[row])                                                                 \
        ends[i] = put_null (to, column->type, nulls_first);                                                            \
      else                                                                                                             \
        ends[i] = put;                                                                                                 \
    }

/* Puts the values of @column at @ends, one a key. Bytes behind an int may be written: keys have nine for each. */
static void
put_column (guint8 **ends, const PlColumn *column, const guint32 *rows, gsize n, guint8 flip, gboolean nulls_first)
{
  switch (column->type.kind)
    {
    case PL_NULL:
      for (gsize i = 0; i < n; i++)
        ends[i] = put_null (ends[i], column->type, nulls_first);
      break;
    case PL_BOOL:
      PUT_EACH ((*to = (guint8) (1 + column->bools[row]) ^ flip, to + 1))
      break;
    case PL_DATE:
      PUT_EACH (put_int (to, column->dates[row], flip, FALSE))
      break;
    case PL_INT:
    case PL_TIMESTAMP:
      PUT_EACH (put_int (to, column->ints[row], flip, TRUE))
      break;
    case PL_FLOAT:
      PUT_EACH (put_float (to, column->floats[row], flip))
      break;
    case PL_DECIMAL:
      PUT_EACH (put_decimal (to, column->decimals[row], flip))
      break;
    default:
      PUT_EACH (put_text (to, &column->texts[row], flip))
      break;
    }
}

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
      put_column (ends, columns[c], rows, n, flip, orders != NULL && orders[c].nulls_first);
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
