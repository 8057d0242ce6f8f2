/* The characters of a dialect as [source] writes them: one, several, or a name. */
#include "../io/compression.h"
#include "source-characters.h"

#include <string.h>

static void
refuse_value (const PlSourceOptions *options, const char *key, const char *message)
{
  pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, key), G_MAXUINT,
                 PL_JOB_ERROR_BAD_VALUE, "%s", message);
}

/* What names stand for; a text stands for itself. */
static const char *
named (const char *text)
{
  static const char *const names[][2] = {
      {"tab", "\t"}, {"\\t", "\t"}, {"comma", ","}, {"semicolon", ";"}, {"pipe", "|"}, {"space", " "},
  };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (text, names[i][0]) == 0)
      return names[i][1];
  return NULL;
}

/* Returns: (transfer full): @text with \t and \x01 in it as the bytes they are; quoted, where blanks begin or end it.
 */
static char *
unescape (const char *text)
{
  gsize length = strlen (text);
  GString *out = g_string_new (NULL);
  gboolean is_quoted = length > 2 && text[0] == '"' && text[length - 1] == '"';
  for (gsize i = is_quoted; i < length - is_quoted; i++)
    {
      gint high, low;
      if (text[i] == '\\' && text[i + 1] == 't')
        g_string_append_c (out, '\t');
      else if (text[i] == '\\' && text[i + 1] == 'x' && (high = g_ascii_xdigit_value (text[i + 2])) >= 0
               && (low = g_ascii_xdigit_value (text[i + 3])) >= 0)
        g_string_append_c (out, (char) (high * 16 + low));
      else
        {
          g_string_append_c (out, text[i]);
          continue;
        }
      i += text[i + 1] == 't' ? 1 : 3;
    }
  return g_string_free (out, FALSE);
}

/* One character, or its name. */
static void
read_character (const PlSourceOptions *options, const char *key, gboolean optional, char *character)
{
  const PlSetting *setting = pl_source_find_setting (options, key);
  if (setting == NULL)
    return;
  if (optional && strcmp (setting->value, "none") == 0)
    {
      *character = 0;
      return;
    }
  const char *meant = named (setting->value);
  g_autofree char *bytes = unescape (meant != NULL ? meant : setting->value);
  if (strlen (bytes) == 1 && (guint8) bytes[0] < 0x80)
    {
      *character = bytes[0];
      return;
    }
  g_autofree char *message
      = g_strdup_printf ("%s is one ASCII character, or tab, comma, semicolon, pipe, space%s; not '%s'", key,
                         optional ? " or none" : "", setting->value);
  refuse_value (options, key, message);
}

static gboolean
names_tabs (const char *path)
{
  const gsize length = pl_compression_stem (path);
  return length >= 4 && memcmp (path + length - 4, ".tsv", 4) == 0;
}

static void
read_delimiter (PlDialect *dialect, const PlSourceOptions *options)
{
  const PlItem *first = options->paths->len > 0 ? g_ptr_array_index (options->paths, 0) : NULL;
  const PlSetting *setting = pl_source_find_setting (options, "delimiter");
  dialect->delimiter = first != NULL && names_tabs (first->text) ? '\t' : ',';
  if (setting == NULL || strcmp (setting->value, "auto") == 0)
    return;
  const char *meant = named (setting->value);
  g_autofree char *bytes = unescape (meant != NULL ? meant : setting->value);
  gsize length = strlen (bytes);
  if (strcmp (setting->value, "blanks") == 0)
    {
      dialect->blanks = TRUE;
      dialect->delimiter = ' ';
    }
  else if (length == 0)
    refuse_value (options, "delimiter", "a delimiter has at least one character");
  else if (length > PL_DELIMITER_MOST || !g_utf8_validate (bytes, -1, NULL))
    {
      g_autofree char *message = g_strdup_printf ("a delimiter is text of at most %d bytes, or a name: tab, comma, "
                                                  "semicolon, pipe, space, blanks; not '%s'",
                                                  PL_DELIMITER_MOST, setting->value);
      refuse_value (options, "delimiter", message);
    }
  else
    {
      dialect->delimiter = bytes[0];
      if (length > 1)
        memcpy (dialect->separator, bytes, length);
    }
}

