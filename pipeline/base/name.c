/* Names with characters that are not seen: see name.h. */
#include "name.h"
#include "show.h"
#include "suggest.h"

#include <string.h>

/* Blanks of other kinds than that of the space bar look like it. */
static gboolean
is_unseen (gunichar c)
{
  return g_unichar_isspace (c) || c == 0xa0 || c == 0x202f || pl_show_hides (c, PL_SHOW_LINE);
}

char *
pl_name_clean (const char *name)
{
  if (!g_utf8_validate (name, -1, NULL))
    return g_strdup (name);
  GString *out = g_string_new (NULL);
  for (const char *p = name; *p != '\0';)
    {
      const char *start = p;
      gboolean ends_line = FALSE;
      for (; *p != '\0' && is_unseen (g_utf8_get_char (p)); p = g_utf8_next_char (p))
        ends_line |= *p == '\n' || *p == '\r';
      if (p > start && (out->len == 0 || *p == '\0'))
        ;
      else if (ends_line)
        g_string_append_c (out, ' ');
      else
        g_string_append_len (out, start, p - start);
      for (; *p != '\0' && !is_unseen (g_utf8_get_char (p)); p = g_utf8_next_char (p))
        g_string_append_unichar (out, g_utf8_get_char (p));
    }
  return g_string_free (out, FALSE);
}

/* @name without blanks and what is not seen around it, and with one blank where there is any in it. */
static char *
fold (const char *name)
{
  g_autofree char *clean = pl_name_clean (name);
  GString *out = g_string_new (NULL);
  gboolean is_behind = FALSE;
  for (const char *p = clean; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean unseen = is_unseen (c);
      if (!unseen)
        g_string_append_unichar (out, c);
      else if (!is_behind)
        g_string_append_c (out, ' ');
      is_behind = unseen;
    }
  return g_string_free (out, FALSE);
}

const char *
pl_name_nearest (const char *name, const char *const *names)
{
  if (!g_utf8_validate (name, -1, NULL))
    return NULL;
  g_autofree char *folded = fold (name);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *other = g_utf8_validate (names[i], -1, NULL) ? fold (names[i]) : NULL;
      if (g_strcmp0 (folded, other) == 0)
        return names[i];
    }
  return pl_suggest (name, names);
}

char *
pl_name_list (const char *const *names)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *clean = pl_name_clean (names[i]);
      const char *quote = strcmp (clean, names[i]) != 0 || strchr (names[i], ',') != NULL ? "\"" : "";
      g_string_append_printf (out, "%s%s%s%s", i > 0 ? ", " : "", quote, names[i], quote);
    }
  return g_string_free (out, FALSE);
}

/* Returns: (nullable): the first character that is not seen, but for single spaces between others. */
static const char *
find_unseen (const char *name)
{
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    if (is_unseen (g_utf8_get_char (p)) && (*p != ' ' || p == name || p[1] == '\0' || p[1] == ' '))
      return p;
  return NULL;
}

/* @name with blanks of other kinds escaped, too. */
static char *
escape (const char *name)
{
  GString *out = g_string_new (NULL);
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (c > ' ' && is_unseen (c))
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

char *
pl_name_suggest (const char *nearest)
{
  const char *unseen = g_utf8_validate (nearest, -1, NULL) ? find_unseen (nearest) : NULL;
  if (unseen == NULL)
    return g_strdup_printf ("did you mean '%s'?", nearest);
  const gunichar c = g_utf8_get_char (unseen);
  g_autofree char *shown = escape (nearest), *clean = pl_name_clean (nearest);
  g_autofree char *what = c == '\n' || c == '\r' ? g_strdup ("a line end")
                          : c == '\t'            ? g_strdup ("a tab")
                          : c == ' '             ? g_strdup ("a blank too many")
                                                 : g_strdup_printf ("U+%04X, which is not seen,", c);
  g_autofree char *cure = find_unseen (clean) == NULL
                              ? g_strdup_printf ("trim = true of its source makes it '%s'", clean)
                              : g_strdup ("columns = … of its source, with header = true, gives it another name");
  return g_strdup_printf ("did you mean '%s', with %s in it? %s", shown, what, cure);
}
