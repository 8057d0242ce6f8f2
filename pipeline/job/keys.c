/* What groups of each kind may hold, read from the descriptors: [source] from the CSV layer, stages from their
 * registry, the rest from the tables here. */
#include "keys.h"
#include <string.h>

#include "../../stages/stage.h"
#include "../base/suggest.h"
#include "../csv/source-settings.h"

const PlSettingKey *
pl_job_keys (void)
{
  static const PlSettingKey keys[] = {
      {"name", "text", NULL, "The job's name, in messages and as ${job}; else the file's name", FALSE},
      {"description", "text", NULL, "What the job is for, in the reader's words; shown by `pipeline plan`", FALSE},
      {NULL, NULL, NULL, NULL, FALSE},
  };
  return keys;
}

const PlSettingKey *
pl_run_keys (void)
{
  static const PlSettingKey keys[] = {
      {"mode", "choice threads|processes|serial", "threads",
       "Workers are threads, processes, or the one thread of the program itself; a job with a plugin has processes",
       FALSE},
      {"workers", "count", "auto",
       "How many workers, 1 to 1024; auto: the processors this process may run on; mode serial has one", FALSE},
      {"threads-per-process", "count", "1", "Threads in each worker process of mode processes, 1 to 1024", FALSE},
      {"block-size", "size", "auto",
       "Bytes of input a worker takes at a time, at most 1GiB; auto: 256KiB, and 1MiB where workers are processes that "
       "run neither programs nor plugins; less where memory-limit is small",
       FALSE},
      {"queue-depth", "count", "auto",
       "Blocks in flight at once, 1 to 65536; auto: eight a worker, and two; fewer where memory-limit is small", FALSE},
      {"seed", "count", "random", "The secret of the hash tables, from 0 on; the output does not depend on it", FALSE},
      {"retries", "count", "3",
       "How often a block is tried again when its worker died or took too long, 0 to 100, waiting 10ms, 20ms, 40ms … "
       "in between; then the row to blame is found, and is a bad row of its source",
       FALSE},
      {"task-timeout", "time", NULL,
       "How long a worker process may take for a block, as in 30s; any time when left out", FALSE},
      {"max-tasks-per-child", "count", NULL,
       "After so many blocks a worker process makes way for a new one; never when left out", FALSE},
      {"worker-memory-limit", "size", NULL,
       "A worker process with more memory of its own than this makes way for a new one behind its block; with twice as "
       "much it is killed at once; at least 16MiB",
       FALSE},
      {"memory-limit", "size", "auto",
       "How much memory the run may have, all of its processes together, before what is kept goes to temp-directory, "
       "as in 2GiB, or 50% of what there is; auto: 75%; none: as much as it takes",
       FALSE},
      {"lock", "choice none|fail|wait|skip", "none",
       "What happens while another run of this job file is not over: nothing, fail (exit code 75), wait for it, or "
       "skip this run",
       FALSE},
      {"timeout", "time", NULL,
       "How long the whole run may take, waiting included, as in 30m; then it is stopped (exit code 75)", FALSE},
      {"temp-directory", "list", "$TMPDIR",
       "Folder for temporary files; or several, on disks of their own: what does not fit in memory goes round them",
       FALSE},
      {NULL, NULL, NULL, NULL, FALSE},
  };
  return keys;
}

const PlSettingKey *
pl_sink_keys (void)
{
  static const PlSettingKey keys[] = {
      {"path", "path", "-", "The file to write, or - for stdout", FALSE},
      {"format", "name", NULL,
       "How rows are written; else by the path's ending, and on stdout a table on a terminal, CSV elsewhere", FALSE},
      {"header", "flag", "true", "Whether the column names come first", FALSE},
      {"delimiter", "character", NULL,
       "What stands between fields: one character, tab or space; CSV has ',' and TSV a tab", FALSE},
      {"null", "text", "", "What stands for a null", FALSE},
      {"float-format", "text", NULL, "A format for floats, as in %.2f; else the shortest text that reads back the same",
       FALSE},
      {"decimal-comma", "flag", NULL,
       "Whether floats and decimals have a comma as their point, which JSON does not know; else where all sources have "
       "it and the delimiter is no comma",
       FALSE},
      {"date-format", "formats", NULL,
       "How dates are written, as %d.%m.%Y, and timestamps, as %d.%m.%Y %H:%M; a format with a time is for timestamps",
       FALSE},
      {"line-end", "choice lf|crlf", "lf", "What ends a line", FALSE},
      {"byte-order-mark", "flag", "false",
       "Whether the file, which is no JSON, begins with one, by which Excel knows UTF-8", FALSE},
      {"quoting", "choice minimal|all|none", "minimal", "Which fields are put in quotes", FALSE},
      {"escape-formulas", "flag", "false",
       "Texts that begin with = + - @ tab or CR get an apostrophe in front, so that no spreadsheet computes them",
       FALSE},
      {"compression", "choice auto|none|gzip|zstd|bzip2|xz|lz4", "auto",
       "auto goes by the path's ending: .gz, .zst, .bz2, .xz, .lz4", FALSE},
      {"mode", "choice replace|append|fail-if-exists", "replace", "What happens to a file that is there already",
       FALSE},
      {"input", "name", NULL, "The source or stage whose rows are written, where it is not the one above", FALSE},
      {NULL, NULL, NULL, NULL, FALSE},
  };
  return keys;
}

