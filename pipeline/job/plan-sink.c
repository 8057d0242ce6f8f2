/* [sink]: where rows go and how they are written. */
#include "plan-sink.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../base/quantity.h"
#include "../io/expand.h"
#include "../table/print-formatted.h"
#include "../table/print.h"
#include "../format/registry.h"
#include "plan-run.h"

/* What every reader below works on. */
typedef struct
{
  const PlSettings *settings;
  PlIssues *issues;
  PlSink *sink;
} SinkReader;

void
pl_sink_free (PlSink *sink)
{
  if (sink == NULL)
    return;
  g_free (sink->path);
  g_free (sink->display);
  g_free (sink->format.null_text);
  g_free (sink->format.float_format);
  g_free (sink->format.date_format);
  g_free (sink->format.timestamp_format);
  g_free (sink);
}

static const PlSetting *
find (const SinkReader *reader, const char *key)
{
  return reader->settings != NULL ? pl_settings_find (reader->settings, key) : NULL;
}

G_GNUC_PRINTF (3, 4)
static void
report (const SinkReader *reader, const PlSetting *setting, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  GError *error = g_error_new_valist (PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, format, arguments);
  va_end (arguments);
  pl_issues_take (reader->issues, reader->settings, setting, G_MAXUINT, error);
}

static gboolean
to_stdout (const PlSink *sink)
{
  return strcmp (sink->path, "-") == 0;
}

static void
report_format (const SinkReader *reader, const PlSetting *setting)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (const PlFormat *const *format = pl_formats (); *format != NULL; format++)
    g_ptr_array_add (names, (gpointer) (*format)->name);
  g_ptr_array_add (names, NULL);
  if (strcmp (setting->key, "format") == 0)
    {
      pl_choice_find (reader->settings, setting, (const char *const *) names->pdata, reader->issues);
      return;
    }
  g_autofree char *all = g_strjoinv (", ", (char **) names->pdata);
  report (reader, setting, "the ending of '%s' tells no format; add format = NAME; there are: %s", setting->value, all);
}

/* By the key; else by the ending; a path without one is CSV; stdout is a table on a terminal. */
static void
read_format (const SinkReader *reader, gboolean to_terminal)
{
  PlSink *sink = reader->sink;
  const PlSetting *setting = find (reader, "format");
  if (setting != NULL)
    sink->format.format = pl_format_find (setting->value);
  else if (to_stdout (sink))
    sink->format.format = pl_format_find (to_terminal ? "table" : "csv");
  else
    {
      g_autofree char *name = g_path_get_basename (sink->display);
      setting = find (reader, "path");
      sink->format.format = strchr (name, '.') != NULL ? pl_format_for_path (sink->path) : pl_format_find ("csv");
    }
  if (sink->format.format == NULL)
    report_format (reader, setting);
}

static void
read_delimiter (const SinkReader *reader)
{
  static const char *const names[][2]
      = {{"tab", "\t"}, {"comma", ","}, {"semicolon", ";"}, {"pipe", "|"}, {"space", " "}};
  const PlSetting *setting = find (reader, "delimiter");
  if (setting == NULL)
    return;
  const char *text = setting->value;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i][0], text) == 0)
      text = names[i][1];
  if (strlen (text) != 1 || text[0] == '"' || (guint8) text[0] >= 0x80
      || (g_ascii_iscntrl (text[0]) && text[0] != '\t'))
    report (reader, setting,
            "'%s' is not a delimiter; write one character of ASCII that is no quote, or tab, comma, semicolon, pipe or "
            "space",
            setting->value);
  else
    reader->sink->format.delimiter = text[0];
}

static void
read_flag (const SinkReader *reader, const char *key, gboolean *flag)
{
  const PlSetting *setting = find (reader, key);
  GError *error = NULL;
  if (setting != NULL && !pl_parse_flag (setting->value, flag, &error))
    pl_issues_take (reader->issues, reader->settings, setting, G_MAXUINT, error);
}

/* One format of dates, one of timestamps. */
static void
read_date_formats (const SinkReader *reader)
{
  PlFormatOptions *options = &reader->sink->format;
  const PlSetting *setting = find (reader, "date-format");
  if (setting == NULL)
    return;
  g_autoptr (GPtrArray) items = pl_items_split (setting->value, ';');
  if (items->len == 0)
    report (reader, setting, "'date-format' is empty; write a format such as %%d.%%m.%%Y");
  for (guint i = 0; i < items->len; i++)
    {
      const PlItem *item = items->pdata[i];
      gboolean has_time;
      GError *error = NULL;
      if (strlen (item->text) > PL_PRINT_FORMAT_MAX)
        report (reader, setting, "the format is longer than %d bytes", PL_PRINT_FORMAT_MAX);
      else if (!pl_print_format_check (item->text, "date-format", &has_time, &error))
        pl_issues_take (reader->issues, reader->settings, setting, item->offset, error);
      else
        {
          char **format = has_time ? &options->timestamp_format : &options->date_format;
          if (*format != NULL)
            report (reader, setting, "'%s' and '%s' are both formats of %s; leave one out", *format, item->text,
                    has_time ? "timestamps" : "dates");
          else
            *format = g_strdup (item->text);
        }
    }
}

