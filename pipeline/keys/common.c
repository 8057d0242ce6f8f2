/* Values of two types as values of one: see common.h. */
#include "common.h"
#include "../expression/kernels.h"
#include "../table/print.h"

#include <math.h>

gboolean
pl_key_types_meet (PlType a, PlType b, gboolean all, PlType *common)
{
  const gboolean is_mixed = (a.kind == PL_INT && b.kind == PL_FLOAT) || (a.kind == PL_FLOAT && b.kind == PL_INT);
  if (!pl_type_promote (a, b, common))
    return FALSE;
  if (is_mixed && !all)
    *common = PL_TYPE (PL_INT);
  else if (common->kind == PL_FLOAT && !pl_type_equal (a, b) && a.kind != PL_NULL && b.kind != PL_NULL)
    *common = PL_TYPE (PL_STRING);
  return TRUE;
}

/* ---- numbers by their digits ---- */

/* Room for 38 digits, a sign and an exponent. */
#define DIGITS_MAX 64

/* Writes @mantissa × 10 ^ @exponent in the one way there is for that number. Returns: the length. */
static gsize
write_digits (char *out, PlInt128 mantissa, gint exponent)
{
  if (mantissa == 0)
    exponent = 0;
  for (; mantissa != 0 && mantissa % 10 == 0; exponent++)
    mantissa /= 10;
  const gsize length = pl_print_decimal (out, mantissa, 0);
  return length + (gsize) g_snprintf (out + length, DIGITS_MAX - length, "e%d", exponent);
}

/* The digits of the shortest text of @value, which is no whole number of 127 bits. */
static gsize
write_shortest (char *out, double value)
{
  char text[PL_PRINT_MAX + 1];
  PlInt128 mantissa = 0;
  gint exponent = 0;
  gboolean is_behind = FALSE;
  gsize at = 0;
  text[pl_print_float (text, fabs (value))] = '\0';
  for (; text[at] != '\0' && text[at] != 'e'; at++)
    if (text[at] == '.')
      is_behind = TRUE;
    else
      {
        mantissa = mantissa * 10 + (text[at] - '0');
        exponent -= is_behind;
      }
  if (text[at] == 'e')
    exponent += (gint) g_ascii_strtoll (text + at + 1, NULL, 10);
  return write_digits (out, value < 0 ? -mantissa : mantissa, exponent);
}

/* A float stands for the whole number it is, or else for the decimal it is written as. */
static gsize
write_float (char *out, double value)
{
  if (!isfinite (value))
    return pl_print_float (out, isnan (value) ? NAN : value);
  if (fabs (value) < 0x1p127 && value == trunc (value))
    return write_digits (out, (PlInt128) value, 0);
  return write_shortest (out, value);
}

static PlColumn *
take_digits (const PlColumn *column, gsize n, PlArena *arena)
{
  PlColumn *digits = pl_column_null (arena, PL_TYPE (PL_STRING), n);
  digits->nulls = column->nulls;
  for (gsize i = 0; i < n; i++)
    {
      char text[DIGITS_MAX];
      if (pl_column_is_null (column, i))
        continue;
      const gsize length = column->type.kind == PL_FLOAT ? write_float (text, column->floats[i])
                           : column->type.kind == PL_INT
                               ? write_digits (text, column->ints[i], 0)
                               : write_digits (text, column->decimals[i], -(gint) column->type.scale);
      digits->texts[i] = (PlText){pl_arena_copy (arena, text, length), (guint32) length, PL_TEXT_PLAIN};
    }
  return digits;
}

/* Floats that are whole numbers; others equal none. */
static PlColumn *
take_whole (const PlColumn *column, gsize n, guint8 *usable, PlArena *arena)
{
  PlColumn *whole = pl_column_new (arena, PL_TYPE (PL_INT), n);
  whole->nulls = column->nulls;
  for (gsize i = 0; i < n; i++)
    {
      const double value = pl_column_is_null (column, i) ? 0 : column->floats[i];
      const gboolean fits = value >= -0x1p63 && value < 0x1p63 && value == trunc (value);
      whole->ints[i] = fits ? (gint64) value : 0;
      usable[i] &= (guint8) fits;
    }
  return whole;
}

PlColumn *
pl_key_meet (PlColumn *column, PlType common, gsize n, guint8 *usable, PlArena *arena)
{
  gsize failed;
  if (column->type.kind == PL_NULL)
    return pl_column_null (arena, common, n);
  pl_column_settle (column, n, arena);
  if (pl_type_equal (column->type, common))
    return column;
  if (common.kind == PL_STRING)
    return take_digits (column, n, arena);
  if (column->type.kind == PL_FLOAT && common.kind == PL_INT)
    return take_whole (column, n, usable, arena);
  PlColumn *met = pl_kernel_cast (column, common, TRUE, n, arena, &failed);
  /* What the common type has no room for, no value of the other side can be. */
  for (gsize i = 0; i < n; i++)
    usable[i] &= (guint8) (!pl_column_is_null (met, i) || pl_column_is_null (column, i));
  return met;
}
