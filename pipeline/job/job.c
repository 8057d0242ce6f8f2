/* A job as a whole: read, parsed, found in, sent to worker processes.
 *
 *   text ──scan──► groups ──overrides──► groups ──variables──► groups ──required keys──► PlJob
 *
 * Reading is bounded, so that a data file given by mistake is refused instead of swallowed. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keys.h"
#include "overrides.h"
#include "scan.h"
#include "variables.h"

#define MAX_JOB_SIZE (16 << 20)
#define WIRE_VERSION 1

void
pl_job_free (PlJob *job)
{
  if (job == NULL)
    return;
  g_free (job->path);
  g_free (job->folder);
  g_free (job->name);
  if (job->groups != NULL)
    g_ptr_array_unref (job->groups);
  g_free (job);
}

static PlJob *
job_new (void)
{
  PlJob *job = g_new0 (PlJob, 1);
  job->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_settings_free);
  return job;
}

PlJob *
pl_job_parse (const char *text, gsize length, const char *path, const char *folder, const PlOverrides *overrides,
              PlIssues *issues)
{
  g_autoptr (PlJob) job = job_new ();
  job->path = g_strdup (path);
  job->folder = g_strdup (folder);
  if (!pl_job_scan (text, length, path, job->groups, issues))
    return NULL;
  g_autoptr (GPtrArray) undeclared = pl_job_override (job->groups, overrides, issues);
  job->name = pl_job_expand (job->groups, path, undeclared, issues);
  for (guint i = 0; i < job->groups->len; i++)
    pl_kind_check_required (g_ptr_array_index (job->groups, i), issues);
  return g_steal_pointer (&job);
}

/* Reads @fd to its end, up to one byte more than a job may have. */
static gboolean
read_all (int fd, GByteArray *bytes)
{
  for (;;)
    {
      guint8 piece[65536];
      gssize n = read (fd, piece, sizeof piece);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n == 0;
      g_byte_array_append (bytes, piece, (guint) n);
      if (bytes->len > MAX_JOB_SIZE)
        return TRUE;
    }
}

PlJob *
pl_job_load (const char *path, const PlOverrides *overrides, PlIssues *issues, GError **error)
{
  gboolean is_stdin = strcmp (path, "-") == 0;
  int fd = is_stdin ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    {
      g_set_error (error, PL_IO_ERROR, errno == ENOENT ? PL_IO_ERROR_NOT_FOUND : PL_IO_ERROR_OPEN,
                   "cannot open the job file '%s': %s", path, g_strerror (errno));
      return NULL;
    }
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gboolean success = read_all (fd, bytes);
  int reason = errno;
  if (!is_stdin)
    close (fd);
  if (!success)
    {
      g_set_error (error, PL_IO_ERROR, reason == EISDIR ? PL_IO_ERROR_OPEN : PL_IO_ERROR_READ,
                   "cannot read the job file '%s': %s", path, g_strerror (reason));
      return NULL;
    }
  if (bytes->len > MAX_JOB_SIZE)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_SYNTAX, "'%s' is larger than 16 MiB: that is no job file", path);
      return NULL;
    }
  g_autofree char *folder = is_stdin ? g_strdup (".") : g_path_get_dirname (path);
  return pl_job_parse ((const char *) bytes->data, bytes->len, path, folder, overrides, issues);
}

const PlSettings *
pl_job_group (const PlJob *job, const char *kind)
{
  for (guint i = 0; i < job->groups->len; i++)
    {
      const PlSettings *group = g_ptr_array_index (job->groups, i);
      if (strcmp (group->kind, kind) == 0)
        return group;
    }
  return NULL;
}

static void
save_group (const PlSettings *group, PlBuffer *buffer)
{
  pl_buffer_put_string (buffer, group->kind);
  pl_buffer_put_string (buffer, group->name);
  pl_buffer_put_string (buffer, group->origin);
  pl_buffer_put_u32 (buffer, group->line);
  pl_buffer_put_u8 (buffer, (guint8) group->faulty);
  pl_buffer_put_u32 (buffer, group->entries->len);
  for (guint i = 0; i < group->entries->len; i++)
    {
      const PlSetting *entry = g_ptr_array_index (group->entries, i);
      pl_buffer_put_string (buffer, entry->key);
      pl_buffer_put_u8 (buffer, (guint8) entry->quoted);
      pl_buffer_put_string (buffer, entry->value);
      pl_buffer_put_string (buffer, entry->origin);
      pl_buffer_put_u32 (buffer, entry->line);
      pl_buffer_put_u32 (buffer, entry->column);
    }
}

static PlSettings *
load_group (PlCursor *cursor)
{
  g_autofree char *kind = pl_cursor_get_string (cursor);
  g_autofree char *name = pl_cursor_get_string (cursor);
  g_autofree char *origin = pl_cursor_get_string (cursor);
  guint line = pl_cursor_get_u32 (cursor);
  PlSettings *group = pl_settings_new (kind, name, origin, line);
  group->faulty = pl_cursor_get_u8 (cursor);
  guint32 n = pl_cursor_get_u32 (cursor);
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      g_autofree char *key = pl_cursor_get_string (cursor);
      gboolean quoted = pl_cursor_get_u8 (cursor);
      g_autofree char *value = pl_cursor_get_string (cursor);
      g_autofree char *entry_origin = pl_cursor_get_string (cursor);
      guint entry_line = pl_cursor_get_u32 (cursor);
      guint column = pl_cursor_get_u32 (cursor);
      pl_settings_add (group, key, quoted, value, entry_origin, entry_line, column);
      cursor->failed |= key == NULL || value == NULL || entry_origin == NULL;
    }
  cursor->failed |= kind == NULL || name == NULL || origin == NULL;
  return group;
}

void
pl_job_save (const PlJob *job, PlBuffer *buffer)
{
  pl_buffer_put_u32 (buffer, WIRE_VERSION);
  pl_buffer_put_string (buffer, job->path);
  pl_buffer_put_string (buffer, job->folder);
  pl_buffer_put_string (buffer, job->name);
  pl_buffer_put_u32 (buffer, job->groups->len);
  for (guint i = 0; i < job->groups->len; i++)
    save_group (g_ptr_array_index (job->groups, i), buffer);
}

PlJob *
pl_job_load_saved (PlCursor *cursor)
{
  g_autoptr (PlJob) job = job_new ();
  if (pl_cursor_get_u32 (cursor) != WIRE_VERSION)
    cursor->failed = TRUE;
  job->path = pl_cursor_get_string (cursor);
  job->folder = pl_cursor_get_string (cursor);
  job->name = pl_cursor_get_string (cursor);
  guint32 n = pl_cursor_get_u32 (cursor);
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    g_ptr_array_add (job->groups, load_group (cursor));
  cursor->failed |= job->path == NULL || job->folder == NULL || job->name == NULL;
  return cursor->failed ? NULL : g_steal_pointer (&job);
}
