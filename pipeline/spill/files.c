/* See files.h. */
#include "files.h"
#include "../base/error.h"
#include "../base/lease.h"
#include "../base/notice.h"
#include "../io/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Bytes after which the kernel is asked to begin writing: so it does not stop everybody when there are too many. */
#define WRITE_BACK ((guint64) 8 << 20)

typedef struct
{
  int fd;          /* -1: not there yet */
  guint folder;    /* for temporary.h */
  guint64 end;     /* bytes */
  guint64 written; /* of these the kernel has been asked to write */
} File;

struct PlSpillFiles
{
  File *files;
  guint n;
  guint next; /* which of them a section goes to */
};

PlSpillFiles *
pl_spill_files_new (void)
{
  PlSpillFiles *self = g_new0 (PlSpillFiles, 1);
  const guint first = pl_temporary_next ();
  self->n = pl_temporary_n_folders ();
  self->files = g_new0 (File, self->n);
  for (guint i = 0; i < self->n; i++)
    self->files[i] = (File){.fd = -1, .folder = (first + i) % self->n};
  return self;
}

void
pl_spill_files_free (PlSpillFiles *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    if (self->files[i].fd >= 0)
      close (self->files[i].fd);
  g_free (self->files);
  g_free (self);
}

/* How much of the disks the files would have needed is not known; how much they have, and what is left, is. */
static gboolean
fail_to_write (const PlSpillFiles *self, int code, GError **error)
{
  g_autoptr (GString) folders = g_string_new (NULL);
  guint64 had = 0, left = 0;
  for (guint i = 0; i < self->n; i++)
    {
      const File *file = &self->files[i];
      struct statvfs info;
      if (file->fd >= 0 && fstatvfs (file->fd, &info) == 0)
        left += (guint64) info.f_bavail * info.f_frsize;
      had += file->end;
      g_string_append_printf (folders, "%s%s", i > 0 ? ", " : "", pl_temporary_folder (file->folder));
    }
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE,
               "cannot write a temporary file in %s: %s; it has %" G_GUINT64_FORMAT " MiB, and %" G_GUINT64_FORMAT
               " MiB are left there; set memory-limit higher, or temp-directory to a "
               "folder with more room",
               folders->str, g_strerror (code), had >> 20, left >> 20);
  return FALSE;
}

static void
begin_write_back (File *file)
{
  if (file->end - file->written < WRITE_BACK)
    return;
  if (sync_file_range (file->fd, (off_t) file->written, (off_t) (file->end - file->written), SYNC_FILE_RANGE_WRITE)
      != 0)
    errno = 0;
  file->written = file->end;
}

/* The first time that something goes to a folder which is memory, it is said. */
static void
tell_of_memory (const char *folder)
{
  static gint told;
  if (pl_temporary_is_memory (folder) && g_atomic_int_compare_and_exchange (&told, FALSE, TRUE))
    pl_notice (
        "what does not fit in memory goes to %s, which is itself kept in memory (tmpfs); set temp-directory to a "
        "folder on a disk",
        folder);
}

static int
open_file (File *file, GError **error)
{
  file->fd = pl_temporary_open (file->folder, error);
  if (file->fd >= 0)
    tell_of_memory (pl_temporary_folder (file->folder));
  return file->fd;
}

/* Returns: 0 or an errno; -1 with @error, where the file cannot be made. */
static int
write_to (File *file, gconstpointer data, guint32 length, GError **error)
{
  if (file->fd < 0 && open_file (file, error) < 0)
    return -1;
  const int code = pl_write_all (file->fd, data, length, (gint64) file->end);
  if (code != 0)
    return code;
  file->end += length;
  pl_lease_spill (length);
  begin_write_back (file);
  return 0;
}

gboolean
pl_spill_files_write (PlSpillFiles *self, gconstpointer data, guint32 length, PlSpillPlace *place, GError **error)
{
  int code = ENOSPC;
  for (guint i = 0; i < self->n && (code == ENOSPC || code == EDQUOT || code == EFBIG); i++)
    {
      const guint f = self->next++ % self->n;
      *place = (PlSpillPlace){self->files[f].end, length, f};
      code = write_to (&self->files[f], data, length, error);
      if (code <= 0)
        return code == 0;
    }
  return fail_to_write (self, code, error);
}

void
pl_spill_files_forget (PlSpillFiles *self, const PlSpillPlace *place)
{
#ifdef FALLOC_FL_PUNCH_HOLE
  if (fallocate (self->files[place->file].fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t) place->offset,
                 (off_t) place->length)
      != 0)
    errno = 0;
#else
  (void) self;
  (void) place;
#endif
}

void
pl_spill_files_expect (const PlSpillFiles *self, const PlSpillPlace *place)
{
  posix_fadvise (self->files[place->file].fd, (off_t) place->offset, (off_t) place->length, POSIX_FADV_WILLNEED);
}

gboolean
pl_spill_files_fail (const PlSpillFiles *self, const PlSpillPlace *place, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ,
               "a temporary file in %s is damaged at byte %" G_GUINT64_FORMAT
               ": what is read there is not what was written; its disk or file system is at fault",
               pl_temporary_folder (self->files[place->file].folder), place->offset);
  return FALSE;
}

gboolean
pl_spill_files_read (const PlSpillFiles *self, const PlSpillPlace *place, gpointer buffer, GError **error)
{
  const File *file = &self->files[place->file];
  const gssize n = pl_pread_all (file->fd, buffer, place->length, place->offset);
  if (n == (gssize) place->length)
    return TRUE;
  if (n >= 0)
    return pl_spill_files_fail (self, place, error);
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read a temporary file in %s: %s",
               pl_temporary_folder (file->folder), g_strerror (errno));
  return FALSE;
}
