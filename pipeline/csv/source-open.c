/* Opening a source: one list of columns over the headers of all of its files, and a first guess at types. */
#include "source-open.h"
#include "../base/error.h"
#include "../base/name.h"
#include "../base/seed.h"
#include "classify.h"
#include "reader.h"
#include "source-private.h"
#include "header.h"
#include "null-values.h"
#include "path-columns.h"
#include "source-inputs.h"
#include "source-names.h"
#include "source-remark.h"
#include "source-settings.h"

/* Returns: (transfer full): names → index + 1; of equal ones the first. The names stay those of @names. */
static GHashTable *
index_names (const GPtrArray *names)
{
  GHashTable *indices = g_hash_table_new (pl_name_hash, g_str_equal);
  for (guint i = 0; i < names->len; i++)
    if (!g_hash_table_contains (indices, g_ptr_array_index (names, i)))
      g_hash_table_insert (indices, g_ptr_array_index (names, i), GUINT_TO_POINTER (i + 1));
  return indices;
}

/* Returns: the index of @name, or -1. */
static gint
find_name (GHashTable *indices, const char *name)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (indices, name)) - 1;
}

/* A name that nobody has, for @column, whose own is @name: behind the number that was given to the last one of that
 * name. */
static char *
other_name (const char *name, guint column, GHashTable *taken, GHashTable *numbers)
{
  char *other = *name == '\0' ? g_strdup_printf ("column_%u", column + 1) : NULL;
  guint k = *name == '\0' ? 2 : MAX (2, GPOINTER_TO_UINT (g_hash_table_lookup (numbers, name)));
  for (; other == NULL || g_hash_table_contains (taken, other); k++)
    {
      g_free (other);
      other = *name == '\0' ? g_strdup_printf ("column_%u_%u", column + 1, k) : g_strdup_printf ("%s_%u", name, k);
    }
  if (*name != '\0')
    g_hash_table_insert (numbers, g_strdup (name), GUINT_TO_POINTER (k));
  return other;
}

/* Gives every column a name of its own. Names that stand in the header as they are keep theirs. */
static void
make_unique (PlHead *head, const PlSourceOptions *options, gboolean warn)
{
  const PlSetting *path = pl_source_find_setting (options, "path");
  g_autoptr (GHashTable) taken = g_hash_table_new_full (pl_name_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < head->names->len; i++)
    g_hash_table_add (taken, g_strdup (g_ptr_array_index (head->names, i)));
  g_autoptr (GHashTable) seen = g_hash_table_new (pl_name_hash, g_str_equal);
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (pl_name_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < head->names->len; i++)
    {
      char *name = g_ptr_array_index (head->names, i);
      gboolean empty = *name == '\0';
      if (!empty && !g_hash_table_contains (seen, name))
        {
          g_hash_table_add (seen, name);
          continue;
        }
      char *other = other_name (name, i, taken, numbers);
      g_hash_table_add (taken, g_strdup (other));
      if (warn && empty)
        pl_issues_warn (options->issues, options->settings, path, "column %u of %s has no name; it is called '%s'",
                        i + 1, head->file->display, other);
      else if (warn)
        pl_issues_warn (options->issues, options->settings, path,
                        "column %u of %s is named '%s' like an earlier one; it is called '%s'", i + 1,
                        head->file->display, name, other);
      g_free (name);
      head->names->pdata[i] = other;
      g_hash_table_add (seen, other);
    }
}

static gboolean headers_differ (const PlHead *head, const PlHead *first, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
headers_differ (const PlHead *head, const PlHead *first, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *difference = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "the header of %s is not that of %s: %s",
               head->file->display, first->file->display, difference);
  return FALSE;
}

/* What helps where two headers have names that differ, of which one is @name and the other is @other, or among @others.
 */
