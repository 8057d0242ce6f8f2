/* What comparable.c writes in ascending order, nulls last. See comparable-decode.h. */
#include "comparable-decode.h"

#define NULL_LAST 0xff
#define TAG_ZERO 0x80

/* A key that is being read. */
typedef struct
{
  const guint8 *at, *end;
  gboolean failed;
} Reader;

static inline guint8
take (Reader *reader)
{
  if (reader->at < reader->end)
    return *reader->at++;
  reader->failed = TRUE;
  return 0;
}

/* Of at most eight bytes. */
static inline gint64
take_int (Reader *reader)
{
  const guint8 tag = take (reader);
  const gboolean negative = tag < TAG_ZERO;
  const guint n = negative ? (guint) TAG_ZERO - tag : (guint) tag - TAG_ZERO;
  const guint8 *bytes = reader->at;
  guint64 magnitude = 0;
  if (n > sizeof magnitude || (gsize) (reader->end - bytes) < n)
    {
      reader->failed = TRUE;
      return 0;
    }
  for (guint i = 0; i < n; i++)
    magnitude = magnitude << 8 | bytes[i];
  reader->at += n;
  if (!negative)
    return (gint64) magnitude;
  magnitude = ~magnitude & (n > 0 ? G_MAXUINT64 >> (64 - 8 * n) : 0);
  return (gint64) -magnitude;
}

static PlInt128
take_decimal (Reader *reader)
{
  const guint8 tag = take (reader);
  const gboolean negative = tag < TAG_ZERO;
  PlUint128 magnitude = 0;
  for (guint n = negative ? TAG_ZERO - tag : tag - TAG_ZERO; n > 0 && !reader->failed; n--)
    magnitude = magnitude << 8 | (guint8) (take (reader) ^ (negative ? 0xff : 0));
  return negative ? -(PlInt128) magnitude : (PlInt128) magnitude;
}

/* Eight bytes of all ones: a null. */
static double
take_float (Reader *reader, guint8 *is_null)
{
  const guint64 sign = G_GUINT64_CONSTANT (1) << 63;
  guint64 bits = 0;
  double value;
  for (guint i = 0; i < sizeof bits; i++)
    bits = bits << 8 | take (reader);
  *is_null = bits == G_MAXUINT64;
  bits ^= bits & sign ? sign : G_MAXUINT64;
  memcpy (&value, &bits, sizeof value);
  return value;
}

#define ONES G_GUINT64_CONSTANT (0x0101010101010101)

/* Marks the highest bits of bytes that are zero, the first one surely; others may be marked behind it. */
static inline guint64
find_zeros (guint64 word)
{
  return (word - ONES) & ~word & 128 * ONES;
}

/* Goes to the end of a text. Returns: whether nothing in it is escaped. */
static inline gboolean
find_end (Reader *reader)
{
  const guint8 *at = reader->at;
  guint64 escapes = 0;
  for (guint64 word; (gsize) (reader->end - at) >= sizeof word; at += sizeof word)
    {
      memcpy (&word, at, sizeof word);
      const guint64 zeros = find_zeros (word), ones = find_zeros (word ^ ONES);
      if (zeros != 0)
        {
          reader->at = at + __builtin_ctzll (zeros) / 8;
          return (escapes | (ones & (zeros ^ (zeros - 1)))) == 0;
        }
      escapes |= ones;
    }
  for (; at < reader->end && *at != 0; at++)
    escapes |= *at == 1;
  reader->failed |= at == reader->end;
  reader->at = at;
  return escapes == 0;
}

#define SHORT_TEXT ((gsize) 16)

static inline PlText
take_text (Reader *reader, PlArena *arena)
{
  take (reader);
  const guint8 *start = reader->at;
  const gboolean is_plain = find_end (reader);
  const gsize n = (gsize) (reader->at - start);
  if (reader->failed)
    return (PlText){.data = ""};
  reader->at++;
  char *data = pl_arena_alloc (arena, n + SHORT_TEXT);
  if (is_plain)
    {
      /* As many bytes for all short ones, where they are there. */
      if (n <= SHORT_TEXT && (gsize) (reader->end - start) >= SHORT_TEXT)
        memcpy (data, start, SHORT_TEXT);
      else
        memcpy (data, start, n);
      return (PlText){.data = data, .length = (guint32) n};
    }
  guint32 length = 0;
  for (gsize i = 0; i < n; i++)
    if (start[i] == 1 && i + 1 < n)
      data[length++] = (char) (start[++i] - 1);
    else
      data[length++] = (char) start[i];
  return (PlText){.data = data, .length = length};
}

/* Takes a value of each key. */
#define TAKE_EACH(take_value, nothing)                                                                                 \
  for (gsize i = 0; i < n; i++)                                                                                        \
    {                                                                                                                  \
      Reader *reader = &readers[i];                                                                                    \
      nulls[i] = reader->at < reader->end && *reader->at == NULL_LAST;                                                 \
      if (nulls[i])                                                                                                    \
        {                                                                                                              \
          reader->at++;                                                                                                \
          nothing;                                                                                                     \
        }                                                                                                              \
      else                                                                                                             \
        take_value;                                                                                                    \
    }

static void
take_column (Reader *readers, gsize n, PlColumn *column, PlArena *arena)
{
  guint8 *nulls = column->nulls;
  switch (column->type.kind)
    {
    case PL_NULL:
      TAKE_EACH (reader->failed = TRUE, (void) 0)
      break;
    case PL_BOOL:
      TAKE_EACH (column->bools[i] = (guint8) (take (reader) - 1), (void) 0)
      break;
    case PL_DATE:
      TAKE_EACH (column->dates[i] = (gint32) take_int (reader), (void) 0)
      break;
    case PL_INT:
    case PL_TIMESTAMP:
      TAKE_EACH (column->ints[i] = take_int (reader), (void) 0)
      break;
    case PL_FLOAT:
      for (gsize i = 0; i < n; i++)
        column->floats[i] = take_float (&readers[i], &nulls[i]);
      break;
    case PL_DECIMAL:
      TAKE_EACH (column->decimals[i] = take_decimal (reader), (void) 0)
      break;
    default:
      TAKE_EACH (column->texts[i] = take_text (reader, arena), column->texts[i] = (PlText){.data = ""})
      break;
    }
}

gboolean
pl_sort_keys_decode (const PlText *keys, gsize n, PlColumn *const *columns, guint n_columns, PlArena *arena)
{
  Reader *readers = pl_arena_new_array (arena, Reader, n);
  gboolean ok = TRUE;
  for (gsize i = 0; i < n; i++)
    readers[i] = (Reader){(const guint8 *) keys[i].data, (const guint8 *) keys[i].data + keys[i].length, FALSE};
  for (guint c = 0; c < n_columns; c++)
    {
      pl_column_add_nulls (columns[c], arena, n);
      take_column (readers, n, columns[c], arena);
    }
  for (gsize i = 0; i < n; i++)
    ok &= !readers[i].failed;
  return ok;
}
