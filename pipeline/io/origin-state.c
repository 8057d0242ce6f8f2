/* One state of a file, and whether another look still finds it.
 *
 * Times are those of the kernel's clock, which goes in ticks of some milliseconds: two changes within one tick have the
 * same time. So a first look is only believed when the file's time lies before the present tick and nobody has it open
 * for writing: what comes later has another time then. Where somebody has (a read lease says so, where one may be had),
 * bytes are compared. File systems with coarser times, or other machines' clocks (FAT, NFS), are believed what they
 * say. */
#include "origin-state.h"
#include "origin-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "temporary.h"
#include "../base/error.h"

#define PIECE ((gsize) 256 << 10)
/* Of a file's first bytes, where its header is, there is a digest whether it is live or not: so many, and what was read
 * with them. */
#define HEAD ((guint64) 128 << 10)
/* How often a tick is waited for, in microseconds, and how many times at most. */
#define NAP 500
#define MOST_NAPS 100
/* A file that nobody can say of whether it is being written to is, when it was changed this short a time ago, in
 * seconds. */
#define FRESH 2

PlFileState
pl_file_state (const struct stat *info)
{
  return (PlFileState){.device = (guint64) info->st_dev,
                       .inode = (guint64) info->st_ino,
                       .size = (guint64) info->st_size,
                       .seconds = info->st_mtim.tv_sec,
                       .nanoseconds = info->st_mtim.tv_nsec};
}

static gboolean
is_same_time (const PlFileState *a, const PlFileState *b)
{
  return a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

static gboolean
is_same_file (const PlFileState *a, const PlFileState *b)
{
  return a->device == b->device && a->inode == b->inode;
}

typedef enum
{
  WRITER_NONE,
  WRITER_THERE,
  WRITER_UNKNOWN,
} Writer;

/* A read lease can be had only while nobody has the file open for writing. It is given back at once; who opens the file
 * in between waits that long, and we would get a signal, which is therefore one that does nothing. */
static Writer
find_writer (int fd)
{
  if (fcntl (fd, F_SETSIG, SIGURG) != 0)
    return WRITER_UNKNOWN;
  Writer found = WRITER_NONE;
  if (fcntl (fd, F_SETLEASE, F_RDLCK) == 0)
    fcntl (fd, F_SETLEASE, F_UNLCK);
  else
    found = errno == EAGAIN ? WRITER_THERE : WRITER_UNKNOWN;
  /* Others may have the same descriptor as their stdin. */
  fcntl (fd, F_SETSIG, 0);
  return found;
}

/* Nanoseconds from the state's time to the present tick's; a tick is over when this is more than 0. */
static gint64
age (const PlFileState *state)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME_COARSE, &now);
  gint64 seconds = now.tv_sec - state->seconds;
  if (seconds > FRESH || seconds < -FRESH)
    return G_MAXINT64;
  return seconds * 1000000000 + (now.tv_nsec - state->nanoseconds);
}

/* One look that waits for the tick's end. Returns: 0 or an errno. */
static int
look_once (PlOrigin *origin, int fd)
{
  struct stat info;
  if (fstat (fd, &info) != 0)
    return errno;
  origin->state = pl_file_state (&info);
  gint64 old = age (&origin->state);
  for (guint i = 0; old <= 0 && old > -20000000 && i < MOST_NAPS; i++)
    {
      g_usleep (NAP);
      old = age (&origin->state);
    }
  Writer writer = find_writer (fd);
  origin->is_live = writer == WRITER_THERE || (writer == WRITER_UNKNOWN && old < FRESH * (gint64) 1000000000);
  return 0;
}

int
pl_origin_look (PlOrigin *origin, int fd)
{
  for (guint i = 0;; i++)
    {
      struct stat info;
      int code = look_once (origin, fd);
      if (code != 0)
        return code;
      if (fstat (fd, &info) != 0)
        return errno;
      PlFileState now = pl_file_state (&info);
      if (is_same_time (&now, &origin->state) && now.size == origin->state.size)
        return 0;
      /* Written to all the time: the bytes will tell. */
      if (i == MOST_NAPS)
        {
          origin->is_live = TRUE;
          return 0;
        }
    }
}

void
pl_origin_begin (PlOrigin *origin)
{
  origin->covered = origin->start;
  XXH64_reset (&origin->seen, 0);
}

G_GNUC_PRINTF (3, 4)
static PlOriginNow
changed (const char *name, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *how = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_BUSY, "%s changed while it was read%s; run again", name, how);
  return PL_ORIGIN_CHANGED;
}

void
pl_origin_cut_short (const PlOrigin *origin, const char *name, guint64 end, GError **error)
{
  changed (name, error, ": it had %" G_GUINT64_FORMAT " bytes, now it has %" G_GUINT64_FORMAT, origin->state.size, end);
}

/* @now against the first look, by what can be told without reading. */
static PlOriginNow
compare (const PlOrigin *origin, const char *name, const PlFileState *now, GError **error)
{
  const PlFileState *then = &origin->state;
  if (!is_same_file (then, now))
    return changed (name, error, ": another file has taken its place");
  if (now->size < then->size)
    {
      pl_origin_cut_short (origin, name, now->size, error);
      return PL_ORIGIN_CHANGED;
    }
  if (now->size == then->size)
    return is_same_time (then, now) ? PL_ORIGIN_SAME : changed (name, error, "%s", "");
  return PL_ORIGIN_GREW;
}

