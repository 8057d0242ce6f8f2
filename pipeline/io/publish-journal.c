/* Writing a journal, and finishing what one lists: see publish-journal.h.
 *
 * A file is known again by its inode, size and time of change (not by its device, whose number may differ after a restart). A target that
 * somebody has changed since is left as it is: the run that finds the journal is about to make it anew anyway. */
#include "publish-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include "../base/error.h"

#define MAGIC "pipeline journal 1\n"
#define ENDING ".journal"
#define LARGEST ((off_t) 64 << 20)

/* What tells one state of a file from another. */
typedef struct
{
  guint64 inode, size;
  gint64 seconds, nanoseconds;
} Identity;

struct PlPublishJournal
{
  PlTemporary list;   /* its path: the temporary name until commit, then the one it is known by */
  char *path;         /* where it will stand */
  GArray *pointers;   /* of PlTemporary */
  GPtrArray *folders; /* of char *: of all of them, the list's first */
};

gboolean
pl_publish_journal_is_name (const char *name)
{
  return g_str_has_prefix (name, ".pipeline-") && g_str_has_suffix (name, ENDING);
}

int
pl_sync_folder (const char *folder)
{
  /* A folder one may write to but not list cannot be opened, and some file systems cannot sync one. */
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return 0;
  int code = fsync (fd) == 0 ? 0 : errno;
  close (fd);
  return code == EIO || code == ENOSPC || code == EDQUOT ? code : 0;
}

static void
put_identity (PlBuffer *buffer, const struct stat *info)
{
  pl_buffer_put_u64 (buffer, info->st_ino);
  pl_buffer_put_u64 (buffer, (guint64) info->st_size);
  pl_buffer_put_u64 (buffer, (guint64) info->st_mtim.tv_sec);
  pl_buffer_put_u64 (buffer, (guint64) info->st_mtim.tv_nsec);
}

static Identity
get_identity (PlCursor *cursor)
{
  Identity identity = {.inode = pl_cursor_get_u64 (cursor), .size = pl_cursor_get_u64 (cursor)};
  identity.seconds = (gint64) pl_cursor_get_u64 (cursor);
  identity.nanoseconds = (gint64) pl_cursor_get_u64 (cursor);
  return identity;
}

static gboolean
is_same (const Identity *identity, const struct stat *info)
{
  return identity->inode == info->st_ino && identity->size == (guint64) info->st_size
         && identity->seconds == info->st_mtim.tv_sec && identity->nanoseconds == info->st_mtim.tv_nsec;
}

static gboolean
fail (const char *path, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write the publish journal %s: %s", path,
               g_strerror (code));
  return FALSE;
}

/* Writes @body, sealed, into @file. Returns: 0 or an errno. */
static int
write_sealed (const PlTemporary *file, PlBuffer *body)
{
  pl_buffer_put_u64 (body, XXH3_64bits (body->data, body->length));
  int code = pl_write_all (file->fd, body->data, body->length, -1);
  return code == 0 && fsync (file->fd) != 0 && errno != EINVAL && errno != ENOSYS ? errno : code;
}

static int
put_list (const GPtrArray *files, const PlPublishJournal *journal, PlBuffer *body)
{
  pl_buffer_append_string (body, MAGIC);
  pl_buffer_put_u8 (body, TRUE);
  pl_buffer_put_u32 (body, files->len);
  for (guint i = 0; i < files->len; i++)
    {
      const PlOutput *output = g_ptr_array_index (files, i);
      struct stat info;
      if (fstat (output->temporary.fd, &info) != 0)
        return errno;
      pl_buffer_put_string (body, output->temporary.path);
      pl_buffer_put_string (body, output->path);
      put_identity (body, &info);
      pl_buffer_put_u8 (body, output->exists != FALSE);
      put_identity (body, &output->now);
    }
  pl_buffer_put_u32 (body, journal->pointers->len);
  for (guint i = 0; i < journal->pointers->len; i++)
    pl_buffer_put_string (body, g_array_index (journal->pointers, PlTemporary, i).path);
  return 0;
}

