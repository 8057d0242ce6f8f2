/* How much memory a run may have: see plan-memory.h. A part of it is for blocks, an eighth; the rest is for what is
 * kept. */
#include "plan-memory.h"
#include "../base/memory.h"
#include "../base/quantity.h"
#include "plan-run.h"

#include <string.h>

/* What a run needs, whatever it does, and a worker of it. */
#define LEAST_MEMORY ((guint64) 64 << 20)
#define LEAST_WORKER ((guint64) 8 << 20)
/* What a worker process has of its own, beside what all share, before it does anything. */
#define PROCESS ((guint64) 2 << 20)
/* Smaller blocks cost more than they spare. */
#define LEAST_BLOCK ((guint64) 64 << 10)

/* Of what there is: of the machine, or of the cgroup or process that is given less. */
static guint64
share_of_memory (double share)
{
  const guint64 room = pl_memory_room ("");
  return room == G_MAXUINT64 ? room : (guint64) (share * (double) room);
}

/* Bytes, G_MAXUINT64 where there is no limit. */
static guint64
read_limit (const PlSettings *group, guint workers, PlIssues *issues)
{
  const PlSetting *setting = group != NULL ? pl_settings_find (group, "memory-limit") : NULL;
  const guint64 least = LEAST_MEMORY + LEAST_WORKER * workers;
  guint64 limit = share_of_memory (0.75);
  double share;
  GError *error = NULL;
  if (setting == NULL || strcmp (setting->value, "auto") == 0)
    return limit;
  if (strcmp (setting->value, "none") == 0)
    return G_MAXUINT64;
  const gboolean is_share = g_str_has_suffix (setting->value, "%");
  if (is_share ? !pl_parse_share (setting->value, &share, &error) : !pl_parse_size (setting->value, &limit, &error))
    {
      pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "memory-limit: %s, or auto, or none",
                     error->message);
      g_error_free (error);
      return limit;
    }
  limit = is_share ? share_of_memory (share) : limit;
  if (limit < least)
    pl_issues_add (issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "memory-limit '%s' is %" G_GUINT64_FORMAT " MiB, and a run with %u %s needs %" G_GUINT64_FORMAT
                   "MiB: 64MiB and 8MiB a worker",
                   setting->value, limit >> 20, workers, workers == 1 ? "worker" : "workers", least >> 20);
  return limit;
}

static guint
n_channels (const PlRunSettings *run)
{
  return MAX (run->workers, 1) * (run->mode == PL_MODE_PROCESSES ? MAX (run->threads_per_process, 1) : 1);
}

/* What the job says is done; where that cannot be, it is refused. */
static void
check_blocks (const PlRunSettings *run, const PlSettings *group, PlIssues *issues)
{
  const guint n = n_channels (run);
  if (run->block_size <= run->memory_limit / 4 / n)
    return;
  pl_issues_add (issues, group, pl_settings_find (group, "block-size"), G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                 "block-size '%s' is too large: a block for each of %u %s takes more than a quarter of memory-limit "
                 "'%s'; set block-size to at most %" G_GUINT64_FORMAT "KiB, or memory-limit higher",
                 pl_settings_get (group, "block-size", ""), n, n == 1 ? "worker" : "workers",
                 pl_settings_get (group, "memory-limit", ""), MAX (run->memory_limit / 4 / n >> 10, 1));
}

void
pl_run_memory_init (PlRunSettings *run, const PlSettings *group, PlIssues *issues)
{
  const guint n_before = pl_issues_n_errors (issues);
  run->memory_limit = read_limit (group, run->workers, issues);
  if (pl_issues_n_errors (issues) == n_before && pl_run_settings_say (group, "memory-limit")
      && pl_run_settings_say (group, "block-size"))
    check_blocks (run, group, issues);
  /* For tests: memory is low from the first byte on, and every state goes to disk behind each batch. */
  if (g_getenv ("PIPELINE_DEBUG_SPILL") != NULL)
    run->memory_limit = 0;
}

/* Bytes of a block in flight: what is read, what it gives, and, between processes, that once more. */
static guint64
cost_of_block (const PlRunSettings *run)
{
  return run->block_size * (run->mode == PL_MODE_PROCESSES ? 3 : 2);
}

static void
fit_depth (PlRunSettings *run, guint wanted, guint64 room)
{
  const guint64 fitting = room / cost_of_block (run);
  run->queue_depth = (guint) MAX (MIN (fitting, wanted), MIN (3 * run->workers + 2, wanted));
}

void
pl_run_memory_fit (PlRunSettings *run, const PlSettings *group)
{
  const guint64 room = pl_run_blocks (run);
  const gboolean keeps_depth = pl_run_settings_say (group, "queue-depth");
  const gboolean keeps_size = pl_run_settings_say (group, "block-size");
  const guint wanted = run->queue_depth;
  if (room == G_MAXUINT64)
    return;
  if (!keeps_depth)
    fit_depth (run, wanted, room);
  while (!keeps_size && run->queue_depth * cost_of_block (run) > room && run->block_size > LEAST_BLOCK)
    run->block_size /= 2;
  if (!keeps_depth)
    fit_depth (run, wanted, room);
}

guint64
pl_run_room (const PlRunSettings *run)
{
  const guint64 processes = run->mode == PL_MODE_PROCESSES ? PROCESS * MAX (run->workers, 1) : 0;
  return run->memory_limit == G_MAXUINT64 ? run->memory_limit : run->memory_limit - MIN (processes, run->memory_limit);
}

gint64
pl_run_hand_over (const PlRunSettings *run)
{
  return (gint64) MIN (pl_run_room (run) / (10 * (guint64) n_channels (run)), G_MAXINT64);
}

guint64
pl_run_blocks (const PlRunSettings *run)
{
  const gboolean is_any = run->memory_limit == G_MAXUINT64 || run->memory_limit == 0;
  return is_any ? G_MAXUINT64 : run->memory_limit / 8;
}
