/* Adding outputs to a set and writing to them; publish.c makes them appear.
 *
 * A file's bytes go to a temporary beside the target: the same file system, so that a rename can publish it, and hidden
 * (`.NAME.pipeline-PID-XXXXXX.tmp`), so that no glob takes it for data. Bytes for stdout, pipes and devices are held back in memory,
 * beyond HELD_IN_MEMORY in a nameless file. One thread writes to a set. */
#include "output-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "../base/error.h"
#include "temporary.h"

#define HELD_IN_MEMORY (1024 * 1024)
#define WRITE_BUFFER (256 * 1024)
/* So often the system is told to bring to the disk what it has of a file, so that little is left to wait for in the end. */
#define WRITE_BACK (8 * 1024 * 1024)

PlOutputSet *
pl_output_set_new (void)
{
  return g_new0 (PlOutputSet, 1);
}

static void
output_free (PlOutput *output)
{
  pl_temporary_remove (&output->temporary);
  pl_encoder_free (output->encoder);
  pl_buffer_clear (&output->pending);
  g_free (output->name);
  g_free (output->path);
  free (output->folder);
  g_free (output);
}

void
pl_output_set_free (PlOutputSet *set)
{
  if (set == NULL)
    return;
  g_clear_pointer (&set->outputs, g_ptr_array_unref);
  g_free (set);
}

/* The kernel's rule for links in sticky folders (protected_symlinks), here for every folder that others may write to, whatever the
 * kernel is set to: follow only our own, and those of the folder's owner. The same for files that a rename would replace:
 * their owner would be given the new one. */
static gboolean
is_planted (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat file, parent;

  return lstat (path, &file) == 0 && stat (folder, &parent) == 0 && (parent.st_mode & S_IWOTH) != 0
         && file.st_uid != geteuid () && file.st_uid != parent.st_uid;
}

static gboolean
fail_planted (const char *path, GError **error)
{
  g_set_error (
      error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
      "cannot write %s: it belongs to another user, in a folder that everyone may write to; remove it or write "
      "to another folder",
      path);
  return FALSE;
}

/* Links among the folders of @path. */
static gboolean
check_folders (const char *path, GError **error)
{
  for (const char *slash = strchr (path + 1, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *prefix = g_strndup (path, (gsize) (slash - path));
      struct stat info;
      if (lstat (prefix, &info) == 0 && S_ISLNK (info.st_mode) && is_planted (prefix))
        return fail_planted (prefix, error);
    }
  return TRUE;
}

char *
pl_output_follow_links (const char *path, GError **error)
{
  g_autofree char *current = g_strdup (path);

  for (guint depth = 0; depth < 40; depth++)
    {
      if (!check_folders (current, error))
        return NULL;
      g_autofree char *link = g_file_read_link (current, NULL);
      if (link == NULL)
        return g_steal_pointer (&current);
      if (is_planted (current))
        {
          fail_planted (current, error);
          return NULL;
        }
      g_autofree char *folder = g_path_get_dirname (current);
      g_free (current);
      current = g_path_is_absolute (link) ? g_strdup (link) : g_build_filename (folder, link, NULL);
    }
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot write %s: %s", path, g_strerror (ELOOP));
  return NULL;
}

static PlCompression
compression_by_name (const char *path)
{
  if (g_str_has_suffix (path, ".gz"))
    return PL_COMPRESSION_GZIP;
  if (g_str_has_suffix (path, ".zst"))
    return PL_COMPRESSION_ZSTD;
  return PL_COMPRESSION_NONE;
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
gboolean
pl_output_is_device (const char *path)
{
  struct stat info;
  gboolean names_descriptor = (g_str_has_prefix (path, "/dev/") && !g_str_has_prefix (path, "/dev/shm/"))
                              || g_str_has_prefix (path, "/proc/");

  return stat (path, &info) == 0 && !S_ISDIR (info.st_mode) && (names_descriptor || !S_ISREG (info.st_mode));
}

/* Splits the target's path into an existing folder, created if need be, in its one true spelling, and a name in it. */
static gboolean
settle_path (PlOutput *output, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);

  if (g_mkdir_with_parents (folder, 0777) == 0)
    output->folder = realpath (folder, NULL);
  if (output->folder == NULL)
    {
      int code = errno;
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot create the folder %s for %s: %s", folder,
                   output->name, g_strerror (code));
      return FALSE;
    }
  output->path = g_build_filename (output->folder, name, NULL);
  return TRUE;
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
  if (is_planted (output->path))
    return fail_planted (output->name, error);
  /* A rename would replace a write-protected file all the same; who protected it did not want that. */
  return access (output->path, W_OK) == 0 || fail_create (output, errno, error);
}

