/* Walking a path by descriptors: see folder.h.
 *
 * openat2(RESOLVE_NO_SYMLINKS) would refuse links for us, but not tell planted ones from those that the user made,
 * which must work. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "../base/error.h"

/* As many links as the kernel follows. */
#define MAX_LINKS 40

struct PlMadeFolder
{
  PlFolder *parent;
  char *name;
  dev_t device;
  ino_t inode;
  PlCleanup *note;
};

PlFolder *
pl_folder_ref (PlFolder *folder)
{
  g_atomic_ref_count_inc (&folder->ref_count);
  return folder;
}

void
pl_folder_unref (PlFolder *folder)
{
  if (folder == NULL || !g_atomic_ref_count_dec (&folder->ref_count))
    return;
  close (folder->fd);
  g_free (folder->path);
  g_free (folder);
}

int
pl_folder_list (const PlFolder *folder)
{
  return openat (folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
pl_folder_sync (const PlFolder *folder)
{
  /* A folder one may write to but not list cannot be opened, and some file systems cannot sync one. */
  int fd = pl_folder_list (folder);
  if (fd < 0)
    return 0;
  int code = fsync (fd) == 0 ? 0 : errno;
  close (fd);
  return code == EIO || code == ENOSPC || code == EDQUOT ? code : 0;
}

gboolean
pl_folder_is_planted (const PlFolder *folder, const struct stat *info)
{
  return folder->is_public && info->st_uid != geteuid () && info->st_uid != folder->owner;
}

static void
made_free (PlMadeFolder *made)
{
  pl_cleanup_forget (made->note);
  pl_folder_unref (made->parent);
  g_free (made->name);
  g_free (made);
}

GPtrArray *
pl_made_folders_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) made_free);
}

