/* Where [source] says that its bytes are, in files or in what a program prints: finding and opening them, up to their
 * headers. */
#include "source-inputs.h"
#include <string.h>

#include "../base/error.h"
#include "source-private.h"
#include "../base/child-command.h"
#include "header.h"
#include "../io/expand.h"
#include "../io/origin-state.h"
#include "../io/pattern.h"
#include "../io/zip.h"
#include "sniff.h"

#define SAMPLE_SIZE ((gsize) 64 << 10)

/* Names of members in a message. */
#define MEMBERS_SHOWN 10u

/* The path as it is shown: without the job's folder in front. */
static char *
display_path (const char *path, const char *folder)
{
  if (strcmp (path, "-") == 0)
    return g_strdup ("stdin");
  gsize length = folder != NULL ? strlen (folder) : 0;
  if (length > 0 && strncmp (path, folder, length) == 0
      && (path[length] == G_DIR_SEPARATOR || folder[length - 1] == G_DIR_SEPARATOR))
    {
      path += length;
      while (*path == G_DIR_SEPARATOR)
        path++;
    }
  return g_strdup (path);
}

/* Keys that say how a program is started. */
static const char *const of_command[] = {"environment", "folder"};

static void
refuse (const PlSourceOptions *options, const char *key, const char *message)
{
  pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, key), G_MAXUINT,
                 PL_JOB_ERROR_BAD_VALUE, "%s", message);
}

void
pl_source_read_inputs (PlSourceOptions *options)
{
  const PlSetting *path = pl_source_find_setting (options, "path");
  gboolean has_command = pl_source_find_setting (options, "command") != NULL;
  options->paths = pl_items_split (path != NULL ? path->value : "", ';');
  if (has_command && path != NULL)
    refuse (options, "command", "'path' and 'command' exclude each other; leave one of them out");
  else if (has_command)
    pl_child_command_read (&options->command, options->settings, options->issues);
  else if (options->paths->len == 0)
    refuse (options, "path", "a source needs path, the files to read, or command, a program that prints them");
  const PlSetting *members = pl_source_find_setting (options, "members");
  options->members = members != NULL ? pl_items_split (members->value, ';') : NULL;
  if (has_command && members != NULL)
    refuse (options, "members", "'members' is of zip archives, and a command gives none");
  else if (members != NULL && options->members->len == 0)
    refuse (options, "members", "members is one or several names or patterns, as *.csv");
  for (guint i = 0; i < G_N_ELEMENTS (of_command) && !has_command; i++)
    if (pl_source_find_setting (options, of_command[i]) != NULL)
      {
        g_autofree char *message = g_strdup_printf ("'%s' is of a command, and this source has none", of_command[i]);
        refuse (options, of_command[i], message);
      }
}

/* What was wrong with a file that is another one by now is no longer of interest: that it changed is. */
static void
blame_change (const PlSourceFile *file, GError **error)
{
  GError *change = NULL;
  gboolean may_follow = (*error)->domain == PL_DATA_ERROR || g_error_matches (*error, PL_IO_ERROR, PL_IO_ERROR_READ);
  if (!may_follow || pl_origin_check (file->origin, file->display, FALSE, &change) != PL_ORIGIN_CHANGED)
    return;
  g_clear_error (error);
  g_propagate_error (error, change);
}

/* What stands in the way of the next file, and what the last ones left. */
typedef struct
{
  PlSource *source;
  PlSourceOptions *options;
  GArray *heads;
  gsize sampled;         /* bytes of all samples */
  gboolean *has_matched; /* per item of `members` */
  gboolean any_archive;
} Opening;

