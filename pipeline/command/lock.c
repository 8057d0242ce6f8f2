/* See lock.h. Who holds a lock stands in /proc/locks, since when it runs in /proc/PID/stat. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "../base/error.h"
#include "signals.h"
#include "../base/cleanup.h"
#include "../base/parallel.h"

/* The process with a flock on the file, 0 when that is hidden: "1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF". */
static int
find_holder (const struct stat *file)
{
  g_autofree char *text = NULL;
  g_autofree char *wanted = g_strdup_printf ("%02x:%02x:%" G_GUINT64_FORMAT, major (file->st_dev), minor (file->st_dev),
                                             (guint64) file->st_ino);
  if (!g_file_get_contents ("/proc/locks", &text, NULL, NULL))
    return 0;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char inode[64];
      int pid;
      if (sscanf (*line, "%*s FLOCK %*s WRITE %d %63s", &pid, inode) == 2 && strcmp (inode, wanted) == 0)
        return MAX (pid, 0);
    }
  return 0;
}

/* When process @pid was started, in seconds of 1970, or 0: ticks since the machine was, and when that was. */
static gint64
start_of (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *process = NULL;
  g_autofree char *machine = NULL;
  guint64 ticks, booted;
  if (!g_file_get_contents (path, &process, NULL, NULL) || !g_file_get_contents ("/proc/stat", &machine, NULL, NULL))
    return 0;
  /* The name, in parentheses, may hold anything; the start is the 20th number behind it. */
  const char *next = strrchr (process, ')'), *boot = strstr (machine, "\nbtime ");
  for (guint i = 0; i < 20 && next != NULL; i++)
    next = strchr (next + 1, ' ');
  if (next == NULL || boot == NULL || sscanf (next, "%" G_GUINT64_FORMAT, &ticks) != 1
      || sscanf (boot, "\nbtime %" G_GUINT64_FORMAT, &booted) != 1)
    return 0;
  return (gint64) (booted + ticks / (guint64) sysconf (_SC_CLK_TCK));
}

static void
set_held (const char *path, const struct stat *file, GError **error)
{
  int pid = find_holder (file);
  time_t start = pid > 0 ? (time_t) start_of (pid) : 0;
  g_autofree char *holder = pid > 0 ? g_strdup_printf ("process %d", pid) : g_strdup ("another process");
  char since[64] = "";
  struct tm when;
  if (start > 0 && gmtime_r (&start, &when) != NULL)
    strftime (since, sizeof since, ", since %Y-%m-%dT%H:%M:%SZ", &when);
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_BUSY, "%s is being run already by %s%s", path, holder, since);
}

static PlLockResult
fail (const char *path, int fd, int code, GError **error)
{
  if (fd >= 0)
    close (fd);
  g_set_error (error, PL_IO_ERROR, code == ENOENT ? PL_IO_ERROR_NOT_FOUND : PL_IO_ERROR_OPEN, "cannot lock %s: %s",
               path, g_strerror (code));
  return PL_LOCK_FAILED;
}

PlLockResult
pl_lock_job (const char *path, gboolean wait, GError **error)
{
  for (;;)
    {
      struct stat locked, named;
      int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
      if (fd < 0 || fstat (fd, &locked) != 0)
        return fail (path, fd, errno, error);
      while (flock (fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0)
        {
          int code = errno;
          if (pl_signals_stopped ())
            {
              close (fd);
              return PL_LOCK_STOPPED;
            }
          if (code == EINTR)
            continue;
          if (code != EWOULDBLOCK)
            return fail (path, fd, code, error);
          set_held (path, &locked, error);
          close (fd);
          return PL_LOCK_HELD;
        }
      /* A new job file may have been put in the place of this one while we waited. */
      if (stat (path, &named) == 0 && named.st_dev == locked.st_dev && named.st_ino == locked.st_ino)
        return PL_LOCK_TAKEN;
      close (fd);
    }
}
