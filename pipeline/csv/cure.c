/* What all cures are written with: see cure.h. */
#include "cure.h"

#include <string.h>

#include "../base/show.h"
#include "trial.h"

/* Longer values are no help in a key. */
#define MOST_IN_A_KEY 24

/* In quotes, where an item of a list needs them; ${ is a reference in a job file. Returns: (transfer full) */
static char *
quote (const char *text, const char *special)
{
  const gsize length = strlen (text);
  const gboolean is_edged = length == 0 || g_ascii_isspace (text[0]) || g_ascii_isspace (text[length - 1]);
  g_auto (GStrv) parts = g_strsplit (text, "${", -1);
  g_autofree char *written = g_strjoinv ("$${", parts);
  if (!is_edged && strpbrk (text, special) == NULL)
    return g_steal_pointer (&written);
  g_auto (GStrv) between = g_strsplit (written, "\"", -1);
  g_autofree char *inner = g_strjoinv ("\"\"", between);
  return g_strconcat ("\"", inner, "\"", NULL);
}

char *
pl_source_item (const char *name)
{
  return quote (name, ";:\"'(%");
}

void
pl_cure_start (GString *text, PlCure *it)
{
  g_string_append (text, it->n++ == 0 ? "; " : ", ");
}

void
pl_cure_append_key (GString *text, const char *key, const char *item, gboolean has_key)
{
  g_string_append_printf (text, has_key ? "%s with %s added" : "%s = %s", key, item);
}

static gint
field_of (const PlSource *source, guint column)
{
  return source->files->len > 0 ? ((const PlSourceFile *) g_ptr_array_index (source->files, 0))->fields[column] : 0;
}

/* Whether the job has types for other columns. */
static gboolean
has_types (const PlSource *source)
{
  for (guint i = 0; i < source->schema->n_fields; i++)
    if (source->readings[i].is_pinned && field_of (source, i) >= -1)
      return TRUE;
  return FALSE;
}

void
pl_cure_append_type (GString *text, const PlCure *it, const char *type)
{
  g_autofree char *item = g_strdup_printf ("%s:%s", it->name, type);
  if (pl_source_is_of_paths (it->source, it->column))
    pl_cure_append_key (text, "path-columns", item, FALSE);
  else
    pl_cure_append_key (text, "types", item, !it->is_pinned && has_types (it->source));
}

void
pl_cure_keep (GString *text, PlCure *it, PlType type)
{
  pl_cure_start (text, it);
  it->is_kept = TRUE;
  pl_cure_append_type (text, it, pl_type_name (type));
  g_string_append_printf (text, " keeps all as %s",
                          type.kind == PL_STRING      ? "text"
                          : pl_type_is_numeric (type) ? "numbers"
                          : type.kind == PL_BOOL      ? "bools"
                          : type.kind == PL_DATE      ? "dates"
                                                      : "timestamps");
}

/* As null-values reads it: what is not seen is \u00a0 there. Returns: (nullable): it cannot be written */
static char *
null_item (const PlCure *it)
{
  g_autoptr (GString) written = g_string_new (NULL);
  if (it->length == 0 || it->length > MOST_IN_A_KEY || !g_utf8_validate (it->value, (gssize) it->length, NULL))
    return NULL;
  for (const char *p = it->value; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);
      const gboolean is_escape = *p == '\\' && p[1] == 'u';
      if (!is_escape && !pl_show_hides (c, PL_SHOW_LINE))
        g_string_append_unichar (written, c);
      else if (c > 0xffff)
        return NULL;
      else
        g_string_append_printf (written, "\\u%04x", c);
    }
  g_autofree char *item = quote (written->str, ";:\"'(");
  return g_strdup_printf ("%s:%s", it->name, item);
}

gboolean
pl_cure_as_null (GString *text, PlCure *it)
{
  const PlSource *source = it->source;
  g_autofree char *item = null_item (it);
  gboolean has_nulls = source->dialect.null_values != NULL;
  for (guint i = 0; source->null_values != NULL && i < source->n_null_values; i++)
    has_nulls |= source->null_values[i] != NULL;
  if (item == NULL)
    return FALSE;
  pl_cure_start (text, it);
  pl_cure_append_key (text, "null-values", item, has_nulls);
  g_string_append (text, " makes it null");
  return TRUE;
}

char *
pl_cure_expression_name (const PlCure *it)
{
  const char *name = it->source->schema->fields[it->column].name;
  gboolean is_plain = *name != '\0' && !g_ascii_isdigit (*name);
  for (const char *c = name; *c != '\0'; c++)
    is_plain = is_plain && (g_ascii_isalnum (*c) || *c == '_');
  if (is_plain)
    return g_strdup (name);
  g_auto (GStrv) parts = g_strsplit (name, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);
  return g_strdup_printf ("\"%s\"", doubled);
}

/* The format that reads it, of those that the column has. */
static const char *
find_format (const PlCure *it)
{
  const PlDialect *dialect = &it->source->dialect;
  gint64 moment;
  gboolean zoned;
  for (guint i = 0; i < dialect->n_date_formats; i++)
    if ((it->source->readings[it->column].style.formats >> i & 1) != 0
        && pl_parse_formatted (it->value, it->length, dialect->date_formats[i].text, &moment, &zoned, NULL))
      return dialect->date_formats[i].text;
  return NULL;
}

void
pl_cure_as_text (GString *text, PlCure *it)
{
  const char *format = it->others.kind == PL_TIMESTAMP ? find_format (it) : NULL;
  g_autofree char *name = pl_cure_expression_name (it);
  PlCellValue value;
  pl_cure_keep (text, it, PL_TYPE (PL_STRING));
  if (format != NULL)
    g_string_append_printf (text, ", of which strptime(%s, '%s') makes timestamps of microseconds", name, format);
  else if (pl_trial_pin (it->source, it->column, NULL, it->others, it->value, it->length, &value))
    g_string_append_printf (text, ", of which cast(%s as %s) makes %s", name, pl_type_name (it->others),
                            it->others.kind == PL_TIMESTAMP ? "timestamps of microseconds" : "rounded floats");
}

/* As an item of true-values and false-values. Returns: (nullable): it cannot be written there */
static char *
word_item (const char *value)
{
  const gsize length = strlen (value);
  g_autofree char *shown = pl_show (value);
  return length == 0 || length > MOST_IN_A_KEY || strcmp (shown, value) != 0 ? NULL : quote (value, ";\"'(");
}

gboolean
pl_cure_by_word (GString *text, PlCure *it)
{
  const PlDialect *dialect = &it->source->dialect;
  g_autofree char *item = word_item (it->value);
  if (item == NULL || it->others.kind != PL_BOOL)
    return FALSE;
  pl_cure_start (text, it);
  pl_cure_append_key (text, "true-values", item, dialect->true_values != NULL);
  g_string_append (text, " or ");
  pl_cure_append_key (text, "false-values", item, dialect->false_values != NULL);
  g_string_append (text, " takes it for one");
  return TRUE;
}