/* @file: (transfer full): its origin, path and display; @name: what it is called where it cannot be read. */
static gboolean
add_file (Opening *opening, PlSourceFile *file, const char *name, GError **error)
{
  GError *failure = NULL;
  g_ptr_array_add (opening->source->files, file);
  PlHead head = {.file = file};
  gboolean ok = pl_head_read (&head, opening->source, opening->options, name, SAMPLE_SIZE - opening->sampled, &failure);
  g_array_append_val (opening->heads, head);
  opening->sampled += MIN (head.sample_length, SAMPLE_SIZE - opening->sampled);
  if (ok)
    return TRUE;
  blame_change (file, &failure);
  g_propagate_error (error, failure);
  return FALSE;
}

/* @origin: (transfer full); @display: (transfer full) */
static PlSourceFile *
file_new (PlOrigin *origin, const char *path, char *display)
{
  PlSourceFile *file = g_new0 (PlSourceFile, 1);
  file->path = g_strdup (path);
  file->display = display;
  file->origin = origin;
  return file;
}

static gboolean
open_command (Opening *opening, GError **error)
{
  PlSourceOptions *options = opening->options;
  g_autofree char *name = g_strdup (options->command.shown);
  g_autofree char *program = g_strdup (options->command.argv[0]);
  PlOrigin *origin = pl_origin_start (&options->command, error);
  return origin != NULL && add_file (opening, file_new (origin, "-", g_steal_pointer (&program)), name, error);
}

/* Whether `members` names @member, or nothing at all. */
static gboolean
is_chosen (Opening *opening, const PlZipMember *member)
{
  const GPtrArray *items = opening->options->members;
  gboolean chosen = items == NULL;
  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      g_autofree char *pattern = pl_item_unquote (((const PlItem *) g_ptr_array_index (items, i))->text);
      gboolean fits = pl_pattern_fits (pattern, member->name);
      opening->has_matched[i] |= fits;
      chosen |= fits;
    }
  return chosen;
}

/* The first bytes tell what is cut short; but text that stands in it as it is may hold anything. Returns: (nullable) */
static const char *
kind_by_head (PlOrigin *origin, const char *name)
{
  char head[PL_SNIFF_DOCUMENT];
  g_autoptr (PlInput) input = pl_input_open (origin, name, PL_COMPRESSION_NONE, NULL, NULL);
  gsize length = 0;
  for (gssize n = 1; input != NULL && n > 0 && length < sizeof head; length += (gsize) MAX (n, 0))
    n = pl_input_read (input, head + length, sizeof head - length, NULL);
  return pl_sniff_document (head, length);
}

/* Returns: (nullable): what the files in an archive make it to those who wrote them. */
static const char *
kind_by_members (const GPtrArray *members)
{
  for (guint i = 0; i < members->len; i++)
    {
      const char *name = ((const PlZipMember *) g_ptr_array_index (members, i))->name;
      if (strcmp (name, "[Content_Types].xml") == 0 || strcmp (name, "META-INF/manifest.xml") == 0)
        return name[0] == '[' ? PL_SNIFF_WORKBOOK : PL_SNIFF_OPEN_DOCUMENT;
    }
  return NULL;
}

/* Returns: (transfer full) (nullable): the members of @origin, unless it is a document, or no archive that can be read.
 */
static GPtrArray *
list_members (const Opening *opening, PlOrigin *origin, const char *name, const char *display, GError **error)
{
  GError *failure = NULL;
  g_autoptr (GPtrArray) members = pl_zip_list (origin, name, &failure);
  const char *kind = opening->options->members != NULL ? NULL
                     : members != NULL                 ? kind_by_members (members)
                                                       : kind_by_head (origin, name);
  if (kind == NULL)
    {
      if (failure != NULL)
        g_propagate_error (error, failure);
      return g_steal_pointer (&members);
    }
  g_clear_error (&failure);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "%s is %s", display, kind);
  return NULL;
}

/* Some names of @members, for those who have to choose. */
static char *
list_names (const GPtrArray *members)
{
  GString *names = g_string_new (NULL);
  guint shown = MIN (members->len, MEMBERS_SHOWN);
  for (guint i = 0; i < shown; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            ((const PlZipMember *) g_ptr_array_index (members, i))->name);
  if (members->len > shown)
    g_string_append_printf (names, " and %u more", members->len - shown);
  return g_string_free (names, FALSE);
}

