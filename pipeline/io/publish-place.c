/* Step 4 of publishing: every temporary to its target, all or none.
 *
 * One output is one rename. With several, a journal (publish-journal.h) stands while they are renamed: killed between
 * two of them, the next run does the rest. A rename that fails while we live is undone instead: targets that exist are
 * exchanged with their temporaries, not replaced, so the old ones are still there to be exchanged back. From the first
 * step to the last the process is kept from being ended by a signal; nothing here waits for anything but the disk. */
#include "publish-place.h"
#include "publish-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "../base/error.h"
#include "append.h"

static gboolean
fail (const PlOutput *output, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write %s: %s", output->name, g_strerror (code));
  return FALSE;
}

/* Files that do not replace another. Returns: 0 or an errno. */
static int
move_new (const PlOutput *output)
{
  int folder = output->target.folder->fd;
  if (renameat2 (folder, output->temporary.name, folder, output->target.name, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  /* File systems without it: a hard link does not replace either. */
  if (linkat (folder, output->temporary.name, folder, output->target.name, 0) != 0)
    return errno;
  unlinkat (folder, output->temporary.name, 0);
  return 0;
}

/* Returns: 0 or an errno. */
static int
swap_names (const PlOutput *output)
{
  int folder = output->target.folder->fd;
  return renameat2 (folder, output->temporary.name, folder, output->target.name, RENAME_EXCHANGE) == 0 ? 0 : errno;
}

/* The old file, locked under the name that it will have, lest another run take it for a dead one's.
 * Returns: a descriptor or -1. */
static int
hold_old (PlOutput *output)
{
  int old = output->lock;
  if (old >= 0)
    {
      output->lock = -1;
      return old;
    }
  old = openat (output->target.folder->fd, output->target.name,
                O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (old >= 0 && flock (old, LOCK_EX | LOCK_NB) != 0)
    {
      close (old);
      old = -1;
    }
  return old;
}

/* Exchanges the old file and the new, which stays locked until the set is done with.
 * Returns: 0 or an errno; ESTALE when what came out is not what was appended to: then nothing has changed. */
static int
exchange (PlOutput *output)
{
  struct stat out;
  int old = hold_old (output);
  int code = swap_names (output);

  if (code == 0 && output->mode == PL_OUTPUT_APPEND
      && (fstatat (output->target.folder->fd, output->temporary.name, &out, AT_SYMLINK_NOFOLLOW) != 0
          || !pl_output_is_same (output, &out)))
    code = swap_names (output) == 0 ? ESTALE : errno;
  if (code != 0)
    {
      if (output->mode == PL_OUTPUT_APPEND)
        output->lock = old;
      else if (old >= 0)
        close (old);
      return code;
    }
  output->swapped = TRUE;
  output->lock = output->temporary.fd;
  output->temporary.fd = old;
  return 0;
}

/* Returns: 0 or an errno. @revertible: keep what stood there */
static int
place (PlOutput *output, gboolean revertible)
{
  int folder = output->target.folder->fd, code = EINVAL;

  if (output->mode == PL_OUTPUT_FAIL_IF_EXISTS)
    return move_new (output);
  /* What was not there and is now is somebody's rows. */
  if (output->mode == PL_OUTPUT_APPEND && !output->exists)
    return (code = move_new (output)) == EEXIST ? ESTALE : code;
  if ((revertible || output->mode == PL_OUTPUT_APPEND) && output->exists)
    code = exchange (output);
  if (code == EINVAL || code == ENOSYS || code == ENOENT)
    code = renameat (folder, output->temporary.name, folder, output->target.name) == 0 ? 0 : errno;
  return code;
}

/* Returns: whether the target is what it was. */
static gboolean
unplace (PlOutput *output)
{
  int folder = output->target.folder->fd;

  if (output->swapped)
    return swap_names (output) == 0;
  return !output->exists && renameat (folder, output->target.name, folder, output->temporary.name) == 0;
}

/* Undoes the first @n moves, in reverse. Returns: whether all targets are what they were. */
static gboolean
unplace_files (const GPtrArray *files, guint n)
{
  gboolean all = TRUE;
  while (n-- > 0)
    all = unplace (g_ptr_array_index (files, n)) && all;
  return all;
}

static gboolean
place_files (const GPtrArray *files, gboolean *undone, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      PlOutput *output = g_ptr_array_index (files, i);
      int code = place (output, files->len > 1);
      if (code == 0)
        continue;
      *undone = unplace_files (files, i);
      const char *state = i == 0    ? ""
                          : *undone ? "; no output was changed"
                                    : "; some outputs are new already, and the next run puts the others in place";
      if (code == ESTALE)
        {
          pl_output_fail_changed (output, error);
          if (error != NULL && *error != NULL && i > 0 && !*undone)
            g_prefix_error (error, "some outputs are new already, and the next run puts the others in place; ");
        }
      else
        g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot put %s in its place: %s%s", output->name,
                     g_strerror (code), state);
      return FALSE;
    }
  return TRUE;
}

/* The folders of @files, each once. Returns: 0 or an errno; *@which: an output in the one that failed */
static int
sync_folders (const GPtrArray *files, const PlOutput **which)
{
  for (guint i = 0; i < files->len; i++)
    {
      const PlOutput *output = g_ptr_array_index (files, i);
      gboolean synced = FALSE;
      for (guint j = 0; j < i && !synced; j++)
        synced = strcmp (output->target.folder->path,
                         ((const PlOutput *) g_ptr_array_index (files, j))->target.folder->path)
                 == 0;
      int code = synced ? 0 : pl_folder_sync (output->target.folder);
      *which = output;
      if (code != 0)
        return code;
    }
  return 0;
}

/* The moves are done: the new files have their names, and what was exchanged for them goes. */
static void
let_go (const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      PlOutput *output = g_ptr_array_index (files, i);
      if (output->swapped)
        pl_temporary_remove (&output->temporary);
      else
        pl_temporary_release (&output->temporary);
      if (output->lock >= 0)
        close (output->lock);
      output->lock = -1;
      output->published = TRUE;
    }
}