const PlSettingKey *
pl_stage_common_keys (const PlStage *stage)
{
  static const PlSettingKey one[] = {
      {"input", "name", NULL, "The source or stage whose rows are taken, where it is not the one above", FALSE},
      {NULL, NULL, NULL, NULL, FALSE},
  };
  static const PlSettingKey several[] = {
      {"inputs", "names", NULL, "The sources and stages whose rows are taken, in this order; none comes from above",
       TRUE},
      {NULL, NULL, NULL, NULL, FALSE},
  };
  return stage->configure_inputs != NULL && stage->build == NULL ? several : one;
}

static const char *const general_kinds[] = {"job", "vars", "run", "source", "sink"};

/* The keys of @kind; what other keys mean, if they mean anything; FALSE when there is no such kind. */
static gboolean
find_kind (const char *kind, const PlSettingKey **keys, const PlSettingKey **common, const char **free_keys)
{
  static const PlSettingKey none[] = {{NULL, NULL, NULL, NULL, FALSE}};
  *keys = *common = none;
  *free_keys = NULL;
  if (strcmp (kind, "job") == 0)
    *keys = pl_job_keys ();
  else if (strcmp (kind, "vars") == 0)
    *free_keys = "a variable: name = value";
  else if (strcmp (kind, "run") == 0)
    *keys = pl_run_keys ();
  else if (strcmp (kind, "source") == 0)
    *keys = pl_source_keys ();
  else if (strcmp (kind, "sink") == 0)
    *keys = pl_sink_keys ();
  else
    {
      const PlStage *stage = pl_stage_find (kind);
      if (stage == NULL)
        return FALSE;
      *keys = stage->keys;
      *common = pl_stage_common_keys (stage);
      *free_keys = stage->free_keys;
    }
  return TRUE;
}

gboolean
pl_kind_exists (const char *kind)
{
  const PlSettingKey *keys, *common;
  const char *free_keys;
  return find_kind (kind, &keys, &common, &free_keys);
}

gboolean
pl_kind_is_single (const char *kind)
{
  return strcmp (kind, "job") == 0 || strcmp (kind, "vars") == 0 || strcmp (kind, "run") == 0;
}

void
pl_kind_report (const char *kind, const PlSetting *spot, PlIssues *issues)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (general_kinds); i++)
    g_ptr_array_add (names, (gpointer) general_kinds[i]);
  for (const PlStage *const *stage = pl_stages (); *stage != NULL; stage++)
    g_ptr_array_add (names, (gpointer) (*stage)->name);
  g_ptr_array_add (names, NULL);
  const char *nearest = pl_suggest (kind, (const char *const *) names->pdata);
  if (nearest != NULL)
    pl_issues_add (issues, NULL, spot, G_MAXUINT, PL_JOB_ERROR_UNKNOWN_NAME,
                   "unknown group kind '%s'; did you mean '%s'?", kind, nearest);
  else
    pl_issues_add (issues, NULL, spot, G_MAXUINT, PL_JOB_ERROR_UNKNOWN_NAME,
                   "unknown group kind '%s'; `pipeline stages` lists what there is", kind);
}

const char **
pl_kind_key_names (const char *kind)
{
  const PlSettingKey *lists[2];
  const char *free_keys;
  GPtrArray *names = g_ptr_array_new ();
  if (find_kind (kind, &lists[0], &lists[1], &free_keys))
    for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
      for (const PlSettingKey *key = lists[i]; key->name != NULL; key++)
        g_ptr_array_add (names, (gpointer) key->name);
  g_ptr_array_add (names, NULL);
  return (const char **) g_ptr_array_free (names, FALSE);
}

gboolean
pl_kind_check_key (const PlSettings *group, const char *key, gboolean quoted, const PlSetting *spot, PlIssues *issues)
{
  const PlSettingKey *keys, *common;
  const char *free_keys;
  g_autofree char *label = pl_settings_label (group);
  if (!find_kind (group->kind, &keys, &common, &free_keys) || free_keys != NULL)
    return TRUE;
  if (quoted)
    {
      pl_issues_add (issues, NULL, spot, G_MAXUINT, PL_JOB_ERROR_UNKNOWN_NAME,
                     "the quoted key \"%s\" means a column, but [%s] has none; write the key without quotes", key,
                     label);
      return FALSE;
    }
  g_autofree const char **names = pl_kind_key_names (group->kind);
  if (g_strv_contains (names, key))
    return TRUE;
  const char *nearest = pl_suggest (key, names);
  if (nearest != NULL)
    pl_issues_add (issues, NULL, spot, G_MAXUINT, PL_JOB_ERROR_UNKNOWN_NAME,
                   "unknown key '%s' in [%s]; did you mean '%s'?", key, label, nearest);
  else
    pl_issues_add (issues, NULL, spot, G_MAXUINT, PL_JOB_ERROR_UNKNOWN_NAME,
                   "unknown key '%s' in [%s]; `pipeline stages %s` lists its keys", key, label, group->kind);
  return FALSE;
}

void
pl_kind_check_required (PlSettings *group, PlIssues *issues)
{
  const PlSettingKey *keys, *common;
  const char *free_keys;
  /* Where something is wrong already, the missing key may be the misspelt one. */
  if (group->faulty || !find_kind (group->kind, &keys, &common, &free_keys))
    return;
  for (; keys->name != NULL; keys++)
    if (keys->required && pl_settings_find (group, keys->name) == NULL)
      {
        g_autofree char *label = pl_settings_label (group);
        pl_issues_add (issues, group, NULL, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "[%s] needs the key '%s'", label,
                       keys->name);
        group->faulty = TRUE;
      }
}

char *
pl_settings_label (const PlSettings *group)
{
  return group->name[0] != '\0' ? g_strconcat (group->kind, " ", group->name, NULL) : g_strdup (group->kind);
}