/* The members of @origin, a zip archive, as files. */
static gboolean
open_archive (Opening *opening, PlOrigin *origin, const char *path, GError **error)
{
  const char *name = strcmp (path, "-") == 0 ? "standard input" : path;
  g_autofree char *display = display_path (path, opening->options->folder);
  g_autoptr (GPtrArray) members = list_members (opening, origin, name, display, error);
  opening->any_archive = TRUE;
  guint before = opening->source->files->len;
  gboolean ok = members != NULL;
  for (guint i = 0; ok && i < members->len; i++)
    {
      PlZipMember *member = g_ptr_array_index (members, i);
      if (!is_chosen (opening, member))
        continue;
      g_autofree char *full = g_strdup_printf ("%s/%s", name, member->name);
      PlSourceFile *file = file_new (pl_origin_ref (origin), path, g_strdup_printf ("%s/%s", display, member->name));
      file->member = pl_zip_member_ref (member);
      ok = add_file (opening, file, full, error);
    }
  if (!ok || opening->source->files->len > before)
    return ok;
  g_autofree char *names = list_names (members);
  if (members->len == 0)
    g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "%s: the zip archive has no files in it", display);
  else
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND,
                 "%s: no member of the zip archive matches members; there are: %s", display, names);
  return FALSE;
}

static gboolean
open_path (Opening *opening, const char *path, GError **error)
{
  const PlCompression compression = opening->options->compression;
  const char *name = strcmp (path, "-") == 0 ? "standard input" : path;
  g_autoptr (PlOrigin) origin = pl_origin_open (path, error);
  if (origin == NULL)
    return FALSE;
  if (compression == PL_COMPRESSION_ZIP && pl_origin_state (origin) == NULL)
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT,
                   "%s: a zip archive is read from its end, and a pipe has none; write it to a file first", name);
      return FALSE;
    }
  if (compression == PL_COMPRESSION_ZIP || (compression == PL_COMPRESSION_AUTO && pl_zip_is (origin, name)))
    return open_archive (opening, origin, path, error);
  char *display = display_path (path, opening->options->folder);
  return add_file (opening, file_new (g_steal_pointer (&origin), path, display), name, error);
}

/* Whether each item of `members` has led to something. */
static gboolean
check_members (const Opening *opening, GError **error)
{
  const GPtrArray *items = opening->options->members;
  if (items != NULL && !opening->any_archive)
    {
      refuse (opening->options, "members", "'members' is of zip archives, and no file of path is one");
      return FALSE;
    }
  for (guint i = 0; items != NULL && i < items->len; i++)
    if (!opening->has_matched[i])
      {
        g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "no member of the zip archives matches %s",
                     ((const PlItem *) g_ptr_array_index (items, i))->text);
        return FALSE;
      }
  return TRUE;
}

gboolean
pl_source_open_files (PlSource *source, PlSourceOptions *options, GArray *heads, GError **error)
{
  guint n_items = options->members != NULL ? options->members->len : 0;
  g_autofree gboolean *has_matched = g_new0 (gboolean, n_items + 1);
  Opening opening = {source, options, heads, 0, has_matched, FALSE};
  if (options->command.argv != NULL)
    return open_command (&opening, error);
  for (guint i = 0; i < options->paths->len; i++)
    {
      g_autofree char *pattern = pl_item_unquote (((const PlItem *) g_ptr_array_index (options->paths, i))->text);
      g_auto (GStrv) paths = pl_input_expand (pattern, options->folder, error);
      if (paths == NULL)
        return FALSE;
      for (GStrv path = paths; *path != NULL; path++)
        if (!open_path (&opening, *path, error))
          return FALSE;
    }
  return check_members (&opening, error);
}
