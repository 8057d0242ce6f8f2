/* One value of any column → text: which printer each type takes. */
#include "print.h"

static gsize
print_bool (char *out, guint8 value)
{
  gsize length = value ? 4 : 5;
  memcpy (out, value ? "true" : "false", length);
  return length;
}

static gsize
print_typed (char *out, const PlColumn *column, gsize row)
{
  switch ((PlTypeKind) column->type.kind)
    {
    case PL_NULL:
    case PL_STRING:
      break;
    case PL_BOOL:
      return print_bool (out, column->bools[row]);
    case PL_INT:
      return pl_print_int (out, column->ints[row]);
    case PL_FLOAT:
      return pl_print_float (out, column->floats[row]);
    case PL_DECIMAL:
      return pl_print_decimal (out, column->decimals[row], column->type.scale);
    case PL_DATE:
      return pl_print_date (out, column->dates[row]);
    case PL_TIMESTAMP:
      return pl_print_timestamp (out, column->ints[row], column->type.zoned);
    }
  g_assert_not_reached ();
}

void
pl_print_value (PlBuffer *buffer, const PlColumn *column, gsize row)
{
  if (pl_column_is_null (column, row))
    return;
  const PlText *text = column->type.kind == PL_STRING ? column->texts : column->lexical;
  if (text != NULL)
    pl_buffer_append (buffer, text[row].data, text[row].length);
  else
    buffer->length += print_typed (pl_buffer_reserve (buffer, PL_PRINT_MAX), column, row);
}

PlText *
pl_print_texts (const PlColumn *column, const guint32 *rows, gsize n, PlArena *arena)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  PlText *texts = pl_arena_new_array (arena, PlText, n);
  for (gsize i = 0; i < n; i++)
    {
      gsize start = buffer.length;
      pl_print_value (&buffer, column, rows != NULL ? rows[i] : i);
      texts[i] = (PlText){.length = (guint32) (buffer.length - start), .flags = PL_TEXT_PLAIN};
    }
  const char *next = pl_arena_copy (arena, buffer.length > 0 ? buffer.data : "", buffer.length);
  for (gsize i = 0; i < n; next += texts[i++].length)
    texts[i].data = next;
  return texts;
}
