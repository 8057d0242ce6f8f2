/* Patterns of paths → files: braces are taken apart first, then each pattern is walked at its ** and left to glob(3)
 * between them. */
#include "pattern.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/error.h"

/* A pattern of this many alternatives is a mistake. */
#define MOST_PATTERNS 10000

/* One call's. */
typedef struct
{
  const char *written; /* the pattern, as the user wrote it */
  GHashTable *files;   /* of char *, a set */
  GHashTable *folders; /* of char *, "device:inode": what has been looked into below one ** */
  GQueue links;        /* of char *: folders that links lead to */
} Matching;

gboolean
pl_pattern_is (const char *text)
{
  return strpbrk (text, "*?[{") != NULL;
}

static char *
escape (const char *text)
{
  GString *escaped = g_string_new (NULL);
  for (; *text != '\0'; text++)
    {
      if (strchr ("*?[]{}\\", *text) != NULL)
        g_string_append_c (escaped, '\\');
      g_string_append_c (escaped, *text);
    }
  return g_string_free (escaped, FALSE);
}

static gboolean
cannot_list (const Matching *matching, const char *folder, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN, "cannot list the folder %s for %s: %s", folder, matching->written,
               g_strerror (code));
  return FALSE;
}

/* The folder that glob() could not list on this thread, and why. */
static __thread char *unlisted_folder;
static __thread int unlisted_reason;

static int
remember_unlisted (const char *folder, int reason)
{
  if (reason == ENOENT)
    return 0;
  unlisted_folder = g_strdup (folder);
  unlisted_reason = reason;
  return 1;
}

/* Returns: (transfer full) (nullable): what glob() finds. */
static GPtrArray *
list_matches (const Matching *matching, const char *pattern, GError **error)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  glob_t found = {0};
  int code = glob (pattern, GLOB_NOSORT, remember_unlisted, &found);
  if (code == GLOB_ABORTED)
    {
      g_autofree char *folder = g_steal_pointer (&unlisted_folder);
      cannot_list (matching, folder, unlisted_reason, error);
      g_clear_pointer (&paths, g_ptr_array_unref);
    }
  for (gsize i = 0; code == 0 && i < found.gl_pathc; i++)
    g_ptr_array_add (paths, g_strdup (found.gl_pathv[i]));
  globfree (&found);
  return paths;
}

/* Returns: whether @folder is looked into for the first time. */
static gboolean
is_new_folder (Matching *matching, const struct stat *info)
{
  return g_hash_table_add (matching->folders, g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                                               (guint64) info->st_dev, (guint64) info->st_ino));
}

/* Adds @folder and all below it to @below; those that links lead to are left for later. */
static gboolean
walk_folders (Matching *matching, const char *folder, GPtrArray *below, GError **error)
{
  struct stat info;
  if (stat (folder, &info) != 0)
    return errno == ENOENT || cannot_list (matching, folder, errno, error);
  if (!S_ISDIR (info.st_mode) || !is_new_folder (matching, &info))
    return TRUE;
  DIR *dir = opendir (folder);
  if (dir == NULL)
    return errno == ENOENT || cannot_list (matching, folder, errno, error);
  g_ptr_array_add (below, g_strdup (folder));
  gboolean ok = TRUE;
  for (const struct dirent *entry; ok && (entry = readdir (dir)) != NULL;)
    {
      if (entry->d_name[0] == '.')
        continue;
      gboolean has_slash = g_str_has_suffix (folder, "/");
      g_autofree char *path = g_strconcat (folder, has_slash ? "" : "/", entry->d_name, NULL);
      if (lstat (path, &info) != 0)
        continue;
      if (S_ISLNK (info.st_mode))
        g_queue_insert_sorted (&matching->links, g_steal_pointer (&path), (GCompareDataFunc) (void (*) (void)) strcmp,
                               NULL);
      else if (S_ISDIR (info.st_mode))
        ok = walk_folders (matching, path, below, error);
    }
  closedir (dir);
  return ok;
}

