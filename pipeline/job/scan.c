/* Job file text → groups, keys and values, each with its line and column.
 *
 * This is the one reader of job files. GKeyFile, whose format it is, has no line numbers and merges repeated groups and
 * keys; what is accepted here GKeyFile accepts too and reads as the same keys and values, "quoted keys" with characters
 * that INI forbids aside. Values are taken as they stand: a backslash is a backslash. */
#include "scan.h"
#include <stdarg.h>
#include <string.h>

#include "../base/seed.h"
#include "keys.h"
#include "../base/error.h"
#include "../base/settings.h"

typedef struct
{
  const char *path;
  GPtrArray *groups;
  PlIssues *issues;
  GHashTable *headings; /* "kind name" → its PlSettings */
  PlSettings *group;    /* (nullable): the one the lines belong to */
  const char *start;    /* of the line, for columns */
  guint line;
  gboolean alien; /* the first line is none of a job file: the rest would be noise */
} Scanner;

/* The place of @p in the line, in the form that issues are reported at. */
static PlSetting
spot_of (const Scanner *scanner, const char *p)
{
  return (PlSetting){.origin = (char *) scanner->path,
                     .line = scanner->line,
                     .column = (guint) g_utf8_pointer_to_offset (scanner->start, p) + 1};
}

G_GNUC_PRINTF (3, 4)
static void
report (Scanner *scanner, const char *p, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  PlSetting spot = spot_of (scanner, p);
  pl_issues_take (scanner->issues, NULL, &spot, G_MAXUINT,
                  g_error_new_valist (PL_JOB_ERROR, PL_JOB_ERROR_SYNTAX, format, arguments));
  va_end (arguments);
  if (scanner->group != NULL)
    scanner->group->faulty = TRUE;
}

/* Starts a group. An unusable one keeps its place in the chain without a kind. */
static PlSettings *
add_group (Scanner *scanner, const char *kind, const char *name)
{
  scanner->group = pl_settings_new (kind, name, scanner->path, scanner->line);
  g_ptr_array_add (scanner->groups, scanner->group);
  return scanner->group;
}

/* Checks a heading that has the right form. */
static void
start_group (Scanner *scanner, const char *kind_start, const char *kind, const char *name)
{
  PlSetting spot = spot_of (scanner, kind_start);
  if (!pl_kind_exists (kind))
    {
      add_group (scanner, kind, name)->faulty = TRUE;
      pl_kind_report (kind, &spot, scanner->issues);
      return;
    }
  g_autofree char *heading = g_strconcat (kind, " ", name, NULL);
  const PlSettings *first = g_hash_table_lookup (scanner->headings, heading);
  if (first != NULL)
    {
      add_group (scanner, "", "");
      report (scanner, kind_start, "group [%s%s%s] is repeated; it stands in line %u already", kind,
              name[0] != '\0' ? " " : "", name, first->line);
      return;
    }
  if (pl_kind_is_single (kind) && name[0] != '\0')
    {
      g_hash_table_insert (scanner->headings, g_steal_pointer (&heading), add_group (scanner, kind, name));
      report (scanner, kind_start, "[%s] takes no name; write [%s]", kind, kind);
      return;
    }
  g_hash_table_insert (scanner->headings, g_steal_pointer (&heading), add_group (scanner, kind, name));
}

/* A line that starts with '['. */
static void
scan_heading (Scanner *scanner, const char *p)
{
  const char *inner = p + 1;
  const char *close = inner + strcspn (inner, "[]");
  if (*close != ']')
    {
      add_group (scanner, "", "");
      if (*close == '[')
        report (scanner, close, "a group's name cannot hold '['");
      else
        report (scanner, p, "']' is missing at the end of the group's name");
      return;
    }
  for (const char *q = inner; q < close; q++)
    if (g_ascii_iscntrl (*q))
      {
        add_group (scanner, "", "");
        report (scanner, q, "a group's name cannot hold a tab or another control character");
        return;
      }
  const char *behind = close + 1;
  while (g_ascii_isspace (*behind))
    behind++;
  if (*behind != '\0')
    {
      add_group (scanner, "", "");
      report (scanner, behind, "nothing may stand behind ']'; comments go on a line of their own");
      return;
    }
  g_autofree char *heading = g_strstrip (g_strndup (inner, (gsize) (close - inner)));
  gsize kind_length = strcspn (heading, " ");
  if (kind_length == 0)
    {
      add_group (scanner, "", "");
      report (scanner, p, "the group has no name; write [kind name], as in [source flights]");
      return;
    }
  g_autofree char *kind = g_strndup (heading, kind_length);
  while (g_ascii_isspace (*inner))
    inner++;
  start_group (scanner, inner, kind, g_strchug (heading + kind_length));
}