/* A pointer to the list, under the same name in another folder. Returns: 0 or an errno. */
static int
add_pointer (PlPublishJournal *journal, const char *folder)
{
  g_autofree char *name = g_path_get_basename (journal->path);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_auto (PlBuffer) body = PL_BUFFER_INIT;
  PlTemporary pointer = {.fd = -1};
  int code = pl_temporary_create (&pointer, folder, "journal");

  if (code != 0)
    return code;
  pl_buffer_append_string (&body, MAGIC);
  pl_buffer_put_u8 (&body, FALSE);
  pl_buffer_put_string (&body, journal->path);
  code = write_sealed (&pointer, &body);
  PlCleanup *note = pl_cleanup_file (path);
  if (code == 0 && rename (pointer.path, path) != 0)
    code = errno;
  else if (code == 0)
    {
      pl_cleanup_forget (pointer.note);
      g_free (pointer.path);
      pointer.note = g_steal_pointer (&note);
      pointer.path = g_steal_pointer (&path);
      code = pl_sync_folder (folder);
    }
  pl_cleanup_forget (note);
  if (code == 0)
    g_array_append_val (journal->pointers, pointer);
  else
    pl_temporary_remove (&pointer);
  return code;
}

static PlPublishJournal *
journal_new (const GPtrArray *files)
{
  PlPublishJournal *journal = g_new0 (PlPublishJournal, 1);
  journal->list.fd = -1;
  journal->pointers = g_array_new (FALSE, FALSE, sizeof (PlTemporary));
  journal->folders = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < files->len; i++)
    {
      const PlOutput *output = g_ptr_array_index (files, i);
      if (!g_ptr_array_find_with_equal_func (journal->folders, output->folder, g_str_equal, NULL))
        g_ptr_array_add (journal->folders, g_strdup (output->folder));
    }
  return journal;
}

PlPublishJournal *
pl_publish_journal_prepare (const GPtrArray *files, GError **error)
{
  PlPublishJournal *journal = journal_new (files);
  const char *folder = g_ptr_array_index (journal->folders, 0);
  g_auto (PlBuffer) body = PL_BUFFER_INIT;
  int code = pl_temporary_create (&journal->list, folder, "journal");

  if (code == 0)
    {
      /* .journal.pipeline-PID-XXXXXX.tmp becomes .pipeline-PID-XXXXXX.journal */
      g_autofree char *name = g_path_get_basename (journal->list.path);
      const char *mark = strstr (name, ".pipeline-");
      g_autofree char *known = g_strdup_printf ("%.*s" ENDING, (int) (strlen (mark) - strlen (".tmp")), mark);
      journal->path = g_build_filename (folder, known, NULL);
    }
  for (guint i = 1; i < journal->folders->len && code == 0; i++)
    code = add_pointer (journal, folder = g_ptr_array_index (journal->folders, i));
  if (code == 0)
    code = put_list (files, journal, &body);
  if (code == 0)
    code = write_sealed (&journal->list, &body);
  if (code == 0)
    return journal;
  fail (folder, code, error);
  pl_publish_journal_end (journal);
  return NULL;
}

gboolean
pl_publish_journal_commit (PlPublishJournal *journal, GError **error)
{
  int code = rename (journal->list.path, journal->path) == 0 ? 0 : errno;

  if (code != 0)
    return fail (journal->path, code, error);
  pl_cleanup_forget (g_steal_pointer (&journal->list.note));
  /* Not a copy: for want of memory the process would end here, with everything half in place. */
  char *temporary = journal->list.path;
  journal->list.path = journal->path;
  journal->path = temporary;
  code = pl_sync_folder (g_ptr_array_index (journal->folders, 0));
  return code == 0 || fail (journal->list.path, code, error);
}

static void
journal_free (PlPublishJournal *journal)
{
  g_array_unref (journal->pointers);
  g_ptr_array_unref (journal->folders);
  g_free (journal->path);
  g_free (journal);
}

void
pl_publish_journal_end (PlPublishJournal *journal)
{
  if (journal == NULL)
    return;
  /* The list first: pointers to nothing mean nothing. */
  pl_temporary_remove (&journal->list);
  for (guint i = 0; i < journal->pointers->len; i++)
    pl_temporary_remove (&g_array_index (journal->pointers, PlTemporary, i));
  journal_free (journal);
}

void
pl_publish_journal_leave (PlPublishJournal *journal)
{
  pl_temporary_release (&journal->list);
  for (guint i = 0; i < journal->pointers->len; i++)
    pl_temporary_release (&g_array_index (journal->pointers, PlTemporary, i));
  journal_free (journal);
}