static const char *
header_cure (const char *name, const char *other, const GPtrArray *others, const char *else_cure)
{
  g_autofree char *clean = pl_name_clean (name);
  for (guint i = 0; i < (others != NULL ? others->len : 1); i++)
    {
      g_autofree char *other_clean = pl_name_clean (others != NULL ? g_ptr_array_index (others, i) : other);
      if (strcmp (clean, other_clean) == 0)
        return "trim = true drops what is not seen around names";
    }
  return else_cure;
}

static gboolean
check_same_header (const PlHead *head, const PlHead *first, GError **error)
{
  const GPtrArray *names = head->names, *expected = first->names;
  for (guint i = 0; i < MIN (names->len, expected->len); i++)
    {
      const char *name = g_ptr_array_index (names, i), *other = g_ptr_array_index (expected, i);
      if (strcmp (name, other) != 0)
        return headers_differ (head, first, error, "column %u is '%s', expected '%s'; %s", i + 1, name, other,
                               header_cure (name, other, NULL, "see schema = by-name and union"));
    }
  if (names->len != expected->len)
    return headers_differ (head, first, error, "it has %u %s, expected %u; see schema = union", names->len,
                           names->len == 1 ? "column" : "columns", expected->len);
  return TRUE;
}

static gboolean
check_header (const PlHead *head, const PlHead *first, PlSchemaMode mode, GError **error)
{
  const GPtrArray *names = head->names, *expected = first->names;
  if (mode == PL_SCHEMA_UNION)
    return TRUE;
  if (mode == PL_SCHEMA_SAME)
    return check_same_header (head, first, error);
  g_autoptr (GHashTable) indices = index_names (names);
  g_autoptr (GHashTable) expected_indices = index_names (expected);
  for (guint i = 0; i < expected->len; i++)
    {
      const char *name = g_ptr_array_index (expected, i);
      if (find_name (indices, name) < 0)
        return headers_differ (head, first, error, "column '%s' is missing; %s", name,
                               header_cure (name, NULL, names, "see schema = union"));
    }
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      if (find_name (expected_indices, name) < 0)
        return headers_differ (head, first, error, "column '%s' is not expected; %s", name,
                               header_cure (name, NULL, expected, "see schema = union"));
    }
  return TRUE;
}

/* The columns of all files, in the order they come up. Returns: (transfer full) (nullable) */
static GPtrArray *
merge_headers (const PlSourceOptions *options, GArray *heads, GError **error)
{
  PlHead *first = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) known = g_hash_table_new (pl_name_hash, g_str_equal);
  for (guint i = 0; i < heads->len; i++)
    {
      PlHead *head = &g_array_index (heads, PlHead, i);
      if (head->names == NULL)
        continue;
      make_unique (head, options, first == NULL);
      if (first == NULL)
        first = head;
      else if (!check_header (head, first, options->schema_mode, error))
        return NULL;
      for (guint j = 0; j < head->names->len && (head == first || options->schema_mode == PL_SCHEMA_UNION); j++)
        if (!g_hash_table_contains (known, g_ptr_array_index (head->names, j)))
          {
            char *name = g_strdup (g_ptr_array_index (head->names, j));
            g_ptr_array_add (names, name);
            g_hash_table_add (known, name);
          }
    }
  if (first != NULL)
    return g_steal_pointer (&names);
  const PlSourceFile *file = g_array_index (heads, PlHead, 0).file;
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
               "%s is empty: its columns are not known; name them with columns = …", file->display);
  return NULL;
}

/* Marks the columns that `use` names, or all. */
static void
apply_use (const PlSourceOptions *options, const GPtrArray *names, GHashTable *indices, gboolean *used)
{
  for (guint i = 0; i < names->len; i++)
    used[i] = options->use == NULL;
  for (guint i = 0; options->use != NULL && i < options->use->len && !pl_issues_are_enough (options->issues); i++)
    {
      const PlItem *item = g_ptr_array_index (options->use, i);
      g_autofree char *name = pl_item_unquote (item->text);
      gint column = find_name (indices, name);
      if (column < 0)
        pl_source_unknown_column (options, "use", item->offset, names, name, "");
      else if (used[column])
        pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, "use"), item->offset,
                       PL_JOB_ERROR_BAD_VALUE, "column '%s' is named twice", name);
      else
        used[column] = TRUE;
    }
}

