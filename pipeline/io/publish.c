/* Making all outputs of a run appear, or none.
 *
 *   1. finish   every encoder, every temporary: last bytes, owner, fsync. Whatever can fail for want of space fails here
 *   2. check    every target: nobody has put something in its place meanwhile
 *   3. copy     what was held back for devices, pipes and stdout
 *   4. place    every temporary over its target, all or none: publish-place.c
 *
 * What has gone into a pipe cannot be taken back; so it goes first, and when it fails no file has changed. A reader that has read enough
 * and closed its pipe is no failure of the files. */
#include "output-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>
#include "../base/error.h"

#define COPY_PIECE (256 * 1024)
#define SEND_PIECE ((gsize) 1 << 30)

static gboolean
fail (PlOutput *output, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write %s: %s", output->name, g_strerror (code));
  return FALSE;
}

/* Step 1 for one output. */
static gboolean
finish (PlOutput *output, GError **error)
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

  /* A new owner needs privileges: tried, and given up silently, as cp and editors do. */
  if (output->existed && (output->before.st_uid != geteuid () || output->before.st_gid != getegid ())
      && fchown (output->temporary.fd, output->before.st_uid, output->before.st_gid) != 0)
    errno = 0;
  if (fsync (output->temporary.fd) != 0 && errno != EINVAL && errno != ENOSYS)
    return fail (output, errno, error);
  return TRUE;
}

/* Step 2 for one output. */
static gboolean
check_target (PlOutput *output, GError **error)
{
  const struct stat *now = &output->now, *then = &output->before;

  output->exists = lstat (output->path, &output->now) == 0;
  if (output->exists && !S_ISREG (now->st_mode))
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
                   "%s was replaced by something that is no file during the run", output->name);
      return FALSE;
    }
  if (output->mode == PL_OUTPUT_FAIL_IF_EXISTS && output->exists)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "%s was created by someone else during the run",
                   output->name);
      return FALSE;
    }
  if (output->mode != PL_OUTPUT_APPEND)
    return TRUE;

  gboolean same
      = output->exists == output->existed
        && (!output->exists
            || (now->st_dev == then->st_dev && now->st_ino == then->st_ino && now->st_size == then->st_size
                && now->st_mtim.tv_sec == then->st_mtim.tv_sec && now->st_mtim.tv_nsec == then->st_mtim.tv_nsec));
  if (!same)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_BUSY,
                 "%s was changed by someone else during the run, and appending would undo that; run again",
                 output->name);
  return same;
}

/* Pipes and devices are handed pages by the kernel, which saves copying them twice; where it does not (old kernels, full pipes that do not wait), or
 * something fails, who writes the rest will see. Returns: how many bytes of @from went into @to. */
static guint64
send_pages (int from, int to)
{
  struct stat info;
  off_t offset = 0;
  gssize n;

  if (fstat (to, &info) != 0 || S_ISREG (info.st_mode))
    return 0;
  do
    n = sendfile (to, from, &offset, SEND_PIECE);
  while (n > 0 || (n < 0 && errno == EINTR));
  return (guint64) offset;
}

static int
copy_held (PlOutput *output, int to)
{
  if (output->temporary.fd >= 0)
    {
      guint64 offset = send_pages (output->temporary.fd, to);
      g_autofree char *piece = g_malloc (COPY_PIECE);
      gssize n;

      while ((n = pl_pread_all (output->temporary.fd, piece, COPY_PIECE, offset)) > 0)
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

/* Behind what a file that a descriptor leads to holds; others have no end, and sendfile() refuses descriptors that append. Returns: -1 with errno. */
static int
open_device (const PlOutput *output)
{
  struct stat info;
  int to = open (output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

  if (to >= 0 && (fstat (to, &info) != 0 || S_ISREG (info.st_mode)) && fcntl (to, F_SETFL, O_APPEND) != 0)
    {
      int code = errno;
      close (to);
      errno = code;
      return -1;
    }
  return to;
}

/* Step 3 for one output. SIGPIPE is kept from ending the process: a closed pipe is an error like others. */
static gboolean
copy_out (PlOutput *output, GError **error)
{
  gboolean is_stdout = output->kind == PL_TARGET_STDOUT;
  int to = is_stdout ? STDOUT_FILENO : open_device (output);
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
  guint n = set->outputs != NULL ? set->outputs->len : 0;
  g_autoptr (GError) closed = NULL;

  for (guint i = 0; i < n; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (!output->published && !finish (output, error))
        return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (output->kind == PL_TARGET_FILE && !output->published && !check_target (output, error))
        return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      GError *failure = NULL;
      if (output->kind == PL_TARGET_FILE || output->published || copy_out (output, &failure))
        continue;
      gboolean had_enough = g_error_matches (failure, PL_IO_ERROR, PL_IO_ERROR_CLOSED_PIPE);
      if (had_enough && closed == NULL)
        closed = failure;
      else if (had_enough)
        g_error_free (failure);
      else
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
    }
  if (n > 0 && !pl_output_place_all (set, error))
    return FALSE;
  if (closed == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&closed));
  return FALSE;
}
