/* Measures of every column of a CSV file: one group-by without keys, run by the engine like any job, read back from
 * memory. Types are those of the whole file, found first, because which measures make sense depends on them. */
#include <csv.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "command.h"
#include "../base/memory.h"
#include "../engine/infer.h"

/* The job's groups behind the source: [group-by] with measure n of column c as "c.n", and a [sink]. */
static void
add_groups (PlJob *job, const PlSchema *schema, const char *(*measure) (guint, PlType), guint n_measures,
            const char *path)
{
  const char *origin = job->path;
  PlSettings *group = pl_settings_new ("group-by", "profile", origin, 0);
  for (guint i = 0; i < schema->n_fields; i++)
    {
      g_auto (GStrv) parts = g_strsplit (schema->fields[i].name, "\"", -1);
      g_autofree char *name = g_strjoinv ("\"\"", parts);
      g_autofree char *column = g_strconcat ("\"", name, "\"", NULL);
      for (guint n = 0; n < n_measures; n++)
        {
          const char *format = measure (n, schema->fields[i].type);
          if (format == NULL)
            continue;
          g_autofree char *key = g_strdup_printf ("%u.%u", i, n);
          g_auto (GStrv) around = g_strsplit (format, "%s", -1);
          g_autofree char *expression = g_strjoinv (column, around);
          pl_settings_add (group, key, TRUE, expression, origin, 0, 0);
        }
    }
  pl_settings_add (group, "rows", TRUE, "count()", origin, 0, 0);
  PlSettings *sink = pl_settings_new ("sink", "profile", origin, 0);
  pl_settings_add (sink, "path", FALSE, path, origin, 0, 0);
  pl_settings_add (sink, "format", FALSE, "csv", origin, 0, 0);
  g_ptr_array_add (job->groups, group);
  g_ptr_array_add (job->groups, sink);
}

static void
take_field (void *data, size_t length, void *fields)
{
  g_ptr_array_add (fields, g_strndup (data, length));
}

/* The fields of both records of the result: names, then values. */
static gboolean
read_result (const char *path, GPtrArray *fields, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;
  struct csv_parser parser;
  if (!g_file_get_contents (path, &text, &length, error))
    return FALSE;
  if (csv_init (&parser, CSV_STRICT) != 0)
    pl_no_memory (sizeof parser);
  csv_parse (&parser, text, length, take_field, NULL, fields);
  csv_fini (&parser, take_field, NULL, fields);
  csv_free (&parser);
  return TRUE;
}

/* Texts in the order of columns and measures, "" where a measure has no meaning; then the row count. */
static GPtrArray *
arrange (const GPtrArray *fields, const PlSchema *schema, const char *(*measure) (guint, PlType), guint n_measures)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (g_free);
  guint next = fields->len / 2;
  for (guint i = 0; i < schema->n_fields; i++)
    for (guint n = 0; n < n_measures; n++)
      {
        gboolean present = measure (n, schema->fields[i].type) != NULL;
        g_ptr_array_add (values, g_strdup (present ? g_ptr_array_index (fields, next++) : ""));
      }
  g_ptr_array_add (values, g_strdup (g_ptr_array_index (fields, next)));
  return values;
}

int
pl_profile_file (PlSession *session, const PlCommandLine *line, const char *(*measure) (guint n, PlType type),
                 guint n_measures, GPtrArray **values)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  GError *error = NULL;
  const char *file = line->arguments->pdata[0];
  if (g_str_has_suffix (file, ".ini"))
    return pl_say_error (
        g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE,
                     "%s is a job file, and '%s' takes a CSV file; 'pipeline head %s' shows the rows of a job", file,
                     line->command->name, file));
  pl_session_for_file (session, file, line, issues);
  int code = pl_session_check (session, issues, line);
  if (code != 0)
    return code;
  PlSource *source = g_ptr_array_index (session->sources, 0);
  if (!pl_infer (source, &session->plan->run, NULL, NULL, &error))
    return pl_say_error (error);
  /* Memory with a name only we know: nothing is left behind, however the process ends. */
  int result = memfd_create ("pipeline-profile", MFD_CLOEXEC);
  if (result < 0)
    return pl_say_error (
        g_error_new (PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot hold the result in memory: %s", g_strerror (errno)));
  g_autofree char *path = g_strdup_printf ("/dev/fd/%d", result);
  add_groups (session->job, source->schema, measure, n_measures, path);
  code = pl_session_run (session, line, NULL);
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  if (code == 0 && read_result (path, fields, &error))
    *values = arrange (fields, source->schema, measure, n_measures);
  else if (code == 0)
    code = pl_say_error (error);
  close (result);
  return code;
}