/* `types` into @types and @pinned. @used: (nullable): what is read: a pin that nothing is held against would promise
 * what it does not keep. */
static void
apply_types (const PlSourceOptions *options, const GPtrArray *names, GHashTable *indices, const gboolean *used,
             PlType *types, gboolean *pinned)
{
  for (guint i = 0; i < names->len; i++)
    {
      types[i] = PL_TYPE (options->infer ? PL_NULL : PL_STRING);
      pinned[i] = !options->infer;
    }
  const PlSetting *setting = pl_source_find_setting (options, "types");
  g_autofree gboolean *named = g_new0 (gboolean, names->len);
  for (guint i = 0; options->types != NULL && i < options->types->len && !pl_issues_are_enough (options->issues); i++)
    {
      const PlItem *item = g_ptr_array_index (options->types, i);
      const char *colon = strrchr (item->text, ':');
      if (colon == NULL)
        {
          pl_issues_add (options->issues, options->settings, setting, item->offset, PL_JOB_ERROR_BAD_VALUE,
                         "'%s' is not a column and its type, as price:decimal(18,2)", item->text);
          continue;
        }
      g_autofree char *written = g_strstrip (g_strndup (item->text, (gsize) (colon - item->text)));
      g_autofree char *name = pl_item_unquote (written);
      g_autofree char *type_name = g_strstrip (g_strdup (colon + 1));
      guint offset = item->offset + (guint) g_utf8_pointer_to_offset (item->text, colon + 1);
      gint column = find_name (indices, name);
      PlType type;
      GError *error = NULL;
      if (column < 0)
        pl_source_unknown_column (options, "types", item->offset, names, name, "");
      else if (named[column])
        pl_issues_add (options->issues, options->settings, setting, item->offset, PL_JOB_ERROR_BAD_VALUE,
                       "column '%s' is named twice", name);
      else if (!pl_type_parse (type_name, &type, &error))
        pl_issues_take (options->issues, options->settings, setting, offset, error);
      else if (used != NULL && !used[column])
        pl_issues_add (options->issues, options->settings, setting, item->offset, PL_JOB_ERROR_BAD_VALUE,
                       "column '%s' is pinned and not read, so its values cannot be checked; add it to 'use', or "
                       "remove its type",
                       name);
      else
        {
          types[column] = type;
          pinned[column] = named[column] = TRUE;
        }
    }
}

/* Which date formats a column has: those that name it (@is_asked), or else those that name none. */
static guint16
formats_of (const PlSource *source, const PlSourceOptions *options, const char *name, gboolean *is_asked)
{
  guint16 own = 0, common = 0;
  for (guint i = 0; i < source->dialect.n_date_formats; i++)
    {
      const char *column = g_ptr_array_index (options->format_columns, i);
      if (column == NULL)
        common |= (guint16) (1u << i);
      else if (strcmp (column, name) == 0)
        own |= (guint16) (1u << i);
    }
  *is_asked = own != 0;
  return own != 0 ? own : common;
}

static void
set_reading (PlSource *source, const PlSourceOptions *options, guint column, gboolean is_pinned)
{
  const PlDialect *dialect = &source->dialect;
  PlReading *reading = &source->readings[column];
  gboolean is_asked;
  guint16 formats = formats_of (source, options, source->schema->fields[column].name, &is_asked);
  *reading = (PlReading){.is_pinned = is_pinned != FALSE, .is_certain = is_pinned != FALSE};
  reading->reads = is_pinned ? formats : 0;
  reading->is_asked = is_asked != FALSE;
  reading->style.formats = formats;
  for (guint i = 0; i < dialect->n_date_formats; i++)
    {
      reading->style.timed |= (guint16) ((guint) dialect->date_formats[i].shape.has_time << i);
      reading->style.zoned |= (guint16) ((guint) dialect->date_formats[i].shape.is_zoned << i);
    }
  if (dialect->true_values != NULL || dialect->false_values != NULL)
    reading->style.formats |= PL_FORMAT_OF_BOOLS;
}

