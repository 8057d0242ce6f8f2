/* How many workers "auto" means: the processors that the affinity mask leaves, and no more than the control group's
 * quota pays for, so that a container with half a machine does not start workers for a whole one. */
#include "processors.h"
#include <sched.h>
#include <stdio.h>
#include <string.h>

static guint
affinity_count (void)
{
  /* The mask must be as large as the kernel's, which has no published limit. */
  for (int size = 1024; size <= 1 << 18; size *= 2)
    {
      cpu_set_t *set = CPU_ALLOC (size);
      gsize bytes = CPU_ALLOC_SIZE (size);
      int count = sched_getaffinity (0, bytes, set) == 0 ? CPU_COUNT_S (bytes, set) : 0;
      CPU_FREE (set);
      if (count > 0)
        return (guint) count;
    }
  return g_get_num_processors ();
}

/* The quota of one control group, rounded up to whole processors; G_MAXUINT: none. */
static guint
group_quota (const char *group)
{
  g_autofree char *path = g_build_filename ("/sys/fs/cgroup", group, "cpu.max", NULL);
  g_autofree char *text = NULL;
  guint64 quota, period;
  if (!g_file_get_contents (path, &text, NULL, NULL)
      || sscanf (text, "%" G_GINT64_MODIFIER "u %" G_GINT64_MODIFIER "u", &quota, &period) != 2 || period == 0)
    return G_MAXUINT;
  return (guint) CLAMP (quota / period + (quota % period != 0), 1, G_MAXINT);
}

/* Every group from this process's up to the root limits it. */
static guint
quota_count (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL))
    return G_MAXUINT;
  const char *start = g_str_has_prefix (text, "0::") ? text : strstr (text, "\n0::");
  if (start == NULL)
    return G_MAXUINT;
  start = strchr (start, '/');
  if (start == NULL)
    return G_MAXUINT;
  g_autofree char *group = g_strndup (start, strcspn (start, "\n"));
  guint least = G_MAXUINT;
  for (;;)
    {
      least = MIN (least, group_quota (group));
      char *slash = strrchr (group, '/');
      if (slash == NULL || group[1] == '\0')
        return least;
      slash[slash == group] = '\0';
    }
}

guint
pl_processors (void)
{
  static gsize count;
  if (g_once_init_enter (&count))
    g_once_init_leave (&count, MIN (affinity_count (), quota_count ()));
  return (guint) count;
}
