/* Limits of memory, and who has met them: see memory.h. */
#include "memory.h"

#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ASKED "failed to allocate "
#define ALLOCATOR ((guint64) 4 << 20)

void
pl_no_memory (gsize bytes)
{
  g_error (ASKED "%" G_GSIZE_FORMAT " bytes", bytes);
}

/* Returns: %FALSE when there is no such file. */
static gboolean
read_text (const char *root, const char *path, char *text, gsize room)
{
  char whole[1024];
  g_snprintf (whole, sizeof whole, "%s%s", root, path);
  int fd = open (whole, O_RDONLY | O_CLOEXEC);
  gssize n = fd >= 0 ? read (fd, text, room - 1) : -1;
  if (fd >= 0)
    close (fd);
  text[MAX (n, 0)] = '\0';
  return n > 0;
}

/* The number behind @name at a line's beginning in a text of /proc or of a cgroup. */
static gboolean
find_number (const char *text, const char *name, guint64 *number)
{
  gsize length = strlen (name);
  for (const char *line = text; line != NULL; line = strchr (line, '\n'))
    {
      line += *line == '\n';
      if (strncmp (line, name, length) != 0 || (line[length] != ' ' && line[length] != ':'))
        continue;
      *number = strtoull (line + length + 1, NULL, 10);
      return TRUE;
    }
  return FALSE;
}

/* Our cgroup: the second version's, or the first's for memory. */
typedef struct
{
  const char *mount, *most, *now, *events;
  char path[768]; /* below the mount; "" for its root */
} Group;

