/* [run]: how a plan is run. Everything that is said there is used, and nothing of it changes a byte of the output. */
#include "plan-run.h"
#include <string.h>

#include "../base/quantity.h"
#include "../base/suggest.h"
#include "../io/temporary.h"
#include "processors.h"

#define MAX_WORKERS 1024
#define MAX_QUEUE_DEPTH 65536
#define MAX_BLOCK_SIZE ((guint64) 1 << 30)
#define MAX_RETRIES 100
#define MAX_TASKS 1000000000
/* A worker that has done nothing yet has some megabytes of its own. */
#define MIN_WORKER_MEMORY ((guint64) 16 << 20)

char *
pl_resolve_path (const char *folder, const char *path)
{
  if (strcmp (path, "-") == 0 || g_path_is_absolute (path) || strcmp (folder, ".") == 0)
    return g_strdup (path);
  return g_build_filename (folder, path, NULL);
}

gint
pl_choice_find (const PlSettings *group, const PlSetting *setting, const char *const *choices, PlIssues *issues)
{
  for (gint i = 0; choices[i] != NULL; i++)
    if (strcmp (choices[i], setting->value) == 0)
      return i;
  const char *nearest = pl_suggest (setting->value, choices);
  g_autofree char *all = g_strjoinv (", ", (char **) choices);
  if (nearest != NULL)
    pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "unknown %s '%s'; did you mean '%s'?",
                   setting->key, setting->value, nearest);
  else
    pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "unknown %s '%s'; there are: %s",
                   setting->key, setting->value, all);
  return -1;
}

/* A count, or @fallback where the key is missing or says "auto". */
static guint
read_count (const PlSettings *group, const char *key, guint minimum, guint maximum, gboolean auto_allowed,
            guint fallback, PlIssues *issues)
{
  const PlSetting *setting = group != NULL ? pl_settings_find (group, key) : NULL;
  guint64 count;
  GError *error = NULL;
  if (setting == NULL || (auto_allowed && strcmp (setting->value, "auto") == 0))
    return fallback;
  if (pl_parse_count (setting->value, minimum, maximum, &count, &error))
    return (guint) count;
  if (auto_allowed)
    {
      pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "%s %s, or auto", key, error->message);
      g_error_free (error);
    }
  else
    {
      g_prefix_error (&error, "%s ", key);
      pl_issues_take (issues, group, setting, G_MAXUINT, error);
    }
  return fallback;
}

gboolean
pl_run_settings_say (const PlSettings *group, const char *key)
{
  const PlSetting *setting = group != NULL ? pl_settings_find (group, key) : NULL;
  return setting != NULL && strcmp (setting->value, "auto") != 0;
}

static guint64
read_block_size (const PlSettings *group, PlIssues *issues)
{
  const PlSetting *setting = group != NULL ? pl_settings_find (group, "block-size") : NULL;
  guint64 size = PL_DEFAULT_BLOCK_SIZE;
  GError *error = NULL;
  if (!pl_run_settings_say (group, "block-size"))
    return size;
  if (!pl_parse_size (setting->value, &size, &error))
    {
      g_prefix_error (&error, "block-size: ");
      pl_issues_take (issues, group, setting, G_MAXUINT, error);
    }
  else if (size < 1 || size > MAX_BLOCK_SIZE)
    pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "block-size '%s' is not between 1 byte and 1GiB", setting->value);
  return size;
}

/* Microseconds, 0 where there is no limit. */
static guint64
read_timeout (const PlSettings *group, const char *key, PlIssues *issues)
{
  const PlSetting *setting = group != NULL ? pl_settings_find (group, key) : NULL;
  guint64 limit = 0;
  GError *error = NULL;
  if (setting == NULL)
    return 0;
  if (!pl_parse_duration (setting->value, &limit, &error))
    {
      g_prefix_error (&error, "%s: ", key);
      pl_issues_take (issues, group, setting, G_MAXUINT, error);
    }
  else if (limit == 0 || limit > G_MAXINT64)
    pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "%s '%s' is %s; leave the key out for no limit", key, setting->value,
                   limit == 0 ? "no time at all" : "too long");
  return limit;
}

/* Bytes, 0 where there is no limit. */
static guint64
read_worker_memory (const PlSettings *group, PlIssues *issues)
{
  const PlSetting *setting = group != NULL ? pl_settings_find (group, "worker-memory-limit") : NULL;
  guint64 limit = 0;
  GError *error = NULL;
  if (setting == NULL)
    return 0;
  if (!pl_parse_size (setting->value, &limit, &error))
    {
      g_prefix_error (&error, "worker-memory-limit: ");
      pl_issues_take (issues, group, setting, G_MAXUINT, error);
    }
  else if (limit < MIN_WORKER_MEMORY || limit > G_MAXINT64)
    pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "worker-memory-limit '%s' is %s; leave the key out for no limit", setting->value,
                   limit < MIN_WORKER_MEMORY ? "less than 16MiB, which no worker can do with" : "too large");
  return limit;
}

