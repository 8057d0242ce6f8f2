/* Temporary files, and small pieces of POSIX that inputs and outputs share. Private to io/.
 *
 * A named one is called .NAME.pipeline-PID-XXXXXX.tmp and is locked (flock) by whoever opened it for as long as that
 * process lives: one that can be locked is nobody's any more, and the next run that writes into its folder removes
 * it. */
#pragma once
#include "folder.h"

G_BEGIN_DECLS

typedef struct
{
  int fd;           /* locked; -1: none */
  PlFolder *folder; /* (nullable): where it has a name */
  char *name;       /* (nullable) */
  PlCleanup *note;  /* (nullable) */
  char *next_name;  /* (nullable): of pl_temporary_announce() */
  PlCleanup *next_note;
} PlTemporary;

/** pl_temporary_use: where files without a name are from now on: `temp-directory`. @folders: (nullable) (array
 * zero-terminated=1): one or more; %NULL: $TMPDIR, or /tmp, or /var/tmp where that is a disk and /tmp is not. Before
 * any thread is started. */
void pl_temporary_use (const char *const *folders);
/** pl_temporary_try: whether files without a name can be made in @folder, and written to. Returns: 0 or an errno. */
int pl_temporary_try (const char *folder);
/** pl_temporary_folder: Returns: (transfer none): where file @index is: they go round. */
const char *pl_temporary_folder (guint index);
/** pl_temporary_is_memory: Returns: whether @folder is kept in memory (tmpfs, ramfs). */
gboolean pl_temporary_is_memory (const char *folder);
/** pl_temporary_n_folders: Returns: how many folders there are, at least 1. */
guint pl_temporary_n_folders (void);
/** pl_temporary_open: a file without a name in pl_temporary_folder (@index), for reading and writing.
 * Returns: its descriptor, or -1 with PL_IO_ERROR_CREATE. */
int pl_temporary_open (guint index, GError **error);
/** pl_temporary_next: Returns: an @index: each time the next one, so that files are spread over all folders. */
guint pl_temporary_next (void);
/** pl_temporary_create: a private (0600), empty file in @folder, which is to be called @name some day.
 * Returns: 0 or an errno. */
int pl_temporary_create (PlTemporary *temporary, PlFolder *folder, const char *name);
/** pl_temporary_announce: what pl_temporary_rename() will call it, so that it needs no memory: it is called where the
 * process must not end. */
void pl_temporary_announce (PlTemporary *temporary, const char *name);
/** pl_temporary_rename: gives it the name in its folder that was announced, in place of what is called that.
 * Returns: 0 or an errno. */
int pl_temporary_rename (PlTemporary *temporary);
/** pl_temporary_path: Returns: (transfer full): its absolute path. */
char *pl_temporary_path (const PlTemporary *temporary);
/** pl_temporary_remove: closes and unlinks it; harmless when there is none. */
void pl_temporary_remove (PlTemporary *temporary);
/** pl_temporary_release: closes it and forgets its name, which has become another's. */
void pl_temporary_release (PlTemporary *temporary);
/** pl_temporary_is_name: whether @name is what pl_temporary_create() makes. */
gboolean pl_temporary_is_name (const char *name);
/** pl_temporary_adopt: opens and locks what a process that is gone has left in @folder, if it is a regular file of ours
 * with one name. Returns: a descriptor, or -1. */
int pl_temporary_adopt (const PlFolder *folder, const char *name);

/** pl_write_all: goes on after short writes and signals. @offset: where, or -1 for the descriptor's own offset.
 * Returns: 0 or an errno. */
int pl_write_all (int fd, const void *data, gsize length, gint64 offset);
/** pl_pread_all: Returns: bytes read, fewer than @length only at the end; -1 with errno set. */
gssize pl_pread_all (int fd, void *data, gsize length, guint64 offset);

G_END_DECLS
