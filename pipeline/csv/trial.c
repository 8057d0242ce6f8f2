/* See trial.h. Readers and trials share the converter, so that what a trial takes, a run does, too. */
#include "trial.h"

gboolean
pl_trial_pin (const PlSource *source, guint column, const PlDialect *dialect, PlType type, const char *data,
              gsize length, PlCellValue *value)
{
  const PlGuessStyle style = source->readings[column].style;
  const PlReading reading
      = {.style = style, .reads = style.formats & (guint16) ~PL_FORMAT_OF_BOOLS, .is_pinned = TRUE, .is_certain = TRUE};
  PlConverter converter;
  if (type.kind == PL_STRING)
    return TRUE;
  pl_converter_init (&converter, NULL, dialect != NULL ? dialect : &source->dialect);
  const gboolean is_taken = pl_converter_parse (&converter, &reading, data, length, type, value);
  pl_converter_clear (&converter);
  return is_taken;
}

PlGuess
pl_trial_guess (const PlSource *source, guint column, const char *data, gsize length)
{
  PlConverter converter;
  const PlText text = {.data = data, .length = (guint32) length};
  pl_converter_init (&converter, NULL, &source->dialect);
  const PlGuess guess = pl_converter_guess (&converter, &source->readings[column].style, text);
  pl_converter_clear (&converter);
  return guess;
}
