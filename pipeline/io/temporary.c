/* Temporary files with and without a name, and reads and writes that finish what they began. */
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include "../base/error.h"

/* A single read or write is kept far below the kernel's limit of 2 GiB. */
#define MAX_TRANSFER ((gsize) 1 << 30)
/* Longest file name ext4, xfs, btrfs and tmpfs allow. */
#define NAME_LENGTH_MAX 255
#define MARK ".pipeline-"
#define ENDING ".tmp"
#define RANDOM_LENGTH 6
/* Where the system keeps temporary files that are large. */
#define ON_DISK "/var/tmp"
#ifndef RAMFS_MAGIC
#define RAMFS_MAGIC 0x858458f6
#endif

static GStrv folders_in_use; /* NULL: the system's */
static guint n_given;        /* by pl_temporary_next(): atomic */

void
pl_temporary_use (const char *const *folders)
{
  g_strfreev (folders_in_use);
  folders_in_use = folders != NULL && folders[0] != NULL ? g_strdupv ((GStrv) folders) : NULL;
}

guint
pl_temporary_n_folders (void)
{
  return folders_in_use != NULL ? g_strv_length (folders_in_use) : 1;
}

gboolean
pl_temporary_is_memory (const char *folder)
{
  struct statfs info;
  return statfs (folder, &info) == 0 && (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC);
}

/* Files are here because they are too large for memory. */
static const char *
system_folder (void)
{
  static gsize found;
  if (g_once_init_enter (&found))
    {
      const char *folder = g_get_tmp_dir ();
      if (g_getenv ("TMPDIR") == NULL && pl_temporary_is_memory (folder) && !pl_temporary_is_memory (ON_DISK)
          && pl_temporary_try (ON_DISK) == 0)
        folder = ON_DISK;
      g_once_init_leave (&found, (gsize) folder);
    }
  return (const char *) found;
}

const char *
pl_temporary_folder (guint index)
{
  return folders_in_use != NULL ? folders_in_use[index % pl_temporary_n_folders ()] : system_folder ();
}

guint
pl_temporary_next (void)
{
  return __atomic_fetch_add (&n_given, 1, __ATOMIC_RELAXED);
}

static int
open_with_name (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, ".pipeline-XXXXXX", NULL);
  int fd = mkostemp (path, O_CLOEXEC);

  if (fd >= 0)
    unlink (path);
  return fd;
}

/* Not every file system has nameless files (EOPNOTSUPP; old ones say EISDIR or EINVAL). */
static int
open_nameless (const char *folder)
{
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

  return fd >= 0 ? fd : open_with_name (folder);
}

/* A full file system lets files be made, and takes no bytes. */
int
pl_temporary_try (const char *folder)
{
  static const char page[4096];
  int fd = open_nameless (folder);

  if (fd < 0)
    return errno;
  int code = pl_write_all (fd, page, sizeof page, 0);
  close (fd);
  return code;
}

int
pl_temporary_open (guint index, GError **error)
{
  const char *folder = pl_temporary_folder (index);
  int fd = open_nameless (folder);

  if (fd < 0)
    {
      int code = errno;
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
                   "cannot create a temporary file in %s: %s; set TMPDIR or temp-directory to another folder", folder,
                   g_strerror (code));
    }
  return fd;
}

/* Between the creation and the lock, another run may take the file for a dead one's: then it has no name any more.
 * Returns: whether it is ours. A file system without locks leaves no doubt either: nothing on it can be locked and
 * removed. */
static gboolean
lock_new (int fd)
{
  struct stat info;

  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    if (errno != EINTR)
      return errno != EWOULDBLOCK;
  return fstat (fd, &info) != 0 || info.st_nlink > 0;
}

/* Puts another random text behind the last MARK and number of @name. */
static void
vary (char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  char *text = name + strlen (name) - strlen (ENDING) - RANDOM_LENGTH;
  for (guint i = 0; i < RANDOM_LENGTH; i++)
    text[i] = letters[g_random_int_range (0, sizeof letters - 1)];
}