static gboolean match_below (Matching *matching, const char *pattern, GError **error);

/* @before/@behind, where ** stands between; @behind: "" for all files. */
static gboolean
match_any_depth (Matching *matching, const char *before, const char *behind, GError **error)
{
  g_autoptr (GPtrArray) starts = list_matches (matching, before, error);
  g_autoptr (GPtrArray) below = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) outer = matching->folders;
  GQueue outer_links = matching->links;
  matching->folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&matching->links);
  gboolean ok = starts != NULL;
  for (guint i = 0; ok && i < starts->len; i++)
    ok = walk_folders (matching, g_ptr_array_index (starts, i), below, error);
  for (char *link; (link = g_queue_pop_head (&matching->links)) != NULL; g_free (link))
    ok = ok && walk_folders (matching, link, below, error);
  for (guint i = 0; ok && i < below->len; i++)
    {
      g_autofree char *folder = escape (g_ptr_array_index (below, i));
      g_autofree char *pattern
          = g_strconcat (folder, g_str_has_suffix (folder, "/") ? "" : "/", *behind != '\0' ? behind : "*", NULL);
      ok = match_below (matching, pattern, error);
    }
  g_hash_table_unref (matching->folders);
  matching->folders = g_steal_pointer (&outer);
  matching->links = outer_links;
  return ok;
}

/* The first ** of @pattern that is a whole component; or %NULL. */
static const char *
find_any_depth (const char *pattern)
{
  for (const char *p = pattern; (p = strstr (p, "**")) != NULL; p++)
    if ((p == pattern || p[-1] == '/') && (p[2] == '/' || p[2] == '\0'))
      return p;
  return NULL;
}

/* Adds the files that @pattern, which has no braces, matches. */
static gboolean
match_below (Matching *matching, const char *pattern, GError **error)
{
  const char *any = find_any_depth (pattern);
  if (any != NULL)
    {
      g_autofree char *before = any == pattern ? g_strdup (".") : g_strndup (pattern, (gsize) (any - pattern));
      gsize n = strlen (before);
      while (n > 1 && before[n - 1] == '/')
        before[--n] = '\0';
      const char *behind = any[2] == '/' ? any + 3 : "";
      return match_any_depth (matching, before, behind, error);
    }
  g_autoptr (GPtrArray) paths = list_matches (matching, pattern, error);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      if (!g_file_test (path, G_FILE_TEST_IS_DIR))
        g_hash_table_add (matching->files, g_strdup (path));
    }
  return paths != NULL;
}

/* Where the {…,…} ends whose { stands at @open; @comma: whether there is one. Returns: (nullable) */
static const char *
find_close (const char *open, gboolean *comma)
{
  guint depth = 0;
  *comma = FALSE;
  for (const char *p = open; *p != '\0'; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        p++;
      else if (*p == '{')
        depth++;
      else if (*p == ',' && depth == 1)
        *comma = TRUE;
      else if (*p == '}' && --depth == 0)
        return p;
    }
  return NULL;
}

/* Adds to @patterns what the braces of @pattern, from @start on, stand for. */
static void
expand_braces (const char *pattern, gsize start, GPtrArray *patterns)
{
  gboolean comma = FALSE;
  const char *open = pattern + start, *close = NULL;
  for (; *open != '\0'; open++)
    {
      if (*open == '\\' && open[1] != '\0')
        open++;
      else if (*open == '{' && (close = find_close (open, &comma)) != NULL && comma)
        break;
    }
  if (*open == '\0' || patterns->len >= MOST_PATTERNS)
    {
      g_ptr_array_add (patterns, g_strdup (pattern));
      return;
    }
  guint depth = 0;
  const char *part = open + 1;
  for (const char *p = part; p <= close; p++)
    {
      if (*p == '\\')
        p++;
      else if (*p == '{')
        depth++;
      else if (*p == '}' && p < close)
        depth--;
      else if ((*p == ',' && depth == 0) || p == close)
        {
          g_autofree char *one
              = g_strdup_printf ("%.*s%.*s%s", (int) (open - pattern), pattern, (int) (p - part), part, close + 1);
          expand_braces (one, (gsize) (open - pattern), patterns);
          part = p + 1;
        }
    }
}

