/* See held.h. */
#include "held.h"
#include "../../pipeline/memory/leased.h"

void
pl_key_put (gint64 key, PlColumn *out, gsize row)
{
  switch (out->type.kind)
    {
    case PL_NULL:
      break;
    case PL_BOOL:
      out->bools[row] = (guint8) key;
      break;
    case PL_DATE:
      out->dates[row] = (gint32) key;
      break;
    case PL_FLOAT:
      out->floats[row] = pl_float_of_key (key);
      break;
    default:
      out->ints[row] = key;
      break;
    }
}

static int
compare_texts (const char *a, guint32 a_length, const char *b, guint32 b_length)
{
  guint32 common = MIN (a_length, b_length);
  int order = common > 0 ? memcmp (a, b, common) : 0;
  return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

int
pl_held_compare (const PlHeld *held, const PlColumn *column, gsize row)
{
  if (column->type.kind == PL_STRING)
    return compare_texts (held->text.data, held->text.length, column->texts[row].data, column->texts[row].length);
  if (column->type.kind == PL_DECIMAL)
    return (held->decimal > column->decimals[row]) - (held->decimal < column->decimals[row]);
  gint64 key = pl_key_at (column, row);
  return (held->key > key) - (held->key < key);
}

int
pl_held_compare_held (PlType type, const PlHeld *a, const PlHeld *b)
{
  if (type.kind == PL_STRING)
    return compare_texts (a->text.data, a->text.length, b->text.data, b->text.length);
  if (type.kind == PL_DECIMAL)
    return (a->decimal > b->decimal) - (a->decimal < b->decimal);
  return (a->key > b->key) - (a->key < b->key);
}

static void
set_text (PlHeld *held, const char *data, guint32 length)
{
  if (length > held->text.capacity)
    {
      gsize capacity = MIN ((gsize) G_MAXUINT32, MAX (16, (gsize) length + length / 2));
      pl_leased_free (held->text.data);
      held->text.data = pl_leased_resize (NULL, capacity);
      held->text.capacity = (guint32) capacity;
    }
  if (length > 0)
    memcpy (held->text.data, data, length);
  held->text.length = length;
}

void
pl_held_set (PlHeld *held, const PlColumn *column, gsize row)
{
  if (column->type.kind == PL_STRING)
    set_text (held, column->texts[row].data, column->texts[row].length);
  else if (column->type.kind == PL_DECIMAL)
    held->decimal = column->decimals[row];
  else
    held->key = pl_key_at (column, row);
}

void
pl_held_clear (PlType type, PlHeld *held)
{
  if (type.kind == PL_STRING)
    pl_leased_free (held->text.data);
  memset (held, 0, sizeof *held);
}

void
pl_held_put (const PlHeld *held, PlColumn *out, gsize row, PlArena *arena)
{
  if (out->type.kind == PL_STRING)
    out->texts[row]
        = (PlText){.data = held->text.length > 0 ? pl_arena_copy (arena, held->text.data, held->text.length) : "",
                   .length = held->text.length};
  else if (out->type.kind == PL_DECIMAL)
    out->decimals[row] = held->decimal;
  else
    pl_key_put (held->key, out, row);
}

void
pl_held_put_nothing (PlColumn *out, gsize row)
{
  static const PlHeld nothing;
  pl_held_put (&nothing, out, row, NULL);
}

void
pl_held_save (PlType type, const PlHeld *held, PlBuffer *buffer)
{
  if (type.kind == PL_STRING)
    pl_buffer_put_bytes (buffer, held->text.length > 0 ? held->text.data : "", held->text.length);
  else if (type.kind == PL_DECIMAL)
    {
      pl_buffer_put_u64 (buffer, (guint64) held->decimal);
      pl_buffer_put_u64 (buffer, (guint64) ((PlUint128) held->decimal >> 64));
    }
  else
    pl_buffer_put_u64 (buffer, (guint64) held->key);
}

gboolean
pl_held_load (PlType type, PlHeld *held, PlCursor *cursor)
{
  if (type.kind == PL_STRING)
    {
      gsize length = 0;
      const char *data = pl_cursor_get_bytes (cursor, &length);
      if (cursor->failed || length > G_MAXUINT32)
        return FALSE;
      set_text (held, data, (guint32) length);
    }
  else if (type.kind == PL_DECIMAL)
    {
      guint64 low = pl_cursor_get_u64 (cursor);
      held->decimal = (PlInt128) ((PlUint128) pl_cursor_get_u64 (cursor) << 64 | low);
    }
  else
    held->key = (gint64) pl_cursor_get_u64 (cursor);
  return !cursor->failed;
}
