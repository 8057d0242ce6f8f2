/* See pin-cure.h. A number is one of another type before it is one of another style, which would be another number;
 * a style of numbers or dates reads all values of a column, null-values one. */
#include "pin-cure.h"

#include <string.h>

#include "../table/looks.h"
#include "../table/parse.h"
#include "number-cure.h"
#include "number-style.h"
#include "time-cure.h"
#include "trial.h"

#define MAX_DECIMAL_DIGITS 38

static void
cure_by_type (GString *text, PlCure *it, PlType type, const char *does)
{
  pl_cure_start (text, it);
  pl_cure_append_type (text, it, pl_type_name (type));
  g_string_append (text, does);
}

/* Of digits: another type. Returns: whether it is that. */
static gboolean
cure_digits (GString *text, PlCure *it, const char *data, gsize length)
{
  PlNumberShape shape;
  const PlType type = it->others;
  if (!pl_number_shape (data, length, &shape))
    return FALSE;
  const gboolean is_beyond = pl_looks_beyond (data, length, type);
  const gsize scale = MAX (shape.fraction, type.kind == PL_DECIMAL ? type.scale : 0);
  if (is_beyond)
    g_string_append (text, ": it is out of range");
  if (type.kind == PL_INT && !is_beyond)
    cure_by_type (text, it, PL_TYPE (PL_FLOAT), " takes it");
  else if (type.kind != PL_FLOAT && shape.whole + scale <= MAX_DECIMAL_DIGITS)
    cure_by_type (text, it, PL_TYPE_DECIMAL (MAX_DECIMAL_DIGITS, (guint8) scale), " has room for it");
  else
    {
      it->others = PL_TYPE (PL_FLOAT);
      pl_cure_as_text (text, it);
    }
  return TRUE;
}

/* A number as others write it, in a source that says another style. Returns: whether it is that */
static gboolean
cure_plain (GString *text, PlCure *it)
{
  const PlDialect *dialect = &it->source->dialect;
  double number;
  if (!pl_dialect_restyles_numbers (dialect) || !pl_parse_loose_float (it->value, it->length, &number))
    return FALSE;
  if (dialect->thousands != 0)
    {
      pl_cure_start (text, it);
      g_string_append (text, "see decimal-comma and thousands");
      pl_cure_keep (text, it, PL_TYPE (PL_STRING));
      return TRUE;
    }
  g_autofree char *name = pl_cure_expression_name (it);
  cure_by_type (text, it, PL_TYPE (PL_STRING), " and ");
  g_string_append_printf (text, "cast(replace(%s, ',', '.') as float) make a number of it", name);
  return TRUE;
}

static gboolean
cure_number (GString *text, PlCure *it)
{
  const PlDialect *dialect = &it->source->dialect;
  const char *data = it->value;
  gsize length = it->length;
  char restyled[PL_NUMBER_MAX];
  PlCellValue value;
  pl_parse_trim (&data, &length);
  if (pl_dialect_restyles_numbers (dialect))
    {
      length = pl_restyle_number (dialect, data, length, restyled);
      data = restyled;
    }
  if (cure_digits (text, it, data, length))
    return TRUE;
  /* Infinities, and what only a float takes. */
  if (it->others.kind != PL_FLOAT
      && pl_trial_pin (it->source, it->column, NULL, PL_TYPE (PL_FLOAT), it->value, it->length, &value))
    {
      cure_by_type (text, it, PL_TYPE (PL_FLOAT), " takes it");
      return TRUE;
    }
  PlCure as_float = *it;
  as_float.others = PL_TYPE (PL_FLOAT);
  gboolean is_found = pl_cure_by_style (text, it);
  if (!is_found && it->others.kind != PL_FLOAT && pl_cure_by_style (text, &as_float))
    {
      *it = as_float;
      cure_by_type (text, it, PL_TYPE (PL_FLOAT), " takes it then");
      is_found = TRUE;
    }
  /* Numbers with a point in this column or another would be none then. */
  return (is_found && !it->is_comma) || pl_cure_by_expression (text, it) || is_found || cure_plain (text, it);
}

static gboolean
cure_time (GString *text, PlCure *it)
{
  gint64 microseconds;
  gboolean zoned;
  if (it->others.kind != PL_DATE || !pl_parse_loose_timestamp (it->value, it->length, &microseconds, &zoned))
    return pl_cure_by_format (text, it) || pl_cure_by_digits (text, it);
  cure_by_type (text, it, PL_TYPE (PL_TIMESTAMP), " takes it");
  return TRUE;
}

/* Of a value that is like none of the type. */
static void
cure_any (GString *text, PlCure *it)
{
  pl_cure_as_null (text, it);
  pl_cure_keep (text, it, PL_TYPE (PL_STRING));
  if (it->source->on_bad_row == PL_BAD_ROW_FAIL)
    {
      pl_cure_start (text, it);
      g_string_append (text, "on-bad-row = skip leaves its row out");
    }
}

char *
pl_pin_cure (const PlSource *source, guint column, const char *value)
{
  const PlField *field = &source->schema->fields[column];
  g_autofree char *name = pl_source_item (field->name);
  PlCure it = {.source = source,
               .column = column,
               .value = value,
               .length = strlen (value),
               .name = name,
               .others = field->type,
               .is_pinned = TRUE};
  GString *text = g_string_new (NULL);
  const gboolean is_found = pl_looks_null (value, it.length)   ? FALSE
                            : pl_type_is_numeric (field->type) ? cure_number (text, &it)
                            : field->type.kind == PL_BOOL      ? pl_cure_by_word (text, &it)
                                                               : cure_time (text, &it);
  if (!is_found)
    cure_any (text, &it);
  return g_string_free (text, FALSE);
}
