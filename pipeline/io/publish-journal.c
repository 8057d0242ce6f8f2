/* Writing a journal, and finishing what one lists: see publish-journal.h.
 *
 * A file is known again by its inode, size and time of change (not by its device, whose number may differ after a
 * restart). A target that somebody has changed since is left as it is: the run that finds the journal is about to make
 * it anew anyway. */
#include "publish-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include "../base/error.h"
#include "../base/buffer.h"
#include "output-private.h"

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
  PlTemporary list;   /* its name: the temporary one until commit, then the one it is known by */
  char *name;         /* what it and its pointers will be called */
  char *path;         /* where it will stand */
  GArray *pointers;   /* of PlTemporary */
  GPtrArray *folders; /* of PlFolder *: of all of them, the list's first */
};

gboolean
pl_publish_journal_is_name (const char *name)
{
  return g_str_has_prefix (name, ".pipeline-") && g_str_has_suffix (name, ENDING);
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
      g_autofree char *temporary = pl_temporary_path (&output->temporary);
      struct stat info;
      if (fstat (output->temporary.fd, &info) != 0)
        return errno;
      pl_buffer_put_string (body, temporary);
      pl_buffer_put_string (body, output->path);
      put_identity (body, &info);
      pl_buffer_put_u8 (body, output->exists != FALSE);
      put_identity (body, &output->now);
    }
  pl_buffer_put_u32 (body, journal->pointers->len);
  for (guint i = 0; i < journal->pointers->len; i++)
    {
      g_autofree char *pointer = pl_temporary_path (&g_array_index (journal->pointers, PlTemporary, i));
      pl_buffer_put_string (body, pointer);
    }
  return 0;
}

/* A pointer to the list, under the same name in another folder. Returns: 0 or an errno. */
static int
add_pointer (PlPublishJournal *journal, PlFolder *folder)
{
  g_auto (PlBuffer) body = PL_BUFFER_INIT;
  PlTemporary pointer = {.fd = -1};
  int code = pl_temporary_create (&pointer, folder, "journal");

  if (code != 0)
    return code;
  pl_buffer_append_string (&body, MAGIC);
  pl_buffer_put_u8 (&body, FALSE);
  pl_buffer_put_string (&body, journal->path);
  pl_temporary_announce (&pointer, journal->name);
  code = write_sealed (&pointer, &body);
  if (code == 0)
    code = pl_temporary_rename (&pointer);
  if (code == 0)
    code = pl_folder_sync (folder);
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
  journal->folders = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_folder_unref);
  for (guint i = 0; i < files->len; i++)
    {
      PlFolder *folder = ((const PlOutput *) g_ptr_array_index (files, i))->target.folder;
      gboolean known = FALSE;
      for (guint j = 0; j < journal->folders->len && !known; j++)
        known = strcmp (((const PlFolder *) g_ptr_array_index (journal->folders, j))->path, folder->path) == 0;
      if (!known)
        g_ptr_array_add (journal->folders, pl_folder_ref (folder));
    }
  return journal;
}

PlPublishJournal *
pl_publish_journal_prepare (const GPtrArray *files, GError **error)
{
  PlPublishJournal *journal = journal_new (files);
  PlFolder *folder = g_ptr_array_index (journal->folders, 0);
  g_auto (PlBuffer) body = PL_BUFFER_INIT;
  int code = pl_temporary_create (&journal->list, folder, "journal");

  if (code == 0)
    {
      /* .journal.pipeline-PID-XXXXXX.tmp becomes .pipeline-PID-XXXXXX.journal */
      const char *mark = strstr (journal->list.name, ".pipeline-");
      journal->name = g_strdup_printf ("%.*s" ENDING, (int) (strlen (mark) - strlen (".tmp")), mark);
      journal->path = g_build_filename (folder->path, journal->name, NULL);
      pl_temporary_announce (&journal->list, journal->name);
    }
  for (guint i = 1; i < journal->folders->len && code == 0; i++)
    code = add_pointer (journal, folder = g_ptr_array_index (journal->folders, i));
  if (code == 0)
    code = put_list (files, journal, &body);
  if (code == 0)
    code = write_sealed (&journal->list, &body);
  if (code == 0)
    return journal;
  fail (folder->path, code, error);
  pl_publish_journal_end (journal);
  return NULL;
}

gboolean
pl_publish_journal_commit (PlPublishJournal *journal, GError **error)
{
  int code = pl_temporary_rename (&journal->list);

  if (code != 0)
    return fail (journal->path, code, error);
  pl_cleanup_forget (g_steal_pointer (&journal->list.note));
  code = pl_folder_sync (journal->list.folder);
  return code == 0 || fail (journal->path, code, error);
}

