/* Appending: the target is copied, what comes is added, and the copy takes its place as any output does.
 *
 * Two runs that did so at once would each copy the same state, and the rows of one would be lost. So a run locks
 * (flock) what it appends to from before it reads it until its own version stands there. That is another file by then:
 * who has waited for the lock of the old one looks whether it still has the name, and else begins anew with the one
 * that has. Where there is no file yet, the folder is locked instead; who does not want to wait goes without, and finds
 * a file that is there by then when it publishes.
 *
 * Several are locked in the order of their paths, and nobody waits while it holds a lock: what it has it gives back
 * first, so that no two runs wait for each other, whatever hard links say of the order. */
#include "append.h"
#include "output-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "../base/error.h"
#include "decoder.h"
#include "output-wait.h"

#define COPY_PIECE (256 * 1024)
#define BEGUN_LENGTH (64 * 1024)

static gboolean
fail (const PlOutput *output, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR,
               code == ENOSPC || code == EDQUOT || code == EFBIG || code == EIO ? PL_IO_ERROR_WRITE
                                                                                : PL_IO_ERROR_CREATE,
               "cannot write %s: %s", output->name, g_strerror (code));
  return FALSE;
}

/* Returns: 0 (also where the file system knows no locks), or EWOULDBLOCK. */
static int
try_lock (int fd)
{
  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    if (errno != EINTR)
      return errno == EWOULDBLOCK ? EWOULDBLOCK : 0;
  return 0;
}

/* Where there is no target. Returns: 0, EWOULDBLOCK, or ESTALE when there is one by now. */
static int
lock_folder (PlOutput *output)
{
  const PlTarget *target = &output->target;
  struct stat info;
  for (guint i = 0; i < output->set->outputs->len; i++)
    {
      const PlOutput *other = g_ptr_array_index (output->set->outputs, i);
      if (other->folder_lock >= 0 && strcmp (other->target.folder->path, target->folder->path) == 0)
        return 0;
    }
  int fd = pl_folder_list (target->folder);
  int code = fd >= 0 ? try_lock (fd) : 0;
  if (code != 0 && !output->set->waits)
    code = 0;
  if (code == 0 && fstatat (target->folder->fd, target->name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    code = ESTALE;
  if (code == 0)
    output->folder_lock = fd;
  else if (fd >= 0)
    close (fd);
  return code;
}

/* One try. Returns: 0, EWOULDBLOCK, ESTALE when another file has the name by now, or an errno. */
static int
lock_once (PlOutput *output)
{
  const PlTarget *target = &output->target;
  struct stat locked, named;
  int fd = openat (target->folder->fd, target->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    {
      output->existed = FALSE;
      return lock_folder (output);
    }
  int code = fd < 0 ? errno : try_lock (fd);
  if (code == 0 && (fstat (fd, &locked) != 0 || !S_ISREG (locked.st_mode)))
    code = EINVAL;
  if (code == 0
      && (fstatat (target->folder->fd, target->name, &named, AT_SYMLINK_NOFOLLOW) != 0 || named.st_ino != locked.st_ino
          || named.st_dev != locked.st_dev))
    code = ESTALE;
  if (code == 0)
    {
      output->lock = fd;
      output->existed = TRUE;
      output->before = locked;
    }
  else if (fd >= 0)
    close (fd);
  return code;
}

static void
unlock_all (const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      PlOutput *output = g_ptr_array_index (files, i);
      if (output->lock >= 0)
        close (output->lock);
      if (output->folder_lock >= 0)
        close (output->folder_lock);
      output->lock = output->folder_lock = -1;
    }
}

/* Returns: the one that another run has, %NULL when all are locked; *@code: an errno, when there is no hope. */
static PlOutput *
lock_each (const GPtrArray *files, int *code)
{
  *code = 0;
  for (guint i = 0; i < files->len; i++)
    {
      PlOutput *output = g_ptr_array_index (files, i);
      do
        *code = lock_once (output);
      while (*code == ESTALE);
      if (*code != 0)
        return output;
    }
  return NULL;
}

static gboolean
lock_all (const GPtrArray *files, GError **error)
{
  PlOutputWait wait = {0, FALSE};
  PlOutput *output;
  int code;
  while ((output = lock_each (files, &code)) != NULL)
    {
      unlock_all (files);
      if (code != EWOULDBLOCK)
        return fail (output, code, error);
      if (!output->set->waits)
        {
          g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_BUSY,
                       "another run is appending to %s; run again when it is over, or set lock = wait", output->name);
          return FALSE;
        }
      if (!pl_output_wait (output, &wait, -1, "another run, which appends to", error))
        return FALSE;
    }
  return TRUE;
}

/* What compression the target shows at its first bytes. */
static PlCompression
compression_of (const PlOutput *output)
{
  guint8 head[PL_COMPRESSION_HEAD] = {0};
  const gsize length = (gsize) MIN (output->before.st_size, (goffset) sizeof head);
  if (pl_pread_all (output->lock, head, length, 0) < 0)
    return PL_COMPRESSION_NONE;
  return pl_compression_by_head (head, length, output->name);
}

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
        piece = g_malloc (COPY_PIECE);
      gssize n = pl_pread_all (from, piece, (gsize) MIN (length - done, COPY_PIECE), done);
      if (n <= 0)
        return n < 0 ? errno : EIO;
      int code = pl_write_all (to, piece, (gsize) n, -1);
      if (code != 0)
        return code;
      done += (guint64) n;
    }
  return 0;
}