static gboolean
find_group (const char *root, Group *group)
{
  static const Group versions[] = {
      {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.oom_control", ""},
      {"/sys/fs/cgroup", "memory.max", "memory.current", "memory.events", ""},
  };
  char text[2048];
  if (!read_text (root, "/proc/self/cgroup", text, sizeof text))
    return FALSE;
  const char *first = strstr (text, ":memory:"), *second = strstr (text, "0::");
  const char *start = first != NULL ? first + strlen (":memory:") : second != NULL ? second + strlen ("0::") : NULL;
  if (start == NULL)
    return FALSE;
  gsize length = strcspn (start, "\n");
  *group = versions[first == NULL];
  g_snprintf (group->path, sizeof group->path, "%.*s", length > 1 ? (int) length : 0, start);
  return TRUE;
}

/* Returns: %FALSE for the word "max", too. */
static gboolean
read_group (const char *root, const Group *group, const char *file, guint64 *number)
{
  char path[1024], text[64];
  g_snprintf (path, sizeof path, "%s%s/%s", group->mount, group->path, file);
  if (!read_text (root, path, text, sizeof text) || !g_ascii_isdigit (text[0]))
    return FALSE;
  *number = strtoull (text, NULL, 10);
  return TRUE;
}

/* Its limit, or that of one it is in. The first version writes a number beyond all memory for none. */
static gboolean
explain_group (const char *root, guint64 wanted, char *text, gsize room)
{
  Group group;
  guint64 most, now;
  if (!find_group (root, &group))
    return FALSE;
  for (;;)
    {
      if (read_group (root, &group, group.most, &most) && most < G_MAXINT64 - G_MAXUINT16
          && (wanted == 0 || !read_group (root, &group, group.now, &now) || now + wanted > most))
        {
          g_snprintf (text, room, "the cgroup %s has a limit (%s) of %" G_GUINT64_FORMAT " MiB",
                      group.path[0] != '\0' ? group.path : "/", group.most, most >> 20);
          return TRUE;
        }
      char *end = strrchr (group.path, '/');
      if (end == NULL)
        return FALSE;
      *end = '\0';
    }
}

static gboolean
explain_resource (const char *root, int resource, const char *used, const char *name, guint64 wanted, char *text,
                  gsize room)
{
  char status[4096];
  struct rlimit limit;
  guint64 now = 0;
  if (getrlimit (resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return FALSE;
  /* Allocators ask for more than they were asked for: room to align, and whole pieces. */
  if (read_text (root, "/proc/self/status", status, sizeof status) && find_number (status, used, &now) && wanted > 0
      && now * 1024 + 2 * wanted + ALLOCATOR <= limit.rlim_cur)
    return FALSE;
  g_snprintf (text, room, "%s allows a process %" G_GUINT64_FORMAT " MiB", name, (guint64) limit.rlim_cur >> 20);
  return TRUE;
}

static void
explain_machine (const char *root, char *text, gsize room)
{
  char info[4096], how[16];
  guint64 limit = 0, memory = 0, swap = 0;
  if (!read_text (root, "/proc/meminfo", info, sizeof info))
    g_strlcpy (text, "the machine has no more", room);
  else if (read_text (root, "/proc/sys/vm/overcommit_memory", how, sizeof how) && how[0] == '2'
           && find_number (info, "CommitLimit", &limit))
    g_snprintf (text, room, "the machine lets all processes together have %" G_GUINT64_FORMAT " MiB (CommitLimit)",
                limit >> 10);
  else
    {
      find_number (info, "MemTotal", &memory);
      find_number (info, "SwapTotal", &swap);
      g_snprintf (text, room, "the machine has %" G_GUINT64_FORMAT " MiB, with its swap", (memory + swap) >> 10);
    }
}

void
pl_memory_limit (const char *root, guint64 wanted, char *text, gsize room)
{
  if (!explain_resource (root, RLIMIT_AS, "VmSize", "RLIMIT_AS (ulimit -v)", wanted, text, room)
      && !explain_resource (root, RLIMIT_DATA, "VmData", "RLIMIT_DATA (ulimit -d)", wanted, text, room)
      && !explain_group (root, wanted, text, room))
    explain_machine (root, text, room);
}

gboolean
pl_memory_explain (const char *message, char *text, gsize room)
{
  char limit[256];
  const char *asked = strstr (message, ASKED);
  if (asked == NULL)
    return FALSE;
  guint64 wanted = strtoull (asked + strlen (ASKED), NULL, 10);
  pl_memory_limit ("", wanted, limit, sizeof limit);
  g_snprintf (text, room,
              "no memory: %" G_GUINT64_FORMAT " bytes more were asked for, and %s; raise the limit, or use fewer "
              "workers, or a smaller block-size or queue-depth",
              wanted, limit);
  return TRUE;
}

/* The least of the limits of our cgroup and those it is in. */
static guint64
room_of_group (const char *root)
{
  Group group;
  guint64 most, least = G_MAXUINT64;
  if (!find_group (root, &group))
    return least;
  for (;;)
    {
      if (read_group (root, &group, group.most, &most))
        least = MIN (least, most);
      char *end = strrchr (group.path, '/');
      if (end == NULL)
        return least;
      *end = '\0';
    }
}

/* What a limit of @resource leaves, whose count goes by @used and has more in it than what is in memory. */
static guint64
room_of_resource (const char *root, int resource, const char *used)
{
  char status[4096];
  struct rlimit limit;
  guint64 counted, resident;
  if (getrlimit (resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return G_MAXUINT64;
  if (!read_text (root, "/proc/self/status", status, sizeof status) || !find_number (status, used, &counted)
      || !find_number (status, "VmRSS", &resident) || counted <= resident)
    return limit.rlim_cur;
  return limit.rlim_cur - MIN (limit.rlim_cur, (counted - resident) << 10);
}

/* MiB, as Slurm writes them; units are read, too. Returns: bytes, 0: none. */
static guint64
slurm_size (const char *name)
{
  const char *text = g_getenv (name);
  char *end = NULL;
  const guint64 number = text != NULL && g_ascii_isdigit (text[0]) ? g_ascii_strtoull (text, &end, 10) : 0;
  const guint shift = number == 0 || *end == '\0' || *end == 'M' ? 20 : *end == 'K' ? 10 : *end == 'G' ? 30 : 40;
  return number < (G_MAXUINT64 >> shift) ? number << shift : 0;
}

/* What Slurm has allotted to the job on this node: it says so by node, or by processor. A 0 means all there is. */
static guint64
room_of_slurm (void)
{
  const guint64 of_node = slurm_size ("SLURM_MEM_PER_NODE"), of_processor = slurm_size ("SLURM_MEM_PER_CPU");
  const char *text = g_getenv ("SLURM_CPUS_ON_NODE");
  const guint64 n = text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
  if (of_node > 0)
    return of_node;
  return of_processor > 0 && n > 0 && n < G_MAXUINT16 && of_processor < G_MAXUINT64 / n ? of_processor * n
                                                                                        : G_MAXUINT64;
}

guint64
pl_memory_room (const char *root)
{
  char info[4096];
  guint64 memory, room = room_of_group (root);
  if (read_text (root, "/proc/meminfo", info, sizeof info) && find_number (info, "MemTotal", &memory))
    room = MIN (room, memory << 10);
  room = MIN (room, room_of_slurm ());
  room = MIN (room, room_of_resource (root, RLIMIT_AS, "VmSize"));
  return MIN (room, room_of_resource (root, RLIMIT_DATA, "VmData"));
}

guint64
pl_memory_kills (const char *root)
{
  Group group;
  char path[1024], text[8192];
  guint64 kills = 0;
  if (find_group (root, &group))
    {
      g_snprintf (path, sizeof path, "%s%s/%s", group.mount, group.path, group.events);
      if (read_text (root, path, text, sizeof text) && find_number (text, "oom_kill", &kills))
        return kills;
    }
  if (read_text (root, "/proc/vmstat", text, sizeof text))
    find_number (text, "oom_kill", &kills);
  return kills;
}

void
pl_memory_resident (pid_t pid, guint64 *now, guint64 *most)
{
  char path[64], status[4096];
  *now = *most = 0;
  g_snprintf (path, sizeof path, "/proc/%d/status", (int) pid);
  if (!read_text ("", path, status, sizeof status))
    return;
  find_number (status, "VmRSS", now);
  find_number (status, "VmHWM", most);
  *now *= 1024;
  *most *= 1024;
}

void
pl_memory_trim (void)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
}
