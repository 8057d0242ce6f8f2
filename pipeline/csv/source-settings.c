/* The keys of [source]: their documentation, and how their values are read. */
#include "source-settings.h"
#include "../base/quantity.h"
#include "../base/suggest.h"
#include "../io/expand.h"
#include "../table/parse.h"
#include "scan.h"
#include "source-characters.h"
#include "source-private.h"
#include "../base/child-command.h"
#include "path-columns.h"
#include "source-inputs.h"
#include "source-names.h"

#define DEFAULT_RECORD_SIZE ((guint64) 16 << 20)

static const PlSettingKey keys[] = {
    {"path", "list", NULL, "Files to read: names, globs, or - for stdin; relative to the job file; or command is said",
     FALSE},
    {"command", "text", NULL,
     "A program and its arguments, quoted as a shell has it, whose stdout is read in place of files; no shell runs "
     "it, and the run "
     "fails when it does",
     FALSE},
    {"environment", "name=value; …", NULL, "Variables set for the command, besides those of our own environment",
     FALSE},
    {"folder", "path", ".", "The folder the command is started in, seen from the job file's", FALSE},
    {"delimiter", "text", ",",
     "What separates fields: one or several characters, or tab, comma, semicolon, pipe, space, \\x01; blanks: runs of "
     "spaces and tabs; auto: comma, semicolon, tab or pipe, whichever gives as many fields in every record of the "
     "first MiB; tab where the first file ends in .tsv",
     FALSE},
    {"quote", "character", "\"", "What encloses fields that hold delimiters or line ends; none: quotes mean nothing",
     FALSE},
    {"escape", "character", NULL, "What stands before a quote inside quotes, where quotes are not doubled", FALSE},
    {"comment", "text", NULL,
     "Records that begin with it, or with blanks and it, are skipped to the end of their line; one or several "
     "characters",
     FALSE},
    {"header", "flag", "true", "Whether the first record names the columns; false where columns is given", FALSE},
    {"columns", "columns", NULL, "Names of the columns, for files without a header", FALSE},
    {"use", "columns", NULL, "The columns to keep, all others are not read; without it all are kept", FALSE},
    {"types", "list", NULL,
     "Types of columns, as price:decimal(18,2); zip:string; a value that a cast would refuse makes a bad row, whatever "
     "reads the column",
     FALSE},
    {"infer", "flag", "true",
     "Whether other columns get the narrowest type of all their values; false: they are strings", FALSE},
    {"null-values", "list", NULL,
     "Texts that are null besides the empty unquoted field, in all columns or, as price:-1, in one; a text that has a "
     "colon stands in quotes; \"\" makes quoted empty fields null in columns of texts, too; \\u00a0 is the character "
     "of that code, one that is not seen",
     FALSE},
    {"true-values", "list", NULL, "Texts that are true, besides true itself; a column of such texts alone is bool",
     FALSE},
    {"false-values", "list", NULL, "Texts that are false, besides false itself", FALSE},
    {"trim", "flag", "false",
     "Whether spaces and tabs around fields are dropped, quoted or not; lines of nothing else are blank ones", FALSE},
    {"decimal-comma", "flag", "false", "Whether numbers are written with a comma for the decimal point", FALSE},
    {"thousands", "character", NULL, "What groups the digits of numbers by three; space: no-break and narrow ones, too",
     FALSE},
    {"date-format", "list", NULL,
     "How dates and timestamps are written, besides 2001-01-31: formats to try, as %d.%m.%Y, or a column and its own, "
     "as due:%d.%m.%Y; a column of dates is read by the first that reads all its values, or else each value by the "
     "first that reads it",
     FALSE},
    {"encoding", "text", "utf-8", "The character encoding of the files, as iconv names it", FALSE},
    {"compression", "choice auto|none|gzip|zstd|bzip2|xz|lz4|zip", "auto",
     "How the files are compressed; auto goes by their first bytes", FALSE},
    {"members", "list", NULL,
     "Which files in zip archives to read: names, or globs as for path, as **/*.csv; without it all, in the order of "
     "the archive",
     FALSE},
    {"invalid-utf8", "choice bad|replace", "bad",
     "Whether a row with bytes that are no text in its encoding is a bad row, or has U+FFFD in their place", FALSE},
    {"nul-bytes", "choice bad|drop", "bad", "Whether a row with NUL bytes is a bad row, or read without them", FALSE},
    {"empty-files", "choice fail|skip", "fail",
     "Whether a file without a header is an error, or has no rows; of files without a header line, see header", FALSE},
    {"skip-rows", "count", "0", "Lines to drop before the header", FALSE},
    {"skip-after-header", "count", "0", "Lines to drop between the header and the first row", FALSE},
    {"skip-footer", "count", "0", "Lines to drop at the end of each file, blank ones counted", FALSE},
    {"limit", "count", NULL, "Read this many rows and no more", FALSE},
    {"filename-column", "text", NULL, "Name of a further column that holds the name of the file a row is from", FALSE},
    {"path-columns", "list", NULL,
     "Further columns that the folders of a file say, as year:int; month for …/year=2024/month=01/…; without a type "
     "they get the narrowest one of all paths",
     FALSE},
    {"schema", "choice same|by-name|union", "same",
     "Whether all files have the same header, the same columns in any order, or some of all columns (others are null)",
     FALSE},
    {"on-bad-row", "choice fail|skip|quarantine", "fail", "What becomes of rows that cannot be read", FALSE},
    {"rejects", "path", NULL, "The file that bad rows are written to by on-bad-row = quarantine", FALSE},
    {"max-bad-rows", "count or share", NULL, "Fail when more rows than this, or a larger share of them, as 1%, are bad",
     FALSE},
    {"max-record-size", "size", "16MiB", "A record longer than this is a bad row; at most 1GiB", FALSE},
    {"blank-lines", "choice skip|row", "skip", "Whether an empty line is nothing, or a row of one empty field", FALSE},
    {"short-rows", "choice bad|null", "bad",
     "Whether a row with too few fields is a bad row, or null where they are missing", FALSE},
    {"long-rows", "choice bad|cut", "bad",
     "Whether a row with too many fields is a bad row, or read without the last ones", FALSE},
    {"line-end", "choice any|lf|crlf", "any",
     "What ends a line: LF, CR LF or CR; with lf a CR alone is text, with crlf an LF alone is, too", FALSE},
    {"lax-quotes", "flag", "false",
     "Whether text behind a closing quote belongs to the field, up to the next delimiter, instead of making a bad row",
     FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlSettingKey *
pl_source_keys (void)
{
  return keys;
}

static void
refuse_value (const PlSourceOptions *options, const PlSetting *setting, const char *message)
{
  pl_issues_add (options->issues, options->settings, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "%s", message);
}

static void
read_flag (const PlSourceOptions *options, const char *key, gboolean *flag)
{
  const PlSetting *setting = pl_source_find_setting (options, key);
  GError *error = NULL;
  if (setting != NULL && !pl_parse_flag (setting->value, flag, &error))
    pl_issues_take (options->issues, options->settings, setting, G_MAXUINT, error);
}

static void
read_count (const PlSourceOptions *options, const char *key, guint64 *count)
{
  const PlSetting *setting = pl_source_find_setting (options, key);
  GError *error = NULL;
  if (setting != NULL && !pl_parse_count (setting->value, 0, G_MAXINT64, count, &error))
    pl_issues_take (options->issues, options->settings, setting, G_MAXUINT, error);
}

static guint
read_choice (const PlSourceOptions *options, const char *key, const char *const *choices)
{
  const PlSetting *setting = pl_source_find_setting (options, key);
  if (setting == NULL)
    return 0;
  for (guint i = 0; choices[i] != NULL; i++)
    if (strcmp (choices[i], setting->value) == 0)
      return i;
  const char *nearest = pl_suggest (setting->value, choices);
  g_autofree char *all = g_strjoinv (", ", (char **) choices);
  g_autofree char *message = nearest != NULL
                                 ? g_strdup_printf ("unknown %s '%s'; did you mean '%s'?", key, setting->value, nearest)
                                 : g_strdup_printf ("unknown %s '%s'; there are: %s", key, setting->value, all);
  refuse_value (options, setting, message);
  return 0;
}

static GPtrArray *
read_list (const PlSourceOptions *options, const char *key)
{
  const PlSetting *setting = pl_source_find_setting (options, key);
  return setting != NULL ? pl_items_split (setting->value, ';') : NULL;
}

/* Returns: (transfer full) (nullable) */
static GStrv
read_texts (const PlSourceOptions *options, const char *key)
{
  g_autoptr (GPtrArray) items = read_list (options, key);
  if (items == NULL || items->len == 0)
    return NULL;
  GStrv texts = g_new0 (char *, items->len + 1);
  for (guint i = 0; i < items->len; i++)
    texts[i] = pl_item_unquote (((const PlItem *) g_ptr_array_index (items, i))->text);
  return texts;
}

/* Texts that are true and false at once, or null and a bool. */
static void
check_bools (const PlSourceOptions *options, const PlDialect *dialect)
{
  g_auto (GStrv) nulls = read_texts (options, "null-values");
  const struct
  {
    const char *key;
    GStrv texts;
  } lists[] = {
      {"true-values", dialect->true_values},
      {"false-values", dialect->false_values},
      {"null-values", nulls},
  };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint j = i + 1; j < G_N_ELEMENTS (lists); j++)
      for (guint k = 0; lists[i].texts != NULL && lists[j].texts != NULL && lists[i].texts[k] != NULL; k++)
        if (g_strv_contains ((const char *const *) lists[j].texts, lists[i].texts[k]))
          {
            g_autofree char *message = g_strdup_printf ("'%s' is among %s and %s; a text is one or the other",
                                                        lists[i].texts[k], lists[i].key, lists[j].key);
            refuse_value (options, pl_source_find_setting (options, lists[j].key), message);
          }
}

static void
read_dialect (PlDialect *dialect, PlSourceOptions *options)
{
  pl_source_read_characters (dialect, options);
  read_flag (options, "lax-quotes", &dialect->lax_quotes);
  read_flag (options, "trim", &dialect->trim);
  dialect->trim |= dialect->blanks;
  read_flag (options, "decimal-comma", &dialect->decimal_comma);
  static const char *const blank_lines[] = {"skip", "row", NULL};
  dialect->blank_rows = read_choice (options, "blank-lines", blank_lines) == 1;
  static const char *const short_rows[] = {"bad", "null", NULL}, *const long_rows[] = {"bad", "cut", NULL};
  dialect->fills_short = read_choice (options, "short-rows", short_rows) == 1;
  dialect->cuts_long = read_choice (options, "long-rows", long_rows) == 1;
  static const char *const line_ends[] = {"any", "lf", "crlf", NULL};
  dialect->line_end = (PlLineEnd) read_choice (options, "line-end", line_ends);
  pl_source_check_characters (dialect, options);

  dialect->true_values = read_texts (options, "true-values");
  dialect->false_values = read_texts (options, "false-values");
  check_bools (options, dialect);
}

/* A format, or a column and its format: what stands before the first colon is a column where no percent sign is in it.
 * Returns: (transfer full) (nullable): the column. */
static char *
split_format (const char *item, const char **format)
{
  g_autofree char *column = pl_source_split_item (item, format);
  if (column == NULL || *item == '"' || strchr (column, '%') == NULL)
    return g_steal_pointer (&column);
  *format = item;
  return NULL;
}

static void
read_formats (PlDialect *dialect, PlSourceOptions *options)
{
  const PlSetting *setting = pl_source_find_setting (options, "date-format");
  g_autoptr (GPtrArray) items = read_list (options, "date-format");
  options->format_columns = g_ptr_array_new_with_free_func (g_free);
  options->format_offsets = g_array_new (FALSE, FALSE, sizeof (guint));
  if (items == NULL)
    return;
  if (items->len == 0 || items->len > PL_MAX_FORMATS)
    {
      refuse_value (options, setting, "date-format is one to 15 formats, as %d.%m.%Y");
      return;
    }
  dialect->date_formats = g_new0 (PlDateFormat, items->len);
  for (guint i = 0; i < items->len; i++)
    {
      const PlItem *item = g_ptr_array_index (items, i);
      const char *format;
      g_autofree char *column = split_format (item->text, &format);
      PlDateFormat *read = &dialect->date_formats[dialect->n_date_formats];
      GError *error = NULL;
      if (!pl_format_check (format, &read->shape, &error))
        {
          pl_issues_take (options->issues, options->settings, setting, items->len > 1 ? item->offset : G_MAXUINT,
                          error);
          continue;
        }
      read->text = g_strdup (format);
      dialect->n_date_formats++;
      g_ptr_array_add (options->format_columns, g_steal_pointer (&column));
      g_array_append_val (options->format_offsets, item->offset);
    }
}

static void
read_bad_rows (PlSource *source, const PlSourceOptions *options)
{
  static const char *const policies[] = {"fail", "skip", "quarantine", NULL};
  source->on_bad_row = (PlBadRowPolicy) read_choice (options, "on-bad-row", policies);
  const PlSetting *rejects = pl_source_find_setting (options, "rejects");
  const PlSetting *policy = pl_source_find_setting (options, "on-bad-row");
  if (source->on_bad_row == PL_BAD_ROW_QUARANTINE && rejects == NULL)
    refuse_value (options, policy, "on-bad-row = quarantine needs rejects, the file to write bad rows to");
  else if (source->on_bad_row != PL_BAD_ROW_QUARANTINE && rejects != NULL)
    refuse_value (options, rejects, "rejects is only written with on-bad-row = quarantine");
  g_autofree char *for_shells = rejects != NULL ? pl_path_for_shells (rejects->value) : NULL;
  if (for_shells != NULL)
    refuse_value (options, rejects, for_shells);
  else if (rejects != NULL)
    source->rejects
        = options->folder == NULL || strcmp (options->folder, ".") == 0 || g_path_is_absolute (rejects->value)
              ? g_strdup (rejects->value)
              : g_build_filename (options->folder, rejects->value, NULL);

  source->max_bad_rows = G_MAXUINT64;
  source->max_bad_share = 1;
  const PlSetting *most = pl_source_find_setting (options, "max-bad-rows");
  if (most == NULL)
    return;
  GError *error = NULL;
  gboolean is_share = strchr (most->value, '%') != NULL;
  if (is_share ? !pl_parse_share (most->value, &source->max_bad_share, &error)
               : !pl_parse_count (most->value, 0, G_MAXINT64, &source->max_bad_rows, &error))
    pl_issues_take (options->issues, options->settings, most, G_MAXUINT, error);
}

static void
read_record_size (PlSource *source, const PlSourceOptions *options)
{
  source->max_record_size = DEFAULT_RECORD_SIZE;
  const PlSetting *setting = pl_source_find_setting (options, "max-record-size");
  GError *error = NULL;
  if (setting == NULL)
    return;
  if (!pl_parse_size (setting->value, &source->max_record_size, &error))
    pl_issues_take (options->issues, options->settings, setting, G_MAXUINT, error);
  else if (source->max_record_size == 0 || source->max_record_size > PL_SCAN_REACH)
    refuse_value (options, setting, "max-record-size is at least 1 and at most 1GiB");
}

/* A header may repeat a name, for want of better; who writes names does not. */
static void
check_names (PlSourceOptions *options)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; options->columns != NULL && i < options->columns->len; i++)
    {
      const PlItem *item = g_ptr_array_index (options->columns, i);
      char *name = pl_item_unquote (item->text);
      if (*name != '\0' && g_hash_table_contains (names, name) && !pl_issues_are_enough (options->issues))
        pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, "columns"), item->offset,
                       PL_JOB_ERROR_BAD_VALUE, "column '%s' is named twice", name);
      g_hash_table_add (names, name);
    }
}

