/* Adding outputs to a set and writing to them; append.c reads what they are appended to, publish.c makes them appear.
 *
 * A file's bytes go to a temporary beside the target: the same file system, so that a rename can publish it, and hidden
 * (`.NAME.pipeline-PID-XXXXXX.tmp`), so that no glob takes it for data. Bytes for stdout, pipes and devices are held
 * back in memory, beyond HELD_IN_MEMORY in a nameless file. One thread writes to a set. */
#include "output.h"
#include "output-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "../base/error.h"

#define HELD_IN_MEMORY (1024 * 1024)
#define WRITE_BUFFER (256 * 1024)
/* So often the system is told to bring to the disk what it has of a file, so that little is left to wait for in the
 * end. */
#define WRITE_BACK (8 * 1024 * 1024)

PlOutputSet *
pl_output_set_new (void)
{
  PlOutputSet *set = g_new0 (PlOutputSet, 1);
  set->made = pl_made_folders_new ();
  return set;
}

void
pl_output_set_heed (PlOutputSet *set, gboolean waits, const gint *cancelled)
{
  set->waits = waits;
  set->cancelled = cancelled;
}

static void
output_free (PlOutput *output)
{
  pl_temporary_remove (&output->temporary);
  if (output->lock >= 0)
    close (output->lock);
  if (output->folder_lock >= 0)
    close (output->folder_lock);
  pl_encoder_free (output->encoder);
  pl_buffer_clear (&output->pending);
  pl_target_clear (&output->target);
  g_free (output->name);
  g_free (output->path);
  g_free (output);
}

void
pl_output_set_free (PlOutputSet *set)
{
  if (set == NULL)
    return;
  g_clear_pointer (&set->outputs, g_ptr_array_unref);
  pl_made_folders_remove (set->made);
  g_ptr_array_unref (set->made);
  g_free (set);
}

static gboolean
fail_create (const PlOutput *output, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot write %s: %s", output->name, g_strerror (code));
  return FALSE;
}

static gboolean
fail_write (PlOutput *output, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write %s: %s", output->name, g_strerror (code));
  pl_temporary_remove (&output->temporary);
  return FALSE;
}

/* Pipes and devices, and what /dev/stdout and /dev/fd/N lead to, even a regular file: who opened it keeps it open. */
static gboolean
is_device (const PlTarget *target)
{
  struct statfs system;
  if (target->fd < 0 || S_ISDIR (target->info.st_mode))
    return FALSE;
  return target->is_descriptor || !S_ISREG (target->info.st_mode)
         || (fstatfs (target->fd, &system) == 0 && system.f_type == PROC_SUPER_MAGIC);
}

/* Whether what stands there may be written: the file that the descriptor is of, not what has its name by now. */
static gboolean
check_access (const PlOutput *output, GError **error)
{
  int code = faccessat (output->target.fd, "", W_OK, AT_EMPTY_PATH | AT_EACCESS) == 0 ? 0 : errno;
  /* Kernels before 5.8 cannot be asked about a descriptor; what it is asked for then fails later. */
  return code == 0 || code == EINVAL || code == ENOSYS || code == ENOENT || fail_create (output, code, error);
}

static gboolean
check_device (const PlOutput *output, GError **error)
{
  if (S_ISSOCK (output->target.info.st_mode) && !output->target.is_descriptor)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
                   "cannot write %s: it is a socket; name a file, a pipe or a device", output->name);
      return FALSE;
    }
  return check_access (output, error);
}

/* Whether what stands at the target's place may be replaced. */
static gboolean
check_existing (const PlOutput *output, GError **error)
{
  if (S_ISDIR (output->before.st_mode))
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot write %s: it is a folder; name a file in it",
                   output->name);
      return FALSE;
    }
  if (output->mode == PL_OUTPUT_FAIL_IF_EXISTS)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
                   "%s exists already; remove it, or set mode = replace or append", output->name);
      return FALSE;
    }
  /* A rename would replace a write-protected file all the same; who protected it did not want that. */
  return check_access (output, error);
}

gboolean
pl_output_check_owner (const PlOutput *output, const struct stat *info, GError **error)
{
  if (!pl_folder_is_planted (output->target.folder, info))
    return TRUE;
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
               "cannot write %s: it belongs to another user, in a folder that everyone may write to; remove it or "
               "write to another folder",
               output->name);
  return FALSE;
}

/* Finds out what the target is, and that it may be written. */
static gboolean
inspect_target (PlOutput *output, GError **error)
{
  PlTarget *target = &output->target;
  if (g_str_has_suffix (output->name, "/"))
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot write %s: it is a folder; name a file in it",
                   output->name);
      return FALSE;
    }
  if (!pl_target_find (target, output->name, output->set->made, error))
    return FALSE;
  output->path = g_build_filename (target->folder->path, target->name, NULL);
  /* Descriptors are the kernel's. */
  if (target->fd >= 0 && !target->is_descriptor && !pl_output_check_owner (output, &target->info, error))
    return FALSE;
  if (is_device (target))
    {
      output->kind = PL_TARGET_DEVICE;
      return check_device (output, error);
    }
  output->existed = target->fd >= 0;
  output->before = target->info;
  gboolean ok = !output->existed || check_existing (output, error);
  if (target->fd >= 0)
    close (target->fd);
  target->fd = -1;
  return ok;
}

