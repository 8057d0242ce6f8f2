/* Opening what an input's bytes come from: see origin.h; origin-state.c tells one state of a file from another. */
#include "origin.h"
#include "origin-private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "../base/descriptors.h"
#include "expand.h"
#include "origin-state.h"
#include "spool.h"
#include "../base/error.h"

/* Descriptors that are left for everything else: a quarter of what may be, at least these. */
#define LEAST_RESERVE 64

/* All origins of paths there are. They leave when their last user does: what is opened behind that may be another
 * state. */
static pthread_mutex_t origins_lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *origins; /* path → PlOrigin, of neither is it the owner */

static gint n_kept; /* atomic */

static gint
room_within (guint64 limit)
{
  guint64 reserve = MAX (limit / 4, LEAST_RESERVE);
  return (gint) MIN (limit > reserve ? limit - reserve : 0, G_MAXINT);
}

/* Whether one more descriptor may be kept. */
static gboolean
take_room (void)
{
  gint before = g_atomic_int_add (&n_kept, 1);
  if (before < room_within ((guint64) MAX (sysconf (_SC_OPEN_MAX), 0))
      || before < room_within (pl_descriptors_raise ()))
    return TRUE;
  g_atomic_int_add (&n_kept, -1);
  return FALSE;
}

static void
leave_room (PlOrigin *origin)
{
  if (origin->is_kept)
    g_atomic_int_add (&n_kept, -1);
  origin->is_kept = FALSE;
}

PlOrigin *
pl_origin_ref (PlOrigin *origin)
{
  g_atomic_ref_count_inc (&origin->ref_count);
  return origin;
}

void
pl_origin_unref (PlOrigin *origin)
{
  if (origin == NULL)
    return;
  pthread_mutex_lock (&origins_lock);
  gboolean is_last = g_atomic_ref_count_dec (&origin->ref_count);
  if (is_last && origins != NULL && g_hash_table_lookup (origins, origin->path) == origin)
    g_hash_table_remove (origins, origin->path);
  pthread_mutex_unlock (&origins_lock);
  if (!is_last)
    return;
  if (origin->spool != NULL)
    pl_spool_unref (origin->spool);
  if (origin->fd > STDIN_FILENO)
    close (origin->fd);
  leave_room (origin);
  g_free (origin->path);
  g_free (origin);
}

static PlOrigin *
origin_new (const char *path)
{
  PlOrigin *origin = g_new0 (PlOrigin, 1);
  g_atomic_ref_count_init (&origin->ref_count);
  origin->path = g_strdup (path);
  origin->fd = -1;
  return origin;
}

/* Enters @origin as the one of its path, unless another thread was faster. Returns: (transfer full) */
static PlOrigin *
share (PlOrigin *origin)
{
  pthread_mutex_lock (&origins_lock);
  if (origins == NULL)
    origins = g_hash_table_new (g_str_hash, g_str_equal);
  PlOrigin *other = g_hash_table_lookup (origins, origin->path);
  if (other == NULL)
    g_hash_table_insert (origins, origin->path, origin);
  else
    pl_origin_ref (other);
  pthread_mutex_unlock (&origins_lock);
  if (other == NULL)
    return origin;
  pl_origin_unref (origin);
  return other;
}

static PlOrigin *
find (const char *path)
{
  pthread_mutex_lock (&origins_lock);
  PlOrigin *origin = origins != NULL ? g_hash_table_lookup (origins, path) : NULL;
  if (origin != NULL)
    pl_origin_ref (origin);
  pthread_mutex_unlock (&origins_lock);
  return origin;
}

static const char *
shown (const char *path)
{
  return strcmp (path, "-") == 0 ? "standard input" : path;
}

static void
fail_to_open (const char *path, int code, GError **error)
{
  if (code == ENOENT || code == ENOTDIR)
    pl_input_not_found (path, path, error);
  else
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN, "cannot open %s: %s", shown (path), g_strerror (code));
}

/* Whether reading @fd gives what its size does not say: files of /proc have none, those of /sys a page, whatever is in
 * them. */
