/* See pin-cure.h. What helps most comes first: a style of numbers or dates reads all values of a column, null-values
 * one. */
#include "pin-cure.h"

#include <string.h>

#include "../table/looks.h"
#include "../table/parse.h"
#include "number-style.h"
#include "source-cure.h"

#define MAX_DECIMAL_DIGITS 38

/* Of digits: another type. Returns: whether it is that. */
static gboolean
cure_by_type (GString *text, const PlCure *it, const char *data, gsize length)
{
  PlNumberShape shape;
  double number;
  const PlType type = it->others;
  if (!pl_number_shape (data, length, &shape))
    return FALSE;
  const gboolean is_beyond = pl_looks_beyond (data, length, type);
  const gsize scale = MAX (shape.fraction, type.kind == PL_DECIMAL ? type.scale : 0);
  if (is_beyond)
    g_string_append (text, ": it is out of range");
  if (type.kind == PL_INT && !is_beyond)
    g_string_append_printf (text, "; types = %s:float takes it", it->name);
  else if (type.kind != PL_FLOAT && shape.whole + scale <= MAX_DECIMAL_DIGITS)
    g_string_append_printf (text, "; types = %s:decimal(38,%" G_GSIZE_FORMAT ") has room for it", it->name, scale);
  else if (type.kind != PL_FLOAT && pl_parse_loose_float (data, length, &number))
    g_string_append_printf (text, "; types = %s:float rounds it", it->name);
  else
    g_string_append_printf (text, "; types = %s:string keeps it", it->name);
  return TRUE;
}

static gboolean
cure_number (GString *text, const PlCure *it)
{
  const PlDialect *dialect = &it->source->dialect;
  const gboolean restyles = pl_dialect_restyles_numbers (dialect);
  const char *data = it->value;
  gsize length = it->length;
  char restyled[PL_NUMBER_MAX];
  double number;
  if (pl_cure_by_style (text, it))
    return TRUE;
  pl_parse_trim (&data, &length);
  const gboolean is_plain = pl_parse_loose_float (data, length, &number);
  if (restyles)
    {
      length = pl_restyle_number (dialect, data, length, restyled);
      data = restyled;
    }
  if (cure_by_type (text, it, data, length))
    return TRUE;
  /* Infinities. */
  if (is_plain && !restyles)
    {
      g_string_append_printf (text, "; types = %s:float takes it", it->name);
      return TRUE;
    }
  PlCure as_float = *it;
  as_float.others = PL_TYPE (PL_FLOAT);
  if (it->others.kind != PL_FLOAT && pl_cure_by_style (text, &as_float))
    {
      g_string_append_printf (text, ", types = %s:float takes it then", it->name);
      return TRUE;
    }
  if (restyles && is_plain)
    g_string_append (text, "; see decimal-comma and thousands");
  return (restyles && is_plain) || pl_cure_by_amount (text, it);
}

/* Digits alone are years, or seconds since 1970. */
static gboolean
cure_digits (GString *text, const PlCure *it)
{
  const gboolean is_epoch = it->others.kind == PL_TIMESTAMP && (it->length == 9 || it->length == 10);
  if (strspn (it->value, "0123456789") != it->length || *it->value == '0' || !(is_epoch || it->length == 4)
      || it->source->readings[it->column].style.formats != 0)
    return FALSE;
  g_string_append_printf (text, "; date-format = %s:%s reads it", it->name, is_epoch ? "%s" : "%Y");
  return TRUE;
}

static gboolean
cure_time (GString *text, const PlCure *it)
{
  gint64 microseconds;
  gboolean zoned;
  if (it->others.kind != PL_DATE || !pl_parse_loose_timestamp (it->value, it->length, &microseconds, &zoned))
    return pl_cure_by_format (text, it) || cure_digits (text, it);
  g_string_append_printf (text, "; types = %s:timestamp takes it", it->name);
  return TRUE;
}

static gboolean
cure_bool (GString *text, const PlCure *it)
{
  g_autofree char *item = pl_cure_null_item (it);
  if (item != NULL)
    g_string_append_printf (text, "; true-values = %s or false-values = %s takes it for one", item, item);
  else
    g_string_append (text, "; true-values and false-values say which texts are bools");
  return TRUE;
}

/* Of a value that is like none of the type. */
static void
cure_any (GString *text, const PlCure *it)
{
  g_autofree char *item = pl_cure_null_item (it);
  g_string_append_printf (text, "; null-values%s%s makes it null", item != NULL ? " = " : "", item != NULL ? item : "");
  if (it->source->on_bad_row == PL_BAD_ROW_FAIL)
    g_string_append (text, ", on-bad-row = skip leaves its row out");
}

char *
pl_pin_cure (const PlSource *source, guint column, const char *value)
{
  const PlField *field = &source->schema->fields[column];
  g_autofree char *name = pl_source_item (field->name);
  const PlCure it = {source, column, value, strlen (value), name, field->type, TRUE};
  GString *text = g_string_new (NULL);
  const gboolean is_found = pl_looks_null (value, it.length)   ? FALSE
                            : pl_type_is_numeric (field->type) ? cure_number (text, &it)
                            : field->type.kind == PL_BOOL      ? cure_bool (text, &it)
                                                               : cure_time (text, &it);
  if (!is_found)
    cure_any (text, &it);
  return g_string_free (text, FALSE);
}
