/* What a text is by a dialect: of which type, and of which value. pl_converter_parse() is the definition that all loops
 * keep to. */
#include "converter.h"
#include "../table/calendar.h"
#include "../table/parse.h"
#include "number-style.h"

void
pl_converter_init (PlConverter *converter, const PlRecords *records, const PlDialect *dialect)
{
  *converter = (PlConverter){
      .records = records,
      .dialect = dialect,
      .restyles = pl_dialect_restyles_numbers (dialect),
      .keeps_text = pl_dialect_keeps_text (dialect),
  };
  pl_null_texts_init (&converter->nulls, dialect->null_values);
}

void
pl_converter_clear (PlConverter *converter)
{
  pl_null_texts_clear (&converter->nulls);
}

static gboolean
parse_moment (const PlConverter *converter, const char *data, gsize length, PlType type, PlCellValue *value)
{
  gboolean zoned = FALSE;
  const char *format = converter->dialect->date_format;
  if (format == NULL)
    {
      if (type.kind == PL_DATE)
        return pl_parse_date (data, length, &value->days);
      return pl_parse_timestamp (data, length, &value->integer, &zoned) && zoned == type.zoned;
    }
  gint64 microseconds;
  if (!pl_parse_formatted (data, length, format, &microseconds, &zoned))
    return FALSE;
  if (type.kind == PL_TIMESTAMP)
    {
      value->integer = microseconds;
      return zoned == type.zoned;
    }
  gint64 days = microseconds / PL_USEC_PER_DAY - (microseconds % PL_USEC_PER_DAY < 0);
  value->days = (gint32) days;
  return days * PL_USEC_PER_DAY == microseconds;
}

gboolean
pl_converter_parse (const PlConverter *converter, const char *data, gsize length, PlType type, PlCellValue *value)
{
  char styled[PL_NUMBER_MAX];
  if (converter->restyles && pl_type_is_numeric (type))
    {
      length = pl_restyle_number (converter->dialect, data, length, styled);
      data = styled;
    }
  switch ((PlTypeKind) type.kind)
    {
    case PL_BOOL:
      return pl_parse_bool (data, length, &value->flag);
    case PL_INT:
      return pl_parse_int (data, length, &value->integer);
    case PL_FLOAT:
      if (!pl_parse_float (data, length, &value->number))
        return FALSE;
      if (!pl_parse_exact (data, length, &value->mantissa, &value->scale))
        {
          value->mantissa = 0;
          value->scale = PL_SCALE_INEXACT;
        }
      return TRUE;
    case PL_DECIMAL:
      return pl_parse_decimal (data, length, type.precision, type.scale, &value->decimal);
    case PL_DATE:
    case PL_TIMESTAMP:
      return parse_moment (converter, data, length, type, value);
    case PL_STRING:
      return TRUE;
    case PL_NULL:
      break;
    }
  return FALSE;
}

PlType
pl_converter_classify (const PlConverter *converter, PlText text)
{
  const char *data = text.data;
  gsize length = text.length;
  gint64 microseconds;
  gboolean zoned;
  const char *format = converter->dialect->date_format;
  if (format != NULL && pl_parse_formatted (data, length, format, &microseconds, &zoned))
    {
      gboolean has_time = FALSE;
      pl_format_check (format, &has_time, NULL);
      return has_time ? (PlType){.kind = PL_TIMESTAMP, .zoned = zoned} : PL_TYPE (PL_DATE);
    }
  PlType type = pl_classify (data, length);
  if (format != NULL && (type.kind == PL_DATE || type.kind == PL_TIMESTAMP))
    return PL_TYPE (PL_STRING);
  if (!converter->restyles || (type.kind != PL_STRING && !pl_type_is_numeric (type)))
    return type;
  char styled[PL_NUMBER_MAX];
  length = pl_restyle_number (converter->dialect, data, length, styled);
  PlType number = length > 0 ? pl_classify (styled, length) : PL_TYPE (PL_STRING);
  return pl_type_is_numeric (number) ? number : PL_TYPE (PL_STRING);
}
