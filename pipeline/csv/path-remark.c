/* See path-remark.h. A month is 01 in most paths, which is a text until somebody says that it is a number. */
#include "path-remark.h"

#include <string.h>

#include "../base/show.h"
#include "../table/guess.h"
#include "../table/parse.h"
#include "number-style.h"
#include "path-columns.h"
#include "cure.h"
#include "trial.h"

/* The value of a file; %NULL: it is null. */
static const char *
value_of (const PlSource *source, guint file, guint column)
{
  const PlSourceFile *it = g_ptr_array_index (source->files, file);
  return it->path_values[PL_FIELD_OF_PATH - it->fields[column]];
}

static gboolean
reads (const PlSource *source, guint column, PlType type, const char *value)
{
  PlCellValue taken;
  return pl_trial_pin (source, column, NULL, type, value, strlen (value), &taken);
}

/* The type that takes all values and is no text. Returns: (nullable): its name. */
static const char *
find_type (const PlSource *source, guint column, const char **what)
{
  static const struct
  {
    PlTypeKind kind;
    const char *what;
  } types[] = {{PL_INT, "a number"}, {PL_FLOAT, "a number"}, {PL_DATE, "a date"}, {PL_TIMESTAMP, "a timestamp"}};
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      gboolean fits = TRUE;
      for (guint j = 0; j < source->files->len; j++)
        {
          const char *value = value_of (source, j, column);
          fits = fits && (value == NULL || reads (source, column, PL_TYPE (types[i].kind), value));
        }
      *what = types[i].what;
      if (fits)
        return pl_type_name (PL_TYPE (types[i].kind));
    }
  return NULL;
}

/* The file whose value decides: of a column of texts the first that is one as it stands; of others the first that has
 * one. -1: none has */
static gint
find_witness (const PlSource *source, guint column)
{
  gint first = -1, first_text = -1;
  const PlGuessStyle *style = &source->readings[column].style;
  for (guint i = 0; i < source->files->len; i++)
    {
      const char *value = value_of (source, i, column);
      if (value == NULL)
        continue;
      const gboolean is_text = pl_guess_type (pl_guess_text (value, strlen (value)), style, NULL).kind == PL_STRING;
      first = first < 0 ? (gint) i : first;
      first_text = is_text && first_text < 0 ? (gint) i : first_text;
    }
  return first_text >= 0 ? first_text : first;
}

PlTypeTold
pl_path_remark (const PlSource *source, guint column, PlTypeKind wanted, char **text)
{
  const PlField *field = &source->schema->fields[column];
  const gboolean is_text = field->type.kind == PL_STRING;
  const char *what = NULL;
  *text = NULL;
  if (!pl_source_is_of_paths (source, column))
    return PL_TYPE_TOLD_NOTHING;
  const gint witness = find_witness (source, column);
  if (witness < 0)
    return PL_TYPE_TOLD_NOTHING;
  const char *value = value_of (source, (guint) witness, column);
  const char *cure = is_text ? find_type (source, column, &what) : "string";
  if (cure == NULL)
    return PL_TYPE_TOLD_NOTHING;
  g_autofree char *shown = pl_show_some (value, strlen (value), PL_WITNESS_SHOWN);
  g_autofree char *folder = pl_path_columns_folder (g_ptr_array_index (source->files, witness), field->name);
  g_autofree char *item = pl_source_item (field->name);
  GString *clause = g_string_new (NULL);
  g_string_append_printf (clause, "column '%s' is %s, its value '%s' of the folder '%s'", field->name,
                          is_text ? "text" : pl_type_name (field->type), shown, folder != NULL ? folder : "");
  g_string_append_printf (clause, "; path-columns = %s:%s makes it %s", item, cure, is_text ? what : "text");
  *text = g_string_free (clause, is_text == (wanted == PL_STRING));
  return is_text ? PL_TYPE_OF_TEXTS : PL_TYPE_OF_VALUES;
}

gboolean
pl_path_overlong (const PlSource *source, guint column, PlOverlong *found)
{
  const PlTypeKind kind = (PlTypeKind) source->schema->fields[column].type.kind;
  const guint uses = source->uses != NULL ? source->uses[column] : PL_USE_NONE;
  *found = (PlOverlong){.column = column};
  if ((uses & (PL_USE_EXACT | PL_USE_COMPUTE)) == 0 || !pl_source_is_of_paths (source, column)
      || pl_dialect_restyles_numbers (&source->dialect))
    return FALSE;
  for (guint i = 0; i < source->files->len; i++)
    {
      const char *value = value_of (source, i, column);
      const gsize length = value != NULL ? strlen (value) : 0;
      double number;
      gint64 mantissa;
      guint8 scale;
      gboolean is_long = value != NULL && kind == PL_TIMESTAMP && pl_timestamp_is_fine (value, length);
      if (value != NULL && kind == PL_FLOAT && pl_parse_loose_float (value, length, &number))
        /* Sums take decimals as they are. */
        is_long = ((uses & PL_USE_COMPUTE) != 0 || !pl_parse_exact (value, length, &mantissa, &scale))
                  && pl_is_overlong (value, length, number, &found->scale);
      if (!is_long)
        continue;
      found->file = i;
      found->text = pl_show_some (value, length, PL_WITNESS_SHOWN);
      return TRUE;
    }
  return FALSE;
}