int
pl_origin_borrow (PlOrigin *origin, const char *name, GError **error)
{
  struct stat info;
  if (origin->fd >= 0)
    return origin->fd;
  /* It was a regular file, which never waits; what has taken its place might. */
  int fd = open (origin->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    changed (name, error, ": it is not there any more");
  else if (fd < 0)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN, "cannot open %s again: %s", name, g_strerror (errno));
  if (fd < 0)
    return -1;
  PlFileState now = fstat (fd, &info) == 0 ? pl_file_state (&info) : (PlFileState){0};
  if (compare (origin, name, &now, error) != PL_ORIGIN_CHANGED)
    return fd;
  close (fd);
  return -1;
}

void
pl_origin_give_back (PlOrigin *origin, int fd)
{
  if (fd >= 0 && fd != origin->fd)
    close (fd);
}

void
pl_origin_note (PlOrigin *origin, guint64 offset, const void *data, gsize length)
{
  guint64 end = offset + length;
  if (offset > origin->covered || end <= origin->covered || (!origin->is_live && origin->covered >= HEAD))
    return;
  XXH64_update (&origin->seen, (const char *) data + (origin->covered - offset), (gsize) (end - origin->covered));
  origin->covered = end;
}

/* Reads [@from, @end) of @fd, whatever it is of.
 * Returns: FALSE with @error when the file ends before, or cannot be read. */
static gboolean
digest (int fd, const char *name, guint64 from, guint64 end, XXH64_state_t *state, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE);
  while (from < end)
    {
      gssize n = pl_pread_all (fd, piece, (gsize) MIN (PIECE, end - from), from);
      if (n < 0)
        g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read %s: %s", name, g_strerror (errno));
      else if (n == 0)
        changed (name, error, "%s", "");
      if (n <= 0)
        return FALSE;
      XXH64_update (state, piece, (gsize) n);
      from += (guint64) n;
    }
  return TRUE;
}

gboolean
pl_origin_cover (PlOrigin *origin, const char *name, guint64 end, GError **error)
{
  guint64 wanted = MIN (end, origin->state.size);
  if (!origin->is_live || wanted <= origin->covered)
    return TRUE;
  int fd = pl_origin_borrow (origin, name, error);
  if (fd < 0)
    return FALSE;
  gboolean ok = digest (fd, name, origin->covered, wanted, &origin->seen, error);
  pl_origin_give_back (origin, fd);
  origin->covered = wanted;
  return ok;
}

/* Whether the last row that was there at the first look had its line end. In wide encodings zeros stand behind it. */
static gboolean
is_whole (int fd, guint64 size)
{
  char tail[4] = "";
  gsize length = (gsize) MIN (size, sizeof tail);
  if (length == 0 || pl_pread_all (fd, tail, length, size - length) != (gssize) length)
    return length == 0;
  while (length > 1 && tail[length - 1] == '\0')
    length--;
  return tail[length - 1] == '\n' || tail[length - 1] == '\r';
}

/* The file is as it was, or longer, as far as can be told without reading. */
static PlOriginNow
check_bytes (PlOrigin *origin, const char *name, gboolean is_text, gboolean grew, GError **error)
{
  XXH64_state_t now;
  gboolean is_proven = origin->is_live || origin->covered >= origin->state.size;
  int fd = pl_origin_borrow (origin, name, error);
  if (fd < 0)
    return PL_ORIGIN_CHANGED;
  XXH64_reset (&now, 0);
  gboolean ok = digest (fd, name, origin->start, origin->covered, &now, error);
  gboolean whole = !grew || !is_text || is_whole (fd, origin->state.size);
  pl_origin_give_back (origin, fd);
  if (!ok)
    return PL_ORIGIN_CHANGED;
  if (XXH64_digest (&now) != XXH64_digest (&origin->seen))
    return changed (name, error, "%s", "");
  if (!whole)
    return changed (name, error, ": it grew, and its last row was not whole yet");
  origin->is_live |= grew;
  return !grew ? PL_ORIGIN_SAME : is_proven ? PL_ORIGIN_GREW : PL_ORIGIN_UNPROVEN;
}

PlOriginNow
pl_origin_check (PlOrigin *origin, const char *name, gboolean is_text, GError **error)
{
  struct stat info;
  gboolean is_stdin = origin->path[0] == '-' && origin->path[1] == '\0';
  if (origin->spool != NULL)
    return PL_ORIGIN_SAME;
  int code = (is_stdin ? fstat (STDIN_FILENO, &info) : stat (origin->path, &info)) != 0 ? errno : 0;
  if (code == ENOENT || code == ENOTDIR)
    return changed (name, error, ": it is not there any more");
  if (code != 0)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot look at %s again: %s", name, g_strerror (code));
      return PL_ORIGIN_CHANGED;
    }
  PlFileState now = pl_file_state (&info);
  PlOriginNow found = compare (origin, name, &now, error);
  if (found == PL_ORIGIN_CHANGED || (found == PL_ORIGIN_SAME && !origin->is_live))
    return found;
  return check_bytes (origin, name, is_text, found == PL_ORIGIN_GREW, error);
}