static gboolean
create_temporary (PlOutput *output, GError **error)
{
  int code = pl_temporary_create (&output->temporary, output->target.folder, output->target.name);

  if (code == EACCES || code == EPERM || code == EROFS || code == ENOENT || code == EOPNOTSUPP)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot write %s: no file can be created in its folder: %s",
                   output->name, g_strerror (code));
      return FALSE;
    }
  if (code != 0)
    return fail_create (output, code, error);
  return TRUE;
}

static gboolean
open_target (PlOutput *output, GError **error)
{
  if (strcmp (output->name, "-") == 0)
    {
      output->kind = PL_TARGET_STDOUT;
      return TRUE;
    }
  if (!inspect_target (output, error))
    return FALSE;
  if (output->compression == PL_COMPRESSION_AUTO)
    output->compression = pl_compression_by_path (output->kind == PL_TARGET_FILE ? output->path : output->name);
  if (output->kind != PL_TARGET_FILE)
    return TRUE;

  for (guint i = 0; i < output->set->outputs->len; i++)
    {
      const PlOutput *other = g_ptr_array_index (output->set->outputs, i);
      gboolean same = other->kind == PL_TARGET_FILE
                      && (g_strcmp0 (other->path, output->path) == 0
                          || (other->existed && output->existed && other->before.st_dev == output->before.st_dev
                              && other->before.st_ino == output->before.st_ino));
      if (same)
        {
          g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
                       "%s is written twice in one run; give each sink a path of its own", output->name);
          return FALSE;
        }
    }
  return create_temporary (output, error);
}

PlOutput *
pl_output_set_add (PlOutputSet *set, const char *path, PlOutputMode mode, PlCompression compression, GError **error)
{
  PlOutput *output = g_new0 (PlOutput, 1);

  if (set->outputs == NULL)
    set->outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) output_free);
  output->set = set;
  output->mode = mode;
  output->compression = compression;
  output->name = g_strdup (path);
  output->temporary.fd = -1;
  output->target.fd = output->lock = output->folder_lock = -1;
  output->is_new = TRUE;
  if (!open_target (output, error))
    {
      output_free (output);
      return NULL;
    }
  if (output->compression == PL_COMPRESSION_AUTO)
    output->compression = PL_COMPRESSION_NONE;
  output->encoder = pl_encoder_new (output->compression);
  g_ptr_array_add (set->outputs, output);
  return output;
}

void
pl_output_keep_private (PlOutput *output)
{
  output->is_private = TRUE;
}

gboolean
pl_output_replaces (const PlOutput *output)
{
  return output->kind == PL_TARGET_FILE && output->existed && output->before.st_size > 0;
}

gboolean
pl_output_is_new (const PlOutput *output)
{
  return output->is_new;
}

/* Asks and does not wait. Whether it went well is what fsync() says in the end. */
static void
begin_write_back (PlOutput *output)
{
  output->unsynced = 0;
  if (sync_file_range (output->temporary.fd, 0, 0, SYNC_FILE_RANGE_WRITE) != 0)
    errno = 0;
}

static gboolean
write_through (PlOutput *output, const void *data, gsize length, GError **error)
{
  if (output->temporary.fd < 0 && (output->temporary.fd = pl_temporary_open (0, error)) < 0)
    return FALSE;

  int code = pl_write_all (output->temporary.fd, data, length, -1);
  if (code == 0)
    {
      output->unsynced += length;
      if (output->kind == PL_TARGET_FILE && output->unsynced >= WRITE_BACK)
        begin_write_back (output);
      return TRUE;
    }
  if (output->kind == PL_TARGET_FILE)
    return fail_write (output, code, error);
  g_set_error (
      error, PL_IO_ERROR, PL_IO_ERROR_WRITE,
      "cannot hold back what is for %s in a temporary file in %s: %s; set TMPDIR or temp-directory to another folder",
      strcmp (output->name, "-") == 0 ? "standard output" : output->name, pl_temporary_folder (0), g_strerror (code));
  return FALSE;
}

gboolean
pl_output_flush (PlOutput *output, GError **error)
{
  gsize length = output->pending.length;

  output->pending.length = 0;
  return length == 0 || write_through (output, output->pending.data, length, error);
}

gboolean
pl_output_write (PlOutput *output, const void *data, gsize length, GError **error)
{
  gsize before = output->pending.length;
  gsize limit = output->kind == PL_TARGET_FILE || output->temporary.fd >= 0 ? WRITE_BUFFER : HELD_IN_MEMORY;

  if (output->encoder != NULL)
    {
      pl_encoder_write (output->encoder, data, length, &output->pending);
      output->bytes += output->pending.length - before;
    }
  else
    {
      output->bytes += length;
      /* A whole block is not worth copying. */
      if (length >= limit)
        return pl_output_flush (output, error) && write_through (output, data, length, error);
      pl_buffer_append (&output->pending, data, length);
    }
  return output->pending.length < limit || pl_output_flush (output, error);
}

void
pl_output_drop (PlOutput *output)
{
  PlOutputSet *set = output->set;
  g_ptr_array_remove (set->outputs, output);
  /* Those with other outputs in them stay. */
  pl_made_folders_remove (set->made);
}

guint64
pl_output_bytes (const PlOutput *output)
{
  return output->bytes;
}