/* The target's bytes: it is locked, so that those of inputs, which are watched for changes, are more than it needs. */
typedef struct
{
  PlDecoder decoder;
  const PlOutput *output;
  guint64 offset;
} TargetDecoder;

static gssize
target_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  TargetDecoder *self = (TargetDecoder *) decoder;
  gssize n = pl_pread_all (self->output->lock, data, length, self->offset);
  if (n < 0)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read %s: %s", self->output->name, g_strerror (errno));
  else
    self->offset += (guint64) n;
  return n;
}

static void
target_free (PlDecoder *decoder)
{
  g_free (decoder);
}

/* Returns: (transfer full): what reads the target's text. */
static PlDecoder *
decode_target (const PlOutput *output)
{
  TargetDecoder *self = g_new0 (TargetDecoder, 1);
  self->decoder.read = target_read;
  self->decoder.free = target_free;
  self->output = output;
  PlDecoder *file = &self->decoder;
  return pl_decoder_new (output->compression, file, output->name);
}

gboolean
pl_output_begun (const PlOutput *output, gsize length, PlBuffer *begun, GError **error)
{
  g_autoptr (PlDecoder) decoder = decode_target (output);
  gsize left = length + BEGUN_LENGTH;
  gssize n;
  while (left > 0 && (n = pl_decoder_read (decoder, pl_buffer_reserve (begun, left), left, error)) != 0)
    {
      if (n < 0)
        return FALSE;
      begun->length += (gsize) n;
      left -= (gsize) n;
    }
  return TRUE;
}

/* Reads all of a compressed target: behind a member or frame that was cut, nobody finds what is appended. *@last: the
 * last byte of its text */
static gboolean
check_whole (const PlOutput *output, char *last, GError **error)
{
  g_autoptr (GError) damage = NULL;
  g_autoptr (PlDecoder) decoder = decode_target (output);
  g_autofree char *piece = g_malloc (PL_DECODER_CHUNK);
  gssize n;

  while ((n = pl_decoder_read (decoder, piece, PL_DECODER_CHUNK, &damage)) > 0)
    *last = piece[n - 1];
  if (n == 0)
    return TRUE;
  g_set_error (
      error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
      "cannot append to %s, because nobody could read what comes behind the damage: %s; mend it, or move it away",
      output->name, damage->message);
  return FALSE;
}

static const char *
call (PlCompression compression)
{
  return compression == PL_COMPRESSION_NONE ? "plain text" : pl_compression_names ()[compression];
}

static gboolean
check_target (const PlOutput *output, char *last, GError **error)
{
  PlCompression found = compression_of (output);

  if (found != output->compression)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot append %s to %s, which is %s",
                   call (output->compression), output->name, call (found));
      return FALSE;
    }
  if (found != PL_COMPRESSION_NONE)
    return check_whole (output, last, error);
  if (pl_pread_all (output->lock, last, 1, (guint64) output->before.st_size - 1) < 0)
    return fail (output, errno, error);
  return TRUE;
}

/* Begins the temporary with what the target holds. Text that does not end with a line end gets one, lest its last row
 * and our first become one. */
static gboolean
copy_target (PlOutput *output, GError **error)
{
  char last = '\n';
  if (!check_target (output, &last, error))
    return FALSE;
  int code = copy_content (output->lock, output->temporary.fd, (guint64) output->before.st_size);
  if (code != 0)
    return fail (output, code, error);
  output->bytes = (guint64) output->before.st_size;
  return last == '\n' || pl_output_write (output, "\n", 1, error);
}

static gint
compare_paths (gconstpointer a, gconstpointer b)
{
  const PlOutput *const *x = a, *const *y = b;
  return strcmp ((*x)->path, (*y)->path);
}

gboolean
pl_output_set_begin (PlOutputSet *set, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  for (guint i = 0; set->outputs != NULL && i < set->outputs->len; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (output->kind == PL_TARGET_FILE && output->mode == PL_OUTPUT_APPEND)
        g_ptr_array_add (files, output);
    }
  g_ptr_array_sort (files, compare_paths);
  if (!lock_all (files, error))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    {
      PlOutput *output = g_ptr_array_index (files, i);
      /* It may be another file than was found first. */
      if (output->existed && !pl_output_check_owner (output, &output->before, error))
        return FALSE;
      output->is_begun = TRUE;
      output->is_new = !output->existed || output->before.st_size == 0;
      if (!output->is_new && !copy_target (output, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_output_is_same (const PlOutput *output, const struct stat *now)
{
  const struct stat *then = &output->before;
  return now->st_dev == then->st_dev && now->st_ino == then->st_ino && now->st_size == then->st_size
         && now->st_mtim.tv_sec == then->st_mtim.tv_sec && now->st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

gboolean
pl_output_fail_changed (const PlOutput *output, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_BUSY,
               "%s was changed by someone else during the run, and appending would undo that; run again", output->name);
  return FALSE;
}
