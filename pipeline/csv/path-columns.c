/* Hive's way to write columns as folders: name=value, both with %-codes for what a file system might not take, and one
 * word for null. Values are known before any row is read, so their types are, too. */
#include "path-columns.h"

#include <string.h>
#include "../base/error.h"
#include "../base/show.h"
#include "converter.h"
#include "fields.h"
#include "cure.h"

#define HIVE_NULL "__HIVE_DEFAULT_PARTITION__"

static void
clear_column (gpointer column)
{
  g_free (((PlPathColumn *) column)->name);
}

static gboolean
read_item (PlSourceOptions *options, const PlSetting *setting, const PlItem *item)
{
  PlPathColumn column = {.type = PL_TYPE (PL_NULL), .offset = item->offset};
  const char *colon = strrchr (item->text, ':'), *quote = strrchr (item->text, '"');
  GError *error = NULL;
  /* In a quoted name a colon is one of its characters. */
  if (colon != NULL && quote != NULL && colon < quote)
    colon = NULL;
  g_autofree char *written
      = g_strstrip (colon != NULL ? g_strndup (item->text, (gsize) (colon - item->text)) : g_strdup (item->text));
  g_autofree char *type = colon != NULL ? g_strstrip (g_strdup (colon + 1)) : NULL;
  if (type != NULL && !pl_type_parse (type, &column.type, &error))
    {
      guint offset = item->offset + (guint) g_utf8_pointer_to_offset (item->text, colon + 1);
      pl_issues_take (options->issues, options->settings, setting, offset, error);
      return FALSE;
    }
  column.name = pl_item_unquote (written);
  gboolean is_new = *column.name != '\0' && pl_path_columns_find (options, column.name) == NULL;
  if (is_new)
    g_array_append_val (options->path_columns, column);
  else
    pl_issues_add (options->issues, options->settings, setting, item->offset, PL_JOB_ERROR_BAD_VALUE,
                   *column.name != '\0' ? "column '%s' is named twice" : "a column has no name%s", column.name);
  if (!is_new)
    g_free (column.name);
  return is_new;
}

void
pl_path_columns_read (PlSourceOptions *options)
{
  const PlSetting *setting = pl_source_find_setting (options, "path-columns");
  options->path_columns = g_array_new (FALSE, FALSE, sizeof (PlPathColumn));
  g_array_set_clear_func (options->path_columns, clear_column);
  if (setting == NULL)
    return;
  g_autoptr (GPtrArray) items = pl_items_split (setting->value, ';');
  if (options->command.argv != NULL)
    pl_issues_add (options->issues, options->settings, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'path-columns' is of the folders of files, and a command has none");
  else if (items->len == 0)
    pl_issues_add (options->issues, options->settings, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "path-columns is one or several columns, as year:int; month");
  for (guint i = 0; i < items->len && !pl_issues_are_enough (options->issues); i++)
    read_item (options, setting, g_ptr_array_index (items, i));
}

const PlPathColumn *
pl_path_columns_find (const PlSourceOptions *options, const char *name)
{
  for (guint i = 0; i < options->path_columns->len; i++)
    {
      const PlPathColumn *column = &g_array_index (options->path_columns, PlPathColumn, i);
      if (strcmp (column->name, name) == 0)
        return column;
    }
  return NULL;
}

/* @length bytes of @text with their %-codes replaced; what only looks like one stays. Returns: (transfer full) */
static char *
decode (const char *text, gsize length)
{
  GString *decoded = g_string_new (NULL);
  for (gsize i = 0; i < length; i++)
    if (text[i] == '%' && length - i > 2 && g_ascii_isxdigit (text[i + 1]) && g_ascii_isxdigit (text[i + 2]))
      {
        g_string_append_c (decoded,
                           (char) (g_ascii_xdigit_value (text[i + 1]) << 4 | g_ascii_xdigit_value (text[i + 2])));
        i += 2;
      }
    else
      g_string_append_c (decoded, text[i]);
  if (memchr (decoded->str, '\0', decoded->len) != NULL)
    g_string_assign (decoded, "\xff");
  return g_string_free (decoded, FALSE);
}

/* The folders of @file, as its messages show it: of a zip archive and those in it, but not the archive's own name.
 * Returns: (transfer full) */
static GStrv
list_folders (const PlSourceFile *file)
{
  const char *display = file->display;
  gsize behind = file->member != NULL ? strlen (display) - strlen (file->member->name) : strlen (display);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_auto (GStrv) outer = NULL, inner = NULL;
  g_autofree char *path = g_strndup (display, file->member != NULL ? behind - 1 : behind);
  outer = g_strsplit (path, "/", -1);
  for (guint i = 0; outer[i] != NULL && outer[i + 1] != NULL; i++)
    g_ptr_array_add (parts, g_strdup (outer[i]));
  if (file->member != NULL)
    inner = g_strsplit (display + behind, "/", -1);
  for (guint i = 0; inner != NULL && inner[i] != NULL && inner[i + 1] != NULL; i++)
    g_ptr_array_add (parts, g_strdup (inner[i]));
  g_ptr_array_add (parts, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&parts), FALSE);
}

