/* Groups of settings with the spots where they stand, lists inside a value, and the list of mistakes found in a job.
 *
 * Nothing here knows what a key means. Spots are counted in characters, as editors show them. */
#include "settings.h"
#include "seed.h"
#include "show.h"

#include <stdarg.h>
#include <string.h>

static void
setting_free (gpointer data)
{
  PlSetting *setting = data;
  g_free (setting->key);
  g_free (setting->value);
  g_free (setting->origin);
  g_free (setting);
}

PlSettings *
pl_settings_new (const char *kind, const char *name, const char *origin, guint line)
{
  PlSettings *settings = g_new0 (PlSettings, 1);
  settings->kind = g_strdup (kind);
  settings->name = g_strdup (name);
  settings->origin = g_strdup (origin);
  settings->line = line;
  settings->entries = g_ptr_array_new_with_free_func (setting_free);
  return settings;
}

void
pl_settings_free (PlSettings *settings)
{
  if (settings == NULL)
    return;
  g_free (settings->kind);
  g_free (settings->name);
  g_free (settings->origin);
  g_clear_pointer (&settings->indices, g_hash_table_unref);
  g_ptr_array_unref (settings->entries);
  g_free (settings);
}

/* From so many entries on they are looked up in a hash table: below, a walk is as fast. */
#define MANY_ENTRIES 32

static guint
hash_entry (gconstpointer entry)
{
  return pl_name_hash (((const PlSetting *) entry)->key);
}

static gboolean
equal_entries (gconstpointer a, gconstpointer b)
{
  const PlSetting *x = a, *y = b;
  return x->quoted == y->quoted && strcmp (x->key, y->key) == 0;
}

/* Of entries with one key, the first is found. */
static void
add_index (PlSettings *settings, PlSetting *setting)
{
  if (!g_hash_table_contains (settings->indices, setting))
    g_hash_table_add (settings->indices, setting);
}

PlSetting *
pl_settings_add (PlSettings *settings, const char *key, gboolean quoted, const char *value, const char *origin,
                 guint line, guint column)
{
  PlSetting *setting = g_new0 (PlSetting, 1);
  setting->key = g_strdup (key);
  setting->quoted = quoted;
  setting->value = g_strdup (value);
  setting->origin = g_strdup (origin);
  setting->line = line;
  setting->column = column;
  g_ptr_array_add (settings->entries, setting);
  if (settings->indices != NULL)
    add_index (settings, setting);
  else if (settings->entries->len == MANY_ENTRIES)
    {
      settings->indices = g_hash_table_new (hash_entry, equal_entries);
      for (guint i = 0; i < MANY_ENTRIES; i++)
        add_index (settings, g_ptr_array_index (settings->entries, i));
    }
  return setting;
}

PlSetting *
pl_settings_find_entry (const PlSettings *settings, const char *key, gboolean quoted)
{
  const PlSetting wanted = {.key = (char *) key, .quoted = quoted};
  if (settings->indices != NULL)
    return g_hash_table_lookup (settings->indices, &wanted);
  for (guint i = 0; i < settings->entries->len; i++)
    if (equal_entries (g_ptr_array_index (settings->entries, i), &wanted))
      return g_ptr_array_index (settings->entries, i);
  return NULL;
}

const PlSetting *
pl_settings_find (const PlSettings *settings, const char *key)
{
  return pl_settings_find_entry (settings, key, FALSE);
}

const char *
pl_settings_get (const PlSettings *settings, const char *key, const char *fallback)
{
  const PlSetting *setting = pl_settings_find (settings, key);
  return setting != NULL ? setting->value : fallback;
}

static void
item_free (gpointer data)
{
  PlItem *item = data;
  g_free (item->text);
  g_free (item);
}

/* A byte of a value, and how many characters stand before it. */
typedef struct
{
  gsize byte;
  guint characters;
} Mark;

/* The item between bytes @start and @end of @value, outer spaces cut off. @mark: of the item before: counting goes on
 * there. */
