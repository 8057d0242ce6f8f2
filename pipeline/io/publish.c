/* Making all outputs of a run appear, or none.
 *
 *   1. finish   every encoder, every temporary: last bytes, owner, permissions, fsync. Whatever can fail for want of space fails here
 *   2. rename   every temporary over its target
 *   3. fsync    every folder, so that a power cut does not undo the renames
 *   4. copy     what was held back for devices, pipes and stdout
 *
 * Step 2 is as atomic as POSIX lets several files be: each appears whole, and what could stop the second one has been checked before the first. */
#include "output-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "../base/error.h"
#include "temporary.h"

#define COPY_PIECE (256 * 1024)

/* The umask, without changing it for a moment, which other threads would notice. */
static mode_t
current_umask (void)
{
  g_autofree char *status = NULL;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    {
      const char *line = strstr (status, "\nUmask:");
      if (line != NULL)
        return (mode_t) g_ascii_strtoull (line + strlen ("\nUmask:"), NULL, 8);
    }
  mode_t mask = umask (022);
  umask (mask);
  return mask;
}

static gboolean
fail (PlOutput *output, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write %s: %s", output->name, g_strerror (code));
  return FALSE;
}

/* Step 1 for one output. */
static gboolean
finish (PlOutput *output, mode_t mask, GError **error)
{
  if (output->encoder != NULL)
    {
      gsize before = output->pending.length;

      pl_encoder_finish (output->encoder, &output->pending);
      output->bytes += output->pending.length - before;
      g_clear_pointer (&output->encoder, pl_encoder_free);
    }
  if (output->kind != PL_TARGET_FILE)
    return TRUE;
  if (!pl_output_flush (output, error))
    return FALSE;

  /* A new owner drops set-id bits and needs privileges: tried first, and given up silently, as cp and editors do. */
  if (output->existed && (output->before.st_uid != geteuid () || output->before.st_gid != getegid ())
      && fchown (output->fd, output->before.st_uid, output->before.st_gid) != 0)
    errno = 0;
  if (fchmod (output->fd, output->existed ? output->before.st_mode & 0777 : 0666 & ~mask) != 0
      || (fsync (output->fd) != 0 && errno != EINVAL && errno != ENOSYS))
    return fail (output, errno, error);
  return TRUE;
}

/* Step 1 continued: nothing has changed that would make the rename wrong. */
static gboolean
check_target (PlOutput *output, GError **error)
{
  struct stat now;
  gboolean exists = stat (output->path, &now) == 0;

  if (output->mode == PL_OUTPUT_FAIL_IF_EXISTS && exists)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "%s was created by someone else during the run",
                   output->name);
      return FALSE;
    }
  if (output->mode != PL_OUTPUT_APPEND)
    return TRUE;

  const struct stat *then = &output->before;
  gboolean same
      = exists == output->existed
        && (!exists
            || (now.st_dev == then->st_dev && now.st_ino == then->st_ino && now.st_size == then->st_size
                && now.st_mtim.tv_sec == then->st_mtim.tv_sec && now.st_mtim.tv_nsec == then->st_mtim.tv_nsec));
  if (!same)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_BUSY,
                 "%s was changed by someone else during the run, and appending would undo that; run again",
                 output->name);
  return same;
}

/* Returns: 0 or an errno. */
static int
move_into_place (PlOutput *output)
{
  if (output->mode != PL_OUTPUT_FAIL_IF_EXISTS)
    return rename (output->temporary, output->path) == 0 ? 0 : errno;
  if (renameat2 (AT_FDCWD, output->temporary, AT_FDCWD, output->path, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  /* File systems without it: a hard link does not replace either. */
  if (link (output->temporary, output->path) != 0)
    return errno;
  unlink (output->temporary);
  return 0;
}

static gboolean
rename_all (PlOutputSet *set, GError **error)
{
  const PlOutput *done = NULL;

  for (guint i = 0; i < set->outputs->len; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (output->kind != PL_TARGET_FILE || output->published)
        continue;

      int code = move_into_place (output);
      if (code != 0)
        {
          g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot put %s in its place: %s%s%s%s", output->name,
                       g_strerror (code), done != NULL ? "; " : "", done != NULL ? done->name : "",
                       done != NULL ? " and the outputs before it are already new" : "");
          return FALSE;
        }
      g_clear_pointer (&output->temporary, g_free);
      output->published = TRUE;
      done = output;
    }
  return TRUE;
}

static gboolean
sync_folders (PlOutputSet *set, GError **error)
{
  g_autoptr (GHashTable) synced = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < set->outputs->len; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (output->kind != PL_TARGET_FILE || !g_hash_table_add (synced, output->folder))
        continue;

      /* A folder one may write to but not list cannot be opened, and some file systems cannot sync one. */
      int fd = open (output->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (fd < 0)
        continue;
      int code = fsync (fd) == 0 ? 0 : errno;
      close (fd);
      if (code == EIO || code == ENOSPC || code == EDQUOT)
        return fail (output, code, error);
    }
  return TRUE;
}

static int
copy_held (PlOutput *output, int to)
{
  guint64 offset = 0;

  if (output->fd >= 0)
    {
      g_autofree char *piece = g_malloc (COPY_PIECE);
      gssize n;

      while ((n = pl_pread_all (output->fd, piece, COPY_PIECE, offset)) > 0)
        {
          int code = pl_write_all (to, piece, (gsize) n, -1);
          if (code != 0)
            return code;
          offset += (guint64) n;
        }
      if (n < 0)
        return errno;
    }
  return pl_write_all (to, output->pending.data, output->pending.length, -1);
}

/* Step 4 for one output. SIGPIPE is kept from ending the process: a closed pipe is an error like others. */
static gboolean
copy_out (PlOutput *output, GError **error)
{
  gboolean is_stdout = output->kind == PL_TARGET_STDOUT;
  int to = is_stdout ? STDOUT_FILENO : open (output->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
  if (to < 0)
    return fail (output, errno, error);

  sigset_t pipe_signal, mask;
  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_signal, &mask);
  int code = copy_held (output, to);
  if (code == EPIPE && !sigismember (&mask, SIGPIPE))
    {
      static const struct timespec none = {0, 0};
      while (sigtimedwait (&pipe_signal, NULL, &none) < 0 && errno == EINTR)
        continue;
    }
  pthread_sigmask (SIG_SETMASK, &mask, NULL);
  if (!is_stdout && close (to) != 0 && code == 0)
    code = errno;

  output->published = code == 0;
  if (code == 0)
    return TRUE;
  if (code == EPIPE)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CLOSED_PIPE, "%s was closed by its reader",
                 is_stdout ? "standard output" : output->name);
  else
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write %s: %s",
                 is_stdout ? "standard output" : output->name, g_strerror (code));
  return FALSE;
}

gboolean
pl_output_set_publish (PlOutputSet *set, GError **error)
{
  mode_t mask = current_umask ();
  guint n = set->outputs != NULL ? set->outputs->len : 0;

  if (n == 0)
    return TRUE;
  for (guint i = 0; i < n; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (!output->published && !finish (output, mask, error))
        return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (output->kind == PL_TARGET_FILE && !output->published && !check_target (output, error))
        return FALSE;
    }
  if (!rename_all (set, error) || !sync_folders (set, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (output->kind != PL_TARGET_FILE && !output->published && !copy_out (output, error))
        return FALSE;
    }
  return TRUE;
}