static guint64
read_seed (const PlSettings *group, gboolean *is_said, PlIssues *issues)
{
  const PlSetting *setting = group != NULL ? pl_settings_find (group, "seed") : NULL;
  guint64 seed = 0;
  GError *error = NULL;
  *is_said = setting != NULL && strcmp (setting->value, "random") != 0;
  if (*is_said && !pl_parse_count (setting->value, 0, G_MAXUINT64, &seed, &error))
    {
      pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "seed %s, or random", error->message);
      g_error_free (error);
    }
  return seed;
}

static PlMode
read_mode (const PlSettings *group, PlIssues *issues)
{
  static const char *const modes[] = {"threads", "processes", "serial", NULL};
  const PlSetting *setting = group != NULL ? pl_settings_find (group, "mode") : NULL;
  if (setting == NULL)
    return PL_MODE_THREADS;
  gint mode = pl_choice_find (group, setting, modes, issues);
  return mode < 0 ? PL_MODE_THREADS : (PlMode) mode;
}

/* A job without a file has nothing that could be locked. */
static PlLock
read_lock (const PlSettings *group, const PlJob *job, PlIssues *issues)
{
  static const char *const locks[] = {"none", "fail", "wait", "skip", NULL};
  const PlSetting *setting = group != NULL ? pl_settings_find (group, "lock") : NULL;
  if (setting == NULL)
    return PL_LOCK_NONE;
  gint lock = pl_choice_find (group, setting, locks, issues);
  if (lock <= 0 || strcmp (job->path, "-") != 0)
    return (PlLock) MAX (lock, 0);
  pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                 "lock = %s needs a job file, and this job comes from stdin; write it to a file, or leave lock out",
                 setting->value);
  return PL_LOCK_NONE;
}

GPtrArray *
pl_plan_guards (const PlJob *job, PlLock *lock, guint64 *timeout)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PlIssues) ignored = pl_issues_new ();
  const PlSettings *run = pl_job_group (job, "run");
  *lock = read_lock (run, job, ignored);
  *timeout = read_timeout (run, "timeout", ignored);
  for (guint i = 0; i < job->groups->len; i++)
    {
      const PlSettings *group = g_ptr_array_index (job->groups, i);
      const char *key = strcmp (group->kind, "sink") == 0     ? "path"
                        : strcmp (group->kind, "source") == 0 ? "rejects"
                                                              : NULL;
      const char *path = key != NULL ? pl_settings_get (group, key, "") : "";
      if (path[0] != '\0')
        g_ptr_array_add (paths, pl_resolve_path (job->folder, path));
    }
  g_ptr_array_add (paths, NULL);
  return paths;
}

void
pl_plan_temporaries (const PlJob *job, PlIssues *issues)
{
  const PlSettings *run = pl_job_group (job, "run");
  const PlSetting *setting = run != NULL ? pl_settings_find (run, "temp-directory") : NULL;
  g_autoptr (GPtrArray) items = setting != NULL ? pl_items_split (setting->value, ';') : g_ptr_array_new ();
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < items->len; i++)
    {
      const PlItem *item = items->pdata[i];
      g_autofree char *name = pl_item_unquote (item->text);
      char *folder = pl_resolve_path (job->folder, name);
      const int code = pl_temporary_try (folder);
      g_ptr_array_add (folders, folder);
      if (code != 0)
        pl_issues_add (issues, run, setting, items->len > 1 ? item->offset : G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                       "cannot create temporary files in %s: %s; set temp-directory to another folder", folder,
                       g_strerror (code));
    }
  g_ptr_array_add (folders, NULL);
  pl_temporary_use ((const char *const *) folders->pdata);
}

void
pl_run_settings_init (PlRunSettings *run, const PlJob *job, PlIssues *issues)
{
  const PlSettings *group = pl_job_group (job, "run");
  run->mode = read_mode (group, issues);
  run->workers = read_count (group, "workers", 1, MAX_WORKERS, TRUE, 0, issues);
  if (run->workers == 0)
    run->workers = MIN (pl_processors (), MAX_WORKERS);
  if (run->mode == PL_MODE_SERIAL)
    run->workers = 1;
  run->threads_per_process = read_count (group, "threads-per-process", 1, MAX_WORKERS, FALSE, 1, issues);
  run->block_size = read_block_size (group, issues);
  run->queue_depth = read_count (group, "queue-depth", 1, MAX_QUEUE_DEPTH, TRUE, 8 * run->workers + 2, issues);
  run->seed = read_seed (group, &run->has_seed, issues);
  run->retries = read_count (group, "retries", 0, MAX_RETRIES, FALSE, PL_DEFAULT_RETRIES, issues);
  run->task_timeout = read_timeout (group, "task-timeout", issues);
  run->max_tasks_per_child = read_count (group, "max-tasks-per-child", 1, MAX_TASKS, FALSE, 0, issues);
  run->worker_memory_limit = read_worker_memory (group, issues);
  run->lock = read_lock (group, job, issues);
  run->timeout = read_timeout (group, "timeout", issues);
}