static void
add_item (GPtrArray *items, const char *value, gsize start, gsize end, Mark *mark)
{
  while (start < end && g_ascii_isspace (value[start]))
    start++;
  while (end > start && g_ascii_isspace (value[end - 1]))
    end--;
  PlItem *item = g_new (PlItem, 1);
  item->text = g_strndup (value + start, end - start);
  mark->characters += (guint) g_utf8_pointer_to_offset (value + mark->byte, value + start);
  mark->byte = start;
  item->offset = mark->characters;
  g_ptr_array_add (items, item);
}

GPtrArray *
pl_items_split (const char *value, char separator)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (item_free);
  gsize start = 0, i = 0;
  Mark mark = {0, 0};
  guint depth = 0;
  char quote = 0;
  for (; value[i] != '\0'; i++)
    {
      char c = value[i];
      if (quote != 0)
        quote = c == quote ? 0 : quote;
      else if (c == '\'' || c == '"')
        quote = c;
      else if (c == '(')
        depth++;
      else if (c == ')' && depth > 0)
        depth--;
      else if (c == separator && depth == 0)
        {
          add_item (items, value, start, i, &mark);
          start = i + 1;
        }
    }
  gsize rest = start;
  while (g_ascii_isspace (value[rest]))
    rest++;
  if (rest < i)
    add_item (items, value, start, i, &mark);
  return items;
}

char *
pl_item_unquote (const char *text)
{
  gsize length = strlen (text);
  if (length < 2 || text[0] != '"' || text[length - 1] != '"')
    return g_strdup (text);
  GString *name = g_string_sized_new (length);
  for (gsize i = 1; i < length - 1; i++)
    {
      g_string_append_c (name, text[i]);
      if (text[i] == '"' && text[i + 1] == '"' && i + 1 < length - 1)
        i++;
    }
  return g_string_free (name, FALSE);
}

/* More than anybody shows of them. */
#define ENOUGH 100

struct PlIssues
{
  GPtrArray *list; /* of PlIssue * */
  char *value;     /* (nullable): a GRefString: of the issue before, which many issues are about */
  gboolean sorted;
  guint n_errors;
};

static void
issue_free (gpointer data)
{
  PlIssue *issue = data;
  g_error_free (issue->error);
  g_free (issue->origin);
  g_clear_pointer (&issue->source_line, g_ref_string_release);
  g_free (issue);
}

PlIssues *
pl_issues_new (void)
{
  PlIssues *issues = g_new0 (PlIssues, 1);
  issues->list = g_ptr_array_new_with_free_func (issue_free);
  return issues;
}

void
pl_issues_free (PlIssues *issues)
{
  if (issues == NULL)
    return;
  g_ptr_array_unref (issues->list);
  g_clear_pointer (&issues->value, g_ref_string_release);
  g_free (issues);
}

static PlIssue *
append (PlIssues *issues, const PlSettings *settings, const PlSetting *setting, guint offset, GError *error)
{
  PlIssue *issue = g_new0 (PlIssue, 1);
  issue->error = error;
  if (setting != NULL)
    {
      issue->origin = g_strdup (setting->origin);
      issue->line = setting->line;
      issue->column = setting->column;
      if (offset != G_MAXUINT)
        {
          if (setting->line > 0)
            issue->column += offset;
          if (issues->value == NULL || strcmp (issues->value, setting->value) != 0)
            {
              g_clear_pointer (&issues->value, g_ref_string_release);
              issues->value = g_ref_string_new (setting->value);
            }
          issue->source_line = g_ref_string_acquire (issues->value);
          issue->caret = offset;
        }
    }
  else if (settings != NULL)
    {
      issue->origin = g_strdup (settings->origin);
      issue->line = settings->line;
      issue->column = settings->line > 0 ? 1 : 0;
    }
  g_ptr_array_add (issues->list, issue);
  issues->sorted = FALSE;
  return issue;
}

void
pl_issues_take (PlIssues *issues, const PlSettings *settings, const PlSetting *setting, guint offset, GError *error)
{
  append (issues, settings, setting, offset, error);
  issues->n_errors++;
}

void
pl_issues_add (PlIssues *issues, const PlSettings *settings, const PlSetting *setting, guint offset,
               PlJobErrorCode code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  GError *error = g_error_new_valist (PL_JOB_ERROR, (int) code, format, arguments);
  va_end (arguments);
  pl_issues_take (issues, settings, setting, offset, error);
}