/* Reads a sealed journal. Returns: whether it is whole. */
static gboolean
read_sealed (int fd, PlBuffer *body, PlCursor *cursor)
{
  struct stat info;
  guint64 seal;

  if (fstat (fd, &info) != 0 || info.st_size < (off_t) (strlen (MAGIC) + sizeof seal) || info.st_size > LARGEST
      || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return FALSE;
  gsize size = (gsize) info.st_size, length = size - sizeof seal;
  if (pl_pread_all (fd, pl_buffer_reserve (body, size), size, 0) != (gssize) size)
    return FALSE;
  body->length = size;
  *cursor = (PlCursor){(const guint8 *) body->data, size, length, FALSE};
  seal = pl_cursor_get_u64 (cursor);
  *cursor = (PlCursor){(const guint8 *) body->data, length, strlen (MAGIC), FALSE};
  return memcmp (body->data, MAGIC, strlen (MAGIC)) == 0 && seal == XXH3_64bits (body->data, length);
}

/* One line of the list. */
typedef struct
{
  char *temporary, *target;
  Identity made, before;
  gboolean existed;
} Move;

static void
move_clear (Move *move)
{
  g_free (move->temporary);
  g_free (move->target);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Move, move_clear)

/* Only what a run of ours may have written: a temporary, beside its target. */
static gboolean
is_sound (const Move *move)
{
  if (move->temporary == NULL || move->target == NULL)
    return FALSE;
  g_autofree char *name = g_path_get_basename (move->temporary);
  g_autofree char *from = g_path_get_dirname (move->temporary);
  g_autofree char *to = g_path_get_dirname (move->target);
  return pl_temporary_is_name (name) && strcmp (from, to) == 0;
}

static gboolean
finish_move (const Move *move, GError **error)
{
  struct stat made, now;
  gboolean exists = lstat (move->target, &now) == 0;
  int code = 0;

  if (lstat (move->temporary, &made) != 0 || !S_ISREG (made.st_mode))
    return TRUE;
  /* Otherwise it is in place already, and what it was exchanged for is still there. */
  if (made.st_ino == move->made.inode && made.st_size == (off_t) move->made.size)
    {
      if (exists && move->existed && is_same (&move->before, &now))
        code = rename (move->temporary, move->target) == 0 ? 0 : errno;
      else if (!exists && !move->existed)
        code = renameat2 (AT_FDCWD, move->temporary, AT_FDCWD, move->target, RENAME_NOREPLACE) == 0 ? 0 : errno;
      if (code == EINVAL || code == ENOSYS)
        code = link (move->temporary, move->target) == 0 ? 0 : errno;
    }
  if (code == 0)
    {
      unlink (move->temporary);
      g_autofree char *folder = g_path_get_dirname (move->target);
      code = pl_sync_folder (folder);
    }
  if (code != 0)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
                 "cannot put %s in its place, where an interrupted run left it: %s", move->target, g_strerror (code));
  return code == 0;
}

static gboolean
settle_list (PlCursor *cursor, GError **error)
{
  guint n = pl_cursor_get_u32 (cursor);
  for (guint i = 0; i < n && !cursor->failed; i++)
    {
      g_auto (Move) move = {.temporary = pl_cursor_get_string (cursor), .target = NULL};
      move.target = pl_cursor_get_string (cursor);
      move.made = get_identity (cursor);
      move.existed = pl_cursor_get_u8 (cursor);
      move.before = get_identity (cursor);
      if (!cursor->failed && is_sound (&move) && !finish_move (&move, error))
        return FALSE;
    }
  return TRUE;
}

/* The list is done with: it goes, and then what points to it. */
static void
drop_list (const char *path, PlCursor *cursor)
{
  unlink (path);
  guint n = pl_cursor_get_u32 (cursor);
  for (guint i = 0; i < n && !cursor->failed; i++)
    {
      g_autofree char *pointer = pl_cursor_get_string (cursor);
      g_autofree char *name = pointer != NULL ? g_path_get_basename (pointer) : NULL;
      int fd = name != NULL && pl_publish_journal_is_name (name) ? pl_temporary_adopt (pointer) : -1;
      if (fd < 0)
        continue;
      unlink (pointer);
      close (fd);
    }
}

gboolean
pl_publish_journal_settle (const char *path, GError **error)
{
  g_auto (PlBuffer) body = PL_BUFFER_INIT;
  PlCursor cursor;
  gboolean ok = TRUE;
  int fd = pl_temporary_adopt (path);

  if (fd < 0)
    return TRUE;
  if (!read_sealed (fd, &body, &cursor))
    unlink (path);
  else if (pl_cursor_get_u8 (&cursor))
    {
      ok = settle_list (&cursor, error);
      if (ok)
        drop_list (path, &cursor);
    }
  else
    {
      g_autofree char *list = pl_cursor_get_string (&cursor);
      g_autofree char *name = list != NULL ? g_path_get_basename (list) : NULL;
      /* A list never points elsewhere, so this goes one step deep: the list of a living run is locked, and then so is its pointer. */
      if (name != NULL && pl_publish_journal_is_name (name) && strcmp (list, path) != 0)
        ok = pl_publish_journal_settle (list, error);
      if (ok)
        unlink (path);
    }
  close (fd);
  return ok;
}