/* One try. Returns: 0, an errno, or EAGAIN when another run took it. */
static int
create_once (PlTemporary *temporary, PlFolder *folder, const char *hidden)
{
  g_autofree char *name = g_strdup (hidden);
  PlCleanup *note = pl_cleanup_file (folder->fd, name);
  int fd, code;

  /* Nobody ends the process between a file's first moment and the note of its name; memory has been had before. */
  pl_cleanup_hold ();
  do
    {
      vary (name);
      fd = openat (folder->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
      code = fd >= 0 ? 0 : errno;
    }
  while (code == EEXIST);
  if (code == 0)
    pl_cleanup_spell (note, name);
  pl_cleanup_release ();
  if (code == 0 && lock_new (fd))
    {
      *temporary
          = (PlTemporary){.fd = fd, .folder = pl_folder_ref (folder), .name = g_steal_pointer (&name), .note = note};
      return 0;
    }
  pl_cleanup_forget (note);
  if (fd >= 0)
    close (fd);
  return code != 0 ? code : EAGAIN;
}

int
pl_temporary_create (PlTemporary *temporary, PlFolder *folder, const char *name)
{
  g_autofree char *suffix = g_strdup_printf (MARK "%ld-XXXXXX" ENDING, (long) getpid ());
  gsize room = NAME_LENGTH_MAX - 1 - strlen (suffix);
  g_autofree char *hidden = g_strdup_printf (".%.*s%s", (int) MIN (strlen (name), room), name, suffix);
  int code;

  do
    code = create_once (temporary, folder, hidden);
  while (code == EAGAIN);
  return code;
}

void
pl_temporary_announce (PlTemporary *temporary, const char *name)
{
  temporary->next_name = g_strdup (name);
  temporary->next_note = pl_cleanup_file (temporary->folder->fd, name);
}

int
pl_temporary_rename (PlTemporary *temporary)
{
  if (renameat (temporary->folder->fd, temporary->name, temporary->folder->fd, temporary->next_name) != 0)
    return errno;
  pl_cleanup_forget (temporary->note);
  temporary->note = g_steal_pointer (&temporary->next_note);
  g_free (temporary->name);
  temporary->name = g_steal_pointer (&temporary->next_name);
  return 0;
}

char *
pl_temporary_path (const PlTemporary *temporary)
{
  return g_build_filename (temporary->folder->path, temporary->name, NULL);
}

void
pl_temporary_release (PlTemporary *temporary)
{
  pl_cleanup_forget (g_steal_pointer (&temporary->note));
  pl_cleanup_forget (g_steal_pointer (&temporary->next_note));
  g_clear_pointer (&temporary->name, g_free);
  g_clear_pointer (&temporary->next_name, g_free);
  g_clear_pointer (&temporary->folder, pl_folder_unref);
  if (temporary->fd >= 0)
    close (temporary->fd);
  temporary->fd = -1;
}

void
pl_temporary_remove (PlTemporary *temporary)
{
  if (temporary->name != NULL)
    unlinkat (temporary->folder->fd, temporary->name, 0);
  pl_temporary_release (temporary);
}

gboolean
pl_temporary_is_name (const char *name)
{
  const char *mark = name[0] == '.' ? g_strrstr (name, MARK) : NULL;

  if (mark == NULL || !g_ascii_isdigit (mark[strlen (MARK)]))
    return FALSE;
  const char *next = mark + strlen (MARK);
  while (g_ascii_isdigit (*next))
    next++;
  if (*next++ != '-')
    return FALSE;
  for (guint i = 0; i < RANDOM_LENGTH; i++)
    if (!g_ascii_isalnum (*next++))
      return FALSE;
  return strcmp (next, ENDING) == 0;
}

int
pl_temporary_adopt (const PlFolder *folder, const char *name)
{
  struct stat info;
  int fd = openat (folder->fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd < 0)
    return -1;
  /* Somebody else's file is never touched, whatever it is called; nor is one that was taken away while we opened it. */
  if (flock (fd, LOCK_EX | LOCK_NB) == 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_nlink == 1
      && info.st_uid == geteuid ())
    return fd;
  close (fd);
  return -1;
}

int
pl_write_all (int fd, const void *data, gsize length, gint64 offset)
{
  const char *next = data;

  while (length > 0)
    {
      gsize want = MIN (length, MAX_TRANSFER);
      gssize n = offset < 0 ? write (fd, next, want) : pwrite (fd, next, want, offset);

      if (n < 0)
        {
          if (errno == EINTR)
            continue;
          return errno;
        }
      /* POSIX leaves a zero return open; going round for ever would be worse than an error. */
      if (n == 0)
        return EIO;
      next += n;
      length -= (gsize) n;
      if (offset >= 0)
        offset += n;
    }
  return 0;
}

gssize
pl_pread_all (int fd, void *data, gsize length, guint64 offset)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = pread (fd, (char *) data + done, MIN (length - done, MAX_TRANSFER), (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      done += (gsize) n;
    }
  return (gssize) done;
}
