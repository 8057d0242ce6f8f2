/* Where a path leads, found out once: its folder as a descriptor, the name in it, and what stands there. Private to
 * io/.
 *
 * Whoever looks at a path and then uses it may meet two different files: in a folder that others may write to, somebody
 * can put a link there in between. So a path is walked once, a descriptor a step, every link on the way is judged as it
 * is met, and all that comes later (creating, renaming, removing, writing into) goes by the folder's descriptor and a
 * name without slashes. */
#pragma once
#include <glib.h>
#include <sys/stat.h>
#include "../base/cleanup.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  int fd;      /* O_PATH */
  char *path;  /* its one true spelling when it was opened: for messages and journals */
  uid_t owner; /* whose files count beside ours: the owner's; in another user's folder in a public one, that one's */
  gboolean is_public; /* everyone may put files into it, or another user could before us: it lies in such a folder, and
                         is that user's */
} PlFolder;

PlFolder *pl_folder_ref (PlFolder *folder);
void pl_folder_unref (PlFolder *folder);
/** pl_folder_sync: Returns: 0, or an errno that means lost data; folders that cannot be opened or synced are none. */
int pl_folder_sync (const PlFolder *folder);
/** pl_folder_list: opens it for reading. Returns: a descriptor, or -1 with errno set. */
int pl_folder_list (const PlFolder *folder);
/** pl_folder_is_planted: whether what @info tells of may have been put into @folder by somebody who should not lead us:
 * the kernel's rule for links in sticky folders (protected_symlinks), here for every public folder and whatever the
 * kernel is set to: only our own count, and the folder owner's. */
gboolean pl_folder_is_planted (const PlFolder *folder, const struct stat *info);

/* Folders that were made on the way. */
typedef struct PlMadeFolder PlMadeFolder;
/** pl_made_folders_new: Returns: (transfer full) (element-type PlMadeFolder). Folders still in it when the process is
 * ended go, if they are empty. */
GPtrArray *pl_made_folders_new (void);
/** pl_made_folders_remove: removes those that are empty, the innermost first; others stay in @made. */
void pl_made_folders_remove (GPtrArray *made);
/** pl_made_folders_sync: brings their names to the disk. Returns: 0 or an errno */
int pl_made_folders_sync (const GPtrArray *made);

typedef struct
{
  PlFolder *folder;
  char *name;             /* in @folder; without slashes */
  int fd;                 /* O_PATH: what stands there; -1: nothing */
  struct stat info;       /* of @fd */
  gboolean is_descriptor; /* it was reached through /proc: somebody's open file */
} PlTarget;

/** pl_target_find:
 * @path: links are followed, also where the last one leads to nothing yet
 * @made: (nullable): folders that are missing are created and added to it; %NULL: none is created
 *
 * Returns: %FALSE with PL_IO_ERROR_CREATE: for a link (or a folder above one) that somebody else may have put there,
 * too. */
gboolean pl_target_find (PlTarget *target, const char *path, GPtrArray *made, GError **error);
void pl_target_clear (PlTarget *target);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlTarget, pl_target_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlFolder, pl_folder_unref)

G_END_DECLS