static gboolean
has_no_true_size (PlOrigin *origin, int fd)
{
  guint64 size = origin->state.size;
  struct stat info;
  char byte;
  gssize n = pread (fd, &byte, 1, size > 0 ? (off_t) size - 1 : 0);
  /* What is wrong is for the reader to find. */
  if (n < 0)
    return size == 0 || errno == ESPIPE;
  if ((n == 0) != (size > 0) || fstat (fd, &info) != 0)
    return FALSE;
  /* Somebody may be writing to it just now. */
  PlFileState now = pl_file_state (&info);
  return now.size == size && (size == 0 || now.seconds == origin->state.seconds)
         && (size == 0 || now.nanoseconds == origin->state.nanoseconds);
}

/* A regular file. Takes @fd. Returns: FALSE with @error. */
static gboolean
take_file (PlOrigin *origin, int fd, GError **error)
{
  gboolean is_stdin = fd == STDIN_FILENO;
  origin->fd = fd;
  int code = pl_origin_look (origin, fd);
  if (code != 0)
    {
      fail_to_open (origin->path, code, error);
      return FALSE;
    }
  if (has_no_true_size (origin, fd))
    {
      origin->fd = -1;
      origin->spool = pl_spool_get (fd, (dev_t) origin->state.device, (ino_t) origin->state.inode);
      return TRUE;
    }
  if (is_stdin)
    {
      /* `< file`: its bytes from where the shell left it. Only pread() is used, so the place stays. */
      off_t here = lseek (fd, 0, SEEK_CUR);
      origin->start = here > 0 ? (guint64) here : 0;
      pl_origin_begin (origin);
      return TRUE;
    }
  pl_origin_begin (origin);
  posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  origin->is_kept = take_room ();
  if (!origin->is_kept)
    {
      close (fd);
      origin->fd = -1;
    }
  return TRUE;
}

static gboolean
take_bytes (PlOrigin *origin, GError **error)
{
  const char *path = origin->path;
  gboolean is_stdin = strcmp (path, "-") == 0;
  struct stat info;
  int fd = STDIN_FILENO;

  if (!is_stdin)
    {
      /* Opening a named pipe a second time would wait for a second writer. */
      if (stat (path, &info) == 0 && !S_ISREG (info.st_mode)
          && (origin->spool = pl_spool_find (info.st_dev, info.st_ino)) != NULL)
        return TRUE;
      fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    }
  if (fd < 0 || fstat (fd, &info) != 0)
    {
      fail_to_open (path, errno, error);
      if (fd > STDIN_FILENO)
        close (fd);
      return FALSE;
    }
  if (S_ISDIR (info.st_mode))
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN,
                   "%s is a folder, not a file; write %s%s*.csv to read the files in it", shown (path), shown (path),
                   g_str_has_suffix (path, "/") ? "" : "/");
      if (!is_stdin)
        close (fd);
      return FALSE;
    }
  if (S_ISREG (info.st_mode))
    return take_file (origin, fd, error);
  origin->spool = pl_spool_get (fd, info.st_dev, info.st_ino);
  return TRUE;
}

PlOrigin *
pl_origin_open (const char *path, GError **error)
{
  PlOrigin *known = find (path);
  if (known != NULL)
    return known;
  g_autoptr (PlOrigin) origin = origin_new (path);
  if (!take_bytes (origin, error))
    return NULL;
  return share (g_steal_pointer (&origin));
}

PlOrigin *
pl_origin_start (PlChildCommand *command, GError **error)
{
  g_autoptr (PlOrigin) origin = origin_new ("");
  origin->spool = pl_spool_start (command, error);
  return origin->spool != NULL ? g_steal_pointer (&origin) : NULL;
}

PlOrigin *
pl_origin_load (const char *path, const PlFileState *state)
{
  PlOrigin *origin = origin_new (path);
  origin->state = *state;
  return origin;
}

const PlFileState *
pl_origin_state (const PlOrigin *origin)
{
  return origin->spool == NULL ? &origin->state : NULL;
}
