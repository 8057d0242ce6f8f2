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
  };
  pl_null_texts_init (&converter->nulls, dialect->null_values);
  pl_null_texts_init (&converter->truths[0], dialect->false_values);
  pl_null_texts_init (&converter->truths[1], dialect->true_values);
}

void
pl_converter_clear (PlConverter *converter)
{
  pl_null_texts_clear (&converter->nulls);
  pl_null_texts_clear (&converter->truths[0]);
  pl_null_texts_clear (&converter->truths[1]);
}

static gboolean
parse_bool (const PlConverter *converter, const char *data, gsize length, guint8 *value)
{
  for (guint8 truth = 0; truth < 2; truth++)
    if (pl_null_texts_have (&converter->truths[truth], data, length))
      {
        *value = truth;
        return TRUE;
      }
  return pl_parse_bool (data, length, value);
}

/* By one format. @any_zone: a timestamp may have a zone, or have none, whatever its type says */
static gboolean
parse_formatted (const PlDateFormat *format, const char *data, gsize length, PlType type, gboolean any_zone,
                 PlCellValue *value)
{
  gint64 microseconds;
  gboolean zoned;
  if (!pl_parse_formatted (data, length, format->text, &microseconds, &zoned, NULL))
    return FALSE;
  if (type.kind == PL_TIMESTAMP)
    {
      value->integer = microseconds;
      return any_zone || zoned == type.zoned;
    }
  value->days = pl_floor_days (microseconds);
  return value->days * PL_USEC_PER_DAY == microseconds;
}

static gboolean
parse_moment (const PlConverter *converter, const PlReading *reading, const char *data, gsize length, PlType type,
              PlCellValue *value)
{
  gboolean zoned = FALSE;
  for (guint reads = reading->reads; G_UNLIKELY (reads != 0); reads &= reads - 1)
    if (parse_formatted (&converter->dialect->date_formats[__builtin_ctz (reads)], data, length, type, FALSE, value))
      return TRUE;
  if (type.kind == PL_DATE)
    return pl_parse_date (data, length, &value->days);
  return pl_parse_timestamp (data, length, &value->integer, &zoned) && zoned == type.zoned;
}

/* The decimal of a float with blanks around and zeros in front. */
static void
parse_loose_exact (const char *data, gsize length, PlCellValue *value)
{
  PlInt128 decimal;
  value->mantissa = 0;
  value->scale = PL_SCALE_INEXACT;
  for (guint8 scale = 0; scale <= 18; scale++)
    if (pl_parse_loose_decimal (data, length, 18, scale, &decimal))
      {
        /* Of -0 only the double has the sign. */
        value->mantissa = (gint64) decimal;
        value->scale = scale;
        return;
      }
}

/* As a pin takes it: blanks around, and a zone or none. */
static gboolean
parse_moment_loosely (const PlConverter *converter, const PlReading *reading, const char *data, gsize length,
                      PlType type, PlCellValue *value)
{
  gboolean zoned;
  pl_parse_trim (&data, &length);
  for (guint reads = reading->reads; reads != 0; reads &= reads - 1)
    if (parse_formatted (&converter->dialect->date_formats[__builtin_ctz (reads)], data, length, type, TRUE, value))
      return TRUE;
  if (type.kind == PL_DATE)
    return pl_parse_loose_date (data, length, &value->days);
  return pl_parse_loose_timestamp (data, length, &value->integer, &zoned);
}

/* What a cast takes, too. */
static gboolean
parse_loosely (const PlConverter *converter, const PlReading *reading, const char *data, gsize length, PlType type,
               PlCellValue *value)
{
  switch ((PlTypeKind) type.kind)
    {
    case PL_BOOL:
      pl_parse_trim (&data, &length);
      return parse_bool (converter, data, length, &value->flag) || pl_parse_loose_bool (data, length, &value->flag);
    case PL_INT:
      return pl_parse_loose_int (data, length, &value->integer);
    case PL_FLOAT:
      if (!pl_parse_loose_float (data, length, &value->number))
        return FALSE;
      parse_loose_exact (data, length, value);
      return TRUE;
    case PL_DECIMAL:
      return pl_parse_loose_decimal (data, length, type.precision, type.scale, &value->decimal);
    case PL_DATE:
    case PL_TIMESTAMP:
      return parse_moment_loosely (converter, reading, data, length, type, value);
    case PL_STRING:
    case PL_NULL:
      break;
    }
  return FALSE;
}

static gboolean
parse_strictly (const PlConverter *converter, const PlReading *reading, const char *data, gsize length, PlType type,
                PlCellValue *value)
{
  switch ((PlTypeKind) type.kind)
    {
    case PL_BOOL:
      return parse_bool (converter, data, length, &value->flag);
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
      return parse_moment (converter, reading, data, length, type, value);
    case PL_STRING:
      return TRUE;
    case PL_NULL:
      break;
    }
  return FALSE;
}

gboolean
pl_converter_parse (const PlConverter *converter, const PlReading *reading, const char *data, gsize length, PlType type,
                    PlCellValue *value)
{
  char styled[PL_NUMBER_MAX];
  if (converter->restyles && pl_type_is_numeric (type))
    {
      if (reading->is_pinned)
        pl_parse_trim (&data, &length);
      length = pl_restyle_number (converter->dialect, data, length, styled);
      data = styled;
    }
  if (parse_strictly (converter, reading, data, length, type, value))
    return TRUE;
  /* A guessed decimal holds numbers of every form, too. */
  if (!reading->is_pinned && type.kind != PL_DECIMAL)
    return FALSE;
  return parse_loosely (converter, reading, data, length, type, value);
}

