/* What a text is by a dialect: of which type, and of which value. */
#pragma once
#include "fields.h"
#include "overlong.h"
#include "reading.h"

G_BEGIN_DECLS

typedef struct
{
  const PlRecords *records;
  const PlDialect *dialect;
  PlNullTexts nulls;
  PlNullTexts truths[2];   /* false-values and true-values */
  gboolean restyles;       /* numbers are written with thousands separators or decimal commas */
  gboolean tells_rounded;  /* with overlong: doubles are made of all numbers, also of those that are exact decimals */
  PlOverlongRow *overlong; /* (nullable): where a number of the column that floats cannot hold is to be told */
} PlConverter;

/* One value of any type that is not text, with its exact decimal. */
typedef union
{
  guint8 flag;
  gint64 integer;
  gint32 days;
  PlInt128 decimal;
  struct
  {
    double number;
    gint64 mantissa;
    guint8 scale;
  };
} PlCellValue;

void pl_converter_init (PlConverter *converter, const PlRecords *records, const PlDialect *dialect);
void pl_converter_clear (PlConverter *converter);
/** pl_converter_parse: Returns: whether the text is of @type, in a column that is read so; its value is in @value. A
 * pinned column takes what a cast does. */
gboolean pl_converter_parse (const PlConverter *converter, const PlReading *reading, const char *data, gsize length,
                             PlType type, PlCellValue *value);
/** pl_converter_tell_overlong: tells of row @row of a float column, whose double is @value, if floats cannot hold it.
 */
void pl_converter_tell_overlong (const PlConverter *converter, PlText text, double value, gsize row);
/** pl_converter_tell_fine: the same of @text, a timestamp, where it says more than microseconds. */
void pl_converter_tell_fine (const PlConverter *converter, const PlReading *reading, PlText text, gsize row);
/** pl_converter_guess: what @text is by this dialect, in a column of @style. */
PlGuess pl_converter_guess (const PlConverter *converter, const PlGuessStyle *style, PlText text);
/** pl_converter_keeps: Returns: whether texts of @type can pass through as they stand; where they are dates of another
 * form than ISO's, or numbers of another style, they are rewritten to be understood elsewhere. */
gboolean pl_converter_keeps (const PlConverter *converter, const PlReading *reading, PlType type);
/** pl_converter_agrees: Returns: whether @text, whose value as @type is @value, leaves a guess of @type what it is:
 * "12" may be read as a decimal, but a sample with it in would have led to another guess. */
gboolean pl_converter_agrees (const PlConverter *converter, const PlReading *reading, PlText text, PlType type,
                              const PlCellValue *value);

G_END_DECLS