/* Behind the last move: everything is in place, and shall stay there. */
static gboolean
sync_moves (const GPtrArray *files, GError **error)
{
  const PlOutput *output;
  int code = sync_folders (files, &output);
  if (code != 0)
    g_set_error (
        error, PL_IO_ERROR, PL_IO_ERROR_WRITE,
        "cannot bring the folder of %s to the disk: %s; all outputs have changed, but if the machine goes down now, "
        "they may be the old ones again",
        output->name, g_strerror (code));
  return code == 0;
}

/* From the journal's first moment to its last. */
static gboolean
place_held (const GPtrArray *files, PlPublishJournal *journal, GError **error)
{
  gboolean undone = TRUE;
  if (journal != NULL && !pl_publish_journal_commit (journal, error))
    {
      pl_publish_journal_end (journal);
      return FALSE;
    }
  if (place_files (files, &undone, error))
    {
      gboolean synced = sync_moves (files, error);
      let_go (files);
      pl_publish_journal_end (journal);
      return synced;
    }
  if (undone || journal == NULL)
    {
      pl_publish_journal_end (journal);
      return FALSE;
    }
  for (guint i = 0; i < files->len; i++)
    pl_temporary_release (&((PlOutput *) g_ptr_array_index (files, i))->temporary);
  pl_publish_journal_leave (journal);
  return FALSE;
}

/* Before anything is renamed: folders that were made, and of several files the temporaries' names, which the journal
 * relies on, are on the disk. */
static gboolean
sync_before (const PlOutputSet *set, const GPtrArray *files, GError **error)
{
  const PlOutput *output = g_ptr_array_index (files, 0);
  int code = pl_made_folders_sync (set->made);
  if (code == 0 && files->len > 1)
    code = sync_folders (files, &output);
  return code == 0 || fail (output, code, error);
}

gboolean
pl_output_place_all (PlOutputSet *set, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  PlPublishJournal *journal = NULL;

  for (guint i = 0; i < set->outputs->len; i++)
    {
      PlOutput *output = g_ptr_array_index (set->outputs, i);
      if (output->kind == PL_TARGET_FILE && !output->published)
        g_ptr_array_add (files, output);
    }
  if (files->len == 0)
    return TRUE;
  if (!sync_before (set, files, error))
    return FALSE;
  if (files->len > 1 && (journal = pl_publish_journal_prepare (files, error)) == NULL)
    return FALSE;
  pl_cleanup_hold ();
  gboolean ok = place_held (files, journal, error);
  pl_cleanup_release ();
  return ok;
}