static gboolean
fail (const PlSourceFile *file, GError **error, const char *what, const char *text)
{
  g_autofree char *shown = pl_show_some (text, strlen (text), PL_WITNESS_SHOWN);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "%s: %s '%s'", file->display, what, shown);
  return FALSE;
}

/* What the path lacks, and what it has. */
static gboolean
fail_missing (const PlSourceFile *file, const PlPathColumn *column, GStrv folders, GError **error)
{
  g_autoptr (GString) there = g_string_new (NULL);
  for (guint i = 0; folders[i] != NULL; i++)
    if (strchr (folders[i], '=') != NULL)
      g_string_append_printf (there, "%s%s", there->len > 0 ? "/" : "", folders[i]);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
               "%s: its path has no folder %s=…, which path-columns wants%s%s", file->display, column->name,
               there->len > 0 ? "; it has " : "", there->str);
  return FALSE;
}

char *
pl_path_columns_folder (const PlSourceFile *file, const char *name)
{
  const char *start = file->display;
  for (const char *end = strchr (start, '/'); end != NULL; start = end + 1, end = strchr (start, '/'))
    {
      const char *sign = memchr (start, '=', (gsize) (end - start));
      g_autofree char *found = sign != NULL ? decode (start, (gsize) (sign - start)) : NULL;
      if (g_strcmp0 (found, name) == 0)
        return g_strndup (file->display, (gsize) (end - file->display));
    }
  return NULL;
}

/* The value of @column in the folders of @file. @value: (out) (transfer full) */
static gboolean
find_value (const PlSourceFile *file, const PlPathColumn *column, GStrv folders, char **value, GError **error)
{
  *value = NULL;
  for (guint i = 0; folders[i] != NULL; i++)
    {
      const char *sign = strchr (folders[i], '=');
      if (sign == NULL)
        continue;
      g_autofree char *name = decode (folders[i], (gsize) (sign - folders[i]));
      if (strcmp (name, column->name) != 0)
        continue;
      if (*value != NULL)
        return fail (file, error, "two folders of its path name the column", name);
      *value = decode (sign + 1, strlen (sign + 1));
      if (!g_utf8_validate (*value, -1, NULL))
        return fail (file, error, "the folder of its path is no text:", folders[i]);
    }
  return *value != NULL || fail_missing (file, column, folders, error);
}

/* Values of all files. A failure leaves those that it has, for pl_source_free(). */
static gboolean
find_values (PlSource *source, const PlSourceOptions *options, GError **error)
{
  const guint n = options->path_columns->len;
  source->n_path_columns = n;
  for (guint i = 0; i < source->files->len; i++)
    {
      PlSourceFile *file = g_ptr_array_index (source->files, i);
      g_auto (GStrv) folders = list_folders (file);
      file->path_values = g_new0 (char *, n + 1);
      for (guint j = 0; j < n; j++)
        if (!find_value (file, &g_array_index (options->path_columns, PlPathColumn, j), folders, &file->path_values[j],
                         error))
          return FALSE;
    }
  return TRUE;
}