/* Adds the files of one pattern without braces. @missing: (out): @pattern, where it is none, and no file either. */
static gboolean
match_one (Matching *matching, const char *pattern, const char *folder, char **missing, GError **error)
{
  g_autofree char *path = folder != NULL ? g_build_filename (folder, pattern, NULL) : g_strdup (pattern);
  if (strpbrk (pattern, "*?[") != NULL)
    {
      g_autofree char *escaped = folder != NULL ? escape (folder) : NULL;
      g_autofree char *full = folder != NULL ? g_build_filename (escaped, pattern, NULL) : g_strdup (pattern);
      return match_below (matching, full, error);
    }
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_hash_table_add (matching->files, g_steal_pointer (&path));
  else
    *missing = g_strdup (pattern);
  return *missing == NULL;
}

/* @pattern without braces. */
static gboolean
fits_one (const char *pattern, const char *path)
{
  const char *slash = strchr (path, '/'), *end = strchr (pattern, '/');
  if (find_any_depth (pattern) == pattern)
    {
      const char *behind = pattern[2] == '/' ? pattern + 3 : "*";
      return fits_one (behind, path) || (slash != NULL && *path != '.' && fits_one (pattern, slash + 1));
    }
  if ((slash == NULL) != (end == NULL))
    return FALSE;
  if (slash == NULL)
    return fnmatch (pattern, path, FNM_PERIOD) == 0;
  g_autofree char *first = g_strndup (pattern, (gsize) (end - pattern));
  g_autofree char *name = g_strndup (path, (gsize) (slash - path));
  return fnmatch (first, name, FNM_PERIOD) == 0 && fits_one (end + 1, slash + 1);
}

gboolean
pl_pattern_fits (const char *pattern, const char *path)
{
  g_autoptr (GPtrArray) patterns = g_ptr_array_new_with_free_func (g_free);
  gboolean fits = strcmp (pattern, path) == 0;
  if (!fits && pl_pattern_is (pattern))
    expand_braces (pattern, 0, patterns);
  for (guint i = 0; i < patterns->len && !fits; i++)
    fits = fits_one (g_ptr_array_index (patterns, i), path);
  return fits;
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GStrv
pl_pattern_match (const char *pattern, const char *folder, char **missing, GError **error)
{
  Matching matching = {.written = pattern, .files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)};
  g_autoptr (GPtrArray) patterns = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *paths = g_ptr_array_new ();
  *missing = NULL;
  expand_braces (pattern, 0, patterns);
  gboolean ok = patterns->len < MOST_PATTERNS;
  if (!ok)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "%s has more than %d alternatives", pattern, MOST_PATTERNS);
  for (guint i = 0; ok && i < patterns->len; i++)
    ok = match_one (&matching, g_ptr_array_index (patterns, i), folder, missing, error);
  GHashTableIter iter;
  gpointer file;
  g_hash_table_iter_init (&iter, matching.files);
  while (ok && g_hash_table_iter_next (&iter, &file, NULL))
    {
      /* Where the pattern begins with **, every path begins so. */
      gboolean is_here = g_str_has_prefix (file, "./") && !g_str_has_prefix (pattern, "./");
      g_ptr_array_add (paths, g_strdup ((const char *) file + (is_here ? 2 : 0)));
    }
  g_hash_table_unref (matching.files);
  g_ptr_array_sort (paths, compare_paths);
  g_ptr_array_add (paths, NULL);
  if (ok)
    return (GStrv) g_ptr_array_free (paths, FALSE);
  g_ptr_array_unref (paths);
  return NULL;
}