/* Formats of columns there are none of. */
static void
check_formats (const PlSourceOptions *options, GHashTable *places, const GPtrArray *names)
{
  for (guint i = 0; i < options->format_columns->len; i++)
    {
      const char *column = g_ptr_array_index (options->format_columns, i);
      if (column != NULL && find_name (places, column) < 0 && pl_path_columns_find (options, column) == NULL)
        pl_source_unknown_column (options, "date-format", g_array_index (options->format_offsets, guint, i), names,
                                  column, "");
    }
}

/* Columns besides those of the files, which may have no name of theirs. */
static void
check_others (const PlSourceOptions *options, const GPtrArray *names, GHashTable *indices, const gboolean *used)
{
  const char *filename = options->filename_column;
  if (filename != NULL && (find_name (indices, filename) >= 0 || pl_path_columns_find (options, filename) != NULL))
    pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, "filename-column"), G_MAXUINT,
                   PL_JOB_ERROR_BAD_VALUE, "there is a column '%s' already; give filename-column another name",
                   filename);
  for (guint i = 0; i < options->path_columns->len; i++)
    {
      const PlPathColumn *column = &g_array_index (options->path_columns, PlPathColumn, i);
      gint place = find_name (indices, column->name);
      if (place >= 0 && (guint) place < names->len && used[place])
        pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, "path-columns"),
                       column->offset, PL_JOB_ERROR_BAD_VALUE,
                       "the files have a column '%s', too; leave one out, here or with use", column->name);
    }
}

/* Where a file has the columns in use, those of its path, and its name. */
static void
set_fields (PlHead *head, const GPtrArray *names, const gboolean *used, guint n_path_columns)
{
  const GPtrArray *own = head->names != NULL ? head->names : names;
  g_autoptr (GHashTable) indices = index_names (own);
  head->file->n_fields = own->len;
  head->file->fields = g_new (gint, names->len + n_path_columns + 1);
  guint column = 0;
  for (guint j = 0; j < names->len; j++)
    if (used[j])
      head->file->fields[column++] = find_name (indices, g_ptr_array_index (names, j));
  for (guint j = 0; j < n_path_columns; j++)
    head->file->fields[column++] = PL_FIELD_OF_PATH - (gint) j;
  head->file->fields[column] = -2;
}

/* Schema, pins, and where each file has each column. Returns: the first column of a path. */
static guint
set_columns (PlSource *source, const PlSourceOptions *options, const GPtrArray *names, const GArray *heads)
{
  const GArray *of_paths = options->path_columns;
  g_autofree gboolean *used = g_new0 (gboolean, names->len);
  g_autofree gboolean *pinned = g_new0 (gboolean, names->len);
  g_autofree PlType *types = g_new0 (PlType, names->len);
  g_autoptr (GHashTable) indices_of_all = index_names (names);
  const guint before = pl_issues_n_errors (options->issues);
  apply_use (options, names, indices_of_all, used);
  const gboolean is_known = pl_issues_n_errors (options->issues) == before;
  apply_types (options, names, indices_of_all, is_known ? used : NULL, types, pinned);
  check_formats (options, indices_of_all, names);
  pl_null_values_check (options, names);
  check_others (options, names, indices_of_all, used);

  source->schema = pl_schema_new ();
  source->readings = g_new0 (PlReading, names->len + of_paths->len + 1);
  source->uses = g_new0 (guint8, names->len + of_paths->len + 1);
  for (guint i = 0; i < names->len; i++)
    if (used[i])
      set_reading (source, options, pl_schema_add (source->schema, g_ptr_array_index (names, i), types[i]), pinned[i]);
  const guint first = source->schema->n_fields;
  for (guint i = 0; i < of_paths->len; i++)
    {
      const PlPathColumn *column = &g_array_index (of_paths, PlPathColumn, i);
      set_reading (source, options, pl_schema_add (source->schema, column->name, column->type), TRUE);
    }
  const char *filename = options->filename_column;
  if (filename != NULL)
    set_reading (source, options, pl_schema_add (source->schema, filename, PL_TYPE (PL_STRING)), TRUE);

  pl_null_values_apply (source, options);
  for (guint i = 0; i < heads->len; i++)
    set_fields (&g_array_index (heads, PlHead, i), names, used, of_paths->len);
  return first;
}

