/* Which keys help against texts among numbers, dates and bools: see source-cure.h. */
#include "source-cure.h"

#include <string.h>

#include "../table/looks.h"
#include "cure.h"
#include "number-cure.h"
#include "number-style.h"
#include "time-cure.h"
#include "trial.h"

/* Whether @data has the type of the others, without anything done to it. */
static gboolean
is_natural (const PlCure *it, const char *data, gsize length)
{
  const PlGuess guess = pl_trial_guess (it->source, it->column, data, length);
  if (pl_type_is_numeric (it->others))
    return pl_guess_is_number (guess);
  if (it->others.kind == PL_BOOL)
    return pl_guess_has (guess, PL_SEEN_BOOL) || pl_guess_has (guess, PL_SEEN_FORMATTED_BOOL);
  return it->others.zoned ? pl_guess_has (guess, PL_SEEN_ZONED) || pl_guess_has (guess, PL_SEEN_FORMATTED_ZONED)
                          : (guess.seen
                             & (1u << PL_SEEN_DATE | 1u << PL_SEEN_TIMESTAMP | 1u << PL_SEEN_FORMATTED_DATE
                                | 1u << PL_SEEN_FORMATTED_TIMESTAMP))
                                != 0;
}

/* What trim drops: the blanks of fields that are not quoted. */
static gboolean
cures_by_trim (const PlCure *it)
{
  const char *data = it->value;
  gsize length = it->length;
  for (; length > 0 && pl_dialect_is_space (&it->source->dialect, *data); length--)
    data++;
  while (length > 0 && pl_dialect_is_space (&it->source->dialect, data[length - 1]))
    length--;
  return !it->is_quoted && length < it->length && !it->source->dialect.trim && is_natural (it, data, length);
}

/* 007 is 7 as a number, and 07 is the same one. */
static gboolean
has_zeros (const PlCure *it)
{
  const char *data = it->value;
  gsize length = it->length;
  pl_parse_trim (&data, &length);
  if (length > 0 && (*data == '-' || *data == '+'))
    {
      data++;
      length--;
    }
  return length > 1 && *data == '0' && g_ascii_isdigit (data[1]);
}

/* The value as a pinned column takes it. */
static gboolean
cure_by_type (GString *text, PlCure *it)
{
  const gboolean is_number = pl_type_is_numeric (it->others);
  PlCellValue value;
  guint scale;
  PlType type = it->others;
  gboolean is_taken = pl_trial_pin (it->source, it->column, NULL, type, it->value, it->length, &value);
  if (!is_taken && type.kind == PL_INT)
    {
      type = PL_TYPE (PL_FLOAT);
      is_taken = pl_trial_pin (it->source, it->column, NULL, type, it->value, it->length, &value);
    }
  gint64 moment;
  gboolean zoned;
  if (is_taken && type.kind == PL_TIMESTAMP && pl_parse_loose_timestamp (it->value, it->length, &moment, &zoned)
      && zoned != type.zoned)
    return FALSE;
  if (!is_taken)
    return FALSE;
  if (type.kind == PL_FLOAT && !pl_dialect_restyles_numbers (&it->source->dialect)
      && pl_is_overlong (it->value, it->length, value.number, &scale))
    {
      it->others = type;
      pl_cure_as_text (text, it);
      return TRUE;
    }
  const gboolean is_code = is_number && has_zeros (it);
  if (is_code && it->keeps.kind != PL_NULL)
    pl_cure_keep (text, it, it->keeps);
  const gboolean has_blanks = cures_by_trim (it);
  if (has_blanks)
    {
      pl_cure_start (text, it);
      g_string_append (text, "trim = true drops its blanks");
    }
  pl_cure_start (text, it);
  pl_cure_append_type (text, it, pl_type_name (type));
  g_string_append (text, has_blanks ? " takes it as it is" : is_number ? " takes it as a number" : " takes it as one");
  if (!is_code && it->keeps.kind != PL_NULL)
    pl_cure_keep (text, it, it->keeps);
  return TRUE;
}

static PlCure
cure_of (const PlSource *source, guint column, const PlWitness *witness, PlType others, char *name)
{
  return (PlCure){.source = source,
                  .column = column,
                  .value = witness->text,
                  .length = strlen (witness->text),
                  .name = name,
                  .others = others,
                  .is_quoted = witness->is_quoted};
}

void
pl_source_append_cure (GString *text, const PlSource *source, guint column, const PlWitness *witness, PlType others,
                       PlType keeps)
{
  g_autofree char *name = pl_source_item (source->schema->fields[column].name);
  PlCure it = cure_of (source, column, witness, others, name);
  it.keeps = keeps;
  const gboolean is_known = others.kind != PL_STRING && others.kind != PL_NULL;
  if (is_known && cure_by_type (text, &it))
    return;
  const gboolean is_cured
      = is_known
        && (pl_cure_by_style (text, &it) || pl_cure_by_format (text, &it) || pl_cure_by_expression (text, &it));
  if (is_known && !is_cured)
    {
      if (!pl_looks_null (it.value, it.length)
          && pl_guess_has (pl_trial_guess (source, column, it.value, it.length), PL_SEEN_TEXT))
        pl_cure_by_word (text, &it);
      pl_cure_as_null (text, &it);
      /* A path is no row. */
      if (!pl_source_is_of_paths (source, column))
        {
          pl_cure_start (text, &it);
          pl_cure_append_type (text, &it, pl_type_name (others));
          g_string_append (text, " makes such rows bad ones");
        }
    }
  if (keeps.kind != PL_NULL && !it.is_kept)
    pl_cure_keep (text, &it, keeps);
}

gboolean
pl_source_append_reading (GString *text, const PlSource *source, guint column, const PlWitness *witness,
                          PlTypeKind wanted)
{
  static const PlType types[]
      = {{.kind = PL_BOOL}, {.kind = PL_INT}, {.kind = PL_TIMESTAMP}, {.kind = PL_TIMESTAMP, .zoned = 1}};
  const PlType type = PL_TYPE (wanted);
  const gboolean wants_time = wanted == PL_DATE || wanted == PL_TIMESTAMP;
  g_autofree char *name = pl_source_item (source->schema->fields[column].name);
  gboolean is_found = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (types) && !is_found; i++)
    {
      PlCure it = cure_of (source, column, witness, types[i], name);
      if (wanted == PL_NULL
              ? i > 0
              : (i == 0 && wanted == PL_BOOL) || (i == 1 && pl_type_is_numeric (type)) || (i > 1 && wants_time))
        is_found = cure_by_type (text, &it) || pl_cure_by_style (text, &it) || pl_cure_by_format (text, &it)
                   || (wants_time && pl_cure_by_digits (text, &it)) || pl_cure_by_expression (text, &it);
    }
  return is_found;
}