/* How bytes become text. */
static void
read_text (PlSource *source, const PlSourceOptions *options)
{
  static const char *const invalid[] = {"bad", "replace", NULL}, *const nul[] = {"bad", "drop", NULL};
  source->text.encoding = source->encoding;
  source->text.replaces = read_choice (options, "invalid-utf8", invalid) == 1;
  source->text.drops_nul = read_choice (options, "nul-bytes", nul) == 1;
  source->text.counts_cr = source->dialect.line_end == PL_LINE_END_ANY;
  read_count (options, "skip-footer", &source->text.footer);
}

void
pl_source_read_settings (PlSource *source, PlSourceOptions *options)
{
  pl_source_read_inputs (options);
  source->name = g_strdup (options->settings->name);
  read_dialect (&source->dialect, options);
  read_formats (&source->dialect, options);
  read_bad_rows (source, options);
  read_record_size (source, options);
  source->limit = G_MAXUINT64;
  read_count (options, "limit", &source->limit);

  const char *encoding = pl_settings_get (options->settings, "encoding", "utf-8");
  gboolean is_utf8 = g_ascii_strcasecmp (encoding, "utf8") == 0 || g_ascii_strcasecmp (encoding, "utf-8") == 0;
  source->encoding = g_strdup (is_utf8 ? "utf-8" : encoding);
  options->compression = (PlCompression) read_choice (options, "compression", pl_compression_names ());
  static const char *const modes[] = {"same", "by-name", "union", NULL};
  options->schema_mode = (PlSchemaMode) read_choice (options, "schema", modes);

  options->columns = read_list (options, "columns");
  check_names (options);
  options->use = read_list (options, "use");
  options->types = read_list (options, "types");
  options->header = options->columns == NULL;
  read_flag (options, "header", &options->header);
  options->infer = TRUE;
  read_flag (options, "infer", &options->infer);
  read_count (options, "skip-rows", &options->skip_rows);
  read_count (options, "skip-after-header", &options->skip_after_header);
  if (options->skip_after_header > 0 && !options->header)
    refuse_value (options, pl_source_find_setting (options, "skip-after-header"),
                  "there is no header to skip lines behind; see skip-rows");
  static const char *const empty_files[] = {"fail", "skip", NULL};
  options->skips_empty = read_choice (options, "empty-files", empty_files) == 1;
  options->sniffs = strcmp (pl_settings_get (options->settings, "delimiter", ""), "auto") == 0;
  read_text (source, options);
  options->filename_column = pl_settings_get (options->settings, "filename-column", NULL);
  pl_path_columns_read (options);
}

void
pl_source_options_clear (PlSourceOptions *options)
{
  g_clear_pointer (&options->paths, g_ptr_array_unref);
  pl_child_command_clear (&options->command);
  g_clear_pointer (&options->members, g_ptr_array_unref);
  g_clear_pointer (&options->columns, g_ptr_array_unref);
  g_clear_pointer (&options->use, g_ptr_array_unref);
  g_clear_pointer (&options->types, g_ptr_array_unref);
  g_clear_pointer (&options->path_columns, g_array_unref);
  g_clear_pointer (&options->format_columns, g_ptr_array_unref);
  g_clear_pointer (&options->format_offsets, g_array_unref);
}