char *
pl_key_scan (const char *text, gboolean *quoted, const char **end)
{
  const char *p = text;
  char *key;
  *quoted = *p == '"';
  if (*quoted)
    {
      for (p++; *p != '\0' && (*p != '"' || p[1] == '"'); p++)
        if (*p == '"')
          p++;
      if (*p == '\0')
        return NULL;
      p++;
      g_autofree char *raw = g_strndup (text, (gsize) (p - text));
      key = pl_item_unquote (raw);
    }
  else
    {
      p += strcspn (p, "=");
      key = g_strchomp (g_strndup (text, (gsize) (p - text)));
    }
  while (g_ascii_isspace (*p))
    p++;
  *end = p;
  return key;
}

/* Whether @key may stand in the current group: of its kind, and not there already. */
static gboolean
check_key (Scanner *scanner, const char *p, const char *key, gboolean quoted)
{
  const PlSettings *group = scanner->group;
  if (group->kind[0] == '\0' || !pl_kind_exists (group->kind))
    return TRUE;
  const PlSetting *entry = pl_settings_find_entry (group, key, quoted);
  if (entry != NULL)
    {
      g_autofree char *label = pl_settings_label (group);
      report (scanner, p, "key '%s' is repeated in [%s]; it stands in line %u already", key, label, entry->line);
      return FALSE;
    }
  PlSetting spot = spot_of (scanner, p);
  if (pl_kind_check_key (group, key, quoted, &spot, scanner->issues))
    return TRUE;
  scanner->group->faulty = TRUE;
  return FALSE;
}

static void
scan_entry (Scanner *scanner, const char *p)
{
  gboolean quoted;
  const char *end;
  g_autofree char *key = pl_key_scan (p, &quoted, &end);
  if (key == NULL)
    report (scanner, p, "the quoted key is not closed; a '\"' is missing");
  else if (*end != '=' && quoted)
    report (scanner, end, "expected '=' behind the quoted key");
  else if (*end != '=' && scanner->groups->len == 0 && pl_issues_n_errors (scanner->issues) == 0)
    {
      report (scanner, p, "expected a [group]; this is no job file ('pipeline head FILE' shows a CSV file)");
      scanner->alien = TRUE;
    }
  else if (*end != '=')
    report (scanner, p, "expected 'key = value', a [group] or a # comment");
  else if (key[0] == '\0')
    report (scanner, p, "the key before '=' is empty");
  else if (!quoted && strpbrk (key, "[]\"") != NULL)
    report (scanner, p, "the key '%s' holds '%c'; write it in double quotes", key, *strpbrk (key, "[]\""));
  else if (scanner->group == NULL)
    report (scanner, p, "the key '%s' stands above the first [group]", key);
  else if (check_key (scanner, p, key, quoted))
    {
      const char *value = end + 1;
      while (g_ascii_isspace (*value))
        value++;
      g_autofree char *text = g_strchomp (g_strdup (value));
      PlSetting spot = spot_of (scanner, value);
      pl_settings_add (scanner->group, key, quoted, text, scanner->path, spot.line, spot.column);
    }
}

static void
scan_line (Scanner *scanner, const char *line)
{
  const char *p = line;
  scanner->start = line;
  while (g_ascii_isspace (*p))
    p++;
  if (*p == '\0' || *p == '#')
    return;
  if (*p == ';')
    report (scanner, p, "a comment starts with '#', not with ';'");
  else if (*p == '[')
    scan_heading (scanner, p);
  else
    scan_entry (scanner, p);
}

/* Reports the first byte that is not UTF-8, or NUL, which no text has. */
static void
report_encoding (Scanner *scanner, const char *text, const char *bad)
{
  const char *start = text;
  scanner->line = 1;
  for (const char *p = text; p < bad; p++)
    if (*p == '\n')
      {
        scanner->line++;
        start = p + 1;
      }
  scanner->start = start;
  report (scanner, bad, "the byte 0x%02x is not UTF-8 text; save the job file as UTF-8", (guint) (guint8) *bad);
}

gboolean
pl_job_scan (const char *text, gsize length, const char *path, GPtrArray *groups, PlIssues *issues)
{
  g_autoptr (GHashTable) headings = g_hash_table_new_full (pl_name_hash, g_str_equal, g_free, NULL);
  Scanner scanner = {.path = path, .groups = groups, .issues = issues, .headings = headings};
  const char *end = text + length, *bad;
  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    text += 3;
  if (!g_utf8_validate_len (text, (gsize) (end - text), &bad))
    {
      report_encoding (&scanner, text, bad);
      return FALSE;
    }
  while (text < end)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      const char *stop = newline != NULL ? newline : end;
      gsize line_length = (gsize) (stop - text);
      if (line_length > 0 && text[line_length - 1] == '\r')
        line_length--;
      g_autofree char *line = g_strndup (text, line_length);
      scanner.line++;
      scan_line (&scanner, line);
      if (scanner.alien)
        return FALSE;
      text = newline != NULL ? newline + 1 : end;
    }
  return TRUE;
}
