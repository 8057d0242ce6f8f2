/* One value for all rows: parsed once a batch, by what parses fields, and written as often as there are rows. What
 * reads such a column need not know. */
#include "constant.h"

#include <string.h>
#include "../table/parse.h"
#include "number-style.h"

static void
fill_texts (PlText *texts, const char *text, gsize n)
{
  PlText value = {.data = text, .length = (guint32) strlen (text)};
  if (strpbrk (text, ",\"\r\n") == NULL)
    value.flags = PL_TEXT_PLAIN;
  for (gsize row = 0; row < n; row++)
    texts[row] = value;
}

/* @text of a number as one of ours, with the digits that it has. */
static const char *
restyle (const PlConverter *converter, const char *text, PlArena *arena)
{
  char styled[PL_NUMBER_MAX + 1];
  gsize length = strlen (text);
  pl_parse_trim (&text, &length);
  length = pl_restyle_number (converter->dialect, text, length, styled);
  styled[length] = '\0';
  return pl_arena_copy (arena, styled, length + 1);
}

/* The decimal that a float is written as, for exact sums. */
static void
fill_exact (PlColumn *column, const PlCellValue *value, gsize n, PlArena *arena)
{
  column->exact = pl_arena_new_array (arena, gint64, n);
  for (gsize row = 0; row < n; row++)
    column->exact[row] = value->mantissa;
  if (value->scale != PL_SCALE_INEXACT)
    {
      column->exact_scale = value->scale;
      return;
    }
  column->exact_scales = pl_arena_alloc (arena, n);
  memset (column->exact_scales, PL_SCALE_INEXACT, n);
}

static void
fill_values (PlColumn *column, const PlCellValue *value, gsize n)
{
  for (gsize row = 0; row < n; row++)
    switch ((PlTypeKind) column->type.kind)
      {
      case PL_BOOL:
        column->bools[row] = value->flag;
        break;
      case PL_FLOAT:
        column->floats[row] = value->number;
        break;
      case PL_DATE:
        column->dates[row] = value->days;
        break;
      case PL_DECIMAL:
        column->decimals[row] = value->decimal;
        break;
      default:
        column->ints[row] = value->integer;
        break;
      }
}

PlColumn *
pl_constant_column (const PlConverter *converter, const PlReading *reading, PlType type, guint uses, const char *text,
                    gsize n, PlArena *arena)
{
  PlCellValue value;
  if (text == NULL)
    return pl_column_null (arena, type, n);
  PlColumn *column = pl_column_new (arena, type, n);
  if (type.kind == PL_STRING)
    {
      fill_texts (column->texts, text, n);
      return column;
    }
  gboolean is_of_type = pl_converter_parse (converter, reading, text, strlen (text), type, &value);
  g_assert (is_of_type);
  fill_values (column, &value, n);
  if (type.kind == PL_FLOAT && (uses & PL_USE_EXACT) != 0)
    fill_exact (column, &value, n, arena);
  const gboolean restyles = converter->restyles && pl_type_is_numeric (type);
  if ((uses & PL_USE_TEXT) != 0 && (restyles || pl_converter_keeps (converter, reading, type)))
    {
      column->lexical = pl_arena_new_array (arena, PlText, n);
      fill_texts (column->lexical, restyles ? restyle (converter, text, arena) : text, n);
    }
  return column;
}