static void
journal_free (PlPublishJournal *journal)
{
  g_array_unref (journal->pointers);
  g_ptr_array_unref (journal->folders);
  g_free (journal->name);
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

/* The rename that is still to do; nothing, where it has been done. Returns: 0 or an errno. */
static int
finish_rename (const Move *move, const PlFolder *folder, const char *from, const char *to, const struct stat *made)
{
  struct stat now;
  gboolean exists = fstatat (folder->fd, to, &now, AT_SYMLINK_NOFOLLOW) == 0;
  int code = 0;

  /* Otherwise it is in place already, and what it was exchanged for is still there. */
  if (made->st_ino != move->made.inode || made->st_size != (off_t) move->made.size)
    return 0;
  if (exists && move->existed && is_same (&move->before, &now))
    code = renameat (folder->fd, from, folder->fd, to) == 0 ? 0 : errno;
  else if (!exists && !move->existed)
    code = renameat2 (folder->fd, from, folder->fd, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
  if (code == EINVAL || code == ENOSYS)
    code = linkat (folder->fd, from, folder->fd, to, 0) == 0 ? 0 : errno;
  return code;
}

static gboolean
finish_move (const Move *move, GError **error)
{
  g_auto (PlTarget) target = {.fd = -1};
  g_autofree char *to = g_path_get_basename (move->target);
  struct stat made;

  /* A folder that is gone, or was planted since, has nothing of ours. */
  if (!pl_target_find (&target, move->temporary, NULL, NULL)
      || fstatat (target.folder->fd, target.name, &made, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG (made.st_mode))
    return TRUE;
  int code = finish_rename (move, target.folder, target.name, to, &made);
  if (code == 0)
    code = pl_folder_sync (target.folder);
  if (code == 0)
    {
      unlinkat (target.folder->fd, target.name, 0);
      return TRUE;
    }
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
               "cannot put %s in its place, where an interrupted run left it: %s", move->target, g_strerror (code));
  return FALSE;
}

static gboolean
resolve_list (PlCursor *cursor, GError **error)
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
drop_list (const PlFolder *folder, const char *name, PlCursor *cursor)
{
  unlinkat (folder->fd, name, 0);
  guint n = pl_cursor_get_u32 (cursor);
  for (guint i = 0; i < n && !cursor->failed; i++)
    {
      g_autofree char *pointer = pl_cursor_get_string (cursor);
      g_auto (PlTarget) target = {.fd = -1};
      if (pointer == NULL || !pl_target_find (&target, pointer, NULL, NULL)
          || !pl_publish_journal_is_name (target.name))
        continue;
      int fd = pl_temporary_adopt (target.folder, target.name);
      if (fd < 0)
        continue;
      unlinkat (target.folder->fd, target.name, 0);
      close (fd);
    }
}

/* The list that the pointer @name in @folder names, and then the pointer. A list never points elsewhere, so this goes
 * one step deep: the list of a living run is locked, and then so is its pointer. */
static gboolean
resolve_pointer (const PlFolder *folder, const char *name, PlCursor *cursor, GError **error)
{
  g_autofree char *list = pl_cursor_get_string (cursor);
  g_autofree char *own = g_build_filename (folder->path, name, NULL);
  g_auto (PlTarget) target = {.fd = -1};
  if (list != NULL && strcmp (list, own) != 0 && pl_target_find (&target, list, NULL, NULL)
      && pl_publish_journal_is_name (target.name) && !pl_publish_journal_resolve (target.folder, target.name, error))
    return FALSE;
  unlinkat (folder->fd, name, 0);
  return TRUE;
}

gboolean
pl_publish_journal_resolve (PlFolder *folder, const char *name, GError **error)
{
  g_auto (PlBuffer) body = PL_BUFFER_INIT;
  PlCursor cursor;
  gboolean ok = TRUE;
  int fd = pl_temporary_adopt (folder, name);

  if (fd < 0)
    return TRUE;
  if (!read_sealed (fd, &body, &cursor))
    unlinkat (folder->fd, name, 0);
  else if (pl_cursor_get_u8 (&cursor))
    {
      ok = resolve_list (&cursor, error);
      if (ok)
        drop_list (folder, name, &cursor);
    }
  else
    ok = resolve_pointer (folder, name, &cursor, error);
  close (fd);
  return ok;
}