static void
read_comment (PlDialect *dialect, const PlSourceOptions *options)
{
  const PlSetting *setting = pl_source_find_setting (options, "comment");
  if (setting == NULL || strcmp (setting->value, "none") == 0)
    return;
  const char *meant = named (setting->value);
  g_autofree char *bytes = unescape (meant != NULL ? meant : setting->value);
  gsize length = strlen (bytes);
  if (length > 0 && length <= PL_COMMENT_MOST && g_utf8_validate (bytes, -1, NULL))
    {
      memcpy (dialect->comment, bytes, length);
      return;
    }
  g_autofree char *message
      = g_strdup_printf ("comment is text of at most %d bytes, or none; not '%s'", PL_COMMENT_MOST, setting->value);
  refuse_value (options, "comment", message);
}

void
pl_source_read_characters (PlDialect *dialect, const PlSourceOptions *options)
{
  read_delimiter (dialect, options);
  read_comment (dialect, options);
  dialect->quote = '"';
  read_character (options, "quote", TRUE, &dialect->quote);
  dialect->escape = dialect->quote;
  read_character (options, "escape", TRUE, &dialect->escape);
  if (dialect->escape == 0)
    dialect->escape = dialect->quote;
  read_character (options, "thousands", TRUE, &dialect->thousands);
}

/* A character that two of them have, where each begins with one that the other must not have. */
static void
check_overlaps (const PlDialect *dialect, const PlSourceOptions *options)
{
  const char one[] = {dialect->delimiter, '\0'}, quote[] = {dialect->quote, '\0'};
  const char escape[] = {dialect->escape == dialect->quote ? '\0' : dialect->escape, '\0'};
  const char *delimiter = dialect->separator[0] != '\0' ? dialect->separator : dialect->blanks ? " \t" : one;
  const struct
  {
    const char *key, *bytes;
  } used[] = {{"delimiter", delimiter}, {"quote", quote}, {"escape", escape}, {"comment", dialect->comment}};
  for (guint i = 1; i < G_N_ELEMENTS (used); i++)
    for (guint j = 0; j < i; j++)
      if (strpbrk (used[i].bytes, used[j].bytes) != NULL)
        {
          gboolean same = strcmp (used[i].bytes, used[j].bytes) == 0;
          gboolean is_said = pl_source_find_setting (options, used[i].key) != NULL;
          g_autofree char *message
              = g_strdup_printf (same ? "%s and %s are the same character" : "%s and %s have a character in common",
                                 used[j].key, used[i].key);
          refuse_value (options, is_said ? used[i].key : used[j].key, message);
        }
}

void
pl_source_check_characters (const PlDialect *dialect, const PlSourceOptions *options)
{
  check_overlaps (dialect, options);
  if (strpbrk (dialect->separator, "\r\n") != NULL || strchr ("\r\n", dialect->delimiter) != NULL)
    refuse_value (options, "delimiter", "a delimiter holds no line end; see line-end");
  if (strpbrk (dialect->comment, "\r\n") != NULL)
    refuse_value (options, "comment", "a comment begins with no line end");
  if (dialect->trim && strpbrk (dialect->separator, " \t") != NULL)
    refuse_value (options, "delimiter", "with trim, a delimiter of several characters holds no blanks");
  if (dialect->blanks && dialect->line_end == PL_LINE_END_CRLF)
    refuse_value (options, "line-end", "with delimiter = blanks, line-end is any or lf");
  if (dialect->thousands == 0)
    return;
  if (dialect->thousands == (dialect->decimal_comma ? ',' : '.'))
    refuse_value (options, "thousands", "thousands is also the decimal mark; see decimal-comma");
  else if (g_ascii_isalnum (dialect->thousands) || strchr ("+-", dialect->thousands) != NULL)
    refuse_value (options, "thousands", "thousands cannot be a digit, a letter or a sign");
}
