/* Making all outputs of a run appear, or none.
 *
 *   1. finish   every encoder, every temporary: last bytes, owner, attributes, mode, fsync. Whatever can fail for want
 *               of space fails here
 *   2. check    every target: nobody has put something in its place meanwhile
 *   3. copy     what was withheld for devices, pipes and stdout
 *   4. place    every temporary over its target, all or none: publish-place.c
 *
 * What has gone into a pipe cannot be taken back; so it goes first, and when it fails no file has changed. A reader
 * that has read enough and closed its pipe is no failure of the files. */
#include "publish.h"
#include "output-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>
#include "../base/error.h"
#include "append.h"
#include "attributes.h"
#include "output-wait.h"
#include "publish-place.h"

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
  /* It would take the place of what it was to be added to. */
  g_assert (output->kind != PL_TARGET_FILE || output->mode != PL_OUTPUT_APPEND || output->is_begun);
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
  if (!pl_output_dress (output, error))
    return FALSE;
  if (fsync (output->temporary.fd) != 0 && errno != EINVAL && errno != ENOSYS)
    return fail (output, errno, error);
  return TRUE;
}

/* Step 2 for one output. */
static gboolean
check_target (PlOutput *output, GError **error)
{
  const struct stat *now = &output->now;

  output->exists = fstatat (output->target.folder->fd, output->target.name, &output->now, AT_SYMLINK_NOFOLLOW) == 0;
  if (!output->exists && errno != ENOENT)
    return fail (output, errno, error);
  if (output->exists && !pl_output_check_owner (output, now, error))
    return FALSE;
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

  if (output->exists != output->existed || (output->exists && !pl_output_is_same (output, now)))
    return pl_output_fail_changed (output, error);
  return TRUE;
}

/* Pipes and devices are handed pages by the kernel, which saves copying them twice; where it does not (old kernels),
 * or something fails, who writes the rest will see. *@offset: how many bytes of the temporary went into @to. Returns:
 * FALSE with @error, where a wait was given up */
static gboolean
send_pages (const PlOutput *output, int to, guint64 *offset, GError **error)
{
  PlOutputWait wait = {0, FALSE};
  struct stat info;
  off_t next = 0;
  gssize n;

  *offset = 0;
  if (fstat (to, &info) != 0 || S_ISREG (info.st_mode))
    return TRUE;
  while ((n = sendfile (to, output->temporary.fd, &next, SEND_PIECE)) != 0)
    {
      if (n > 0)
        wait = (PlOutputWait){0, FALSE};
      else if (errno == EAGAIN && output->kind == PL_TARGET_DEVICE)
        {
          if (!pl_output_wait (output, &wait, to, "the reader of", error))
            return FALSE;
        }
      else if (errno != EINTR)
        break;
    }
  *offset = (guint64) next;
  return TRUE;
}

/* Goes on when a pipe is full: a pipe of ours does not block, so that a run that waits for its reader hears signals.
 * Returns: FALSE with @error */
static gboolean
write_patiently (PlOutput *output, int to, const char *data, gsize length, int *code, GError **error)
{
  PlOutputWait wait = {0, FALSE};
  *code = 0;
  while (length > 0)
    {
      gssize n = write (to, data, MIN (length, SEND_PIECE));
      if (n > 0)
        {
          data += n;
          length -= (gsize) n;
          wait = (PlOutputWait){0, FALSE};
        }
      else if (n == 0)
        *code = EIO;
      else if (errno == EAGAIN)
        {
          if (!pl_output_wait (output, &wait, to, "the reader of", error))
            return FALSE;
        }
      else if (errno != EINTR)
        *code = errno;
      if (*code != 0)
        return TRUE;
    }
  return TRUE;
}

/* Returns: FALSE with @error, where a wait was given up; *@code: 0 or an errno */
static gboolean
copy_held (PlOutput *output, int to, int *code, GError **error)
{
  *code = 0;
  if (output->temporary.fd >= 0)
    {
      g_autofree char *piece = g_malloc (COPY_PIECE);
      guint64 offset;
      gssize n;

      if (!send_pages (output, to, &offset, error))
        return FALSE;

      while ((n = pl_pread_all (output->temporary.fd, piece, COPY_PIECE, offset)) > 0)
        {
          if (!write_patiently (output, to, piece, (gsize) n, code, error))
            return FALSE;
          if (*code != 0)
            return TRUE;
          offset += (guint64) n;
        }
      if (n < 0)
        {
          *code = errno;
          return TRUE;
        }
    }
  return write_patiently (output, to, output->pending.data, output->pending.length, code, error);
}