void
pl_made_folders_remove (GPtrArray *made)
{
  for (guint i = made->len; i-- > 0;)
    {
      const PlMadeFolder *folder = g_ptr_array_index (made, i);
      struct stat info;
      if (fstatat (folder->parent->fd, folder->name, &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_ino == folder->inode
          && info.st_dev == folder->device && unlinkat (folder->parent->fd, folder->name, AT_REMOVEDIR) == 0)
        g_ptr_array_remove_index (made, i);
    }
}

int
pl_made_folders_sync (const GPtrArray *made)
{
  int code = 0;
  for (guint i = 0; i < made->len && code == 0; i++)
    code = pl_folder_sync (((const PlMadeFolder *) g_ptr_array_index (made, i))->parent);
  return code;
}

/* A walk on its way. */
typedef struct
{
  const char *whole; /* the path that was asked for */
  GString *rest;     /* what is still to go */
  GString *seen;     /* what has been walked, as it was written: for messages */
  PlFolder *folder;
  guint links;
  GPtrArray *made;
} Walk;

static gboolean
fail (const char *path, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot write %s: %s", path, g_strerror (code));
  return FALSE;
}

static gboolean
fail_folder (const Walk *walk, int code, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (walk->whole);
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot create the folder %s for %s: %s", folder, walk->whole,
               g_strerror (code));
  return FALSE;
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

/* Goes on in the folder @fd (taken), which is called @path (transfer full). */
static void
enter (Walk *walk, int fd, const struct stat *info, char *path)
{
  PlFolder *folder = g_new0 (PlFolder, 1);
  g_atomic_ref_count_init (&folder->ref_count);
  folder->fd = fd;
  folder->path = path;
  gboolean planted = walk->folder != NULL && pl_folder_is_planted (walk->folder, info);
  /* Who owns a planted folder is who may want to lead us. */
  folder->owner = planted ? walk->folder->owner : info->st_uid;
  folder->is_public = planted || (info->st_mode & S_IWOTH) != 0;
  pl_folder_unref (walk->folder);
  walk->folder = folder;
}

/* Returns: @fd, or -1 with errno set. */
static int
learn (int fd, struct stat *info)
{
  if (fd < 0 || fstat (fd, info) == 0)
    return fd;
  int code = errno;
  close (fd);
  errno = code;
  return -1;
}

/* Goes to "/" or the current folder. */
static gboolean
begin (Walk *walk, GError **error)
{
  gboolean absolute = walk->rest->str[0] == '/';
  struct stat info;
  int fd = learn (open (absolute ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC), &info);
  if (fd < 0)
    return fail_folder (walk, errno, error);
  char *here = absolute ? NULL : getcwd (NULL, 0);
  g_string_assign (walk->seen, absolute ? "/" : "");
  g_clear_pointer (&walk->folder, pl_folder_unref);
  enter (walk, fd, &info, g_strdup (absolute ? "/" : here != NULL ? here : "."));
  free (here);
  return TRUE;
}

/* The next name on the way, "" at its end. */
static char *
next_name (Walk *walk)
{
  const char *start = walk->rest->str + strspn (walk->rest->str, "/");
  gsize length = strcspn (start, "/");
  char *name = g_strndup (start, length);
  g_string_erase (walk->rest, 0, start - walk->rest->str + (gssize) length);
  return name;
}

static gboolean
is_at_end (const Walk *walk)
{
  return walk->rest->str[strspn (walk->rest->str, "/")] == '\0';
}

static gboolean
is_on_proc (int fd)
{
  struct statfs info;
  return fstatfs (fd, &info) == 0 && info.f_type == PROC_SUPER_MAGIC;
}

/* A missing folder: makes it. Returns: its descriptor, or -1 with errno set. */
static int
make_folder (const Walk *walk, const char *name)
{
  struct stat info;
  PlCleanup *note = pl_cleanup_folder (walk->folder->fd, name);
  pl_cleanup_hold ();
  int code = mkdirat (walk->folder->fd, name, 0777) == 0 ? 0 : errno;
  pl_cleanup_release ();
  int fd = code == 0 || code == EEXIST ? openat (walk->folder->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
  if (code == 0 && fd >= 0 && fstat (fd, &info) == 0)
    {
      PlMadeFolder *made = g_new0 (PlMadeFolder, 1);
      *made = (PlMadeFolder){pl_folder_ref (walk->folder), g_strdup (name), info.st_dev, info.st_ino, note};
      g_ptr_array_add (walk->made, made);
      return fd;
    }
  code = fd < 0 && code == 0 ? errno : code;
  pl_cleanup_forget (note);
  errno = code;
  return fd;
}

/* Puts what the link @fd says in front of what is still to go. */
static gboolean
follow (Walk *walk, int fd, const char *name, const struct stat *info, GError **error)
{
  char text[PATH_MAX];
  g_autofree char *shown = g_strconcat (walk->seen->str, name, NULL);
  if (pl_folder_is_planted (walk->folder, info))
    return fail_planted (shown, error);
  gssize length = readlinkat (fd, "", text, sizeof text);
  if (length < 0 || (gsize) length == sizeof text || ++walk->links > MAX_LINKS)
    return fail (walk->whole, length < 0 ? errno : (gsize) length == sizeof text ? ENAMETOOLONG : ELOOP, error);
  if (!is_at_end (walk))
    g_string_prepend_c (walk->rest, '/');
  g_string_prepend_len (walk->rest, text, length);
  return text[0] != '/' || begin (walk, error);
}

/* Where the folder @fd, @name in the one where the walk is, stands. */
static char *
name_folder (const Walk *walk, int fd, const char *name)
{
  /* One that /proc leads to may be anywhere. */
  if (is_on_proc (walk->folder->fd))
    {
      g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
      char *path = g_file_read_link (link, NULL);
      if (path != NULL)
        return path;
    }
  if (strcmp (name, ".") == 0)
    return g_strdup (walk->folder->path);
  if (strcmp (name, "..") == 0)
    return g_path_get_dirname (walk->folder->path);
  return g_build_filename (walk->folder->path, name, NULL);
}

/* What stands at @name; kernel links (/proc/self/fd/1) are the kernel's to follow. Returns: a descriptor, or -1 with
 * errno set. */
static int
look (const Walk *walk, const char *name, struct stat *info, gboolean *is_descriptor)
{
  int fd = openat (walk->folder->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  *is_descriptor = FALSE;
  if (fd < 0 && errno == ENOENT && !is_at_end (walk) && walk->made != NULL)
    fd = make_folder (walk, name);
  fd = learn (fd, info);
  if (fd < 0 || !S_ISLNK (info->st_mode) || !is_on_proc (fd))
    return fd;
  close (fd);
  *is_descriptor = TRUE;
  return learn (openat (walk->folder->fd, name, O_PATH | O_CLOEXEC), info);
}

/* One name further. @name: is taken when it is the last one. Returns: whether the walk goes on; else @target is set, or
 * @error. */
static gboolean
step (Walk *walk, char **name, PlTarget *target, GError **error)
{
  struct stat info;
  gboolean is_descriptor;
  int fd = look (walk, *name, &info, &is_descriptor);
  gboolean last = is_at_end (walk);

  if (fd < 0 && !(last && errno == ENOENT))
    return last ? fail (walk->whole, errno, error) : fail_folder (walk, errno, error);
  if (fd >= 0 && S_ISLNK (info.st_mode))
    {
      gboolean ok = follow (walk, fd, *name, &info, error);
      close (fd);
      return ok;
    }
  if (last)
    {
      *target = (PlTarget){pl_folder_ref (walk->folder), g_steal_pointer (name), fd, {0}, is_descriptor};
      if (fd >= 0)
        target->info = info;
      return FALSE;
    }
  if (!S_ISDIR (info.st_mode))
    {
      close (fd);
      return fail_folder (walk, ENOTDIR, error);
    }
  enter (walk, fd, &info, name_folder (walk, fd, *name));
  g_string_append_printf (walk->seen, "%s/", *name);
  return TRUE;
}

gboolean
pl_target_find (PlTarget *target, const char *path, GPtrArray *made, GError **error)
{
  Walk walk = {.whole = path, .rest = g_string_new (path), .seen = g_string_new (NULL), .made = made};
  gboolean on = begin (&walk, error);
  *target = (PlTarget){.fd = -1};
  while (on)
    {
      g_autofree char *name = next_name (&walk);
      /* "/", or a link to it. */
      if (name[0] == '\0')
        {
          g_free (name);
          name = g_strdup (".");
        }
      on = step (&walk, &name, target, error);
    }
  pl_folder_unref (walk.folder);
  g_string_free (walk.rest, TRUE);
  g_string_free (walk.seen, TRUE);
  return target->folder != NULL;
}

void
pl_target_clear (PlTarget *target)
{
  if (target->fd >= 0)
    close (target->fd);
  target->fd = -1;
  g_clear_pointer (&target->folder, pl_folder_unref);
  g_clear_pointer (&target->name, g_free);
}
