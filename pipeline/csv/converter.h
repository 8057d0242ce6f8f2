/* What a text is by a dialect: of which type, and of which value. */
#pragma once
#include "fields.h"

G_BEGIN_DECLS

typedef struct
{
  const PlRecords *records;
  const PlDialect *dialect;
  PlNullTexts nulls;
  gboolean restyles; /* numbers are written with thousands separators or decimal commas */
  gboolean keeps_text;
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
/** pl_converter_parse: Returns: whether the text is of @type; its value is in @value. */
gboolean pl_converter_parse (const PlConverter *converter, const char *data, gsize length, PlType type,
                             PlCellValue *value);
/** pl_converter_classify: the narrowest type of @text by this dialect. */
PlType pl_converter_classify (const PlConverter *converter, PlText text);

G_END_DECLS