/* Whether the samples are all there is. */
static gboolean
is_whole (const GArray *heads)
{
  gboolean whole = TRUE;
  for (guint i = 0; i < heads->len; i++)
    whole &= g_array_index (heads, PlHead, i).is_all;
  return whole;
}

/* A first guess, from the sample's texts. @first: the first column of paths */
static void
guess_types (PlSource *source, const PlSourceOptions *options, guint first, const GArray *heads)
{
  guint n = source->schema->n_fields;
  guint64 left = source->limit;
  PlEvidence *evidence = pl_evidence_new (n);
  g_autoptr (PlCsvReader) reader = pl_csv_reader_new (source);
  for (guint i = 0; i < n; i++)
    {
      evidence[i].is_closed = source->readings[i].is_pinned;
      evidence[i].is_sample = TRUE;
    }
  for (guint i = 0; i < heads->len; i++)
    {
      const PlHead *head = &g_array_index (heads, PlHead, i);
      if (head->sample == NULL || head->sample_length == 0)
        continue;
      PlSpan span = {.data = (const char *) head->sample->data,
                     .length = head->sample_length,
                     .line = head->file->data_line,
                     .file = i};
      pl_csv_reader_open (reader, &span);
      pl_csv_reader_classify (reader, evidence, &left);
    }
  for (guint i = 0; i < n; i++)
    {
      evidence[i].is_closed = source->readings[i].is_pinned;
      evidence[i].is_sample = left > 0 && !is_whole (heads);
    }
  pl_path_columns_tell (source, options, first, evidence);
  source->sampled = source->limit - left;
  pl_source_take_types (source, evidence, FALSE);
}

static void
clear_head (gpointer head)
{
  pl_head_clear (head);
}

PlSource *
pl_source_open (const PlSettings *settings, const char *folder, PlIssues *issues, GError **error)
{
  PlSourceOptions options = {.settings = settings, .issues = issues, .folder = folder};
  g_autoptr (PlSource) source = g_new0 (PlSource, 1);
  g_autoptr (GArray) heads = g_array_new (FALSE, FALSE, sizeof (PlHead));
  g_array_set_clear_func (heads, clear_head);
  g_autoptr (GPtrArray) names = NULL;
  guint before = pl_issues_n_errors (issues);
  gboolean ok = FALSE;
  guint first = 0;

  source->teller.tell = pl_source_tell;
  source->files = g_ptr_array_new ();
  pl_source_read_settings (source, &options);
  if (pl_issues_n_errors (issues) == before && pl_source_open_files (source, &options, heads, error)
      && (names = merge_headers (&options, heads, error)) != NULL)
    {
      first = set_columns (source, &options, names, heads);
      ok = pl_issues_n_errors (issues) == before && pl_path_columns_open (source, &options, first, error);
    }
  if (pl_issues_n_errors (issues) > before && source->doubt != NULL)
    pl_issues_add (issues, settings, pl_source_find_setting (&options, "delimiter"), G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "%s", source->doubt);
  if (ok)
    guess_types (source, &options, first, heads);
  pl_source_options_clear (&options);
  return ok ? g_steal_pointer (&source) : NULL;
}