void
pl_issues_warn (PlIssues *issues, const PlSettings *settings, const PlSetting *setting, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  GError *error = g_error_new_valist (PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, format, arguments);
  va_end (arguments);
  append (issues, settings, setting, G_MAXUINT, error)->warning = TRUE;
}

guint
pl_issues_mark (const PlIssues *issues)
{
  return issues->list->len;
}

gboolean
pl_issues_have (const PlIssues *issues, guint mark, gboolean (*is) (const GError *error))
{
  for (guint i = mark; i < issues->list->len; i++)
    {
      const PlIssue *issue = g_ptr_array_index (issues->list, i);
      if (!issue->warning && is (issue->error))
        return TRUE;
    }
  return FALSE;
}

void
pl_issues_rewind (PlIssues *issues, guint mark)
{
  g_assert (!issues->sorted || mark == issues->list->len);
  for (guint i = mark; i < issues->list->len; i++)
    issues->n_errors -= !((const PlIssue *) g_ptr_array_index (issues->list, i))->warning;
  g_ptr_array_set_size (issues->list, (gint) mark);
}

guint
pl_issues_n_errors (const PlIssues *issues)
{
  return issues->n_errors;
}

gboolean
pl_issues_are_enough (const PlIssues *issues)
{
  return issues->n_errors >= ENOUGH;
}

static int
compare_spots (gconstpointer a, gconstpointer b)
{
  const PlIssue *x = *(const PlIssue *const *) a, *y = *(const PlIssue *const *) b;
  if (x->line != y->line)
    return x->line < y->line ? -1 : 1;
  if (x->column != y->column)
    return x->column < y->column ? -1 : 1;
  return 0;
}

const GPtrArray *
pl_issues_list (PlIssues *issues)
{
  if (!issues->sorted)
    g_ptr_array_sort (issues->list, compare_spots); /* stable: GLib documents a merge sort */
  issues->sorted = TRUE;
  return issues->list;
}

/* Terminal columns of a character; a tab is printed as one space. */
static guint
display_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

#define SHOWN_BEFORE_CARET 200
#define SHOWN_BEHIND_CARET 200
#define ELLIPSIS_LENGTH 3

/* The value around @issue's mistake, and a caret under it: of one too long for any screen, what stands near. */
static void
append_value (PlBuffer *text, const PlIssue *issue)
{
  gboolean cut = issue->caret > SHOWN_BEFORE_CARET + ELLIPSIS_LENGTH;
  guint first = cut ? issue->caret - SHOWN_BEFORE_CARET : 0, position = 0;
  guint indent = cut ? ELLIPSIS_LENGTH : 0;
  pl_buffer_append_string (text, cut ? "\n    ..." : "\n    ");
  for (const char *p = issue->source_line; *p != '\0'; p = g_utf8_next_char (p), position++)
    {
      if (position < first)
        continue;
      if (position >= issue->caret + SHOWN_BEHIND_CARET)
        {
          pl_buffer_append_string (text, "...");
          break;
        }
      gsize before = text->length;
      if (*p == '\t')
        pl_buffer_append_char (text, ' ');
      else
        pl_show_append (text, p, strnlen (p, (gsize) (g_utf8_next_char (p) - p)), PL_SHOW_LINE);
      /* An escape is as wide as it is long. */
      if (position < issue->caret)
        indent += text->data[before] == '\\' ? (guint) (text->length - before) : display_width (g_utf8_get_char (p));
    }
  pl_buffer_append_printf (text, "\n    %*s^", (int) indent, "");
}

char *
pl_issues_format (const PlIssue *issue)
{
  g_auto (PlBuffer) text = PL_BUFFER_INIT;
  if (issue->origin != NULL)
    pl_show_append (&text, issue->origin, strlen (issue->origin), PL_SHOW_LINE);
  if (issue->line > 0)
    pl_buffer_append_printf (&text, ":%u:%u", issue->line, issue->column);
  if (issue->origin != NULL)
    pl_buffer_append_string (&text, ": ");
  if (issue->warning)
    pl_buffer_append_string (&text, "warning: ");
  pl_show_append (&text, issue->error->message, strlen (issue->error->message), PL_SHOW_LINE);
  if (issue->source_line != NULL)
    append_value (&text, issue);
  return g_strndup (text.data, text.length);
}
