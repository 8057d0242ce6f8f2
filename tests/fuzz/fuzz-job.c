/* Any text as a job file: parsed, its sources' settings read, its plan built over columns of every type, and described;
 * everything said about it is formatted. Nothing is opened: the sources stand for files that were looked at already. */
#include <stdint.h>

#include "../../pipeline/csv/source-private.h"
#include "../../pipeline/job/plan.h"
#include "../../pipeline/csv/source-settings.h"
#include "../../pipeline/job/describe.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static PlSource *
make_source (const char *name)
{
  static const struct
  {
    const char *name;
    PlType type;
  } fields[] = {{"a", PL_TYPE (PL_INT)},  {"b", PL_TYPE (PL_STRING)},    {"c", PL_TYPE (PL_FLOAT)},
                {"d", PL_TYPE (PL_DATE)}, {"t", PL_TYPE (PL_TIMESTAMP)}, {"m", PL_TYPE_DECIMAL (5, 2)},
                {"o", PL_TYPE (PL_BOOL)}, {"n", PL_TYPE (PL_NULL)}};
  PlSource *source = g_new0 (PlSource, 1);
  source->name = g_strdup (name);
  source->encoding = g_strdup ("utf-8");
  source->schema = pl_schema_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    pl_schema_add (source->schema, fields[i].name, fields[i].type);
  source->readings = g_new0 (PlReading, G_N_ELEMENTS (fields));
  source->files = g_ptr_array_new ();
  return source;
}

/* What [source] says of itself, apart from what its files hold. */
static void
read_settings (const PlSettings *group, PlIssues *issues)
{
  g_autoptr (PlSource) source = g_new0 (PlSource, 1);
  PlSourceOptions options = {.settings = group, .issues = issues, .folder = "."};
  source->schema = pl_schema_new ();
  source->files = g_ptr_array_new ();
  pl_source_read_settings (source, &options);
  pl_source_options_clear (&options);
}

static void
build_plan (const PlJob *job, PlIssues *issues)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_source_free);
  gboolean faulty = FALSE;
  for (guint i = 0; i < job->groups->len; i++)
    {
      const PlSettings *group = g_ptr_array_index (job->groups, i);
      if (!g_str_equal (group->kind, "source"))
        continue;
      faulty |= group->faulty;
      read_settings (group, issues);
      g_ptr_array_add (sources, make_source (group->name));
    }
  /* A faulty source is never opened, and no plan made of it. */
  if (faulty)
    return;
  g_autoptr (PlPlan) plan = pl_plan_build (job, sources, FALSE, issues);
  if (plan != NULL)
    g_free (pl_plan_describe (plan));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  PlOverrides overrides = {NULL, NULL, NULL};
  static GTimeZone *zone;
  if (zone == NULL)
    zone = g_time_zone_new_local (); /* so that it is not read anew for each job's ${today} */
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (PlJob) job = pl_job_parse ((const char *) data, size, "job.ini", ".", &overrides, issues);
  if (job != NULL)
    build_plan (job, issues);
  const GPtrArray *list = pl_issues_list (issues);
  for (guint i = 0; i < list->len; i++)
    g_free (pl_issues_format (g_ptr_array_index (list, i)));
  return 0;
}