/* How rows are written. A key that the format does not heed is an error, not ignored. */
static void
read_options (const SinkReader *reader)
{
  static const char *const keys[]
      = {"header",   "delimiter",       "null",    "float-format",   "decimal-comma", "date-format",
         "line-end", "byte-order-mark", "quoting", "escape-formulas"};
  static const char *const quotings[] = {"minimal", "all", "none", NULL};
  static const char *const line_ends[] = {"lf", "crlf", NULL};
  PlFormatOptions *options = &reader->sink->format;
  GError *error = NULL;
  const PlSetting *setting;
  for (gsize i = 0; i < G_N_ELEMENTS (keys) && options->format != NULL; i++)
    if ((setting = find (reader, keys[i])) != NULL && !g_strv_contains (options->format->keys, keys[i]))
      report (reader, setting, "the format %s has no use for '%s'; leave it out", options->format->name, keys[i]);
  options->header = TRUE;
  read_flag (reader, "header", &options->header);
  read_delimiter (reader);
  setting = find (reader, "null");
  options->null_text = g_strdup (setting != NULL ? setting->value : "");
  if ((setting = find (reader, "float-format")) != NULL)
    {
      if (pl_float_format_check (setting->value, &error))
        options->float_format = g_strdup (setting->value);
      else
        pl_issues_take (reader->issues, reader->settings, setting, G_MAXUINT, g_steal_pointer (&error));
    }
  read_flag (reader, "escape-formulas", &options->escape_formulas);
  read_flag (reader, "decimal-comma", &options->decimal_comma);
  read_flag (reader, "byte-order-mark", &options->has_mark);
  if ((setting = find (reader, "line-end")) != NULL)
    options->crlf = pl_choice_find (reader->settings, setting, line_ends, reader->issues) == 1;
  read_date_formats (reader);
  if ((setting = find (reader, "quoting")) != NULL)
    options->quoting = MAX (0, pl_choice_find (reader->settings, setting, quotings, reader->issues));
}

/* Becomes anything but AUTO. */
static void
read_compression (const SinkReader *reader)
{
  PlSink *sink = reader->sink;
  const PlSetting *setting = find (reader, "compression");
  gboolean is_zip = setting != NULL && strcmp (setting->value, "zip") == 0;
  gint choice = setting != NULL && !is_zip
                    ? pl_choice_find (reader->settings, setting, pl_compression_names_written (), reader->issues)
                    : 0;
  sink->compression = choice > 0 ? (PlCompression) choice : pl_compression_by_path (sink->path);
  if (is_zip || sink->compression == PL_COMPRESSION_ZIP)
    report (reader, is_zip ? setting : find (reader, "path"),
            "zip archives are read, not written; write a .gz file, which everything reads, or .zst, .bz2, .xz, .lz4");
}

static void
read_mode (const SinkReader *reader)
{
  static const char *const names[] = {"replace", "append", "fail-if-exists", NULL};
  static const PlOutputMode modes[] = {PL_OUTPUT_REPLACE, PL_OUTPUT_APPEND, PL_OUTPUT_FAIL_IF_EXISTS};
  const PlSetting *setting = find (reader, "mode");
  if (setting == NULL)
    return;
  if (to_stdout (reader->sink))
    report (reader, setting, "stdout has no mode; leave it out, or write to a file");
  else
    reader->sink->mode = modes[MAX (0, pl_choice_find (reader->settings, setting, names, reader->issues))];
  const PlFormat *format = reader->sink->format.format;
  if (reader->sink->mode == PL_OUTPUT_APPEND && format != NULL && format->layout != NULL)
    report (
        reader, setting,
        "the rows of a run are one table in format %s, and another one behind it would be read as rows of it; append "
        "to csv, tsv or jsonl",
        format->name);
}

/* What only a shell would have replaced would become a new folder. */
static void
check_place (const SinkReader *reader, const PlSetting *path)
{
  const PlSink *sink = reader->sink;
  g_autofree char *for_shells = pl_path_for_shells (sink->display), *within = g_path_get_dirname (sink->path);
  gboolean is_there = g_file_test (sink->path, G_FILE_TEST_EXISTS)
                      || (*sink->display == '~' && g_file_test (within, G_FILE_TEST_IS_DIR));
  if (for_shells != NULL && !is_there)
    report (reader, path, "cannot write %s: %s", sink->display, for_shells);
}

PlSink *
pl_sink_new (const PlSettings *settings, const char *folder, gboolean to_terminal, PlIssues *issues)
{
  guint before = pl_issues_n_errors (issues);
  PlSink *sink = g_new0 (PlSink, 1);
  SinkReader reader = {settings, issues, sink};
  const PlSetting *path = find (&reader, "path");
  sink->display = g_strdup (path != NULL ? path->value : "-");
  sink->path = pl_resolve_path (folder, sink->display);
  sink->mode = PL_OUTPUT_REPLACE;
  if (sink->display[0] == '\0')
    report (&reader, path, "the path is empty; write a file, or - for stdout");
  else
    read_format (&reader, to_terminal);
  check_place (&reader, path);
  read_options (&reader);
  read_compression (&reader);
  read_mode (&reader);
  if (pl_issues_n_errors (issues) == before)
    return sink;
  pl_sink_free (sink);
  return NULL;
}

void
pl_sink_follow (PlSink *sink, const PlSettings *settings, gboolean decimal_commas)
{
  PlFormatOptions *options = &sink->format;
  const char delimiter = options->delimiter != 0 ? options->delimiter : options->format->delimiter;
  if (decimal_commas && delimiter != ',' && g_strv_contains (options->format->keys, "decimal-comma")
      && (settings == NULL || pl_settings_find (settings, "decimal-comma") == NULL))
    options->decimal_comma = TRUE;
}

void
pl_sink_check (const PlSink *sink, const PlSettings *settings, const PlSchema *schema, PlIssues *issues)
{
  const PlFormatOptions *options = &sink->format;
  const char *key = NULL;
  GError *error = NULL;
  if (options->format->check != NULL && !options->format->check (options, schema, &key, &error))
    pl_issues_take (issues, settings, pl_settings_find (settings, key), G_MAXUINT, error);
}
