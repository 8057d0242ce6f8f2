/* The job file as written: groups, keys and values with their spots, overrides and variables applied; nothing
 * interpreted yet. */
#pragma once
#include "../base/buffer.h"
#include "../base/settings.h"

G_BEGIN_DECLS

typedef struct
{
  char *path;        /* "configs/job.ini" as given; "-" for stdin */
  char *folder;      /* of the job file: relative paths start here */
  char *name;        /* [job] name, or the file's name without its ending */
  GPtrArray *groups; /* of PlSettings *, in the order written: source, stages, sink, run, job, vars */
} PlJob;

typedef struct
{
  const char *const *sets; /* (nullable): "run.workers=4", "source flights.path=x.csv" */
  const char *const *vars; /* (nullable): "name=value" */
  GStrv environment;       /* (nullable): g_get_environ() form; PIPELINE_RUN_WORKERS=4 sets run.workers */
} PlOverrides;

/** pl_job_load: reads @path. Precedence: sets, environment, file. Everything wrong with syntax, group kinds and key
 * names goes to @issues.
 * Returns: (transfer full) (nullable): NULL when the file cannot be read (@error) or not even be taken apart. */
PlJob *pl_job_load (const char *path, const PlOverrides *overrides, PlIssues *issues, GError **error);
/** pl_job_parse: the same for text in memory; @folder for relative paths. */
PlJob *pl_job_parse (const char *text, gsize length, const char *path, const char *folder, const PlOverrides *overrides,
                     PlIssues *issues);
void pl_job_free (PlJob *job);
/** pl_job_group: Returns: (transfer none) (nullable): the first group of @kind. */
const PlSettings *pl_job_group (const PlJob *job, const char *kind);
/* Wire form, for process workers: a loaded job is exactly rebuilt. */
void pl_job_save (const PlJob *job, PlBuffer *buffer);
PlJob *pl_job_load_saved (PlCursor *cursor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlJob, pl_job_free)

G_END_DECLS
