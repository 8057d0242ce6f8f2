/* Step 4 of publishing: every temporary to its target, all or none.
 *
 * One output is one rename. With several, a journal (publish-journal.h) stands while they are renamed: killed between two of them, the next run
 * does the rest. A rename that fails while we live is undone instead: targets that exist are exchanged with
 * their temporaries, not replaced, so the old ones are still there to be exchanged back. From the first step to the last the process
 * is kept from being ended by a signal; nothing here waits for anything but the disk. */
#include "publish-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "../base/error.h"

/* The umask, without changing it for a moment, which other threads would notice. */
static mode_t
current_umask (void)
{
  g_autofree char *status = NULL;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    {
      const char *line = strstr (status, "\nUmask:");
      if (line != NULL)
        return (mode_t) g_ascii_strtoull (line + strlen ("\nUmask:"), NULL, 8);
    }
  mode_t mask = umask (022);
  umask (mask);
  return mask;
}

static gboolean
fail (const PlOutput *output, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write %s: %s", output->name, g_strerror (code));
  return FALSE;
}

/* Files that do not replace another. Returns: 0 or an errno. */
static int
move_new (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  /* File systems without it: a hard link does not replace either. */
  if (link (from, to) != 0)
    return errno;
  unlink (from);
  return 0;
}

/* Exchanges the old file and the new. The old one is locked under its new name, lest another run take it for a dead one's.
 * Returns: 0 or an errno. */
static int
exchange (PlOutput *output)
{
  int old = open (output->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (old >= 0 && flock (old, LOCK_EX | LOCK_NB) != 0)
    {
      close (old);
      old = -1;
    }
  if (renameat2 (AT_FDCWD, output->temporary.path, AT_FDCWD, output->path, RENAME_EXCHANGE) != 0)
    {
      int code = errno;
      if (old >= 0)
        close (old);
      return code;
    }
  output->swapped = TRUE;
  close (output->temporary.fd);
  output->temporary.fd = old;
  return 0;
}

/* Returns: 0 or an errno. @revertible: keep what stood there */
static int
place (PlOutput *output, gboolean revertible)
{
  const char *from = output->temporary.path;
  int code = EINVAL;

  if (output->mode == PL_OUTPUT_FAIL_IF_EXISTS)
    return move_new (from, output->path);
  if (revertible && output->exists)
    code = exchange (output);
  if (code == EINVAL || code == ENOSYS || code == ENOENT)
    code = rename (from, output->path) == 0 ? 0 : errno;
  return code;
}

/* Returns: whether the target is what it was. */
static gboolean
unplace (PlOutput *output)
{
  const char *temporary = output->temporary.path;

  if (output->swapped)
    return renameat2 (AT_FDCWD, temporary, AT_FDCWD, output->path, RENAME_EXCHANGE) == 0;
  return !output->exists && rename (output->path, temporary) == 0;
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
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE, "cannot put %s in its place: %s%s", output->name,
                   g_strerror (code), state);
      return FALSE;
    }
  return TRUE;
}

static gboolean
sync_folders (const GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      const PlOutput *output = g_ptr_array_index (files, i);
      gboolean synced = FALSE;
      for (guint j = 0; j < i && !synced; j++)
        synced = strcmp (output->folder, ((const PlOutput *) g_ptr_array_index (files, j))->folder) == 0;
      int code = synced ? 0 : pl_sync_folder (output->folder);
      if (code != 0)
        return fail (output, code, error);
    }
  return TRUE;
}

/* The moves are done: the new files have their names, and what was exchanged for them goes. */
static void
settle (const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      PlOutput *output = g_ptr_array_index (files, i);
      if (output->swapped)
        pl_temporary_remove (&output->temporary);
      else
        pl_temporary_release (&output->temporary);
      output->published = TRUE;
    }
}

static gboolean
make_public (const GPtrArray *files, GError **error)
{
  mode_t mask = current_umask ();
  for (guint i = 0; i < files->len; i++)
    {
      const PlOutput *output = g_ptr_array_index (files, i);
      if (fchmod (output->temporary.fd, output->existed ? output->before.st_mode & 0777 : 0666 & ~mask) != 0)
        return fail (output, errno, error);
    }
  return TRUE;
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
      gboolean synced = sync_folders (files, error);
      settle (files);
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
  if (files->len > 1 && (journal = pl_publish_journal_prepare (files, error)) == NULL)
    return FALSE;
  if (!make_public (files, error))
    {
      pl_publish_journal_end (journal);
      return FALSE;
    }
  pl_cleanup_hold ();
  gboolean ok = place_held (files, journal, error);
  pl_cleanup_release ();
  return ok;
}