/* The device that was looked at, whatever has its name by now. Returns: -1 with errno. */
static int
open_target (const PlOutput *output)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", output->target.fd);
  int flags = S_ISFIFO (output->target.info.st_mode) ? O_NONBLOCK : 0;
  return open (path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags);
}

/* Behind what a file that a descriptor leads to holds; others have no end, and sendfile() refuses descriptors that
 * append. A pipe without a reader is waited for. Returns: a descriptor, or -1 with @error. */
static int
open_device (PlOutput *output, GError **error)
{
  PlOutputWait wait = {0, FALSE};
  struct stat info;
  int to;
  while ((to = open_target (output)) < 0
         && (errno == EINTR || (errno == ENXIO && S_ISFIFO (output->target.info.st_mode))))
    if (!pl_output_wait (output, &wait, -1, "a reader of", error))
      return -1;
  int code = to < 0 ? errno : 0;
  if (to >= 0 && (fstat (to, &info) != 0 || S_ISREG (info.st_mode)) && fcntl (to, F_SETFL, O_APPEND) != 0)
    {
      code = errno;
      close (to);
    }
  if (code == 0)
    return to;
  fail (output, code, error);
  return -1;
}

/* Step 3 for one output. SIGPIPE is kept from ending the process: a closed pipe is an error like others. */
static gboolean
copy_out (PlOutput *output, GError **error)
{
  gboolean is_stdout = output->kind == PL_TARGET_STDOUT;
  int to = is_stdout ? STDOUT_FILENO : open_device (output, error);
  int code;
  if (to < 0)
    return FALSE;

  sigset_t pipe_signal, mask;
  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_signal, &mask);
  gboolean done = copy_held (output, to, &code, error);
  if (code == EPIPE && !sigismember (&mask, SIGPIPE))
    {
      static const struct timespec none = {0, 0};
      while (sigtimedwait (&pipe_signal, NULL, &none) < 0 && errno == EINTR)
        continue;
    }
  pthread_sigmask (SIG_SETMASK, &mask, NULL);
  if (!is_stdout && close (to) != 0 && code == 0)
    code = errno;

  output->published = done && code == 0;
  if (code == 0)
    return done;
  if (code == EPIPE)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CLOSED_PIPE, "%s was closed by its reader",
                 is_stdout ? "standard output" : output->name);
  else
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write %s: %s",
                 is_stdout ? "standard output" : output->name, g_strerror (code));
  return FALSE;
}

/* Step 3. *@closed: that a reader had enough; *@given: what cannot be taken back any more, %NULL when nothing */
static gboolean
copy_all (PlOutputSet *set, const PlOutput **given, GError **closed, GError **error)
{
  for (guint i = 0; i < set->outputs->len; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      GError *failure = NULL;
      if (output->kind == PL_TARGET_FILE || output->published)
        continue;
      if (copy_out (output, &failure))
        *given = output->bytes > 0 ? output : *given;
      else if (!g_error_matches (failure, PL_IO_ERROR, PL_IO_ERROR_CLOSED_PIPE))
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      else if (*closed == NULL)
        *closed = failure;
      else
        g_error_free (failure);
    }
  return TRUE;
}

/* Steps 1 and 2. */
static gboolean
finish_all (PlOutputSet *set, GError **error)
{
  for (guint i = 0; i < set->outputs->len; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (!output->published && !finish (output, error))
        return FALSE;
    }
  for (guint i = 0; i < set->outputs->len; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (output->kind == PL_TARGET_FILE && !output->published && !check_target (output, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_output_set_publish (PlOutputSet *set, GError **error)
{
  g_autoptr (GError) closed = NULL;
  const PlOutput *given = NULL;

  if (set->outputs == NULL || set->outputs->len == 0)
    return TRUE;
  if (!finish_all (set, error))
    return FALSE;
  if (!copy_all (set, &given, &closed, error) || !pl_output_place_all (set, error))
    {
      if (given != NULL && error != NULL && *error != NULL)
        g_prefix_error (error, "what was for %s has been written already; ",
                        given->kind == PL_TARGET_STDOUT ? "standard output" : given->name);
      return FALSE;
    }
  /* They hold what was published. */
  g_ptr_array_set_size (set->made, 0);
  if (closed == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&closed));
  return FALSE;
}
