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

static PlInt128
take_int (Reader *reader)
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

static PlText
take_text (Reader *reader, PlArena *arena)
{
  take (reader);
  const guint8 *end = reader->at < reader->end ? memchr (reader->at, 0, (gsize) (reader->end - reader->at)) : NULL;
  if (end == NULL)
    {
      reader->failed = TRUE;
      return (PlText){.data = ""};
    }
  char *data = pl_arena_alloc (arena, (gsize) (end - reader->at) + 1);
  guint32 length = 0;
  for (; reader->at < end; reader->at++)
    if (*reader->at == 1 && reader->at + 1 < end)
      data[length++] = (char) (*++reader->at - 1);
    else
      data[length++] = (char) *reader->at;
  reader->at++;
  return (PlText){.data = data, .length = length};
}

static void
take_value (Reader *reader, PlColumn *column, gsize row, PlArena *arena)
{
  if (column->type.kind == PL_FLOAT)
    {
      column->floats[row] = take_float (reader, &column->nulls[row]);
      return;
    }
  column->nulls[row] = reader->at < reader->end && *reader->at == NULL_LAST;
  if (column->nulls[row])
    {
      reader->at++;
      if (column->type.kind == PL_STRING)
        column->texts[row] = (PlText){.data = ""};
      return;
    }
  switch (column->type.kind)
    {
    case PL_NULL:
      reader->failed = TRUE;
      return;
    case PL_BOOL:
      column->bools[row] = (guint8) (take (reader) - 1);
      return;
    case PL_DATE:
      column->dates[row] = (gint32) take_int (reader);
      return;
    case PL_INT:
    case PL_TIMESTAMP:
      column->ints[row] = (gint64) take_int (reader);
      return;
    case PL_DECIMAL:
      column->decimals[row] = take_int (reader);
      return;
    default:
      column->texts[row] = take_text (reader, arena);
    }
}

gboolean
pl_sort_keys_decode (const PlText *keys, gsize n, PlColumn *const *columns, guint n_columns, PlArena *arena)
{
  gboolean ok = TRUE;
  for (guint c = 0; c < n_columns; c++)
    pl_column_add_nulls (columns[c], arena, n);
  for (gsize i = 0; i < n; i++)
    {
      Reader reader = {(const guint8 *) keys[i].data, (const guint8 *) keys[i].data + keys[i].length, FALSE};
      for (guint c = 0; c < n_columns; c++)
        take_value (&reader, columns[c], i, arena);
      ok &= !reader.failed;
    }
  return ok;
}