/* Makes %NULL of values that are null. */
static void
drop_nulls (PlSource *source, guint column, guint k)
{
  const GStrv own = source->null_values != NULL ? source->null_values[column] : NULL;
  PlNullTexts nulls;
  pl_null_texts_init (&nulls, own != NULL ? own : source->dialect.null_values);
  for (guint i = 0; i < source->files->len; i++)
    {
      char **value = &((PlSourceFile *) g_ptr_array_index (source->files, i))->path_values[k];
      gsize length = strlen (*value);
      if (length == 0 || strcmp (*value, HIVE_NULL) == 0 || pl_null_texts_have (&nulls, *value, length))
        g_clear_pointer (value, g_free);
    }
  pl_null_texts_clear (&nulls);
}

/* The narrowest type of all values, as of a column of files. */
static PlType
guess_type (const PlSource *source, const PlConverter *converter, PlReading *reading, guint k)
{
  PlGuess guess = {0};
  for (guint i = 0; i < source->files->len; i++)
    {
      const char *value = ((const PlSourceFile *) g_ptr_array_index (source->files, i))->path_values[k];
      if (value == NULL)
        continue;
      const PlText text = {.data = value, .length = (guint32) strlen (value)};
      guess = pl_guess_join (guess, pl_converter_guess (converter, &reading->style, text));
    }
  return pl_guess_type (guess, &reading->style, &reading->reads);
}

static gboolean
check_values (const PlSource *source, const PlConverter *converter, guint column, guint k, GError **error)
{
  const PlField *field = &source->schema->fields[column];
  for (guint i = 0; i < source->files->len; i++)
    {
      const PlSourceFile *file = g_ptr_array_index (source->files, i);
      const char *value = file->path_values[k];
      PlCellValue parsed;
      if (value == NULL || field->type.kind == PL_STRING
          || pl_converter_parse (converter, &source->readings[column], value, strlen (value), field->type, &parsed))
        continue;
      g_autofree char *shown = pl_show_some (value, strlen (value), PL_WITNESS_SHOWN);
      g_autofree char *name = pl_source_item (field->name);
      g_autoptr (GString) cures = g_string_new (NULL);
      PlCure it = {.source = source, .column = column, .value = value, .length = strlen (value), .name = name};
      pl_cure_keep (cures, &it, PL_TYPE (PL_STRING));
      pl_cure_as_null (cures, &it);
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
                   "%s: value '%s' of column '%s', which is of its path, is not of type %s%s", file->display, shown,
                   field->name, pl_type_name (field->type), cures->str);
      return FALSE;
    }
  return TRUE;
}

void
pl_path_columns_tell (const PlSource *source, const PlSourceOptions *options, guint first, PlEvidence *evidence)
{
  PlConverter converter;
  pl_converter_init (&converter, NULL, &source->dialect);
  for (guint k = 0; options->infer && k < options->path_columns->len; k++)
    for (guint i = 0;
         g_array_index (options->path_columns, PlPathColumn, k).type.kind == PL_NULL && i < source->files->len; i++)
      {
        const char *value = ((const PlSourceFile *) g_ptr_array_index (source->files, i))->path_values[k];
        if (value == NULL)
          continue;
        const PlText text = {.data = value, .length = (guint32) strlen (value)};
        const PlGuess guess = pl_converter_guess (&converter, &source->readings[first + k].style, text);
        if (pl_evidence_add (&evidence[first + k], guess))
          pl_evidence_witness (&evidence[first + k], guess, i, 0, text, FALSE);
      }
  pl_converter_clear (&converter);
}

gboolean
pl_path_columns_open (PlSource *source, const PlSourceOptions *options, guint first, GError **error)
{
  PlConverter converter;
  gboolean ok = find_values (source, options, error);
  pl_converter_init (&converter, NULL, &source->dialect);
  for (guint k = 0; ok && k < options->path_columns->len; k++)
    {
      PlType *type = &source->schema->fields[first + k].type;
      drop_nulls (source, first + k, k);
      *type = g_array_index (options->path_columns, PlPathColumn, k).type;
      if (type->kind == PL_NULL)
        *type = options->infer ? guess_type (source, &converter, &source->readings[first + k], k) : PL_TYPE (PL_STRING);
      ok = check_values (source, &converter, first + k, k, error);
    }
  pl_converter_clear (&converter);
  return ok;
}