/* Finds out what the target is, and that it may be written. */
static gboolean
inspect_target (PlOutput *output, GError **error)
{
  if (pl_output_is_device (output->name))
    {
      output->kind = PL_TARGET_DEVICE;
      output->path = g_strdup (output->name);
      return access (output->path, W_OK) == 0 || fail_create (output, errno, error);
    }
  if (g_str_has_suffix (output->name, "/"))
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot write %s: it is a folder; name a file in it",
                   output->name);
      return FALSE;
    }

  g_autofree char *path = pl_output_follow_links (output->name, error);
  if (path == NULL || !settle_path (output, path, error))
    return FALSE;
  output->existed = stat (output->path, &output->before) == 0;
  if (!output->existed)
    return errno == ENOENT || fail_create (output, errno, error);
  return check_existing (output, error);
}

static gboolean
create_temporary (PlOutput *output, GError **error)
{
  g_autofree char *name = g_path_get_basename (output->path);
  int code = pl_temporary_create (&output->temporary, output->folder, name);

  if (code == EACCES || code == EROFS)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot write %s: no file can be created in its folder: %s",
                   output->name, g_strerror (code));
      return FALSE;
    }
  if (code != 0)
    return fail_create (output, code, error);
  return TRUE;
}

/* What compression the file in @fd shows at its first bytes. */
static PlCompression
compression_of (int fd)
{
  guint8 head[4] = {0};

  if (pl_pread_all (fd, head, sizeof head, 0) < 0)
    return PL_COMPRESSION_NONE;
  if (head[0] == 0x1f && head[1] == 0x8b)
    return PL_COMPRESSION_GZIP;
  if (memcmp (head, "\x28\xb5\x2f\xfd", 4) == 0)
    return PL_COMPRESSION_ZSTD;
  return PL_COMPRESSION_NONE;
}

/* Copies @length bytes of @from into the empty file @to, sharing blocks where the file system can. Returns: 0 or an errno. */
static int
copy_content (int from, int to, guint64 length)
{
  guint64 done = 0;
  g_autofree char *piece = NULL;

  if (ioctl (to, FICLONE, from) == 0)
    return lseek (to, 0, SEEK_END) < 0 ? errno : 0;
  while (done < length)
    {
      off_t offset = (off_t) done;
      gssize n = copy_file_range (from, &offset, to, NULL, (gsize) MIN (length - done, (guint64) 1 << 30), 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      done += (guint64) n;
    }
  /* Not every pair of file systems supports it. */
  while (done < length)
    {
      if (piece == NULL)
        piece = g_malloc (WRITE_BUFFER);
      gssize n = pl_pread_all (from, piece, (gsize) MIN (length - done, WRITE_BUFFER), done);
      if (n <= 0)
        return n < 0 ? errno : EIO;
      int code = pl_write_all (to, piece, (gsize) n, -1);
      if (code != 0)
        return code;
      done += (guint64) n;
    }
  return 0;
}

/* Begins the temporary with what the target holds. Text that does not end with a line end gets one, lest its last row and our first become one. */
static gboolean
copy_before_append (PlOutput *output, GError **error)
{
  static const char *const names[] = {"", "plain text", "gzip", "zstd"};
  int from = open (output->path, O_RDONLY | O_CLOEXEC);

  if (from < 0)
    return fail_create (output, errno, error);

  PlCompression found = compression_of (from);
  guint64 size = (guint64) output->before.st_size;
  char last = '\n';
  int code = 0;
  gboolean ok = found == output->compression;
  if (!ok)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot append %s to %s, which is %s",
                 names[output->compression], output->name, names[found]);
  else
    {
      if (pl_pread_all (from, &last, 1, size - 1) < 0)
        code = errno;
      if (code == 0)
        code = copy_content (from, output->temporary.fd, size);
      if (code == 0 && found == PL_COMPRESSION_NONE && last != '\n')
        {
          pl_buffer_append_char (&output->pending, '\n');
          size++;
        }
    }
  close (from);
  output->bytes = size;
  return code != 0 ? fail_write (output, code, error) : ok;
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
    output->compression = compression_by_name (output->path);
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
  if (!create_temporary (output, error))
    return FALSE;
  output->is_new = output->mode != PL_OUTPUT_APPEND || !output->existed || output->before.st_size == 0;
  return output->is_new || copy_before_append (output, error);
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
  if (output->temporary.fd < 0 && (output->temporary.fd = pl_temporary_open (error)) < 0)
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
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE,
               "cannot hold back what is for %s in a temporary file in %s: %s; set TMPDIR to another folder",
               strcmp (output->name, "-") == 0 ? "standard output" : output->name, g_get_tmp_dir (), g_strerror (code));
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
  g_ptr_array_remove (output->set->outputs, output);
}

guint64
pl_output_bytes (const PlOutput *output)
{
  return output->bytes;
}