void
pl_converter_tell_overlong (const PlConverter *converter, PlText text, double value, gsize row)
{
  char styled[PL_NUMBER_MAX];
  const char *data = text.data;
  gsize length = text.length;
  guint scale;
  if (row >= converter->overlong->row)
    return;
  if (converter->restyles)
    {
      pl_parse_trim (&data, &length);
      length = pl_restyle_number (converter->dialect, data, length, styled);
      data = styled;
    }
  if (pl_is_overlong (data, length, value, &scale))
    *converter->overlong = (PlOverlongRow){row, scale};
}

void
pl_converter_tell_fine (const PlConverter *converter, const PlReading *reading, PlText text, gsize row)
{
  const char *data = text.data;
  gsize length = text.length;
  if (row >= converter->overlong->row)
    return;
  pl_parse_trim (&data, &length);
  gboolean is_fine = pl_timestamp_is_fine (data, length);
  for (guint reads = reading->reads; reads != 0 && !is_fine; reads &= reads - 1)
    {
      const char *format = converter->dialect->date_formats[__builtin_ctz (reads)].text;
      gint64 microseconds;
      gboolean zoned, finer = FALSE;
      if (strstr (format, "%f") != NULL && pl_parse_formatted (data, length, format, &microseconds, &zoned, &finer))
        is_fine = finer;
    }
  if (is_fine)
    *converter->overlong = (PlOverlongRow){row, 0};
}

static PlGuess
guess_natural (const PlConverter *converter, PlText text)
{
  PlGuess guess = pl_guess_text (text.data, text.length);
  if (!converter->restyles || !(pl_guess_is_number (guess) || pl_guess_has (guess, PL_SEEN_TEXT)))
    return guess;
  char styled[PL_NUMBER_MAX];
  gsize length = pl_restyle_number (converter->dialect, text.data, text.length, styled);
  PlGuess number = {0};
  if (length > 0)
    number = pl_guess_text (styled, length);
  return pl_guess_is_number (number) || pl_guess_has (number, PL_SEEN_HUGE) ? number
                                                                            : (PlGuess){.seen = 1u << PL_SEEN_TEXT};
}

PlGuess
pl_converter_guess (const PlConverter *converter, const PlGuessStyle *style, PlText text)
{
  PlGuess guess = guess_natural (converter, text);
  guint8 truth;
  gboolean is_read = FALSE, is_bool = FALSE;
  if (G_LIKELY (style->formats == 0) || text.length == 0)
    return guess;
  if ((style->formats & PL_FORMAT_OF_BOOLS) != 0)
    {
      is_bool = parse_bool (converter, text.data, text.length, &truth);
      guess.misread |= is_bool ? 0 : PL_FORMAT_OF_BOOLS;
    }
  for (guint rest = style->formats & ~PL_FORMAT_OF_BOOLS; rest != 0; rest &= rest - 1)
    {
      guint i = (guint) __builtin_ctz (rest);
      const PlDateFormat *format = &converter->dialect->date_formats[i];
      gint64 microseconds;
      gboolean zoned, is_fine;
      if (!pl_parse_formatted (text.data, text.length, format->text, &microseconds, &zoned, &is_fine))
        {
          guess.misread |= (guint16) (1u << i);
          continue;
        }
      guess.seen |= (guint32) (is_fine != FALSE) << PL_SEEN_FINE;
      if (!is_read)
        guess.seen |= 1u << (zoned                    ? PL_SEEN_FORMATTED_ZONED
                             : format->shape.has_time ? PL_SEEN_FORMATTED_TIMESTAMP
                                                      : PL_SEEN_FORMATTED_DATE);
      is_read = TRUE;
    }
  if (!is_read)
    guess.seen |= is_bool ? 1u << PL_SEEN_FORMATTED_BOOL : pl_guess_formatted (guess);
  return guess;
}

gboolean
pl_converter_keeps (const PlConverter *converter, const PlReading *reading, PlType type)
{
  if (pl_type_is_numeric (type))
    return !converter->restyles;
  return (type.kind != PL_DATE && type.kind != PL_TIMESTAMP) || reading->reads == 0;
}

gboolean
pl_converter_agrees (const PlConverter *converter, const PlReading *reading, PlText text, PlType type,
                     const PlCellValue *value)
{
  if (reading->is_certain)
    return TRUE;
  /* Of floats, which are looked at most often, the double is there. */
  PlNumberShape shape;
  if (type.kind == PL_FLOAT && !converter->restyles && reading->style.formats == 0
      && pl_guess_has (reading->guess, PL_SEEN_FLOAT) && pl_number_shape (text.data, text.length, &shape))
    {
      if (shape.has_exponent && shape.significant == 0 && shape.exponent != 0 && !shape.has_point
          && !shape.signed_exponent)
        return FALSE;
      if (shape.has_point || shape.has_exponent || shape.written <= 38)
        return pl_number_is_short (&shape) || pl_number_is_double (&shape, value->number);
    }
  guint16 reads;
  PlGuess guess = pl_guess_join (reading->guess, pl_converter_guess (converter, &reading->style, text));
  return pl_type_equal (pl_guess_type (guess, &reading->style, &reads), type) && reads == reading->reads;
}
